/* Times are printed in UTC; the monotonic clock does not go back. */
#include "unit.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

static void times_print_in_utc(void **state) {
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1772402400123999, "2026-03-01T22:00:00.123Z"},
        {951782400000000, "2000-02-29T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {-62135596800000000, "0001-01-01T00:00:00.000Z"},
        {253402300799999999, "9999-12-31T23:59:59.999Z"},
    };
    (void)state;
    assert_int_equal(setenv("TZ", "America/New_York", 1), 0);
    tzset();
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        char out[32];
        assert_ptr_equal(clock_format_utc(cases[i].us, out, sizeof(out)), out);
        assert_string_equal(out, cases[i].text);
    }
}

static void any_number_prints_something(void **state) {
    static const int64_t extremes[] = {INT64_MIN, INT64_MAX};
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(extremes); i++) {
        char out[32] = "";
        clock_format_utc(extremes[i], out, sizeof(out));
        assert_true(strlen(out) > 0 && strlen(out) < sizeof(out));
    }
}

static void the_monotonic_clock_does_not_go_back(void **state) {
    (void)state;
    int64_t last = clock_monotonic_us();
    assert_true(last > 0);
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_monotonic_us();
        assert_true(now >= last);
        last = now;
    }
}

static void the_wall_clock_counts_from_1970(void **state) {
    (void)state;
    int64_t second = (int64_t)time(NULL);
    int64_t us = clock_wall_us();
    assert_in_range((uint64_t)us / 1000000, second, second + 60);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_print_in_utc),
        cmocka_unit_test(any_number_prints_something),
        cmocka_unit_test(the_monotonic_clock_does_not_go_back),
        cmocka_unit_test(the_wall_clock_counts_from_1970),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
