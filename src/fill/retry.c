/* retry.c - what to do about an error of a batch. One table says it for every class; a class that is not in it stops the worker.
 *
 * Waiting is the caller's: the answer is a time. Backoff is exponential with full jitter (Brooker 2015, "Exponential Backoff And Jitter"),
 * so that workers which collided once do not collide again. */
#include <stdarg.h>

#include "fill/batch.h"
#include "fill/guards.h"

enum {
    BACKOFF_BASE_MS = 25,
    BACKOFF_MAX_MS = 10000,
    BACKOFF_LOST_MAX_MS = 400, /* a connection that was there a moment ago is probably to be had again at once */
    LOCKED_BEFORE_PARK = 3,    /* lock timeouts in a row before the range is put aside */
    PARK_MS = 5000,            /* doubled each time the range is parked again, at most PARK_MS_MAX */
    PARK_MS_MAX = 60000,
};

/* xorshift64*: Vigna 2016. Jitter needs no better. */
static uint64_t next_random(uint64_t *state) {
    uint64_t x = *state ? *state : 0x9e3779b97f4a7c15u;
    x ^= x >> 12, x ^= x << 25, x ^= x >> 27;
    *state = x;
    return x * 0x2545f4914f6cdd1du;
}

static int64_t backoff_ms(struct worker *worker, int code) {
    unsigned shift = worker->attempts < 10 ? worker->attempts : 10;
    int64_t most = (int64_t)BACKOFF_BASE_MS << shift, limit = BACKOFF_MAX_MS;
    if (code == ERR_LOST || code == ERR_UNCLEAR)
        limit = BACKOFF_LOST_MAX_MS;
    if (most > limit)
        most = limit;
    return (int64_t)(next_random(&worker->random) % (uint64_t)(most + 1));
}

void worker_wait(struct worker *worker, struct worker_step *step, int64_t wait_ms, const char *what, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(step->reason, sizeof step->reason, format, args);
    va_end(args);
    step->state = WORKER_WAIT;
    step->wait_ms = wait_ms;
    fill_run_note(worker->run, what, wait_ms);
    if (wait_ms > worker->run->plan->set.lease_ttl_us / 3000)
        worker_release(worker, 0, NULL);
}

static int give_up(struct worker *worker, const struct err *cause, struct err *err) {
    struct err copy = *cause;
    if (worker->has_lease)
        err_where(&copy, "fill %s, range %lld", worker->job->name, (long long)worker->lease.range_no);
    err_next(&copy, "the batch was rolled back, everything before it is safe; infill run PLAN resumes at the checkpoint");
    worker_release(worker, 0, copy.message);
    *err = copy;
    return err->code;
}

static int back_off(struct worker *worker, const struct err *cause, struct worker_step *step, struct err *err) {
    if (++worker->attempts > (unsigned)worker->run->plan->set.retry_max)
        return give_up(worker, cause, err);
    worker_wait(worker, step, backoff_ms(worker, cause->code), err_name(cause->code), "retry %u after %s%s%s", worker->attempts,
                err_line(cause->code), cause->sqlstate[0] ? ", SQLSTATE " : "", cause->sqlstate);
    return 0;
}

static int retry_conflict(struct worker *worker, const struct err *cause, struct worker_step *step, struct err *err) {
    if (cause->sqlstate[0] || cause->native)
        worker->ordered = true; /* the server's word, not an account: lock in key order from now on */
    else if (worker->mismatches > 1)
        batch_size_halve(&worker->size, batch_size_rows(&worker->size));
    int rc = guards_conflict(worker, cause, err);
    worker->batch.next = NULL;
    return rc ? rc : back_off(worker, cause, step, err);
}

static int retry_lost(struct worker *worker, const struct err *cause, struct worker_step *step, struct err *err) {
    worker->reread = worker->has_lease;
    return back_off(worker, cause, step, err);
}

/* A primary that was demoted answers on; the next connection is led to its successor. */
static int retry_read_only(struct worker *worker, const struct err *cause, struct worker_step *step, struct err *err) {
    worker_disconnect(worker);
    return retry_lost(worker, cause, step, err);
}

static int64_t park_ms(const struct worker *worker) {
    int64_t ms = PARK_MS;
    for (int64_t i = 0; i < worker->lease.tries && ms < PARK_MS_MAX; i++)
        ms *= 2;
    return ms < PARK_MS_MAX ? ms : PARK_MS_MAX;
}

