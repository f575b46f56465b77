/* The token bucket: never more than rate × time + one second's worth, whatever the batches. Time is an argument: nothing sleeps. */
#include "unit.h"

#include "pace/rate.h"

enum { SECOND = 1000000 };

static void starts_empty(void **state) {
    struct rate rate;
    (void)state;
    rate_init(&rate, 500, 0);
    assert_true(rate_take(&rate, 100, 0) > 0);
    assert_int_equal(rate_take(&rate, 100, SECOND / 5), 0);
    assert_true(rate_take(&rate, 1, SECOND / 5) > 0);
}

static void no_rate_is_no_limit(void **state) {
    struct rate rate;
    (void)state;
    rate_init(&rate, 0, 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(rate_take(&rate, 1e9, 0), 0);
}

static void burst_is_one_second(void **state) {
    struct rate rate;
    (void)state;
    rate_init(&rate, 1000, 0);
    int64_t taken = 0;
    while (rate_take(&rate, 100, 3600LL * SECOND) == 0)
        taken += 100;
    assert_int_equal(taken, 1000);
}

/* The answer to "when?" is right: asking again then succeeds, and not much earlier. */
static void waits_long_enough(void **state) {
    struct rate rate;
    (void)state;
    rate_init(&rate, 1000, 0);
    int64_t wait_us = rate_take(&rate, 250, 0);
    assert_in_range(wait_us, 249000, 251000);
    assert_int_equal(rate_take(&rate, 250, wait_us), 0);
}

/* A batch larger than a share goes when the bucket is full, and is paid back afterwards. */
static void averages_hold_for_big_batches(void **state) {
    static const double batches[] = {1, 7, 100, 1000, 5000};
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(batches); i++) {
        struct rate rate;
        int64_t now = 0, rows = 0;
        rate_init(&rate, 500, now);
        while (now < 100LL * SECOND) {
            int64_t wait_us = rate_take(&rate, batches[i], now);
            if (wait_us == 0)
                rows += (int64_t)batches[i];
            else
                now += wait_us;
        }
        assert_true(rows <= 500 * 101 + (int64_t)batches[i]);
        assert_true(rows >= 500 * 99 - 2 * (int64_t)batches[i]);
    }
}

static void another_share_keeps_what_fits(void **state) {
    struct rate rate;
    (void)state;
    rate_init(&rate, 1000, 0);
    rate_set(&rate, 500, SECOND);
    assert_int_equal(rate_take(&rate, 500, SECOND), 0);
    assert_true(rate_take(&rate, 1, SECOND) > 0);
    rate_return(&rate, 500);
    assert_int_equal(rate_take(&rate, 500, SECOND), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_empty),
        cmocka_unit_test(no_rate_is_no_limit),
        cmocka_unit_test(burst_is_one_second),
        cmocka_unit_test(waits_long_enough),
        cmocka_unit_test(averages_hold_for_big_batches),
        cmocka_unit_test(another_share_keeps_what_fits),
    };
    return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
