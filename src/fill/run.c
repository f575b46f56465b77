/* run.c - see run.h: opening, closing, the shared clockwork. */
#include "fill/run.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "fill/guards.h"
#include "fill/settle.h"
#include "sql/key_typed.h"

static int check_only(struct fill_run *run, struct err *err) {
    const struct fill_run_options *options = &run->options;
    run->only = run->jobs->count;
    for (size_t i = 0; options->fill && i < run->jobs->count; i++)
        if (text_equal(run->jobs->jobs[i].name, options->fill))
            run->only = i;
    if (options->fill && run->only == run->jobs->count)
        return err_set(err, ERR_USAGE, "plan %s has no fill %s", run->plan->name, options->fill);
    bool of_one_fill = options->from || options->until || options->ranges;
    if (of_one_fill && run->only == run->jobs->count && run->jobs->count == 1)
        run->only = 0;
    if (of_one_fill && run->only == run->jobs->count)
        return err_set(err, ERR_USAGE, "--from, --until and --range need --fill: the plan has %zu fills", run->jobs->count);
    return 0;
}

/* Called twice, because a connection broke, it does what it does once. */
static int run_again(struct fill_run *run, struct db *db, struct err *err) {
    const char *ranges = run->options.ranges;
    int64_t from, to;
    if (ranges == NULL)
        return 0;
    if (!text_to_interval(ranges, &from, &to) || from < 1)
        return err_set(err, ERR_USAGE, "--range %s: a number, or two of them as 17..19", ranges);
    int rc =
        ledger_ranges_again(run->ledger, db, run->run, run->jobs->jobs[run->only].name, from, to, owner_is_dead, run->actor, err);
    run->was_done = run->was_done && rc != 0;
    return rc;
}

static int parse_bound(struct fill_run *run, struct db *db, const char *text, const char *option, const char **key,
                       struct err *err) {
    if (text == NULL)
        return 0;
    int rc = key_typed(&run->jobs->jobs[run->only].map, text, db->engine->tags_keys, &run->arena, key, err);
    if (rc)
        err_where(err, "%s", option);
    return rc;
}

/* (from, until] with from above until would be a part without rows, which is not what anybody means. */
static int check_order(struct fill_run *run, struct db *db, const char *from_key, struct err *err) {
    bool above = false;
    int rc = 0;
    if (from_key && run->until_key)
        rc = job_key_is_above(&run->jobs->jobs[run->only], db, &run->read_tx, from_key, run->until_key, &above, err);
    if (rc || !above)
        return rc;
    if (run->from_key)
        err_set(err, ERR_USAGE, "--from is above --until");
    else
        err_set(err, ERR_USAGE, "fill %s begins at %s, and --until is below that", run->jobs->jobs[run->only].name, from_key);
    err_next(err, "nothing was changed; keys from --from (exclusive) to --until (inclusive) are filled");
    return ERR_USAGE;
}

static int install(struct fill_run *run, struct db *db, struct err *err) {
    bool installed = false;
    int rc = ledger_is_installed(run->ledger, db, &installed, err);
    if (rc || installed)
        return rc;
    if (run->options.no_install) {
        err_set(err, ERR_NOT_FOUND, "the ledger is not installed in this database");
        err_next(err, "nothing was done; infill install %s, or infill install %s --print-sql for somebody who may", run->plan->path,
                 run->plan->path);
        return ERR_NOT_FOUND;
    }
    rc = ledger_install(run->ledger, db, err);
    if (rc)
        err_next(err, "nothing was done; infill install %s --print-sql prints the statements for somebody who may",
                 run->plan->path);
    return rc;
}

static int fill_specs(struct fill_run *run, struct ledger_fill_spec **out, struct err *err) {
    struct ledger_fill_spec *specs = arena_array(&run->arena, run->jobs->count, sizeof *specs);
    if (specs == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < run->jobs->count; i++) {
        const struct job *job = &run->jobs->jobs[i];
        specs[i] =
            (struct ledger_fill_spec){job->name, job->source_name, job->target_name, job->map.in_place, job->source->row_estimate};
    }
    *out = specs;
    return 0;
}

