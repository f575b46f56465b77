/* The run row: made once, joined by everybody else, refused where it is not the same (L7, L10). */
#include "../spy_db.h"
#include "ledger_fixture.h"

static int open_run(struct ledger_fixture *f, const struct ledger_run_spec *spec) {
    return ledger_run_open(f->ledger, f->file.db, spec, &f->file.arena, &f->run, &f->file.err);
}

static void the_first_makes_the_run_and_the_second_joins_it(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_run_spec spec = fixture_spec;
    fixture_make(&f);
    assert_int_equal(f.run.run, 1);
    assert_int_equal(f.run.generation, 1);
    assert_string_equal(f.run.state, "running");
    assert_rows(
        &f.file,
        "SELECT fill, fill_no, source, target, in_place, state, frontier, high_water, ranges, row_estimate FROM infill_fill",
        "users|0|main.old|main.new|0|waiting|-|-|0|100");
    spec.settings = "{\"workers\":2}";
    spec.version = "2";
    spec.actor = "other@there";
    sqlite_file_ok(&f.file, open_run(&f, &spec));
    assert_false(f.run.created);
    assert_int_equal(f.run.run, 1);
    assert_rows(&f.file, "SELECT settings, version, created_by FROM infill_run", "{\"workers\":2}|2|someone@here");
    assert_rows(&f.file, "SELECT seq, actor, what, detail FROM infill_event",
                "1|someone@here|started|{} 2|other@there|joined|{\"workers\":2}");
    assert_rows(&f.file, "SELECT count(*) FROM infill_fill", "1");
    spec.plan = "another";
    sqlite_file_ok(&f.file, open_run(&f, &spec));
    assert_true(f.run.created);
    assert_int_equal(f.run.run, 2);
    fixture_remove(&f);
}

/* L7: what must be as it was, one thing of it changed; the message names it, and nothing is written. */
static void what_changed_since_the_run_began_is_refused(void **state) {
    (void)state;
    static const struct {
        struct ledger_run_spec with; /* NULL: as it was */
        const char *message;
    } cases[] = {
        {{.environment = "prod"},
         "run shop belongs to environment test with profile gentle; this is environment prod with profile gentle"},
        {{.profile = "prod"},
         "run shop belongs to environment test with profile gentle; this is environment test with profile prod"},
        {{.meaning = "m2", .meaning_text = "{\"fills\":{\"users\":{\"where\":\"b\",\"into\":\"new\"}}}"},
         "the plan's meaning changed since the run began: fills.users.where"},
        {{.meaning = "m2", .meaning_text = "{\"fills\":{\"users\":{\"into\":\"new\",\"key\":[\"id\"]}}}"},
         "the plan's meaning changed since the run began: fills.users.where, fills.users.key"},
        {{.meaning = "m2", .meaning_text = "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6}"},
         "the plan's meaning changed since the run began: fills, a, b, c, d"},
        {{.meaning = "m2"}, "the plan's meaning changed since the run began: its text"},
        {{.fingerprint = "f2", .fingerprint_text = "{\"old\":{\"id\":\"integer\",\"email\":\"blob\",\"age\":\"integer\"}}"},
         "the schema changed since the run began: old.email, old.age"},
    };
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct ledger_fixture f;
        struct ledger_run_spec spec = fixture_spec;
        const struct ledger_run_spec *with = &cases[i].with;
        fixture_make(&f);
        spec.environment = with->environment ? with->environment : spec.environment;
        spec.profile = with->profile ? with->profile : spec.profile;
        spec.meaning = with->meaning ? with->meaning : spec.meaning;
        spec.meaning_text = with->meaning_text ? with->meaning_text : spec.meaning_text;
        spec.fingerprint = with->fingerprint ? with->fingerprint : spec.fingerprint;
        spec.fingerprint_text = with->fingerprint_text ? with->fingerprint_text : spec.fingerprint_text;
        assert_int_equal(open_run(&f, &spec), ERR_REFUSED);
        assert_string_equal(f.file.err.message, cases[i].message);
        assert_int_equal(strncmp(f.file.err.next, "nothing was changed", 19), 0);
        assert_rows(&f.file, "SELECT count(*) FROM infill_event", "1");
        fixture_remove(&f);
    }
}

