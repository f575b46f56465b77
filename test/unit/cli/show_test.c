/* Documents as text: complete ones, empty ones, and ones whose names mean harm. */
#include "cli_test.h"

#include <locale.h>

#include "cli/doc.h"
#include "cli/show.h"
#include "cli/xalloc.h"

typedef void show_function(FILE *file, const struct out *out, const json_t *document);

static char *shown(show_function *show, const char *json, const struct out *out) {
    struct xstream stream;
    json_t *document = doc_read(json);
    assert_non_null(document);
    xstream_begin(&stream);
    show(stream.file, out, document);
    json_decref(document);
    return xstream_end(&stream);
}

static const char evil_plan[] = "{\"plan\":\"p\\u001b\",\"environment\":\"e\\u0007\",\"profile\":\"\\u009b\",\"database\":"
                                "\"\\n\\u001bd\",\"server_version\":\"\\u001b\","
                                "\"ledger\":{\"installed\":true,\"statements\":[\"\\u001b\"]},\"warnings\":[{\"check\":\"\\u001b\","
                                "\"severity\":\"fail\",\"message\":"
                                "\"m\\n\\u001b\",\"next\":\"n\\u001b\"}],\"fills\":[{\"fill\":\"f\\u001b\",\"kind\":\"set\","
                                "\"source\":\"s\\u001b\",\"target\":\"t\","
                                "\"key\":[\"k\\u001b\"],\"index\":\"i\\u001b\",\"first_batch\":{\"lo\":\"l\\u001b\",\"hi\":["
                                "\"\\u001b\"]},\"last_key\":\"\\u001b\","
                                "\"statements\":[{\"name\":\"\\u001b\",\"sql\":\"SELECT\\n'\\u001b'\",\"explain\":\"\\u001b\","
                                "\"scan\":\"\\u001b\"}],\"warnings\":[]}],"
                                "\"order\":[\"\\u001b\"],\"verdict\":\"\\u001b\"}";

static const char evil_status[] = "{\"plan\":\"\\u001b\",\"environment\":\"\\u001b\",\"state\":\"\\u001b\",\"reason\":"
                                  "\"r\\n\\u001b\",\"started_at\":\"\\u001b\",\"idle_since\":"
                                  "\"\\u001b\",\"fills\":[{\"fill\":\"\\u001b\",\"state\":\"\\u001b\"}],\"workers\":[{\"host\":"
                                  "\"\\u001b\",\"fill\":\"\\u001b\",\"range\":"
                                  "\"\\u001b\"}],\"waiting\":[{\"fill\":\"\\u001b\",\"reason\":\"\\u001b\"}],\"last_error\":{"
                                  "\"fill\":\"\\u001b\",\"at\":\"\\u001b\",\"message\":"
                                  "\"\\u001b\\n\"},\"events\":[{\"at\":\"\\u001b\",\"actor\":\"\\u001b\",\"what\":\"\\u001b\","
                                  "\"detail\":{\"x\":\"\\u001b\"}}],\"next\":"
                                  "\"\\u001b PLAN\"}";

static const char evil_summary[] =
    "{\"plan\":\"\\u001b\",\"verdict\":\"\\u001b\",\"retries\":{\"\\u001b\":1},\"waited_seconds\":{\"\\u001b\":2},"
    "\"fills\":[{\"fill\":\"\\u001b\"},{\"fill\":\"b\"}],\"next\":\"\\u001b\"}";

static const char evil_verify[] =
    "{\"plan\":\"\\u001b\",\"verdict\":\"\\u001b\",\"fills\":[{\"fill\":\"\\u001b\",\"checks\":[{\"check\":\"\\u001b\"}],"
    "\"causes\":["
    "\"\\u001b\"],\"weaker\":1},{\"fill\":\"\\u001b\",\"causes\":[\"\\u001b\\n\",7]}],\"slices\":[{\"fill\":\"\\u001b\",\"range\":"
    "\"\\u001b\",\"reason\":\"\\u001b\"}],\"not_compared\":[{\"fill\":\"\\u001b\",\"what\":\"\\u001b\",\"reason\":\"\\u001b\"}],"
    "\"first_findings\":[{\"fill\":\"\\u001b\",\"key\":\"[\\\"\\u001b\\\"]\",\"range\":1,\"kind\":\"\\u001b\",\"columns\":["
    "\"\\u001b\"]}],\"sample\":{\"seed\":\"\\u001b\"},\"next\":\"\\u001b\"}";

static const char evil_self_test[] = "{\"verdict\":\"\\u001b\",\"engine\":\"\\u001b\",\"kinds\":[{\"damage\":\"\\u001b\",\"by\":["
                                     "\"\\u001b\"]}]}";

