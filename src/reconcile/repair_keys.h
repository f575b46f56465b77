/* repair_keys.h - some keys of a range brought to what the source says: for repairing what a verification found, and for settling. */
#ifndef RECONCILE_REPAIR_KEYS_H
#define RECONCILE_REPAIR_KEYS_H

#include "reconcile/proof.h"

enum {
    REPAIR_KEYS_MAX = 100, /* in one transaction: locks are held on them */
    REPAIR_LEFT_SHOWN = 20,
};

/* Who works, on what, and what came of it. */
struct repair_work {
    struct verifier *verifier; /* fill, connection and arena */
    struct ledger_lease *lease;
    const char *owner;
    bool delete_extra;
    bool close_findings; /* there are findings in the ledger for these keys */
    bool asks_rivals;    /* a target row that other source rows lead to as well is not written; who settles is told by the strays */
    /* out: */
    int64_t repaired, already_right, deleted;
    struct row_hash before, after; /* sums over the target rows of the keys, as they were and as they are */
    json_t *left;                  /* [{"fill", "key", "kind", "reason"}], the first REPAIR_LEFT_SHOWN; NULL: nobody asks */
    int64_t left_count;
};

/* The keys of `findings`, in transactions of REPAIR_KEYS_MAX and of a tenth of a second; where a row refuses, one by one. What was committed stays, whatever
 * happens to the rest. */
int repair_keys(struct repair_work *work, const struct ledger_finding *findings, size_t count, struct err *err);

#endif
