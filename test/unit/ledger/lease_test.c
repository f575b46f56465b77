/* Leases: who gets a range, for how long, and how it is taken from the dead (L8). Times are the database's. */
#include "../spy_db.h"
#include "db/dialects.h"
#include "ledger_fixture.h"

enum { SHORT_MS = 20 };

static const char lease_now[] = "SELECT range_no, owner, epoch FROM infill_range ORDER BY range_no";

/* A fill of three ranges, all leased to "a". */
static void make(struct ledger_fixture *f, struct ledger_lease leases[3]) {
    fixture_make(f);
    fixture_high_water(f, "[\"9\"]");
    leases[0] = fixture_cut(f, "[\"3\"]", "a", LEASE_MS);
    leases[1] = fixture_cut(f, "[\"6\"]", "a", LEASE_MS);
    leases[2] = fixture_cut(f, "[\"9\"]", "a", LEASE_MS);
}

static void release(struct ledger_fixture *f, const struct ledger_lease *lease, int64_t park_ms, const char *error) {
    sqlite_file_ok(&f->file, ledger_release(f->ledger, f->file.db, f->run.run, lease, "a", park_ms, error, &f->file.err));
}

static void expire(struct ledger_fixture *f) {
    sqlite_file_exec(&f->file, "UPDATE infill_range SET lease_until = strftime('%Y-%m-%d %H:%M:%f', 'now', '-1 second') WHERE "
                               "lease_until IS NOT NULL");
}

static void a_lease_is_what_the_range_says(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_lease leases[3], lease;
    make(&f, leases);
    assert_int_equal(fixture_batch(&f, &leases[1], "a", "[\"4\"]"), 0);
    assert_int_equal(fixture_batch(&f, &leases[1], "a", "[\"5\"]"), 0);
    release(&f, &leases[1], 0, NULL);
    assert_true(fixture_lease(&f, "b", LEASE_MS, &lease));
    assert_string_equal(lease.fill, "users");
    assert_int_equal(lease.range_no, 2);
    assert_int_equal(lease.attempt, 1);
    assert_string_equal(lease.lo, "[\"3\"]");
    assert_string_equal(lease.hi, "[\"6\"]");
    assert_string_equal(lease.cursor, "[\"5\"]");
    assert_string_equal(lease.last_lo, "[\"4\"]");
    assert_int_equal(lease.epoch, 3);
    assert_int_equal(lease.batch_no, 2);
    assert_int_equal(lease.seen, 2);
    assert_int_equal(lease.tries, 0);
    assert_false(lease.keep);
    assert_int_equal(fixture_batch(&f, &lease, "b", "[\"6\"]"), 0);
    fixture_remove(&f);
}

/* Each range is held for a reason of its own; then nothing is left. */
static void only_free_ranges_are_leased(void **state) {
    (void)state;
    static const struct {
        const char *sql; /* what becomes of range 1, which "a" holds */
        bool free;
    } cases[] = {
        {"", false},
        {"UPDATE infill_range SET owner = NULL, lease_until = NULL", true},
        {"UPDATE infill_range SET lease_until = strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 minute')", false},
        {"UPDATE infill_range SET lease_until = strftime('%Y-%m-%d %H:%M:%f', 'now', '-1 second')", true},
        {"UPDATE infill_range SET owner = NULL, parked_until = strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 minute')", false},
        {"UPDATE infill_range SET owner = NULL, parked_until = strftime('%Y-%m-%d %H:%M:%f', 'now', '-1 second')", true},
        {"UPDATE infill_range SET owner = NULL, state = 'filled'", false},
        {"UPDATE infill_range SET owner = NULL, run = 2", false},
        {"UPDATE infill_range SET owner = NULL, fill = 'orders'", false},
        {"UPDATE infill_range SET owner = 'b'", true}, /* one's own: the answer to the cut was lost */
    };
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct ledger_fixture f;
        struct ledger_lease lease;
        fixture_make(&f);
        fixture_high_water(&f, "[\"9\"]");
        fixture_cut(&f, "[\"9\"]", "a", LEASE_MS);
        sqlite_file_exec(&f.file, cases[i].sql);
        const char *before = sqlite_file_rows(&f.file, lease_now);
        assert_int_equal(fixture_lease(&f, "b", LEASE_MS, &lease), cases[i].free);
        assert_rows(&f.file, lease_now, cases[i].free ? "1|b|2" : before);
        if (cases[i].free)
            assert_rows(&f.file,
                        "SELECT count(*) FROM infill_range WHERE parked_until IS NULL AND lease_until > "
                        "strftime('%Y-%m-%d %H:%M:%f', 'now', '+9 minutes')",
                        "1");
        fixture_remove(&f);
    }
}

