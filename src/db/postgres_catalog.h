/* postgres_catalog.h - the parts of a table's description. Each query takes the table's oid as $1, each reader makes its part of the
 * answer; all memory is the arena's. */
#ifndef DB_POSTGRES_CATALOG_H
#define DB_POSTGRES_CATALOG_H

#include "db/db.h"

struct pg_part {
    const char *sql;
    int (*read)(const struct db_result *result, struct arena *arena, struct sql_table *table, struct err *err);
};

extern const struct pg_part pg_part_columns;
extern const struct pg_part pg_part_indexes; /* rows: one per index column */
extern const struct pg_part pg_part_foreign_keys;
extern const struct pg_part pg_part_triggers;

static inline bool pg_true(const struct db_result *result, unsigned row, unsigned column) {
    const char *text = db_cell(result, row, column);
    return text != NULL && text[0] == 't';
}

#endif
