/* infill.h - the public C API of libinfill. Its comments are the manual; the command line uses nothing else.
 *
 * infill moves the rows that already exist into a new table or new columns, in small transactions with a checkpoint in each, while the
 * application keeps running. A run is driven step by step: one step is one batch. The host owns the loop, so pausing, progress,
 * cancelling and threads are the host's and need no callbacks:
 *
 *     infill_plan_open → infill_run_open → per thread: infill_worker_open, { infill_worker_step … }, infill_worker_close
 *                      → infill_run_finish → infill_run_close → infill_plan_close
 *
 * Conventions. Functions return 0 or a negative INFILL_ERR_* (infill_error.h) and then fill in `error`, which must not be NULL.
 * Strings handed out through `char **` belong to the caller: infill_free. Documents are UTF-8 JSON text; their members are described at
 * the function and only ever grow. Times are RFC 3339 UTC of the database's clock; durations are integers with the unit in the name.
 * Keys are the ledger's text form: a JSON array of one string per key column. Row values and secrets never appear anywhere.
 *
 * Threads. A plan is immutable and may be shared. A run may be shared by its workers' threads and one more (progress, drain, cancel).
 * A worker belongs to one thread at a time. Everything else is safe from any thread, with connections of its own. */
#ifndef INFILL_H
#define INFILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "infill_error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define INFILL_API __attribute__((visibility("default")))

enum { INFILL_MESSAGE_MAX = 4096, INFILL_CONTEXT_MAX = 512, INFILL_NAME_MAX = 192 };

struct infill_error {
    int code;                         /* enum infill_error_code */
    char sqlstate[6];                 /* of the server, or "" */
    int native;                       /* the engine's own number, or 0 */
    char message[INFILL_MESSAGE_MAX]; /* what failed */
    char where[INFILL_CONTEXT_MAX];   /* fill, table, key range; or "" */
    char next[INFILL_CONTEXT_MAX];    /* state of the data and the next command; or "" */
};

INFILL_API const char *infill_version(void);
INFILL_API void infill_free(void *text); /* NULL allowed */

/* Name ("LOCKED"), process exit code (see infill_error.h), one line and long text of a code. Never NULL. */
INFILL_API const char *infill_error_name(int code);
INFILL_API int infill_error_exit_code(int code);
INFILL_API const char *infill_error_line(int code);
INFILL_API const char *infill_error_text(int code);
/* The code of a name in any case, with or without INFILL_ERR_; 0 when there is none. */
INFILL_API int infill_error_by_name(const char *name);

/* Engines built in, separated by blanks: "sqlite postgres mariadb". */
INFILL_API const char *infill_engines(void);

/* For a program that does nothing but infill: says that nobody else in this process uses the engines' client libraries, so that they need
 * not keep what only others would ask for (SQLite: its statistics of memory, a tenth of the time of a verification). Optional; once, before
 * anything else, while there is one thread. */
INFILL_API void infill_own_process(void);

/* Where messages go; levels 0 debug, 1 info, 2 warning, 3 error. May be called from any worker's thread; one line, no newline. */
struct infill_log {
    void (*line)(void *context, int level, const char *text); /* NULL: silent */
    void *context;
};

/* ---- The plan ---------------------------------------------------------------------------------------------------------------- */

struct infill_plan;

struct infill_plan_options {
    const char *path;        /* "-": standard input */
    const char *environment; /* NULL: INFILL_ENV, else the only one of the plan */
    const char *profile;     /* NULL: what the environment says, else prod */
    const char *const *sets; /* "batch.rows=500" */
    size_t set_count;
};

/* Reads and checks a plan; touches no database. When it is not valid, *report (may be NULL; caller frees) lists every mistake as
 * file:line:col with source line and caret. Errors: PLAN, UNSUPPORTED, USAGE (no such file), IO, NOMEM. */
INFILL_API int infill_plan_open(const struct infill_plan_options *options, struct infill_plan **plan, char **report,
                                struct infill_error *error);
INFILL_API void infill_plan_close(struct infill_plan *plan);
INFILL_API const char *infill_plan_name(const struct infill_plan *plan);
INFILL_API const char *infill_plan_environment(const struct infill_plan *plan);
INFILL_API const char *infill_plan_profile(const struct infill_plan *plan);
/* Whether the profile is prod, or one that extends it: hosts then check before they run, and let somebody confirm. */
INFILL_API bool infill_plan_is_careful(const struct infill_plan *plan);
INFILL_API unsigned infill_plan_workers(const struct infill_plan *plan);

