/* dry_run_data.c - warnings that need a look at the data. Each look is one bounded read; one that takes too long says so instead. */
#include <inttypes.h>

#include "base/text.h"
#include "preflight/dry_run.h"

enum { LOOK_MS = 5000 };

/* The first numbers of a statement's row; *known is false when it took too long. */
static int look(struct dry_run *dry, const struct stmt *stmt, int64_t *numbers, unsigned count, bool *known, struct err *err) {
    struct sql_value bound[STMT_ARGS_MAX];
    struct db_result result;
    struct db_tx tx = dry->tx;
    tx.statement_timeout_ms = LOOK_MS;
    int rc = stmt_check(stmt, err);
    if (rc)
        return rc;
    stmt_bind(stmt, NULL, bound);
    rc = db_query(dry->db, &tx, stmt->text.data, bound, stmt->arg_count, dry->arena, &result, err);
    *known = rc == 0;
    if (rc == ERR_SLOW || rc == ERR_ROW || rc == ERR_LOCKED) {
        err_clear(err);
        return 0;
    }
    for (unsigned i = 0; i < count && rc == 0; i++)
        numbers[i] = db_cell_int(&result, 0, i, 0);
    return rc;
}

struct sample {
    int64_t rows, out; /* looked at, and left out by where: */
    bool known;
};

static int take_sample(struct dry_run *dry, struct job *job, bool last, struct sample *sample, struct err *err) {
    struct stmt stmt;
    int64_t numbers[2] = {0};
    stmt_init(&stmt, job->map.dialect);
    fill_sql_sample(&job->map, last, dry->plan->set.batch_rows, &stmt);
    int rc = look(dry, &stmt, numbers, 2, &sample->known, err);
    stmt_release(&stmt);
    if (rc == ERR_SQL || rc == ERR_DENIED) { /* EXPLAIN has said so */
        err_clear(err);
        rc = 0;
    }
    sample->rows = numbers[0];
    sample->out = numbers[0] - numbers[1];
    return rc;
}

/* How many rows of the first batch, and of the last one, where: leaves behind: old rows and new ones are what differs most. A source that
 * is no longer than a batch is all looked at. */
static int look_at_where(struct dry_run *dry, struct job *job, const char *first_hi, const char *last_key, struct err *err) {
    struct sample first = {0}, last = {0};
    if (job->map.where == NULL || last_key == NULL)
        return 0;
    int rc = take_sample(dry, job, false, &first, err);
    bool all = first.known && (first.rows < dry->plan->set.batch_rows || text_equal(first_hi, last_key));
    if (rc == 0 && !all)
        rc = take_sample(dry, job, true, &last, err);
    if (rc || first.out + last.out == 0)
        return rc;
    char behind[64] = "";
    if (last.known)
        snprintf(behind, sizeof behind, "%s%" PRId64 " of the last %" PRId64 "%s", first.known ? " and " : "", last.out, last.rows,
                 first.known ? "" : " rows");
    char front[64] = "";
    if (first.known)
        snprintf(front, sizeof front, "%" PRId64 " of %s %" PRId64 " rows", first.out, all ? "all" : "the first", first.rows);
    problem_add(&dry->jobs->problems, job->name, "where", PROBLEM_WARN,
                "rows left behind belong to nobody; make sure that is meant", "where: leaves out %s%s", front, behind);
    return 0;
}

static const char *expr_of(const struct job *job, const char *column) {
    for (size_t i = 0; i < job->map.value_count; i++)
        if (text_equal(job->map.values[i].column->name, column))
            return job->map.values[i].expr;
    return NULL;
}

static void add_source(struct stmt *stmt, const struct job *job) {
    stmt_add(stmt, " FROM ");
    stmt_table(stmt, job->source->schema, job->source->name);
    stmt_add(stmt, " AS src");
    if (job->map.where)
        stmt_printf(stmt, " WHERE (\n%s\n)", job->map.where);
}