static void ranges_are_leased_in_order(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_lease leases[3], lease;
    make(&f, leases);
    for (int i = 2; i >= 0; i--)
        release(&f, &leases[i], 0, NULL);
    static const char *const owners[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
        assert_true(fixture_lease(&f, owners[i], LEASE_MS, &lease));
        assert_int_equal(lease.range_no, i + 1);
    }
    assert_false(fixture_lease(&f, "d", LEASE_MS, &lease));
    assert_rows(&f.file, lease_now, "1|a|3 2|b|3 3|c|3");
    fixture_remove(&f);
}

/* L6: a run that is not running gives no lease, and takes no cut. */
static void a_run_that_is_not_running_gives_no_lease(void **state) {
    (void)state;
    static const char *const states[] = {"paused", "stopped", "halted", "done"};
    for (size_t i = 0; i < UNIT_COUNT(states); i++) {
        struct ledger_fixture f;
        struct ledger_lease leases[3], lease;
        struct ledger_fill fill;
        bool found = true;
        char sql[96];
        make(&f, leases);
        release(&f, &leases[0], 0, NULL);
        snprintf(sql, sizeof sql, "UPDATE infill_run SET state = '%s'", states[i]);
        sqlite_file_exec(&f.file, sql);
        assert_int_equal(
            ledger_lease(f.ledger, f.file.db, f.run.run, "users", "b", LEASE_MS, &f.file.arena, &lease, &found, &f.file.err),
            ERR_FENCED);
        assert_false(found);
        assert_int_equal(ledger_fill_lock(f.ledger, f.file.db, f.run.run, "users", &f.file.arena, &fill, &f.file.err), ERR_FENCED);
        assert_rows(&f.file, lease_now, "1|-|2 2|a|1 3|a|1");
        fixture_remove(&f);
    }
}

/* L8: taken over after the lease ran out, its first owner is harmless. Every batch renews the lease. */
static void an_expired_lease_is_taken_over(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_lease leases[3], lease;
    make(&f, leases);
    expire(&f);
    assert_int_equal(fixture_batch(&f, &leases[0], "a", "[\"1\"]"), 0);
    assert_true(fixture_lease(&f, "b", LEASE_MS, &lease));
    assert_int_equal(lease.range_no, 2);
    assert_int_equal(fixture_batch(&f, &leases[1], "a", "[\"4\"]"), ERR_FENCED);
    assert_int_equal(fixture_batch(&f, &lease, "b", "[\"4\"]"), 0);
    assert_int_equal(fixture_batch(&f, &leases[2], "a", "[\"7\"]"), 0); /* nobody came */
    assert_rows(&f.file, "SELECT cursor FROM infill_range ORDER BY range_no", "[\"1\"] [\"4\"] [\"7\"]");
    fixture_remove(&f);
}

static void a_short_lease_runs_out_by_the_databases_clock(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_lease lease;
    fixture_make(&f);
    fixture_high_water(&f, "[\"9\"]");
    fixture_cut(&f, "[\"9\"]", "a", SHORT_MS);
    long long until = sqlite_file_number(&f.file, "SELECT cast(round((julianday(lease_until) - 2440587.5) * 86400000) AS INTEGER) "
                                                  "FROM infill_range");
    while (sqlite_file_number(&f.file, "SELECT cast(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)") <= until)
        assert_true(until > 0);
    assert_true(fixture_lease(&f, "b", LEASE_MS, &lease));
    fixture_remove(&f);
}

