/* sqlite_catalog.c - what a table looks like, from SQLite's pragma functions. */
#include <ctype.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "db/sqlite.h"

static const struct db_tx catalog_tx = {.statement_timeout_ms = 10000, .lock_timeout_ms = 5000, .read_only = true};

/* Describing happens inside a transaction of the caller's too. */
static int ask(struct db *db, const char *sql, const char *name, struct arena *arena, struct db_result *result, struct err *err) {
    struct sql_value arg = value_text(name);
    struct db_query query = {sql, &arg, name ? 1 : 0, true};
    unsigned flags = sqlite3_get_autocommit(lite_conn(db)) ? DB_ONE_TX : 0;
    return db_flush(db, flags, &catalog_tx, &query, 1, arena, result, err);
}

static bool contains(const char *text, const char *part) {
    return strcasestr(text, part) != NULL;
}

/* The rules of affinity (datatype3.html), and above them what the declared type says of the values' meaning. */
static enum sql_class class_of(const char *type) {
    if (type[0] == '\0' || text_equal_nocase(type, "ANY"))
        return SQL_ANY;
    if (contains(type, "INT"))
        return SQL_INTEGER;
    if (contains(type, "CHAR") || contains(type, "CLOB") || contains(type, "TEXT"))
        return SQL_TEXT;
    if (contains(type, "BLOB"))
        return SQL_BYTES;
    if (contains(type, "REAL") || contains(type, "FLOA") || contains(type, "DOUB"))
        return SQL_FLOAT;
    if (contains(type, "BOOL"))
        return SQL_BOOLEAN;
    if (contains(type, "TIMESTAMP") || contains(type, "DATETIME"))
        return SQL_TIMESTAMP;
    if (contains(type, "DATE"))
        return SQL_DATE;
    if (contains(type, "JSON"))
        return SQL_JSON;
    if (contains(type, "UUID"))
        return SQL_UUID;
    return SQL_ANY;
}

static int column_collation(struct db *db, const char *table, struct sql_column *column, struct arena *arena) {
    const char *collation = NULL;
    int not_null, primary, increments;
    if (sqlite3_table_column_metadata(lite_conn(db), "main", table, column->name, NULL, &collation, &not_null, &primary,
                                      &increments) != SQLITE_OK)
        return 0;
    column->has_sequence = increments != 0;
    if (collation && !text_equal_nocase(collation, "BINARY") && (column->collation = arena_strdup(arena, collation)) == NULL)
        return ERR_NOMEM;
    return 0;
}

static int read_columns(struct db *db, struct sql_table *table, struct arena *arena, struct err *err) {
    struct db_result result;
    int rc = ask(db, "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid", table->name,
                 arena, &result, err);
    if (rc)
        return rc;
    table->columns = arena_array(arena, result.row_count + 1, sizeof *table->columns);
    if (table->columns == NULL)
        return err_nomem(err);
    for (unsigned i = 0; i < result.row_count; i++) {
        struct sql_column *column = &table->columns[table->column_count++];
        const char *type = db_cell(&result, i, 1);
        int64_t hidden = db_cell_int(&result, i, 5, 0);
        column->name = db_cell(&result, i, 0);
        column->type = type ? type : "";
        column->class = class_of(column->type);
        column->not_null = db_cell_int(&result, i, 2, 0) != 0;
        column->formula = db_cell(&result, i, 3);
        column->has_default = column->formula != NULL;
        column->is_generated = hidden == 2 || hidden == 3;
        if (column_collation(db, table->name, column, arena) != 0)
            return err_nomem(err);
    }
    return 0;
}

static struct sql_column *find_column(struct sql_table *table, const char *name) {
    for (size_t i = 0; i < table->column_count; i++)
        if (text_equal(table->columns[i].name, name))
            return &table->columns[i];
    return NULL;
}

/* INTEGER PRIMARY KEY is the rowid: there is no index of it, it is never NULL, and it numbers itself. */
static int rowid_index(struct db *db, struct sql_table *table, struct arena *arena, struct err *err) {
    struct db_result result;
    int rc = ask(db, "SELECT name, type FROM pragma_table_xinfo(?) WHERE pk > 0", table->name, arena, &result, err);
    if (rc || result.row_count != 1 || table->is_without_rowid || !text_equal_nocase(db_cell(&result, 0, 1), "INTEGER"))
        return rc;
    struct sql_column *column = find_column(table, db_cell(&result, 0, 0));
    if (column == NULL)
        return 0;
    column->not_null = column->has_default = true;
    struct sql_index *index = &table->indexes[table->index_count++];
    index->columns = arena_array(arena, 1, sizeof *index->columns);
    if (index->columns == NULL)
        return err_nomem(err);
    index->columns[0] = column->name;
    index->column_count = 1;
    index->name = "";
    index->is_primary = index->is_unique = index->is_valid = true;
    return 0;
}

