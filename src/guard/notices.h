/* notices.h - what the ledger keeps for required hooks, told. At least once: whoever dies behind a call and in front of the note of it makes
 * another process tell it again, under the same id. */
#ifndef GUARD_NOTICES_H
#define GUARD_NOTICES_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/log.h"
#include "ledger/ledger.h"
#include "plan/plan.h"

struct notices {
    const struct plan *plan;
    const struct ledger *ledger;
    const struct log *log;
    int64_t run;
    int64_t wait_us; /* as of hook_call */
    const atomic_bool *stop;
};

/* Tries each of them once; `due`: only those whose time has come, else all, which a process does that is on its way out or in. *left is how
 * many are still open. An error is one of the ledger; that a hook does not answer is a line in the log. */
int notices_tell(const struct notices *notices, struct db *db, bool due, int64_t *left, struct err *err);
/* Has the plan required hooks? */
bool notices_wanted(const struct plan *plan);

#endif