static void an_evicted_owner_is_harmless(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_lease leases[3], lease;
    make(&f, leases);
    assert_int_equal(fixture_batch(&f, &leases[0], "a", "[\"3\"]"), 0); /* filled: not touched any more */
    release(&f, &leases[2], 0, NULL);
    assert_true(fixture_lease(&f, "b", LEASE_MS, &lease));
    sqlite_file_ok(&f.file, ledger_evict(f.ledger, f.file.db, f.run.run, "a", &f.file.err));
    assert_rows(&f.file, lease_now, "1|-|1 2|-|2 3|b|3");
    assert_int_equal(fixture_batch(&f, &leases[1], "a", "[\"4\"]"), ERR_FENCED);
    assert_int_equal(fixture_batch(&f, &lease, "b", "[\"7\"]"), 0);
    sqlite_file_ok(&f.file, ledger_evict(f.ledger, f.file.db, f.run.run, "nobody", &f.file.err));
    assert_rows(&f.file, lease_now, "1|-|1 2|-|2 3|b|3");
    fixture_remove(&f);
}

static void a_parked_range_is_left_alone_until_its_time(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_lease lease, mine;
    fixture_make(&f);
    fixture_high_water(&f, "[\"9\"]");
    mine = fixture_cut(&f, "[\"9\"]", "a", LEASE_MS);
    release(&f, &mine, LEASE_MS, "a lock was not granted");
    assert_false(fixture_lease(&f, "a", LEASE_MS, &lease));
    assert_rows(&f.file, "SELECT owner, epoch, tries, last_error, error_at IS NOT NULL FROM infill_range",
                "-|2|1|a lock was not granted|1");
    release(&f, &mine, 0, "not mine any more");
    assert_rows(&f.file, "SELECT epoch, tries, last_error, parked_until IS NULL FROM infill_range", "2|1|a lock was not granted|0");
    sqlite_file_exec(&f.file, "UPDATE infill_range SET parked_until = strftime('%Y-%m-%d %H:%M:%f', 'now', '-1 second')");
    assert_true(fixture_lease(&f, "a", LEASE_MS, &lease));
    assert_int_equal(lease.tries, 1);
    release(&f, &lease, SHORT_MS, NULL);
    assert_rows(&f.file, "SELECT tries, last_error FROM infill_range", "1|a lock was not granted");
    sqlite_file_exec(&f.file, "UPDATE infill_range SET parked_until = NULL");
    assert_true(fixture_lease(&f, "a", LEASE_MS, &lease));
    assert_int_equal(fixture_batch(&f, &lease, "a", "[\"9\"]"), 0);
    assert_rows(&f.file, "SELECT tries, last_error, parked_until FROM infill_range", "0|-|-");
    fixture_remove(&f);
}

static void owners_are_told_once_each(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_lease leases[3];
    const char **owners = NULL;
    size_t count = 9;
    make(&f, leases);
    sqlite_file_ok(&f.file, ledger_owners(f.ledger, f.file.db, f.run.run, "a", &f.file.arena, &owners, &count, &f.file.err));
    assert_int_equal(count, 0);
    sqlite_file_ok(&f.file, ledger_owners(f.ledger, f.file.db, f.run.run, "b", &f.file.arena, &owners, &count, &f.file.err));
    assert_int_equal(count, 1);
    assert_string_equal(owners[0], "a");
    sqlite_file_exec(&f.file, "UPDATE infill_range SET state = 'filled'");
    sqlite_file_ok(&f.file, ledger_owners(f.ledger, f.file.db, f.run.run, "b", &f.file.arena, &owners, &count, &f.file.err));
    assert_int_equal(count, 0);
    fixture_remove(&f);
}

static void live_leases_are_counted_by_process(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_lease leases[3];
    int64_t all = 9, mine = 9;
    make(&f, leases);
    sqlite_file_exec(&f.file, "UPDATE infill_range SET owner = 'h/b.1/7/99/' || range_no WHERE range_no < 3");
    sqlite_file_exec(&f.file, "UPDATE infill_range SET owner = 'h/b.1/77/99/1' WHERE range_no = 3");
    sqlite_file_ok(&f.file, ledger_live_leases(f.ledger, f.file.db, f.run.run, "h/b.1/7/99/", &all, &mine, &f.file.err));
    assert_int_equal(all, 3);
    assert_int_equal(mine, 2);
    expire(&f);
    sqlite_file_ok(&f.file, ledger_live_leases(f.ledger, f.file.db, f.run.run, "h/b.1/7/99/", &all, &mine, &f.file.err));
    assert_int_equal(all, 0);
    assert_int_equal(mine, 0);
    fixture_remove(&f);
}

