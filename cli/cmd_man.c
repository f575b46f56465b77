/* cmd_man.c - infill man: the manual page in scdoc's language, for the build. Not in the help: people type `man infill`. */
#include <infill.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/help.h"

static const char *const examples[] = {"infill man | scdoc > infill.1", NULL};
static const int exit_codes[] = {0, 2, -1};

/* scdoc gives a meaning to these. */
static void write_text(const char *text) {
    for (; *text != '\0'; text++) {
        if (strchr("\\*_`#<>", *text) != NULL)
            putchar('\\');
        putchar(*text);
    }
}

static void write_options(const struct option_spec *specs) {
    for (; specs != NULL && specs->name != NULL; specs++) {
        char *name = help_option_name(specs);
        char *text = help_option_text(specs);
        fputs("*", stdout);
        write_text(name);
        fputs("*\n\t", stdout);
        write_text(text);
        fputs("\n\n", stdout);
        free(name);
        free(text);
    }
}

static void write_command(const struct command *command) {
    printf("## infill %s ", command->name);
    write_text(command->positionals);
    fputs("\n\n", stdout);
    write_text(command->text);
    fputs("\n\n", stdout);
    write_options(command->options);
    fputs("```\n", stdout);
    for (size_t i = 0; command->examples[i] != NULL; i++)
        printf("%s\n", command->examples[i]);
    fputs("```\n\n", stdout);
    fputs("Exit codes:", stdout);
    for (size_t i = 0; command->exit_codes[i] >= 0; i++)
        printf("%s %d", i > 0 ? "," : "", command->exit_codes[i]);
    fputs(".\n\n", stdout);
}

static void write_exit_codes(void) {
    fputs("# EXIT CODES\n\n", stdout);
    for (int code = 0; code < 256; code++)
        if (help_exit_code(code) != NULL)
            printf("*%d*\n\t%s\n\n", code, help_exit_code(code));
}

static int run(struct cli *cli) {
    (void)cli;
    printf("infill(1) \"\" \"infill %s\"\n\n# NAME\n\ninfill - database backfills that stop and resume\n\n# SYNOPSIS\n\n"
           "*infill* _COMMAND_ [options]\n\n# DESCRIPTION\n\n",
           infill_version());
    fputs(
        "Moves rows that exist already into a new table or new columns of live PostgreSQL, MariaDB and SQLite databases, in small "
        "transactions with a checkpoint in each. Whatever interrupts a run, the same command resumes it. Data goes to standard "
        "output, "
        "everything else to standard error.\n\n# COMMANDS\n\n",
        stdout);
    for (size_t i = 0; i < command_count; i++)
        if (!commands[i]->is_hidden)
            write_command(commands[i]);
    fputs("# PLAN OPTIONS\n\nOf every command with a _PLAN_.\n\n", stdout);
    write_options(plan_options);
    fputs("# GLOBAL OPTIONS\n\n", stdout);
    write_options(global_options);
    write_exit_codes();
    fputs("# ENVIRONMENT\n\n*INFILL\\_PLAN*\n\tthe plan, where none is given\n\n*INFILL\\_ENV*, *INFILL\\_PROFILE*\n\tas --env and "
          "--profile\n\n*INFILL\\_BATCH\\_ROWS*, ...\n\tas --set batch.rows=...; every setting has one\n\n*NO\\_COLOR*\n\tno "
          "colour\n",
          stdout);
    return 0;
}

const struct command man_command = {
    .name = "man",
    .summary = "print the manual page's source",
    .positionals = "",
    .positional_max = 0,
    .takes_plan = false,
    .is_hidden = true,
    .text = "Prints the manual page in scdoc's language.",
    .options = NULL,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
