/* mariadb_catalog.h - the parts of a table's description. Each query takes the schema as its first argument and the table's name as the
 * second and third; each reader makes its part of the answer; all memory is the arena's. */
#ifndef DB_MARIADB_CATALOG_H
#define DB_MARIADB_CATALOG_H

#include "base/text.h"
#include "db/db.h"

struct mdb_part {
    const char *sql;
    const char *mysql_sql; /* for MySQL, NULL: the same */
    int (*read)(const struct db_result *result, struct arena *arena, struct sql_table *table, struct err *err);
};

extern const struct mdb_part mdb_part_columns;
extern const struct mdb_part mdb_part_indexes; /* rows: one per index column */
extern const struct mdb_part mdb_part_foreign_keys;
extern const struct mdb_part mdb_part_triggers;

/* The first comparison lets the server open one table instead of all; it ignores case and blanks at the end, the second does not. */
#define MDB_TABLE_IS(schema, name) schema " = ? AND " name " = ? AND BINARY " name " = ?"

static inline bool mdb_says(const struct db_result *result, unsigned row, unsigned column, const char *word) {
    const char *text = db_cell(result, row, column);
    return text != NULL && text_equal_nocase(text, word);
}

#endif
