/* api_set.c - settings changed while a run is under way. */
#include "api/api.h"
#include "base/mem.h"
#include "base/text.h"

/* "batch.rows=800" into an object of setting to text, null for `plan`. */
static int read_changes(const char *const *sets, size_t count, json_t *changes, struct err *err) {
    for (size_t i = 0; i < count; i++) {
        const char *equals = strchr(sets[i], '=');
        char name[64];
        if (equals == NULL || equals == sets[i] || (size_t)(equals - sets[i]) >= sizeof name) {
            err_set(err, ERR_USAGE, "write setting=value, such as batch.rows=500, not '%.60s'", sets[i]);
            err_next(err, "nothing was changed");
            return ERR_USAGE;
        }
        snprintf(name, sizeof name, "%.*s", (int)(equals - sets[i]), sets[i]);
        json_t *value = text_equal(equals + 1, "plan") ? json_null() : json_string(equals + 1);
        if (json_object_set_new(changes, name, value) != 0)
            return err_set(err, ERR_USAGE, "the value of %s is no UTF-8", name);
    }
    return 0;
}

/* What would be in force; a null goes through the check too, so that its name must be right. */
static int check(const struct plan *plan, const json_t *live, const json_t *changes, json_t **after, struct plan_settings *set,
                 struct err *err) {
    const char *name;
    json_t *value;
    struct plan_settings ignored;
    json_t *names = json_object();
    *after = json_is_object(live) ? json_deep_copy(live) : json_object();
    int rc = *after && names ? 0 : err_nomem(err);
    json_object_foreach ((json_t *)(uintptr_t)changes, name, value) {
        if (json_is_null(value)) {
            json_t *now = plan_setting_json(name, &plan->asked);
            char *text = json_is_string(now) ? mem_strdup(json_string_value(now))
                         : now               ? mem_json_text(now, JSON_ENCODE_ANY)
                                             : NULL;
            json_object_set_new(names, name, json_string(text ? text : ""));
            mem_free(text);
            json_decref(now);
            json_object_del(*after, name);
        } else {
            json_object_set(*after, name, value);
        }
    }
    if (rc == 0)
        rc = plan_live_settings(plan, names, &ignored, err);
    if (rc == 0)
        rc = plan_live_settings(plan, *after, set, err);
    json_decref(names);
    return rc;
}

static json_t *changed_json(const json_t *changes, const struct plan_settings *before, const struct plan_settings *after) {
    json_t *list = json_array();
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)changes, name, value)
        json_array_append_new(list, json_pack("{s:s, s:o, s:o}", "setting", name, "was", plan_setting_json(name, before), "now",
                                              plan_setting_json(name, after)));
    return list;
}

static int set_in_ledger(struct api_session *session, const struct plan *plan, const json_t *changes, char **json,
                         struct err *err) {
    struct ledger_run run;
    const char *text = NULL;
    struct plan_settings before = plan->set, after = plan->set;
    struct err ignored;
    json_t *all = NULL;
    int rc = api_find_run(session, plan, &run, err);
    if (rc == 0)
        rc = ledger_live(session->ledger, session->db, run.run, &session->arena, &text, err);
    json_t *live = rc == 0 && text ? json_loads(text, 0, NULL) : NULL;
    err_clear(&ignored);
    if (rc == 0 && plan_live_settings(plan, live, &before, &ignored) != 0)
        before = plan->set;
    if (rc == 0)
        rc = check(plan, live, changes, &all, &after, err);
    if (rc == 0)
        rc = ledger_live_set(session->ledger, session->db, run.run, changes, session->actor, err);
    if (rc == 0)
        rc = api_document(json_pack("{s:s, s:I, s:o, s:O}", "plan", plan->name, "run", (json_int_t)run.run, "changed",
                                    changed_json(changes, &before, &after), "set", all),
                          json, err);
    json_decref(live);
    json_decref(all);
    return rc;
}

int infill_set(const struct infill_plan *plan, const char *const *sets, size_t set_count, char **json, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct api_session session;
    json_t *changes = json_object();
    int rc = changes ? read_changes(sets, set_count, changes, &err) : err_nomem(&err);
    if (rc == 0) {
        rc = api_session_open(plan->plan, NULL, false, &session, &err);
        if (rc == 0)
            rc = set_in_ledger(&session, plan->plan, changes, json, &err);
        api_session_close(&session);
    }
    json_decref(changes);
    return rc ? api_fail(&err, error) : 0;
}
