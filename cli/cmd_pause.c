/* cmd_pause.c - infill pause: through the ledger, from any host. */
#include "cli/control.h"

static const char *const examples[] = {
    "infill pause users.yaml --because \"the nightly report runs\"",
    NULL,
};

static int run(struct cli *cli) {
    return control_run(cli, INFILL_PAUSE);
}

const struct command pause_command = {
    .name = "pause",
    .summary = "hold every worker where it is",
    .positionals = "PLAN",
    .positional_max = 1,
    .takes_plan = true,
    .text = "When it returns, no batch that began before can commit. The workers stay and go on by themselves after infill resume.",
    .options = control_options,
    .examples = examples,
    .exit_codes = control_exit_codes,
    .run = run,
};
