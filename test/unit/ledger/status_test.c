/* What the ledger says of a run, in each of its states: nothing from memory. */
#include "../json_at.h"
#include "ledger_fixture.h"

#include "ledger/owner.h"

static json_t *status(struct ledger_fixture *f) {
    json_t *document = NULL;
    sqlite_file_ok(&f->file, ledger_status(f->ledger, f->file.db, "shop", &document, &f->file.err));
    assert_non_null(document);
    return document;
}

#define assert_at(f, document, path, expected) assert_string_equal(json_at(&(f)->file.arena, document, path), expected)

/* Times that are known: begun at 22:00:00, the last batch ten seconds later. */
static void set_times(struct ledger_fixture *f) {
    sqlite_file_exec(&f->file,
                     "UPDATE infill_run SET created_at = '2026-03-01 22:00:00.000', updated_at = '2026-03-01 22:00:05.000'");
    sqlite_file_exec(&f->file,
                     "UPDATE infill_range SET started_at = '2026-03-01 22:00:00.000', updated_at = '2026-03-01 22:00:10.000'");
}

/* A run with 40 of 100 rows in: one range filled, one held by this very process. */
static void make(struct ledger_fixture *f) {
    char sql[512], owner[OWNER_MAX];
    fixture_make(f);
    fixture_high_water(f, "[\"9\"]");
    fixture_cut(f, "[\"4\"]", "a", LEASE_MS);
    fixture_cut(f, "[\"9\"]", "a", LEASE_MS);
    owner_format(2, owner);
    sqlite_file_exec(&f->file,
                     "UPDATE infill_range SET state = 'filled', owner = NULL, lease_until = NULL, seen = 30, written = 20, "
                     "same = 4, kept = 5, rejected = 1 WHERE range_no = 1");
    snprintf(sql, sizeof sql, "UPDATE infill_range SET owner = '%s', seen = 10, written = 10 WHERE range_no = 2", owner);
    sqlite_file_exec(&f->file, sql);
    set_times(f);
}

static void a_run_at_work(void **state) {
    (void)state;
    struct ledger_fixture f;
    char pid[32];
    make(&f);
    json_t *document = status(&f);
    assert_at(&f, document, "plan", "\"shop\"");
    assert_at(&f, document, "environment", "\"test\"");
    assert_at(&f, document, "profile", "\"gentle\"");
    assert_at(&f, document, "run", "1");
    assert_at(&f, document, "state", "\"running\"");
    assert_at(&f, document, "started_at", "\"2026-03-01T22:00:00.000Z\"");
    assert_at(&f, document, "ended_at", "null");
    assert_at(&f, document, "idle_since", "null");
    assert_at(&f, document, "rows", "{\"kept\":5,\"rejected\":1,\"same\":4,\"seen\":40,\"written\":30}");
    assert_at(&f, document, "rows_estimate", "100");
    assert_at(&f, document, "percent", "40.0");
    assert_at(&f, document, "rows_per_second", "4.0");
    assert_at(&f, document, "seconds_left", "15.0");
    assert_at(&f, document, "fills/0/fill", "\"users\"");
    assert_at(&f, document, "fills/0/state", "\"open\"");
    assert_at(&f, document, "fills/0/source", "\"main.old\"");
    assert_at(&f, document, "fills/0/ranges", "2");
    assert_at(&f, document, "fills/0/ranges_filled", "1");
    assert_at(&f, document, "fills/0/frontier", "\"[\\\"9\\\"]\"");
    assert_at(&f, document, "workers/0/fill", "\"users\"");
    assert_at(&f, document, "workers/0/range", "2");
    assert_at(&f, document, "workers/0/rows", "10");
    assert_at(&f, document, "workers/0/alive", "true");
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    assert_at(&f, document, "workers/0/pid", pid);
    assert_at(&f, document, "workers/1", "(nothing)");
    assert_at(&f, document, "waiting", "[]");
    assert_at(&f, document, "last_error", "null");
    assert_at(&f, document, "rejects_open", "0");
    assert_at(&f, document, "events/0/what", "\"started\"");
    assert_at(&f, document, "next", "\"\"");
    json_decref(document);
    fixture_remove(&f);
}

