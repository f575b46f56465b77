/* api_plan.c - the dry run of the public API. */
#include "api/api.h"
#include "preflight/dry_run.h"
#include "preflight/init.h"
#include "preflight/resolve.h"

int infill_dry_run(const struct infill_plan *plan, const char *table, const struct infill_log *log, char **json,
                   struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct api_session session;
    struct dry_run dry = {.plan = plan->plan, .tx = plan_tx(plan->plan, true, false)};
    json_t *document = NULL;
    int rc = api_session_open(plan->plan, log, true, &session, &err);
    dry.db = session.db;
    dry.ledger = session.ledger;
    dry.arena = &session.arena;
    if (rc == 0)
        rc = jobs_resolve(plan->plan, session.db, &dry.jobs, &err);
    if (rc == 0)
        rc = dry_run_document(&dry, table, &document, &err);
    if (rc == 0)
        rc = api_document(document, json, &err);
    jobs_free(dry.jobs);
    api_session_close(&session);
    return rc ? api_fail(&err, error) : 0;
}

int infill_init(const char *url, const char *from, const char *into, char **yaml, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct db *db = NULL;
    struct db_options options = {.url = url, .application_name = "infill init", .connect_timeout_ms = 10000, .read_only = true};
    struct buf text;
    buf_init(&text);
    int rc = db_open(&options, &db, &err);
    if (rc == 0)
        rc = init_plan(db, url, from, into, &text, &err);
    db_close(db);
    if (rc == 0 && (*yaml = buf_detach(&text)) == NULL)
        rc = err_nomem(&err);
    buf_release(&text);
    return rc ? api_fail(&err, error) : 0;
}