/* [{"setting": "batch.rows", "value": 500, "origin": "profile prod", "where": "users.yaml:12:9" or ""}, …] */
INFILL_API int infill_plan_origins(const struct infill_plan *plan, char **json, struct infill_error *error);
/* The JSON Schema of plan files. */
INFILL_API int infill_plan_schema(char **json, struct infill_error *error);

/* Writes a commented plan (YAML) from the live schemas: `from` into `into` (or in place: into NULL) of the database at `url`. */
INFILL_API int infill_init(const char *url, const char *from, const char *into, char **yaml, struct infill_error *error);

/* ---- Dry run ----------------------------------------------------------------------------------------------------------------- */

/* What a run would do. Nothing is written, not even the ledger, and no ledger is needed. `table` (may be NULL) selects the fills that
 * read or write that table. Document:
 *   {"plan", "environment", "profile", "database", "server_version", "connections", "rows_per_second",
 *    "ledger": {"installed": bool, "statements": [sql, …]},
 *    "fills": [{"fill", "kind": "into" | "set", "source", "target", "key": [names], "match": [names],
 *       "index": "" is the rowid of SQLite, "needs": [names],
 *       "rows_estimate", "ranges_estimate", "batches_estimate", "seconds_estimate",
 *       "first_batch": {"lo", "hi"} or null, "last_key" or null: not asked for where "statements" is empty, which is where it fails,
 *       "statements": [{"name": "insert", "sql", "explain": text or null, "scan": "index range" | "full scan" | ""}, …],
 *       "warnings": [{"check", "severity": "warn" | "fail", "message", "next"}, …]}, …],
 *    "order": [fill names], none in a cycle, "verdict": "ok" | "warn" | "fail"}
 * A verdict of fail still returns 0. */
INFILL_API int infill_dry_run(const struct infill_plan *plan, const char *table, const struct infill_log *log, char **json,
                              struct infill_error *error);

struct infill_rehearse_options {
    struct infill_log log; /* told first what a rolled-back batch leaves behind, as a warning */
    const char *table;     /* as in infill_dry_run */
    unsigned batches;      /* of each fill, spread over its keys; 0: 12 */
};

/* The dry run, and then some batches of each fill executed and rolled back, one at a time, each in a transaction of its own under the run's
 * limits. No ledger is made or touched. Document: that of infill_dry_run, with "rehearsal": {"batches" of each fill, "leaves": text or null}, or
 * null when its verdict is fail and nothing was executed; and in each fill
 *   "rehearsal": {"batches": [{"lo", "hi", "rows", "present": on the target, "same": of these right already, "written", "milliseconds",
 *        "held_milliseconds": its locks, at most, "read": rows that the server read for it, or null, "log_bytes" or null, "triggers": "name × calls, …" or "", "error": name of its class or null}, …],
 *     "evenly": false when only the first rows could be looked at, "rows", "written", "same", "rows_per_second": of one worker without a
 *     limit, "log_bytes_per_row" or null, "log_is_shared": others wrote to it meanwhile: at most so much,
 *     "read_per_written" or null, "hot_ratio": of updates that touched no index (PostgreSQL), or null, "locks": {"held": text or null,
 *     "longest_milliseconds"}, "overhead": {"milliseconds": of a batch beside its statement, "waits_for_log": false where COMMIT could not be
 *     measured, and only the round trips are in it},
 *     "forecast": null or {"seconds": {"expected", "low", "high"} at the plan's pace, each null when the rows are not known, "confidence",
 *        "log_bytes" or null, "fits_active_max": is "high" within phases.active.max; null when it is not given, "recommended": {"batch.rows", "workers", "pace.rows_per_second",
 *        "finish_within": duration, or null}}} */
INFILL_API int infill_rehearse(const struct infill_plan *plan, const struct infill_rehearse_options *options, char **json,
                               struct infill_error *error);

/* ---- Before the first write ---------------------------------------------------------------------------------------------------- */

