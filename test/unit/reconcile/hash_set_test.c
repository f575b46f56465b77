/* hash_set.c: a set of hashes, and what it keeps when its memory ends. */
#include "unit.h"

#include "reconcile/hash_set.h"

static const struct row_hash_key hash_key = {{3, 4}};

static struct row_hash hash_of(uint64_t number) {
    return row_hash(&hash_key, &number, sizeof(number));
}

static enum hash_set_answer add(struct hash_set *set, struct row_hash hash) {
    enum hash_set_answer answer;
    struct err err;
    err_clear(&err);
    assert_int_equal(hash_set_add(set, hash, &answer, &err), 0);
    return answer;
}

static void it_knows_what_was_there(void **state) {
    (void)state;
    struct hash_set set;
    hash_set_init(&set, SIZE_MAX, 1 << 20, 0, 0); /* more is expected than is allowed */
    for (uint64_t i = 0; i < 10000; i++)
        assert_int_equal(add(&set, hash_of(i)), HASH_SET_NEW);
    assert_int_equal(set.slot_count * sizeof(*set.slots), 1 << 20);
    for (uint64_t i = 0; i < 10000; i++)
        assert_int_equal(add(&set, hash_of(i)), HASH_SET_THERE);
    assert_int_equal(set.count, 10000);
    assert_int_equal(set.bits, 0);
    size_t listed = 0;
    struct row_hash hash;
    for (size_t cursor = 0; hash_set_next(&set, &cursor, &hash);)
        listed++;
    assert_int_equal(listed, 10000);
    hash_set_release(&set);
}

static void the_hash_that_means_a_free_slot_is_kept_too(void **state) {
    (void)state;
    struct hash_set set;
    hash_set_init(&set, 0, 1 << 20, 0, 0);
    assert_int_equal(add(&set, (struct row_hash){0, 0}), HASH_SET_NEW);
    assert_int_equal(add(&set, (struct row_hash){0, 0}), HASH_SET_THERE);
    hash_set_release(&set);
}

/* Whatever it still holds it knows all of, and it says how much that is. */
static void without_memory_it_narrows(void **state) {
    (void)state;
    enum { VALUES = 100000, BYTES_MAX = 64 << 10 };
    struct hash_set set;
    hash_set_init(&set, 0, BYTES_MAX, 0, 0);
    for (uint64_t i = 0; i < VALUES; i++)
        add(&set, hash_of(i));
    assert_in_range(set.bits, 5, 7);
    assert_true(set.slot_count * sizeof(*set.slots) <= BYTES_MAX);
    size_t inside = 0;
    for (uint64_t i = 0; i < VALUES; i++) {
        bool is_inside = hash_of(i).high >> (64 - set.bits) == set.prefix;
        inside += is_inside;
        assert_int_equal(add(&set, hash_of(i)), is_inside ? HASH_SET_THERE : HASH_SET_OUTSIDE);
    }
    assert_int_equal(set.count, inside);
    hash_set_release(&set);
}

/* Passes with every prefix together see every value once. */
static void prefixes_tile_the_values(void **state) {
    (void)state;
    size_t seen = 0;
    for (uint64_t prefix = 0; prefix < 8; prefix++) {
        struct hash_set set;
        hash_set_init(&set, 0, 1 << 20, 3, prefix);
        for (uint64_t i = 0; i < 5000; i++)
            add(&set, hash_of(i));
        seen += set.count;
        assert_true(set.count > 400);
        hash_set_release(&set);
    }
    assert_int_equal(seen, 5000);
}

static void narrowing_by_hand_drops_the_rest(void **state) {
    (void)state;
    struct hash_set set;
    hash_set_init(&set, 0, 1 << 20, 1, 1);
    for (uint64_t i = 0; i < 1000; i++)
        add(&set, hash_of(i));
    hash_set_narrow(&set, 4);
    assert_int_equal(set.bits, 4);
    assert_int_equal(set.prefix, 8);
    struct row_hash hash;
    size_t listed = 0;
    for (size_t cursor = 0; hash_set_next(&set, &cursor, &hash); listed++)
        assert_int_equal(hash.high >> 60, 8);
    assert_int_equal(listed, set.count);
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(add(&set, hash_of(i)), hash_of(i).high >> 60 == 8 ? HASH_SET_THERE : HASH_SET_OUTSIDE);
    hash_set_narrow(&set, 2);
    assert_int_equal(set.bits, 4);
    hash_set_release(&set);
}

static bool fill_set(void *context) {
    (void)context;
    struct hash_set set;
    enum hash_set_answer answer;
    struct err err;
    int code = 0;
    err_clear(&err);
    hash_set_init(&set, 0, 4096, 0, 0);
    for (uint64_t i = 0; i < 1000 && code == 0; i++)
        code = hash_set_add(&set, hash_of(i), &answer, &err);
    assert_true(code == 0 || (code == ERR_NOMEM && err.code == ERR_NOMEM));
    hash_set_release(&set);
    return code == 0;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    unit_out_of_memory(fill_set, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_knows_what_was_there),          cmocka_unit_test(the_hash_that_means_a_free_slot_is_kept_too),
        cmocka_unit_test(without_memory_it_narrows),        cmocka_unit_test(prefixes_tile_the_values),
        cmocka_unit_test(narrowing_by_hand_drops_the_rest), cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
