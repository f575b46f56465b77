/* batch_size.c - see batch_size.h. */
#include "pace/batch_size.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void batch_size_init(struct batch_size *size, int64_t rows, int64_t rows_max, int64_t target_us) {
    memset(size, 0, sizeof *size);
    size->rows_max = rows_max > 0 ? rows_max : 1;
    size->rows = rows > size->rows_max ? size->rows_max : rows;
    if (size->rows < 1)
        size->rows = 1;
    size->target_us = target_us;
}

int64_t batch_size_rows(const struct batch_size *size) {
    return size->limit > 0 && size->limit < size->rows ? size->limit : size->rows;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double p90(const struct batch_size *size) {
    double sorted[BATCH_SIZE_SAMPLES];
    memcpy(sorted, size->us_per_row, sizeof sorted);
    qsort(sorted, size->sample_count, sizeof sorted[0], compare_doubles);
    return sorted[size->sample_count * 9 / 10 < size->sample_count ? size->sample_count * 9 / 10 : size->sample_count - 1];
}

static void clamp(struct batch_size *size) {
    if (size->rows > size->rows_max)
        size->rows = size->rows_max;
    if (size->rows < 1)
        size->rows = 1;
}

static void forget_samples(struct batch_size *size) {
    size->sample_count = 0;
    size->next_sample = 0;
}

/* New size from a full set of samples. The set is forgotten afterwards, so each step is measured at the size it led to. */
static void steer(struct batch_size *size) {
    double wanted = (double)size->target_us / p90(size);
    double most = (double)size->rows * 1.5 + 1;
    size->rows = (int64_t)(wanted < most ? wanted : most);
    clamp(size);
    forget_samples(size);
}

void batch_size_change(struct batch_size *size, int64_t rows, int64_t rows_max, int64_t target_us) {
    size->rows_max = rows_max > 0 ? rows_max : 1;
    size->target_us = target_us;
    if (rows > 0)
        size->rows = rows;
    clamp(size);
    forget_samples(size);
}

/* What a batch that was meant to be small costs per row is more than what a large one would: it is no reason for smaller ones while it
 * was quick. */
static bool says_nothing(const struct batch_size *size, int64_t asked, int64_t rows, int64_t us) {
    bool is_small = asked < size->rows / 2, is_quick = us <= size->target_us;
    return rows < asked / 2 /* the short end of a range: overheads would count as work */
           || (is_small && is_quick && (double)rows * (double)size->target_us <= (double)us * (double)size->rows);
}

void batch_size_done(struct batch_size *size, int64_t asked, int64_t rows, int64_t us) {
    if (size->limit > 0) {
        size->limit *= 2;
        if (size->limit >= size->rows)
            size->limit = 0;
        return; /* batches of a search say nothing about the size to aim at */
    }
    if (size->target_us <= 0 || rows <= 0)
        return;
    if (us > size->target_us * 5) {
        size->rows = rows / 10;
        clamp(size);
        forget_samples(size);
        return;
    }
    if (says_nothing(size, asked, rows, us))
        return;
    size->us_per_row[size->next_sample] = us > 0 ? (double)us / (double)rows : 1.0 / (double)rows;
    size->next_sample = (size->next_sample + 1) % BATCH_SIZE_SAMPLES;
    if (size->sample_count < BATCH_SIZE_SAMPLES)
        size->sample_count++;
    if (size->sample_count == BATCH_SIZE_SAMPLES)
        steer(size);
}

void batch_size_halve(struct batch_size *size, int64_t rows) {
    int64_t half = rows / 2;
    size->limit = half < 1 ? 1 : half;
}
