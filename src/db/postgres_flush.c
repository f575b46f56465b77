/* postgres_flush.c - one flush: BEGIN and the transaction's settings, the statements, COMMIT, and one sync, sent as a pipeline and
 * answered in order.
 *
 * F1  Everything is sent before anything is read, without blocking: libpq keeps what the socket does not take, poll() waits both ways.
 * F2  A statement that fails makes the server skip the rest up to the sync, COMMIT too (D2, D4). The answers are read to the end.
 * F3  From the moment COMMIT is handed to libpq, a lost connection is ERR_UNCLEAR - unless an earlier statement was answered with an
 *     error, for then the COMMIT is skipped, or COMMIT itself was answered (D3).
 * F4  After an error the transaction is rolled back; if that does not work, the connection is closed, which does it too (D1).
 * F5  A COMMIT counts when its tag says COMMIT and the session is idle after it (D2). */
#include "db/postgres.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

enum {
    LEAD = 2,                       /* BEGIN and its settings */
    ANSWER_SLACK_US = 60 * 1000000, /* beyond the statement timeout: a server that stops answering is given up */
    ROLLBACK_LIMIT_US = 30 * 1000000,
    ROLLBACK_ATTEMPTS = 2, /* a late cancel may hit the first */
    EMPTY_ANSWERS_MAX = 2, /* NULLs of libpq in front of the sync */
    SETTING_ARGS = 5,
    NUMBER_MAX = 16,
};

/* NULL stands for the role's own default. */
static const char set_settings[] =
    "SELECT pg_catalog.set_config('statement_timeout', $1, true), pg_catalog.set_config('lock_timeout', $2, true),"
    " pg_catalog.set_config('idle_in_transaction_session_timeout', $3, true), pg_catalog.set_config('search_path', $4, true),"
    " pg_catalog.set_config('synchronous_commit', $5, true),"
    " pg_catalog.set_config('TimeZone', 'UTC', true), pg_catalog.set_config('DateStyle', 'ISO, MDY', true),"
    " pg_catalog.set_config('IntervalStyle', 'postgres', true), pg_catalog.set_config('extra_float_digits', '1', true),"
    " pg_catalog.set_config('bytea_output', 'hex', true), pg_catalog.set_config('standard_conforming_strings', 'on', true),"
    " pg_catalog.set_config('row_security', 'off', true), pg_catalog.set_config('jit', 'off', true),"
    " pg_catalog.set_config('client_min_messages', 'warning', true)";

/* Slots are the answers expected, in order: LEAD of them for DB_BEGIN, one per query, one for DB_COMMIT. */
struct flush {
    struct pg *pg;
    unsigned flags;
    const struct db_query *queries;
    size_t count;
    struct arena *arena;
    struct db_result *results;
    PGresult **raw; /* NULL, or where the only query's result goes */
    int64_t answer_limit_us;
    struct err *err;
    int code;         /* of the first error, also in err */
    bool failed;      /* the server answered a statement with an error: nothing can commit any more */
    bool commit_sent; /* perhaps */
    bool committed;
};

static size_t lead_of(const struct flush *f) {
    return f->flags & DB_BEGIN ? LEAD : 0;
}

static bool is_commit(const struct flush *f, size_t slot) {
    return slot == lead_of(f) + f->count;
}

/* The index that err.statement has for a slot. */
static int statement_of(const struct flush *f, size_t slot) {
    return slot < lead_of(f) ? -1 : (int)(slot - lead_of(f));
}

void pg_mark_dead(struct pg *pg) {
    pg->is_dead = true;
    PQfinish(pg->conn);
    pg->conn = NULL;
}

