/* postgres_explain.c - what the planner makes of a statement, and of which type an expression is. Nothing is executed. */
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "db/postgres.h"

enum { DEPTH_MAX = 100 }; /* of a plan; deeper nodes are not looked at */

/* How the plan reads one table. A full scan anywhere outweighs. */
struct reads {
    const char *name;
    bool by_index;
    bool in_full;
};

static const char *text_of(const json_t *node, const char *key) {
    const char *text = json_string_value(json_object_get(node, key));
    return text != NULL ? text : "";
}

/* An index walked without a condition is read whole, unless a LIMIT ends it. */
static void look_at(const json_t *node, bool limited, struct reads *reads) {
    const char *type = text_of(node, "Node Type");
    bool by_order = strcmp(type, "Index Scan") == 0 || strcmp(type, "Index Only Scan") == 0;
    if (by_order)
        *(limited || json_object_get(node, "Index Cond") != NULL ? &reads->by_index : &reads->in_full) = true;
    else if (strcmp(type, "Bitmap Heap Scan") == 0)
        reads->by_index = true;
    else if (text_starts(type, "Seq Scan") || text_starts(type, "Sample Scan"))
        reads->in_full = true;
}

/* A partition has a name of its own; the alias of the parent with a number behind it, or the parent's name, shows where it belongs. */
static void walk(const json_t *node, bool limited, bool below_append, int depth, struct reads *reads) {
    const char *type = text_of(node, "Node Type");
    const char *relation = text_of(node, "Relation Name");
    if (depth > DEPTH_MAX)
        return;
    if (*relation != '\0' && (strcmp(relation, reads->name) == 0 || below_append))
        look_at(node, limited, reads);
    bool append = below_append || text_starts(type, "Append") || text_starts(type, "Merge Append");
    bool stops_early =
        strcmp(type, "Limit") == 0 || (limited && (text_starts(type, "Append") || text_starts(type, "Merge Append") ||
                                                   strcmp(type, "LockRows") == 0 || strcmp(type, "Result") == 0));
    size_t i;
    json_t *child;
    json_array_foreach (json_object_get(node, "Plans"), i, child)
        walk(child, stops_early, append, depth + 1, reads);
}

static int scan_of(const char *plan, const char *name, const char **scan, struct err *err) {
    struct reads reads = {.name = name};
    json_error_t ignored;
    json_t *root = json_loads(plan, 0, &ignored);
    if (root == NULL)
        return err_set(err, ERR_INTERNAL, "the server's plan is not JSON that infill can read");
    walk(json_object_get(json_array_get(root, 0), "Plan"), false, false, 0, &reads);
    json_decref(root);
    *scan = reads.in_full ? "full scan" : reads.by_index ? "index range" : "";
    return 0;
}

/* The lines of the steps: the first one, and those behind an arrow or that name a plan of its own. Conditions stand on lines of their own. */
static const char *outline_of(const char *text, struct arena *arena) {
    struct buf steps;
    buf_init(&steps);
    for (const char *line = text; line != NULL && *line != '\0';) {
        const char *end = strchr(line, '\n');
        size_t len = end != NULL ? (size_t)(end - line) : strlen(line);
        const char *word = line + strspn(line, " ");
        if (line == text || text_starts(word, "->") || text_starts(word, "SubPlan ") || text_starts(word, "InitPlan "))
            buf_printf(&steps, "%s%.*s", steps.len > 0 ? "\n" : "", (int)len, line);
        line = end != NULL ? end + 1 : NULL;
    }
    const char *outline = buf_ok(&steps) ? arena_strdup(arena, steps.data != NULL ? steps.data : "") : NULL;
    buf_release(&steps);
    return outline;
}

static const char *join_lines(const struct db_result *lines, struct arena *arena) {
    struct buf text;
    buf_init(&text);
    for (unsigned row = 0; row < lines->row_count; row++)
        buf_printf(&text, "%s%s", row > 0 ? "\n" : "", db_cell(lines, row, 0));
    const char *joined = buf_ok(&text) ? arena_strdup(arena, text.data) : NULL;
    buf_release(&text);
    return joined;
}

