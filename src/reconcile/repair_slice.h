/* repair_slice.h - one task of a repair: the findings of one slice, in an attempt of its own, and what the slice is afterwards.
 *
 * Tasks of different ranges may be done at once, by different repairers. */
#ifndef RECONCILE_REPAIR_SLICE_H
#define RECONCILE_REPAIR_SLICE_H

#include "ledger/owner.h"
#include "reconcile/proof.h"

struct repair_task {
    const struct proof_fill *fill;
    struct ledger_slice *slice; /* with the verdict that it has afterwards */
    const struct ledger_finding *findings;
    size_t count;
    /* out: */
    int64_t repaired, already_right, deleted, left_count;
    json_t *left;   /* as of struct repair_work; NULL: not begun */
    size_t keys;    /* the findings, and those that came to light behind them */
    bool untouched; /* what the slice holds besides these keys is what it was */
};

/* One worker: connection and memory of its own. */
struct repairer {
    struct verify *verify;
    bool delete_extra;
    char owner[OWNER_MAX];
    struct verifier *verifier; /* NULL: nothing done yet */
    struct arena arena;        /* of one task */
};

void repairer_init(struct repairer *repairer, struct verify *verify, bool delete_extra, unsigned number);
void repairer_release(struct repairer *repairer);

int repair_slice(struct repairer *repairer, struct repair_task *task, struct err *err);
void repair_task_release(struct repair_task *task);

#endif
