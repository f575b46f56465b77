/* guards.c - see guards.h. */
#include "fill/guards.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "fill/batch.h"
#include "fill/settle.h"
#include "guard/hook_call.h"

enum { REASON_MAX = 200, HOLDERS_MAX = 10, FOUND_EVERY_US = 5000000 };

void guards_init(struct fill_run *run) {
    const struct plan_settings *set = &run->plan->set;
    struct guard_limits limits = {.window = set->guard_window_rows, .at_least = set->guard_at_least};
    limits.fraction = set->guard_reject, limits.most = INT64_MAX; /* reject_max is for all processes: the ledger counts */
    guard_init(&run->guards.rejects, "reject", "rows", &limits);
    limits.fraction = set->guard_foreign_key, limits.most = set->guard_foreign_key_max;
    guard_init(&run->guards.foreign_keys, "foreign_key", "rows", &limits);
    limits.fraction = set->guard_deadlock, limits.most = set->guard_deadlock_max;
    guard_init(&run->guards.deadlocks, "deadlock", "batch attempts", &limits);
    limits.fraction = set->guard_mismatch, limits.most = set->guard_mismatch_max;
    guard_init(&run->guards.mismatches, "mismatch", "settled rows", &limits);
}

/* A signal, the rate or a human holds the run up. */
static bool is_held_up(struct fill_run *run) {
    struct pace_decision decision = {.verdict = PACE_GO};
    pthread_mutex_lock(&run->lock);
    bool meant = text_starts(run->reason, "paused") || text_starts(run->reason, "rate limit");
    pthread_mutex_unlock(&run->lock);
    if (run->sampler)
        sampler_decide(run->sampler, &decision);
    return meant || decision.verdict == PACE_WAIT;
}

/* Nothing was committed for long, and nothing says why. The time counts from where there last was a reason. */
static bool is_stalled(void *context) {
    struct fill_run *run = context;
    int64_t now_us = clock_monotonic_us();
    if (is_held_up(run))
        atomic_store(&run->committed_us, now_us);
    return now_us - atomic_load(&run->committed_us) >= run->plan->set.guard_stalled_us && !atomic_load(&run->drain) &&
           !atomic_load(&run->halted) && !atomic_load(&run->told_done);
}

int guards_open_hooks(struct fill_run *run, struct err *err) {
    struct hooks_options options = {.plan = run->plan,
                                    .log = &run->options.log,
                                    .is_stalled = is_stalled,
                                    .context = run,
                                    .run = run->run,
                                    .ledger = run->ledger,
                                    .db_options = &run->db_options,
                                    .stop = &run->cancelled,
                                    .owner = run->owner_prefix,
                                    .wait_us = HOOK_WAIT_US};
    atomic_store(&run->committed_us, clock_monotonic_us());
    return hooks_open(&options, &run->hooks, err);
}

static void copy_key(char out[EVIDENCE_KEY_MAX], const char *key) {
    snprintf(out, EVIDENCE_KEY_MAX, "%s", key ? key : "");
}

void guards_look(const struct worker *worker, struct evidence *evidence) {
    *evidence = (struct evidence){.statement = ""};
    if (!worker->has_lease)
        return;
    evidence->statement = way_name(worker);
    evidence->way = way_of(worker);
    evidence->fill = worker->job->name;
    evidence->range_no = worker->lease.range_no;
    copy_key(evidence->after, worker_lower(worker));
    copy_key(evidence->up_to, worker->batch.next ? worker->batch.next : worker->lease.hi);
}

/* ---- the halt ---- */

/* More about a holder where its name does not say it all. */
static json_t *holder_json(const char *who, const struct db_result *told) {
    for (unsigned row = 0; row < told->row_count; row++) {
        const char *begins = db_cell(told, row, 0), *more = db_cell(told, row, 1);
        if (begins && more && text_starts(who, begins))
            return json_sprintf("%s: %s", who, more);
    }
    return json_string(who);
}

