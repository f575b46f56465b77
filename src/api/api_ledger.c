/* api_ledger.c - the commands that act through the ledger from any terminal or host. */
#include "api/api.h"
#include "base/mem.h"
#include "base/text.h"

int infill_status(const struct infill_plan *plan, char **json, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct api_session session;
    struct ledger_run run;
    json_t *document = NULL;
    int rc = api_session_open(plan->plan, NULL, true, &session, &err);
    if (rc == 0)
        rc = api_find_run(&session, plan->plan, &run, &err);
    if (rc == 0)
        rc = ledger_status(session.ledger, session.db, plan->plan->name, &document, &err);
    if (rc == 0)
        rc = api_document(document, json, &err);
    api_session_close(&session);
    return rc ? api_fail(&err, error) : 0;
}

static const char *const action_states[] = {
    [INFILL_PAUSE] = "paused",
    [INFILL_RESUME] = "running",
    [INFILL_STOP] = "stopped",
};

/* A halt or a stop is lifted by somebody who says why. */
static int check_because(const struct plan *plan, const struct ledger_run *run, enum infill_action action, const char *because,
                         struct err *err) {
    bool sticky = text_equal(run->state, "halted") || text_equal(run->state, "stopped");
    if (action != INFILL_RESUME || !sticky || (because && because[0]))
        return 0;
    err_set(err, ERR_USAGE, "run %s is %s%s%s; say why it may go on", plan->name, run->state,
            run->reason && run->reason[0] ? ": " : "", run->reason ? run->reason : "");
    err_next(err, "nothing was changed; infill resume %s --because \"...\"", plan->path);
    return ERR_USAGE;
}

static int control(struct api_session *session, const struct plan *plan, enum infill_action action, const char *because,
                   char **json, struct err *err) {
    struct ledger_run run;
    const char *was = "";
    bool changed = false;
    int rc = api_find_run(session, plan, &run, err);
    if (rc == 0)
        rc = check_because(plan, &run, action, because, err);
    if (rc)
        return rc;
    if (text_equal(run.state, "done")) {
        err_set(err, ERR_USAGE, "run %s is done: there is nothing to %s", plan->name,
                action == INFILL_RESUME  ? "resume"
                : action == INFILL_PAUSE ? "pause"
                                         : "stop");
        return ERR_USAGE;
    }
    rc = ledger_run_control(session->ledger, session->db, run.run, action_states[action], because ? because : "", session->actor,
                            "{}", NULL, &session->arena, &was, &changed, err);
    if (rc)
        return rc;
    json_t *document = json_pack("{s:s, s:I, s:s, s:s, s:b}", "plan", plan->name, "run", (json_int_t)run.run, "state",
                                 changed ? action_states[action] : was, "was", was, "changed", changed);
    return api_document(document, json, err);
}

int infill_control(const struct infill_plan *plan, enum infill_action action, const char *because, char **json,
                   struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct api_session session;
    int rc = api_session_open(plan->plan, NULL, false, &session, &err);
    if (rc == 0)
        rc = control(&session, plan->plan, action, because, json, &err);
    api_session_close(&session);
    return rc ? api_fail(&err, error) : 0;
}

static json_t *strings(const char *const *texts, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(texts[i]));
    return list;
}

/* On the source, or on the target. Beside writers, settling locks source rows, and writes and deletes single rows of the target again. */
static const char *worker_rights(const struct plan *plan, const struct plan_fill *fill, bool target) {
    bool settles = plan->writes == PLAN_WRITES_APPLICATION, overwrites = fill->on_conflict == PLAN_OVERWRITE;
    if (!target)
        return fill->in_place || overwrites || settles ? "SELECT, UPDATE" : "SELECT";
    return settles ? "SELECT, INSERT, UPDATE, DELETE" : overwrites ? "SELECT, INSERT, UPDATE" : "SELECT, INSERT";
}