/* What a state means for whoever looks: how far, since when nobody works, what to type. */
static void every_state_says_what_to_do(void **state) {
    (void)state;
    static const char *const idle = "UPDATE infill_range SET owner = NULL, lease_until = NULL";
    static const char *const gone = "UPDATE infill_range SET lease_until = '2026-03-01 22:00:30.000' WHERE owner IS NOT NULL";
    static const struct {
        const char *state, *sql, *next, *percent, *idle_since;
    } cases[] = {
        {"running", "", "\"\"", "40.0", "null"},
        {"running", idle, "\"infill run PLAN\"", "40.0", "\"2026-03-01T22:00:10.000Z\""},
        {"running", gone, "\"infill run PLAN\"", "40.0", "\"2026-03-01T22:00:10.000Z\""},
        {"paused", "", "\"infill resume PLAN\"", "40.0", "\"2026-03-01T22:00:10.000Z\""}, /* by an UPDATE: the leases still run */
        {"paused", idle, "\"infill resume PLAN\"", "40.0", "\"2026-03-01T22:00:10.000Z\""},
        {"stopped", idle, "\"infill resume PLAN --because \\\"...\\\"\"", "40.0", "\"2026-03-01T22:00:10.000Z\""},
        {"halted", idle, "\"infill resume PLAN --because \\\"...\\\"\"", "40.0", "\"2026-03-01T22:00:10.000Z\""},
        {"done", idle, "\"\"", "100.0", "null"},
        {"running", "DELETE FROM infill_range", "\"infill run PLAN\"", "0.0", "\"2026-03-01T22:00:05.000Z\""},
        {"running", "UPDATE infill_fill SET row_estimate = -1", "\"\"", "null", "null"},
        {"running", "UPDATE infill_fill SET row_estimate = 20", "\"\"", "100.0", "null"},
        {"done", "UPDATE infill_fill SET row_estimate = -1; UPDATE infill_range SET owner = NULL", "\"\"", "100.0", "null"},
    };
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct ledger_fixture f;
        char sql[160], name[32];
        make(&f);
        snprintf(sql, sizeof sql, "UPDATE infill_run SET state = '%s'", cases[i].state);
        sqlite_file_exec(&f.file, sql);
        sqlite_file_exec(&f.file, cases[i].sql);
        json_t *document = status(&f);
        snprintf(name, sizeof name, "\"%s\"", cases[i].state);
        assert_at(&f, document, "state", name);
        assert_at(&f, document, "next", cases[i].next);
        assert_at(&f, document, "percent", cases[i].percent);
        assert_at(&f, document, "idle_since", cases[i].idle_since);
        json_decref(document);
        fixture_remove(&f);
    }
}

static void a_done_run_with_rejects_says_so(void **state) {
    (void)state;
    struct ledger_fixture f;
    make(&f);
    fixture_reject(&f, "[\"1\"]", "ROW", "23514");
    sqlite_file_exec(&f.file, "UPDATE infill_run SET state = 'done', ended_at = '2026-03-01 22:00:20.500'");
    json_t *document = status(&f);
    assert_at(&f, document, "rejects_open", "1");
    assert_at(&f, document, "next", "\"infill rejects PLAN\"");
    assert_at(&f, document, "ended_at", "\"2026-03-01T22:00:20.500Z\"");
    assert_at(&f, document, "seconds_left", "null");
    json_decref(document);
    fixture_remove(&f);
}

static void a_parked_range_is_shown_with_its_reason(void **state) {
    (void)state;
    struct ledger_fixture f;
    fixture_make(&f);
    fixture_high_water(&f, "[\"9\"]");
    struct ledger_lease lease = fixture_cut(&f, "[\"9\"]", "a", LEASE_MS);
    sqlite_file_ok(&f.file, ledger_release(f.ledger, f.file.db, f.run.run, &lease, "a", LEASE_MS, "locked by others", &f.file.err));
    sqlite_file_exec(&f.file, "UPDATE infill_range SET error_at = '2026-03-01 22:00:01.000'");
    json_t *document = status(&f);
    assert_at(&f, document, "workers", "[]");
    assert_at(&f, document, "waiting/0/range", "1");
    assert_at(&f, document, "waiting/0/reason", "\"locked by others\"");
    assert_at(&f, document, "last_error",
              "{\"at\":\"2026-03-01T22:00:01.000Z\",\"fill\":\"users\",\"message\":\"locked by others\",\"range\":1}");
    json_decref(document);
    sqlite_file_exec(&f.file, "UPDATE infill_range SET parked_until = '2026-03-01 22:00:01.000'");
    document = status(&f);
    assert_at(&f, document, "waiting", "[]");
    json_decref(document);
    fixture_remove(&f);
}

/* Dead owners of this host are told apart from those that merely cannot be seen. */
static void a_dead_worker_is_not_alive(void **state) {
    (void)state;
    struct ledger_fixture f;
    make(&f);
    sqlite_file_exec(&f.file, "UPDATE infill_range SET owner = 'elsewhere/boot.1/7/8/0' WHERE owner IS NOT NULL");
    json_t *document = status(&f);
    assert_at(&f, document, "workers/0/alive", "true");
    assert_at(&f, document, "workers/0/host", "\"elsewhere\"");
    assert_at(&f, document, "workers/0/pid", "7");
    json_decref(document);
    char owner[OWNER_MAX], sql[512];
    owner_prefix(owner);
    snprintf(sql, sizeof sql, "UPDATE infill_range SET owner = replace('%s', '/%ld/', '/%ld/1') || '/0' WHERE owner IS NOT NULL",
             owner, (long)getpid(), (long)getpid()); /* its pid, another start */
    sqlite_file_exec(&f.file, sql);
    document = status(&f);
    assert_at(&f, document, "workers/0/alive", "false");
    assert_at(&f, document, "next", "\"infill run PLAN\"");
    json_decref(document);
    fixture_remove(&f);
}

