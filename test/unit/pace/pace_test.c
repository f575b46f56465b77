/* What signals make of the speed, in simulated time: lines, hysteresis, staleness, accounts, and a simulated standby that the rate must
 * settle beside instead of swinging. Nothing sleeps. */
#include "unit.h"

#include <math.h>
#include <stdlib.h>

#include "pace/pace.h"

enum { SECOND = 1000000 };

/* A run that makes use of what it may do. */
static const struct pace_decision *sample(struct pace *pace, double value, int64_t now_us) {
    struct pace_reading reading = {.value = value};
    if (pace->decision.verdict != PACE_WAIT)
        pace_batch(pace, now_us);
    pace_sample(pace, 0, &reading, now_us);
    return pace_decide(pace, now_us);
}

static void one(struct pace *pace, enum pace_kind kind, double slow, double stop) {
    pace_init(pace, 0);
    assert_true(pace_add(pace, "load", kind, PACE_NUMBER, slow, stop, 0));
}

static void without_signals_it_goes(void **state) {
    struct pace pace;
    (void)state;
    pace_init(&pace, 0);
    assert_int_equal(pace_decide(&pace, 100LL * SECOND)->verdict, PACE_GO);
    assert_string_equal(pace.decision.text, "");
}

/* Nobody knows the load before the first sample; after 15 s that is a fault, and not even the batch a minute goes. */
static void waits_for_the_first_sample(void **state) {
    struct pace pace;
    (void)state;
    one(&pace, PACE_BUDGET, 2, 5);
    assert_int_equal(pace_decide(&pace, 0)->verdict, PACE_WAIT);
    assert_false(pace.decision.hard);
    pace_unreadable(&pace, 0, "no such table", 1);
    assert_int_equal(pace_decide(&pace, PACE_STALE_US + 1)->verdict, PACE_WAIT);
    assert_true(pace.decision.hard);
    assert_string_equal(pace.decision.text, "load cannot be read: no such table");
    assert_int_equal(sample(&pace, 0, PACE_STALE_US + 2)->verdict, PACE_GO);
}

static void what_is_too_old_is_a_reason_to_wait(void **state) {
    struct pace pace;
    (void)state;
    one(&pace, PACE_GAUGE, 2, 5);
    assert_int_equal(sample(&pace, 1, SECOND)->verdict, PACE_GO);
    pace_unreadable(&pace, 0, "timeout", 5 * SECOND);
    assert_int_equal(pace_decide(&pace, SECOND + PACE_STALE_US)->verdict, PACE_GO);
    assert_int_equal(pace_decide(&pace, SECOND + PACE_STALE_US + 1)->verdict, PACE_WAIT);
    assert_true(pace.decision.hard);
}

static void what_vanished_is_a_reason_to_wait(void **state) {
    struct pace pace;
    struct pace_reading gone = {.gone = true, .detail = "standby a"};
    (void)state;
    one(&pace, PACE_BUDGET, 2, 5);
    sample(&pace, 0, 0);
    pace_sample(&pace, 0, &gone, SECOND);
    assert_int_equal(pace_decide(&pace, SECOND)->verdict, PACE_WAIT);
    assert_true(pace.decision.hard);
    assert_string_equal(pace.decision.text, "load has vanished (standby a)");
}

static void a_budget_waits_until_it_is_well_below_its_line(void **state) {
    static const struct {
        double value;
        enum pace_verdict verdict;
        bool hard;
    } steps[] = {{2, PACE_GO, false},     {2.1, PACE_WAIT, false}, {1.9, PACE_WAIT, false},
                 {1.7, PACE_WAIT, false}, {5, PACE_WAIT, true},    {4, PACE_WAIT, true},
                 {1.7, PACE_WAIT, true},  {1.6, PACE_SLOW, false}, {1.9, PACE_SLOW, false}};
    struct pace pace;
    (void)state;
    one(&pace, PACE_BUDGET, 2, 5);
    for (size_t i = 0; i < UNIT_COUNT(steps); i++) {
        const struct pace_decision *now = sample(&pace, steps[i].value, (int64_t)(i + 1) * SECOND);
        assert_int_equal(now->verdict, steps[i].verdict);
        assert_int_equal(now->hard, steps[i].hard);
    }
}

