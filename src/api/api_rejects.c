/* api_rejects.c - rejects of the public API: listing, trying again, accepting. */
#include "api/api.h"
#include "base/text.h"
#include "fill/reject_retry.h"

static json_t *reject_json(const struct ledger_reject *reject) {
    return json_pack("{s:s, s:s, s:I, s:s, s:s?, s:s?, s:s, s:s?, s:I}", "fill", reject->fill, "key", reject->key, "range",
                     (json_int_t)reject->range_no, "class", reject->class, "sqlstate", reject->sqlstate, "constraint",
                     reject->constraint, "state", reject->state, "at", reject->at, "tries", (json_int_t)reject->tries);
}

static json_t *list_json(const struct ledger_reject *rejects, size_t count) {
    json_t *list = json_array();
    json_int_t open = 0, accepted = 0, retried = 0;
    for (size_t i = 0; i < count; i++) {
        open += text_equal(rejects[i].state, "open");
        accepted += text_equal(rejects[i].state, "accepted");
        retried += text_equal(rejects[i].state, "retried");
        json_array_append_new(list, reject_json(&rejects[i]));
    }
    return json_pack("{s:o, s:I, s:I, s:I}", "rejects", list, "open", open, "accepted", accepted, "retried", retried);
}

int api_rejects(struct api_session *session, int64_t run, json_t **document, struct err *err) {
    struct ledger_reject *rejects = NULL;
    size_t count = 0;
    int rc = ledger_rejects(session->ledger, session->db, run, NULL, &session->arena, &rejects, &count, err);
    if (rc == 0 && (*document = list_json(rejects, count)) == NULL)
        rc = err_nomem(err);
    return rc;
}

int infill_rejects(const struct infill_plan *plan, char **json, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct api_session session;
    struct ledger_run run;
    json_t *document = NULL;
    int rc = api_session_open(plan->plan, NULL, true, &session, &err);
    if (rc == 0)
        rc = api_find_run(&session, plan->plan, &run, &err);
    if (rc == 0)
        rc = api_rejects(&session, run.run, &document, &err);
    if (rc == 0)
        rc = api_document(document, json, &err);
    api_session_close(&session);
    return rc ? api_fail(&err, error) : 0;
}

/* A plan with another meaning would write something else into the rows of this run. */
static int check_meaning(const struct plan *plan, const struct ledger_run *run, const struct jobs *jobs, struct err *err) {
    if (text_equal(run->meaning, jobs->meaning))
        return 0;
    err_set(err, ERR_REFUSED, "plan %s has another meaning than the run in this database", plan->name);
    err_next(err, "nothing was changed; infill run %s says what changed", plan->path);
    return ERR_REFUSED;
}

static int retry_all(struct api_session *session, const struct plan *plan, struct reject_retry *retry, struct err *err) {
    struct ledger_run run = {0};
    int rc = api_find_run(session, plan, &run, err);
    *retry = (struct reject_retry){.plan = plan, .db = session->db, .ledger = session->ledger, .run = run.run};
    if (rc == 0)
        rc = jobs_resolve(plan, session->db, &retry->jobs, err);
    if (rc == 0)
        rc = problems_to_err(&retry->jobs->problems, ERR_REFUSED, err);
    if (rc == 0)
        rc = check_meaning(plan, &run, retry->jobs, err);
    if (rc == 0)
        rc = reject_retry_all(retry, err);
    jobs_free(retry->jobs);
    return rc;
}

int infill_rejects_retry(const struct infill_plan *plan, const struct infill_log *log, char **json, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct api_session session;
    struct reject_retry retry;
    int rc = api_session_open(plan->plan, log, false, &session, &err);
    if (rc == 0)
        rc = retry_all(&session, plan->plan, &retry, &err);
    if (rc == 0)
        rc = api_document(json_pack("{s:I, s:I, s:I}", "tried", (json_int_t)retry.tried, "written", (json_int_t)retry.written,
                                    "still_open", (json_int_t)retry.still_open),
                          json, &err);
    api_session_close(&session);
    return rc ? api_fail(&err, error) : 0;
}

/* How many columns a key's text has. */
static size_t key_columns(const char *key) {
    json_t *array = json_loads(key, 0, NULL);
    size_t count = json_array_size(array);
    json_decref(array);
    return count;
}

/* What the user typed, as the ledger has it: the text of a key as `infill rejects` prints it, or the bare value. */
static const char *find_key(struct api_session *session, const char *typed, const struct ledger_reject *rejects, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct buf text;
        struct err ignored;
        err_clear(&ignored);
        buf_init(&text);
        int rc = key_parse(typed, key_columns(rejects[i].key), session->db->engine->tags_keys, &text, &ignored);
        bool same = rc == 0 && text_equal(text.data, rejects[i].key);
        buf_release(&text);
        if (same || text_equal(typed, rejects[i].key))
            return rejects[i].key;
    }
    return typed;
}

/* The fill may be left out when the plan has only one. */
static int only_fill(const struct plan *plan, const char **fill, struct err *err) {
    if (*fill)
        return 0;
    if (plan->fill_count > 1)
        return err_set(err, ERR_USAGE, "plan %s has %zu fills: say which one the keys are of with --fill", plan->name,
                       plan->fill_count);
    *fill = plan->fills[0].name;
    return 0;
}

static int accept(struct api_session *session, const struct plan *plan, const char *fill, const char *const *keys, size_t count,
                  const char *because, struct err *err) {
    struct ledger_run run;
    struct ledger_reject *rejects = NULL;
    size_t reject_count = 0;
    const char **found = arena_array(&session->arena, count + 1, sizeof *found);
    if (found == NULL)
        return err_nomem(err);
    int rc = only_fill(plan, &fill, err);
    if (rc == 0)
        rc = api_find_run(session, plan, &run, err);
    if (rc == 0)
        rc = ledger_rejects(session->ledger, session->db, run.run, NULL, &session->arena, &rejects, &reject_count, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < count; i++)
        found[i] = find_key(session, keys[i], rejects, reject_count);
    return ledger_rejects_accept(session->ledger, session->db, run.run, fill, found, count, because ? because : "", session->actor,
                                 err);
}

int infill_rejects_accept(const struct infill_plan *plan, const char *fill, const char *const *keys, size_t count,
                          const char *because, char **json, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct api_session session;
    int rc = api_session_open(plan->plan, NULL, false, &session, &err);
    if (rc == 0)
        rc = accept(&session, plan->plan, fill, keys, count, because, &err);
    if (rc == 0)
        rc = api_document(json_pack("{s:I}", "accepted", (json_int_t)count), json, &err);
    api_session_close(&session);
    return rc ? api_fail(&err, error) : 0;
}
