/* postgres_answer.c - the answers to a flush: waiting for them without blocking what is still to be sent, and taking them one by one. */
#include "db/postgres_flush.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

enum { EMPTY_ANSWERS_MAX = 2 }; /* NULLs of libpq in front of the sync */

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
PGresult *pg_next_result(struct pg_flush *f) {
    PGconn *conn = f->pg->conn;
    if (!PQisBusy(conn))
        return PQgetResult(conn);
    int64_t deadline_us = f->answer_limit_us > 0 ? clock_monotonic_us() + f->answer_limit_us : 0;
    enum waited waited;
    do
        waited = wait_once(conn, deadline_us);
    while (waited == READY && PQisBusy(conn));
    if (waited != SILENT)
        return PQgetResult(conn);
    pg_lose(f, "the server did not answer in time");
    return NULL;
}

void pg_lose_step(struct pg_flush *f) {
    pg_lose(f, "the server and infill are out of step");
}

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

static void take_rows(struct pg_flush *f, size_t index, PGresult *from) {
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
static void take_commit(struct pg_flush *f, PGresult *from) {
    f->committed = strcmp(PQcmdStatus(from), "COMMIT") == 0;
    if (f->committed)
        return;
    f->failed = true;
    if (f->code == 0)
        f->code = err_set(f->err, ERR_TRANSIENT, "the server answered COMMIT with %s: nothing was committed", PQcmdStatus(from));
    f->err->statement = (int)f->count;
}

static void take_error(struct pg_flush *f, size_t slot, const PGresult *from) {
    bool is_fatal = pg_result_is_fatal(from);
    bool cancelled = atomic_load(&f->pg->cancel_asked) || atomic_load(&f->pg->cancels_in_flight) > 0;
    if (!f->failed)
        f->code = pg_result_error(from, cancelled, pg_statement_of(f, slot), f->err);
    if (!f->failed && f->by_name && pg_kept_is_stale(&f->pg->kept, from)) {
        f->code = f->err->code = ERR_TRANSIENT;
        f->was_stale = true;
    }
    f->failed = f->failed || !is_fatal;
    if (is_fatal)
        pg_lose(f, "the server ended the session");
}

void pg_take_failure(struct pg_flush *f, size_t slot, const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_FATAL_ERROR && PQresultErrorField(result, PG_DIAG_SQLSTATE) != NULL)
        take_error(f, slot, result);
    else if (status == PGRES_FATAL_ERROR)
        pg_lose(f, "the server closed it");
    else if (status != PGRES_PIPELINE_ABORTED || !f->failed) /* F2 */
        pg_lose_step(f);
}

/* Takes one result of a slot; true when somebody else keeps it. */
static bool take(struct pg_flush *f, size_t slot, PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    bool is_query = slot >= pg_lead_of(f) && !pg_is_commit(f, slot);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        pg_take_failure(f, slot, result);
    else if (pg_is_commit(f, slot))
        take_commit(f, result);
    else if (is_query && f->raw == NULL)
        take_rows(f, slot - pg_lead_of(f), result);
    else if (is_query) {
        *f->raw = result;
        return true;
    }
    return false;
}

static void read_slot(struct pg_flush *f, size_t slot) {
    bool answered = false;
    while (!f->pg->is_dead) {
        PGresult *result = pg_next_result(f);
        if (result == NULL)
            break;
        answered = true;
        if (!take(f, slot, result))
            PQclear(result);
    }
    if (!answered && !f->pg->is_dead)
        pg_lose_step(f);
}

void pg_read_sync(struct pg_flush *f) {
    for (int empty = 0; !f->pg->is_dead && empty <= EMPTY_ANSWERS_MAX; empty++) {
        PGresult *result = pg_next_result(f);
        ExecStatusType status = result != NULL ? PQresultStatus(result) : PGRES_EMPTY_QUERY;
        PQclear(result);
        if (status == PGRES_PIPELINE_SYNC)
            return;
        if (result != NULL)
            break;
    }
    if (!f->pg->is_dead)
        pg_lose_step(f);
}

void pg_read_all(struct pg_flush *f) {
    size_t slots = pg_lead_of(f) + f->count + ((f->flags & DB_COMMIT) ? 1 : 0);
    for (size_t slot = 0; slot < slots && !f->pg->is_dead; slot++)
        read_slot(f, slot);
    if (!f->pg->is_dead)
        pg_read_sync(f);
}
