/* cmd_set.c - infill set: settings of a run that is under way, on every host. */
#include <infill.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/doc.h"
#include "cli/plan_open.h"
#include "cli/show.h"
#include "cli/term.h"
#include "cli/xalloc.h"

static const char *const examples[] = {
    "infill set users.yaml pace.rows_per_second=2000 batch.rows=800",
    "infill set users.yaml pace.rows_per_second=unlimited",
    "infill set users.yaml pace.rows_per_second=plan",
    NULL,
};

static const int exit_codes[] = {0, 1, 2, 5, -1};

enum { WORDS_MAX = 32 };

static char *value_text(const json_t *value) {
    return json_is_string(value) ? xcopy(json_string_value(value)) : json_dumps(value, JSON_ENCODE_ANY);
}

static void show_set(FILE *file, const struct out *out, const json_t *document) {
    size_t index;
    json_t *item;
    (void)out;
    json_array_foreach (doc_list(document, "changed"), index, item) {
        char *was = value_text(json_object_get(item, "was")), *now = value_text(json_object_get(item, "now"));
        term_escape(file, doc_text(item, "setting"));
        fputs(": ", file);
        term_escape(file, now != NULL ? now : "?");
        fputs(" (was ", file);
        term_escape(file, was != NULL ? was : "?");
        fputs(")\n", file);
        free(was);
        free(now);
    }
}

static int run(struct cli *cli) {
    struct infill_plan *plan = NULL;
    struct infill_error error = {0};
    char *json = NULL;
    if (cli->args.positional_count < 2)
        return out_usage(&cli->out, "infill set PLAN pace.rows_per_second=2000", "name the settings and their values");
    int code = plan_open(cli, &plan, NULL, 0);
    if (code != 0)
        return code;
    if (infill_set(plan, cli->args.positionals + 1, cli->args.positional_count - 1, &json, &error) != 0)
        code = out_error(&cli->out, &error);
    else
        out_result(&cli->out, json, show_set);
    infill_plan_close(plan);
    return code;
}

const struct command set_command = {
    .name = "set",
    .summary = "change settings of a run that is under way, on every host",
    .positionals = "PLAN SETTING=VALUE...",
    .positional_max = WORDS_MAX,
    .takes_plan = true,
    .text = "Takes effect within a second in every process of the run, and holds for those that come later, until it is set again; "
            "SETTING=plan goes back to what the plan says. pace.rows_per_second, batch.rows, batch.rows_max and batch.target_time "
            "can be "
            "changed. What is set is an event in the ledger, and infill status shows it.",
    .options = NULL,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
