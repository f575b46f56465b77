/* Settings in the run row: merged, taken back, told to the event log, refused when there is nothing left to set. */
#include "../json_at.h"
#include "ledger_fixture.h"

static int set(struct ledger_fixture *f, const char *changes) {
    json_t *json = json_loads(changes, 0, NULL);
    int rc = ledger_live_set(f->ledger, f->file.db, f->run.run, json, "someone@here", &f->file.err);
    json_decref(json);
    return rc;
}

static void is_merged_and_taken_back(void **state) {
    struct ledger_fixture f;
    const char *live = "x";
    (void)state;
    fixture_make(&f);
    sqlite_file_ok(&f.file, ledger_live(f.ledger, f.file.db, f.run.run, &f.file.arena, &live, &f.file.err));
    assert_null(live);
    sqlite_file_ok(&f.file, set(&f, "{\"b\": \"1\", \"a\": \"2\"}"));
    sqlite_file_ok(&f.file, set(&f, "{\"b\": \"3\", \"c\": null}"));
    assert_rows(&f.file, "SELECT live FROM infill_run", "{\"a\":\"2\",\"b\":\"3\"}");
    sqlite_file_ok(&f.file, set(&f, "{\"a\": null}"));
    sqlite_file_ok(&f.file, ledger_live(f.ledger, f.file.db, f.run.run, &f.file.arena, &live, &f.file.err));
    assert_string_equal(live, "{\"b\":\"3\"}");
    assert_rows(&f.file, "SELECT detail FROM infill_event WHERE what = 'set' AND actor = 'someone@here' ORDER BY seq",
                "{\"a\":\"2\",\"b\":\"1\"} {\"b\":\"3\",\"c\":null} {\"a\":null}");
    sqlite_file_ok(&f.file, ledger_event_check(f.ledger, f.file.db, f.run.run, &f.file.err));
    fixture_remove(&f);
}

static void a_run_that_is_done_is_left_alone(void **state) {
    struct ledger_fixture f;
    (void)state;
    fixture_make(&f);
    sqlite_file_exec(&f.file, "UPDATE infill_run SET state = 'done'");
    assert_int_equal(set(&f, "{\"a\": \"1\"}"), ERR_USAGE);
    assert_rows(&f.file, "SELECT count(*) FROM infill_run WHERE live IS NOT NULL", "0");
    fixture_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_merged_and_taken_back),
        cmocka_unit_test(a_run_that_is_done_is_left_alone),
    };
    return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
