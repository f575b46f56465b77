/* cmd_status.c - infill status: where a run stands. */
#include <infill.h>

#include "cli/command.h"
#include "cli/plan_open.h"
#include "cli/show.h"

static const char *const examples[] = {
    "infill status users.yaml",
    "infill status users.yaml --json | jq .percent",
    NULL,
};

static const int exit_codes[] = {0, 1, 2, 5, -1};

static int run(struct cli *cli) {
    struct infill_plan *plan = NULL;
    struct infill_error error = {0};
    char *json = NULL;
    int code = plan_open(cli, &plan, NULL, 0);
    if (code != 0)
        return code;
    if (infill_status(plan, &json, &error) != 0)
        code = out_error(&cli->out, &error);
    else
        out_result(&cli->out, json, show_status);
    infill_plan_close(plan);
    return code;
}

const struct command status_command = {
    .name = "status",
    .summary = "where the run stands: rows, rate, who works, what it waits for",
    .positionals = "PLAN",
    .positional_max = 1,
    .takes_plan = true,
    .text = "Reads the ledger, so it works from any host and while nothing runs: state and reason, rows, rate and time left, each "
            "fill, the "
            "workers, what is waited for, the last error, and the next command. --verbose adds the last events.",
    .options = NULL,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
