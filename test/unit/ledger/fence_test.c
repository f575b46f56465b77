/* The fence of a batch: L1, L2, L3. Each test plants one thing that is not as it was leased. */
#include "ledger_fixture.h"

static const char rows_now[] =
    "SELECT (SELECT count(*) FROM new), cursor, last_lo, batch_no, epoch, seen, written, state, owner FROM "
    "infill_range";

static void make(struct ledger_fixture *f) {
    fixture_make(f);
    sqlite_file_exec(&f->file, "CREATE TABLE new (id INTEGER PRIMARY KEY)");
    fixture_high_water(f, "[\"9\"]");
}

static struct fixture_batch first_batch(const struct ledger_fixture *f, const struct ledger_lease *lease) {
    return (struct fixture_batch){
        .run = f->run.run, .lease = lease, .owner = "a", .cursor = "[\"5\"]", .rows = 5, .sql = "INSERT INTO new VALUES (1)"};
}

static void a_batch_moves_rows_and_cursor_together(void **state) {
    (void)state;
    struct ledger_fixture f;
    make(&f);
    struct ledger_lease lease = fixture_cut(&f, "[\"9\"]", "a", LEASE_MS);
    struct fixture_batch batch = first_batch(&f, &lease);
    assert_true(fixture_holds(&f, &batch));
    sqlite_file_ok(&f.file, fixture_commit(f.ledger, f.file.db, &batch, false, &f.file.err));
    assert_rows(&f.file, rows_now, "1|[\"5\"]|-|1|1|5|5|open|a");
    lease.cursor = "[\"5\"]";
    lease.batch_no++;
    batch.cursor = "[\"9\"]";
    batch.sql = "INSERT INTO new VALUES (2)";
    sqlite_file_ok(&f.file, fixture_commit(f.ledger, f.file.db, &batch, false, &f.file.err));
    assert_rows(&f.file, rows_now, "2|[\"9\"]|[\"5\"]|2|1|10|10|filled|-");
    fixture_remove(&f);
}

/* L3: what the batch believes, one part of it wrong. */
static void a_batch_that_is_not_the_leased_one_commits_nothing(void **state) {
    (void)state;
    static const struct {
        const char *fault; /* SQL that changes the range or the run behind the batch's back */
        const char *owner;
        int64_t epoch, batch_no, attempt, range_no;
    } faults[] = {
        {"", "b", 0, 0, 0, 0},
        {"", "", 0, 0, 0, 0},
        {"", "a", -1, 0, 0, 0},
        {"", "a", 1, 0, 0, 0},
        {"", "a", 0, -1, 0, 0},
        {"", "a", 0, 1, 0, 0},
        {"", "a", 0, 0, 1, 0},
        {"", "a", 0, 0, 0, 1},
        {"UPDATE infill_range SET owner = NULL", "a", 0, 0, 0, 0},
        {"UPDATE infill_range SET owner = 'b'", "a", 0, 0, 0, 0},
        {"UPDATE infill_range SET epoch = epoch + 1", "a", 0, 0, 0, 0},
        {"UPDATE infill_range SET batch_no = batch_no + 1", "a", 0, 0, 0, 0},
        {"DELETE FROM infill_range", "a", 0, 0, 0, 0},
    };
    for (size_t i = 0; i < UNIT_COUNT(faults); i++)
        for (int force = 0; force <= 1; force++) {
            struct ledger_fixture f;
            make(&f);
            struct ledger_lease lease = fixture_cut(&f, "[\"9\"]", "a", LEASE_MS);
            sqlite_file_exec(&f.file, faults[i].fault);
            const char *before = sqlite_file_rows(&f.file, rows_now);
            lease.epoch += faults[i].epoch;
            lease.batch_no += faults[i].batch_no;
            lease.attempt += faults[i].attempt;
            lease.range_no += faults[i].range_no;
            struct fixture_batch batch = first_batch(&f, &lease);
            batch.owner = faults[i].owner;
            assert_false(fixture_holds(&f, &batch));
            assert_int_equal(fixture_commit(f.ledger, f.file.db, &batch, force != 0, &f.file.err), ERR_FENCED);
            assert_rows(&f.file, rows_now, before);
            assert_rows(&f.file, "SELECT count(*) FROM new", "0");
            fixture_remove(&f);
        }
}

