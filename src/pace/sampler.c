/* sampler.c - see sampler.h. */
#include "pace/sampler.h"

#include <jansson.h>
#include <pthread.h>
#include <signal.h>

#include "base/clock.h"
#include "base/mem.h"
#include "pace/signal.h"

enum {
    LOOK_US = 250000,      /* how often a decision is looked at, whoever asks */
    RECORD_US = 5000000,   /* how often sums that grow are written down */
    SETTLED_US = 500000,   /* a decision that holds for so long is worth an event */
    CONNECT_US = 1000000,  /* between two attempts to connect */
    CONNECT_MS_MAX = 5000, /* of one attempt: shorter than it takes for samples to become too old */
};

struct sampler {
    struct sampler_options options;
    struct db_options db_options;
    struct signal *signals[PACE_SIGNALS_MAX]; /* as in pace */
    size_t count;
    pthread_t thread;
    bool has_thread;
    atomic_bool stop;

    /* the thread's own */
    struct arena arena;
    int64_t due_us[PACE_SIGNALS_MAX];
    int64_t connect_us;
    enum pace_verdict said;
    const struct pace_signal *said_of;
    enum pace_verdict noted; /* by the last event */
    const struct pace_signal *noted_of;
    bool is_recorded[PACE_SIGNALS_MAX];   /* the ledger says that it holds back */
    int64_t written_ms[PACE_SIGNALS_MAX]; /* the sums that the ledger has */
    int64_t recorded_us;

    pthread_mutex_t db_lock; /* guards what follows against sampler_close */
    struct db *db;
    bool is_ending; /* the last words are being written: not to be interrupted */

    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t woken; /* stop became true */
    pthread_cond_t ended; /* has_ended did */
    bool has_ended;
    struct pace pace;
};

/* ---- one measurement ---- */

static void set_db(struct sampler *sampler, struct db *db) {
    pthread_mutex_lock(&sampler->db_lock);
    struct db *before = sampler->db;
    sampler->db = db;
    pthread_mutex_unlock(&sampler->db_lock);
    db_close(before);
}

static int connect_again(struct sampler *sampler, int64_t now_us, struct err *err) {
    if (sampler->db && !db_is_dead(sampler->db))
        return 0;
    if (sampler->connect_us && now_us - sampler->connect_us < CONNECT_US)
        return err_set(err, ERR_CONNECT, "no connection");
    set_db(sampler, NULL);
    sampler->connect_us = now_us;
    struct db *db = NULL;
    int rc = db_open(&sampler->db_options, &db, err);
    if (rc == 0)
        set_db(sampler, db);
    return rc;
}

static int measure(struct sampler *sampler, size_t index, struct pace_reading *reading, struct err *err) {
    struct signal *signal = sampler->signals[index];
    int64_t now_us = clock_monotonic_us();
    struct signal_tools tools = {.arena = &sampler->arena,
                                 .db_options = &sampler->db_options,
                                 .stop = &sampler->stop,
                                 .wall_us = clock_wall_us(),
                                 .now_us = now_us,
                                 .blocks = sampler->options.blocks,
                                 .context = sampler->options.context};
    arena_reset(&sampler->arena);
    int rc = signal->type->needs_db ? connect_again(sampler, now_us, err) : 0;
    tools.db = signal->type->needs_db ? sampler->db : NULL;
    return rc ? rc : signal->type->sample(signal, &tools, reading, err);
}

static void keep(struct sampler *sampler, size_t index, int rc, const struct pace_reading *reading, const struct err *err,
                 int64_t now_us) {
    char why[PACE_TEXT_MAX];
    snprintf(why, sizeof why, "%s%s%s", rc ? err->where : "", rc && err->where[0] ? ": " : "", rc ? err->message : "");
    if (rc)
        pace_unreadable(&sampler->pace, index, why, now_us);
    else
        pace_sample(&sampler->pace, index, reading, now_us);
}

/* Those that cost nothing are asked for every time, under the lock. */
static void decide_locked(struct sampler *sampler) {
    int64_t now_us = clock_monotonic_us();
    for (size_t i = 0; i < sampler->count; i++) {
        struct pace_reading reading = {.value = 0};
        struct err err;
        if (!sampler->signals[i]->type->instant)
            continue;
        struct signal_tools tools = {.wall_us = clock_wall_us(), .now_us = now_us};
        err_clear(&err);
        keep(sampler, i, sampler->signals[i]->type->sample(sampler->signals[i], &tools, &reading, &err), &reading, &err, now_us);
    }
    pace_decide(&sampler->pace, now_us);
}

