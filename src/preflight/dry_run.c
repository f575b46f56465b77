/* dry_run.c - see dry_run.h: the frame of the document. */
#include "preflight/dry_run.h"

#include "base/mem.h"
#include "base/text.h"

static bool names_table(const struct plan_table *table, const char *name) {
    char qualified[512];
    snprintf(qualified, sizeof qualified, "%s.%s", table->schema ? table->schema : "", table->name);
    return text_equal(table->name, name) || text_equal(qualified, name);
}

static bool is_selected(const struct job *job, const char *table) {
    return table == NULL || names_table(&job->plan->from, table) || names_table(&job->plan->into, table) ||
           text_equal(job->source_name, table) || text_equal(job->target_name, table);
}

static json_t *warnings_json(const struct problems *problems, const char *fill) {
    json_t *list = json_array();
    for (const struct problem *p = problems->first; p; p = p->following)
        if (text_equal(p->fill, fill))
            json_array_append_new(list,
                                  json_pack("{s:s, s:s, s:s, s:s}", "check", p->check, "severity",
                                            p->severity == PROBLEM_FAIL ? "fail" : "warn", "message", p->message, "next", p->next));
    return list;
}

static int ledger_json(struct dry_run *dry, json_t **out, struct err *err) {
    const char **ddl;
    size_t count;
    bool installed = false;
    int rc = ledger_is_installed(dry->ledger, dry->db, &installed, err);
    if (rc == 0)
        rc = ledger_ddl(dry->ledger, dry->arena, &ddl, &count, err);
    if (rc)
        return rc;
    json_t *statements = json_array();
    for (size_t i = 0; i < count && !installed; i++)
        json_array_append_new(statements, json_string(ddl[i]));
    json_array_append_new(statements, json_string(ledger_fence(dry->ledger)->text.data));
    json_array_append_new(statements, json_string(ledger_advance(dry->ledger)->text.data));
    *out = json_pack("{s:b, s:o}", "installed", installed, "statements", statements);
    return *out ? 0 : err_nomem(err);
}

static json_t *order_json(const struct jobs *jobs) {
    json_t *order = json_array();
    for (size_t i = 0; i < jobs->order_count; i++)
        if (jobs->jobs[jobs->order[i]].plan)
            json_array_append_new(order, json_string(jobs->jobs[jobs->order[i]].name));
    return order;
}

static int fills_json(struct dry_run *dry, const char *table, json_t *fills, struct err *err) {
    size_t selected = 0;
    for (size_t i = 0; i < dry->jobs->count; i++) {
        struct job *job = &dry->jobs->jobs[i];
        json_t *fill = NULL;
        if (!is_selected(job, table))
            continue;
        selected++;
        int rc = dry_run_fill(dry, job, &fill, err);
        if (rc) {
            err_where(err, "fill %s", job->name);
            return rc;
        }
        json_object_set_new(fill, "warnings", warnings_json(&dry->jobs->problems, job->name));
        json_array_append_new(fills, fill);
    }
    if (selected == 0)
        return err_set(err, ERR_NOT_FOUND, "no fill of plan %s reads or writes %s", dry->plan->name, table ? table : "");
    return 0;
}

static const char *verdict(const struct problems *problems) {
    return problems->failures ? "fail" : problems->count ? "warn" : "ok";
}

static int document(struct dry_run *dry, const char *table, json_t **out, struct err *err) {
    const struct plan *plan = dry->plan;
    const struct db_identity *id = &dry->jobs->identity;
    json_t *fills = json_array(), *ledger = NULL;
    int rc = fills_json(dry, table, fills, err);
    if (rc == 0)
        rc = ledger_json(dry, &ledger, err);
    if (rc) {
        json_decref(fills);
        return rc;
    }
    *out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:s}", "plan", plan->name, "environment",
                     plan->environment, "profile", plan->profile, "database", id->database, "server_version", id->version,
                     "connections", (json_int_t)plan->set.workers + 1 + (plan->signal_count > 0), "workers",
                     (json_int_t)plan->set.workers, "rows_per_second", (json_int_t)plan->set.pace_rows_per_second, "ledger", ledger,
                     "fills", fills, "warnings", warnings_json(&dry->jobs->problems, ""), "order", order_json(dry->jobs), "verdict",
                     verdict(&dry->jobs->problems));
    return *out ? 0 : err_nomem(err);
}

int dry_run_document(struct dry_run *dry, const char *table, json_t **out, struct err *err) {
    unsigned long refusals = mem_refusals();
    json_t *made = NULL;
    int rc = document(dry, table, &made, err);
    if (mem_refusals() != refusals) { /* members that found no memory are missing */
        json_decref(made);
        return err_nomem(err);
    }
    *out = made;
    return rc;
}
