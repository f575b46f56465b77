/* api.c - errors, memory and plans of the public API. */
#include "api/api.h"

#include "base/mem.h"
#include "base/text.h"
#include "ledger/owner.h"
#include "preflight/resolve.h"

__attribute__((constructor)) static void hook_jansson(void) {
    mem_hook_jansson();
}

const char *infill_version(void) {
    return INFILL_VERSION;
}

void infill_own_process(void) {
    db_own_process();
}

void infill_free(void *text) {
    mem_free(text);
}

const char *infill_error_name(int code) {
    return err_name(code);
}
int infill_error_exit_code(int code) {
    return err_exit_code(code);
}
const char *infill_error_line(int code) {
    return err_line(code);
}
const char *infill_error_text(int code) {
    return err_text(code);
}
int infill_error_by_name(const char *name) {
    return err_by_name(name);
}

const char *infill_engines(void) {
    static char names[128];
    if (names[0])
        return names;
    char text[sizeof names] = "";
    for (const struct db_engine *const *engine = db_engines(); *engine; engine++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%s%s", len ? " " : "", (*engine)->name);
    }
    memcpy(names, text, sizeof names);
    return names;
}

int api_fail(const struct err *err, struct infill_error *error) {
    memset(error, 0, sizeof *error);
    error->code = err->code;
    error->native = err->native;
    memcpy(error->sqlstate, err->sqlstate, sizeof error->sqlstate);
    snprintf(error->message, sizeof error->message, "%s", err->message);
    snprintf(error->where, sizeof error->where, "%s", err->where);
    snprintf(error->next, sizeof error->next, "%s", err->next);
    return err->code;
}

int api_document(json_t *document, char **json, struct err *err) {
    if (json == NULL) {
        json_decref(document);
        return 0;
    }
    *json = document ? json_dumps(document, JSON_INDENT(2)) : NULL;
    json_decref(document);
    return *json ? 0 : err_nomem(err);
}

static void pass_line(void *context, enum log_level level, const char *line) {
    const struct infill_log *log = context;
    if (log->line)
        log->line(log->context, (int)level, line);
}

struct log api_log(const struct infill_log *log) {
    if (log == NULL || log->line == NULL)
        return (struct log){NULL, NULL};
    return (struct log){pass_line, (void *)(uintptr_t)log};
}

int infill_plan_open(const struct infill_plan_options *options, struct infill_plan **out, char **report,
                     struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct buf text;
    buf_init(&text);
    struct plan_options load = {
        .path = options->path,
        .environment = options->environment,
        .profile = options->profile,
        .sets = options->sets,
        .set_count = options->set_count,
    };
    struct infill_plan *plan = mem_zalloc(1, sizeof *plan);
    int rc = plan ? plan_load(&load, &plan->plan, &text, &err) : err_nomem(&err);
    if (report)
        *report = rc && text.len ? buf_detach(&text) : NULL;
    buf_release(&text);
    if (rc) {
        mem_free(plan);
        return api_fail(&err, error);
    }
    *out = plan;
    return 0;
}

void infill_plan_close(struct infill_plan *plan) {
    if (plan == NULL)
        return;
    plan_free(plan->plan);
    mem_free(plan);
}

const char *infill_plan_name(const struct infill_plan *plan) {
    return plan->plan->name;
}
const char *infill_plan_environment(const struct infill_plan *plan) {
    return plan->plan->environment;
}
const char *infill_plan_profile(const struct infill_plan *plan) {
    return plan->plan->profile;
}
bool infill_plan_is_careful(const struct infill_plan *plan) {
    return text_equal(plan->plan->builtin_profile, "prod");
}
unsigned infill_plan_workers(const struct infill_plan *plan) {
    return (unsigned)plan->plan->set.workers;
}

int infill_plan_origins(const struct infill_plan *plan, char **json, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    json_t *document = NULL;
    int rc = plan_origins(plan->plan, &document, &err);
    if (rc == 0)
        rc = api_document(document, json, &err);
    return rc ? api_fail(&err, error) : 0;
}

int infill_plan_schema(char **json, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    json_t *document = NULL;
    int rc = plan_schema_json(&document, &err);
    if (rc == 0)
        rc = api_document(document, json, &err);
    return rc ? api_fail(&err, error) : 0;
}

int api_session_open(const struct plan *plan, const struct infill_log *log, bool read_only, struct api_session *session,
                     struct err *err) {
    memset(session, 0, sizeof *session);
    arena_init(&session->arena);
    session->log = api_log(log);
    owner_actor(session->actor, sizeof session->actor);
    char *name = arena_printf(&session->arena, "infill %s", plan->name);
    struct db_options options = {
        .url = plan->source_url,
        .application_name = name,
        .connect_timeout_ms = (unsigned)(plan->set.connect_timeout_us / 1000),
        .read_only = read_only,
        .log = &session->log,
    };
    struct db_tx tx = plan_tx(plan, false, false);
    int rc = name ? db_open(&options, &session->db, err) : err_nomem(err);
    return rc ? rc : ledger_new(db_dialect(session->db), &tx, &session->ledger, err);
}

void api_session_close(struct api_session *session) {
    ledger_free(session->ledger);
    db_close(session->db);
    arena_release(&session->arena);
}

int api_find_run(struct api_session *session, const struct plan *plan, struct ledger_run *run, struct err *err) {
    bool installed = false, found = false;
    int rc = ledger_is_installed(session->ledger, session->db, &installed, err);
    if (rc == 0 && installed)
        rc = ledger_run_find(session->ledger, session->db, plan->name, &session->arena, run, &found, err);
    if (rc || found)
        return rc;
    err_set(err, ERR_NOT_FOUND, "plan %s was never run in this database", plan->name);
    err_next(err, "nothing was done; infill plan %s shows what it would do, infill run %s starts it", plan->path, plan->path);
    return ERR_NOT_FOUND;
}