/* ---- the thread ---- */

static void measure_due(struct sampler *sampler) {
    for (size_t i = 0; i < sampler->count && !atomic_load(&sampler->stop); i++) {
        struct pace_reading reading = {.value = 0};
        struct err err;
        if (sampler->signals[i]->type->instant || clock_monotonic_us() < sampler->due_us[i])
            continue;
        err_clear(&err);
        sampler->due_us[i] = clock_monotonic_us() + sampler->signals[i]->about->every_us;
        int rc = measure(sampler, i, &reading, &err);
        pthread_mutex_lock(&sampler->lock);
        keep(sampler, i, rc, &reading, &err, clock_monotonic_us());
        pthread_mutex_unlock(&sampler->lock);
    }
}

static const char *verdict_word(enum pace_verdict verdict) {
    static const char *const words[] = {[PACE_GO] = "go", [PACE_SLOW] = "slow", [PACE_WAIT] = "wait"};
    return words[verdict];
}

static int record_event(struct sampler *sampler, const struct pace_decision *now, struct err *err) {
    json_t *detail = json_pack("{s:s, s:s, s:s}", "state", verdict_word(now->verdict), "signal",
                               now->signal ? now->signal->name : "", "reason", now->text);
    char *text = detail ? mem_json_text(detail, JSON_COMPACT) : NULL;
    json_decref(detail);
    if (text == NULL)
        return err_nomem(err);
    int rc = ledger_event(sampler->options.ledger, sampler->db, sampler->options.run, sampler->options.actor, "pace", text, err);
    mem_free(text);
    if (rc == 0) {
        sampler->noted = now->verdict;
        sampler->noted_of = now->signal;
    }
    return rc;
}

/* The signal that holds back now, and those whose sums have grown or that the ledger still believes to hold back. */
static int record_signal(struct sampler *sampler, size_t index, const struct pace_decision *now, struct err *err) {
    const struct pace_signal *signal = &sampler->pace.signals[index];
    bool holds = now->signal == signal;
    pthread_mutex_lock(&sampler->lock);
    struct ledger_pace row = {.reason = signal->name,
                              .state = verdict_word(holds ? now->verdict : PACE_GO),
                              .detail = holds ? now->text : "",
                              .percent = holds ? (int64_t)(now->factor * 100) : 100,
                              .waited_ms = signal->waited_us / 1000,
                              .slowed_ms = signal->slowed_us / 1000};
    pthread_mutex_unlock(&sampler->lock);
    if (!holds && !sampler->is_recorded[index] && row.waited_ms + row.slowed_ms == sampler->written_ms[index])
        return 0;
    int rc = ledger_pace_put(sampler->options.ledger, sampler->db, sampler->options.run, sampler->options.owner, &row, err);
    if (rc == 0) {
        sampler->is_recorded[index] = holds;
        sampler->written_ms[index] = row.waited_ms + row.slowed_ms;
    }
    return rc;
}

static int record_all(struct sampler *sampler, const struct pace_decision *now, int64_t now_us, struct err *err) {
    bool changed = now->verdict != sampler->noted || now->signal != sampler->noted_of;
    bool lasts = now_us - now->since_us >= SETTLED_US;
    bool due = now_us - sampler->recorded_us >= RECORD_US && now->signal;
    if (!(changed && lasts) && !due)
        return 0;
    int rc = connect_again(sampler, now_us, err);
    for (size_t i = 0; i < sampler->count && rc == 0; i++)
        rc = record_signal(sampler, i, now, err);
    if (rc == 0 && changed && lasts)
        rc = record_event(sampler, now, err);
    sampler->recorded_us = now_us;
    return rc;
}

/* A ledger that cannot be written to is the workers' affair; what was to be said is said later. */
static void record(struct sampler *sampler, const struct pace_decision *now) {
    struct err err;
    err_clear(&err);
    if (sampler->options.ledger)
        record_all(sampler, now, clock_monotonic_us(), &err);
}

