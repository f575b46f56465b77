/* Hooks: what is told to whom, how often it is tried, and that nobody who tells waits for anybody who listens. */
#include "unit.h"

#include "http_server.h"

#include "base/clock.h"
#include "guard/hook_call.h"
#include "guard/hooks.h"

enum { LINES_MAX = 32, WAIT_US = 1000 };

static void hooks_tell(struct hooks *hooks, enum plan_event event, const char *reason) {
    struct hooks_news news;
    hooks_prepare(hooks, event, reason, &news);
    hooks_send(hooks, &news, false);
}

/* What the log was told; the hooks' thread writes. */
struct lines {
    pthread_mutex_t lock;
    char text[LINES_MAX][256];
    size_t count;
};

static void note(void *context, enum log_level level, const char *line) {
    struct lines *lines = context;
    (void)level;
    pthread_mutex_lock(&lines->lock);
    assert_true(lines->count < LINES_MAX);
    snprintf(lines->text[lines->count++], sizeof lines->text[0], "%s", line);
    pthread_mutex_unlock(&lines->lock);
}

static bool never(void *context) {
    (void)context;
    return false;
}

struct bench {
    struct lines lines;
    struct log log;
    struct plan plan;
    struct plan_hook hooks[4];
    char url[128];
    struct hooks *open;
};

static void bench_open(struct bench *bench, size_t count, bool (*is_stalled)(void *)) {
    struct err err;
    pthread_mutex_init(&bench->lines.lock, NULL);
    bench->log = (struct log){.sink = note, .context = &bench->lines};
    bench->plan =
        (struct plan){.name = "shop", .environment = "test", .profile = "dev", .hooks = bench->hooks, .hook_count = count};
    const struct hooks_options options = {.plan = &bench->plan,
                                          .log = &bench->log,
                                          .is_stalled = is_stalled,
                                          .context = bench,
                                          .run = 7,
                                          .owner = "host/boot/1/2/",
                                          .wait_us = WAIT_US};
    err_clear(&err);
    assert_int_equal(hooks_open(&options, &bench->open, &err), 0);
}

static struct plan_hook web_hook(struct bench *bench, const struct http_server *server, enum plan_event event) {
    struct plan_hook hook = {.timeout_us = 10000000};
    snprintf(bench->url, sizeof bench->url, "http://canary:canary@127.0.0.1:%d/services/canary", server->port);
    hook.url = bench->url;
    hook.on[event] = true;
    return hook;
}

static void a_document_for_machines_and_people(void **state) {
    static const char *const answers[] = {SERVER_OK};
    struct http_server *server = server_start(answers, 1);
    struct bench bench = {0};
    (void)state;
    bench.hooks[0] = web_hook(&bench, server, PLAN_HALTED);
    bench_open(&bench, 1, never);
    hooks_tell(bench.open, PLAN_STARTED, ""); /* which nobody asked for */
    hooks_tell(bench.open, PLAN_HALTED, "guard reject: 11 \"rows\"");
    hooks_tell(bench.open, PLAN_HALTED, "again");
    hooks_close(bench.open);
    assert_int_equal(atomic_load(&server->count), 2);
    const char *body = strstr(server->requests[0], "\r\n\r\n");
    assert_non_null(body);
    assert_non_null(strstr(body, "\"event\":\"halted\""));
    assert_non_null(strstr(body, "\"run\":7"));
    assert_non_null(strstr(body, "\"reason\":\"guard reject: 11 \\\"rows\\\"\""));
    assert_non_null(strstr(body, "\"text\":\"infill: run 7 of shop in test was halted: guard reject: 11 \\\"rows\\\"\""));
    const char *id = strstr(body, "\"id\":\""), *other = strstr(server->requests[1], "\"id\":\"");
    assert_true(id != NULL && other != NULL && strncmp(id, other, 6 + HOOK_ID_SIZE - 1) != 0);
    assert_int_equal(strcspn(id + 6, "\""), HOOK_ID_SIZE - 1);
    assert_int_equal(bench.lines.count, 0);
    server_stop(server);
}

/* Whoever is busy, broken or not there is asked again, with the same id; whoever says no is not. */
static void who_is_asked_again(void **state) {
    static const char *const later[] = {SERVER_SAYS("503"), SERVER_SAYS("429"), SERVER_OK}, *const no[] = {SERVER_SAYS("404")},
                             *const broken[] = {SERVER_SAYS("500")}, *const moved[] = {SERVER_SAYS("302")};
    static const struct {
        const char *const *answers;
        size_t count, asked;
        const char *line;
    } cases[] = {{later, 3, 3, NULL},
                 {no, 1, 1, "answered with status 404"},
                 {moved, 1, 1, "answered with status 302"},
                 {broken, 1, HOOK_TRIES, "answered with status 500"}};
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct http_server *server = server_start(cases[i].answers, cases[i].count);
        struct bench bench = {0};
        bench.hooks[0] = web_hook(&bench, server, PLAN_DONE);
        bench_open(&bench, 1, never);
        hooks_tell(bench.open, PLAN_DONE, "");
        hooks_close(bench.open);
        assert_int_equal(atomic_load(&server->count), cases[i].asked);
        const char *id = strstr(server->requests[0], "\"id\":\"");
        for (size_t n = 1; n < cases[i].asked; n++)
            assert_memory_equal(strstr(server->requests[n], "\"id\":\""), id, 6 + HOOK_ID_SIZE);
        assert_int_equal(bench.lines.count, cases[i].line != NULL);
        if (cases[i].line != NULL)
            assert_non_null(strstr(bench.lines.text[0], cases[i].line));
        assert_null(strstr(bench.lines.text[0], "canary"));
        server_stop(server);
    }
}

