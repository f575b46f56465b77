/* cost.c - what the plan's own rate costs, beside what signals cost: the most common reason why a run is not faster. */
#include "base/text.h"
#include "fill/run.h"

enum {
    COST_EVERY_US = 5000000, /* how often it is written down */
    COST_LEAST_MS = 500,     /* less than this in that time is not worth a row */
};

static const char reason[] = "rate limit";

/* Milliseconds that a worker has waited for the rate so far, on average; under the lock. */
static int64_t waited_ms(const struct fill_run *run) {
    for (unsigned i = 0; i < run->reason_count; i++)
        if (text_equal(run->reasons[i].what, reason))
            return run->reasons[i].waited_ms / (run->worker_count ? run->worker_count : 1);
    return 0;
}

void fill_run_cost(struct fill_run *run, struct db *db, int64_t now_us) {
    char detail[64];
    struct err err;
    pthread_mutex_lock(&run->lock);
    int64_t total_ms = waited_ms(run), passed_us = now_us - run->cost_us, grown_ms = total_ms - run->cost_ms;
    int64_t per_second = run->set.pace_rows_per_second;
    bool holds = grown_ms >= COST_LEAST_MS;
    bool due = passed_us >= COST_EVERY_US && (holds || run->cost_holds);
    if (due) {
        run->cost_us = now_us;
        run->cost_ms = total_ms;
        run->cost_holds = holds;
    }
    pthread_mutex_unlock(&run->lock);
    if (!due)
        return;
    int64_t percent = 100 - grown_ms * 100000 / passed_us;
    struct ledger_pace row = {.reason = reason,
                              .state = holds ? "slow" : "go",
                              .detail = holds ? detail : "",
                              .percent = percent < 0 ? 0 : percent,
                              .slowed_ms = total_ms};
    snprintf(detail, sizeof detail, "rate limit: %lld rows/s for the plan", (long long)per_second);
    err_clear(&err);
    ledger_pace_put(run->ledger, db, run->run, run->owner_prefix, &row, &err); /* next time, if not now */
}
