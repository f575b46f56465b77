/* signal_locks.c - sessions that wait for a lock, beside our own; those that wait for one of ours are told apart where the engine can, and the
 * run is told, so that its batch gives way. */
#include "pace/signal.h"

static int open_locks(struct signal *signal, const struct plan *plan, struct err *err) {
    const struct db_engine *engine = db_engine_for(plan->source_url);
    (void)signal;
    if (engine && engine->dialect->load && engine->dialect->load->lock_waits)
        return 0;
    return err_set(err, ERR_UNSUPPORTED, "%s does not say who waits for locks", engine ? engine->name : "this engine");
}

struct locks_signal {
    struct signal base;
    bool looked;
    bool blind; /* we may not see who waits for whom */
};

/* Who stands in somebody's way is told. Where that is hidden, how many wait is still known. */
static int tell_blockers(struct locks_signal *locks, const struct signal_tools *tools, struct err *err) {
    const char *query = db_dialect(tools->db)->load->blockers;
    struct db_result result;
    if (locks->blind || query == NULL)
        return 0;
    int rc = signal_rows(&locks->base, tools, query, &result, err);
    locks->looked = true;
    if (rc == ERR_DENIED || rc == ERR_SQL) {
        locks->blind = true;
        err_clear(err);
        return 0;
    }
    for (unsigned i = 0; tools->blocks && rc == 0 && i < result.row_count; i++)
        tools->blocks(tools->context, db_cell_int(&result, i, 0, 0));
    return rc;
}

static int sample(struct signal *signal, const struct signal_tools *tools, struct pace_reading *reading, struct err *err) {
    struct locks_signal *locks = (struct locks_signal *)signal;
    struct db_result result;
    int rc = signal_query(signal, tools, db_dialect(tools->db)->load->lock_waits, &result, err);
    if (rc)
        return rc;
    int64_t for_us = db_cell_int(&result, 0, 1, 0);
    rc = signal_number(db_cell(&result, 0, 0), &reading->value, err);
    if (rc == 0 && (reading->value > 0 || !locks->looked))
        rc = tell_blockers(locks, tools, err);
    if (for_us > 0)
        snprintf(reading->detail, sizeof reading->detail, "%lld of them for this plan's", (long long)for_us);
    else if (locks->blind)
        snprintf(reading->detail, sizeof reading->detail, "a privilege is missing to see for whom, so batches do not give way");
    return rc;
}

const struct signal_type locks_signal = {.name = "locks",
                                         .kind = PACE_GAUGE,
                                         .needs_db = true,
                                         .size = sizeof(struct locks_signal),
                                         .open = open_locks,
                                         .sample = sample};
