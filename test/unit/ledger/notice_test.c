/* What somebody has to be told: written with the change or not at all, tried by one at a time, listed until it is over. */
#include "../json_at.h"
#include "ledger_fixture.h"

static const struct ledger_notice both[] = {{.id = "x1", .hook = 0, .event = "halted", .document = "{\"a\":1}"},
                                            {.id = "x1", .hook = 2, .event = "halted", .document = "{\"a\":1}"}};
static const struct ledger_notices notices = {both, 2};
static const char states[] = "SELECT id, hook, state, tries FROM infill_notice ORDER BY hook";

static bool halt(struct ledger_fixture *f) {
    bool changed = false;
    const char *was = NULL;
    sqlite_file_ok(&f->file, ledger_run_control(f->ledger, f->file.db, f->run.run, "halted", "because", "me", "{}", &notices,
                                                &f->file.arena, &was, &changed, &f->file.err));
    return changed;
}

static size_t list_open(struct ledger_fixture *f, bool due, struct ledger_notice **list) {
    size_t count = 0;
    sqlite_file_ok(&f->file,
                   ledger_notices_open(f->ledger, f->file.db, f->run.run, due, &f->file.arena, list, &count, &f->file.err));
    return count;
}

static bool claim(struct ledger_fixture *f, const struct ledger_notice *notice) {
    bool mine = false;
    sqlite_file_ok(&f->file, ledger_notice_claim(f->ledger, f->file.db, f->run.run, notice, 3600000, &mine, &f->file.err));
    return mine;
}

/* Whoever finds the run halted already did not halt it. */
static void only_a_change_writes_them(void **state) {
    struct ledger_fixture f;
    (void)state;
    fixture_make(&f);
    assert_true(halt(&f));
    assert_rows(&f.file, states, "x1|0|open|0 x1|2|open|0");
    assert_false(halt(&f));
    assert_rows(&f.file, states, "x1|0|open|0 x1|2|open|0");
    fixture_remove(&f);
}

/* The same event twice is a defect of ours, which must not leave half a change behind. */
static void with_the_change_or_not_at_all(void **state) {
    struct ledger_fixture f;
    bool changed = false, done = false;
    const char *was = NULL;
    (void)state;
    fixture_make(&f);
    sqlite_file_ok(&f.file, ledger_notices_put(f.ledger, f.file.db, f.run.run, &notices, &f.file.err));
    assert_int_not_equal(ledger_run_control(f.ledger, f.file.db, f.run.run, "halted", "because", "me", "{}", &notices,
                                            &f.file.arena, &was, &changed, &f.file.err),
                         0);
    assert_rows(&f.file, "SELECT state FROM infill_run", "running");
    sqlite_file_exec(&f.file, "UPDATE infill_fill SET state = 'filled'");
    err_clear(&f.file.err);
    assert_int_not_equal(ledger_run_finish(f.ledger, f.file.db, f.run.run, false, "me", &notices, &done, &f.file.err), 0);
    assert_false(done);
    assert_rows(&f.file, "SELECT state FROM infill_run", "running");
    sqlite_file_exec(&f.file, "DELETE FROM infill_notice");
    err_clear(&f.file.err);
    sqlite_file_ok(&f.file, ledger_run_finish(f.ledger, f.file.db, f.run.run, false, "me", &notices, &done, &f.file.err));
    assert_rows(&f.file, "SELECT (SELECT state FROM infill_run), count(*) FROM infill_notice", "done|2");
    fixture_remove(&f);
}

static void one_at_a_time_tries(void **state) {
    struct ledger_fixture f;
    struct ledger_notice *list = NULL;
    (void)state;
    fixture_make(&f);
    halt(&f);
    assert_int_equal(list_open(&f, true, &list), 2);
    assert_string_equal(list[0].document, "{\"a\":1}");
    struct ledger_notice as_read = list[0];
    assert_true(claim(&f, &as_read));
    assert_false(claim(&f, &as_read));               /* whoever read it at the same time comes too late */
    assert_int_equal(list_open(&f, true, &list), 1); /* it is somebody's for an hour */
    assert_int_equal(list_open(&f, false, &list), 2);
    sqlite_file_ok(&f.file, ledger_notice_failed(f.ledger, f.file.db, f.run.run, &as_read, "nobody there", 0, &f.file.err));
    assert_int_equal(list_open(&f, true, &list), 2);
    assert_string_equal(list[0].error, "nobody there");
    assert_int_equal(list[0].tries, 1);
    assert_true(claim(&f, &list[0]));
    sqlite_file_ok(&f.file, ledger_notice_end(f.ledger, f.file.db, f.run.run, &list[0], "told", &f.file.err));
    assert_rows(&f.file, states, "x1|0|told|2 x1|2|open|0");
    assert_false(claim(&f, &(struct ledger_notice){.id = "x1", .hook = 0, .tries = 2}));
    fixture_remove(&f);
}

static void counted_and_shown(void **state) {
    struct ledger_fixture f;
    struct json_t *status = NULL;
    int64_t count = 0;
    (void)state;
    fixture_make(&f);
    halt(&f);
    sqlite_file_ok(&f.file, ledger_notices_count(f.ledger, f.file.db, f.run.run, "halted", NULL, &count, &f.file.err));
    assert_int_equal(count, 2);
    sqlite_file_ok(&f.file, ledger_notices_count(f.ledger, f.file.db, f.run.run, NULL, "told", &count, &f.file.err));
    assert_int_equal(count, 0);
    sqlite_file_ok(&f.file, ledger_notices_count(f.ledger, f.file.db, f.run.run + 1, NULL, NULL, &count, &f.file.err));
    assert_int_equal(count, 0);
    sqlite_file_ok(&f.file, ledger_status(f.ledger, f.file.db, "shop", &status, &f.file.err));
    const json_t *untold = json_object_get(status, "hooks_untold");
    assert_int_equal(json_array_size(untold), 2);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(untold, 1), "hook")), 3); /* people count from 1 */
    assert_null(json_object_get(json_array_get(untold, 1), "document"));
    json_decref(status);
    fixture_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_change_writes_them),
        cmocka_unit_test(with_the_change_or_not_at_all),
        cmocka_unit_test(one_at_a_time_tries),
        cmocka_unit_test(counted_and_shown),
    };
    mem_hook_jansson();
    return cmocka_run_group_tests_name("notice", tests, NULL, NULL);
}
