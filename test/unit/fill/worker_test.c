/* The steps of a worker, one by one, on SQLite: what each commits, what it leaves to the next, and who may come in between. */
#include "fill_fixture.h"

static struct fixture fixture;

static int close_it(void **state) {
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static void a_step_is_a_batch(void **state) {
    (void)state;
    fixture_open(&fixture, FILL_TABLES FILL_ROWS(120), FILL_PLAN FILL_INTO, NULL);
    fixture_move(&fixture, 1);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM new"), 10);
    assert_int_equal(fixture_number(&fixture, "SELECT seen * 1000 + batch_no FROM infill_range"), 10001);
    fixture_finish(&fixture);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM new JOIN old USING (id, v)"), 120);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM infill_range WHERE state = 'filled' AND owner IS NULL"), 3);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM infill_run WHERE state = 'done'"), 1);
}

static void an_empty_source_is_filled_at_once(void **state) {
    (void)state;
    fixture_open(&fixture, FILL_TABLES, FILL_PLAN FILL_INTO, NULL);
    assert_int_equal(fixture_step(&fixture), WORKER_DONE);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM infill_range"), 0);
}

/* L3: what the ledger says counts, not what the worker remembers. */
static void a_zombie_commits_nothing(void **state) {
    (void)state;
    fixture_open(&fixture, FILL_TABLES FILL_ROWS(40), FILL_PLAN FILL_INTO, NULL);
    fixture_move(&fixture, 1);
    fixture_sql(&fixture, "UPDATE infill_range SET epoch = epoch + 1, owner = 'somebody/else/1/1/0'");
    struct worker_step step;
    assert_int_equal(worker_step(fixture.worker, &step, &fixture.err), 0);
    assert_int_equal(step.state, WORKER_WAIT);
    assert_false(fixture.worker->has_lease);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM new"), 10);
}

/* L6: the state of the run is plain SQL away, and no batch gets past it once it is fenced. */
static void a_paused_run_moves_nothing(void **state) {
    (void)state;
    fixture_open(&fixture, FILL_TABLES FILL_ROWS(40), FILL_PLAN FILL_INTO, NULL);
    fixture_move(&fixture, 1);
    fixture_sql(&fixture, "UPDATE infill_run SET state = 'paused', reason = 'lunch'");
    for (int i = 0; i < 20; i++) {
        struct worker_step step;
        fixture.worker->attempts = 2;
        assert_int_equal(worker_step(fixture.worker, &step, &fixture.err), 0);
        assert_int_equal(step.state, WORKER_WAIT);
    }
    assert_int_equal(fixture.worker->attempts, 0); /* the database answers: earlier failures are no longer counted */
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM new"), 10);
    fixture_sql(&fixture, "UPDATE infill_run SET state = 'running'");
    fixture_finish(&fixture);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM new"), 40);
}

/* All ranges are filled, and the run was paused before it could be called done: it is not done. */
static void done_is_not_said_of_a_paused_run(void **state) {
    (void)state;
    fixture_open(&fixture, FILL_TABLES FILL_ROWS(10), FILL_PLAN FILL_INTO, NULL);
    fixture_move(&fixture, 1);
    fixture_sql(&fixture, "UPDATE infill_fill SET state = 'filled'");
    fixture_sql(&fixture, "UPDATE infill_run SET state = 'paused'");
    fixture.run->filled[0] = true;
    assert_int_equal(fixture_step(&fixture), WORKER_WAIT);
    fixture_sql(&fixture, "UPDATE infill_run SET state = 'running'");
    fixture_finish(&fixture);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM infill_run WHERE state = 'done'"), 1);
}

/* L7: another process's last batch is looked for, and an error while looking does not count as having looked. */
static void an_unchecked_range_stays_unchecked(void **state) {
    (void)state;
    fixture_open(&fixture, FILL_TABLES FILL_ROWS(40), FILL_PLAN FILL_INTO, NULL);
    fixture_move(&fixture, 2);
    worker_close(fixture.worker);
    fixture_sql(&fixture, "ALTER TABLE new RENAME TO away");
    fixture.worker = fixture_worker(&fixture);
    struct worker_step step;
    assert_int_equal(worker_step(fixture.worker, &step, &fixture.err), ERR_SQL); /* the range is given back */
    err_clear(&fixture.err);
    fixture_sql(&fixture, "ALTER TABLE away RENAME TO new");
    fixture_sql(&fixture, "DELETE FROM new");
    assert_int_equal(worker_step(fixture.worker, &step, &fixture.err), ERR_MISMATCH);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM new"), 0);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM infill_run WHERE state = 'halted'"), 1);
}

/* The ledger of a run that this process halted may be out of reach; its own workers stop all the same. */
static void a_halt_stops_the_process(void **state) {
    (void)state;
    fixture_open(&fixture, FILL_TABLES FILL_ROWS(40), FILL_PLAN FILL_INTO, NULL);
    fixture_move(&fixture, 1);
    fixture_sql(&fixture, "ALTER TABLE infill_event RENAME TO away");
    assert_int_not_equal(fill_run_halt(fixture.run, fixture.worker->db, "test", "{}", &fixture.err), 0);
    fixture_sql(&fixture, "ALTER TABLE away RENAME TO infill_event");
    struct worker_step step;
    err_clear(&fixture.err);
    assert_int_equal(worker_step(fixture.worker, &step, &fixture.err), ERR_HALTED);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM new"), 10);
}

static void a_halt_needs_no_connection_of_the_worker(void **state) {
    (void)state;
    fixture_open(&fixture, FILL_TABLES FILL_ROWS(40), FILL_PLAN FILL_INTO, NULL);
    assert_int_equal(fill_run_halt(fixture.run, NULL, "test", "{}", &fixture.err), ERR_HALTED);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM infill_run WHERE state = 'halted' AND reason = 'test'"), 1);
}

