/* From measurements of two servers to a verdict: figures that were reckoned by hand. */
#include "unit.h"

#include <math.h>

#include "preflight/ratio.h"

static struct spread made(double from, double step, size_t count) {
    double values[100];
    for (size_t i = 0; i < count; i++) /* not in order */
        values[i * 7 % count] = from + step * (double)i;
    return spread_of(values, count);
}

static bool near(double a, double b) {
    return fabs(a - b) <= 1e-9 * fabs(b) + 1e-12;
}

static void a_spread_is_its_quartiles(void **state) {
    (void)state;
    double five[] = {5, 1, 4, 2, 3}, four[] = {40, 10, 30, 20}, one[] = {7};
    struct spread spread = spread_of(five, 5);
    assert_true(spread.count == 5 && near(spread.least, 1.4) && near(spread.low, 2) && near(spread.middle, 3) &&
                near(spread.high, 4));
    spread = spread_of(four, 4);
    assert_true(near(spread.low, 17.5) && near(spread.middle, 25) && near(spread.high, 32.5));
    spread = spread_of(one, 1);
    assert_true(near(spread.low, 7) && near(spread.middle, 7) && near(spread.high, 7));
    assert_int_equal(spread_of(NULL, 0).count, 0);
}

/* Commits of 0.4 ms here and of 2.4 ms there. */
static void a_slow_server_is_seen_on_either_side(void **state) {
    (void)state;
    const struct spread fast = made(0.35, 0.01, 11), slow = made(2.15, 0.05, 11);
    for (int slower = 0; slower < 2; slower++) {
        const struct spread sides[2] = {slower == 0 ? slow : fast, slower == 1 ? slow : fast};
        struct ratio ratio = ratio_of(sides, 0.3);
        assert_int_equal(ratio.verdict, RATIO_DIFFERS);
        assert_int_equal(ratio.slower, slower);
        assert_true(near(ratio.factor, 6));
    }
}

static void chance_is_no_difference(void **state) {
    (void)state;
    static const struct {
        double a, a_step, b, b_step;
        size_t count;
        double floor;
        enum ratio_verdict verdict;
    } cases[] = {
        {1, 0.01, 1.4, 0.01, 11, 0, RATIO_SAME},     /* less than half as much again */
        {1, 0.01, 1.7, 0.01, 11, 0, RATIO_DIFFERS},  /* more */
        {1, 0.5, 1.7, 0.9, 11, 0, RATIO_SAME},       /* many are as fast as the others */
        {1, 0.01, 0.8, 0.2, 11, 0, RATIO_SAME},      /* a few are */
        {0.05, 0, 0.15, 0, 11, 0.3, RATIO_SAME},     /* three times, of next to nothing */
        {0.05, 0, 0.15, 0, 11, 0.05, RATIO_DIFFERS}, /* the same where that is something */
        {1, 0, 9, 0, 3, 0, RATIO_FEW},
        {1, 0, 9, 0, 4, 0, RATIO_DIFFERS},
        {0, 0, 1, 0, 4, 0, RATIO_DIFFERS},
        {0, 0, 0, 0, 4, 0, RATIO_SAME},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct spread sides[2] = {made(cases[i].a, cases[i].a_step, cases[i].count),
                                        made(cases[i].b, cases[i].b_step, cases[i].count)};
        assert_int_equal(ratio_of(sides, cases[i].floor).verdict, cases[i].verdict);
    }
    const struct spread one_sided[2] = {made(1, 0, 3), made(9, 0, 50)};
    assert_int_equal(ratio_of(one_sided, 0).verdict, RATIO_FEW);
}

/* Batches of 500 rows: 10 ms here are 50,000 rows/s, 60 ms there 8,333. */
static void a_limit_hides_what_is_above_it(void **state) {
    (void)state;
    static const double ms[2] = {10, 60}, turned[2] = {60, 10}, none[2] = {0, 60};
    assert_true(near(ratio_of_fills(ms, 500, 1, 0), 6));
    assert_true(near(ratio_of_fills(ms, 500, 4, 0), 6));
    assert_true(near(ratio_of_fills(turned, 500, 1, 0), 1.0 / 6));
    assert_true(near(ratio_of_fills(ms, 500, 1, 500), 1));                    /* both keep up */
    assert_true(near(ratio_of_fills(ms, 500, 1, 25000), 25000 * 60 / 500e3)); /* one does: 3 times */
    assert_true(near(ratio_of_fills(ms, 500, 4, 25000), 1));                  /* four workers do there as well */
    assert_true(near(ratio_of_fills(none, 500, 1, 0), 1));                    /* nothing was measured */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spread_is_its_quartiles),
        cmocka_unit_test(a_slow_server_is_seen_on_either_side),
        cmocka_unit_test(chance_is_no_difference),
        cmocka_unit_test(a_limit_hides_what_is_above_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
