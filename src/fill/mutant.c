/* mutant.c - see mutant.h. */
#include "fill/mutant.h"

#ifdef INFILL_MUTANTS

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
typedef int mutants_of_a_batch_are_not_built_in;

#endif
