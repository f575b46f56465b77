/* cmd_repair.c - infill repair: writes the rows with findings again, and verifies their ranges. */
#include <infill.h>

#include "cli/command.h"
#include "cli/doc.h"
#include "cli/plan_open.h"
#include "cli/show.h"
#include "cli/verdict.h"

static const struct option_spec options[] = {
    {.name = "fill", .kind = OPTION_TEXT, .value = "NAME", .help = "only this fill", .fallback = "all"},
    {.name = "dry-run", .help = "say what would be done, and write nothing"},
    {.name = "delete-extra", .help = "delete target rows that no source row stands behind, after both sides were read under lock"},
    {0},
};

static const char *const examples[] = {
    "infill repair users.yaml --dry-run",
    "infill repair users.yaml",
    "infill repair users.yaml --fill users --delete-extra",
    NULL,
};

static const int exit_codes[] = {0, 1, 2, 4, 5, 6, 7, 8, -1};

/* Nothing is left only if nothing is open and what was written has passed, with the rows around it as they were; unless an application
 * writes there as well. */
static int exit_code(const json_t *document) {
    size_t index;
    json_t *slice;
    if (doc_true(document, "dry_run"))
        return doc_int(document, "findings", 0) > 0 ? 4 : 0;
    if (doc_int(document, "left_count", 1) > 0)
        return 4;
    json_array_foreach (doc_list(document, "slices"), index, slice)
        if (!doc_true(slice, "rest_untouched") && !doc_true(document, "writers"))
            return 1;
    return json_array_size(doc_list(document, "slices")) > 0 ? verdict_exit_code(verdict_of(document)) : 0;
}

static int repair(struct cli *cli, const struct infill_plan *plan) {
    const struct infill_repair_options repair_options = {
        .log = out_log(&cli->out),
        .fill = args_text(&cli->args, "fill"),
        .dry_run = args_flag(&cli->args, "dry-run"),
        .delete_extra = args_flag(&cli->args, "delete-extra"),
    };
    struct infill_error error = {0};
    char *json = NULL;
    if (infill_repair(plan, &repair_options, &json, &error) != 0)
        return out_error(&cli->out, &error);
    json_t *document = doc_read(json);
    int code = exit_code(document);
    json_decref(document);
    out_result(&cli->out, json, show_repair);
    return code;
}

static int run(struct cli *cli) {
    struct infill_plan *plan = NULL;
    int code = plan_open(cli, &plan, NULL, 0);
    if (code != 0)
        return code;
    code = repair(cli, plan);
    infill_plan_close(plan);
    return code;
}

const struct command repair_command = {
    .name = "repair",
    .summary = "write the rows with findings again, and verify their ranges",
    .positionals = "PLAN",
    .positional_max = 1,
    .takes_plan = true,
    .text =
        "Runs exactly the keys with open findings through the fill once more, in small transactions like any other batch, then "
        "verifies their ranges and proves that the rest of each is as it was; several ranges at once, as the plan's workers say. "
        "The source is the authority. Extra rows stay unless --delete-extra is given. After an interruption the same command goes "
        "on. It ends with 0 when nothing is left, with 4 when findings stay; with --dry-run, when there are any.",
    .options = options,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
