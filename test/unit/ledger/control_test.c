/* The state of a run: what may follow what (L10), and that nobody older gets through afterwards (L6). */
#include "../spy_db.h"
#include "ledger_fixture.h"

static const char state_now[] = "SELECT state, reason, generation FROM infill_run";

static void set_by_hand(struct ledger_fixture *f, const char *state) {
    char sql[96];
    snprintf(sql, sizeof sql, "UPDATE infill_run SET state = '%s'", state);
    sqlite_file_exec(&f->file, sql);
}

static int control(struct ledger_fixture *f, const char *state, const char **was, bool *changed) {
    return ledger_run_control(f->ledger, f->file.db, f->run.run, state, "because", "someone@here", "{}", NULL, &f->file.arena, was,
                              changed, &f->file.err);
}

static void a_state_follows_only_where_it_may(void **state) {
    (void)state;
    static const char *const names[] = {"running", "paused", "stopped", "halted", "done"};
    static const char *const changes[] = {
        /* to running, paused, stopped, halted: + it changes, = it stays, ! it is refused */
        "=+++", "+=++", "+==+", "+=+=", "!!!!",
    };
    for (size_t from = 0; from < UNIT_COUNT(names); from++)
        for (size_t to = 0; to < 4; to++) {
            struct ledger_fixture f;
            bool changed = true;
            const char *was = NULL;
            fixture_make(&f);
            set_by_hand(&f, names[from]);
            int rc = control(&f, names[to], &was, &changed);
            assert_int_equal(rc, changes[from][to] == '!' ? ERR_NOT_FOUND : 0);
            assert_int_equal(changed, changes[from][to] == '+');
            assert_string_equal(was, names[from]);
            assert_rows(&f.file, "SELECT state FROM infill_run", changed ? names[to] : names[from]);
            assert_rows(&f.file, "SELECT generation FROM infill_run", changed ? "2" : "1");
            assert_rows(&f.file, "SELECT count(*) FROM infill_event WHERE what <> 'started'", changed ? "1" : "0");
            fixture_remove(&f);
        }
}

static void a_run_that_is_gone_has_no_state(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_run run;
    bool changed = true, done = true;
    const char *was = NULL;
    fixture_make(&f);
    sqlite_file_exec(&f.file, "DELETE FROM infill_run");
    assert_int_equal(control(&f, "paused", &was, &changed), ERR_NOT_FOUND);
    assert_string_equal(f.file.err.message, "the run is gone from the ledger");
    assert_false(changed);
    sqlite_file_ok(&f.file, ledger_run_finish(f.ledger, f.file.db, f.run.run, false, "a", NULL, &done, &f.file.err));
    assert_false(done);
    assert_int_equal(ledger_run_state(f.ledger, f.file.db, f.run.run, &f.file.arena, &run, &f.file.err), ERR_NOT_FOUND);
    fixture_remove(&f);
}

static void the_reason_stands_in_the_row_and_in_the_event(void **state) {
    (void)state;
    struct ledger_fixture f;
    bool changed = false;
    const char *was = NULL;
    fixture_make(&f);
    sqlite_file_ok(&f.file, ledger_run_control(f.ledger, f.file.db, f.run.run, "halted", "a \"quote\"", "guard", "{\"rows\":3}",
                                               NULL, &f.file.arena, &was, &changed, &f.file.err));
    assert_rows(&f.file, state_now, "halted|a \"quote\"|2");
    assert_rows(&f.file, "SELECT seq, actor, what, detail ->> 'rows', detail ->> 'reason' FROM infill_event WHERE seq = 2",
                "2|guard|halted|3|a \"quote\"");
    sqlite_file_ok(&f.file, ledger_run_control(f.ledger, f.file.db, f.run.run, "running", "again", "me", "{}", NULL, &f.file.arena,
                                               &was, &changed, &f.file.err));
    assert_rows(&f.file, "SELECT seq, actor, what, detail FROM infill_event WHERE seq = 3", "3|me|resumed|{\"reason\":\"again\"}");
    sqlite_file_ok(&f.file, ledger_event_check(f.ledger, f.file.db, f.run.run, &f.file.err));
    fixture_remove(&f);
}

/* L6: three ranges, one filled, one leased, one free; then a batch that was leased before. */
static void a_change_fences_every_open_range(void **state) {
    (void)state;
    static const char *const states[] = {"paused", "stopped", "halted"};
    for (size_t i = 0; i < UNIT_COUNT(states); i++) {
        struct ledger_fixture f;
        fixture_make(&f);
        fixture_high_water(&f, "[\"9\"]");
        struct ledger_lease filled = fixture_cut(&f, "[\"3\"]", "a", LEASE_MS);
        assert_int_equal(fixture_batch(&f, &filled, "a", "[\"3\"]"), 0);
        struct ledger_lease leased = fixture_cut(&f, "[\"6\"]", "a", LEASE_MS);
        struct ledger_lease freed = fixture_cut(&f, "[\"9\"]", "b", LEASE_MS);
        sqlite_file_ok(&f.file, ledger_release(f.ledger, f.file.db, f.run.run, &freed, "b", 0, NULL, &f.file.err));
        assert_true(fixture_control(&f, states[i], ""));
        assert_rows(&f.file, "SELECT range_no, state, owner, lease_until, epoch FROM infill_range ORDER BY range_no",
                    "1|filled|-|-|1 2|open|-|-|2 3|open|-|-|3");
        assert_true(fixture_control(&f, "running", ""));
        assert_int_equal(fixture_batch(&f, &leased, "a", "[\"5\"]"), ERR_FENCED);
        assert_rows(&f.file, "SELECT count(*) FROM infill_range WHERE cursor IS NOT NULL", "1");
        fixture_remove(&f);
    }
}