/* A state set by hand changes no epoch: the fence reads it. */
static void a_run_that_is_not_running_lets_no_batch_through(void **state) {
    (void)state;
    static const char *const states[] = {"paused", "stopped", "halted", "done"};
    for (size_t i = 0; i < UNIT_COUNT(states); i++) {
        struct ledger_fixture f;
        char sql[96];
        make(&f);
        struct ledger_lease lease = fixture_cut(&f, "[\"9\"]", "a", LEASE_MS);
        snprintf(sql, sizeof sql, "UPDATE infill_run SET state = '%s'", states[i]);
        sqlite_file_exec(&f.file, sql);
        struct fixture_batch batch = first_batch(&f, &lease);
        assert_int_equal(fixture_commit(f.ledger, f.file.db, &batch, false, &f.file.err), ERR_FENCED);
        assert_rows(&f.file, rows_now, "0|-|-|0|1|0|0|open|a");
        fixture_remove(&f);
    }
}

/* L1: the second row of the statement is refused, behind the fence. */
static void a_batch_that_fails_leaves_nothing(void **state) {
    (void)state;
    struct ledger_fixture f;
    make(&f);
    struct ledger_lease lease = fixture_cut(&f, "[\"9\"]", "a", LEASE_MS);
    struct fixture_batch batch = first_batch(&f, &lease);
    batch.sql = "INSERT INTO new VALUES (1), (1)";
    assert_int_equal(fixture_commit(f.ledger, f.file.db, &batch, false, &f.file.err), ERR_DUPLICATE);
    assert_rows(&f.file, rows_now, "0|-|-|0|1|0|0|open|a");
    batch.sql = "INSERT INTO new VALUES (1)";
    sqlite_file_ok(&f.file, fixture_commit(f.ledger, f.file.db, &batch, false, &f.file.err));
    assert_rows(&f.file, rows_now, "1|[\"5\"]|-|1|1|5|5|open|a");
    fixture_remove(&f);
}

/* The answer to COMMIT was lost and the batch is sent again as it was. */
static void the_same_batch_commits_once(void **state) {
    (void)state;
    struct ledger_fixture f;
    make(&f);
    struct ledger_lease lease = fixture_cut(&f, "[\"9\"]", "a", LEASE_MS);
    struct fixture_batch batch = first_batch(&f, &lease);
    sqlite_file_ok(&f.file, fixture_commit(f.ledger, f.file.db, &batch, false, &f.file.err));
    batch.sql = "INSERT INTO new VALUES (2)";
    assert_int_equal(fixture_commit(f.ledger, f.file.db, &batch, false, &f.file.err), ERR_FENCED);
    assert_rows(&f.file, rows_now, "1|[\"5\"]|-|1|1|5|5|open|a");
    fixture_remove(&f);
}

/* L9: looking again tells an unclear batch's outcome, and whether the lease is still ours. */
static void a_second_look_tells_what_happened(void **state) {
    (void)state;
    struct ledger_fixture f;
    bool ours = false;
    const char *range_state = NULL;
    make(&f);
    struct ledger_lease lease = fixture_cut(&f, "[\"9\"]", "a", LEASE_MS), mine = lease, lost = lease;
    struct fixture_batch batch = first_batch(&f, &lease);
    sqlite_file_ok(&f.file, fixture_commit(f.ledger, f.file.db, &batch, false, &f.file.err));
    sqlite_file_ok(&f.file,
                   ledger_reread(f.ledger, f.file.db, f.run.run, "a", &f.file.arena, &mine, &ours, &range_state, &f.file.err));
    assert_true(ours);
    assert_string_equal(range_state, "open");
    assert_string_equal(mine.cursor, "[\"5\"]");
    assert_int_equal(mine.batch_no, 1);
    sqlite_file_ok(&f.file, ledger_evict(f.ledger, f.file.db, f.run.run, "a", &f.file.err));
    sqlite_file_ok(&f.file,
                   ledger_reread(f.ledger, f.file.db, f.run.run, "a", &f.file.arena, &lost, &ours, &range_state, &f.file.err));
    assert_false(ours);
    struct ledger_lease again; /* lost, and leased again by the same owner: the batch of the first lease is not his any more */
    lost.epoch = lease.epoch;
    assert_true(fixture_lease(&f, "a", LEASE_MS, &again));
    sqlite_file_ok(&f.file,
                   ledger_reread(f.ledger, f.file.db, f.run.run, "a", &f.file.arena, &lost, &ours, &range_state, &f.file.err));
    assert_false(ours);
    assert_int_equal(lost.epoch, again.epoch);
    sqlite_file_exec(&f.file, "DELETE FROM infill_range");
    assert_int_equal(ledger_reread(f.ledger, f.file.db, f.run.run, "a", &f.file.arena, &mine, &ours, &range_state, &f.file.err),
                     ERR_MISMATCH);
    assert_false(ours);
    fixture_remove(&f);
}