static void a_stop_line_alone_knows_no_slowness(void **state) {
    struct pace pace;
    (void)state;
    one(&pace, PACE_GAUGE, -1, 10);
    assert_int_equal(sample(&pace, 9.9, 1 * SECOND)->verdict, PACE_GO);
    assert_int_equal(sample(&pace, 10, 2 * SECOND)->verdict, PACE_WAIT);
    assert_int_equal(sample(&pace, 9, 3 * SECOND)->verdict, PACE_WAIT);
    assert_int_equal(sample(&pace, 8, 4 * SECOND)->verdict, PACE_GO);
}

/* Slower and slower while it is over its line, with time in between for each cut to show; never nothing at all. */
static void a_gauge_cuts_step_by_step(void **state) {
    struct pace pace;
    double before = 1;
    unsigned cuts = 0;
    (void)state;
    one(&pace, PACE_GAUGE, 70, -1);
    for (int64_t now = 0; now < 60LL * SECOND; now += SECOND / 2) {
        const struct pace_decision *decision = sample(&pace, 90, now);
        assert_int_equal(decision->verdict, PACE_SLOW);
        assert_true(decision->factor > 0 && decision->factor <= before);
        cuts += decision->factor < before;
        before = decision->factor;
    }
    assert_in_range(cuts, 10, 20);
    assert_true(before < 0.05);
}

/* Users feel a latency at once: a run beside one begins at a tenth and grows by a quarter a second. Other gauges begin at full speed. */
static void a_latency_begins_slowly(void **state) {
    struct pace pace;
    (void)state;
    pace_init(&pace, 0);
    pace_add(&pace, "latency", PACE_GAUGE, PACE_SECONDS, 0.003, 0.005, 0);
    sample(&pace, 0.001, SECOND);
    assert_int_equal(pace.decision.verdict, PACE_SLOW);
    assert_true(pace.decision.factor > 0.12 && pace.decision.factor < 0.13);
    for (int i = 2; i < 20; i++)
        sample(&pace, 0.001, i * SECOND);
    assert_int_equal(pace.decision.verdict, PACE_GO);
    one(&pace, PACE_GAUGE, 2, 5);
    assert_int_equal(sample(&pace, 1, SECOND)->verdict, PACE_GO);
}

static void a_gauge_grows_back_to_full_speed(void **state) {
    struct pace pace;
    int64_t now = 0;
    (void)state;
    one(&pace, PACE_GAUGE, 70, -1);
    sample(&pace, 90, now);
    while (sample(&pace, 10, now += SECOND)->verdict != PACE_GO)
        assert_true(now < 300LL * SECOND);
    assert_true(now > PACE_MEMORY_US); /* not before the bad speed is forgotten */
}

static void a_gate_is_shut_or_open(void **state) {
    struct pace pace;
    struct pace_reading shut = {.value = 1, .detail = "pause file is there"}, open = {.value = 0};
    (void)state;
    pace_init(&pace, 0);
    pace_add(&pace, "pause_file", PACE_GATE, PACE_NUMBER, -1, -1, 0);
    pace_sample(&pace, 0, &shut, SECOND);
    assert_int_equal(pace_decide(&pace, SECOND)->verdict, PACE_WAIT);
    assert_true(pace.decision.hard);
    assert_string_equal(pace.decision.text, "pause file is there");
    pace_sample(&pace, 0, &open, 2 * SECOND);
    assert_int_equal(pace_decide(&pace, 2 * SECOND)->verdict, PACE_GO);
}