static int explain_both(struct db *db, const struct db_tx *as, const struct db_query *query, const char *text_sql,
                        const char *json_sql, struct arena *arena, struct db_result results[2], struct err *err) {
    struct db_query queries[2] = {*query, *query};
    queries[0].sql = text_sql;
    queries[1].sql = json_sql;
    queries[0].returns_rows = queries[1].returns_rows = true;
    struct db_tx tx = pg_catalog_tx;
    tx.by_index = as == NULL || as->by_index;
    tx.avoid = as != NULL ? as->avoid : NULL;
    tx.avoid_count = as != NULL ? as->avoid_count : 0;
    return db_flush(db, DB_ONE_TX, &tx, queries, 2, arena, results, err);
}

int pg_explain(struct db *db, const struct db_tx *tx, const struct db_query *query, const char *name, struct arena *arena,
               struct db_plan *plan, struct err *err) {
    struct db_result results[2];
    const char *text_sql = arena_printf(arena, "EXPLAIN (FORMAT TEXT) %s", query->sql);
    const char *json_sql = arena_printf(arena, "EXPLAIN (FORMAT JSON) %s", query->sql);
    if (text_sql == NULL || json_sql == NULL)
        return err_nomem(err);
    int code = explain_both(db, tx, query, text_sql, json_sql, arena, results, err);
    if (code != 0)
        return code;
    plan->text = join_lines(&results[0], arena);
    const char *json = join_lines(&results[1], arena);
    plan->outline = plan->text != NULL ? outline_of(plan->text, arena) : NULL;
    if (plan->outline == NULL || json == NULL)
        return err_nomem(err);
    return scan_of(json, name, &plan->scan, err);
}

/* Types of a statement's columns, as format_type() names them. */
static int name_types(struct db *db, const PGresult *described, size_t count, struct arena *arena, const char **types,
                      struct err *err) {
    for (size_t i = 0; i < count; i++) {
        const char *numbers[] = {arena_printf(arena, "%u", PQftype(described, (int)i)),
                                 arena_printf(arena, "%d", PQfmod(described, (int)i))};
        struct sql_value args[] = {value_text(numbers[0]), value_text(numbers[1])};
        struct db_result result;
        if (numbers[0] == NULL || numbers[1] == NULL)
            return err_nomem(err);
        int code = db_query(db, &pg_catalog_tx, "SELECT pg_catalog.format_type($1::oid, $2::int)", args, 2, arena, &result, err);
        if (code != 0)
            return code;
        types[i] = db_cell(&result, 0, 0);
    }
    return 0;
}

/* Planned but for a row: WHERE false. The answer's own description has the types. */
static int describe_exprs(struct db *db, const struct sql_table *from, const char *const *exprs, size_t count, PGresult **described,
                          struct err *err) {
    struct buf sql;
    buf_init(&sql);
    for (size_t i = 0; i < count; i++)
        buf_printf(&sql, "%s (%s)", i == 0 ? "SELECT" : ",", exprs[i]);
    buf_add(&sql, " FROM ");
    sql_table_name(db_dialect(db), &sql, from->schema, from->name);
    buf_add(&sql, " AS src WHERE false");
    struct db_query query = {.sql = sql.data, .returns_rows = true};
    int code = buf_ok(&sql) ? pg_flush_raw(pg_of(db), &pg_catalog_tx, &query, described, err) : err_nomem(err);
    buf_release(&sql);
    return code;
}

/* Which of the expressions the server refuses: the first that fails alone. */
static int find_refused(struct db *db, const struct sql_table *from, const char *const *exprs, size_t count, struct err *err) {
    for (size_t i = 0; i < count; i++) {
        PGresult *described = NULL;
        struct err refused;
        err_clear(&refused);
        int code = describe_exprs(db, from, &exprs[i], 1, &described, &refused);
        PQclear(described);
        if (code != 0) {
            *err = refused;
            err->statement = (int)i;
            return code;
        }
    }
    return err->code;
}

int pg_expression_types(struct db *db, const struct sql_table *from, const char *const *exprs, size_t count, struct arena *arena,
                        const char **types, struct err *err) {
    PGresult *described = NULL;
    if (count == 0)
        return 0;
    int code = describe_exprs(db, from, exprs, count, &described, err);
    if (code != 0)
        return pg_of(db)->is_dead ? code : find_refused(db, from, exprs, count, err);
    if (PQnfields(described) == (int)count)
        code = name_types(db, described, count, arena, types, err);
    else
        code = err_set(err, ERR_SQL, "%zu expressions give %d columns", count, PQnfields(described));
    PQclear(described);
    return code;
}
