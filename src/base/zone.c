/* zone.c - see zone.h. */
#include "base/zone.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { HEADER = 44, DAY = 86400, HOUR = 3600 };

static int64_t big_endian(const unsigned char *bytes, size_t size) {
    uint64_t number = bytes[0] & 0x80 ? ~UINT64_C(0) : 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return (int64_t)number;
}

/* ---- the calendar ---- */

static bool is_leap(int64_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days since 1970-01-01 of the first day of a month (1..12): Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
static int64_t days_of(int64_t year, int month) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int64_t year_of(int64_t second) {
    int64_t days = (second >= 0 ? second : second - DAY + 1) / DAY;
    int64_t year = 1970 + days / 366;
    while (days >= days_of(year + 1, 1))
        year++;
    while (days < days_of(year, 1))
        year--;
    return year;
}

/* ---- the POSIX rule ---- */

static bool skip_name(const char **at) {
    const char *begin = *at;
    if (**at == '<') {
        while (**at && **at != '>')
            (*at)++;
        return *(*at)++ == '>';
    }
    while (isalpha((unsigned char)**at))
        (*at)++;
    return *at - begin >= 3;
}

static bool read_number(const char **at, int64_t most, int64_t *number) {
    if (!isdigit((unsigned char)**at))
        return false;
    for (*number = 0; isdigit((unsigned char)**at) && *number <= most; (*at)++)
        *number = *number * 10 + (**at - '0');
    return *number <= most;
}

/* [+-]h[h[h]][:mm[:ss]] */
static bool read_time(const char **at, int64_t *seconds) {
    int64_t part = 0, sign = **at == '-' ? -1 : 1, unit = HOUR;
    if (**at == '-' || **at == '+')
        (*at)++;
    *seconds = 0;
    do {
        if (!read_number(at, unit == HOUR ? 167 : 59, &part))
            return false;
        *seconds += part * unit * sign;
        unit /= 60;
    } while (unit > 0 && **at == ':' && (*at)++);
    return true;
}

static bool read_change(const char **at, struct zone_change *change) {
    int64_t a = 0, b = 0, c = 0;
    if (*(*at)++ != ',')
        return false;
    change->kind = **at == 'M' || **at == 'J' ? *(*at)++ : 'D';
    if (!read_number(at, 365, &a))
        return false;
    if (change->kind == 'M') {
        if (*(*at)++ != '.' || !read_number(at, 5, &b) || *(*at)++ != '.' || !read_number(at, 6, &c) || a < 1 || a > 12 || b < 1)
            return false;
        change->month = (int)a, change->week = (int)b, change->day = (int)c;
    } else {
        change->day = (int)a;
    }
    change->second = 2 * HOUR;
    if (**at != '/')
        return true;
    (*at)++;
    return read_time(at, &change->second);
}

/* "CET-1CEST,M3.5.0,M10.5.0/3": offsets are west of UTC there. */
static bool read_rule(const char *text, struct zone *zone) {
    int64_t west = 0;
    if (!skip_name(&text) || !read_time(&text, &west))
        return false;
    zone->standard_offset = (int32_t)-west;
    zone->summer = *text != '\0';
    if (!zone->summer)
        return true;
    if (!skip_name(&text))
        return false;
    west -= HOUR;
    if (*text != ',' && !read_time(&text, &west))
        return false;
    zone->summer_offset = (int32_t)-west;
    return read_change(&text, &zone->to_summer) && read_change(&text, &zone->to_standard) && *text == '\0';
}

/* When a change of that year happens by the clock before it, as if that were UTC. */
static int64_t change_at(const struct zone_change *change, int64_t year) {
    int64_t day = days_of(year, 1) + change->day;
    if (change->kind == 'J')
        day += (is_leap(year) && change->day >= 60 ? 1 : 0) - 1;
    if (change->kind == 'M') {
        int64_t first = days_of(year, change->month);
        int64_t next = change->month == 12 ? days_of(year + 1, 1) : days_of(year, change->month + 1);
        int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
        day = first + (change->day - weekday + 7) % 7 + 7 * (change->week - 1);
        while (day >= next)
            day -= 7;
    }
    return day * DAY + change->second;
}

static int32_t rule_offset(const struct zone *zone, int64_t second) {
    if (!zone->summer)
        return zone->standard_offset;
    int64_t year = year_of(second + zone->standard_offset);
    int64_t begin = change_at(&zone->to_summer, year) - zone->standard_offset;
    int64_t end = change_at(&zone->to_standard, year) - zone->summer_offset;
    bool inside = begin <= end ? second >= begin && second < end : second >= begin || second < end; /* the southern half */
    return inside ? zone->summer_offset : zone->standard_offset;
}

/* ---- the file ---- */

struct counts {
    size_t isut, isstd, leap, times, types, chars;
};

static bool read_header(const unsigned char *bytes, size_t len, struct counts *counts) {
    size_t *const order[] = {&counts->isut, &counts->isstd, &counts->leap, &counts->times, &counts->types, &counts->chars};
    if (len < HEADER || memcmp(bytes, "TZif", 4) != 0)
        return false;
    for (size_t i = 0; i < 6; i++) {
        int64_t number = big_endian(bytes + 20 + i * 4, 4);
        if (number < 0 || number > ZONE_BYTES_MAX)
            return false;
        *order[i] = (size_t)number;
    }
    return counts->types >= 1 && counts->types <= ZONE_TYPES_MAX && counts->times <= ZONE_TRANSITIONS_MAX;
}

static size_t body_size(const struct counts *counts, size_t time_size) {
    return counts->times * (time_size + 1) + counts->types * 6 + counts->chars + counts->leap * (time_size + 4) + counts->isstd +
           counts->isut;
}

/* The 64-bit block behind its header. */
static bool read_block(const unsigned char *bytes, const struct counts *counts, struct zone *zone) {
    const unsigned char *kinds = bytes + counts->times * 8, *types = kinds + counts->times;
    zone->count = counts->times;
    zone->first = (int32_t)big_endian(types, 4);
    for (size_t i = 0; i < counts->times; i++) {
        if (kinds[i] >= counts->types)
            return false;
        zone->at[i] = big_endian(bytes + i * 8, 8);
        zone->offset[i] = (int32_t)big_endian(types + kinds[i] * 6u, 4);
    }
    return true;
}

static bool read_footer(const unsigned char *bytes, size_t len, struct zone *zone) {
    char text[128];
    if (len < 2 || bytes[0] != '\n')
        return false;
    const unsigned char *end = memchr(bytes + 1, '\n', len - 1);
    if (end == NULL || (size_t)(end - bytes - 1) >= sizeof text)
        return false;
    snprintf(text, sizeof text, "%.*s", (int)(end - bytes - 1), (const char *)bytes + 1);
    zone->ruled = text[0] != '\0';
    return !zone->ruled || read_rule(text, zone);
}

bool zone_read(const unsigned char *bytes, size_t len, struct zone *zone) {
    struct counts counts;
    memset(zone, 0, sizeof *zone);
    if (!read_header(bytes, len, &counts) || bytes[4] < '2')
        return false;
    size_t skip = HEADER + body_size(&counts, 4);
    if (skip > len || !read_header(bytes + skip, len - skip, &counts))
        return false;
    size_t body = body_size(&counts, 8);
    if (len - skip - HEADER < body || !read_block(bytes + skip + HEADER, &counts, zone))
        return false;
    return read_footer(bytes + skip + HEADER + body, len - skip - HEADER - body, zone);
}

/* Letters, digits and a few signs, so that no name leads out of the directory. */
static bool is_name(const char *name) {
    size_t len = strlen(name);
    return len > 0 && len < ZONE_NAME_MAX && isalpha((unsigned char)name[0]) &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/") == len;
}

bool zone_open(const char *name, struct zone *zone) {
    char path[ZONE_NAME_MAX + 32];
    if (!is_name(name))
        return false;
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    FILE *file = fopen(path, "re");
    unsigned char bytes[ZONE_BYTES_MAX];
    size_t len = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    bool good = zone_read(bytes, len, zone);
    if (good)
        snprintf(zone->name, sizeof zone->name, "%s", name);
    if (file)
        fclose(file);
    return good;
}

int32_t zone_offset(const struct zone *zone, int64_t second) {
    if (zone->ruled && (zone->count == 0 || second >= zone->at[zone->count - 1]))
        return rule_offset(zone, second);
    if (zone->count == 0 || second < zone->at[0])
        return zone->first;
    size_t low = 0, high = zone->count; /* at[low] <= second < at[high] */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->at[middle] <= second)
            low = middle;
        else
            high = middle;
    }
    return zone->offset[low];
}
