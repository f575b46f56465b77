/* pace.c - see pace.h. */
#include "pace/pace.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double RECOVERED = 0.8;       /* of the slow line: below it a load that was over is over no more */
static const double AT_EASE = 0.25;        /* of the slow line: below it a budget lets the speed grow */
static const double AT_EASE_LONG = 0.5;    /* of the slow line: the same, if nothing has happened for long */
static const double CUT = 0.7;             /* of the speed, when a line is crossed */
static const double GROWTH = 0.1;          /* of the speed, a second */
static const double GROWTH_FIRST = 0.25;   /* the same, while no speed was too high yet */
static const double GROWTH_MIN = 0.005;    /* of full speed, a second */
static const double KEEP_AWAY = 0.9;       /* of the last bad speed, and of what a replica takes */
static const double FACTOR_MIN = 0.01;     /* a slow run is still one that can be seen to move */
static const double FACTOR_FULL = 0.99999; /* what sums of tenths call full */
static const double FACTOR_FIRST =
    0.1; /* where a run beside a lag or a latency begins: too much takes long to be replayed, and users feel it at once */
static const double SLOPE_LEAST = 0.1; /* seconds of lag a second: less is no trend */
static const double CUT_MOST = 0.25;   /* of the speed, by one sample of a lag */

void pace_init(struct pace *pace, int64_t now_us) {
    memset(pace, 0, sizeof *pace);
    pace->decision = (struct pace_decision){.verdict = PACE_GO, .factor = 1, .since_us = now_us};
    pace->decided_us = now_us;
    pace->batch_us = now_us;
}

bool pace_add(struct pace *pace, const char *name, enum pace_kind kind, enum pace_unit unit, double slow, double stop,
              int64_t now_us) {
    if (pace->count == PACE_SIGNALS_MAX)
        return false;
    struct pace_signal *signal = &pace->signals[pace->count++];
    *signal = (struct pace_signal){.kind = kind,
                                   .unit = unit,
                                   .slow = slow,
                                   .stop = stop,
                                   .asked_us = now_us,
                                   .read_us = -1,
                                   .steered_us = now_us,
                                   .bad_us = -1,
                                   .replay = {.done_us = now_us, .spacing_us = slow > 0 ? (int64_t)(slow * 1e6 / REPLAY_PARTS) : 0},
                                   .factor = unit == PACE_SECONDS && slow >= 0 ? FACTOR_FIRST : 1};
    snprintf(signal->name, sizeof signal->name, "%s", name);
    return true;
}

/* ---- samples ---- */

/* To a part of the speed now; `bad` is a speed that is too high. */
static void cut(struct pace_signal *signal, double bad, double part, int64_t now_us) {
    signal->bad = bad;
    signal->factor = signal->factor * part > FACTOR_MIN ? signal->factor * part : FACTOR_MIN;
    signal->steered_us = signal->bad_us = now_us;
}

/* A replica says what it takes and may be well again soon, so it is tried often; others only say that it was too much. */
static bool remembers(const struct pace_signal *signal, int64_t now_us) {
    int64_t memory_us = signal->kind == PACE_BUDGET ? PACE_MEMORY_LAG_US : PACE_MEMORY_US;
    return signal->bad_us >= 0 && now_us - signal->bad_us < memory_us;
}

/* By `part` of the speed a second. */
static void grow(struct pace_signal *signal, double part, int64_t now_us) {
    double seconds = (double)(now_us - signal->steered_us) / 1e6;
    double step = signal->factor * part > GROWTH_MIN ? signal->factor * part : GROWTH_MIN;
    double wanted = signal->factor + step * (seconds < 1 ? seconds : 1);
    if (remembers(signal, now_us) && wanted > signal->bad * KEEP_AWAY)
        wanted = signal->bad * KEEP_AWAY > signal->factor ? signal->bad * KEEP_AWAY : signal->factor;
    signal->factor = wanted > FACTOR_FULL ? 1 : wanted;
    signal->steered_us = now_us;
}

static double growth_of(const struct pace_signal *signal) {
    return signal->bad_us < 0 ? GROWTH_FIRST : GROWTH;
}

