/* pace.signals: kinds, lines by unit, what each kind needs, blocks that change one another, and every mistake at its place. */
#include "plan_fixture.h"

#define PLAN HEAD SOURCE FILLS "profile: dev\n"

static const struct plan_signal *signal_named(const struct plan *plan, const char *name) {
    for (size_t i = 0; i < plan->signal_count; i++)
        if (strcmp(plan->signals[i].name, name) == 0)
            return &plan->signals[i];
    return NULL;
}

static void kinds_and_lines(void **state) {
    struct fixture fixture;
    (void)state;
    fixture_load_good(&fixture,
                      PLAN "pace:\n"
                           "  pause_file: /run/pause\n"
                           "  only: 22:00-06:00 Europe/Berlin\n"
                           "  signals:\n"
                           "    queue: {kind: sql, query: ' select 1 ', slow: 10, stop: 20.5, every: 200ms, timeout: 1s}\n"
                           "    command: {command: [/bin/echo, '5', '5'], stop: 3}\n"
                           "    deploy: {kind: file, path: /run/deploying}\n"
                           "    cpu: cpu\n"
                           "    locks: {stop: 5}\n"
                           "    probe: {kind: latency, query: select 1, slow: 5ms, percentile: 99%, over: 30s}\n");
    const struct plan *plan = fixture.plan;
    assert_int_equal(plan->signal_count, 8);
    const struct plan_signal *probe = signal_named(plan, "probe"), *cpu = signal_named(plan, "cpu");
    assert_string_equal(probe->kind, "latency");
    assert_true(probe->slow > 0.0049 && probe->slow < 0.0051 && probe->percentile > 0.98 && probe->percentile < 1);
    assert_int_equal(probe->over_us, 30000000);
    assert_true(cpu->slow > 0.69 && cpu->slow < 0.71 && cpu->stop < 0 && cpu->command == NULL);
    assert_true(signal_named(plan, "locks")->stop > 4.9);
    const struct plan_signal *queue = signal_named(plan, "queue"), *command = signal_named(plan, "command");
    assert_string_equal(queue->kind, "sql");
    assert_string_equal(queue->query, "select 1");
    assert_true(queue->slow > 9.99 && queue->slow < 10.01 && queue->stop > 20.49 && queue->stop < 20.51);
    assert_int_equal(queue->every_us, 200000);
    assert_int_equal(queue->timeout_us, 1000000);
    assert_string_equal(queue->where, "plan.yaml:11:5");
    assert_string_equal(command->kind, "command");
    assert_string_equal(command->command[0], "/bin/echo");
    assert_string_equal(command->command[2], "5");
    assert_null(command->command[3]);
    assert_true(command->slow < 0);
    assert_int_equal(command->every_us, 1000000);
    assert_string_equal(signal_named(plan, "deploy")->path, "/run/deploying");
    assert_string_equal(signal_named(plan, "pause_file")->path, "/run/pause");
    assert_string_equal(signal_named(plan, "only")->only, "22:00-06:00 Europe/Berlin");
    fixture_release(&fixture);
}

static void urls_of_the_web(void **state) {
    static const char *const env[] = {"PROM=https://me:secret@prom/x?token=secret", NULL};
    struct fixture fixture;
    (void)state;
    fixture_env = env;
    fixture_load_good(&fixture, PLAN "pace:\n"
                                     "  signals:\n"
                                     "    cpu: {prometheus: {url: \"${env:PROM}\", query: 'avg(x{a=\"b\"})'}}\n"
                                     "    http: {http: {url: http://h/x, pointer: /a/0}, stop: 5}\n"
                                     "    plain: {kind: http, http: http://h/y, stop: 5}\n"
                                     "    probe: {kind: latency, http: http://h/z, slow: 5ms}\n");
    const struct plan_signal *cpu = signal_named(fixture.plan, "cpu"), *http = signal_named(fixture.plan, "http");
    assert_string_equal(cpu->url, "https://me:secret@prom/x?token=secret");
    assert_string_equal(cpu->promql, "avg(x{a=\"b\"})");
    assert_string_equal(http->url, "http://h/x");
    assert_string_equal(http->pointer, "/a/0");
    assert_null(http->promql);
    assert_string_equal(signal_named(fixture.plan, "plain")->url, "http://h/y");
    assert_string_equal(signal_named(fixture.plan, "probe")->url, "http://h/z");
    assert_null(signal_named(fixture.plan, "probe")->query);
    fixture_release(&fixture);
}

