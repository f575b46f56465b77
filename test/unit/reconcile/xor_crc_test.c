/* xor_crc.c: the published check value, and what the form is blind to. */
#include "unit.h"

#include "reconcile/row_hash.h"
#include "reconcile/xor_crc.h"

static void the_published_value_holds(void **state) {
    (void)state;
    assert_int_equal(crc32_of("123456789", 9), 0xcbf43926);
    assert_int_equal(crc32_of("", 0), 0);
}

/* Does the XOR of CRCs tell these sets of rows from each other, and does the keyed sum? */
static void assert_told_apart(const char *const *a, const char *const *b, size_t count, bool by_xor) {
    static const struct row_hash_key key = {{1, 2}};
    struct xor_crc xors[2] = {{0, 0}};
    struct row_digest digests[2] = {{{0, 0}, 0}};
    const char *const *sets[] = {a, b};
    for (size_t set = 0; set < 2; set++)
        for (size_t i = 0; i < count; i++) {
            size_t size = strlen(sets[set][i]);
            xor_crc_add(&xors[set], sets[set][i], size);
            row_digest_add(&digests[set], row_hash(&key, sets[set][i], size));
        }
    assert_int_equal(!xor_crc_equal(&xors[0], &xors[1]), by_xor);
    assert_false(row_digest_equal(&digests[0], &digests[1]));
}

static void an_even_number_of_equal_changes_cancels(void **state) {
    static const char *const before[] = {"0001 paid", "0002 paid", "0003 paid", "0004 paid"};
    static const char *const after[] = {"0001 void", "0002 void", "0003 void", "0004 void"};
    (void)state;
    assert_told_apart(before, after, 4, false);
    assert_told_apart(before, after, 3, true);
}

static void values_that_rows_exchange_cancel(void **state) {
    static const char *const before[] = {"0001 anna", "0002 bert"}, *const after[] = {"0001 bert", "0002 anna"};
    (void)state;
    assert_told_apart(before, after, 2, false);
}

static void a_row_that_is_there_twice_is_not_there(void **state) {
    static const char *const before[] = {"0001", "0002", "0002"}, *const after[] = {"0001", "0003", "0003"};
    (void)state;
    assert_told_apart(before, after, 3, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_value_holds), cmocka_unit_test(an_even_number_of_equal_changes_cancels),
        cmocka_unit_test(values_that_rows_exchange_cancel), cmocka_unit_test(a_row_that_is_there_twice_is_not_there)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
