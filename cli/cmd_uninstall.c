/* cmd_uninstall.c - infill uninstall: removes the ledger. */
#include <infill.h>

#include "cli/command.h"
#include "cli/doc.h"
#include "cli/plan_open.h"
#include "cli/term.h"

static const struct option_spec options[] = {
    {.name = "force", .help = "even while a run is not done: its checkpoints are lost"},
    {0},
};

static const char *const examples[] = {
    "infill uninstall users.yaml",
    NULL,
};

static const int exit_codes[] = {0, 1, 2, 5, 8, -1};

static void show_removed(FILE *file, const struct out *out, const json_t *document) {
    size_t index;
    json_t *statement;
    fputs(doc_true(document, "removed") ? "the ledger is removed\n" : "there is no ledger to remove\n", file);
    if (!out->verbose)
        return;
    json_array_foreach (doc_list(document, "statements"), index, statement) {
        fputs("  ", file);
        term_escape_lines(file, json_string_value(statement), "    ");
        fputc('\n', file);
    }
}

static int run(struct cli *cli) {
    struct infill_plan *plan = NULL;
    struct infill_error error = {0};
    char *json = NULL;
    int code = plan_open(cli, &plan, NULL, 0);
    if (code != 0)
        return code;
    if (infill_uninstall(plan, args_flag(&cli->args, "force"), &json, &error) != 0)
        code = out_error(&cli->out, &error);
    else
        out_result(&cli->out, json, show_removed);
    infill_plan_close(plan);
    return code;
}

const struct command uninstall_command = {
    .name = "uninstall",
    .summary = "remove the ledger when no run needs it",
    .positionals = "PLAN",
    .positional_max = 1,
    .takes_plan = true,
    .text = "Drops the ledger's tables in the plan's database, with the history of every plan that ran there. Refused while a run "
            "is not done. "
            "Your own tables are not touched.",
    .options = options,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
