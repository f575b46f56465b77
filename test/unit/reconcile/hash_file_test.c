/* Hashes in a file: counted in as little memory as there is, and read as often as one likes. */
#include "unit.h"

#include "reconcile/hash_file.h"

static struct row_hash hash_of(uint64_t i) {
    static const struct row_hash_key key = {{1, 2}};
    return row_hash(&key, &i, sizeof i);
}

static void different_ones_are_counted(void **state) {
    struct hash_file *file;
    struct err err;
    uint64_t distinct = 7;
    (void)state;
    err_clear(&err);
    assert_int_equal(hash_file_open(&file, &err), 0);
    assert_int_equal(hash_file_distinct(file, 4096, &distinct, &err), 0);
    assert_int_equal(distinct, 0);
    for (uint64_t i = 0; i < 10000; i++)
        assert_int_equal(hash_file_add(file, hash_of(i % 7001), &err), 0);
    assert_int_equal(hash_file_count(file), 10000);
    for (size_t bytes = 4096; bytes <= 1 << 20; bytes *= 16) {
        assert_int_equal(hash_file_distinct(file, bytes, &distinct, &err), 0);
        assert_int_equal(distinct, 7001);
    }
    assert_int_equal(hash_file_add(file, hash_of(8000), &err), 0); /* behind the end, wherever it was read last */
    assert_int_equal(hash_file_distinct(file, 4096, &distinct, &err), 0);
    assert_int_equal(distinct, 7002);
    hash_file_close(file);
    hash_file_close(NULL);
}

static int in_order(void *context, struct row_hash hash, struct err *err) {
    uint64_t *next = context;
    assert_true(row_hash_equal(hash, hash_of(*next)));
    return ++*next == 60 ? err_set(err, ERR_SLOW, "enough") : 0;
}

static void they_come_back_in_their_order(void **state) {
    struct hash_file *file;
    struct err err;
    uint64_t next = 0;
    (void)state;
    err_clear(&err);
    assert_int_equal(hash_file_open(&file, &err), 0);
    for (uint64_t i = 0; i < 50; i++)
        assert_int_equal(hash_file_add(file, hash_of(i), &err), 0);
    assert_int_equal(hash_file_walk(file, in_order, &next, &err), 0);
    assert_int_equal(next, 50);
    next = 0;
    for (uint64_t i = 50; i < 100; i++)
        assert_int_equal(hash_file_add(file, hash_of(i), &err), 0);
    assert_int_equal(hash_file_walk(file, in_order, &next, &err), ERR_SLOW);
    hash_file_close(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(different_ones_are_counted),
        cmocka_unit_test(they_come_back_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