/* A rate that somebody sets under way. */
static void limit_to(int64_t rows_per_second) {
    fixture.run->set.pace_rows_per_second = rows_per_second;
    fixture.run->share = (double)rows_per_second;
}

/* A thread that has nothing to do is not why the run is not faster. */
static void idle_workers_give_no_reason(void **state) {
    (void)state;
    struct worker_step step;
    fixture_open(&fixture, FILL_TABLES FILL_ROWS(40), FILL_PLAN FILL_INTO, NULL);
    fixture_move(&fixture, 1);
    struct worker *idle = fixture_worker(&fixture);
    assert_int_equal(worker_step(idle, &step, &fixture.err), 0);
    assert_string_equal(step.reason, "other workers are on the last ranges");
    assert_string_equal(fixture.run->reason, ""); /* the other one works */
    limit_to(5);
    assert_int_equal(fixture_step(&fixture), WORKER_WAIT);
    assert_string_equal(fixture.run->reason, "rate limit: 5 rows/s for the plan");
    assert_int_equal(worker_step(idle, &step, &fixture.err), 0);
    assert_string_equal(fixture.run->reason, "rate limit: 5 rows/s for the plan");
    worker_close(fixture.worker);
    fixture.worker = idle;
    assert_int_equal(fixture.run->holding, 0);
    fixture_sql(&fixture, "UPDATE infill_range SET owner = 'elsewhere/boot.ns/1/1/0', lease_until = '2999-01-01 00:00:00.000'");
    assert_int_equal(worker_step(idle, &step, &fixture.err), 0);
    assert_string_equal(fixture.run->reason, "other workers are on the last ranges"); /* here nobody has anything else to say */
}

/* What the rate costs is time of the run: who has nothing to do does not make it less, and the last seconds are in it. */
static void the_rate_costs_what_it_held_up(void **state) {
    (void)state;
    struct worker_step step;
    fixture_open(&fixture, FILL_TABLES FILL_ROWS(40), FILL_PLAN FILL_INTO, NULL);
    fixture_move(&fixture, 1);
    struct worker *idle = fixture_worker(&fixture);
    limit_to(1);
    int64_t waited_ms = 0;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(worker_step(idle, &step, &fixture.err), 0);
        assert_int_equal(worker_step(fixture.worker, &step, &fixture.err), 0);
        waited_ms += step.state == WORKER_WAIT ? step.wait_ms : 0;
    }
    assert_true(waited_ms >= 500);
    worker_close(idle);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM infill_pace WHERE state = 'go'"), 0); /* somebody works */
    worker_close(fixture.worker);
    fixture.worker = NULL;
    assert_int_equal(fixture_number(&fixture, "SELECT slowed_ms FROM infill_pace WHERE state = 'go'"), waited_ms);
}

/* Another rate is said when it is there, not when the next look is due. */
static void a_rate_that_was_changed_is_said(void **state) {
    (void)state;
    fixture_open(&fixture, FILL_TABLES FILL_ROWS(40), FILL_PLAN FILL_INTO, NULL);
    fixture_move(&fixture, 1);
    limit_to(2);
    fixture.run->cost.waited_us = 5000000;
    fixture.run->cost.since_us -= 60000000;
    fill_run_touch(fixture.run);
    fixture_step(&fixture);
    assert_int_equal(
        fixture_number(&fixture, "SELECT count(*) FROM infill_pace WHERE state = 'slow' AND detail LIKE '%: 2 rows/s%'"), 1);
    limit_to(1);
    fill_run_touch(fixture.run);
    fixture_step(&fixture);
    assert_int_equal(
        fixture_number(&fixture, "SELECT count(*) FROM infill_pace WHERE state = 'slow' AND detail LIKE '%: 1 rows/s%'"), 1);
    limit_to(0);
    fill_run_touch(fixture.run);
    fixture_step(&fixture);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM infill_pace WHERE state = 'go' AND detail = ''"), 1);
}

static void places_of_closed_workers_are_used_again(void **state) {
    (void)state;
    fixture_open(&fixture, FILL_TABLES, FILL_PLAN FILL_INTO, NULL);
    for (int i = 0; i < 2 * FILL_WORKERS_MAX; i++)
        worker_close(fixture_worker(&fixture));
    struct worker *all[FILL_WORKERS_MAX];
    for (int i = 0; i < FILL_WORKERS_MAX - 1; i++)
        all[i] = fixture_worker(&fixture);
    struct worker *too_many = NULL;
    assert_int_equal(worker_open(fixture.run, &too_many, &fixture.err), ERR_USAGE);
    for (int i = 0; i < FILL_WORKERS_MAX - 1; i++)
        worker_close(all[i]);
}

int main(void) {
#define TEST(name) cmocka_unit_test_teardown(name, close_it)
    const struct CMUnitTest tests[] = {
        TEST(a_step_is_a_batch),
        TEST(an_empty_source_is_filled_at_once),
        TEST(a_zombie_commits_nothing),
        TEST(a_paused_run_moves_nothing),
        TEST(done_is_not_said_of_a_paused_run),
        TEST(an_unchecked_range_stays_unchecked),
        TEST(a_halt_stops_the_process),
        TEST(a_halt_needs_no_connection_of_the_worker),
        TEST(idle_workers_give_no_reason),
        TEST(the_rate_costs_what_it_held_up),
        TEST(a_rate_that_was_changed_is_said),
        TEST(places_of_closed_workers_are_used_again),
    };
    return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
