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
static const struct sql_value one = {.kind = VALUE_TEXT, .ptr = "1", .len = 1};
static const struct db_query queries[] = {{.sql = "INSERT one", .args = &one, .arg_count = 1},
                                          {.sql = "SELECT two", .args = &one, .arg_count = 1, .returns_rows = true}};

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

/* The law of D3 (postgres_fake_test.c), for a loss at every call of a flush that prepares first, fails to, or is made once more: what only
 * reads is never unclear, and a success is one of the transaction's own COMMIT. */
static int lose_at_every_call(const struct fake_answer *script, bool is_kept) {
    int at = 1;
    for (bool was_lost = true; was_lost; at++) {
        struct fixture f;
        assert_true(at < FAULTS_MAX);
        open_db(&f);
        if (is_kept)
            assert_int_equal(flush(&f, DB_ONE_TX), 0);
        fake_again();
        fake.script = script;
        fake.lose_at = at;
        int code = flush(&f, DB_ONE_TX);
        was_lost = fake.lose_at == 0;
        const char *begin = strstr(fake.log, "BEGIN IS");
        for (const char *next = begin; next != NULL; next = strstr(next + 1, "BEGIN IS"))
            begin = next;
        bool writes = begin != NULL && strstr(begin, "INSERT o") != NULL && strstr(begin, "+INSERT") == NULL;
        if (!was_lost || (writes && fake.commit_answered))
            assert_int_equal(code, 0);
        else if (fake.error_answered) /* its COMMIT is skipped */
            assert_true(code == ERR_LOST || code == ERR_TRANSIENT);
        else
            assert_int_equal(code, writes && fake.commit_handed_over ? ERR_UNCLEAR : ERR_LOST);
        assert_true(code != 0 || (writes && fake.committed));
        assert_true(!was_lost || db_is_dead(f.db));
        close_db(&f);
    }
    return at;
}

