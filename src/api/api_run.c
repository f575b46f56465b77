/* api_run.c - runs and workers of the public API: a thin coat over src/fill. */
#include "api/api.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "fill/run.h"
#include "fill/worker.h"
#include "ledger/proof.h"

struct infill_run {
    struct fill_run *run;
    struct infill_log log; /* outlives the caller's options */
};

struct infill_worker {
    struct worker *worker;
};

int infill_run_open(const struct infill_plan *plan, const struct infill_run_options *options, struct infill_run **out,
                    struct infill_error *error) {
    struct err err;
    err_clear(&err);
    if (options->again != (options->ranges != NULL)) {
        err_set(&err, ERR_USAGE, "--range and --again go together");
        return api_fail(&err, error);
    }
    struct infill_run *run = mem_zalloc(1, sizeof *run);
    if (run == NULL) {
        err_nomem(&err);
        return api_fail(&err, error);
    }
    run->log = options->log;
    struct fill_run_options inner = {
        .log = api_log(&run->log),
        .from = options->from,
        .until = options->until,
        .fill = options->fill,
        .ranges = options->ranges,
        .exclusive = options->exclusive,
        .no_install = options->no_install,
    };
    int rc = fill_run_open(plan->plan, &inner, &run->run, &err);
    if (rc) {
        mem_free(run);
        return api_fail(&err, error);
    }
    *out = run;
    return 0;
}

int infill_worker_open(struct infill_run *run, struct infill_worker **out, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct infill_worker *worker = mem_zalloc(1, sizeof *worker);
    int rc = worker ? worker_open(run->run, &worker->worker, &err) : err_nomem(&err);
    if (rc) {
        mem_free(worker);
        return api_fail(&err, error);
    }
    *out = worker;
    return 0;
}

void infill_worker_close(struct infill_worker *worker) {
    if (worker == NULL)
        return;
    worker_close(worker->worker);
    mem_free(worker);
}

int infill_worker_step(struct infill_worker *worker, struct infill_step *step, struct infill_error *error) {
    static const enum infill_step_state states[] = {
        [WORKER_BATCH] = INFILL_STEP_BATCH,
        [WORKER_WAIT] = INFILL_STEP_WAIT,
        [WORKER_DONE] = INFILL_STEP_DONE,
        [WORKER_DRAINED] = INFILL_STEP_DRAINED,
    };
    struct err err;
    err_clear(&err);
    struct worker_step inner;
    int rc = worker_step(worker->worker, &inner, &err);
    if (rc)
        return api_fail(&err, error);
    *step = (struct infill_step){.state = states[inner.state], .rows = (uint64_t)inner.rows, .wait_ms = (uint32_t)inner.wait_ms};
    snprintf(step->reason, sizeof step->reason, "%s", inner.reason);
    return 0;
}

void infill_run_finish(struct infill_run *run) {
    fill_run_finish(run->run);
}

void infill_run_drain(struct infill_run *run) {
    fill_run_drain(run->run);
}
void infill_run_cancel(struct infill_run *run) {
    fill_run_cancel(run->run);
}

static unsigned count_filled(const struct fill_run *run) {
    unsigned filled = 0;
    for (size_t i = 0; i < run->jobs->count; i++)
        filled += run->filled[i];
    return filled;
}

void infill_run_progress(struct infill_run *outer, struct infill_progress *progress) {
    struct fill_run *run = outer->run;
    memset(progress, 0, sizeof *progress);
    pthread_mutex_lock(&run->lock);
    progress->rows_seen = (uint64_t)(run->totals.seen + run->mine.seen);
    progress->rows_written = (uint64_t)(run->totals.written + run->mine.written);
    progress->rows_same = (uint64_t)(run->totals.same + run->mine.same);
    progress->rows_kept = (uint64_t)(run->totals.kept + run->mine.kept);
    progress->rejects = (uint64_t)(run->totals.rejects_open + run->mine.rejected);
    progress->retries = run->retries;
    progress->rows_estimate = run->totals.row_estimate;
    progress->rows_per_second = fill_run_speed(run);
    progress->batch_rows = run->batch_rows;
    progress->fills = (unsigned)run->jobs->count;
    progress->fills_done = count_filled(run);
    progress->ranges = (unsigned)run->totals.ranges;
    progress->ranges_filled = (unsigned)run->totals.ranges_filled;
    progress->workers = run->worker_count;
    progress->workers_waiting = run->waiting;
    snprintf(progress->fill, sizeof progress->fill, "%s", run->fill ? run->fill : "");
    snprintf(progress->reason, sizeof progress->reason, "%s", run->reason);
    pthread_mutex_unlock(&run->lock);
    struct pace_decision decision;
    if (run->sampler && progress->reason[0] == '\0') { /* nobody waits at this moment, and yet it may be slow */
        sampler_decide(run->sampler, &decision);
        snprintf(progress->reason, sizeof progress->reason, "%s", decision.text);
    }
    if (progress->rows_per_second < 0)
        progress->rows_per_second = 0;
    double left = (double)progress->rows_estimate - (double)progress->rows_seen;
    progress->seconds_left = progress->rows_estimate < 0 || progress->rows_per_second <= 0 ? -1
                             : left > 0                                                    ? left / progress->rows_per_second
                                                                                           : 0;
}

