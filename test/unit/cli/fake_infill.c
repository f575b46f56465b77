/* fake_infill.c - the public API without a database: canned documents, and runs that do as FAKE says.
 *
 * FAKE (an environment variable, one word) chooses what happens; what is not named here goes well:
 *   invalid    the plan has mistakes            fail      the dry run's verdict is fail
 *   refused    run_open: REFUSED                halted    run_open: HALTED
 *   rejects    rows were rejected               lost      the second step loses its connection
 *   paused     every step waits, "paused"       stopped   every step says drained, the run is stopped
 *   busy       the first step: BUSY             stuck     the first batch ends only when it is cancelled
 *   open       the workers see the end, the ledger does not
 *   careful    the profile is prod              fails     the same, and the checklist fails
 *   slow       batches without end              nothing   no run, no ledger
 * The proof (fake_verify.c) knows more of them. */
#include "fake_infill.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCHES = 3 };

struct infill_plan {
    char path[256];
    unsigned workers;
};

struct infill_run {
    const struct infill_plan *plan;
    struct infill_log log;
    atomic_bool draining;
    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t woken;
    bool cancelled, finished;
    unsigned batches;
    unsigned workers;
};

struct infill_worker {
    struct infill_run *run;
    unsigned steps;
};

bool fake(const char *word) {
    const char *chosen = getenv("FAKE");
    return chosen != NULL && strcmp(chosen, word) == 0;
}

int fake_fail(struct infill_error *error, int code, const char *message, const char *where, const char *next) {
    *error = (struct infill_error){.code = code};
    snprintf(error->message, sizeof error->message, "%s", message);
    snprintf(error->where, sizeof error->where, "%s", where);
    snprintf(error->next, sizeof error->next, "%s", next);
    return code;
}

int fake_give(char **json, const char *text) {
    *json = strdup(text);
    return *json != NULL ? 0 : INFILL_ERR_NOMEM;
}

const char *infill_version(void) {
    return "0.0-fake";
}

void infill_own_process(void) {
}

const char *infill_engines(void) {
    return "fake";
}

void infill_free(void *text) {
    free(text);
}

struct entry {
    int code, exit_code;
    const char *name, *line, *text;
};

static const struct entry entries[] = {
#define ENTRY(name, value, exit_code, line, text) {value, exit_code, #name, line, text},
    INFILL_ERROR_LIST(ENTRY)
#undef ENTRY
};

static const struct entry *entry_of(int code) {
    static const struct entry none = {0, 1, "NONE", "", ""};
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
        if (entries[i].code == code)
            return &entries[i];
    return &none;
}

const char *infill_error_name(int code) {
    return entry_of(code)->name;
}

int infill_error_exit_code(int code) {
    return entry_of(code)->exit_code;
}

const char *infill_error_line(int code) {
    return entry_of(code)->line;
}

const char *infill_error_text(int code) {
    return entry_of(code)->text;
}

int infill_error_by_name(const char *name) {
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
        if (strcmp(entries[i].name, name) == 0)
            return entries[i].code;
    return 0;
}

int infill_plan_open(const struct infill_plan_options *options, struct infill_plan **plan, char **report,
                     struct infill_error *error) {
    if (fake("invalid")) {
        *report = strdup("users.yaml:3:1: error: unknown key 'fils'; did you mean 'fills'?\n  fils:\n  ^\x1b[31m");
        return fake_fail(error, INFILL_ERR_PLAN, "the plan has 1 mistake", "", "mend it");
    }
    *plan = calloc(1, sizeof **plan);
    if (*plan == NULL)
        return fake_fail(error, INFILL_ERR_NOMEM, "no memory", "", "");
    snprintf((*plan)->path, sizeof(*plan)->path, "%s", options->path);
    (*plan)->workers = 2;
    for (size_t i = 0; i < options->set_count; i++)
        if (strncmp(options->sets[i], "workers=", 8) == 0)
            (*plan)->workers = (unsigned)strtoul(options->sets[i] + 8, NULL, 10);
    return 0;
}

void infill_plan_close(struct infill_plan *plan) {
    free(plan);
}

const char *infill_plan_name(const struct infill_plan *plan) {
    (void)plan;
    return "users_v2";
}