/* Sums as they are at the end; nobody is held back by a process that has ended. */
static void record_end(struct sampler *sampler) {
    struct pace_decision end = {.verdict = PACE_GO};
    struct err err;
    err_clear(&err);
    pthread_mutex_lock(&sampler->db_lock);
    sampler->is_ending = true;
    pthread_mutex_unlock(&sampler->db_lock);
    bool connected = sampler->db && !db_is_dead(sampler->db);
    int rc = 0;
    for (size_t i = 0; connected && sampler->options.ledger && i < sampler->count && rc == 0; i++)
        rc = record_signal(sampler, i, &end, &err);
}

static void say_change(struct sampler *sampler, const struct pace_decision *now) {
    static const char *const words[] = {[PACE_GO] = "full speed again", [PACE_SLOW] = "slowed", [PACE_WAIT] = "waiting"};
    if (now->verdict == sampler->said && now->signal == sampler->said_of)
        return;
    log_line(sampler->options.log, LOG_INFO, "pace: %s%s%s", words[now->verdict], now->text[0] ? ": " : "", now->text);
    sampler->said = now->verdict;
    sampler->said_of = now->signal;
}

static int64_t next_due(const struct sampler *sampler, int64_t now_us) {
    int64_t due_us = now_us + LOOK_US;
    for (size_t i = 0; i < sampler->count; i++)
        if (!sampler->signals[i]->type->instant && sampler->due_us[i] < due_us)
            due_us = sampler->due_us[i];
    return due_us;
}

static void wait_until(struct sampler *sampler, int64_t due_us) {
    struct timespec until = {.tv_sec = due_us / 1000000, .tv_nsec = (due_us % 1000000) * 1000};
    pthread_mutex_lock(&sampler->lock);
    while (!atomic_load(&sampler->stop) && pthread_cond_timedwait(&sampler->woken, &sampler->lock, &until) == 0) {
    }
    pthread_mutex_unlock(&sampler->lock);
}

static void *run_thread(void *context) {
    struct sampler *sampler = context;
    while (!atomic_load(&sampler->stop)) {
        struct pace_decision now;
        measure_due(sampler);
        sampler_decide(sampler, &now);
        say_change(sampler, &now);
        record(sampler, &now);
        wait_until(sampler, next_due(sampler, clock_monotonic_us()));
    }
    record_end(sampler);
    pthread_mutex_lock(&sampler->lock);
    sampler->has_ended = true;
    pthread_cond_broadcast(&sampler->ended);
    pthread_mutex_unlock(&sampler->lock);
    return NULL;
}

/* ---- open and close ---- */

static int add_signals(struct sampler *sampler, struct err *err) {
    static const enum pace_unit units[] = {[PLAN_UNIT_number] = PACE_NUMBER,
                                           [PLAN_UNIT_seconds] = PACE_SECONDS,
                                           [PLAN_UNIT_fraction] = PACE_FRACTION,
                                           [PLAN_UNIT_gate] = PACE_NUMBER};
    const struct plan *plan = sampler->options.plan;
    int64_t now_us = clock_monotonic_us();
    pace_init(&sampler->pace, now_us);
    for (size_t i = 0; i < plan->signal_count; i++) {
        const struct plan_signal *about = &plan->signals[i];
        struct signal *signal = NULL;
        int rc = signal_open(plan, about, &signal, err);
        if (rc == ERR_UNSUPPORTED && about->optional) {
            err_clear(err);
            continue;
        }
        if (rc)
            return rc;
        if (sampler->options.for_reading && signal->type->of_writes) {
            signal_close(signal);
            continue;
        }
        sampler->signals[sampler->count++] = signal;
        if (!pace_add(&sampler->pace, about->name, signal->type->kind, units[about->unit], about->slow, about->stop, now_us))
            return err_set(err, ERR_USAGE, "a plan has at most %d signals", PACE_SIGNALS_MAX);
    }
    return 0;
}

