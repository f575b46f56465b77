/* Required hooks: told before the start, from the ledger at least once, at the end within a bound, and never half. */
#include "../ledger/ledger_fixture.h"

#include "http_server.h"

#include "guard/hooks.h"
#include "guard/notices.h"

static bool never(void *context) {
    (void)context;
    return false;
}

struct bench {
    struct ledger_fixture f;
    struct plan plan;
    struct plan_hook hooks[2];
    struct db_options db_options;
    struct http_server *server;
    char url[128];
    struct hooks *open;
};

static void bench_make(struct bench *bench, const char *const *answers, size_t count) {
    memset(bench, 0, sizeof *bench);
    fixture_make(&bench->f);
    bench->server = server_start(answers, count);
    bench->hooks[0].timeout_us = 10000000;
    bench->hooks[0].url = (char *)(uintptr_t)server_url(bench->server, bench->url, sizeof bench->url);
    bench->hooks[0].required = true;
    for (size_t i = 0; i < PLAN_EVENTS; i++)
        bench->hooks[0].on[i] = true;
    bench->plan = (struct plan){.name = "shop", .environment = "test", .profile = "gentle", .hooks = bench->hooks, .hook_count = 1};
    bench->plan.set.hooks_wait_us = 0;
    bench->db_options = (struct db_options){.url = bench->f.file.url, .application_name = "test"};
}

static void bench_open(struct bench *bench) {
    struct err err;
    const struct hooks_options options = {.plan = &bench->plan,
                                          .is_stalled = never,
                                          .run = bench->f.run.run,
                                          .owner = "host/boot/1/2/",
                                          .wait_us = 1000,
                                          .ledger = bench->f.ledger,
                                          .db_options = &bench->db_options};
    err_clear(&err);
    assert_int_equal(hooks_open(&options, &bench->open, &err), 0);
}

/* Halts the run, as a guard would. */
static void bench_halt(struct bench *bench) {
    struct hooks_news news;
    bool changed = false;
    const char *was = NULL;
    struct ledger_fixture *f = &bench->f;
    hooks_prepare(bench->open, PLAN_HALTED, "guard", &news);
    sqlite_file_ok(&f->file, ledger_run_control(f->ledger, f->file.db, f->run.run, "halted", "guard", "me", "{}", &news.notices,
                                                &f->file.arena, &was, &changed, &f->file.err));
    assert_true(changed);
    hooks_send(bench->open, &news, true);
}

static void bench_remove(struct bench *bench) {
    hooks_close(bench->open);
    server_stop(bench->server);
    fixture_remove(&bench->f);
}

static const char kept[] = "SELECT event, hook, state FROM infill_notice ORDER BY at, hook";

static void told_once_and_noted(void **state) {
    static const char *const answers[] = {SERVER_OK};
    struct bench bench;
    (void)state;
    bench_make(&bench, answers, 1);
    bench_open(&bench);
    bench_halt(&bench);
    assert_int_equal(hooks_finish(bench.open), 0);
    assert_int_equal(hooks_finish(bench.open), 0);
    assert_int_equal(atomic_load(&bench.server->count), 1);
    assert_rows(&bench.f.file, kept, "halted|0|told");
    bench_remove(&bench);
}

/* What is left over is counted; the next process tells it, under the id that it had. */
static void left_over_for_the_next(void **state) {
    static const char *const no[] = {SERVER_SAYS("404")}, *const yes[] = {SERVER_OK};
    struct bench bench;
    int64_t left = -1;
    struct err err;
    (void)state;
    bench_make(&bench, no, 1);
    bench_open(&bench);
    bench_halt(&bench);
    assert_int_equal(hooks_finish(bench.open), 1);
    assert_true(atomic_load(&bench.server->count) > 0);
    assert_rows(&bench.f.file, kept, "halted|0|open");
    struct http_server *refusing = bench.server;
    bench.server = server_start(yes, 1);
    server_url(bench.server, bench.url, sizeof bench.url);
    const struct notices next = {.plan = &bench.plan, .ledger = bench.f.ledger, .run = bench.f.run.run, .wait_us = 1000};
    err_clear(&err);
    assert_int_equal(notices_tell(&next, bench.f.file.db, false, &left, &err), 0);
    assert_int_equal(left, 0);
    assert_rows(&bench.f.file, kept, "halted|0|told");
    const char *id = strstr(refusing->requests[0], "\"id\":\"");
    assert_memory_equal(strstr(bench.server->requests[0], "\"id\":\""), id, 6 + HOOK_ID_SIZE);
    server_stop(refusing);
    bench_remove(&bench);
}

