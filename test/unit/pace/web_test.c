/* Signals that ask over HTTP: what counts as a number, and that everything else cannot be read. */
#include "unit.h"

#include "http_server.h"

#include "base/buf.h"
#include "pace/prometheus.h"
#include "pace/signal.h"

static int sample(struct plan_signal about, const struct http_server *server, double *value, struct err *err) {
    static const atomic_bool stop = false;
    const struct plan plan = {.source_url = "sqlite:none"};
    const struct signal_tools tools = {.stop = &stop};
    struct pace_reading reading = {.value = -1};
    struct signal *signal = NULL;
    char url[128];
    about.name = about.kind;
    about.url = (char *)(uintptr_t)server_url(server, url, sizeof url);
    about.timeout_us = about.timeout_us ? about.timeout_us : 10000000;
    about.over_us = 10000000;
    about.percentile = 0.95;
    err_clear(err);
    assert_int_equal(signal_open(&plan, &about, &signal, err), 0);
    int rc = signal->type->sample(signal, &tools, &reading, err);
    signal_close(signal);
    *value = reading.value;
    assert_null(strstr(err->message, "canary"));
    return rc;
}

#define ANSWER(text) "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" text

static void expect(struct plan_signal about, const char *answer, double value, const char *mistake) {
    const char *const answers[] = {answer};
    struct http_server *server = server_start(answers, 1);
    struct err err;
    double got = 0;
    int rc = sample(about, server, &got, &err);
    if (mistake == NULL && (rc != 0 || got < value - 1e-9 || got > value + 1e-9))
        fail_msg("%s: %d %s, %f instead of %f", answer, rc, err.message, got, value);
    if (mistake != NULL && (rc == 0 || strstr(err.message, mistake) == NULL))
        fail_msg("%s: %d '%s' instead of '%s'", answer, rc, err.message, mistake);
    server_stop(server);
}

static void any_number(void **state) {
    const struct plan_signal plain = {.kind = "http"}, deep = {.kind = "http", .pointer = "/a~1b/1/~0"},
                             all = {.kind = "http", .pointer = ""};
    (void)state;
    expect(plain, ANSWER(" 12.5\n"), 12.5, NULL);
    expect(plain, ANSWER("85%"), 0.85, NULL);
    expect(plain, ANSWER("many"), 0, "it gives no number");
    expect(plain, ANSWER(""), 0, "it gives no number");
    expect(plain, ANSWER("NaN"), 0, "it gives no number");
    expect(plain, SERVER_SAYS("503"), 0, "answered with status 503");
    expect(plain, SERVER_SAYS("302"), 0, "answered with status 302");
    expect(deep, ANSWER("{\"a/b\": [1, {\"~\": 7}]}"), 7, NULL);
    expect(deep, ANSWER("{\"a/b\": [1, {\"~\": \"7.5\"}]}"), 7.5, NULL);
    expect(deep, ANSWER("{\"a/b\": [1]}"), 0, "the answer has nothing at /a~1b/1/~0");
    expect(deep, ANSWER("{\"a/b\": [1, {\"~\": null}]}"), 0, "it gives no number");
    expect(deep, ANSWER("{\"a/b\": [1, {\"~\": {}}]}"), 0, "it gives no number");
    expect(deep, ANSWER("<html>"), 0, "the answer is no JSON");
    expect(all, ANSWER("4"), 4, NULL);
}

#define VECTOR(results) ANSWER("{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[" results "]}}")

static void a_prometheus(void **state) {
    const struct plan_signal cpu = {.kind = "cpu", .promql = "avg(x)"};
    (void)state;
    expect(cpu, VECTOR("{\"metric\":{},\"value\":[1435781451.781,\"0.42\"]}"), 0.42, NULL);
    expect(cpu, ANSWER("{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1435781451.781,\"0.5\"]}}"), 0.5,
           NULL);
    expect(cpu, VECTOR(""), 0, "the query matches nothing");
    expect(cpu, VECTOR("{\"metric\":{},\"value\":[1,\"0.1\"]},{\"metric\":{},\"value\":[1,\"0.2\"]}"), 0, "more than one series");
    expect(cpu, VECTOR("{\"metric\":{},\"value\":[1,\"NaN\"]}"), 0, "it gives no number");
    expect(cpu, VECTOR("{\"metric\":{},\"value\":[1,\"+Inf\"]}"), 0, "it gives no number");
    expect(cpu, VECTOR("{\"metric\":{},\"value\":[1,\"42\"]}"), 0, "it gives neither a fraction from 0 to 1");
    expect(cpu, VECTOR("{\"metric\":{},\"value\":[1]}"), 0, "not one of a Prometheus");
    expect(cpu, ANSWER("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}"), 0, "no value of a moment");
    expect(cpu, ANSWER("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"canary\"}"), 0, "not one of a Prometheus");
    expect(cpu, ANSWER("0.5"), 0, "not one of a Prometheus");
    expect(cpu, SERVER_SAYS("400"), 0, "answered with status 400");
}

static void where_a_prometheus_is_asked(void **state) {
    static const struct {
        const char *base, *url;
    } cases[] = {
        {"http://h:9090", "http://h:9090/api/v1/query?query=a%7Bb%3D%22%C3%A4%22%7D%20%2B%201"},
        {"http://h:9090/", "http://h:9090/api/v1/query?query=a%7Bb%3D%22%C3%A4%22%7D%20%2B%201"},
        {"http://h/p?token=x#y", "http://h/p/api/v1/query?token=x&query=a%7Bb%3D%22%C3%A4%22%7D%20%2B%201"},
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct buf url;
        buf_init(&url);
        prometheus_url(cases[i].base, "a{b=\"\xc3\xa4\"} + 1", &url);
        assert_string_equal(url.data, cases[i].url);
        buf_release(&url);
    }
}

/* An answer that never comes took as long as it was waited for; one that says that something is wrong, or nobody there, is no measurement. */
static void how_long_an_answer_takes(void **state) {
    static const char *const good[] = {SERVER_OK}, *const never[] = {NULL};
    struct plan_signal latency = {.kind = "latency"};
    struct http_server *server = server_start(good, 1);
    struct err err;
    double value = -1;
    (void)state;
    assert_int_equal(sample(latency, server, &value, &err), 0);
    assert_true(value > 0 && value < 10);
    server_stop(server);
    server = server_start(never, 1);
    latency.timeout_us = 100000;
    assert_int_equal(sample(latency, server, &value, &err), 0);
    assert_true(value > 0.0999);
    server_stop(server);
    expect((struct plan_signal){.kind = "latency"}, SERVER_SAYS("500"), 0, "answered with status 500");
}

static bool reads_all(void *context) {
    static const char answer[] =
        "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":[1,\"0.5\"]}]}}";
    struct err err;
    double value = 0;
    (void)context;
    err_clear(&err);
    int rc = prometheus_read(answer, sizeof answer - 1, &value, &err);
    assert_true(rc != 0 || (value > 0.49 && value < 0.51));
    return rc == 0;
}

static void without_memory_it_is_not_read(void **state) {
    (void)state;
    unit_out_of_memory(reads_all, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number),
        cmocka_unit_test(a_prometheus),
        cmocka_unit_test(where_a_prometheus_is_asked),
        cmocka_unit_test(how_long_an_answer_takes),
        cmocka_unit_test(without_memory_it_is_not_read),
    };
    mem_hook_jansson();
    return cmocka_run_group_tests_name("web", tests, NULL, NULL);
}
