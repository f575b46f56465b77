/* signal_locks.c - sessions that wait for a lock, beside our own; those that wait for one of ours are told apart where the engine can. */
#include "pace/signal.h"

static int open_locks(struct signal *signal, const struct plan *plan, struct err *err) {
    const struct db_engine *engine = db_engine_for(plan->source_url);
    (void)signal;
    if (engine && engine->dialect->load && engine->dialect->load->lock_waits)
        return 0;
    return err_set(err, ERR_UNSUPPORTED, "%s does not say who waits for locks", engine ? engine->name : "this engine");
}

static int sample(struct signal *signal, const struct signal_tools *tools, struct pace_reading *reading, struct err *err) {
    struct db_result result;
    int rc = signal_query(signal, tools, db_dialect(tools->db)->load->lock_waits, &result, err);
    if (rc)
        return rc;
    int64_t for_us = db_cell_int(&result, 0, 1, 0);
    if (for_us > 0)
        snprintf(reading->detail, sizeof reading->detail, "%lld of them for this plan's", (long long)for_us);
    return signal_number(db_cell(&result, 0, 0), &reading->value, err);
}

const struct signal_type locks_signal = {
    .name = "locks", .kind = PACE_GAUGE, .needs_db = true, .open = open_locks, .sample = sample};
