/* What verification leaves behind: passes that are gone on with, verdicts that stay, findings that come and go. */
#include "ledger_fixture.h"

#include <jansson.h>

#include "ledger/proof.h"

static struct ledger_fixture f;

static int make(void **state) {
    (void)state;
    fixture_make(&f);
    fixture_high_water(&f, "[\"9\"]");
    return 0;
}

static int end(void **state) {
    (void)state;
    fixture_remove(&f);
    return 0;
}

static struct ledger_pass open_pass(const char *scope, bool restart) {
    struct ledger_pass pass = {0};
    sqlite_file_ok(&f.file, ledger_pass_open(f.ledger, f.file.db, f.run.run, scope, "00ff", restart, "a@b", &f.file.arena, &pass,
                                             &f.file.err));
    return pass;
}

static void put(const char *verdict, bool whole, const char *const *keys, size_t count) {
    struct ledger_finding findings[4] = {{0}};
    for (size_t i = 0; i < count; i++)
        findings[i] = (struct ledger_finding){.key = keys[i], .kind = "missing", .columns = "[\"v\"]"};
    struct ledger_verdict one = {.fill = "users",
                                 .range_no = 1,
                                 .pass = 1,
                                 .verdict = verdict,
                                 .reason = "",
                                 .detail = "{}",
                                 .whole = whole,
                                 .findings = findings,
                                 .finding_count = count};
    sqlite_file_ok(&f.file, ledger_verdict_put(f.ledger, f.file.db, f.run.run, &one, &f.file.err));
}

static const char open_keys[] = "SELECT key FROM infill_finding WHERE state = 'open' ORDER BY key";
static const char verdict_now[] = "SELECT verdict FROM infill_verdict";

static void an_unfinished_pass_is_gone_on_with(void **state) {
    (void)state;
    struct ledger_pass first = open_pass("{}", false), again = open_pass("{}", false), other = open_pass("{\"fill\":\"x\"}", false);
    assert_int_equal(first.pass, 1);
    assert_false(first.resumed);
    assert_int_equal(again.pass, 1);
    assert_true(again.resumed);
    assert_int_equal(other.pass, 2);
    assert_int_equal(open_pass("{\"fill\":\"x\"}", true).pass, 3);
    sqlite_file_ok(&f.file, ledger_pass_end(f.ledger, f.file.db, f.run.run, 3, "match", "{\"a\":1}", "a@b", &f.file.err));
    assert_int_equal(open_pass("{\"fill\":\"x\"}", false).pass, 4);
    assert_rows(&f.file, "SELECT count(DISTINCT seed) FROM infill_pass", "1");
    json_t *passes = NULL;
    sqlite_file_ok(&f.file, ledger_passes(f.ledger, f.file.db, f.run.run, &passes, &f.file.err));
    assert_int_equal(json_array_size(passes), 1);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(json_array_get(passes, 0), "detail"), "a")), 1);
    json_decref(passes);
    sqlite_file_ok(&f.file, ledger_event_check(f.ledger, f.file.db, f.run.run, &f.file.err));
}

static void failures_are_sticky(void **state) {
    (void)state;
    static const char *const keys[] = {"[\"1\"]", "[\"2\"]"};
    put("differ", true, keys, 2);
    put("match", false, NULL, 0); /* a part that matches says nothing of the rest */
    assert_rows(&f.file, verdict_now, "differ");
    assert_rows(&f.file, open_keys, "[\"1\"] [\"2\"]");
    put("differ", true, keys + 1, 1);
    assert_rows(&f.file, open_keys, "[\"2\"]");
    assert_rows(&f.file, "SELECT state FROM infill_finding WHERE key = '[\"1\"]'", "gone");
    put("match", true, NULL, 0);
    assert_rows(&f.file, verdict_now, "match");
    put("unverified", false, NULL, 0); /* what could not be compared is no match, and no end of a difference */
    assert_rows(&f.file, verdict_now, "unverified");
    put("differ", false, keys, 1); /* a part that differs does */
    assert_rows(&f.file, verdict_now, "differ");
    put("unverified", false, NULL, 0);
    assert_rows(&f.file, verdict_now, "differ");
    int64_t open = -1;
    sqlite_file_ok(&f.file, ledger_findings_open(f.ledger, f.file.db, f.run.run, NULL, &open, &f.file.err));
    assert_int_equal(open, 1);
}

static void what_was_accepted_stays_accepted(void **state) {
    (void)state;
    static const char *const keys[] = {"[\"1\"]"};
    put("differ", true, keys, 1);
    sqlite_file_exec(&f.file, "UPDATE infill_finding SET state = 'accepted'");
    put("differ", true, keys, 1);
    assert_rows(&f.file, "SELECT state FROM infill_finding", "accepted");
}

static void slices_come_with_their_verdicts(void **state) {
    (void)state;
    static const char *const keys[] = {"[\"1\"]"};
    fixture_cut(&f, "[\"5\"]", "a", LEASE_MS);
    fixture_cut(&f, "[\"9\"]", "a", LEASE_MS);
    put("differ", true, keys, 1);
    struct ledger_slice *slices = NULL;
    size_t count = 0;
    sqlite_file_ok(&f.file, ledger_slices(f.ledger, f.file.db, f.run.run, "users", &f.file.arena, &slices, &count, &f.file.err));
    assert_int_equal(count, 2);
    assert_null(slices[0].lo);
    assert_string_equal(slices[0].hi, slices[1].lo);
    assert_string_equal(slices[0].verdict, "differ");
    assert_int_equal(slices[0].pass, 1);
    assert_null(slices[1].verdict);
    assert_int_equal(slices[1].pass, 0);
    struct ledger_slice rest = {0};
    sqlite_file_ok(&f.file,
                   ledger_verdict_get(f.ledger, f.file.db, f.run.run, "users", LEDGER_REST, &f.file.arena, &rest, &f.file.err));
    assert_int_equal(rest.pass, 0);
    struct ledger_finding *findings = NULL;
    sqlite_file_ok(&f.file,
                   ledger_findings(f.ledger, f.file.db, f.run.run, NULL, 10, &f.file.arena, &findings, &count, &f.file.err));
    assert_int_equal(count, 1);
    assert_string_equal(findings[0].columns, "[\"v\"]");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, end)
    const struct CMUnitTest tests[] = {TEST(an_unfinished_pass_is_gone_on_with), TEST(failures_are_sticky),
                                       TEST(what_was_accepted_stays_accepted), TEST(slices_come_with_their_verdicts)};
    return cmocka_run_group_tests_name("proof", tests, NULL, NULL);
}
