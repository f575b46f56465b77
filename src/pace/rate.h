/* rate.h - rows per second as a hard token bucket.
 *
 * The bucket starts empty, fills at `per_second` and holds at most one second's worth. A batch may go when the bucket holds its rows, or
 * is full; what it takes beyond that is owed, so the average holds for batches of any size. The rate is this process's share of the
 * plan's: the caller sets it anew when leases come and go. Times are arguments (microseconds of one monotonic clock). Not thread-safe. */
#ifndef PACE_RATE_H
#define PACE_RATE_H

#include <stdint.h>

struct rate {
    double per_second; /* 0: unlimited */
    double tokens;
    int64_t filled_us; /* when tokens was last brought up to date */
};

void rate_init(struct rate *rate, double per_second, int64_t now_us);
/* Another rate from now on; what was saved up under the old one is kept as far as the new bucket holds it. */
void rate_set(struct rate *rate, double per_second, int64_t now_us);
/* 0: go, the rows are taken. Else microseconds until it is worth asking again, at least 1000; nothing is taken. */
int64_t rate_take(struct rate *rate, double rows, int64_t now_us);
/* Gives back rows that were taken and not moved. */
void rate_return(struct rate *rate, double rows);

#endif
