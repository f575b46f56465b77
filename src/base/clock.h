/* clock.h - the only place that reads a clock. Leases use the database's clock, never this one.
 *
 * Times elsewhere are arguments: int64_t microseconds of the monotonic clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_monotonic_us(void);
int64_t clock_wall_us(void); /* microseconds since 1970, UTC; for messages only */

/* RFC 3339 in UTC with milliseconds, e.g. 2026-03-01T22:00:00.123Z. `out` holds at least 32 bytes. Returns `out`. */
char *clock_format_utc(int64_t wall_us, char *out, size_t size);

#endif
