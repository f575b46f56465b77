/* mutant.h - what a planted defect (base/mutant.h) does to a batch. */
#ifndef FILL_MUTANT_H
#define FILL_MUTANT_H

#include "base/mutant.h"
#include "fill/flush.h"
#include "fill/worker.h"

#ifdef INFILL_MUTANTS
/* Commits the rows, then the checkpoint: what a batch must never do. */
int mutant_commit(struct worker *worker, struct flush *advance, struct err *err);
#else
static inline int mutant_commit(struct worker *worker, struct flush *advance, struct err *err) {
    (void)worker, (void)advance, (void)err;
    return 0;
}
#endif

#endif
