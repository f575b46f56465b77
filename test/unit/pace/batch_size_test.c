/* The servo finds the size whose batches take the target time, steps down at once when one takes far too long, and comes back after a
 * search for a bad row. */
#include "unit.h"

#include "pace/batch_size.h"

static void settle(struct batch_size *size, double us_per_row, int batches) {
    for (int i = 0; i < batches; i++) {
        int64_t rows = batch_size_rows(size);
        batch_size_done(size, rows, rows, (int64_t)((double)rows * us_per_row));
    }
}

static void aims_at_the_target(void **state) {
    static const struct {
        double us_per_row;
        int64_t rows;
    } cases[] = {{10, 25000}, {50, 5000}, {250, 1000}, {2500, 100}};
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct batch_size size;
        batch_size_init(&size, 1000, 50000, 250000);
        settle(&size, cases[i].us_per_row, 200);
        assert_in_range(batch_size_rows(&size), cases[i].rows * 95 / 100, cases[i].rows * 105 / 100);
    }
}

static void stays_between_its_ends(void **state) {
    struct batch_size size;
    (void)state;
    batch_size_init(&size, 1000, 2000, 250000);
    settle(&size, 0.001, 100);
    assert_int_equal(batch_size_rows(&size), 2000);
    settle(&size, 1e9, 100);
    assert_int_equal(batch_size_rows(&size), 1);
    batch_size_init(&size, 5000, 2000, 250000);
    assert_int_equal(batch_size_rows(&size), 2000);
    batch_size_init(&size, 0, 0, 0);
    assert_int_equal(batch_size_rows(&size), 1);
}

static void grows_by_half_a_step(void **state) {
    struct batch_size size;
    (void)state;
    batch_size_init(&size, 1000, 50000, 250000);
    settle(&size, 1, BATCH_SIZE_SAMPLES);
    assert_in_range(batch_size_rows(&size), 1400, 1501);
}

static void one_very_slow_batch_divides_by_ten(void **state) {
    struct batch_size size;
    (void)state;
    batch_size_init(&size, 1000, 50000, 250000);
    batch_size_done(&size, 1000, 1000, 250000 * 6);
    assert_int_equal(batch_size_rows(&size), 100);
}

/* The short end of a range says nothing about the size. */
static void short_batches_do_not_count(void **state) {
    struct batch_size size;
    (void)state;
    batch_size_init(&size, 1000, 50000, 250000);
    for (int i = 0; i < 100; i++)
        batch_size_done(&size, 1000, 3, 20000);
    assert_int_equal(batch_size_rows(&size), 1000);
}

static void a_search_halves_down_and_doubles_back(void **state) {
    struct batch_size size;
    int64_t rows = 1000, halvings = 0;
    (void)state;
    batch_size_init(&size, rows, 1000, 250000);
    for (; rows > 1; halvings++) {
        batch_size_halve(&size, rows);
        assert_int_equal(batch_size_rows(&size), rows / 2);
        rows = batch_size_rows(&size);
    }
    assert_in_range(halvings, 9, 10);
    for (int i = 0; i < 10; i++)
        batch_size_done(&size, batch_size_rows(&size), batch_size_rows(&size), 1000000000);
    assert_int_equal(batch_size_rows(&size), 1000);
    batch_size_halve(&size, 1);
    assert_int_equal(batch_size_rows(&size), 1);
}

/* While signals slow a run down its batches are meant to be small: too slow, they are made smaller; quick ones may show that there is room;
 * but what each of them costs besides its rows is no reason for even smaller ones. */
static void small_batches_are_looked_at_with_care(void **state) {
    struct batch_size size;
    (void)state;
    batch_size_init(&size, 10000, 10000, 250000);
    for (int i = 0; i < 100; i++)
        batch_size_done(&size, 200, 200, 20000); /* 100 us a row, most of it for the batch */
    assert_int_equal(batch_size_rows(&size), 10000);
    for (int i = 0; i < 10; i++)
        batch_size_done(&size, 2000, 2000, 1000000);
    assert_int_equal(batch_size_rows(&size), 500);
    batch_size_init(&size, 200, 10000, 250000);
    for (int i = 0; i < 100; i++)
        batch_size_done(&size, 40, 40, 40);
    assert_int_equal(batch_size_rows(&size), 10000);
}

static void settings_may_change(void **state) {
    struct batch_size size;
    (void)state;
    batch_size_init(&size, 1000, 2000, 250000);
    batch_size_change(&size, 0, 500, 250000);
    assert_int_equal(batch_size_rows(&size), 500);
    batch_size_change(&size, 800, 5000, 250000);
    assert_int_equal(batch_size_rows(&size), 800);
    batch_size_change(&size, 0, 5000, 1000000);
    assert_int_equal(batch_size_rows(&size), 800);
    settle(&size, 250, 200);
    assert_in_range(batch_size_rows(&size), 3800, 4200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aims_at_the_target),         cmocka_unit_test(stays_between_its_ends),
        cmocka_unit_test(grows_by_half_a_step),       cmocka_unit_test(one_very_slow_batch_divides_by_ten),
        cmocka_unit_test(short_batches_do_not_count), cmocka_unit_test(a_search_halves_down_and_doubles_back),
        cmocka_unit_test(settings_may_change),        cmocka_unit_test(small_batches_are_looked_at_with_care),
    };
    return cmocka_run_group_tests_name("batch_size", tests, NULL, NULL);
}
