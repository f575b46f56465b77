/* The map of ranges: a square each, or the worst of several, and never more squares than a page can take. */
#include "cli_test.h"

#include "cli/heat.h"

static const char *const words[] = {"match", "match", "changed", "match", "unverified", "differ"};

static json_t *ranges_of(size_t count) {
    json_t *ranges = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(ranges, json_pack("{ss si}", "verdict", words[i % CLI_COUNT(words)], "rows", 10));
    return ranges;
}

static void every_range_is_in_one_square(void **state) {
    static const size_t counts[] = {0, 1, 2, 1999, 2000, 2001, 3999, 4000, 4001, 23456, 100000};
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(counts); i++) {
        struct heat heat;
        size_t next = 0;
        size_t sum = 0;
        json_t *ranges = ranges_of(counts[i]);
        heat_init(&heat, ranges);
        assert_true(heat.cell_count <= HEAT_CELLS_MAX);
        assert_true(counts[i] <= HEAT_CELLS_MAX ? heat.cell_count == counts[i] : heat.cell_count > HEAT_CELLS_MAX / 2);
        for (size_t c = 0; c < heat.cell_count; c++) {
            assert_int_equal(heat.cells[c].first, next);
            assert_int_equal(heat.cells[c].rows, 10 * heat.cells[c].count);
            next += heat.cells[c].count;
        }
        assert_int_equal(next, counts[i]);
        for (size_t v = 0; v < HEAT_VERDICTS; v++)
            sum += heat.verdicts[v];
        assert_int_equal(sum, counts[i]);
        heat_release(&heat);
        json_decref(ranges);
    }
}

static void a_square_shows_the_worst_of_its_ranges(void **state) {
    struct heat heat;
    json_t *ranges = ranges_of(12000); /* six to a square: one of each row above */
    (void)state;
    heat_init(&heat, ranges);
    assert_int_equal(heat.ranges_per_cell, CLI_COUNT(words));
    for (size_t c = 0; c < heat.cell_count; c++) {
        assert_int_equal(heat.cells[c].worst, VERDICT_DIFFER);
        assert_int_equal(heat.cells[c].verdicts[VERDICT_MATCH], 3);
    }
    heat_release(&heat);
    json_decref(ranges);
}

/* One bad range among very many matching ones must not vanish in its square. */
static void nothing_hides_among_matches(void **state) {
    (void)state;
    for (int verdict = VERDICT_CHANGED; verdict <= VERDICT_DIFFER; verdict++) {
        struct heat heat;
        size_t bad = 0;
        json_t *ranges = json_array();
        for (size_t i = 0; i < 30000; i++)
            json_array_append_new(ranges, json_pack("{ss}", "verdict", i == 17777 ? verdict_name((enum verdict)verdict) : "match"));
        heat_init(&heat, ranges);
        for (size_t c = 0; c < heat.cell_count; c++)
            bad += heat.cells[c].worst == (enum verdict)verdict;
        assert_int_equal(bad, 1);
        heat_release(&heat);
        json_decref(ranges);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_range_is_in_one_square),
        cmocka_unit_test(a_square_shows_the_worst_of_its_ranges),
        cmocka_unit_test(nothing_hides_among_matches),
    };
    return cmocka_run_group_tests_name("cli/heat", tests, NULL, NULL);
}
