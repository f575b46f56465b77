/* item_transactions.c - transactions that have been open for long: the run waits for them, and what they hold back grows meanwhile. */
#include <inttypes.h>

#include "preflight/checklist.h"

enum { FOR_EVER_S = 3600, WORSE = 5 };

/* One that has been open for as long as the run would wait for it will hardly end in time. */
static void say_oldest(struct checklist *list) {
    const struct db_survey *survey = &list->survey;
    int64_t wait_s = list->plan->set.snapshot_wait_us / 1000000, long_s = wait_s > 0 ? wait_s : 1;
    if (survey->oldest_s == DB_NONE)
        checklist_say(list, NULL, CHECKLIST_NONE, NULL, "this engine has one writer at a time");
    else if (survey->oldest_s == DB_UNKNOWN)
        checklist_say(list, NULL, CHECKLIST_WARN, survey->grant,
                      "how long other transactions have been open is hidden from this role");
    else if (survey->oldest_s < long_s)
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "no transaction has been open for more than %s",
                      checklist_time(list, long_s));
    else
        checklist_say(list, NULL, survey->oldest_s < FOR_EVER_S ? CHECKLIST_WARN : CHECKLIST_FAIL,
                      "find out what it is, and end it; timeouts.snapshot says how long the run waits",
                      "%s has been in one transaction for %s: the run waits for it before it begins, at most %s",
                      survey->oldest_who, checklist_time(list, survey->oldest_s), checklist_time(list, wait_s));
}

static void say_horizon(struct checklist *list) {
    const struct db_survey *survey = &list->survey;
    if (survey->horizon < 0 || survey->horizon_max <= 0)
        return;
    bool is_far = survey->horizon > survey->horizon_max;
    checklist_say(list, NULL,
                  !is_far                                         ? CHECKLIST_PASS
                  : survey->horizon > WORSE * survey->horizon_max ? CHECKLIST_FAIL
                                                                  : CHECKLIST_WARN,
                  is_far ? "let clean-up (vacuum, purge) catch up first" : NULL,
                  "%" PRId64 " %s wait for clean-up; from %" PRId64 " on that is a load of its own", survey->horizon,
                  survey->horizon_unit, survey->horizon_max);
}

static int look(struct checklist *list, struct err *err) {
    (void)err;
    say_oldest(list);
    say_horizon(list);
    return 0;
}

const struct checklist_item transactions_item = {"transactions", CHECKLIST_CONTROLS, look};
