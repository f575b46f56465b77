/* pace.h - what signals make of the speed: samples in, a decision out.
 *
 * A budget (replica lag) is spent or not: above its slow line the run waits. A gauge (CPU, sessions, latency) scales: above its slow line
 * the speed is cut step by step. A gate (a pause file, a time window) is open or shut. Above a stop line nothing moves.
 *
 * After Vitess' throttler and spirit: whoever crossed the slow line comes back only below four fifths of it, starts slower than where it
 * went wrong, grows by a tenth a second, and keeps away from the last bad speed for two minutes; so lag and rate settle instead of
 * swinging. A lag is the past: what was written too fast takes as long again to be replayed after everything has stopped. So beside a lag
 * a run begins at a tenth of full speed (beside a latency as well: users feel it at once), grows only while there is hardly any, and is
 * cut as soon as it rises, to just below what the replica takes (replay.h). A replica that was slow may be well again: it is tried after
 * twenty seconds, gently, and the next try is as far away.
 * What cannot be read for 15 s, or has vanished, is a reason to wait: nobody knows then what the run does to others. Below the stop lines
 * one batch a minute goes in any case, so that progress is never zero.
 *
 * All of it is a function of its arguments; times are microseconds of one monotonic clock. Not thread-safe. */
#ifndef PACE_PACE_H
#define PACE_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pace/replay.h"

enum {
    PACE_SIGNALS_MAX = 32,
    PACE_NAME_MAX = 65,            /* a plan's name and its NUL */
    PACE_TEXT_MAX = 160,           /* of a reason */
    PACE_STALE_US = 15000000,      /* how old a sample may be */
    PACE_TRICKLE_US = 60000000,    /* at least one batch in this time, unless a stop line is crossed */
    PACE_COOL_US = 3000000,        /* between two cuts: the first must have had time to show */
    PACE_LAG_COOL_US = 500000,     /* the same where a lag says by how much */
    PACE_MEMORY_US = 120000000,    /* how long a bad speed is kept away from */
    PACE_MEMORY_LAG_US = 20000000, /* the same beside a lag */
    PACE_IDLE_US = 5000000,        /* without a batch: nothing moves, whatever the speed may be */
    PACE_BEAT_US = 500000,         /* whoever is slowed has a batch that often, and smaller ones, rather than long rests */
    PACE_REST_US_MAX = 30000000,   /* between two batches of a worker that is slowed */
    PACE_GAP_US = 5000000,         /* more than this between two decisions is somebody else's time (a suspended process) */
};

enum pace_kind { PACE_BUDGET, PACE_GAUGE, PACE_GATE };
enum pace_unit { PACE_NUMBER, PACE_SECONDS, PACE_FRACTION };
enum pace_verdict { PACE_GO, PACE_SLOW, PACE_WAIT };

/* One signal: the first part is given to pace_add(), the rest is pace's. */
struct pace_signal {
    char name[PACE_NAME_MAX];
    enum pace_kind kind;
    enum pace_unit unit;
    double slow, stop; /* lines; negative: none */

    double value;
    char detail[PACE_TEXT_MAX]; /* of the last sample: which standby, why it failed; or "" */
    int64_t asked_us;           /* when the first sample was due */
    int64_t read_us;            /* of the last good sample; -1: none */
    int64_t steered_us;         /* when the speed was last changed */
    int64_t bad_us;             /* when the speed was last found too high, and cut; -1: never */
    double factor;              /* of full speed, 0..1 */
    double bad;                 /* the speed that was too high */
    struct replay replay;       /* of a lag */
    bool over;                  /* above the slow line, and not yet back */
    bool stopped;               /* above the stop line, and not yet back; or a gate that is shut */
    int64_t stopped_us;         /* since when it is so, and was measured */
    bool gone;                  /* what is measured has vanished */
    int64_t waited_us;          /* how long it held the run up */
    int64_t slowed_us;          /* what slowing has cost: time × (1 - factor) */
};

/* What may happen now. `signal` is the one that holds back; NULL with PACE_GO. */
struct pace_decision {
    enum pace_verdict verdict;
    double factor; /* of full speed; 0 with PACE_WAIT */
    bool hard;     /* not even one batch a minute */
    const struct pace_signal *signal;
    char text[PACE_TEXT_MAX]; /* "replica_lag 3.2 s over 2 s (standby a)"; "" with PACE_GO */
    int64_t since_us;         /* when this verdict of this signal began */
};

struct pace {
    struct pace_signal signals[PACE_SIGNALS_MAX];
    size_t count;
    struct pace_decision decision;
    int64_t decided_us;
    int64_t batch_us; /* when a batch last went through, or was let through */
};

struct pace_reading {
    double value; /* seconds, fraction 0..1, or a number; of a gate: above 0 is shut */
    bool gone;
    char detail[PACE_TEXT_MAX];
};

void pace_init(struct pace *pace, int64_t now_us);
/* false when there is no room. */
bool pace_add(struct pace *pace, const char *name, enum pace_kind kind, enum pace_unit unit, double slow, double stop,
              int64_t now_us);
/* A sample of signal number `index`. */
void pace_sample(struct pace *pace, size_t index, const struct pace_reading *reading, int64_t now_us);
/* It could not be read, and why. The last good sample counts until it is too old. */
void pace_unreadable(struct pace *pace, size_t index, const char *why, int64_t now_us);
/* The decision now; the time since the last call is put down to the decision that held. Valid until the next call. */
const struct pace_decision *pace_decide(struct pace *pace, int64_t now_us);

/* A signal that has been above its stop line for so long by measurements, while no gate was shut; or NULL. */
const struct pace_signal *pace_overdue(const struct pace *pace, int64_t limit_us, int64_t now_us);

/* What a run does not wait for, it has not waited for in vain: the time above a stop line counts from now on. */
void pace_forgive(struct pace *pace, int64_t now_us);

/* A batch went through. */
void pace_batch(struct pace *pace, int64_t now_us);
/* While the run waits below every stop line: may this one batch go? Taken when the answer is yes. */
bool pace_trickle(struct pace *pace, int64_t now_us);

/* How many rows a batch may have at that factor, at least 1, of `rows`: `per_second` is the plan's limit (0: none), `target_us` how long a
 * batch of `rows` is meant to take. What a replica or a user feels is the largest burst. */
int64_t pace_rows(double factor, int64_t rows, double per_second, int64_t target_us);
/* How many of so many workers go on at that factor, at least one; and how long each rests after a batch, so that all together have it. */
unsigned pace_workers(double factor, unsigned workers);
int64_t pace_rest_us(double factor, unsigned workers, int64_t batch_us);

/* "2 s", "85%", "1200". Returns `out`. */
char *pace_format(enum pace_unit unit, double value, char *out, size_t size);

#endif