struct infill_check_options {
    struct infill_log log;
    const char *const *accept; /* names of checks whose warnings and failures are meant: "superuser", "disk" ... */
    size_t accept_count;
    uint32_t watch_ms; /* how long to wait for the application to write something that can be looked at */
    bool quick;        /* leave out what reads a whole table, and calls of hooks that are not required */
    bool no_hooks;     /* leave out the calls of all hooks */
};

/* The checklist of an operator: is it safe to start here, now? Reads only, and calls the plan's hooks with the event check. Document:
 *   {"plan", "environment", "profile", "database", "server_version", "verdict": "pass" | "warn" | "fail",
 *    "parts": [{"part": "pre-flight" | "execution controls" | "way back",
 *       "lines": [{"check": name, "verdict": "pass" | "warn" | "fail" | "accepted" | "none": there is no such thing here,
 *          "fill": name or "", "message", "next": what to do, or ""}, …]}, …],
 *    "forecast": {"rows", "rows_per_second", "seconds"}, each null when it is not known,
 *    "counts": {"pass", "warn", "fail", "accepted"}}
 * A verdict of fail still returns 0. Errors: USAGE for a name in `accept` that is no check's. */
INFILL_API int infill_check(const struct infill_plan *plan, const struct infill_check_options *options, char **json,
                            struct infill_error *error);

struct infill_parity_options {
    struct infill_log log;          /* told first what is written, as a warning */
    bool no_probe;                  /* neither round trips nor one-row transactions */
    bool no_rehearsal;              /* no batches are executed and rolled back */
    bool (*stopped)(void *context); /* asked between two measurements; true: everything made is dropped, CANCELLED. NULL: never */
    void *stopped_context;
};

/* Are two environments of a plan comparable: what differs, and does it matter? `from` and `to` are one plan opened for two environments: what
 * was seen in `from` is to hold in `to`. Both are read, asked for their plans of the batch statements, and measured in turns: round trips;
 * one-row transactions, committed to a table parity_probe beside the ledger's tables, which is made and dropped (and the ledger's schema
 * with it where it was not there); some batches of each fill, which are rolled back. With no_probe and no_rehearsal nothing is written.
 * Document:
 *   {"plan", "environments": [{"environment", "profile", "engine", "database", "server_version", "probe": table that was written to or null,
 *          "measured": {"round_trip_ms", "commit_ms", "batch_commit_ms": as the plan's batches commit, "us_per_row": {fill: of rehearsed
 *             batches}}, each {"count", "low", "middle", "high": quartiles} or null},
 *       the other one], "verdict": the worst of the lines, where "info" and "none" count as "pass",
 *    "lines": [{"compare": name, "subject": the table, setting or measurement, "values": [of from, of to], each null where it is not there,
 *       "verdict": "pass": equal | "info": differs, and a fill does not feel it | "warn": another speed or load, so that a forecast of the
 *          one does not hold for the other | "fail": another result, so that what was proven on the one is not for the other |
 *          "unknown": could not be told | "none": not compared, the message says why,
 *       "message": what it means for a fill, or "", "next": what to do, or ""}, …],
 *    "counts": {each verdict: how many lines}}
 * Differences still return 0. An error (an environment that cannot be reached) names the environment in `where`. Errors: USAGE when the
 * plans do not go together, CONNECT, LOST, CANCELLED. */
INFILL_API int infill_parity(const struct infill_plan *from, const struct infill_plan *to,
                             const struct infill_parity_options *options, char **json, struct infill_error *error);

/* ---- Run --------------------------------------------------------------------------------------------------------------------- */

struct infill_run;
struct infill_worker;

struct infill_run_options {
    struct infill_log log;
    const char *from;   /* --from KEY, exclusive lower bound of every fill selected; NULL: the beginning */
    const char *until;  /* --until KEY, inclusive upper bound; NULL: the high-water mark */
    const char *fill;   /* --fill NAME: only this one (its needs must be done); NULL: all. Required with from or until */
    bool exclusive;     /* INFILL_ERR_BUSY instead of waiting when everything is leased */
    bool no_install;    /* do not create the ledger: fail if it is not there */
    bool again;         /* run `ranges` once more, each as a new attempt, and nothing else; needs ranges */
    const char *ranges; /* "17" or "17..19", by number; only with again; a plan with several fills needs `fill` too */
};

