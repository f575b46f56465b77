/* cmd_check.c - infill check: is it safe to start here, now? */
#include <infill.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/doc.h"
#include "cli/plan_open.h"
#include "cli/show.h"

enum { WATCH_S = 5 };

static const struct option_spec options[] = {
    {.name = "accept",
     .kind = OPTION_LIST,
     .value = "CHECK",
     .help = "what this check says is meant; may be given more than once",
     .fallback = "nothing"},
    {.name = "watch",
     .kind = OPTION_NUMBER,
     .value = "SECONDS",
     .help = "how long to wait for a write of the application",
     .fallback = "5"},
    {.name = "no-hooks", .help = "do not call the plan's hooks; else each is called once with the event check"},
    {0},
};

static const char *const examples[] = {
    "infill check users.yaml",
    "infill check users.yaml --env prod --watch 60 --accept disk",
    "infill check users.yaml --json > checklist.json",
    NULL,
};

static const int exit_codes[] = {0, 1, 2, 5, 8, -1};

static int check(struct cli *cli, const struct infill_plan *plan) {
    struct infill_error error = {0};
    struct infill_check_options what = {.log = out_log(&cli->out)};
    unsigned watch_s = args_text(&cli->args, "watch") != NULL ? args_number(&cli->args, "watch") : WATCH_S;
    char *json = NULL;
    what.accept_count = args_list(&cli->args, "accept", &what.accept);
    what.watch_ms = watch_s * 1000;
    what.no_hooks = args_flag(&cli->args, "no-hooks");
    if (infill_check(plan, &what, &json, &error) != 0)
        return out_error(&cli->out, &error);
    json_t *document = doc_read(json);
    int code = strcmp(doc_text(document, "verdict"), "fail") == 0 ? 8 : 0;
    json_decref(document);
    out_result(&cli->out, json, show_check);
    return code;
}

static int run(struct cli *cli) {
    struct infill_plan *plan = NULL;
    int code = plan_open(cli, &plan, NULL, 0);
    if (code == 0)
        code = check(cli, plan);
    infill_plan_close(plan);
    return code;
}

const struct command check_command = {
    .name = "check",
    .summary = "an operator's checklist: is it safe to start here, now?",
    .positionals = "PLAN",
    .positional_max = 1,
    .takes_plan = true,
    .text = "Asks the database what can be known beforehand and prints a checklist in three parts: pre-flight, execution controls, "
            "way back. Each line passes, warns or fails, with the way to mend it; what cannot be known is said, not guessed. "
            "Nothing is written; hooks are called once, with the event check. A line that is meant to be so is accepted by the "
            "name of its check.",
    .options = options,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
