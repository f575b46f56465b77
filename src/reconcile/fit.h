/* fit.h - a value of the source as its target column's kind, where the two engines' types alone do not say so.
 *
 * The server brings expressions to the column's type where it can (sql_dialect.as_stored). What is left for here: SQLite, whose columns
 * convert by affinity while they store; and texts that a column of another kind keeps as they are (JSON, uuid). */
#ifndef RECONCILE_FIT_H
#define RECONCILE_FIT_H

#include "base/arena.h"
#include "sql/datum.h"
#include "sql/dialect.h"

enum fit {
    FIT_NONE,
    FIT_INTEGER,
    FIT_JSON,
    FIT_PLAIN,
    FIT_INSTANT,
    FIT_UUID,
    FIT_AFFINITY_INTEGER,
    FIT_AFFINITY_REAL,
    FIT_AFFINITY_TEXT
};

/* What storing in the column does to a value. Done to a value that comes out of the column it changes nothing but names: FIT_PLAIN. */
enum fit fit_of(const struct sql_dialect *dialect, const struct sql_column *column);
/* *value is changed in place when it is of another kind; bytes may go to the arena. False: out of memory. */
bool fit_value(enum fit fit, struct datum *value, struct arena *arena);

#endif
