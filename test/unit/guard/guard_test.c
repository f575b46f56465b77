/* The reject window: trips above its limit, forgets what is further back than the window, counts nothing for rows alone. */
#include "unit.h"

#include "guard/guard.h"

static void trips_above_the_limit(void **state) {
    struct guard guard;
    (void)state;
    guard_init(&guard, "reject", 100000, 0.0001);
    for (int i = 0; i < 10; i++)
        assert_false(guard_count(&guard, 1, 1));
    assert_true(guard_count(&guard, 1, 1));
    char text[160];
    guard_describe(&guard, text, sizeof text);
    assert_string_equal(text, "guard reject: 11 of the last 100000 rows, the limit is 10");
}

static void forgets_beyond_the_window(void **state) {
    struct guard guard;
    (void)state;
    guard_init(&guard, "reject", 100000, 0.0001);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 10; i++)
            assert_false(guard_count(&guard, 1, 1));
        assert_false(guard_count(&guard, 101000, 0));
        assert_int_equal(guard.in_window, 0);
    }
}

static void keeps_within_the_window(void **state) {
    struct guard guard;
    (void)state;
    guard_init(&guard, "reject", 100000, 0.0001);
    for (int i = 0; i < 10; i++)
        assert_false(guard_count(&guard, 5000, 1));
    assert_true(guard_count(&guard, 5000, 1));
}

static void nothing_is_allowed_at_zero(void **state) {
    struct guard guard;
    (void)state;
    guard_init(&guard, "reject", 10, 0);
    assert_false(guard_count(&guard, 1000, 0));
    assert_true(guard_count(&guard, 1, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trips_above_the_limit),
        cmocka_unit_test(forgets_beyond_the_window),
        cmocka_unit_test(keeps_within_the_window),
        cmocka_unit_test(nothing_is_allowed_at_zero),
    };
    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
