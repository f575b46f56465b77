/* acquire.c - where a worker's next range comes from: a free one, or a new one cut at the frontier (L4).
 *
 * Fills are tried parents first; a fill is left alone until those it needs are filled. */
#include "base/text.h"
#include "fill/batch.h"
#include "fill/settle.h"
#include "sql/fill_target.h"

enum outcome { GOT, NOTHING, FILLED };

static const double CUT_PART_LEAST = 0.05; /* of range.rows, however slow a run is made */

static bool needs_are_filled(struct fill_run *run, const struct job *job) {
    for (size_t i = 0; i < job->need_count; i++)
        if (!fill_run_is_filled(run, job->needs[i]))
            return false;
    return true;
}

static void take_lease(struct worker *worker, struct job *job) {
    worker->has_lease = true;
    worker->lease.fill = job->name;
    worker->batch = (struct batch){0};
    worker->attempts = worker->mismatches = 0;
    worker->ordered = worker->counted = worker->unchecked = false;
    if (worker->sized != job) {
        pthread_mutex_lock(&worker->run->lock);
        struct plan_settings set = worker->run->set;
        worker->live_changes = worker->run->live_changes;
        pthread_mutex_unlock(&worker->run->lock);
        worker->rows_set = set.batch_rows;
        batch_size_init(&worker->size, set.batch_rows, set.batch_rows_max, set.batch_target_time_us);
    }
    worker->sized = job;
    fill_run_touch(worker->run);
}

/* One statement over the source inside the transaction that holds the fill row; the key it finds, NULL for none. */
static int find_key(struct worker *worker, struct job *job, const struct stmt *stmt, const struct sql_value *values,
                    const char **key, struct err *err) {
    *key = NULL;
    struct flush flush;
    flush_init(&flush, &worker->batch_arena);
    flush_add(&flush, stmt, values, true);
    int rc = flush_run(&flush, worker->db, 0, NULL, err);
    if (rc || flush.results[0].row_count == 0)
        return rc;
    struct buf text;
    buf_init(&text);
    rc = key_encode(flush.results[0].values, job->map.key_count, worker->db->engine->tags_keys, &text, err);
    if (rc == 0 && (*key = arena_strdup(&worker->lease_arena, text.data)) == NULL)
        rc = err_nomem(err);
    buf_release(&text);
    if (rc)
        db_rollback(worker->db);
    return rc;
}

/* A fill that goes on, and finds nothing above its frontier, ends there: the mark never moves back. */
static int not_behind(struct worker *worker, struct job *job, const char *frontier, const char **high_water, struct err *err) {
    struct sql_value values[FILL_ARGS];
    const char *above = NULL;
    int rc = *high_water ? worker_bind_interval(worker, frontier, *high_water, 0, values, err) : 0;
    if (rc)
        db_rollback(worker->db);
    else if (*high_water)
        rc = find_key(worker, job, &worker_sql(worker)->bound[FILL_ABOVE], values, &above, err);
    if (rc == 0 && above == NULL && (*high_water = arena_strdup(&worker->lease_arena, frontier)) == NULL) {
        db_rollback(worker->db);
        rc = err_nomem(err);
    }
    return rc;
}

/* Has the target rows that no source row leads to, where this fill has not been yet? What settling may delete later on hangs on it. */
static int look_for_extra(struct worker *worker, struct job *job, const struct stmt *stmt, unsigned flags,
                          const struct sql_value *values, bool *found, struct err *err) {
    struct db_tx tx = worker->run->read_tx;
    struct flush flush;
    tx.by_index = false;
    *found = false;
    if (!settle_is_wanted(worker->run) || job->map.in_place)
        return 0;
    flush_init(&flush, &worker->batch_arena);
    flush_add(&flush, stmt, values, true);
    int rc = flush_run(&flush, worker->db, flags, flags ? &tx : NULL, err);
    *found = rc == 0 && flush.results[0].row_count > 0;
    return rc;
}

/* Where they cannot be told by key the whole target is asked once, before the first batch. No answer is no permission. */
static int look_for_strays(struct worker *worker, struct job *job, bool *found, struct err *err) {
    if (fill_is_aligned(&job->map)) {
        *found = false;
        return 0;
    }
    int rc = look_for_extra(worker, job, &worker_sql(worker)->extra[FILL_OPEN], DB_ONE_TX, NULL, found, err);
    if (rc != ERR_SLOW && rc != ERR_ROW)
        return rc;
    err_clear(err);
    *found = true;
    return 0;
}

