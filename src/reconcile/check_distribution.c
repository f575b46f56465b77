/* check_distribution.c - how often each value of a column with few values occurs, on both sides: a status that went wrong shows as two
 * counts that moved.
 *
 * Up to DISTRIBUTION_MAX different values are counted. A column with more is not one for this check: it says so and counts no further. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "reconcile/check.h"

enum {
    DISTRIBUTION_MAX = 1000,
    DISTRIBUTION_SLOTS = 2048, /* a power of two, twice as many */
    DISTRIBUTION_LISTED = 100, /* values that are shown: those whose counts differ, then the most frequent ones */
};

struct value_count {
    struct row_hash hash;
    uint64_t counts[SIDES]; /* both 0: a free slot */
};

struct column {
    struct value_count *slots; /* NULL before the first value, and once there are too many */
    size_t values;
    bool too_many;
};

struct distribution {
    struct check base;
    struct row_hash null_hash;
    size_t count;
    struct column columns[];
};

static bool wants_distribution(const struct check_options *options) {
    return options->distribution.count > 0;
}

static int open_distribution(const struct check_options *options, struct check **check, struct err *err) {
    size_t count = options->distribution.count;
    struct distribution *distribution = mem_zalloc(1, sizeof(*distribution) + count * sizeof(distribution->columns[0]));
    if (distribution == NULL)
        return err_nomem(err);
    distribution->count = count;
    distribution->null_hash = row_hash(options->hash_key, "n", 2); /* the canonical bytes of NULL: n and the length 0 */
    *check = &distribution->base;
    return 0;
}

static void reset_distribution(struct check *check) {
    struct distribution *distribution = (struct distribution *)check;
    for (size_t i = 0; i < distribution->count; i++) {
        struct column *column = &distribution->columns[i];
        if (column->slots != NULL)
            memset(column->slots, 0, DISTRIBUTION_SLOTS * sizeof(*column->slots));
        column->values = 0;
        column->too_many = false;
    }
}

static bool is_free(const struct value_count *slot) {
    return slot->counts[SIDE_SOURCE] == 0 && slot->counts[SIDE_TARGET] == 0;
}

static void give_up(struct column *column) {
    mem_free(column->slots);
    column->slots = NULL;
    column->too_many = true;
}

static int count_value(struct column *column, struct row_hash hash, const uint64_t counts[SIDES], struct err *err) {
    if (column->too_many)
        return 0;
    if (column->slots == NULL && (column->slots = mem_zalloc(DISTRIBUTION_SLOTS, sizeof(*column->slots))) == NULL)
        return err_nomem(err);
    size_t at = hash.low & (DISTRIBUTION_SLOTS - 1);
    while (!is_free(&column->slots[at]) && !row_hash_equal(column->slots[at].hash, hash))
        at = (at + 1) & (DISTRIBUTION_SLOTS - 1);
    struct value_count *slot = &column->slots[at];
    if (is_free(slot) && column->values++ == DISTRIBUTION_MAX) {
        give_up(column);
        return 0;
    }
    slot->hash = hash;
    for (int side = 0; side < SIDES; side++)
        slot->counts[side] += counts[side];
    return 0;
}

static int add_row(struct check *check, enum side side, const struct check_row *row, struct err *err) {
    struct distribution *distribution = (struct distribution *)check;
    const uint64_t counts[SIDES] = {side == SIDE_SOURCE, side == SIDE_TARGET};
    int code = 0;
    for (size_t i = 0; i < distribution->count && code == 0; i++) {
        size_t at = check->options->distribution.at[i];
        size_t from = at > 0 ? row->ends[at - 1] : 0;
        if (!distribution->columns[i].too_many)
            code = count_value(&distribution->columns[i],
                               row_hash(check->options->hash_key, row->bytes + from, row->ends[at] - from), counts, err);
    }
    return code;
}

static int merge_column(struct column *column, const struct column *other, struct err *err) {
    int code = 0;
    if (other->too_many && !column->too_many)
        give_up(column);
    for (size_t i = 0; other->slots != NULL && i < DISTRIBUTION_SLOTS && code == 0; i++)
        if (!is_free(&other->slots[i]))
            code = count_value(column, other->slots[i].hash, other->slots[i].counts, err);
    return code;
}

