/* cmd_report.c - infill report: what is known about a run, as text or as one page. */
#include <infill.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/doc.h"
#include "cli/page.h"
#include "cli/plan_open.h"
#include "cli/save.h"
#include "cli/show.h"
#include "cli/term.h"

static const struct option_spec options[] = {
    {.name = "html", .kind = OPTION_TEXT, .is_file = true, .value = "FILE", .help = "write it as one page that needs nothing else"},
    {0},
};

static const char *const examples[] = {
    "infill report users.yaml",
    "infill report users.yaml --html report.html",
    "infill report users.yaml --json > report.json",
    NULL,
};

static const int exit_codes[] = {0, 1, 2, 5, -1};

static int save_page(const struct cli *cli, const json_t *document) {
    const char *path = args_text(&cli->args, "html");
    struct infill_error error = {0};
    char *page = page_report(document, cli->out.plan);
    int result = save_text(path, page, &error);
    free(page);
    if (result != 0)
        return out_error(&cli->out, &error);
    if (!cli->out.quiet) {
        fputs("infill: written to ", stderr);
        term_escape(stderr, path);
        fputc('\n', stderr);
    }
    return 0;
}

static int report(struct cli *cli, const struct infill_plan *plan) {
    struct infill_error error = {0};
    char *json = NULL;
    int code = 0;
    if (infill_report(plan, &json, &error) != 0)
        return out_error(&cli->out, &error);
    if (args_text(&cli->args, "html") != NULL) {
        json_t *document = doc_read(json);
        code = save_page(cli, document);
        json_decref(document);
    }
    out_result(&cli->out, json, show_report);
    return code;
}

static int run(struct cli *cli) {
    struct infill_plan *plan = NULL;
    int code = plan_open(cli, &plan, NULL, 0);
    if (code != 0)
        return code;
    code = report(cli, plan);
    infill_plan_close(plan);
    return code;
}

const struct command report_command = {
    .name = "report",
    .summary = "what was moved, compared, found and repaired; as text or as a page",
    .positionals = "PLAN",
    .positional_max = 1,
    .takes_plan = true,
    .text =
        "Reads the ledger alone, so it works from any host and disturbs nobody: verdict, what was compared and what was not, each "
        "fill with a map of its ranges, checks, findings, rejects and events. The page of --html is one file without scripts that "
        "loads nothing: made to be attached to a ticket, and to be printed. It holds keys and names, and no values of rows. The "
        "exit code says whether the report could be made; infill verify says whether the data is right.",
    .options = options,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
