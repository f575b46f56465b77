/* guard.c - see guard.h. */
#include "guard/guard.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void guard_init(struct guard *guard, const char *name, int64_t window_rows, double fraction) {
    memset(guard, 0, sizeof *guard);
    guard->name = name;
    guard->window_rows = window_rows > 0 ? window_rows : 1;
    guard->fraction = fraction;
}

static int64_t slot_rows(const struct guard *guard) {
    int64_t rows = guard->window_rows / GUARD_SLOTS;
    return rows > 0 ? rows : 1;
}

static int64_t limit(const struct guard *guard) {
    return (int64_t)(guard->fraction * (double)guard->window_rows + 1e-9);
}

/* Moves on by whole slots; more than the window's worth of rows forgets everything. */
static void advance(struct guard *guard, int64_t rows) {
    guard->rows_in_slot += rows;
    int64_t steps = guard->rows_in_slot / slot_rows(guard);
    guard->rows_in_slot %= slot_rows(guard);
    for (int64_t i = 0; i < steps && i < GUARD_SLOTS; i++) {
        guard->slot = (guard->slot + 1) % GUARD_SLOTS;
        guard->in_window -= guard->events[guard->slot];
        guard->events[guard->slot] = 0;
    }
}

bool guard_count(struct guard *guard, int64_t rows, int64_t events) {
    advance(guard, rows);
    guard->events[guard->slot] += events;
    guard->in_window += events;
    return events > 0 && guard->in_window > limit(guard);
}

void guard_describe(const struct guard *guard, char *out, size_t size) {
    snprintf(out, size, "guard %s: %" PRId64 " of the last %" PRId64 " rows, the limit is %" PRId64, guard->name, guard->in_window,
             guard->window_rows, limit(guard));
}