/* The one that holds back most is named. */
static void the_worst_signal_decides(void **state) {
    struct pace pace;
    struct pace_reading cpu = {.value = 0.9}, lag = {.value = 3}, stop = {.value = 1, .detail = "window"};
    (void)state;
    pace_init(&pace, 0);
    pace_add(&pace, "cpu", PACE_GAUGE, PACE_FRACTION, 0.7, -1, 0);
    pace_add(&pace, "lag", PACE_BUDGET, PACE_NUMBER, 2, 5, 0);
    pace_add(&pace, "window", PACE_GATE, PACE_NUMBER, -1, -1, 0);
    struct pace_reading none = {.value = 0};
    for (size_t i = 0; i < 3; i++)
        pace_sample(&pace, i, &none, 0);
    pace_sample(&pace, 0, &cpu, 0);
    assert_string_equal(pace_decide(&pace, 0)->text, "cpu 90%, slow line 70%");
    pace_sample(&pace, 1, &lag, 1);
    assert_string_equal(pace_decide(&pace, 1)->text, "lag 3, slow line 2");
    pace_sample(&pace, 2, &stop, 2);
    assert_string_equal(pace_decide(&pace, 2)->text, "window");
    assert_int_equal(pace.decision.since_us, 2);
    assert_int_equal(pace_decide(&pace, 9)->since_us, 2);
}

/* Every second goes to the reason that held then. */
static void minutes_are_put_down_to_reasons(void **state) {
    struct pace pace;
    (void)state;
    one(&pace, PACE_BUDGET, 2, 5);
    for (int64_t s = 0; s < 100; s++)
        sample(&pace, s >= 20 && s < 50 ? 3 : 0, s * SECOND);
    assert_int_equal(pace.signals[0].waited_us, 30LL * SECOND);
    assert_in_range(pace.signals[0].slowed_us, 1 * SECOND, 20 * SECOND);
    int64_t waited = pace.signals[0].waited_us, slowed = pace.signals[0].slowed_us;
    pace_decide(&pace, 10000LL * SECOND); /* the process slept: not the signal's doing */
    assert_true(pace.signals[0].waited_us + pace.signals[0].slowed_us <= waited + slowed + PACE_GAP_US);
}

static void one_batch_a_minute_goes_below_the_stop_line(void **state) {
    struct pace pace;
    unsigned soft = 0, hard = 0;
    (void)state;
    one(&pace, PACE_BUDGET, 2, 5);
    for (int64_t s = 0; s < 600; s++) {
        sample(&pace, 3, s * SECOND);
        soft += pace_trickle(&pace, s * SECOND);
    }
    for (int64_t s = 600; s < 1200; s++) {
        sample(&pace, 6, s * SECOND);
        hard += pace_trickle(&pace, s * SECOND);
    }
    assert_in_range(soft, 9, 10);
    assert_int_equal(hard, 0);
    sample(&pace, 0, 1200LL * SECOND);
    assert_false(pace_trickle(&pace, 2000LL * SECOND)); /* nobody waits: nothing to let through */
}

static void workers_are_shed_and_the_rest_rests(void **state) {
    static const struct {
        double factor;
        unsigned workers, allowed;
        int64_t rest_us; /* after a batch of 100 ms */
    } cases[] = {{1, 4, 4, 0},        {0.75, 4, 3, 0},       {0.5, 4, 2, 0},     {0.25, 4, 1, 0},
                 {0.5, 1, 1, 100000}, {0.125, 4, 1, 100000}, {0.4, 2, 1, 25000}, {0, 3, 1, PACE_REST_US_MAX}};
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        assert_int_equal(pace_workers(cases[i].factor, cases[i].workers), cases[i].allowed);
        int64_t rest = pace_rest_us(cases[i].factor, cases[i].workers, 100000);
        assert_in_range(rest, cases[i].rest_us - (cases[i].rest_us > 0), cases[i].rest_us + 1);
    }
    assert_int_equal(pace_rest_us(0.5, 0, 1), 0);
}