/* Grants on the fills' own tables: the worker reads sources and writes targets, nothing else. */
static int table_grants(struct api_session *session, const struct plan *plan, json_t *worker, json_t *observer, struct err *err) {
    const struct sql_dialect *dialect = db_dialect(session->db);
    if (json_array_size(worker) == 0)
        return 0; /* an engine without roles */
    for (size_t i = 0; i < plan->fill_count; i++) {
        const struct plan_fill *fill = &plan->fills[i];
        const struct plan_table *tables[] = {&fill->from, &fill->into};
        for (size_t t = 0; t < (fill->in_place ? 1u : 2u); t++) {
            struct sql_table *table;
            int rc = db_describe(session->db, tables[t]->schema, tables[t]->name, &session->arena, &table, err);
            if (rc)
                return rc;
            struct buf name;
            buf_init(&name);
            sql_table_name(dialect, &name, table->schema, table->name);
            json_array_append_new(worker,
                                  json_sprintf("GRANT %s ON %s TO infill_worker", worker_rights(plan, fill, t == 1), name.data));
            json_array_append_new(observer, json_sprintf("GRANT SELECT ON %s TO infill_observer", name.data));
            buf_release(&name);
        }
    }
    return 0;
}

static int role_grants(struct api_session *session, const char *role, const char *database, json_t **out, struct err *err) {
    const char **grants;
    size_t count;
    int rc = ledger_grants(session->ledger, role, database, &session->arena, &grants, &count, err);
    *out = rc ? NULL : strings(grants, count);
    return rc;
}

static int install_document(struct api_session *session, const struct plan *plan, bool installed, json_t **out, struct err *err) {
    const char **ddl;
    size_t count;
    struct db_identity id;
    json_t *installer = NULL, *worker = NULL, *observer = NULL;
    int rc = db_identify(session->db, &session->arena, &id, err);
    if (rc == 0)
        rc = ledger_ddl(session->ledger, &session->arena, &ddl, &count, err);
    if (rc == 0)
        rc = role_grants(session, "installer", id.database, &installer, err);
    if (rc == 0)
        rc = role_grants(session, "worker", id.database, &worker, err);
    if (rc == 0)
        rc = role_grants(session, "observer", id.database, &observer, err);
    if (rc == 0)
        rc = table_grants(session, plan, worker, observer, err);
    if (rc == 0)
        *out = json_pack("{s:o, s:{s:O, s:O, s:O}, s:b}", "statements", strings(ddl, count), "grants", "installer", installer,
                         "worker", worker, "observer", observer, "installed", installed);
    json_decref(installer);
    json_decref(worker);
    json_decref(observer);
    return rc;
}

int infill_install(const struct infill_plan *plan, bool print_only, char **json, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct api_session session;
    bool installed = false;
    json_t *document = NULL;
    int rc = api_session_open(plan->plan, NULL, print_only, &session, &err);
    if (rc == 0)
        rc = ledger_is_installed(session.ledger, session.db, &installed, &err);
    if (rc == 0)
        rc = install_document(&session, plan->plan, installed, &document, &err);
    if (rc == 0 && !print_only)
        rc = ledger_install(session.ledger, session.db, &err);
    if (rc == 0)
        rc = api_document(document, json, &err);
    else
        json_decref(document);
    api_session_close(&session);
    return rc ? api_fail(&err, error) : 0;
}

int infill_uninstall(const struct infill_plan *plan, bool force, char **json, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct api_session session;
    const char **ddl = NULL;
    size_t count = 0;
    bool installed = false;
    int rc = api_session_open(plan->plan, NULL, false, &session, &err);
    if (rc == 0)
        rc = ledger_is_installed(session.ledger, session.db, &installed, &err);
    if (rc == 0)
        rc = ledger_drop_ddl(session.ledger, &session.arena, &ddl, &count, &err);
    if (rc == 0 && installed)
        rc = ledger_uninstall(session.ledger, session.db, force, &err);
    if (rc == 0)
        rc = api_document(json_pack("{s:o, s:b}", "statements", strings(ddl, count), "removed", installed), json, &err);
    api_session_close(&session);
    return rc ? api_fail(&err, error) : 0;
}
