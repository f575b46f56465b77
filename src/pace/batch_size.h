/* batch_size.h - how many rows the next batch has: a servo that aims at a time per batch.
 *
 * After the algorithm of block/spirit: over the last ten batches, size × target / p90(time), growing by at most half a step; one batch of
 * more than five times the target divides by ten at once. Time is an honest signal here because a batch is one server-side statement.
 * Beside it stands a second, temporary limit: when a batch failed because of a row, or ran into its time limit, halving it down to the
 * row is a search, not a measurement; the limit doubles again with every batch that goes through. Not thread-safe. */
#ifndef PACE_BATCH_SIZE_H
#define PACE_BATCH_SIZE_H

#include <stdint.h>

enum { BATCH_SIZE_SAMPLES = 10 };

struct batch_size {
    int64_t rows; /* what the servo wants */
    int64_t rows_max;
    int64_t target_us;
    double us_per_row[BATCH_SIZE_SAMPLES]; /* of the last batches */
    unsigned sample_count;
    unsigned next_sample;
    int64_t limit; /* temporary; 0: none */
};

void batch_size_init(struct batch_size *size, int64_t rows, int64_t rows_max, int64_t target_us);
/* Other settings from now on; `rows` 0: the size found so far, as far as they allow it. */
void batch_size_change(struct batch_size *size, int64_t rows, int64_t rows_max, int64_t target_us);
/* Rows of the next batch, at least 1. */
int64_t batch_size_rows(const struct batch_size *size);
/* A batch of `rows` went through in `us`; `asked` for were as many, or fewer than the servo wants, if signals slow the run down. */
void batch_size_done(struct batch_size *size, int64_t asked, int64_t rows, int64_t us);
/* A batch of `rows` failed and is to be tried in halves. */
void batch_size_halve(struct batch_size *size, int64_t rows);

#endif
