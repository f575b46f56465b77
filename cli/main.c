/* main.c - the command line of infill: which command, with which words, and what became of it.
 *
 * The command line uses the library's public header and nothing else of it, so whatever it can do, any program can. */
#include <infill.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/secret.h"
#include "cli/term.h"

static int unknown_command(const char *name) {
    const char *nearest = command_nearest(name);
    char *shown = term_escaped(name);
    if (command_is_planned(name))
        fprintf(stderr, "infill: \"%s\" is not supported yet\n  next: infill --help lists what is\n", shown);
    else if (nearest != NULL)
        fprintf(stderr, "infill: unknown command \"%s\"; did you mean %s?\n  next: infill --help\n", shown, nearest);
    else
        fprintf(stderr, "infill: unknown command \"%s\"\n  next: infill --help\n", shown);
    free(shown);
    return 2;
}

static int print_version(void) {
    printf("infill %s\nengines: %s\n", infill_version(), infill_engines());
    return 0;
}

/* Whoever can run ps has read it already, so it is refused even where it would work: the password has to be changed anyway. */
static int refuse_secrets(const struct cli *cli) {
    const char *const *sets = NULL;
    size_t set_count = cli->args.command->takes_plan ? args_list(&cli->args, "set", &sets) : 0;
    bool found = false;
    for (size_t i = 0; i < cli->args.positional_count; i++)
        found = found || secret_in(cli->args.positionals[i]);
    for (size_t i = 0; i < set_count; i++)
        found = found || secret_in(sets[i]);
    if (!found)
        return 0;
    return out_usage(&cli->out,
                     "put it into ~/.pgpass, ~/.my.cnf or PGPASSWORD, or write ${env:NAME} or ${file:PATH} in the plan's url",
                     "a password on the command line: ps shows it to everybody on this machine");
}

static int run_command(const struct command *command, int argc, char **argv) {
    struct cli cli = {0};
    int code = args_parse(&cli.args, command, argc, argv, stderr);
    if (code == 0) {
        out_init(&cli.out, &cli.args);
        if (args_flag(&cli.args, "help"))
            help_command(stdout, command, cli.out.columns);
        else if (args_flag(&cli.args, "version"))
            code = print_version();
        else if ((code = refuse_secrets(&cli)) == 0)
            code = command->run(&cli);
    }
    args_release(&cli.args);
    return code;
}

/* `infill help run` is what people type. */
static int help_about(int argc, char **argv) {
    const char *name = argc > 2 ? argv[2] : NULL;
    if (name != NULL && command_find(name) == NULL)
        return unknown_command(name);
    if (name != NULL)
        help_command(stdout, command_find(name), term_columns(STDOUT_FILENO));
    else
        help_overview(stdout, term_columns(STDOUT_FILENO));
    return 0;
}

static int dispatch(int argc, char **argv) {
    const char *name = NULL;
    bool help = false;
    bool version = false;
    int code = args_find_command(argc, argv, &name, &help, &version, stderr);
    if (code != 0)
        return code;
    if (name != NULL && command_find(name) != NULL)
        return run_command(command_find(name), argc, argv);
    if (name != NULL)
        return strcmp(name, "help") == 0 ? help_about(argc, argv) : unknown_command(name);
    if (version)
        return print_version();
    help_overview(help ? stdout : stderr, term_columns(help ? STDOUT_FILENO : STDERR_FILENO));
    return help ? 0 : 2;
}

int main(int argc, char **argv) {
    /* Only so that wcwidth knows how wide characters are; numbers and messages keep the C locale. */
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    infill_own_process();
    return out_finish(dispatch(argc, argv));
}
