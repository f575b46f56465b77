/* resolve_checks.c - what checks: asks for, against the live schema. What the plan alone can know it has said already. */
#include "base/text.h"
#include "preflight/resolve.h"

static bool is_filled(const struct job *job, const struct sql_column *column) {
    for (size_t i = 0; i < job->map.value_count; i++)
        if (job->map.values[i].column == column)
            return true;
    return false;
}

static bool is_compared(const struct job *job, const struct sql_column *column) {
    if (is_filled(job, column))
        return true;
    for (size_t i = 0; job->map.in_place && i < job->map.key_count; i++)
        if (job->map.key[i] == column)
            return true;
    return false;
}

static void check_names(struct jobs *jobs, struct job *job, const struct plan_names *names) {
    for (size_t i = 0; i < names->count; i++) {
        const struct sql_column *column = sql_table_column(job->target, names->names[i]);
        if (column == NULL)
            resolve_no_column(jobs, job, job->target, names->names[i], "checked column");
        else if (!is_compared(job, column))
            problem_add(&jobs->problems, job->name, "checks", PROBLEM_FAIL,
                        "checks see the columns that the fill fills, and its key",
                        "checks: %s is a column that this fill does not fill", column->name);
    }
}

static bool names_rows(const struct job *job, const struct sql_column *column) {
    for (size_t i = 0; !job->map.in_place && i < job->map.match_count; i++)
        if (job->map.match[i] == column)
            return true;
    return false;
}

/* Rows of both sides are matched by bytes. */
static void check_semantic(struct jobs *jobs, struct job *job, const struct plan_names *names) {
    for (size_t i = 0; i < names->count; i++) {
        const struct sql_column *column = sql_table_column(job->target, names->names[i]);
        bool is_key = column && (names_rows(job, column) || (job->map.in_place && !is_filled(job, column)));
        if (is_key && is_compared(job, column))
            problem_add(&jobs->problems, job->name, "checks", PROBLEM_FAIL, "leave it out: rows are found by this column",
                        "checks.semantic: %s names the row, which is matched exactly", column->name);
    }
}

static int resolve_expect(struct jobs *jobs, struct job *job, struct db *db, const struct plan_column *expect, struct err *err) {
    char what[ERR_NAME_MAX + 32];
    snprintf(what, sizeof what, "checks.expect of %.160s", expect->name);
    for (size_t i = 0; i < job->map.value_count; i++) {
        const struct sql_column *column = job->map.values[i].column;
        if (!text_equal(column->name, expect->name))
            continue;
        if (names_rows(job, column))
            problem_add(&jobs->problems, job->name, "checks", PROBLEM_FAIL, "leave it out: rows are found by this column",
                        "%s: the column names the row", what);
        job->expect[i] = expect->expr;
        return resolve_expression(jobs, job, db, expect->expr, what, err);
    }
    if (sql_table_column(job->target, expect->name))
        problem_add(&jobs->problems, job->name, "checks", PROBLEM_FAIL, "", "%s: this fill does not fill it", what);
    else
        resolve_no_column(jobs, job, job->target, expect->name, "checked column");
    return 0;
}

int resolve_checks(struct jobs *jobs, struct job *job, struct db *db, struct err *err) {
    const struct plan_checks *checks = &job->plan->checks;
    check_names(jobs, job, &checks->distribution);
    check_names(jobs, job, &checks->sum);
    check_names(jobs, job, &checks->extrema);
    check_names(jobs, job, &checks->semantic);
    check_semantic(jobs, job, &checks->semantic);
    for (size_t i = 0; i < checks->unique_count; i++)
        check_names(jobs, job, &checks->unique[i]);
    if (checks->expect_count == 0)
        return 0;
    job->expect = arena_array(&jobs->arena, job->map.value_count + 1, sizeof *job->expect);
    if (job->expect == NULL)
        return err_nomem(err);
    int rc = 0;
    for (size_t i = 0; i < checks->expect_count && rc == 0; i++)
        rc = resolve_expect(jobs, job, db, &checks->expect[i], err);
    return rc;
}
