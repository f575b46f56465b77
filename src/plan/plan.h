/* plan.h - the plan file, read, checked and resolved into one struct that never changes afterwards.
 *
 * A setting comes from, strongest first: a --set flag, INFILL_* in the environment (batch.rows = INFILL_BATCH_ROWS), the chosen
 * environment's own block, the plan file, the profile, the built-in default; plan_origins() prints which. Everything is checked
 * before anything is used, and all mistakes are reported at once. Strings and arrays belong to the plan. A loaded plan is immutable
 * and may be shared between threads. */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct json_t;

enum plan_conflict { PLAN_KEEP, PLAN_OVERWRITE, PLAN_FAIL };
enum plan_writes { PLAN_WRITES_APPLICATION, PLAN_WRITES_CAPTURE, PLAN_WRITES_NONE };

/* A table as the plan names it: exact catalog spelling. schema is NULL when the plan gives none. */
struct plan_table {
    const char *schema;
    const char *name;
};

/* One target column and the SQL expression over the source row (alias src) that fills it. */
struct plan_column {
    const char *name;
    const char *expr; /* carried columns: NULL, the value is the source column of the same name */
    int line;         /* of the expression in the plan file, 1 based; for messages */
    int column;
};

struct plan_names {
    const char **names;
    size_t count;
};

/* What a verification of one fill looks at beside the rows themselves: the fill's own checks: over those of the top. Columns are columns
 * of the target. */
struct plan_checks {
    bool counts;
    bool digest;
    bool extra;                     /* rows that only the target has are findings; else they are somebody else's */
    struct plan_names distribution; /* how often each value is there */
    struct plan_names sum;
    struct plan_names extrema;
    struct plan_names *unique; /* lists of columns, each of which no two rows share the values of */
    size_t unique_count;
    struct plan_names semantic; /* compared by value, not by type and spelling */
    struct plan_column *expect; /* a second spelling of a column's expression, which verification reads instead of the first */
    size_t expect_count;
    double confidence; /* of the sampled proof, 0..1 */
    double defect_rate;
};

/* One fill. Exactly one of the two kinds: `into` (from -> into) or in place (`in_place`, table = from, columns = set). */
struct plan_fill {
    const char *name;
    struct plan_table from; /* in place: the table itself */
    struct plan_table into; /* in place: the same as from */
    bool in_place;
    struct plan_names key;   /* count 0: the primary key */
    struct plan_names match; /* count 0: the targets of the bare key columns */
    const char *where;       /* NULL: every row */
    enum plan_conflict on_conflict;
    struct plan_column *columns; /* columns: and carry:, or set:, in plan order */
    size_t column_count;
    struct plan_names omit;
    struct plan_names needs; /* names of fills; empty and !needs_given: derived from foreign keys */
    bool needs_given;
    struct plan_names hint; /* what batches go on with when their plan flips; count 0: nothing */
    bool touch;             /* ON UPDATE CURRENT_TIMESTAMP columns may change */
    bool idempotent;        /* expressions in place may read what the fill sets */
    bool volatile_allow;    /* volatile: allow */
    struct plan_checks checks;
    int line; /* where the fill begins */
};

/* One signal under pace.signals: of other units than asked for nothing is kept. */
enum plan_unit { PLAN_UNIT_number, PLAN_UNIT_seconds, PLAN_UNIT_fraction, PLAN_UNIT_gate };
struct plan_signal {
    const char *name;
    const char *kind; /* a name of the list in src/meson.build */
    enum plan_unit unit;
    double slow, stop;          /* lines, in seconds, as a fraction or a number; negative: none */
    const char *query;          /* one SELECT that gives one number; or NULL */
    const char *const *command; /* program and arguments, ended by NULL; or NULL */
    const char *path;           /* or NULL */
    char *url;                  /* http: or https:, filled in, a secret; or NULL */
    const char *pointer;        /* where in the JSON that it answers with; NULL: all of it is the number */
    const char *promql;         /* url is a Prometheus, which is to evaluate this; or NULL */
    const char *only;           /* hours and a zone, or NULL */
    double percentile;          /* of the measurements of the last over_us */
    int64_t over_us;
    int64_t every_us;
    int64_t timeout_us;
    bool optional;     /* by default, and left out where the engine cannot measure it */
    const char *where; /* "users.yaml:12:9"; NULL: a setting, or by default */
    int line;          /* in the plan file; 0 likewise */
};

/* One hook: a program, or somebody behind a URL, that is told of events. */
enum plan_event { PLAN_STARTED, PLAN_HALTED, PLAN_STALLED, PLAN_REJECTS, PLAN_DONE, PLAN_EVENTS };
struct plan_hook {
    bool on[PLAN_EVENTS];
    const char *const *command; /* program and arguments, ended by NULL; or NULL */
    char *url;                  /* http: or https:, with ${env:} and ${file:} filled in, a secret; or NULL */
    int64_t timeout_us;
    bool required; /* who was not told is told later, and a run does not start until it was */
};

/* Something known of an environment that its database does not tell: "compute" is "c6g.xlarge". As the plan writes it. */
struct plan_fact {
    const char *name;
    const char *value;
    const char *where; /* "users.yaml:12:9" */
};

