/* worker.c - the steps of a worker: connect, take a range, look up a bound, move a batch. */
#include "fill/worker.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "fill/guards.h"

enum {
    CHANGED_POLL_MS = 20, /* the run runs again already: the next look comes soon, and not in a circle */
    HEARD_US = 200000,    /* how old may be what is known of the run while it is held back; less than HOLD_POLL_MS */
    SLOW_FACTOR = 4,      /* a batch that takes so many times what it should is one whose plan is looked at */
};

int worker_open(struct fill_run *run, struct worker **out, struct err *err) {
    struct worker *worker = mem_zalloc(1, sizeof *worker);
    if (worker == NULL)
        return err_nomem(err);
    pthread_mutex_init(&worker->db_lock, NULL);
    arena_init(&worker->lease_arena);
    arena_init(&worker->spare_arena);
    arena_init(&worker->batch_arena);
    worker->run = run;
    pthread_mutex_lock(&run->lock);
    unsigned place = 0;
    while (place < FILL_WORKERS_MAX && run->workers[place])
        place++;
    bool room = place < FILL_WORKERS_MAX;
    if (room) {
        worker->number = run->worker_count++;
        run->workers[place] = worker;
    }
    pthread_mutex_unlock(&run->lock);
    owner_format(worker->number, worker->owner);
    worker->random = (uint64_t)clock_monotonic_us() ^ ((uint64_t)worker->number << 48) ^ (uint64_t)(uintptr_t)worker;
    if (!room) {
        worker_close(worker);
        return err_set(err, ERR_USAGE, "one process has at most %d workers", FILL_WORKERS_MAX);
    }
    *out = worker;
    return 0;
}

static void set_db(struct worker *worker, struct db *db) {
    pthread_mutex_lock(&worker->db_lock);
    struct db *before = worker->db;
    worker->db = db;
    pthread_mutex_unlock(&worker->db_lock);
    db_close(before);
}

/* A cancel that is under way may still look at the worker. True when no other one is left. */
static bool forget_place(struct worker *worker) {
    struct fill_run *run = worker->run;
    bool last = true;
    pthread_mutex_lock(&run->cancel_lock);
    pthread_mutex_lock(&run->lock);
    for (unsigned i = 0; i < FILL_WORKERS_MAX; i++) {
        if (run->workers[i] == worker)
            run->workers[i] = NULL;
        last = last && run->workers[i] == NULL;
    }
    pthread_mutex_unlock(&run->lock);
    pthread_mutex_unlock(&run->cancel_lock);
    return last;
}

void worker_close(struct worker *worker) {
    if (worker == NULL)
        return;
    struct fill_run *run = worker->run;
    worker_release(worker, 0, NULL);
    if (forget_place(worker) && worker->db && !db_is_dead(worker->db) && !atomic_load(&run->cancelled)) /* nobody can cancel this */
        fill_run_cost(run, worker->db, clock_monotonic_us(), true);
    worker_disconnect(worker);
    pthread_mutex_lock(&run->lock);
    if (worker->waiting)
        run->waiting--;
    if (worker->holding)
        run->holding--;
    pthread_mutex_unlock(&run->lock);
    arena_release(&worker->lease_arena);
    arena_release(&worker->spare_arena);
    arena_release(&worker->batch_arena);
    pthread_mutex_destroy(&worker->db_lock);
    mem_free(worker->plan);
    mem_free(worker);
}

/* After a lost connection only the ledger knows whether the last batch is in, and whether the range is still ours (L9). */
static int look_again(struct worker *worker, struct err *err) {
    bool ours = false;
    const char *state = "";
    int rc = ledger_reread(worker->run->ledger, worker->db, worker->run->run, worker->owner, &worker->lease_arena, &worker->lease,
                           &ours, &state, err);
    if (rc)
        return rc;
    worker->reread = false;
    worker->batch = (struct batch){0};
    worker->lease.fill = worker->job->name;
    if (!ours || !text_equal(state, "open"))
        worker_forget(worker);
    return 0;
}

