/* batch.h - what the files of a batch share: its statements, its accounts, its commit. Not for other folders. */
#ifndef FILL_BATCH_H
#define FILL_BATCH_H

#include "fill/flush.h"
#include "fill/worker.h"

enum { FILL_ARGS = FILL_N + 1 };

/* How the rows get there. One row per way; the batch's statements and its account follow from it. */
enum way { WAY_INSERT, WAY_COUNTED, WAY_MISSING, WAY_OVERWRITE, WAY_UPDATE };
enum { WAYS = WAY_UPDATE + 1 };

/* Where in the flush each answer stands; -1: not asked. */
struct places {
    enum way way;
    int fence, count, compare, change, insert, differing, bound;
    int reads[2];       /* rows read before the data statements, and behind them */
    int64_t bound_rows; /* that `bound` was asked for */
};

/* Where the batch begins: the cursor, or the range's lower end; NULL: the beginning of the key space. */
const char *worker_lower(const struct worker *worker);
/* The logical arguments of a statement over (lo, hi]; NULL bounds are left alone. */
int worker_bind_interval(struct worker *worker, const char *lo, const char *hi, int64_t n, struct sql_value values[FILL_ARGS],
                         struct err *err);
/* The identifying arguments of the leased range for the ledger's statements; the rest is NULL. */
void worker_ledger_values(struct worker *worker, struct sql_value values[LEDGER_A_COUNT]);

/* flip.c: the fill's statements, and the settings of a transaction they run in: with the plan's hint after a flip. */
const struct fill_sql *worker_sql(const struct worker *worker);
/* From here on with the hint, if any worker of the process has found that the plan flipped. What began without it ends without it. */
void worker_take_hint(struct worker *worker);
struct db_tx worker_tx(const struct worker *worker, const struct db_tx *tx);

/* way.c: which way this batch goes, its data statements, and whether the answers add up. */
void way_choose(const struct worker *worker, struct places *at);
/* The statement that reads the source for the rows it writes. */
const struct stmt *way_statement(const struct worker *worker);
/* WAY_INSERT ...: which one. */
enum way way_of(const struct worker *worker);
/* For people: "INSERT of missing rows". */
const char *way_name(const struct worker *worker);
void way_add(struct worker *worker, struct flush *flush, const struct sql_value *values, struct places *at);
int way_account(struct worker *worker, const struct flush *flush, const struct places *at, struct err *err);

/* ERR_FENCED, rolled back, unless the fence's answer is one row of a running run. */
int batch_check_fence(struct worker *worker, const struct db_result *result, struct err *err);
/* An error of statement 0, the fence or the advance: on engines where a lost lease fails in the server, that is what it says. */
void batch_map_fence(struct worker *worker, struct err *err);
/* The range row moves on to worker->batch, and COMMIT. */
int batch_commit(struct worker *worker, struct err *err);

#endif
