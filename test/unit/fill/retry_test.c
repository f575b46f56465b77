/* What the worker does about every class of error: the table of retry.c, row by row. */
#include "fill_fixture.h"

static struct fixture fixture;
static struct worker_step step;

static int open_it(void **state) {
    (void)state;
    fixture_open(&fixture, FILL_TABLES FILL_ROWS(100), FILL_PLAN FILL_INTO, NULL);
    fixture_move(&fixture, 1);
    return 0;
}

static int close_it(void **state) {
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static int answer(int code) {
    struct err cause;
    err_set(&cause, code, "planted");
    err_clear(&fixture.err);
    step = (struct worker_step){.state = WORKER_DONE};
    return worker_retry(fixture.worker, &cause, &step, &fixture.err);
}

static void lease_again(void) {
    fixture_sql(&fixture, "UPDATE infill_run SET state = 'running'; UPDATE infill_range SET parked_until = NULL");
    atomic_store(&fixture.run->halted, false);
    worker_close(fixture.worker);
    fixture.worker = fixture_worker(&fixture);
    struct db *db = NULL;
    assert_int_equal(db_open(&fixture.run->db_options, &db, &fixture.err), 0);
    fixture.worker->db = db;
    err_clear(&fixture.err);
    assert_int_equal(worker_acquire(fixture.worker, &step, &fixture.err), 0);
    assert_true(fixture.worker->has_lease);
    fixture.worker->batch.asked = 10;
}

/* Every code that a batch can end with is either tried again or ends the worker with that code; nothing is passed over. */
static void every_class_has_an_answer(void **state) {
    (void)state;
#define CODE(name, value, exit_code, line, text) {ERR_##name, #name},
    static const struct {
        int code;
        const char *name;
    } codes[] = {INFILL_ERROR_LIST(CODE)};
    static const int again[] = {ERR_TRANSIENT, ERR_LOST,      ERR_UNCLEAR, ERR_CONNECT,   ERR_LOCKED,   ERR_SLOW,
                                ERR_ROW,       ERR_DUPLICATE, ERR_FENCED,  ERR_READ_ONLY, ERR_CANCELLED};
    for (size_t i = 0; i < UNIT_COUNT(codes); i++) {
        bool retried = false;
        for (size_t n = 0; n < UNIT_COUNT(again); n++)
            retried = retried || again[n] == codes[i].code;
        fixture.worker->attempts = 0;
        if (!fixture.worker->has_lease)
            lease_again();
        int rc = answer(codes[i].code);
        if (rc != (retried ? 0 : codes[i].code))
            print_error("%s: %d\n", codes[i].name, rc);
        assert_int_equal(rc, retried ? 0 : codes[i].code);
        if (retried)
            assert_int_equal(step.state, WORKER_WAIT);
        else
            assert_true(fixture.err.next[0] != '\0');
    }
}

static void it_is_not_tried_for_ever(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(answer(ERR_TRANSIENT), 0);
    assert_int_equal(answer(ERR_TRANSIENT), ERR_TRANSIENT);
    assert_false(fixture.worker->has_lease);
}

static void a_lost_connection_looks_before_it_goes_on(void **state) {
    (void)state;
    assert_int_equal(answer(ERR_UNCLEAR), 0);
    assert_true(fixture.worker->reread);
    fixture_move(&fixture, 1);
    assert_false(fixture.worker->reread);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM new"), 20);
}

static void a_demoted_server_is_left(void **state) {
    (void)state;
    assert_int_equal(answer(ERR_READ_ONLY), 0);
    assert_null(fixture.worker->db);
    fixture_finish(&fixture);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM new"), 100);
}

static void a_slow_batch_is_halved(void **state) {
    (void)state;
    fixture.worker->batch.asked = 10;
    assert_int_equal(answer(ERR_SLOW), 0);
    assert_int_equal(batch_size_rows(&fixture.worker->size), 5);
}

/* Somebody waited for its locks. One row that is held for too long is parked in the end, as one that cannot be had. */
static void a_batch_that_gave_way_is_halved(void **state) {
    (void)state;
    fixture.worker->batch.asked = 10;
    assert_int_equal(answer(ERR_CANCELLED), 0);
    assert_int_equal(batch_size_rows(&fixture.worker->size), 5);
    for (int i = 0; fixture.worker->has_lease && i < 10; i++) {
        fixture.worker->batch.asked = 1;
        assert_int_equal(answer(ERR_CANCELLED), 0);
    }
    assert_false(fixture.worker->has_lease);
}

/* A look-up that is too slow has no batch yet, but it asked for so many rows. */
static void a_slow_look_up_is_halved_too(void **state) {
    (void)state;
    fixture.worker->batch = (struct batch){0};
    fixture_sql(&fixture, "ALTER TABLE old RENAME TO away");
    assert_int_equal(batch_bound(fixture.worker, &fixture.err), ERR_SQL);
    fixture_sql(&fixture, "ALTER TABLE away RENAME TO old");
    assert_int_equal(fixture.worker->batch.asked, 10);
    assert_null(fixture.worker->batch.next);
}

static void a_locked_range_is_parked(void **state) {
    (void)state;
    assert_int_equal(answer(ERR_LOCKED), 0);
    assert_int_equal(answer(ERR_LOCKED), 0);
    assert_true(fixture.worker->has_lease);
    assert_int_equal(answer(ERR_LOCKED), 0);
    assert_false(fixture.worker->has_lease);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM infill_range WHERE parked_until IS NOT NULL AND owner IS NULL"),
                     1);
}

static void older_transactions_are_outwaited_once(void **state) {
    (void)state;
    worker_release(fixture.worker, 0, NULL);
    fixture.worker->outwaited = true;
    assert_int_equal(answer(ERR_LOCKED), ERR_LOCKED);
}

/* Rows that cannot be written are singled out, the others go on; the ledger's count stops the run, not an estimate that counts twice. */
static void rejects_are_counted_once(void **state) {
    (void)state;
    fixture_sql(&fixture, "UPDATE old SET v = 'bad' WHERE id IN (12, 13, 60)");
    fixture_finish(&fixture);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM new"), 97);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM infill_reject WHERE state = 'open'"), 3);
    assert_int_equal(fixture_number(&fixture, "SELECT sum(rejected) FROM infill_range"), 3);
}

static void an_estimate_alone_halts_nothing(void **state) {
    (void)state;
    fixture_sql(&fixture, "UPDATE old SET v = 'bad' WHERE id = 12");
    fixture.run->mine.rejected = 100000; /* as if the totals had been read before all of them were counted there */
    fixture_finish(&fixture);
    assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM infill_run WHERE state = 'done'"), 1);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_it, close_it)
    const struct CMUnitTest tests[] = {
        TEST(every_class_has_an_answer),    TEST(it_is_not_tried_for_ever),        TEST(a_lost_connection_looks_before_it_goes_on),
        TEST(a_demoted_server_is_left),     TEST(a_slow_batch_is_halved),          TEST(a_batch_that_gave_way_is_halved),
        TEST(a_slow_look_up_is_halved_too), TEST(a_locked_range_is_parked),        TEST(older_transactions_are_outwaited_once),
        TEST(rejects_are_counted_once),     TEST(an_estimate_alone_halts_nothing),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
