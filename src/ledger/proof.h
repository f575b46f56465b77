/* proof.h - what verification leaves in the ledger: passes, verdicts, findings.
 *
 * A slice is what one verdict is about: a range of a fill, or one of the numbers below. A verdict stays until a later
 * pass has looked at the same slice again: failures are sticky. Findings of a slice that a later look does not find again are `gone`;
 * accepted ones stay accepted. Strings in results belong to the arena given. */
#ifndef LEDGER_PROOF_H
#define LEDGER_PROOF_H

#include "ledger/ledger.h"

struct json_t;

enum {
    LEDGER_REST = 0,    /* the slice above the high-water mark */
    LEDGER_STRAYS = -1, /* target rows that no source row leads to, where they cannot be told by key */
};

/* One walk over what is to be compared. An unfinished one of the same scope is gone on with. */
struct ledger_pass {
    int64_t pass;
    const char *scope; /* JSON: which fills, ranges, checks */
    const char *seed;  /* hex, of the first pass of the run: digests of different passes can be compared */
    bool resumed;
};
/* Finds the newest pass if it has not ended and has this scope (and not `restart`), else makes one, with `seed` if it is the run's first. */
int ledger_pass_open(const struct ledger *ledger, struct db *db, int64_t run, const char *scope, const char *seed, bool restart,
                     const char *actor, struct arena *arena, struct ledger_pass *pass, struct err *err);
/* The pass is over: its verdict, and its document. Appends an event. */
int ledger_pass_end(const struct ledger *ledger, struct db *db, int64_t run, int64_t pass, const char *verdict, const char *detail,
                    const char *actor, struct err *err);
/* The documents of passes that have ended, the newest first, at most 20: [{"pass", "scope", "verdict", "detail", "at"}]. */
int ledger_passes(const struct ledger *ledger, struct db *db, int64_t run, struct json_t **out, struct err *err);

struct ledger_slice {
    int64_t range_no;
    const char *lo;    /* NULL: open below */
    const char *hi;    /* NULL: of the rest, open above */
    const char *state; /* of the range: open, filled */
    bool
        had_extra; /* before it was filled the target had rows there without a source row, or nobody knows: given by ledger_unsettled */
    int64_t rows;     /* seen by the fill */
    int64_t written;  /* by the fill */
    int64_t repaired; /* written by later attempts */
    const char *settled_at;
    int64_t pass; /* of the verdict; 0: none yet */
    const char *verdict, *reason, *detail, *at;
    bool seen_now; /* for who verifies: this process gave it */
};
/* The ranges of a fill, in order, newest attempts, with their verdicts. */
int ledger_slices(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, struct arena *arena,
                  struct ledger_slice **slices, size_t *count, struct err *err);
/* The verdict of one slice; slice->pass is 0 when there is none. */
int ledger_verdict_get(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no,
                       struct arena *arena, struct ledger_slice *slice, struct err *err);

struct ledger_finding {
    const char *fill;
    const char *key;
    int64_t range_no;
    const char *kind;    /* missing, extra, different, duplicate, kept */
    const char *columns; /* JSON list of names, or NULL */
    const char *state;   /* open, gone, repaired, deleted, accepted */
    const char *at;
};

/* What one look at a slice found. */
struct ledger_verdict {
    const char *fill;
    int64_t range_no;
    int64_t pass;
    const char *verdict; /* match, differ, changed, unverified */
    const char *reason;
    const char *detail; /* JSON: counts, digests, facts, causes */
    bool whole;         /* the whole slice was looked at: findings that were not found again are gone, the verdict is replaced. Else
                            findings are added, and a verdict is only made worse */
    const struct ledger_finding *findings; /* kind, key and columns of each */
    size_t finding_count;
};
/* In one transaction. */
int ledger_verdict_put(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_verdict *verdict,
                       struct err *err);

/* ---- attempt.c: work on a range that was filled before ---- */