static void lost_at_every_call(void **state) {
    static const struct fake_answer nothing[] = {{.sql = NULL}};
    static const struct fake_answer unprepared[] = {{.sql = "PREPARE INSERT", .sqlstate = "42P01", .times = 1}, {.sql = NULL}};
    static const struct fake_answer changed[] = {{.sql = "SELECT two", .sqlstate = "XX000", .times = 1}, {.sql = NULL}};
    (void)state;
    int calls = lose_at_every_call(nothing, true);
    assert_true(lose_at_every_call(nothing, false) > calls);
    assert_true(lose_at_every_call(unprepared, false) > calls);
    assert_true(lose_at_every_call(changed, true) > 2 * calls);
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

/* It is sent as before, once and for all; the others are prepared when they have come twice more. */
static void what_cannot_be_prepared_is_sent(void **state) {
    static const struct fake_answer script[] = {{.sql = "PREPARE INSERT", .sqlstate = "42P01"}, {.sql = NULL}};
    struct fixture f;
    (void)state;
    open_db(&f);
    fake.script = script;
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    assert_non_null(strstr(fake.log, "+INSERT"));
    assert_non_null(strstr(fake.log, by_text));
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    assert_string_equal(fake.log, by_text);
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    assert_non_null(strstr(fake.log, "+SELECT p;+SELECT t;COMMIT;BEGIN IS;=SELECT p;INSERT o;=SELECT t;COMMIT;"));
    close_db(&f);
}

static void a_lock_in_the_way_is_no_reason_for_ever(void **state) {
    static const struct fake_answer script[] = {{.sql = "PREPARE INSERT", .sqlstate = "55P03", .times = 1}, {.sql = NULL}};
    struct fixture f;
    (void)state;
    open_db(&f);
    fake.script = script;
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    assert_non_null(strstr(fake.log, "DEALLOCA")); /* what was prepared in front of it */
    for (int i = 0; i < 4; i++)
        assert_int_equal(flush(&f, DB_ONE_TX), 0);
    assert_string_equal(fake.log, by_name);
    close_db(&f);
}

static int polls_left;

static void cancel_later(void *db) {
    if (--polls_left == 0)
        db_cancel(db);
}

/* The server has nothing to cancel at any of these moments; while preparing, it is not lost on the flush all the same. */
static void cancelled_while_preparing(void **state) {
    int cancelled = 0, code = 0;
    (void)state;
    for (int at = 1; at < FAULTS_MAX; at++) {
        struct fixture f;
        open_db(&f);
        polls_left = at;
        fake.on_poll = cancel_later;
        fake.on_poll_context = f.db;
        code = flush(&f, DB_ONE_TX);
        bool was_asked = polls_left <= 0;
        assert_true(code == 0 || (code == ERR_CANCELLED && was_asked));
        assert_true(code == 0 || strstr(fake.log, by_name) == NULL);
        cancelled += code != 0;
        polls_left = 0;
        assert_int_equal(flush(&f, DB_ONE_TX), 0);
        close_db(&f);
        if (!was_asked)
            break;
    }
    assert_true(cancelled > 2);
}

static const char once_more[] = "ROLLBACK;BEGIN IS;SELECT p;DEALLOCA;COMMIT;BEGIN IS;SELECT p;INSERT o;SELECT t;COMMIT;";

/* Then nothing of the transaction is committed: it is made once more by texts where it began here, and else is as good as a deadlock's. */
static void kept_no_more(void **state) {
    static const struct fake_answer scripts[][2] = {
        {{.sql = "INSERT", .sqlstate = "XX000", .times = 1}, {.sql = NULL}},
        {{.sql = "SELECT two", .sqlstate = "0A000", .place = "RevalidateCachedQuery", .times = 1}, {.sql = NULL}}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        open_db(&f);
        assert_int_equal(flush(&f, DB_ONE_TX), 0);
        fake_again();
        fake.script = scripts[i];
        assert_int_equal(flush(&f, DB_ONE_TX), 0);
        assert_non_null(strstr(fake.log, once_more));
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

/* A session that does not know what it prepared is somebody else's: there nothing is given up, and nothing kept again. */
static void the_session_was_not_our_own(void **state) {
    static const struct fake_answer script[] = {{.sql = "INSERT", .sqlstate = "26000", .times = 1}, {.sql = NULL}};
    struct fixture f;
    (void)state;
    open_db(&f);
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    fake.script = script;
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    assert_non_null(strstr(fake.log, "ROLLBACK;BEGIN IS;SELECT p;INSERT o;SELECT t;COMMIT;"));
    for (int i = 0; i < 4; i++)
        assert_int_equal(flush(&f, DB_ONE_TX), 0);
    assert_string_equal(fake.log, by_text);
    close_db(&f);
}

/* What is sent by its text has its own error in the second attempt, the COMMIT's too. */
static void the_second_attempt_is_the_last(void **state) {
    static const struct fake_answer script[] = {{.sql = "INSERT", .sqlstate = "XX000"}, {.sql = NULL}};
    struct fixture f;
    (void)state;
    open_db(&f);
    assert_int_equal(flush(&f, DB_ONE_TX), 0);
    fake.script = script;
    int code = flush(&f, DB_ONE_TX);
    assert_true(code != 0 && code != ERR_TRANSIENT);
    assert_int_equal(f.err.statement, 0);
    close_db(&f);
}

static void what_has_one_plan_or_one_moment_is_not_kept(void **state) {
    static const struct db_query pairs[][2] = {{{.sql = "INSERT one"}, {.sql = "SELECT two", .returns_rows = true}},
                                               {{.sql = "INSERT one, timestamptz 'Now'", .args = &one, .arg_count = 1},
                                                {.sql = "SELECT two, 'today'::date", .args = &one, .arg_count = 1}}};
    (void)state;
    for (size_t n = 0; n < 2; n++) {
        struct fixture f;
        open_db(&f);
        for (int i = 0; i < 5; i++) {
            fake.log[0] = '\0';
            assert_int_equal(db_flush(f.db, DB_ONE_TX, &tx, pairs[n], 2, &f.arena, f.results, &f.err), 0);
        }
        assert_non_null(strstr(fake.log, "INSERT o;SELECT t;COMMIT;"));
        assert_null(strstr(fake.log, "=INSERT"));
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
        cmocka_unit_test(what_has_one_plan_or_one_moment_is_not_kept),
        cmocka_unit_test(lost_at_every_call),
        cmocka_unit_test(no_memory_of_ours),
        cmocka_unit_test(what_cannot_be_prepared_is_sent),
        cmocka_unit_test(a_lock_in_the_way_is_no_reason_for_ever),
        cmocka_unit_test(cancelled_while_preparing),
        cmocka_unit_test(kept_no_more),
        cmocka_unit_test(the_session_was_not_our_own),
        cmocka_unit_test(the_second_attempt_is_the_last),
        cmocka_unit_test(other_errors_are_themselves),
    };
    return cmocka_run_group_tests_name("postgres_kept", tests, NULL, NULL);
}