void worker_disconnect(struct worker *worker) {
    set_db(worker, NULL);
}

static int connect_again(struct worker *worker, struct err *err) {
    if (worker->db && db_is_dead(worker->db))
        worker_disconnect(worker);
    if (worker->db == NULL) {
        struct db *db = NULL;
        int rc = db_open(&worker->run->db_options, &db, err);
        if (rc)
            return rc;
        set_db(worker, db);
    }
    return worker->reread ? look_again(worker, err) : 0;
}

int worker_moved(struct worker *worker, int64_t us, struct err *err) {
    struct fill_run *run = worker->run;
    const struct batch *batch = &worker->batch;
    if (us > SLOW_FACTOR * run->plan->set.batch_target_time_us)
        guards_look_soon(worker);
    if (us > 0)
        batch_size_done(&worker->size, batch->asked, batch->rows > 0 ? batch->rows : batch->seen, us);
    else if (batch->rejected)
        batch_size_done(&worker->size, 1, 1, 0);
    pthread_mutex_lock(&run->lock);
    struct ledger_totals *sums[] = {&run->mine, &run->moved};
    for (size_t i = 0; i < 2; i++) {
        sums[i]->seen += batch->seen;
        sums[i]->written += batch->written;
        sums[i]->same += batch->same;
        sums[i]->kept += batch->kept;
        sums[i]->rejected += batch->rejected;
    }
    guards_moved(run, batch);
    run->batch_rows = (unsigned)(batch->asked > 0 ? batch->asked : batch_size_rows(&worker->size));
    run->fill = worker->job->name;
    pthread_mutex_unlock(&run->lock);

    worker->attempts = 0;
    bool end = text_equal(batch->next, worker->lease.hi);
    int rc = batch_committed(worker, err);
    if (end)
        worker_forget(worker);
    return rc;
}

static int move(struct worker *worker, struct worker_step *step, struct err *err) {
    int64_t before_us = clock_monotonic_us();
    int rc = batch_move(worker, err);
    if (rc)
        return rc;
    step->state = WORKER_BATCH;
    step->rows = worker->batch.seen;
    struct batch moved = worker->batch;
    if (moved.kept == 0 && moved.read < 0)
        return worker_moved(worker, clock_monotonic_us() - before_us, err);
    struct evidence evidence;
    guards_look(worker, &evidence);
    rc = worker_moved(worker, clock_monotonic_us() - before_us, err);
    if (rc == 0 && moved.kept > 0)
        rc = guards_kept(worker, &evidence, err);
    return rc || moved.read < 0 ? rc : worker_check_reads(worker, &moved, &evidence, err);
}

/* What a batch takes from the bucket: its rows, or at the end of a range as many as were asked for. */
static double batch_cost(const struct worker *worker) {
    return (double)(worker->batch.rows > 0 ? worker->batch.rows : worker->batch.asked);
}

/* The rate is taken before the batch: for the rows that the bound found, or the size asked for at the end of a range. */
static bool may_go(struct worker *worker, struct worker_step *step) {
    struct fill_run *run = worker->run;
    double rows = batch_cost(worker);
    pthread_mutex_lock(&run->lock);
    int64_t now_us = clock_monotonic_us(), per_second = run->set.pace_rows_per_second;
    rate_set(&run->rate, run->share * worker->factor, now_us);
    int64_t wait_us = rate_take(&run->rate, rows, now_us);
    int64_t wait_ms = wait_us < FILL_LIVE_US ? wait_us / 1000 + 1 : FILL_LIVE_US / 1000;
    if (wait_us == 0)
        run->reason[0] = '\0'; /* what the batch itself may wait for is another matter */
    else
        fill_run_waits_for_rate(run, wait_ms * 1000, worker->holding);
    pthread_mutex_unlock(&run->lock);
    if (wait_us > 0)
        worker_wait(worker, step, wait_ms, "rate limit", "rate limit: %lld rows/s for the plan", (long long)per_second);
    return wait_us == 0;
}

