/* Hooks: a program or a URL, one of them, and what they are told of. */
#include "plan_fixture.h"

static void programs_and_urls(void **state) {
    static const char *const env[] = {"SLACK=https://h/services/T/secret", NULL};
    struct fixture fixture;
    (void)state;
    fixture_env = env;
    fixture_load_good(&fixture, HEAD SOURCE FILLS "hooks:\n"
                                                  "  - {on: [halted, done], command: [x, -y], timeout: 60s}\n"
                                                  "  - {on: [started], http: {url: \"${env:SLACK}\"}}\n"
                                                  "  - {on: [rejects], http: http://127.0.0.1:8080/x, timeout: 15s}\n");
    const struct plan_hook *hooks = fixture.plan->hooks;
    assert_int_equal(fixture.plan->hook_count, 3);
    assert_string_equal(hooks[0].command[1], "-y");
    assert_null(hooks[0].url);
    assert_true(hooks[0].on[PLAN_HALTED] && hooks[0].on[PLAN_DONE] && !hooks[0].on[PLAN_STARTED]);
    assert_string_equal(hooks[1].url, "https://h/services/T/secret");
    assert_null(hooks[1].command);
    assert_int_equal(hooks[1].timeout_us, 10000000);
    assert_string_equal(hooks[2].url, "http://127.0.0.1:8080/x");
    fixture_release(&fixture);
}

static void mistakes_show_no_secret(void **state) {
    static const struct {
        const char *line, *mistake;
    } cases[] = {
        {"{on: [done]}", "a hook needs a 'command' or 'http'"},
        {"{on: [done], command: [x], http: http://h/x}", "a hook is either a 'command' or 'http'"},
        {"{on: [done], http: {}}", "the key 'url' is missing here"},
        {"{on: [done], http: https://me:secret@h/x}", "a password must not stand here"},
        {"{on: [done], http: {url: \"https://h/x?token=secret\"}}", "a password must not stand here"},
        {"{on: [done], http: sqlite:secret}", "a URL begins with http:// or https://"},
        {"{on: [done], http: \"${env:WRONG}\"}", "filled in, this is not a URL beginning with http:// or https://"},
        {"{on: [done], http: \"${env:NONE}\"}", "the environment variable NONE is not set"},
        {"{on: [done], http: http://h/secret, timeout: 16s}", "'timeout' of a hook over HTTP must be at most 15s"},
        {"{on: [done], command: [\"${env:WRONG}\"]}", "${...} is filled in in URLs only"},
    };
    static const char *const env[] = {"WRONG=http://me:secret@h:secret/", NULL};
    (void)state;
    fixture_env = env;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[512];
        struct fixture fixture;
        snprintf(text, sizeof(text), HEAD SOURCE FILLS "hooks:\n  - %s\n", cases[i].line);
        fixture_load(&fixture, text);
        assert_int_equal(fixture.code, ERR_PLAN);
        assert_non_null(strstr(fixture.report.data, cases[i].mistake));
        assert_non_null(strstr(fixture.report.data, "plan.yaml:7:"));
        assert_null(strstr(fixture.report.data, "secret"));
        fixture_release(&fixture);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_and_urls),
        cmocka_unit_test(mistakes_show_no_secret),
    };
    return cmocka_run_group_tests_name("plan_hooks", tests, fixture_enter, fixture_leave);
}
