/* canonical_parts.h - what the files of the canonical encoding share: varints, decimal numbers, the JSON tree. Not for others. */
#ifndef RECONCILE_CANONICAL_PARTS_H
#define RECONCILE_CANONICAL_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
    CANONICAL_VARINT_MAX = 10,                     /* bytes of the longest varint */
    CANONICAL_HEAD_MAX = 1 + CANONICAL_VARINT_MAX, /* tag and length */
};

enum decimal_class { DECIMAL_PLUS, DECIMAL_MINUS, DECIMAL_NAN, DECIMAL_INFINITY, DECIMAL_MINUS_INFINITY, DECIMAL_NONE };

/* A decimal number as its text has it: digits * 10^-scale. The digits lie in two runs, before and behind the point, without leading
 * zeros; zero has none. Borrows the text. */
struct decimal {
    enum decimal_class class;
    const char *whole;
    size_t whole_size;
    const char *part;
    size_t part_size;
    int64_t scale; /* may be negative once an exponent or trailing zeros went into it */
};

/* Writes at `at`, returns the place behind. */
unsigned char *canonical_put_varint(unsigned char *at, uint64_t number);
unsigned char *canonical_put_head(unsigned char *at, char tag, size_t size);
uint64_t canonical_zigzag(int64_t number);
/* Reads a varint out of [*at, end) and moves *at behind it; false if there is none, or not in its shortest form. */
bool canonical_get_varint(const char **at, const char *end, uint64_t *number);

/* Appends one whole value. */
void canonical_put(struct buf *out, char tag, const void *payload, size_t size);

/* The text of a DECIMAL; class DECIMAL_NONE where it is none. Without exponents. */
struct decimal decimal_scan(const char *text, size_t size);
/* Takes trailing zeros away, so that equal numbers have equal digits and scale. */
void decimal_trim(struct decimal *number);
/* Appends the `N` value of a number that was trimmed. */
void decimal_put(struct buf *out, const struct decimal *number);
/* Appends the `N` value of an integer, and of a double. */
void decimal_put_integer(struct buf *out, bool negative, uint64_t magnitude);
void decimal_put_double(struct buf *out, double real);

/* Appends the `J` value of a JSON text; false, with nothing appended, if it is none as docs/canonical.md has it. */
bool canonical_put_json(struct buf *out, const char *text, size_t size);

#endif
