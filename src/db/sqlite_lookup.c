/* sqlite_lookup.c - smaller questions: does an expression compile, how would a statement be read. */
#include "base/buf.h"
#include "base/text.h"
#include "db/sqlite.h"

static const struct db_tx lookup_tx = {.statement_timeout_ms = 10000, .lock_timeout_ms = 5000, .read_only = true};

/* Compiled, never run. SQLite's expressions have no type of their own. */
int lite_expression_types(struct db *db, const struct sql_table *from, const char *const *exprs, size_t count, struct arena *arena,
                          const char **types, struct err *err) {
    struct buf sql;
    buf_init(&sql);
    buf_add(&sql, "SELECT ");
    for (size_t i = 0; i < count; i++) {
        buf_printf(&sql, "%s(\n%s\n)", i ? ", " : "", exprs[i]);
        types[i] = "";
    }
    buf_add(&sql, " FROM ");
    sql_table_name(&sqlite_dialect, &sql, from->schema, from->name);
    buf_add(&sql, " AS src LIMIT 0");
    int rc = buf_ok(&sql) ? db_query(db, &lookup_tx, sql.data, NULL, 0, arena, NULL, err) : err_nomem(err);
    buf_release(&sql);
    return rc;
}

/* Functions that applications register are not there in this process: what is there, the dialect knows. */
int lite_volatile_function(struct db *db, const char *const *names, size_t count, const char **found, struct err *err) {
    (void)db, (void)names, (void)count, (void)err;
    *found = NULL;
    return 0;
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

int lite_explain(struct db *db, const struct db_query *query, const char *name, struct arena *arena, const char **text,
                 const char **scan, struct err *err) {
    struct buf sql, lines;
    struct db_result plan = {0};
    buf_init(&sql);
    buf_init(&lines);
    buf_printf(&sql, "EXPLAIN QUERY PLAN %s", query->sql);
    struct db_query explain = {sql.data, query->args, query->arg_count, true};
    int rc = buf_ok(&sql) ? db_flush(db, DB_ONE_TX, &lookup_tx, &explain, 1, arena, &plan, err) : err_nomem(err);
    *scan = "";
    for (unsigned i = 0; i < plan.row_count && rc == 0; i++) {
        const char *detail = db_cell(&plan, i, 3);
        buf_printf(&lines, "%s%s", i ? "\n" : "", detail);
        if ((*scan)[0] == '\0')
            *scan = scan_of(detail, name);
    }
    if (rc == 0)
        *text = buf_ok(&lines) ? arena_strdup(arena, lines.data) : NULL;
    buf_release(&sql);
    buf_release(&lines);
    return rc ? rc : *text ? 0 : err_nomem(err);
}

/* Rowids number themselves beyond the largest one there is. */
int lite_sequence_next(struct db *db, const struct sql_table *table, const struct sql_column *column, struct arena *arena,
                       const char **next, struct err *err) {
    (void)db, (void)table, (void)column, (void)arena, (void)err;
    *next = NULL;
    return 0;
}
