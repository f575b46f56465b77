/* signal_latency.c - how long a statement of the user's takes, or an answer of his application: a percentile of the last seconds. One that runs
 * into its time limit, or waits for a lock until then, took at least that long. */
#include <math.h>

#include "base/buf.h"
#include "base/clock.h"
#include "pace/signal.h"

enum { TIMES_MAX = 600 }; /* a minute of them, ten a second */

struct latency_signal {
    struct signal base;
    struct {
        int64_t at_us, took_us;
    } times[TIMES_MAX];
    size_t count, next;
};

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The smallest time that at least that part of them does not exceed. */
static double percentile(const struct latency_signal *latency, int64_t now_us) {
    int64_t sorted[TIMES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < latency->count; i++)
        if (now_us - latency->times[i].at_us <= latency->base.about->over_us)
            sorted[count++] = latency->times[i].took_us;
    qsort(sorted, count, sizeof sorted[0], compare);
    double rank = ceil(latency->base.about->percentile * (double)count - 1e-9);
    return count ? (double)sorted[rank < 1 ? 0 : (size_t)rank - 1] / 1e6 : 0;
}

/* An answer that says that something is wrong came fast for another reason. */
static int probe(const struct signal *signal, const struct signal_tools *tools, struct err *err) {
    struct db_result result;
    struct buf answer;
    if (signal->about->url == NULL)
        return signal_rows(signal, tools, signal->about->query, &result, err);
    buf_init(&answer);
    int rc = signal_get(signal, tools, signal->about->url, &answer, err);
    buf_release(&answer);
    return rc;
}

static int sample(struct signal *signal, const struct signal_tools *tools, struct pace_reading *reading, struct err *err) {
    struct latency_signal *latency = (struct latency_signal *)signal;
    int64_t before_us = clock_monotonic_us();
    int rc = probe(signal, tools, err);
    int64_t after_us = clock_monotonic_us(), took_us = after_us - before_us;
    if (rc == ERR_SLOW || rc == ERR_LOCKED) {
        err_clear(err);
        took_us = took_us > signal->about->timeout_us ? took_us : signal->about->timeout_us;
    } else if (rc) {
        return rc;
    }
    latency->times[latency->next].at_us = after_us;
    latency->times[latency->next].took_us = took_us;
    latency->next = (latency->next + 1) % TIMES_MAX;
    latency->count += latency->count < TIMES_MAX;
    reading->value = percentile(latency, after_us);
    return 0;
}

const struct signal_type latency_signal = {
    .name = "latency", .kind = PACE_GAUGE, .needs_db = true, .size = sizeof(struct latency_signal), .sample = sample};