static int open_in_ledger(struct fill_run *run, struct db *db, struct err *err) {
    struct ledger_fill_spec *fills = NULL;
    json_t *settings = NULL;
    int rc = fill_specs(run, &fills, err);
    if (rc == 0)
        rc = plan_settings_json(run->plan, &settings, err);
    char *text = rc ? NULL : mem_json_text(settings, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(settings);
    if (rc)
        return rc;
    struct ledger_run_spec spec = {
        .plan = run->plan->name,
        .environment = run->plan->environment,
        .profile = run->plan->profile,
        .meaning = run->jobs->meaning,
        .meaning_text = run->jobs->meaning_text,
        .fingerprint = run->jobs->fingerprint,
        .fingerprint_text = run->jobs->fingerprint_text,
        .settings = text,
        .version = INFILL_VERSION,
        .actor = run->actor,
        .fills = fills,
        .fill_count = run->jobs->count,
    };
    struct ledger_run opened = {0};
    rc = text ? ledger_run_open(run->ledger, db, &spec, &run->arena, &opened, err) : err_nomem(err);
    mem_free(text);
    run->run = opened.run;
    run->was_done = rc == 0 && text_equal(opened.state, "done");
    return rc;
}

/* A fill that has begun keeps its lower bound. One that ended at --until goes on: to another --until, or to its high-water mark. */
static int check_bounds(struct fill_run *run, struct db *db, size_t index, struct ledger_fill *fill, struct err *err) {
    bool selected = run->only == run->jobs->count || run->only == index;
    if (!selected || !ledger_fill_has_end(fill))
        return 0;
    if (run->from_key && !text_equal(run->from_key, fill->from_key)) {
        err_set(err, ERR_REFUSED, "fill %s has begun at %s; its lower bound cannot change", fill->fill,
                fill->from_key ? fill->from_key : "the beginning");
        err_next(err, "nothing was changed; leave out --from");
        return ERR_REFUSED;
    }
    int rc = check_order(run, db, fill->from_key, err);
    if (rc)
        return rc;
    if (run->until_key && fill->until_key == NULL && !text_equal(fill->state, "filled")) {
        err_set(err, ERR_REFUSED, "fill %s is on its way to its high-water mark %s already", fill->fill, fill->high_water);
        err_next(err, "nothing was changed; leave out --until");
        return ERR_REFUSED;
    }
    if (fill->until_key == NULL || text_equal(fill->until_key, run->until_key))
        return 0;
    return ledger_fill_reopen(run->ledger, db, run->run, fill, run->until_key, &run->arena, fill, err);
}

static int check_needs(struct fill_run *run, struct err *err) {
    const struct job *only = run->only < run->jobs->count ? &run->jobs->jobs[run->only] : NULL;
    for (size_t n = 0; only && n < only->need_count; n++)
        if (!run->filled[only->needs[n]])
            return err_set(err, ERR_REFUSED, "fill %s needs fill %s, which is not filled yet", only->name,
                           run->jobs->jobs[only->needs[n]].name);
    return 0;
}

/* What earlier processes have filled, and whether --from and --until go together with it. */
static int read_fills(struct fill_run *run, struct db *db, struct err *err) {
    run->filled = arena_array(&run->arena, run->jobs->count + 1, sizeof *run->filled);
    run->guards.plans = arena_array(&run->arena, run->jobs->count + 1, guards_plan_size());
    if (run->filled == NULL || run->guards.plans == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < run->jobs->count; i++) {
        struct ledger_fill fill;
        int rc = ledger_fill_get(run->ledger, db, run->run, run->jobs->jobs[i].name, &run->arena, &fill, err);
        if (run->options.ranges) /* a part that ended at --until stays that part */
            run->until_key = i == run->only ? fill.until_key : run->until_key;
        if (rc == 0 && !run->was_done)
            rc = check_bounds(run, db, i, &fill, err);
        if (rc)
            return rc;
        /* A part that ended at --until is filled for whoever asked for that part, and for nobody else. */
        run->filled[i] = text_equal(fill.state, "filled") && (fill.until_key == NULL || i == run->only);
    }
    return check_needs(run, err);
}

/* What an earlier process could not tell any more comes first, of a halted run too. */
static int tell_leftovers(struct fill_run *run, struct db *db, struct err *err) {
    struct ledger_run found;
    bool is_there = false;
    int64_t left = 0;
    int rc = ledger_run_find(run->ledger, db, run->plan->name, &run->arena, &found, &is_there, err);
    if (rc || !is_there || !text_equal(found.environment, run->plan->environment)) /* which is refused later */
        return rc;
    const struct notices notices = {.plan = run->plan,
                                    .ledger = run->ledger,
                                    .log = &run->options.log,
                                    .run = found.run,
                                    .wait_us = HOOK_WAIT_US,
                                    .stop = &run->cancelled};
    rc = notices_tell(&notices, db, false, &left, err);
    if (rc || left == 0)
        return rc;
    err_set(err, ERR_REFUSED, "required hooks do not answer: %lld of what an earlier process left for them %s still to be told",
            (long long)left, left == 1 ? "is" : "are");
    err_next(err, "no rows were moved; infill status %s lists them; see to it that they answer, and run again", run->plan->path);
    return ERR_REFUSED;
}

/* Rejects of a process that died before the ledger could take up that somebody has to be told of them. */
static int keep_rejects(struct fill_run *run, struct db *db, struct err *err) {
    struct hooks_news news;
    int64_t known = 0;
    hooks_prepare(run->hooks, PLAN_REJECTS, "rows were rejected: infill rejects PLAN lists them", &news);
    int rc = news.notices.count && run->totals.rejects_open > 0
                 ? ledger_notices_count(run->ledger, db, run->run, news.list[0].event, NULL, &known, err)
                 : 0;
    if (rc == 0 && news.notices.count && run->totals.rejects_open > 0 && known == 0)
        rc = ledger_notices_put(run->ledger, db, run->run, &news.notices, err);
    hooks_drop(&news);
    return rc;
}

static int open_over(struct fill_run *run, struct db *db, struct err *err) {
    int rc = ledger_new(db_dialect(db), &run->ledger_tx, &run->ledger, err);
    if (rc == 0)
        rc = jobs_resolve(run->plan, db, &run->jobs, err);
    if (rc == 0)
        rc = problems_to_err(&run->jobs->problems, ERR_REFUSED, err);
    if (rc == 0)
        rc = check_only(run, err);
    if (rc == 0)
        rc = parse_bound(run, db, run->options.from, "--from", &run->from_key, err);
    if (rc == 0)
        rc = parse_bound(run, db, run->options.until, "--until", &run->until_key, err);
    if (rc == 0)
        rc = check_order(run, db, run->from_key, err);
    if (rc == 0)
        rc = install(run, db, err);
    if (rc == 0)
        rc = tell_leftovers(run, db, err);
    if (rc == 0)
        rc = open_in_ledger(run, db, err);
    if (rc == 0)
        rc = run_again(run, db, err);
    if (rc == 0)
        rc = read_fills(run, db, err);
    if (rc == 0)
        rc = fill_run_live(run, db, clock_monotonic_us(), err);
    if (rc == 0)
        rc = ledger_totals(run->ledger, db, run->run, &run->totals, err);
    return rc;
}

static void log_warnings(const struct fill_run *run) {
    for (const struct problem *p = run->jobs->problems.first; p; p = p->following)
        log_line(&run->options.log, LOG_WARN, "%s%s%s%s", p->fill[0] ? "fill " : "", p->fill, p->fill[0] ? ": " : "", p->message);
}

static int set_up(struct fill_run *run, struct err *err) {
    const struct plan_settings *set = &run->plan->set;
    char *name = arena_printf(&run->arena, "infill %s", run->plan->name);
    if (name == NULL)
        return err_nomem(err);
    run->db_options = (struct db_options){
        .url = run->plan->source_url,
        .application_name = name,
        .connect_timeout_ms = (unsigned)(set->connect_timeout_us / 1000),
        .log = &run->options.log,
    };
    run->batch_tx = plan_tx(run->plan, false, set->batch_async_commit);
    run->batch_tx.by_index = true;
    run->ledger_tx = plan_tx(run->plan, false, false);
    run->read_tx = plan_tx(run->plan, true, false);
    run->read_tx.by_index = true;
    owner_prefix(run->owner_prefix);
    owner_actor(run->actor, sizeof run->actor);
    guards_init(run);
    run->started_us = clock_monotonic_us();
    run->set = *set;
    run->cost.since_us = clock_monotonic_us();
    run->portion = 1;
    run->share = (double)set->pace_rows_per_second;
    rate_init(&run->rate, run->share, run->started_us);
    return 0;
}

/* A connection that is cut while the run is opened, even around a COMMIT, leaves nothing that opening again does not find as it is. */
static int open_until_whole(struct fill_run *run, struct err *err) {
    enum { OPEN_TRIES = 5 };
    int rc = 0;
    for (int i = 0; i < OPEN_TRIES; i++) {
        struct db *db = NULL;
        err_clear(err);
        rc = db_open(&run->db_options, &db, err);
        if (rc == 0)
            rc = open_over(run, db, err);
        db_close(db);
        if (rc != ERR_LOST && rc != ERR_UNCLEAR &&
            !(rc == ERR_CONNECT && i > 0)) /* a first connection that fails is for the user */
            return rc;
        jobs_free(run->jobs);
        ledger_free(run->ledger);
        run->jobs = NULL;
        run->ledger = NULL;
    }
    return rc;
}

/* Of those workers, what runs now. Not under the run's lock: to cancel may take as long as the network wants. */
static void cancel_workers(struct fill_run *run, bool (*is_meant)(const struct worker *worker, int64_t session), int64_t session) {
    pthread_mutex_lock(&run->cancel_lock);
    for (unsigned i = 0; i < FILL_WORKERS_MAX; i++) {
        pthread_mutex_lock(&run->lock);
        struct worker *worker = run->workers[i];
        pthread_mutex_unlock(&run->lock);
        if (worker == NULL)
            continue;
        pthread_mutex_lock(&worker->db_lock);
        if (worker->db && is_meant(worker, session))
            db_cancel(worker->db);
        pthread_mutex_unlock(&worker->db_lock);
    }
    pthread_mutex_unlock(&run->cancel_lock);
}

static bool is_any(const struct worker *worker, int64_t session) {
    (void)worker, (void)session;
    return true;
}

static bool has_old_batch(const struct worker *worker, int64_t session) {
    int64_t since_us = atomic_load(&worker->batch_since_us);
    return worker->db->session == session && since_us && clock_monotonic_us() - since_us >= FILL_GIVE_WAY_US;
}

/* Somebody waits for what a session holds: if it is one of ours and its batch is an old one, that is given up. */
static void give_way(void *context, int64_t session) {
    cancel_workers(context, has_old_batch, session);
}

static int open_sampler(struct fill_run *run, struct err *err) {
    struct sampler_options options = {.plan = run->plan,
                                      .db = &run->db_options,
                                      .log = &run->options.log,
                                      .ledger = run->ledger,
                                      .run = run->run,
                                      .owner = run->owner_prefix,
                                      .actor = run->actor,
                                      .blocks = give_way,
                                      .context = run};
    int rc = run->was_done ? 0 : sampler_open(&options, &run->sampler, err);
    if (rc)
        err_next(err, "no rows were moved; mend pace.signals in %s", run->plan->path);
    return rc;
}

static int start_hooks(struct fill_run *run, struct err *err) {
    struct db *db = NULL;
    if (run->was_done || run->hooks == NULL)
        return 0;
    int rc = hooks_ask_to_start(run->hooks, err);
    if (rc == 0 && notices_wanted(run->plan))
        rc = db_open(&run->db_options, &db, err);
    if (rc == 0 && db)
        rc = keep_rejects(run, db, err);
    db_close(db);
    return rc;
}

int fill_run_open(const struct plan *plan, const struct fill_run_options *options, struct fill_run **out, struct err *err) {
    struct fill_run *run = mem_zalloc(1, sizeof *run);
    if (run == NULL)
        return err_nomem(err);
    run->plan = plan;
    run->options = *options;
    arena_init(&run->arena);
    pthread_mutex_init(&run->lock, NULL);
    pthread_mutex_init(&run->cancel_lock, NULL);
    pthread_mutex_init(&run->settle_lock, NULL);
    run->settling = mem_zalloc(SETTLE_ROOM, sizeof *run->settling);
    int rc = run->settling ? set_up(run, err) : err_nomem(err);
    if (rc == 0)
        rc = open_until_whole(run, err);
    if (rc == 0)
        rc = open_sampler(run, err);
    if (rc == 0)
        rc = guards_open_hooks(run, err);
    if (rc == 0)
        rc = start_hooks(run, err);
    if (rc) {
        fill_run_close(run);
        return rc;
    }
    log_warnings(run);
    *out = run;
    return 0;
}

void fill_run_close(struct fill_run *run) {
    if (run == NULL)
        return;
    atomic_store(&run->cancelled, true); /* whoever wanted to wait for hooks has called fill_run_finish */
    hooks_close(run->hooks);
    sampler_close(run->sampler);
    settle_release(run);
    mem_free(run->live);
    jobs_free(run->jobs);
    ledger_free(run->ledger);
    arena_release(&run->arena);
    pthread_mutex_destroy(&run->lock);
    pthread_mutex_destroy(&run->cancel_lock);
    pthread_mutex_destroy(&run->settle_lock);
    mem_free(run);
}

int64_t fill_run_finish(struct fill_run *run) {
    pthread_mutex_lock(&run->lock);
    if (run->hooks)
        snprintf(run->reason, sizeof run->reason, "the hooks are told");
    pthread_mutex_unlock(&run->lock);
    return hooks_finish(run->hooks);
}

void fill_run_drain(struct fill_run *run) {
    atomic_store(&run->drain, true);
}

void fill_run_cancel(struct fill_run *run) {
    atomic_store(&run->drain, true);
    atomic_store(&run->cancelled, true);
    cancel_workers(run, is_any, 0);
}

bool fill_run_is_filled(struct fill_run *run, size_t job) {
    pthread_mutex_lock(&run->lock);
    bool filled = run->filled[job];
    pthread_mutex_unlock(&run->lock);
    return filled;
}

void fill_run_set_filled(struct fill_run *run, size_t job) {
    pthread_mutex_lock(&run->lock);
    run->filled[job] = true;
    pthread_mutex_unlock(&run->lock);
}

void fill_run_touch(struct fill_run *run) {
    pthread_mutex_lock(&run->lock);
    run->refreshed_us = 0;
    pthread_mutex_unlock(&run->lock);
}

static bool take_refresh(struct fill_run *run, int64_t now_us) {
    pthread_mutex_lock(&run->lock);
    bool due = !run->refreshing && (run->refreshed_us == 0 || now_us - run->refreshed_us >= FILL_REFRESH_US);
    if (due)
        run->refreshing = true;
    pthread_mutex_unlock(&run->lock);
    return due;
}

static void add_sample(struct fill_run *run, int64_t now_us) {
    unsigned last = (run->next_sample + FILL_RATE_SAMPLES - 1) % FILL_RATE_SAMPLES;
    if (run->sample_count > 0 && now_us - run->samples[last].at_us < FILL_REFRESH_US / 2)
        return;
    run->samples[run->next_sample].at_us = now_us;
    run->samples[run->next_sample].seen = run->totals.seen;
    run->next_sample = (run->next_sample + 1) % FILL_RATE_SAMPLES;
    if (run->sample_count < FILL_RATE_SAMPLES)
        run->sample_count++;
}

double fill_run_speed(const struct fill_run *run) {
    if (run->sample_count < 2)
        return -1;
    unsigned last = (run->next_sample + FILL_RATE_SAMPLES - 1) % FILL_RATE_SAMPLES;
    unsigned first = (run->next_sample + FILL_RATE_SAMPLES - run->sample_count) % FILL_RATE_SAMPLES;
    int64_t us = run->samples[last].at_us - run->samples[first].at_us;
    return us > 0 ? (double)(run->samples[last].seen - run->samples[first].seen) * 1e6 / (double)us : -1;
}

int fill_run_refresh(struct fill_run *run, struct db *db, int64_t now_us, struct err *err) {
    if (!take_refresh(run, now_us))
        return 0;
    struct ledger_totals totals = {0};
    int64_t all = 0, mine = 0;
    pthread_mutex_lock(&run->lock);
    struct ledger_totals before = run->mine;
    bool is_limited = run->set.pace_rows_per_second > 0;
    pthread_mutex_unlock(&run->lock);
    int rc = ledger_totals(run->ledger, db, run->run, &totals, err);
    if (rc == 0 && is_limited)
        rc = ledger_live_leases(run->ledger, db, run->run, run->owner_prefix, &all, &mine, err);

    pthread_mutex_lock(&run->lock);
    run->refreshing = false;
    run->refreshed_us = now_us;
    if (rc == 0) {
        run->totals = totals;
        run->mine.seen -= before.seen;
        run->mine.written -= before.written;
        run->mine.same -= before.same;
        run->mine.kept -= before.kept;
        run->mine.rejected -= before.rejected;
        add_sample(run, now_us);
        /* A process without a lease yet is about to have one. */
        if (mine == 0)
            mine = 1, all++;
        run->portion = (double)mine / (double)all;
        run->share = (double)run->set.pace_rows_per_second * run->portion;
    }
    pthread_mutex_unlock(&run->lock);
    if (rc == 0)
        fill_run_cost(run, db, now_us, false);
    return rc;
}

void fill_run_note(struct fill_run *run, const char *what, int64_t waited_ms) {
    pthread_mutex_lock(&run->lock);
    unsigned i = 0;
    while (i < run->reason_count && strcmp(run->reasons[i].what, what) != 0)
        i++;
    if (i < FILL_REASONS_MAX) {
        if (i == run->reason_count)
            run->reasons[run->reason_count++] = (struct fill_reason){what, 0, 0};
        run->reasons[i].count++;
        run->reasons[i].waited_ms += waited_ms;
    }
    pthread_mutex_unlock(&run->lock);
}

static int halt_over(struct fill_run *run, struct db *db, const char *reason, const char *detail,
                     const struct ledger_notices *notices, struct err *err) {
    struct arena arena;
    const char *was = "";
    bool changed;
    arena_init(&arena);
    int rc =
        ledger_run_control(run->ledger, db, run->run, "halted", reason, run->actor, detail, notices, &arena, &was, &changed, err);
    arena_release(&arena);
    return rc;
}

/* The connection that brought the news may be the one that broke. */
static int tell_ledger(struct fill_run *run, struct db *db, const char *reason, const char *detail,
                       const struct ledger_notices *notices, struct err *err) {
    enum { HALT_TRIES = 3 };
    int rc = db && !db_is_dead(db) ? halt_over(run, db, reason, detail, notices, err) : ERR_LOST;
    for (int i = 0; rc && i < HALT_TRIES; i++) {
        struct db *fresh = NULL;
        err_clear(err);
        rc = db_open(&run->db_options, &fresh, err);
        if (rc == 0)
            rc = halt_over(run, fresh, reason, detail, notices, err);
        db_close(fresh);
    }
    return rc;
}

int fill_run_halt(struct fill_run *run, struct db *db, const char *reason, const char *detail, struct err *err) {
    atomic_store(&run->halted, true);
    struct hooks_news news;
    hooks_prepare(run->hooks, PLAN_HALTED, reason, &news);
    int rc = tell_ledger(run, db, reason, detail, &news.notices, err);
    hooks_send(run->hooks, &news, rc == 0);
    log_line(&run->options.log, LOG_ERROR, "halted: %s", reason);
    if (rc) {
        log_line(&run->options.log, LOG_ERROR, "the ledger could not be told, other processes may go on: %s", err->message);
        return rc;
    }
    err_set(err, ERR_HALTED, "run %s was halted: %s", run->plan->name, reason);
    err_next(err, "committed batches are whole; infill rejects PLAN lists rejects; when the cause is gone: infill resume PLAN "
                  "--because \"...\"");
    return ERR_HALTED;
}
