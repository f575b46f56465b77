/* item_guards.c - what stops the run by itself. */
#include <inttypes.h>

#include "preflight/checklist.h"

static const double REJECT_MANY = 0.01;

static int look(struct checklist *list, struct err *err) {
    const struct plan_settings *set = &list->plan->set;
    bool loose = set->guard_reject > REJECT_MANY;
    (void)err;
    checklist_say(list, NULL, loose ? CHECKLIST_WARN : CHECKLIST_PASS, loose ? "guards: {reject: 0.01%}" : NULL,
                  "the run halts when %g%% of %" PRId64 " rows, or %" PRId64 " rows in all, cannot be written",
                  set->guard_reject * 100, set->guard_window_rows, set->guard_reject_max);
    return 0;
}

const struct checklist_item guards_item = {"guards", CHECKLIST_CONTROLS, look};
