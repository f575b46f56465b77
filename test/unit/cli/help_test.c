/* Help and completions come from one table: whatever the parser knows, they know. */
#include "cli_test.h"

#include <locale.h>

#include "cli/completion.h"
#include "cli/help.h"
#include "cli/term.h"
#include "cli/xalloc.h"

static char *help_of(const struct command *command, unsigned columns) {
    struct xstream stream;
    xstream_begin(&stream);
    if (command != NULL)
        help_command(stream.file, command, columns);
    else
        help_overview(stream.file, columns);
    return xstream_end(&stream);
}

static void every_option_is_in_the_help(void **state) {
    (void)state;
    for (size_t c = 0; c < command_count; c++) {
        const struct option_spec *specs[OPTIONS_MAX];
        size_t count = args_specs(commands[c], specs);
        char *text = help_of(commands[c], 0);
        for (size_t i = 0; i < count; i++) {
            char *name = help_option_name(specs[i]);
            assert_contains(text, name);
            free(name);
        }
        assert_contains(text, commands[c]->examples[0]);
        for (size_t i = 0; commands[c]->exit_codes[i] >= 0; i++)
            assert_non_null(help_exit_code(commands[c]->exit_codes[i]));
        free(text);
    }
}

static void help_fits_the_terminal(void **state) {
    (void)state;
    for (size_t c = 0; c < command_count; c++) {
        char *text = help_of(commands[c], 80);
        char *examples = strstr(text, "\nExamples:"); /* these may be longer: they are copied */
        char *rest = NULL;
        assert_non_null(examples);
        *examples = '\0';
        for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
            assert_true(term_width(line) <= 80);
        free(text);
    }
}

static void the_overview_lists_all_but_the_hidden(void **state) {
    (void)state;
    char *text = help_of(NULL, 0);
    for (size_t c = 0; c < command_count; c++) {
        char *line = xformat("\n  %s ", commands[c]->name);
        if (commands[c]->is_hidden)
            assert_lacks(text, line);
        else
            assert_contains(text, line);
        free(line);
    }
    free(text);
}

static void completions_know_every_option(void **state) {
    static void (*const shells[])(FILE * out) = {completion_bash, completion_zsh, completion_fish};
    (void)state;
    for (size_t s = 0; s < CLI_COUNT(shells); s++) {
        struct xstream stream;
        xstream_begin(&stream);
        shells[s](stream.file);
        char *text = xstream_end(&stream);
        for (size_t c = 0; c < command_count; c++) {
            const struct option_spec *specs[OPTIONS_MAX];
            size_t count = commands[c]->is_hidden ? 0 : args_specs(commands[c], specs);
            for (size_t i = 0; i < count; i++)
                assert_contains(text, specs[i]->name);
        }
        free(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_is_in_the_help),
        cmocka_unit_test(help_fits_the_terminal),
        cmocka_unit_test(the_overview_lists_all_but_the_hidden),
        cmocka_unit_test(completions_know_every_option),
    };
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests_name("cli/help", tests, NULL, NULL);
}
