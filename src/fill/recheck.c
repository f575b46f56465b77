/* recheck.c - the last batch of a range somebody else began: are its rows there, as the ledger says (L7)?
 *
 * A restore of one table, or a TRUNCATE, leaves a ledger that speaks of rows which are gone. Asking for the last batch by its keys costs
 * one indexed look per row of one batch. In place there is nothing to compare with: the application may have changed the rows since. */
#include "fill/batch.h"

/* Writers that insert on one side first look like missing rows for a moment: asked more than once before it is believed. */
enum { RECHECK_TRIES = 3 };

static int count_missing(struct worker *worker, int64_t *missing, int64_t *total, struct err *err) {
    const struct ledger_lease *lease = &worker->lease;
    const char *lo = lease->last_lo ? lease->last_lo : lease->lo;
    struct sql_value values[FILL_ARGS];
    arena_reset(&worker->batch_arena);
    int rc = worker_bind_interval(worker, lo, lease->cursor, 0, values, err);
    if (rc)
        return rc;
    struct flush flush;
    flush_init(&flush, &worker->batch_arena);
    flush_add(&flush, &worker_sql(worker)->missing[lo != NULL], values, true);
    flush_add(&flush, &worker_sql(worker)->count[lo != NULL], values, true);
    rc = flush_run(&flush, worker->db, DB_ONE_TX, &worker->run->read_tx, err);
    if (rc == 0) {
        *missing = db_cell_int(&flush.results[0], 0, 0, -1);
        *total = db_cell_int(&flush.results[1], 0, 0, 0);
    }
    return rc;
}

/* Rejects are missing by agreement. */
static int count_rejects(struct worker *worker, int64_t *count, struct err *err) {
    struct ledger_reject *rejects;
    size_t all;
    *count = 0;
    int rc = ledger_rejects(worker->run->ledger, worker->db, worker->run->run, NULL, &worker->batch_arena, &rejects, &all, err);
    for (size_t i = 0; i < all && rc == 0; i++)
        if (rejects[i].range_no == worker->lease.range_no && strcmp(rejects[i].fill, worker->job->name) == 0)
            (*count)++;
    return rc;
}

int worker_recheck(struct worker *worker, struct err *err) {
    if (worker->lease.cursor == NULL || worker->job->map.in_place)
        return 0;
    int64_t missing = 0, total = 0, rejects = 0;
    for (int i = 0; i < RECHECK_TRIES; i++) {
        int rc = count_missing(worker, &missing, &total, err);
        if (rc || missing == 0)
            return rc;
        if ((rc = count_rejects(worker, &rejects, err)) != 0 || missing <= rejects)
            return rc;
    }
    /* Single rows may be gone for reasons of the application's own: born later, or changed since. A restore loses the whole batch. */
    if (missing < total) {
        log_line(&worker->run->options.log, LOG_WARN, "fill %s, range %lld: %lld of the last batch's %lld rows are not in %s",
                 worker->job->name, (long long)worker->lease.range_no, (long long)missing, (long long)total,
                 worker->job->target_name);
        return 0;
    }
    err_set(err, ERR_MISMATCH,
            "fill %s, range %lld: the ledger calls the rows up to its cursor filled, but %lld of the last batch are not in %s",
            worker->job->name, (long long)worker->lease.range_no, (long long)(missing - rejects), worker->job->target_name);
    err_next(
        err,
        "was a table restored or emptied? nothing was written; empty the target and start over: infill uninstall PLAN --force");
    return ERR_MISMATCH;
}
