/* api_report.c - the report of the public API. */
#include "api/api.h"
#include "reconcile/report.h"

static int add_rejects(struct api_session *session, int64_t run, json_t *document, struct err *err) {
    json_t *rejects = NULL;
    int rc = api_rejects(session, run, &rejects, err);
    if (rc == 0)
        json_object_set(document, "rejects", json_object_get(rejects, "rejects"));
    json_decref(rejects);
    return rc;
}

static int add_server(struct api_session *session, json_t *document, struct err *err) {
    struct db_identity id;
    int rc = db_identify(session->db, &session->arena, &id, err);
    if (rc == 0) {
        json_object_set_new(document, "server_version", json_string(id.version));
        json_object_set_new(document, "version", json_string(infill_version()));
    }
    return rc;
}

int infill_report(const struct infill_plan *plan, char **json, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct api_session session;
    struct ledger_run run;
    json_t *document = NULL;
    int rc = api_session_open(plan->plan, NULL, true, &session, &err);
    if (rc == 0)
        rc = api_find_run(&session, plan->plan, &run, &err);
    if (rc == 0)
        rc = report_document(session.ledger, session.db, plan->plan->name, run.run, &document, &err);
    if (rc == 0)
        rc = add_server(&session, document, &err);
    if (rc == 0)
        rc = add_rejects(&session, run.run, document, &err);
    if (rc == 0)
        rc = api_document(json_incref(document), json, &err);
    json_decref(document);
    api_session_close(&session);
    return rc ? api_fail(&err, error) : 0;
}
