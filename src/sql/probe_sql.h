/* probe_sql.h - the statements that measure a server: one that asks for nothing, and one-row transactions on a table of their own.
 *
 * Text only, in the arena. The table stands where the ledger's tables stand. */
#ifndef SQL_PROBE_SQL_H
#define SQL_PROBE_SQL_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "sql/dialect.h"
#include "sql/table.h"

struct probe_sql {
    const char *nothing;                   /* one row, out of no table */
    const char *table;                     /* as it is shown: infill.parity_probe */
    const char *name;                      /* of the table, in the ledger's schema */
    const char *make_schema, *drop_schema; /* NULL: the ledger has none of its own; the second refuses while anything is in it */
    const char *create, *drop;             /* the first refuses when the table is there */
    const char *insert;                    /* one row, whose number is the argument */
};

int probe_sql_build(const struct sql_dialect *dialect, struct arena *arena, struct probe_sql *sql, struct err *err);

/* How many rows a table has, looking at no more than `most` of them. NULL: no memory. */
const char *probe_sql_count(const struct sql_dialect *dialect, struct arena *arena, const struct sql_table *table, int64_t most);

#endif
