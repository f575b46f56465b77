/* text.h - small helpers on C strings: comparing, nearest word, UTF-8, numbers. No locale. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool text_equal(const char *a, const char *b);        /* NULL equals only NULL */
bool text_equal_nocase(const char *a, const char *b); /* ASCII only */
bool text_starts(const char *text, const char *prefix);
bool text_is_utf8(const char *text, size_t len); /* strict: no overlong forms, no surrogates */

/* Decimal int64 without blanks, the whole string; false if it is anything else or out of range. */
bool text_to_int64(const char *text, int64_t *value);
/* "17" or "17..19": two numbers, the first not above the second. */
bool text_to_interval(const char *text, int64_t *from, int64_t *to);
/* Decimal floating number, the whole string, '.' whatever the locale. */
bool text_to_double(const char *text, double *value);

/* Edit distance with transpositions (optimal string alignment, Damerau 1964), at most `limit` + 1. */
unsigned text_distance(const char *a, const char *b, unsigned limit);
/* The word of `words` nearest to `text`, or NULL when none is near enough to be meant (a third of its length). */
const char *text_nearest(const char *text, const char *const *words, size_t count);

#endif
