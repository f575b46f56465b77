/* hooks.c - see hooks.h. */
#include "guard/hooks.h"

#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "guard/notices.h"

enum {
    WAITING_MAX = 16,
    LOOK_US = 100000,
    ID_PARTS_MAX = 512,
    LEDGER_US = 10000000, /* what other processes have left behind is looked for this often */
    AGAIN_US = 1000000,   /* … and when something is left over */
};

struct told {
    enum plan_event event;
    char *document;
    bool kept;
};

struct hooks {
    struct hooks_options options;
    bool required;
    pthread_t thread;
    bool joined;
    bool was_stalled; /* the thread's own, as the next three */
    int64_t look_us;
    int64_t left; /* required ones that are not told yet */
    int64_t lost; /* … that not even the ledger knows of */
    pthread_mutex_t lock;
    pthread_cond_t woken;
    struct told waiting[WAITING_MAX]; /* guarded by the lock, as the rest is */
    size_t count;
    unsigned made; /* ids */
    bool stop;
};

/* ---- what happened ---- */

/* Nobody else gives this id to anything: the process, the moment, and a number. */
static void make_id(const struct hooks *hooks, int64_t at_us, unsigned number, char id[HOOK_ID_SIZE]) {
    char text[ID_PARTS_MAX], hex[DIGEST_HEX_SIZE] = "";
    struct err ignored;
    err_clear(&ignored);
    snprintf(text, sizeof text, "%s %" PRId64 " %" PRId64 " %u", hooks->options.owner, hooks->options.run, at_us, number);
    if (digest_sha256_hex(text, strlen(text), hex, &ignored) == 0)
        snprintf(id, HOOK_ID_SIZE, "%.*s", HOOK_ID_SIZE - 1, hex);
    else
        snprintf(id, HOOK_ID_SIZE, "%" PRIx64 "-%x", at_us, number);
}

static void list_required(const struct plan *plan, struct hooks_news *news) {
    for (size_t i = 0; i < plan->hook_count && i < HOOKS_MAX; i++)
        if (plan->hooks[i].required && plan->hooks[i].on[news->event])
            news->list[news->notices.count++] = (struct ledger_notice){
                .id = news->id, .hook = (int64_t)i, .event = hook_event(news->event), .document = news->document};
    news->notices.list = news->list;
}

void hooks_prepare(struct hooks *hooks, enum plan_event event, const char *reason, struct hooks_news *news) {
    *news = (struct hooks_news){.event = event};
    if (hooks == NULL)
        return;
    int64_t at_us = clock_wall_us();
    pthread_mutex_lock(&hooks->lock);
    unsigned number = ++hooks->made;
    pthread_mutex_unlock(&hooks->lock);
    make_id(hooks, at_us, number, news->id);
    const struct hook_news about = {.plan = hooks->options.plan,
                                    .event = hook_event(event),
                                    .id = news->id,
                                    .reason = reason,
                                    .run = hooks->options.run,
                                    .at_us = at_us};
    news->document = hook_document(&about);
    if (news->document)
        list_required(hooks->options.plan, news);
    else
        log_line(hooks->options.log, LOG_ERROR, "hooks for %s are not told: out of memory", about.event);
}

void hooks_drop(struct hooks_news *news) {
    mem_free(news->document);
    *news = (struct hooks_news){.event = news->event};
}

void hooks_send(struct hooks *hooks, struct hooks_news *news, bool kept) {
    if (hooks == NULL)
        return;
    pthread_mutex_lock(&hooks->lock);
    if (news->document && hooks->count < WAITING_MAX) {
        hooks->waiting[hooks->count++] = (struct told){.event = news->event, .document = news->document, .kept = kept};
        news->document = NULL;
    }
    pthread_cond_signal(&hooks->woken);
    pthread_mutex_unlock(&hooks->lock);
    hooks_drop(news);
}

int hooks_ask_to_start(struct hooks *hooks, struct err *err) {
    struct hooks_news news;
    int rc = 0;
    hooks_prepare(hooks, PLAN_STARTED, "", &news);
    for (size_t i = 0; hooks && i < news.notices.count && rc == 0; i++) {
        struct err why;
        err_clear(&why);
        rc = hook_call(&hooks->options.plan->hooks[news.list[i].hook], news.document, hooks->options.wait_us, hooks->options.stop,
                       &why);
        if (rc == 0)
            continue;
        rc = err_set(err, ERR_REFUSED, "a required hook was not told that the run starts: %s", why.message);
        err_next(err, "no rows were moved; see to it that it answers, and run again, or take its 'required' out of the plan");
    }
    if (rc == 0)
        hooks_send(hooks, &news, true);
    hooks_drop(&news);
    return rc;
}

/* ---- the thread ---- */