/* A new attempt at a range, for `owner`, in state `repair`: nobody else works on the range's findings while it lasts. One that an owner
 * left behind (his lease ran out, or *dead says so of him) is taken over. ERR_BUSY while somebody is at it; ERR_REFUSED unless the run is
 * running or done. */
int ledger_attempt_open(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no,
                        const char *owner, int64_t ttl_ms, bool (*dead)(const char *owner), struct arena *arena,
                        struct ledger_lease *lease, struct err *err);
/* In the open transaction of the work: it is still ours (L3), and counted. The row is locked from here on. ERR_FENCED, rolled back. */
struct ledger_step {
    int64_t seen, written, same; /* additions */
};
int ledger_attempt_step(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_lease *lease,
                        const char *owner, int64_t ttl_ms, const struct ledger_step *step, struct err *err);
/* It is over; with `settled` the range is settled as well. Own transaction. */
int ledger_attempt_end(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_lease *lease, const char *owner,
                       bool settled, struct err *err);

/* ---- again.c ---- */

/* Ranges from..to of a fill get a new, open attempt each, and are to be settled again; the run runs again. Those that have an open attempt
 * keep it: called twice it does what it does once. One synchronous transaction. ERR_NOT_FOUND for numbers that no range has, ERR_REFUSED
 * unless all ranges of the fill are cut and the run is running or done, ERR_BUSY while somebody repairs or settles one of them. */
int ledger_ranges_again(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t from, int64_t to,
                        bool (*dead)(const char *owner), const char *actor, struct err *err);

/* ---- settle.c ---- */

/* Ranges that are filled and not settled, and that nobody settles now, in order, at most `limit`. */
struct ledger_unsettled {
    const char *fill;
    struct ledger_slice slice;
};
int ledger_unsettled(const struct ledger *ledger, struct db *db, int64_t run, int64_t limit, struct arena *arena,
                     struct ledger_unsettled **list, size_t *count, struct err *err);
/* Ranges of a fill (NULL: of all) that are not settled yet, filled or not. */
int ledger_unsettled_count(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t *count,
                           struct err *err);
/* One owner settles a range at a time: *claimed says whether it is this one. Settled or unclaimed, it is free again; else when the lease
 * ends. That two of them work on it after all does no harm. */
int ledger_settle_claim(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no,
                        const char *owner, int64_t ttl_ms, bool *claimed, struct err *err);
int ledger_settle_unclaim(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no,
                          const char *owner, struct err *err);
/* The range is settled: it was verified, and repaired, after every transaction that could have raced with its batches had ended. Unless
 * somebody else has claimed it meanwhile, or it is run again: then it is his to say. */
int ledger_settled(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no, const char *owner,
                   struct err *err);

/* Does a fill of another run write into that target, or has it? */
int ledger_target_is_shared(const struct ledger *ledger, struct db *db, int64_t run, const char *target, bool *shared,
                            struct err *err);

/* Keys whose target rows differ and were kept on purpose (on_conflict: keep), in the open transaction of the batch that kept them. */
int ledger_kept_add(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no, const char *key,
                    struct arena *arena, struct err *err);
int ledger_kept(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no, struct arena *arena,
                const char ***keys, size_t *count, struct err *err);

/* Findings of a slice are dealt with: repaired, deleted. In the open transaction. They are known by their keys; keys of different slices may
 * read alike, because strays are named by what they match. */
struct ledger_closing {
    const char *key, *state;
};
int ledger_findings_close(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no,
                          const struct ledger_closing *closings, size_t count, struct err *err);

/* Open findings of a fill (NULL: of all), at most `limit`, in the order of fill and range. */
int ledger_findings(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t limit, struct arena *arena,
                    struct ledger_finding **findings, size_t *count, struct err *err);
/* Open findings that nothing explains any more: rows that are missing or different in ranges that are filled, and settled if `settled`, and
 * that nobody fills once more. */
int ledger_findings_mismatched(const struct ledger *ledger, struct db *db, int64_t run, bool settled, int64_t *count,
                               struct err *err);
int ledger_findings_open(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t *open, struct err *err);

#endif