static void a_ledger_of_another_format_is_refused(void **state) {
    (void)state;
    struct ledger_fixture f;
    fixture_make(&f);
    sqlite_file_exec(&f.file, "UPDATE infill_run SET format = 2");
    assert_int_equal(open_run(&f, &fixture_spec), ERR_REFUSED);
    assert_string_equal(f.file.err.message, "the ledger has format 2, this infill writes format 1");
    fixture_remove(&f);
}

/* L10. */
static void a_sticky_run_is_refused_since_when_and_why(void **state) {
    (void)state;
    static const char *const states[] = {"halted", "stopped"};
    for (size_t i = 0; i < UNIT_COUNT(states); i++) {
        struct ledger_fixture f;
        char expected[128];
        fixture_make(&f);
        fixture_control(&f, states[i], "lag");
        sqlite_file_exec(&f.file, "UPDATE infill_run SET updated_at = '2026-03-01 22:00:00.123'");
        assert_int_equal(open_run(&f, &fixture_spec), ERR_HALTED);
        snprintf(expected, sizeof expected, "run shop is %s since 2026-03-01T22:00:00.123Z: lag", states[i]);
        assert_string_equal(f.file.err.message, expected);
        assert_non_null(strstr(f.file.err.next, "infill resume PLAN --because"));
        assert_rows(&f.file, "SELECT updated_at FROM infill_run", "2026-03-01 22:00:00.123");
        fixture_control(&f, "running", "");
        err_clear(&f.file.err);
        sqlite_file_ok(&f.file, open_run(&f, &fixture_spec));
        fixture_remove(&f);
    }
}

static void a_paused_run_is_joined_and_a_done_one_left_alone(void **state) {
    (void)state;
    struct ledger_fixture f;
    fixture_make(&f);
    fixture_control(&f, "paused", "lunch");
    sqlite_file_ok(&f.file, open_run(&f, &fixture_spec));
    assert_string_equal(f.run.state, "paused");
    assert_string_equal(f.run.reason, "lunch");
    sqlite_file_exec(&f.file, "UPDATE infill_run SET state = 'done'");
    const char *before = sqlite_file_rows(&f.file, "SELECT * FROM infill_run");
    sqlite_file_ok(&f.file, open_run(&f, &fixture_spec));
    assert_string_equal(f.run.state, "done");
    assert_rows(&f.file, "SELECT * FROM infill_run", before);
    assert_rows(&f.file, "SELECT count(*) FROM infill_event", "3");
    fixture_remove(&f);
}

static void one_database_has_one_environment(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_run_spec spec = fixture_spec;
    fixture_make(&f);
    spec.plan = "another";
    spec.environment = "prod";
    assert_int_equal(open_run(&f, &spec), ERR_REFUSED);
    assert_string_equal(f.file.err.message, "this database is environment test (run shop), not prod");
    assert_rows(&f.file, "SELECT plan FROM infill_run", "shop");
    sqlite_file_exec(&f.file, "UPDATE infill_run SET state = 'done'");
    err_clear(&f.file.err);
    sqlite_file_ok(&f.file, open_run(&f, &spec));
    assert_rows(&f.file, "SELECT plan FROM infill_run ORDER BY run", "shop another");
    fixture_remove(&f);
}

/* ---- somebody else comes in between ---- */

struct between {
    const char *first; /* in front of the flush that begins with this */
    const char *sql;
    bool done;
};

static void come_in_between(struct spy_db *spy, struct db *db, const char *first) {
    struct between *between = spy->context;
    struct err err;
    err_clear(&err);
    if (between->done || strncmp(first, between->first, strlen(between->first)) != 0)
        return;
    between->done = true;
    assert_int_equal(db_script(db, between->sql, &err), 0);
}

static void open_with(struct ledger_fixture *f, const char *first, const char *sql, int expected) {
    struct between between = {first, sql, false};
    struct spy_db spy;
    spy_on(&spy, f->file.db);
    spy.before = come_in_between;
    spy.context = &between;
    assert_int_equal(open_run(f, &fixture_spec), expected);
    assert_true(between.done);
    spy_off(&spy, f->file.db);
}

