/* Where a fill begins and ends, and how it is cut into ranges (L4, L5). */
#include "ledger_fixture.h"

#include <pthread.h>
#include <stdlib.h>

static const char fill_now[] = "SELECT state, from_key, frontier, high_water, until_key, ranges FROM infill_fill";
static const char ranges_now[] = "SELECT range_no, lo, hi, owner, epoch FROM infill_range ORDER BY range_no";

static struct ledger_fill lock(struct ledger_fixture *f) {
    struct ledger_fill fill;
    sqlite_file_ok(&f->file, ledger_fill_lock(f->ledger, f->file.db, f->run.run, "users", &f->file.arena, &fill, &f->file.err));
    return fill;
}

static struct ledger_fill get(struct ledger_fixture *f) {
    struct ledger_fill fill;
    sqlite_file_ok(&f->file, ledger_fill_get(f->ledger, f->file.db, f->run.run, "users", &f->file.arena, &fill, &f->file.err));
    return fill;
}

/* Under the lock: what is in force afterwards. */
static struct ledger_fill set_bounds(struct ledger_fixture *f, const char *from, const char *until, const char *high_water) {
    const struct ledger_bounds bounds = {.from_key = from, .until_key = until, .high_water = high_water};
    struct ledger_fill now;
    sqlite_file_ok(&f->file, ledger_fill_commit_high_water(f->ledger, f->file.db, f->run.run, "users", &bounds, &f->file.arena,
                                                           &now, &f->file.err));
    return now;
}

static struct ledger_fill reopen(struct ledger_fixture *f, const struct ledger_fill *seen, const char *until) {
    struct ledger_fill now;
    sqlite_file_ok(&f->file,
                   ledger_fill_reopen(f->ledger, f->file.db, f->run.run, seen, until, &f->file.arena, &now, &f->file.err));
    return now;
}

static bool finish(struct ledger_fixture *f) {
    bool filled = false;
    sqlite_file_ok(&f->file, ledger_fill_finish(f->ledger, f->file.db, f->run.run, "users", "a", &filled, &f->file.err));
    return filled;
}

/* ---- L4 ---- */

static void ranges_are_cut_one_behind_the_other(void **state) {
    (void)state;
    struct ledger_fixture f;
    fixture_make(&f);
    assert_rows(&f.file, fill_now, "waiting|-|-|-|-|0");
    lock(&f);
    struct ledger_fill now = set_bounds(&f, NULL, NULL, "[\"9\"]");
    assert_string_equal(now.state, "open");
    assert_string_equal(now.high_water, "[\"9\"]");
    struct ledger_lease lease = fixture_cut(&f, "[\"4\"]", "a", LEASE_MS);
    assert_null(lease.lo);
    assert_string_equal(lease.hi, "[\"4\"]");
    assert_int_equal(lease.epoch, 1);
    assert_rows(&f.file, fill_now, "open|-|[\"4\"]|[\"9\"]|-|1");
    lease = fixture_cut(&f, "[\"9\"]", "b", LEASE_MS);
    assert_string_equal(lease.lo, "[\"4\"]");
    assert_int_equal(lease.range_no, 2);
    assert_rows(&f.file, ranges_now, "1|-|[\"4\"]|a|1 2|[\"4\"]|[\"9\"]|b|1");
    assert_rows(&f.file, fill_now, "open|-|[\"9\"]|[\"9\"]|-|2");
    assert_int_equal(fixture_batch(&f, &lease, "b", "[\"7\"]"), 0); /* a cut is a lease */
    fixture_remove(&f);
}

/* A cut from what was read before somebody else's: no overlap, no hole, nothing at all. */
static void a_cut_from_an_old_frontier_is_refused(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_lease lease;
    fixture_make(&f);
    fixture_high_water(&f, "[\"9\"]");
    struct ledger_fill old = get(&f);
    fixture_cut(&f, "[\"4\"]", "a", LEASE_MS);
    lock(&f);
    assert_int_equal(ledger_fill_commit_cut(f.ledger, f.file.db, f.run.run, &old, "[\"5\"]", false, "b", LEASE_MS, &f.file.arena,
                                            &lease, &f.file.err),
                     ERR_DUPLICATE);
    assert_rows(&f.file, ranges_now, "1|-|[\"4\"]|a|1");
    assert_rows(&f.file, fill_now, "open|-|[\"4\"]|[\"9\"]|-|1");
    fixture_remove(&f);
}