const char *infill_plan_environment(const struct infill_plan *plan) {
    (void)plan;
    return "default";
}

const char *infill_plan_profile(const struct infill_plan *plan) {
    (void)plan;
    return "prod";
}

bool infill_plan_is_careful(const struct infill_plan *plan) {
    (void)plan;
    return fake("careful") || fake("fails");
}

unsigned infill_plan_workers(const struct infill_plan *plan) {
    return plan->workers;
}

int infill_plan_origins(const struct infill_plan *plan, char **json, struct infill_error *error) {
    (void)error;
    char text[256];
    snprintf(text, sizeof text, "[{\"setting\":\"workers\",\"value\":%u,\"origin\":\"profile prod\",\"where\":\"\"}]",
             plan->workers);
    return fake_give(json, text);
}

int infill_plan_schema(char **json, struct infill_error *error) {
    (void)error;
    return fake_give(json, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"}");
}

int infill_init(const char *url, const char *from, const char *into, char **yaml, struct infill_error *error) {
    char text[512];
    (void)error;
    snprintf(text, sizeof text, "# a plan\nversion: 1\nsource: {url: \"%s\"}\nfills:\n  - from: %s\n    into: %s\n", url, from,
             into != NULL ? into : "-");
    return fake_give(yaml, text);
}

int infill_dry_run(const struct infill_plan *plan, const char *table, const struct infill_log *log, char **json,
                   struct infill_error *error) {
    (void)plan;
    if (table != NULL && strcmp(table, "nosuch") == 0)
        return fake_fail(error, INFILL_ERR_NOT_FOUND, "no fill reads or writes nosuch", "", "infill plan without --table");
    log->line(log->context, 1, "asked the catalog");
    return fake_give(
        json,
        fake("fail")
            ? "{\"plan\":\"users_v2\",\"fills\":[{\"fill\":\"users\",\"kind\":\"into\",\"source\":\"a\",\"target\":\"b\","
              "\"warnings\":"
              "[{\"check\":\"key\",\"severity\":\"fail\",\"message\":\"no index\",\"next\":\"make one\"}]}],\"verdict\":\"fail\"}"
            : "{\"plan\":\"users_v2\",\"environment\":\"default\",\"profile\":\"prod\",\"database\":\"shop\",\"server_version\":"
              "\"15.4\","
              "\"connections\":3,\"rows_per_second\":500,\"ledger\":{\"installed\":false,\"statements\":[\"CREATE TABLE r (i "
              "int)\"]},"
              "\"fills\":[{\"fill\":\"users\",\"kind\":\"into\",\"source\":\"public.users_legacy\",\"target\":\"public.users_v2\","
              "\"key\":[\"id\"],\"match\":[\"id\"],\"index\":\"users_legacy_pkey\",\"needs\":[],\"rows_estimate\":2000000,"
              "\"ranges_estimate\":20,\"batches_estimate\":2000,\"seconds_estimate\":4000,\"first_batch\":{\"lo\":null,"
              "\"hi\":\"[\\\"1000\\\"]\"},\"last_key\":\"[\\\"2000000\\\"]\",\"statements\":[{\"name\":\"insert\",\"sql\":\"INSERT "
              "INTO "
              "users_v2\\nSELECT 1\",\"explain\":\"Index Scan\",\"scan\":\"index range\"}],\"warnings\":[{\"check\":\"trigger\","
              "\"severity\":\"warn\",\"message\":\"evil\\u001b[31m trigger\",\"next\":\"look\"}]}],\"order\":[\"users\"],"
              "\"verdict\":\"warn\"}");
}