/* The line below which a signal that went wrong is right again. */
static double recovery_line(const struct pace_signal *signal) {
    return (signal->slow >= 0 ? signal->slow : signal->stop) * RECOVERED;
}

/* Just below what the replica takes; where it replayed nothing of ours, much was written by others, and by how much we are to blame is not
 * known. */
static void limit_lag(struct pace_signal *signal, double takes, int64_t now_us) {
    double bad = takes > 0 && takes < signal->factor ? takes : signal->factor, part = bad * KEEP_AWAY / signal->factor;
    cut(signal, bad, part < CUT_MOST ? CUT_MOST : part > CUT ? CUT : part, now_us);
}

/* Hardly any lag lets the speed grow; one that stays what it is below half of its line does, too, though not by much: replicas are always
 * a little behind somewhere. A speed that was not made use of tells nothing. */
static double growth_beside(const struct pace_signal *signal, double rises, double slope, int64_t now_us) {
    double value = signal->value, slow = signal->slow;
    if (signal->over || signal->stopped || signal->replay.speed < signal->factor)
        return -1;
    if (slow < 0 || value <= slow * AT_EASE)
        return rises <= SLOPE_LEAST ? growth_of(signal) : -1;
    return value <= slow * AT_EASE_LONG && rises <= slope && !remembers(signal, now_us) ? 0 : -1;
}

/* The lag of a replica tells how much of the speed it takes (replay.h). The nearer the line, the smaller a trend that counts. */
static void steer_lag(struct pace_signal *signal, bool crossed, int64_t now_us) {
    struct replay_rate replay = replay_sample(&signal->replay, signal->value, now_us);
    double slope = SLOPE_LEAST * (signal->slow > 0 ? 1 - signal->value / signal->slow : 1);
    bool is_soon =
        signal->slow >= 0 && signal->value > signal->slow * AT_EASE && replay.rises > slope && replay.takes < signal->factor;
    bool cooled = signal->bad_us < 0 || now_us - signal->bad_us >= (replay.takes > 0 ? PACE_LAG_COOL_US : PACE_COOL_US);
    double growth = growth_beside(signal, replay.rises, slope, now_us);
    if (crossed || (is_soon && !signal->over && cooled))
        limit_lag(signal, replay.takes, now_us);
    else if (growth >= 0)
        grow(signal, growth, now_us);
    else
        signal->steered_us = now_us;
}

static void steer_gauge(struct pace_signal *signal, bool crossed, int64_t now_us) {
    bool still = signal->over && signal->value > signal->slow && now_us - signal->steered_us >= PACE_COOL_US;
    if (crossed || still)
        cut(signal, signal->factor, CUT, now_us);
    else if (!signal->over && !signal->stopped && signal->value <= recovery_line(signal))
        grow(signal, growth_of(signal), now_us);
    else if (!signal->over)
        signal->steered_us = now_us;
}

static void steer(struct pace_signal *signal, int64_t now_us) {
    double value = signal->value;
    bool was_over = signal->over;
    if (signal->stop >= 0 && value >= signal->stop) {
        signal->stopped_us = signal->stopped ? signal->stopped_us : now_us;
        signal->stopped = true;
    }
    if (signal->slow >= 0 && value > signal->slow)
        signal->over = true;
    if (value <= recovery_line(signal))
        signal->over = signal->stopped = false;
    bool crossed = signal->over && !was_over;
    if (signal->kind == PACE_BUDGET)
        steer_lag(signal, crossed, now_us);
    else
        steer_gauge(signal, crossed, now_us);
}

void pace_sample(struct pace *pace, size_t index, const struct pace_reading *reading, int64_t now_us) {
    struct pace_signal *signal = &pace->signals[index];
    bool was_unknown = signal->gone || (signal->read_us >= 0 && now_us - signal->read_us > PACE_STALE_US);
    signal->gone = reading->gone;
    signal->value = reading->value;
    signal->read_us = now_us;
    snprintf(signal->detail, sizeof signal->detail, "%s", reading->detail);
    if (signal->kind == PACE_GATE)
        signal->stopped = reading->value > 0;
    else if (!reading->gone)
        steer(signal, now_us);
    if (was_unknown)
        signal->stopped_us = now_us;
}

