/* flip.c - a plan flip: the server stops walking the key's index and reads far more than a batch moves, because an index is gone or its
 * statistics have changed. Nothing else would say so before the application feels it.
 *
 * Two things tell: EXPLAIN, before a batch, that all of the source would be read; and the server's counters, around a batch, that for each
 * row it has read over four times of what it did at the start. Ways of writing differ in that, so each is compared with itself.
 *
 * Then the batches go on with the plan's hint, if it gives one and that was not what flipped; else the run halts.
 *
 * A full scan from the start of this process is the user's affair (infill plan and infill check name it): it is said once in the log. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "fill/batch.h"
#include "fill/guards.h"

enum {
    SMALL_TABLE_BATCHES = 10, /* of a table of fewer batches all may well be read */
    RISE_MAX = 4,             /* of the rows read for each row */
    RISE_ROWS = 100,          /* so many more are nothing yet: a page, a look at a catalog */
    REASON_MAX = 256,
};

/* Of each fill, by this process. The run's lock guards what is not atomic. */
struct plan_look {
    int64_t at_us;        /* 0: never */
    double per_row[WAYS]; /* rows read for each row of the first batch that was counted; 0: none yet */
    atomic_bool by_index; /* was so once */
    atomic_bool said;
    atomic_bool hinted; /* batches go on with the plan's hint */
};

size_t guards_plan_size(void) {
    return sizeof(struct plan_look);
}

static struct plan_look *look_of(const struct worker *worker) {
    return &worker->run->guards.plans[worker->job - worker->run->jobs->jobs];
}

void worker_take_hint(struct worker *worker) {
    worker->hinted = worker->job && worker->job->has_hint && atomic_load(&look_of(worker)->hinted);
}

const struct fill_sql *worker_sql(const struct worker *worker) {
    return worker->hinted ? &worker->job->hinted : &worker->job->sql;
}

struct db_tx worker_tx(const struct worker *worker, const struct db_tx *tx) {
    struct db_tx planned = *tx;
    if (worker->hinted) {
        planned.avoid = worker->job->plan->hint.names;
        planned.avoid_count = worker->job->plan->hint.count;
    }
    return planned;
}

static struct plan_look *take_look(struct worker *worker) {
    struct fill_run *run = worker->run;
    int64_t now_us = clock_monotonic_us();
    struct plan_look *look = look_of(worker);
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
    look_of(worker)->at_us = 0;
    pthread_mutex_unlock(&run->lock);
}

static int explain(struct worker *worker, struct db_plan *plan, struct err *err) {
    const struct db_tx tx = worker_tx(worker, &worker->run->batch_tx);
    const struct stmt *stmt = way_statement(worker);
    struct sql_value values[FILL_ARGS] = {{0}}, bound[STMT_ARGS_MAX];
    arena_reset(&worker->batch_arena);
    int rc = worker_bind_interval(worker, worker_lower(worker), worker->batch.next, worker->batch.asked - 1, values, err);
    if (rc || stmt->text.len == 0)
        return rc;
    stmt_bind(stmt, values, bound);
    struct db_query query = {stmt->text.data, bound, stmt->arg_count, false};
    if ((rc = worker->db->engine->explain(worker->db, &tx, &query, worker->job->source->name, &worker->batch_arena, plan, err)) !=
        0)
        return rc;
    mem_free(worker->plan);
    worker->plan_way = (int)way_of(worker);
    worker->plan = mem_strdup(plan->outline);
    return worker->plan ? 0 : err_nomem(err);
}

static bool is_small(const struct worker *worker) {
    int64_t rows = worker->job->source->row_estimate;
    return rows >= 0 && rows <= batch_size_rows(&worker->size) * SMALL_TABLE_BATCHES;
}

static json_t *names_json(const struct plan_names *names) {
    json_t *list = json_array();
    for (size_t i = 0; i < names->count; i++)
        json_array_append_new(list, json_string(names->names[i]));
    return list;
}

static int tell_switch(struct worker *worker, const char *reason, const struct evidence *evidence, struct err *err) {
    struct fill_run *run = worker->run;
    json_t *detail = json_pack("{s:s, s:s, s:I, s:s, s:s*, s:o}", "reason", reason, "fill", worker->job->name, "range",
                               (json_int_t)evidence->range_no, "statement", evidence->statement, "plan", evidence->plan, "hint",
                               names_json(&worker->job->plan->hint));
    char *text = detail ? mem_json_text(detail, JSON_COMPACT) : NULL;
    json_decref(detail);
    if (text == NULL)
        return err_nomem(err);
    log_line(&run->options.log, LOG_WARN, "%s; going on with the hint of fill %s", reason, worker->job->name);
    int rc = ledger_event(run->ledger, worker->db, run->run, run->actor, "hint", text, err);
    mem_free(text);
    return rc;
}

