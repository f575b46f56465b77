/* item_dual_writes.c - does the application really write both sides? Seen by what it writes while one looks. */
#include <inttypes.h>
#include <poll.h>

#include "base/clock.h"
#include "preflight/checklist.h"
#include "preflight/fresh.h"

enum { POLL_MS = 200, ENOUGH_ROWS = 20 };
static const int64_t ARRIVE_US = 2000000; /* in so long what is written to one side has to be on the other */

static const char accept_it[] =
    "infill check PLAN --watch 60 while the application writes; --accept dual-writes says that it was made sure of";

static bool is_right(const struct fresh_rows *watching) {
    const struct fresh_order *worst = fresh_worst(watching);
    return worst && worst->same == worst->fresh;
}

/* Enough rows of both kinds have been seen, all right. */
static bool is_proven(const struct fresh_rows *watching) {
    return is_right(watching) && fresh_inserted(watching) >= ENOUGH_ROWS && fresh_updated(watching) >= ENOUGH_ROWS;
}

/* Until the time is over; then the rows seen last have a little longer to arrive. */
static int observe(struct fresh_rows *watching, int64_t watch_us, struct err *err) {
    int64_t end_us = clock_monotonic_us() + watch_us;
    int rc = 0;
    for (bool on = true; rc == 0;) {
        int64_t now_us = clock_monotonic_us();
        on = on && now_us < end_us;
        rc = fresh_look(watching, on, err);
        if (rc || is_proven(watching) || (!on && (fresh_worst(watching) == NULL || is_right(watching))) ||
            now_us >= end_us + ARRIVE_US)
            return rc;
        poll(NULL, 0, POLL_MS);
    }
    return rc;
}

static void say_right(struct checklist *list, const struct job *job, const struct fresh_rows *watching) {
    int64_t inserted = fresh_inserted(watching), updated = fresh_updated(watching);
    const struct fresh_order *time = &watching->orders[FRESH_BY_TIME], *key = &watching->orders[FRESH_BY_KEY];
    if (inserted > 0 && updated > 0)
        checklist_say(list, job, CHECKLIST_PASS, NULL,
                      "%" PRId64 " rows inserted and %" PRId64 " updated while looking are right on both sides", inserted, updated);
    else if (inserted < 0)
        checklist_say(list, job, CHECKLIST_PASS, NULL, "%" PRId64 " rows inserted or updated while looking are right on both sides",
                      time->fresh);
    else if (inserted > 0)
        checklist_say(list, job, CHECKLIST_WARN, accept_it,
                      "%" PRId64 " inserted rows are right on both sides; of updated ones nothing is "
                      "known: %s",
                      inserted, time->unfit ? time->unfit : "none was seen");
    else
        checklist_say(list, job, CHECKLIST_WARN, accept_it,
                      "%" PRId64 " updated rows are right on both sides; of inserted ones nothing is "
                      "known: %s",
                      updated, key->unfit ? key->unfit : "none was seen");
}

static void say(struct checklist *list, const struct job *job, const struct fresh_rows *watching) {
    const struct fresh_order *worst = fresh_worst(watching), *key = &watching->orders[FRESH_BY_KEY],
                             *time = &watching->orders[FRESH_BY_TIME];
    if (worst && worst->same < worst->fresh)
        checklist_say(list, job, CHECKLIST_FAIL,
                      "deploy the dual writes first: whatever is written meanwhile would be missing, or old, after the fill",
                      "of %" PRId64 " rows that were written while looking (by %s), %" PRId64 " are missing or different in %s",
                      worst->fresh, worst->column, worst->fresh - worst->same, job->target_name);
    else if (worst)
        say_right(list, job, watching);
    else
        checklist_say(list, job, checklist_strict(list), accept_it,
                      "whether the application writes both sides could not be told: inserted rows: %s; updated rows: %s",
                      key->unfit ? key->unfit : "none was seen", time->unfit ? time->unfit : "none was seen");
}

static int look_at(struct checklist *list, const struct job *job, struct err *err) {
    struct fresh_rows watching = {.db = list->db, .tx = list->tx, .arena = list->arena};
    int rc = fresh_begin(&watching, job, err);
    if (rc == 0)
        rc = observe(&watching, list->watch_us, err);
    if (rc == 0)
        say(list, job, &watching);
    fresh_release(&watching);
    return rc;
}

static int look(struct checklist *list, struct err *err) {
    int rc = 0;
    if (list->plan->writes == PLAN_WRITES_NONE) {
        checklist_say(list, NULL, CHECKLIST_NONE, NULL, "writes: none: the plan says that nobody writes");
        return 0;
    }
    for (size_t i = 0; i < list->jobs->count && rc == 0; i++)
        if (checklist_can_run(&list->jobs->jobs[i]))
            rc = look_at(list, &list->jobs->jobs[i], err);
    return rc;
}

const struct checklist_item dual_writes_item = {"dual-writes", CHECKLIST_BEFORE, look};
