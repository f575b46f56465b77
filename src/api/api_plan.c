/* api_plan.c - the dry run of the public API. */
#include "api/api.h"
#include "preflight/dry_run.h"
#include "preflight/init.h"
#include "preflight/rehearse.h"
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

/* What stays is said before anything is done. */
static int say_what_stays(const struct api_session *session, json_t *document, size_t batches, struct err *err) {
    const char *leaves = session->db->engine->rollback_leaves;
    if (leaves)
        log_line(&session->log, LOG_WARN, "the rehearsal rolls every batch back; what stays all the same: %s", leaves);
    json_t *rehearsal = json_pack("{s:I, s:s?}", "batches", (json_int_t)batches, "leaves", leaves);
    return rehearsal && json_object_set_new(document, "rehearsal", rehearsal) == 0 ? 0 : err_nomem(err);
}

static int rehearse_plan(const struct plan *plan, struct api_session *session, const struct jobs *jobs, size_t batches,
                         json_t *document, struct err *err) {
    struct rehearsal rehearsal = {.plan = plan,
                                  .db = session->db,
                                  .tx = plan_tx(plan, false, plan->set.batch_async_commit),
                                  .read_tx = plan_tx(plan, true, false),
                                  .arena = &session->arena,
                                  .batches = batches == 0             ? REHEARSE_BATCHES
                                             : batches > REHEARSE_MAX ? REHEARSE_MAX
                                                                      : batches};
    rehearsal.tx.by_index = rehearsal.read_tx.by_index = true;
    if (jobs->problems.failures > 0)
        return json_object_set_new(document, "rehearsal", json_null()) == 0 ? 0 : err_nomem(err);
    int rc = say_what_stays(session, document, rehearsal.batches, err);
    return rc ? rc : rehearse(&rehearsal, jobs, document, err);
}

int infill_rehearse(const struct infill_plan *plan, const struct infill_rehearse_options *options, char **json,
                    struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct api_session session;
    struct dry_run dry = {.plan = plan->plan, .tx = plan_tx(plan->plan, true, false)};
    json_t *document = NULL;
    int rc = api_session_open(plan->plan, &options->log, false, &session, &err);
    dry.db = session.db;
    dry.ledger = session.ledger;
    dry.arena = &session.arena;
    if (rc == 0)
        rc = jobs_resolve(plan->plan, session.db, &dry.jobs, &err);
    if (rc == 0)
        rc = dry_run_document(&dry, options->table, &document, &err);
    if (rc == 0)
        rc = rehearse_plan(plan->plan, &session, dry.jobs, options->batches, document, &err);
    if (rc == 0)
        rc = api_document(json_incref(document), json, &err);
    json_decref(document);
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
