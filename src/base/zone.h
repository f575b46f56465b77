/* zone.h - local time in a named time zone, by the rules of the system's tzdata, without touching the process's own zone.
 *
 * Reads the compiled files (TZif, RFC 8536): the 64-bit transitions, and behind the last of them the POSIX rule at the end of the file,
 * which "slim" tzdata relies on for every year to come. A struct zone is immutable once read and may be shared between threads. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ZONE_NAME_MAX = 64,
    ZONE_TRANSITIONS_MAX = 512, /* tzdata's longest has 236 */
    ZONE_TYPES_MAX = 256,       /* an index is a byte */
    ZONE_BYTES_MAX =
        16 * 1024, /* of a file: on the stack, so that no zone is lost for want of memory; tzdata's longest has 3.6 KiB */
};

/* When a POSIX rule changes the clock: month, week, day of it; or a day of the year. */
struct zone_change {
    char kind; /* 'M': month, week (5: last), weekday; 'J': day 1..365 without 29 February; 'D': day 0..365 */
    int month, week, day;
    int64_t second; /* of that day, by the clock before the change */
};

struct zone {
    char name[ZONE_NAME_MAX];
    size_t count;
    int64_t at[ZONE_TRANSITIONS_MAX];
    int32_t offset[ZONE_TRANSITIONS_MAX]; /* seconds east of UTC from at[] on */
    int32_t first;                        /* before at[0] */
    bool ruled;                           /* the rule below holds from at[count - 1] on */
    bool summer;                          /* it has two parts */
    int32_t standard_offset, summer_offset;
    struct zone_change to_summer, to_standard;
};

/* "Europe/Berlin", "UTC". false when this machine has no such zone, or its file makes no sense. */
bool zone_open(const char *name, struct zone *zone);
/* The bytes of a TZif file. */
bool zone_read(const unsigned char *bytes, size_t len, struct zone *zone);
/* Seconds east of UTC at a time in seconds since 1970. */
int32_t zone_offset(const struct zone *zone, int64_t second);

#endif
