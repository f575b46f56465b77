/* postgres_flush.h - one flush on its way: what postgres_flush.c, postgres_send.c and postgres_answer.c share. Not for others.
 *
 * F1  Everything is sent before anything is read, without blocking: libpq keeps what the socket does not take, poll() waits both ways.
 * F2  A statement that fails makes the server skip the rest up to the sync, COMMIT too (D2, D4). The answers are read to the end.
 * F3  From the moment COMMIT is handed to libpq, a lost connection is ERR_UNCLEAR - unless an earlier statement was answered with an
 *     error, for then the COMMIT is skipped, or COMMIT itself was answered, or the transaction was read-only (D3).
 * F4  After an error the transaction is rolled back; if that does not work, the connection is closed, which does it too (D1).
 * F5  A COMMIT counts when its tag says COMMIT and the session is idle after it (D2). */
#ifndef DB_POSTGRES_FLUSH_H
#define DB_POSTGRES_FLUSH_H

#include "db/postgres.h"

enum { PG_LEAD = 2 }; /* answers of DB_BEGIN: BEGIN and its settings */

/* Slots are the answers expected, in order: PG_LEAD of them for DB_BEGIN, one per query, one for DB_COMMIT. */
struct pg_flush {
    struct pg *pg;
    unsigned flags;
    const struct db_query *queries;
    size_t count;
    struct arena *arena;
    struct db_result *results;
    PGresult **raw;                   /* NULL, or where the only query's result goes */
    const char (*names)[PG_NAME_MAX]; /* NULL, or by what the queries are prepared, instead of being executed */
    bool keeps;                       /* queries may come again, and are executed by their names if they have one ... */
    bool by_name;                     /* ... as one of them was ... */
    bool was_stale;                   /* ... which the server would not have (K4) */
    int64_t answer_limit_us;
    struct err *err;
    int code;         /* of the first error, also in err */
    bool failed;      /* the server answered a statement with an error: nothing can commit any more */
    bool commit_sent; /* perhaps; only said of a COMMIT that could change something */
    bool committed;
};

static inline size_t pg_lead_of(const struct pg_flush *f) {
    return f->flags & DB_BEGIN ? PG_LEAD : 0;
}

static inline bool pg_is_commit(const struct pg_flush *f, size_t slot) {
    return slot == pg_lead_of(f) + f->count;
}

/* The index that err.statement has for a slot. */
static inline int pg_statement_of(const struct pg_flush *f, size_t slot) {
    return slot < pg_lead_of(f) ? -1 : (int)(slot - pg_lead_of(f));
}

enum pg_format { PG_TEXT, PG_BINARY }; /* of results */

/* F3: marks the connection dead and says what that means for the flush; `why` is for the message. */
void pg_lose(struct pg_flush *f, const char *why);

/* postgres_flush.c, for a flush and a stream: D5, before anything is sent; what a cancel that came too late left behind; and what the
 * session says after all answers are in, with F4. */
int pg_check_state(struct pg *pg, unsigned flags, struct err *err);
void pg_forget_cancels(struct pg *pg);
int pg_finish(struct pg_flush *f, PGTransactionStatusType wanted);

/* postgres_send.c: hands everything, or one thing, to libpq. A failure is in f->code. */
int pg_check_args(const struct pg_flush *f);
void pg_send_all(struct pg_flush *f, const struct db_tx *tx);
void pg_send_one(struct pg_flush *f, const char *sql, const struct sql_value *args, unsigned count, enum pg_format format);
void pg_send_describe(struct pg_flush *f, const char *cursor);
void pg_send_sync(struct pg_flush *f);

/* postgres_answer.c: waits for all answers and the sync, and takes them. */
void pg_read_all(struct pg_flush *f);
/* One by one. pg_next_result() is as PQgetResult; pg_take_failure() looks at a result that is not the one expected. */
PGresult *pg_next_result(struct pg_flush *f);
void pg_take_failure(struct pg_flush *f, size_t slot, const PGresult *result);
void pg_read_sync(struct pg_flush *f);
void pg_lose_step(struct pg_flush *f); /* the answers are not those of what was sent */

#endif
