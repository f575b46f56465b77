/* postgres_catalog.c - describing a table: finding it by its exact name, and its facts. The parts are in postgres_columns.c and
 * postgres_constraints.c.
 *
 * The name is looked up once; after that the table is its oid. Everything is read from pg_catalog by qualified names. */
#include "db/postgres_catalog.h"

#include <string.h>

#include "base/text.h"
#include "db/postgres.h"

enum { PART_COUNT = 4, NAMES_MAX = 10000 /* of tables searched for the nearest name */ };

/* $1 schema or NULL, $2 name. Only what can hold rows; indexes and sequences share the name space but are not meant. */
static const char find_sql[] =
    "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence = 't', c.relispartition,"
    " EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type IN ('2', '3', '4') AND r.ev_enabled <> "
    "'D'),"
    " c.relrowsecurity AND pg_catalog.row_security_active(c.oid),"
    " EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid),"
    " (SELECT pg_catalog.string_agg(p.pubname::text, ', ' ORDER BY p.pubname) FROM pg_catalog.pg_publication_tables p"
    "  WHERE p.schemaname = n.nspname AND p.tablename = c.relname)"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relname = $2::text AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
    " AND CASE WHEN $1::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $1::text END";

/* Rows and bytes by the statistics, which takes no lock: of the table or of all its partitions, with indexes and TOAST. */
static const char size_sql[] =
    "WITH RECURSIVE part(oid) AS (SELECT $1::oid UNION SELECT i.inhrelid FROM part JOIN pg_catalog.pg_inherits i ON i.inhparent = "
    "part.oid),"
    " heap AS (SELECT c.* FROM part JOIN pg_catalog.pg_class c USING (oid) WHERE c.relkind IN ('r', 'm', 'f')),"
    " pages AS (SELECT relpages FROM heap"
    "  UNION ALL SELECT t.relpages FROM heap JOIN pg_catalog.pg_class t ON t.oid = heap.reltoastrelid"
    "  UNION ALL SELECT x.relpages FROM heap JOIN pg_catalog.pg_index i ON i.indrelid IN (heap.oid, heap.reltoastrelid)"
    "   JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid)"
    " SELECT CASE WHEN pg_catalog.bool_and(reltuples < 0) IS NOT FALSE THEN -1"
    "   ELSE pg_catalog.sum(CASE WHEN reltuples > 0 THEN reltuples ELSE 0 END)::bigint END,"
    " CASE WHEN pg_catalog.bool_and(reltuples < 0) IS NOT FALSE THEN -1"
    "   ELSE (SELECT pg_catalog.sum(relpages::bigint) FROM pages) * pg_catalog.current_setting('block_size')::bigint END FROM heap";

/* $1 schema or NULL. */
static const char names_sql[] =
    "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
    " ORDER BY n.nspname IS DISTINCT FROM $1::text, n.nspname, c.relname LIMIT 10000";

static const struct pg_part *const parts[PART_COUNT] = {&pg_part_columns, &pg_part_indexes, &pg_part_foreign_keys,
                                                        &pg_part_triggers};

static const char *kind_of(const struct db_result *found) {
    static const struct {
        char relkind;
        const char *name;
    } kinds[] = {{'r', "table"}, {'p', "partitioned table"}, {'v', "view"}, {'m', "materialized view"}, {'f', "foreign table"}};
    char relkind = db_cell(found, 0, 3)[0];
    if (relkind == 'r' && pg_true(found, 0, 4))
        return "temporary table";
    if (relkind == 'r' && pg_true(found, 0, 8))
        return "table with inheriting tables"; /* their rows show up in it, and its key does not hold for them */
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].relkind == relkind)
            return kinds[i].name;
    return "unknown";
}

static void read_table(const struct db_result *found, struct sql_table *table) {
    char relkind = db_cell(found, 0, 3)[0];
    table->schema = db_cell(found, 0, 1);
    table->name = db_cell(found, 0, 2);
    table->kind = kind_of(found);
    table->is_partitioned = relkind == 'p';
    table->is_view = relkind == 'v' || relkind == 'm' || relkind == 'f';
    table->has_rules = pg_true(found, 0, 6);
    table->has_row_security = pg_true(found, 0, 7);
    table->publications = db_cell(found, 0, 9);
    table->has_children = relkind == 'r' && pg_true(found, 0, 8);
}

/* One transaction for all parts, so that they speak of the same table. */
static int read_parts(struct db *db, const char *oid, struct arena *arena, struct sql_table *table, struct err *err) {
    struct sql_value arg = value_text(oid);
    struct db_query queries[PART_COUNT + 1] = {{.sql = size_sql, .args = &arg, .arg_count = 1, .returns_rows = true}};
    struct db_result results[PART_COUNT + 1];
    for (size_t i = 0; i < PART_COUNT; i++)
        queries[i + 1] = (struct db_query){.sql = parts[i]->sql, .args = &arg, .arg_count = 1, .returns_rows = true};
    int code = db_flush(db, DB_ONE_TX, &pg_catalog_tx, queries, PART_COUNT + 1, arena, results, err);
    if (code != 0)
        return code;
    table->row_estimate = db_cell_int(&results[0], 0, 0, -1);
    table->byte_estimate = db_cell_int(&results[0], 0, 1, -1);
    for (size_t i = 0; i < PART_COUNT && code == 0; i++)
        code = parts[i]->read(&results[i + 1], arena, table, err);
    return code;
}

/* The name that was probably meant: the same name in another schema, else the nearest one. */
static const char *nearest(const struct db_result *names, const char *name, struct arena *arena, unsigned *row) {
    const char **words = arena_array(arena, names->row_count + 1, sizeof(*words));
    if (words == NULL)
        return NULL;
    for (unsigned i = 0; i < names->row_count; i++)
        words[i] = db_cell(names, i, 1);
    const char *found = text_nearest(name, words, names->row_count);
    for (unsigned i = 0; i < names->row_count && found != NULL; i++)
        if (words[i] == found || strcmp(words[i], name) == 0)
            return *row = i, words[i];
    return NULL;
}

static int not_found(struct db *db, const char *schema, const char *name, struct arena *arena, struct err *err) {
    struct sql_value arg = value_text(schema);
    struct db_result names;
    unsigned row = 0;
    int code = db_query(db, &pg_catalog_tx, names_sql, &arg, 1, arena, &names, err);
    if (code != 0)
        return code;
    code = err_set(err, ERR_NOT_FOUND, "there is no table \"%s%s%s\"", schema != NULL ? schema : "", schema != NULL ? "\".\"" : "",
                   name);
    if (nearest(&names, name, arena, &row) != NULL)
        err_next(err, "The nearest is \"%s\".\"%s\". Names are written as the catalog has them.", db_cell(&names, row, 0),
                 db_cell(&names, row, 1));
    return code;
}

int pg_describe(struct db *db, const char *schema, const char *name, struct arena *arena, struct sql_table **table,
                struct err *err) {
    struct sql_value args[] = {value_text(schema), value_text(name)};
    struct db_result found;
    int code = db_query(db, &pg_catalog_tx, find_sql, args, 2, arena, &found, err);
    if (code != 0)
        return code;
    if (found.row_count == 0)
        return not_found(db, schema, name, arena, err);
    struct sql_table *described = arena_alloc(arena, sizeof(*described));
    if (described == NULL)
        return err_nomem(err);
    read_table(&found, described);
    code = read_parts(db, db_cell(&found, 0, 0), arena, described, err);
    if (code == 0)
        *table = described;
    return code;
}
