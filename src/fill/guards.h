/* guards.h - what the guards of a run look at, and how one that trips halts it: with the evidence, which holds keys and no values.
 *
 * Windows, deadlocks, repaired rows and lock timeouts are counted by each process for itself; open rejects and kept rows by the ledger, for
 * all processes. ERR_HALTED means that a guard has tripped and the ledger knows it. */
#ifndef FILL_GUARDS_H
#define FILL_GUARDS_H

#include "fill/batch.h"
#include "ledger/proof.h"

enum { EVIDENCE_KEY_MAX = 512 };

/* What was being done when it went wrong. Texts are its own: the lease's move on with it. */
struct evidence {
    const char *statement;
    const char *fill;
    const struct err *cause; /* NULL: no error of the server */
    int64_t range_no;
    char after[EVIDENCE_KEY_MAX]; /* keys of (after, up_to]; "": open */
    char up_to[EVIDENCE_KEY_MAX];
    int64_t count, limit;
    const char *plan; /* how the server runs the statement, without values; NULL: was not asked */
    enum way way;
    const char *signal; /* and its reading, with unit; NULL: none is part of it */
    const char *reading;
    bool ask_holders; /* somebody's lock is part of it */
};

void guards_init(struct fill_run *run);
/* The thread that tells the plan's hooks, and looks whether the run stalls. */
int guards_open_hooks(struct fill_run *run, struct err *err);
/* flip.c: bytes of what is known about one job's plan. */
size_t guards_plan_size(void);
/* flip.c: something took so long that the plan is looked at before the next batch. */
void guards_look_soon(struct worker *worker);
/* The batch at hand, before it is moved on from. */
void guards_look(const struct worker *worker, struct evidence *evidence);
/* Halts for `reason`. */
int guards_halt(struct worker *worker, const char *reason, const struct evidence *evidence, struct err *err);

/* A batch is in. Call with the run's lock held. */
void guards_moved(struct fill_run *run, const struct batch *batch);
/* … with rows that were kept, or was a row that was rejected. */
int guards_kept(struct worker *worker, struct evidence *evidence, struct err *err);
int guards_reject(struct worker *worker, struct evidence *evidence, struct err *err);
/* A batch that has to be tried again: a deadlock? a lock that was not granted? */
int guards_conflict(struct worker *worker, const struct err *cause, struct err *err);
/* A signal has been above its stop line for too long? */
int guards_stop_line(struct worker *worker, struct err *err);
int guards_locked(struct worker *worker, const struct err *cause, struct err *err);
/* Every few seconds: what verifications of this run have found meanwhile in ranges that are settled. */
int guards_found(struct worker *worker, struct err *err);
/* A range is settled, so many of its rows had to be mended. */
int guards_settled(struct worker *worker, const char *fill, const struct ledger_slice *slice, int64_t repaired, struct err *err);

#endif
