/* check_aggregates.c - sums, smallest and greatest values, and numbers of NULLs, the same on both sides.
 *
 * They find nothing that the digest does not, but they say how much is wrong, in units that the owner of the data knows. A sum shows only
 * where enough values are in it to hide each of them; of the smallest and the greatest only whether they agree. */
#include <string.h>

#include "base/mem.h"
#include "reconcile/check.h"
#include "reconcile/column_sum.h"
#include "reconcile/datum_order.h"

enum {
    SUM_SHOWN_FROM = 10, /* values */
    EXTREMES = 2,        /* the smallest, the greatest */
};

static const char *const extreme_names[EXTREMES] = {"min", "max"};
static const char *const side_names[SIDES] = {[SIDE_SOURCE] = "source", [SIDE_TARGET] = "target"};

/* A value that outlives its row. */
struct kept {
    struct datum value; /* kind DATUM_NULL: none */
    struct buf bytes;
};

struct aggregates {
    struct check base;
    uint64_t *nulls;                   /* by column and side */
    struct column_sum *sums;           /* by column of options->sum and side */
    struct kept (*extremes)[EXTREMES]; /* by column of options->extrema and side */
};

static void close_aggregates(struct check *check) {
    struct aggregates *aggregates = (struct aggregates *)check;
    if (aggregates == NULL)
        return;
    for (size_t i = 0; aggregates->extremes != NULL && i < check->options->extrema.count * SIDES; i++)
        for (int end = 0; end < EXTREMES; end++)
            buf_release(&aggregates->extremes[i][end].bytes);
    mem_free(aggregates->extremes);
    mem_free(aggregates->sums);
    mem_free(aggregates->nulls);
    mem_free(aggregates);
}

static int open_aggregates(const struct check_options *options, struct check **check, struct err *err) {
    struct aggregates *aggregates = mem_zalloc(1, sizeof(*aggregates));
    if (aggregates == NULL)
        return err_nomem(err);
    aggregates->base.options = options;
    aggregates->nulls = mem_zalloc(options->shape->column_count * SIDES, sizeof(*aggregates->nulls));
    aggregates->sums = mem_zalloc(options->sum.count * SIDES, sizeof(*aggregates->sums));
    aggregates->extremes = mem_zalloc(options->extrema.count * SIDES, sizeof(*aggregates->extremes));
    for (size_t i = 0; aggregates->extremes != NULL && i < options->extrema.count * SIDES; i++)
        for (int end = 0; end < EXTREMES; end++)
            buf_init(&aggregates->extremes[i][end].bytes);
    if (aggregates->nulls == NULL || aggregates->sums == NULL || aggregates->extremes == NULL) {
        close_aggregates(&aggregates->base);
        return err_nomem(err);
    }
    *check = &aggregates->base;
    return 0;
}

static void reset_aggregates(struct check *check) {
    struct aggregates *aggregates = (struct aggregates *)check;
    const struct check_options *options = check->options;
    memset(aggregates->nulls, 0, options->shape->column_count * SIDES * sizeof(*aggregates->nulls));
    memset(aggregates->sums, 0, options->sum.count * SIDES * sizeof(*aggregates->sums));
    for (size_t i = 0; i < options->extrema.count * SIDES; i++)
        for (int end = 0; end < EXTREMES; end++)
            aggregates->extremes[i][end].value = (struct datum){.kind = DATUM_NULL};
}

static int keep(struct kept *kept, const struct datum *value, struct err *err) {
    buf_clear(&kept->bytes);
    if (value->size > 0 && value->bytes != NULL)
        buf_add_mem(&kept->bytes, value->bytes, value->size);
    if (!buf_ok(&kept->bytes))
        return err_nomem(err);
    kept->value = *value;
    kept->value.bytes = kept->bytes.data;
    return 0;
}

/* Index 0 keeps the smallest, 1 the greatest. */
static int update_extremes(struct kept ends[EXTREMES], const struct datum *value, struct err *err) {
    int code = 0;
    if (value->kind == DATUM_NULL)
        return 0;
    for (int end = 0; end < EXTREMES && code == 0; end++) {
        int order = ends[end].value.kind == DATUM_NULL ? 0 : datum_order(value, &ends[end].value);
        if (ends[end].value.kind == DATUM_NULL || (end == 0 ? order < 0 : order > 0))
            code = keep(&ends[end], value, err);
    }
    return code;
}

static int add_row(struct check *check, enum side side, const struct check_row *row, struct err *err) {
    struct aggregates *aggregates = (struct aggregates *)check;
    const struct check_options *options = check->options;
    int code = 0;
    for (size_t i = 0; i < options->shape->column_count; i++)
        aggregates->nulls[i * SIDES + side] += row->values[i].kind == DATUM_NULL;
    for (size_t i = 0; i < options->sum.count; i++)
        column_sum_add(&aggregates->sums[i * SIDES + side], &row->values[options->sum.at[i]]);
    for (size_t i = 0; i < options->extrema.count && code == 0; i++)
        code = update_extremes(aggregates->extremes[i * SIDES + side], &row->values[options->extrema.at[i]], err);
    return code;
}

static int merge_extremes(struct kept ends[EXTREMES], const struct kept others[EXTREMES], struct err *err) {
    int code = update_extremes(ends, &others[0].value, err);
    return code == 0 ? update_extremes(ends, &others[1].value, err) : code;
}

