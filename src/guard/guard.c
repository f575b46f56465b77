/* guard.c - see guard.h. */
#include "guard/guard.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void guard_init(struct guard *guard, const char *name, const char *unit, const struct guard_limits *limits) {
    memset(guard, 0, sizeof *guard);
    guard->name = name;
    guard->unit = unit;
    guard->limits = *limits;
    if (guard->limits.window < 1)
        guard->limits.window = 1;
}

static int64_t slot_units(const struct guard *guard) {
    int64_t units = guard->limits.window / GUARD_SLOTS;
    return units > 0 ? units : 1;
}

int64_t guard_limit(const struct guard *guard) {
    const struct guard_limits *limits = &guard->limits;
    int64_t limit = (int64_t)(limits->fraction * (double)limits->window + 1e-9);
    return limits->fraction > 0 && limit < limits->at_least ? limits->at_least : limit;
}

/* Moves on by whole slots; more than the window's worth of units forgets everything. */
static void advance(struct guard *guard, int64_t units) {
    guard->units_in_slot += units;
    int64_t steps = guard->units_in_slot / slot_units(guard);
    guard->units_in_slot %= slot_units(guard);
    for (int64_t i = 0; i < steps && i < GUARD_SLOTS; i++) {
        guard->slot = (guard->slot + 1) % GUARD_SLOTS;
        guard->in_window -= guard->events[guard->slot];
        guard->events[guard->slot] = 0;
    }
}

bool guard_count(struct guard *guard, int64_t units, int64_t events) {
    advance(guard, units);
    guard->events[guard->slot] += events;
    guard->in_window += events;
    guard->in_all += events;
    return events > 0 && (guard->in_window > guard_limit(guard) || guard->in_all > guard->limits.most);
}

void guard_describe(const struct guard *guard, char *out, size_t size) {
    if (guard->in_window > guard_limit(guard))
        snprintf(out, size, "guard %s: %" PRId64 " of the last %" PRId64 " %s, the limit is %" PRId64, guard->name,
                 guard->in_window, guard->limits.window, guard->unit, guard_limit(guard));
    else
        snprintf(out, size, "guard %s_max: %" PRId64 " %s in all, the limit is %" PRId64, guard->name, guard->in_all, guard->unit,
                 guard->limits.most);
}