static json_t *holders_list(struct worker *worker, const struct db_holders *holders, struct arena *arena) {
    const char *sql = db_dialect(worker->db)->sessions_told;
    struct db_result told = {0};
    struct err ignored;
    json_t *names = json_array();
    err_clear(&ignored);
    if (sql && holders->count > 0 && db_query(worker->db, &worker->run->read_tx, sql, NULL, 0, arena, &told, &ignored) != 0)
        told = (struct db_result){0};
    for (size_t i = 0; i < holders->count && i < HOLDERS_MAX; i++)
        json_array_append_new(names, holder_json(holders->list[i].who, &told));
    return names;
}

/* Who holds locks on the fill's tables now, as far as the role may see; NULL: not known. */
static json_t *holders_json(struct worker *worker, const struct evidence *evidence) {
    struct db_holders holders;
    struct arena arena;
    struct err ignored;
    if (!evidence->ask_holders || worker->job == NULL || worker->db == NULL || db_is_dead(worker->db))
        return NULL;
    err_clear(&ignored);
    arena_init(&arena);
    const struct sql_table *tables[2] = {worker->job->source, worker->job->target};
    json_t *names = NULL;
    if (db_holders(worker->db, tables, worker->job->map.in_place ? 1 : 2, &arena, &holders, &ignored) == 0)
        names = holders_list(worker, &holders, &arena);
    arena_release(&arena);
    return names;
}

static json_t *key_json(const char *key) {
    return key[0] ? json_string(key) : NULL;
}

static char *detail_json(const struct evidence *evidence, json_t *holders) {
    const struct err *cause = evidence->cause;
    json_t *detail =
        json_pack("{s:s, s:s*, s:I, s:o*, s:o*, s:s*, s:s*, s:i, s:s*, s:I, s:I, s:s*, s:s*, s:s*, s:O*}", "statement",
                  evidence->statement, "fill", evidence->fill, "range", (json_int_t)evidence->range_no, "after",
                  key_json(evidence->after), "up_to", key_json(evidence->up_to), "class", cause ? err_name(cause->code) : NULL,
                  "sqlstate", cause && cause->sqlstate[0] ? cause->sqlstate : NULL, "native", cause ? cause->native : 0,
                  "constraint", cause && cause->constraint[0] ? cause->constraint : NULL, "count", (json_int_t)evidence->count,
                  "limit", (json_int_t)evidence->limit, "plan", evidence->plan, "signal", evidence->signal, "reading",
                  evidence->reading, "holders", holders);
    char *text = detail ? mem_json_text(detail, JSON_COMPACT) : NULL;
    json_decref(detail);
    return text;
}

/* The evidence in one line, for status and for whoever sees the run end. */
static void add_evidence(struct buf *line, const struct evidence *evidence, const json_t *holders) {
    const struct err *cause = evidence->cause;
    if (evidence->fill)
        buf_printf(line, "; %s of fill %s, range %" PRId64, evidence->statement, evidence->fill, evidence->range_no);
    if (evidence->after[0])
        buf_printf(line, ", keys after %.60s", evidence->after);
    if (evidence->up_to[0])
        buf_printf(line, "%s %.60s", evidence->after[0] ? " up to" : ", keys up to", evidence->up_to);
    if (cause && cause->sqlstate[0])
        buf_printf(line, ", SQLSTATE %s", cause->sqlstate);
    if (cause && cause->constraint[0])
        buf_printf(line, ", constraint %.60s", cause->constraint);
    for (size_t i = 0; i < json_array_size(holders); i++)
        buf_printf(line, "%s%.100s", i ? ", " : "; locks are held by ", json_string_value(json_array_get(holders, i)));
}

int guards_halt(struct worker *worker, const char *reason, const struct evidence *evidence, struct err *err) {
    struct buf line;
    char text[ERR_CONTEXT_MAX];
    json_t *holders = holders_json(worker, evidence);
    char *detail = detail_json(evidence, holders);
    buf_init(&line);
    buf_add(&line, reason);
    add_evidence(&line, evidence, holders);
    snprintf(text, sizeof text, "%s", buf_ok(&line) ? line.data : reason);
    int rc = fill_run_halt(worker->run, worker->db, text, detail ? detail : "{}", err);
    buf_release(&line);
    mem_free(detail);
    json_decref(holders);
    return rc;
}

