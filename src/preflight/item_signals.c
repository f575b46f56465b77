/* item_signals.c - the loads that the plan watches, each measured once: a signal that cannot be read holds the whole run up. */
#include <poll.h>

#include "base/clock.h"
#include "pace/signal.h"
#include "preflight/checklist.h"

enum { BETWEEN_MS = 300 /* some measure a difference between two looks */, LINE_MAX = 64 };

static void say_reading(struct checklist *list, const struct plan_signal *about, enum pace_kind kind,
                        const struct pace_reading *reading) {
    char value[LINE_MAX], line[LINE_MAX];
    static const enum pace_unit units[] = {[PLAN_UNIT_number] = PACE_NUMBER,
                                           [PLAN_UNIT_seconds] = PACE_SECONDS,
                                           [PLAN_UNIT_fraction] = PACE_FRACTION,
                                           [PLAN_UNIT_gate] = PACE_NUMBER};
    enum pace_unit unit = units[about->unit];
    char detail[PACE_TEXT_MAX + LINE_MAX] = "";
    if (reading->detail[0])
        snprintf(detail, sizeof detail, " (%s)", reading->detail);
    pace_format(unit, reading->value, value, sizeof value);
    double first = about->slow >= 0 ? about->slow : about->stop;
    pace_format(unit, first, line, sizeof line);
    if (reading->gone)
        checklist_say(list, NULL, CHECKLIST_FAIL, "bring it back, or take it out of the plan",
                      "%s: what is measured has vanished%s", about->name, detail);
    else if (kind == PACE_GATE)
        checklist_say(list, NULL, reading->value > 0 ? CHECKLIST_WARN : CHECKLIST_PASS,
                      reading->value > 0 ? "the run would wait until it opens" : NULL, "%s is %s now%s", about->name,
                      reading->value > 0 ? "shut" : "open", detail);
    else if (first >= 0 && reading->value > first)
        checklist_say(list, NULL, CHECKLIST_WARN, "the run would hold back at once: find out what it is", "%s is %s now, over %s%s",
                      about->name, value, line, detail);
    else
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "%s is %s now%s%s%s", about->name, value,
                      first >= 0 ? "; it slows the run above " : "", first >= 0 ? line : "", detail);
}

static int sample(struct checklist *list, struct signal *signal, struct pace_reading *reading, struct err *err) {
    static const atomic_bool never = false;
    struct arena arena;
    arena_init(&arena);
    const struct signal_tools tools = {.db = signal->type->needs_db ? list->db : NULL,
                                       .arena = &arena,
                                       .db_options = list->db_options,
                                       .stop = &never,
                                       .wall_us = clock_wall_us(),
                                       .now_us = clock_monotonic_us()};
    *reading = (struct pace_reading){.value = 0};
    err_clear(err);
    int rc = signal->type->sample(signal, &tools, reading, err);
    arena_release(&arena);
    return rc;
}

/* What cannot be measured is a line of the list, not the end of it; only our own connection and memory are. */
static int look_at(struct checklist *list, const struct plan_signal *about, struct err *err) {
    struct signal *signal = NULL;
    struct pace_reading reading;
    int rc = signal_open(list->plan, about, &signal, err);
    if (rc == ERR_UNSUPPORTED && about->optional) {
        err_clear(err);
        return 0;
    }
    if (rc == 0) {
        sample(list, signal, &reading, err);
        if (!signal->type->instant)
            poll(NULL, 0, BETWEEN_MS);
        rc = sample(list, signal, &reading, err);
    }
    if (rc == 0)
        say_reading(list, about, signal->type->kind, &reading);
    signal_close(signal);
    if (rc == 0 || rc == ERR_NOMEM || db_is_dead(list->db))
        return rc;
    checklist_say(list, NULL, checklist_strict(list),
                  err->next[0] ? err->next : "the run waits while it cannot be read: mend it, or take it out of the plan",
                  "%s cannot be read: %s%s%s%s", about->name, err->message, err->where[0] ? " (" : "", err->where,
                  err->where[0] ? ")" : "");
    err_clear(err);
    return 0;
}

static int look(struct checklist *list, struct err *err) {
    int rc = 0;
    if (list->plan->signal_count == 0)
        checklist_say(list, NULL, CHECKLIST_NONE, NULL, "the plan watches no load (pace.signals)");
    for (size_t i = 0; i < list->plan->signal_count && rc == 0; i++)
        rc = look_at(list, &list->plan->signals[i], err);
    return rc;
}

const struct checklist_item signals_item = {"signals", CHECKLIST_CONTROLS, look};