/* Connects, creates the ledger where it may, checks that plan, environment, schema and rows agree with what the ledger says, and starts
 * the run or resumes it: there is one path. Errors: REFUSED (another environment, a changed plan or schema, the message names it),
 * STOPPED or HALTED (sticky until infill_control RESUME), MISMATCH, CONNECT, DENIED, UNSUPPORTED, PLAN (an expression does not compile). */
INFILL_API int infill_run_open(const struct infill_plan *plan, const struct infill_run_options *options, struct infill_run **run,
                               struct infill_error *error);

/* A worker with a connection of its own. The run's `workers` setting says how many there should be. */
INFILL_API int infill_worker_open(struct infill_run *run, struct infill_worker **worker, struct infill_error *error);
/* Gives its range back, so that others may go on with it at once. */
INFILL_API void infill_worker_close(struct infill_worker *worker);

enum infill_step_state {
    INFILL_STEP_BATCH,   /* a batch was committed */
    INFILL_STEP_WAIT,    /* nothing to do now: call again after wait_ms; reason says what is waited for */
    INFILL_STEP_DONE,    /* every fill is filled: nothing is left for any worker */
    INFILL_STEP_DRAINED, /* infill_run_drain was called, or the run was stopped: the range is given back */
};

struct infill_step {
    enum infill_step_state state;
    uint64_t rows;    /* source rows the batch covered */
    uint32_t wait_ms; /* with WAIT */
    char reason[128]; /* with WAIT: "rate limit", "paused", "range 7 parked: lock timeout", "others work on the last ranges" … */
};

/* One step: at most one batch, in one transaction together with its checkpoint. After an error the worker may only be closed; passing
 * troubles (deadlocks, lock waits, lost connections) are retried inside and are no errors until the plan's retry_max. */
INFILL_API int infill_worker_step(struct infill_worker *worker, struct infill_step *step, struct infill_error *error);

/* Asks every worker to stop after its batch; their next step says DRAINED. Async-signal-safe. */
INFILL_API void infill_run_drain(struct infill_run *run);
/* Cancels the statements that run now as well; the batches are rolled back. Not async-signal-safe. */
INFILL_API void infill_run_cancel(struct infill_run *run);
/* Tells the plan's hooks what they are still to be told, when all workers are closed: it waits as long as their time limits, and for required
 * ones that do not answer timeouts.hooks, let it, or until infill_run_cancel, which another thread may call meanwhile. infill_run_close does
 * it, too. */
INFILL_API void infill_run_finish(struct infill_run *run);

struct infill_progress {
    uint64_t rows_seen;     /* source rows covered by committed batches of the whole run, all processes; at most 2 s old */
    uint64_t rows_written;  /* inserted or updated */
    uint64_t rows_same;     /* were right already */
    uint64_t rows_kept;     /* existing rows that differ and were kept */
    uint64_t rejects;       /* open */
    uint64_t retries;       /* batches tried again, by this process */
    int64_t rows_estimate;  /* of the whole run, -1 unknown */
    double rows_per_second; /* of this process, smoothed over some seconds */
    double seconds_left;    /* at that rate; negative: unknown */
    unsigned batch_rows;    /* current size of the busiest fill's batches */
    unsigned fills, fills_done;
    unsigned ranges, ranges_filled; /* cut so far */
    unsigned workers_waiting, workers;
    char fill[INFILL_NAME_MAX]; /* being filled */
    char reason[128];           /* why it is slower than it could be, or "" */
};

/* What was done so far, from memory: never waits for the database. */
INFILL_API void infill_run_progress(struct infill_run *run, struct infill_progress *progress);

/* Ends this process's part. All workers must be closed. *json (may be NULL) is a summary:
 *   {"plan", "run", "state": "done" | "running" | "paused" | …, "verdict": one sentence ("filled and settled: …"),
 *    "rows": {"seen", "written", "same", "kept", "rejected"}, "rejects_open", "findings_open", "seconds",
 *    "rows_per_second", "fills": [{"fill", "state", "ranges", "rows": {…}}, …], "retries": {reason: count},
 *    "waited_seconds": {reason: seconds}, "settled": {"ranges", "repaired", "deleted", "extra_left"} by this process,
 *    "hooks_untold": required hooks that are still to be told of something, "next": command or ""}
 * Without infill_run_finish in front of it it waits as that does. */