/* A batch that did not happen gives its share back. */
static void return_rate(struct worker *worker, double rows) {
    pthread_mutex_lock(&worker->run->lock);
    rate_return(&worker->run->rate, rows);
    pthread_mutex_unlock(&worker->run->lock);
}

/* The run does not take leases: why, and what that means for this worker. */
static int follow(struct worker *worker, const struct ledger_run *now, struct worker_step *step, struct err *err) {
    const char *reason = now->reason ? now->reason : "", *name = worker->run->plan->name;
    if (text_equal(now->state, "halted"))
        err_set(err, ERR_HALTED, "run %s is halted: %s", name, reason);
    else if (text_equal(now->state, "stopped"))
        err_set(err, ERR_STOPPED, "run %s was stopped%s%s", name, reason[0] ? ": " : "", reason);
    else if (text_equal(now->state, "done"))
        step->state = WORKER_DONE;
    else
        worker_wait(worker, step, FILL_POLL_MS, "paused", "paused%s%s", reason[0] ? ": " : "", reason);
    if (err->code)
        err_next(err, "infill resume PLAN --because \"...\" lets it go on from its checkpoints");
    return err->code;
}

/* What people say of the run: it runs, or that is followed. */
static int ask_run(struct worker *worker, bool *runs, struct worker_step *step, struct err *err) {
    struct ledger_run now;
    struct arena arena;
    arena_init(&arena);
    int rc = ledger_run_state(worker->run->ledger, worker->db, worker->run->run, &arena, &now, err);
    *runs = rc == 0 && text_equal(now.state, "running");
    if (rc == 0 && !*runs)
        rc = follow(worker, &now, step, err);
    arena_release(&arena);
    return rc;
}

/* Signals hold the run up, and it hears all the same what people say of it. A run that somebody has paused has moved nothing that a signal
 * above its stop line could tell of. */
static int hear(struct worker *worker, struct worker_step *step, struct err *err) {
    int64_t now_us = clock_monotonic_us();
    bool runs;
    if (now_us - worker->heard_us < HEARD_US) /* between two batches there may be a rest of a moment only */
        return 0;
    int rc = connect_again(worker, err);
    if (rc == 0)
        rc = ask_run(worker, &runs, step, err);
    if (rc)
        return rc;
    worker->heard_us = now_us;
    if (runs)
        return guards_stop_line(worker, err);
    sampler_forgive(worker->run->sampler);
    return 0;
}

static int take_range(struct worker *worker, struct worker_step *step, struct err *err) {
    int rc = worker_acquire(worker, step, err);
    if (rc != ERR_FENCED)
        return rc;
    bool runs;
    err_clear(err);
    rc = ask_run(worker, &runs, step, err);
    if (rc == 0 && runs)
        worker_wait(worker, step, CHANGED_POLL_MS, "paused", "paused");
    return rc;
}

/* Settings that were changed live. */
static void worker_resize(struct worker *worker) {
    struct fill_run *run = worker->run;
    pthread_mutex_lock(&run->lock);
    struct plan_settings set = run->set;
    bool changed = worker->live_changes != run->live_changes;
    worker->live_changes = run->live_changes;
    pthread_mutex_unlock(&run->lock);
    if (!changed || worker->sized == NULL)
        return;
    batch_size_change(&worker->size, set.batch_rows != worker->rows_set ? set.batch_rows : 0, set.batch_rows_max,
                      set.batch_target_time_us);
    worker->rows_set = set.batch_rows;
    if (!worker->reread)
        worker->batch.next = NULL; /* its bound was looked up for another size */
}

/* Shares and totals that could not be read now are read later; only a connection that broke, or was interrupted, concerns the batch. */
static int refresh(struct worker *worker, struct err *err) {
    int rc = fill_run_live(worker->run, worker->db, clock_monotonic_us(), err);
    if (rc == 0)
        rc = fill_run_refresh(worker->run, worker->db, clock_monotonic_us(), err);
    if (rc == 0)
        worker_resize(worker);
    if (rc == 0)
        rc = guards_found(worker, err);
    if (rc == 0 || rc == ERR_CANCELLED || rc == ERR_HALTED || db_is_dead(worker->db))
        return rc;
    log_line(&worker->run->options.log, LOG_WARN, "totals, findings and shares of the rate could not be read: %s", err->message);
    err_clear(err);
    return 0;
}

