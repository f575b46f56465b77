/* Text that cannot steer a terminal, and text that fits one. */
#include "cli_test.h"

#include <locale.h>
#include <unistd.h>

#include "cli/term.h"
#include "cli/xalloc.h"

static void everything_dangerous_is_escaped(void **state) {
    static const struct {
        const char *text, *escaped;
    } cases[] = {
        {"", ""},
        {"users_v2", "users_v2"},
        {"größe 用户 🙂", "größe 用户 🙂"},
        {"a\nb\tc\r", "a\\nb\\tc\\r"},
        {"\033]0;owned\007", "\\x1b]0;owned\\x07"},
        {"\177", "\\x7f"},
        {"\xc2\x9b"
         "31m",
         "\\u009b31m"}, /* C1 CSI */
        {"\xe2\x80\xae"
         "drawkcab",
         "\\u202edrawkcab"},                          /* right-to-left override */
        {"\xe2\x81\xa6x", "\\u2066x"},                /* isolate */
        {"a\xe2\x80\x8b", "a\\u200b"},                /* zero width */
        {"\xff\xfe", "\\xff\\xfe"},                   /* no UTF-8 */
        {"\xc0\xaf", "\\xc0\\xaf"},                   /* overlong */
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          /* surrogate */
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* beyond Unicode */
        {"\xe2\x82", "\\xe2\\x82"},                   /* cut off */
    };
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        char *escaped = term_escaped(cases[i].text);
        assert_string_equal(escaped, cases[i].escaped);
        free(escaped);
    }
}

static void lines_stay_lines_but_never_ours(void **state) {
    struct xstream stream;
    (void)state;
    xstream_begin(&stream);
    term_escape_lines(stream.file, "one\ninfill: two\033", "    ");
    term_escape(stream.file, NULL);
    char *text = xstream_end(&stream);
    assert_string_equal(text, "one\n    infill: two\\x1b");
    free(text);
}

static void width_counts_columns(void **state) {
    (void)state;
    assert_int_equal(term_width(""), 0);
    assert_int_equal(term_width("größe"), 5);
    assert_int_equal(term_width("用户"), 4);
    assert_int_equal(term_width("e\xcc\x81"), 1); /* combining accent */
    assert_int_equal(term_fit("用户", 3), 3);
    assert_int_equal(term_fit("abc", 10), 3);
}

static void cut_ends_in_an_ellipsis(void **state) {
    static const struct {
        const char *text;
        unsigned columns;
        const char *cut;
    } cases[] = {{"users", 5, "users"}, {"users_v2", 5, "user…"}, {"用户用户", 4, "用…"}, {"ab", 1, "…"},
                 {"ab", 0, ""},         {"ab", 2, "ab"}};
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        char text[64];
        snprintf(text, sizeof text, "%s", cases[i].text);
        term_cut(text, cases[i].columns);
        assert_string_equal(text, cases[i].cut);
    }
}

static char *filled(const char *text, unsigned indent, unsigned columns, bool hanging) {
    struct xstream stream;
    xstream_begin(&stream);
    term_fill(stream.file, text, indent, columns, hanging);
    return xstream_end(&stream);
}

static void words_fill_lines(void **state) {
    (void)state;
    char *plain = filled("one two  three", 2, 9, false);
    assert_string_equal(plain, "  one two\n  three\n");
    char *hanging = filled("one two three", 4, 11, true);
    assert_string_equal(hanging, "one two\n    three\n");
    char *long_word = filled("a-word-wider-than-the-line b", 0, 5, false);
    assert_string_equal(long_word, "a-word-wider-than-the-line\nb\n");
    free(plain);
    free(hanging);
    free(long_word);
}

static void a_pipe_has_no_columns(void **state) {
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(term_columns(ends[0]), 0);
    assert_false(term_takes_colour(ends[1]));
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_dangerous_is_escaped),
        cmocka_unit_test(lines_stay_lines_but_never_ours),
        cmocka_unit_test(width_counts_columns),
        cmocka_unit_test(cut_ends_in_an_ellipsis),
        cmocka_unit_test(words_fill_lines),
        cmocka_unit_test(a_pipe_has_no_columns),
    };
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests_name("cli/term", tests, NULL, NULL);
}
