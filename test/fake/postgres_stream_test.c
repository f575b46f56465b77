/* postgres_stream_test.c - every way in which a stream of the PostgreSQL driver can fail, without a server. The law: 0 means that all rows
 * were handed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "db/db.h"
#include "libpq_fake.h"

enum { FAULTS_MAX = 2000, ROWS = 230 /* five FETCHes, one of them cut short */ };

static const struct db_tx tx = {.statement_timeout_ms = 1000, .read_only = true};
static const struct db_query query = {.sql = "SELECT"};

struct fixture {
    struct db *db;
    struct err err;
    int rows;
    int refuse_at;
    int cancel_at;
};

static void open_db(struct fixture *f) {
    struct db_options options = {.url = "postgresql://fake", .application_name = "infill fake", .connect_timeout_ms = 2000};
    memset(f, 0, sizeof(*f));
    fake_reset();
    err_clear(&f->err);
    assert_int_equal(db_open(&options, &f->db, &f->err), 0);
    assert_int_equal(db_flush(f->db, DB_BEGIN, &tx, NULL, 0, NULL, NULL, &f->err), 0);
    fake.cursor_rows = ROWS;
    fake.log[0] = '\0';
}

static void close_db(struct fixture *f) {
    mem_fail_at(0, false);
    db_close(f->db);
    assert_int_equal(fake.results_open, 0);
    assert_int_equal(fake.connections_open, 0);
}

static int take(void *context, const struct datum *row, unsigned columns, struct err *err) {
    struct fixture *f = context;
    assert_int_equal(columns, 2);
    assert_int_equal(row[1].kind, DATUM_TEXT);
    assert_int_equal(row[1].size, strlen("a row"));
    f->rows++;
    if (f->rows == f->cancel_at)
        db_cancel(f->db);
    return f->rows == f->refuse_at ? err_set(err, ERR_PLAN, "refused") : 0;
}

static int stream(struct fixture *f) {
    err_clear(&f->err);
    return db_stream(f->db, &query, take, f, &f->err);
}

/* D1: not in a transaction, or not alive; and when alive, of use. */
static void check_usable(struct fixture *f) {
    struct err err;
    err_clear(&err);
    fake.script = NULL;
    fake.no_rows_mode = false;
    fake.lose_at = 0;
    if (db_is_dead(f->db)) {
        assert_int_equal(db_flush(f->db, DB_ONE_TX, &tx, &query, 1, NULL, NULL, &err), ERR_LOST);
        return;
    }
    assert_int_equal(db_flush(f->db, DB_COMMIT, NULL, NULL, 0, NULL, NULL, &err), ERR_TRANSIENT);
    assert_int_equal(db_flush(f->db, DB_ONE_TX, &tx, &query, 1, NULL, NULL, &err), 0);
}

static void a_fetch_is_always_on_its_way(void **state) {
    static const int counts[] = {0, 1, 49, 50, 51, 99, 100, 101, ROWS};
    static const char *const logs[] = {"DECLARE ;FETCH FO;FETCH FO;CLOSE in;", "DECLARE ;FETCH FO;FETCH FO;FETCH FO;CLOSE in;"};
    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct fixture f;
        open_db(&f);
        fake.cursor_rows = counts[i];
        assert_int_equal(stream(&f), 0);
        assert_int_equal(f.rows, counts[i]);
        if (counts[i] < 100)
            assert_string_equal(fake.log, logs[counts[i] >= 50]);
        assert_int_equal(db_flush(f.db, DB_COMMIT, NULL, NULL, 0, NULL, NULL, &f.err), 0);
        close_db(&f);
    }
}

static void lost_at_every_call(void **state) {
    (void)state;
    for (int last_words = 0; last_words < 300; last_words += 60)
        for (int at = 1;; at++) {
            struct fixture f;
            assert_true(at < FAULTS_MAX);
            open_db(&f);
            fake.lose_at = at;
            fake.last_words = last_words;
            int code = stream(&f);
            bool was_lost = fake.lose_at == 0;
            assert_int_equal(code, was_lost ? ERR_LOST : 0);
            assert_true(was_lost || f.rows == ROWS);
            if (was_lost)
                check_usable(&f);
            close_db(&f);
            if (!was_lost)
                break;
        }
}

/* What the row function said stands, whatever becomes of the rest. */
static void lost_after_a_refusal(void **state) {
    (void)state;
    for (int at = 1;; at++) {
        struct fixture f;
        assert_true(at < FAULTS_MAX);
        open_db(&f);
        f.refuse_at = 60;
        fake.lose_at = at;
        int code = stream(&f);
        bool was_lost = fake.lose_at == 0;
        assert_int_equal(code, f.rows == 60 ? ERR_PLAN : ERR_LOST);
        assert_int_equal(code, f.err.code);
        assert_true(f.rows <= 60);
        check_usable(&f);
        close_db(&f);
        if (!was_lost)
            break;
    }
}