/* Every number, duration (microseconds) and size that has a default. One row each in plan_schema.c, which also gives its bounds. */
struct plan_settings {
    int64_t batch_rows;           /* first batch size, rows */
    int64_t batch_rows_max;       /* the servo's ceiling, rows */
    int64_t batch_target_time_us; /* what the servo aims at */
    bool batch_async_commit;      /* batch.commit: async | sync */
    int64_t range_rows;           /* rows in a range */
    int64_t range_every_us;       /* range: {every: ...}; 0: by rows */
    int64_t phase_active_max_us;  /* how long the fills may take; 0: not said */
    int64_t workers;
    int64_t connections_max;
    int64_t lease_ttl_us;
    int64_t pace_rows_per_second;   /* 0: unlimited */
    int64_t verify_rows_per_second; /* 0: unlimited */
    const char *pace_pause_file;    /* NULL: none */
    const char *pace_only;          /* hours and a zone; NULL: always */
    int64_t guard_window_rows;
    double guard_reject;      /* fraction of the window, 0..1 */
    int64_t guard_reject_max; /* open rejects of the run */
    int64_t guard_at_least;   /* no fraction trips before more than so many */
    double guard_foreign_key; /* of rows */
    int64_t guard_foreign_key_max;
    double guard_deadlock; /* of batch attempts */
    int64_t guard_deadlock_max;
    double guard_mismatch; /* of rows that are settled */
    int64_t guard_mismatch_max;
    int64_t guard_lock_timeouts;  /* in a row */
    int64_t guard_stop_line_us;   /* how long a signal may be above its stop line */
    int64_t guard_stalled_us;     /* without a batch and without a reason of pace */
    bool guard_plan_flip;         /* halt when the batch statement's plan becomes a full scan */
    int64_t guard_plan_every_us;  /* how often it is looked at */
    int64_t guard_kept_max;       /* rows of the run that were kept although they differ */
    int64_t statement_timeout_us; /* timeouts: {statement, lock, idle, connect, snapshot} */
    int64_t lock_timeout_us;
    int64_t idle_timeout_us;
    int64_t connect_timeout_us;
    int64_t hooks_wait_us;    /* how long the end of a run waits for required hooks */
    int64_t snapshot_wait_us; /* how long the high-water mark waits for older transactions */
    int64_t retry_max;        /* attempts of one batch before the range is given up and the run halts */
};

struct plan {
    const char *path;            /* as given */
    const char *name;            /* plan: */
    const char *environment;     /* "default" when the plan has source: at the top */
    const char *profile;         /* "prod" unless named */
    const char *builtin_profile; /* dev, staging or prod: what the profile comes down to */
    const char *source_url;      /* with ${env:} and ${file:} filled in: a secret, never printed */
    char **replicas;             /* URLs likewise: secrets */
    size_t replica_count;
    struct plan_fact *facts; /* of the environment, in plan order */
    size_t fact_count;
    enum plan_writes writes;
    struct plan_fill *fills;
    size_t fill_count;
    struct plan_settings set;
    struct plan_settings asked;  /* before batches were fitted to the rate */
    struct plan_signal *signals; /* by pace.signals, pace.pause_file and pace.only */
    size_t signal_count;
    struct plan_hook *hooks;
    size_t hook_count;
    struct plan_internal *internal; /* arena and origins */
};

/* How a plan is loaded. Everything may be NULL or 0 except path. */
struct plan_options {
    const char *path;        /* "-": standard input */
    const char *environment; /* --env; NULL: INFILL_ENV, else the only one */
    const char *profile;     /* --profile; NULL: as the environment says, else prod */
    const char *const *sets; /* "batch.rows=500", strongest last */
    size_t set_count;
    const char *(*getenv)(const char *name); /* NULL: the process's */
};

/* Loads and checks. On ERR_PLAN or ERR_UNSUPPORTED, `report` (may be NULL) holds every mistake, one per paragraph:
 * "users.yaml:12:9: error: unknown key 'fils'; did you mean 'fills'?", the source line, a caret; err has the count and the first one. */
int plan_load(const struct plan_options *options, struct plan **plan, struct buf *report, struct err *err);
void plan_free(struct plan *plan);

/* The fill of that name, or NULL. */
const struct plan_fill *plan_find_fill(const struct plan *plan, const char *name);

/* Each effective setting with its origin, as a JSON array of {setting, value, origin, where}; URLs without secrets. New reference. */
int plan_origins(const struct plan *plan, struct json_t **out, struct err *err);

/* The settings in force as one JSON object with plan-file keys ({"batch": {"rows": 1000, ...}, ...}), for the ledger. New reference. */
int plan_settings_json(const struct plan *plan, struct json_t **out, struct err *err);

/* The settings in force when some were changed while the run is under way: `live` is an object of setting to text ("batch.rows": "800"),
 * as the ledger keeps it; NULL or empty: those of the plan. ERR_USAGE names what is no setting, cannot change live, or has no such value. */
int plan_live_settings(const struct plan *plan, const struct json_t *live, struct plan_settings *set, struct err *err);
/* One setting's value in `set`, as JSON; NULL for a name that is none, or out of memory. New reference. */
struct json_t *plan_setting_json(const char *name, const struct plan_settings *set);

/* The JSON Schema (draft 2020-12) of the plan file, made from the table that checks it. New reference. */
int plan_schema_json(struct json_t **out, struct err *err);

/* Canonical JSON text of what gives the run its meaning: from/into/table, key, match, where, columns, set, on_conflict, writes of every
 * fill, not pace, batch, workers, guards or comments. Appended to `out`; the ledger hashes it together with the database's identity. */
int plan_meaning(const struct plan *plan, struct buf *out, struct err *err);

/* Copy of `url` with password and query secrets replaced by ***, for messages. Appended to out. */
void plan_url_redact(const char *url, struct buf *out);

#endif