int infill_rehearse(const struct infill_plan *plan, const struct infill_rehearse_options *options, char **json,
                    struct infill_error *error) {
    (void)plan;
    (void)error;
    options->log.line(options->log.context, 2, "what stays all the same: dust");
    char text[2048];
    snprintf(
        text, sizeof text,
        "{\"plan\":\"users_v2\",\"rows_per_second\":%d,\"fills\":[{\"fill\":\"users\",\"kind\":\"into\",\"source\":\"a\","
        "\"target\":\"b\",\"warnings\":[],"
        "\"rehearsal\":{\"batches\":[{\"lo\":null,\"hi\":\"[\\\"500\\\"]\",\"rows\":500,\"present\":20,\"same\":15,\"written\":480,"
        "\"milliseconds\":12.5,\"log_bytes\":100000,\"triggers\":\"audit \u00d7 "
        "480\",\"error\":null},{\"lo\":\"[\\\"900\\\"]\",\"hi\":"
        "\"[\\\"1400\\\"]\",\"rows\":500,\"present\":0,\"same\":0,\"written\":0,\"milliseconds\":1.5,\"log_bytes\":null,"
        "\"triggers\":\"\","
        "\"error\":\"ROW\"}],\"evenly\":false,\"rows\":500,\"written\":480,\"same\":15,\"rows_per_second\":40000.0,"
        "\"log_bytes_per_row\":200.0,\"log_is_shared\":true,\"forecast\":{\"seconds\":{\"expected\":4000.0,\"low\":3600.0,\"high\":"
        "7200.0},"
        "\"confidence\":0.9,\"log_bytes\":400000000,\"recommended\":{\"batch.rows\":800,\"workers\":1,\"pace.rows_per_second\":"
        "20000,\"finish_within\":\"2h\"}}}}],"
        "\"rehearsal\":{\"batches\":2,\"leaves\":\"dust\"},\"verdict\":\"ok\"}",
        fake("paced") ? 500 : 0);
    return fake_give(json, text);
}

int infill_check(const struct infill_plan *plan, const struct infill_check_options *options, char **json,
                 struct infill_error *error) {
    (void)plan;
    for (size_t i = 0; i < options->accept_count; i++)
        if (strcmp(options->accept[i], "disk") != 0)
            return fake_fail(error, INFILL_ERR_USAGE, "nothing on the checklist is called that", "", "");
    bool accepted = options->accept_count > 0;
    char text[1024];
    snprintf(
        text, sizeof text,
        "{\"plan\":\"users_v2\",\"environment\":\"default\",\"profile\":\"prod\",\"database\":\"shop\",\"server_version\":"
        "\"15.4\",\"verdict\":\"%s\",\"parts\":[{\"part\":\"pre-flight\",\"lines\":[{\"check\":\"key\",\"verdict\":\"pass\","
        "\"fill\":\"users\",\"message\":\"walked\",\"next\":\"\"},{\"check\":\"disk\",\"verdict\":\"%s\",\"fill\":\"\","
        "\"message\":\"room\\u001b[31m\",\"next\":\"df\"}]},{\"part\":\"way back\",\"lines\":[]}],\"forecast\":{\"rows\":2000000,"
        "\"rows_per_second\":500,\"seconds\":4000},\"counts\":{\"pass\":1,\"warn\":0,\"fail\":%d,\"accepted\":%d}}",
        (fake("fail") || fake("fails")) && !accepted ? "fail" : "pass",
        (fake("fail") || fake("fails")) && !accepted ? "fail"
        : accepted                                   ? "accepted"
                                                     : "pass",
        (fake("fail") || fake("fails")) && !accepted, accepted);
    return fake_give(json, text);
}

int infill_run_open(const struct infill_plan *plan, const struct infill_run_options *options, struct infill_run **run,
                    struct infill_error *error) {
    if (fake("refused"))
        return fake_fail(error, INFILL_ERR_REFUSED, "the plan's where changed", "fill users", "start a new plan");
    if (fake("halted"))
        return fake_fail(error, INFILL_ERR_HALTED, "halted: guards.reject", "", "infill resume PLAN --because \"...\"");
    *run = calloc(1, sizeof **run);
    if (*run == NULL)
        return fake_fail(error, INFILL_ERR_NOMEM, "no memory", "", "");
    (*run)->plan = plan;
    (*run)->log = options->log;
    pthread_mutex_init(&(*run)->lock, NULL);
    pthread_cond_init(&(*run)->woken, NULL);
    options->log.line(options->log.context, 2, "a warning\nof two lines");
    if (options->again)
        options->log.line(options->log.context, 2, options->ranges);
    return 0;
}

