/* signal_sessions.c - sessions that run something, as a part of those that the server takes. */
#include "pace/signal.h"

static int open_sessions(struct signal *signal, const struct plan *plan, struct err *err) {
    const struct db_engine *engine = db_engine_for(plan->source_url);
    (void)signal;
    if (engine && engine->dialect->load && engine->dialect->load->sessions)
        return 0;
    return err_set(err, ERR_UNSUPPORTED, "%s has no sessions to count", engine ? engine->name : "this engine");
}

static int sample(struct signal *signal, const struct signal_tools *tools, struct pace_reading *reading, struct err *err) {
    struct db_result result;
    double running = 0, most = 0;
    int rc = signal_query(signal, tools, db_dialect(tools->db)->load->sessions, &result, err);
    if (rc)
        return rc;
    if (db_cell_int(&result, 0, 2, 0) == 0)
        return err_set(err, ERR_DENIED, "other sessions are not shown to this role: GRANT pg_monitor TO it");
    rc = signal_number(db_cell(&result, 0, 0), &running, err);
    if (rc == 0)
        rc = signal_number(db_cell(&result, 0, 1), &most, err);
    if (rc)
        return rc;
    reading->value = most > 0 ? running / most : 1;
    snprintf(reading->detail, sizeof reading->detail, "%.0f of %.0f", running, most);
    return 0;
}

const struct signal_type sessions_signal = {
    .name = "sessions", .kind = PACE_GAUGE, .needs_db = true, .open = open_sessions, .sample = sample};