/* F3. Keeps the SQLSTATE that a server sent with its last words. */
static void lose(struct flush *f, const char *why) {
    char sqlstate[sizeof(f->err->sqlstate)] = "";
    pg_mark_dead(f->pg);
    if (f->failed || f->committed)
        return;
    if (f->code != 0)
        memcpy(sqlstate, f->err->sqlstate, sizeof(sqlstate));
    if (f->commit_sent)
        f->code = err_set(f->err, ERR_UNCLEAR, "the connection was lost after COMMIT was sent: %s", why);
    else if (f->code == 0)
        f->code = err_set(f->err, ERR_LOST, "the connection was lost: %s", why);
    if (f->commit_sent)
        f->err->statement = (int)f->count;
    memcpy(f->err->sqlstate, sqlstate, sizeof(sqlstate));
}

/* Sending */

static int check_args(const struct flush *f) {
    for (size_t i = 0; i < f->count; i++)
        for (unsigned j = 0; j < f->queries[i].arg_count; j++) {
            const struct sql_value *value = &f->queries[i].args[j];
            if (value->kind != VALUE_NULL && memchr(value->ptr, '\0', value->len) != NULL) {
                err_set(f->err, ERR_ROW, "a value holds a NUL character, which PostgreSQL cannot store");
                f->err->statement = (int)i;
                return ERR_ROW;
            }
        }
    return 0;
}

/* libpq wants C strings; views into keys are not. One block: the pointers, then the texts. */
static const char **c_strings(const struct sql_value *args, unsigned count) {
    size_t size = count * sizeof(char *);
    for (unsigned i = 0; i < count; i++)
        size += args[i].len + 1;
    const char **values = mem_alloc(size);
    if (values == NULL)
        return NULL;
    char *text = (char *)(values + count);
    for (unsigned i = 0; i < count; i++) {
        values[i] = args[i].kind == VALUE_NULL ? NULL : text;
        if (args[i].kind == VALUE_NULL)
            continue;
        memcpy(text, args[i].ptr, args[i].len);
        text[args[i].len] = '\0';
        text += args[i].len + 1;
    }
    return values;
}

/* Out of memory leaves half a pipeline behind, so the connection ends either way. */
static void send_failed(struct flush *f) {
    bool out_of_memory = PQstatus(f->pg->conn) == CONNECTION_OK;
    if (out_of_memory && !f->commit_sent) {
        f->code = err_nomem(f->err);
        f->failed = true;
    }
    lose(f, out_of_memory ? "out of memory" : "it was closed");
}

static void send_one(struct flush *f, const char *sql, const struct sql_value *args, unsigned count) {
    if (f->pg->is_dead)
        return;
    const char **values = count > 0 ? c_strings(args, count) : NULL;
    bool sent = (count == 0 || values != NULL) && PQsendQueryParams(f->pg->conn, sql, (int)count, NULL, values, NULL, NULL, 0) == 1;
    mem_free(values);
    if (!sent)
        send_failed(f);
}

static void send_begin(struct flush *f, const struct db_tx *tx) {
    char numbers[3][NUMBER_MAX];
    const unsigned settings[3] = {tx->statement_timeout_ms, tx->lock_timeout_ms, tx->idle_timeout_ms};
    struct sql_value args[SETTING_ARGS];
    for (size_t i = 0; i < 3; i++) {
        snprintf(numbers[i], NUMBER_MAX, "%u", settings[i]);
        args[i] = value_text(numbers[i]);
    }
    args[3] = value_text(f->pg->search_path); /* NULL while it is asked for */
    args[4] = value_text(tx->async_commit ? "off" : f->pg->commit_mode);
    bool read_only = tx->read_only || f->pg->read_only;
    /* Without READ WRITE: a database that is read-only by default stays so. */
    send_one(f, read_only ? "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY" : "BEGIN ISOLATION LEVEL READ COMMITTED", NULL, 0);
    send_one(f, set_settings, args, SETTING_ARGS);
}