static void the_last_ten_events_are_shown_oldest_first(void **state) {
    (void)state;
    struct ledger_fixture f;
    make(&f);
    for (int i = 0; i < 12; i++)
        sqlite_file_ok(&f.file,
                       ledger_event(f.ledger, f.file.db, 1, "ann", "noted", i == 11 ? "{\"n\":1}" : "no JSON", &f.file.err));
    json_t *document = status(&f);
    assert_at(&f, document, "events/0/seq", "4");
    assert_at(&f, document, "events/9/seq", "13");
    assert_at(&f, document, "events/9/detail", "{\"n\":1}");
    assert_at(&f, document, "events/8/detail", "{}");
    assert_at(&f, document, "events/10", "(nothing)");
    json_decref(document);
    fixture_remove(&f);
}

static void fills_stand_in_the_order_of_the_plan(void **state) {
    (void)state;
    static const struct ledger_fill_spec fills[] = {
        {.name = "users", .source = "a", .target = "b", .row_estimate = 60},
        {.name = "a", .source = "c", .target = "c", .in_place = true, .row_estimate = 40}};
    struct ledger_fixture f;
    struct ledger_run_spec spec = fixture_spec;
    spec.fills = fills;
    spec.fill_count = 2;
    fixture_ledger(&f);
    sqlite_file_ok(&f.file, ledger_install(f.ledger, f.file.db, &f.file.err));
    sqlite_file_ok(&f.file, ledger_run_open(f.ledger, f.file.db, &spec, &f.file.arena, &f.run, &f.file.err));
    json_t *document = status(&f);
    assert_at(&f, document, "fills/0/fill", "\"users\"");
    assert_at(&f, document, "fills/1/fill", "\"a\"");
    assert_at(&f, document, "fills/1/high_water", "null");
    assert_at(&f, document, "rows_estimate", "100");
    assert_at(&f, document, "rows_per_second", "0.0");
    json_decref(document);
    fixture_remove(&f);
}

static void a_plan_without_a_run_has_no_status(void **state) {
    (void)state;
    struct ledger_fixture f;
    json_t *document = NULL;
    make(&f);
    assert_int_equal(ledger_status(f.ledger, f.file.db, "none", &document, &f.file.err), ERR_NOT_FOUND);
    assert_string_equal(f.file.err.message, "the ledger has no run of plan none");
    assert_null(document);
    fixture_remove(&f);
}

static void totals_are_sums_over_the_run(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_totals totals;
    make(&f);
    fixture_reject(&f, "[\"1\"]", "ROW", NULL);
    fixture_reject(&f, "[\"2\"]", "ROW", NULL);
    sqlite_file_exec(&f.file, "UPDATE infill_reject SET state = 'accepted' WHERE key = '[\"2\"]'");
    sqlite_file_exec(
        &f.file, "INSERT INTO infill_fill SELECT run, 'orders', 1, source, target, 0, 'filled', NULL, NULL, NULL, NULL, NULL, 0, "
                 "50, NULL, NULL FROM infill_fill");
    sqlite_file_ok(&f.file, ledger_totals(f.ledger, f.file.db, 1, &totals, &f.file.err));
    const int64_t found[] = {totals.ranges,       totals.ranges_filled, totals.seen,        totals.written,
                             totals.same,         totals.kept,          totals.rejected,    totals.fills,
                             totals.fills_filled, totals.rejects_open,  totals.row_estimate};
    static const int64_t expected[] = {2, 1, 40, 30, 4, 5, 1, 2, 1, 1, 150};
    assert_memory_equal(found, expected, sizeof expected);
    sqlite_file_exec(&f.file, "UPDATE infill_fill SET row_estimate = -1 WHERE fill = 'orders'");
    sqlite_file_ok(&f.file, ledger_totals(f.ledger, f.file.db, 1, &totals, &f.file.err));
    assert_int_equal(totals.row_estimate, -1);
    sqlite_file_ok(&f.file, ledger_totals(f.ledger, f.file.db, 2, &totals, &f.file.err));
    assert_int_equal(totals.ranges, 0);
    assert_int_equal(totals.seen, 0);
    fixture_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_at_work),
        cmocka_unit_test(every_state_says_what_to_do),
        cmocka_unit_test(a_done_run_with_rejects_says_so),
        cmocka_unit_test(a_parked_range_is_shown_with_its_reason),
        cmocka_unit_test(a_dead_worker_is_not_alive),
        cmocka_unit_test(the_last_ten_events_are_shown_oldest_first),
        cmocka_unit_test(fills_stand_in_the_order_of_the_plan),
        cmocka_unit_test(a_plan_without_a_run_has_no_status),
        cmocka_unit_test(totals_are_sums_over_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