/* The burst is what hurts: at a twentieth of the speed a batch has as many rows as fit into half a second of it. */
static void batches_are_smaller_when_slowed(void **state) {
    static const struct {
        double factor;
        int64_t rows;
        double per_second;
        int64_t target_us, expected;
    } cases[] = {{1, 5000, 100, 100000, 5000}, {0.5, 5000, 0, 100000, 5000}, {0.1, 5000, 0, 100000, 2500},
                 {0.01, 5000, 0, 100000, 250}, {0.5, 5000, 6000, 0, 1500},   {0.5, 1000, 6000, 0, 1000},
                 {0.01, 100, 500, 50000, 2},   {0, 5000, 500, 100000, 1},    {0.01, 5000, 0, 0, 5000}};
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++)
        assert_int_equal(pace_rows(cases[i].factor, cases[i].rows, cases[i].per_second, cases[i].target_us), cases[i].expected);
}

static void values_read_as_people_write_them(void **state) {
    static const struct {
        enum pace_unit unit;
        double value;
        const char *text;
    } cases[] = {{PACE_SECONDS, 0.0052, "5.2 ms"}, {PACE_SECONDS, 2, "2 s"},      {PACE_SECONDS, 4000, "4000 s"},
                 {PACE_FRACTION, 0.7, "70%"},      {PACE_NUMBER, 1200, "1200"},   {PACE_NUMBER, 0.25, "0.25"},
                 {PACE_NUMBER, -3, "-3"},          {PACE_NUMBER, 1e300, "1e+300"}};
    char text[32];
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++)
        assert_string_equal(pace_format(cases[i].unit, cases[i].value, text, sizeof text), cases[i].text);
}

/* ---- a simulated standby: it replays `capacity` rows a second; its lag is how long ago the primary was where it is now ---- */

enum { TICKS_MAX = 20000 }; /* tenths of a second */

struct standby {
    double capacity;
    double written[TICKS_MAX]; /* by the end of each tick */
    double replayed;
    size_t tick, behind; /* now, and the first tick that is not replayed as a whole */
};

static double lag_after(struct standby *standby, double rows) {
    double written = standby->tick ? standby->written[standby->tick - 1] + rows : rows;
    standby->written[standby->tick++] = written;
    standby->replayed += standby->capacity / 10;
    if (standby->replayed > written)
        standby->replayed = written;
    while (standby->behind < standby->tick && standby->written[standby->behind] <= standby->replayed)
        standby->behind++;
    return (double)(standby->tick - standby->behind) / 10;
}

struct outcome {
    double rows, lag_max, over_longest;
    unsigned changes;
};

/* Batches as they come: `batch` rows at once, 0 for a steady stream. */
struct source {
    double full_rate, batch, owed;
    int64_t sample_ticks; /* a sample that often, half as old */
};

static double write_rows(struct source *source, const struct pace_decision *now) {
    source->owed += source->full_rate * now->factor / 10;
    double batch = source->batch > 0 ? (double)pace_rows(now->factor, (int64_t)source->batch, source->full_rate, 0) : source->owed;
    double rows = source->batch > 0 ? floor(source->owed / batch) * batch : batch;
    source->owed -= rows;
    return rows;
}