void pace_unreadable(struct pace *pace, size_t index, const char *why, int64_t now_us) {
    struct pace_signal *signal = &pace->signals[index];
    (void)now_us;
    snprintf(signal->detail, sizeof signal->detail, "%s", why);
}

/* ---- decision ---- */

char *pace_format(enum pace_unit unit, double value, char *out, size_t size) {
    if (unit == PACE_SECONDS && value < 1)
        snprintf(out, size, "%.3g ms", value * 1000);
    else if (unit == PACE_SECONDS)
        snprintf(out, size, value < 1000 ? "%.3g s" : "%.0f s", value);
    else if (unit == PACE_FRACTION)
        snprintf(out, size, "%.3g%%", value * 100);
    else
        snprintf(out, size, fabs(value) < 1e15 && value == floor(value) ? "%.0f" : "%.6g", value);
    return out;
}

static bool is_stale(const struct pace_signal *signal, int64_t now_us) {
    return now_us - (signal->read_us >= 0 ? signal->read_us : signal->asked_us) > PACE_STALE_US;
}

/* How much a signal holds back, as a number: the highest decides. */
enum { HOLD_NONE, HOLD_SLOW, HOLD_SOFT, HOLD_HARD };

static int hold(const struct pace_signal *signal, int64_t now_us) {
    if (signal->kind != PACE_GATE && signal->slow < 0 && signal->stop < 0)
        return HOLD_NONE; /* without a line it is watched for something else */
    if (is_stale(signal, now_us) || signal->gone || signal->stopped)
        return HOLD_HARD;
    if (signal->read_us < 0 || (signal->over && signal->kind == PACE_BUDGET))
        return HOLD_SOFT;
    return signal->factor < 1 ? HOLD_SLOW : HOLD_NONE;
}

static void say(const struct pace_signal *signal, int64_t now_us, char text[PACE_TEXT_MAX]) {
    char value[32], line[32];
    const char *open = signal->detail[0] ? " (" : "", *close = signal->detail[0] ? ")" : "";
    pace_format(signal->unit, signal->value, value, sizeof value);
    pace_format(signal->unit, signal->stopped && signal->stop >= 0 ? signal->stop : signal->slow, line, sizeof line);
    if (is_stale(signal, now_us))
        snprintf(text, PACE_TEXT_MAX, "%s cannot be read%s%s", signal->name, signal->detail[0] ? ": " : "", signal->detail);
    else if (signal->gone)
        snprintf(text, PACE_TEXT_MAX, "%s has vanished%s%s%s", signal->name, open, signal->detail, close);
    else if (signal->kind == PACE_GATE)
        snprintf(text, PACE_TEXT_MAX, "%s", signal->detail[0] ? signal->detail : signal->name);
    else if (signal->read_us < 0)
        snprintf(text, PACE_TEXT_MAX, "%s is being measured", signal->name);
    else if (signal->stopped || signal->over)
        snprintf(text, PACE_TEXT_MAX, "%s %s, %s line %s%s%s%s", signal->name, value, signal->stopped ? "stop" : "slow", line, open,
                 signal->detail, close);
    else
        snprintf(text, PACE_TEXT_MAX, "%s %s, slow line %s: at %.0f%% of full speed", signal->name, value, line,
                 signal->factor * 100);
}

static void account(struct pace *pace, int64_t now_us) {
    const struct pace_decision *was = &pace->decision;
    struct pace_signal *signal = was->signal ? &pace->signals[was->signal - pace->signals] : NULL;
    int64_t passed = now_us - pace->decided_us;
    if (passed < 0)
        passed = 0;
    if (passed > PACE_GAP_US)
        passed = PACE_GAP_US;
    if (signal && was->verdict == PACE_WAIT)
        signal->waited_us += passed;
    else if (signal)
        signal->slowed_us += (int64_t)((double)passed * (1 - was->factor));
    pace->decided_us = now_us;
}

