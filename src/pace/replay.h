/* replay.h - how much of our speed a replica can take, found from its lag alone.
 *
 * A lag of two seconds says that the replica is now where the primary was two seconds ago. Between two samples it has replayed what was
 * written between those two moments of the past; how fast we were allowed to work then is remembered here. So the estimate belongs to the work that
 * was replayed, and stays the same while an old backlog drains, however slowly we work by then (a lag that still rises is no reason to
 * slow down twice). In units of full speed; what others write counts as if it were ours, which errs on the slow side when we are cut.
 *
 * All of it is a function of its arguments; times are microseconds of one monotonic clock. Not thread-safe. */
#ifndef PACE_REPLAY_H
#define PACE_REPLAY_H

#include <stddef.h>
#include <stdint.h>

enum {
    REPLAY_MARKS = 64,        /* samples remembered */
    REPLAY_PARTS = 32,        /* of the lag that matters: samples nearer to each other are not remembered both */
    REPLAY_SPAN_US = 1000000, /* between the two samples compared, at least, as soon as there are so many */
    REPLAY_GAP_US = 5000000,  /* more than this between two speeds is a process that was suspended */
};

struct replay {
    struct replay_mark {
        int64_t at_us;
        double lag;  /* seconds */
        double done; /* by then: the integral of speed over time, in seconds of full speed */
    } marks[REPLAY_MARKS];
    size_t count; /* ever made */
    double done, speed;
    int64_t spacing_us; /* of the marks but the newest, at least */
    int64_t done_us;    /* when done was brought up to date; at first when it all began */
};

struct replay_rate {
    double rises; /* seconds of lag a second */
    double takes; /* of full speed; negative: not known */
};

/* Our speed from now on, of full speed: 0 is waiting. */
void replay_speed(struct replay *replay, double speed, int64_t now_us);
/* A lag that was measured now. */
struct replay_rate replay_sample(struct replay *replay, double lag, int64_t now_us);

#endif
