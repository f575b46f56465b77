/* item_timeouts.c - infill gives way, never the application: our limits are low, and its patience is longer than our longest lock. */
#include <inttypes.h>

#include "preflight/checklist.h"

enum { PATIENCE_MS = 30000 };

static int look(struct checklist *list, struct err *err) {
    const struct plan_settings *set = &list->plan->set;
    const struct db_survey *survey = &list->survey;
    int64_t statement_ms = set->statement_timeout_us / 1000, lock_ms = set->lock_timeout_us / 1000;
    (void)err;
    if (survey->lock_wait_ms == DB_UNKNOWN)
        checklist_say(list, NULL, CHECKLIST_WARN,
                      "make sure that each waits at least 30 s (SQLite: busy_timeout); --accept timeouts says that it was done",
                      "how long the application waits for a lock is set by %s and cannot be seen", survey->lock_wait_who);
    else if (survey->lock_wait_ms > 0 && survey->lock_wait_ms < PATIENCE_MS)
        checklist_say(list, NULL, survey->lock_wait_ms <= lock_ms ? CHECKLIST_FAIL : CHECKLIST_WARN,
                      "raise it to at least 30 s for the time of the run, or keep batches far below it",
                      "%s: a statement gives up after %" PRId64 " ms of waiting for a lock", survey->lock_wait_who,
                      survey->lock_wait_ms);
    else
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "the application waits %s for a lock (%s)",
                      survey->lock_wait_ms == 0 ? "as long as it takes" : checklist_time(list, survey->lock_wait_ms / 1000),
                      survey->lock_wait_who);
    bool low = lock_ms <= PATIENCE_MS / 3;
    checklist_say(list, NULL, low ? CHECKLIST_PASS : CHECKLIST_WARN, low ? NULL : "timeouts: {lock: 1s}",
                  "infill gives up after %" PRId64 " ms of waiting for a lock, and after %" PRId64 " ms of a statement", lock_ms,
                  statement_ms);
    return 0;
}

const struct checklist_item timeouts_item = {"timeouts", CHECKLIST_CONTROLS, look};
