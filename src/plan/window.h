/* window.h - hours of the day in which rows may move: "22:00-06:00 Europe/Berlin".
 *
 * What counts is what a clock on the wall there shows: an hour that the change to summer time leaves out does not come, one that the change
 * back repeats comes twice. The end is not in it; an end before the beginning is of the next day; equal ends are refused. */
#ifndef PLAN_WINDOW_H
#define PLAN_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/zone.h"

enum { WINDOW_TEXT_MAX = 96 };

struct window {
    int from_minute, until_minute; /* of the local day; until may be 1440 */
    struct zone zone;
};

/* false when it is not written like that, or this machine has no such zone. */
bool window_parse(const char *text, struct window *window);
/* Is it open at that time (seconds since 1970)? */
bool window_is_open(const struct window *window, int64_t second);
/* "13:05": the local time. Returns `out`, which holds at least 6 bytes. */
char *window_clock(const struct window *window, int64_t second, char out[6]);

#endif
