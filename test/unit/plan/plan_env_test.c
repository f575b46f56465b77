/* Which environment and which profile a plan is loaded for. */
#include "plan_fixture.h"

static const char MANY[] = HEAD FILLS "environments:\n"
                                      "  staging: {profile: staging, source: {url: \"${env:STAGING}\"}, workers: 1}\n"
                                      "  prod: {source: \"sqlite:prod.db\"}\n"
                                      "  lab: {profile: careful, source: sqlite:lab.db, batch: {rows: 7}}\n"
                                      "profiles:\n"
                                      "  careful: {extends: slow, retry_max: 2}\n"
                                      "  slow: {extends: staging, pace: {rows_per_second: 50}, retry_max: 3}\n";

struct choice {
    const char *env; /* --env */
    const char *profile;
    const char *variables[4];
    const char *environment; /* expected */
    const char *in_profile;
    const char *url;
    const char *report; /* expected instead, when it fails */
};

static void check_choice(const char *text, const struct choice *choice) {
    struct fixture fixture;
    fixture_env = choice->variables;
    fixture_write("plan.yaml", text, strlen(text));
    fixture_load_with(&fixture, (struct plan_options){.environment = choice->env, .profile = choice->profile});
    assert_string_equal(fixture.report.data, choice->report != NULL ? choice->report : "");
    if (choice->report == NULL) {
        assert_string_equal(fixture.plan->environment, choice->environment);
        assert_string_equal(fixture.plan->profile, choice->in_profile);
        assert_string_equal(fixture.plan->source_url, choice->url);
    }
    fixture_release(&fixture);
}

