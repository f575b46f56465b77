/* watch.c - see watch.h. */
#include "cli/watch.h"

#include <signal.h>

#include "cli/bell.h"

struct watch {
    const struct work *work;
    struct reporter *reporter;
    struct crew *crew;
    int first_signal;
    int signals;
};

static void ring(void *context) {
    (void)context;
    bell_ring(BELL_CREW);
}

static const char *signal_text(int number) {
    return number == SIGINT ? "interrupted" : number == SIGTERM ? "terminated" : "hung up";
}

/* The first signal ends the work after the steps at hand, the second cancels those, the third no longer asks. A hang-up comes by itself
 * and may come twice, so it never does more than the first. */
static void on_signal(struct watch *watch, int number) {
    if (watch->first_signal == 0)
        watch->first_signal = number;
    else if (number == SIGHUP)
        return;
    watch->signals++;
    if (watch->signals == 1) {
        reporter_say(watch->reporter, 1, "%s: draining; %s (once more cancels them)", signal_text(number), watch->work->draining);
        crew_drain(watch->crew);
    } else if (watch->signals == 2) {
        reporter_say(watch->reporter, 1, "%s (once more leaves at once, which is safe too)", watch->work->cancelling);
        crew_cancel(watch->crew);
    } else {
        bell_close();
        raise(number);
    }
}

int watch_begin(struct infill_error *error) {
    if (bell_open())
        return 0;
    *error = (struct infill_error){.code = INFILL_ERR_IO, .message = "no pipe for signals could be made: too many open files"};
    return INFILL_ERR_IO;
}

void watch_end(void) {
    bell_close();
}

void watch_work(const struct work *work, struct reporter *reporter, unsigned workers, struct watched *watched) {
    struct watch watch = {.work = work, .reporter = reporter};
    watch.crew = crew_start(work, workers > 0 ? workers : 1, ring, NULL);
    while (!crew_is_done(watch.crew)) {
        unsigned why = bell_wait(reporter_due_ms(reporter));
        if (why != BELL_NONE && why != BELL_CREW)
            on_signal(&watch, (int)why);
        reporter_progress(reporter, work);
    }
    crew_join(watch.crew, &watched->result);
    watched->first_signal = watch.first_signal;
}

bool watch_is_echo(const struct watched *watched) {
    return watched->first_signal != 0 && watched->result.error.code == INFILL_ERR_CANCELLED;
}
