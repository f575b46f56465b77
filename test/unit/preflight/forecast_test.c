/* From measured batches to a forecast: figures that were reckoned by hand. */
#include "unit.h"

#include <math.h>

#include "preflight/forecast.h"

static const double even[] = {10, 10, 10, 10};
static const double uneven[] = {10, 20, 10, 20, 10, 20, 10, 20}; /* mean 15, deviation 5.3452, t(7) 1.895 */

static struct forecast made(const double *us_per_row, size_t count, int64_t rate, int64_t workers, int64_t rows) {
    struct forecast forecast;
    forecast_make(&(struct forecast_facts){.us_per_row = us_per_row,
                                           .count = count,
                                           .rows = rows,
                                           .rows_per_second = rate,
                                           .workers = workers,
                                           .target_us = 250000,
                                           .rows_max = 20000},
                  &forecast);
    return forecast;
}

static bool near(double a, double b) {
    return fabs(a - b) <= 0.001 * fabs(b) + 1e-9;
}

static void without_a_limit_the_server_is_the_limit(void **state) {
    (void)state;
    struct forecast forecast = made(even, 4, 0, 1, 1000000);
    assert_true(near(forecast.seconds, 10) && near(forecast.seconds_low, 10) && near(forecast.seconds_high, 10));
    forecast = made(even, 4, 0, 4, 1000000);
    assert_true(near(forecast.seconds, 2.5));
    assert_int_equal(forecast.workers, 4);
}

static void the_pace_is_the_limit_where_it_is_lower(void **state) {
    (void)state;
    struct forecast forecast = made(uneven, 8, 500, 2, 400000000);
    assert_true(near(forecast.seconds, 800000) && near(forecast.seconds_low, 800000) && near(forecast.seconds_high, 800000));
    assert_int_equal(forecast.workers, 1);
}

static void the_interval_is_student_s(void **state) {
    (void)state;
    struct forecast forecast = made(uneven, 8, 0, 1, 1000000);
    assert_true(near(forecast.us_per_row, 15));
    assert_true(near(forecast.us_per_row_high - 15, 1.895 * 5.34522 / sqrt(8)));
    assert_true(near(forecast.seconds_high, forecast.us_per_row_high) && near(forecast.seconds_low, forecast.us_per_row_low));
    forecast = made(uneven, 1, 0, 1, 1000000);
    assert_true(near(forecast.seconds_low, forecast.seconds_high));
}

static void recommends(void **state) {
    (void)state;
    struct forecast forecast = made(uneven, 8, 0, 2, 1000);
    assert_int_equal(forecast.batch_rows, 12000);      /* 250 ms / 20 us = 12500, two figures */
    assert_int_equal(forecast.rows_per_second, 33000); /* half of 1 / 15 us */
    forecast = made(even, 4, 150000, 8, 1000);         /* 1.5 workers busy */
    assert_int_equal(forecast.workers, 2);
    assert_int_equal(forecast.batch_rows, 20000); /* no more than the plan allows */
    static const double slow[] = {5e6, 5e6};
    forecast = made(slow, 2, 500, 8, 1000);
    assert_int_equal(forecast.batch_rows, 1);
    assert_int_equal(forecast.workers, 8);
    assert_int_equal(forecast.rows_per_second, 1);
}

/* 2 ms a batch are 2 us for each of 1000 rows; what a batch costs anyway leaves less time for its rows. */
static void each_batch_costs_something(void **state) {
    (void)state;
    struct forecast forecast;
    struct forecast_facts facts = {
        .us_per_row = even, .count = 4, .rows = 1000000, .workers = 1, .target_us = 250000, .rows_max = 90000};
    facts.overhead_us = 2000;
    facts.batch_rows = 1000;
    forecast_make(&facts, &forecast);
    assert_true(near(forecast.seconds, 12) && near(forecast.us_per_row, 10));
    assert_int_equal(forecast.batch_rows, 24000);
    facts.overhead_us = 1000000; /* longer than a batch should take: half of it is for rows all the same */
    forecast_make(&facts, &forecast);
    assert_int_equal(forecast.batch_rows, 12000);
}

static void the_end_is_said_as_a_plan_says_it(void **state) {
    (void)state;
    assert_string_equal(made(even, 4, 0, 1, 1000000).finish_within, "10s");
    assert_string_equal(made(uneven, 8, 0, 1, 20000000).finish_within, "7m"); /* 18.6 us for each: 372 s */
    assert_string_equal(made(even, 4, 500, 1, 400000000).finish_within, "223h");
    assert_string_equal(made(even, 4, 500, 1, -1).finish_within, "");
    assert_string_equal(made(even, 4, 500, 1, 0).finish_within, "1s");
}

static void what_is_not_known_stays_so(void **state) {
    (void)state;
    assert_true(made(even, 4, 500, 1, -1).seconds < 0);
    static const double nothing[] = {0, 0};
    struct forecast forecast = made(nothing, 2, 0, 1, 10);
    assert_true(forecast.rows_per_second > 0 && forecast.batch_rows > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_limit_the_server_is_the_limit),
        cmocka_unit_test(the_pace_is_the_limit_where_it_is_lower),
        cmocka_unit_test(the_interval_is_student_s),
        cmocka_unit_test(recommends),
        cmocka_unit_test(each_batch_costs_something),
        cmocka_unit_test(the_end_is_said_as_a_plan_says_it),
        cmocka_unit_test(what_is_not_known_stays_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
