/* cmd_parity.c - infill parity: are two environments comparable, and does it matter? */
#include <infill.h>
#include <string.h>

#include "cli/bell.h"
#include "cli/command.h"
#include "cli/doc.h"
#include "cli/plan_open.h"
#include "cli/show.h"

static const struct option_spec options[] = {
    {.name = "no-probe", .kind = OPTION_FLAG, .help = "commit nothing: measure neither round trips nor one-row transactions"},
    {.name = "no-rehearse", .kind = OPTION_FLAG, .help = "do not execute batches, not even to roll them back"},
    {.name = "all", .kind = OPTION_FLAG, .help = "show what is equal too"},
    {0},
};

static const char *const examples[] = {
    "infill parity users.yaml staging prod",
    "infill parity users.yaml staging prod --no-probe --no-rehearse",
    "infill parity users.yaml staging prod --profile prod --all --json",
    NULL,
};

static const int exit_codes[] = {0, 1, 2, 4, 5, 130, 143, -1};

/* What could not be told is no agreement. */
static int code_of(const char *verdict) {
    if (strcmp(verdict, "fail") == 0 || strcmp(verdict, "warn") == 0)
        return 4;
    return strcmp(verdict, "pass") == 0 ? 0 : 1;
}

static bool is_rung(void *context) {
    unsigned *why = context;
    if (*why == BELL_NONE)
        *why = bell_wait(0);
    return *why != BELL_NONE;
}

static int compare(struct cli *cli, const struct infill_plan *from, const struct infill_plan *to) {
    unsigned rung = BELL_NONE;
    const struct infill_parity_options what = {.log = out_log(&cli->out),
                                               .no_probe = args_flag(&cli->args, "no-probe"),
                                               .no_rehearsal = args_flag(&cli->args, "no-rehearse"),
                                               .stopped = is_rung,
                                               .stopped_context = &rung};
    struct infill_error error = {0};
    char *json = NULL;
    bool has_bell = bell_open(); /* without it a signal may leave the table of the probe behind, no more */
    int rc = infill_parity(from, to, &what, &json, &error);
    if (has_bell)
        bell_close();
    if (rc != 0) {
        int code = out_error(&cli->out, &error);
        return rc == INFILL_ERR_CANCELLED && rung != BELL_NONE ? 128 + (int)rung : code;
    }
    json_t *document = doc_read(json);
    int code = code_of(doc_text(document, "verdict"));
    json_decref(document);
    out_result(&cli->out, json, args_flag(&cli->args, "all") ? show_parity_all : show_parity);
    return code;
}

static int check_words(const struct cli *cli) {
    static const char usage[] = "infill parity PLAN ENVIRONMENT ENVIRONMENT, as in: infill parity users.yaml staging prod";
    if (args_text(&cli->args, "env") != NULL)
        return out_usage(&cli->out, usage, "--env names one environment; parity compares two, named behind the plan");
    if (cli->args.positional_count != 3)
        return out_usage(&cli->out, usage, "parity needs the plan and two of its environments");
    if (strcmp(cli->args.positionals[1], cli->args.positionals[2]) == 0)
        return out_usage(&cli->out, usage, "an environment is always like itself");
    return 0;
}

static int run(struct cli *cli) {
    struct infill_plan *plans[2] = {NULL, NULL};
    int code = check_words(cli);
    for (size_t i = 0; i < 2 && code == 0; i++)
        code = plan_open_in(cli, cli->args.positionals[1 + i], &plans[i]);
    if (code == 0)
        code = compare(cli, plans[0], plans[1]);
    for (size_t i = 0; i < 2; i++)
        infill_plan_close(plans[i]);
    return code;
}

const struct command parity_command = {
    .name = "parity",
    .summary = "are two environments comparable: what differs, and does it matter?",
    .positionals = "PLAN ENVIRONMENT ENVIRONMENT",
    .positional_max = 3,
    .takes_plan = true,
    .text =
        "Compares two environments of a plan: servers and their settings, round trips, commits, batches that are rolled back, "
        "tables, "
        "indexes, foreign keys, triggers, rows, the servers' plans of the batch statements, and the facts that the plan declares. "
        "Each difference says what it means for a fill: fail, another result; warn, another speed, so that a forecast of the first "
        "environment does not hold for the second; info, neither. It ends with 0 if nothing that matters differs, with 4 if "
        "something does, with 1 or 5 if it could not tell. Commits are measured by one-row transactions on a table of its own, "
        "which "
        "is dropped again; --no-probe --no-rehearse only reads.",
    .options = options,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