static void send_all(struct flush *f, const struct db_tx *tx) {
    if (f->flags & DB_BEGIN)
        send_begin(f, tx);
    for (size_t i = 0; i < f->count; i++)
        send_one(f, f->queries[i].sql, f->queries[i].args, f->queries[i].arg_count);
    if ((f->flags & DB_COMMIT) && !f->pg->is_dead) {
        f->commit_sent = true;
        send_one(f, "COMMIT", NULL, 0);
    }
    if (!f->pg->is_dead && PQpipelineSync(f->pg->conn) != 1)
        send_failed(f);
}

/* Waiting */

enum waited { READY, CLOSED, SILENT };

/* One wait for the socket; what libpq still has to send goes out meanwhile (F1). A failed write is not the end: the server's last words
 * may be there to read. */
static enum waited wait_once(PGconn *conn, int64_t deadline_us) {
    struct pollfd socket = {.fd = PQsocket(conn), .events = POLLIN};
    if (socket.fd < 0)
        return CLOSED;
    if (PQflush(conn) == 1)
        socket.events |= POLLOUT;
    int64_t left_ms = deadline_us == 0 ? 0 : (deadline_us - clock_monotonic_us()) / 1000 + 1;
    if (deadline_us != 0 && left_ms <= 0)
        return SILENT;
    int ready = poll(&socket, 1, deadline_us == 0 ? -1 : (int)left_ms);
    if (ready == 0 || (ready < 0 && errno == EINTR))
        return READY;
    if (ready < 0 || PQconsumeInput(conn) != 1)
        return CLOSED;
    return READY;
}

/* The next result, or NULL at the end of a slot's, as PQgetResult; NULL with a dead connection when there is nothing to wait for. On a
 * closed socket PQgetResult gives what had arrived, then an error: it cannot block. */
static PGresult *next_result(struct flush *f) {
    PGconn *conn = f->pg->conn;
    int64_t deadline_us = f->answer_limit_us > 0 ? clock_monotonic_us() + f->answer_limit_us : 0;
    enum waited waited = READY;
    while (waited == READY && PQisBusy(conn))
        waited = wait_once(conn, deadline_us);
    if (waited != SILENT)
        return PQgetResult(conn);
    lose(f, "the server did not answer in time");
    return NULL;
}

/* Reading */

static bool copy_values(const PGresult *from, struct arena *arena, struct db_result *result) {
    unsigned rows = (unsigned)PQntuples(from), columns = (unsigned)PQnfields(from);
    struct sql_value *values = arena_array(arena, (size_t)rows * columns, sizeof(*values));
    if (values == NULL && rows > 0 && columns > 0)
        return false;
    for (unsigned row = 0; row < rows; row++)
        for (unsigned column = 0; column < columns; column++) {
            struct sql_value *value = &values[(size_t)row * columns + column];
            if (PQgetisnull(from, (int)row, (int)column))
                continue; /* zeroed memory is VALUE_NULL */
            value->len = (size_t)PQgetlength(from, (int)row, (int)column);
            value->ptr = arena_memdup(arena, PQgetvalue(from, (int)row, (int)column), value->len);
            value->kind = VALUE_TEXT;
            if (value->ptr == NULL)
                return false;
        }
    result->row_count = rows;
    result->column_count = columns;
    result->values = values;
    return true;
}

static void take_rows(struct flush *f, size_t index, PGresult *from) {
    if (f->results == NULL || f->code != 0)
        return;
    struct db_result *result = &f->results[index];
    int64_t affected = 0;
    if (!text_starts(PQcmdStatus(from), "SELECT") && text_to_int64(PQcmdTuples(from), &affected))
        result->affected = result->changed = (uint64_t)affected;
    if (f->queries[index].returns_rows && f->arena != NULL && !copy_values(from, f->arena, result)) {
        f->code = err_nomem(f->err);
        f->err->statement = (int)index;
    }
}

