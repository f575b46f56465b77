/* fact_sum.c - see fact_sum.h. */
#include "reconcile/fact_sum.h"

#include <string.h>

#include "base/text.h"
#include "reconcile/decimal_sum.h"
#include "reconcile/row_hash.h"

static const char *text_of(const json_t *object, const char *name) {
    return json_string_value(json_object_get(object, name));
}

static bool same_text(const json_t *a, const json_t *b, const char *name) {
    const char *one = text_of(a, name), *other = text_of(b, name);
    return one && other ? strcmp(one, other) == 0 : one == other;
}

static json_t *find(json_t *sum, const json_t *fact) {
    for (size_t i = 0; i < json_array_size(sum); i++) {
        json_t *one = json_array_get(sum, i);
        if (same_text(one, fact, "fact") && same_text(one, fact, "column") && same_text(one, fact, "columns"))
            return one;
    }
    return NULL;
}

/* NULL: not known any more. */
static json_t *add_digests(const char *a, const char *b) {
    struct row_hash one, other;
    char text[ROW_DIGEST_HEX_SIZE];
    if (!row_hash_from_hex(a, &one) || !row_hash_from_hex(b, &other))
        return json_null();
    return json_string(row_hash_hex(row_hash_plus(one, other), text));
}

static bool is_number(const struct decimal *decimal) {
    return decimal->class == DECIMAL_PLUS || decimal->class == DECIMAL_MINUS;
}

static json_t *add_decimals(const char *a, const char *b) {
    struct decimal_sum sum = {0};
    const struct decimal one = decimal_scan(a, strlen(a)), other = decimal_scan(b, strlen(b));
    char text[DECIMAL_SUM_TEXT];
    if (!is_number(&one) || !is_number(&other) || !decimal_sum_add(&sum, &one) || !decimal_sum_add(&sum, &other))
        return json_null();
    return json_string(decimal_sum_text(&sum, text));
}

static json_t *add_member(const json_t *sum, const json_t *fact, const char *name) {
    const json_t *a = json_object_get(sum, name), *b = json_object_get(fact, name);
    if (json_is_integer(a) && json_is_integer(b))
        return json_integer(json_integer_value(a) + json_integer_value(b));
    if (!json_is_string(a) || !json_is_string(b))
        return json_null();
    if (strcmp(text_of(sum, "fact"), "digest") == 0)
        return add_digests(json_string_value(a), json_string_value(b));
    bool exact = text_of(sum, "exact") == NULL && text_of(fact, "exact") == NULL;
    if (exact && strcmp(text_of(sum, "fact"), "sum") == 0)
        return add_decimals(json_string_value(a), json_string_value(b));
    return json_null();
}

static int add_fact(json_t *sum, const json_t *fact) {
    static const char *const numbers[] = {"source", "target", "keys", "rows", "read_again"};
    int failed = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (json_object_get(sum, numbers[i]) || json_object_get(fact, numbers[i]))
            failed |= json_object_set_new(sum, numbers[i], add_member(sum, fact, numbers[i]));
    if (!json_is_true(json_object_get(fact, "ok")))
        failed |= json_object_set_new(sum, "ok", json_false());
    return failed;
}

/* How often each value is there. A list that was cut does not tell how many values there are. */
static int add_counts(json_t *sum, const json_t *fact) {
    json_t *list = json_object_get(sum, "counts");
    const json_t *more = json_object_get(fact, "counts");
    bool cut = (size_t)json_integer_value(json_object_get(fact, "values")) > json_array_size(more) ||
               (size_t)json_integer_value(json_object_get(sum, "values")) > json_array_size(list);
    int failed = 0;
    for (size_t i = 0; i < json_array_size(more); i++) {
        json_t *value = json_array_get(more, i), *there = NULL;
        for (size_t k = 0; k < json_array_size(list) && there == NULL; k++)
            there = same_text(json_array_get(list, k), value, "value") ? json_array_get(list, k) : NULL;
        if (there == NULL)
            failed |= json_array_append_new(list, json_deep_copy(value));
        else
            failed |= json_object_set_new(there, "source", add_member(there, value, "source")) |
                      json_object_set_new(there, "target", add_member(there, value, "target"));
    }
    return failed | json_object_set_new(sum, "values", cut ? json_null() : json_integer((json_int_t)json_array_size(list)));
}

int fact_sum_add(json_t *sum, const json_t *facts, struct err *err) {
    int failed = 0;
    for (size_t i = 0; i < json_array_size(facts); i++) {
        const json_t *fact = json_array_get(facts, i);
        json_t *there = find(sum, fact);
        if (there == NULL) {
            failed |= json_array_append_new(sum, json_deep_copy(fact));
            continue;
        }
        failed |= add_fact(there, fact);
        if (json_object_get(fact, "counts") && json_object_get(there, "counts"))
            failed |= add_counts(there, fact);
    }
    return failed ? err_nomem(err) : 0;
}