INFILL_API int infill_run_close(struct infill_run *run, char **json, struct infill_error *error);

/* ---- From any other terminal or host: through the ledger ------------------------------------------------------------------------ */

/* {"plan", "environment", "run", "state", "reason", "started_at", "ended_at" or null, "idle_since": time nobody works or null,
 *  "rows": {"seen", "written", "same", "kept", "rejected"}, "rows_estimate", "percent", "rows_per_second", "seconds_left", "rejects_open",
 *  "fills": [{"fill", "state", "ranges", "ranges_filled", "ranges_settled", "frontier", "high_water", "rows": {…}}, …],
 *  "workers": [{"owner", "host", "pid", "fill", "range", "rows", "lease_until", "alive": bool}, …],
 *  "waiting": [{"fill", "range", "until", "reason"}, …], "last_error": {"fill", "range", "at", "message"} or null,
 *  "pace": {"held": what signals do to each process now [{"host", "pid", "signal", "state": "wait" | "slow", "reason", "percent" of full
 *     speed, "since"}, …], "cost": what each has cost so far, all processes added up [{"signal", "waited_seconds",
 *     "slowed_seconds": time × the missing part of full speed}, …]},
 *  "set": {setting: text, …} changed by infill_set,
 *  "hooks_untold": what required hooks are still to be told, the first 20 [{"id", "event", "hook": its place in the plan, from 1, "at",
 *     "tries", "error" or null}, …],
 *  "events": the last 10 [{"seq", "at", "actor", "what", "detail"}, …], "next": command or ""}
 * Errors: NOT_FOUND when the plan was never run here. */
INFILL_API int infill_status(const struct infill_plan *plan, char **json, struct infill_error *error);

/* Changes settings of a run that is under way, on every host within a second: "pace.rows_per_second=2000". With `=plan` a setting is again
 * what each process's plan says. What is set holds, also for processes that come later, until it is set again. Document:
 *   {"plan", "run", "changed": [{"setting", "was", "now"}, …], "set": {setting: text, …} all that is set live}
 * `was` and `now` are values in force by this plan. Errors: USAGE for what is no setting, cannot change live or has no such value (nothing is
 * changed then), NOT_FOUND. */
INFILL_API int infill_set(const struct infill_plan *plan, const char *const *sets, size_t set_count, char **json,
                          struct infill_error *error);

enum infill_action { INFILL_PAUSE, INFILL_RESUME, INFILL_STOP };
/* When it returns, no older batch can commit (PAUSE, STOP). `because` is kept in the ledger; RESUME of a stopped or halted run needs it.
 * Document: {"plan", "run", "state", "was", "changed": bool}. */
INFILL_API int infill_control(const struct infill_plan *plan, enum infill_action action, const char *because, char **json,
                              struct infill_error *error);

/* {"rejects": [{"fill", "key", "range", "class", "sqlstate", "constraint", "state", "at", "tries"}, …], "open", "accepted", "retried"} */
INFILL_API int infill_rejects(const struct infill_plan *plan, char **json, struct infill_error *error);
/* Tries every open reject again, one transaction each: {"tried", "written", "still_open"}. */
INFILL_API int infill_rejects_retry(const struct infill_plan *plan, const struct infill_log *log, char **json,
                                    struct infill_error *error);
/* Accepts rejects by key (the text form, or the bare value); count 0 accepts none. NOT_FOUND, and nothing accepted, if one is unknown. */
INFILL_API int infill_rejects_accept(const struct infill_plan *plan, const char *fill, const char *const *keys, size_t count,
                                     const char *because, char **json, struct infill_error *error);

/* ---- Proof ------------------------------------------------------------------------------------------------------------------- */

/* Verifying compares source and target range by range and keeps what it found in the ledger. It writes nothing but its own ledger rows.
 * The shape is that of a run:
 *
 *     infill_verify_open → per thread: infill_verifier_open, { infill_verifier_step … }, infill_verifier_close → infill_verify_close
 *
 * Verdicts, of a slice, a fill or the whole, from the best to the worst:
 *   match       every row was compared and is as the plan says
 *   changed     rows changed under the check more often than it reads again: nothing is known to be wrong, look again later
 *   unverified  could not be compared; `reason` says why
 *   differ      at least one finding is open; it stays so until the slice passes */