static const char evil_repair[] =
    "{\"plan\":\"\\u001b\",\"left\":[{\"fill\":\"\\u001b\",\"key\":\"\\u001b\",\"kind\":\"\\u001b\",\"reason\":\"\\u001b\"}],"
    "\"left_count\":2,"
    "\"slices\":[{\"fill\":\"\\u001b\",\"range\":\"\\u001b\",\"verdict\":\"\\u001b\"}],\"planned\":{\"write\":{\"\\u001b\":1},"
    "\"leave\":7},\"next\":\"\\u001b\"}";

static const char evil_report[] = "{\"plan\":\"\\u001b\",\"environment\":\"\\u001b\",\"profile\":\"\\u001b\",\"run\":\"\\u001b\","
                                  "\"state\":\"\\u001b\",\"server_version\":"
                                  "\"\\u001b\",\"generated_at\":\"\\u001b\",\"fills\":[{\"fill\":\"\\u001b\",\"state\":\"\\u001b\"}"
                                  "],\"findings\":[{\"key\":\"\\u001b\"}],\"findings_total\":1}";

static void nothing_of_the_database_steers_the_terminal(void **state) {
    static const struct {
        show_function *show;
        const char *json;
    } cases[] = {
        {show_dry_run, evil_plan},
        {show_status, evil_status},
        {show_summary, evil_summary},
        {show_verify, evil_verify},
        {show_self_test, evil_self_test},
        {show_repair, evil_repair},
        {show_report, evil_verify},
        {show_report, evil_report},
        {show_origins, "[{\"setting\":\"\\u001b\",\"value\":\"\\u001b\",\"origin\":\"\\u001b\",\"where\":\"\\u001b\"}]"},
    };
    const struct out out = {.verbose = true, .columns = 80};
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        char *text = shown(cases[i].show, cases[i].json, &out);
        for (const char *at = text; *at != '\0'; at++)
            if ((*at >= 0 && *at < ' ' && *at != '\n') || *at == 0x7f)
                fail_msg("byte %d in:\n%s", *at, text);
        assert_lacks(text, "\xc2\x9b");
        assert_contains(text, "\\x1b");
        free(text);
    }
}

static const char more[] = "{\"fills\":[{\"checks\":[{}],\"causes\":[{}]}],\"slices\":[{}],\"not_compared\":[{}],\"first_"
                           "findings\":[{}],\"kinds\":[{}],\"left\":[{}]}";

static void documents_may_miss_anything(void **state) {
    static show_function *const shows[] = {show_dry_run,   show_status, show_summary, show_verify,
                                           show_self_test, show_repair, show_report};
    static const char *const documents[] = {
        "{}", "[]", "null", "{\"fills\":[{}],\"workers\":[{}],\"waiting\":[{}],\"last_error\":{},\"rows\":7}", more};
    const struct out out = {0};
    (void)state;
    for (size_t s = 0; s < CLI_COUNT(shows); s++) {
        for (size_t d = 0; d < CLI_COUNT(documents); d++) {
            char *text = shown(shows[s], documents[d], &out);
            assert_true(strlen(text) > 0);
            free(text);
        }
    }
}

static void warnings_are_marked_and_counted(void **state) {
    const struct out out = {0};
    (void)state;
    char *text = shown(
        show_dry_run,
        "{\"plan\":\"p\",\"warnings\":[{\"check\":\"a\",\"severity\":\"warn\",\"message\":\"w\",\"next\":\"x\"}],\"fills\":[{"
        "\"fill\":"
        "\"f\",\"warnings\":[{\"check\":\"b\",\"severity\":\"fail\",\"message\":\"m\",\"next\":\"\"}]}],\"verdict\":\"fail\"}",
        &out);
    assert_contains(text, "  ! a: w\n      next: x\n");
    assert_contains(text, "  ✗ b: m\n");
    assert_contains(text, "verdict: fail, 1 that stops the run, 1 to look at; nothing was written\n");
    free(text);
}

/* A source may have rows that a plan which fails never asks for. */
static void a_fill_without_a_first_batch_says_why(void **state) {
    static const struct {
        const char *fill, *said;
    } cases[] = {
        {"{\"first_batch\":null,\"statements\":[],\"warnings\":[{\"check\":\"table\",\"severity\":\"fail\"}]}",
         "not asked for: the plan fails\n"},
        {"{\"first_batch\":null,\"statements\":[{}],\"warnings\":[{\"check\":\"key\",\"severity\":\"warn\"}]}",
         "not found in time\n"},
        {"{\"first_batch\":null,\"statements\":[{}],\"warnings\":[{\"check\":\"where\",\"severity\":\"warn\"}]}",
         "none: there are no rows\n"},
        {"{\"first_batch\":{\"lo\":null,\"hi\":\"[7]\"},\"statements\":[{}]}", "from the beginning to [7]\n"},
    };
    const struct out out = {0};
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        char *document = xformat("{\"fills\":[%s]}", cases[i].fill);
        char *text = shown(show_dry_run, document, &out);
        assert_contains(text, cases[i].said);
        free(text);
        free(document);
    }
}

