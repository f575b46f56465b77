/* hooks.h - people and programs are told what happens to a run: by a thread of its own, so that no batch waits for anybody.
 *
 * A hook that fails is a line in the log and nothing else, unless it is required: then what it has to be told is written to the ledger, in
 * the transaction of what happened, and stays there until somebody told it: this process, another one, or the next (notices.h). */
#ifndef GUARD_HOOKS_H
#define GUARD_HOOKS_H

#include "base/err.h"
#include "base/log.h"
#include "guard/hook_call.h"
#include "ledger/ledger.h"
#include "plan/plan.h"

struct hooks;

enum { HOOKS_MAX = 16 }; /* of a plan */

struct hooks_options {
    const struct plan *plan; /* all pointers are borrowed until hooks_close */
    const struct log *log;
    bool (*is_stalled)(void *context); /* asked every now and then, by the thread */
    void *context;
    int64_t run;
    const char *owner;                   /* this process, as in owner.h */
    int64_t wait_us;                     /* HOOK_WAIT_US, or less in tests */
    const struct ledger *ledger;         /* this and the next: NULL without required hooks */
    const struct db_options *db_options; /* for a connection of the thread's own */
    const atomic_bool *stop;             /* whoever is still waited for is not any more; or NULL */
};

/* What happened, made ready in front of it, so that the ledger can take it up with it. */
struct hooks_news {
    enum plan_event event;
    char id[HOOK_ID_SIZE];
    char *document;
    struct ledger_notice list[HOOKS_MAX];
    struct ledger_notices notices; /* one for each required hook of the event: for the ledger */
};

/* *hooks is NULL, which every function takes, when the plan has none. */
int hooks_open(const struct hooks_options *options, struct hooks **hooks, struct err *err);
/* The required hooks of `started`, now, by the caller: ERR_REFUSED names the first one that does not answer. */
int hooks_ask_to_start(struct hooks *hooks, struct err *err);

/* Fills in `news`, which ends with one of the next two. From any thread. */
void hooks_prepare(struct hooks *hooks, enum plan_event event, const char *reason, struct hooks_news *news);
/* It happened. Returns at once. `kept`: the ledger has what the required hooks have to be told, or somebody else saw to it. */
void hooks_send(struct hooks *hooks, struct hooks_news *news, bool kept);
/* It did not happen. */
void hooks_drop(struct hooks_news *news);

/* Waits for what was told before, as long as the hooks' timeouts, and for required ones timeouts.hooks, let it. How many required ones
 * are still to be told. */
int64_t hooks_finish(struct hooks *hooks);
void hooks_close(struct hooks *hooks);

#endif
