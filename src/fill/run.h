/* run.h - one process's part of a run: what its workers share.
 *
 * Everything above the lock is set by fill_run_open and never changes; everything below is guarded by it. Database work is never done
 * under the lock. */
#ifndef FILL_RUN_H
#define FILL_RUN_H

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "db/db.h"
#include "guard/guard.h"
#include "guard/hooks.h"
#include "guard/notices.h"
#include "ledger/ledger.h"
#include "ledger/owner.h"
#include "pace/rate.h"
#include "pace/sampler.h"
#include "plan/plan.h"
#include "preflight/resolve.h"

enum {
    FILL_WORKERS_MAX = 256,    /* threads of one process; more connections than that is a plan's mistake */
    FILL_REFRESH_US = 1000000, /* how old the shares of the rate, the totals and the run's state may be */
    FILL_LIVE_US = 300000,     /* how old the settings that were changed live may be */
    FILL_GIVE_WAY_US = 500000, /* how old a batch must be that gives way to who waits for its locks */
    FILL_POLL_MS = 500,        /* how long to wait when only other workers have something to do */
    FILL_RATE_SAMPLES = 16,    /* refreshes over which rows per second are averaged */
};

struct worker;
struct settling;
struct settler;

/* What fill_run_open is told. Strings are borrowed for the life of the run. */
struct fill_run_options {
    struct log log;
    const char *from; /* a key as the user typed it, or NULL */
    const char *until;
    const char *fill;   /* only this one, or NULL */
    const char *ranges; /* numbers of ranges to be filled once more, and nothing else, or NULL */
    bool exclusive;
    bool no_install;
};

/* Sums over this process's life, for the summary. */
struct fill_reason {
    const char *what; /* static text */
    int64_t count;
    int64_t waited_ms;
};
enum { FILL_REASONS_MAX = 24 };

struct fill_run {
    const struct plan *plan;
    struct fill_run_options options;
    struct jobs *jobs;
    struct ledger *ledger;
    struct arena arena;
    int64_t run;
    bool was_done; /* nothing was left to do when this process came */
    char actor[128];
    char owner_prefix[OWNER_MAX];
    const char *from_key; /* encoded, or NULL */
    const char *until_key;
    size_t only; /* index of the only fill, or jobs->count for all */
    struct db_options db_options;
    struct db_tx batch_tx;  /* may commit asynchronously */
    struct db_tx ledger_tx; /* synchronous */
    struct db_tx read_tx;
    struct sampler *sampler; /* NULL: no signals */
    struct hooks *hooks;     /* NULL: nobody is told */
    atomic_bool told_rejects, told_done;
    atomic_llong committed_us; /* the last batch of this process, or the last time it was held up for a reason */
    atomic_bool drain;
    atomic_bool cancelled;
    atomic_bool halted; /* by this process: its workers stop, whether the ledger could be told or not */

    pthread_mutex_t settle_lock; /* guards the opening of: */
    struct settler *settler;     /* NULL until the first range is settled */
    pthread_mutex_t cancel_lock; /* a worker is not freed while it is held; taken before lock */
    pthread_mutex_t lock;
    bool has_lock;
    struct rate rate;
    double share;             /* of the plan's rows per second that this process has */
    double portion;           /* the same, 0..1 */
    struct plan_settings set; /* in force: of these only what may change live differs from the plan */
    char *live;               /* what was changed, as the ledger has it; or NULL */
    unsigned live_changes;
    struct {                        /* cost.c: of the rate limit */
        int64_t waited_us;          /* by the run as a whole, so far */
        int64_t written_ms;         /* of that, in the ledger */
        int64_t since_us, since_ms; /* when it was last looked at, and what it was then */
        int64_t rate, percent;
        bool holds;
    } cost;
    int64_t looked_us; /* when the ledger was last asked for it */
    struct {
        struct guard rejects, foreign_keys, deadlocks, mismatches; /* of this process */
        int64_t locked_in_a_row;
        int64_t found, found_us; /* mismatches that verifications have found, and when that was asked for; 0: not yet */
        struct plan_look *plans; /* flip.c: per job */
    } guards;
    struct worker *workers[FILL_WORKERS_MAX];
    unsigned worker_count; /* opened so far */
    unsigned waiting;
    unsigned holding;          /* workers that have a range */
    bool *filled;              /* per job: known to be filled */
    struct settling *settling; /* ranges that wait to be settled */
    int64_t gathered_us;
    enum { STRAYS_LEFT, STRAYS_BUSY, STRAYS_SETTLED } strays;
    int64_t settled_ranges, settle_repaired, settle_deleted, settle_extra; /* by this process */
    int64_t refreshed_us;
    bool refreshing;
    struct ledger_totals totals; /* of all processes, at the last refresh */
    struct ledger_totals mine;   /* moved by this process since then */
    struct ledger_totals moved;  /* moved by this process in all */
    struct {
        int64_t at_us, seen;
    } samples[FILL_RATE_SAMPLES];
    unsigned sample_count, next_sample;
    int64_t started_us;
    uint64_t retries;
    unsigned batch_rows;
    const char *fill; /* being filled */
    char reason[128]; /* why nobody moves rows, or "" */
    struct fill_reason reasons[FILL_REASONS_MAX];
    unsigned reason_count;
};

/* Connects, installs the ledger unless it is there, resolves the plan, opens or resumes the run. */
int fill_run_open(const struct plan *plan, const struct fill_run_options *options, struct fill_run **run, struct err *err);
void fill_run_close(struct fill_run *run);
/* When nobody works any more: hooks are told what they are still to be told, and so many required ones were not. */
int64_t fill_run_finish(struct fill_run *run);

/* Async-signal-safe. */
void fill_run_drain(struct fill_run *run);
/* Drain, and cancel what runs now. */
void fill_run_cancel(struct fill_run *run);

/* Brings shares and totals up to date over `db` when it is time and nobody else does it. */
int fill_run_refresh(struct fill_run *run, struct db *db, int64_t now_us, struct err *err);
/* A refresh is due at once: leases have changed. */
void fill_run_touch(struct fill_run *run);

/* live.c: settings that somebody changed meanwhile, read over `db` when it is time. */
int fill_run_live(struct fill_run *run, struct db *db, int64_t now_us, struct err *err);

/* cost.c: a worker that has a range waits for the rate; `counted`: in run->holding. Call with the lock held. */
void fill_run_waits_for_rate(struct fill_run *run, int64_t wait_us, bool counted);
/* cost.c: writes down what the rate limit costs, every few seconds, when the rate was changed, and the rest of it when nobody works any
 * more. */
void fill_run_cost(struct fill_run *run, struct db *db, int64_t now_us, bool ends);

bool fill_run_is_filled(struct fill_run *run, size_t job);
void fill_run_set_filled(struct fill_run *run, size_t job);

/* Counts for the summary: something happened, or was waited for. `what` is static text. */
void fill_run_note(struct fill_run *run, const char *what, int64_t waited_ms);

/* Halts the run for everybody (L6, L10) and gives ERR_HALTED with the reason. This process stops in any case; when the ledger cannot be
 * told over `db` (which may be NULL), it is tried over new connections. `detail` is the evidence for the event: a JSON object. */
int fill_run_halt(struct fill_run *run, struct db *db, const char *reason, const char *detail, struct err *err);

/* Rows per second of the whole run over the last refreshes; negative: not known yet. Call with the lock held. */
double fill_run_speed(const struct fill_run *run);

#endif
