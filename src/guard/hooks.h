/* hooks.h - people and programs are told what happens to a run: by a thread of its own, so that no batch waits for anybody.
 *
 * A hook that fails is a line in the log and nothing else. */
#ifndef GUARD_HOOKS_H
#define GUARD_HOOKS_H

#include "base/err.h"
#include "base/log.h"
#include "plan/plan.h"

struct hooks;

struct hooks_options {
    const struct plan *plan; /* all three borrowed until hooks_close */
    const struct log *log;
    bool (*is_stalled)(void *context); /* asked every now and then, by the thread */
    void *context;
    int64_t run;
    const char *owner; /* this process, as in owner.h; borrowed */
    int64_t wait_us;   /* HOOK_WAIT_US, or less in tests */
};

/* *hooks is NULL, which every function takes, when the plan has none. */
int hooks_open(const struct hooks_options *options, struct hooks **hooks, struct err *err);
/* Returns at once. From any thread. */
void hooks_tell(struct hooks *hooks, enum plan_event event, const char *reason);
/* Waits for what was told before, as long as the hooks' timeouts let it. */
void hooks_close(struct hooks *hooks);

#endif