static int merge_aggregates(struct check *check, const struct check *other, struct err *err) {
    struct aggregates *aggregates = (struct aggregates *)check;
    const struct aggregates *more = (const struct aggregates *)other;
    const struct check_options *options = check->options;
    int code = 0;
    for (size_t i = 0; i < options->shape->column_count * SIDES; i++)
        aggregates->nulls[i] += more->nulls[i];
    for (size_t i = 0; i < options->sum.count * SIDES; i++)
        column_sum_merge(&aggregates->sums[i], &more->sums[i]);
    for (size_t i = 0; i < options->extrema.count * SIDES && code == 0; i++)
        code = merge_extremes(aggregates->extremes[i], more->extremes[i], err);
    return code;
}

/* No values have nothing to hide either. */
static bool shows(const struct column_sum *sum) {
    return sum->numbers == 0 || sum->numbers >= SUM_SHOWN_FROM;
}

static void add_sum_fact(const struct column_sum sums[SIDES], const char *column, struct check_result *result) {
    char text[DECIMAL_SUM_TEXT];
    bool inexact = sums[SIDE_SOURCE].doubles + sums[SIDE_TARGET].doubles > 0;
    json_t *fact = check_fact(result, "sum", column_sum_equal(&sums[SIDE_SOURCE], &sums[SIDE_TARGET]));
    check_fact_text(result, fact, "column", column);
    for (int side = 0; side < SIDES; side++)
        check_fact_text(result, fact, side_names[side], shows(&sums[side]) ? column_sum_text(&sums[side], text) : NULL);
    if (inexact)
        check_fact_text(result, fact, "exact", "no: doubles");
    for (int side = 0; side < SIDES; side++)
        if (sums[side].too_wide > 0)
            check_unverified(result, "%s has numbers on the %s that are too wide to be summed", column, side_names[side]);
}

/* How often a column has what is no part of its sum. */
static void add_odd_facts(const struct column_sum sums[SIDES], const char *column, struct check_result *result) {
    const uint64_t not_finite[SIDES] = {sums[SIDE_SOURCE].not_finite, sums[SIDE_TARGET].not_finite};
    const uint64_t not_numbers[SIDES] = {sums[SIDE_SOURCE].not_numbers, sums[SIDE_TARGET].not_numbers};
    if (not_finite[SIDE_SOURCE] + not_finite[SIDE_TARGET] > 0)
        check_fact_sides(result, "not_finite", column, not_finite);
    if (not_numbers[SIDE_SOURCE] + not_numbers[SIDE_TARGET] > 0)
        check_fact_sides(result, "not_numbers", column, not_numbers);
}

static int hash_value(const struct check_options *options, const struct kept *kept, size_t column, struct buf *scratch,
                      struct row_hash *hash, struct err *err) {
    buf_clear(scratch);
    canonical_add(scratch, &kept->value, options->shape->rules[column]);
    if (!buf_ok(scratch))
        return err_nomem(err);
    *hash = row_hash(options->hash_key, scratch->data, scratch->len);
    return 0;
}

static int add_extreme_fact(const struct check_options *options, const struct kept *const kept[SIDES], size_t column,
                            const char *name, struct buf *scratch, struct check_result *result, struct err *err) {
    struct row_hash hashes[SIDES] = {{0}};
    char text[ROW_DIGEST_HEX_SIZE];
    int code = 0;
    for (int side = 0; side < SIDES && code == 0; side++)
        code = hash_value(options, kept[side], column, scratch, &hashes[side], err);
    if (code != 0)
        return code;
    json_t *fact = check_fact(result, name, row_hash_equal(hashes[SIDE_SOURCE], hashes[SIDE_TARGET]));
    check_fact_text(result, fact, "column", options->shape->names[column]);
    for (int side = 0; side < SIDES; side++)
        check_fact_text(result, fact, side_names[side],
                        kept[side]->value.kind != DATUM_NULL ? check_value_text(hashes[side], text) : NULL);
    return 0;
}

static int add_extreme_facts(const struct aggregates *aggregates, size_t at, struct check_result *result, struct err *err) {
    const struct check_options *options = aggregates->base.options;
    struct buf scratch;
    int code = 0;
    buf_init(&scratch);
    for (int end = 0; end < EXTREMES && code == 0; end++) {
        const struct kept *const kept[SIDES] = {&aggregates->extremes[at * SIDES + SIDE_SOURCE][end],
                                                &aggregates->extremes[at * SIDES + SIDE_TARGET][end]};
        code = add_extreme_fact(options, kept, options->extrema.at[at], extreme_names[end], &scratch, result, err);
    }
    buf_release(&scratch);
    return code;
}

static int finish_aggregates(const struct check *check, struct check_result *result, struct err *err) {
    const struct aggregates *aggregates = (const struct aggregates *)check;
    const struct check_options *options = check->options;
    int code = 0;
    for (size_t i = 0; i < options->shape->column_count; i++)
        check_fact_sides(result, "nulls", options->shape->names[i], &aggregates->nulls[i * SIDES]);
    for (size_t i = 0; i < options->sum.count; i++) {
        add_sum_fact(&aggregates->sums[i * SIDES], options->shape->names[options->sum.at[i]], result);
        add_odd_facts(&aggregates->sums[i * SIDES], options->shape->names[options->sum.at[i]], result);
    }
    for (size_t i = 0; i < options->extrema.count && code == 0; i++)
        code = add_extreme_facts(aggregates, i, result, err);
    return code;
}

const struct check_type aggregates_check = {
    .name = "aggregates",
    .open = open_aggregates,
    .reset = reset_aggregates,
    .row = add_row,
    .merge = merge_aggregates,
    .finish = finish_aggregates,
    .close = close_aggregates,
};
