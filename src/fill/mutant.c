/* mutant.c - see mutant.h. */
#include "fill/mutant.h"

#ifdef INFILL_MUTANTS

#include <stdlib.h>

#include "base/text.h"

bool mutant_is(enum mutant mutant) {
    const char *name = getenv("INFILL_MUTANT");
    if (mutant == MUTANT_TWO_TRANSACTIONS)
        return text_equal(name, "two_transactions");
    if (mutant == MUTANT_NO_SETTLING)
        return text_equal(name, "no_settling");
    return mutant == MUTANT_NO_FENCE && text_equal(name, "no_fence");
}

int mutant_commit(struct worker *worker, struct flush *advance, struct err *err) {
    int rc = db_flush(worker->db, DB_COMMIT, NULL, NULL, 0, NULL, NULL, err);
    if (rc)
        return rc;
    rc = flush_run(advance, worker->db, DB_ONE_TX, &worker->run->ledger_tx, err);
    if (rc == 0 || !mutant_is(MUTANT_NO_FENCE))
        return rc;
    err_clear(err); /* a lease that is gone does not disturb this one */
    return 0;
}

#else

/* ISO C wants a translation unit to declare something. */
typedef int mutant_is_not_built_in;

#endif