static void who_never_answers_or_is_not_there(void **state) {
    static const char *const nothing[] = {NULL};
    struct http_server *server = server_start(nothing, 1);
    struct bench bench = {0};
    (void)state;
    bench.hooks[0] = web_hook(&bench, server, PLAN_DONE);
    bench.hooks[0].timeout_us = 100000;
    bench_open(&bench, 1, never);
    hooks_tell(bench.open, PLAN_DONE, "");
    hooks_close(bench.open);
    assert_non_null(strstr(bench.lines.text[0], "did not answer within 100 ms"));
    assert_true(atomic_load(&server->count) <= 1); /* none came if the time was up before the call */
    server_stop(server);
    bench.lines.count = 0;
    bench_open(&bench, 1, never);
    hooks_tell(bench.open, PLAN_DONE, "");
    hooks_close(bench.open);
    assert_int_equal(bench.lines.count, 1);
    assert_non_null(strstr(bench.lines.text[0], "hook for done: http://127.0.0.1:"));
    assert_null(strstr(bench.lines.text[0], "canary"));
}

/* Who tells is back before the first listener is: threads tell while none of them is answered. */
static void *tell(void *hooks) {
    hooks_tell(hooks, PLAN_REJECTS, "a row");
    return NULL;
}

static void nobody_who_tells_waits(void **state) {
    enum { THREADS = 4 };
    static const char *const nothing[] = {NULL};
    struct http_server *server = server_start(nothing, 1);
    struct bench bench = {0};
    pthread_t threads[THREADS];
    (void)state;
    bench.hooks[0] = web_hook(&bench, server, PLAN_REJECTS);
    bench.hooks[0].timeout_us = 200000;
    bench_open(&bench, 1, never);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, tell, bench.open), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    hooks_close(bench.open);
    assert_int_equal(bench.lines.count, THREADS); /* each was told of, or failed to be, before the end */
    server_stop(server);
}

static void programs_get_the_same(void **state) {
    static const char *const good[] = {"sh", "-c",
                                       "test $INFILL_EVENT = done && test $INFILL_RUN = 7 && grep -q '\"event\":\"done\"'", NULL};
    static const char *const bad[] = {"false", NULL};
    struct bench bench = {0};
    (void)state;
    bench.hooks[0] = (struct plan_hook){.command = good, .timeout_us = 10000000, .on = {[PLAN_DONE] = true}};
    bench.hooks[1] = (struct plan_hook){.command = bad, .timeout_us = 10000000, .on = {[PLAN_DONE] = true}};
    bench_open(&bench, 2, never);
    hooks_tell(bench.open, PLAN_DONE, "");
    hooks_close(bench.open);
    assert_int_equal(bench.lines.count, 1);
    assert_string_equal(bench.lines.text[0], "hook for done: false ended with exit code 1");
}

static atomic_int looks;

static bool stalled_from_the_second_look(void *context) {
    (void)context;
    return atomic_fetch_add(&looks, 1) > 0;
}

/* Told once, however long it lasts. */
static void a_stall_is_told_once(void **state) {
    static const char *const answers[] = {SERVER_OK};
    struct http_server *server = server_start(answers, 1);
    struct bench bench = {0};
    (void)state;
    atomic_store(&looks, 0);
    bench.hooks[0] = web_hook(&bench, server, PLAN_STALLED);
    bench_open(&bench, 1, stalled_from_the_second_look);
    while (atomic_load(&looks) < 5)
        poll(NULL, 0, 10);
    hooks_close(bench.open);
    assert_int_equal(atomic_load(&server->count), 1);
    assert_non_null(strstr(server->requests[0], "\"event\":\"stalled\""));
    server_stop(server);
}

static void without_hooks_there_is_nothing(void **state) {
    struct bench bench = {0};
    (void)state;
    bench_open(&bench, 0, never);
    assert_null(bench.open);
    hooks_tell(bench.open, PLAN_DONE, "");
    hooks_close(bench.open);
}

static bool document_is_whole(void *context) {
    char *text = hook_document(context);
    bool done = text != NULL;
    assert_true(!done || strstr(text, "\"text\":\"infill: a dry call for plan shop in test, nothing happened\"") != NULL);
    mem_free(text);
    return done;
}

static void documents_are_whole_or_not_there(void **state) {
    const struct plan plan = {.name = "shop", .environment = "test", .profile = "dev"};
    struct hook_news news = {.plan = &plan, .event = HOOK_CHECK, .id = "1", .reason = ""};
    (void)state;
    unit_out_of_memory(document_is_whole, &news);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_for_machines_and_people),
        cmocka_unit_test(who_is_asked_again),
        cmocka_unit_test(who_never_answers_or_is_not_there),
        cmocka_unit_test(nobody_who_tells_waits),
        cmocka_unit_test(programs_get_the_same),
        cmocka_unit_test(a_stall_is_told_once),
        cmocka_unit_test(without_hooks_there_is_nothing),
        cmocka_unit_test(documents_are_whole_or_not_there),
    };
    mem_hook_jansson();
    return cmocka_run_group_tests_name("hooks", tests, NULL, NULL);
}
