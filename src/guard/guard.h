/* guard.h - the circuit breaker: limits that halt the run, sticky, when too much goes wrong among the last rows.
 *
 * A guard counts over a sliding window of rows, in slots of a hundredth of the window, so it forgets gradually and needs constant memory.
 * Not thread-safe: the run's lock guards it. */
#ifndef GUARD_GUARD_H
#define GUARD_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GUARD_SLOTS = 100 };

struct guard {
    const char *name;    /* "reject": as in the plan's guards: */
    int64_t window_rows; /* the window */
    double fraction;     /* of the window that may go wrong */
    int64_t events[GUARD_SLOTS];
    int64_t rows_in_slot;
    unsigned slot;
    int64_t in_window;
};

void guard_init(struct guard *guard, const char *name, int64_t window_rows, double fraction);
/* `rows` went by, `events` of them wrong. True when the guard trips now: more than fraction × window_rows within the window. */
bool guard_count(struct guard *guard, int64_t rows, int64_t events);
/* What tripped, as a sentence: "guard reject: 11 of the last 100000 rows, the limit is 10". */
void guard_describe(const struct guard *guard, char *out, size_t size);

#endif
