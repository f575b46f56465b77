/* rate.c - see rate.h. */
#include "pace/rate.h"

static void fill_up(struct rate *rate, int64_t now_us) {
    if (now_us > rate->filled_us)
        rate->tokens += rate->per_second * (double)(now_us - rate->filled_us) / 1e6;
    if (rate->tokens > rate->per_second)
        rate->tokens = rate->per_second;
    rate->filled_us = now_us;
}

void rate_init(struct rate *rate, double per_second, int64_t now_us) {
    rate->per_second = per_second;
    rate->tokens = 0;
    rate->filled_us = now_us;
}

void rate_set(struct rate *rate, double per_second, int64_t now_us) {
    fill_up(rate, now_us);
    rate->per_second = per_second;
    if (rate->tokens > per_second)
        rate->tokens = per_second;
}

int64_t rate_take(struct rate *rate, double rows, int64_t now_us) {
    if (rate->per_second <= 0)
        return 0;
    fill_up(rate, now_us);
    /* A share can be smaller than one batch; a full bucket is then all that can be waited for. */
    double wanted = rows < rate->per_second ? rows : rate->per_second;
    if (rate->tokens >= wanted - 1e-6) {
        rate->tokens -= rows;
        return 0;
    }
    int64_t wait_us = (int64_t)((wanted - rate->tokens) / rate->per_second * 1e6) + 1;
    return wait_us < 1000 ? 1000 : wait_us;
}

void rate_return(struct rate *rate, double rows) {
    if (rate->per_second > 0)
        rate->tokens += rows;
}