enum { CUTTERS = 4, END = 120 };

struct cutter {
    const struct ledger_fixture *fixture;
    struct db *db;
    char owner[8];
    int step;
    int cuts;
    int rc;
};

/* Cuts until there is nothing left; keys are three digits, so that text compares as numbers do. */
static void *cut_away(void *context) {
    struct cutter *self = context;
    const struct ledger_fixture *f = self->fixture;
    struct arena arena;
    struct err err;
    bool more = true;
    arena_init(&arena);
    while (more && self->rc == 0) {
        struct ledger_fill fill;
        struct ledger_lease lease;
        arena_reset(&arena);
        self->rc = ledger_fill_lock(f->ledger, self->db, f->run.run, "users", &arena, &fill, &err);
        if (self->rc)
            break;
        more = fill.frontier == NULL || strcmp(fill.frontier, fill.high_water) != 0;
        if (!more) {
            db_rollback(self->db);
            break;
        }
        int frontier = fill.frontier ? (int)strtol(fill.frontier + 2, NULL, 10) : 0;
        int hi = frontier + self->step < END ? frontier + self->step : END;
        self->rc = ledger_fill_commit_cut(f->ledger, self->db, f->run.run, &fill, arena_printf(&arena, "[\"%03d\"]", hi), false,
                                          self->owner, LEASE_MS, &arena, &lease, &err);
        self->cuts += self->rc == 0;
    }
    arena_release(&arena);
    return NULL;
}

static void owners_that_cut_at_once_tile_the_keys(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct cutter cutters[CUTTERS] = {{0}};
    pthread_t threads[CUTTERS];
    int cuts = 0;
    fixture_make(&f);
    fixture_high_water(&f, "[\"120\"]");
    for (int i = 0; i < CUTTERS; i++) {
        cutters[i] = (struct cutter){.fixture = &f, .db = sqlite_file_connect(&f.file), .step = i + 1};
        snprintf(cutters[i].owner, sizeof cutters[i].owner, "%c", 'a' + i);
        assert_non_null(cutters[i].db);
    }
    for (size_t i = 0; i < CUTTERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, cut_away, &cutters[i]), 0);
    for (size_t i = 0; i < CUTTERS; i++) {
        pthread_join(threads[i], NULL);
        db_close(cutters[i].db);
        assert_int_equal(cutters[i].rc, 0);
        cuts += cutters[i].cuts;
    }
    assert_int_equal(sqlite_file_number(&f.file, "SELECT count(*) FROM infill_range"), cuts);
    assert_int_equal(sqlite_file_number(&f.file, "SELECT ranges FROM infill_fill"), cuts);
    assert_rows(&f.file, "SELECT min(range_no), count(DISTINCT range_no) - max(range_no), max(hi) FROM infill_range",
                "1|0|[\"120\"]");
    assert_rows(&f.file,
                "SELECT count(*) FROM infill_range AS r LEFT JOIN infill_range AS p ON p.range_no = r.range_no - 1 "
                "WHERE r.lo IS NOT p.hi OR r.lo >= r.hi",
                "0");
    fixture_remove(&f);
}

static void a_cut_takes_no_fill_that_is_not_there(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_fill fill;
    fixture_make(&f);
    assert_int_equal(ledger_fill_lock(f.ledger, f.file.db, f.run.run, "nosuch", &f.file.arena, &fill, &f.file.err), ERR_NOT_FOUND);
    assert_int_equal(ledger_fill_get(f.ledger, f.file.db, f.run.run, "nosuch", &f.file.arena, &fill, &f.file.err), ERR_NOT_FOUND);
    sqlite_file_exec(&f.file, "UPDATE infill_fill SET ranges = 7"); /* no transaction was left open */
    fixture_remove(&f);
}

