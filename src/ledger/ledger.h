/* ledger.h - infill's tables in the target database: the only truth about progress.
 *
 * Invariants, cited in the code that keeps them (shared wording with ARCHITECTURE.md):
 *  L1  A batch's rows, rejects, counters and cursor commit in one transaction, or none of them does.
 *  L2  Epoch, batch number and cursor never decrease within an attempt; a server crash may rewind rows and cursor together.
 *  L3  A batch commits only while owner, epoch and batch number of its range row, locked inside its transaction, are the leased ones.
 *  L4  The ranges of a fill tile its key space: no gap, no overlap; cut lazily at the frontier under the fill row's lock.
 *  L5  `filled` only when cursor = hi, set by the batch that got there; a fill is done only when its frontier is at the high-water mark
 *      and every range is filled. An empty result is never taken for the end.
 *  L6  Pause, stop, halt: one synchronous transaction raises the run's generation and the epoch of every open range, in order; when it
 *      returns, no older batch can commit. Leases and cuts check the run row under a shared lock; batches lock only their range row.
 *  L7  Resuming is starting. Meaning, fingerprint, environment and profile must match what the run was started with.
 *  L8  Leases give liveness, fencing gives safety. Times come from the database's clock.
 *  L9  After an unclear outcome the range row is locked and read before anything is retried.
 *  L10 halted and stopped are sticky.
 *
 * Lock order: run, fill, range, event. A struct ledger is statements and names only: immutable after ledger_new, shared by threads; the
 * connection is always an argument. Strings in results belong to the arena given. Keys are text as in sql/key.h. */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "sql/stmt.h"

struct json_t;
struct ledger;

enum { LEDGER_FORMAT = 1 }; /* of the tables; another number in run.format is refused */

/* Builds every statement for a dialect. `tx` gives the timeouts of ledger transactions (always synchronous). */
int ledger_new(const struct sql_dialect *dialect, const struct db_tx *tx, struct ledger **ledger, struct err *err);
void ledger_free(struct ledger *ledger);

/* ---- install.c ---- */
int ledger_is_installed(const struct ledger *ledger, struct db *db, bool *installed, struct err *err);
/* DDL statements in order; text only. */
int ledger_ddl(const struct ledger *ledger, struct arena *arena, const char ***statements, size_t *count, struct err *err);
int ledger_drop_ddl(const struct ledger *ledger, struct arena *arena, const char ***statements, size_t *count, struct err *err);
/* Creates what is missing; safe against another process doing the same at the same time (many coordinators at once: trap 19). */
int ledger_install(const struct ledger *ledger, struct db *db, struct err *err);
/* ERR_REFUSED while any run is not done, unless force. */
int ledger_uninstall(const struct ledger *ledger, struct db *db, bool force, struct err *err);
/* Grants on the ledger's own tables; role is "worker" or "observer" ('infill_worker' and 'infill_observer' as example names). */
int ledger_grants(const struct ledger *ledger, const char *role, const char *database, struct arena *arena,
                  const char ***statements, size_t *count, struct err *err);

/* One right that a worker needs on one table of the ledger. */
struct ledger_right {
    const struct sql_table *table;
    const char *right;
};
int ledger_rights(const struct ledger *ledger, struct db *db, struct arena *arena, struct ledger_right *rights, size_t room,
                  size_t *count, struct err *err);

/* ---- run.c ---- */
struct ledger_fill_spec {
    const char *name;
    const char *source; /* display form: schema.table */
    const char *target;
    bool in_place;
    int64_t row_estimate; /* -1 unknown */
};

/* What a run is made of; ledger_run_open compares it with the row of an earlier process, or creates the rows. */
struct ledger_run_spec {
    const char *plan;
    const char *environment;
    const char *profile;
    const char *meaning;          /* SHA-256 hex */
    const char *meaning_text;     /* canonical JSON, kept so that a refusal can name what changed */
    const char *fingerprint;      /* SHA-256 hex of columns, key and triggers in use */
    const char *fingerprint_text; /* canonical JSON likewise */
    const char *settings;         /* JSON */
    const char *version;          /* of infill */
    const char *actor;            /* user@host */
    const struct ledger_fill_spec *fills;
    size_t fill_count;
};