static int merge_distribution(struct check *check, const struct check *other, struct err *err) {
    struct distribution *distribution = (struct distribution *)check;
    int code = 0;
    for (size_t i = 0; i < distribution->count && code == 0; i++)
        code = merge_column(&distribution->columns[i], &((const struct distribution *)other)->columns[i], err);
    return code;
}

static bool differs(const struct value_count *value) {
    return value->counts[SIDE_SOURCE] != value->counts[SIDE_TARGET];
}

/* What differs first, then by frequency, then by hash, so that a report does not depend on the order of rows. */
static int compare_values(const void *left, const void *right) {
    const struct value_count *a = left;
    const struct value_count *b = right;
    if (differs(a) != differs(b))
        return differs(a) ? -1 : 1;
    if (a->counts[SIDE_SOURCE] != b->counts[SIDE_SOURCE])
        return a->counts[SIDE_SOURCE] > b->counts[SIDE_SOURCE] ? -1 : 1;
    return (a->hash.high > b->hash.high) - (a->hash.high < b->hash.high);
}

static void add_value(const struct distribution *distribution, const struct value_count *value, struct check_result *result,
                      json_t *list) {
    char text[ROW_DIGEST_HEX_SIZE];
    bool is_null = row_hash_equal(value->hash, distribution->null_hash);
    json_t *json = json_pack("{s:s, s:I, s:I}", "value", is_null ? "NULL" : check_value_text(value->hash, text), "source",
                             (json_int_t)value->counts[SIDE_SOURCE], "target", (json_int_t)value->counts[SIDE_TARGET]);
    if (json_array_append_new(list, json) != 0)
        result->failed = true;
}

static int sorted_values(const struct column *column, struct value_count **values, struct err *err) {
    size_t count = 0;
    *values = mem_zalloc(column->values, sizeof(**values));
    if (*values == NULL)
        return err_nomem(err);
    for (size_t i = 0; column->slots != NULL && i < DISTRIBUTION_SLOTS; i++)
        if (!is_free(&column->slots[i]))
            (*values)[count++] = column->slots[i];
    if (count > 0)
        qsort(*values, count, sizeof(**values), compare_values);
    return 0;
}

static int add_facts(const struct distribution *distribution, const struct column *column, const char *name,
                     struct check_result *result, struct err *err) {
    struct value_count *values;
    int code = sorted_values(column, &values, err);
    if (code != 0)
        return code;
    json_t *fact = check_fact(result, "distribution", column->values == 0 || !differs(&values[0]));
    json_t *list = json_array();
    check_fact_text(result, fact, "column", name);
    check_fact_number(result, fact, "values", column->values);
    for (size_t i = 0; i < column->values && i < DISTRIBUTION_LISTED; i++)
        add_value(distribution, &values[i], result, list);
    if (fact == NULL)
        json_decref(list);
    else if (json_object_set_new(fact, "counts", list) != 0)
        result->failed = true;
    mem_free(values);
    return 0;
}

static int finish_distribution(const struct check *check, struct check_result *result, struct err *err) {
    const struct distribution *distribution = (const struct distribution *)check;
    int code = 0;
    for (size_t i = 0; i < distribution->count && code == 0; i++) {
        const char *name = check->options->shape->names[check->options->distribution.at[i]];
        if (distribution->columns[i].too_many)
            check_unverified(result, "%s has more than %d different values", name, DISTRIBUTION_MAX);
        else
            code = add_facts(distribution, &distribution->columns[i], name, result, err);
    }
    return code;
}

static void close_distribution(struct check *check) {
    struct distribution *distribution = (struct distribution *)check;
    if (distribution == NULL)
        return;
    for (size_t i = 0; i < distribution->count; i++)
        mem_free(distribution->columns[i].slots);
    mem_free(distribution);
}

const struct check_type distribution_check = {
    .name = "distribution",
    .wanted = wants_distribution,
    .open = open_distribution,
    .reset = reset_distribution,
    .row = add_row,
    .merge = merge_distribution,
    .finish = finish_distribution,
    .close = close_distribution,
};