/* ---- L5 ---- */

static void a_range_is_filled_by_the_batch_that_gets_to_its_end(void **state) {
    (void)state;
    struct ledger_fixture f;
    fixture_make(&f);
    fixture_high_water(&f, "[\"9\"]");
    struct ledger_lease lease = fixture_cut(&f, "[\"9\"]", "a", LEASE_MS);
    assert_int_equal(fixture_batch(&f, &lease, "a", "[\"8\"]"), 0);
    assert_rows(&f.file, "SELECT state, owner IS NULL, filled_at IS NULL FROM infill_range", "open|0|1");
    assert_int_equal(fixture_batch(&f, &lease, "a", "[\"9\"]"), 0);
    assert_rows(&f.file, "SELECT state, owner IS NULL, filled_at IS NULL, lease_until IS NULL FROM infill_range", "filled|1|0|1");
    assert_int_equal(fixture_batch(&f, &lease, "a", "[\"9\"]"), ERR_FENCED);
    assert_false(fixture_lease(&f, "a", LEASE_MS, &lease));
    fixture_remove(&f);
}

/* One thing is missing each time. */
static void a_fill_is_filled_only_when_nothing_is_missing(void **state) {
    (void)state;
    static const struct {
        const char *fault;
        bool filled;
    } cases[] = {
        {"", true},
        {"UPDATE infill_range SET state = 'open' WHERE range_no = 1", false},
        {"UPDATE infill_range SET state = 'open' WHERE range_no = 2", false},
        {"UPDATE infill_fill SET frontier = '[\"4\"]'", false},
        {"UPDATE infill_fill SET frontier = NULL", false},
        {"UPDATE infill_fill SET high_water = '[\"10\"]'", false},
        {"UPDATE infill_fill SET state = 'waiting'", false},
        {"UPDATE infill_fill SET state = 'waiting', high_water = NULL, frontier = NULL; DELETE FROM infill_range", false},
        {"UPDATE infill_fill SET state = 'filled'", true},
    };
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct ledger_fixture f;
        fixture_make(&f);
        fixture_high_water(&f, "[\"9\"]");
        fixture_cut(&f, "[\"4\"]", "a", LEASE_MS);
        fixture_cut(&f, "[\"9\"]", "a", LEASE_MS);
        sqlite_file_exec(&f.file, "UPDATE infill_range SET state = 'filled'");
        sqlite_file_exec(&f.file, cases[i].fault);
        const char *before = sqlite_file_rows(&f.file, "SELECT state FROM infill_fill");
        assert_int_equal(finish(&f), cases[i].filled);
        assert_rows(&f.file, "SELECT state FROM infill_fill", cases[i].filled ? "filled" : before);
        fixture_remove(&f);
    }
}

static void an_empty_source_is_filled_at_once(void **state) {
    (void)state;
    struct ledger_fixture f;
    fixture_make(&f);
    lock(&f);
    assert_string_equal(set_bounds(&f, NULL, NULL, NULL).state, "filled");
    assert_true(finish(&f));
    assert_rows(&f.file, fill_now, "filled|-|-|-|-|0");
    fixture_remove(&f);
}

static void a_lower_bound_is_where_the_first_range_begins(void **state) {
    (void)state;
    struct ledger_fixture f;
    fixture_make(&f);
    lock(&f);
    assert_string_equal(set_bounds(&f, "[\"2\"]", NULL, "[\"9\"]").frontier, "[\"2\"]");
    struct ledger_lease lease = fixture_cut(&f, "[\"9\"]", "a", LEASE_MS);
    assert_string_equal(lease.lo, "[\"2\"]");
    assert_rows(&f.file, fill_now, "open|[\"2\"]|[\"9\"]|[\"9\"]|-|1");
    fixture_remove(&f);
}

/* ---- parts: two who want another end ---- */

