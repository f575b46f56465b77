/* window.c - see window.h. */
#include "plan/window.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { DAY_MINUTES = 1440 };

/* HH:MM, up to 24:00. */
static bool read_minute(const char *text, int *minute) {
    if (!isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1]) || text[2] != ':' ||
        !isdigit((unsigned char)text[3]) || !isdigit((unsigned char)text[4]))
        return false;
    int hour = (text[0] - '0') * 10 + text[1] - '0', rest = (text[3] - '0') * 10 + text[4] - '0';
    *minute = hour * 60 + rest;
    return rest < 60 && *minute <= DAY_MINUTES;
}

bool window_parse(const char *text, struct window *window) {
    enum { ZONE_AT = 12 }; /* "22:00-06:00 " */
    if (strlen(text) <= ZONE_AT || text[5] != '-' || text[11] != ' ')
        return false;
    return read_minute(text, &window->from_minute) && read_minute(text + 6, &window->until_minute) &&
           window->from_minute < DAY_MINUTES && window->from_minute != window->until_minute && window->until_minute > 0 &&
           zone_open(text + ZONE_AT, &window->zone);
}

static int local_minute(const struct window *window, int64_t second) {
    int64_t local = second + zone_offset(&window->zone, second);
    int64_t of_day = ((local % (DAY_MINUTES * 60)) + DAY_MINUTES * 60) % (DAY_MINUTES * 60);
    return (int)(of_day / 60);
}

bool window_is_open(const struct window *window, int64_t second) {
    int minute = local_minute(window, second);
    if (window->from_minute < window->until_minute)
        return minute >= window->from_minute && minute < window->until_minute;
    return minute >= window->from_minute || minute < window->until_minute;
}

char *window_clock(const struct window *window, int64_t second, char out[6]) {
    int minute = local_minute(window, second);
    snprintf(out, 6, "%02d:%02d", minute / 60 % 24, minute % 60);
    return out;
}
