/* cmd_completion.c - infill completion: scripts for the shells. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/completion.h"

static const char *const examples[] = {
    "source <(infill completion bash)",
    "infill completion zsh > \"${fpath[1]}/_infill\"",
    "infill completion fish > ~/.config/fish/completions/infill.fish",
    NULL,
};

static const int exit_codes[] = {0, 2, -1};

static const struct {
    const char *shell;
    void (*write)(FILE *out);
} shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

static int run(struct cli *cli) {
    const char *shell = cli->args.positional_count > 0 ? cli->args.positionals[0] : "";
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        if (strcmp(shells[i].shell, shell) == 0) {
            shells[i].write(stdout);
            return 0;
        }
    }
    return out_usage(&cli->out, "infill completion bash, zsh or fish", "completion is made for bash, zsh and fish");
}

const struct command completion_command = {
    .name = "completion",
    .summary = "print the completion script of a shell",
    .positionals = "bash|zsh|fish",
    .positional_max = 1,
    .takes_plan = false,
    .text = "Prints a script that completes commands, options and file names. It is plain text: completing never asks a database.",
    .options = NULL,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
