/* proof.h - what the files of a verification share. Not for other folders. */
#ifndef RECONCILE_PROOF_H
#define RECONCILE_PROOF_H

#include "ledger/proof.h"
#include "pace/rate.h"
#include "pace/sampler.h"
#include "preflight/resolve.h"
#include "reconcile/cause.h"
#include "reconcile/fit.h"
#include "reconcile/proof_checks.h"
#include "reconcile/range_set.h"
#include "reconcile/sample_pass.h"
#include "reconcile/shape.h"
#include "reconcile/verify.h"
#include "sql/verify_sql.h"

enum {
    PROOF_PIECE_ROWS = 100000,     /* rows of each side that are matched in memory at a time */
    PROOF_PIECE_ROWS_MIN = 1,      /* ... when the server or the memory wants fewer */
    PROOF_SET_BYTES = 32 << 20,    /* memory for matching keys */
    PROOF_LOOK_AGAIN_BY_KEY = 500, /* so many rows of a piece are asked for by key; more are read with the whole piece */
    PROOF_FINDINGS_MAX = 10000,    /* of one slice that get into the ledger; the rest is counted */
};

/* A fill under verification. Immutable once it is open. */
struct proof_fill {
    const struct job *job;
    struct verify_sql sql;
    enum fit *fits;                    /* per column of the shape: what storing does to a value of the source */
    struct shape shape;                /* columns: what names a row, then the values */
    const struct sql_column **columns; /* of the target, one per column of the shape */
    struct ledger_slice *slices;
    size_t slice_count;
    const char *from; /* a lower end that belongs to the first slice, unlike all others; NULL: none */
    bool whole;       /* all slices are looked at, and all of each */
    struct fill_checks checks;
};

struct verify {
    const struct plan *plan;
    struct verify_options options;
    struct arena arena;
    struct db *db; /* for opening and closing */
    struct jobs *jobs;
    const struct ledger *ledger;
    struct ledger *own_ledger;
    bool borrows; /* jobs, ledger and connections are a run's */
    struct db_options db_options;
    struct db_tx look_tx;
    char actor[128];
    int64_t run;
    struct ledger_pass pass;
    struct row_hash_key hash_key;
    struct proof_fill *fills;
    size_t fill_count;
    json_t *not_compared; /* [{"fill", "what", "reason"}] */
    atomic_bool drain;
    atomic_bool cancelled;
    int64_t started_us;
    struct sampler *sampler;  /* NULL: no signals */
    const char *replica_mark; /* where the primary's log was when this began; NULL: no replica is read */
    size_t verifier_count;    /* guarded by lock */
    int64_t piece_rows_max;

    pthread_mutex_t lock; /* guards what follows */
    size_t next_fill, next_slice;
    unsigned slices, slices_done, working;
    uint64_t rows[SIDES], findings;
    struct cause **causes;       /* of each fill, by what this process looked at; NULL: no row differs */
    struct sample_fill *samples; /* of each fill, of the sampled proof; NULL: all rows are compared */
    const char *fill;
    struct rate rate;
    char reason[128];           /* why it waits */
    struct verifier *verifiers; /* a list */
};

/* What a slice came to. Arena of the verifier. */
struct slice_result {
    struct row_digest digest[SIDES];
    uint64_t rows[SIDES];
    uint64_t kinds[RANGE_KINDS]; /* keys, after the second look */
    uint64_t changed;            /* differed in the first look and not in the second */
    uint64_t unstable;           /* did not stand still */
    uint64_t rejected;           /* missing by agreement */
    bool restless;               /* what the checks saw never stood still */
    enum verdict checked;        /* what the checks say */
    json_t *checks;              /* owned by who puts the verdict */
    const char *reason;          /* why a check could not say; NULL: they could */
    struct ledger_finding *findings;
    size_t finding_count;
};

/* How far a slice is, between two of its pieces. All zero: not begun. */
struct slice_walk {
    bool begun;
    const char *lo, *end;    /* (lo, end] is left to be read; no end: nothing of the kind */
    int64_t left;            /* source rows in there, as far as anybody knows */
    bool rest;               /* and what lies above that, or all strays */
    uint64_t counted[SIDES]; /* rows that the progress has */
    struct slice_result result;
    struct sample_part sample; /* of the sampled proof */
};

struct verifier {
    struct verify *verify;
    struct verifier *following;
    size_t number; /* of the process's verifiers */
    double factor; /* of full speed, by signals */
    int64_t rest_us, piece_began_us;
    struct db *db;
    struct db *replica; /* the first look goes there; NULL: to db */
    bool again;         /* this is no first look */
    bool borrows_db;
    bool borrows_tx;         /* looks neither begin nor end a transaction: they are inside of that of whoever steps it */
    pthread_mutex_t db_lock; /* guards `db` against verify_cancel */
    struct arena arena;      /* of one slice */
    struct range_set set;
    struct buf row; /* canonical bytes of the row at hand */
    size_t *ends;
    struct datum *datums; /* the row at hand, as the shape has it */
    struct datum *fitted; /* a row of the source, as its columns would store it */
    struct arena scratch; /* of one row */
    enum column_state *states;
    size_t column_room;
    const struct proof_fill *fill; /* the slice that is being looked at, or tried again */
    struct ledger_slice *slice;
    struct cause *cause;                /* of the rows of the slice that differ; NULL: none */
    const struct ledger_finding *found; /* in the slice, by its last look; of the arena */
    size_t found_count;
    unsigned attempts;
    int64_t piece_rows;
    int64_t taken; /* rows of the rate, for the piece that is read next */
    struct slice_walk walk;
    struct slice_checks checks;
};