/* Somebody holds a lock: others may need this worker more. The range is parked and another one taken. */
static int retry_locked(struct worker *worker, const struct err *cause, struct worker_step *step, struct err *err) {
    if (worker->outwaited)
        return give_up(worker, cause, err);
    int rc = guards_locked(worker, cause, err);
    if (rc)
        return rc;
    if (worker->attempts + 1 < LOCKED_BEFORE_PARK || !worker->has_lease)
        return back_off(worker, cause, step, err);
    int64_t number = worker->lease.range_no, ms = park_ms(worker);
    worker->attempts = 0;
    worker_release(worker, ms, cause->message);
    worker_wait(worker, step, 0, "LOCKED", "range %lld parked for %lld s: %s", (long long)number, (long long)(ms / 1000),
                err_line(cause->code));
    return 0;
}

static int retry_slow(struct worker *worker, const struct err *cause, struct worker_step *step, struct err *err) {
    if (worker->has_lease)
        guards_look_soon(worker);
    if (!worker->has_lease || worker->batch.asked <= 1)
        return back_off(worker, cause, step, err);
    batch_size_halve(&worker->size, worker->batch.asked);
    worker->batch.next = NULL;
    worker_wait(worker, step, 0, "SLOW", "batch halved to %lld rows: %s", (long long)batch_size_rows(&worker->size),
                err_line(cause->code));
    return 0;
}

/* Somebody waited for a lock of this batch for too long: the next one holds fewer, and not for as long. One row that is held for so long is
 * like a lock that is not to be had: others of the range may be as slow, and the application needs it more. */
static int gave_way(struct worker *worker, const struct err *cause, struct worker_step *step, struct err *err) {
    int64_t asked = worker->batch.asked;
    if (!worker->has_lease || asked <= 1)
        return retry_locked(worker, cause, step, err);
    batch_size_halve(&worker->size, asked);
    worker->batch.next = NULL;
    worker_wait(worker, step, backoff_ms(worker, cause->code), "gave way", "somebody waited for a lock: batch halved to %lld rows",
                (long long)batch_size_rows(&worker->size));
    return 0;
}

/* What the answer to an error ran into is answered itself; a row error would only lead back here. */
static int answer_again(struct worker *worker, struct worker_step *step, struct err *err) {
    struct err again = *err;
    err_clear(err);
    return again.code == ERR_ROW ? give_up(worker, &again, err) : worker_retry(worker, &again, step, err);
}

static int reject_row(struct worker *worker, const struct err *cause, struct worker_step *step, struct err *err) {
    struct evidence evidence;
    guards_look(worker, &evidence);
    evidence.cause = cause;
    int rc = batch_reject(worker, cause, err);
    if (rc)
        return answer_again(worker, step, err);
    step->state = WORKER_BATCH;
    step->rows = 1;
    rc = worker_moved(worker, 0, err);
    if (rc == 0 && (rc = guards_reject(worker, &evidence, err)) != 0 && rc != ERR_HALTED)
        return answer_again(worker, step, err);
    return rc;
}

/* on_conflict: fail. The key is named; nothing of the batch is in. */
static int stop_conflict(struct worker *worker, const struct err *cause, struct err *err) {
    struct err copy = *cause;
    snprintf(copy.message, sizeof copy.message, "key %.400s is in %s already, and on_conflict is fail", worker->batch.next,
             worker->job->target_name);
    err_next(&copy, "the batch was rolled back; remove the row, or set on_conflict to keep or overwrite under another plan name");
    return give_up(worker, &copy, err);
}

/* A row of the batch cannot be written: halves, until the batch is that row. */
static int bisect(struct worker *worker, const struct err *cause, struct worker_step *step, struct err *err) {
    if (!worker->has_lease)
        return give_up(worker, cause, err);
    worker->attempts = 0;
    if (worker->batch.rows == 1) {
        bool conflict = false;
        int rc = cause->code == ERR_DUPLICATE && worker->job->map.on_conflict == FILL_FAIL
                     ? batch_is_present(worker, &conflict, err)
                     : 0;
        if (rc)
            return answer_again(worker, step, err);
        return conflict ? stop_conflict(worker, cause, err) : reject_row(worker, cause, step, err);
    }
    if (worker->batch.asked <= 1)
        return give_up(worker, cause, err); /* there is no row left to single out: the error is of the statement, not of a row */
    batch_size_halve(&worker->size, worker->batch.asked);
    worker->batch.next = NULL;
    worker_wait(worker, step, 0, "ROW", "looking for the row that cannot be written: %lld rows",
                (long long)batch_size_rows(&worker->size));
    return 0;
}

