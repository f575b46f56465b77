/* flip.c - a plan flip: the server stops walking the key's index and reads the whole source table for every batch, because an index is gone
 * or its statistics have changed. Nothing else would say so before the application feels it.
 *
 * A full scan from the start of this process is the user's affair (infill plan and infill check name it): it is said once in the log. */
#include "base/clock.h"
#include "base/text.h"
#include "fill/batch.h"
#include "fill/guards.h"

enum { SMALL_TABLE_BATCHES = 10 }; /* of a table of fewer batches all may well be read */

/* Of each fill, by this process. The run's lock guards the time. */
struct plan_look {
    int64_t at_us;        /* 0: never */
    atomic_bool by_index; /* was so once */
    atomic_bool said;
};

size_t guards_plan_size(void) {
    return sizeof(struct plan_look);
}

static struct plan_look *take_look(struct worker *worker) {
    struct fill_run *run = worker->run;
    int64_t now_us = clock_monotonic_us();
    struct plan_look *look = &run->guards.plans[worker->job - run->jobs->jobs];
    pthread_mutex_lock(&run->lock);
    bool due = look->at_us == 0 || now_us - look->at_us >= run->plan->set.guard_plan_every_us;
    if (due)
        look->at_us = now_us;
    pthread_mutex_unlock(&run->lock);
    return due ? look : NULL;
}

void guards_look_soon(struct worker *worker) {
    struct fill_run *run = worker->run;
    pthread_mutex_lock(&run->lock);
    run->guards.plans[worker->job - run->jobs->jobs].at_us = 0;
    pthread_mutex_unlock(&run->lock);
}

static int explain(struct worker *worker, struct db_plan *plan, struct err *err) {
    const struct stmt *stmt = way_statement(worker);
    struct sql_value values[FILL_ARGS] = {{0}}, bound[STMT_ARGS_MAX];
    arena_reset(&worker->batch_arena);
    int rc = worker_bind_interval(worker, worker_lower(worker), worker->batch.next, worker->batch.asked - 1, values, err);
    if (rc || stmt->text.len == 0)
        return rc;
    stmt_bind(stmt, values, bound);
    struct db_query query = {stmt->text.data, bound, stmt->arg_count, false};
    return worker->db->engine->explain(worker->db, &query, worker->job->source->name, &worker->batch_arena, plan, err);
}

static bool is_small(const struct worker *worker) {
    int64_t rows = worker->job->source->row_estimate;
    return rows >= 0 && rows <= worker->batch.asked * SMALL_TABLE_BATCHES;
}

static int flipped(struct worker *worker, const char *outline, struct err *err) {
    struct evidence evidence;
    char reason[256];
    guards_look(worker, &evidence);
    evidence.plan = outline;
    snprintf(reason, sizeof reason,
             "guard plan_flip: the plan of the batch statement became a full scan of %.120s, it was an index range before",
             worker->job->source_name);
    return guards_halt(worker, reason, &evidence, err);
}

/* What the server does not explain concerns no batch, but for a connection that broke or was interrupted. */
static int cannot_say(struct worker *worker, struct plan_look *look, struct err *err) {
    if (err->code == ERR_CANCELLED || err->code == ERR_NOMEM || db_is_dead(worker->db))
        return err->code;
    if (!look->said)
        log_line(&worker->run->options.log, LOG_WARN, "fill %s: the server does not explain its batches: %s", worker->job->name,
                 err->message);
    look->said = true;
    err_clear(err);
    return 0;
}

int worker_check_plan(struct worker *worker, struct err *err) {
    struct db_plan plan = {.scan = ""};
    struct plan_look *look = worker->run->plan->set.guard_plan_flip ? take_look(worker) : NULL;
    if (look == NULL)
        return 0;
    int rc = explain(worker, &plan, err);
    if (rc)
        return cannot_say(worker, look, err);
    bool full = text_equal(plan.scan, "full scan") && !is_small(worker);
    if (full && look->by_index)
        return flipped(worker, plan.outline, err);
    if (full && !look->said)
        log_line(&worker->run->options.log, LOG_WARN, "fill %s: the server reads all of %s for each batch; infill plan shows how",
                 worker->job->name, worker->job->source_name);
    if (full)
        look->said = true;
    if (text_equal(plan.scan, "index range"))
        look->by_index = true;
    return 0;
}
