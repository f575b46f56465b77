/* Settings that change while a run is under way: by the table of the plan, together with what the plan says, all or none. */
#include "plan_fixture.h"

#include <jansson.h>

static struct fixture fixture;

static int live(const char *text, struct plan_settings *set, struct err *err) {
    json_t *changes = json_loads(text, 0, NULL);
    err_clear(err);
    int rc = plan_live_settings(fixture.plan, changes, set, err);
    json_decref(changes);
    return rc;
}

/* The plan has batches of 500 up to 1000 rows, which its rate of 100 makes 100. */
static void what_is_set_goes_together_with_the_plan(void **state) {
    static const struct {
        const char *live;
        int64_t rate, rows, rows_max;
    } cases[] = {
        {"{}", 100, 100, 100},
        {"{\"pace.rows_per_second\": \"2000\"}", 2000, 500, 1000}, /* as the plan asked for */
        {"{\"pace.rows_per_second\": \"unlimited\"}", 0, 500, 1000},
        {"{\"pace.rows_per_second\": \"700\"}", 700, 500, 700},
        {"{\"pace.rows_per_second\": \"unlimited\", \"batch.rows\": \"3000\"}", 0, 3000, 3000},
        {"{\"pace.rows_per_second\": \"unlimited\", \"batch.rows_max\": \"300\"}", 0, 300, 300},
        {"{\"batch.rows\": \"3000\"}", 100, 100, 100},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plan_settings set = {0};
        struct err err;
        assert_int_equal(live(cases[i].live, &set, &err), 0);
        assert_int_equal(set.pace_rows_per_second, cases[i].rate);
        assert_int_equal(set.batch_rows, cases[i].rows);
        assert_int_equal(set.batch_rows_max, cases[i].rows_max);
        assert_int_equal(set.workers, fixture.plan->set.workers);
    }
}

static void what_is_wrong_changes_nothing(void **state) {
    static const char *const cases[] = {
        "{\"workers\": \"3\"}",           "{\"batch\": \"3\"}",
        "{\"batch.row\": \"3\"}",         "{\"batch.rows\": 3}",
        "{\"batch.rows\": \"-3\"}",       "{\"pace.signals\": \"3\"}",
        "{\"batch.rows\": null}",         "{\"\": \"3\"}",
        "{\"batch.target_time\": \"3\"}", "{\"batch.rows\": \"9\", \"batch.rows_max\": \"8\"}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plan_settings set = {.workers = 77};
        struct err err;
        assert_int_equal(live(cases[i], &set, &err), ERR_USAGE);
        assert_int_equal(set.workers, 77);
        assert_non_null(strstr(err.next, "nothing was changed"));
    }
}

static int enter(void **state) {
    int rc = fixture_enter(state);
    if (rc == 0)
        fixture_load_good(&fixture, HEAD SOURCE FILLS "batch: {rows: 500, rows_max: 1000}\npace: {rows_per_second: 100}\n");
    return rc;
}

static int leave(void **state) {
    fixture_release(&fixture);
    return fixture_leave(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_set_goes_together_with_the_plan),
        cmocka_unit_test(what_is_wrong_changes_nothing),
    };
    return cmocka_run_group_tests_name("plan_live", tests, enter, leave);
}
