/* The progress line: what it says, what it leaves out first, and that it never lies about being done. */
#include "cli_test.h"

#include <jansson.h>
#include <locale.h>

#include "cli/progress.h"
#include "cli/term.h"

static const struct infill_progress full = {
    .rows_seen = 1234567,
    .rows_estimate = 10000000,
    .rows_per_second = 8123.4,
    .seconds_left = 1080,
    .batch_rows = 1000,
    .fills = 2,
    .fills_done = 1,
    .ranges = 14,
    .ranges_filled = 12,
    .rejects = 3,
    .retries = 2,
    .workers = 2,
    .workers_waiting = 1,
    .fill = "users",
    .reason = "rate limit",
};

static void everything_is_said_where_there_is_room(void **state) {
    (void)state;
    char *line = progress_line(&full, 0);
    assert_string_equal(line,
                        "users (1/2), 1,234,567 of ~10,000,000 rows, 12.3%, 8,123 rows/s, ETA 18m 00s, batch 1,000, ranges 12/14, "
                        "rejects 3, retries 2, slowed: rate limit");
    free(line);
}

static void what_says_least_goes_first(void **state) {
    static const struct {
        unsigned columns;
        const char *line;
    } cases[] = {
        {140, "users (1/2), 1,234,567 of ~10,000,000 rows, 12.3%, 8,123 rows/s, ETA 18m 00s, ranges 12/14, rejects 3, retries 2, "
              "slowed: "
              "rate limit"},
        {80, "1,234,567 of ~10,000,000 rows, 8,123 rows/s, ETA 18m 00s, slowed: rate limit"},
        {60, "1,234,567 of ~10,000,000 rows, 8,123 rows/s, ETA 18m 00s"},
        {40, "1,234,567 of ~10,000,000 rows"},
        {20, "1,234,567 of ~10,00…"},
    };
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        char *line = progress_line(&full, cases[i].columns);
        assert_string_equal(line, cases[i].line);
        assert_true(term_width(line) <= cases[i].columns);
        free(line);
    }
}

/* How fast and how long say more than the end of a long reason. */
static void a_long_reason_is_cut_before_the_rate_goes(void **state) {
    static const struct {
        unsigned columns;
        const char *line;
    } cases[] = {
        {108, "1,234,567 of ~10,000,000 rows, 12.3%, 8,123 rows/s, ETA 18m 00s, slowed: rate limit: 500 rows/s for the plan"},
        {90, "1,234,567 of ~10,000,000 rows, 12.3%, 8,123 rows/s, ETA 18m 00s, slowed: rate limit: 500 …"},
        {80, "1,234,567 of ~10,000,000 rows, 8,123 rows/s, ETA 18m 00s, slowed: rate limit: …"},
        {70, "1,234,567 of ~10,000,000 rows, 8,123 rows/s, ETA 18m 00s"},
    };
    struct infill_progress progress = full;
    (void)state;
    snprintf(progress.reason, sizeof progress.reason, "rate limit: 500 rows/s for the plan");
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        char *line = progress_line(&progress, cases[i].columns);
        assert_string_equal(line, cases[i].line);
        assert_true(term_width(line) <= cases[i].columns);
        free(line);
    }
}

static void unknown_is_left_out(void **state) {
    struct infill_progress progress = {.rows_seen = 5, .rows_estimate = -1, .rows_per_second = -1, .seconds_left = -1};
    (void)state;
    char *line = progress_line(&progress, 0);
    assert_string_equal(line, "5 rows");
    free(line);
}

static void names_cannot_steer_the_terminal(void **state) {
    struct infill_progress progress = {.rows_estimate = -1, .seconds_left = -1, .fills = 1, .workers = 1, .workers_waiting = 1};
    (void)state;
    snprintf(progress.fill, sizeof progress.fill, "a\r\033[2Kb");
    snprintf(progress.reason, sizeof progress.reason, "x\ny");
    char *line = progress_line(&progress, 0);
    assert_string_equal(line, "a\\r\\x1b[2Kb, 0 rows, 0 rows/s, waiting: x\\ny");
    free(line);
}