static struct outcome simulate(struct pace *pace, struct standby *standby, struct source *source, int64_t *now_us,
                               int64_t seconds) {
    struct outcome outcome = {0};
    double over = 0, measured = 0;
    enum pace_verdict before = pace->decision.verdict;
    for (int64_t tick = 0; tick < seconds * 10; tick++, *now_us += SECOND / 10) {
        if (tick % source->sample_ticks == 0)
            sample(pace, measured, *now_us);
        const struct pace_decision *now = pace_decide(pace, *now_us);
        outcome.changes += (now->verdict == PACE_WAIT) != (before == PACE_WAIT);
        before = now->verdict;
        double rows = write_rows(source, now);
        double lag = lag_after(standby, rows);
        if (tick % source->sample_ticks == source->sample_ticks / 2)
            measured = lag;
        over = lag > 2 + (double)source->sample_ticks / 10 ? over + 0.1 : 0;
        outcome.rows += rows;
        outcome.lag_max = lag > outcome.lag_max ? lag : outcome.lag_max;
        outcome.over_longest = over > outcome.over_longest ? over : outcome.over_longest;
    }
    return outcome;
}

static void show(const char *what, const struct source *source, const struct outcome *outcome, double could) {
    if (getenv("PACE_SHOW"))
        print_message("%-10s of %6.0f, batch %4.0f, every %.1f s: lag max %.1f, too long %.1f s, rows %.2f of what it takes, waits "
                      "and goes %u\n",
                      what, source->full_rate, source->batch, (double)source->sample_ticks / 10, outcome->lag_max,
                      outcome->over_longest, outcome->rows / could, outcome->changes);
}

static void beside(struct pace *pace, struct standby *standby, double capacity) {
    *standby = (struct standby){.capacity = capacity};
    pace_init(pace, 0);
    pace_add(pace, "replica_lag", PACE_BUDGET, PACE_SECONDS, 2, 5, 0);
}

static const struct source sources[] = {{10000, 0, 0, 10}, {10000, 0, 0, 3}, {10000, 1000, 0, 3}, {10000, 5000, 0, 3}};

/* Whatever the standby can take: from the first second on lag stays within its budget, the speed comes near what it can take, and it is not
 * a matter of going and waiting in turn. */
static void settles_beside_a_slow_standby(void **state) {
    static const double capacities[] = {0.05, 0.12, 0.2, 0.5, 0.9};
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(capacities) * UNIT_COUNT(sources); i++) {
        struct pace pace;
        struct source source = sources[i % UNIT_COUNT(sources)];
        static struct standby standby;
        int64_t now = 0;
        double capacity = 10000 * capacities[i / UNIT_COUNT(sources)];
        beside(&pace, &standby, capacity);
        struct outcome first = simulate(&pace, &standby, &source, &now, 300);
        struct outcome settled = simulate(&pace, &standby, &source, &now, 600);
        show("first", &source, &first, capacity * 300);
        show("settled", &source, &settled, capacity * 600);
        assert_true(first.over_longest <= 5 && settled.over_longest <= 5);
        assert_true(first.lag_max < 5 && settled.lag_max < 5);
        assert_true(settled.rows > 0.7 * capacity * 600);
        assert_true(settled.changes <= 2);
    }
}

/* A standby that becomes slow in the middle, and well again. */
static void follows_a_standby_that_changes(void **state) {
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(sources); i++) {
        struct pace pace;
        struct source source = sources[i];
        static struct standby standby;
        int64_t now = 0;
        beside(&pace, &standby, 20000);
        simulate(&pace, &standby, &source, &now, 30);
        struct outcome well = simulate(&pace, &standby, &source, &now, 60);
        show("well", &source, &well, 10000 * 60);
        assert_true(well.rows > 9000 * 60.0);
        assert_int_equal(well.changes, 0);
        standby.capacity = 3000;
        struct outcome shock = simulate(&pace, &standby, &source, &now, 60);
        show("shock", &source, &shock, 3000 * 60);
        assert_true(shock.over_longest <= 5 && shock.lag_max < 5);
        struct outcome slow = simulate(&pace, &standby, &source, &now, 120);
        show("slow", &source, &slow, 3000 * 120);
        assert_true(slow.over_longest <= 5 && slow.rows > 0.7 * 3000 * 120);
        standby.capacity = 20000;
        struct outcome recovery = simulate(&pace, &standby, &source, &now, 150);
        show("recovery", &source, &recovery, 10000 * 150);
        struct outcome again = simulate(&pace, &standby, &source, &now, 60);
        show("again", &source, &again, 10000 * 60);
        assert_true(again.rows > 9000 * 60.0);
        assert_int_equal(recovery.changes + again.changes, 0);
    }
}

