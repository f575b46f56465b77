/* postgres_kept.h - statements that stay prepared from one transaction to the next, so that the same batch is not parsed anew each time.
 *
 * K1  Only where the session is our own: the server process that answers is the one that the connection was made to. A pooler tells its
 *     clients pids of its own, and through one every statement is unnamed.
 * K2  A text that was sent twice is prepared before the next transaction begins, in one that only reads: preparing cannot spoil what
 *     writes. If it fails, the text goes on being sent; the statement itself says better what is wrong.
 * K3  Settings stay local to transactions, and each execution is planned for its own values and settings (plan_cache_mode): what is kept
 *     is the text's analysis, which the server makes anew after DDL. A name is used once, and nobody else makes it.
 * K4  When the server does not know a statement any more, or its columns have changed, the next transaction begins with nothing kept. The
 *     flush is made once more if its transaction began with it, for nothing of that was committed; else it is ERR_TRANSIENT. */
#ifndef DB_POSTGRES_KEPT_H
#define DB_POSTGRES_KEPT_H

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
    unsigned numbers;
};

/* Before BEGIN: prepares what is worth it. 0, or ERR_LOST and ERR_CANCELLED: then the transaction must not begin. */
int pg_kept_prepare(struct pg *pg, const struct db_tx *tx, struct err *err);
/* The name to execute a text by; false: it is to be sent, and counted as such. */
bool pg_kept_name(struct pg_kept *kept, const char *sql, char name[PG_NAME_MAX]);
void pg_kept_release(struct pg_kept *kept);

#endif
