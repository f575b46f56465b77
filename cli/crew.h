/* crew.h - the threads of one run or verification. One thread is one worker: it steps until there is nothing left, and waits where it is
 * told to.
 *
 * The crew knows nothing of terminals: the thread that started it watches, and is woken through `notify`. The first error drains the
 * others, so that nobody goes on beside a trouble; the error that came first is the one that is kept. */
#ifndef CLI_CREW_H
#define CLI_CREW_H

#include <infill.h>
#include <stdbool.h>

#include "cli/work.h"

struct crew;

/* `work` must outlive the crew. `notify` is called once, from the last worker's thread, when all have ended. */
struct crew *crew_start(const struct work *work, unsigned workers, void (*notify)(void *context), void *context);

/* Ends after the batches at hand; a waiting worker wakes at once. From any thread, not from a signal handler. */
void crew_drain(struct crew *crew);
/* Cancels the batches at hand as well. */
void crew_cancel(struct crew *crew);
/* Whether every worker has ended. */
bool crew_is_done(struct crew *crew);

struct crew_result {
    bool all_done; /* every worker saw the end of all work */
    bool failed;   /* and then `error` is the first */
    struct infill_error error;
};

/* Waits for the threads, and frees the crew. */
void crew_join(struct crew *crew, struct crew_result *result);

#endif