static void init_locks(struct sampler *sampler) {
    pthread_condattr_t attributes;
    pthread_mutex_init(&sampler->lock, NULL);
    pthread_mutex_init(&sampler->db_lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&sampler->woken, &attributes);
    pthread_cond_init(&sampler->ended, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* The process's signals are for the threads of the host. */
static int start_thread(struct sampler *sampler, struct err *err) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    sampler->has_thread = pthread_create(&sampler->thread, NULL, run_thread, sampler) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return sampler->has_thread ? 0 : err_set(err, ERR_FAILURE, "the thread that measures signals could not be started");
}

int sampler_open(const struct sampler_options *options, struct sampler **out, struct err *err) {
    *out = NULL;
    if (options->plan->signal_count == 0)
        return 0;
    struct sampler *sampler = mem_zalloc(1, sizeof *sampler);
    if (sampler == NULL)
        return err_nomem(err);
    sampler->options = *options;
    sampler->db_options = *options->db;
    if (sampler->db_options.connect_timeout_ms == 0 || sampler->db_options.connect_timeout_ms > CONNECT_MS_MAX)
        sampler->db_options.connect_timeout_ms = CONNECT_MS_MAX;
    arena_init(&sampler->arena);
    init_locks(sampler);
    int rc = add_signals(sampler, err);
    if (rc == 0 && sampler->count > 0)
        rc = start_thread(sampler, err);
    if (rc || sampler->count == 0) {
        sampler_close(sampler);
        return rc;
    }
    *out = sampler;
    return 0;
}

static void cancel_query(struct sampler *sampler) {
    pthread_mutex_lock(&sampler->db_lock);
    if (sampler->db && !sampler->is_ending)
        db_cancel(sampler->db);
    pthread_mutex_unlock(&sampler->db_lock);
}

/* The thread may be in a query: it is interrupted, again and again until the thread has seen that it is to end. */
static void end_thread(struct sampler *sampler) {
    pthread_mutex_lock(&sampler->lock);
    atomic_store(&sampler->stop, true);
    pthread_cond_broadcast(&sampler->woken);
    while (!sampler->has_ended) {
        pthread_mutex_unlock(&sampler->lock);
        cancel_query(sampler);
        int64_t until_us = clock_monotonic_us() + LOOK_US;
        struct timespec until = {.tv_sec = until_us / 1000000, .tv_nsec = (until_us % 1000000) * 1000};
        pthread_mutex_lock(&sampler->lock);
        if (!sampler->has_ended)
            pthread_cond_timedwait(&sampler->ended, &sampler->lock, &until);
    }
    pthread_mutex_unlock(&sampler->lock);
    pthread_join(sampler->thread, NULL);
}

void sampler_close(struct sampler *sampler) {
    if (sampler == NULL)
        return;
    if (sampler->has_thread)
        end_thread(sampler);
    set_db(sampler, NULL);
    for (size_t i = 0; i < sampler->count; i++)
        signal_close(sampler->signals[i]);
    arena_release(&sampler->arena);
    pthread_cond_destroy(&sampler->woken);
    pthread_cond_destroy(&sampler->ended);
    pthread_mutex_destroy(&sampler->lock);
    pthread_mutex_destroy(&sampler->db_lock);
    mem_free(sampler);
}

/* ---- for everybody ---- */

void sampler_decide(struct sampler *sampler, struct pace_decision *decision) {
    pthread_mutex_lock(&sampler->lock);
    decide_locked(sampler);
    *decision = sampler->pace.decision;
    pthread_mutex_unlock(&sampler->lock);
}

bool sampler_overdue(struct sampler *sampler, int64_t limit_us, struct pace_signal *signal, int64_t *for_us) {
    int64_t now_us = clock_monotonic_us();
    pthread_mutex_lock(&sampler->lock);
    const struct pace_signal *found = pace_overdue(&sampler->pace, limit_us, now_us);
    if (found) {
        *signal = *found;
        *for_us = now_us - found->stopped_us;
    }
    pthread_mutex_unlock(&sampler->lock);
    return found != NULL;
}

void sampler_forgive(struct sampler *sampler) {
    pthread_mutex_lock(&sampler->lock);
    pace_forgive(&sampler->pace, clock_monotonic_us());
    pthread_mutex_unlock(&sampler->lock);
}

void sampler_batch(struct sampler *sampler) {
    pthread_mutex_lock(&sampler->lock);
    pace_batch(&sampler->pace, clock_monotonic_us());
    pthread_mutex_unlock(&sampler->lock);
}

bool sampler_trickle(struct sampler *sampler) {
    pthread_mutex_lock(&sampler->lock);
    bool may = pace_trickle(&sampler->pace, clock_monotonic_us());
    pthread_mutex_unlock(&sampler->lock);
    return may;
}
