/* Durations and fractions: what is read, what is refused, and that printing and reading agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/units.h"

static void durations_are_read(void **state) {
    static const struct {
        const char *text;
        int64_t us;
    } good[] = {
        {"250ms", 250000},
        {"30s", 30000000},
        {"1 day", 86400000000},
        {"24h", 86400000000},
        {"2 days", 172800000000},
        {"5m", 300000000},
        {"5 min", 300000000},
        {"0s", 0},
        {"1 hour", 3600000000},
        {"007s", 7000000},
        {"106751991 d", 106751991 * INT64_C(86400000000)},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        int64_t us = -1;
        assert_true(units_duration(good[i].text, &us));
        assert_int_equal(us, good[i].us);
    }
}

static void other_durations_are_refused(void **state) {
    static const char *const bad[] = {
        "", "30", "s", "-1s", "+1s", "1.5s", "1  s", "1 S", "1s ", " 1s", "1 fortnight", "99999999999999999999s", "106751992 d"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        int64_t us = 42;
        assert_false(units_duration(bad[i], &us));
    }
}

static void durations_print_as_they_are_read(void **state) {
    static const char *const texts[] = {"0s", "1ms", "250ms", "1s", "90s", "1m", "1h", "36h", "1 day", "7 days"};
    char out[UNITS_TEXT_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        int64_t us;
        assert_true(units_duration(texts[i], &us));
        assert_string_equal(units_format_duration(us, out), texts[i]);
    }
}

static void fractions_are_read(void **state) {
    static const struct {
        const char *text;
        double fraction;
    } good[] = {{"0.01%", 0.0001}, {"100%", 1}, {"0%", 0}, {"0.0001", 0.0001}, {"1", 1}, {"70%", 0.7}, {"1e-4", 0.0001}};
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        double fraction = -1;
        assert_true(units_fraction(good[i].text, &fraction));
        assert_true(fraction > good[i].fraction - 1e-12 && fraction < good[i].fraction + 1e-12);
    }
}

static void other_fractions_are_refused(void **state) {
    static const char *const bad[] = {"",    "%",      "101%", "1.1",   "-1%", "nan",
                                      "inf", "0x1p-3", "5 %",  "0,01%", "1%%", "0.00000000000000000000000000000001%"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        double fraction;
        assert_false(units_fraction(bad[i], &fraction));
    }
}

static void fractions_print_as_percent(void **state) {
    static const char *const texts[] = {"0.01%", "0%", "100%", "33.3%", "0.0000001%"};
    char out[UNITS_TEXT_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        double fraction;
        assert_true(units_fraction(texts[i], &fraction));
        assert_string_equal(units_format_fraction(fraction, out), texts[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_read),
        cmocka_unit_test(other_durations_are_refused),
        cmocka_unit_test(durations_print_as_they_are_read),
        cmocka_unit_test(fractions_are_read),
        cmocka_unit_test(other_fractions_are_refused),
        cmocka_unit_test(fractions_print_as_percent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