static void no_memory_in_libpq_at_every_statement(void **state) {
    (void)state;
    for (int at = 1;; at++) {
        struct fixture f;
        assert_true(at < FAULTS_MAX);
        open_db(&f);
        fake.send_fails_at = at;
        int code = stream(&f);
        if (fake.send_fails_at > 0) {
            assert_int_equal(code, 0);
            close_db(&f);
            break;
        }
        assert_int_equal(code, ERR_NOMEM);
        assert_true(db_is_dead(f.db));
        close_db(&f);
    }
}

static void no_memory_of_ours(void **state) {
    (void)state;
    for (unsigned long at = 1;; at++) {
        struct fixture f;
        assert_true(at < FAULTS_MAX);
        open_db(&f);
        mem_fail_at(at, false);
        int code = stream(&f);
        bool failed = mem_count() >= at;
        mem_fail_at(0, false);
        assert_int_equal(code, failed ? ERR_NOMEM : 0);
        if (failed)
            check_usable(&f);
        close_db(&f);
        if (!failed)
            break;
    }
}

static void answers_that_are_not_right(void **state) {
    static const struct {
        struct fake_answer answer;
        int code;
        bool dead;
    } rows[] = {
        {{.sql = "DECLARE", .sqlstate = "42703"}, ERR_SQL, false},
        {{.sql = "DECLARE", .nothing = true}, ERR_LOST, true},
        {{.sql = "DECLARE", .status = PGRES_TUPLES_OK}, ERR_LOST, true},
        {{.sql = "DECLARE", .no_sqlstate = true}, ERR_LOST, true},
        {{.sql = "DECLARE", .status = PGRES_PIPELINE_ABORTED}, ERR_LOST, true},
        {{.sql = "FETCH", .sqlstate = "22012"}, ERR_ROW, false},
        {{.sql = "FETCH", .sqlstate = "57014"}, ERR_SLOW, false},
        {{.sql = "FETCH", .sqlstate = "57P01", .severity = "FATAL"}, ERR_LOST, true},
        {{.sql = "FETCH", .nothing = true}, ERR_LOST, true},
        {{.sql = "FETCH", .no_sqlstate = true}, ERR_LOST, true},
        {{.sql = "FETCH", .status = PGRES_COPY_OUT}, ERR_LOST, true},
        {{.sql = "FETCH", .status = PGRES_PIPELINE_ABORTED}, ERR_LOST, true},
        {{.sql = "FETCH FORWARD 50 ", .sqlstate = "22012", .times = 2}, ERR_ROW, false},
        {{.sql = "FETCH FORWARD 400", .sqlstate = "22012"}, ERR_ROW, false},
        {{.sql = "FETCH FORWARD 400", .nothing = true}, ERR_LOST, true},
        {{.sql = "CLOSE", .sqlstate = "57014"}, ERR_SLOW, false},
        {{.sql = "CLOSE", .nothing = true}, ERR_LOST, true},
        {{.sql = "CLOSE", .tag = "", .keeps_transaction = true}, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture f;
        const struct fake_answer script[] = {rows[i].answer, {.sql = NULL}};
        open_db(&f);
        fake.script = script;
        int code = stream(&f);
        assert_int_equal(code, rows[i].code);
        assert_int_equal(db_is_dead(f.db), rows[i].dead);
        if (code != 0)
            check_usable(&f);
        close_db(&f);
    }
}

static void out_of_step(void **state) {
    struct fixture f;
    (void)state;
    open_db(&f);
    fake.no_rows_mode = true;
    assert_int_equal(stream(&f), ERR_LOST);
    close_db(&f);
    open_db(&f);
    fake.no_sync = true;
    assert_int_equal(stream(&f), ERR_LOST);
    close_db(&f);
    open_db(&f);
    fake.silent = true;
    assert_int_equal(stream(&f), ERR_LOST);
    assert_in_range(fake.now_us, 61000000, 62000000);
    close_db(&f);
}

static void a_cancel_between_two_rows(void **state) {
    struct fixture f;
    (void)state;
    open_db(&f);
    f.cancel_at = 70;
    assert_int_equal(stream(&f), ERR_CANCELLED);
    assert_int_equal(f.rows, 70);
    f.cancel_at = 0;
    check_usable(&f);
    close_db(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fetch_is_always_on_its_way),
        cmocka_unit_test(lost_at_every_call),
        cmocka_unit_test(lost_after_a_refusal),
        cmocka_unit_test(no_memory_in_libpq_at_every_statement),
        cmocka_unit_test(no_memory_of_ours),
        cmocka_unit_test(answers_that_are_not_right),
        cmocka_unit_test(out_of_step),
        cmocka_unit_test(a_cancel_between_two_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
