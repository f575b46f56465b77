/* clock.c - see clock.h. */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

enum { US_PER_S = 1000000, NS_PER_US = 1000 };

/* CLOCK_MONOTONIC and CLOCK_REALTIME cannot fail on Linux. */
static int64_t read_us(clockid_t id) {
    struct timespec now = {0};
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / NS_PER_US;
}

int64_t clock_monotonic_us(void) {
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_wall_us(void) {
    return read_us(CLOCK_REALTIME);
}

char *clock_format_utc(int64_t wall_us, char *out, size_t size) {
    int64_t second = wall_us / US_PER_S;
    int64_t rest_us = wall_us % US_PER_S;
    if (rest_us < 0) { /* before 1970: round down, not towards zero */
        second--;
        rest_us += US_PER_S;
    }
    time_t at = (time_t)second;
    struct tm tm = {0};
    if (gmtime_r(&at, &tm) == NULL) {
        snprintf(out, size, "(no date)");
        return out;
    }
    snprintf(out, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
             tm.tm_sec, (int)(rest_us / 1000));
    return out;
}
