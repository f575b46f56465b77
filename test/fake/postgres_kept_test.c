/* postgres_kept_test.c - statements that stay prepared, and every way in which that can fail, without a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "db/db.h"
#include "libpq_fake.h"

enum { FAULTS_MAX = 300, QUERY_COUNT = 2 };

static const char by_text[] = "BEGIN IS;SELECT p;INSERT o;SELECT t;COMMIT;";
static const char by_name[] = "BEGIN IS;=SELECT p;=INSERT o;=SELECT t;COMMIT;";
static const struct db_tx tx = {.statement_timeout_ms = 1000, .lock_timeout_ms = 100, .idle_timeout_ms = 1000};
static const struct db_query queries[] = {{.sql = "INSERT one"}, {.sql = "SELECT two", .returns_rows = true}};

struct fixture {
    struct db *db;
    struct arena arena;
    struct err err;
    struct db_result results[QUERY_COUNT];
};

static int flush(struct fixture *f, unsigned flags) {
    err_clear(&f->err);
    fake.log[0] = '\0';
    return db_flush(f->db, flags, &tx, queries, QUERY_COUNT, &f->arena, f->results, &f->err);
}

/* A session of its own; the next flush with a BEGIN is the first one that prepares. */
static void open_db(struct fixture *f) {
    struct db_options options = {.url = "postgresql://fake", .application_name = "infill fake", .connect_timeout_ms = 2000};
    fake_reset();
    fake.own_session = true;
    err_clear(&f->err);
    arena_init(&f->arena);
    assert_int_equal(db_open(&options, &f->db, &f->err), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(flush(f, DB_ONE_TX), 0);
        assert_non_null(strstr(fake.log, "INSERT o;SELECT t;COMMIT;"));
        assert_null(strstr(fake.log, "=INSERT"));
    }
}

static void close_db(struct fixture *f) {
    mem_fail_at(0, false);
    db_close(f->db);
    arena_release(&f->arena);
    assert_int_equal(fake.results_open, 0);
    assert_int_equal(fake.connections_open, 0);
}

static void what_comes_again_is_prepared(void **state) {
    struct fixture f;
    (void)state;
    open_db(&f);
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    assert_non_null(strstr(fake.log, "+INSERT o;+SELECT t;COMMIT;"));
    assert_non_null(strstr(fake.log, by_name));
    assert_int_equal(f.results[0].affected, 3);
    assert_string_equal(db_cell(&f.results[1], 0, 0), "public, pg_temp");
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    assert_string_equal(fake.log, by_name);
    close_db(&f);
}

static void nothing_is_through_a_pooler(void **state) {
    struct fixture f;
    struct db_options options = {.url = "postgresql://fake", .application_name = "infill fake", .connect_timeout_ms = 2000};
    (void)state;
    fake_reset();
    err_clear(&f.err);
    arena_init(&f.arena);
    assert_int_equal(db_open(&options, &f.db, &f.err), 0);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(flush(&f, DB_ONE_TX), 0);
        assert_string_equal(fake.log, by_text);
    }
    close_db(&f);
}

/* The law of D3 (postgres_fake_test.c), for a loss while preparing and while executing by name: what prepares commits nothing. */
static void lost_at_every_call(void **state) {
    (void)state;
    for (int at = 1;; at++) {
        struct fixture f;
        assert_true(at < FAULTS_MAX);
        open_db(&f);
        fake.lose_at = at;
        int code = flush(&f, DB_ONE_TX);
        bool was_lost = fake.lose_at == 0;
        if (was_lost && strstr(fake.log, "=INSERT") == NULL)
            assert_int_equal(code, ERR_LOST);
        else if (was_lost && !fake.commit_answered)
            assert_int_equal(code, fake.commit_handed_over ? ERR_UNCLEAR : ERR_LOST);
        else
            assert_int_equal(code, 0);
        assert_true(!was_lost || db_is_dead(f.db));
        assert_true(code != 0 || fake.committed);
        close_db(&f);
        if (!was_lost)
            break;
    }
}

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
        if (!failed || code == 0) /* what cannot be prepared is sent */
            assert_int_equal(code, 0);
        else
            assert_int_equal(code,
                             strstr(fake.log, "INSERT o;=SELECT t;COMMIT") != NULL && fake.committed ? ERR_UNCLEAR : ERR_NOMEM);
        close_db(&f);
        if (!failed)
            break;
    }
}