/* Rows of the source that would collide in a unique index of the target. NULLs never collide. */
static void collision_sql(struct stmt *stmt, const struct job *job, const struct sql_index *index) {
    stmt_add(stmt, "SELECT count(*) FROM (SELECT 1 AS one");
    add_source(stmt, job);
    for (size_t i = 0; i < index->column_count; i++)
        stmt_printf(stmt, "%s(\n%s\n) IS NOT NULL", i || job->map.where ? " AND " : " WHERE ", expr_of(job, index->columns[i]));
    stmt_add(stmt, " GROUP BY ");
    for (size_t i = 0; i < index->column_count; i++)
        stmt_printf(stmt, "%s(\n%s\n)", i ? ", " : "", expr_of(job, index->columns[i]));
    stmt_add(stmt, " HAVING count(*) > 1) AS doubled");
}

static bool is_match(const struct job *job, const struct sql_index *index) {
    for (size_t i = 0; i < index->column_count; i++) {
        bool found = false;
        for (size_t m = 0; m < job->map.match_count; m++)
            found = found || text_equal(job->map.match[m]->name, index->columns[i]);
        if (!found)
            return false;
    }
    return true;
}

static bool is_filled_unique(const struct job *job, const struct sql_index *index) {
    if (!index->is_unique || index->is_expression || index->is_partial || is_match(job, index))
        return false;
    for (size_t i = 0; i < index->column_count; i++)
        if (expr_of(job, index->columns[i]) == NULL)
            return false;
    return true;
}

static int look_for_collisions(struct dry_run *dry, struct job *job, const struct sql_index *index, struct err *err) {
    struct stmt stmt;
    int64_t doubled = 0;
    bool known = false;
    stmt_init(&stmt, job->map.dialect);
    collision_sql(&stmt, job, index);
    int rc = look(dry, &stmt, &doubled, 1, &known, err);
    stmt_release(&stmt);
    if (rc)
        return rc;
    if (!known)
        problem_add(&dry->jobs->problems, job->name, "unique", PROBLEM_WARN, "",
                    "unique index %s of %s: too many rows to look for collisions in %d s", index->name, job->target->name,
                    LOOK_MS / 1000);
    else if (doubled > 0)
        problem_add(&dry->jobs->problems, job->name, "unique", PROBLEM_WARN, "all but the first row of each become rejects",
                    "%" PRId64 " values occur more than once where unique index %s of %s allows one", doubled, index->name,
                    job->target->name);
    return 0;
}

/* A generator that stands behind the keys the fill brings along gives the application a key that is taken. */
static int look_at_sequence(struct dry_run *dry, struct job *job, const struct fill_value *value, struct err *err) {
    const char *next = NULL;
    if (!value->column->has_sequence || !job->map.dialect->sequences_stay_behind)
        return 0;
    int rc = dry->db->engine->sequence_next(dry->db, job->target, value->column, dry->arena, &next, err);
    if (rc || next == NULL)
        return rc;
    struct stmt stmt;
    int64_t largest = 0, next_value = 0;
    bool known = false;
    stmt_init(&stmt, job->map.dialect);
    stmt_printf(&stmt, "SELECT max(%s)", value->expr);
    add_source(&stmt, job);
    rc = look(dry, &stmt, &largest, 1, &known, err);
    stmt_release(&stmt);
    if (rc == 0 && known && text_to_int64(next, &next_value) && next_value <= largest)
        problem_add(&dry->jobs->problems, job->name, "sequence", PROBLEM_WARN,
                    "advance it beyond the largest key before the application inserts",
                    "the sequence of %s.%s stands at %s, the largest key is %" PRId64, job->target->name, value->column->name, next,
                    largest);
    return rc;
}

int dry_run_data(struct dry_run *dry, struct job *job, const char *first_hi, const char *last_key, struct err *err) {
    int rc = look_at_where(dry, job, first_hi, last_key, err);
    if (job->map.in_place || last_key == NULL)
        return rc;
    for (size_t i = 0; i < job->target->index_count && rc == 0 && !dry->quick; i++)
        if (is_filled_unique(job, &job->target->indexes[i]))
            rc = look_for_collisions(dry, job, &job->target->indexes[i], err);
    for (size_t i = 0; i < job->map.value_count && rc == 0; i++)
        rc = look_at_sequence(dry, job, &job->map.values[i], err);
    return rc;
}