static int64_t wake(struct ledger_fixture *f, const char **reason) {
    int64_t ms = -9;
    sqlite_file_ok(&f->file, ledger_next_wake(f->ledger, f->file.db, f->run.run, &f->file.arena, &ms, reason, &f->file.err));
    return ms;
}

static void the_next_wake_is_the_first_thing_to_come_free(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_lease leases[3];
    const char *reason = NULL;
    fixture_make(&f);
    assert_int_equal(wake(&f, &reason), -1);
    assert_string_equal(reason, "");
    fixture_remove(&f);
    make(&f, leases);
    assert_in_range(wake(&f, &reason), LEASE_MS - 60000, LEASE_MS);
    assert_string_equal(reason, "");
    release(&f, &leases[1], 200000, "later");
    release(&f, &leases[2], 100000, "sooner");
    assert_in_range(wake(&f, &reason), 40000, 100000);
    assert_string_equal(reason, "sooner");
    sqlite_file_exec(&f.file, "UPDATE infill_range SET state = 'filled' WHERE range_no = 3");
    assert_in_range(wake(&f, &reason), 140000, 200000);
    assert_string_equal(reason, "later");
    sqlite_file_exec(&f.file, "UPDATE infill_range SET lease_until = strftime('%Y-%m-%d %H:%M:%f', 'now', '+60 second') WHERE "
                              "range_no = 1");
    assert_in_range(wake(&f, &reason), 1, 60000);
    sqlite_file_exec(&f.file, "UPDATE infill_range SET owner = NULL WHERE range_no = 1"); /* free: nothing to wait for */
    assert_in_range(wake(&f, &reason), 140000, 200000);
    fixture_remove(&f);
}

/* ---- what SQLite cannot show: servers lock rows one by one ---- */

/* A server that says yes. */
static int say_yes(struct db *db, unsigned flags, const struct db_tx *tx, const struct db_query *queries, size_t count,
                   struct arena *arena, struct db_result *results, struct err *err) {
    (void)db, (void)flags, (void)tx, (void)queries, (void)arena, (void)err;
    for (size_t i = 0; i < count && results; i++)
        results[i] = (struct db_result){.affected = 1};
    return 0;
}

static void no_rollback(struct db *db) {
    (void)db;
}

/* The control transaction locks in this order; who takes rows in another one makes a deadlock with it. */
static void many_ranges_are_locked_in_key_order_before_they_change(void **state) {
    (void)state;
    static const struct sql_dialect *const dialects[] = {&postgres_dialect, &mariadb_dialect};
    static const char *const locks[] = {" ORDER BY \"fill\", \"range_no\", \"attempt\" FOR UPDATE\nUPDATE ",
                                        " ORDER BY `fill`, `range_no`, `attempt` FOR UPDATE\nUPDATE "};
    for (size_t i = 0; i < UNIT_COUNT(dialects); i++) {
        struct db_engine engine = {.name = "yes", .dialect = dialects[i], .flush = say_yes, .rollback = no_rollback};
        struct db db = {.engine = &engine};
        struct spy_db spy;
        struct ledger *ledger = NULL;
        struct err err;
        err_clear(&err);
        assert_int_equal(ledger_new(dialects[i], &sqlite_file_tx, &ledger, &err), 0);
        spy_on(&spy, &db);
        assert_int_equal(ledger_evict(ledger, &db, 1, "a", &err), 0);
        assert_int_equal(spy.flushes, 1);
        assert_non_null(strstr(spy.sent.data, locks[i]));
        spy_off(&spy, &db);
        ledger_free(ledger);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lease_is_what_the_range_says),
        cmocka_unit_test(only_free_ranges_are_leased),
        cmocka_unit_test(ranges_are_leased_in_order),
        cmocka_unit_test(a_run_that_is_not_running_gives_no_lease),
        cmocka_unit_test(an_expired_lease_is_taken_over),
        cmocka_unit_test(a_short_lease_runs_out_by_the_databases_clock),
        cmocka_unit_test(an_evicted_owner_is_harmless),
        cmocka_unit_test(a_parked_range_is_left_alone_until_its_time),
        cmocka_unit_test(owners_are_told_once_each),
        cmocka_unit_test(live_leases_are_counted_by_process),
        cmocka_unit_test(the_next_wake_is_the_first_thing_to_come_free),
        cmocka_unit_test(many_ranges_are_locked_in_key_order_before_they_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
