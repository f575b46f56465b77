/* verify.h - a verification: every slice of every fill is read on both sides, and each gets a verdict.
 *
 * Like a run, it is stepped: one step compares one slice, over the verifier's own connection, and leaves its verdict and findings in the
 * ledger, so that an interrupted pass goes on where it was. It needs SELECT on both tables and the ledger's own rows, nothing else.
 *
 * Verdicts: match; differ (rows that differ in two looks, each of them one moment of the database); changed (rows did not stand still
 * long enough to say); unverified (it could not be compared, the reason says why). Only slices that tile the key space make a whole. */
#ifndef RECONCILE_VERIFY_H
#define RECONCILE_VERIFY_H

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/log.h"
#include "db/db.h"
#include "plan/plan.h"

struct verify;
struct verifier;

struct verify_options {
    struct log log;
    const char *fill;    /* only this one; NULL: all */
    const char *ranges;  /* "17", "17..19", or a prefix of the key's time, "2026-03"; NULL: all */
    const char *keys;    /* "LO..HI", both inclusive; NULL: all. Not together with ranges */
    const char *only;    /* names of checks; NULL: those of the plan */
    bool sample;         /* the sampled proof instead of all rows; always a new pass */
    bool read_replica;   /* the first look goes to the plan's replicas */
    bool restart;        /* a new pass, although an unfinished one could be gone on with */
    bool reads_only;     /* no pass is opened: only what the ledger knows is asked for */
    const char *purpose; /* what the pass is made for, if it is not to verify: one word, kept with it; NULL otherwise */
};

/* Connects, resolves the plan, finds its run and lists the slices. ERR_NOT_FOUND when the plan was never run here, ERR_REFUSED when it
 * means something else than the run, ERR_USAGE for a selection that selects nothing. */
int verify_open(const struct plan *plan, const struct verify_options *options, struct verify **verify, struct err *err);
/* Ends it; all verifiers are closed. The pass is ended in the ledger when every slice was looked at. *json gets the document of
 * infill_verify_close(). */
int verify_close(struct verify *verify, json_t **json, struct err *err);
/* Ends it without a word about the whole: what was looked at keeps its verdicts. */
void verify_abandon(struct verify *verify);

enum verify_state { VERIFY_SLICE, VERIFY_WAIT, VERIFY_DONE, VERIFY_DRAINED };

struct verify_step {
    enum verify_state state;
    int64_t rows; /* of the source */
    int64_t wait_ms;
    char reason[128];
};

int verifier_open(struct verify *verify, struct verifier **verifier, struct err *err);
void verifier_close(struct verifier *verifier);
int verifier_step(struct verifier *verifier, struct verify_step *step, struct err *err);

/* Async-signal-safe. */
void verify_drain(struct verify *verify);
void verify_cancel(struct verify *verify);

struct verify_progress {
    uint64_t rows_source, rows_target, findings;
    unsigned slices, slices_done;
    double rows_per_second, seconds_left; /* negative: not known yet */
    const char *fill;
    char reason[128];
};
void verify_progress(struct verify *verify, struct verify_progress *progress);

#endif
