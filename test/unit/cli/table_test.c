/* Tables that fit. */
#include "cli_test.h"

#include <locale.h>

#include "cli/table.h"
#include "cli/term.h"
#include "cli/xalloc.h"

static const char *const headings[] = {"NAME", "ROWS", "WHY", NULL};

static char *printed(const char *const *cells, size_t count, unsigned columns) {
    struct xstream stream;
    struct table table;
    table_init(&table, headings, 2);
    for (size_t i = 0; i < count; i++)
        table_cell(&table, cells[i]);
    xstream_begin(&stream);
    table_print(&table, stream.file, 2, columns);
    table_release(&table);
    return xstream_end(&stream);
}

static void numbers_stand_right(void **state) {
    static const char *const cells[] = {"users", "1,000", "slow", "o", "7", NULL};
    (void)state;
    char *text = printed(cells, 6, 0);
    assert_string_equal(text, "  NAME    ROWS  WHY\n  users  1,000  slow\n  o          7\n");
    free(text);
}

static void no_rows_no_headings(void **state) {
    (void)state;
    char *text = printed(NULL, 0, 80);
    assert_string_equal(text, "");
    free(text);
}

static void every_line_fits_and_numbers_are_whole(void **state) {
    static const char *const cells[] = {
        "a_table_with_a_very_long_name_indeed", "1,234,567", "the reason is long as well, longer than most",
        "用户用户用户用户用户用户用户用户",     "1",         "short"};
    (void)state;
    for (unsigned columns = TERM_COLUMNS_MIN; columns < 120; columns += 7) {
        char *text = printed(cells, 6, columns);
        char *rest = NULL;
        assert_contains(text, "1,234,567");
        for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
            assert_true(term_width(line) <= columns);
        free(text);
    }
}

static void without_a_terminal_nothing_is_cut(void **state) {
    char longer[400];
    const char *const cells[] = {longer, "1", "x"};
    (void)state;
    memset(longer, 'n', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    char *text = printed(cells, 3, 0);
    assert_contains(text, longer);
    free(text);
}

static void cells_are_escaped(void **state) {
    static const char *const cells[] = {"evil\033[31m\nname", "1", "x"};
    (void)state;
    char *text = printed(cells, 3, 0);
    assert_contains(text, "evil\\x1b[31m\\nname");
    assert_lacks(text, "\033");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_stand_right),
        cmocka_unit_test(no_rows_no_headings),
        cmocka_unit_test(every_line_fits_and_numbers_are_whole),
        cmocka_unit_test(without_a_terminal_nothing_is_cut),
        cmocka_unit_test(cells_are_escaped),
    };
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests_name("cli/table", tests, NULL, NULL);
}
