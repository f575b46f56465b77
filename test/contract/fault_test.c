/* fault_test.c - D1 and D3 under planted faults: killed sessions, timeouts, deadlocks, cancels. */
#include "contract.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"

static const char count_sql[] = "SELECT count(*) FROM contract_t";

enum { WELL_BEFORE_US = 8000000 }; /* the sleeping statement takes 10 s: an interrupted one is back long before */

static int flush_sql(struct contract *c, unsigned flags, const struct db_tx *tx, const char *sql) {
    struct db_query query = {.sql = sql};
    struct db_result result;
    err_clear(&c->err);
    return db_flush(c->db, flags, tx, &query, sql != NULL ? 1 : 0, &c->arena, &result, &c->err);
}

static void expect_dead(struct contract *c) {
    assert_true(db_is_dead(c->db));
    db_rollback(c->db);
    db_cancel(c->db);
    EXPECT(c, flush_sql(c, DB_ONE_TX, &contract_tx, "SELECT 1"), ERR_LOST);
}

static void killed_while_idle(void **state) {
    struct contract *c = *state;
    contract_kill(c, c->other, contract_session(c, c->db));
    EXPECT(c, flush_sql(c, DB_BEGIN, &contract_tx, "INSERT INTO contract_t VALUES (1, 'a')"), ERR_LOST);
    expect_dead(c);
    assert_int_equal(contract_count(c, c->other, count_sql), 0);
}

static void killed_in_a_transaction(void **state) {
    struct contract *c = *state;
    const char *session = contract_session(c, c->db);
    contract_begin(c, c->db, "INSERT INTO contract_t VALUES (1, 'a')");
    contract_kill(c, c->other, session);
    EXPECT(c, flush_sql(c, 0, NULL, "INSERT INTO contract_t VALUES (2, 'b')"), ERR_LOST);
    expect_dead(c);
    assert_int_equal(contract_count(c, c->other, count_sql), 0);
}

/* D3: whether the server had read the COMMIT nobody can know. */
static void killed_before_commit_is_unclear(void **state) {
    struct contract *c = *state;
    const char *session = contract_session(c, c->db);
    contract_begin(c, c->db, "INSERT INTO contract_t VALUES (1, 'a')");
    contract_kill(c, c->other, session);
    EXPECT(c, flush_sql(c, DB_COMMIT, NULL, NULL), ERR_UNCLEAR);
    expect_dead(c);
    assert_int_equal(contract_count(c, c->other, count_sql), 0);
}

/* A second thread that does something again and again until the statement in the first one is over. */
struct nag {
    struct db *db;
    const char *session;
    const char *kill;
    atomic_bool done;
    atomic_int times;
    pthread_t thread;
};

static void *keep_killing(void *argument) {
    struct nag *nag = argument;
    struct sql_value session = value_text(nag->session);
    struct db_query query = {.sql = nag->kill, .args = &session, .arg_count = 1};
    while (!atomic_load(&nag->done)) {
        struct err ignored;
        err_clear(&ignored);
        db_flush(nag->db, DB_ONE_TX, &contract_tx, &query, 1, NULL, NULL, &ignored);
        atomic_fetch_add(&nag->times, 1);
        poll(NULL, 0, 20);
    }
    return NULL;
}

static void *keep_cancelling(void *argument) {
    struct nag *nag = argument;
    while (!atomic_load(&nag->done)) {
        db_cancel(nag->db);
        atomic_fetch_add(&nag->times, 1);
        poll(NULL, 0, 20);
    }
    return NULL;
}

static void start(struct nag *nag, void *(*work)(void *)) {
    assert_int_equal(pthread_create(&nag->thread, NULL, work, nag), 0);
}

static void finish(struct nag *nag) {
    atomic_store(&nag->done, true);
    assert_int_equal(pthread_join(nag->thread, NULL), 0);
    assert_true(atomic_load(&nag->times) > 0);
}

static void killed_while_running(void **state) {
    struct contract *c = *state;
    struct nag nag = {.db = c->other, .session = contract_session(c, c->db), .kill = contract_sql(c, c->engine->kill)};
    EXPECT_OK(c, flush_sql(c, DB_BEGIN, &contract_tx, "INSERT INTO contract_t VALUES (1, 'a')"));
    start(&nag, keep_killing);
    int code = flush_sql(c, 0, NULL, c->engine->sleep);
    finish(&nag);
    EXPECT(c, code, ERR_LOST);
    expect_dead(c);
    assert_int_equal(contract_count(c, c->other, count_sql), 0);
}