/* ---- proof_open.c ---- */
/* Finds the fills and their slices, and what cannot be compared; with `borrows`, fills only. */
int proof_open(struct verify *verify, struct err *err);
void proof_close(struct verify *verify);

/* ---- look.c: one moment of both sides ---- */
struct interval {
    enum verify_form form;
    const char *lo, *hi; /* as the form wants them; keys of the ledger */
    bool strays;         /* not an interval: rows of the target that no row of the source leads to; all, or the one named by lo */
    bool *under; /* not NULL: the source is not read, its one row, of the key hi, cannot be evaluated; has the target that key? */
    bool shared; /* not an interval: rows of the target that several rows of the source lead to */
};
/* A row of one side in the columns of the shape; `key` its source key, NULL for a row of the target unless both keys are one. */
typedef int look_fn(void *context, enum side side, const struct datum *key, const struct datum *row, struct err *err);
int look_begin(struct verifier *verifier, struct err *err);
int look_at(struct verifier *verifier, const struct interval *interval, look_fn *row, void *context, struct err *err);
void look_end(struct verifier *verifier);
/* The row's canonical bytes in verifier->row, those of its key first. */
int look_encode(struct verifier *verifier, const struct datum *row, struct err *err);
size_t look_key_size(const struct verifier *verifier);
/* The text of a key as the ledger has it. */
int look_key_text(struct verifier *verifier, bool of_source, const struct datum *key, const char **text, struct err *err);

/* ---- suspects.c: what differed in the first look is looked at again ---- */
int suspects_settle(struct verifier *verifier, const struct interval *interval, struct slice_result *result, struct err *err);

/* ---- shared.c: rows of the target that several rows of the source lead to, wherever those lie ---- */
int shared_find(struct verifier *verifier, struct slice_result *result, struct err *err);

/* ---- guess.c: sentences about what the differing rows of a column have in common ---- */
/* Of one slice: an array of strings. */
json_t *guess_slice(const struct verifier *verifier);
/* What was guessed of the slice at hand counts for its fill. */
int guess_keep(struct verifier *verifier, struct err *err);
/* Of the whole fill: what this process looked at as one, what an earlier one left behind slice by slice. */
json_t *guess_fill(const struct verify *verify, const struct proof_fill *fill);

/* A row of the source that the server cannot evaluate, the only one of its interval, whose end is its key: nothing in the target is what
 * it says, so it is a finding, unless the fill could not write it either and nothing is there. */
int suspects_blind(struct verifier *verifier, const char *key, bool is_there, struct slice_result *result, struct err *err);

/* ---- verify.c ---- */
/* A verification on behalf of a run, over the run's own connections: verifiers get theirs from whoever steps them. Without a ledger it is
 * one of fills that were never run: slices can be looked at, and nothing is kept. */
int verify_borrow(const struct plan *plan, const struct verify_options *options, struct jobs *jobs, const struct ledger *ledger,
                  int64_t run, struct db *db, struct verify **verify, struct err *err);
/* A slice of the caller's choice is the one at hand; connected, with room for its rows. */
int verifier_take(struct verifier *verifier, const struct proof_fill *fill, struct ledger_slice *slice, struct err *err);

/* ---- verify_replica.c ---- */
/* Where the primary's log is now; nothing unless replicas are to be read. */
int verify_replica_open(struct verify *verify, struct err *err);
/* A replica that has got so far, for this verifier. ERR_TRANSIENT while it has not. */
int verify_replica_connect(struct verifier *verifier, struct db **replica, struct err *err);

/* ---- verify_pace.c ---- */
void verify_pace_init(struct verify *verify);
/* Signals are measured from here on, if the plan has any that concern who reads. */
int verify_pace_open(struct verify *verify, struct err *err);
/* May the next piece be read? If not, *step says how long to wait, and why. */
bool verify_pace_may_go(struct verifier *verifier, struct verify_step *step);
/* So many rows it had; or none, if it was not read after all. */
void verify_pace_account(struct verifier *verifier, uint64_t rows);

/* ---- piece.c ---- */
/* Reads an interval as of one moment, matches its rows, looks again at what differs, and adds all of that to the result. After an error
 * the result is as it was. */
int piece_read(struct verifier *verifier, const struct interval *interval, struct slice_result *result, struct err *err);

/* ---- slice.c ---- */
/* Looks at verifier->slice, and writes nothing anywhere. */
int slice_look(struct verifier *verifier, struct slice_result *result, struct err *err);
/* Looks at the next piece of verifier->slice; *done: it was the last, and the verdict is in the ledger. After an error it begins anew. */
int slice_step(struct verifier *verifier, int64_t *rows, bool *done, struct err *err);
/* Rows of the next piece, about. */
int64_t slice_rows_ahead(const struct verifier *verifier);
/* Forgets what was read of a slice without a verdict. */
void slice_drop(struct verifier *verifier);
/* Looks at verifier->slice and puts its verdict into the ledger. */
int slice_verify(struct verifier *verifier, int64_t *rows, struct err *err);

/* ---- verify_doc.c ---- */
int verify_document(struct verify *verify, bool complete, json_t **json, struct err *err);

#endif
