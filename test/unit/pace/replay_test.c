/* What a replica takes, found from its lag: the estimate belongs to the work that was replayed, not to the speed of the moment. */
#include "unit.h"

#include "pace/replay.h"

enum { SECOND = 1000000 };

static void assert_near(double found, double expected) {
    assert_true(found > expected - 1e-6 && found < expected + 1e-6);
}

static struct replay begun(double speed) {
    struct replay replay = {0};
    replay_speed(&replay, speed, 0);
    return replay;
}

static void one_sample_says_nothing(void **state) {
    struct replay replay = begun(1);
    struct replay_rate rate = replay_sample(&replay, 3, 5LL * SECOND);
    (void)state;
    assert_true(rate.takes < 0);
    assert_near(rate.rises, 0);
}

/* A replica that takes half of the speed is behind by half a second more each second. */
static void takes_the_part_that_does_not_become_lag(void **state) {
    struct replay replay = begun(0.8);
    struct replay_rate rate = {0, -1};
    (void)state;
    for (int64_t s = 1; s <= 10; s++)
        rate = replay_sample(&replay, 0.5 * (double)s, s * SECOND);
    assert_near(rate.rises, 0.5);
    assert_near(rate.takes, 0.4);
}

/* All the same after we have stopped: what it replays now was written at full speed. */
static void an_old_backlog_tells_the_same(void **state) {
    struct replay replay = begun(1);
    struct replay_rate rate;
    (void)state;
    for (int64_t s = 1; s <= 10; s++)
        rate = replay_sample(&replay, 0.75 * (double)s, s * SECOND);
    replay_speed(&replay, 0, 10LL * SECOND);
    for (int64_t s = 11; s <= 15; s++) {
        rate = replay_sample(&replay, 0.75 * (double)s, s * SECOND);
        assert_near(rate.rises, 0.75);
        assert_near(rate.takes, 0.25);
    }
}

/* What was written more slowly is replayed in less time: the lag falls, and what the replica takes is still the same. */
static void a_lag_that_falls_tells_the_same(void **state) {
    struct replay replay = begun(1);
    double done = 0, replayed = 0;
    static double was[4000];
    size_t behind = 0, known = 0;
    (void)state;
    for (size_t i = 1; i < UNIT_COUNT(was); i++) { /* hundredths of a second; it takes 0.5 */
        double speed = i <= 1000 ? 1 : 0.1;
        replay_speed(&replay, speed, (int64_t)i * (SECOND / 100));
        was[i] = done += speed / 100;
        replayed = replayed + 0.005 < done ? replayed + 0.005 : done;
        while (behind < i && was[behind + 1] <= replayed + 1e-9)
            behind++;
        if (i % 25)
            continue;
        struct replay_rate rate = replay_sample(&replay, (double)(i - behind) / 100, (int64_t)(i + 1) * (SECOND / 100));
        if (i < 300 || i - behind < 200)
            continue;
        assert_true(rate.takes > 0.45 && rate.takes < 0.55);
        known++;
    }
    assert_true(known > 20);
    assert_true(behind > 3900); /* it has caught up */
}

/* Of a lag that is older than the memory, and of work that is not known, nothing is said. */
static void what_is_not_remembered_is_not_known(void **state) {
    struct replay replay = begun(1);
    (void)state;
    for (int64_t s = 1; s <= REPLAY_MARKS + 10; s++)
        replay_sample(&replay, 0, s * SECOND);
    int64_t now_us = (REPLAY_MARKS + 11LL) * SECOND;
    assert_true(replay_sample(&replay, REPLAY_MARKS + 5.0, now_us).takes >= 0); /* the sample before it is known */
    assert_true(replay_sample(&replay, REPLAY_MARKS + 5.0, now_us + SECOND).takes < 0);
}

/* Four times a second: compared is with a sample that is a second old, or noise would be a trend. */
static void a_second_is_compared(void **state) {
    struct replay replay = begun(1);
    struct replay_rate rate = {0, -1};
    (void)state;
    for (int64_t n = 1; n <= 40; n++)
        rate = replay_sample(&replay, n % 4 == 0 ? 0.4 : 0.0, n * SECOND / 4);
    assert_near(rate.rises, 0);
    assert_near(rate.takes, 1);
}

/* Where a lag of a minute matters, samples are remembered for two. */
static void marks_are_spaced_by_the_lag_that_matters(void **state) {
    struct replay replay = begun(1);
    struct replay_rate rate = {0, -1};
    (void)state;
    replay.spacing_us = 60LL * SECOND / REPLAY_PARTS;
    for (int64_t n = 1; n <= 300; n++) /* of which it takes half */
        rate = replay_sample(&replay, 0.125 * (double)n, n * SECOND / 4);
    assert_near(rate.rises, 0.5);
    assert_near(rate.takes, 0.5);
}

static void a_clock_that_stands_divides_by_nothing(void **state) {
    struct replay replay = begun(1);
    (void)state;
    replay_sample(&replay, 1, SECOND);
    struct replay_rate rate = replay_sample(&replay, 2, SECOND);
    assert_true(rate.takes < 0);
    assert_near(rate.rises, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_sample_says_nothing),
        cmocka_unit_test(takes_the_part_that_does_not_become_lag),
        cmocka_unit_test(an_old_backlog_tells_the_same),
        cmocka_unit_test(a_lag_that_falls_tells_the_same),
        cmocka_unit_test(what_is_not_remembered_is_not_known),
        cmocka_unit_test(a_second_is_compared),
        cmocka_unit_test(marks_are_spaced_by_the_lag_that_matters),
        cmocka_unit_test(a_clock_that_stands_divides_by_nothing),
    };
    return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