/* Public interface: a state set by a plain UPDATE, which fences nobody. Whoever then asks for it gets what he is promised. */
static void a_state_that_stays_is_fenced_too(void **state) {
    (void)state;
    static const struct {
        const char *by_hand, *then;
    } cases[] = {{"paused", "paused"}, {"stopped", "stopped"}, {"halted", "halted"}, {"stopped", "paused"}, {"halted", "paused"}};
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct ledger_fixture f;
        fixture_make(&f);
        fixture_high_water(&f, "[\"9\"]");
        struct ledger_lease lease = fixture_cut(&f, "[\"9\"]", "a", LEASE_MS);
        set_by_hand(&f, cases[i].by_hand);
        assert_false(fixture_control(&f, cases[i].then, ""));
        assert_rows(&f.file, "SELECT owner, epoch FROM infill_range", "-|2");
        set_by_hand(&f, "running");
        assert_int_equal(fixture_batch(&f, &lease, "a", "[\"5\"]"), ERR_FENCED);
        fixture_remove(&f);
    }
}

/* A stop that lost a deadlock, or came while the file was locked, is a stop all the same. */
static void a_passing_conflict_is_tried_again(void **state) {
    (void)state;
    static const int codes[] = {ERR_TRANSIENT, ERR_LOCKED};
    enum { FLUSHES = 5, MORE_THAN_IT_TRIES = 1000 }; /* lock, set, fence, look, event */
    for (size_t i = 0; i < UNIT_COUNT(codes); i++)
        for (unsigned at = 1; at <= FLUSHES; at++) {
            struct ledger_fixture f;
            struct spy_db spy;
            bool changed = false;
            const char *was = NULL;
            fixture_make(&f);
            spy_on(&spy, f.file.db);
            spy.fail_with = codes[i];
            spy.fail_from = at;
            spy.fail_count = 2;
            sqlite_file_ok(&f.file, control(&f, "paused", &was, &changed));
            assert_true(changed);
            assert_string_equal(was, "running");
            assert_int_equal(f.file.err.code, 0);
            assert_rows(&f.file, state_now, "paused|because|2");
            sqlite_file_ok(&f.file, ledger_event_check(f.ledger, f.file.db, f.run.run, &f.file.err));
            spy_off(&spy, f.file.db);
            fixture_remove(&f);
        }
    struct ledger_fixture f;
    struct spy_db spy;
    bool changed = true;
    const char *was = NULL;
    fixture_make(&f);
    spy_on(&spy, f.file.db);
    spy.fail_with = ERR_TRANSIENT;
    spy.fail_from = 1;
    spy.fail_count = MORE_THAN_IT_TRIES;
    assert_int_equal(control(&f, "paused", &was, &changed), ERR_TRANSIENT);
    assert_false(changed);
    assert_in_range(spy.flushes, 3, 20);
    spy.fail_with = ERR_DENIED;
    spy.flushes = 0;
    assert_int_equal(control(&f, "paused", &was, &changed), ERR_DENIED);
    assert_int_equal(spy.flushes, 1);
    spy_off(&spy, f.file.db);
    assert_rows(&f.file, state_now, "running||1");
    fixture_remove(&f);
}

/* L5, of the run. */
static void a_run_ends_only_when_every_fill_is_filled_to_its_end(void **state) {
    (void)state;
    static const struct {
        const char *sql;
        bool done;
    } cases[] = {
        {"UPDATE infill_fill SET state = 'filled'", true},
        {"UPDATE infill_fill SET state = 'open'", false},
        {"UPDATE infill_fill SET state = 'waiting'", false},
        {"UPDATE infill_fill SET state = 'filled', until_key = '[\"5\"]'", false},
        {"UPDATE infill_fill SET state = 'filled'; UPDATE infill_run SET state = 'paused'", false},
        {"UPDATE infill_fill SET state = 'filled'; UPDATE infill_run SET state = 'halted'", false},
        {"UPDATE infill_run SET state = 'done'", true},
        {"UPDATE infill_fill SET state = 'filled'; INSERT INTO infill_fill SELECT run, 'other', 2, source, target, 0, 'open', "
         "NULL, "
         "NULL, NULL, NULL, NULL, 0, -1, NULL, NULL FROM infill_fill",
         false},
    };
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct ledger_fixture f;
        bool done = !cases[i].done;
        fixture_make(&f);
        sqlite_file_exec(&f.file, cases[i].sql);
        const char *before = sqlite_file_rows(&f.file, state_now);
        sqlite_file_ok(&f.file, ledger_run_finish(f.ledger, f.file.db, f.run.run, false, "someone@here", NULL, &done, &f.file.err));
        assert_int_equal(done, cases[i].done);
        assert_rows(&f.file, state_now, done ? sqlite_file_rows(&f.file, "SELECT 'done', '', generation FROM infill_run") : before);
        fixture_remove(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_follows_only_where_it_may),
        cmocka_unit_test(a_run_that_is_gone_has_no_state),
        cmocka_unit_test(the_reason_stands_in_the_row_and_in_the_event),
        cmocka_unit_test(a_change_fences_every_open_range),
        cmocka_unit_test(a_state_that_stays_is_fenced_too),
        cmocka_unit_test(a_passing_conflict_is_tried_again),
        cmocka_unit_test(a_run_ends_only_when_every_fill_is_filled_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
