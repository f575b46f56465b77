/* canonical_parts.h - what the files of the canonical encoding share: varints, heads, numbers, the JSON tree. Not for others. */
#ifndef RECONCILE_CANONICAL_PARTS_H
#define RECONCILE_CANONICAL_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "reconcile/decimal.h"

enum {
    CANONICAL_VARINT_MAX = 10,                     /* bytes of the longest varint */
    CANONICAL_HEAD_MAX = 1 + CANONICAL_VARINT_MAX, /* tag and length */
};

/* Writes at `at`, returns the place behind. */
unsigned char *canonical_put_varint(unsigned char *at, uint64_t number);
unsigned char *canonical_put_head(unsigned char *at, char tag, size_t size);
uint64_t canonical_zigzag(int64_t number);
/* Reads a varint out of [*at, end) and moves *at behind it; false if there is none, or not in its shortest form. */
bool canonical_get_varint(const char **at, const char *end, uint64_t *number);

/* Appends one whole value. */
void canonical_put(struct buf *out, char tag, const void *payload, size_t size);

/* Appends the `N` value of a number, trailing zeros or not. */
void canonical_put_number(struct buf *out, struct decimal number);

/* Appends the `J` value of a JSON text; false, with nothing appended, if it is none as docs/canonical.md has it. */
bool canonical_put_json(struct buf *out, const char *text, size_t size);

#endif