/* Somebody else writes so much at once that the standby needs five seconds for it: nothing of that says what it takes of ours. */
static void a_burst_of_others_is_soon_forgotten(void **state) {
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(sources); i++) {
        struct pace pace;
        struct source source = sources[i];
        static struct standby standby;
        int64_t now = 0;
        beside(&pace, &standby, 20000);
        simulate(&pace, &standby, &source, &now, 60);
        lag_after(&standby, 100000);
        struct outcome burst = simulate(&pace, &standby, &source, &now, 15);
        show("burst", &source, &burst, 10000 * 15);
        assert_true(burst.lag_max > 4 && burst.lag_max < 7);
        assert_true(pace.signals[0].factor > 0.2);
        struct outcome after = simulate(&pace, &standby, &source, &now, 60);
        show("after it", &source, &after, 10000 * 60);
        assert_true(pace.signals[0].factor >= 1);
    }
}

/* What nobody makes use of tells nothing: a run that is paused, or held up by something else, goes on as slowly as it was. */
static void an_idle_run_learns_nothing(void **state) {
    struct pace pace;
    struct pace_reading none = {.value = 0}, busy = {.value = 0.9};
    (void)state;
    pace_init(&pace, 0);
    pace_add(&pace, "replica_lag", PACE_BUDGET, PACE_SECONDS, 2, 5, 0);
    for (int64_t s = 0; s < 600; s++) { /* no batch */
        pace_sample(&pace, 0, &none, s * SECOND);
        pace_decide(&pace, s * SECOND);
    }
    assert_true(pace.decision.factor < 0.35); /* five seconds of growth: at first a batch is on its way */
    pace_init(&pace, 0);
    pace_add(&pace, "replica_lag", PACE_BUDGET, PACE_SECONDS, 2, 5, 0);
    pace_add(&pace, "cpu", PACE_GAUGE, PACE_FRACTION, 0.7, -1, 0);
    for (int64_t s = 0; s < 600; s++) {
        pace_sample(&pace, 1, &busy, s * SECOND);
        sample(&pace, 0, s * SECOND);
    }
    assert_true(pace.signals[1].factor < 0.02 && pace.signals[0].factor < 0.5); /* where the two met */
}

/* A replica that is always a little behind lets the speed grow all the same, slowly. */
static void a_lag_that_stays_is_lived_with(void **state) {
    struct pace pace;
    (void)state;
    pace_init(&pace, 0);
    pace_add(&pace, "replica_lag", PACE_BUDGET, PACE_SECONDS, 2, 5, 0);
    for (int64_t s = 0; s < 60; s++)
        sample(&pace, 0.7, s * SECOND);
    assert_true(pace.decision.factor > 0.3 && pace.decision.factor < 0.5);
    double before = pace.decision.factor;
    for (int64_t s = 60; s < 120; s++)
        sample(&pace, 1.2, s * SECOND); /* too near to the line */
    assert_true(pace.decision.factor <= before);
}

/* A gauge that answers at once: others use half of it, the run gets what is left below the line. */
static void settles_beside_a_busy_processor(void **state) {
    struct pace pace;
    double used = 0.5, rows = 0;
    unsigned over = 0;
    (void)state;
    pace_init(&pace, 0);
    pace_add(&pace, "cpu", PACE_GAUGE, PACE_FRACTION, 0.7, -1, 0);
    for (int64_t s = 0; s < 900; s++) {
        sample(&pace, used, s * SECOND);
        used = 0.5 + 0.5 * pace.decision.factor;
        if (s >= 300) {
            over += used > 0.7;
            rows += pace.decision.factor;
        }
    }
    assert_true(over < 60);        /* of 600 seconds */
    assert_true(rows / 600 > 0.1); /* of 0.4 that there is room for */
}

