/* plan_schema.c - the table of every key. See plan_schema.h; docs/plan.md tells the same story in prose. */
#include "plan/plan_schema.h"

#include <stdio.h>
#include <string.h>

#include "plan/plan.h"
#include "plan/plan_load.h"
#include "signal_words.h"

#define MS INT64_C(1000)
#define SECOND (1000 * MS)
#define HOUR (3600 * SECOND)
#define FIELD(name) offsetof(struct plan_settings, name)

/* One of two shapes, which the JSON Schema has to spell out. */
#define ONE_OR_MANY_ENVIRONMENTS                                                                                                   \
    "{\"oneOf\": [{\"required\": [\"source\"], \"not\": {\"required\": [\"environments\"]}}, {\"required\": [\"environments\"], "  \
    "\"not\": "                                                                                                                    \
    "{\"anyOf\": [{\"required\": [\"source\"]}, {\"required\": [\"target\"]}, {\"required\": [\"profile\"]}, {\"required\": "      \
    "[\"replicas\"]}, {\"required\": [\"facts\"]}]}}]}"
#define COPY_OR_IN_PLACE                                                                                                           \
    "{\"oneOf\": [{\"required\": [\"from\", \"into\"], \"anyOf\": [{\"required\": [\"columns\"]}, {\"required\": [\"carry\"]}], "  \
    "\"not\": "                                                                                                                    \
    "{\"anyOf\": [{\"required\": [\"table\"]}, {\"required\": [\"set\"]}]}}, {\"required\": [\"table\", \"set\"], \"not\": "       \
    "{\"anyOf\": "                                                                                                                 \
    "[{\"required\": [\"from\"]}, {\"required\": [\"into\"]}, {\"required\": [\"columns\"]}, {\"required\": [\"carry\"]}, "        \
    "{\"required\": "                                                                                                              \
    "[\"omit\"]}, {\"required\": [\"match\"]}, {\"required\": [\"on_conflict\"]}]}}]}"

#define COMMAND_OR_HTTP "{\"oneOf\": [{\"required\": [\"command\"]}, {\"required\": [\"http\"]}]}"

