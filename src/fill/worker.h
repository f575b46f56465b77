/* worker.h - one worker: a connection, at most one leased range, and the steps that move it.
 *
 * worker_step does at most one batch and never waits by itself: what has to be waited for is the answer, with a time and a reason. A
 * worker belongs to one thread at a time; fill_run_cancel may interrupt its statement from another. */
#ifndef FILL_WORKER_H
#define FILL_WORKER_H

#include "fill/run.h"
#include "pace/batch_size.h"

enum worker_state { WORKER_BATCH, WORKER_WAIT, WORKER_DONE, WORKER_DRAINED };

struct worker_step {
    enum worker_state state;
    int64_t rows;
    int64_t wait_ms;
    char reason[128];
};

/* The rows of one transaction: (lo, next] of the leased range, and what became of them. */
struct batch {
    const char *next; /* upper bound, of the lease arena; NULL: not looked up yet */
    int64_t
        rows; /* exactly that many source rows at the time of the look-up, before where:; -1: not known (next is the range's end) */
    int64_t asked; /* rows the bound was looked up for */
    int64_t seen, written, same, kept, rejected;
    int64_t read; /* rows that the server read for it; -1: nobody asked */
};

struct worker {
    struct fill_run *run;
    unsigned number;
    char owner[OWNER_MAX];
    struct db *db;            /* NULL: not connected */
    pthread_mutex_t db_lock;  /* guards `db` against fill_run_cancel while it is closed or replaced */
    struct arena lease_arena; /* the lease and the cursor texts */
    struct arena spare_arena; /* the other one: texts are moved over at each batch, so neither grows */
    struct arena batch_arena; /* reset before each transaction */
    struct job *job;          /* of the lease, or where the next one is looked for; NULL: nowhere yet */
    struct job *sized;        /* the fill that `size` was made for */
    struct ledger_lease lease;
    bool has_lease;
    bool reread;                 /* after a lost connection: look at the range row before anything else (L9) */
    bool unchecked;              /* the range is somebody else's work so far: its last batch is looked for first (L7) */
    bool counted;                /* the next batch counts what it selects and what it inserts in one snapshot */
    bool ordered;                /* a deadlock showed up in this range: lock rows in key order first */
    atomic_llong batch_since_us; /* when the transaction of the batch began; 0: there is none */
    struct batch batch;
    struct batch following; /* its bound, from the same round trip */
    struct batch_size size;
    unsigned live_changes; /* of the run that `size` knows of */
    int64_t rows_set;      /* batch.rows that it began with */
    int64_t cut_rows;      /* the next range is cut so many rows long, 0: as the plan says; fewer after that took too long */
    unsigned attempts;     /* failures in a row of this batch */
    unsigned mismatches;   /* of them: accounts that a concurrent writer may explain */
    uint64_t random;       /* state of the jitter */
    bool waiting;          /* counted in run->waiting */
    bool holding;          /* counted in run->holding */
    double factor;         /* of full speed, as signals have it */
    int64_t rest_us;       /* no batch before: signals slow the run down */
    bool granted;          /* the one batch a minute is this worker's */
    int64_t heard_us;      /* when it last asked what people say of the run, while it is held back */
    int64_t held_ms;       /* how long it has been held back by signals, range in hand */
    bool measures;         /* the rows that the next batch makes the server read are counted */
    bool hinted;           /* the statements of this step are those with the plan's hint */
    char *plan;            /* how the server runs the batches, when it was asked last; or NULL */
    int plan_way;          /* the way (batch.h) of the batch that it was asked about */
    bool outwaited;        /* older transactions did not end in all the time the plan gives them */
};

int worker_open(struct fill_run *run, struct worker **worker, struct err *err);
void worker_close(struct worker *worker);
int worker_step(struct worker *worker, struct worker_step *step, struct err *err);

/* acquire.c: leases a free range or cuts a new one. Either worker->has_lease, or *step says WAIT or DONE. */
int worker_acquire(struct worker *worker, struct worker_step *step, struct err *err);
/* Gives the range back (parked when park_ms > 0, with `error`). Errors are ignored: the lease runs out by itself. */
void worker_release(struct worker *worker, int64_t park_ms, const char *error);
/* Closes the connection; the next step opens another one. */
void worker_disconnect(struct worker *worker);
/* Forgets a lease that somebody else has now. */
void worker_forget(struct worker *worker);

/* batch.c: looks up batch.next when it is not known; moves the rows of (cursor, next] and the checkpoint in one transaction. */
int batch_bound(struct worker *worker, struct err *err);
int batch_move(struct worker *worker, struct err *err);
/* After a commit: the lease as the ledger has it now. */
int batch_committed(struct worker *worker, struct err *err);
/* reject.c: the batch is one row that cannot be written: notes it and moves on, in one transaction. */
int batch_reject(struct worker *worker, const struct err *cause, struct err *err);

/* Does the target have the row of the batch's one key? */
int batch_is_present(struct worker *worker, bool *present, struct err *err);
/* worker.c: the batch was committed in `us`: counts, batch size, the lease as the ledger has it now. */
int worker_moved(struct worker *worker, int64_t us, struct err *err);

/* hold.c: do signals let this worker go on? If not, *step says WAIT. */
bool worker_may_go(struct worker *worker, struct worker_step *step);
/* hold.c: a batch took `us`: how long to rest. */
void worker_rest(struct worker *worker, int64_t us);
/* hold.c: rows of the next batch: what the servo wants, and less while signals slow the run down. */
int64_t worker_batch_rows(const struct worker *worker);

/* flip.c: when it is time, how would the server read for the batch at hand? ERR_HALTED when it would begin to read all of the source. */
int worker_check_plan(struct worker *worker, struct err *err);
/* flip.c: a statement named an index that is gone. 0: the batch is tried again with the plan's hint. */
int worker_lost_index(struct worker *worker, struct err *err);
/* flip.c: a batch was measured, and committed: has it read far more for each row than others did? ERR_HALTED likewise. */
struct evidence;
int worker_check_reads(struct worker *worker, const struct batch *batch, const struct evidence *evidence, struct err *err);

/* recheck.c: are the rows of the last batch there, as the ledger says? ERR_MISMATCH if not (L7). */
int worker_recheck(struct worker *worker, struct err *err);

/* retry.c: what to do about an error of a batch: 0 with *step saying WAIT, or the error that ends the worker. */
int worker_retry(struct worker *worker, struct err *cause, struct worker_step *step, struct err *err);
/* WAIT for so long; gives the range back first when that is more than a third of the lease (L8). */
void worker_wait(struct worker *worker, struct worker_step *step, int64_t wait_ms, const char *what, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