static void the_end_waits_within_its_bound(void **state) {
    static const char *const answers[] = {SERVER_SAYS("404"), SERVER_SAYS("404"), SERVER_OK};
    struct bench bench;
    (void)state;
    bench_make(&bench, answers, 3);
    bench.plan.set.hooks_wait_us = INT64_C(600000000);
    bench_open(&bench);
    bench_halt(&bench);
    assert_int_equal(hooks_finish(bench.open), 0);
    assert_rows(&bench.f.file, kept, "halted|0|told");
    bench_remove(&bench);
}

static void nobody_starts_untold(void **state) {
    static const char *const answers[] = {SERVER_SAYS("404"), SERVER_OK};
    struct bench bench;
    struct err err;
    (void)state;
    bench_make(&bench, answers, 2);
    bench_open(&bench);
    err_clear(&err);
    assert_int_equal(hooks_ask_to_start(bench.open, &err), ERR_REFUSED);
    assert_non_null(strstr(err.message, "answered with status 404"));
    assert_null(strstr(err.message, "canary"));
    err_clear(&err);
    assert_int_equal(hooks_ask_to_start(bench.open, &err), 0);
    assert_int_equal(hooks_finish(bench.open), 0);
    assert_int_equal(atomic_load(&bench.server->count), 2); /* the thread tells it only those who need not be told */
    assert_rows(&bench.f.file, kept, "");
    bench_remove(&bench);
}

/* The database is away: then the thread tries from memory, and what fails there is counted as well. */
static void without_a_ledger_it_is_tried_all_the_same(void **state) {
    static const char *const answers[] = {SERVER_OK, SERVER_SAYS("404")};
    struct bench bench;
    struct hooks_news news;
    (void)state;
    bench_make(&bench, answers, 2);
    bench_open(&bench);
    for (int i = 0; i < 2; i++) {
        hooks_prepare(bench.open, PLAN_HALTED, "guard", &news);
        assert_int_equal(news.notices.count, 1);
        hooks_send(bench.open, &news, false);
    }
    assert_int_equal(hooks_finish(bench.open), 1);
    assert_int_equal(atomic_load(&bench.server->count), 2);
    bench_remove(&bench);
}

static void for_hooks_that_are_gone(void **state) {
    static const char *const answers[] = {SERVER_SAYS("404")};
    struct bench bench;
    int64_t left = -1;
    struct err err;
    (void)state;
    bench_make(&bench, answers, 1);
    bench_open(&bench);
    bench_halt(&bench);
    assert_int_equal(hooks_finish(bench.open), 1);
    bench.hooks[0].on[PLAN_HALTED] = false;
    const struct notices next = {.plan = &bench.plan, .ledger = bench.f.ledger, .run = bench.f.run.run, .wait_us = 1000};
    err_clear(&err);
    assert_int_equal(notices_tell(&next, bench.f.file.db, false, &left, &err), 0);
    assert_int_equal(left, 0);
    assert_rows(&bench.f.file, kept, "halted|0|dropped");
    bench_remove(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(told_once_and_noted),
        cmocka_unit_test(left_over_for_the_next),
        cmocka_unit_test(the_end_waits_within_its_bound),
        cmocka_unit_test(nobody_starts_untold),
        cmocka_unit_test(without_a_ledger_it_is_tried_all_the_same),
        cmocka_unit_test(for_hooks_that_are_gone),
    };
    mem_hook_jansson();
    return cmocka_run_group_tests_name("notices", tests, NULL, NULL);
}
