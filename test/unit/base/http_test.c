/* HTTP: what is sent, what counts as an answer, how it fails, and that messages keep URLs to themselves. */
#include "unit.h"

#include "http_server.h"

#include "base/http.h"

enum { LONG_US = 10000000, SHORT_US = 200000 };

static int call(const char *url, const char *body, int64_t timeout_us, int *status, struct buf *answer, struct err *err) {
    const struct http_request request = {.url = url, .body = body, .timeout_us = timeout_us};
    err_clear(err);
    int rc = http_call(&request, status, answer, err);
    assert_int_equal(rc, err->code);
    assert_null(strstr(err->message, "canary"));
    return rc;
}

static void posts_and_gets(void **state) {
    static const char *const answers[] = {SERVER_OK};
    struct http_server *server = server_start(answers, UNIT_COUNT(answers));
    char url[128];
    struct buf answer;
    struct err err;
    int status = 0;
    (void)state;
    buf_init(&answer);
    server_url(server, url, sizeof url);
    assert_int_equal(call(url, "{\"a\":\"\xc3\xa4\"}", LONG_US, &status, NULL, &err), 0);
    assert_int_equal(status, 200);
    assert_int_equal(call(url, NULL, LONG_US, &status, &answer, &err), 0);
    assert_string_equal(answer.data, "ok");
    assert_int_equal(atomic_load(&server->count), 2);
    assert_non_null(strstr(server->requests[0], "POST /services/canary?token=canary HTTP/1.1\r\n"));
    assert_non_null(strstr(server->requests[0], "Content-Type: application/json\r\n"));
    assert_non_null(strstr(server->requests[0], "Authorization: Basic Y2FuYXJ5OmNhbmFyeQ==\r\n"));
    assert_non_null(strstr(server->requests[0], "\r\n\r\n{\"a\":\"\xc3\xa4\"}"));
    assert_ptr_equal(strstr(server->requests[1], "GET /services/"), server->requests[1]);
    buf_release(&answer);
    server_stop(server);
}

/* A redirect would show the body to somebody whom the plan does not name. */
static void statuses_are_answers(void **state) {
    static const char *const answers[] = {
        SERVER_SAYS("404"), SERVER_SAYS("503"),
        "HTTP/1.1 302 x\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"};
    static const int statuses[] = {404, 503, 302};
    struct http_server *server = server_start(answers, UNIT_COUNT(answers));
    char url[128];
    struct err err;
    int status = 0;
    (void)state;
    server_url(server, url, sizeof url);
    for (size_t i = 0; i < UNIT_COUNT(statuses); i++) {
        assert_int_equal(call(url, "{}", LONG_US, &status, NULL, &err), 0);
        assert_int_equal(status, statuses[i]);
    }
    assert_int_equal(atomic_load(&server->count), 3);
    server_stop(server);
}

