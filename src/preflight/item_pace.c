/* item_pace.c - how fast the run may go, and how long that takes. */
#include <inttypes.h>

#include "preflight/checklist.h"

enum { LONG_S = 72 * 3600 }; /* for so long people remember that it runs */

static void say_limit(struct checklist *list) {
    const struct plan_settings *set = &list->plan->set;
    if (set->pace_rows_per_second > 0)
        checklist_say(list, NULL, CHECKLIST_PASS, NULL,
                      "at most %" PRId64 " rows/s; batches of %" PRId64 " to %" PRId64 " rows, %" PRId64 " ms each",
                      set->pace_rows_per_second, set->batch_rows, set->batch_rows_max, set->batch_target_time_us / 1000);
    else
        checklist_say(list, NULL, checklist_is_careful(list) ? CHECKLIST_WARN : CHECKLIST_PASS,
                      checklist_is_careful(list) ? "--set pace.rows_per_second=500" : NULL,
                      "no limit: batches of %" PRId64 " to %" PRId64 " rows as fast as the server takes them", set->batch_rows,
                      set->batch_rows_max);
}

/* How long it may take, in seconds; by the plan, or for as long as people remember that it runs. */
static int64_t window_of(const struct checklist *list) {
    int64_t max_us = list->plan->set.phase_active_max_us;
    return max_us > 0 ? max_us / 1000000 : LONG_S;
}

static void say_time(struct checklist *list) {
    int64_t rows = checklist_rows(list), rate = list->plan->set.pace_rows_per_second, window = window_of(list);
    bool given = list->plan->set.phase_active_max_us > 0;
    if (rows < 0) {
        checklist_say(list, NULL, CHECKLIST_WARN, "ANALYZE the source",
                      "how many rows there are is not known, nor how long it takes");
        return;
    }
    if (rate <= 0 && given)
        checklist_say(list, NULL, CHECKLIST_WARN, "infill plan --rehearse measures it",
                      "without a rate nobody knows whether %" PRId64 " rows fit into phases.active.max, %s", rows,
                      checklist_time(list, window));
    if (rate <= 0)
        return;
    int64_t seconds = (rows + rate - 1) / rate, fits = (rows + window - 1) / window;
    if (seconds <= window)
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "about %" PRId64 " rows take %s at this pace%s%s", rows,
                      checklist_time(list, seconds), given ? ", and may take " : "", given ? checklist_time(list, window) : "");
    else
        checklist_say(list, NULL, CHECKLIST_WARN,
                      arena_printf(list->arena, "--set pace.rows_per_second=%" PRId64 " would fit into %s", fits,
                                   checklist_time(list, window)),
                      "about %" PRId64 " rows take %s at this pace%s", rows, checklist_time(list, seconds),
                      given ? ", longer than phases.active.max" : "");
}

static int look(struct checklist *list, struct err *err) {
    (void)err;
    say_limit(list);
    say_time(list);
    return 0;
}

const struct checklist_item pace_item = {"pace", CHECKLIST_CONTROLS, look};
