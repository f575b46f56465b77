/* The parser: every command's table, and every way to be wrong. */
#include "cli_test.h"

#include "cli/command.h"
#include "cli/xalloc.h"

enum { WORDS_MAX = 10 };

struct parsed {
    struct args args;
    char *words[WORDS_MAX + 1];
    char *errors;
    int code;
};

static void parse(struct parsed *parsed, const char *const *words) {
    const char *name = NULL;
    bool help = false;
    bool version = false;
    struct xstream stream;
    int count = 0;
    for (; words[count] != NULL; count++)
        parsed->words[count] = xcopy(words[count]);
    parsed->words[count] = NULL;
    parsed->args = (struct args){0};
    xstream_begin(&stream);
    parsed->code = args_find_command(count, parsed->words, &name, &help, &version, stream.file);
    if (parsed->code == 0 && name != NULL && command_find(name) != NULL)
        parsed->code = args_parse(&parsed->args, command_find(name), count, parsed->words, stream.file);
    parsed->errors = xstream_end(&stream);
}

static void release(struct parsed *parsed) {
    args_release(&parsed->args);
    free(parsed->errors);
    for (size_t i = 0; i <= WORDS_MAX && parsed->words[i] != NULL; i++)
        free(parsed->words[i]);
}

static void options_stand_anywhere(void **state) {
    static const char *const words[] = {"infill", "--json",      "run", "--set",     "a=1",
                                        "p.yaml", "--workers=3", "-qv", "--set=b=2", NULL};
    struct parsed parsed;
    const char *const *sets;
    (void)state;
    parse(&parsed, words);
    assert_int_equal(parsed.code, 0);
    assert_string_equal(parsed.args.command->name, "run");
    assert_int_equal(parsed.args.positional_count, 1);
    assert_string_equal(parsed.args.positionals[0], "p.yaml");
    assert_true(args_flag(&parsed.args, "json") && args_flag(&parsed.args, "quiet") && args_flag(&parsed.args, "verbose"));
    assert_false(args_flag(&parsed.args, "exclusive"));
    assert_int_equal(args_number(&parsed.args, "workers"), 3);
    assert_int_equal(args_list(&parsed.args, "set", &sets), 2);
    assert_string_equal(sets[0], "a=1");
    assert_string_equal(sets[1], "b=2");
    assert_null(args_text(&parsed.args, "fill"));
    release(&parsed);
}

static void values_may_look_like_anything(void **state) {
    static const char *const words[] = {"infill", "run", "-", "--fill", "f", "--from", "-5", "--until", "[\"--x\"]", NULL};
    struct parsed parsed;
    (void)state;
    parse(&parsed, words);
    assert_int_equal(parsed.code, 0);
    assert_string_equal(parsed.args.positionals[0], "-");
    assert_string_equal(args_text(&parsed.args, "from"), "-5");
    assert_string_equal(args_text(&parsed.args, "until"), "[\"--x\"]");
    release(&parsed);
}

static void mistakes_are_named(void **state) {
    static const struct {
        const char *words[6];
        const char *said;
    } cases[] = {
        {{"infill", "run", "--wrokers", "3"}, "infill run: unknown option --wrokers; did you mean --workers?"},
        {{"infill", "run", "--worker=3"}, "infill run: unknown option --worker; did you mean --workers?"},
        {{"infill", "run", "--exc"}, "infill run: unknown option --exc; did you mean --exclusive?"},
        {{"infill", "run", "--frobnicate"}, "infill run: unknown option --frobnicate\n"},
        {{"infill", "run", "-x"}, "infill run: unknown option -x\n"},
        {{"infill", "run", "--fill"}, "a value is missing after --fill"},
        {{"infill", "run", "--exclusive=yes"}, "no value belongs to --exclusive"},
        {{"infill", "run", "--workers", "0"}, "--workers takes a whole number from 1 to 100000, not 0"},
        {{"infill", "run", "--workers", "2x"}, "not 2x"},
        {{"infill", "run", "--workers", "-2"}, "not -2"},
        {{"infill", "run", "--workers", "99999999999999999999"}, "not 9999"},
        {{"infill", "run", "a.yaml", "b.yaml"}, "one word too many: b.yaml"},
        {{"infill", "--jsno", "run"}, "infill: unknown option --jsno; did you mean --json?"},
        {{"infill", "--js", "run"}, "infill: unknown option --js"},
        {{"infill", "explain", "--env", "x"}, "infill explain: unknown option --env"},
        {{"infill", "status", "--\033[31m"}, "unknown option --\\x1b[31m"},
    };
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        struct parsed parsed;
        parse(&parsed, cases[i].words);
        assert_int_equal(parsed.code, 2);
        assert_contains(parsed.errors, cases[i].said);
        assert_contains(parsed.errors, "next: infill");
        release(&parsed);
    }
}

static void commands_are_whole(void **state) {
    (void)state;
    for (size_t c = 0; c < command_count; c++) {
        const struct command *command = commands[c];
        const struct option_spec *specs[OPTIONS_MAX];
        size_t count = args_specs(command, specs);
        assert_ptr_equal(command_find(command->name), command);
        assert_non_null(command->run);
        assert_non_null(command->examples[0]);
        assert_int_equal(command->exit_codes[0], 0);
        for (size_t i = 0; i < count; i++) {
            assert_true(specs[i]->kind == OPTION_FLAG || specs[i]->value != NULL);
            for (size_t j = 0; j < i; j++) {
                assert_string_not_equal(specs[i]->name, specs[j]->name);
                assert_true(specs[i]->letter == 0 || specs[i]->letter != specs[j]->letter);
            }
        }
    }
}

static void words_of_later_versions_are_known(void **state) {
    (void)state;
    assert_true(command_is_planned("cutover"));
    assert_false(command_is_planned("run"));
    assert_null(command_find("cutover"));
    assert_string_equal(command_nearest("rusume"), "resume");
    assert_null(command_nearest("man2")); /* hidden commands are not offered */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_anywhere),
        cmocka_unit_test(values_may_look_like_anything),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(commands_are_whole),
        cmocka_unit_test(words_of_later_versions_are_known),
    };
    return cmocka_run_group_tests_name("cli/options", tests, NULL, NULL);
}