static int read_index_columns(struct db *db, struct sql_table *table, struct sql_index *index, struct arena *arena,
                              struct err *err) {
    struct db_result result;
    int rc = ask(db, "SELECT name, cid, \"desc\", coll FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno", index->name, arena,
                 &result, err);
    if (rc)
        return rc;
    index->columns = arena_array(arena, result.row_count + 1, sizeof *index->columns);
    if (index->columns == NULL)
        return err_nomem(err);
    for (unsigned i = 0; i < result.row_count; i++) {
        const struct sql_column *column = sql_table_column(table, db_cell(&result, i, 0) ? db_cell(&result, i, 0) : "");
        const char *collation = column && column->collation ? column->collation : "BINARY";
        index->columns[index->column_count++] = db_cell(&result, i, 0);
        index->is_expression = index->is_expression || column == NULL;
        index->is_descending = index->is_descending || db_cell_int(&result, i, 2, 0) != 0;
        index->is_custom_order = index->is_custom_order || !text_equal_nocase(collation, db_cell(&result, i, 3));
    }
    return 0;
}

static int read_indexes(struct db *db, struct sql_table *table, struct arena *arena, struct err *err) {
    struct db_result result;
    int rc = ask(db, "SELECT name, \"unique\", origin, partial FROM pragma_index_list(?) ORDER BY origin = 'pk' DESC, seq",
                 table->name, arena, &result, err);
    if (rc)
        return rc;
    table->indexes = arena_array(arena, result.row_count + 1, sizeof *table->indexes);
    if (table->indexes == NULL)
        return err_nomem(err);
    rc = rowid_index(db, table, arena, err);
    for (unsigned i = 0; i < result.row_count && rc == 0; i++) {
        struct sql_index *index = &table->indexes[table->index_count++];
        index->name = db_cell(&result, i, 0);
        index->is_unique = db_cell_int(&result, i, 1, 0) != 0;
        index->is_primary = text_equal(db_cell(&result, i, 2), "pk");
        index->is_partial = db_cell_int(&result, i, 3, 0) != 0;
        index->is_valid = true;
        rc = read_index_columns(db, table, index, arena, err);
        /* Columns of the primary key of a WITHOUT ROWID table are NOT NULL without saying so. */
        for (size_t c = 0; rc == 0 && index->is_primary && table->is_without_rowid && c < index->column_count; c++)
            find_column(table, index->columns[c])->not_null = true;
    }
    return rc;
}

/* The catalog does not tell what a foreign key is called: it is named by what it says, "(order_id) REFERENCES orders". */
static int name_foreign_key(struct sql_foreign_key *key, struct arena *arena, struct err *err) {
    struct buf name;
    buf_init(&name);
    for (size_t i = 0; i < key->column_count; i++)
        buf_printf(&name, "%s%s", i ? ", " : "(", key->columns[i]);
    buf_printf(&name, ") REFERENCES %s", key->ref_table);
    key->name = buf_ok(&name) ? arena_strdup(arena, name.data) : NULL;
    buf_release(&name);
    return key->name ? 0 : err_nomem(err);
}

static struct sql_foreign_key *foreign_key(struct sql_table *table, const struct db_result *result, unsigned row, unsigned *last_id,
                                           struct arena *arena) {
    unsigned id = (unsigned)db_cell_int(result, row, 0, 0);
    if (table->foreign_key_count > 0 && id == *last_id)
        return &table->foreign_keys[table->foreign_key_count - 1];
    struct sql_foreign_key *key = &table->foreign_keys[table->foreign_key_count++];
    *last_id = id;
    key->ref_table = db_cell(result, row, 1);
    key->columns = arena_array(arena, result->row_count, sizeof *key->columns);
    key->ref_columns = arena_array(arena, result->row_count, sizeof *key->ref_columns);
    return key->columns && key->ref_columns ? key : NULL;
}

static int read_foreign_keys(struct db *db, struct sql_table *table, struct arena *arena, struct err *err) {
    struct db_result result;
    unsigned last_id = 0;
    int rc = ask(db, "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?) ORDER BY id, seq", table->name, arena,
                 &result, err);
    if (rc)
        return rc;
    table->foreign_keys = arena_array(arena, result.row_count + 1, sizeof *table->foreign_keys);
    if (table->foreign_keys == NULL)
        return err_nomem(err);
    for (unsigned i = 0; i < result.row_count; i++) {
        struct sql_foreign_key *key = foreign_key(table, &result, i, &last_id, arena);
        if (key == NULL)
            return err_nomem(err);
        key->columns[key->column_count] = db_cell(&result, i, 2);
        key->ref_columns[key->column_count++] = db_cell(&result, i, 3);
    }
    for (size_t i = 0; i < table->foreign_key_count && rc == 0; i++)
        rc = name_foreign_key(&table->foreign_keys[i], arena, err);
    return rc;
}