/* clang-format off */
const struct schema_row SCHEMA[] = {
    {.path = "", .type = SCHEMA_MAP, .flags = SCHEMA_SCOPE, .extra = ONE_OR_MANY_ENVIRONMENTS,
     .doc = "A plan of infill: which rows move where, how, and how fast."},
    {.path = "version", .type = SCHEMA_INT, .flags = SCHEMA_REQUIRED, .min = 1, .max = 1,
     .doc = "Version of the plan file's language: 1."},
    {.path = "plan", .type = SCHEMA_NAME, .flags = SCHEMA_REQUIRED, .doc = "Name of the plan; the ledger keeps its runs under it."},

    {.path = "environments", .type = SCHEMA_MAP, .min = 1,
     .doc = "The databases this plan is for, by name; --env or INFILL_ENV chooses. With one environment, source:, target: and "
            "profile: may stand at the top instead."},
    {.path = "environments.*", .type = SCHEMA_MAP, .flags = SCHEMA_SCOPE,
     .doc = "One environment. Settings given here hold for it alone."},
    {.path = "environments.*.source", .type = SCHEMA_MAP, .flags = SCHEMA_REQUIRED, .shorthand = "url",
     .doc = "The database the rows are in."},
    {.path = "environments.*.source.url", .type = SCHEMA_URL, .flags = SCHEMA_REQUIRED,
     .doc = "postgresql://, mariadb://, mysql:// or sqlite:PATH. ${env:NAME} and ${file:/path} are filled in; a password must "
            "not stand here."},
    {.path = "environments.*.target", .type = SCHEMA_MAP, .shorthand = "url",
     .doc = "The database the rows go to. Left out: the source database, the only one supported yet."},
    {.path = "environments.*.target.url", .type = SCHEMA_URL, .flags = SCHEMA_REQUIRED, .doc = "As source.url."},
    {.path = "environments.*.profile", .type = SCHEMA_NAME,
     .doc = "Profile of this environment: dev, staging, prod, or one of profiles. Left out: prod."},
    {.path = "environments.*.replicas", .type = SCHEMA_LIST, .min = 1, .max = 16,
     .doc = "Replicas of the database, whose lag is watched: by default in every profile but dev."},
    {.path = "environments.*.replicas[]", .type = SCHEMA_URL, .doc = "As source.url."},
    {.path = "environments.*.facts", .type = SCHEMA_MAP, .min = 1,
     .doc = "What is known of the machines and cannot be asked for, such as compute: c6g.xlarge; infill parity puts it side by side."},
    {.path = "environments.*.facts.*", .type = SCHEMA_FACT, .doc = "One fact."},
    {.path = "source", .type = SCHEMA_MAP, .shorthand = "url",
     .doc = "The database the rows are in, when the plan has one environment."},
    {.path = "source.url", .type = SCHEMA_URL, .flags = SCHEMA_REQUIRED,
     .doc = "postgresql://, mariadb://, mysql:// or sqlite:PATH. ${env:NAME} and ${file:/path} are filled in; a password must "
            "not stand here."},
    {.path = "target", .type = SCHEMA_MAP, .shorthand = "url",
     .doc = "The database the rows go to. Left out: the source database, the only one supported yet."},
    {.path = "target.url", .type = SCHEMA_URL, .flags = SCHEMA_REQUIRED, .doc = "As source.url."},
    {.path = "profile", .type = SCHEMA_NAME,
     .doc = "Profile of the one environment: dev, staging, prod, or one of profiles. Left out: prod."},
    {.path = "replicas", .type = SCHEMA_LIST, .min = 1, .max = 16,
     .doc = "Replicas of the database, whose lag is watched, when the plan has one environment."},
    {.path = "replicas[]", .type = SCHEMA_URL, .doc = "As source.url."},
    {.path = "facts", .type = SCHEMA_MAP, .min = 1,
     .doc = "What is known of the machines and cannot be asked for, when the plan has one environment."},
    {.path = "facts.*", .type = SCHEMA_FACT, .doc = "One fact."},
    {.path = "profiles", .type = SCHEMA_MAP, .doc = "Own sets of defaults, by name."},
    {.path = "profiles.*", .type = SCHEMA_MAP, .flags = SCHEMA_SCOPE,
     .doc = "One profile: settings that hold unless the plan says otherwise."},
    {.path = "profiles.*.extends", .type = SCHEMA_NAME, .doc = "The profile whose settings this one starts from. Left out: prod."},

    {.path = "writes", .type = SCHEMA_MAP, .shorthand = "by", .doc = "Who keeps the target right from now on."},
    {.path = "writes.by", .type = SCHEMA_WORD, .words = "application|none", .words_later = "capture", .standard = "application",
     .doc = "application: it writes both sides (also when left out). none: nobody writes. capture: triggers (not supported yet)."},

    {.path = "fills", .type = SCHEMA_LIST, .flags = SCHEMA_REQUIRED, .min = 1, .max = 1000, .doc = "What is filled."},
    {.path = "fills[]", .type = SCHEMA_MAP, .extra = COPY_OR_IN_PLACE,
     .doc = "One fill: either a copy (from, into, columns or carry) or in place (table, set)."},
    {.path = "fills[].name", .type = SCHEMA_NAME, .flags = SCHEMA_REQUIRED,
     .doc = "Name of the fill, used by needs, status and the ledger."},
    {.path = "fills[].from", .type = SCHEMA_TABLE, .doc = "Table the rows are read from, in the catalog's exact spelling."},
    {.path = "fills[].into", .type = SCHEMA_TABLE, .doc = "Table the rows are written into."},
    {.path = "fills[].table", .type = SCHEMA_TABLE, .doc = "Table whose columns are filled in place."},
    {.path = "fills[].key", .type = SCHEMA_NAMES,
     .doc = "Unique columns of the source the fill walks along, in order. Left out: the primary key."},
    {.path = "fills[].match", .type = SCHEMA_NAMES,
     .doc = "Target columns, NOT NULL and under a unique index, that identify the row of a key. Left out: the targets of the bare key "
            "columns."},
    {.path = "fills[].where", .type = SCHEMA_SQL, .doc = "SQL condition on the source row (alias src); other rows are left alone."},
    {.path = "fills[].on_conflict", .type = SCHEMA_WORD, .words = "keep|overwrite|fail", .standard = "keep",
     .doc = "When the target has a row with this match already: keep it, overwrite it where it differs, or fail."},
    {.path = "fills[].columns", .type = SCHEMA_SQLS, .doc = "Target column: one SQL expression over the source row (alias src)."},
    {.path = "fills[].carry", .type = SCHEMA_NAMES, .doc = "Columns with the same name and value on both sides."},
    {.path = "fills[].omit", .type = SCHEMA_NAMES, .doc = "Source columns that are left behind on purpose."},
    {.path = "fills[].set", .type = SCHEMA_SQLS,
     .doc = "In place: column to be filled: one SQL expression over the row (alias src)."},
    {.path = "fills[].touch", .type = SCHEMA_BOOL, .standard = "false",
     .doc = "May columns with ON UPDATE CURRENT_TIMESTAMP change?"},
    {.path = "fills[].idempotent", .type = SCHEMA_BOOL, .standard = "false",
     .doc = "In place: expressions may read columns that the fill sets, since doing it twice gives what doing it once gives."},
    {.path = "fills[].volatile", .type = SCHEMA_WORD, .words = "refuse|allow", .standard = "refuse",
     .doc = "Expressions that give another value each time, such as now() or random()."},
    {.path = "fills[].needs", .type = SCHEMA_NAMES, .flags = SCHEMA_EMPTY,
     .doc = "Fills that must be done before. Left out: derived from foreign keys, parents first."},
    {.path = "fills[].hint", .type = SCHEMA_NAMES,
     .doc = "What batches go on with when their plan flips: MariaDB an index to force; PostgreSQL planner methods to do without (enable_hashjoin)."},
    {.path = "fills[].checks", .type = SCHEMA_MAP, .same_as = "checks",
     .doc = "Checks of this fill alone: keys given here replace those of the top."},
    {.path = "fills[].transform", .type = SCHEMA_ANY, .flags = SCHEMA_LATER, .doc = "A program that transforms rows."},

    {.path = "batch", .type = SCHEMA_MAP, .flags = SCHEMA_SETTING, .doc = "Rows moved by one transaction."},
    {.path = "batch.rows", .type = SCHEMA_INT, .flags = SCHEMA_SETTING | SCHEMA_LIVE, .min = 1, .max = 1000000,
     .standard = "500", .dev = "50000", .staging = "10000",
     .offset = FIELD(batch_rows),
     .doc = "Rows of the first batch; later ones adapt. Never more than one second of pace.rows_per_second."},
    {.path = "batch.rows_max", .type = SCHEMA_INT, .flags = SCHEMA_SETTING | SCHEMA_LIVE, .min = 1, .max = 1000000,
     .standard = "1000", .dev = "50000", .staging = "10000",
     .offset = FIELD(batch_rows_max),
     .doc = "The most rows a batch may grow to. Never more than one second of pace.rows_per_second."},
    {.path = "batch.target_time", .type = SCHEMA_DURATION, .flags = SCHEMA_SETTING | SCHEMA_LIVE, .min = MS, .max = 60 * SECOND,
     .standard = "250ms",
     .offset = FIELD(batch_target_time_us), .doc = "How long a batch should take; its size is steered towards it."},
    {.path = "batch.commit", .type = SCHEMA_WORD, .flags = SCHEMA_SETTING, .words = "async|sync", .standard = "async",
     .offset = FIELD(batch_async_commit),
     .doc = "async: a crash of the server may rewind the last batches, rows and checkpoint together. sync: it may not."},
    {.path = "range", .type = SCHEMA_MAP, .flags = SCHEMA_SETTING, .extra = "{\"not\": {\"required\": [\"rows\", \"every\"]}}",
     .doc = "The unit of lease, checkpoint, report and re-run: by rows, or by time."},
    {.path = "range.rows", .type = SCHEMA_INT, .flags = SCHEMA_SETTING, .min = 1, .max = 1000000000, .standard = "100000",
     .offset = FIELD(range_rows), .doc = "Rows of a range; while signals slow a run down, down to a twentieth of it."},
    {.path = "range.every", .type = SCHEMA_DURATION, .flags = SCHEMA_SETTING, .min = SECOND, .max = 3660 * 24 * HOUR,
     .offset = FIELD(range_every_us), .doc = "Time span of a range, where the key begins with a time; instead of range.rows."},
    {.path = "workers", .type = SCHEMA_INT, .flags = SCHEMA_SETTING, .min = 1, .max = 256, .standard = "2",
     .offset = FIELD(workers), .doc = "Threads that move, verify or repair rows, in each process."},
    {.path = "connections_max", .type = SCHEMA_INT, .flags = SCHEMA_SETTING, .min = 2, .max = 1000, .standard = "5",
     .offset = FIELD(connections_max), .doc = "Connections a process may open: at least one more than workers, and one more where signals are watched."},
    {.path = "lease", .type = SCHEMA_MAP, .flags = SCHEMA_SETTING, .doc = "How long a worker owns a range without a sign of life."},
    {.path = "lease.ttl", .type = SCHEMA_DURATION, .flags = SCHEMA_SETTING, .min = 100 * MS, .max = HOUR, .standard = "30s",
     .offset = FIELD(lease_ttl_us),
     .doc = "After this long without a batch another worker may take the range. More than twice timeouts.statement."},
    {.path = "pace", .type = SCHEMA_MAP, .flags = SCHEMA_SETTING, .doc = "How fast, and when."},
    {.path = "pace.rows_per_second", .type = SCHEMA_RATE, .flags = SCHEMA_SETTING | SCHEMA_LIVE, .min = 1, .max = 1000000000,
     .standard = "500", .dev = "unlimited", .staging = "1000",
     .offset = FIELD(pace_rows_per_second), .doc = "Hard limit for the whole plan, all processes together; or unlimited."},
    {.path = "pace.pause_file", .type = SCHEMA_TEXT, .flags = SCHEMA_SETTING,
     .offset = FIELD(pace_pause_file), .doc = "While this file exists runs and verifications are paused."},
    {.path = "pace.only", .type = SCHEMA_WINDOW, .flags = SCHEMA_SETTING,
     .offset = FIELD(pace_only), .doc = "Hours of the day in which rows may move, by the clock of a time zone."},
    {.path = "pace.signals", .type = SCHEMA_MAP, .doc = "Measured loads that slow the run down or stop it, by names of your own."},
    {.path = "pace.signals.*", .type = SCHEMA_MAP, .shorthand = "kind",
     .doc = "One signal. A later block (profile, plan, environment) changes keys of it, or switches it off."},
    {.path = "pace.signals.*.kind", .type = SCHEMA_WORD, .words = SIGNAL_WORDS,
     .doc = "What is measured. Left out: what its name says. off: nothing."},
    {.path = "pace.signals.*.slow", .type = SCHEMA_MEASURE,
     .doc = "Above this line the run is slowed down (gauges) or waits, but for one batch a minute (budgets)."},
    {.path = "pace.signals.*.stop", .type = SCHEMA_MEASURE, .doc = "From this line on nothing moves."},
    {.path = "pace.signals.*.query", .type = SCHEMA_SQL, .doc = "One SELECT that gives one number."},
    {.path = "pace.signals.*.command", .type = SCHEMA_LIST, .min = 1, .max = 64,
     .doc = "A program and its arguments, without a shell; it prints one number and ends with 0."},
    {.path = "pace.signals.*.command[]", .type = SCHEMA_TEXT, .doc = "The program's path, or an argument."},
    {.path = "pace.signals.*.path", .type = SCHEMA_TEXT, .doc = "A file; while it exists the run is paused."},
    {.path = "pace.signals.*.only", .type = SCHEMA_WINDOW, .doc = "Hours of the day in which rows may move, and a time zone."},
    {.path = "pace.signals.*.percentile", .type = SCHEMA_FRACTION, .standard = "95%",
     .doc = "Of latency: the part of measurements that are at most the one that counts."},
    {.path = "pace.signals.*.over", .type = SCHEMA_DURATION, .min = SECOND, .max = 60 * SECOND, .standard = "10s",
     .doc = "Of latency: measurements of this long count."},
    {.path = "pace.signals.*.http", .type = SCHEMA_MAP, .shorthand = "url",
     .doc = "Of http: what a GET of this URL gives. Of latency: how long it takes."},
    {.path = "pace.signals.*.http.url", .type = SCHEMA_URL, .flags = SCHEMA_REQUIRED | SCHEMA_WEB,
     .doc = "http:// or https://. ${env:NAME} and ${file:/path} are filled in; a password must not stand here."},
    {.path = "pace.signals.*.http.pointer", .type = SCHEMA_TEXT,
     .doc = "Of http: where in a JSON answer the number is, as /load/0 (RFC 6901). Left out: the answer is the number."},
    {.path = "pace.signals.*.prometheus", .type = SCHEMA_MAP, .doc = "Of cpu: a Prometheus that knows."},
    {.path = "pace.signals.*.prometheus.url", .type = SCHEMA_URL, .flags = SCHEMA_REQUIRED | SCHEMA_WEB,
     .doc = "Where it is, without /api/v1/query; as http.url."},
    {.path = "pace.signals.*.prometheus.query", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
     .doc = "One expression of PromQL that gives one value, a fraction from 0 to 1."},
    {.path = "pace.signals.*.every", .type = SCHEMA_DURATION, .min = 100 * MS, .max = 5 * SECOND,
     .doc = "How often it is measured: by default each second; lags of replicas and locks four times a second."},
    {.path = "pace.signals.*.timeout", .type = SCHEMA_DURATION, .min = 10 * MS, .max = 10 * SECOND, .standard = "2s",
     .doc = "How long one measurement may take."},
    {.path = "guards", .type = SCHEMA_MAP, .flags = SCHEMA_SETTING, .doc = "Limits that halt the run."},
    {.path = "guards.window_rows", .type = SCHEMA_INT, .flags = SCHEMA_SETTING, .min = 1, .max = 1000000000, .standard = "100000",
     .offset = FIELD(guard_window_rows), .doc = "The fractions below are of this many last rows."},
    {.path = "guards.reject", .type = SCHEMA_FRACTION, .flags = SCHEMA_SETTING, .standard = "0.01%",
     .offset = FIELD(guard_reject), .doc = "Fraction of rows that may be rejected."},
    {.path = "guards.reject_max", .type = SCHEMA_INT, .flags = SCHEMA_SETTING, .min = 0, .max = 1000000000, .standard = "100",
     .offset = FIELD(guard_reject_max), .doc = "Open rejects the whole run may have."},
    {.path = "guards.at_least", .type = SCHEMA_INT, .flags = SCHEMA_SETTING, .min = 0, .max = 1000000000, .standard = "10",
     .offset = FIELD(guard_at_least),
     .doc = "Fractions above 0% halt only when there were more than this many, however small the window is."},
    {.path = "guards.foreign_key", .type = SCHEMA_FRACTION, .flags = SCHEMA_SETTING, .standard = "0.01%",
     .offset = FIELD(guard_foreign_key),
     .doc = "Fraction of rows that may violate a foreign key; they are rejects, too."},
    {.path = "guards.foreign_key_max", .type = SCHEMA_INT, .flags = SCHEMA_SETTING, .min = 0, .max = 1000000000, .standard = "100",
     .offset = FIELD(guard_foreign_key_max),
     .doc = "Rows that may violate a foreign key while a process works."},
    {.path = "guards.deadlock", .type = SCHEMA_FRACTION, .flags = SCHEMA_SETTING, .standard = "0.01%", .dev = "10%",
     .offset = FIELD(guard_deadlock),
     .doc = "Fraction of attempts at a batch that may end in a deadlock: the window counts attempts."},
    {.path = "guards.deadlock_max", .type = SCHEMA_INT, .flags = SCHEMA_SETTING, .min = 0, .max = 1000000000, .standard = "1000", .dev = "100000",
     .offset = FIELD(guard_deadlock_max),
     .doc = "Deadlocks that a process may meet while it works."},
    {.path = "guards.mismatch", .type = SCHEMA_FRACTION, .flags = SCHEMA_SETTING, .standard = "0.01%", .dev = "10%",
     .offset = FIELD(guard_mismatch),
     .doc = "Fraction of settled rows that may have had to be repaired, or that a verification finds wrong."},
    {.path = "guards.mismatch_max", .type = SCHEMA_INT, .flags = SCHEMA_SETTING, .min = 0, .max = 1000000000, .standard = "1000", .dev = "100000",
     .offset = FIELD(guard_mismatch_max),
     .doc = "Such rows that a process may meet while it works."},
    {.path = "guards.lock_timeouts", .type = SCHEMA_INT, .flags = SCHEMA_SETTING, .min = 1, .max = 1000000000, .standard = "100", .dev = "1000",
     .offset = FIELD(guard_lock_timeouts),
     .doc = "So many lock timeouts in a row, without a batch of this process in between, halt the run."},
    {.path = "guards.kept_max", .type = SCHEMA_INT, .flags = SCHEMA_SETTING, .min = 0, .max = 1000000000, .standard = "1000", .dev = "100000",
     .offset = FIELD(guard_kept_max),
     .doc = "Rows of the whole run that on_conflict: keep may leave as they are although they differ."},
    {.path = "guards.plan_flip", .type = SCHEMA_WORD, .flags = SCHEMA_SETTING, .words = "halt|off", .standard = "halt",
     .offset = FIELD(guard_plan_flip),
     .doc = "halt: when the server begins to read the whole source table for a batch, or far more for each row than at the start. off: its plans are not looked at."},
    {.path = "guards.plan_every", .type = SCHEMA_DURATION, .flags = SCHEMA_SETTING, .min = 100 * MS, .max = HOUR, .standard = "60s",
     .offset = FIELD(guard_plan_every_us), .doc = "How often each process asks the server for the plan of a fill's batch statement."},
    {.path = "guards.stop_line", .type = SCHEMA_DURATION, .flags = SCHEMA_SETTING, .min = 100 * MS, .max = 366 * 24 * HOUR, .standard = "10m",
     .offset = FIELD(guard_stop_line_us),
     .doc = "A signal that stays above its stop line for so long halts the run. Pause files and time windows do not, nor what cannot be read."},
    {.path = "guards.stalled", .type = SCHEMA_DURATION, .flags = SCHEMA_SETTING, .min = 100 * MS, .max = 24 * HOUR, .standard = "10m",
     .offset = FIELD(guard_stalled_us),
     .doc = "So long without a batch of this process, and without a reason of pace, calls the hooks for stalled. The run is not halted."},
    {.path = "guards.on_trip", .type = SCHEMA_WORD, .flags = SCHEMA_SETTING, .words = "halt", .standard = "halt",
     .offset = SCHEMA_NO_FIELD, .doc = "What a guard does: halt, until somebody resumes."},
    {.path = "timeouts", .type = SCHEMA_MAP, .flags = SCHEMA_SETTING,
     .doc = "Always set, and low: infill gives way, never the application."},
    {.path = "timeouts.statement", .type = SCHEMA_DURATION, .flags = SCHEMA_SETTING, .min = 10 * MS, .max = HOUR, .standard = "10s",
     .offset = FIELD(statement_timeout_us), .doc = "Limit of one statement. Less than half of lease.ttl."},
    {.path = "timeouts.lock", .type = SCHEMA_DURATION, .flags = SCHEMA_SETTING, .min = MS, .max = HOUR, .standard = "1s",
     .offset = FIELD(lock_timeout_us), .doc = "How long a batch waits for a lock before its range is parked."},
    {.path = "timeouts.idle", .type = SCHEMA_DURATION, .flags = SCHEMA_SETTING, .min = 100 * MS, .max = HOUR, .standard = "30s",
     .offset = FIELD(idle_timeout_us), .doc = "After this long idle inside a transaction the server ends the session."},
    {.path = "timeouts.connect", .type = SCHEMA_DURATION, .flags = SCHEMA_SETTING, .min = 100 * MS, .max = HOUR, .standard = "10s",
     .offset = FIELD(connect_timeout_us), .doc = "How long to wait for a connection."},
    {.path = "timeouts.snapshot", .type = SCHEMA_DURATION, .flags = SCHEMA_SETTING, .min = 0, .max = 24 * HOUR, .standard = "60s",
     .offset = FIELD(snapshot_wait_us), .doc = "How long the start waits for transactions that are older than the run."},
    {.path = "timeouts.hooks", .type = SCHEMA_DURATION, .flags = SCHEMA_SETTING, .min = 0, .max = HOUR, .standard = "30s",
     .offset = FIELD(hooks_wait_us), .doc = "How long the end of a run waits for required hooks that do not answer."},
    {.path = "retry_max", .type = SCHEMA_INT, .flags = SCHEMA_SETTING, .min = 1, .max = 1000, .standard = "10",
     .offset = FIELD(retry_max), .doc = "Attempts of one batch before the run halts."},

    {.path = "checks", .type = SCHEMA_MAP,
     .doc = "What infill verify looks at beside the rows themselves. Columns are columns of the target; each fill takes those it fills."},
    {.path = "checks.counts", .type = SCHEMA_BOOL, .standard = "true", .doc = "As many rows on both sides, in each range and in all."},
    {.path = "checks.digest", .type = SCHEMA_BOOL, .standard = "true", .doc = "The same digest on both sides, of each range and of all."},
    {.path = "checks.extra", .type = SCHEMA_BOOL, .standard = "true",
     .doc = "Are rows that only the target has wrong? false: others fill it too, or the application has rows of its own in it."},
    {.path = "checks.distribution", .type = SCHEMA_NAMES, .flags = SCHEMA_EMPTY,
     .doc = "Columns with few values: each is there as often on both sides."},
    {.path = "checks.aggregates", .type = SCHEMA_MAP, .doc = "Sums and bounds that are the same on both sides."},
    {.path = "checks.aggregates.sum", .type = SCHEMA_NAMES, .flags = SCHEMA_EMPTY, .doc = "Columns whose sum is compared, exactly."},
    {.path = "checks.aggregates.extrema", .type = SCHEMA_NAMES, .flags = SCHEMA_EMPTY,
     .doc = "Columns whose smallest and largest value are compared."},
    {.path = "checks.unique", .type = SCHEMA_LIST, .min = 0, .max = 100,
     .doc = "Lists of columns: no two rows of a side have the same values in all of a list."},
    {.path = "checks.unique[]", .type = SCHEMA_NAMES, .doc = "One list of columns."},
    {.path = "checks.semantic", .type = SCHEMA_NAMES, .flags = SCHEMA_EMPTY,
     .doc = "Columns compared by value: 5 is 5.00, true is 1, JSON is a tree, an instant is one in every time zone. All others: exactly."},
    {.path = "checks.expect", .type = SCHEMA_SQLS, .flags = SCHEMA_EMPTY,
     .doc = "Column: a second, independent spelling of its expression. Verification reads it instead of the first."},
    {.path = "checks.sample", .type = SCHEMA_MAP, .doc = "How much infill verify --sample has to prove."},
    {.path = "checks.sample.confidence", .type = SCHEMA_FRACTION, .standard = "99%", .doc = "How sure: above 0% and below 100%."},
    {.path = "checks.sample.defect_rate", .type = SCHEMA_FRACTION, .standard = "0.01%",
     .doc = "The fraction of defective rows that a sample without any excludes: above 0% and below 100%."},
    {.path = "verify", .type = SCHEMA_MAP, .flags = SCHEMA_SETTING, .doc = "How fast a verification reads."},
    {.path = "verify.rows_per_second", .type = SCHEMA_RATE, .flags = SCHEMA_SETTING, .min = 1, .max = 1000000000,
     .standard = "50000", .dev = "unlimited", .staging = "100000",
     .offset = FIELD(verify_rows_per_second),
     .doc = "Source rows that infill verify compares in a second, in each process; or unlimited."},
    {.path = "phases", .type = SCHEMA_MAP, .flags = SCHEMA_SETTING, .doc = "Who reads and writes where, and for how long."},
    {.path = "phases.active", .type = SCHEMA_MAP, .flags = SCHEMA_SETTING, .doc = "While rows move."},
    {.path = "phases.active.max", .type = SCHEMA_DURATION, .flags = SCHEMA_SETTING, .min = SECOND, .max = 3660 * 24 * HOUR,
     .offset = FIELD(phase_active_max_us),
     .doc = "How long the fills may take: infill check and a rehearsal say whether they fit. Nothing is stopped by it."},
    {.path = "phases.active.min", .type = SCHEMA_ANY, .flags = SCHEMA_LATER, .doc = "How long the phase lasts at least."},
    {.path = "phases.pre-backfill", .type = SCHEMA_ANY, .flags = SCHEMA_LATER, .doc = "Before rows move."},
    {.path = "phases.post-backfill", .type = SCHEMA_ANY, .flags = SCHEMA_LATER, .doc = "After rows moved."},
    {.path = "hooks", .type = SCHEMA_LIST, .min = 0, .max = 16, .doc = "What to call when something happens."},
    {.path = "hooks[]", .type = SCHEMA_MAP, .doc = "One hook: a command or http.", .extra = COMMAND_OR_HTTP},
    {.path = "hooks[].on", .type = SCHEMA_LIST, .flags = SCHEMA_REQUIRED, .min = 1, .max = 5, .doc = "The events it is called for."},
    {.path = "hooks[].on[]", .type = SCHEMA_WORD, .words = HOOK_EVENTS,
     .doc = "started, halted, stalled (no batch for guards.stalled, and no reason of pace), rejects (the first one), done."},
    {.path = "hooks[].command", .type = SCHEMA_LIST, .min = 1, .max = 64,
     .doc = "A program and its arguments, without a shell; it reads a JSON document."},
    {.path = "hooks[].command[]", .type = SCHEMA_TEXT, .doc = "The program's path, or an argument."},
    {.path = "hooks[].http", .type = SCHEMA_MAP, .shorthand = "url", .doc = "In place of a program: somebody who gets the document by POST."},
    {.path = "hooks[].http.url", .type = SCHEMA_URL, .flags = SCHEMA_REQUIRED | SCHEMA_WEB,
     .doc = "http:// or https://. It is a secret: ${env:NAME} and ${file:/path} are filled in."},
    {.path = "hooks[].timeout", .type = SCHEMA_DURATION, .min = 10 * MS, .max = 60 * SECOND, .standard = "10s",
     .doc = "How long it may take; over HTTP at most 15s."},
    {.path = "hooks[].required", .type = SCHEMA_BOOL, .standard = "false",
     .doc = "Must it be told? Then no batch comes before a started that was told, and the ledger keeps all else until it was told."},
};
/* clang-format on */