/* The one that holds back most, of equals the first. */
static const struct pace_signal *worst(const struct pace *pace, int64_t now_us, int *how) {
    const struct pace_signal *found = NULL;
    *how = HOLD_NONE;
    for (size_t i = 0; i < pace->count; i++) {
        const struct pace_signal *signal = &pace->signals[i];
        int held = hold(signal, now_us);
        if (held > *how || (held == HOLD_SLOW && *how == HOLD_SLOW && found && signal->factor < found->factor)) {
            found = signal;
            *how = held;
        }
    }
    return found;
}

static bool is_shut(const struct pace *pace) {
    for (size_t i = 0; i < pace->count; i++)
        if (pace->signals[i].kind == PACE_GATE && pace->signals[i].stopped)
            return true;
    return false;
}

const struct pace_signal *pace_overdue(const struct pace *pace, int64_t limit_us, int64_t now_us) {
    for (size_t i = 0; i < pace->count; i++) {
        const struct pace_signal *signal = &pace->signals[i];
        bool known = signal->kind != PACE_GATE && !signal->gone && !is_stale(signal, now_us);
        if (known && signal->stopped && signal->value >= signal->stop && signal->read_us - signal->stopped_us >= limit_us)
            return is_shut(pace) ? NULL : signal;
    }
    return NULL;
}

void pace_forgive(struct pace *pace, int64_t now_us) {
    for (size_t i = 0; i < pace->count; i++)
        pace->signals[i].stopped_us = now_us;
}

const struct pace_decision *pace_decide(struct pace *pace, int64_t now_us) {
    int how;
    account(pace, now_us);
    if (is_shut(pace))
        pace_forgive(pace, now_us);
    const struct pace_signal *signal = worst(pace, now_us, &how);
    struct pace_decision now = {.verdict = how >= HOLD_SOFT   ? PACE_WAIT
                                           : how == HOLD_SLOW ? PACE_SLOW
                                                              : PACE_GO,
                                .factor = how == HOLD_NONE   ? 1
                                          : how == HOLD_SLOW ? signal->factor
                                                             : 0,
                                .hard = how == HOLD_HARD,
                                .signal = signal,
                                .since_us = now_us};
    if (now.verdict == pace->decision.verdict && now.signal == pace->decision.signal)
        now.since_us = pace->decision.since_us;
    if (signal)
        say(signal, now_us, now.text);
    bool moves = now_us - pace->batch_us < PACE_IDLE_US; /* what nobody made use of was not written */
    for (size_t i = 0; i < pace->count; i++)
        replay_speed(&pace->signals[i].replay, moves ? now.factor : 0, now_us);
    pace->decision = now;
    return &pace->decision;
}

/* ---- batches ---- */

void pace_batch(struct pace *pace, int64_t now_us) {
    pace->batch_us = now_us;
}

bool pace_trickle(struct pace *pace, int64_t now_us) {
    if (pace->decision.verdict != PACE_WAIT || pace->decision.hard || now_us - pace->batch_us < PACE_TRICKLE_US)
        return false;
    pace->batch_us = now_us;
    return true;
}

unsigned pace_workers(double factor, unsigned workers) {
    double some = ceil(factor * (double)workers - 1e-9);
    return some < 1 ? 1 : some > (double)workers ? workers : (unsigned)some;
}

int64_t pace_rows(double factor, int64_t rows, double per_second, int64_t target_us) {
    double most = (double)rows, beats = factor * PACE_BEAT_US;
    if (factor >= 1)
        return rows;
    if (target_us > 0 && beats < (double)target_us)
        most *= beats / (double)target_us;
    if (per_second > 0 && most > per_second * beats / 1e6)
        most = per_second * beats / 1e6;
    return most < 1 ? 1 : (int64_t)most;
}

int64_t pace_rest_us(double factor, unsigned workers, int64_t batch_us) {
    if (factor >= 1 || workers == 0 || batch_us <= 0)
        return 0;
    double duty = factor * (double)workers / (double)pace_workers(factor, workers);
    double rest = duty > 0 ? (double)batch_us * (1 / duty - 1) : PACE_REST_US_MAX;
    return rest < 0 ? 0 : rest > PACE_REST_US_MAX ? PACE_REST_US_MAX : (int64_t)rest;
}
