/* A sound plan, field by field; files that cannot be read; secrets that must not be shown. */
#include "plan_fixture.h"

static const char WHOLE[] = "version: 1\n"
                            "plan: users_v2\n"
                            "source: {url: \"${env:URL}\"}\n"
                            "writes: {by: none}\n"
                            "fills:\n"
                            "  - name: users\n"
                            "    from: app.users_legacy\n"
                            "    into: [\"app.new\", \"users \\\"v2\\\"\"]\n"
                            "    key: [tenant, no]\n"
                            "    match: [t, n]\n"
                            "    where: \"deleted_at IS NULL\"\n"
                            "    on_conflict: overwrite\n"
                            "    columns:\n"
                            "      t: tenant\n"
                            "      total: 5\n"
                            "      flag: true\n"
                            "      nothing: null\n"
                            "      country_id: |\n"
                            "        (select c.id from countries c\n"
                            "          where c.code = src.country)\n"
                            "    carry: [no, \"1_000\"]\n"
                            "    omit: [legacy_flags]\n"
                            "    volatile: allow\n"
                            "    needs: [totals]\n"
                            "  - name: totals\n"
                            "    table: orders\n"
                            "    set: {total_cents: cast(total * 100 as bigint)}\n"
                            "    touch: true\n"
                            "batch: {rows: 400, rows_max: 450, target_time: 100ms, commit: sync}\n"
                            "range: {every: 1 day}\n"
                            "workers: 3\n"
                            "pace: {rows_per_second: unlimited, pause_file: /run/pause}\n"
                            "guards: {window_rows: 5000, reject: 0.5%, reject_max: 7, on_trip: halt}\n"
                            "timeouts: {statement: 5s, lock: 500ms, idle: 20s, connect: 3s, snapshot: 2 min}\n"
                            "retry_max: 4\n";

static const char *const URL_ENV[] = {"URL=postgresql://me:s3cret@db/shop", NULL};

static void assert_names(const struct plan_names *names, const char *first, const char *second) {
    assert_int_equal(names->count, second != NULL ? 2 : 1);
    assert_string_equal(names->names[0], first);
    if (second != NULL) {
        assert_string_equal(names->names[1], second);
    }
}

static void a_copying_fill_is_read(void **state) {
    struct fixture fixture;
    (void)state;
    fixture_env = URL_ENV;
    fixture_load_good(&fixture, WHOLE);
    assert_int_equal(fixture.plan->fill_count, 2);
    const struct plan_fill *fill = plan_find_fill(fixture.plan, "users");
    assert_ptr_equal(fill, &fixture.plan->fills[0]);
    assert_false(fill->in_place);
    assert_string_equal(fill->from.schema, "app");
    assert_string_equal(fill->from.name, "users_legacy");
    assert_string_equal(fill->into.schema, "app.new");
    assert_string_equal(fill->into.name, "users \"v2\"");
    assert_names(&fill->key, "tenant", "no");
    assert_names(&fill->match, "t", "n");
    assert_names(&fill->omit, "legacy_flags", NULL);
    assert_names(&fill->needs, "totals", NULL);
    assert_true(fill->needs_given);
    assert_string_equal(fill->where, "deleted_at IS NULL");
    assert_int_equal(fill->on_conflict, PLAN_OVERWRITE);
    assert_true(fill->volatile_allow);
    assert_false(fill->touch);
    assert_int_equal(fill->line, 6);
    fixture_release(&fixture);
}

static void expressions_are_their_text(void **state) {
    static const struct plan_column expected[] = {
        {"t", "tenant", 14, 10},
        {"total", "5", 15, 14},
        {"flag", "true", 16, 13},
        {"nothing", "null", 17, 16},
        {"country_id", "(select c.id from countries c\n  where c.code = src.country)", 18, 19},
        {"no", NULL, 21, 13},
        {"1_000", NULL, 21, 17},
    };
    struct fixture fixture;
    (void)state;
    fixture_env = URL_ENV;
    fixture_load_good(&fixture, WHOLE);
    const struct plan_fill *fill = &fixture.plan->fills[0];
    assert_int_equal(fill->column_count, sizeof(expected) / sizeof(*expected));
    for (size_t i = 0; i < fill->column_count; i++) {
        assert_string_equal(fill->columns[i].name, expected[i].name);
        if (expected[i].expr == NULL) {
            assert_null(fill->columns[i].expr);
        } else {
            assert_string_equal(fill->columns[i].expr, expected[i].expr);
        }
        assert_int_equal(fill->columns[i].line, expected[i].line);
        assert_int_equal(fill->columns[i].column, expected[i].column);
    }
    fixture_release(&fixture);
}

