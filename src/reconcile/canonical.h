/* canonical.h - values as canonical bytes: a tag, a length and a payload, the same bytes if and only if the values are equal.
 *
 * docs/canonical.md defines every byte. What "equal" means is said per column by a level:
 *  - exact: same kind, same value, same scale, same bytes. INT and UINT are one kind; INT 5, DECIMAL "5" and DECIMAL "5.00" are three
 *    values. Whoever compares columns of different types casts one side first, or asks for the other level.
 *  - semantic: numbers of all kinds by value (5 = 5.00, -0.0 = 0.0, true = 1), JSON as a tree, an instant as a timestamp in UTC.
 *    Texts are never trimmed or folded.
 *
 * Bytes are appended to a struct buf, whose failure is sticky; its owner asks buf_ok() once. No function keeps state. */
#ifndef RECONCILE_CANONICAL_H
#define RECONCILE_CANONICAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/datum.h"

enum canonical_level { CANONICAL_EXACT, CANONICAL_SEMANTIC };

/* What the target column is declared as, where the engine only stores text or bytes. Counts under `semantic` alone. */
enum canonical_reading { CANONICAL_AS_STORED, CANONICAL_AS_JSON, CANONICAL_AS_UUID };

struct canonical_rule {
    enum canonical_level level;
    enum canonical_reading reading;
};

enum {
    CANONICAL_JSON_DEPTH = 128
}; /* deeper documents are compared as bytes; the servers themselves stop at 32, 100 and the stack */

/* Appends one value. */
void canonical_add(struct buf *out, const struct datum *value, struct canonical_rule rule);

/* Clears `out` and writes a row: value i lies in [ends[i - 1], ends[i]) of out->data, the first one begins at 0. ERR_NOMEM. */
int canonical_row(struct buf *out, const struct datum *values, const struct canonical_rule *rules, size_t count, size_t *ends,
                  struct err *err);

/* Whether two values have the same bytes under a rule. `scratch` is cleared. ERR_NOMEM. */
int canonical_equal(const struct datum *a, const struct datum *b, struct canonical_rule rule, struct buf *scratch, bool *equal,
                    struct err *err);

/* The inverse of canonical_add under `exact`: takes the next value out of [*at, end) and moves *at behind it. The text of a decimal
 * belongs to the arena, all else borrows from the bytes. A number that fits int64 comes back as INT. Also reads a semantic number, as a
 * DECIMAL. ERR_INTERNAL: these are no canonical bytes, or a JSON tree. ERR_NOMEM. */
int canonical_read(const char **at, const char *end, struct arena *arena, struct datum *value, struct err *err);

#endif