int infill_worker_open(struct infill_run *run, struct infill_worker **worker, struct infill_error *error) {
    (void)error;
    *worker = calloc(1, sizeof **worker);
    if (*worker == NULL)
        return fake_fail(error, INFILL_ERR_NOMEM, "no memory", "", "");
    (*worker)->run = run;
    pthread_mutex_lock(&run->lock);
    run->workers++;
    pthread_mutex_unlock(&run->lock);
    return 0;
}

void infill_worker_close(struct infill_worker *worker) {
    struct infill_run *run = worker->run;
    pthread_mutex_lock(&run->lock);
    run->workers--;
    pthread_mutex_unlock(&run->lock);
    free(worker);
}

static int wait_for_cancel(struct infill_run *run, struct infill_error *error) {
    pthread_mutex_lock(&run->lock);
    while (!run->cancelled)
        pthread_cond_wait(&run->woken, &run->lock);
    pthread_mutex_unlock(&run->lock);
    return fake_fail(error, INFILL_ERR_CANCELLED, "cancelled", "", "the same command resumes");
}

static bool take_batch(struct infill_run *run) {
    pthread_mutex_lock(&run->lock);
    bool took = fake("slow") || run->batches < BATCHES;
    run->batches += took;
    pthread_mutex_unlock(&run->lock);
    return took;
}

int infill_worker_step(struct infill_worker *worker, struct infill_step *step, struct infill_error *error) {
    struct infill_run *run = worker->run;
    if (fake("stuck")) /* in a batch already when it is asked to drain, however late its thread came to it */
        return wait_for_cancel(run, error);
    if (atomic_load(&run->draining) || fake("stopped")) {
        step->state = INFILL_STEP_DRAINED;
        return 0;
    }
    if (fake("busy"))
        return fake_fail(error, INFILL_ERR_BUSY, "every open range is worked on", "", "later");
    if (fake("paused")) {
        *step = (struct infill_step){.state = INFILL_STEP_WAIT, .wait_ms = 60000, .reason = "paused"};
        return 0;
    }
    if (fake("lost") && ++worker->steps == 2) {
        fake_fail(error, INFILL_ERR_LOST, "server closed the connection", "fill users, range 3", "");
        snprintf(error->sqlstate, sizeof error->sqlstate, "57P01");
        return error->code;
    }
    step->state = take_batch(run) ? INFILL_STEP_BATCH : INFILL_STEP_DONE;
    step->rows = 1000;
    if (fake("slow"))
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    return 0;
}

void infill_run_drain(struct infill_run *run) {
    atomic_store(&run->draining, true);
}

void infill_run_cancel(struct infill_run *run) {
    pthread_mutex_lock(&run->lock);
    run->cancelled = true;
    pthread_cond_broadcast(&run->woken);
    pthread_mutex_unlock(&run->lock);
}

void infill_run_finish(struct infill_run *run) {
    pthread_mutex_lock(&run->lock);
    while (fake("untold") && !run->cancelled)
        pthread_cond_wait(&run->woken, &run->lock);
    run->finished = run->workers == 0;
    pthread_mutex_unlock(&run->lock);
}

void infill_run_progress(struct infill_run *run, struct infill_progress *progress) {
    pthread_mutex_lock(&run->lock);
    *progress = (struct infill_progress){
        .rows_seen = run->batches * 1000,
        .rows_estimate = BATCHES * 1000,
        .rows_per_second = 1000,
        .seconds_left = 1,
        .batch_rows = 1000,
        .fills = 1,
        .workers = run->workers,
        .workers_waiting = fake("paused") ? run->workers : 0,
    };
    pthread_mutex_unlock(&run->lock);
    snprintf(progress->fill, sizeof progress->fill, "users");
    snprintf(progress->reason, sizeof progress->reason, "%s", fake("paused") ? "paused" : "");
}

