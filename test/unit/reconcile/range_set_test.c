/* range_set.c: keys of both sides matched in memory, against a plain model; the bound on memory; every failing allocation. */
#include "unit.h"

#include "reconcile/range_set.h"

static const struct row_hash_key hash_key = {{1, 2}};

enum { PLENTY = 64 << 20 };

static void new_set(struct range_set *set, size_t rows_expected) {
    struct err err;
    err_clear(&err);
    assert_int_equal(range_set_init(set, &hash_key, rows_expected, PLENTY, &err), 0);
}

/* A row whose content is the number `content`. */
static void add(struct range_set *set, enum side side, const char *key, uint64_t content) {
    struct err err;
    err_clear(&err);
    struct row_hash hash = row_hash(&hash_key, &content, sizeof(content));
    assert_int_equal(range_set_add(set, side, key, strlen(key), hash, hash.low, &err), 0);
}

static void check_key(const struct range_set *set, size_t *cursor, const char *key, enum range_kind kind, unsigned source,
                      unsigned target) {
    struct range_key found;
    assert_true(range_set_next(set, cursor, &found));
    assert_int_equal(found.key_size, strlen(key));
    assert_memory_equal(found.key, key, found.key_size);
    assert_int_equal(found.kind, kind);
    assert_int_equal(found.copies[SIDE_SOURCE], source);
    assert_int_equal(found.copies[SIDE_TARGET], target);
}

static void every_kind_of_key_is_told(void **state) {
    (void)state;
    struct range_set set;
    struct range_totals totals;
    size_t cursor = 0;
    new_set(&set, 0);
    add(&set, SIDE_SOURCE, "same", 1);
    add(&set, SIDE_SOURCE, "different", 2);
    add(&set, SIDE_SOURCE, "missing", 3);
    add(&set, SIDE_SOURCE, "missing twice", 3);
    add(&set, SIDE_SOURCE, "missing twice", 3);
    add(&set, SIDE_SOURCE, "doubled on the target", 4);
    add(&set, SIDE_SOURCE, "doubled on both", 5);
    add(&set, SIDE_SOURCE, "doubled on both", 6);
    add(&set, SIDE_TARGET, "extra", 7);
    add(&set, SIDE_TARGET, "same", 1);
    add(&set, SIDE_TARGET, "different", 1);
    add(&set, SIDE_TARGET, "doubled on the target", 4);
    add(&set, SIDE_TARGET, "doubled on the target", 4);
    add(&set, SIDE_TARGET, "doubled on both", 6);
    add(&set, SIDE_TARGET, "doubled on both", 5);
    add(&set, SIDE_TARGET, "extra", 7);
    check_key(&set, &cursor, "same", RANGE_SAME, 1, 1);
    check_key(&set, &cursor, "different", RANGE_DIFFERENT, 1, 1);
    check_key(&set, &cursor, "missing", RANGE_MISSING, 1, 0);
    check_key(&set, &cursor, "missing twice", RANGE_MISSING, 2, 0);
    check_key(&set, &cursor, "doubled on the target", RANGE_DUPLICATE, 1, 2);
    check_key(&set, &cursor, "doubled on both", RANGE_DUPLICATE, 2, 2);
    check_key(&set, &cursor, "extra", RANGE_EXTRA, 0, 2);
    assert_false(range_set_next(&set, &cursor, &(struct range_key){0}));
    range_set_totals(&set, &totals);
    assert_int_equal(totals.rows[SIDE_SOURCE], 8);
    assert_int_equal(totals.rows[SIDE_TARGET], 8);
    assert_int_equal(totals.duplicates[SIDE_SOURCE], 2);
    assert_int_equal(totals.duplicates[SIDE_TARGET], 3);
    assert_int_equal(totals.keys[RANGE_SAME], 1);
    assert_int_equal(totals.keys[RANGE_MISSING], 2);
    assert_int_equal(totals.keys[RANGE_DUPLICATE], 2);
    range_set_clear(&set);
    range_set_totals(&set, &totals);
    assert_int_equal(totals.rows[SIDE_SOURCE] + totals.keys[RANGE_SAME] + totals.duplicates[SIDE_TARGET], 0);
    range_set_release(&set);
}

static void equal_only_under_the_weaker_rule_is_alike(void **state) {
    (void)state;
    struct range_set set;
    struct err err;
    size_t cursor = 0;
    struct row_hash hash = {5, 6};
    new_set(&set, 0);
    err_clear(&err);
    assert_int_equal(range_set_add(&set, SIDE_SOURCE, "k", 1, hash, 100, &err), 0);
    assert_int_equal(range_set_add(&set, SIDE_TARGET, "k", 1, hash, 101, &err), 0);
    check_key(&set, &cursor, "k", RANGE_ALIKE, 1, 1);
    range_set_release(&set);
}