static void the_environment_is_chosen(void **state) {
    static const struct choice cases[] = {
        {.env = "prod", .environment = "prod", .in_profile = "prod", .url = "sqlite:prod.db"},
        {.variables = {"INFILL_ENV=prod"}, .environment = "prod", .in_profile = "prod", .url = "sqlite:prod.db"},
        {.env = "staging",
         .variables = {"INFILL_ENV=prod", "STAGING=sqlite:s"},
         .environment = "staging",
         .in_profile = "staging",
         .url = "sqlite:s"},
        {.env = "lab", .environment = "lab", .in_profile = "careful", .url = "sqlite:lab.db"},
        {.env = "lab", .profile = "dev", .environment = "lab", .in_profile = "dev", .url = "sqlite:lab.db"},
        {.env = "lab", .variables = {"INFILL_PROFILE=slow"}, .environment = "lab", .in_profile = "slow", .url = "sqlite:lab.db"},
        {.env = "lab", .variables = {"INFILL_PROFILE="}, .environment = "lab", .in_profile = "careful", .url = "sqlite:lab.db"},
        {.env = "lab",
         .variables = {"INFILL_SOURCE_URL=mysql://u:p@h/x"},
         .environment = "lab",
         .in_profile = "careful",
         .url = "mysql://u:p@h/x"},
        {.report = "--env: error: the plan has several environments; choose one with --env or INFILL_ENV: staging, prod, lab\n"},
        {.env = "pord", .report = "--env: error: no environment is named 'pord'; did you mean 'prod'?\n"},
        {.variables = {"INFILL_ENV=x"},
         .report = "INFILL_ENV: error: no environment is named 'x'; there are: staging, prod, lab\n"},
        {.env = "prod", .profile = "prodd", .report = "--profile: error: no profile is named 'prodd'; did you mean 'prod'?\n"},
        {.env = "prod", .variables = {"INFILL_PROFILE=x"}, .report = "INFILL_PROFILE: error: no profile is named 'x'\n"},
        {.env = "staging",
         .report = "plan.yaml:6:45: error: the environment variable STAGING is not set\n"
                   "      staging: {profile: staging, source: {url: ***\n                                                ^\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        check_choice(MANY, &cases[i]);
    }
}

static void one_environment_stands_at_the_top(void **state) {
    static const char text[] = HEAD "source: sqlite:x\nprofile: dev\n" FILLS;
    static const struct choice cases[] = {
        {.environment = "default", .in_profile = "dev", .url = "sqlite:x"},
        {.env = "default", .environment = "default", .in_profile = "dev", .url = "sqlite:x"},
        {.env = "prod",
         .report = "--env: error: the plan has no environments, only source: at the top; it cannot be loaded for 'prod'\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        check_choice(text, &cases[i]);
    }
    static const struct choice only = {.environment = "a", .in_profile = "prod", .url = "sqlite:x"};
    check_choice(HEAD "environments: {a: {source: sqlite:x}}\n" FILLS, &only);
}

static void assert_first_line(const char *text, const char *line) {
    struct fixture fixture;
    fixture_load(&fixture, text);
    fixture.report.data[strcspn(fixture.report.data, "\n")] = '\0';
    assert_string_equal(fixture.report.data, line);
    fixture_release(&fixture);
}

static void wrong_environments_are_refused(void **state) {
    static const char *const env[] = {"A=sqlite:a", "B=sqlite:b", "BAD=nonsense", NULL};
    (void)state;
    fixture_env = env;
    assert_first_line(HEAD FILLS "profile: dev\nenvironments: {a: {source: sqlite:x}}\n",
                      "plan.yaml:5:1: error: 'profile' belongs into an environment when a plan has environments");
    assert_first_line(HEAD FILLS "environments: {}\n",
                      "plan.yaml:5:15: error: 'environments' must be a map of keys, but it is empty");
    assert_first_line(HEAD FILLS "environments: {a: {}}\n", "plan.yaml:5:16: error: the key 'source' is missing here");
    assert_first_line(HEAD FILLS "environments: {a/b: {source: sqlite:x}}\n",
                      "plan.yaml:5:16: error: 'a/b' is not a name of 1 to 64 letters, digits, '_', '.' or '-'");
    assert_first_line(HEAD FILLS "environments: {a: {source: sqlite:x, replicas: []}}\n",
                      "plan.yaml:5:48: error: 'replicas' needs 1 to 16 entries, not 0");
    assert_first_line(HEAD FILLS "environments: {a: {source: sqlite:x, profile: dve}}\n",
                      "plan.yaml:5:47: error: no profile is named 'dve'; did you mean 'dev'?");
    assert_first_line(
        HEAD FILLS "source: \"${env:BAD}\"\n",
        "plan.yaml:5:9: error: filled in, this is not a URL beginning with postgresql://, mariadb://, mysql:// or sqlite:");
    assert_first_line(HEAD FILLS "source: \"${env:A}\"\ntarget: \"${env:B}\"\n",
                      "plan.yaml:6:9: error: a target that differs from the source is not supported yet; leave it out for fills "
                      "within one database");
}

static void a_target_may_repeat_the_source(void **state) {
    static const char *const env[] = {"A=sqlite:a", "B=sqlite:a", NULL};
    struct fixture fixture;
    (void)state;
    fixture_env = env;
    fixture_load_good(&fixture, HEAD FILLS "source: \"${env:A}\"\ntarget: {url: \"${env:B}\"}\n");
    fixture_release(&fixture);
    fixture_load_good(&fixture, HEAD FILLS "source: \"sqlite:a\"\ntarget: sqlite:a\n");
    fixture_release(&fixture);
}

/* Scalars under names of one's own, of the chosen environment only. */
static void facts_are_kept_as_written(void **state) {
    struct fixture fixture;
    (void)state;
    fixture_env = NULL;
    static const char text[] = HEAD FILLS "environments:\n"
                                          "  a: {source: sqlite:a, facts: {compute: c6g.xlarge, iops: 3000, encrypted: true}}\n"
                                          "  b: {source: sqlite:b, facts: {iops: 0300}}\n"
                                          "  c: {source: sqlite:c}\n";
    static const struct {
        const char *environment, *name, *value;
        size_t count;
    } cases[] = {{"a", "compute", "c6g.xlarge", 3}, {"b", "iops", "0300", 1}, {"c", NULL, NULL, 0}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        fixture_write("plan.yaml", text, strlen(text));
        fixture_load_with(&fixture, (struct plan_options){.environment = cases[i].environment});
        assert_int_equal(fixture.code, 0);
        assert_int_equal(fixture.plan->fact_count, cases[i].count);
        if (cases[i].count > 0) {
            assert_string_equal(fixture.plan->facts[0].name, cases[i].name);
            assert_string_equal(fixture.plan->facts[0].value, cases[i].value);
        }
        fixture_release(&fixture);
    }
    fixture_load_good(&fixture, HEAD FILLS SOURCE "facts: {disk: \"io2 \u2116 1\"}\n");
    assert_string_equal(fixture.plan->facts[0].where, "plan.yaml:6:15");
    fixture_release(&fixture);
}

static void wrong_facts_are_refused(void **state) {
    (void)state;
    fixture_env = NULL;
    assert_first_line(HEAD FILLS SOURCE "facts: {iops: [3000]}\n",
                      "plan.yaml:6:15: error: 'iops' must be a text, a number, true or false, not a list");
    assert_first_line(HEAD FILLS SOURCE "facts: {iops: }\n",
                      "plan.yaml:6:15: error: 'iops' must be a text, a number, true or false, but nothing is given");
    assert_first_line(HEAD FILLS SOURCE "facts: {a b: 1}\n",
                      "plan.yaml:6:9: error: 'a b' is not a name of 1 to 64 letters, digits, '_', '.' or '-'");
    assert_first_line(HEAD FILLS SOURCE "facts: {token: \"${env:TOKEN}\"}\n",
                      "plan.yaml:6:16: error: ${...} is filled in in URLs only");
    assert_first_line(HEAD FILLS SOURCE "facts: fast\n", "plan.yaml:6:8: error: 'facts' must be a map of keys, not 'fast'");
    assert_first_line(HEAD FILLS "facts: {iops: 1}\nenvironments: {a: {source: sqlite:x}}\n",
                      "plan.yaml:5:1: error: 'facts' belongs into an environment when a plan has environments");
}

static void own_profiles_extend_others(void **state) {
    struct fixture fixture;
    (void)state;
    fixture_env = NULL;
    fixture_write("plan.yaml", MANY, strlen(MANY));
    fixture_load_with(&fixture, (struct plan_options){.environment = "lab"});
    assert_int_equal(fixture.code, 0);
    assert_int_equal(fixture.plan->set.retry_max, 2);             /* careful */
    assert_int_equal(fixture.plan->set.pace_rows_per_second, 50); /* slow */
    assert_int_equal(fixture.plan->set.batch_rows, 7);            /* the environment */
    assert_int_equal(fixture.plan->set.batch_rows_max, 50);       /* staging's 10000, one second of 50 a second */
    fixture_release(&fixture);
}

static void wrong_profiles_are_refused(void **state) {
    (void)state;
    assert_first_line(HEAD SOURCE FILLS "profiles: {prod: {workers: 1}}\n",
                      "plan.yaml:6:12: error: 'prod' is a built-in profile; choose another name");
    assert_first_line(HEAD SOURCE FILLS "profiles: {a: {extends: b}, b: {extends: a}}\n",
                      "plan.yaml:6:25: error: the profile 'a' extends itself");
    assert_first_line(HEAD SOURCE FILLS "profiles: {a: {extends: c}, b: {}}\n", "plan.yaml:6:25: error: no profile is named 'c'");
    assert_first_line(HEAD SOURCE FILLS "profiles: {a: {workers: 0}}\n",
                      "plan.yaml:6:25: error: 'workers' must be a whole number from 1 to 256, not '0'");
    assert_first_line(HEAD SOURCE FILLS "profiles: {a: {source: x}}\n", "plan.yaml:6:16: error: unknown key 'source'");
    assert_first_line(HEAD SOURCE FILLS "profiles: {a: 5}\nprofile: a\n",
                      "plan.yaml:6:15: error: 'a' must be a map of keys, not '5'");
    assert_first_line(HEAD SOURCE FILLS "profiles: {a: {extends: a}}\nprofile: a\n",
                      "plan.yaml:6:25: error: the profile 'a' extends itself");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_environment_is_chosen),      cmocka_unit_test(one_environment_stands_at_the_top),
        cmocka_unit_test(wrong_environments_are_refused), cmocka_unit_test(a_target_may_repeat_the_source),
        cmocka_unit_test(facts_are_kept_as_written),      cmocka_unit_test(wrong_facts_are_refused),
        cmocka_unit_test(own_profiles_extend_others),     cmocka_unit_test(wrong_profiles_are_refused),
    };
    return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
