/* cmd_stop.c - infill stop: through the ledger, from any host. */
#include "cli/control.h"

static const char *const examples[] = {
    "infill stop users.yaml --because \"release freeze\"",
    NULL,
};

static int run(struct cli *cli) {
    return control_run(cli, INFILL_STOP);
}

const struct command stop_command = {
    .name = "stop",
    .summary = "end the run on every host; resumable",
    .positionals = "PLAN",
    .positional_max = 1,
    .takes_plan = true,
    .text =
        "When it returns, no batch that began before can commit. Every worker ends, and infill run is refused until infill resume.",
    .options = control_options,
    .examples = examples,
    .exit_codes = control_exit_codes,
    .run = run,
};
