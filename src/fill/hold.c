/* hold.c - what signals mean for one worker: wait, stand aside so that fewer work, or rest after each batch. */
#include "base/clock.h"
#include "fill/worker.h"

static const double TRICKLE = 0.1; /* of the speed: the one batch a minute is a small one */

enum {
    HOLD_POLL_MS = 250,   /* how soon a worker notices that it may go on */
    HOLD_LEASE_PARTS = 3, /* a range is given back after this part of the lease without a batch (L8) */
};

/* This worker's place among those that are open, and their number. */
static unsigned place_of(const struct worker *worker, unsigned *count) {
    struct fill_run *run = worker->run;
    unsigned place = 0;
    *count = 0;
    pthread_mutex_lock(&run->lock);
    for (unsigned i = 0; i < FILL_WORKERS_MAX; i++) {
        if (run->workers[i] == worker)
            place = *count;
        *count += run->workers[i] != NULL;
    }
    pthread_mutex_unlock(&run->lock);
    return place;
}

/* Whoever waits long has no range: another process may be able to go on. */
static void wait_held(struct worker *worker, struct worker_step *step, int64_t wait_ms, const struct pace_decision *decision) {
    worker->held_ms += wait_ms;
    if (worker->has_lease && worker->held_ms > worker->run->plan->set.lease_ttl_us / 1000 / HOLD_LEASE_PARTS)
        worker_release(worker, 0, NULL);
    worker_wait(worker, step, wait_ms, decision->signal->name, "%s", decision->text);
}

bool worker_may_go(struct worker *worker, struct worker_step *step) {
    struct pace_decision decision;
    worker->factor = 1;
    if (worker->run->sampler == NULL)
        return true;
    sampler_decide(worker->run->sampler, &decision);
    worker->granted = !decision.hard && (worker->granted || sampler_trickle(worker->run->sampler));
    if (decision.verdict == PACE_WAIT && !worker->granted) {
        wait_held(worker, step, HOLD_POLL_MS, &decision);
        return false;
    }
    if (decision.verdict != PACE_SLOW) {
        worker->rest_us = 0;
        worker->factor = decision.verdict == PACE_WAIT ? TRICKLE : 1;
        return true;
    }
    unsigned count, place = place_of(worker, &count);
    int64_t left_ms = (worker->rest_us - clock_monotonic_us()) / 1000;
    worker->factor = decision.factor;
    if (place >= pace_workers(decision.factor, count)) {
        worker_release(worker, 0, NULL);
        wait_held(worker, step, HOLD_POLL_MS, &decision);
        return false;
    }
    if (left_ms > 0) {
        wait_held(worker, step, left_ms < HOLD_POLL_MS ? left_ms : HOLD_POLL_MS, &decision);
        return false;
    }
    return true;
}

void worker_rest(struct worker *worker, int64_t us) {
    unsigned count;
    worker->held_ms = 0;
    worker->granted = false;
    if (worker->run->sampler == NULL)
        return;
    sampler_batch(worker->run->sampler);
    place_of(worker, &count);
    worker->rest_us = worker->factor < 1 ? clock_monotonic_us() + pace_rest_us(worker->factor, count, us) : 0;
}

int64_t worker_batch_rows(const struct worker *worker) {
    struct fill_run *run = worker->run;
    int64_t most = batch_size_rows(&worker->size);
    if (worker->factor >= 1)
        return most;
    pthread_mutex_lock(&run->lock);
    double share = run->share;
    pthread_mutex_unlock(&run->lock);
    int64_t rows = pace_rows(worker->factor, worker->size.rows, share, worker->size.target_us);
    return rows < most ? rows : most;
}
