/* mutant.h - planted defects, for the tests that must be able to fail.
 *
 * Only a build with -Dmutants=true has them, chosen by INFILL_MUTANT; in every other build the questions are constants and the code behind
 * them is gone. */
#ifndef FILL_MUTANT_H
#define FILL_MUTANT_H

#include <stdbool.h>

#include "fill/flush.h"
#include "fill/worker.h"

enum mutant {
    MUTANT_NONE,
    MUTANT_TWO_TRANSACTIONS, /* rows commit first, the checkpoint in a transaction of its own */
    MUTANT_NO_SETTLING,      /* ranges are called settled as soon as they are filled */
    MUTANT_NO_FENCE,         /* nobody asks whether the lease still holds */
};

#ifdef INFILL_MUTANTS
bool mutant_is(enum mutant mutant);
/* Commits the rows, then the checkpoint: what a batch must never do. */
int mutant_commit(struct worker *worker, struct flush *advance, struct err *err);
#else
static inline bool mutant_is(enum mutant mutant) {
    (void)mutant;
    return false;
}
static inline int mutant_commit(struct worker *worker, struct flush *advance, struct err *err) {
    (void)worker, (void)advance, (void)err;
    return 0;
}
#endif

#endif
