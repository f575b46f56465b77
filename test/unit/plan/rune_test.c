/* UTF-8, strictly; widths; what a terminal must not see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/rune.h"

static void characters_are_decoded(void **state) {
    static const struct {
        const char *text;
        uint32_t rune;
        int width;
    } good[] = {
        {"a", 'a', 1},
        {"\xC3\xA9", 0xE9, 1},
        {"\xE2\x82\xAC", 0x20AC, 1},
        {"\xE6\x97\xA5", 0x65E5, 2},
        {"\xF0\x9F\x98\x80", 0x1F600, 2},
        {"\xCC\x81", 0x301, 0},
        {"\xF4\x8F\xBF\xBF", 0x10FFFF, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        uint32_t rune = 0;
        assert_int_equal(rune_next(good[i].text, strlen(good[i].text), &rune), strlen(good[i].text));
        assert_int_equal(rune, good[i].rune);
        assert_int_equal(rune_width(rune), good[i].width);
    }
}

static void broken_characters_are_refused(void **state) {
    static const char *const bad[] = {
        "",
        "\x80",
        "\xC0\xAF",
        "\xC1\xBF",
        "\xE0\x80\xAF",
        "\xED\xA0\x80",
        "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xE2\x82",
        "\xE2\x82g",
        "\xFF",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        uint32_t rune;
        assert_int_equal(rune_next(bad[i], strlen(bad[i]), &rune), 0);
    }
}

static void controls_are_not_printable(void **state) {
    static const uint32_t bad[] = {0, 7, 0x1B, 0x7F, 0x9B, 0x202E, 0x2066, 0xFEFF};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_false(rune_printable(bad[i]));
    }
    assert_true(rune_printable('a'));
    assert_true(rune_printable(0x65E5));
}

static void lines_break_as_in_yaml(void **state) {
    (void)state;
    assert_int_equal(rune_line_break("\n\n", 2), 1);
    assert_int_equal(rune_line_break("\r\n", 2), 2);
    assert_int_equal(rune_line_break("\rx", 2), 1);
    assert_int_equal(rune_line_break("\xC2\x85", 2), 2);
    assert_int_equal(rune_line_break("\xE2\x80\xA8", 3), 3);
    assert_int_equal(rune_line_break("x", 1), 0);
    assert_int_equal(rune_line_break("", 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_are_decoded),
        cmocka_unit_test(broken_characters_are_refused),
        cmocka_unit_test(controls_are_not_printable),
        cmocka_unit_test(lines_break_as_in_yaml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