const size_t SCHEMA_COUNT = sizeof(SCHEMA) / sizeof(*SCHEMA);

const struct schema_row *schema_root(void) {
    return &SCHEMA[0];
}

const char *schema_key(const struct schema_row *row) {
    const char *dot = strrchr(row->path, '.');
    return dot != NULL ? dot + 1 : row->path;
}

bool schema_is_child(const struct schema_row *row, const struct schema_row *parent) {
    const char *path = parent->same_as != NULL ? parent->same_as : parent->path;
    size_t len = strlen(path);
    if (strcmp(row->path, path) == 0 || strncmp(row->path, path, len) != 0) {
        return false;
    }
    const char *rest = row->path + len;
    if (len > 0 && *rest != '.') {
        return strcmp(rest, "[]") == 0;
    }
    rest += len > 0;
    return *rest != '\0' && strpbrk(rest, ".[") == NULL;
}

bool schema_allows(const struct schema_row *parent, const struct schema_row *row) {
    bool inherited = (parent->flags & SCHEMA_SCOPE) != 0 && (row->flags & SCHEMA_SETTING) != 0;
    return schema_is_child(row, parent) || (inherited && schema_is_child(row, schema_root()));
}

const struct schema_row *schema_find(const struct schema_row *parent, const char *key) {
    const struct schema_row *any = NULL;
    for (size_t i = 0; i < SCHEMA_COUNT; i++) {
        if (!schema_allows(parent, &SCHEMA[i])) {
            continue;
        }
        if (strcmp(schema_key(&SCHEMA[i]), "*") == 0) {
            any = &SCHEMA[i];
        } else if (strcmp(schema_key(&SCHEMA[i]), key) == 0) {
            return &SCHEMA[i];
        }
    }
    return any;
}

const struct schema_row *schema_item(const struct schema_row *list) {
    for (size_t i = 0; i < SCHEMA_COUNT; i++) {
        if (schema_is_child(&SCHEMA[i], list)) {
            return &SCHEMA[i];
        }
    }
    return NULL;
}

const struct schema_row *schema_by_path(const char *path) {
    for (size_t i = 1; i < SCHEMA_COUNT; i++) {
        if (strcmp(SCHEMA[i].path, path) == 0) {
            return &SCHEMA[i];
        }
    }
    return NULL;
}

bool schema_is_setting(const struct schema_row *row) {
    return (row->flags & SCHEMA_SETTING) != 0 && row->type != SCHEMA_MAP;
}

bool schema_word(const char *words, size_t index, char *out, size_t size) {
    const char *word = words;
    while (word != NULL && index > 0) {
        word = strchr(word, '|');
        word = word != NULL ? word + 1 : NULL;
        index--;
    }
    if (word == NULL) {
        return false;
    }
    snprintf(out, size, "%.*s", (int)strcspn(word, "|"), word);
    return true;
}