static void keys_are_bytes(void **state) {
    (void)state;
    struct range_set set;
    struct range_totals totals;
    struct err err;
    new_set(&set, 0);
    err_clear(&err);
    static const struct {
        const char *key;
        size_t size;
    } keys[] = {{"a", 1}, {"A", 1}, {"a ", 2}, {"a\0", 2}, {"", 0}, {"\0", 1}};
    for (size_t i = 0; i < UNIT_COUNT(keys); i++)
        assert_int_equal(range_set_add(&set, (enum side)(i % 2), keys[i].key, keys[i].size, (struct row_hash){1, 1}, 1, &err), 0);
    range_set_totals(&set, &totals);
    assert_int_equal(totals.keys[RANGE_MISSING], 3);
    assert_int_equal(totals.keys[RANGE_EXTRA], 3);
    range_set_release(&set);
}

/* ---- against a model ---- */

enum { KEYS = 3000 };

static uint64_t drawn = 88172645463325252U;

static unsigned below(unsigned limit) { /* xorshift, Marsaglia 2003 */
    drawn ^= drawn << 13;
    drawn ^= drawn >> 7;
    drawn ^= drawn << 17;
    return (unsigned)(drawn >> 33) % limit;
}

struct model {
    unsigned copies[SIDES];
    uint64_t sum[SIDES]; /* of the contents, whose cubes make sums of different rows differ here */
};

static enum range_kind model_kind(const struct model *model) {
    if (model->copies[SIDE_TARGET] == 0)
        return RANGE_MISSING;
    if (model->copies[SIDE_SOURCE] == 0)
        return RANGE_EXTRA;
    if (model->copies[SIDE_SOURCE] + model->copies[SIDE_TARGET] > 2)
        return RANGE_DUPLICATE;
    return model->sum[SIDE_SOURCE] == model->sum[SIDE_TARGET] ? RANGE_SAME : RANGE_DIFFERENT;
}

static void a_plain_model_agrees(void **state) {
    (void)state;
    static struct model models[KEYS];
    struct range_set set;
    struct range_totals totals;
    uint64_t kinds[RANGE_KINDS] = {0};
    memset(models, 0, sizeof(models));
    new_set(&set, 10); /* too few, so that it grows */
    for (unsigned i = 0; i < 2 * KEYS; i++) {
        unsigned at = below(KEYS);
        enum side side = (enum side)below(SIDES);
        uint64_t content = below(2);
        char key[16];
        snprintf(key, sizeof(key), "%u", at);
        add(&set, side, key, content);
        models[at].copies[side]++;
        models[at].sum[side] += content;
    }
    struct range_key found;
    for (size_t cursor = 0; range_set_next(&set, &cursor, &found);) {
        char key[16] = {0};
        unsigned at = 0;
        memcpy(key, found.key, found.key_size);
        assert_int_equal(sscanf(key, "%u", &at), 1);
        assert_int_equal(found.kind, model_kind(&models[at]));
        assert_int_equal(found.copies[SIDE_SOURCE], models[at].copies[SIDE_SOURCE]);
        kinds[found.kind]++;
    }
    range_set_totals(&set, &totals);
    for (int kind = 0; kind < RANGE_KINDS; kind++)
        assert_int_equal(totals.keys[kind], kinds[kind]);
    assert_true(kinds[RANGE_SAME] > 50 && kinds[RANGE_DUPLICATE] > 50 && kinds[RANGE_DIFFERENT] > 50);
    range_set_release(&set);
}

/* Key `i` in its order: on both sides, on one only, or twice. */
static unsigned copies_of(unsigned i, enum side side) {
    if (side == SIDE_SOURCE ? i % 7 == 3 : i % 5 == 2)
        return 0;
    return (side == SIDE_SOURCE ? i % 11 : i % 13) == 6 ? 2 : 1;
}

static void add_in_order(struct range_set *set, enum side side) {
    for (unsigned i = 0; i < KEYS; i++)
        for (unsigned copy = 0; copy < copies_of(i, side); copy++) {
            char key[16];
            snprintf(key, sizeof(key), "%u", i);
            add(set, side, key, i);
        }
}

