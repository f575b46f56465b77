/* check_keys.c - every key once on both sides: none missing, none extra, none twice. */
#include "base/mem.h"
#include "reconcile/check.h"

struct keys {
    struct check base;
    struct range_totals totals;
};

static int open_keys(const struct check_options *options, struct check **check, struct err *err) {
    (void)options;
    struct keys *keys = mem_zalloc(1, sizeof(*keys));
    if (keys == NULL)
        return err_nomem(err);
    *check = &keys->base;
    return 0;
}

static void reset_keys(struct check *check) {
    struct keys *keys = (struct keys *)check;
    *keys = (struct keys){.base = keys->base};
}

static int add_totals(struct check *check, const struct range_totals *totals, struct err *err) {
    (void)err;
    struct range_totals *sum = &((struct keys *)check)->totals;
    for (int side = 0; side < SIDES; side++) {
        sum->rows[side] += totals->rows[side];
        sum->duplicates[side] += totals->duplicates[side];
    }
    for (int kind = 0; kind < RANGE_KINDS; kind++)
        sum->keys[kind] += totals->keys[kind];
    return 0;
}

static int merge_keys(struct check *check, const struct check *other, struct err *err) {
    return add_totals(check, &((const struct keys *)other)->totals, err);
}

static void add_fact(struct check_result *result, const char *name, uint64_t count) {
    json_t *fact = check_fact(result, name, count == 0);
    check_fact_number(result, fact, "keys", count);
}

static int finish_keys(const struct check *check, struct check_result *result, struct err *err) {
    (void)err;
    const struct range_totals *totals = &((const struct keys *)check)->totals;
    add_fact(result, "missing", totals->keys[RANGE_MISSING]);
    add_fact(result, "extra", totals->keys[RANGE_EXTRA]);
    json_t *fact = check_fact(result, "duplicate", totals->duplicates[SIDE_SOURCE] + totals->duplicates[SIDE_TARGET] == 0);
    check_fact_number(result, fact, "source", totals->duplicates[SIDE_SOURCE]);
    check_fact_number(result, fact, "target", totals->duplicates[SIDE_TARGET]);
    return 0;
}

static void close_keys(struct check *check) {
    mem_free(check);
}

const struct check_type keys_check = {
    .name = "keys",
    .open = open_keys,
    .reset = reset_keys,
    .matched = add_totals,
    .merge = merge_keys,
    .finish = finish_keys,
    .close = close_keys,
};
