/* stream_test.c - db_stream: every kind of value, any number of rows in the memory of one, and no short result taken for the end. */
#include "contract.h"

#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum {
    MANY = 100000,
    ENDLESS = 1000000000, /* more than anybody waits for */
    WIDE = 100000,
    WIDE_ROWS = 1000,
    WIDE_MEMORY = 16 << 20, /* of the hundred megabytes that come by */
    SAMPLE = 50,            /* rows between two looks at the memory */
    WELL_BEFORE_US = 8000000,
};

/* What a test's row function sees and does. */
struct reader {
    struct contract *c;
    uint64_t rows;
    uint64_t refuse_at;
    uint64_t act_at;
    void (*act)(struct contract *c);
    const char *session;
    size_t memory_max;
    bool in_order;
    const struct contract_datum *wanted;
};

static int stream(struct contract *c, const char *sql, const char *arg, db_row_fn *row, void *context) {
    struct sql_value value = value_text(arg);
    struct db_query query = {.sql = contract_sql(c, sql), .args = &value, .arg_count = arg != NULL ? 1 : 0};
    err_clear(&c->err);
    return db_stream(c->db, &query, row, context, &c->err);
}

static const struct db_tx reading = {
    .statement_timeout_ms = 20000, .lock_timeout_ms = 10000, .idle_timeout_ms = 60000, .read_only = true};

static void begin(struct contract *c, const struct db_tx *tx) {
    EXPECT_OK(c, db_flush(c->db, DB_BEGIN, tx, NULL, 0, NULL, NULL, &c->err));
}

static void commit(struct contract *c) {
    EXPECT_OK(c, db_flush(c->db, DB_COMMIT, NULL, NULL, 0, NULL, NULL, &c->err));
}

/* D1, and of use. */
static void expect_usable(struct contract *c) {
    assert_false(db_is_dead(c->db));
    EXPECT(c, db_flush(c->db, DB_COMMIT, NULL, NULL, 0, NULL, NULL, &c->err), ERR_TRANSIENT);
    contract_run(c, c->db, "INSERT INTO contract_t VALUES (4711, 'usable')");
    assert_int_equal(contract_count(c, c->other, "SELECT count(*) FROM contract_t WHERE id = 4711"), 1);
}

