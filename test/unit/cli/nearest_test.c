/* The word that was meant: near ones are found, far ones are not guessed. */
#include "cli_test.h"

#include "cli/nearest.h"

static void nearest_is_found_or_nothing_is(void **state) {
    static const char *const words[] = {"init", "plan", "run", "status", "pause", "resume", "uninstall", "install"};
    static const struct {
        const char *text, *nearest;
    } cases[] = {
        {"rnu", "run"},
        {"run", "run"},
        {"statsu", "status"},
        {"stat", "status"},
        {"instal", "install"},
        {"unistall", "uninstall"},
        {"paln", "plan"},
        {"frobnicate", NULL},
        {"", NULL},
        {"x", NULL},
        {"a-word-that-is-longer-than-any-command-there-could-ever-be", NULL},
    };
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        const char *found = nearest_word(cases[i].text, words, CLI_COUNT(words));
        if (cases[i].nearest == NULL)
            assert_null(found);
        else
            assert_string_equal(found != NULL ? found : "nothing", cases[i].nearest);
    }
    assert_null(nearest_word("run", NULL, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(nearest_is_found_or_nothing_is)};
    return cmocka_run_group_tests_name("cli/nearest", tests, NULL, NULL);
}
