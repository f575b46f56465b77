/* mariadb_catalog.c - describing a table: finding it by its exact name, and its facts. The parts are in mariadb_columns.c and
 * mariadb_constraints.c.
 *
 * Where the server folds the case of table names (lower_case_table_names), a name is found as the server would find it. */
#include "db/mariadb_catalog.h"

#include <string.h>

#include "db/mariadb.h"

enum { PART_COUNT = 4, PART_ARGS = 3 };

/* Schema or NULL twice, name. */
static const char find_sql[] = "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, CREATE_OPTIONS, TABLE_ROWS,"
                               " DATA_LENGTH + INDEX_LENGTH, @@lower_case_table_names FROM information_schema.TABLES"
                               " WHERE TABLE_SCHEMA = IF(? IS NULL, DATABASE(), ?) AND TABLE_NAME = ?";

enum { SCHEMA, NAME, TYPE, ENGINE, OPTIONS, ROWS, BYTES, FOLDS };

/* Schema or NULL twice. */
static const char names_sql[] = "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES"
                                " WHERE TABLE_SCHEMA = IF(? IS NULL, DATABASE(), ?) ORDER BY TABLE_NAME LIMIT 10000";

static const struct mdb_part *const parts[PART_COUNT] = {&mdb_part_columns, &mdb_part_indexes, &mdb_part_foreign_keys,
                                                         &mdb_part_triggers};

static const char *kind_of(const char *type, bool is_partitioned) {
    static const struct {
        const char *type;
        const char *kind;
    } kinds[] = {{"VIEW", "view"},
                 {"SYSTEM VIEW", "view"},
                 {"SYSTEM VERSIONED", "system-versioned table"},
                 {"SEQUENCE", "sequence"},
                 {"TEMPORARY", "temporary table"}};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].type, type) == 0)
            return kinds[i].kind;
    return is_partitioned ? "partitioned table" : "table";
}

static void read_table(const struct db_result *found, unsigned row, struct sql_table *table) {
    const char *options = db_cell(found, row, OPTIONS), *type = db_cell(found, row, TYPE);
    table->schema = db_cell(found, row, SCHEMA);
    table->name = db_cell(found, row, NAME);
    table->is_partitioned = options != NULL && strstr(options, "partitioned") != NULL;
    table->kind = kind_of(type, table->is_partitioned);
    table->is_view = strcmp(table->kind, "view") == 0 || strcmp(table->kind, "sequence") == 0;
    table->engine = db_cell(found, row, ENGINE);
    table->row_estimate = db_cell_int(found, row, ROWS, -1);
    table->byte_estimate = db_cell_int(found, row, BYTES, -1);
}

static bool pick(const struct db_result *found, const char *name, unsigned *row) {
    for (*row = 0; *row < found->row_count; ++*row)
        if (strcmp(db_cell(found, *row, NAME), name) == 0)
            return true;
    *row = 0;
    return found->row_count > 0 && db_cell_int(found, 0, FOLDS, 0) != 0;
}

/* One transaction for all parts. */
static int read_parts(struct db *db, struct arena *arena, struct sql_table *table, struct err *err) {
    struct sql_value args[PART_ARGS] = {value_text(table->schema), value_text(table->name), value_text(table->name)};
    struct db_query queries[PART_COUNT];
    struct db_result results[PART_COUNT];
    for (size_t i = 0; i < PART_COUNT; i++) {
        bool for_mysql = !mdb_of(db)->is_mariadb && parts[i]->mysql_sql != NULL;
        queries[i] = (struct db_query){.args = args, .arg_count = PART_ARGS, .returns_rows = true};
        queries[i].sql = for_mysql ? parts[i]->mysql_sql : parts[i]->sql;
    }
    int code = db_flush(db, DB_ONE_TX, &mdb_catalog_tx, queries, PART_COUNT, arena, results, err);
    for (size_t i = 0; i < PART_COUNT && code == 0; i++)
        code = parts[i]->read(&results[i], arena, table, err);
    return code;
}

static const char *nearest(const struct db_result *names, const char *name, struct arena *arena) {
    const char **words = arena_array(arena, names->row_count + 1, sizeof(*words));
    if (words == NULL)
        return NULL;
    for (unsigned row = 0; row < names->row_count; row++)
        words[row] = db_cell(names, row, 1);
    return text_nearest(name, words, names->row_count);
}

static int not_found(struct db *db, const char *schema, const char *name, struct arena *arena, struct err *err) {
    struct sql_value args[] = {value_text(schema), value_text(schema)};
    struct db_result names;
    int code = db_query(db, &mdb_catalog_tx, names_sql, args, 2, arena, &names, err);
    if (code != 0)
        return code;
    code =
        err_set(err, ERR_NOT_FOUND, "there is no table `%s%s%s`", schema != NULL ? schema : "", schema != NULL ? "`.`" : "", name);
    const char *near = nearest(&names, name, arena);
    if (near != NULL)
        err_next(err, "The nearest is `%s`.`%s`. Names are written as the catalog has them.", db_cell(&names, 0, 0), near);
    return code;
}

int mdb_describe(struct db *db, const char *schema, const char *name, struct arena *arena, struct sql_table **table,
                 struct err *err) {
    struct sql_value args[] = {value_text(schema), value_text(schema), value_text(name)};
    struct db_result found;
    unsigned row = 0;
    int code = db_query(db, &mdb_catalog_tx, find_sql, args, 3, arena, &found, err);
    if (code != 0)
        return code;
    if (!pick(&found, name, &row))
        return not_found(db, schema, name, arena, err);
    struct sql_table *described = arena_alloc(arena, sizeof(*described));
    if (described == NULL)
        return err_nomem(err);
    read_table(&found, row, described);
    code = read_parts(db, arena, described, err);
    if (code == 0)
        *table = described;
    return code;
}