/* A profile's signal, changed by the plan and switched off by the environment; and one that is switched on again. */
static void blocks_change_one_another(void **state) {
    static const char text[] =
        HEAD FILLS "environments:\n"
                   "  a: {source: sqlite:x, profile: own, pace: {signals: {queue: off}}}\n"
                   "  b: {source: sqlite:x, profile: own, pace: {signals: {queue: {stop: 99}, other: {slow: 7}}}}\n"
                   "profiles:\n"
                   "  own: {pace: {signals: {queue: {kind: sql, query: select 1, slow: 10, stop: 20}, other: {kind: "
                   "sql, query: select 2, slow: 1}}}}\n"
                   "pace: {signals: {queue: {slow: 11}}}\n";
    struct fixture fixture;
    (void)state;
    fixture_write("plan.yaml", text, sizeof text - 1);
    fixture_load_with(&fixture, (struct plan_options){.environment = "a"});
    assert_int_equal(fixture.code, 0);
    assert_int_equal(fixture.plan->signal_count, 2); /* and locks, by default */
    assert_string_equal(fixture.plan->signals[0].name, "other");
    fixture_release(&fixture);
    fixture_load_with(&fixture, (struct plan_options){.environment = "b"});
    assert_int_equal(fixture.code, 0);
    const struct plan_signal *queue = signal_named(fixture.plan, "queue");
    assert_true(queue->slow > 10.9 && queue->slow < 11.1 && queue->stop > 98.9 && queue->stop < 99.1);
    assert_string_equal(queue->query, "select 1");
    assert_true(signal_named(fixture.plan, "other")->slow > 6.9);
    fixture_release(&fixture);
}

