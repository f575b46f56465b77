/* check_digest.c - the same digest on both sides: the sum mod 2^128 of the rows' keyed hashes, and their count. */
#include "base/mem.h"
#include "reconcile/check.h"

struct digests {
    struct check base;
    struct row_digest sides[SIDES];
};

static int open_digests(const struct check_options *options, struct check **check, struct err *err) {
    (void)options;
    struct digests *digests = mem_zalloc(1, sizeof(*digests));
    if (digests == NULL)
        return err_nomem(err);
    *check = &digests->base;
    return 0;
}

static void reset_digests(struct check *check) {
    struct digests *digests = (struct digests *)check;
    *digests = (struct digests){.base = digests->base};
}

static int add_row(struct check *check, enum side side, const struct check_row *row, struct err *err) {
    (void)err;
    row_digest_add(&((struct digests *)check)->sides[side], row->hash);
    return 0;
}

static int merge_digests(struct check *check, const struct check *other, struct err *err) {
    (void)err;
    for (int side = 0; side < SIDES; side++)
        row_digest_merge(&((struct digests *)check)->sides[side], &((const struct digests *)other)->sides[side]);
    return 0;
}

static int finish_digests(const struct check *check, struct check_result *result, struct err *err) {
    (void)err;
    const struct row_digest *sides = ((const struct digests *)check)->sides;
    char text[ROW_DIGEST_HEX_SIZE];
    json_t *fact = check_fact(result, "digest", row_digest_equal(&sides[SIDE_SOURCE], &sides[SIDE_TARGET]));
    check_fact_text(result, fact, "source", row_hash_hex(sides[SIDE_SOURCE].sum, text));
    check_fact_text(result, fact, "target", row_hash_hex(sides[SIDE_TARGET].sum, text));
    return 0;
}

static void close_digests(struct check *check) {
    mem_free(check);
}

const struct check_type digest_check = {
    .name = "digest",
    .open = open_digests,
    .reset = reset_digests,
    .row = add_row,
    .merge = merge_digests,
    .finish = finish_digests,
    .close = close_digests,
};
