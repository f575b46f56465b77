/* settle.h - ranges on their way from filled to settled, of one process.
 *
 * Beside writers, a batch can race with a transaction that wrote to the target before the batch's rows were there. So each filled range waits
 * until every transaction that held locks on source or target at that moment has ended, and is then verified and repaired
 * (reconcile/settle.h). The wait costs nobody anything: other ranges are filled meanwhile. What a process that died was waiting for is
 * waited for again. */
#ifndef FILL_SETTLE_H
#define FILL_SETTLE_H

#include "fill/worker.h"
#include "ledger/proof.h"

enum { SETTLE_ROOM = 16 }; /* ranges that are waited for at a time */

struct settling {
    bool used, busy, has_holders;
    int64_t seen_us;   /* when this process first saw it filled */
    int64_t looked_us; /* when its holders were last looked for */
    struct arena arena;
    const char *fill;
    struct ledger_slice slice;
    struct db_holders holders; /* who was there at the time */
    char names[160];           /* those of them that are left */
};

/* Is settling any business of this run? */
bool settle_is_wanted(const struct fill_run *run);
/* Settles one range whose time has come: *did. Else looks whether one has, now and then. */
int worker_settle(struct worker *worker, bool *did, struct err *err);
/* Nothing is left to fill: WAIT for what is still to be settled, with *settled false; or *settled. Fails, naming them, when transactions do
 * not end in the time the plan gives them. */
int worker_settle_rest(struct worker *worker, struct worker_step *step, bool *settled, struct err *err);
void settle_release(struct fill_run *run);

#endif