static void an_estimate_is_never_all(void **state) {
    struct infill_progress progress = {.rows_seen = 1500, .rows_estimate = 1000, .fills = 1};
    (void)state;
    assert_true(progress_percent(&progress) < 100);
    progress.fills_done = 1;
    assert_true(progress_percent(&progress) == 100);
    progress.rows_seen = 500;
    assert_true(progress_percent(&progress) == 50);
    progress = (struct infill_progress){.rows_estimate = 0, .fills = 1};
    assert_true(progress_percent(&progress) < 0);
    progress.fills_done = 1;
    assert_true(progress_percent(&progress) == 100);
}

static void json_says_null_for_unknown(void **state) {
    struct infill_progress progress = full;
    (void)state;
    progress.rows_estimate = -1;
    progress.seconds_left = -1;
    snprintf(progress.reason, sizeof progress.reason, "bad \xff byte");
    char *text = progress_json(&progress);
    json_t *document = json_loads(text, 0, NULL);
    assert_non_null(document);
    assert_string_equal(json_string_value(json_object_get(document, "type")), "progress");
    assert_int_equal(json_integer_value(json_object_get(document, "rows_seen")), 1234567);
    assert_true(json_is_null(json_object_get(document, "rows_estimate")));
    assert_true(json_is_null(json_object_get(document, "percent")));
    assert_true(json_is_null(json_object_get(document, "seconds_left")));
    assert_string_equal(json_string_value(json_object_get(document, "reason")), "bad \\xff byte");
    assert_null(strchr(text, '\n'));
    json_decref(document);
    free(text);
}

static void a_verification_says_what_it_found_to_the_end(void **state) {
    static const struct infill_verify_progress progress = {
        .rows_source = 1200000,
        .rows_target = 1199998,
        .findings = 2,
        .slices = 20,
        .slices_done = 12,
        .rows_per_second = 310000,
        .seconds_left = 4,
        .fill = "us\033ers",
        .reason = "source is busy",
    };
    static const struct {
        unsigned columns;
        const char *line;
    } cases[] = {
        {0, "us\\x1bers, 1,200,000 rows against 1,199,998, 60.0%, 310,000 rows/s, ETA 4.0s, slices 12/20, findings 2, slowed: "
            "source is busy"},
        {80, "1,200,000 rows against 1,199,998, 60.0%, findings 2, slowed: source is busy"},
        {40, "findings 2, slowed: source is busy"},
        {20, "findings 2"},
    };
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        char *line = progress_verify_line(&progress, cases[i].columns);
        assert_string_equal(line, cases[i].line);
        free(line);
    }
    char *json = progress_verify_json(&progress);
    assert_string_equal(json, "{\"type\":\"progress\",\"fill\":\"us\\u001Bers\",\"rows_source\":1200000,\"rows_target\":1199998,"
                              "\"findings\":2,\"slices\":20,\"slices_done\":12,\"percent\":60.0,\"rows_per_second\":310000.0,"
                              "\"seconds_left\":4.0,\"reason\":\"source is busy\"}");
    free(json);
}

static void what_a_verification_does_not_know_is_null(void **state) {
    static const struct infill_verify_progress progress = {.rows_per_second = -1, .seconds_left = -1};
    (void)state;
    char *line = progress_verify_line(&progress, 0);
    assert_string_equal(line, "0 rows against 0, findings 0");
    free(line);
    char *json = progress_verify_json(&progress);
    assert_string_equal(json,
                        "{\"type\":\"progress\",\"fill\":\"\",\"rows_source\":0,\"rows_target\":0,\"findings\":0,\"slices\":null,"
                        "\"slices_done\":0,\"percent\":null,\"rows_per_second\":null,\"seconds_left\":null,\"reason\":\"\"}");
    free(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_said_where_there_is_room),
        cmocka_unit_test(what_says_least_goes_first),
        cmocka_unit_test(a_long_reason_is_cut_before_the_rate_goes),
        cmocka_unit_test(unknown_is_left_out),
        cmocka_unit_test(names_cannot_steer_the_terminal),
        cmocka_unit_test(an_estimate_is_never_all),
        cmocka_unit_test(json_says_null_for_unknown),
        cmocka_unit_test(a_verification_says_what_it_found_to_the_end),
        cmocka_unit_test(what_a_verification_does_not_know_is_null),
    };
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests_name("cli/progress", tests, NULL, NULL);
}