static void a_fill_in_place_is_read(void **state) {
    struct fixture fixture;
    (void)state;
    fixture_env = URL_ENV;
    fixture_load_good(&fixture, WHOLE);
    const struct plan_fill *fill = plan_find_fill(fixture.plan, "totals");
    assert_true(fill->in_place);
    assert_null(fill->from.schema);
    assert_string_equal(fill->from.name, "orders");
    assert_string_equal(fill->into.name, "orders");
    assert_int_equal(fill->column_count, 1);
    assert_string_equal(fill->columns[0].expr, "cast(total * 100 as bigint)");
    assert_true(fill->touch);
    assert_false(fill->needs_given);
    assert_int_equal(fill->key.count, 0);
    assert_null(fill->where);
    assert_null(plan_find_fill(fixture.plan, "nobody"));
    fixture_release(&fixture);
}

static void the_head_and_settings_are_read(void **state) {
    struct fixture fixture;
    (void)state;
    fixture_env = URL_ENV;
    fixture_load_good(&fixture, WHOLE);
    const struct plan *plan = fixture.plan;
    assert_string_equal(plan->path, "plan.yaml");
    assert_string_equal(plan->name, "users_v2");
    assert_string_equal(plan->environment, "default");
    assert_string_equal(plan->profile, "prod");
    assert_string_equal(plan->source_url, "postgresql://me:s3cret@db/shop");
    assert_int_equal(plan->writes, PLAN_WRITES_NONE);
    assert_int_equal(plan->set.batch_rows, 400);
    assert_int_equal(plan->set.batch_rows_max, 450);
    assert_int_equal(plan->set.batch_target_time_us, 100000);
    assert_false(plan->set.batch_async_commit);
    assert_int_equal(plan->set.range_every_us, 86400000000);
    assert_int_equal(plan->set.workers, 3);
    assert_int_equal(plan->set.pace_rows_per_second, 0);
    assert_string_equal(plan->set.pace_pause_file, "/run/pause");
    assert_int_equal(plan->set.guard_window_rows, 5000);
    assert_true(plan->set.guard_reject > 0.00499 && plan->set.guard_reject < 0.00501);
    assert_int_equal(plan->set.guard_reject_max, 7);
    assert_int_equal(plan->set.statement_timeout_us, 5000000);
    assert_int_equal(plan->set.lock_timeout_us, 500000);
    assert_int_equal(plan->set.idle_timeout_us, 20000000);
    assert_int_equal(plan->set.connect_timeout_us, 3000000);
    assert_int_equal(plan->set.snapshot_wait_us, 120000000);
    assert_int_equal(plan->set.retry_max, 4);
    fixture_release(&fixture);
}

static void json_plans_load(void **state) {
    struct fixture fixture;
    (void)state;
    fixture_load_good(&fixture, "{\"version\": 1, \"plan\": \"shop\", \"source\": \"sqlite:shop.db\", \"workers\": 1,\n"
                                " \"fills\": [{\"name\": \"u\", \"table\": \"t\", \"set\": {\"a\": \"b + 1\", \"c\": 5}}]}");
    assert_string_equal(fixture.plan->fills[0].columns[1].expr, "5");
    assert_int_equal(fixture.plan->writes, PLAN_WRITES_APPLICATION);
    fixture_release(&fixture);
}

/* The examples in the documentation are plans. */
static void examples_load(void **state) {
    static const char *const names[] = {"users_v2.yaml", "new_column.yaml", "environments.yaml", "events_by_day.yaml", "plan.json"};
    static const char *const env[] = {"DATABASE_URL=sqlite:x", NULL};
    (void)state;
    fixture_env = env;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct fixture fixture;
        char path[1024];
        snprintf(path, sizeof(path), "%s/examples/%s", PROJECT_ROOT, names[i]);
        const char *environment = strcmp(names[i], "environments.yaml") == 0 ? "prod" : NULL;
        fixture_load_with(&fixture, (struct plan_options){.path = path, .environment = environment});
        assert_string_equal(fixture.report.data, "");
        assert_int_equal(fixture.code, 0);
        fixture_release(&fixture);
    }
}

