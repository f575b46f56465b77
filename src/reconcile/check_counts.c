/* check_counts.c - as many rows on both sides. */
#include "base/mem.h"
#include "reconcile/check.h"

struct counts {
    struct check base;
    uint64_t rows[SIDES];
};

static int open_counts(const struct check_options *options, struct check **check, struct err *err) {
    (void)options;
    struct counts *counts = mem_zalloc(1, sizeof(*counts));
    if (counts == NULL)
        return err_nomem(err);
    *check = &counts->base;
    return 0;
}

static void reset_counts(struct check *check) {
    struct counts *counts = (struct counts *)check;
    *counts = (struct counts){.base = counts->base};
}

static int count_row(struct check *check, enum side side, const struct check_row *row, struct err *err) {
    (void)row;
    (void)err;
    ((struct counts *)check)->rows[side]++;
    return 0;
}

static int merge_counts(struct check *check, const struct check *other, struct err *err) {
    (void)err;
    for (int side = 0; side < SIDES; side++)
        ((struct counts *)check)->rows[side] += ((const struct counts *)other)->rows[side];
    return 0;
}

static int finish_counts(const struct check *check, struct check_result *result, struct err *err) {
    (void)err;
    check_fact_sides(result, "rows", NULL, ((const struct counts *)check)->rows);
    return 0;
}

static void close_counts(struct check *check) {
    mem_free(check);
}

const struct check_type counts_check = {
    .name = "counts",
    .open = open_counts,
    .reset = reset_counts,
    .row = count_row,
    .merge = merge_counts,
    .finish = finish_counts,
    .close = close_counts,
};