struct ledger_run {
    int64_t run;
    int64_t generation;
    const char *state; /* running, paused, stopped, halted, done */
    const char *reason;
    const char *environment;
    const char *profile;
    const char *meaning;
    bool created; /* by this call */
};

/* Finds the plan's run or creates it with its fills, in one synchronous transaction under the lock of the run table, before anything
 * else is changed. ERR_REFUSED with what changed (environment of any run here, profile, meaning, fingerprint, format: naming the first
 * members of meaning_text/fingerprint_text that differ); ERR_STOPPED, ERR_HALTED when the run is sticky (L10), with the reason and since
 * when. `paused` and `done` are returned as they are. Updates settings and version of an existing run, appends events. */
int ledger_run_open(const struct ledger *ledger, struct db *db, const struct ledger_run_spec *spec, struct arena *arena,
                    struct ledger_run *run, struct err *err);
/* The newest run of a plan; *found false when there is none (or no ledger: ERR_NOT_FOUND). */
int ledger_run_find(const struct ledger *ledger, struct db *db, const char *plan, struct arena *arena, struct ledger_run *run,
                    bool *found, struct err *err);
/* The first run of another plan that is not done, and how many there are. ERR_DENIED when the ledger may not be read. */
int ledger_run_others(const struct ledger *ledger, struct db *db, const char *plan, struct arena *arena, const char **other,
                      const char **environment, const char **state, size_t *count, struct err *err);
/* State and generation now. */
int ledger_run_state(const struct ledger *ledger, struct db *db, int64_t run, struct arena *arena, struct ledger_run *out,
                     struct err *err);

/* ---- notice.c: what somebody must be told, until he was ---- */
/* One event for one required hook, written with the change of state that it speaks of. */
struct ledger_notice {
    const char *id; /* of the event */
    int64_t hook;   /* its place in the plan, from 0 */
    const char *event;
    const char *document;
    int64_t tries; /* so far; nobody fills in from here on to write one */
    const char *error;
    const char *at;
};
struct ledger_notices {
    const struct ledger_notice *list;
    size_t count;
};
/* In a transaction of its own. */
int ledger_notices_put(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_notices *notices,
                       struct err *err);
/* Those that are open, the oldest first, some hundred at most; `due`: only those whose next attempt may begin. */
int ledger_notices_open(const struct ledger *ledger, struct db *db, int64_t run, bool due, struct arena *arena,
                        struct ledger_notice **list, size_t *count, struct err *err);
/* How many there are of an event (NULL: any) in a state (open, told, dropped; NULL: any). */
int ledger_notices_count(const struct ledger *ledger, struct db *db, int64_t run, const char *event, const char *state,
                         int64_t *count, struct err *err);
/* Before an attempt: *mine unless another process has begun one since `notice` was read. Nobody else begins one for so long. */
int ledger_notice_claim(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_notice *notice, int64_t for_ms,
                        bool *mine, struct err *err);
/* Behind it: what was wrong, and when to try again; or that it is over: told, or dropped. */
int ledger_notice_failed(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_notice *notice,
                         const char *error, int64_t wait_ms, struct err *err);
int ledger_notice_end(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_notice *notice,
                      const char *state, struct err *err);

/* ---- control.c ---- */
/* L6. `state` is running, paused, stopped or halted; `was` gets the state before. Raises generation and epochs unless state is running.
 * Only allowed changes: anything not done → paused/stopped/halted; paused/stopped/halted → running. halted and stopped are not turned into
 * paused. A state that stays is no error (*changed false), and fences all the same: it may have been set by a plain UPDATE. `notices` (NULL:
 * none) are written with a change. */
int ledger_run_control(const struct ledger *ledger, struct db *db, int64_t run, const char *state, const char *reason,
                       const char *actor, const char *detail_json, const struct ledger_notices *notices, struct arena *arena,
                       const char **was, bool *changed, struct err *err);
/* running → done when every fill is filled, and with `settled` every range settled; *done says whether it is now. `notices` (NULL: none) are
 * written with that change. */