static void statement_timeout(void **state) {
    struct contract *c = *state;
    struct db_tx tx = contract_tx;
    int64_t start_us = clock_monotonic_us();
    tx.statement_timeout_ms = 2000;
    EXPECT_OK(c, flush_sql(c, DB_BEGIN, &tx, "INSERT INTO contract_t VALUES (1, 'a')"));
    EXPECT(c, flush_sql(c, DB_COMMIT, NULL, c->engine->sleep), ERR_SLOW);
    assert_true(clock_monotonic_us() - start_us < WELL_BEFORE_US);
    assert_int_equal(c->err.statement, 0);
    assert_false(db_is_dead(c->db));
    assert_int_equal(contract_count(c, c->other, count_sql), 0);
    assert_int_equal(contract_count(c, c->db, count_sql), 0);
}

static void lock_timeout(void **state) {
    struct contract *c = *state;
    struct db_tx tx = contract_tx;
    tx.lock_timeout_ms = 200;
    contract_run(c, c->db, "INSERT INTO contract_t VALUES (1, 'a')");
    contract_begin(c, c->other, "UPDATE contract_t SET v = 'held' WHERE id = 1");
    EXPECT(c, contract_try(c, c->db, &tx, "UPDATE contract_t SET v = 'b' WHERE id = 1", NULL, 0), ERR_LOCKED);
    assert_false(db_is_dead(c->db));
    EXPECT_OK(c, db_flush(c->other, DB_COMMIT, NULL, NULL, 0, NULL, NULL, &c->err));
    EXPECT_OK(c, contract_try(c, c->db, &tx, "UPDATE contract_t SET v = v WHERE id = 1", NULL, 0));
    assert_string_equal(contract_text(c, c->db, "SELECT v FROM contract_t"), "held");
}

/* Trap 2: what came before the lock timeout in the same transaction is gone too. */
static void lock_timeout_ends_the_transaction(void **state) {
    struct contract *c = *state;
    struct db_tx tx = contract_tx;
    tx.lock_timeout_ms = 200;
    contract_run(c, c->db, "INSERT INTO contract_t VALUES (1, 'a'), (2, 'b')");
    contract_begin(c, c->other, "UPDATE contract_t SET v = 'held' WHERE id = 1");
    EXPECT_OK(c, flush_sql(c, DB_BEGIN, &tx, "UPDATE contract_t SET v = 'half' WHERE id = 2"));
    EXPECT(c, flush_sql(c, 0, NULL, "UPDATE contract_t SET v = 'half' WHERE id = 1"), ERR_LOCKED);
    EXPECT(c, flush_sql(c, DB_COMMIT, NULL, NULL), ERR_TRANSIENT);
    db_rollback(c->other);
    assert_int_equal(contract_count(c, c->db, "SELECT count(*) FROM contract_t WHERE v IN ('a', 'b')"), 2);
}

/* The other side of the deadlock, in its own thread. */
struct rival {
    struct db *db;
    const char *sql;
    int code;
    struct err err;
};

static void *run_rival(void *argument) {
    struct rival *rival = argument;
    struct db_query query = {.sql = rival->sql};
    rival->code = db_flush(rival->db, DB_COMMIT, NULL, &query, 1, NULL, NULL, &rival->err);
    return NULL;
}

static void deadlock(void **state) {
    struct contract *c = *state;
    struct rival rival = {.db = c->other, .sql = "UPDATE contract_t SET v = 'other' WHERE id = 1"};
    pthread_t thread;
    contract_run(c, c->db, "INSERT INTO contract_t VALUES (1, 'a'), (2, 'b')");
    contract_begin(c, c->db, "UPDATE contract_t SET v = 'mine' WHERE id = 1");
    contract_begin(c, c->other, "UPDATE contract_t SET v = 'other' WHERE id = 2");
    assert_int_equal(pthread_create(&thread, NULL, run_rival, &rival), 0);
    int mine = flush_sql(c, DB_COMMIT, NULL, "UPDATE contract_t SET v = 'mine' WHERE id = 2");
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true((mine == 0) != (rival.code == 0));
    assert_int_equal(mine != 0 ? mine : rival.code, ERR_TRANSIENT);
    const char *winner = mine == 0 ? "mine" : "other";
    assert_string_equal(contract_text(c, c->db, "SELECT min(v) FROM contract_t"), winner);
    assert_string_equal(contract_text(c, c->other, "SELECT max(v) FROM contract_t"), winner);
}