/* Every reason was waited for; only error classes were retries. */
static json_t *reasons_json(const struct fill_run *run, bool waited) {
    json_t *reasons = json_object();
    for (unsigned i = 0; i < run->reason_count; i++) {
        const struct fill_reason *reason = &run->reasons[i];
        if (waited)
            json_object_set_new(reasons, reason->what, json_real((double)reason->waited_ms / 1000));
        else if (err_by_name(reason->what) != 0)
            json_object_set_new(reasons, reason->what, json_integer((json_int_t)reason->count));
    }
    return reasons;
}

static const char *verdict(const struct plan *plan, const char *state, int64_t rejects, int64_t findings) {
    if (!text_equal(state, "done"))
        return "not finished: the same command goes on from the checkpoints";
    if (rejects > 0)
        return "filled, but some rows were rejected: infill rejects PLAN lists them";
    if (findings > 0)
        return "filled, but some rows of the target are not what the source says, and were left: infill report PLAN lists them";
    if (plan->writes == PLAN_WRITES_APPLICATION)
        return "filled and settled: every range was verified after the transactions that could have raced with it had ended";
    return "filled";
}

static const char *next_command(const char *state, int64_t rejects, int64_t findings, int64_t untold) {
    if (text_equal(state, "paused") || text_equal(state, "stopped") || text_equal(state, "halted"))
        return "infill resume PLAN --because \"...\"";
    if (untold > 0) /* which tells them and does nothing else when the run is done */
        return "infill run PLAN";
    if (rejects > 0)
        return "infill rejects PLAN";
    if (!text_equal(state, "done"))
        return "infill run PLAN";
    return findings > 0 ? "infill report PLAN" : "";
}

/* The ledger's status says what is; this process adds what it did and why it waited. */
static json_t *summary(struct fill_run *run, json_t *status, int64_t findings, int64_t untold) {
    const char *state = json_string_value(json_object_get(status, "state"));
    int64_t rejects = json_integer_value(json_object_get(status, "rejects_open"));
    double seconds = (double)(clock_monotonic_us() - run->started_us) / 1e6;
    return json_pack("{s:s, s:O?, s:s, s:s, s:O?, s:I, s:I, s:f, s:f, s:I, s:O?, s:o, s:o, s:{s:I, s:I, s:I, s:I}, s:I, s:s}",
                     "plan", run->plan->name, "run", json_object_get(status, "run"), "state", state ? state : "", "verdict",
                     verdict(run->plan, state, rejects, findings), "rows", json_object_get(status, "rows"), "rejects_open",
                     (json_int_t)rejects, "findings_open", (json_int_t)findings, "seconds", seconds, "rows_per_second",
                     seconds > 0 ? (double)run->moved.seen / seconds : 0.0, "rows_moved_here", (json_int_t)run->moved.seen, "fills",
                     json_object_get(status, "fills"), "retries", reasons_json(run, false), "waited_seconds",
                     reasons_json(run, true), "settled", "ranges", (json_int_t)run->settled_ranges, "repaired",
                     (json_int_t)run->settle_repaired, "deleted", (json_int_t)run->settle_deleted, "extra_left",
                     (json_int_t)run->settle_extra, "hooks_untold", (json_int_t)untold, "next",
                     next_command(state, rejects, findings, untold));
}

static int read_summary(struct fill_run *run, int64_t untold, char **json, struct err *err) {
    struct db *db = NULL;
    json_t *status = NULL;
    int64_t findings = 0;
    int rc = db_open(&run->db_options, &db, err);
    if (rc == 0)
        rc = ledger_status(run->ledger, db, run->plan->name, &status, err);
    if (rc == 0)
        rc = ledger_findings_open(run->ledger, db, run->run, NULL, &findings, err);
    if (rc == 0)
        rc = api_document(summary(run, status, findings, untold), json, err);
    json_decref(status);
    db_close(db);
    return rc;
}

/* The work is done: a connection that is cut now costs another one, not the result. */
static int close_with_summary(struct fill_run *run, int64_t untold, char **json, struct err *err) {
    enum { SUMMARY_TRIES = 3 };
    int rc = 0;
    for (int i = 0; i < SUMMARY_TRIES; i++) {
        err_clear(err);
        rc = read_summary(run, untold, json, err);
        if (rc != ERR_LOST && rc != ERR_UNCLEAR && rc != ERR_CONNECT)
            return rc;
    }
    return rc;
}

int infill_run_close(struct infill_run *run, char **json, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    int64_t untold = fill_run_finish(run->run);
    int rc = json ? close_with_summary(run->run, untold, json, &err) : 0;
    fill_run_close(run->run);
    mem_free(run);
    return rc ? api_fail(&err, error) : 0;
}