static const char another_run[] =
    "INSERT INTO infill_run (run, plan, environment, profile, meaning, meaning_text, fingerprint, fingerprint_text, format, state, "
    "reason, "
    "generation, settings, version, created_by, created_at, updated_at) VALUES (1, 'other', 'prod', 'p', 'm', '{}', 'f', '{}', 1, "
    "'running', '', 1, '{}', '1', 'them', '2026-03-01 22:00:00.000', '2026-03-01 22:00:00.000')";

/* Both looked before either inserted: the second insert must see the first. */
static void two_environments_that_begin_at_once_do_not_both_begin(void **state) {
    (void)state;
    struct ledger_fixture f;
    fixture_ledger(&f);
    sqlite_file_ok(&f.file, ledger_install(f.ledger, f.file.db, &f.file.err));
    open_with(&f, "INSERT INTO \"infill_run\"", another_run, ERR_REFUSED);
    assert_string_equal(f.file.err.message, "this database is environment prod (run other), not test");
    assert_rows(&f.file, "SELECT plan FROM infill_run", "other");
    assert_rows(&f.file, "SELECT count(*) FROM infill_fill", "0");
    fixture_remove(&f);
}

static const char lock_run[] = "SELECT \"run\", \"generation\", \"state\", \"reason\" FROM ";

/* The answer is what stands under the lock, not what was read before. */
static void a_state_is_believed_only_under_the_lock(void **state) {
    (void)state;
    static const struct {
        const char *sql;
        int expected;
    } cases[] = {{"UPDATE infill_run SET state = 'halted'", ERR_HALTED},
                 {"UPDATE infill_run SET state = 'stopped'", ERR_HALTED},
                 {"UPDATE infill_run SET state = 'paused'", 0},
                 {"UPDATE infill_run SET state = 'done'", 0}};
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct ledger_fixture f;
        fixture_make(&f);
        open_with(&f, lock_run, cases[i].sql, cases[i].expected);
        if (cases[i].expected == 0)
            assert_string_equal(f.run.state, sqlite_file_rows(&f.file, "SELECT state FROM infill_run"));
        fixture_remove(&f);
    }
}

static void a_passing_conflict_is_tried_again(void **state) {
    (void)state;
    static const int codes[] = {ERR_TRANSIENT, ERR_LOCKED, ERR_DUPLICATE};
    enum { FLUSHES = 5 };
    for (size_t i = 0; i < UNIT_COUNT(codes); i++)
        for (unsigned at = 1; at <= FLUSHES; at++) {
            struct ledger_fixture f;
            struct spy_db spy;
            fixture_ledger(&f);
            sqlite_file_ok(&f.file, ledger_install(f.ledger, f.file.db, &f.file.err));
            spy_on(&spy, f.file.db);
            spy.fail_with = codes[i];
            spy.fail_from = at;
            sqlite_file_ok(&f.file, open_run(&f, &fixture_spec));
            spy_off(&spy, f.file.db);
            assert_true(f.run.created);
            assert_rows(&f.file, "SELECT what FROM infill_event", "started");
            fixture_remove(&f);
        }
}

static void a_run_is_found_by_its_plan(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_run run;
    bool found = true;
    fixture_make(&f);
    sqlite_file_ok(&f.file, ledger_run_find(f.ledger, f.file.db, "none", &f.file.arena, &run, &found, &f.file.err));
    assert_false(found);
    sqlite_file_ok(&f.file, ledger_run_find(f.ledger, f.file.db, "shop", &f.file.arena, &run, &found, &f.file.err));
    assert_true(found);
    assert_string_equal(run.environment, "test");
    assert_string_equal(run.profile, "gentle");
    assert_string_equal(run.meaning, "m1");
    fixture_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_makes_the_run_and_the_second_joins_it),
        cmocka_unit_test(what_changed_since_the_run_began_is_refused),
        cmocka_unit_test(a_ledger_of_another_format_is_refused),
        cmocka_unit_test(a_sticky_run_is_refused_since_when_and_why),
        cmocka_unit_test(a_paused_run_is_joined_and_a_done_one_left_alone),
        cmocka_unit_test(one_database_has_one_environment),
        cmocka_unit_test(two_environments_that_begin_at_once_do_not_both_begin),
        cmocka_unit_test(a_state_is_believed_only_under_the_lock),
        cmocka_unit_test(a_passing_conflict_is_tried_again),
        cmocka_unit_test(a_run_is_found_by_its_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
