/* rehearse.h - a few batches of each fill, spread over its keys, executed and rolled back: what they cost, and what follows from that.
 *
 * One at a time, in a transaction of its own with the run's limits, the fill's own statements, no ledger. What a rolled-back transaction
 * leaves behind differs between engines: db_engine.rollback_leaves says it, and the caller says it beforehand. */
#ifndef PREFLIGHT_REHEARSE_H
#define PREFLIGHT_REHEARSE_H

#include <jansson.h>

#include "preflight/resolve.h"

enum { REHEARSE_BATCHES = 12, REHEARSE_MAX = 64 };

struct rehearsal {
    const struct plan *plan;
    struct db *db;
    struct db_tx tx; /* of a batch */
    struct db_tx read_tx;
    struct arena *arena;
    size_t batches; /* of each fill, at most REHEARSE_MAX */
};

/* Adds "rehearsal" to each fill of the dry run's document, as described at infill_rehearse (include/infill.h). The fills must have their
 * statements. */
int rehearse(struct rehearsal *rehearsal, const struct jobs *jobs, json_t *document, struct err *err);

/* rehearse_counts.c: by the server's counters, in the batch's transaction so far. */
struct rehearse_counts {
    bool is_known;
    int64_t read, updated, hot; /* rows; of the updates those that touched no index (PostgreSQL) */
};
int rehearse_count(struct rehearsal *rehearsal, struct rehearse_counts *counts, struct err *err);
/* What the transaction holds locked; NULL: not told. An error has rolled it back. */
const char *rehearse_locks(struct rehearsal *rehearsal);
/* What a batch costs beside its statement: BEGIN, round trips of fence and checkpoint, COMMIT. *waits: COMMIT waited for the log as after a
 * batch; else this is only the way there and back. */
int rehearse_overhead(struct rehearsal *rehearsal, int64_t *us, bool *waits, struct err *err);

/* rehearse_spread.c: the key behind which batch `n` of `count` begins, between the first and the last one: *lo NULL is the beginning.
 * *evenly false: keys of this kind cannot be reckoned with, and only the first rows are looked at. */
int rehearse_spread(struct rehearsal *rehearsal, const struct job *job, const char *last_key, size_t n, size_t count,
                    const char **lo, bool *evenly, struct err *err);
/* Runs one of the fill's statements over (lo, hi] in a transaction of its own; its first key, or NULL. */
int rehearse_bound(struct rehearsal *rehearsal, const struct job *job, const char *lo, const char *hi, int64_t rows,
                   const char **key, struct err *err);

#endif
