/* dry_run_fill.c - one fill of a dry run: exact statements, how the server would read for them, where it begins and ends. */
#include <inttypes.h>

#include "base/text.h"
#include "preflight/dry_run.h"

enum { ARGS = FILL_N + 1 };

/* The texts of two keys and a number, laid out as the fill's statements take them. */
static int bind(struct dry_run *dry, struct job *job, const char *lo, const char *hi, int64_t n, struct sql_value values[ARGS],
                struct err *err) {
    bool tagged = dry->db->engine->tags_keys;
    int rc = lo ? key_decode(lo, job->map.key_count, tagged, dry->arena, values + FILL_LO, err) : 0;
    if (rc == 0 && hi)
        rc = key_decode(hi, job->map.key_count, tagged, dry->arena, values + FILL_HI, err);
    values[FILL_N] = value_text(arena_printf(dry->arena, "%" PRId64, n));
    return rc;
}

static int query_key(struct dry_run *dry, struct job *job, const struct stmt *stmt, const struct sql_value *values,
                     const char **key, struct err *err) {
    struct sql_value bound[STMT_ARGS_MAX];
    struct db_result result;
    *key = NULL;
    stmt_bind(stmt, values, bound);
    int rc = db_query(dry->db, &dry->tx, stmt->text.data, bound, stmt->arg_count, dry->arena, &result, err);
    if (rc || result.row_count == 0)
        return rc;
    struct buf text;
    buf_init(&text);
    rc = key_encode(result.values, job->map.key_count, dry->db->engine->tags_keys, &text, err);
    if (rc == 0 && (*key = arena_strdup(dry->arena, text.data)) == NULL)
        rc = err_nomem(err);
    buf_release(&text);
    return rc;
}

/* What the server thinks of a statement; a full scan of the source in a statement that walks the key is a warning. */
static int explain(struct dry_run *dry, struct job *job, const char *name, const struct stmt *stmt, const struct sql_value *values,
                   bool walks, json_t *list, struct err *err) {
    if (stmt->text.len == 0)
        return 0;
    struct sql_value bound[STMT_ARGS_MAX];
    struct db_plan plan = {.scan = ""};
    stmt_bind(stmt, values, bound);
    struct db_query query = {stmt->text.data, bound, stmt->arg_count, false};
    int rc = dry->db->engine->explain(dry->db, NULL, &query, job->source->name, dry->arena, &plan, err);
    if (rc == ERR_DENIED || rc == ERR_SQL || rc == ERR_ROW || rc == ERR_READ_ONLY) {
        problem_add(&dry->jobs->problems, job->name, "explain", rc == ERR_DENIED ? PROBLEM_FAIL : PROBLEM_WARN,
                    rc == ERR_DENIED ? "infill install PLAN --print-sql prints the grants" : "", "%s: %s", name, err->message);
        err_clear(err);
    } else if (rc) {
        return rc;
    }
    if (walks && text_equal(plan.scan, "full scan") && job->source->row_estimate > dry->plan->set.batch_rows * 4)
        problem_add(&dry->jobs->problems, job->name, "plan", PROBLEM_WARN, "ANALYZE the table; look at the plan of the statement",
                    "the server would read all of %s for %s", job->source->name, name);
    json_array_append_new(
        list, json_pack("{s:s, s:s, s:s?, s:s}", "name", name, "sql", stmt->text.data, "explain", plan.text, "scan", plan.scan));
    return 0;
}

struct listed {
    const char *name;
    const struct stmt *stmt;
};