/* The high-water mark is read when every transaction that was open before has ended, so that no row below it can appear later on. */
static int set_high_water(struct worker *worker, struct job *job, struct err *err) {
    struct fill_run *run = worker->run;
    bool waited = true;
    int rc = worker->db->engine->wait_for_older(worker->db, run->plan->set.snapshot_wait_us, &run->drain, &waited, err);
    if (rc) {
        worker->outwaited = rc == ERR_LOCKED;
        err_where(err, "fill %s: waiting for older transactions before the high-water mark", job->name);
        err_next(err, "nothing was filled; end those transactions, or let them end, and run the same command again");
        return rc;
    }
    if (!waited)
        log_line(&run->options.log, LOG_WARN,
                 "fill %s: this role may not see other transactions; rows they insert below the high-water mark could be missed",
                 job->name);
    struct ledger_fill fill;
    bool had_extra;
    if ((rc = look_for_strays(worker, job, &had_extra, err)) != 0)
        return rc;
    if ((rc = ledger_fill_lock(run->ledger, worker->db, run->run, job->name, &worker->batch_arena, &fill, err)) != 0)
        return rc;
    if (!text_equal(fill.state, "waiting")) {
        db_rollback(worker->db);
        return 0;
    }
    const char *until = ledger_fill_has_end(&fill) ? fill.until_key : run->until_key;
    const char *begin = fill.frontier ? fill.frontier : run->from_key;
    struct ledger_bounds bounds = {run->from_key, until, until, had_extra};
    if (bounds.high_water == NULL)
        rc = find_key(worker, job, &worker_sql(worker)->high_water, NULL, &bounds.high_water, err);
    if (rc == 0 && begin)
        rc = not_behind(worker, job, begin, &bounds.high_water, err);
    if (rc == 0)
        rc = ledger_fill_commit_high_water(run->ledger, worker->db, run->run, job->name, &bounds, &worker->batch_arena, &fill, err);
    return rc;
}

/* Ranges get shorter while their ends are not found in time, and grow again. */
static void cut_shorter(struct worker *worker, int64_t rows, struct err *err) {
    worker->cut_rows = rows > 1 ? rows / 2 : 1;
    err_where(err, "looking for the end of a range of %lld rows", (long long)rows);
    err_next(err, "nothing was changed; lower range.rows, or raise timeouts.statement, and run again");
}

static int extra_in_range(struct worker *worker, struct job *job, const char *lo, const char *hi, bool *found, struct err *err) {
    struct sql_value values[FILL_ARGS];
    int rc = worker_bind_interval(worker, lo, hi, 0, values, err);
    if (rc) {
        db_rollback(worker->db);
        return rc;
    }
    return look_for_extra(worker, job, &worker_sql(worker)->extra[lo != NULL], 0, values, found, err);
}

/* Looking so many rows ahead makes PostgreSQL tidy up their pages, and log that, all at once: less of it while signals slow the run down. */
static int64_t rows_to_cut(const struct worker *worker) {
    int64_t most = worker->run->plan->set.range_rows, rows = worker->cut_rows > 0 ? worker->cut_rows : most;
    double part = worker->factor > CUT_PART_LEAST ? worker->factor : CUT_PART_LEAST;
    int64_t slowed = worker->factor < 1 ? (int64_t)((double)most * part) : most;
    slowed = slowed > 0 ? slowed : 1;
    return rows < slowed ? rows : slowed;
}

