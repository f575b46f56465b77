/* hook_call.c - see hook_call.h. */
#include "guard/hook_call.h"

#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/http.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/text.h"

enum {
    VARIABLE_MAX = 640,
    PATH_BYTES_MAX = 4096,
    SENTENCE_MAX = 1024,
    STATUS_OK = 200,
    STATUS_OTHER = 300,
    STATUS_BUSY = 429,
    STATUS_SERVER = 500
};

/* What happened, and how a sentence says it behind "run 7 of PLAN in ENVIRONMENT". */
static const struct {
    const char *event, *verb;
} events[] = {
    [PLAN_STARTED] = {"started", "has started"},
    [PLAN_HALTED] = {"halted", "was halted"},
    [PLAN_STALLED] = {"stalled", "does not move"},
    [PLAN_REJECTS] = {"rejects", "met a row that cannot be written"},
    [PLAN_DONE] = {"done", "is done"},
};

const char *hook_event(enum plan_event event) {
    return events[event].event;
}

/* For people: chat programs show the member "text" and nothing else. */
static void write_sentence(const struct hook_news *news, char out[SENTENCE_MAX]) {
    const char *verb = "", *colon = news->reason[0] ? ": " : "";
    for (size_t i = 0; i < PLAN_EVENTS; i++)
        verb = text_equal(events[i].event, news->event) ? events[i].verb : verb;
    if (text_equal(news->event, HOOK_CHECK))
        snprintf(out, SENTENCE_MAX, "infill: a dry call for plan %s in %s, nothing happened", news->plan->name,
                 news->plan->environment);
    else
        snprintf(out, SENTENCE_MAX, "infill: run %" PRId64 " of %s in %s %s%s%s", news->run, news->plan->name,
                 news->plan->environment, verb, colon, news->reason);
}

char *hook_document(const struct hook_news *news) {
    char at[32], sentence[SENTENCE_MAX];
    const struct plan *plan = news->plan;
    write_sentence(news, sentence);
    json_t *all = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s}", "id", news->id, "event", news->event, "plan",
                            plan->name, "environment", plan->environment, "profile", plan->profile, "run", (json_int_t)news->run,
                            "reason", news->reason, "at", clock_format_utc(news->at_us, at, sizeof at), "text", sentence);
    char *text = all ? mem_json_text(all, JSON_COMPACT) : NULL;
    json_decref(all);
    return text;
}

/* ---- a program ---- */

static void write_variable(char out[VARIABLE_MAX], const char *name, const json_t *value) {
    if (json_is_integer(value))
        snprintf(out, VARIABLE_MAX, "%s=%" PRId64, name, (int64_t)json_integer_value(value));
    else
        snprintf(out, VARIABLE_MAX, "%s=%s", name, value ? json_string_value(value) : "");
}

static int call_program(const struct plan_hook *hook, const char *document, const atomic_bool *stop, struct err *err) {
    static const char *const names[][2] = {{"INFILL_EVENT", "event"},
                                           {"INFILL_PLAN", "plan"},
                                           {"INFILL_RUN", "run"},
                                           {"INFILL_REASON", "reason"},
                                           {"INFILL_ENVIRONMENT", "environment"}};
    enum { VARIABLES = sizeof names / sizeof names[0] };
    char variables[VARIABLES][VARIABLE_MAX], path[PATH_BYTES_MAX], out[64];
    char *environment[VARIABLES + 2] = {path};
    const char *inherited = getenv("PATH");
    json_t *all = json_loads(document, 0, NULL);
    if (all == NULL)
        return err_nomem(err);
    snprintf(path, sizeof path, "PATH=%s", inherited ? inherited : "/usr/bin:/bin");
    for (size_t i = 0; i < VARIABLES; i++) {
        write_variable(variables[i], names[i][0], json_object_get(all, names[i][1]));
        environment[i + 1] = variables[i];
    }
    json_decref(all);
    const struct process process = {
        .argv = hook->command, .environment = environment, .input = document, .timeout_us = hook->timeout_us, .stop = stop};
    return process_call(&process, out, sizeof out, err);
}

/* ---- somebody behind a URL ---- */

/* Nothing but the answer counts, and what is said with it is not read. */
static int post(const struct plan_hook *hook, const char *document, const atomic_bool *stop, struct err *err) {
    char where[HTTP_ENDPOINT_MAX];
    const struct http_request request = {.url = hook->url, .body = document, .timeout_us = hook->timeout_us, .stop = stop};
    int status = 0, rc = http_call(&request, &status, NULL, err);
    if (rc || (status >= STATUS_OK && status < STATUS_OTHER))
        return rc;
    return err_set(err, status == STATUS_BUSY || status >= STATUS_SERVER ? ERR_TRANSIENT : ERR_IO, "%s answered with status %d",
                   http_endpoint(hook->url, where, sizeof where), status);
}

static void wait_for(int64_t us, const atomic_bool *stop) {
    enum { LOOK_MS = 50 };
    int64_t until_us = clock_monotonic_us() + us, left_us;
    while ((left_us = until_us - clock_monotonic_us()) > 0 && !(stop && atomic_load(stop)))
        poll(NULL, 0, left_us / 1000 < LOOK_MS ? (int)(left_us / 1000) + 1 : LOOK_MS);
}

int hook_call(const struct plan_hook *hook, const char *document, int64_t wait_us, const atomic_bool *stop, struct err *err) {
    if (hook->command)
        return call_program(hook, document, stop, err);
    int rc = post(hook, document, stop, err);
    for (int tries = 1; rc == ERR_TRANSIENT && tries < HOOK_TRIES; tries++, wait_us *= 4) {
        wait_for(wait_us, stop);
        err_clear(err);
        rc = post(hook, document, stop, err);
    }
    return rc;
}