/* F5 */
static void take_commit(struct flush *f, PGresult *from) {
    f->committed = strcmp(PQcmdStatus(from), "COMMIT") == 0;
    if (f->committed)
        return;
    f->failed = true;
    if (f->code == 0)
        f->code = err_set(f->err, ERR_TRANSIENT, "the server answered COMMIT with %s: nothing was committed", PQcmdStatus(from));
    f->err->statement = (int)f->count;
}

static void take_error(struct flush *f, size_t slot, const PGresult *from) {
    bool is_fatal = pg_result_is_fatal(from);
    bool cancelled = atomic_load(&f->pg->cancel_asked) || atomic_load(&f->pg->cancels_in_flight) > 0;
    if (!f->failed)
        f->code = pg_result_error(from, cancelled, statement_of(f, slot), f->err);
    f->failed = f->failed || !is_fatal;
    if (is_fatal)
        lose(f, "the server ended the session");
}

/* Takes one result of a slot; true when somebody else keeps it. */
static bool take(struct flush *f, size_t slot, PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    bool is_query = slot >= lead_of(f) && !is_commit(f, slot);
    if (status == PGRES_FATAL_ERROR && PQresultErrorField(result, PG_DIAG_SQLSTATE) != NULL)
        take_error(f, slot, result);
    else if (status == PGRES_FATAL_ERROR)
        lose(f, "the server closed it");
    else if (status == PGRES_PIPELINE_ABORTED && f->failed)
        return false; /* F2 */
    else if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        lose(f, "the server and infill are out of step");
    else if (is_commit(f, slot))
        take_commit(f, result);
    else if (is_query && f->raw == NULL)
        take_rows(f, slot - lead_of(f), result);
    else if (is_query) {
        *f->raw = result;
        return true;
    }
    return false;
}

static void read_slot(struct flush *f, size_t slot) {
    bool answered = false;
    while (!f->pg->is_dead) {
        PGresult *result = next_result(f);
        if (result == NULL)
            break;
        answered = true;
        if (!take(f, slot, result))
            PQclear(result);
    }
    if (!answered && !f->pg->is_dead)
        lose(f, "the server and infill are out of step");
}

static void read_sync(struct flush *f) {
    for (int empty = 0; !f->pg->is_dead && empty <= EMPTY_ANSWERS_MAX; empty++) {
        PGresult *result = next_result(f);
        ExecStatusType status = result != NULL ? PQresultStatus(result) : PGRES_EMPTY_QUERY;
        PQclear(result);
        if (status == PGRES_PIPELINE_SYNC)
            return;
        if (result != NULL)
            break;
    }
    if (!f->pg->is_dead)
        lose(f, "the server and infill are out of step");
}

static void exchange(struct flush *f, const struct db_tx *tx) {
    size_t slots = lead_of(f) + f->count + ((f->flags & DB_COMMIT) ? 1 : 0);
    send_all(f, tx);
    for (size_t slot = 0; slot < slots && !f->pg->is_dead; slot++)
        read_slot(f, slot);
    if (!f->pg->is_dead)
        read_sync(f);
}

/* The whole */

void pg_rollback(struct db *db) {
    struct pg *pg = pg_of(db);
    static const struct db_query rollback = {.sql = "ROLLBACK"};
    for (int attempt = 0; attempt < ROLLBACK_ATTEMPTS && !pg->is_dead; attempt++) {
        if (PQtransactionStatus(pg->conn) == PQTRANS_IDLE)
            return;
        struct err ignored;
        struct flush f = {.pg = pg, .queries = &rollback, .count = 1, .answer_limit_us = ROLLBACK_LIMIT_US, .err = &ignored};
        err_clear(&ignored);
        exchange(&f, NULL);
    }
    if (!pg->is_dead && PQtransactionStatus(pg->conn) != PQTRANS_IDLE)
        pg_mark_dead(pg);
}