static size_t memory_in_use(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* The rows of engine->rows, and of any other table whose first column counts. */
static int read_row(void *context, const struct datum *row, unsigned columns, struct err *err) {
    struct reader *r = context;
    char text[32];
    r->rows++;
    snprintf(text, sizeof(text), "row %" PRIu64, r->rows);
    r->in_order = r->in_order && row[0].kind == DATUM_INT && row[0].number == (int64_t)r->rows;
    if (columns > 1)
        r->in_order =
            r->in_order && row[1].kind == DATUM_TEXT && row[1].size == strlen(text) && memcmp(row[1].bytes, text, row[1].size) == 0;
    if (r->rows == r->act_at)
        r->act(r->c);
    return r->rows == r->refuse_at ? err_set(err, ERR_PLAN, "refused by the test") : 0;
}

static int read_wide(void *context, const struct datum *row, unsigned columns, struct err *err) {
    struct reader *r = context;
    (void)err;
    assert_int_equal(columns, 1);
    assert_int_equal(row[0].kind, DATUM_TEXT);
    assert_int_equal(row[0].size, WIDE);
    assert_true(row[0].bytes[0] == 'x' && row[0].bytes[WIDE - 1] == 'x');
    if (r->rows++ % SAMPLE == 0) {
        size_t used = memory_in_use();
        r->memory_max = used > r->memory_max ? used : r->memory_max;
    }
    return 0;
}

static bool is_long(const struct datum *datum, char letter) {
    if (datum->size != CONTRACT_LONG)
        return false;
    for (size_t i = 0; i < datum->size; i++)
        if (datum->bytes[i] != letter)
            return false;
    return true;
}

static bool has_bytes(const struct datum *datum, const struct datum *wanted) {
    if (wanted->size == CONTRACT_LONG)
        return is_long(datum, wanted->kind == DATUM_BYTES ? '\0' : 'x');
    return datum->size == wanted->size && (wanted->bytes == NULL || memcmp(datum->bytes, wanted->bytes, wanted->size) == 0);
}

/* -0.0 and 0.0 differ. */
static int read_datum(void *context, const struct datum *row, unsigned columns, struct err *err) {
    struct reader *r = context;
    const struct datum *wanted = &r->wanted->datum;
    (void)err;
    assert_int_equal(columns, 1);
    r->rows++;
    if (row->kind != wanted->kind || row->number != wanted->number || memcmp(&row->real, &wanted->real, sizeof(row->real)) != 0 ||
        !has_bytes(row, wanted))
        fail_msg("%s: %s %" PRId64 " %.17g, %zu bytes: %.*s; expected %s %" PRId64 " %.17g, %zu bytes", r->wanted->sql,
                 datum_kind_name(row->kind), row->number, row->real, row->size, (int)(row->size < 60 ? row->size : 60),
                 row->size > 0 ? row->bytes : "", datum_kind_name(wanted->kind), wanted->number, wanted->real, wanted->size);
    if (wanted->size > 0 || wanted->bytes != NULL)
        assert_non_null(row->bytes);
    return 0;
}

static void every_kind_of_value(void **state) {
    struct contract *c = *state;
    begin(c, &reading);
    for (const struct contract_datum *wanted = c->engine->datums; wanted->sql != NULL; wanted++) {
        struct reader r = {.wanted = wanted};
        struct db_query query = {
            .sql = contract_sql(c, wanted->sql), .args = &wanted->argument, .arg_count = wanted->argument.ptr != NULL ? 1 : 0};
        err_clear(&c->err);
        int code = db_stream(c->db, &query, read_datum, &r, &c->err);
        if (code != 0)
            fail_msg("%s: %s: %s", wanted->sql, err_name(code), c->err.message);
        assert_int_equal(r.rows, 1);
    }
    commit(c);
}

/* A value does not stay behind for the next row. */
static int read_nulls(void *context, const struct datum *row, unsigned columns, struct err *err) {
    static const enum datum_kind kinds[] = {DATUM_INT, DATUM_NULL, DATUM_INT, DATUM_NULL};
    struct reader *r = context;
    (void)err;
    assert_int_equal(columns, 2);
    assert_int_equal(row[0].kind, DATUM_INT);
    assert_int_equal(row[1].kind, kinds[r->rows] == DATUM_NULL ? DATUM_NULL : DATUM_TEXT);
    r->rows++;
    return 0;
}

static void null_among_values(void **state) {
    struct contract *c = *state;
    struct reader r = {.c = c};
    contract_run(c, c->db, "INSERT INTO contract_t VALUES (1, ''), (2, NULL), (3, 'c'), (4, NULL)");
    begin(c, &reading);
    EXPECT_OK(c, stream(c, "SELECT id, v FROM contract_t ORDER BY id", NULL, read_nulls, &r));
    assert_int_equal(r.rows, 4);
    commit(c);
}

static void many_rows_in_order(void **state) {
    struct contract *c = *state;
    struct reader r = {.c = c, .in_order = true};
    begin(c, &reading);
    EXPECT_OK(c, stream(c, c->engine->rows, "100000", read_row, &r));
    assert_int_equal(r.rows, MANY);
    assert_true(r.in_order);
    commit(c);
}

static void memory_of_one_row(void **state) {
    struct contract *c = *state;
    struct reader r = {.c = c};
    begin(c, &reading);
    size_t before = memory_in_use();
    EXPECT_OK(c, stream(c, c->engine->wide_rows, "1000", read_wide, &r));
    assert_int_equal(r.rows, WIDE_ROWS);
    assert_true(r.memory_max < before + WIDE_MEMORY);
    commit(c);
}

static void nothing_to_stream(void **state) {
    struct contract *c = *state;
    struct reader r = {.c = c};
    begin(c, &reading);
    EXPECT_OK(c, stream(c, "SELECT id, v FROM contract_t", NULL, read_row, &r));
    assert_int_equal(r.rows, 0);
    EXPECT_OK(c, stream(c, c->engine->rows, "0", read_row, &r));
    assert_int_equal(r.rows, 0);
    commit(c);
}

/* Between flushes of a transaction, and seeing what it wrote. The same text as a stream, as a query, as a stream. */
static void streams_and_flushes_take_turns(void **state) {
    struct contract *c = *state;
    static const char select[] = "SELECT id, v FROM contract_t ORDER BY id";
    contract_begin(c, c->db, "INSERT INTO contract_t VALUES (1, 'row 1'), (2, 'row 2')");
    for (uint64_t count = 2; count < 5; count++) {
        struct reader r = {.c = c, .in_order = true};
        struct db_result result;
        char insert[80];
        EXPECT_OK(c, stream(c, select, NULL, read_row, &r));
        assert_true(r.in_order && r.rows == count);
        struct db_query again = {.sql = select, .returns_rows = true};
        EXPECT_OK(c, db_flush(c->db, 0, NULL, &again, 1, &c->arena, &result, &c->err));
        assert_int_equal(result.row_count, count);
        snprintf(insert, sizeof(insert), "INSERT INTO contract_t VALUES (%" PRIu64 ", 'row %" PRIu64 "')", count + 1, count + 1);
        struct db_query query = {.sql = insert};
        EXPECT_OK(c, db_flush(c->db, 0, NULL, &query, 1, NULL, NULL, &c->err));
    }
    commit(c);
    assert_int_equal(contract_count(c, c->other, "SELECT count(*) FROM contract_t"), 5);
}

static void a_refused_row_ends_it(void **state) {
    struct contract *c = *state;
    static const uint64_t at[] = {1, 49, 50, 51, 1000, MANY};
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        struct reader r = {.c = c, .in_order = true, .refuse_at = at[i]};
        contract_script(c, "DELETE FROM contract_t");
        contract_begin(c, c->db, "INSERT INTO contract_t VALUES (1, 'a')");
        EXPECT(c, stream(c, c->engine->rows, "100000", read_row, &r), ERR_PLAN);
        assert_string_equal(c->err.message, "refused by the test");
        assert_int_equal(r.rows, at[i]);
        assert_true(r.in_order);
        expect_usable(c);
        assert_int_equal(contract_count(c, c->other, "SELECT count(*) FROM contract_t WHERE id = 1"), 0);
    }
}