static void a_part_goes_on_from_its_frontier(void **state) {
    (void)state;
    struct ledger_fixture f;
    fixture_make(&f);
    lock(&f);
    set_bounds(&f, "[\"1\"]", "[\"4\"]", "[\"4\"]");
    struct ledger_lease lease = fixture_cut(&f, "[\"4\"]", "a", LEASE_MS);
    assert_int_equal(fixture_batch(&f, &lease, "a", "[\"4\"]"), 0);
    assert_true(finish(&f));
    struct ledger_fill seen = get(&f), now = reopen(&f, &seen, NULL);
    assert_string_equal(now.state, "waiting");
    assert_null(now.until_key);
    assert_string_equal(now.frontier, "[\"4\"]");
    assert_false(finish(&f));
    lock(&f);
    now = set_bounds(&f, "[\"3\"]", NULL, "[\"9\"]"); /* neither the lower bound nor the frontier moves back */
    assert_string_equal(now.from_key, "[\"1\"]");
    assert_rows(&f.file, fill_now, "open|[\"1\"]|[\"4\"]|[\"9\"]|-|1");
    lease = fixture_cut(&f, "[\"9\"]", "a", LEASE_MS);
    assert_string_equal(lease.lo, "[\"4\"]");
    fixture_remove(&f);
}

/* The mark of a fill that has one is not for others to change, whatever they had read before. */
static void a_mark_that_is_set_stays(void **state) {
    (void)state;
    struct ledger_fixture f;
    fixture_make(&f);
    lock(&f);
    set_bounds(&f, NULL, "[\"4\"]", "[\"4\"]");
    lock(&f);
    struct ledger_fill now = set_bounds(&f, NULL, "[\"7\"]", "[\"7\"]");
    assert_string_equal(now.state, "open");
    assert_string_equal(now.high_water, "[\"4\"]");
    assert_string_equal(now.until_key, "[\"4\"]");
    lock(&f);
    assert_string_equal(set_bounds(&f, NULL, NULL, NULL).state, "open");
    lock(&f);
    assert_string_equal(set_bounds(&f, NULL, "[\"4\"]", "[\"6\"]").high_water, "[\"4\"]");
    assert_rows(&f.file, fill_now, "open|-|-|[\"4\"]|[\"4\"]|0");
    fixture_remove(&f);
    fixture_make(&f);
    fixture_high_water(&f, "[\"9\"]");
    lock(&f);
    now = set_bounds(&f, NULL, NULL, "[\"12\"]");
    assert_string_equal(now.high_water, "[\"9\"]");
    assert_rows(&f.file, fill_now, "open|-|-|[\"9\"]|-|0");
    fixture_remove(&f);
}

/* Who reopens says where it ends; a worker of somebody else who comes to set the mark learns of it. */
static void the_end_of_who_reopened_is_in_force(void **state) {
    (void)state;
    static const char *const ends[] = {"[\"7\"]", NULL};
    for (size_t i = 0; i < UNIT_COUNT(ends); i++) {
        struct ledger_fixture f;
        fixture_make(&f);
        lock(&f);
        set_bounds(&f, NULL, "[\"4\"]", "[\"4\"]");
        struct ledger_fill seen = get(&f), now = reopen(&f, &seen, ends[i]);
        assert_true(ledger_fill_has_end(&now));
        lock(&f);
        now = set_bounds(&f, NULL, "[\"5\"]", "[\"5\"]");
        assert_string_equal(now.state, "waiting");
        lock(&f);
        now = set_bounds(&f, NULL, ends[i] ? NULL : "[\"4\"]", "[\"9\"]");
        assert_string_equal(now.state, "waiting");
        lock(&f);
        now = set_bounds(&f, NULL, ends[i], "[\"7\"]");
        assert_string_equal(now.state, "open");
        assert_string_equal(now.high_water, "[\"7\"]");
        assert_rows(&f.file, fill_now, ends[i] ? "open|-|-|[\"7\"]|[\"7\"]|0" : "open|-|-|[\"7\"]|-|0");
        fixture_remove(&f);
    }
}