int infill_run_close(struct infill_run *run, char **json, struct infill_error *error) {
    static const char *const format =
        "{\"plan\":\"users_v2\",\"run\":1,\"state\":\"%s\",\"verdict\":\"%s\",\"rows\":{\"seen\":%u,\"written\":%u,\"same\":0,"
        "\"kept\":0,"
        "\"rejected\":%d},\"rejects_open\":%d,\"seconds\":1.5,\"rows_per_second\":2000,\"fills\":[],\"retries\":{\"deadlock\":2},"
        "\"waited_seconds\":{},\"hooks_untold\":%d,\"next\":\"\"}";
    assert(run->finished); /* by the last worker, behind the others */
    bool over = run->batches >= BATCHES && !fake("slow") && !fake("open");
    const char *state = fake("stopped") ? "stopped" : fake("paused") ? "paused" : over ? "done" : "running";
    int rejects = fake("rejects") ? 2 : 0;
    char text[1024];
    (void)error;
    snprintf(text, sizeof text, format, state, over ? "filled" : "not finished", run->batches * 1000, run->batches * 1000, rejects,
             rejects, fake("untold"));
    pthread_cond_destroy(&run->woken);
    pthread_mutex_destroy(&run->lock);
    free(run);
    return json != NULL ? fake_give(json, text) : 0;
}

int infill_status(const struct infill_plan *plan, char **json, struct infill_error *error) {
    (void)plan;
    if (fake("nothing"))
        return fake_fail(error, INFILL_ERR_NOT_FOUND, "no run of users_v2 here", "", "infill run PLAN");
    return fake_give(
        json,
        "{\"plan\":\"users_v2\",\"environment\":\"default\",\"run\":1,\"state\":\"running\",\"reason\":\"\",\"started_at\":"
        "\"2026-01-01T00:00:00Z\",\"ended_at\":null,\"idle_since\":\"2026-01-01T00:10:00Z\",\"rows\":{\"seen\":1000,"
        "\"written\":900,\"same\":90,\"kept\":10,\"rejected\":0},\"rows_estimate\":4000,\"percent\":25.0,"
        "\"rows_per_second\":100.5,\"seconds_left\":30,\"rejects_open\":0,\"fills\":[{\"fill\":\"users\\u001b]0;x\\u0007\","
        "\"state\":\"open\",\"ranges\":4,\"ranges_filled\":1,\"rows\":{\"seen\":1000,\"written\":900,\"same\":90,\"kept\":10,"
        "\"rejected\":0}}],\"workers\":[{\"owner\":\"o\",\"host\":\"db1\",\"pid\":42,\"fill\":\"users\",\"range\":2,"
        "\"rows\":500,\"lease_until\":\"2026-01-01T00:10:30Z\",\"alive\":false}],\"waiting\":[{\"fill\":\"users\",\"range\":3,"
        "\"until\":\"2026-01-01T00:11:00Z\",\"reason\":\"parked: lock timeout\"}],\"last_error\":{\"fill\":\"users\","
        "\"range\":3,\"at\":\"2026-01-01T00:09:00Z\",\"message\":\"lock timeout\"},\"events\":[],\"next\":\"infill run "
        "PLAN\"}");
}

int infill_control(const struct infill_plan *plan, enum infill_action action, const char *because, char **json,
                   struct infill_error *error) {
    static const char *const states[] = {[INFILL_PAUSE] = "paused", [INFILL_RESUME] = "running", [INFILL_STOP] = "stopped"};
    char text[256];
    (void)plan;
    if (fake("stopped") && action == INFILL_RESUME && because == NULL)
        return fake_fail(error, INFILL_ERR_USAGE, "a stopped run needs a reason", "", "infill resume PLAN --because \"...\"");
    snprintf(text, sizeof text, "{\"plan\":\"users_v2\",\"run\":1,\"state\":\"%s\",\"was\":\"running\",\"changed\":%s}",
             states[action], action == INFILL_RESUME ? "false" : "true");
    return fake_give(json, text);
}