struct infill_verify;   /* one verification of a plan's fills */
struct infill_verifier; /* one of its threads, with a connection of its own */

struct infill_verify_options {
    struct infill_log log;
    const char *fill;   /* only this one; NULL: all */
    const char *ranges; /* "17", "17..19", or a time prefix "2026-03" where the key begins with a time; NULL: everything */
    const char *keys;   /* "LO..HI", both inclusive; NULL: everything. Not together with ranges */
    const char *only;   /* "counts,digest": these checks; NULL: those the plan asks for */
    bool sample;       /* the sampled cryptographic proof instead of all rows; not together with keys and only; always a new pass */
    bool read_replica; /* the first look goes to the plan's replicas; what differs there is confirmed on the primary */
    bool restart;      /* begin a new pass although an unfinished one could be resumed */
};

/* Connects and begins a pass, or goes on with an unfinished one of the same selection. Errors: NOT_FOUND (never run here, no such fill or
 * range), USAGE (a selection that cannot be read), REFUSED (another environment, a changed plan or schema), CONNECT, DENIED, UNSUPPORTED. */
INFILL_API int infill_verify_open(const struct infill_plan *plan, const struct infill_verify_options *options,
                                  struct infill_verify **verify, struct infill_error *error);

/* A verifier with connections of its own. The run's `workers` setting says how many there should be. */
INFILL_API int infill_verifier_open(struct infill_verify *verify, struct infill_verifier **verifier, struct infill_error *error);
INFILL_API void infill_verifier_close(struct infill_verifier *verifier);

/* At most one slice; states as of infill_worker_step: BATCH (a slice was compared), WAIT, DONE, DRAINED. A slice that differs is no error.
 * After an error the verifier may only be closed. */
INFILL_API int infill_verifier_step(struct infill_verifier *verifier, struct infill_step *step, struct infill_error *error);

/* Asks every verifier to stop after its slice; their next step says DRAINED. Async-signal-safe. */
INFILL_API void infill_verify_drain(struct infill_verify *verify);
/* Cancels the statements that run now as well; the slices at hand count as not compared. Not async-signal-safe. */
INFILL_API void infill_verify_cancel(struct infill_verify *verify);

struct infill_verify_progress {
    uint64_t rows_source, rows_target; /* read so far, of this pass */
    uint64_t findings;                 /* open */
    unsigned slices, slices_done;      /* of the selection; 0 slices: not known yet */
    double rows_per_second;            /* source rows, of this process, smoothed over some seconds */
    double seconds_left;               /* at that rate; negative: unknown */
    char fill[INFILL_NAME_MAX];        /* being compared */
    char reason[128];                  /* why it is slower than it could be, or "" */
};

/* What was done so far, from memory: never waits for the database. */
INFILL_API void infill_verify_progress(struct infill_verify *verify, struct infill_verify_progress *progress);

/* Ends it. All verifiers must be closed. *json (may be NULL):
 *   {"plan", "environment", "run", "pass", "complete": whether the whole selection was compared, "verdict",
 *    "rows": {"source", "target"}, "findings": open ones, "seconds", "rows_per_second",
 *    "fills": [{"fill", "source", "target", "verdict", "slices", "rows": {"source", "target"}, "digest": {"source", "target"},
 *       "missing", "extra", "different", "duplicates", "changed", "weaker": rows equal only under a weaker rule,
 *       "checks": [{"check": "counts", "verdict", "facts": [{"name": "rows", "source": "10", "target": "9",
 *          "verdict": "match" | "differ"}, …]}, …],
 *       "causes": [sentence, …], "columns": [names compared]}, …],
 *    "slices": those that do not match [{"fill", "range", "lo", "hi", "verdict", "reason", "rows": {"source", "target"},
 *       "missing", "extra", "different", "changed"}, …],
 *    "not_compared": [{"fill", "what", "reason", "agreed": true where the selection or the plan leaves it out}, …],
 *    "first_findings": at most 20 [{"fill", "key", "range", "kind": "missing" | "extra" | "different" | "duplicate" | "kept",
 *       "columns": [names], "at"}, …],
 *    "sample": null or {"rows", "population", "seed", "confidence", "defect_rate", "defects", "upper_bound"}; the three rates are shares
 *       of 1: a confidence of 0.99 that no more than upper_bound of the rows are defective. Each fill then has its own, and "digest" is the
 *       SHA-256 over the sorted pairs of SHA-256 of key and row,
 *    "next": command or ""}
 * Facts are counts, sums and bounds that the plan's checks ask for, of whole ranges or fills; no row is shown. */