/* Nobody waits for the rest. */
static void a_refused_row_ends_it_soon(void **state) {
    struct contract *c = *state;
    struct reader r = {.c = c, .in_order = true, .refuse_at = 3};
    int64_t start_us = clock_monotonic_us();
    begin(c, &reading);
    EXPECT(c, stream(c, c->engine->rows, "1000000000", read_row, &r), ERR_PLAN);
    assert_true(clock_monotonic_us() - start_us < WELL_BEFORE_US);
    expect_usable(c);
}

static void an_error_in_the_middle(void **state) {
    struct contract *c = *state;
    struct reader r = {.c = c, .in_order = true};
    contract_begin(c, c->db, "INSERT INTO contract_t VALUES (1, 'a')");
    EXPECT(c, stream(c, c->engine->fails_late, NULL, read_row, &r), ERR_ROW);
    assert_int_equal(c->err.statement, 0);
    assert_true(r.in_order && r.rows < MANY / 2);
    expect_usable(c);
    assert_int_equal(contract_count(c, c->other, "SELECT count(*) FROM contract_t WHERE id = 1"), 0);
}

static void an_error_at_the_start(void **state) {
    struct contract *c = *state;
    struct reader r = {.c = c};
    begin(c, &contract_tx);
    EXPECT(c, stream(c, "SELECT nothing_like_it FROM contract_t", NULL, read_row, &r), ERR_SQL);
    assert_int_equal(c->err.statement, 0);
    assert_int_equal(r.rows, 0);
    expect_usable(c);
}

static void a_stream_needs_a_transaction(void **state) {
    struct contract *c = *state;
    struct reader r = {.c = c};
    EXPECT(c, stream(c, "SELECT 1", NULL, read_row, &r), ERR_TRANSIENT);
    assert_int_equal(r.rows, 0);
    expect_usable(c);
}

static void out_of_time_in_the_middle(void **state) {
    struct contract *c = *state;
    struct reader r = {.c = c, .in_order = true};
    struct db_tx tx = contract_tx;
    int64_t start_us = clock_monotonic_us();
    tx.statement_timeout_ms = 700;
    begin(c, &tx);
    EXPECT(c, stream(c, c->engine->slow_late, NULL, read_row, &r), ERR_SLOW);
    assert_true(clock_monotonic_us() - start_us < WELL_BEFORE_US);
    assert_true(r.in_order);
    expect_usable(c);
}

static const char *victim;

static void kill_it(struct contract *c) {
    contract_kill(c, c->other, victim);
}

static void killed_in_the_middle(void **state) {
    struct contract *c = *state;
    static const uint64_t at[] = {1, 60, 30000};
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        struct reader r = {.c = c, .in_order = true, .act_at = at[i], .act = kill_it};
        victim = contract_session(c, c->db);
        begin(c, &reading);
        EXPECT(c, stream(c, c->engine->rows, "1000000000", read_row, &r), ERR_LOST);
        assert_true(r.in_order && r.rows >= at[i]);
        assert_true(db_is_dead(c->db));
        db_close(c->db);
        c->db = contract_open(c);
    }
}

struct canceller {
    struct db *db;
    atomic_bool done;
    atomic_bool go;
    pthread_t thread;
};

static void *keep_cancelling(void *argument) {
    struct canceller *canceller = argument;
    while (!atomic_load(&canceller->done))
        if (atomic_load(&canceller->go)) {
            db_cancel(canceller->db);
            break;
        }
    return NULL;
}