/* Counts under the lock; halts when that trips the guard. */
static int count(struct worker *worker, struct guard *guard, int64_t units, int64_t events, struct evidence *evidence,
                 struct err *err) {
    char reason[REASON_MAX];
    pthread_mutex_lock(&worker->run->lock);
    bool trips = guard_count(guard, units, events);
    evidence->count = guard->in_window;
    evidence->limit = guard_limit(guard);
    guard_describe(guard, reason, sizeof reason);
    pthread_mutex_unlock(&worker->run->lock);
    return trips ? guards_halt(worker, reason, evidence, err) : 0;
}

/* ---- what is counted ---- */

void guards_moved(struct fill_run *run, const struct batch *batch) {
    run->guards.locked_in_a_row = 0;
    atomic_store(&run->committed_us, clock_monotonic_us());
    if (batch->rejected > 0) /* counted with what it was */
        return;
    guard_count(&run->guards.rejects, batch->seen, 0);
    guard_count(&run->guards.foreign_keys, batch->seen, 0);
    guard_count(&run->guards.deadlocks, 1, 0);
}

int guards_kept(struct worker *worker, struct evidence *evidence, struct err *err) {
    struct fill_run *run = worker->run;
    char reason[REASON_MAX];
    evidence->limit = run->plan->set.guard_kept_max;
    pthread_mutex_lock(&run->lock);
    evidence->count = run->totals.kept + run->mine.kept;
    pthread_mutex_unlock(&run->lock);
    if (evidence->count <= evidence->limit)
        return 0;
    snprintf(reason, sizeof reason, "guard kept_max: %" PRId64 " rows differ and were kept, the limit is %" PRId64, evidence->count,
             evidence->limit);
    return guards_halt(worker, reason, evidence, err);
}

/* The rejects that are open in the whole run. */
static int count_open(struct worker *worker, struct evidence *evidence, struct err *err) {
    struct fill_run *run = worker->run;
    char reason[REASON_MAX];
    evidence->limit = run->plan->set.guard_reject_max;
    pthread_mutex_lock(&run->lock);
    evidence->count = run->totals.rejects_open + run->mine.rejected;
    pthread_mutex_unlock(&run->lock);
    int rc = evidence->count > evidence->limit /* an estimate that is never too low: the ledger knows */
                 ? ledger_rejects_open(run->ledger, worker->db, run->run, &evidence->count, err)
                 : 0;
    if (rc || evidence->count <= evidence->limit)
        return rc;
    snprintf(reason, sizeof reason, "guard reject_max: %" PRId64 " rows rejected, the limit is %" PRId64, evidence->count,
             evidence->limit);
    return guards_halt(worker, reason, evidence, err);
}

/* A process that dies just here leaves it to the next one, which finds rejects and nothing told of them. */
static void tell_rejects(struct worker *worker) {
    struct fill_run *run = worker->run;
    struct hooks_news news;
    struct err ignored;
    err_clear(&ignored);
    hooks_prepare(run->hooks, PLAN_REJECTS, "a row was rejected: infill rejects PLAN lists it, and those that follow", &news);
    int rc = news.notices.count ? ledger_notices_put(run->ledger, worker->db, run->run, &news.notices, &ignored) : 0;
    hooks_send(run->hooks, &news, rc == 0);
}

int guards_reject(struct worker *worker, struct evidence *evidence, struct err *err) {
    struct fill_run *run = worker->run;
    if (!atomic_exchange(&run->told_rejects, true))
        tell_rejects(worker);
    bool orphan = db_error_is(evidence->cause, db_engine_for(run->plan->source_url)->foreign_key_codes);
    int rc = count(worker, &run->guards.foreign_keys, 1, orphan, evidence, err);
    if (rc == 0)
        rc = count(worker, &run->guards.rejects, 1, 1, evidence, err);
    return rc ? rc : count_open(worker, evidence, err);
}