int infill_parity(const struct infill_plan *from, const struct infill_plan *to, const struct infill_parity_options *options,
                  char **json, struct infill_error *error) {
    (void)from, (void)to;
    if (fake("lost"))
        return fake_fail(error, INFILL_ERR_CONNECT, "no answer", "environment prod", "");
    if (!options->no_probe)
        options->log.line(options->log.context, 2, "the probe commits");
    char text[1024];
    const char *verdict = fake("fail") ? "fail" : fake("differ") ? "warn" : fake("unverified") ? "unknown" : "pass";
    snprintf(
        text, sizeof text,
        "{\"plan\":\"users_v2\",\"environments\":[{\"environment\":\"staging\",\"profile\":\"staging\",\"engine\":\"fake\","
        "\"database\":\"a\",\"server_version\":\"1\",\"probe\":null},{\"environment\":\"prod\",\"profile\":\"prod\",\"engine\":"
        "\"fake\",\"database\":\"b\",\"server_version\":\"1\",\"probe\":null}],\"verdict\":\"%s\",\"lines\":[{\"compare\":"
        "\"server\",\"verdict\":\"pass\",\"subject\":\"engine\",\"values\":[\"fake\",\"fake\"],\"message\":\"\",\"next\":\"\"},"
        "{\"compare\":\"settings\",\"verdict\":\"%s\",\"subject\":\"fsync\\u001b[31m\",\"values\":[\"off\",null],\"message\":"
        "\"no commit waits\",\"next\":\"infill check PLAN\"}],\"counts\":{\"none\":0,\"pass\":1,\"info\":0,\"unknown\":0,"
        "\"warn\":0,\"fail\":1}}",
        verdict, verdict);
    return fake_give(json, text);
}

int infill_set(const struct infill_plan *plan, const char *const *sets, size_t set_count, char **json, struct infill_error *error) {
    (void)plan;
    if (fake("unknown") || set_count != 2 || strcmp(sets[0], "batch.rows=800") != 0)
        return fake_fail(error, INFILL_ERR_USAGE, "no setting is named that", "", "nothing was changed");
    return fake_give(
        json, "{\"plan\":\"users_v2\",\"run\":1,\"changed\":[{\"setting\":\"batch.rows\",\"was\":500,\"now\":800},"
              "{\"setting\":\"pace.rows_per_second\",\"was\":\"unlimited\",\"now\":2000}],\"set\":{\"batch.rows\":\"800\"}}");
}

int infill_rejects(const struct infill_plan *plan, char **json, struct infill_error *error) {
    (void)plan;
    (void)error;
    return fake_give(json, fake("rejects")
                               ? "{\"rejects\":[{\"fill\":\"users\",\"key\":\"[\\\"7\\\"]\",\"range\":1,\"class\":\"ROW\","
                                 "\"sqlstate\":\"22001\",\"constraint\":null,\"state\":\"open\",\"at\":\"2026-01-01T00:00:00Z\","
                                 "\"tries\":1}],\"open\":1,\"accepted\":0,\"retried\":0}"
                               : "{\"rejects\":[],\"open\":0,\"accepted\":0,\"retried\":0}");
}

int infill_rejects_retry(const struct infill_plan *plan, const struct infill_log *log, char **json, struct infill_error *error) {
    (void)plan;
    (void)log;
    (void)error;
    return fake_give(json, fake("rejects") ? "{\"tried\":2,\"written\":1,\"still_open\":1}"
                                           : "{\"tried\":2,\"written\":2,\"still_open\":0}");
}

int infill_rejects_accept(const struct infill_plan *plan, const char *fill, const char *const *keys, size_t count,
                          const char *because, char **json, struct infill_error *error) {
    char text[256];
    (void)plan;
    (void)because;
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i], "999") == 0)
            return fake_fail(error, INFILL_ERR_NOT_FOUND, "no reject 999", fill, "infill rejects PLAN");
    snprintf(text, sizeof text, "{\"accepted\":%zu,\"open\":0}", count);
    return fake_give(json, text);
}

int infill_install(const struct infill_plan *plan, bool print_only, char **json, struct infill_error *error) {
    (void)plan;
    (void)print_only;
    (void)error;
    return fake_give(
        json, "{\"statements\":[\"CREATE TABLE infill_run (run int)\"],\"grants\":{\"installer\":[],\"worker\":[\"GRANT SELECT\"],"
              "\"observer\":[\"GRANT SELECT\"]},\"installed\":false}");
}

int infill_uninstall(const struct infill_plan *plan, bool force, char **json, struct infill_error *error) {
    (void)plan;
    if (fake("slow") && !force)
        return fake_fail(error, INFILL_ERR_REFUSED, "a run is not done", "", "infill uninstall PLAN --force");
    return fake_give(json, "{\"statements\":[\"DROP TABLE infill_run\"],\"removed\":true}");
}
