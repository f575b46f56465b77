/* contract.c - the words the tests are written in. */
#include "contract.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

enum { ARGS_MAX = 8, POLL_MS = 10, POLLS_MAX = 1000 };

const struct db_tx contract_tx = {.statement_timeout_ms = 20000, .lock_timeout_ms = 10000, .idle_timeout_ms = 60000};

/* Questions take no write lock where reading and writing exclude each other. */
static const struct db_tx reading = {
    .statement_timeout_ms = 20000, .lock_timeout_ms = 10000, .idle_timeout_ms = 60000, .read_only = true};

void contract_expect(struct contract *c, int code, int wanted, const char *file, int line) {
    if (code == wanted)
        return;
    print_error("%s:%d: %s, expected %s: %s [%s] statement %d\n", file, line, code == 0 ? "OK" : err_name(code),
                wanted == 0 ? "OK" : err_name(wanted), c->err.message, c->err.sqlstate, c->err.statement);
    _fail(file, line);
}

struct db *contract_open(struct contract *c) {
    struct db_options options = {.url = c->url, .application_name = "infill contract", .connect_timeout_ms = 10000, .create = true};
    struct db *db = NULL;
    EXPECT_OK(c, db_open(&options, &db, &c->err));
    return db;
}

/* A ? inside quotes is text. */
const char *contract_sql(struct contract *c, const char *sql) {
    struct buf out;
    unsigned number = 0;
    bool quoted = false;
    buf_init(&out);
    for (const char *at = sql; *at != '\0'; at++) {
        quoted = quoted != (*at == '\'');
        if (*at == '?' && !quoted && db_dialect(c->db)->numbered)
            buf_printf(&out, "$%u", ++number);
        else
            buf_add_char(&out, *at);
    }
    const char *text = arena_strdup(&c->arena, out.data);
    buf_release(&out);
    assert_non_null(text);
    return text;
}

int contract_try(struct contract *c, struct db *db, const struct db_tx *tx, const char *sql, struct db_result *result,
                 unsigned count, ...) {
    struct sql_value args[ARGS_MAX];
    va_list list;
    assert_true(count <= ARGS_MAX);
    va_start(list, count);
    for (unsigned i = 0; i < count; i++)
        args[i] = value_text(va_arg(list, const char *));
    va_end(list);
    struct db_query query = {.sql = contract_sql(c, sql), .args = args, .arg_count = count, .returns_rows = result != NULL};
    struct db_result ignored;
    err_clear(&c->err);
    return db_flush(db, DB_ONE_TX, tx, &query, 1, &c->arena, result != NULL ? result : &ignored, &c->err);
}

void contract_run(struct contract *c, struct db *db, const char *sql) {
    EXPECT_OK(c, contract_try(c, db, &contract_tx, sql, NULL, 0));
}

void contract_script(struct contract *c, const char *sql) {
    EXPECT_OK(c, db_script(c->db, sql, &c->err));
}

void contract_begin(struct contract *c, struct db *db, const char *sql) {
    struct db_query query = {.sql = contract_sql(c, sql)};
    struct db_result result;
    EXPECT_OK(c, db_flush(db, DB_BEGIN, &contract_tx, &query, 1, &c->arena, &result, &c->err));
}

const char *contract_text(struct contract *c, struct db *db, const char *sql) {
    struct db_result result;
    EXPECT_OK(c, contract_try(c, db, &reading, sql, &result, 0));
    assert_int_equal(result.row_count, 1);
    return db_cell(&result, 0, 0);
}

int64_t contract_count(struct contract *c, struct db *db, const char *sql) {
    struct db_result result;
    EXPECT_OK(c, contract_try(c, db, &reading, sql, &result, 0));
    assert_int_equal(result.row_count, 1);
    return db_cell_int(&result, 0, 0, -1);
}

/* A pair of numbers, or of a value that has bytes and a text. */
static int compare_pair(void *context, const struct datum *row, unsigned columns, struct err *err) {
    uint64_t *count = context;
    (void)err;
    assert_int_equal(columns, 2);
    bool is_same = row[1].kind == DATUM_TEXT ? row[0].size == row[1].size && memcmp(row[0].bytes, row[1].bytes, row[1].size) == 0
                                             : row[0].number == row[1].number;
    if (!is_same)
        fail_msg("row %llu: %s %lld %.*s, expected %s %lld %.*s", (unsigned long long)*count, datum_kind_name(row[0].kind),
                 (long long)row[0].number, (int)row[0].size, row[0].size > 0 ? row[0].bytes : "", datum_kind_name(row[1].kind),
                 (long long)row[1].number, (int)row[1].size, row[1].size > 0 ? row[1].bytes : "");
    ++*count;
    return 0;
}

void contract_pairs(struct contract *c, const char *sql) {
    struct db_query query = {.sql = sql};
    uint64_t count = 0;
    EXPECT_OK(c, db_flush(c->db, DB_BEGIN, &reading, NULL, 0, NULL, NULL, &c->err));
    EXPECT_OK(c, db_stream(c->db, &query, compare_pair, &count, &c->err));
    EXPECT_OK(c, db_flush(c->db, DB_COMMIT, NULL, NULL, 0, NULL, NULL, &c->err));
    assert_true(count > 0);
}

const char *contract_session(struct contract *c, struct db *db) {
    return contract_text(c, db, c->engine->session_id);
}

void contract_kill(struct contract *c, struct db *killer, const char *session) {
    struct db_result lives;
    EXPECT_OK(c, contract_try(c, killer, &contract_tx, c->engine->kill, &lives, 1, session));
    for (int polls = 0; polls < POLLS_MAX; polls++) {
        EXPECT_OK(c, contract_try(c, killer, &reading, c->engine->session_lives, &lives, 1, session));
        if (db_cell_int(&lives, 0, 0, -1) == 0)
            return;
        poll(NULL, 0, POLL_MS);
    }
    fail_msg("session %s is still there", session);
}