/* ---- L2: whatever is done in whatever order, the numbers only grow ---- */

enum { OPERATIONS = 600 };

static unsigned next_random(uint64_t *random) {
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*random >> 33);
}

/* Somebody who may hold a lease, and does not know when it is lost. */
struct holder {
    const char *owner;
    bool leased;
    struct ledger_lease lease;
};

static bool is_running(struct ledger_fixture *f) {
    return strcmp(sqlite_file_rows(&f->file, "SELECT state FROM infill_run"), "running") == 0;
}

static void do_something(struct ledger_fixture *f, struct holder *holder, unsigned what) {
    static const char *const states[] = {"paused", "stopped", "halted"};
    char cursor[32];
    if (what % 10 < 4 && is_running(f)) {
        holder->leased = fixture_lease(f, holder->owner, LEASE_MS, &holder->lease) || holder->leased;
    } else if (what % 10 < 7 && holder->leased) {
        snprintf(cursor, sizeof cursor, "[\"%08u\"]", what);
        int rc = fixture_batch(f, &holder->lease, holder->owner, arena_strdup(&f->file.arena, cursor));
        assert_true(rc == 0 || rc == ERR_FENCED);
    } else if (what % 10 == 7 && holder->leased) {
        sqlite_file_ok(&f->file,
                       ledger_release(f->ledger, f->file.db, f->run.run, &holder->lease, holder->owner, 0, NULL, &f->file.err));
    } else if (what % 10 == 8) {
        sqlite_file_ok(&f->file, ledger_evict(f->ledger, f->file.db, f->run.run, holder->owner, &f->file.err));
    } else {
        fixture_control(f, is_running(f) ? states[what / 10 % 3] : "running", "");
    }
}

static void epochs_and_batch_numbers_only_grow(void **state) {
    (void)state;
    struct ledger_fixture f;
    make(&f);
    struct holder holders[2] = {{.owner = "a", .leased = true}, {.owner = "b"}};
    holders[0].lease = fixture_cut(&f, "[\"9\"]", "a", LEASE_MS);
    long long epoch = 0, batch_no = 0, seen = 0;
    uint64_t random = 7;
    for (unsigned i = 0; i < OPERATIONS; i++) {
        do_something(&f, &holders[next_random(&random) % 2], next_random(&random) % 100000);
        long long now[] = {sqlite_file_number(&f.file, "SELECT epoch FROM infill_range"),
                           sqlite_file_number(&f.file, "SELECT batch_no FROM infill_range"),
                           sqlite_file_number(&f.file, "SELECT seen FROM infill_range")};
        assert_true(now[0] >= epoch && now[1] >= batch_no);
        assert_int_equal(now[1] - batch_no, now[2] - seen);
        epoch = now[0];
        batch_no = now[1];
        seen = now[2];
    }
    assert_true(epoch > 50 && batch_no > 20);
    fixture_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_moves_rows_and_cursor_together),
        cmocka_unit_test(a_batch_that_is_not_the_leased_one_commits_nothing),
        cmocka_unit_test(a_run_that_is_not_running_lets_no_batch_through),
        cmocka_unit_test(a_batch_that_fails_leaves_nothing),
        cmocka_unit_test(the_same_batch_commits_once),
        cmocka_unit_test(a_second_look_tells_what_happened),
        cmocka_unit_test(epochs_and_batch_numbers_only_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
