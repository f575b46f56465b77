/* postgres_fake_test.c - every way in which a flush of the PostgreSQL driver can fail, without a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "db/db.h"
#include "libpq_fake.h"

enum { FAULTS_MAX = 200 }; /* more than any flush here has calls or allocations */

static const struct db_tx tx = {.statement_timeout_ms = 1000, .lock_timeout_ms = 100, .idle_timeout_ms = 1000};
static const struct db_query queries[] = {{.sql = "INSERT one"}, {.sql = "SELECT two", .returns_rows = true}};
enum { QUERY_COUNT = 2 };

struct fixture {
    struct db *db;
    struct arena arena;
    struct err err;
    struct db_result results[QUERY_COUNT];
};

static void open_db(struct fixture *f) {
    struct db_options options = {.url = "postgresql://fake", .application_name = "infill fake", .connect_timeout_ms = 2000};
    fake_reset();
    err_clear(&f->err);
    arena_init(&f->arena);
    assert_int_equal(db_open(&options, &f->db, &f->err), 0);
    fake.commit_handed_over = fake.commit_answered = fake.committed = fake.error_answered = false;
    fake.log[0] = '\0';
    fake.calls = fake.sends = 0;
}

/* Nothing of libpq's is left behind. */
static void close_db(struct fixture *f) {
    mem_fail_at(0, false);
    db_close(f->db);
    arena_release(&f->arena);
    assert_int_equal(fake.results_open, 0);
    assert_int_equal(fake.connections_open, 0);
}

static int flush(struct fixture *f, unsigned flags) {
    err_clear(&f->err);
    return db_flush(f->db, flags, &tx, queries, QUERY_COUNT, &f->arena, f->results, &f->err);
}

static int commit(struct fixture *f) {
    err_clear(&f->err);
    return db_flush(f->db, DB_COMMIT, NULL, NULL, 0, NULL, NULL, &f->err);
}

/* D1: not in a transaction, or not alive; and when alive, of use. */
static void check_usable(struct fixture *f) {
    fake.script = NULL;
    if (db_is_dead(f->db)) {
        assert_int_equal(flush(f, DB_ONE_TX), ERR_LOST);
        return;
    }
    assert_int_equal(flush(f, DB_ONE_TX), 0);
}

static void a_flush_is_one_pipeline(void **state) {
    struct fixture f;
    (void)state;
    open_db(&f);
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    assert_string_equal(fake.log, "BEGIN IS;SELECT p;INSERT o;SELECT t;COMMIT;");
    assert_int_equal(f.results[0].affected, 3);
    assert_string_equal(db_cell(&f.results[1], 0, 0), "public, pg_temp");
    close_db(&f);
}

/* The law of D3, for a loss at every single call. Whether the server committed the law does not ask: nobody could know. */
static void check_law(struct fixture *f, int code) {
    if (fake.commit_answered)
        assert_int_equal(code, 0);
    else if (fake.commit_handed_over)
        assert_int_equal(code, ERR_UNCLEAR);
    else
        assert_int_equal(code, ERR_LOST);
    assert_true(db_is_dead(f->db));
    assert_true(code != ERR_LOST || !fake.committed);
}

static int lose_at_every_call(bool in_two, int last_words) {
    int at = 1;
    for (; at < FAULTS_MAX; at++) {
        struct fixture f;
        open_db(&f);
        if (in_two)
            assert_int_equal(flush(&f, DB_BEGIN), 0);
        fake.lose_at = at;
        fake.last_words = last_words;
        int code = in_two ? commit(&f) : flush(&f, DB_ONE_TX);
        bool was_lost = fake.lose_at == 0;
        if (was_lost)
            check_law(&f, code);
        else
            assert_int_equal(code, 0);
        if (was_lost)
            check_usable(&f);
        close_db(&f);
        if (!was_lost)
            break;
    }
    assert_true(at < FAULTS_MAX);
    return at;
}

static void lost_at_every_call(void **state) {
    (void)state;
    for (int last_words = 0; last_words < 4; last_words++) {
        assert_true(lose_at_every_call(false, last_words) > 15);
        assert_true(lose_at_every_call(true, last_words) > 5);
    }
}

