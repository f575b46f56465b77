/* api_check.c - the checklist of the public API. */
#include "api/api.h"
#include "preflight/checklist.h"

int infill_check(const struct infill_plan *plan, const struct infill_check_options *options, char **json,
                 struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct api_session session;
    struct checklist list = {.plan = plan->plan,
                             .tx = plan_tx(plan->plan, true, false),
                             .watch_us = (int64_t)options->watch_ms * 1000,
                             .quick = options->quick,
                             .no_hooks = options->no_hooks,
                             .accept = options->accept,
                             .accept_count = options->accept_count};
    struct db_options db_options = {.url = plan->plan->source_url,
                                    .application_name = "infill check",
                                    .connect_timeout_ms = (unsigned)(plan->plan->set.connect_timeout_us / 1000),
                                    .read_only = true};
    json_t *document = NULL;
    int rc = api_session_open(plan->plan, &options->log, true, &session, &err);
    list.db = session.db;
    list.db_options = &db_options;
    list.ledger = session.ledger;
    list.arena = &session.arena;
    if (rc == 0)
        rc = jobs_resolve(plan->plan, session.db, &list.jobs, &err);
    if (rc == 0)
        rc = checklist_run(&list, &document, &err);
    if (rc == 0)
        rc = api_document(document, json, &err);
    jobs_free(list.jobs);
    api_session_close(&session);
    return rc ? api_fail(&err, error) : 0;
}