/* It is sent as before, once and for all. */
static void what_cannot_be_prepared_is_sent(void **state) {
    static const struct fake_answer script[] = {{.sql = "PREPARE INSERT", .sqlstate = "55P03"}, {.sql = NULL}};
    struct fixture f;
    (void)state;
    open_db(&f);
    fake.script = script;
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    assert_non_null(strstr(fake.log, "+INSERT"));
    assert_non_null(strstr(fake.log, by_text));
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    assert_string_equal(fake.log, by_text);
    close_db(&f);
}

static void cancel(void *db) {
    fake.on_poll = NULL;
    db_cancel(db);
}

/* A cancel that hits what prepares is not lost on the flush. */
static void cancelled_while_preparing(void **state) {
    static const struct fake_answer script[] = {{.sql = "PREPARE INSERT", .sqlstate = "57014"}, {.sql = NULL}};
    struct fixture f;
    (void)state;
    open_db(&f);
    fake.script = script;
    fake.on_poll = cancel;
    fake.on_poll_context = f.db;
    assert_int_equal(flush(&f, DB_ONE_TX), ERR_CANCELLED);
    assert_int_equal(f.err.statement, -1);
    assert_null(strstr(fake.log, "INSERT o;SELECT t"));
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    assert_string_equal(fake.log, by_text);
    close_db(&f);
}

/* Then nothing of the transaction is committed: it is made once more by texts where it began here, and else is as good as a deadlock's. */
static void kept_no_more(void **state) {
    static const struct fake_answer scripts[][2] = {
        {{.sql = "INSERT", .sqlstate = "26000", .times = 1}, {.sql = NULL}},
        {{.sql = "SELECT two", .sqlstate = "0A000", .place = "RevalidateCachedQuery", .times = 1}, {.sql = NULL}}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        open_db(&f);
        assert_int_equal(flush(&f, DB_ONE_TX), 0);
        fake_again();
        fake.script = scripts[i];
        assert_int_equal(flush(&f, DB_ONE_TX), 0);
        assert_non_null(strstr(fake.log, "ROLLBACK;BEGIN IS;SELECT p;DEALLOCA;COMMIT;BEGIN IS;SELECT p;INSERT o;SELECT t;COMMIT;"));
        for (int n = 0; n < 3; n++)
            assert_int_equal(flush(&f, DB_ONE_TX), 0);
        assert_string_equal(fake.log, by_name);
        fake_again();
        assert_int_equal(db_flush(f.db, DB_BEGIN, &tx, NULL, 0, NULL, NULL, &f.err), 0);
        assert_int_equal(flush(&f, DB_COMMIT), ERR_TRANSIENT);
        assert_false(fake.committed);
        assert_int_equal(flush(&f, DB_ONE_TX), 0);
        close_db(&f);
    }
}

/* The same codes mean what they always mean where nothing was kept, or somebody else says them. */
static void other_errors_are_themselves(void **state) {
    static const struct fake_answer script[] = {{.sql = "INSERT", .sqlstate = "0A000", .place = "transformFoo"}, {.sql = NULL}};
    struct fixture f;
    (void)state;
    open_db(&f);
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    fake.script = script;
    int code = flush(&f, DB_ONE_TX);
    assert_true(code != 0 && code != ERR_TRANSIENT);
    assert_null(strstr(fake.log, "DEALLOCA"));
    close_db(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_again_is_prepared),
        cmocka_unit_test(nothing_is_through_a_pooler),
        cmocka_unit_test(lost_at_every_call),
        cmocka_unit_test(no_memory_of_ours),
        cmocka_unit_test(what_cannot_be_prepared_is_sent),
        cmocka_unit_test(cancelled_while_preparing),
        cmocka_unit_test(kept_no_more),
        cmocka_unit_test(other_errors_are_themselves),
    };
    return cmocka_run_group_tests_name("postgres_kept", tests, NULL, NULL);
}
