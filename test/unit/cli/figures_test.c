/* Numbers as people read them. */
#include "cli_test.h"

#include <math.h>

#include "cli/figures.h"

static void counts_have_commas(void **state) {
    (void)state;
    assert_string_equal(figure_count(0).text, "0");
    assert_string_equal(figure_count(999).text, "999");
    assert_string_equal(figure_count(1000).text, "1,000");
    assert_string_equal(figure_count(1234567).text, "1,234,567");
    assert_string_equal(figure_count(-123).text, "-123");
    assert_string_equal(figure_count(-1234).text, "-1,234");
    assert_string_equal(figure_count(INT64_MIN).text, "-9,223,372,036,854,775,808");
    assert_string_equal(figure_count(INT64_MAX).text, "9,223,372,036,854,775,807");
}

static void nearly_all_is_not_all(void **state) {
    (void)state;
    assert_string_equal(figure_percent(0).text, "0.0%");
    assert_string_equal(figure_percent(12.3).text, "12.3%");
    assert_string_equal(figure_percent(99.99).text, "99.9%");
    assert_string_equal(figure_percent(100).text, "100.0%");
    assert_string_equal(figure_percent(NAN).text, "0.0%");
    assert_string_equal(figure_percent(-5).text, "0.0%");
    assert_string_equal(figure_percent(INFINITY).text, "1000.0%");
}

static void durations_have_two_units(void **state) {
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {
        {0, "0.0s"},        {0.44, "0.4s"},  {9.94, "9.9s"},     {9.97, "10s"},    {59.4, "59s"},
        {59.6, "1m 00s"},   {185, "3m 05s"}, {3599.7, "1h 00m"}, {7620, "2h 07m"}, {86400, "1d 00h"},
        {273600, "3d 04h"}, {-1, "?"},       {NAN, "?"},         {INFINITY, "?"},  {1e12, "?"},
    };
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++)
        assert_string_equal(figure_duration(cases[i].seconds).text, cases[i].text);
}

static void rates_below_ten_have_a_decimal(void **state) {
    (void)state;
    assert_string_equal(figure_rate(0).text, "0");
    assert_string_equal(figure_rate(0.25).text, "0.2");
    assert_string_equal(figure_rate(9.96).text, "10");
    assert_string_equal(figure_rate(8123.4).text, "8,123");
    assert_string_equal(figure_rate(NAN).text, "?");
    assert_string_equal(figure_rate(1e300).text, "?");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_have_commas),
        cmocka_unit_test(nearly_all_is_not_all),
        cmocka_unit_test(durations_have_two_units),
        cmocka_unit_test(rates_below_ten_have_a_decimal),
    };
    return cmocka_run_group_tests_name("cli/figures", tests, NULL, NULL);
}