int ledger_run_finish(const struct ledger *ledger, struct db *db, int64_t run, bool settled, const char *actor,
                      const struct ledger_notices *notices, bool *done, struct err *err);

/* ---- live.c: settings that were changed while the run is under way ---- */
/* A JSON object of setting to text, or NULL: none. */
int ledger_live(const struct ledger *ledger, struct db *db, int64_t run, struct arena *arena, const char **live, struct err *err);
/* Merges `changes` (setting to text; null: what the plan says again) into it, under the run row's lock, with an event. ERR_USAGE when the
 * run is done. */
int ledger_live_set(const struct ledger *ledger, struct db *db, int64_t run, const struct json_t *changes, const char *actor,
                    struct err *err);

/* ---- event.c ---- */
/* Appends to the hash chain of the run: hash = SHA-256(previous hash, seq, at, actor, what, detail). In a transaction of its own. */
int ledger_event(const struct ledger *ledger, struct db *db, int64_t run, const char *actor, const char *what,
                 const char *detail_json, struct err *err);
/* Walks the chain; ERR_MISMATCH names the first broken seq. */
int ledger_event_check(const struct ledger *ledger, struct db *db, int64_t run, struct err *err);

/* ---- fill.c: frontier and end of a fill ---- */
struct ledger_fill {
    const char *fill;
    const char *state;      /* waiting: no high-water mark yet; open; filled */
    const char *frontier;   /* NULL: nothing cut */
    const char *high_water; /* NULL while waiting, or of an empty source */
    const char *from_key;   /* --from of the run's start, or NULL */
    const char *until_key;  /* --until of this part, or NULL: the fill ends at its high-water mark */
    int64_t ranges;         /* cut so far */
    bool had_extra;         /* as in struct ledger_bounds; also when nobody asked */
};
int ledger_fill_get(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, struct arena *arena,
                    struct ledger_fill *out, struct err *err);

/* Opens a transaction that holds the run row shared and the fill row exclusively, and reads the fill. ERR_FENCED when the run is not
 * `running` (the transaction is rolled back). The caller ends it with ledger_fill_commit_* or db_rollback. */
int ledger_fill_lock(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, struct arena *arena,
                     struct ledger_fill *out, struct err *err);
/* Where a fill begins and ends. */
struct ledger_bounds {
    const char *from_key;   /* exclusive; NULL: the beginning */
    const char *until_key;  /* --until, or NULL */
    const char *high_water; /* inclusive; NULL: the source is empty */
    bool had_extra;         /* the target had rows that no source row led to, before the first batch; the first answer stays */
};
/* … sets the bounds of a fill that waits for them; commits. Without a high-water mark it is filled at once. A frontier and a lower bound
 * that are there stay. So does an end that somebody has set: a fill that does not wait, or that was reopened for another end, is left as
 * it is. `now` is what is in force: to be believed instead of `bounds`. */
int ledger_fill_commit_high_water(const struct ledger *ledger, struct db *db, int64_t run, const char *fill,
                                  const struct ledger_bounds *bounds, struct arena *arena, struct ledger_fill *now,
                                  struct err *err);
/* Has somebody said where the fill ends? Then until_key says where (NULL: all of it), also while the mark is still waited for. */
bool ledger_fill_has_end(const struct ledger_fill *fill);
/* Compare and set: a fill that is as `seen` gets another end (until_key; NULL: all of it) and goes on from its frontier, waiting for the
 * mark of it. Otherwise somebody else was here, and nothing is changed. `now` (it may be `seen`) is what is in force. ERR_STOPPED when the run is not
 * running. Own transaction. */
int ledger_fill_reopen(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_fill *seen,
                       const char *until_key, struct arena *arena, struct ledger_fill *now, struct err *err);
/* … cuts range ranges+1 = (frontier, hi], moves the frontier to hi, and leases the new range to `owner` in the same transaction (epoch 1);
 * commits. `had_extra`: the target has rows there that no source row leads to. */
