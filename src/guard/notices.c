/* notices.c - see notices.h. */
#include "guard/notices.h"

#include "base/text.h"
#include "guard/hook_call.h"

enum { WAIT_MS = 1000, WAIT_DOUBLINGS_MAX = 6, CALL_SLACK_MS = 10000 };

bool notices_wanted(const struct plan *plan) {
    for (size_t i = 0; i < plan->hook_count; i++)
        if (plan->hooks[i].required)
            return true;
    return false;
}

/* A plan may change between runs: NULL when there is no such hook any more. */
static const struct plan_hook *hook_of(const struct plan *plan, const struct ledger_notice *notice) {
    if (notice->hook < 0 || (size_t)notice->hook >= plan->hook_count || !plan->hooks[notice->hook].required)
        return NULL;
    for (size_t event = 0; event < PLAN_EVENTS; event++)
        if (text_equal(hook_event((enum plan_event)event), notice->event))
            return plan->hooks[notice->hook].on[event] ? &plan->hooks[notice->hook] : NULL;
    return NULL;
}

/* Twice as long after each attempt, up to a minute. */
static int64_t wait_ms(const struct ledger_notice *notice) {
    int64_t doublings = notice->tries < WAIT_DOUBLINGS_MAX ? notice->tries : WAIT_DOUBLINGS_MAX;
    return (int64_t)WAIT_MS << doublings;
}

static int drop(const struct notices *notices, struct db *db, const struct ledger_notice *notice, struct err *err) {
    log_line(notices->log, LOG_WARN, "the plan has no required hook %lld for %s any more: what it was to be told is dropped",
             (long long)notice->hook + 1, notice->event);
    return ledger_notice_end(notices->ledger, db, notices->run, notice, "dropped", err);
}

static int tell(const struct notices *notices, struct db *db, const struct ledger_notice *notice, bool *told, struct err *err) {
    const struct plan_hook *hook = hook_of(notices->plan, notice);
    bool mine = false;
    struct err why;
    *told = hook == NULL;
    if (hook == NULL)
        return drop(notices, db, notice, err);
    int64_t for_ms = HOOK_TRIES * (hook->timeout_us / 1000) + CALL_SLACK_MS;
    int rc = ledger_notice_claim(notices->ledger, db, notices->run, notice, for_ms, &mine, err);
    if (rc || !mine)
        return rc;
    err_clear(&why);
    *told = hook_call(hook, notice->document, notices->wait_us, notices->stop, &why) == 0;
    if (*told)
        return ledger_notice_end(notices->ledger, db, notices->run, notice, "told", err);
    log_line(notices->log, LOG_WARN, "required hook for %s: %s; it will be told later", notice->event, why.message);
    return ledger_notice_failed(notices->ledger, db, notices->run, notice, why.message, wait_ms(notice), err);
}

int notices_tell(const struct notices *notices, struct db *db, bool due, int64_t *left, struct err *err) {
    struct arena arena;
    struct ledger_notice *list = NULL;
    size_t count = 0;
    arena_init(&arena);
    int rc = ledger_notices_open(notices->ledger, db, notices->run, due, &arena, &list, &count, err);
    for (size_t i = 0; i < count && rc == 0 && !(notices->stop && atomic_load(notices->stop)); i++) {
        bool told = false;
        rc = tell(notices, db, &list[i], &told, err);
    }
    arena_release(&arena);
    return rc ? rc : ledger_notices_count(notices->ledger, db, notices->run, NULL, "open", left, err);
}