static int check_others_work(struct worker *worker, struct err *err) {
    int rc = worker->unchecked ? worker_recheck(worker, err) : 0;
    if (rc == 0)
        worker->unchecked = false;
    return rc;
}

/* Everything that talks to the database; its errors go to worker_retry. */
static int work(struct worker *worker, struct worker_step *step, struct err *err) {
    int rc = connect_again(worker, err);
    if (rc == 0)
        rc = refresh(worker, err);
    if (rc)
        return rc;
    step->state = WORKER_BATCH;
    worker_take_hint(worker);
    if (!worker->has_lease && ((rc = take_range(worker, step, err)) != 0 || !worker->has_lease))
        return rc;
    if ((rc = check_others_work(worker, err)) != 0)
        return rc;
    if ((rc = batch_bound(worker, err)) != 0 || (rc = worker_check_plan(worker, err)) != 0 || !may_go(worker, step))
        return rc;
    double rows = batch_cost(worker);
    bool short_end = worker->batch.rows < 0 && worker->job->map.where == NULL;
    if ((rc = move(worker, step, err)) != 0)
        return_rate(worker, rows);
    else if (short_end && rows > (double)step->rows)
        return_rate(worker, rows - (double)step->rows);
    return rc;
}

/* Why the run is not faster is what those say who have a range; who has none waits for one of them, which is no reason. */
static void count_waiting(struct worker *worker, const struct worker_step *step) {
    struct fill_run *run = worker->run;
    bool waiting = step->state == WORKER_WAIT && step->wait_ms > 0;
    pthread_mutex_lock(&run->lock);
    if (worker->has_lease != worker->holding)
        run->holding = worker->has_lease ? run->holding + 1 : run->holding - 1;
    worker->holding = worker->has_lease;
    if (waiting != worker->waiting)
        run->waiting = waiting ? run->waiting + 1 : run->waiting - 1;
    worker->waiting = waiting;
    if (waiting && (worker->holding || run->holding == 0))
        snprintf(run->reason, sizeof run->reason, "%s", step->reason);
    else if (step->state == WORKER_BATCH)
        run->reason[0] = '\0';
    pthread_mutex_unlock(&run->lock);
}

static int is_final(int code) {
    return code == ERR_HALTED || code == ERR_STOPPED || code == ERR_BUSY || code == ERR_NOMEM || code == ERR_INTERNAL;
}

int worker_step(struct worker *worker, struct worker_step *step, struct err *err) {
    struct fill_run *run = worker->run;
    *step = (struct worker_step){.state = WORKER_WAIT};
    if (atomic_load(&run->drain)) {
        worker_release(worker, 0, NULL);
        step->state = WORKER_DRAINED;
        return 0;
    }
    if (atomic_load(&run->halted))
        return err_set(err, ERR_HALTED, "run %s is halted", run->plan->name);
    bool may_go = worker_may_go(worker, step);
    int64_t before_us = clock_monotonic_us();
    int rc = may_go ? work(worker, step, err) : hear(worker, step, err);
    if (rc == 0 && step->state == WORKER_BATCH)
        worker_rest(worker, clock_monotonic_us() - before_us);
    if (rc && !is_final(rc)) {
        struct err cause = *err;
        err_clear(err);
        if (atomic_load(&run->cancelled) && cause.code == ERR_CANCELLED) {
            worker_release(worker, 0, NULL);
            step->state = WORKER_DRAINED;
            return 0;
        }
        rc = worker_retry(worker, &cause, step, err);
    } else if (rc == 0 && !worker->has_lease)
        worker->attempts = 0; /* the database answered: what went wrong before is over */
    if (rc)
        worker_release(worker, 0, NULL);
    count_waiting(worker, step);
    return rc;
}
