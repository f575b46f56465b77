/* postgres_flush.c - one flush as a whole: the state it needs, what its end means, rolling back. See postgres_flush.h. */
#include "db/postgres_flush.h"

#include <string.h>

enum {
    ANSWER_SLACK_US = 60 * 1000000, /* beyond the statement timeout: a server that stops answering is given up */
    ROLLBACK_LIMIT_US = 30 * 1000000,
    ROLLBACK_ATTEMPTS = 2, /* a late cancel may hit the first */
};

void pg_mark_dead(struct pg *pg) {
    pg->is_dead = true;
    PQfinish(pg->conn);
    pg->conn = NULL;
}

/* Keeps the SQLSTATE that a server sent with its last words. */
void pg_lose(struct pg_flush *f, const char *why) {
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

static void exchange(struct pg_flush *f, const struct db_tx *tx) {
    pg_send_all(f, tx);
    pg_read_all(f);
}

void pg_rollback(struct db *db) {
    struct pg *pg = pg_of(db);
    static const struct db_query rollback = {.sql = "ROLLBACK"};
    for (int attempt = 0; attempt < ROLLBACK_ATTEMPTS && !pg->is_dead; attempt++) {
        if (PQtransactionStatus(pg->conn) == PQTRANS_IDLE)
            return;
        struct err ignored;
        struct pg_flush f = {.pg = pg, .queries = &rollback, .count = 1, .answer_limit_us = ROLLBACK_LIMIT_US, .err = &ignored};
        err_clear(&ignored);
        exchange(&f, NULL);
    }
    if (!pg->is_dead && PQtransactionStatus(pg->conn) != PQTRANS_IDLE)
        pg_mark_dead(pg);
}

/* D5: a transaction is open exactly when the flags say so. */
int pg_check_state(struct pg *pg, unsigned flags, struct err *err) {
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
static void check_end(struct pg_flush *f, PGTransactionStatusType wanted) {
    if (!f->pg->is_dead && PQstatus(f->pg->conn) == CONNECTION_BAD)
        pg_lose(f, "it was closed behind the last answer");
    if (f->code == 0 && !f->pg->is_dead && PQtransactionStatus(f->pg->conn) != wanted) {
        f->code =
            err_set(f->err, f->commit_sent ? ERR_UNCLEAR : ERR_INTERNAL, "the transaction is not in the state it should be in");
        pg_mark_dead(f->pg);
    }
    if (f->code != 0 && f->committed && !f->pg->tx_reads_only)
        f->code = err_set(f->err, ERR_UNCLEAR, "out of memory after COMMIT: the rows are in, the answers are lost");
}

int pg_finish(struct pg_flush *f, PGTransactionStatusType wanted) {
    check_end(f, wanted);
    if (f->code != 0 && !f->pg->is_dead)
        pg_rollback(&f->pg->base); /* F4 */
    return f->code;
}

void pg_forget_cancels(struct pg *pg) {
    if (atomic_load(&pg->cancels_in_flight) == 0)
        atomic_store(&pg->cancel_asked, false);
}

static int run(struct pg_flush *f, const struct db_tx *tx, PGTransactionStatusType wanted) {
    if (f->results != NULL)
        memset(f->results, 0, f->count * sizeof(*f->results));
    pg_forget_cancels(f->pg);
    exchange(f, tx);
    return pg_finish(f, wanted);
}

static void note_limits(struct pg *pg, const struct db_tx *tx) {
    pg->answer_limit_us = tx->statement_timeout_ms > 0 ? (int64_t)tx->statement_timeout_ms * 1000 + ANSWER_SLACK_US : 0;
    pg->tx_reads_only = tx->read_only || pg->read_only;
}

/* Once. *again: a kept statement was stale, and a transaction that began with it is as if it had not been (K4). */
static int try(struct pg_flush *f, const struct db_tx *tx, bool *again) {
    struct pg *pg = f->pg;
    int result = pg_check_state(pg, f->flags, f->err);
    if (result == 0 && (f->flags & DB_BEGIN))
        result = pg_kept_prepare(pg, tx, f->err);
    if (result == 0 && (result = pg_check_args(f)) != 0)
        pg_rollback(&pg->base);
    if (result != 0)
        return result;
    if (f->flags & DB_BEGIN)
        note_limits(pg, tx);
    f->answer_limit_us = pg->answer_limit_us;
    result = run(f, tx, f->flags & DB_COMMIT ? PQTRANS_IDLE : PQTRANS_INTRANS);
    *again = f->was_stale && (f->flags & DB_BEGIN) && !pg->is_dead;
    return result;
}

int pg_flush(struct db *db, unsigned flags, const struct db_tx *tx, const struct db_query *queries, size_t count,
             struct arena *arena, struct db_result *results, struct err *err) {
    const struct pg_flush whole = {.pg = pg_of(db),
                                   .flags = flags,
                                   .queries = queries,
                                   .count = count,
                                   .arena = arena,
                                   .results = results,
                                   .keeps = true,
                                   .err = err};
    struct pg_flush f = whole;
    bool again = false;
    int result = try(&f, tx, &again);
    if (again && atomic_load(&f.pg->cancel_asked)) /* it would be forgotten */
        return err_set(err, ERR_CANCELLED, "cancelled");
    if (again) {
        err_clear(err);
        f = whole;
        result = try(&f, tx, &again);
    }
    return result;
}

int pg_flush_raw(struct pg *pg, const struct db_tx *tx, const struct db_query *query, PGresult **raw, struct err *err) {
    struct pg_flush f = {.pg = pg, .flags = DB_ONE_TX, .queries = query, .count = 1, .raw = raw, .err = err};
    *raw = NULL;
    int result = pg_check_state(pg, DB_ONE_TX, err);
    if (result != 0)
        return result;
    note_limits(pg, tx);
    f.answer_limit_us = pg->answer_limit_us;
    result = run(&f, tx, PQTRANS_IDLE);
    if (result != 0) {
        PQclear(*raw);
        *raw = NULL;
    }
    return result;
}

int pg_flush_prepare(struct pg *pg, const struct db_tx *tx, const struct db_query *queries, const char (*names)[PG_NAME_MAX],
                     size_t count, struct err *err) {
    struct pg_flush f = {.pg = pg, .flags = DB_ONE_TX, .queries = queries, .count = count, .names = names, .err = err};
    note_limits(pg, tx);
    f.answer_limit_us = pg->answer_limit_us;
    return run(&f, tx, PQTRANS_IDLE);
}

int pg_flush_bare(struct pg *pg, const char *sql, struct err *err) {
    struct db_query query = {.sql = sql};
    struct pg_flush f = {.pg = pg, .queries = &query, .count = 1, .err = err};
    int result = pg_check_state(pg, DB_BEGIN, err); /* as before BEGIN: no transaction is open */
    return result != 0 ? result : run(&f, NULL, PQTRANS_IDLE);
}
