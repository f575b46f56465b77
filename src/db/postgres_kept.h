/* postgres_kept.h - statements that stay prepared from one transaction to the next, so that the same batch is not parsed anew each time.
 *
 * K1  Only where the session is our own: the server process that answers is the one that the connection was made to. A pooler tells its
 *     clients pids of its own, and through one every statement is unnamed.
 * K2  A text that was sent twice is prepared before the next transaction begins, in one that only reads: preparing cannot spoil what
 *     writes. If it fails, the text goes on being sent; the statement itself says better what is wrong.
 * K3  Settings stay local to transactions, and each execution is planned for its own values and settings (plan_cache_mode): what is kept
 *     is the text's analysis, which the server makes anew after DDL. A text without arguments is not kept: its plan would be kept too,
 *     whatever the mode; nor is one with a literal such as timestamptz 'now', which the analysis makes a constant. A name is used once,
 *     by nobody else.
 * K4  When a statement's columns have changed, or something that it names is gone in a way the server does not notice, the next
 *     transaction begins with nothing kept; when the server does not know it any more, the session is not our own after all, and nothing
 *     is kept again. The flush is made once more if its transaction began with it, for nothing of that was committed; else it is
 *     ERR_TRANSIENT. */
#ifndef DB_POSTGRES_KEPT_H
#define DB_POSTGRES_KEPT_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { PG_TEXTS = 48, PG_NAME_MAX = 64 };

struct pg;
struct db_tx;

struct pg_text {
    char *sql;       /* NULL: a free place */
    unsigned number; /* of its name; 0: not prepared */
    unsigned sent;   /* times, by its text */
    bool refused;    /* it could not be prepared */
    uint64_t used;   /* later is more */
};

struct pg_kept {
    bool is_own;   /* K1 */
    bool is_stale; /* K4 */
    struct pg_text texts[PG_TEXTS];
    uint64_t clock;
    int64_t born_us;
};

/* Before BEGIN: prepares what is worth it. 0, or ERR_LOST, ERR_NOMEM and ERR_CANCELLED: then the transaction must not begin. */
int pg_kept_prepare(struct pg *pg, const struct db_tx *tx, struct err *err);
/* Whether this error is one of a kept statement's (K4); then it counts as such from here on. */
bool pg_kept_is_stale(struct pg_kept *kept, const PGresult *error);
/* The name to execute a text with arguments by; false: it is to be sent, and counted as such. */
bool pg_kept_name(struct pg_kept *kept, const char *sql, char name[PG_NAME_MAX]);
void pg_kept_release(struct pg_kept *kept);

#endif