int guards_conflict(struct worker *worker, const struct err *cause, struct err *err) {
    struct evidence evidence;
    guards_look(worker, &evidence);
    evidence.cause = cause;
    evidence.ask_holders = true;
    bool deadlock = db_error_is(cause, db_engine_for(worker->run->plan->source_url)->deadlock_codes);
    return count(worker, &worker->run->guards.deadlocks, 1, deadlock, &evidence, err);
}

int guards_locked(struct worker *worker, const struct err *cause, struct err *err) {
    struct fill_run *run = worker->run;
    struct evidence evidence;
    char reason[REASON_MAX];
    if (!worker->has_lease) /* waiting for transactions from before is no batch */
        return 0;
    guards_look(worker, &evidence);
    evidence.cause = cause;
    evidence.ask_holders = true;
    evidence.limit = run->plan->set.guard_lock_timeouts;
    pthread_mutex_lock(&run->lock);
    evidence.count = ++run->guards.locked_in_a_row;
    pthread_mutex_unlock(&run->lock);
    if (evidence.count < evidence.limit)
        return 0;
    snprintf(reason, sizeof reason, "guard lock_timeouts: %" PRId64 " lock timeouts in a row", evidence.count);
    return guards_halt(worker, reason, &evidence, err);
}

int guards_stop_line(struct worker *worker, struct err *err) {
    struct fill_run *run = worker->run;
    struct evidence evidence;
    struct pace_signal signal;
    char reason[REASON_MAX + PACE_TEXT_MAX], value[32], line[32];
    int64_t limit_us = run->plan->set.guard_stop_line_us, for_us = 0;
    if (run->sampler == NULL || !sampler_overdue(run->sampler, limit_us, &signal, &for_us))
        return 0;
    guards_look(worker, &evidence);
    pace_format(signal.unit, signal.value, value, sizeof value);
    pace_format(signal.unit, signal.stop, line, sizeof line);
    evidence.signal = signal.name;
    evidence.reading = value;
    evidence.count = for_us / 1000000;
    evidence.limit = limit_us / 1000000;
    snprintf(reason, sizeof reason,
             "guard stop_line: %s has been above its stop line %s for %" PRId64 " s, the limit is %.3g s; now %s%s%s%s",
             signal.name, line, for_us / 1000000, (double)limit_us / 1e6, value, signal.detail[0] ? " (" : "", signal.detail,
             signal.detail[0] ? ")" : "");
    return guards_halt(worker, reason, &evidence, err);
}

/* What was found before this process came is known to whoever started it. */
static int count_found(struct worker *worker, bool first, int64_t found, struct err *err) {
    struct fill_run *run = worker->run;
    struct evidence evidence = {.statement = "verification"};
    pthread_mutex_lock(&run->lock);
    int64_t more = first ? 0 : found - run->guards.found;
    run->guards.found = found;
    pthread_mutex_unlock(&run->lock);
    return more > 0 ? count(worker, &run->guards.mismatches, 0, more, &evidence, err) : 0;
}

int guards_found(struct worker *worker, struct err *err) {
    struct fill_run *run = worker->run;
    int64_t now_us = clock_monotonic_us(), found = 0;
    pthread_mutex_lock(&run->lock);
    bool first = run->guards.found_us == 0, due = first || now_us - run->guards.found_us >= FOUND_EVERY_US;
    if (due)
        run->guards.found_us = now_us;
    pthread_mutex_unlock(&run->lock);
    if (!due)
        return 0;
    int rc = ledger_findings_mismatched(run->ledger, worker->db, run->run, settle_is_wanted(run), &found, err);
    return rc ? rc : count_found(worker, first, found, err);
}

int guards_settled(struct worker *worker, const char *fill, const struct ledger_slice *slice, int64_t repaired, struct err *err) {
    struct evidence evidence = {.statement = "settling", .fill = fill, .range_no = slice->range_no};
    copy_key(evidence.after, slice->lo);
    copy_key(evidence.up_to, slice->hi);
    return count(worker, &worker->run->guards.mismatches, slice->rows, repaired, &evidence, err);
}