INFILL_API int infill_verify_close(struct infill_verify *verify, char **json, struct infill_error *error);

/* Plants known damage in temporary tables of the plan's database and looks whether every kind is seen: digests that differ, and as many keys
 * named as were damaged. No other table is read or written, and nothing is left. DENIED without the right to make temporary tables.
 *   {"verdict": "ok" | "blind", "engine", "planted", "seen", "missed_by_xor_crc": what an XOR of CRC32s over the same rows does not see,
 *    "kinds": [{"damage", "keys": damaged, "named", "seen": bool, "by": [checks], "seen_by_xor_crc": bool}, …]}
 * A verdict of blind still returns 0. */
INFILL_API int infill_verify_self_test(const struct infill_plan *plan, const struct infill_log *log, char **json,
                                       struct infill_error *error);

struct infill_repair_options {
    struct infill_log log;
    const char *fill;  /* only this one; NULL: all */
    bool dry_run;      /* say what would be done; write nothing */
    bool delete_extra; /* delete target rows that no source row stands behind, both sides read again under lock */
};

/* Runs the keys with open findings through the batch protocol again, as a new attempt, and verifies their slices; several ranges at once, in
 * the calling thread and up to the plan's workers - 1 more, which block all signals and have ended when this returns. Stopped at any
 * moment, the same call goes on. Document:
 *   {"plan", "run", "dry_run", "writers": does an application write there too, "findings", "repaired", "already_right", "deleted",
 *    "left": at most 20 [{"fill", "key", "kind", "reason"}, …], "left_count",
 *    "slices": [{"fill", "range", "keys", "verdict", "rest_untouched": bool}, …],
 *    "planned": of a dry run, by kind, what the findings ask for, else null: {"write": {"missing": 3, …}, "delete": {…}, "leave": {…}},
 *    "verdict", "next": command or ""} */
INFILL_API int infill_repair(const struct infill_plan *plan, const struct infill_repair_options *options, char **json,
                             struct infill_error *error);

/* Everything that is known about the run, out of the ledger alone: the tables themselves are not read. Document:
 *   {"plan", "environment", "profile", "run", "state", "server_version", "version", "generated_at",
 *    "verdict": null when nothing was ever compared and no finding is open,
 *    "rows": {"seen", "written", "same", "kept", "rejected"},
 *    "fills": [{as of infill_verify_close, but verdict, rows and digest are null when no slice of it was ever compared, and
 *       "checks_at": when the pass ended that ran the checks, or null, "state", "frontier", "high_water",
 *       "ranges": its slices in the order of keys [{"range", "lo", "hi", "state", "rows", "written", "verdict" or null when it was
 *          never compared, "reason", "verified_at", "missing", "extra", "different", "changed", "settled_at", "repaired"}, …]}, …],
 *    "findings": the first 1,000 open ones [as of infill_verify_close, …], "findings_total", "rejects": [as of infill_rejects, …],
 *    "not_compared", "sample": the newest one or null, "events": the last 1,000 [{"seq", "at", "actor", "what", "detail"}, …]}
 * In "ranges", range 0 is what lies above the last one, and -1 are target rows that no source row leads to.
 * Errors: NOT_FOUND when the plan was never run here. */
INFILL_API int infill_report(const struct infill_plan *plan, char **json, struct infill_error *error);

/* {"statements": [sql, …], "grants": {"installer": [sql, …], "worker": […], "observer": […]}, "installed": bool before}.
 * With `print_only` nothing is done and no connection is needed beyond reading the schema. */
INFILL_API int infill_install(const struct infill_plan *plan, bool print_only, char **json, struct infill_error *error);
/* Removes the ledger. Refused while a run of any plan is not done, unless `force`: {"statements": […], "removed": bool}. */
INFILL_API int infill_uninstall(const struct infill_plan *plan, bool force, char **json, struct infill_error *error);

#ifdef __cplusplus
}
#endif
#endif