static int statements_json(struct dry_run *dry, struct job *job, const char *first_hi, const char *last_key, json_t *list,
                           struct err *err) {
    /* The statements as they are in mid-run where there is more than one batch. */
    int form = first_hi != NULL;
    const struct fill_sql *sql = &job->sql;
    struct listed into[] = {{"bound", &sql->bound[form]},
                            {"insert", job->map.on_conflict == FILL_OVERWRITE ? &sql->overwrite[form] : &sql->insert[form]},
                            {"insert missing", &sql->insert_missing[form]},
                            {"compare", &sql->compare[form]}};
    struct listed in_place[] = {{"bound", &sql->bound[form]}, {"update", &sql->update[form]}};
    const struct listed *statements = job->map.in_place ? in_place : into;
    size_t count = job->map.in_place ? sizeof in_place / sizeof in_place[0] : sizeof into / sizeof into[0];
    struct sql_value values[ARGS] = {{0}};
    int rc = last_key ? bind(dry, job, first_hi, last_key, dry->plan->set.batch_rows - 1, values, err) : 0;
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = explain(dry, job, statements[i].name, statements[i].stmt, values, true, list, err);
    return rc;
}

static json_t *names_json(const struct sql_column *const *columns, size_t count) {
    json_t *names = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(names, json_string(columns[i]->name));
    return names;
}

static json_t *needs_json(const struct jobs *jobs, const struct job *job) {
    json_t *needs = json_array();
    for (size_t i = 0; i < job->need_count; i++)
        json_array_append_new(needs, json_string(jobs->jobs[job->needs[i]].name));
    return needs;
}

static json_t *estimate(int64_t rows, int64_t per) {
    return rows < 0 || per <= 0 ? json_null() : json_integer((rows + per - 1) / per);
}

static json_t *fill_json(struct dry_run *dry, struct job *job, const char *first_hi, const char *last_key, json_t *statements) {
    const struct plan_settings *set = &dry->plan->set;
    int64_t rows = job->source ? job->source->row_estimate : -1;
    json_t *first = last_key ? json_pack("{s:n, s:s}", "lo", "hi", first_hi ? first_hi : last_key) : json_null();
    return json_pack("{s:s, s:s, s:s?, s:s?, s:o, s:o, s:s?, s:o, s:o, s:o, s:o, s:o, s:o, s:s?, s:o}", "fill", job->name, "kind",
                     job->plan->in_place ? "set" : "into", "source", job->source_name, "target", job->target_name, "key",
                     names_json(job->map.key, job->map.key_count), "match", names_json(job->map.match, job->map.match_count),
                     "index", job->map.key_index, "needs", needs_json(dry->jobs, job), "rows_estimate",
                     rows < 0 ? json_null() : json_integer(rows), "ranges_estimate",
                     estimate(rows, set->range_every_us > 0 ? 0 : set->range_rows), "batches_estimate",
                     estimate(rows, set->batch_rows), "seconds_estimate", estimate(rows, set->pace_rows_per_second), "first_batch",
                     first, "last_key", last_key, "statements", statements);
}

/* Where the walk begins and ends. An empty source has neither. */
static int find_ends(struct dry_run *dry, struct job *job, const char **first_hi, const char **last_key, struct err *err) {
    struct sql_value values[ARGS] = {{0}};
    int rc = query_key(dry, job, &job->sql.high_water, values, last_key, err);
    if (rc || *last_key == NULL)
        return rc;
    rc = bind(dry, job, NULL, *last_key, dry->plan->set.batch_rows - 1, values, err);
    return rc ? rc : query_key(dry, job, &job->sql.bound[0], values, first_hi, err);
}

int dry_run_fill(struct dry_run *dry, struct job *job, json_t **out, struct err *err) {
    const char *first_hi = NULL, *last_key = NULL;
    json_t *statements = json_array();
    int rc = job->has_sql ? find_ends(dry, job, &first_hi, &last_key, err) : 0;
    if (rc == ERR_SLOW) {
        problem_add(&dry->jobs->problems, job->name, "key", PROBLEM_WARN, "", "finding the first batch ran into the time limit");
        err_clear(err);
        rc = 0;
    }
    if (rc == 0 && job->has_sql)
        rc = statements_json(dry, job, first_hi, last_key, statements, err);
    if (rc == 0 && job->has_sql)
        rc = dry_run_data(dry, job, first_hi, last_key, err);
    if (rc) {
        json_decref(statements);
        return rc;
    }
    *out = fill_json(dry, job, first_hi, last_key, statements);
    return *out ? 0 : err_nomem(err);
}
