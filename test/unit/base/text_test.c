/* Comparing, numbers, UTF-8 and the nearest word, in any locale. */
#include "unit.h"

#include <locale.h>

#include "base/text.h"

static void comparing(void **state) {
    static const struct {
        const char *a;
        const char *b;
        bool equal;
        bool nocase;
    } cases[] = {
        {"a", "a", true, true},   {"a", "A", false, true},         {"a", "b", false, false}, {"ab", "a", false, false},
        {"", "", true, true},     {NULL, NULL, true, true},        {NULL, "", false, false}, {"", NULL, false, false},
        {"[", "{", false, false}, {"I", "\xc4\xb1", false, false}, /* dotless i: ASCII only */
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        assert_int_equal(text_equal(cases[i].a, cases[i].b), cases[i].equal);
        assert_int_equal(text_equal_nocase(cases[i].a, cases[i].b), cases[i].nocase);
    }
    assert_true(text_starts("postgres://x", "postgres:"));
    assert_true(text_starts("x", ""));
    assert_false(text_starts("post", "postgres:"));
}

static void whole_numbers(void **state) {
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"007", true, 7},
        {"-1", true, -1},
        {"9007199254740993", true, INT64_C(9007199254740993)},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"0x1", false, 0},
        {"1e3", false, 0},
        {"\xd9\xa1", false, 0}, /* ARABIC-INDIC DIGIT ONE */
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        int64_t value = 42;
        assert_int_equal(text_to_int64(cases[i].text, &value), cases[i].good);
        assert_int_equal(value, cases[i].good ? cases[i].value : 42);
    }
}

static void decimal_numbers(void **state) {
    static const struct {
        const char *text;
        bool good;
        double value;
    } cases[] = {
        {"0", true, 0},      {"1.5", true, 1.5},    {"-2.25", true, -2.25}, {".5", true, 0.5}, {"3.", true, 3},
        {"1e3", true, 1000}, {"25e-2", true, 0.25}, {"1E+2", true, 100},    {"", false, 0},    {".", false, 0},
        {"-", false, 0},     {"1e", false, 0},      {"1e+", false, 0},      {"e5", false, 0},  {"inf", false, 0},
        {"nan", false, 0},   {"0x10", false, 0},    {" 1", false, 0},       {"1 ", false, 0},  {"1,5", false, 0},
        {"1e999", false, 0}, {"+1", false, 0},      {"1.2.3", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        double value = 42;
        assert_int_equal(text_to_double(cases[i].text, &value), cases[i].good);
        assert_true(value == (cases[i].good ? cases[i].value : 42)); /* exact: all are sums of powers of two */
    }
}

/* Makes a locale with a decimal comma, where one exists, current for the thread; without one the test still checks the C locale. */
static void decimal_points_do_not_depend_on_the_locale(void **state) {
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "C"};
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(names); i++) {
        if (setlocale(LC_ALL, names[i]) == NULL)
            continue;
        double value = 0;
        assert_true(text_to_double("1.5", &value));
        assert_true(value == 1.5);
        assert_false(text_to_double("1,5", &value));
    }
    assert_non_null(setlocale(LC_ALL, "C"));
}

static void utf8(void **state) {
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"", true},
        {"plain", true},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", true},
        {"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", true},
        {"\x80", false},
        {"\xc3", false},
        {"\xc3(", false},
        {"\xc0\x80", false},         /* overlong NUL */
        {"\xc1\xbf", false},         /* overlong */
        {"\xe0\x9f\xbf", false},     /* overlong */
        {"\xf0\x8f\xbf\xbf", false}, /* overlong */
        {"\xed\xa0\x80", false},     /* surrogate */
        {"\xf4\x90\x80\x80", false}, /* beyond U+10FFFF */
        {"\xf5\x80\x80\x80", false},
        {"\xff", false},
        {"\xe2\x82", false},
        {"\xe2\x82(", false},
        {"\xf0\x9f\x98", false},
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++)
        assert_int_equal(text_is_utf8(cases[i].text, strlen(cases[i].text)), cases[i].good);
    assert_true(text_is_utf8("a\0b", 3));
    assert_false(text_is_utf8("\xe2\x82\xac", 2));
}

static void distances(void **state) {
    static const struct {
        const char *a;
        const char *b;
        unsigned limit;
        unsigned distance;
    } cases[] = {
        {"", "", 3, 0},          {"", "abc", 5, 3},           {"abc", "", 5, 3},
        {"rows", "rows", 3, 0},  {"rosw", "rows", 3, 1},      {"ros", "rows", 3, 1},
        {"rowss", "rows", 3, 1}, {"raws", "rows", 3, 1},      {"kitten", "sitting", 5, 3},
        {"ca", "abc", 5, 3},     {"kitten", "sitting", 1, 2}, {"abcdef", "uvwxyz", 0, 1},
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++)
        assert_int_equal(text_distance(cases[i].a, cases[i].b, cases[i].limit), cases[i].distance);
    char lengthy[200];
    memset(lengthy, 'a', sizeof(lengthy) - 1);
    lengthy[sizeof(lengthy) - 1] = '\0';
    assert_int_equal(text_distance(lengthy, lengthy, 3), 0);
    assert_int_equal(text_distance(lengthy, "a", 3), 4);
}

static void the_nearest_word(void **state) {
    static const char *const words[] = {"workers", "batch", "range", "rows", "rows_max", "id"};
    static const struct {
        const char *text;
        const char *nearest;
    } cases[] = {
        {"wrokers", "workers"}, {"worker", "workers"},          {"BATCH", "batch"}, {"bacth", "batch"}, {"row", "rows"},
        {"rowmax", "rows_max"}, {"rows_mx", "rows_max"},        {"zzz", NULL},      {"", NULL},         {"idx", "id"},
        {"ix", NULL},           {"completely different", NULL},
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        const char *nearest = text_nearest(cases[i].text, words, UNIT_COUNT(words));
        if (cases[i].nearest == NULL)
            assert_null(nearest);
        else
            assert_string_equal(nearest, cases[i].nearest);
    }
    assert_null(text_nearest("rows", NULL, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparing),
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(decimal_numbers),
        cmocka_unit_test(decimal_points_do_not_depend_on_the_locale),
        cmocka_unit_test(utf8),
        cmocka_unit_test(distances),
        cmocka_unit_test(the_nearest_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
