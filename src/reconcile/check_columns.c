/* check_columns.c - rows that are there on both sides hold the same; if not, which columns differ, and in how many rows.
 *
 * How many rows differ comes from matching; their columns from the rows that were read again. Also counts what is equal only under the
 * weaker rule of a column, which is no difference, but must not be silent. */
#include <string.h>

#include "base/mem.h"
#include "reconcile/check.h"

struct columns {
    struct check base;
    size_t count;
    uint64_t different; /* rows */
    uint64_t alike;
    uint64_t pairs;        /* differing rows that were read again */
    uint64_t per_column[]; /* of those, the rows in which the column differs */
};

static int open_columns(const struct check_options *options, struct check **check, struct err *err) {
    size_t count = options->shape->column_count;
    struct columns *columns = mem_zalloc(1, sizeof(*columns) + count * sizeof(columns->per_column[0]));
    if (columns == NULL)
        return err_nomem(err);
    columns->count = count;
    *check = &columns->base;
    return 0;
}

static void reset_columns(struct check *check) {
    struct columns *columns = (struct columns *)check;
    columns->different = 0;
    columns->alike = 0;
    columns->pairs = 0;
    memset(columns->per_column, 0, columns->count * sizeof(columns->per_column[0]));
}

static int add_totals(struct check *check, const struct range_totals *totals, struct err *err) {
    (void)err;
    struct columns *columns = (struct columns *)check;
    columns->different += totals->keys[RANGE_DIFFERENT];
    columns->alike += totals->keys[RANGE_ALIKE];
    return 0;
}

static int add_pair(struct check *check, const struct check_pair *pair, struct err *err) {
    (void)err;
    struct columns *columns = (struct columns *)check;
    columns->pairs++;
    for (size_t i = 0; i < columns->count; i++)
        columns->per_column[i] += shape_differs(check->options->shape, i, pair->states[i]);
    return 0;
}

static int merge_columns(struct check *check, const struct check *other, struct err *err) {
    (void)err;
    struct columns *columns = (struct columns *)check;
    const struct columns *more = (const struct columns *)other;
    columns->different += more->different;
    columns->alike += more->alike;
    columns->pairs += more->pairs;
    for (size_t i = 0; i < columns->count; i++)
        columns->per_column[i] += more->per_column[i];
    return 0;
}

static void add_column_facts(const struct columns *columns, struct check_result *result) {
    for (size_t i = 0; i < columns->count; i++) {
        if (columns->per_column[i] == 0)
            continue;
        json_t *fact = check_fact(result, "column", false);
        check_fact_text(result, fact, "column", columns->base.options->shape->names[i]);
        check_fact_number(result, fact, "rows", columns->per_column[i]);
    }
}

static int finish_columns(const struct check *check, struct check_result *result, struct err *err) {
    (void)err;
    const struct columns *columns = (const struct columns *)check;
    json_t *fact = check_fact(result, "different", columns->different == 0);
    check_fact_number(result, fact, "rows", columns->different);
    if (columns->different > 0)
        check_fact_number(result, fact, "read_again", columns->pairs);
    if (shape_is_semantic(check->options->shape)) {
        fact = check_fact(result, "equal_only_semantically", true);
        check_fact_number(result, fact, "rows", columns->alike);
    }
    add_column_facts(columns, result);
    return 0;
}

static void close_columns(struct check *check) {
    mem_free(check);
}

const struct check_type columns_check = {
    .name = "columns",
    .open = open_columns,
    .reset = reset_columns,
    .matched = add_totals,
    .pair = add_pair,
    .merge = merge_columns,
    .finish = finish_columns,
    .close = close_columns,
};