/* The upper end of the next range: so many rows above the frontier, or the end of its period; the high-water mark when there are fewer. */
static int cut(struct worker *worker, struct job *job, const struct ledger_fill *fill, struct err *err) {
    struct fill_run *run = worker->run;
    const struct plan_settings *set = &run->plan->set;
    struct sql_value values[FILL_ARGS];
    int64_t rows = rows_to_cut(worker);
    int rc = worker_bind_interval(worker, fill->frontier, fill->high_water, rows - 1, values, err);
    const struct fill_sql *sql = worker_sql(worker);
    const struct stmt *bounds = set->range_every_us > 0 ? sql->period_bound : sql->bound;
    const char *hi = NULL;
    if (rc)
        db_rollback(worker->db);
    else
        rc = find_key(worker, job, &bounds[fill->frontier != NULL], values, &hi, err);
    hi = hi ? hi : fill->high_water;
    bool had_extra = false;
    if (rc == 0 && fill_is_aligned(&job->map))
        rc = extra_in_range(worker, job, fill->frontier, hi, &had_extra, err);
    if (rc == ERR_SLOW)
        cut_shorter(worker, rows, err);
    if (rc)
        return rc;
    if (rows == worker->cut_rows)
        worker->cut_rows = rows < set->range_rows / 2 ? rows * 2 : 0;
    return ledger_fill_commit_cut(run->ledger, worker->db, run->run, fill, hi, had_extra, worker->owner, set->lease_ttl_us / 1000,
                                  &worker->lease_arena, &worker->lease, err);
}

/* A part that is filled is so for whoever asked for that part. Everybody else helped to get there, and now goes on to an end of his own. */
static int go_on(struct worker *worker, struct ledger_fill *fill, bool *filled, struct err *err) {
    struct fill_run *run = worker->run;
    *filled = fill->until_key == NULL || text_equal(fill->until_key, run->until_key);
    if (*filled)
        return 0;
    int rc = ledger_fill_reopen(run->ledger, worker->db, run->run, fill, run->until_key, &worker->batch_arena, fill, err);
    return rc == ERR_STOPPED ? err_set(err, ERR_FENCED, "the run is not running") : rc;
}

static int cut_or_finish(struct worker *worker, struct job *job, enum outcome *outcome, struct err *err) {
    struct fill_run *run = worker->run;
    struct ledger_fill fill;
    bool filled = false;
    int rc = ledger_fill_lock(run->ledger, worker->db, run->run, job->name, &worker->batch_arena, &fill, err);
    if (rc)
        return rc;
    if (text_equal(fill.state, "open") && !text_equal(fill.frontier, fill.high_water)) {
        *outcome = GOT;
        return cut(worker, job, &fill, err);
    }
    db_rollback(worker->db);
    if (text_equal(fill.state, "waiting")) {
        rc = set_high_water(worker, job, err);
        return rc ? rc : cut_or_finish(worker, job, outcome, err);
    }
    if (text_equal(fill.state, "filled")) {
        rc = go_on(worker, &fill, &filled, err);
        *outcome = FILLED;
        return rc || filled ? rc : cut_or_finish(worker, job, outcome, err);
    }
    *outcome = NOTHING;
    rc = ledger_fill_finish(run->ledger, worker->db, run->run, job->name, run->actor, &filled, err);
    return rc || !filled ? rc : cut_or_finish(worker, job, outcome, err);
}

static int acquire_from(struct worker *worker, struct job *job, enum outcome *outcome, struct err *err) {
    struct fill_run *run = worker->run;
    bool found = false;
    worker->job = job;
    worker_take_hint(worker);
    arena_reset(&worker->batch_arena);
    arena_reset(&worker->lease_arena);
    int rc = ledger_lease(run->ledger, worker->db, run->run, job->name, worker->owner, run->plan->set.lease_ttl_us / 1000,
                          &worker->lease_arena, &worker->lease, &found, err);
    if (rc)
        return rc;
    if (found) {
        *outcome = GOT;
        take_lease(worker, job);
        worker->unchecked = true;
        return 0;
    }
    rc = cut_or_finish(worker, job, outcome, err);
    if (rc == 0 && *outcome == GOT)
        take_lease(worker, job);
    return rc;
}

/* Leases of processes of this host that are certainly dead need not run out. */
static int evict_dead(struct worker *worker, bool *evicted, struct err *err) {
    struct fill_run *run = worker->run;
    const char **owners;
    size_t count;
    int rc = ledger_owners(run->ledger, worker->db, run->run, worker->owner, &worker->batch_arena, &owners, &count, err);
    for (size_t i = 0; i < count && rc == 0; i++) {
        if (!owner_is_dead(owners[i]))
            continue;
        rc = ledger_evict(run->ledger, worker->db, run->run, owners[i], err);
        *evicted = true;
    }
    return rc;
}

