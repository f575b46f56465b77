/* watch.h - the main thread beside a crew: shows progress and turns signals into draining, cancelling and leaving. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "cli/crew.h"
#include "cli/reporter.h"

struct watched {
    int first_signal; /* 0: none came */
    struct crew_result result;
};

/* Until here a signal simply ends the process, which is safe at any time; from here on until watch_end they are taken, so that what is
 * left to do with the work is done whole. Returns 0 or INFILL_ERR_IO, and then watch_end is not called. */
int watch_begin(struct infill_error *error);
void watch_end(void);

/* Starts `workers` on the work, at least one, and waits for their end. */
void watch_work(const struct work *work, struct reporter *reporter, unsigned workers, struct watched *watched);

/* Whether an error is only the echo of the signal that cancelled the work. */
bool watch_is_echo(const struct watched *watched);

#endif