static void a_rowid_is_no_index_without_a_name(void **state) {
    const struct out out = {0};
    (void)state;
    char *text = shown(show_dry_run, "{\"fills\":[{\"index\":\"\"},{\"index\":\"i\"},{\"index\":null}]}", &out);
    const char *first = strstr(text, "  index ");
    assert_non_null(first);
    assert_contains(first, "none: the key is the rowid\n");
    assert_non_null(strstr(first + 1, "  index "));
    assert_null(strstr(strstr(first + 1, "  index ") + 1, "  index "));
    free(text);
}

/* Slices that are no range have numbers in JSON, which --range does not take. */
static void what_lies_in_no_range_has_a_word(void **state) {
    const struct out out = {.plan = "p.yaml"};
    (void)state;
    char *text = shown(show_verify,
                       "{\"slices\":[{\"fill\":\"f\",\"range\":17},{\"fill\":\"f\",\"range\":0},{\"fill\":\"f\",\"range\":-1}],"
                       "\"first_findings\":[{\"fill\":\"g\",\"range\":0,\"key\":\"[7]\",\"kind\":\"missing\"}],\"findings\":187}",
                       &out);
    assert_contains(text, "  f        17 ");
    assert_contains(text, "  f     above ");
    assert_contains(text, "  f      none ");
    assert_contains(text, "  g     above  [7]  missing");
    assert_contains(text, "  and 186 more: infill report p.yaml --json has them all\n");
    free(text);
    text = shown(show_repair, "{\"slices\":[{\"fill\":\"f\",\"range\":0,\"keys\":1}]}", &out);
    assert_contains(text, "  f     above  ");
    free(text);
    text = shown(show_verify, "{\"first_findings\":[{}],\"findings\":1001}", &out);
    assert_contains(text, "  and 1,000 more: infill report p.yaml --json has the first 1,000\n");
    free(text);
}

static void the_next_command_can_be_copied(void **state) {
    static const struct {
        const char *plan, *next, *shown;
    } cases[] = {
        {"users.yaml", "infill run PLAN", "infill run users.yaml"},
        {"users.yaml", "infill resume PLAN --because \"...\"; infill run PLAN",
         "infill resume users.yaml --because \"...\"; infill run users.yaml"},
        {"my plan.yaml", "infill run PLAN", "infill run PLAN"},
        {"a;rm.yaml", "infill run PLAN", "infill run PLAN"},
        {NULL, "infill run PLAN", "infill run PLAN"},
        {"users.yaml", "read the PLANS", "read the PLANS"},
    };
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        const struct out out = {.plan = cases[i].plan};
        struct xstream stream;
        xstream_begin(&stream);
        out_command(stream.file, &out, cases[i].next);
        char *text = xstream_end(&stream);
        assert_string_equal(text, cases[i].shown);
        free(text);
    }
}

static void an_error_has_what_where_and_next(void **state) {
    const struct out out = {.plan = "p.yaml"};
    struct infill_error error = {.code = INFILL_ERR_LOCKED,
                                 .sqlstate = "55P03",
                                 .message = "lock\nnot granted\033",
                                 .where = "fill users",
                                 .next = "infill run PLAN"};
    struct xstream stream;
    (void)state;
    xstream_begin(&stream);
    out_error_text(stream.file, &out, &error);
    char *text = xstream_end(&stream);
    assert_string_equal(text,
                        "infill: lock\n    not granted\\x1b (SQLSTATE 55P03)\n  where: fill users\n  next: infill run p.yaml\n");
    free(text);
    error = (struct infill_error){.code = INFILL_ERR_LOCKED, .native = 1205};
    xstream_begin(&stream);
    out_error_text(stream.file, &out, &error);
    text = xstream_end(&stream);
    assert_string_equal(text, "infill: a lock was not granted in time (error 1205)\n  next: infill explain LOCKED\n");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_of_the_database_steers_the_terminal),
        cmocka_unit_test(documents_may_miss_anything),
        cmocka_unit_test(warnings_are_marked_and_counted),
        cmocka_unit_test(a_fill_without_a_first_batch_says_why),
        cmocka_unit_test(a_rowid_is_no_index_without_a_name),
        cmocka_unit_test(what_lies_in_no_range_has_a_word),
        cmocka_unit_test(the_next_command_can_be_copied),
        cmocka_unit_test(an_error_has_what_where_and_next),
    };
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests_name("cli/show", tests, NULL, NULL);
}