static void check_in_order(struct range_set *set) {
    struct range_key found;
    size_t keys = 0;
    for (size_t cursor = 0; range_set_next(set, &cursor, &found); keys++) {
        char key[16] = {0};
        unsigned i = 0;
        memcpy(key, found.key, found.key_size);
        assert_int_equal(sscanf(key, "%u", &i), 1);
        struct model model = {{copies_of(i, SIDE_SOURCE), copies_of(i, SIDE_TARGET)}, {0}};
        assert_int_equal(found.copies[SIDE_SOURCE], model.copies[SIDE_SOURCE]);
        assert_int_equal(found.copies[SIDE_TARGET], model.copies[SIDE_TARGET]);
        assert_int_equal(found.kind, model_kind(&model));
    }
    size_t expected = 0;
    for (unsigned i = 0; i < KEYS; i++)
        expected += copies_of(i, SIDE_SOURCE) + copies_of(i, SIDE_TARGET) > 0;
    assert_int_equal(keys, expected);
}

/* Sides that come in one order are matched without looking keys up; gaps, rows too many and copies must not confuse that, nor a set that
 * is used again. */
static void sides_in_the_same_order_are_matched(void **state) {
    (void)state;
    struct range_set set;
    new_set(&set, KEYS);
    for (int round = 0; round < 2; round++) {
        range_set_clear(&set);
        add_in_order(&set, (enum side)round);
        add_in_order(&set, (enum side)(1 - round));
        check_in_order(&set);
    }
    range_set_release(&set);
}

/* ---- memory ---- */

static void a_row_takes_about_48_bytes_and_its_key(void **state) {
    (void)state;
    enum { ROWS = 100000 };
    struct range_set set;
    new_set(&set, ROWS);
    for (unsigned i = 0; i < ROWS; i++) {
        char key[16];
        snprintf(key, sizeof(key), "%08u", i);
        add(&set, SIDE_SOURCE, key, i);
    }
    size_t keys = set.keys.cap;
    assert_in_range((range_set_bytes(&set) - keys) / ROWS, 40, 52);
    range_set_release(&set);
}

static void the_bound_holds(void **state) {
    (void)state;
    enum { BOUND = 1 << 20 };
    struct range_set set;
    struct err err;
    int code = 0;
    err_clear(&err);
    assert_int_equal(range_set_init(&set, &hash_key, 1U << 30, BOUND, &err), 0); /* an estimate beyond all bounds */
    for (uint64_t i = 0; i < 1000000 && code == 0; i++)
        code = range_set_add(&set, SIDE_TARGET, (const char *)&i, sizeof(i), (struct row_hash){i, i}, 0, &err);
    assert_int_equal(code, ERR_NOMEM);
    assert_non_null(strstr(err.message, "1 MiB"));
    assert_true(range_set_bytes(&set) <= BOUND);
    assert_true(range_set_bytes(&set) > BOUND / 4);
    range_set_release(&set);
}

static bool match_some(void *context) {
    (void)context;
    struct range_set set;
    struct range_totals totals;
    struct err err;
    err_clear(&err);
    int code = range_set_init(&set, &hash_key, 0, PLENTY, &err);
    for (uint64_t i = 0; i < 400 && code == 0; i++)
        code = range_set_add(&set, (enum side)(i % 2), (const char *)&(uint64_t){i / 2}, sizeof(i), (struct row_hash){i / 2, 0}, 0,
                             &err);
    assert_true(code == 0 || (code == ERR_NOMEM && err.code == ERR_NOMEM));
    if (code == 0) {
        range_set_totals(&set, &totals);
        assert_int_equal(totals.keys[RANGE_SAME], 200);
    }
    range_set_release(&set);
    return code == 0;
}

static void what_was_added_is_known_by_side(void **state) {
    struct range_set set;
    struct err err;
    (void)state;
    assert_int_equal(range_set_init(&set, &hash_key, 0, PLENTY, &err), 0);
    assert_false(range_set_has(&set, SIDE_SOURCE, "k", 1));
    assert_int_equal(range_set_add(&set, SIDE_SOURCE, "k", 1, (struct row_hash){1, 0}, 0, &err), 0);
    assert_true(range_set_has(&set, SIDE_SOURCE, "k", 1));
    assert_false(range_set_has(&set, SIDE_TARGET, "k", 1));
    assert_false(range_set_has(&set, SIDE_SOURCE, "kk", 2));
    range_set_clear(&set);
    assert_false(range_set_has(&set, SIDE_SOURCE, "k", 1));
    range_set_release(&set);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    unit_out_of_memory(match_some, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_key_is_told),
        cmocka_unit_test(equal_only_under_the_weaker_rule_is_alike),
        cmocka_unit_test(keys_are_bytes),
        cmocka_unit_test(a_plain_model_agrees),
        cmocka_unit_test(sides_in_the_same_order_are_matched),
        cmocka_unit_test(a_row_takes_about_48_bytes_and_its_key),
        cmocka_unit_test(the_bound_holds),
        cmocka_unit_test(what_was_added_is_known_by_side),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
