/* rune.h - UTF-8 text one character at a time, and what a terminal makes of each.
 *
 * Strict: no overlong forms, no surrogates, nothing beyond U+10FFFF. No locale. */
#ifndef PLAN_RUNE_H
#define PLAN_RUNE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes the first character of `text`; returns its bytes, or 0 when they are not UTF-8 (or len is 0). */
size_t rune_next(const char *text, size_t len, uint32_t *rune);

/* Columns on a terminal: 0 for combining marks, 2 for wide East Asian characters and emoji, else 1. */
int rune_width(uint32_t rune);

/* False for control characters and those that reorder text: they must not reach a terminal from a file. */
bool rune_printable(uint32_t rune);

/* Is this the end of a line, as YAML counts lines? Returns the bytes of the line break at `text`, or 0. */
size_t rune_line_break(const char *text, size_t len);

#endif
