/* Settings: built-in profiles, the order of origins, what settings demand of one another. */
#include "plan_fixture.h"

static void load_sets(struct fixture *fixture, const char *text, const char *const *sets) {
    size_t count = 0;
    while (sets != NULL && sets[count] != NULL) {
        count++;
    }
    fixture_write("plan.yaml", text, strlen(text));
    fixture_load_with(fixture, (struct plan_options){.sets = sets, .set_count = count});
}

static void built_in_profiles_differ(void **state) {
    static const struct {
        const char *line;
        int64_t rows;
        int64_t rows_max;
        int64_t rate;
    } cases[] = {
        {"profile: dev\n", 50000, 50000, 0},
        {"profile: staging\n", 1000, 1000, 1000}, /* 10000, but never more than one second of the rate */
        {"profile: prod\n", 500, 500, 500},
        {"", 500, 500, 500},
        {"pace: {rows_per_second: unlimited}\n", 500, 1000, 0},
        {"pace: {rows_per_second: 2000}\n", 500, 1000, 2000},
        {"profile: dev\nbatch: {rows: 10}\n", 10, 50000, 0},
        {"profile: dev\nbatch: {rows_max: 10}\n", 10, 10, 0}, /* the stronger one draws the other along */
        {"pace: {rows_per_second: unlimited}\nbatch: {rows: 4000}\n", 4000, 4000, 0},
        {"pace: {rows_per_second: 1}\n", 1, 1, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fixture fixture;
        struct buf text;
        buf_init(&text);
        buf_printf(&text, HEAD SOURCE FILLS "%s", cases[i].line);
        fixture_load_good(&fixture, text.data);
        assert_int_equal(fixture.plan->set.batch_rows, cases[i].rows);
        assert_int_equal(fixture.plan->set.batch_rows_max, cases[i].rows_max);
        assert_int_equal(fixture.plan->set.pace_rows_per_second, cases[i].rate);
        fixture_release(&fixture);
        buf_release(&text);
    }
}

/* What a profile does not say is as in prod, never nothing: a guard at 0 halts at the first row. */
static void staging_has_every_guard(void **state) {
    struct fixture staging;
    struct fixture prod;
    (void)state;
    fixture_load_good(&staging, HEAD SOURCE FILLS "profile: staging\n");
    fixture_load_good(&prod, HEAD SOURCE FILLS "profile: prod\n");
    const struct plan_settings *a = &staging.plan->set;
    const struct plan_settings *b = &prod.plan->set;
    assert_true(b->guard_deadlock > 0 && a->guard_deadlock == b->guard_deadlock && a->guard_mismatch == b->guard_mismatch);
    assert_int_equal(a->guard_deadlock_max, 1000);
    assert_int_equal(a->guard_mismatch_max, 1000);
    assert_int_equal(a->guard_lock_timeouts, 100);
    assert_int_equal(a->guard_kept_max, 1000);
    fixture_release(&staging);
    fixture_release(&prod);
}

static void defaults_are_the_careful_ones(void **state) {
    struct fixture fixture;
    (void)state;
    fixture_load_good(&fixture, HEAD SOURCE FILLS);
    const struct plan_settings *set = &fixture.plan->set;
    assert_int_equal(set->batch_target_time_us, 250000);
    assert_true(set->batch_async_commit);
    assert_int_equal(set->range_rows, 100000);
    assert_int_equal(set->range_every_us, 0);
    assert_int_equal(set->workers, 2);
    assert_int_equal(set->connections_max, 5);
    assert_int_equal(set->lease_ttl_us, 30000000);
    assert_null(set->pace_pause_file);
    assert_int_equal(set->guard_window_rows, 100000);
    assert_true(set->guard_reject > 0.000099 && set->guard_reject < 0.000101);
    assert_int_equal(set->guard_reject_max, 100);
    assert_int_equal(set->statement_timeout_us, 10000000);
    assert_int_equal(set->lock_timeout_us, 1000000);
    assert_int_equal(set->idle_timeout_us, 30000000);
    assert_int_equal(set->connect_timeout_us, 10000000);
    assert_int_equal(set->snapshot_wait_us, 60000000);
    assert_int_equal(set->retry_max, 10);
    assert_int_equal(fixture.plan->fills[0].on_conflict, PLAN_KEEP);
    fixture_release(&fixture);
}

/* One setting, given in one more place each time. */
static void the_strongest_origin_wins(void **state) {
    static const char *const variables[] = {"INFILL_RETRY_MAX=6", NULL};
    static const char *const sets[] = {"retry_max=7", "retry_max=8", NULL};
    static const struct {
        const char *top;
        const char *in_environment;
        const char *in_profile;
        const char *const *variables;
        const char *const *sets;
        int64_t retry_max;
    } cases[] = {
        {"", "", "", NULL, NULL, 10},
        {"", "", "retry_max: 3", NULL, NULL, 3},
        {"retry_max: 4", "", "retry_max: 3", NULL, NULL, 4},
        {"retry_max: 4", ", retry_max: 5", "retry_max: 3", NULL, NULL, 5},
        {"retry_max: 4", ", retry_max: 5", "retry_max: 3", variables, NULL, 6},
        {"retry_max: 4", ", retry_max: 5", "retry_max: 3", variables, sets, 8},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fixture fixture;
        struct buf text;
        buf_init(&text);
        buf_printf(&text, HEAD FILLS "environments: {a: {source: sqlite:x, profile: own%s}}\nprofiles: {own: {%s}}\n%s\n",
                   cases[i].in_environment, cases[i].in_profile, cases[i].top);
        fixture_env = cases[i].variables;
        load_sets(&fixture, text.data, cases[i].sets);
        assert_string_equal(fixture.report.data, "");
        assert_int_equal(fixture.plan->set.retry_max, cases[i].retry_max);
        fixture_release(&fixture);
        buf_release(&text);
    }
    fixture_env = NULL;
}

static void every_setting_can_be_set(void **state) {
    static const char *const sets[] = {
        "batch.rows=10",
        "batch.rows_max=20",
        "batch.target_time=1s",
        "batch.commit=sync",
        "range.rows=7",
        "range.every=2 days",
        "workers=1",
        "connections_max=9",
        "lease.ttl=1h",
        "pace.pause_file=/a=b",
        "guards.reject=1%",
        "pace.rows_per_second=unlimited",
        "guards.window_rows=1000",
        "guards.on_trip=halt",
        "guards.reject_max=0",
        "timeouts.statement=1m",
        "source.url=sqlite:y",
        NULL,
    };
    struct fixture fixture;
    (void)state;
    load_sets(&fixture, HEAD SOURCE FILLS, sets);
    assert_string_equal(fixture.report.data, "");
    assert_int_equal(fixture.plan->set.batch_rows, 10);
    assert_int_equal(fixture.plan->set.range_every_us, 172800000000);
    assert_string_equal(fixture.plan->set.pace_pause_file, "/a=b");
    assert_false(fixture.plan->set.batch_async_commit);
    assert_int_equal(fixture.plan->set.guard_reject_max, 0);
    assert_string_equal(fixture.plan->source_url, "sqlite:y");
    fixture_release(&fixture);
}

static void wrong_settings_are_refused(void **state) {
    static const struct {
        const char *set;
        const char *report;
    } cases[] = {
        {"batch.rows", "--set: error: write setting=value, such as batch.rows=500, not 'batch.rows'\n"},
        {"batch.rowz=5", "--set: error: no setting is named 'batch.rowz'; did you mean 'batch.rows'?\n"},
        {"batch=5", "--set: error: no setting is named 'batch'\n"},
        {"plan=x", "--set: error: no setting is named 'plan'\n"},
        {"pace.only=x",
         "--set: error: pace.only must be hours of the day and a time zone that this machine knows, such as 22:00-06:00 "
         "Europe/Berlin, not 'x'\n"},
        {"phases=x", "--set: error: no setting is named 'phases'\n"},
        {"phases.pre-backfill=x", "--set: error: 'phases.pre-backfill' is not supported yet\n"},
        {"phases.active.max=soon",
         "--set: error: phases.active.max must be a duration such as 250ms, 30s or 1 day, from 1s to 3660 days, not 'soon'\n"},
        {"batch.rows=", "--set: error: batch.rows must be a whole number from 1 to 1000000, not ''\n"},
        {"batch.commit=asinc", "--set: error: batch.commit must be async or sync, not 'asinc'; did you mean 'async'?\n"},
        {"pace.pause_file=${env:HOME}", "--set: error: pace.pause_file must be a text that is not empty, not '${env:HOME}'\n"},
        {"source.url=postgres://me:canary@db/x", "--set: error: source.url: a password must not stand here: use ~/.pgpass, "
                                                 "PGPASSFILE, ~/.my.cnf, ${env:NAME} or ${file:/path}\n"},
        {"source.url=postgres://me:${env:NONE}@db/x", "--set: error: the environment variable NONE is not set\n"},
        {"postgres://me:canary@db/x", "--set: error: write setting=value, such as batch.rows=500, not '***'\n"},
        {"workers=5", "--set: error: connections_max must be at least one more than workers\n"},
        {"lease.ttl=20s", "--set: error: timeouts.statement must be less than half of lease.ttl\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *const sets[] = {cases[i].set, NULL};
        struct fixture fixture;
        load_sets(&fixture, HEAD SOURCE FILLS, sets);
        assert_string_equal(fixture.report.data, cases[i].report);
        fixture_release(&fixture);
    }
}

static void wrong_variables_are_refused(void **state) {
    static const char *const env[] = {"INFILL_BATCH_ROWS=x", "INFILL_PLAN=ignored", "INFILL_TEST_THING=ignored",
                                      "INFILL_WORKERS=", NULL};
    struct fixture fixture;
    (void)state;
    fixture_env = env;
    fixture_load(&fixture, HEAD SOURCE FILLS);
    assert_string_equal(fixture.report.data,
                        "INFILL_BATCH_ROWS: error: batch.rows must be a whole number from 1 to 1000000, not 'x'\n");
    fixture_release(&fixture);
    fixture_env = NULL;
}

static void settings_agree_with_one_another(void **state) {
    static const struct {
        const char *lines;
        const char *first;
    } cases[] = {
        {"batch: {rows: 9, rows_max: 8}\n", "plan.yaml:6:15: error: batch.rows must not be more than batch.rows_max"},
        {"workers: 5\n", "plan.yaml:6:10: error: connections_max must be at least one more than workers"},
        {"workers: 3\nconnections_max: 3\n", "plan.yaml:6:10: error: connections_max must be at least one more than workers"},
        {"connections_max: 2\n", "plan.yaml:6:18: error: connections_max must be at least one more than workers"},
        {"lease: {ttl: 10s}\n", "plan.yaml:6:14: error: timeouts.statement must be less than half of lease.ttl"},
        {"timeouts: {statement: 15s}\n", "plan.yaml:6:23: error: timeouts.statement must be less than half of lease.ttl"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fixture fixture;
        struct buf text;
        buf_init(&text);
        buf_printf(&text, HEAD SOURCE FILLS "%s", cases[i].lines);
        fixture_load(&fixture, text.data);
        fixture.report.data[strcspn(fixture.report.data, "\n")] = '\0';
        assert_string_equal(fixture.report.data, cases[i].first);
        fixture_release(&fixture);
        buf_release(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_profiles_differ),      cmocka_unit_test(staging_has_every_guard),
        cmocka_unit_test(defaults_are_the_careful_ones), cmocka_unit_test(the_strongest_origin_wins),
        cmocka_unit_test(every_setting_can_be_set),      cmocka_unit_test(wrong_settings_are_refused),
        cmocka_unit_test(wrong_variables_are_refused),   cmocka_unit_test(settings_agree_with_one_another),
    };
    return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