/* D5: a transaction is open exactly when the flags say so. */
static int check_state(struct pg *pg, unsigned flags, struct err *err) {
    if (pg->is_dead)
        return err_set(err, ERR_LOST, "the connection was lost before");
    PGTransactionStatusType status = PQtransactionStatus(pg->conn);
    if (flags & DB_BEGIN ? status == PQTRANS_IDLE : status == PQTRANS_INTRANS)
        return 0;
    pg_rollback(&pg->base);
    if (flags & DB_BEGIN)
        return err_set(err, ERR_INTERNAL, "BEGIN inside an open transaction; it was rolled back");
    return err_set(err, ERR_TRANSIENT, "the transaction is no longer open; nothing of it was committed");
}

/* What the session says after all answers are in. */
static void check_end(struct flush *f, PGTransactionStatusType wanted) {
    if (!f->pg->is_dead && PQstatus(f->pg->conn) == CONNECTION_BAD)
        lose(f, "it was closed behind the last answer");
    if (f->code == 0 && !f->pg->is_dead && PQtransactionStatus(f->pg->conn) != wanted) {
        f->code =
            err_set(f->err, f->commit_sent ? ERR_UNCLEAR : ERR_INTERNAL, "the transaction is not in the state it should be in");
        pg_mark_dead(f->pg);
    }
    if (f->code != 0 && f->committed)
        f->code = err_set(f->err, ERR_UNCLEAR, "out of memory after COMMIT: the rows are in, the answers are lost");
}

static int run(struct flush *f, const struct db_tx *tx, PGTransactionStatusType wanted) {
    if (f->results != NULL)
        memset(f->results, 0, f->count * sizeof(*f->results));
    if (atomic_load(&f->pg->cancels_in_flight) == 0)
        atomic_store(&f->pg->cancel_asked, false);
    exchange(f, tx);
    check_end(f, wanted);
    if (f->code != 0 && !f->pg->is_dead)
        pg_rollback(&f->pg->base); /* F4 */
    return f->code;
}

int pg_flush(struct db *db, unsigned flags, const struct db_tx *tx, const struct db_query *queries, size_t count,
             struct arena *arena, struct db_result *results, struct err *err) {
    struct pg *pg = pg_of(db);
    struct flush f = {.pg = pg, .flags = flags, .queries = queries, .count = count, .arena = arena, .results = results, .err = err};
    int result = check_state(pg, flags, err);
    if (result == 0 && (result = check_args(&f)) != 0)
        pg_rollback(db);
    if (result != 0)
        return result;
    if (flags & DB_BEGIN)
        pg->answer_limit_us = tx->statement_timeout_ms > 0 ? (int64_t)tx->statement_timeout_ms * 1000 + ANSWER_SLACK_US : 0;
    f.answer_limit_us = pg->answer_limit_us;
    return run(&f, tx, flags & DB_COMMIT ? PQTRANS_IDLE : PQTRANS_INTRANS);
}

int pg_flush_raw(struct pg *pg, const struct db_tx *tx, const struct db_query *query, PGresult **raw, struct err *err) {
    struct flush f = {.pg = pg, .flags = DB_ONE_TX, .queries = query, .count = 1, .raw = raw, .err = err};
    *raw = NULL;
    int result = check_state(pg, DB_ONE_TX, err);
    if (result != 0)
        return result;
    f.answer_limit_us = (int64_t)tx->statement_timeout_ms * 1000 + ANSWER_SLACK_US;
    result = run(&f, tx, PQTRANS_IDLE);
    if (result != 0) {
        PQclear(*raw);
        *raw = NULL;
    }
    return result;
}

int pg_flush_bare(struct pg *pg, const char *sql, struct err *err) {
    struct db_query query = {.sql = sql};
    struct flush f = {.pg = pg, .queries = &query, .count = 1, .err = err};
    int result = check_state(pg, DB_BEGIN, err); /* as before BEGIN: no transaction is open */
    return result != 0 ? result : run(&f, NULL, PQTRANS_IDLE);
}