/* The plan flipped: on with its hint, or the run halts. `what` is what was seen. */
static int flipped(struct worker *worker, const char *what, struct evidence *evidence, struct err *err) {
    char reason[REASON_MAX];
    struct plan_look *look = look_of(worker);
    evidence->plan = worker->plan_way == (int)evidence->way ? worker->plan : NULL;
    snprintf(reason, sizeof reason, "guard plan_flip: %s%s", what, worker->hinted ? "; with the hint of the plan, too" : "");
    if (!worker->job->has_hint || worker->hinted)
        return guards_halt(worker, reason, evidence, err);
    worker->hinted = true;
    guards_look_soon(worker);
    if (atomic_exchange(&look->hinted, true)) /* by another worker meanwhile */
        return 0;
    return tell_switch(worker, reason, evidence, err);
}

static int became_full(struct worker *worker, bool was_by_index, struct err *err) {
    struct evidence evidence;
    char what[REASON_MAX];
    guards_look(worker, &evidence);
    snprintf(what, sizeof what, "the plan of the batch statement %s a full scan of %.120s%s", was_by_index ? "became" : "is",
             worker->job->source_name, was_by_index ? ", it was an index range before" : "");
    return flipped(worker, what, &evidence, err);
}

int worker_lost_index(struct worker *worker, struct err *err) {
    struct evidence evidence;
    char what[REASON_MAX];
    guards_look(worker, &evidence);
    snprintf(what, sizeof what, "an index of %.120s that the batch statement names is gone", worker->job->source_name);
    return flipped(worker, what, &evidence, err);
}

/* What the server does not explain concerns no batch, but for a connection that broke or was interrupted. */
static int cannot_say(struct worker *worker, struct plan_look *look, struct err *err) {
    if (db_error_is(err, worker->db->engine->no_index_codes)) {
        err_clear(err);
        return worker_lost_index(worker, err);
    }
    if (err->code == ERR_CANCELLED || err->code == ERR_NOMEM || db_is_dead(worker->db))
        return err->code;
    if (!look->said)
        log_line(&worker->run->options.log, LOG_WARN, "fill %s: the server does not explain its batches: %s", worker->job->name,
                 err->message);
    look->said = true;
    err_clear(err);
    return 0;
}

static int check_once(struct worker *worker, struct plan_look *look, struct err *err) {
    struct db_plan plan = {.scan = ""};
    int rc = explain(worker, &plan, err);
    if (rc)
        return cannot_say(worker, look, err);
    bool full = text_equal(plan.scan, "full scan") && !is_small(worker);
    if (full && (look->by_index || (worker->job->has_hint && !worker->hinted)))
        return became_full(worker, look->by_index, err);
    if (full && !look->said)
        log_line(&worker->run->options.log, LOG_WARN, "fill %s: the server reads all of %s for each batch; infill plan shows how",
                 worker->job->name, worker->job->source_name);
    if (full)
        look->said = true;
    if (text_equal(plan.scan, "index range"))
        look->by_index = true;
    return 0;
}

/* With a hint the next look is due at once: the batch goes only when that plan was seen, too. */
int worker_check_plan(struct worker *worker, struct err *err) {
    struct plan_look *look;
    int rc = 0;
    while (rc == 0 && worker->run->plan->set.guard_plan_flip && (look = take_look(worker)) != NULL) {
        worker->measures = true;
        rc = check_once(worker, look, err);
    }
    return rc;
}

/* What each row took at the start; this batch is the start where there was none. */
static double first_per_row(struct worker *worker, enum way way, double per_row) {
    struct plan_look *look = look_of(worker);
    pthread_mutex_lock(&worker->run->lock);
    if (look->per_row[way] == 0)
        look->per_row[way] = per_row;
    double first = look->per_row[way];
    pthread_mutex_unlock(&worker->run->lock);
    return first;
}

int worker_check_reads(struct worker *worker, const struct batch *batch, const struct evidence *evidence, struct err *err) {
    /* Rows that where: leaves out have been read, too. At the end of a range their number is not known, and the next batch is asked. */
    int64_t rows = batch->rows > 0 ? batch->rows : worker->job->map.where == NULL ? batch->seen : 0;
    if (rows <= 0 || batch->read <= 0)
        return 0;
    worker->measures = false;
    double per_row = (double)batch->read / (double)rows, first = first_per_row(worker, evidence->way, per_row);
    double limit = first * RISE_MAX * (double)rows;
    if ((double)batch->read <= limit || (double)batch->read <= first * (double)rows + RISE_ROWS)
        return 0;
    struct evidence risen = *evidence;
    char what[REASON_MAX];
    risen.count = batch->read;
    risen.limit = (int64_t)limit;
    snprintf(what, sizeof what,
             "the server read %" PRId64 " rows for a batch of %" PRId64 ", %.3g for each; it was %.3g at the start, "
             "and the limit is %d times that",
             batch->read, rows, per_row, first, RISE_MAX);
    return flipped(worker, what, &risen, err);
}
