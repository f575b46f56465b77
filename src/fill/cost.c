/* cost.c - what the plan's own rate costs, beside what signals cost: the most common reason why a run is not faster. */
#include "fill/run.h"

enum {
    COST_EVERY_US = 5000000, /* how often it is written down */
    COST_LEAST_MS = 500,     /* less than this in that time is not worth a row */
};

static const char reason[] = "rate limit";

/* The run is held up by as much of it as workers that have something to do are. */
void fill_run_waits_for_rate(struct fill_run *run, int64_t wait_us, bool counted) {
    unsigned holding = run->holding + !counted;
    run->cost.waited_us += wait_us / (holding > 0 ? holding : 1);
}

/* Is there something to write down? Under the lock. */
static bool is_due(struct fill_run *run, int64_t now_us, bool ends) {
    int64_t total_ms = run->cost.waited_us / 1000, passed_us = now_us - run->cost.since_us, rate = run->set.pace_rows_per_second;
    bool held = run->cost.holds, changed = held && rate != run->cost.rate, over = passed_us >= COST_EVERY_US;
    if (over) {
        int64_t grown_ms = total_ms - run->cost.since_ms, percent = 100 - grown_ms * 100000 / passed_us;
        run->cost.holds = grown_ms >= COST_LEAST_MS;
        run->cost.percent = percent < 0 ? 0 : percent;
        run->cost.since_us = now_us;
        run->cost.since_ms = total_ms;
    }
    if (ends || rate <= 0)
        run->cost.holds = false;
    run->cost.rate = rate;
    bool tail = ends && total_ms > run->cost.written_ms && total_ms >= COST_LEAST_MS;
    return tail || changed || ((over || ends) && (held || run->cost.holds));
}

void fill_run_cost(struct fill_run *run, struct db *db, int64_t now_us, bool ends) {
    char detail[64];
    struct err err;
    pthread_mutex_lock(&run->lock);
    bool due = is_due(run, now_us, ends), holds = run->cost.holds;
    struct ledger_pace row = {.reason = reason,
                              .state = holds ? "slow" : "go",
                              .detail = holds ? detail : "",
                              .percent = holds ? run->cost.percent : 100,
                              .slowed_ms = run->cost.waited_us / 1000};
    snprintf(detail, sizeof detail, "rate limit: %lld rows/s for the plan", (long long)run->cost.rate);
    pthread_mutex_unlock(&run->lock);
    err_clear(&err);
    if (!due || ledger_pace_put(run->ledger, db, run->run, run->owner_prefix, &row, &err) != 0)
        return; /* next time, if not now */
    pthread_mutex_lock(&run->lock);
    run->cost.written_ms = row.slowed_ms;
    pthread_mutex_unlock(&run->lock);
}
