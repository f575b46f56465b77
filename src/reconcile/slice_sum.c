/* slice_sum.c - see slice_sum.h. */
#include "reconcile/slice_sum.h"

static const char *const side_names[SIDES] = {[SIDE_SOURCE] = "source", [SIDE_TARGET] = "target"};

const char *slice_count_name(enum slice_count count) {
    static const char *const names[SLICE_COUNTS] = {
        [SLICE_MISSING] = "missing", [SLICE_EXTRA] = "extra",   [SLICE_DIFFERENT] = "different", [SLICE_DUPLICATES] = "duplicates",
        [SLICE_CHANGED] = "changed", [SLICE_WEAKER] = "weaker", [SLICE_REJECTED] = "rejected"};
    return names[count];
}

json_t *slice_detail(const struct ledger_slice *slice) {
    return slice->detail ? json_loads(slice->detail, 0, NULL) : NULL;
}

static int64_t number(const json_t *object, const char *name) {
    return json_integer_value(json_object_get(object, name));
}

int64_t slice_detail_count(const json_t *detail, enum slice_count count) {
    return number(detail, slice_count_name(count));
}

static void add_detail(struct slice_sum *sum, const json_t *detail) {
    const json_t *rows = json_object_get(detail, "rows"), *digest = json_object_get(detail, "digest");
    for (size_t side = 0; side < SIDES; side++) {
        const char *hex = json_string_value(json_object_get(digest, side_names[side]));
        struct row_hash one = {0, 0};
        if (hex && row_hash_from_hex(hex, &one))
            sum->digest[side] = row_hash_plus(sum->digest[side], one);
        sum->rows[side] += number(rows, side_names[side]);
    }
    for (enum slice_count i = 0; i < SLICE_COUNTS; i++)
        sum->counts[i] += slice_detail_count(detail, i);
}

enum verdict slice_sum_add(struct slice_sum *sum, const struct ledger_slice *slice, int64_t since, const json_t *detail) {
    bool compared = slice->verdict && slice->pass > 0 && slice->pass >= since;
    enum verdict verdict = compared ? verdict_named(slice->verdict) : VERDICT_UNVERIFIED;
    sum->slices++;
    sum->compared += compared;
    sum->verdict = verdict_worst(sum->verdict, verdict);
    if (compared)
        add_detail(sum, detail);
    return verdict;
}

json_t *slice_sum_json(const struct slice_sum *sum, const char *fill, const char *source, const char *target) {
    char hex[SIDES][ROW_DIGEST_HEX_SIZE];
    json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:I, s:{s:I, s:I}, s:{s:s, s:s}}", "fill", fill, "source", source, "target",
                             target, "verdict", verdict_word(sum->verdict), "slices", (json_int_t)sum->slices, "rows", "source",
                             (json_int_t)sum->rows[SIDE_SOURCE], "target", (json_int_t)sum->rows[SIDE_TARGET], "digest", "source",
                             row_hash_hex(sum->digest[SIDE_SOURCE], hex[SIDE_SOURCE]), "target",
                             row_hash_hex(sum->digest[SIDE_TARGET], hex[SIDE_TARGET]));
    for (enum slice_count i = 0; i < SLICE_COUNTS; i++)
        json_object_set_new(json, slice_count_name(i), json_integer((json_int_t)sum->counts[i]));
    return json;
}

size_t left_out_count(const json_t *not_compared) {
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(not_compared); i++)
        count += !json_is_true(json_object_get(json_array_get(not_compared, i), "agreed"));
    return count;
}

int left_out_add(json_t *not_compared, const char *fill, json_t *what, json_t *reason, bool agreed) {
    json_t *one = json_pack("{s:s, s:o, s:o}", "fill", fill, "what", what, "reason", reason);
    int failed = agreed && one ? json_object_set_new(one, "agreed", json_true()) : 0;
    return failed | json_array_append_new(not_compared, one);
}

json_t *finding_json(const struct ledger_finding *finding) {
    json_t *columns = finding->columns ? json_loads(finding->columns, 0, NULL) : NULL;
    return json_pack("{s:s, s:s, s:I, s:s, s:o, s:s?}", "fill", finding->fill, "key", finding->key, "range",
                     (json_int_t)finding->range_no, "kind", finding->kind, "columns", columns ? columns : json_array(), "at",
                     finding->at);
}
