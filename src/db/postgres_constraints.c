/* postgres_constraints.c - the indexes, foreign keys and triggers of a table. */
#include <string.h>

#include "db/postgres_catalog.h"

/* One row per key column of an index, the primary key first. An index that is no btree, or whose operators or collation are not the
 * column's own, has another order than the comparison in a key predicate: is_custom_order. */
static const char indexes_sql[] =
    "SELECT x.relname, i.indisprimary, i.indisunique, i.indpred IS NOT NULL, i.indexprs IS NOT NULL, NOT i.indimmediate,"
    " i.indisvalid AND i.indisready AND i.indislive, a.attname, m.amname = 'btree' AND (i.indoption[k.n - 1] & 1) = 1,"
    " m.amname <> 'btree' OR (a.attnum IS NOT NULL AND i.indcollation[k.n - 1] <> a.attcollation)"
    "  OR NOT EXISTS (SELECT FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_opclass d ON d.opcfamily = o.opcfamily AND "
    "d.opcdefault"
    "   WHERE o.oid = i.indclass[k.n - 1])"
    " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = x.relam"
    " CROSS JOIN LATERAL pg_catalog.generate_series(1, i.indnkeyatts::int) AS k(n)"
    " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.n - 1] AND a.attnum <> 0"
    " WHERE i.indrelid = $1::oid ORDER BY NOT i.indisprimary, NOT i.indisunique, x.relname, k.n";

enum { INDEX, PRIMARY, UNIQUE, PARTIAL, EXPRESSION, DEFERRABLE, VALID, COLUMN, DESCENDING, CUSTOM };

/* One row per column of a foreign key. */
static const char foreign_keys_sql[] =
    "SELECT c.conname, a.attname, n.nspname, r.relname, f.attname FROM pg_catalog.pg_constraint c"
    " CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(c.conkey), pg_catalog.unnest(c.confkey)) WITH ORDINALITY AS k(own, other, n)"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own"
    " JOIN pg_catalog.pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = k.other"
    " JOIN pg_catalog.pg_class r ON r.oid = c.confrelid JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace"
    " WHERE c.conrelid = $1::oid AND c.contype = 'f' ORDER BY c.conname, c.oid, k.n";

enum { FK, FK_COLUMN, FK_SCHEMA, FK_TABLE, FK_REF_COLUMN };

/* Also of partitions, where they fire as well; clones of the parent's are left out. Enabled as it is for an ordinary session. */
static const char triggers_sql[] =
    "WITH RECURSIVE part(oid) AS (SELECT $1::oid UNION SELECT i.inhrelid FROM part JOIN pg_catalog.pg_inherits i ON i.inhparent = "
    "part.oid)"
    " SELECT t.tgname, CASE WHEN t.tgtype & 64 <> 0 THEN 'INSTEAD OF' WHEN t.tgtype & 2 <> 0 THEN 'BEFORE' ELSE 'AFTER' END,"
    " t.tgtype & 4 <> 0, t.tgtype & 16 <> 0, t.tgtype & 8 <> 0, t.tgtype & 1 <> 0,"
    " t.tgenabled = 'A' OR t.tgenabled = CASE pg_catalog.current_setting('session_replication_role') WHEN 'replica' THEN 'R' ELSE "
    "'O' END,"
    " pg_catalog.pg_get_triggerdef(t.oid, true) || ' ' || (SELECT p.prosrc FROM pg_catalog.pg_proc p WHERE p.oid = t.tgfoid)"
    " FROM part JOIN pg_catalog.pg_trigger t ON t.tgrelid = part.oid"
    " WHERE NOT t.tgisinternal AND t.tgparentid = 0 ORDER BY t.tgname, t.oid";

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

static bool any_true(const struct db_result *rows, unsigned row, unsigned count, unsigned column) {
    for (unsigned i = 0; i < count; i++)
        if (pg_true(rows, row + i, column))
            return true;
    return false;
}

static void read_index(const struct db_result *rows, unsigned row, struct arena *arena, struct sql_index *index) {
    unsigned count = run_length(rows, row, INDEX);
    index->name = db_cell(rows, row, INDEX);
    index->columns = texts(rows, row, count, COLUMN, arena);
    index->column_count = count;
    index->is_primary = pg_true(rows, row, PRIMARY);
    index->is_unique = pg_true(rows, row, UNIQUE);
    index->is_partial = pg_true(rows, row, PARTIAL);
    index->is_expression = pg_true(rows, row, EXPRESSION);
    index->is_deferrable = pg_true(rows, row, DEFERRABLE);
    index->is_valid = pg_true(rows, row, VALID);
    index->is_descending = any_true(rows, row, count, DESCENDING);
    index->is_custom_order = any_true(rows, row, count, CUSTOM);
}

static int read_indexes(const struct db_result *rows, struct arena *arena, struct sql_table *table, struct err *err) {
    size_t count = run_count(rows, INDEX);
    table->indexes = arena_array(arena, count + 1, sizeof(*table->indexes));
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
    size_t count = run_count(rows, FK);
    table->foreign_keys = arena_array(arena, count + 1, sizeof(*table->foreign_keys));
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
        trigger->name = db_cell(rows, row, 0);
        trigger->timing = db_cell(rows, row, 1);
        trigger->on_insert = pg_true(rows, row, 2);
        trigger->on_update = pg_true(rows, row, 3);
        trigger->on_delete = pg_true(rows, row, 4);
        trigger->per_row = pg_true(rows, row, 5);
        trigger->enabled = pg_true(rows, row, 6);
        trigger->body = db_cell(rows, row, 7);
    }
    table->trigger_count = rows->row_count;
    return 0;
}

const struct pg_part pg_part_indexes = {indexes_sql, read_indexes};
const struct pg_part pg_part_foreign_keys = {foreign_keys_sql, read_foreign_keys};
const struct pg_part pg_part_triggers = {triggers_sql, read_triggers};
