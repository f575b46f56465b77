/* plan_tx.c - the settings of a plan that every transaction gets. */
#include "preflight/resolve.h"

struct db_tx plan_tx(const struct plan *plan, bool read_only, bool async_commit) {
    const struct plan_settings *set = &plan->set;
    return (struct db_tx){
        .statement_timeout_ms = (unsigned)(set->statement_timeout_us / 1000),
        .lock_timeout_ms = (unsigned)(set->lock_timeout_us / 1000),
        .idle_timeout_ms = (unsigned)(set->idle_timeout_us / 1000),
        .read_only = read_only,
        .async_commit = async_commit,
    };
}
