/* cmd_resume.c - infill resume: through the ledger, from any host. */
#include "cli/control.h"

static const char *const examples[] = {
    "infill resume users.yaml --because \"the disk has room again\"",
    NULL,
};

static int run(struct cli *cli) {
    return control_run(cli, INFILL_RESUME);
}

const struct command resume_command = {
    .name = "resume",
    .summary = "let a paused, stopped or halted run go on",
    .positionals = "PLAN",
    .positional_max = 1,
    .takes_plan = true,
    .text = "Paused workers go on by themselves; after a stop or a halt, infill run starts again at the checkpoints. A run that "
            "was stopped or "
            "halted needs --because: somebody has looked.",
    .options = control_options,
    .examples = examples,
    .exit_codes = control_exit_codes,
    .run = run,
};
