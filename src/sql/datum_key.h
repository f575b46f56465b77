/* datum_key.h - a typed value as the text that a key column has in the ledger, so that a row which was read can be asked for again. */
#ifndef SQL_DATUM_KEY_H
#define SQL_DATUM_KEY_H

#include "base/arena.h"
#include "base/err.h"
#include "sql/datum.h"
#include "sql/dialect.h"
#include "sql/value.h"

/* What dialect->key_out of `column` gives for the value; with `tagged`, under its storage class. Memory of the arena. ERR_UNSUPPORTED for a
 * kind that no key column has. */
int datum_key(const struct sql_dialect *dialect, const struct sql_column *column, bool tagged, const struct datum *value,
              struct arena *arena, struct sql_value *out, struct err *err);

#endif