/* By measurements, in one piece: neither a gate that was shut nor a signal that could not be read counts. */
static void a_stop_line_is_overdue(void **state) {
    struct pace pace;
    struct pace_reading shut = {.value = 1}, open = {.value = 0};
    (void)state;
    one(&pace, PACE_BUDGET, 2, 5);
    pace_add(&pace, "gate", PACE_GATE, PACE_NUMBER, -1, -1, 0);
    pace_sample(&pace, 1, &open, 0);
    for (int64_t s = 0; s < 60; s++)
        sample(&pace, 6, s * SECOND);
    assert_null(pace_overdue(&pace, 60 * SECOND, 59LL * SECOND));
    sample(&pace, 6, 60LL * SECOND);
    assert_ptr_equal(pace_overdue(&pace, 60 * SECOND, 60LL * SECOND), &pace.signals[0]);
    sample(&pace, 4, 61LL * SECOND); /* below the line, and the run still waits */
    assert_null(pace_overdue(&pace, 60 * SECOND, 61LL * SECOND));
    sample(&pace, 1, 62LL * SECOND);
    sample(&pace, 6, 63LL * SECOND);
    assert_null(pace_overdue(&pace, 60 * SECOND, 63LL * SECOND));
    pace_sample(&pace, 1, &shut, 64LL * SECOND);
    for (int64_t s = 64; s < 200; s++)
        sample(&pace, 6, s * SECOND);
    assert_null(pace_overdue(&pace, 60 * SECOND, 199LL * SECOND));
    pace_sample(&pace, 1, &open, 200LL * SECOND);
    sample(&pace, 6, 200LL * SECOND);
    assert_null(pace_overdue(&pace, 60 * SECOND, 200LL * SECOND));
    assert_non_null(pace_overdue(&pace, SECOND, 200LL * SECOND));
    sample(&pace, 6, 300LL * SECOND); /* not measured in between */
    assert_null(pace_overdue(&pace, SECOND, 300LL * SECOND));
    sample(&pace, 6, 301LL * SECOND);
    assert_null(pace_overdue(&pace, SECOND, 320LL * SECOND)); /* too old */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_signals_it_goes),
        cmocka_unit_test(waits_for_the_first_sample),
        cmocka_unit_test(what_is_too_old_is_a_reason_to_wait),
        cmocka_unit_test(what_vanished_is_a_reason_to_wait),
        cmocka_unit_test(a_budget_waits_until_it_is_well_below_its_line),
        cmocka_unit_test(a_stop_line_alone_knows_no_slowness),
        cmocka_unit_test(a_gauge_cuts_step_by_step),
        cmocka_unit_test(a_latency_begins_slowly),
        cmocka_unit_test(a_gauge_grows_back_to_full_speed),
        cmocka_unit_test(a_gate_is_shut_or_open),
        cmocka_unit_test(the_worst_signal_decides),
        cmocka_unit_test(minutes_are_put_down_to_reasons),
        cmocka_unit_test(one_batch_a_minute_goes_below_the_stop_line),
        cmocka_unit_test(workers_are_shed_and_the_rest_rests),
        cmocka_unit_test(batches_are_smaller_when_slowed),
        cmocka_unit_test(values_read_as_people_write_them),
        cmocka_unit_test(a_stop_line_is_overdue),
        cmocka_unit_test(settles_beside_a_slow_standby),
        cmocka_unit_test(follows_a_standby_that_changes),
        cmocka_unit_test(a_burst_of_others_is_soon_forgotten),
        cmocka_unit_test(an_idle_run_learns_nothing),
        cmocka_unit_test(a_lag_that_stays_is_lived_with),
        cmocka_unit_test(settles_beside_a_busy_processor),
    };
    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
