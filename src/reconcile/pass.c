/* pass.c - see pass.h. */
#include "reconcile/pass.h"

#include "base/mem.h"

static int alloc(struct pass *pass, struct err *err) {
    const struct shape *shape = pass->options->shape;
    bool semantic = shape_is_semantic(shape);
    pass->ends = mem_zalloc(shape->column_count, sizeof(*pass->ends));
    pass->states = mem_zalloc(shape->column_count, sizeof(*pass->states));
    if (semantic) {
        pass->exact_rules = mem_zalloc(shape->column_count, sizeof(*pass->exact_rules)); /* zero is exact, as stored */
        pass->exact_ends = mem_zalloc(shape->column_count, sizeof(*pass->exact_ends));
    }
    if (pass->ends == NULL || pass->states == NULL || (semantic && (pass->exact_rules == NULL || pass->exact_ends == NULL)))
        return err_nomem(err);
    return 0;
}

int pass_open(struct pass *pass, const struct check_options *options, size_t rows_expected, size_t bytes_max, struct err *err) {
    *pass = (struct pass){.options = options};
    buf_init(&pass->bytes);
    buf_init(&pass->exact_bytes);
    int code = range_set_init(&pass->set, options->hash_key, rows_expected, bytes_max, err);
    if (code == 0)
        code = alloc(pass, err);
    if (code != 0)
        pass_close(pass);
    return code;
}

void pass_close(struct pass *pass) {
    range_set_release(&pass->set);
    buf_release(&pass->bytes);
    buf_release(&pass->exact_bytes);
    mem_free(pass->exact_rules);
    mem_free(pass->exact_ends);
    mem_free(pass->ends);
    mem_free(pass->states);
    *pass = (struct pass){.options = pass->options};
}

void pass_begin(struct pass *pass, struct check_list *checks) {
    pass->checks = checks;
    check_list_reset(checks);
    range_set_clear(&pass->set);
}

/* The low word of the row's hash under `exact`. Where every column is exact anyway, any constant tells nothing apart. */
static int hash_exactly(struct pass *pass, const struct datum *values, uint64_t *exact, struct err *err) {
    *exact = 0;
    if (pass->exact_rules == NULL)
        return 0;
    int code =
        canonical_row(&pass->exact_bytes, values, pass->exact_rules, pass->options->shape->column_count, pass->exact_ends, err);
    if (code == 0)
        *exact =
            row_hash_of(pass->options->hash_key, pass->exact_bytes.data, pass->exact_ends, pass->options->shape->column_count).low;
    return code;
}

int pass_row(struct pass *pass, enum side side, const struct datum *values, struct err *err) {
    const struct shape *shape = pass->options->shape;
    uint64_t exact;
    int code = canonical_row(&pass->bytes, values, shape->rules, shape->column_count, pass->ends, err);
    if (code == 0)
        code = hash_exactly(pass, values, &exact, err);
    if (code != 0)
        return code;
    struct check_row row = {
        .values = values,
        .bytes = pass->bytes.data,
        .ends = pass->ends,
        .hash = row_hash_of(pass->options->hash_key, pass->bytes.data, pass->ends, shape->column_count),
    };
    code = range_set_add(&pass->set, side, row.bytes, row.ends[shape->key_count - 1], row.hash, exact, err);
    return code == 0 ? check_list_row(pass->checks, side, &row, err) : code;
}

int pass_matched(struct pass *pass, struct range_totals *totals, struct err *err) {
    range_set_totals(&pass->set, totals);
    return check_list_matched(pass->checks, totals, err);
}

bool pass_next(const struct pass *pass, size_t *cursor, struct range_key *key) {
    while (range_set_next(&pass->set, cursor, key))
        if (key->kind != RANGE_SAME && key->kind != RANGE_ALIKE)
            return true;
    return false;
}

int pass_pair(struct pass *pass, const struct datum *source, const struct datum *target, bool *differs, struct err *err) {
    const struct shape *shape = pass->options->shape;
    *differs = false;
    int code = shape_compare(shape, source, target, &pass->bytes, pass->states, err);
    for (size_t i = 0; i < shape->column_count && code == 0; i++)
        *differs = *differs || shape_differs(shape, i, pass->states[i]);
    if (code != 0 || !*differs)
        return code;
    struct check_pair pair = {.values = {source, target}, .states = pass->states};
    return check_list_pair(pass->checks, &pair, err);
}