/* The words between CREATE TRIGGER's name and its body say when it fires. Where reading is ambiguous, it fires. */
static void trigger_times(const char *sql, struct sql_trigger *trigger) {
    const char *body = strcasestr(sql, "BEGIN");
    size_t head = body ? (size_t)(body - sql) : strlen(sql);
    char text[512];
    snprintf(text, sizeof text, "%.*s", (int)(head < sizeof text ? head : sizeof text - 1), sql);
    trigger->timing = contains(text, "BEFORE")       ? "BEFORE"
                      : contains(text, "INSTEAD OF") ? "INSTEAD OF"
                      : contains(text, "AFTER")      ? "AFTER"
                                                     : "BEFORE";
    trigger->on_insert = contains(text, "INSERT");
    trigger->on_update = contains(text, "UPDATE");
    trigger->on_delete = contains(text, "DELETE");
    trigger->per_row = trigger->enabled = true;
}

static int read_triggers(struct db *db, struct sql_table *table, struct arena *arena, struct err *err) {
    struct db_result result;
    int rc = ask(db, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? ORDER BY name", table->name,
                 arena, &result, err);
    if (rc)
        return rc;
    table->triggers = arena_array(arena, result.row_count + 1, sizeof *table->triggers);
    if (table->triggers == NULL)
        return err_nomem(err);
    for (unsigned i = 0; i < result.row_count; i++) {
        struct sql_trigger *trigger = &table->triggers[table->trigger_count++];
        trigger->name = db_cell(&result, i, 0);
        trigger->body = db_cell(&result, i, 1);
        trigger_times(trigger->body, trigger);
    }
    return 0;
}

/* Counting reads one leaf of an index after the other; a table for which that takes longer than this has no estimate. */
static void read_estimate(struct db *db, struct sql_table *table, struct arena *arena) {
    static const struct db_tx quick = {.statement_timeout_ms = 1000, .lock_timeout_ms = 1000, .read_only = true};
    struct db_result result;
    struct err ignored;
    struct buf sql;
    table->row_estimate = table->byte_estimate = -1;
    if (table->is_view || !sqlite3_get_autocommit(lite_conn(db)))
        return;
    err_clear(&ignored);
    buf_init(&sql);
    buf_add(&sql, "SELECT count(*) FROM ");
    sql_table_name(&sqlite_dialect, &sql, NULL, table->name);
    if (buf_ok(&sql) && db_query(db, &quick, sql.data, NULL, 0, arena, &result, &ignored) == 0)
        table->row_estimate = db_cell_int(&result, 0, 0, -1);
    buf_release(&sql);
}

static int not_found(struct db *db, const char *name, struct arena *arena, struct err *err) {
    struct db_result result;
    int rc = ask(db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND ? IS NOT NULL", name, arena, &result, err);
    if (rc)
        return rc;
    const char **names = arena_array(arena, result.row_count + 1, sizeof *names);
    if (names == NULL)
        return err_nomem(err);
    for (unsigned i = 0; i < result.row_count; i++)
        names[i] = db_cell(&result, i, 0);
    const char *near = text_nearest(name, names, result.row_count);
    return err_set(err, ERR_NOT_FOUND, "there is no table %s%s%s%s", name, near ? "; did you mean " : "", near ? near : "",
                   near ? "?" : "");
}

int lite_describe(struct db *db, const char *schema, const char *name, struct arena *arena, struct sql_table **out,
                  struct err *err) {
    struct db_result found;
    if (schema && !text_equal(schema, "main"))
        return err_set(err, ERR_NOT_FOUND, "SQLite has no schema %s; only main is open", schema);
    int rc =
        ask(db, "SELECT t.type, t.wr FROM pragma_table_list AS t WHERE t.schema = 'main' AND t.name = ?", name, arena, &found, err);
    if (rc)
        return rc;
    if (found.row_count == 0)
        return not_found(db, name, arena, err);
    struct sql_table *table = arena_alloc(arena, sizeof *table);
    if (table == NULL || (table->name = arena_strdup(arena, name)) == NULL)
        return err_nomem(err);
    table->schema = "main";
    table->kind = db_cell(&found, 0, 0);
    table->is_view = !text_equal(table->kind, "table");
    table->is_without_rowid = db_cell_int(&found, 0, 1, 0) != 0;
    rc = read_columns(db, table, arena, err);
    if (rc == 0)
        rc = read_indexes(db, table, arena, err);
    if (rc == 0)
        rc = read_foreign_keys(db, table, arena, err);
    if (rc == 0)
        rc = read_triggers(db, table, arena, err);
    if (rc)
        return rc;
    read_estimate(db, table, arena);
    *out = table;
    return 0;
}

/* The file is the server: its absolute path. A copy elsewhere is another database. */
int lite_identify(struct db *db, struct arena *arena, struct db_identity *identity, struct err *err) {
    const char *file = sqlite3_db_filename(lite_conn(db), "main");
    char *path = file && file[0] ? realpath(file, NULL) : NULL;
    *identity = (struct db_identity){0};
    identity->server = identity->database = arena_strdup(arena, path ? path : ":memory:");
    identity->version = sqlite3_libversion();
    identity->version_number = sqlite3_libversion_number();
    identity->user = identity->search_path = "";
    identity->is_read_only = path && access(path, W_OK) != 0;
    free(path);
    return identity->server ? 0 : err_nomem(err);
}