static void mistakes_are_named(void **state) {
    static const struct {
        const char *signals, *report;
    } cases[] = {
        {"queue: {query: select 1, slow: 1}", "plan.yaml:7:25: error: no signal is called 'queue': give it a 'kind'"},
        {"comand: {command: [a], slow: 1}", "did you mean 'command'?"},
        {"q: {kind: sqll, query: select 1, slow: 1}", "'kind' must be "},
        {"q: {kind: sql, slow: 1}", "the signal 'q' of kind sql needs 'query'"},
        {"q: {kind: sql, query: select 1}", "the signal 'q' needs a line: slow, stop or both"},
        {"q: {kind: sql, query: select 1, path: /x, slow: 1}", "a signal of kind sql has no 'path'"},
        {"q: {kind: file, path: /x, stop: 1}", "a signal of kind file is open or shut: it has no 'stop'"},
        {"q: {kind: sql, query: select 1, slow: 2s}", "'slow' of a signal of kind sql must be a number such as 100, not '2s'"},
        {"q: {kind: sql, query: select 1, slow: -1}",
         "'slow' must be a number, a duration such as 250ms or a percentage such as 70%"},
        {"q: {kind: sql, query: select 1, slow: 5, stop: 5}", "the stop line of the signal 'q' must be above its slow line"},
        {"q: {kind: sql, query: select 1, slow: 5, every: 1m}", "'every' must be a duration"},
        {"q: {kind: window, only: 8:00-9:00 UTC}", "'only' must be hours of the day and a time zone"},
        {"cpu: {slow: 2s}", "'slow' of a signal of kind cpu must be a percentage such as 70%, not '2s'"},
        {"latency: {slow: 5ms}", "the signal 'latency' of kind latency needs 'query' or 'http'"},
        {"latency: {slow: 5ms, query: select 1, http: http://h/x}", "a signal of kind latency has either 'query' or 'http'"},
        {"latency: {slow: 5ms, http: {url: http://h/x, pointer: /a}}", "a signal of kind latency has no 'pointer'"},
        {"cpu: {command: [a], prometheus: {url: http://h, query: x}}", "a signal of kind cpu has either 'command' or 'prometheus'"},
        {"cpu: {prometheus: {url: http://h}}", "the key 'query' is missing here"},
        {"cpu: {http: http://h/x}", "a signal of kind cpu has no 'http'"},
        {"http: {slow: 5}", "the signal 'http' of kind http needs 'http'"},
        {"http: {slow: 5, http: {url: http://h/x, pointer: a}}", "'pointer' must begin with '/'"},
        {"http: {slow: 5, http: \"http://me:hunter2@h/x\"}", "a password must not stand here"},
        {"http: {slow: 5, http: sqlite:x}", "a URL begins with http:// or https://"},
        {"http: {slow: 5, http: \"${env:NOWHERE}\"}", "the environment variable NOWHERE is not set"},
        {"latency: {query: select 1, slow: 5}",
         "'slow' of a signal of kind latency must be a duration such as 2s or 250ms, not '5'"},
        {"locks: {slow: 1, over: 2s}", "a signal of kind locks has no 'over'"},
        {"q: {kind: command, command: [], slow: 1}", "plan.yaml:7:46: error: 'command' needs 1 to 64 entries, not 0"},
        {"q: {kind: command, command: [a, ''], slow: 1}", "an entry must be a text that is not empty"},
        {"q: {kind: command, command: [\"${env:X}\"], slow: 1}", "${...} is filled in in URLs only"},
        {"q: {kind: sql, query: select 1, slow: 5, speed: 1}", "unknown key 'speed'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture fixture;
        struct buf text;
        buf_init(&text);
        buf_printf(&text, PLAN "pace: {signals: {%s}}\n", cases[i].signals);
        fixture_load(&fixture, text.data);
        assert_int_equal(fixture.code, ERR_PLAN);
        if (strstr(fixture.report.data, cases[i].report) == NULL)
            fail_msg("%s: %s", cases[i].signals, fixture.report.data);
        assert_null(strstr(fixture.report.data, "hunter2"));
        fixture_release(&fixture);
        buf_release(&text);
    }
}

/* A plan with these lines behind what every plan needs. */
static void load_lines(struct fixture *fixture, const char *lines) {
    struct buf text;
    buf_init(&text);
    buf_printf(&text, HEAD SOURCE FILLS "%s", lines);
    fixture_load_good(fixture, text.data);
    buf_release(&text);
}

/* Who names replicas has them watched, unless the profile is dev or somebody said otherwise. */
static void replicas_are_watched(void **state) {
    static const struct {
        const char *text;
        size_t signals;
        double slow;
    } cases[] = {
        {"replicas: [sqlite:a]\n", 1, 2},
        {"replicas: [sqlite:a]\nprofile: staging\n", 1, 2},
        {"replicas: [sqlite:a]\nprofile: dev\n", 0, 0},
        {"replicas: [sqlite:a]\npace: {signals: {replica_lag: off}}\n", 0, 0},
        {"replicas: [sqlite:a]\npace: {signals: {replica_lag: {slow: 7s}}}\n", 1, 7},
        {"replicas: [sqlite:a]\npace: {signals: {lag: {kind: replica_lag, slow: 8s}}}\n", 1, 8},
        {"replicas: [sqlite:a]\nprofile: dev\npace: {signals: {replica_lag: replica_lag}}\n", 1, 2},
        {"pace: {signals: {replica_lag: {slow: 250ms}}}\n", 1, 0.25},
        {"profile: prod\n", 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture fixture;
        load_lines(&fixture, cases[i].text);
        size_t lags = 0;
        for (size_t n = 0; n < fixture.plan->signal_count; n++)
            lags += strcmp(fixture.plan->signals[n].kind, "replica_lag") == 0;
        assert_int_equal(lags, cases[i].signals);
        if (cases[i].signals)
            assert_true(fixture.plan->signals[0].slow > cases[i].slow - 0.01 &&
                        fixture.plan->signals[0].slow < cases[i].slow + 0.01);
        fixture_release(&fixture);
    }
}

/* Who waits for our locks is watched where there is a connection for it, unless a block says otherwise. */
static void locks_are_watched(void **state) {
    static const struct {
        const char *text;
        size_t signals;
        bool optional;
    } cases[] = {
        {"profile: prod\n", 1, true},
        {"profile: staging\n", 1, true},
        {"profile: dev\n", 0, false},
        {"profile: dev\npace: {signals: {locks: locks}}\n", 1, false},
        {"pace: {signals: {locks: off}}\n", 0, false},
        {"pace: {signals: {locks: {slow: 10}}}\n", 1, false},
        {"pace: {signals: {queues: {kind: locks, every: 200ms}}}\n", 1, false},
        {"workers: 2\nconnections_max: 3\n", 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture fixture;
        load_lines(&fixture, cases[i].text);
        assert_int_equal(fixture.plan->signal_count, cases[i].signals);
        if (cases[i].signals) {
            assert_string_equal(fixture.plan->signals[0].kind, "locks");
            assert_int_equal(fixture.plan->signals[0].optional, cases[i].optional);
        }
        fixture_release(&fixture);
    }
}

/* URLs of replicas are filled in, and refused, as those of sources are. */
static void replicas_are_urls(void **state) {
    static const char *const env[] = {"URL=sqlite:filled", NULL};
    struct fixture fixture;
    (void)state;
    fixture_env = env;
    fixture_load_good(&fixture, HEAD SOURCE FILLS "replicas: [\"${env:URL}\", sqlite:b]\n");
    assert_int_equal(fixture.plan->replica_count, 2);
    assert_string_equal(fixture.plan->replicas[0], "sqlite:filled");
    fixture_release(&fixture);
    fixture_env = NULL;
    fixture_load(&fixture, HEAD SOURCE FILLS "replicas: [\"postgresql://me:hunter2@db/x\", nonsense]\n");
    assert_int_equal(fixture.code, ERR_PLAN);
    assert_null(strstr(fixture.report.data, "hunter2"));
    assert_null(strstr(fixture.err.message, "hunter2"));
    fixture_release(&fixture);
    fixture_load(&fixture, HEAD FILLS "environments: {a: {source: sqlite:x}}\nreplicas: [sqlite:y]\n");
    assert_non_null(strstr(fixture.report.data, "'replicas' belongs into an environment when a plan has environments"));
    fixture_release(&fixture);
}

static void signals_need_a_connection(void **state) {
    struct fixture fixture;
    (void)state;
    fixture_load(&fixture, PLAN "workers: 4\npace: {pause_file: /x}\n");
    assert_int_equal(fixture.code, ERR_PLAN);
    assert_non_null(strstr(fixture.report.data, "connections_max must be at least two more than workers"));
    fixture_release(&fixture);
    fixture_load_good(&fixture, PLAN "workers: 4\nconnections_max: 6\npace: {pause_file: /x}\n");
    fixture_release(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_and_lines),           cmocka_unit_test(blocks_change_one_another),
        cmocka_unit_test(mistakes_are_named),        cmocka_unit_test(replicas_are_watched),
        cmocka_unit_test(locks_are_watched),         cmocka_unit_test(replicas_are_urls),
        cmocka_unit_test(signals_need_a_connection), cmocka_unit_test(urls_of_the_web),
    };
    return cmocka_run_group_tests_name("plan_signals", tests, fixture_enter, fixture_leave);
}
