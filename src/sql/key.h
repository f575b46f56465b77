/* key.h - the text form of a key: what stands in the ledger's lo, hi and cursor columns.
 *
 * A JSON array with one string per key column: the engine's text output under fixed settings, bytes as hex. SQLite's values carry their
 * storage class as a tag: "i:42", "r:0.5", "t:abc", "b:00ff". Keys are compared by the database only, never by this text, except for
 * plain equality of two encodings of the same column. */
#ifndef SQL_KEY_H
#define SQL_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/value.h"

enum { KEY_COLUMNS_MAX = 8 };

/* The encoding of `count` values, none of them NULL, appended to out. `tagged`: with storage classes. ERR_ROW for NULL or text that is
 * not UTF-8. */
int key_encode(const struct sql_value *values, size_t count, bool tagged, struct buf *out, struct err *err);

/* Back again; `values` has room for `count`. The memory is the arena's. ERR_INTERNAL if the text is not an encoding of `count` columns. */
int key_decode(const char *text, size_t count, bool tagged, struct arena *arena, struct sql_value *values, struct err *err);

/* What a user types for --from, --until, --accept: a JSON array, or the bare value of a key of one column, or values separated by
 * commas. Gives the encoding. Where keys are tagged, a tag is obeyed ("t:42" is text); without one a bare value or JSON number that looks
 * like an integer is one, and the rest is text. ERR_USAGE with the reason. */
int key_parse(const char *text, size_t count, bool tagged, struct buf *out, struct err *err);

#endif
