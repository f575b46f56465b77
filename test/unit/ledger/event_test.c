/* The log of events: a chain that shows every change made to it afterwards. */
#include "ledger_fixture.h"

static int check(struct ledger_fixture *f) {
    err_clear(&f->file.err);
    return ledger_event_check(f->ledger, f->file.db, f->run.run, &f->file.err);
}

static void note(struct ledger_fixture *f, const char *actor, const char *what, const char *detail) {
    sqlite_file_ok(&f->file, ledger_event(f->ledger, f->file.db, f->run.run, actor, what, detail, &f->file.err));
}

/* started, and three more. */
static void make(struct ledger_fixture *f) {
    fixture_make(f);
    note(f, "ann", "noted", "{\"a\":1}");
    note(f, "ben", "noted", "{}");
    note(f, "ann", "noted", "");
}

static void events_follow_each_other(void **state) {
    (void)state;
    struct ledger_fixture f;
    make(&f);
    assert_rows(&f.file, "SELECT seq, actor, what, detail FROM infill_event ORDER BY seq",
                "1|someone@here|started|{} 2|ann|noted|{\"a\":1} 3|ben|noted|{} 4|ann|noted|");
    assert_rows(&f.file, "SELECT prev_hash FROM infill_event WHERE seq = 1", "");
    assert_rows(&f.file,
                "SELECT count(*) FROM infill_event AS e JOIN infill_event AS p ON p.seq = e.seq - 1 WHERE e.prev_hash = p.hash",
                "3");
    assert_rows(&f.file, "SELECT count(*) FROM infill_event WHERE length(hash) = 64 AND at GLOB '20[0-9][0-9]-*T*Z'", "4");
    assert_int_equal(check(&f), 0);
    fixture_remove(&f);
}

static void every_change_breaks_the_chain(void **state) {
    (void)state;
    static const struct {
        const char *sql;
        int breaks_at;
    } cases[] = {
        {"UPDATE infill_event SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 1", 1},
        {"UPDATE infill_event SET actor = 'eve' WHERE seq = 2", 2},
        {"UPDATE infill_event SET what = 'resumed' WHERE seq = 3", 3},
        {"UPDATE infill_event SET detail = '{\"a\":2}' WHERE seq = 2", 2},
        {"UPDATE infill_event SET detail = '{}' WHERE seq = 4", 4},
        {"UPDATE infill_event SET actor = 'annn', what = 'oted' WHERE seq = 4", 4}, /* the same letters, cut elsewhere */
        {"UPDATE infill_event SET hash = prev_hash WHERE seq = 2", 2},
        {"UPDATE infill_event SET prev_hash = '' WHERE seq = 2", 2},
        {"UPDATE infill_event SET seq = 5 WHERE seq = 4", 4},
        {"DELETE FROM infill_event WHERE seq = 1", 1},
        {"DELETE FROM infill_event WHERE seq = 3", 3},
        {"UPDATE infill_event SET seq = 0 WHERE seq = 3; UPDATE infill_event SET seq = 3 WHERE seq = 2; "
         "UPDATE infill_event SET seq = 2 WHERE seq = 0",
         2},
    };
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct ledger_fixture f;
        char expected[96];
        make(&f);
        sqlite_file_exec(&f.file, cases[i].sql);
        assert_int_equal(check(&f), ERR_MISMATCH);
        snprintf(expected, sizeof expected, "the event log was changed: the chain breaks at event %d", cases[i].breaks_at);
        assert_string_equal(f.file.err.message, expected);
        fixture_remove(&f);
    }
}

static void each_run_has_a_chain_of_its_own(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_run other;
    struct ledger_run_spec spec = fixture_spec;
    spec.plan = "other";
    make(&f);
    sqlite_file_ok(&f.file, ledger_run_open(f.ledger, f.file.db, &spec, &f.file.arena, &other, &f.file.err));
    assert_rows(&f.file, "SELECT run, seq, prev_hash FROM infill_event WHERE run = 2", "2|1|");
    sqlite_file_exec(&f.file, "UPDATE infill_event SET actor = 'eve' WHERE run = 2");
    assert_int_equal(check(&f), 0);
    f.run = other;
    assert_int_equal(check(&f), ERR_MISMATCH);
    fixture_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_follow_each_other),
        cmocka_unit_test(every_change_breaks_the_chain),
        cmocka_unit_test(each_run_has_a_chain_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
