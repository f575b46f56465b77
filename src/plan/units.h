/* units.h - durations and fractions as people write them: "250ms", "30s", "1 day", "0.01%". No locale, no YAML. */
#ifndef PLAN_UNITS_H
#define PLAN_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNITS_TEXT_MAX = 32 }; /* bytes that a formatted value needs at most */

/* A whole number and a unit, with or without a blank between: ms, s, m or min, h, d, or the word in full ("1 day", "2 hours"). */
bool units_duration(const char *text, int64_t *us);

/* "0.01%" or 0.0001; from 0 to 1. */
bool units_fraction(const char *text, double *fraction);

/* In the largest unit that divides it: "250ms", "30s", "1 day"; and "0.01%". What these write the functions above read. Return `out`. */
const char *units_format_duration(int64_t us, char out[UNITS_TEXT_MAX]);
const char *units_format_fraction(double fraction, char out[UNITS_TEXT_MAX]);

#endif