static void lost_at_every_call_without_commit(void **state) {
    (void)state;
    for (int at = 1;; at++) {
        struct fixture f;
        assert_true(at < FAULTS_MAX);
        open_db(&f);
        fake.lose_at = at;
        int code = flush(&f, DB_BEGIN);
        bool was_lost = fake.lose_at == 0;
        /* Between the last answer and the sync everything is known, but the transaction is gone all the same. */
        assert_int_equal(code, was_lost ? ERR_LOST : 0);
        close_db(&f);
        if (!was_lost)
            break;
    }
}

/* Nothing hangs on a COMMIT that had nothing to commit. */
static void reading_is_never_unclear(void **state) {
    struct db_tx reading = tx;
    (void)state;
    reading.read_only = true;
    for (int at = 1;; at++) {
        struct fixture f;
        assert_true(at < FAULTS_MAX);
        open_db(&f);
        fake.lose_at = at;
        int code = db_flush(f.db, DB_ONE_TX, &reading, queries, QUERY_COUNT, &f.arena, f.results, &f.err);
        bool was_lost = fake.lose_at == 0;
        assert_int_equal(code, was_lost && !fake.commit_answered ? ERR_LOST : 0);
        assert_non_null(strstr(fake.log, was_lost ? "" : "COMMIT"));
        close_db(&f);
        if (!was_lost)
            break;
    }
}

/* The statement's error is an answer: the COMMIT behind it is skipped, so nothing is unclear however the connection ends. */
static void lost_after_an_error_is_not_unclear(void **state) {
    static const struct fake_answer script[] = {{.sql = "INSERT", .sqlstate = "23503"}, {.sql = NULL}};
    (void)state;
    for (int at = 1;; at++) {
        struct fixture f;
        assert_true(at < FAULTS_MAX);
        open_db(&f);
        fake.script = script;
        fake.lose_at = at;
        int code = flush(&f, DB_ONE_TX);
        bool was_lost = fake.lose_at == 0;
        assert_false(fake.committed);
        if (fake.error_answered)
            assert_int_equal(code, ERR_ROW);
        else
            assert_int_equal(code, fake.commit_handed_over ? ERR_UNCLEAR : ERR_LOST);
        close_db(&f);
        if (!was_lost)
            break;
    }
}

static void no_memory_in_libpq_at_every_statement(void **state) {
    (void)state;
    for (int at = 1; at <= 5; at++) {
        struct fixture f;
        open_db(&f);
        fake.send_fails_at = at;
        assert_int_equal(flush(&f, DB_ONE_TX), at < 5 ? ERR_NOMEM : ERR_UNCLEAR); /* the fifth is COMMIT */
        assert_true(db_is_dead(f.db));
        check_usable(&f);
        close_db(&f);
    }
}

/* Ours: the answers cannot be kept. When the COMMIT behind them went through, that is not a failure that may be repeated. */
static void no_memory_of_ours(void **state) {
    (void)state;
    for (unsigned long at = 1;; at++) {
        struct fixture f;
        assert_true(at < FAULTS_MAX);
        open_db(&f);
        mem_fail_at(at, false);
        int code = flush(&f, DB_ONE_TX);
        bool failed = mem_count() >= at;
        mem_fail_at(0, false);
        if (!failed)
            assert_int_equal(code, 0);
        else
            assert_int_equal(code, fake.committed ? ERR_UNCLEAR : ERR_NOMEM);
        check_usable(&f);
        close_db(&f);
        if (!failed)
            break;
    }
}

struct oddity {
    struct fake_answer answer;
    int code;
    int statement;
    bool dead;
};

static void check_oddity(const struct oddity *oddity, unsigned flags) {
    struct fixture f;
    const struct fake_answer script[] = {oddity->answer, {.sql = NULL}};
    open_db(&f);
    fake.script = script;
    assert_int_equal(flush(&f, flags), oddity->code);
    assert_int_equal(f.err.statement, oddity->statement);
    assert_int_equal(db_is_dead(f.db), oddity->dead);
    check_usable(&f);
    close_db(&f);
}