/* The target has a row of this match key, or another unique index has its values: the anti-join tells the two apart. */
static int retry_duplicate(struct worker *worker, const struct err *cause, struct worker_step *step, struct err *err) {
    if (!worker->has_lease || worker->job->map.in_place)
        return bisect(worker, cause, step, err);
    if (worker->lease.keep || worker->job->map.on_conflict != FILL_KEEP)
        return bisect(worker, cause, step, err);
    worker->lease.keep = true;
    worker_wait(worker, step, 0, "DUPLICATE", "rows are there already: only missing ones are written from here on");
    return 0;
}

static int fenced(struct worker *worker, const struct err *cause, struct worker_step *step, struct err *err) {
    (void)cause, (void)err;
    worker_forget(worker);
    worker_wait(worker, step, 0, "FENCED", "the range has another owner now");
    return 0;
}

static int stop(struct worker *worker, const struct err *cause, struct worker_step *step, struct err *err) {
    (void)step;
    return give_up(worker, cause, err);
}

/* What nobody understands halts the run for everybody, with what is known. */
static int halt(struct worker *worker, const struct err *cause, struct worker_step *step, struct err *err) {
    (void)step;
    struct err copy = *cause;
    if (worker->has_lease)
        err_where(&copy, "fill %s, range %lld", worker->job->name, (long long)worker->lease.range_no);
    char reason[ERR_CONTEXT_MAX];
    struct err halted;
    struct evidence evidence;
    err_clear(&halted);
    guards_look(worker, &evidence);
    evidence.cause = cause;
    worker_release(worker, 0, copy.message);
    snprintf(reason, sizeof reason, "%.380s (%s)", copy.message, err_name(copy.code));
    guards_halt(worker, reason, &evidence, &halted);
    err_next(&copy, "the run is halted, the batch was rolled back; when the cause is gone: infill resume PLAN --because \"...\"");
    *err = copy;
    return err->code;
}

/* The batch is tried again at once when there is a hint to go on with. */
static int retry_without_index(struct worker *worker, struct worker_step *step, struct err *err) {
    int rc = worker_lost_index(worker, err);
    if (rc)
        return rc == ERR_HALTED ? rc : answer_again(worker, step, err);
    worker_wait(worker, step, 0, "hint", "an index is gone: going on with the plan's hint");
    return 0;
}

struct answer {
    int code;
    int (*act)(struct worker *worker, const struct err *cause, struct worker_step *step, struct err *err);
};

static const struct answer answers[] = {
    {ERR_TRANSIENT, retry_conflict},
    {ERR_LOST, retry_lost},
    {ERR_UNCLEAR, retry_lost},
    {ERR_CONNECT, retry_lost},
    {ERR_LOCKED, retry_locked},
    {ERR_SLOW, retry_slow},
    {ERR_CANCELLED, gave_way},
    {ERR_ROW, bisect},
    {ERR_DUPLICATE, retry_duplicate},
    {ERR_FENCED, fenced},
    {ERR_READ_ONLY, retry_read_only},
    {ERR_UNKNOWN, halt},
    {ERR_ACCOUNT, halt},
    {ERR_MISMATCH, halt},
    {ERR_FULL, stop},
    {ERR_DENIED, stop},
    {ERR_SQL, stop},
};

int worker_retry(struct worker *worker, struct err *cause, struct worker_step *step, struct err *err) {
    pthread_mutex_lock(&worker->run->lock);
    worker->run->retries += cause->code != ERR_FENCED;
    pthread_mutex_unlock(&worker->run->lock);
    if (worker->job && db_error_is(cause, db_engine_for(worker->run->plan->source_url)->no_index_codes))
        return retry_without_index(worker, step, err);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        if (answers[i].code == cause->code)
            return answers[i].act(worker, cause, step, err);
    return give_up(worker, cause, err);
}