struct ledger_lease;
int ledger_fill_commit_cut(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_fill *fill, const char *hi,
                           bool had_extra, const char *owner, int64_t ttl_ms, struct arena *arena, struct ledger_lease *lease,
                           struct err *err);
/* open → filled if the frontier is at the high-water mark and no range is open (L5). *filled says whether it is now. Own transaction. */
int ledger_fill_finish(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, const char *actor, bool *filled,
                       struct err *err);

/* ---- lease.c ---- */
struct ledger_lease {
    const char *fill;
    int64_t range_no;
    int64_t attempt;
    const char *lo; /* NULL: open below */
    const char *hi;
    const char *cursor;  /* NULL: at lo, nothing done */
    const char *last_lo; /* where the last batch began; NULL: at lo */
    int64_t epoch;
    int64_t batch_no;
    bool keep; /* a duplicate showed up in this range: go on with the anti-join */
    int64_t tries;
    int64_t seen;
};

/* Takes the first free range of the fill: open, not parked, without owner, with a lease that ran out, or with a lease of `owner` itself,
 * who asks only when it knows of none (the answer to its last cut or lease was lost). SKIP LOCKED, so a range with a
 * batch in flight is never stolen. ERR_FENCED when the run is not `running`; *found false when there is none. */
int ledger_lease(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, const char *owner, int64_t ttl_ms,
                 struct arena *arena, struct ledger_lease *lease, bool *found, struct err *err);
/* Gives a range back; parked for `park_ms` (0: not) with `error` as its last error (NULL keeps it), tries + 1 when there is one. A lost
 * lease is no error. */
int ledger_release(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_lease *lease, const char *owner,
                   int64_t park_ms, const char *error, struct err *err);
/* Owners of open leases other than `owner`, each once: for taking over from the dead (owner.h). */
int ledger_owners(const struct ledger *ledger, struct db *db, int64_t run, const char *owner, struct arena *arena,
                  const char ***owners, size_t *count, struct err *err);
/* Frees every open range of an owner known to be dead, epochs raised. */
int ledger_evict(const struct ledger *ledger, struct db *db, int64_t run, const char *owner, struct err *err);
/* L9: locks the range row (waiting for whatever holds it), and reads it. *ours: owner and epoch are still the lease's; lease.batch_no,
 * cursor, last_lo are refreshed. state is open or filled. */
int ledger_reread(const struct ledger *ledger, struct db *db, int64_t run, const char *owner, struct arena *arena,
                  struct ledger_lease *lease, bool *ours, const char **state, struct err *err);
/* Live leases: of all owners, and those whose owner text begins with `prefix` (this process). */
int ledger_live_leases(const struct ledger *ledger, struct db *db, int64_t run, const char *prefix, int64_t *all, int64_t *mine,
                       struct err *err);
/* Milliseconds until the next parked range of the run comes free or the next foreign lease runs out; -1 when there is none; and the
 * last error of the parked one, or "". */
int ledger_next_wake(const struct ledger *ledger, struct db *db, int64_t run, struct arena *arena, int64_t *ms, const char **reason,
                     struct err *err);

/* The two ledger statements of a batch, for the batch to put in its own flush. */
/* → (1, run state); logical arguments LEDGER_A_*: fails in the server, or gives no row or a 0, when the lease is lost (L3). */
const struct stmt *ledger_fence(const struct ledger *ledger);
/* Moves the cursor and counters, and `filled` with the owner cleared when LEDGER_A_FILLED is 1. affected (or the returned 1) must be 1;
 * fails in the server on PostgreSQL when it is not. */
