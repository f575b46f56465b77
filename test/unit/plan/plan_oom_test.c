/* Every allocation of a load fails once, in turn: each time the result is ERR_NOMEM, and nothing leaks. */
#include "plan_fixture.h"

#include <jansson.h>

#include "base/mem.h"

static unsigned long allocations; /* of the last attempt */

static const char SOUND[] = HEAD
    "environments: {a: {source: \"${env:URL}\", replicas: [\"${env:URL}\"], target: \"${env:URL}\", facts: {iops: 3000}, "
    "profile: own}}\n"
    "profiles: {own: {retry_max: 5, extends: staging}}\n"
    "batch: {rows: 100, rows_max: 5000}\n"
    "pace: {pause_file: /run/pause, only: 22:00-06:00 Europe/Berlin, signals: {q: {kind: sql, query: select 1, slow: 2}, c: "
    "{kind: command, command: [a, b], "
    "stop: 3}, cpu: {prometheus: {url: \"http://h/${env:URL}\", query: x}}, l: {kind: latency, http: http://h/x, slow: 5ms}}}\n"
    "hooks: [{on: [done], http: {url: \"http://h/${env:URL}\"}, required: true}, {on: [halted], command: [a]}]\n"
    "fills:\n"
    "  - {name: users, from: a.old, into: [a, new], carry: &c [id, x], columns: {y: z + 1}, needs: [b]}\n"
    "  - {name: b, table: t, set: {x: \" y \"}, key: *c}\n";

static const char WRONG[] = HEAD "source: postgres://me:pw@db/x\n"
                                 "wrokers: 3\n"
                                 "phases: {pre-backfill: {}}\n"
                                 "fills:\n"
                                 "  - {name: users, from: a.b.c, carry: [id, id], needs: [user, users]}\n";

static int use_plan(const struct plan *plan, struct err *err) {
    json_t *json = NULL;
    struct buf meaning;
    buf_init(&meaning);
    int code = plan_meaning(plan, &meaning, err);
    buf_release(&meaning);
    if (code == 0 && (code = plan_origins(plan, &json, err)) == 0) {
        json_decref(json);
    }
    if (code == 0 && (code = plan_settings_json(plan, &json, err)) == 0) {
        json_decref(json);
    }
    if (code == 0 && (code = plan_schema_json(&json, err)) == 0) {
        json_decref(json);
    }
    return code;
}

/* Loads, with the n-th allocation failing. */
static int attempt(unsigned long n, bool for_ever) {
    static const char *const sets[] = {"workers=1"};
    const struct plan_options options = {.path = "plan.yaml", .getenv = fixture_getenv, .sets = sets, .set_count = 1};
    struct plan *plan;
    struct buf report;
    struct err err;
    err_clear(&err);
    buf_init(&report);
    mem_fail_at(n, for_ever);
    int code = plan_load(&options, &plan, &report, &err);
    if (code == 0) {
        code = use_plan(plan, &err);
    }
    allocations = mem_count();
    mem_fail_at(0, false);
    assert_int_equal(code, err.code);
    plan_free(plan);
    buf_release(&report);
    return code;
}

static void walk(const char *text, bool for_ever, int finally) {
    static const char *const env[] = {"URL=sqlite:x", NULL};
    fixture_env = env;
    fixture_write("plan.yaml", text, strlen(text));
    assert_int_equal(attempt(0, false), finally);
    unsigned long total = allocations;
    assert_true(total > 10);
    for (unsigned long n = 1; n <= total; n++) {
        assert_int_equal(attempt(n, for_ever), ERR_NOMEM);
    }
}

static void a_sound_plan_survives_every_failure(void **state) {
    (void)state;
    walk(SOUND, false, 0);
    walk(SOUND, true, 0);
}

static void a_wrong_plan_survives_every_failure(void **state) {
    (void)state;
    walk(WRONG, false, ERR_PLAN);
    walk(WRONG, true, ERR_PLAN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_plan_survives_every_failure),
        cmocka_unit_test(a_wrong_plan_survives_every_failure),
    };
    mem_hook_jansson();
    return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
