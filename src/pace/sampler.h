/* sampler.h - measures the signals of a plan beside the run, in a thread and over a connection of its own, and says what they allow.
 *
 * The thread goes on measuring while the run waits. Workers only read the decision: no database work is ever done for them, so a server
 * that does not answer makes samples old, and old samples make the run wait. All functions but open and close may be called by any
 * thread.
 *
 * What holds the process back, and what that has cost, is recorded in the ledger every few seconds; a change of it that lasts is an event. */
#ifndef PACE_SAMPLER_H
#define PACE_SAMPLER_H

#include "base/log.h"
#include "db/db.h"
#include "ledger/ledger.h"
#include "pace/pace.h"
#include "plan/plan.h"

struct sampler;

/* Borrowed for the life of the sampler. */
struct sampler_options {
    const struct plan *plan;
    const struct db_options *db;
    const struct log *log;
    const struct ledger *ledger; /* NULL: nothing is recorded */
    bool for_reading;            /* signals that are about writes are left out */
    int64_t run;
    const char *owner; /* the process's part of owner texts */
    const char *actor;
    void (*blocks)(void *context, int64_t session); /* see signal.h; called by the thread */
    void *context;
};

/* *sampler is NULL when the plan has no such signals. */
int sampler_open(const struct sampler_options *options, struct sampler **sampler, struct err *err);
void sampler_close(struct sampler *sampler); /* NULL allowed */

/* What may happen now. `signal` in it points at what lives as long as the sampler; of that only the name may be read. */
void sampler_decide(struct sampler *sampler, struct pace_decision *decision);
/* Has a signal been above its stop line for `limit_us`? Then what it is, and since when in microseconds before now. */
bool sampler_overdue(struct sampler *sampler, int64_t limit_us, struct pace_signal *signal, int64_t *for_us);
/* See pace.h. */
void sampler_forgive(struct sampler *sampler);
void sampler_batch(struct sampler *sampler);
bool sampler_trickle(struct sampler *sampler);

#endif
