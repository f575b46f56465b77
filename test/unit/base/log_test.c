/* A message reaches the host's function as one line. */
#include "unit.h"

#include "base/log.h"

struct seen {
    int count;
    enum log_level level;
    char line[16384];
};

static void remember(void *context, enum log_level level, const char *line) {
    struct seen *seen = context;
    seen->count++;
    seen->level = level;
    snprintf(seen->line, sizeof(seen->line), "%s", line);
}

static void a_line_arrives(void **state) {
    (void)state;
    struct seen seen = {0};
    struct log log = {.sink = remember, .context = &seen};
    log_line(&log, LOG_WARN, "range %d: %s", 17, "parked");
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.level, LOG_WARN);
    assert_string_equal(seen.line, "range 17: parked");
}

static void no_sink_is_silence(void **state) {
    (void)state;
    struct log log = {0};
    log_line(&log, LOG_ERROR, "nobody listens");
    log_line(NULL, LOG_ERROR, "nobody listens");
}

static void a_message_cannot_forge_a_second_line(void **state) {
    (void)state;
    struct seen seen = {0};
    struct log log = {.sink = remember, .context = &seen};
    log_line(&log, LOG_INFO, "%s", "DETAIL: a\r\nERROR all is well\n");
    assert_string_equal(seen.line, "DETAIL: a  ERROR all is well ");
}

static void a_long_message_is_cut(void **state) {
    (void)state;
    struct seen seen = {0};
    struct log log = {.sink = remember, .context = &seen};
    log_line(&log, LOG_INFO, "%012000d", 1);
    assert_in_range(strlen(seen.line), 8000, 9000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_arrives),
        cmocka_unit_test(no_sink_is_silence),
        cmocka_unit_test(a_message_cannot_forge_a_second_line),
        cmocka_unit_test(a_long_message_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
