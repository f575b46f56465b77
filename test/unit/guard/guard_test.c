/* The reject window: trips above its limit, forgets what is further back than the window, counts nothing for rows alone. */
#include "unit.h"

#include "guard/guard.h"

static void begin(struct guard *guard, int64_t window, double fraction, int64_t at_least) {
    guard_init(guard, "reject", "rows",
               &(struct guard_limits){.window = window, .fraction = fraction, .at_least = at_least, .most = INT64_MAX});
}

static void trips_above_the_limit(void **state) {
    struct guard guard;
    (void)state;
    begin(&guard, 100000, 0.0001, 10);
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
    begin(&guard, 100000, 0.0001, 10);
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
    begin(&guard, 100000, 0.0001, 10);
    for (int i = 0; i < 10; i++)
        assert_false(guard_count(&guard, 5000, 1));
    assert_true(guard_count(&guard, 5000, 1));
}

static void nothing_is_allowed_at_zero(void **state) {
    struct guard guard;
    (void)state;
    begin(&guard, 10, 0, 10);
    assert_false(guard_count(&guard, 1000, 0));
    assert_true(guard_count(&guard, 1, 1));
}

static void a_small_window_does_not_trip_on_one(void **state) {
    struct guard guard;
    (void)state;
    begin(&guard, 1000, 0.0001, 10);
    assert_int_equal(guard_limit(&guard), 10);
    for (int i = 0; i < 10; i++)
        assert_false(guard_count(&guard, 1, 1));
    assert_true(guard_count(&guard, 1, 1));
    begin(&guard, 1000000, 0.0001, 10);
    assert_int_equal(guard_limit(&guard), 100);
}

static void a_maximum_forgets_nothing(void **state) {
    struct guard guard;
    char text[160];
    (void)state;
    guard_init(&guard, "deadlock", "batch attempts", &(struct guard_limits){.window = 100, .fraction = 1, .most = 3});
    for (int i = 0; i < 3; i++)
        assert_false(guard_count(&guard, 1000, 1));
    assert_true(guard_count(&guard, 1000, 1));
    guard_describe(&guard, text, sizeof text);
    assert_string_equal(text, "guard deadlock_max: 4 batch attempts in all, the limit is 3");
    assert_false(guard_count(&guard, 1000, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trips_above_the_limit),
        cmocka_unit_test(forgets_beyond_the_window),
        cmocka_unit_test(keeps_within_the_window),
        cmocka_unit_test(nothing_is_allowed_at_zero),
        cmocka_unit_test(a_small_window_does_not_trip_on_one),
        cmocka_unit_test(a_maximum_forgets_nothing),
    };
    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
