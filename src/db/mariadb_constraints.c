/* mariadb_constraints.c - the indexes, foreign keys and triggers of a table. */
#include <string.h>

#include "db/mariadb_catalog.h"

/* One row per column of an index, the primary key first. An ignored index still keeps rows unique, but nothing can be read by it. A hash
 * of long values, a full-text or a spatial index has no order. */
#define INDEXES(is_ignored, is_expression)                                                                                         \
    "SELECT INDEX_NAME, NON_UNIQUE, COLUMN_NAME, COLLATION, SUB_PART IS NOT NULL OR " is_expression ", INDEX_TYPE, " is_ignored    \
    " FROM information_schema.STATISTICS WHERE " MDB_TABLE_IS(                                                                     \
        "TABLE_SCHEMA", "TABLE_NAME") " ORDER BY INDEX_NAME <> 'PRIMARY', NON_UNIQUE, INDEX_NAME, SEQ_IN_INDEX"
static const char indexes_sql[] = INDEXES("IGNORED = 'YES'", "COLUMN_NAME IS NULL");
static const char mysql_indexes_sql[] = INDEXES("IS_VISIBLE = 'NO'", "COLUMN_NAME IS NULL");

enum { INDEX, NON_UNIQUE, COLUMN, DIRECTION, EXPRESSION, METHOD, IGNORED };

/* One row per column of a foreign key. */
static const char foreign_keys_sql[] =
    "SELECT CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME"
    " FROM information_schema.KEY_COLUMN_USAGE WHERE " MDB_TABLE_IS(
        "TABLE_SCHEMA", "TABLE_NAME") " AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY CONSTRAINT_NAME, ORDINAL_POSITION";

enum { FK, FK_COLUMN, FK_SCHEMA, FK_TABLE, FK_REF_COLUMN };

static const char triggers_sql[] =
    "SELECT TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE " MDB_TABLE_IS(
        "EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE") " ORDER BY TRIGGER_NAME";

enum { TRIGGER, TIMING, EVENT, BODY };

/* How many rows, from `row` on, have the same text in `column`. */
static unsigned run_length(const struct db_result *rows, unsigned row, unsigned column) {
    unsigned end = row + 1;
    while (end < rows->row_count && strcmp(db_cell(rows, end, column), db_cell(rows, row, column)) == 0)
        end++;
    return end - row;
}

static unsigned run_count(const struct db_result *rows, unsigned column) {
    unsigned count = 0;
    for (unsigned row = 0; row < rows->row_count; row += run_length(rows, row, column))
        count++;
    return count;
}

/* One column of the rows [row, row + count) as an array of texts. */
static const char **texts(const struct db_result *rows, unsigned row, unsigned count, unsigned column, struct arena *arena) {
    const char **list = arena_array(arena, count, sizeof(*list));
    for (unsigned i = 0; list != NULL && i < count; i++)
        list[i] = db_cell(rows, row + i, column);
    return list;
}

static bool any_says(const struct db_result *rows, unsigned row, unsigned count, unsigned column, const char *word) {
    for (unsigned i = 0; i < count; i++)
        if (mdb_says(rows, row + i, column, word))
            return true;
    return false;
}

static void read_index(const struct db_result *rows, unsigned row, struct arena *arena, struct sql_index *index) {
    unsigned count = run_length(rows, row, INDEX);
    index->name = db_cell(rows, row, INDEX);
    index->columns = texts(rows, row, count, COLUMN, arena);
    index->column_count = count;
    index->is_primary = strcmp(index->name, "PRIMARY") == 0; /* no other index can have that name */
    index->is_unique = mdb_says(rows, row, NON_UNIQUE, "0");
    index->is_expression = any_says(rows, row, count, EXPRESSION, "1");
    index->is_valid = !mdb_says(rows, row, IGNORED, "1");
    index->is_descending = any_says(rows, row, count, DIRECTION, "D");
    index->is_custom_order = !mdb_says(rows, row, METHOD, "BTREE");
}

static int read_indexes(const struct db_result *rows, struct arena *arena, struct sql_table *table, struct err *err) {
    table->indexes = arena_array(arena, run_count(rows, INDEX) + 1, sizeof(*table->indexes));
    if (table->indexes == NULL)
        return err_nomem(err);
    for (unsigned row = 0; row < rows->row_count; row += run_length(rows, row, INDEX)) {
        struct sql_index *index = &table->indexes[table->index_count];
        read_index(rows, row, arena, index);
        if (index->columns == NULL)
            return err_nomem(err);
        table->index_count++;
    }
    return 0;
}

static void read_foreign_key(const struct db_result *rows, unsigned row, struct arena *arena, struct sql_foreign_key *key) {
    unsigned count = run_length(rows, row, FK);
    key->name = db_cell(rows, row, FK);
    key->columns = texts(rows, row, count, FK_COLUMN, arena);
    key->ref_schema = db_cell(rows, row, FK_SCHEMA);
    key->ref_table = db_cell(rows, row, FK_TABLE);
    key->ref_columns = texts(rows, row, count, FK_REF_COLUMN, arena);
    key->column_count = count;
}

static int read_foreign_keys(const struct db_result *rows, struct arena *arena, struct sql_table *table, struct err *err) {
    table->foreign_keys = arena_array(arena, run_count(rows, FK) + 1, sizeof(*table->foreign_keys));
    if (table->foreign_keys == NULL)
        return err_nomem(err);
    for (unsigned row = 0; row < rows->row_count; row += run_length(rows, row, FK)) {
        struct sql_foreign_key *key = &table->foreign_keys[table->foreign_key_count];
        read_foreign_key(rows, row, arena, key);
        if (key->columns == NULL || key->ref_columns == NULL)
            return err_nomem(err);
        table->foreign_key_count++;
    }
    return 0;
}

static int read_triggers(const struct db_result *rows, struct arena *arena, struct sql_table *table, struct err *err) {
    table->triggers = arena_array(arena, rows->row_count + 1, sizeof(*table->triggers));
    if (table->triggers == NULL)
        return err_nomem(err);
    for (unsigned row = 0; row < rows->row_count; row++) {
        struct sql_trigger *trigger = &table->triggers[row];
        trigger->name = db_cell(rows, row, TRIGGER);
        trigger->timing = db_cell(rows, row, TIMING);
        trigger->body = db_cell(rows, row, BODY);
        trigger->on_insert = mdb_says(rows, row, EVENT, "INSERT");
        trigger->on_update = mdb_says(rows, row, EVENT, "UPDATE");
        trigger->on_delete = mdb_says(rows, row, EVENT, "DELETE");
        trigger->per_row = trigger->enabled = true; /* there are no others */
    }
    table->trigger_count = rows->row_count;
    return 0;
}

const struct mdb_part mdb_part_indexes = {indexes_sql, mysql_indexes_sql, read_indexes};
const struct mdb_part mdb_part_foreign_keys = {foreign_keys_sql, NULL, read_foreign_keys};
const struct mdb_part mdb_part_triggers = {triggers_sql, NULL, read_triggers};