/* Two who saw the same end: the first reopens, the second is told. */
static void who_saw_something_else_does_not_reopen(void **state) {
    (void)state;
    static const char *const meanwhile[] = {
        "UPDATE infill_fill SET until_key = '[\"7\"]'",  "UPDATE infill_fill SET until_key = NULL",
        "UPDATE infill_fill SET high_water = '[\"5\"]'", "UPDATE infill_fill SET state = 'waiting'",
        "UPDATE infill_fill SET state = 'filled'",
    };
    for (size_t i = 0; i < UNIT_COUNT(meanwhile); i++) {
        struct ledger_fixture f;
        fixture_make(&f);
        lock(&f);
        set_bounds(&f, NULL, "[\"4\"]", "[\"4\"]");
        struct ledger_fill seen = get(&f);
        sqlite_file_exec(&f.file, meanwhile[i]);
        const char *before = sqlite_file_rows(&f.file, fill_now);
        struct ledger_fill now = reopen(&f, &seen, "[\"9\"]"), read = get(&f);
        assert_rows(&f.file, fill_now, before);
        assert_string_equal(now.state, read.state);
        assert_string_equal(now.high_water, read.high_water);
        now = reopen(&f, &read, "[\"9\"]");
        assert_string_equal(now.state, "waiting");
        assert_string_equal(now.until_key, "[\"9\"]");
        fixture_remove(&f);
    }
}

static void a_fill_without_an_end_has_none(void **state) {
    (void)state;
    struct ledger_fixture f;
    fixture_make(&f);
    struct ledger_fill fill = get(&f);
    assert_false(ledger_fill_has_end(&fill));
    fixture_remove(&f);
}

/* Nobody cuts in a run that is paused; whoever wants another end is told what to do about it. */
static void a_part_of_a_paused_run_is_not_reopened(void **state) {
    (void)state;
    static const char *const states[] = {"paused", "stopped", "halted"};
    for (size_t i = 0; i < UNIT_COUNT(states); i++) {
        struct ledger_fixture f;
        struct ledger_fill now;
        char expected[64];
        fixture_make(&f);
        lock(&f);
        set_bounds(&f, NULL, "[\"4\"]", "[\"4\"]");
        struct ledger_fill seen = get(&f);
        fixture_control(&f, states[i], "lunch");
        const char *before = sqlite_file_rows(&f.file, fill_now);
        assert_int_equal(ledger_fill_reopen(f.ledger, f.file.db, f.run.run, &seen, NULL, &f.file.arena, &now, &f.file.err),
                         ERR_STOPPED);
        snprintf(expected, sizeof expected, "fill users cannot go on: the run is %s: lunch", states[i]);
        assert_string_equal(f.file.err.message, expected);
        assert_string_equal(f.file.err.next, i == 0 ? "nothing was changed; infill resume PLAN, and run again"
                                                    : "nothing was changed; infill resume PLAN --because \"...\", and run again");
        assert_rows(&f.file, fill_now, before);
        fixture_remove(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_cut_one_behind_the_other),
        cmocka_unit_test(a_cut_from_an_old_frontier_is_refused),
        cmocka_unit_test(owners_that_cut_at_once_tile_the_keys),
        cmocka_unit_test(a_cut_takes_no_fill_that_is_not_there),
        cmocka_unit_test(a_range_is_filled_by_the_batch_that_gets_to_its_end),
        cmocka_unit_test(a_fill_is_filled_only_when_nothing_is_missing),
        cmocka_unit_test(an_empty_source_is_filled_at_once),
        cmocka_unit_test(a_lower_bound_is_where_the_first_range_begins),
        cmocka_unit_test(a_part_goes_on_from_its_frontier),
        cmocka_unit_test(a_mark_that_is_set_stays),
        cmocka_unit_test(the_end_of_who_reopened_is_in_force),
        cmocka_unit_test(who_saw_something_else_does_not_reopen),
        cmocka_unit_test(a_fill_without_an_end_has_none),
        cmocka_unit_test(a_part_of_a_paused_run_is_not_reopened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
