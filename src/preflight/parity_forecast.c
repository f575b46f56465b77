/* parity_forecast.c - what a forecast made in the first environment is worth in the second: batch and commit together, without a limit
 * and at the pace of the second. */
#include <inttypes.h>

#include "preflight/parity.h"

/* A batch of so many rows and its commit; the ledger's own statements are not in it. Negative: not known. */
static double batch_ms(struct parity_side *side, size_t fill, int64_t rows) {
    struct spread row_us = spread_of(side->batches[fill].values, side->batches[fill].count);
    struct spread commit = spread_of(side->batch_commits.values, side->batch_commits.count);
    return row_us.count >= SPREAD_MIN ? row_us.middle * (double)rows / 1000.0 + commit.middle : -1;
}

static void say(struct parity *parity, const char *name, const double ms[2], double free, double paced) {
    const struct plan_settings *set = &parity->sides[1].plan->set;
    bool has_commits = parity->sides[0].batch_commits.count > 0 && parity->sides[1].batch_commits.count > 0;
    const char *subject =
        parity_text(parity, "%s: batch of %" PRId64 " rows%s", name, parity->batch_rows, has_commits ? " and its commit" : "");
    const char *a = parity_text(parity, "%.1f ms", ms[0]), *b = parity_text(parity, "%.1f ms", ms[1]);
    double off = free >= 1 ? free : 1 / free, off_paced = paced >= 1 ? paced : 1 / paced;
    const char *word = free >= 1 ? "optimistic" : "pessimistic", *first = parity->sides[0].name;
    if (off < RATIO_MATTERS)
        parity_say(parity, PARITY_PASS, subject, a, b, NULL, "%s", "");
    else if (off_paced < RATIO_MATTERS)
        parity_say(parity, PARITY_INFO, subject, a, b, NULL,
                   "without a limit a forecast from %s is %s by %s times; at %" PRId64 " rows/s it holds", first, word,
                   parity_factor(parity, off), set->pace_rows_per_second);
    else
        parity_say(parity, PARITY_WARN, subject, a, b, "rehearse there: infill plan PLAN --env ENVIRONMENT --rehearse",
                   "a forecast from %s is %s by %s times", first, word, parity_factor(parity, off_paced));
}

/* A difference that the batches themselves do not show clearly is none here either. */
static bool is_clear(struct parity *parity, size_t fill) {
    struct spread rows[2], commits[2];
    for (size_t i = 0; i < 2; i++) {
        struct parity_side *side = &parity->sides[i];
        rows[i] = spread_of(side->batches[fill].values, side->batches[fill].count);
        commits[i] = spread_of(side->batch_commits.values, side->batch_commits.count);
    }
    return ratio_of(rows, 0).verdict == RATIO_DIFFERS || ratio_of(commits, 0).verdict == RATIO_DIFFERS;
}

static int compare(struct parity *parity, struct err *err) {
    const struct plan_settings *set = &parity->sides[1].plan->set;
    int64_t workers = parity->sides[1].db->engine->dialect->concurrent_writers ? set->workers : 1;
    (void)err;
    for (size_t fill = 0; fill < parity->sides[0].jobs->count; fill++) {
        double ms[2];
        for (size_t i = 0; i < 2; i++)
            ms[i] = batch_ms(&parity->sides[i], fill, parity->batch_rows);
        if (ms[0] < 0 || ms[1] < 0)
            continue;
        bool clear = is_clear(parity, fill);
        say(parity, parity->sides[0].jobs->jobs[fill].name, ms, clear ? ratio_of_fills(ms, parity->batch_rows, workers, 0) : 1,
            clear ? ratio_of_fills(ms, parity->batch_rows, workers, set->pace_rows_per_second) : 1);
    }
    return 0;
}

const struct parity_item forecast_parity = {"forecast", compare};