static void who_does_not_answer(void **state) {
    static const char *const never[] = {NULL}, *const broken[] = {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"};
    struct http_server *server = server_start(never, 1);
    char url[128], expected[128];
    struct buf answer;
    struct err err;
    int status = 0;
    (void)state;
    buf_init(&answer);
    server_url(server, url, sizeof url);
    assert_int_equal(call(url, "{}", SHORT_US, &status, NULL, &err), ERR_SLOW);
    snprintf(expected, sizeof expected, "http://127.0.0.1:%d did not answer within 200 ms", server->port);
    assert_string_equal(err.message, expected);
    server_stop(server); /* and nobody listens there any more */
    assert_int_equal(call(url, "{}", LONG_US, &status, NULL, &err), ERR_TRANSIENT);
    assert_int_equal(call("http://nobody.invalid/canary", "{}", LONG_US, &status, NULL, &err) == 0, false);
    server = server_start(broken, 1);
    assert_int_equal(call(server_url(server, url, sizeof url), NULL, LONG_US, &status, &answer, &err), ERR_TRANSIENT);
    buf_release(&answer);
    server_stop(server);
}

static void can_be_told_to_stop(void **state) {
    static const char *const never[] = {NULL};
    struct http_server *server = server_start(never, 1);
    char url[128];
    atomic_bool stop = true;
    struct err err;
    int status = 0;
    (void)state;
    err_clear(&err);
    const struct http_request request = {.url = server_url(server, url, sizeof url), .timeout_us = LONG_US, .stop = &stop};
    assert_int_equal(http_call(&request, &status, NULL, &err), ERR_CANCELLED);
    server_stop(server);
}

static void answers_have_a_limit(void **state) {
    enum { LEN = 2 * HTTP_ANSWER_MAX };
    char *text = malloc(LEN + 64), url[128];
    struct buf answer;
    struct err err;
    int status = 0;
    (void)state;
    assert_non_null(text);
    int head = snprintf(text, 64, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", (int)LEN);
    memset(text + head, 'x', LEN);
    text[head + LEN] = '\0';
    const char *const answers[] = {text};
    struct http_server *server = server_start(answers, 1);
    server_url(server, url, sizeof url);
    buf_init(&answer);
    assert_int_equal(call(url, NULL, LONG_US, &status, &answer, &err), ERR_FULL);
    assert_true(answer.len <= HTTP_ANSWER_MAX);
    assert_int_equal(call(url, NULL, LONG_US, &status, NULL, &err), 0); /* who does not read it does not mind */
    buf_release(&answer);
    server_stop(server);
    free(text);
}

static void other_schemes_are_refused(void **state) {
    static const char *const urls[] = {"file:///etc/passwd", "gopher://h/x",     "smb://h/x", "canary", "", "http://",
                                       "http:// /x",         "http://h:canary/x"};
    struct err err;
    int status = 0;
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(urls); i++) {
        assert_false(http_is_url(urls[i]));
        assert_int_equal(call(urls[i], NULL, LONG_US, &status, NULL, &err), ERR_IO);
    }
}

static void endpoints_hold_no_secret(void **state) {
    static const struct {
        const char *url, *shown;
    } cases[] = {
        {"https://hooks.example.com/services/T0/B0/canary", "https://hooks.example.com"},
        {"https://canary:canary@h:8443/canary?canary#canary", "https://h:8443"},
        {"http://[::1]:80/canary", "http://[::1]:80"},
        {"http://h:canary/", "the URL"},
        {"canary", "the URL"},
    };
    char out[HTTP_ENDPOINT_MAX];
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++)
        assert_string_equal(http_endpoint(cases[i].url, out, sizeof out), cases[i].shown);
}

/* The environment of whoever starts the process sends nothing elsewhere. */
static void proxies_of_the_environment_are_not_asked(void **state) {
    static const char *const answers[] = {SERVER_OK};
    struct http_server *server = server_start(answers, 1);
    char url[128];
    struct err err;
    int status = 0;
    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    assert_int_equal(call(server_url(server, url, sizeof url), NULL, LONG_US, &status, NULL, &err), 0);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    server_stop(server);
}

static void *ask(void *url) {
    struct err err;
    int status = 0;
    for (int i = 0; i < 5; i++)
        if (call(url, "{}", LONG_US, &status, NULL, &err) != 0 || status != 200)
            return url;
    return NULL;
}

static void threads_ask_side_by_side(void **state) {
    enum { THREADS = 4 };
    static const char *const answers[] = {SERVER_OK};
    struct http_server *server = server_start(answers, 1);
    pthread_t threads[THREADS];
    char url[128];
    (void)state;
    server_url(server, url, sizeof url);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, url), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    server_stop(server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_ask_side_by_side),
        cmocka_unit_test(posts_and_gets),
        cmocka_unit_test(statuses_are_answers),
        cmocka_unit_test(who_does_not_answer),
        cmocka_unit_test(can_be_told_to_stop),
        cmocka_unit_test(answers_have_a_limit),
        cmocka_unit_test(other_schemes_are_refused),
        cmocka_unit_test(endpoints_hold_no_secret),
        cmocka_unit_test(proxies_of_the_environment_are_not_asked),
    };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
