/* guard.h - the circuit breaker: limits that halt the run, sticky, when too much goes wrong among the last rows.
 *
 * A guard counts over a sliding window of units (rows, or attempts at a batch), in slots of a hundredth of the window, so it forgets
 * gradually and needs constant memory; beside that it has a maximum over its whole life. Not thread-safe: the run's lock guards it. */
#ifndef GUARD_GUARD_H
#define GUARD_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GUARD_SLOTS = 100 };

/* What a guard allows. */
struct guard_limits {
    int64_t window;   /* units */
    double fraction;  /* of the window that may go wrong */
    int64_t at_least; /* a fraction above 0 does not trip before more than so many, however small the window */
    int64_t most;     /* in all; INT64_MAX: no such limit */
};

struct guard {
    const char *name; /* "reject": as in the plan's guards: */
    const char *unit; /* "rows": what the fraction is per */
    struct guard_limits limits;
    int64_t events[GUARD_SLOTS];
    int64_t units_in_slot;
    unsigned slot;
    int64_t in_window;
    int64_t in_all;
};

void guard_init(struct guard *guard, const char *name, const char *unit, const struct guard_limits *limits);
/* `units` went by, `events` of them wrong. True when the guard trips now. */
bool guard_count(struct guard *guard, int64_t units, int64_t events);
/* How many the window may have. */
int64_t guard_limit(const struct guard *guard);
/* What tripped, as a sentence: "guard reject: 11 of the last 100000 rows, the limit is 10". */
void guard_describe(const struct guard *guard, char *out, size_t size);

#endif
