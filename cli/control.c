/* control.c - see control.h. */
#include "cli/control.h"

#include "cli/doc.h"
#include "cli/plan_open.h"
#include "cli/show.h"
#include "cli/term.h"

const struct option_spec control_options[] = {
    {.name = "because", .kind = OPTION_TEXT, .value = "TEXT", .help = "the reason, kept in the ledger"},
    {0},
};

const int control_exit_codes[] = {0, 1, 2, 5, 8, -1};

static void show_control(FILE *file, const struct out *out, const json_t *document) {
    term_escape(file, doc_text(document, "plan"));
    fputs(": ", file);
    term_escape(file, doc_text(document, "state"));
    if (!doc_true(document, "changed")) {
        fputs(" already\n", file);
        return;
    }
    fputs(" (was ", file);
    term_escape(file, doc_text(document, "was"));
    fputs(")\n", file);
    show_next(file, out, document);
}

int control_run(struct cli *cli, enum infill_action action) {
    struct infill_plan *plan = NULL;
    struct infill_error error = {0};
    char *json = NULL;
    int code = plan_open(cli, &plan, NULL, 0);
    if (code != 0)
        return code;
    if (infill_control(plan, action, args_text(&cli->args, "because"), &json, &error) != 0)
        code = out_error(&cli->out, &error);
    else
        out_result(&cli->out, json, show_control);
    infill_plan_close(plan);
    return code;
}
