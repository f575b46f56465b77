/* Errors: what is set, what is kept, and that the list of codes is sound. */
#include "unit.h"

#include "base/err.h"
#include "base/text.h"

static void setting_clears_the_rest(void **state) {
    (void)state;
    struct err err;
    memset(&err, 'x', sizeof(err));
    assert_int_equal(err_set(&err, ERR_PLAN, "line %d", 12), ERR_PLAN);
    assert_int_equal(err.code, ERR_PLAN);
    assert_string_equal(err.message, "line 12");
    assert_string_equal(err.sqlstate, "");
    assert_string_equal(err.constraint, "");
    assert_string_equal(err.where, "");
    assert_string_equal(err.next, "");
    assert_int_equal(err.native, 0);
    assert_int_equal(err.statement, -1);
    err_clear(&err);
    assert_int_equal(err.code, 0);
    assert_string_equal(err.message, "");
}

static void a_message_may_quote_the_one_before(void **state) {
    (void)state;
    struct err err;
    err_set(&err, ERR_LOST, "server closed");
    err_set(&err, ERR_UNCLEAR, "COMMIT: %s", err.message);
    assert_string_equal(err.message, "COMMIT: server closed");
}

static void context_goes_in_front(void **state) {
    (void)state;
    struct err err;
    err_set(&err, ERR_SQL, "no");
    err_where(&err, "range %d", 17);
    err_where(&err, "fill %s", "users");
    assert_string_equal(err.where, "fill users: range 17");
    err_next(&err, "run again");
    err_next(&err, "give up");
    assert_string_equal(err.next, "run again");
    assert_int_equal(err.code, ERR_SQL);
    assert_string_equal(err.message, "no");
}

static void a_long_message_is_cut_between_characters(void **state) {
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        char text[2 * ERR_MESSAGE_MAX] = "abc";
        for (size_t at = shift; at + 3 < sizeof(text); at += 3)
            memcpy(text + at, "\xe2\x82\xac", 4); /* the euro sign, three bytes */
        struct err err;
        err_set(&err, ERR_FAILURE, "%s", text);
        assert_in_range(strlen(err.message), ERR_MESSAGE_MAX - 4, ERR_MESSAGE_MAX - 1);
        assert_true(text_is_utf8(err.message, strlen(err.message)));
        for (int i = 0; i < 3; i++)
            err_where(&err, "%.*s", 300 + (int)shift, text);
        assert_in_range(strlen(err.where), ERR_CONTEXT_MAX - 4, ERR_CONTEXT_MAX - 1);
        assert_true(text_is_utf8(err.where, strlen(err.where)));
    }
}

static void names_and_codes_go_both_ways(void **state) {
    static const struct {
        const char *name;
        int code;
    } cases[] = {
        {"PLAN", ERR_PLAN},
        {"plan", ERR_PLAN},
        {"ERR_PLAN", ERR_PLAN},
        {"INFILL_ERR_PLAN", ERR_PLAN},
        {"infill_err_read_only", ERR_READ_ONLY},
        {"", 0},
        {"PLA", 0},
        {"PLANS", 0},
        {"ERR_", 0},
        {"OK", 0},
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++)
        assert_int_equal(err_by_name(cases[i].name), cases[i].code);
}

static void unknown_numbers_stop(void **state) {
    static const int numbers[] = {1, 42, -1000, INT32_MIN};
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(numbers); i++) {
        assert_string_equal(err_name(numbers[i]), "UNKNOWN");
        assert_int_equal(err_exit_code(numbers[i]), 1);
        assert_string_equal(err_text(numbers[i]), err_text(ERR_UNKNOWN));
        assert_string_equal(err_line(numbers[i]), err_line(ERR_UNKNOWN));
    }
    assert_string_equal(err_name(0), "OK");
    assert_int_equal(err_exit_code(0), 0);
}

static void the_list_is_sound(void **state) {
    static const int codes[] = {
#define CODE(name, value, exit_code, line, text) ERR_##name,
        INFILL_ERROR_LIST(CODE)
#undef CODE
    };
    static const int exit_codes[] = {1, 2, 3, 4, 5, 6, 7, 8, 130};
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(codes); i++) {
        assert_true(codes[i] < 0);
        assert_int_equal(err_by_name(err_name(codes[i])), codes[i]);
        assert_true(strlen(err_line(codes[i])) > 0);
        assert_true(strlen(err_text(codes[i])) > 0);
        bool known = false;
        for (size_t e = 0; e < UNIT_COUNT(exit_codes); e++)
            known = known || err_exit_code(codes[i]) == exit_codes[e];
        assert_true(known);
        for (size_t other = 0; other < i; other++)
            assert_int_not_equal(codes[i], codes[other]);
    }
}

static void out_of_memory_needs_no_memory(void **state) {
    (void)state;
    struct err err;
    mem_fail_at(1, true);
    assert_int_equal(err_nomem(&err), ERR_NOMEM);
    mem_fail_at(0, false);
    assert_string_equal(err.message, "out of memory");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setting_clears_the_rest),
        cmocka_unit_test(a_message_may_quote_the_one_before),
        cmocka_unit_test(context_goes_in_front),
        cmocka_unit_test(a_long_message_is_cut_between_characters),
        cmocka_unit_test(names_and_codes_go_both_ways),
        cmocka_unit_test(unknown_numbers_stop),
        cmocka_unit_test(the_list_is_sound),
        cmocka_unit_test(out_of_memory_needs_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