/* A path that leads nowhere is a mistake in the command line; /proc/self/mem is a file that fails when it is read. */
static void files_that_cannot_be_read_are_named(void **state) {
    static const char *const paths[] = {"missing.yaml", "/", "missing/plan.yaml", "/proc/self/mem"};
    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        struct fixture fixture;
        fixture_load_with(&fixture, (struct plan_options){.path = paths[i]});
        assert_int_equal(fixture.code, i < 3 ? ERR_USAGE : ERR_IO);
        assert_non_null(strstr(fixture.err.message, paths[i]));
        assert_int_equal(strstr(fixture.err.next, "infill init") != NULL, i < 3);
        fixture_release(&fixture);
    }
}

/* The canary is a password; it may stand anywhere and must come out nowhere. */
static void secrets_are_never_shown(void **state) {
    static const char *const texts[] = {
        HEAD "source: {url: postgres://me:canary@db/shop, bogus: 1}\n" FILLS,
        HEAD "source: {url: \"postgres://me:can\\\n  ary@db/canary\"\n  , bogus: 1}\n" FILLS,
        HEAD "source: {\"postgres://me:canary@db\": 1}\n" FILLS,
        HEAD "source: me:canary@db/shop\n" FILLS,
        HEAD "source: {url: 'canary', x: 1}\n" FILLS,
        HEAD "source: host=db password=canary\n" FILLS,
        HEAD "sauce: 'host=db password=canary'\n" FILLS,
        HEAD "source: postgres://me:canary@db/shop\n  - broken\n" FILLS,
        HEAD "source: [postgres://me:canary@db/shop]\n" FILLS,
        HEAD "source: \"${env:BAD}\"\n" FILLS,
        HEAD "source: \"${env:URL}\"\ntarget: \"${env:BAD}\"\n" FILLS,
        HEAD "source: \"${env:URL}\"\ntarget: \"sqlite:${env:URL}\"\n" FILLS,
        HEAD SOURCE "workers: mysql://me:canary@db\n" FILLS,
        HEAD SOURCE "? postgres://me:canary@db\n: 1\n" FILLS,
    };
    static const char *const env[] = {"URL=postgresql://me:canary@db/shop", "BAD=me:canary\n", NULL};
    (void)state;
    fixture_env = env;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct fixture fixture;
        fixture_load(&fixture, texts[i]);
        assert_int_not_equal(fixture.code, 0);
        assert_null(strstr(fixture.report.data, "canary"));
        assert_null(strstr(fixture.err.message, "canary"));
        fixture_release(&fixture);
    }
}

static void source_lines_are_safe_to_print(void **state) {
    struct fixture fixture;
    (void)state;
    fixture_load(&fixture, HEAD SOURCE FILLS "x: \"\xE2\x80\xAE\" # \xE6\x97\xA5\n");
    assert_non_null(strstr(fixture.report.data, "    x: \"?\" # \xE6\x97\xA5\n"));
    fixture_release(&fixture);
    fixture_load(&fixture, HEAD SOURCE FILLS "x: \xC2\x9B[2J\n");
    assert_string_equal(fixture.report.data,
                        "plan.yaml:6:4: error: control characters are not allowed in a plan\n    x: ?[2J\n       ^\n");
    fixture_release(&fixture);

    struct buf text;
    buf_init(&text);
    buf_add(&text, HEAD SOURCE FILLS "workers: [");
    for (int i = 0; i < 2000; i++) {
        buf_add(&text, "word, ");
    }
    buf_add(&text, "\n");
    fixture_load(&fixture, text.data);
    assert_true(fixture.report.len < 1000);
    fixture_release(&fixture);
    buf_release(&text);
}

static void mistakes_are_counted_beyond_those_shown(void **state) {
    struct fixture fixture;
    struct buf text;
    (void)state;
    buf_init(&text);
    buf_add(&text, HEAD SOURCE FILLS);
    for (int i = 0; i < 500; i++) {
        buf_printf(&text, "zz%d: 1\n", i);
    }
    fixture_load(&fixture, text.data);
    assert_non_null(strstr(fixture.report.data, "\nand 300 more\n"));
    assert_int_equal(strncmp(fixture.err.message, "500 mistakes", 12), 0);
    fixture_release(&fixture);
    buf_release(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copying_fill_is_read),
        cmocka_unit_test(expressions_are_their_text),
        cmocka_unit_test(a_fill_in_place_is_read),
        cmocka_unit_test(the_head_and_settings_are_read),
        cmocka_unit_test(json_plans_load),
        cmocka_unit_test(examples_load),
        cmocka_unit_test(files_that_cannot_be_read_are_named),
        cmocka_unit_test(secrets_are_never_shown),
        cmocka_unit_test(source_lines_are_safe_to_print),
        cmocka_unit_test(mistakes_are_counted_beyond_those_shown),
    };
    return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