static int read_and_go(void *context, const struct datum *row, unsigned columns, struct err *err) {
    struct canceller *canceller = context;
    (void)row;
    (void)columns;
    (void)err;
    atomic_store(&canceller->go, true);
    return 0;
}

static void cancelled_in_the_middle(void **state) {
    struct contract *c = *state;
    struct canceller canceller = {.db = c->db};
    int64_t start_us = clock_monotonic_us();
    contract_begin(c, c->db, "INSERT INTO contract_t VALUES (1, 'a')");
    assert_int_equal(pthread_create(&canceller.thread, NULL, keep_cancelling, &canceller), 0);
    int code = stream(c, c->engine->rows, "1000000000", read_and_go, &canceller);
    atomic_store(&canceller.done, true);
    assert_int_equal(pthread_join(canceller.thread, NULL), 0);
    EXPECT(c, code, ERR_CANCELLED);
    assert_true(clock_monotonic_us() - start_us < WELL_BEFORE_US);
    assert_int_equal(contract_count(c, c->other, "SELECT count(*) FROM contract_t"), 0);
    if (contract_try(c, c->db, &contract_tx, "SELECT 1", NULL, 0) != 0) /* a cancel still on its way may hit what comes next */
        EXPECT(c, c->err.code, ERR_CANCELLED);
    expect_usable(c);
}

static uint64_t streamed(struct contract *c) {
    struct reader r = {.c = c};
    EXPECT_OK(c, stream(c, "SELECT id FROM contract_t ORDER BY id", NULL, read_row, &r));
    return r.rows;
}

static void write_behind(struct contract *c) {
    contract_run(c, c->other, "INSERT INTO contract_t SELECT max(id) + 1, 'more' FROM contract_t");
}

/* The moment is that of the first statement, if not before. */
static void a_snapshot_is_one_moment(void **state) {
    struct contract *c = *state;
    struct db_tx tx = reading;
    contract_run(c, c->db, "INSERT INTO contract_t VALUES (1, 'row 1'), (2, 'row 2')");
    tx.snapshot = true;
    begin(c, &tx);
    assert_int_equal(streamed(c), 2);
    write_behind(c);
    assert_int_equal(streamed(c), 2);
    struct db_result result;
    struct db_query count = {.sql = "SELECT count(*) FROM contract_t", .returns_rows = true};
    EXPECT_OK(c, db_flush(c->db, DB_COMMIT, NULL, &count, 1, &c->arena, &result, &c->err));
    assert_int_equal(db_cell_int(&result, 0, 0, -1), 2);
    tx.snapshot = false;
    begin(c, &tx);
    assert_int_equal(streamed(c), 3);
    write_behind(c);
    assert_int_equal(streamed(c), 4);
    commit(c);
}

/* A row that arrives while others are being written is not there in the middle of a stream either. */
static void a_stream_is_one_moment(void **state) {
    struct contract *c = *state;
    contract_run(c, c->db, c->engine->fill_t);
    struct reader r = {.c = c, .in_order = true, .act_at = 3, .act = write_behind};
    begin(c, &reading);
    EXPECT_OK(c, stream(c, "SELECT id FROM contract_t ORDER BY id", NULL, read_row, &r));
    assert_true(r.in_order);
    assert_int_equal(r.rows, 20000);
    commit(c);
}

const struct contract_test contract_stream_tests[] = {
    {"every kind of value", every_kind_of_value, 0},
    {"NULL among values", null_among_values, 0},
    {"many rows in order", many_rows_in_order, 0},
    {"memory of one row", memory_of_one_row, 0},
    {"nothing to stream", nothing_to_stream, 0},
    {"streams and flushes take turns", streams_and_flushes_take_turns, 0},
    {"a refused row ends it", a_refused_row_ends_it, 0},
    {"a refused row ends it soon", a_refused_row_ends_it_soon, 0},
    {"an error in the middle of a stream", an_error_in_the_middle, 0},
    {"an error at the start of a stream", an_error_at_the_start, 0},
    {"a stream needs a transaction", a_stream_needs_a_transaction, 0},
    {"out of time in the middle", out_of_time_in_the_middle, CAN_TIME_OUT},
    {"killed in the middle", killed_in_the_middle, CAN_KILL},
    {"cancelled in the middle", cancelled_in_the_middle, 0},
    {"a snapshot is one moment", a_snapshot_is_one_moment, CAN_DEADLOCK},
    {"a stream is one moment", a_stream_is_one_moment, CAN_DEADLOCK},
    {NULL, NULL, 0},
};
