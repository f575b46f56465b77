/* hooks.c - see hooks.h. */
#include "guard/hooks.h"

#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/process.h"

enum { WAITING_MAX = 16, REASON_MAX = 512, LOOK_US = 100000, VARIABLE_MAX = 640, PATH_BYTES_MAX = 4096 };

static const char *const names[PLAN_EVENTS] = {"started", "halted", "stalled", "rejects", "done"};

struct told {
    enum plan_event event;
    int64_t at_us;
    char reason[REASON_MAX];
};

struct hooks {
    struct hooks_options options;
    pthread_t thread;
    bool was_stalled; /* the thread's own */
    pthread_mutex_t lock;
    pthread_cond_t woken;
    struct told waiting[WAITING_MAX]; /* guarded by the lock, as the rest is */
    size_t count;
    bool stop;
};

static char *document(const struct hooks *hooks, const struct told *told) {
    char at[32];
    const struct plan *plan = hooks->options.plan;
    json_t *all = json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s}", "event", names[told->event], "plan", plan->name, "environment",
                            plan->environment, "profile", plan->profile, "run", (json_int_t)hooks->options.run, "reason",
                            told->reason, "at", clock_format_utc(told->at_us, at, sizeof at));
    char *text = all ? mem_json_text(all, JSON_COMPACT) : NULL;
    json_decref(all);
    return text;
}

static void call(const struct hooks *hooks, const struct plan_hook *hook, const struct told *told, const char *text) {
    enum { VARIABLES = 5 };
    char variables[VARIABLES][VARIABLE_MAX], path[PATH_BYTES_MAX], out[64];
    char *environment[VARIABLES + 2] = {path};
    const char *inherited = getenv("PATH");
    struct err err;
    snprintf(path, sizeof path, "PATH=%s", inherited ? inherited : "/usr/bin:/bin");
    snprintf(variables[0], VARIABLE_MAX, "INFILL_EVENT=%s", names[told->event]);
    snprintf(variables[1], VARIABLE_MAX, "INFILL_PLAN=%s", hooks->options.plan->name);
    snprintf(variables[2], VARIABLE_MAX, "INFILL_ENVIRONMENT=%s", hooks->options.plan->environment);
    snprintf(variables[3], VARIABLE_MAX, "INFILL_RUN=%" PRId64, hooks->options.run);
    snprintf(variables[4], VARIABLE_MAX, "INFILL_REASON=%s", told->reason);
    for (size_t i = 0; i < VARIABLES; i++)
        environment[i + 1] = variables[i];
    struct process process = {.argv = hook->command, .environment = environment, .input = text, .timeout_us = hook->timeout_us};
    err_clear(&err);
    if (process_call(&process, out, sizeof out, &err) != 0)
        log_line(hooks->options.log, LOG_WARN, "hook for %s: %s", names[told->event], err.message);
}

static void tell_all(const struct hooks *hooks, const struct told *told) {
    const struct plan *plan = hooks->options.plan;
    char *text = document(hooks, told);
    for (size_t i = 0; i < plan->hook_count; i++)
        if (plan->hooks[i].on[told->event])
            call(hooks, &plan->hooks[i], told, text ? text : "{}");
    mem_free(text);
}

/* The next one to be told, or false when the thread has to look around, or is to end (*stop). */
static bool take(struct hooks *hooks, struct told *told, bool *stop) {
    struct timespec until;
    int64_t until_us = clock_monotonic_us() + LOOK_US;
    until.tv_sec = (time_t)(until_us / 1000000), until.tv_nsec = (long)(until_us % 1000000) * 1000;
    pthread_mutex_lock(&hooks->lock);
    if (hooks->count == 0 && !hooks->stop)
        pthread_cond_timedwait(&hooks->woken, &hooks->lock, &until);
    bool found = hooks->count > 0;
    if (found) {
        *told = hooks->waiting[0];
        memmove(hooks->waiting, hooks->waiting + 1, --hooks->count * sizeof *told);
    }
    *stop = hooks->stop;
    pthread_mutex_unlock(&hooks->lock);
    return found;
}

static void *run_thread(void *context) {
    struct hooks *hooks = context;
    struct told told;
    bool stop = false;
    for (;;) {
        if (take(hooks, &told, &stop)) {
            tell_all(hooks, &told);
            continue;
        }
        if (stop)
            return NULL;
        bool stalled = hooks->options.is_stalled(hooks->options.context);
        if (stalled && !hooks->was_stalled)
            hooks_tell(hooks, PLAN_STALLED, "no batch was committed, and no reason of pace says why");
        hooks->was_stalled = stalled;
    }
}

int hooks_open(const struct hooks_options *options, struct hooks **out, struct err *err) {
    *out = NULL;
    if (options->plan->hook_count == 0)
        return 0;
    struct hooks *hooks = mem_zalloc(1, sizeof *hooks);
    if (hooks == NULL)
        return err_nomem(err);
    hooks->options = *options;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&hooks->woken, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&hooks->lock, NULL);
    sigset_t all, before; /* the process's signals are for the threads of the host */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&hooks->thread, NULL, run_thread, hooks);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code != 0) {
        pthread_mutex_destroy(&hooks->lock);
        pthread_cond_destroy(&hooks->woken);
        mem_free(hooks);
        return err_set(err, ERR_FAILURE, "no thread for the hooks: %s", strerror(code));
    }
    *out = hooks;
    return 0;
}

void hooks_tell(struct hooks *hooks, enum plan_event event, const char *reason) {
    if (hooks == NULL)
        return;
    pthread_mutex_lock(&hooks->lock);
    if (hooks->count < WAITING_MAX) {
        struct told *told = &hooks->waiting[hooks->count++];
        *told = (struct told){.event = event, .at_us = clock_wall_us()};
        snprintf(told->reason, sizeof told->reason, "%s", reason);
    }
    pthread_cond_signal(&hooks->woken);
    pthread_mutex_unlock(&hooks->lock);
}

void hooks_close(struct hooks *hooks) {
    if (hooks == NULL)
        return;
    pthread_mutex_lock(&hooks->lock);
    hooks->stop = true;
    pthread_cond_signal(&hooks->woken);
    pthread_mutex_unlock(&hooks->lock);
    pthread_join(hooks->thread, NULL);
    pthread_mutex_destroy(&hooks->lock);
    pthread_cond_destroy(&hooks->woken);
    mem_free(hooks);
}
