/* sqlite_lookup.c - smaller questions: does an expression compile, how would a statement be read. */
#include "base/buf.h"
#include "base/text.h"
#include "db/sqlite.h"

static const struct db_tx lookup_tx = {.statement_timeout_ms = 10000, .lock_timeout_ms = 5000, .read_only = true};

/* One statement each, so that the error tells which. SQLite's expressions have no type of their own. */
static int add_expression(const struct sql_table *from, const char *expr, struct arena *arena, struct db_query *query) {
    struct buf sql;
    buf_init(&sql);
    buf_printf(&sql, "SELECT (\n%s\n) FROM ", expr);
    sql_table_name(&sqlite_dialect, &sql, from->schema, from->name);
    buf_add(&sql, " AS src LIMIT 0");
    *query = (struct db_query){.sql = buf_ok(&sql) ? arena_strdup(arena, sql.data) : NULL};
    buf_release(&sql);
    return query->sql ? 0 : ERR_NOMEM;
}

int lite_expression_types(struct db *db, const struct sql_table *from, const char *const *exprs, size_t count, struct arena *arena,
                          const char **types, struct err *err) {
    struct db_query *queries = arena_array(arena, count, sizeof *queries);
    if (queries == NULL && count > 0)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        types[i] = "";
        if (add_expression(from, exprs[i], arena, &queries[i]) != 0)
            return err_nomem(err);
    }
    return db_flush(db, DB_ONE_TX, &lookup_tx, queries, count, NULL, NULL, err);
}

/* The functions of SQLite itself: those of an application are not there in this process. SQLITE_DETERMINISTIC also marks what reads the
 * clock only when asked to; the dialect knows those. Aggregates are left out: none has the mark. */
static int is_volatile(struct db *db, const char *name, struct arena *arena, bool *yes, struct err *err) {
    struct sql_value args[] = {value_text(name), {"2048", 4, VALUE_INTEGER}};
    struct db_result result = {0};
    int rc = db_query(db, &lookup_tx, "SELECT 1 FROM pragma_function_list WHERE name = ? AND type = 's' AND flags & ? = 0 LIMIT 1",
                      args, 2, arena, &result, err);
    *yes = rc == 0 && result.row_count > 0;
    return rc;
}

int lite_volatile_function(struct db *db, const char *const *names, size_t count, const char **found, struct err *err) {
    struct arena arena;
    int rc = 0;
    *found = NULL;
    arena_init(&arena);
    for (size_t i = 0; i < count && rc == 0 && *found == NULL; i++) {
        bool yes = false;
        rc = is_volatile(db, names[i], &arena, &yes, err);
        *found = yes ? names[i] : NULL;
    }
    arena_release(&arena);
    return rc;
}

/* There is one writer: when a transaction of ours begins to write, every older one has ended. */
int lite_wait_for_older(struct db *db, int64_t wait_us, const _Atomic bool *stop, bool *waited, struct err *err) {
    (void)db, (void)wait_us, (void)stop, (void)err;
    *waited = true;
    return 0;
}

static const char *scan_of(const char *detail, const char *name) {
    bool names = strstr(detail, name) || strstr(detail, " src");
    if (!names)
        return "";
    if (text_starts(detail, "SEARCH"))
        return "index range";
    return text_starts(detail, "SCAN") ? "full scan" : "";
}

/* The lines name tables and indexes, and a ? where a value is: they are their own outline. */
int lite_explain(struct db *db, const struct db_tx *tx, const struct db_query *query, const char *name, struct arena *arena,
                 struct db_plan *plan, struct err *err) {
    struct buf sql, lines;
    struct db_result answers[2] = {{0}}, *answer = &answers[1];
    (void)tx;
    buf_init(&sql);
    buf_init(&lines);
    buf_printf(&sql, "EXPLAIN QUERY PLAN %s", query->sql);
    /* Only a statement that reads finds out that somebody else has changed the schema. */
    const struct db_query queries[2] = {{"SELECT 1 FROM sqlite_schema LIMIT 1", NULL, 0, true},
                                        {sql.data, query->args, query->arg_count, true}};
    int rc = buf_ok(&sql) ? db_flush(db, DB_ONE_TX, &lookup_tx, queries, 2, arena, answers, err) : err_nomem(err);
    plan->scan = "";
    plan->text = NULL;
    for (unsigned i = 0; i < answer->row_count && rc == 0; i++) {
        const char *detail = db_cell(answer, i, 3);
        buf_printf(&lines, "%s%s", i ? "\n" : "", detail);
        if (plan->scan[0] == '\0')
            plan->scan = scan_of(detail, name);
    }
    if (rc == 0)
        plan->text = plan->outline = buf_ok(&lines) ? arena_strdup(arena, lines.data) : NULL;
    buf_release(&sql);
    buf_release(&lines);
    return rc ? rc : plan->text ? 0 : err_nomem(err);
}

/* Rowids number themselves beyond the largest one there is; with AUTOINCREMENT also beyond the largest one there ever was. */
int lite_sequence_next(struct db *db, const struct sql_table *table, const struct sql_column *column, struct arena *arena,
                       const char **next, struct err *err) {
    struct sql_value name = value_text(table->name);
    struct db_result result = {0};
    *next = NULL;
    if (!column->has_sequence)
        return 0;
    int rc = db_query(db, &lookup_tx, "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = ?", &name, 1, arena,
                      &result, err);
    if (rc == 0)
        *next = db_cell(&result, 0, 0);
    return rc;
}