static void cancel_from_another_thread(void **state) {
    struct contract *c = *state;
    struct nag nag = {.db = c->db};
    EXPECT_OK(c, flush_sql(c, DB_BEGIN, &contract_tx, "INSERT INTO contract_t VALUES (1, 'a')"));
    int64_t start_us = clock_monotonic_us();
    start(&nag, keep_cancelling);
    int code = flush_sql(c, DB_COMMIT, NULL, c->engine->sleep);
    finish(&nag);
    EXPECT(c, code, ERR_CANCELLED);
    assert_true(clock_monotonic_us() - start_us < WELL_BEFORE_US);
    assert_int_equal(contract_count(c, c->other, count_sql), 0);
    if (db_is_dead(c->db)) /* a further cancel hit the rollback */
        return;
    /* A cancel still on its way may hit what comes next, and only that. */
    if (contract_try(c, c->db, &contract_tx, count_sql, NULL, 0) != 0)
        EXPECT(c, c->err.code, ERR_CANCELLED);
    assert_int_equal(contract_count(c, c->db, count_sql), 0);
}

static void cancel_while_idle_does_nothing(void **state) {
    struct contract *c = *state;
    struct db_tx tx = contract_tx;
    tx.statement_timeout_ms = 300;
    db_cancel(c->db);
    if (contract_try(c, c->db, &contract_tx, "SELECT 1", NULL, 0) != 0)
        EXPECT(c, c->err.code, ERR_CANCELLED);
    contract_run(c, c->db, "INSERT INTO contract_t VALUES (1, 'a')");
    EXPECT(c, contract_try(c, c->db, &tx, c->engine->sleep, NULL, 0), ERR_SLOW); /* not taken for the cancel */
}

static void silence_ends_the_transaction(void **state) {
    struct contract *c = *state;
    struct db_tx tx = contract_tx;
    struct db_result lives;
    const char *session = contract_session(c, c->db);
    tx.idle_timeout_ms = 2000;
    EXPECT_OK(c, flush_sql(c, DB_BEGIN, &tx, "INSERT INTO contract_t VALUES (1, 'a')"));
    int64_t deadline_us = clock_monotonic_us() + WELL_BEFORE_US;
    do {
        assert_true(clock_monotonic_us() < deadline_us);
        poll(NULL, 0, 20);
        EXPECT_OK(c, contract_try(c, c->other, &contract_tx, c->engine->session_lives, &lives, 1, session));
    } while (db_cell_int(&lives, 0, 0, -1) != 0);
    EXPECT(c, flush_sql(c, 0, NULL, "INSERT INTO contract_t VALUES (2, 'b')"), ERR_LOST);
    expect_dead(c);
    assert_int_equal(contract_count(c, c->other, count_sql), 0);
}

const struct contract_test contract_fault_tests[] = {
    {"killed while idle", killed_while_idle, CAN_KILL},
    {"killed in a transaction", killed_in_a_transaction, CAN_KILL},
    {"killed before commit is unclear", killed_before_commit_is_unclear, CAN_KILL},
    {"killed while running", killed_while_running, CAN_KILL},
    {"statement timeout", statement_timeout, CAN_TIME_OUT},
    {"lock timeout", lock_timeout, 0},
    {"lock timeout ends the transaction", lock_timeout_ends_the_transaction, CAN_DEADLOCK},
    {"deadlock", deadlock, CAN_DEADLOCK},
    {"cancel from another thread", cancel_from_another_thread, 0},
    {"cancel while idle does nothing", cancel_while_idle_does_nothing, CAN_TIME_OUT},
    {"silence ends the transaction", silence_ends_the_transaction, CAN_IDLE_OUT},
    {NULL, NULL, 0},
};
