/* help.c - see help.h. */
#include "cli/help.h"

#include <stdlib.h>
#include <string.h>

#include "cli/term.h"
#include "cli/xalloc.h"

/* Options and commands stand left of this column, their sentences right of it. */
enum { TEXT_COLUMN = 24, COLUMNS_MAX = 100 };

static const struct {
    int code;
    const char *text;
} exit_codes[] = {
    {0, "ok"},
    {1, "failure"},
    {2, "wrong command line or invalid plan"},
    {3, "finished, with open rejects"},
    {4, "differences found"},
    {5, "a passing trouble: run it again"},
    {6, "nothing to lease (with --exclusive)"},
    {7, "stopped or paused; resumable"},
    {8, "refused for safety, or halted"},
    {129, "drained after SIGHUP; the same command resumes"},
    {130, "drained after SIGINT; the same command resumes"},
    {143, "drained after SIGTERM; the same command resumes"},
};

const char *help_exit_code(int code) {
    for (size_t i = 0; i < sizeof exit_codes / sizeof exit_codes[0]; i++)
        if (exit_codes[i].code == code)
            return exit_codes[i].text;
    return NULL;
}

static unsigned usable(unsigned columns) {
    if (columns == 0)
        return TERM_COLUMNS_DEFAULT;
    return columns > COLUMNS_MAX ? COLUMNS_MAX : columns;
}

char *help_option_name(const struct option_spec *spec) {
    char letter[] = {'-', spec->letter, ',', ' ', '\0'};
    bool has_value = spec->kind != OPTION_FLAG;
    return xformat("%s--%s%s%s", spec->letter != 0 ? letter : "", spec->name, has_value ? " " : "", has_value ? spec->value : "");
}

char *help_option_text(const struct option_spec *spec) {
    const char *fallback = spec->fallback;
    const char *variable = spec->variable;
    if (fallback == NULL && variable == NULL)
        return xcopy(spec->help);
    return xformat("%s [%s%s%s%s]", spec->help, fallback != NULL ? "default: " : "", fallback != NULL ? fallback : "",
                   fallback != NULL && variable != NULL ? "; " : "", variable != NULL ? variable : "");
}

static void print_pair(FILE *out, const char *left, const char *right, unsigned columns) {
    fprintf(out, "  %-*s", TEXT_COLUMN - 2, left);
    if (strlen(left) > TEXT_COLUMN - 4)
        fprintf(out, "\n%*s", TEXT_COLUMN, "");
    term_fill(out, right, TEXT_COLUMN, columns, true);
}

static void print_options(FILE *out, const char *heading, const struct option_spec *specs, unsigned columns) {
    if (specs == NULL || specs->name == NULL)
        return;
    fprintf(out, "\n%s:\n", heading);
    for (; specs->name != NULL; specs++) {
        char *name = help_option_name(specs);
        char *text = help_option_text(specs);
        print_pair(out, name, text, columns);
        free(name);
        free(text);
    }
}

static void print_exit_codes(FILE *out, const int *codes, unsigned columns) {
    fputs("\nExit codes:\n", out);
    for (; codes != NULL && *codes >= 0; codes++) {
        char *code = xformat("%d", *codes);
        print_pair(out, code, help_exit_code(*codes), columns);
        free(code);
    }
}

void help_command(FILE *out, const struct command *command, unsigned columns) {
    columns = usable(columns);
    fprintf(out, "Usage: infill %s%s%s [options]\n\n", command->name, command->positionals[0] != '\0' ? " " : "",
            command->positionals);
    term_fill(out, command->text, 0, columns, false);
    print_options(out, "Options", command->options, columns);
    if (command->takes_plan)
        print_options(out, "Plan options", plan_options, columns);
    print_options(out, "Global options", global_options, columns);
    fputs("\nExamples:\n", out);
    for (size_t i = 0; command->examples[i] != NULL; i++)
        fprintf(out, "  %s\n", command->examples[i]);
    print_exit_codes(out, command->exit_codes, columns);
}

void help_overview(FILE *out, unsigned columns) {
    columns = usable(columns);
    fputs("Usage: infill COMMAND [options]\n\n", out);
    term_fill(
        out,
        "Backfills on live PostgreSQL, MariaDB and SQLite: rows that exist already move into a new table or new columns, in small "
        "transactions with a checkpoint in each. Whatever interrupts a run, the same command resumes it.",
        0, columns, false);
    fputs("\nCommands:\n", out);
    for (size_t i = 0; i < command_count; i++)
        if (!commands[i]->is_hidden)
            print_pair(out, commands[i]->name, commands[i]->summary, columns);
    print_options(out, "Plan options", plan_options, columns);
    print_options(out, "Global options", global_options, columns);
    fputs("\nPLAN is the plan file; INFILL_PLAN says it for every command. infill COMMAND --help says more.\n", out);
}