/* Required hooks are told from the ledger, unless that could not take it up. */
static void tell_all(struct hooks *hooks, const struct told *told) {
    const struct plan *plan = hooks->options.plan;
    for (size_t i = 0; i < plan->hook_count; i++) {
        const struct plan_hook *hook = &plan->hooks[i];
        struct err err;
        err_clear(&err);
        if (!hook->on[told->event] || (hook->required && told->kept) ||
            hook_call(hook, told->document, hooks->options.wait_us, hooks->options.stop, &err) == 0)
            continue;
        hooks->lost += hook->required;
        log_line(hooks->options.log, LOG_WARN, "hook for %s: %s", hook_event(told->event), err.message);
    }
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

static int tell_ledgers(struct hooks *hooks, struct db *db, bool due, struct err *err) {
    const struct notices notices = {.plan = hooks->options.plan,
                                    .ledger = hooks->options.ledger,
                                    .log = hooks->options.log,
                                    .run = hooks->options.run,
                                    .wait_us = hooks->options.wait_us,
                                    .stop = hooks->options.stop};
    return notices_tell(&notices, db, due, &hooks->left, err);
}

/* What the ledger keeps, over a connection for just this. */
static void look(struct hooks *hooks, bool due) {
    struct db *db = NULL;
    struct err err;
    err_clear(&err);
    int rc = db_open(hooks->options.db_options, &db, &err);
    if (rc == 0)
        rc = tell_ledgers(hooks, db, due, &err);
    db_close(db);
    if (rc)
        log_line(hooks->options.log, LOG_WARN, "what required hooks have to be told is not known: %s", err.message);
    hooks->look_us = clock_monotonic_us() + (rc || hooks->left > 0 ? AGAIN_US : LEDGER_US);
}

/* A stall is nothing that the ledger knows of by itself. */
static bool keep(struct hooks *hooks, const struct hooks_news *news) {
    struct db *db = NULL;
    struct err err;
    err_clear(&err);
    int rc = news->notices.count ? db_open(hooks->options.db_options, &db, &err) : 0;
    if (rc == 0 && db)
        rc = ledger_notices_put(hooks->options.ledger, db, hooks->options.run, &news->notices, &err);
    db_close(db);
    return rc == 0;
}

static void look_for_stall(struct hooks *hooks) {
    bool stalled = hooks->options.is_stalled(hooks->options.context);
    if (stalled && !hooks->was_stalled) {
        struct hooks_news news;
        hooks_prepare(hooks, PLAN_STALLED, "no batch was committed, and no reason of pace says why", &news);
        bool kept = keep(hooks, &news);
        hooks_send(hooks, &news, kept);
    }
    hooks->was_stalled = stalled;
}

/* Until everybody was told, or the time is up. */
static void finish(struct hooks *hooks) {
    int64_t until_us = clock_monotonic_us() + hooks->options.plan->set.hooks_wait_us;
    const atomic_bool *stop = hooks->options.stop;
    while (hooks->required && !(stop && atomic_load(stop))) {
        bool last = clock_monotonic_us() >= until_us;
        look(hooks, !last); /* the last time also those whose turn would come later */
        if (hooks->left == 0 || last)
            return;
        for (int64_t again_us = clock_monotonic_us() + AGAIN_US; clock_monotonic_us() < again_us && !(stop && atomic_load(stop));)
            poll(NULL, 0, (int)(LOOK_US / 1000));
    }
}

static void *run_thread(void *context) {
    struct hooks *hooks = context;
    struct told told;
    bool stop = false;
    for (;;) {
        if (take(hooks, &told, &stop)) {
            tell_all(hooks, &told);
            mem_free(told.document);
            hooks->look_us = 0;
        } else if (stop) {
            finish(hooks);
            return NULL;
        } else if (hooks->required && clock_monotonic_us() >= hooks->look_us) {
            look(hooks, true);
        } else {
            look_for_stall(hooks);
        }
    }
}

/* ---- opening and closing ---- */

static void release(struct hooks *hooks) {
    pthread_mutex_destroy(&hooks->lock);
    pthread_cond_destroy(&hooks->woken);
    mem_free(hooks);
}

static int start(struct hooks *hooks, struct err *err) {
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
    return code == 0 ? 0 : err_set(err, ERR_FAILURE, "no thread for the hooks: %s", strerror(code));
}

int hooks_open(const struct hooks_options *options, struct hooks **out, struct err *err) {
    *out = NULL;
    if (options->plan->hook_count == 0)
        return 0;
    struct hooks *hooks = mem_zalloc(1, sizeof *hooks);
    if (hooks == NULL)
        return err_nomem(err);
    hooks->options = *options;
    hooks->required = notices_wanted(options->plan);
    hooks->look_us = clock_monotonic_us() + LEDGER_US; /* whoever opened a run has just looked */
    int rc = start(hooks, err);
    if (rc)
        release(hooks);
    else
        *out = hooks;
    return rc;
}

int64_t hooks_finish(struct hooks *hooks) {
    if (hooks == NULL)
        return 0;
    pthread_mutex_lock(&hooks->lock);
    hooks->stop = true;
    pthread_cond_signal(&hooks->woken);
    pthread_mutex_unlock(&hooks->lock);
    if (!hooks->joined)
        pthread_join(hooks->thread, NULL);
    hooks->joined = true;
    return hooks->left + hooks->lost;
}

void hooks_close(struct hooks *hooks) {
    if (hooks == NULL)
        return;
    hooks_finish(hooks);
    release(hooks);
}
