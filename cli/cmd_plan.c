/* cmd_plan.c - infill plan: what a run would do. */
#include <infill.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/doc.h"
#include "cli/plan_open.h"
#include "cli/save.h"
#include "cli/show.h"

static const struct option_spec options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .value = "FILE",
     .is_file = true,
     .help = "write the document to FILE as JSON too"},
    {.name = "table",
     .letter = 't',
     .kind = OPTION_TEXT,
     .value = "TABLE",
     .help = "only the fills that read or write TABLE",
     .fallback = "all"},
    {.name = "rehearse", .help = "execute some batches of each fill, spread over its keys, and roll them back; with a forecast"},
    {.name = "origins", .help = "print each setting in force and where it comes from; no database is asked"},
    {.name = "schema", .help = "print the JSON Schema of plan files; no plan is needed"},
    {0},
};

static const char *const examples[] = {
    "infill plan users.yaml",
    "infill plan users.yaml --output explain_plan.json",
    "infill plan users.yaml --rehearse --output explain_plan.json",
    "infill plan users.yaml --env staging --origins",
    "infill plan --schema > plan.schema.json",
    NULL,
};

static const int exit_codes[] = {0, 1, 2, 5, 8, -1};

static int print_schema(struct cli *cli) {
    struct infill_error error = {0};
    char *json = NULL;
    if (infill_plan_schema(&json, &error) != 0)
        return out_error(&cli->out, &error);
    json_t *schema = doc_read(json);
    char *text = schema != NULL ? json_dumps(schema, JSON_INDENT(2)) : NULL;
    puts(text != NULL ? text : json);
    free(text);
    json_decref(schema);
    infill_free(json);
    return 0;
}

static int print_origins(struct cli *cli, const struct infill_plan *plan) {
    struct infill_error error = {0};
    char *json = NULL;
    if (infill_plan_origins(plan, &json, &error) != 0)
        return out_error(&cli->out, &error);
    return out_result(&cli->out, json, show_origins);
}

static int save(const struct cli *cli, const json_t *document) {
    const char *path = args_text(&cli->args, "output");
    struct infill_error error = {0};
    if (path == NULL)
        return 0;
    char *text = json_dumps(document, JSON_INDENT(2) | JSON_ENCODE_ANY);
    int result = text != NULL ? save_text(path, text, &error) : INFILL_ERR_NOMEM;
    free(text);
    if (result != 0) {
        error.code = result;
        return out_error(&cli->out, &error);
    }
    if (!cli->out.quiet)
        fprintf(stderr, "infill: written to %s\n", path);
    return 0;
}

static int ask(struct cli *cli, const struct infill_plan *plan, char **json, struct infill_error *error) {
    struct infill_log log = out_log(&cli->out);
    const char *table = args_text(&cli->args, "table");
    const struct infill_rehearse_options rehearsal = {.log = log, .table = table};
    if (args_flag(&cli->args, "rehearse"))
        return infill_rehearse(plan, &rehearsal, json, error);
    return infill_dry_run(plan, table, &log, json, error);
}

static int dry_run(struct cli *cli, const struct infill_plan *plan) {
    struct infill_error error = {0};
    char *json = NULL;
    if (ask(cli, plan, &json, &error) != 0)
        return out_error(&cli->out, &error);
    json_t *document = doc_read(json);
    int code = save(cli, document);
    if (code == 0 && strcmp(doc_text(document, "verdict"), "fail") == 0)
        code = 8;
    json_decref(document);
    out_result(&cli->out, json, show_dry_run);
    return code;
}

static int run(struct cli *cli) {
    struct infill_plan *plan = NULL;
    if (args_flag(&cli->args, "schema"))
        return print_schema(cli);
    int code = plan_open(cli, &plan, NULL, 0);
    if (code == 0)
        code = args_flag(&cli->args, "origins") ? print_origins(cli, plan) : dry_run(cli, plan);
    infill_plan_close(plan);
    return code;
}

const struct command plan_command = {
    .name = "plan",
    .summary = "dry run: what a run would do, and what stands against it",
    .positionals = "PLAN",
    .positional_max = 1,
    .takes_plan = true,
    .text =
        "Reads the plan and the database and shows, fill by fill, key, index, estimated rows and time, the first batch, the "
        "exact SQL with "
        "the server's EXPLAIN, and warnings. Nothing is written, not even the ledger. A warning marked ✗ would stop the run. "
        "With --rehearse some batches are executed for real, one at a time and under the run's limits, and rolled back: then time, "
        "log and a forecast are measured, not guessed.",
    .options = options,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