const struct stmt *ledger_advance(const struct ledger *ledger);
/* Inserts or replaces a reject of the range; arguments below. Two statements: delete, insert. */
const struct stmt *ledger_reject_delete(const struct ledger *ledger);
const struct stmt *ledger_reject_insert(const struct ledger *ledger);
enum ledger_arg {
    LEDGER_A_RUN,
    LEDGER_A_FILL,
    LEDGER_A_RANGE,
    LEDGER_A_ATTEMPT,
    LEDGER_A_OWNER,
    LEDGER_A_EPOCH,
    LEDGER_A_BATCH_NO, /* as leased; advance stores it + 1 */
    LEDGER_A_CURSOR,   /* the new one */
    LEDGER_A_LAST_LO,  /* where this batch began, NULL: at lo */
    LEDGER_A_SEEN,     /* additions */
    LEDGER_A_WRITTEN,
    LEDGER_A_SAME,
    LEDGER_A_KEPT,
    LEDGER_A_REJECTED,
    LEDGER_A_KEEP,   /* 1: the range goes on with the anti-join */
    LEDGER_A_FILLED, /* 1: cursor = hi */
    LEDGER_A_TTL_MS,
    LEDGER_A_KEY,      /* rejects from here on */
    LEDGER_A_KEY_HASH, /* SHA-256 hex of the key text */
    LEDGER_A_CLASS,    /* err_name */
    LEDGER_A_SQLSTATE,
    LEDGER_A_CONSTRAINT,
    LEDGER_A_COUNT
};

/* ---- reject.c ---- */
struct ledger_reject {
    const char *fill;
    const char *key;
    int64_t range_no;
    const char *class;
    const char *sqlstate;
    const char *constraint;
    const char *state; /* open, retried, accepted */
    const char *at;
    int64_t tries;
};
int ledger_rejects(const struct ledger *ledger, struct db *db, int64_t run, const char *state /* NULL: all */, struct arena *arena,
                   struct ledger_reject **rejects, size_t *count, struct err *err);
int ledger_rejects_open(const struct ledger *ledger, struct db *db, int64_t run, int64_t *open, struct err *err);
/* Accepts these keys of a fill, all or none. ERR_NOT_FOUND names the first unknown one. */
int ledger_rejects_accept(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, const char *const *keys,
                          size_t count, const char *because, const char *actor, struct err *err);
/* For a retry: (1) lock: → one row when the reject is open, FOR UPDATE; (2) done: state retried; (3) count: its range's counters move one
 * row from rejected to written; (4) failed: tries + 1 with the new class. Arguments LEDGER_A_RUN, _FILL, _RANGE, _KEY_HASH, _CLASS,
 * _SQLSTATE, _CONSTRAINT. */
const struct stmt *ledger_reject_lock(const struct ledger *ledger);
const struct stmt *ledger_reject_done(const struct ledger *ledger);
const struct stmt *ledger_reject_count(const struct ledger *ledger);
const struct stmt *ledger_reject_failed(const struct ledger *ledger);

/* ---- pace.c: what holds a process back, and what it has cost so far ---- */
struct ledger_pace {
    const char *reason; /* name of a signal */
    const char *state;  /* go, slow, wait */
    const char *detail; /* one line, "" with go */
    int64_t percent;    /* of full speed */
    int64_t waited_ms;  /* sums over the life of the process */
    int64_t slowed_ms;
};
/* Writes the one row of (process, reason): nobody else writes it, and sums are whole, so that a repetition changes nothing. `owner` is the
 * process's part of an owner text. */
int ledger_pace_put(const struct ledger *ledger, struct db *db, int64_t run, const char *owner, const struct ledger_pace *pace,
                    struct err *err);

/* ---- status.c ---- */
struct ledger_totals {
    int64_t ranges, ranges_filled;
    int64_t seen, written, same, kept, rejected;
    int64_t fills, fills_filled;
    int64_t rejects_open;
    int64_t row_estimate; /* of all fills, -1 when one is unknown */
};
int ledger_totals(const struct ledger *ledger, struct db *db, int64_t run, struct ledger_totals *totals, struct err *err);
/* The document of infill_status (include/infill.h), all of it from the ledger in one read-only transaction. New reference. */
int ledger_status(const struct ledger *ledger, struct db *db, const char *plan, struct json_t **out, struct err *err);
/* The last events of a run, at most `limit`, the oldest first, as in that document. New reference. */
int ledger_events(const struct ledger *ledger, struct db *db, int64_t run, int64_t limit, struct json_t **out, struct err *err);
/* The database's clock, RFC 3339. */
int ledger_now(const struct ledger *ledger, struct db *db, struct arena *arena, const char **now, struct err *err);

#endif