static void answers_that_are_not_right(void **state) {
    static const struct oddity oddities[] = {
        /* Trap 1: the server says OK, and did nothing. */
        {{.sql = "COMMIT", .tag = "ROLLBACK"}, ERR_TRANSIENT, 2, false},
        {{.sql = "COMMIT", .tag = "COMMIT PREPARED"}, ERR_TRANSIENT, 2, false},
        {{.sql = "COMMIT", .tag = ""}, ERR_TRANSIENT, 2, false},
        {{.sql = "COMMIT", .keeps_transaction = true}, ERR_UNCLEAR, -1, true},
        {{.sql = "COMMIT", .sqlstate = "23503"}, ERR_ROW, 2, false},
        {{.sql = "COMMIT", .sqlstate = "40001"}, ERR_TRANSIENT, 2, false},
        {{.sql = "COMMIT", .sqlstate = "57P01", .severity = "FATAL"}, ERR_UNCLEAR, 2, true},
        {{.sql = "COMMIT", .no_sqlstate = true}, ERR_UNCLEAR, 2, true},
        {{.sql = "COMMIT", .nothing = true}, ERR_UNCLEAR, 2, true},
        {{.sql = "COMMIT", .status = PGRES_PIPELINE_ABORTED}, ERR_UNCLEAR, 2, true},
        {{.sql = "INSERT", .status = PGRES_COPY_IN}, ERR_UNCLEAR, 2, true},
        {{.sql = "INSERT", .status = PGRES_BAD_RESPONSE}, ERR_UNCLEAR, 2, true},
        {{.sql = "INSERT", .nothing = true}, ERR_UNCLEAR, 2, true},
        {{.sql = "INSERT", .no_sqlstate = true}, ERR_UNCLEAR, 2, true},
        {{.sql = "INSERT", .sqlstate = "57P02", .severity = "FATAL"}, ERR_UNCLEAR, 2, true},
        {{.sql = "INSERT", .sqlstate = "57P02", .severity = "PANIC"}, ERR_UNCLEAR, 2, true},
        {{.sql = "INSERT", .sqlstate = "23505"}, ERR_DUPLICATE, 0, false},
        {{.sql = "SELECT two", .sqlstate = "22P02"}, ERR_ROW, 1, false},
        {{.sql = "BEGIN", .sqlstate = "53300"}, ERR_CONNECT, -1, false},
        /* No row to bisect to in front of the first statement. */
        {{.sql = "SELECT pg_catalog.set", .sqlstate = "22023"}, ERR_SQL, -1, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(oddities) / sizeof(oddities[0]); i++)
        check_oddity(&oddities[i], DB_ONE_TX);
}

static void the_same_without_commit(void **state) {
    static const struct oddity oddities[] = {
        {{.sql = "INSERT", .status = PGRES_COPY_OUT}, ERR_LOST, -1, true},
        {{.sql = "INSERT", .nothing = true}, ERR_LOST, -1, true},
        {{.sql = "INSERT", .no_sqlstate = true}, ERR_LOST, -1, true},
        {{.sql = "INSERT", .sqlstate = "57P01", .severity = "FATAL"}, ERR_LOST, 0, true},
        {{.sql = "INSERT", .sqlstate = "25P03", .severity = "FATAL"}, ERR_LOST, 0, true},
        {{.sql = "INSERT", .sqlstate = "40P01"}, ERR_TRANSIENT, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(oddities) / sizeof(oddities[0]); i++)
        check_oddity(&oddities[i], DB_BEGIN);
}

static void the_sync_is_not_right(void **state) {
    struct fixture f;
    (void)state;
    open_db(&f);
    fake.empty_answers = 2;
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    fake.empty_answers = 9;
    assert_int_equal(flush(&f, DB_BEGIN), ERR_LOST);
    close_db(&f);
    open_db(&f);
    fake.no_sync = true;
    assert_int_equal(flush(&f, DB_BEGIN), ERR_LOST);
    assert_true(db_is_dead(f.db));
    close_db(&f);
    /* The COMMIT was answered before: that holds. */
    open_db(&f);
    fake.no_sync = true;
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    assert_true(db_is_dead(f.db));
    close_db(&f);
}

static void a_statement_ends_the_transaction(void **state) {
    static const struct db_query ends[] = {{.sql = "ROLLBACK"}};
    struct fixture f;
    (void)state;
    open_db(&f);
    assert_int_equal(db_flush(f.db, DB_BEGIN, &tx, ends, 1, NULL, NULL, &f.err), ERR_INTERNAL);
    assert_true(db_is_dead(f.db));
    close_db(&f);
}

static void begin_inside_a_transaction(void **state) {
    struct fixture f;
    (void)state;
    open_db(&f);
    assert_int_equal(flush(&f, DB_BEGIN), 0);
    assert_int_equal(flush(&f, DB_BEGIN), ERR_INTERNAL);
    assert_false(db_is_dead(f.db));
    assert_int_equal(commit(&f), ERR_TRANSIENT);
    check_usable(&f);
    close_db(&f);
}

/* One late cancel may hit the ROLLBACK; when the second fails too, only closing ends the transaction for certain. */
static void rollback_fails(void **state) {
    static const struct fake_answer once[] = {
        {.sql = "INSERT", .sqlstate = "40P01"}, {.sql = "ROLLBACK", .sqlstate = "57014", .times = 1}, {.sql = NULL}};
    static const struct fake_answer always[] = {
        {.sql = "INSERT", .sqlstate = "40P01"}, {.sql = "ROLLBACK", .sqlstate = "57014"}, {.sql = NULL}};
    struct fixture f;
    (void)state;
    open_db(&f);
    fake.script = once;
    assert_int_equal(flush(&f, DB_ONE_TX), ERR_TRANSIENT);
    assert_false(db_is_dead(f.db));
    check_usable(&f);
    close_db(&f);
    open_db(&f);
    fake.script = always;
    assert_int_equal(flush(&f, DB_ONE_TX), ERR_TRANSIENT);
    assert_true(db_is_dead(f.db));
    close_db(&f);
}

/* The clock is the fake's: nobody waits a minute here. */
static void a_silent_server_is_given_up(void **state) {
    struct fixture f;
    (void)state;
    open_db(&f);
    fake.silent = true;
    assert_int_equal(flush(&f, DB_BEGIN), ERR_LOST);
    assert_in_range(fake.now_us, 61000000, 62000000);
    close_db(&f);
    open_db(&f);
    assert_int_equal(flush(&f, DB_BEGIN), 0);
    fake.silent = true;
    assert_int_equal(commit(&f), ERR_UNCLEAR); /* under the limits of its BEGIN */
    close_db(&f);
}

static void cancel_now(void *context) {
    db_cancel(context);
}

static void a_cancel_is_told_from_a_timeout(void **state) {
    static const struct fake_answer script[] = {{.sql = "INSERT", .sqlstate = "57014"}, {.sql = NULL}};
    struct fixture f;
    (void)state;
    open_db(&f);
    fake.script = script;
    assert_int_equal(flush(&f, DB_ONE_TX), ERR_SLOW);
    fake.on_poll = cancel_now;
    fake.on_poll_context = f.db;
    assert_int_equal(flush(&f, DB_ONE_TX), ERR_CANCELLED);
    fake.on_poll = NULL;
    db_cancel(f.db); /* while nothing runs: the next timeout is a timeout */
    assert_int_equal(flush(&f, DB_ONE_TX), ERR_SLOW);
    close_db(&f);
}

static void a_script_fails(void **state) {
    static const struct fake_answer script[] = {{.sql = "CREATE", .sqlstate = "42P07"}, {.sql = NULL}};
    struct fixture f;
    (void)state;
    open_db(&f);
    assert_int_equal(db_script(f.db, "CREATE TABLE", &f.err), 0);
    assert_string_equal(fake.log, "CREATE T;");
    fake.script = script;
    assert_int_equal(db_script(f.db, "CREATE TABLE", &f.err), ERR_SQL);
    assert_false(db_is_dead(f.db));
    close_db(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flush_is_one_pipeline),
        cmocka_unit_test(lost_at_every_call),
        cmocka_unit_test(lost_at_every_call_without_commit),
        cmocka_unit_test(reading_is_never_unclear),
        cmocka_unit_test(lost_after_an_error_is_not_unclear),
        cmocka_unit_test(no_memory_in_libpq_at_every_statement),
        cmocka_unit_test(no_memory_of_ours),
        cmocka_unit_test(answers_that_are_not_right),
        cmocka_unit_test(the_same_without_commit),
        cmocka_unit_test(the_sync_is_not_right),
        cmocka_unit_test(a_statement_ends_the_transaction),
        cmocka_unit_test(begin_inside_a_transaction),
        cmocka_unit_test(rollback_fails),
        cmocka_unit_test(a_silent_server_is_given_up),
        cmocka_unit_test(a_cancel_is_told_from_a_timeout),
        cmocka_unit_test(a_script_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
