/* hooks.c - see hooks.h. */
#include "guard/hooks.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "guard/hook_call.h"

enum { WAITING_MAX = 16, REASON_MAX = 512, LOOK_US = 100000, ID_PARTS_MAX = 512 };

struct told {
    enum plan_event event;
    int64_t at_us;
    char id[HOOK_ID_SIZE];
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
    unsigned made; /* ids */
    bool stop;
};

/* Nobody else gives this id to anything: the process, the moment, and a number. */
static void make_id(struct hooks *hooks, struct told *told) {
    char text[ID_PARTS_MAX], hex[DIGEST_HEX_SIZE] = "";
    struct err ignored;
    err_clear(&ignored);
    snprintf(text, sizeof text, "%s %" PRId64 " %" PRId64 " %u", hooks->options.owner, hooks->options.run, told->at_us,
             ++hooks->made);
    if (digest_sha256_hex(text, strlen(text), hex, &ignored) == 0)
        snprintf(told->id, sizeof told->id, "%.*s", (int)sizeof told->id - 1, hex);
}

static void tell_all(const struct hooks *hooks, const struct told *told) {
    const struct plan *plan = hooks->options.plan;
    const struct hook_news news = {.plan = plan,
                                   .event = hook_event(told->event),
                                   .id = told->id,
                                   .reason = told->reason,
                                   .run = hooks->options.run,
                                   .at_us = told->at_us};
    char *text = hook_document(&news);
    for (size_t i = 0; i < plan->hook_count; i++) {
        struct err err;
        err_clear(&err);
        if (plan->hooks[i].on[told->event] &&
            hook_call(&plan->hooks[i], text ? text : "{}", hooks->options.wait_us, NULL, &err) != 0)
            log_line(hooks->options.log, LOG_WARN, "hook for %s: %s", news.event, err.message);
    }
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
        make_id(hooks, told);
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