static int wait_for_others(struct worker *worker, struct worker_step *step, struct err *err) {
    struct fill_run *run = worker->run;
    bool evicted = false;
    int rc = evict_dead(worker, &evicted, err);
    if (rc)
        return rc;
    int64_t wake_ms = -1;
    const char *reason = "";
    if (!evicted && (rc = ledger_next_wake(run->ledger, worker->db, run->run, &worker->batch_arena, &wake_ms, &reason, err)) != 0)
        return rc;
    int64_t all = 0, mine = 0;
    if (run->options.exclusive &&
        (rc = ledger_live_leases(run->ledger, worker->db, run->run, run->owner_prefix, &all, &mine, err)) != 0)
        return rc;
    if (!evicted && run->options.exclusive && mine == 0)
        return err_set(err, ERR_BUSY, "every open range of %s is worked on by somebody else", run->plan->name);
    int64_t wait_ms = evicted ? 0 : wake_ms >= 0 && wake_ms < FILL_POLL_MS ? wake_ms + 1 : FILL_POLL_MS;
    worker_wait(worker, step, wait_ms, "others at work", "%s",
                reason && reason[0] ? reason : "other workers are on the last ranges");
    return 0;
}

/* Whoever ends it writes down, with the end, who has to be told; every process tells the others that it saw it. */
static int end_run(struct fill_run *run, struct db *db, bool *done, struct err *err) {
    struct hooks_news news;
    hooks_prepare(run->hooks, PLAN_DONE, "", &news);
    int rc = ledger_run_finish(run->ledger, db, run->run, settle_is_wanted(run), run->actor, &news.notices, done, err);
    if (rc == 0 && *done && run->only == run->jobs->count && !run->was_done && !atomic_exchange(&run->told_done, true))
        hooks_send(run->hooks, &news, true);
    hooks_drop(&news);
    return rc;
}

static int all_done(struct worker *worker, struct worker_step *step, struct err *err) {
    struct fill_run *run = worker->run;
    bool done = true, settled = false;
    int rc = worker_settle_rest(worker, step, &settled, err);
    if (rc || !settled)
        return rc;
    step->state = WORKER_DONE;
    if (run->only == run->jobs->count || run->options.ranges)
        rc = end_run(run, worker->db, &done, err);
    if (rc || done || run->only < run->jobs->count)
        return rc;
    return err_set(err, ERR_FENCED, "the run is not running"); /* paused or stopped just now: the caller finds out which */
}

int worker_acquire(struct worker *worker, struct worker_step *step, struct err *err) {
    struct fill_run *run = worker->run;
    bool all_filled = true, did = false;
    int rc = settle_is_wanted(run) ? worker_settle(worker, &did, err) : 0;
    if (did)
        worker_wait(worker, step, 0, "settling", "a range was settled");
    if (rc || did)
        return rc;
    for (size_t i = 0; i < run->jobs->count; i++) {
        size_t index = run->jobs->order[i];
        struct job *job = &run->jobs->jobs[index];
        enum outcome outcome = NOTHING;
        if ((run->only < run->jobs->count && run->only != index) || fill_run_is_filled(run, index))
            continue;
        if (!needs_are_filled(run, job)) {
            all_filled = false;
            continue;
        }
        rc = acquire_from(worker, job, &outcome, err);
        if (rc)
            return rc;
        if (outcome == GOT)
            return 0;
        if (outcome == FILLED)
            fill_run_set_filled(run, index);
        else
            all_filled = false;
    }
    return all_filled ? all_done(worker, step, err) : wait_for_others(worker, step, err);
}

void worker_forget(struct worker *worker) {
    worker->has_lease = false;
    worker->reread = worker->unchecked = false;
    worker->batch = (struct batch){0};
    fill_run_touch(worker->run);
}

void worker_release(struct worker *worker, int64_t park_ms, const char *error) {
    if (!worker->has_lease)
        return;
    struct err ignored;
    err_clear(&ignored);
    if (worker->db && !db_is_dead(worker->db))
        ledger_release(worker->run->ledger, worker->db, worker->run->run, &worker->lease, worker->owner, park_ms, error, &ignored);
    worker_forget(worker);
}
