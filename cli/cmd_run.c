/* cmd_run.c - infill run: fills, or goes on filling. */
#include <infill.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/doc.h"
#include "cli/gate.h"
#include "cli/plan_open.h"
#include "cli/reporter.h"
#include "cli/show.h"
#include "cli/watch.h"
#include "cli/xalloc.h"

static const struct option_spec options[] = {
    {.name = "workers",
     .kind = OPTION_NUMBER,
     .value = "N",
     .help = "threads, each with a connection; the same as --set workers=N",
     .fallback = "the plan's",
     .variable = "INFILL_WORKERS"},
    {.name = "fill",
     .kind = OPTION_TEXT,
     .value = "NAME",
     .help = "only this fill; the ones it needs must be done",
     .fallback = "all"},
    {.name = "from", .kind = OPTION_TEXT, .value = "KEY", .help = "with --fill: begin after this key", .fallback = "the first row"},
    {.name = "until",
     .kind = OPTION_TEXT,
     .value = "KEY",
     .help = "with --fill: end with this key",
     .fallback = "the last row at the start"},
    {.name = "range",
     .kind = OPTION_TEXT,
     .value = "N|A..B",
     .help = "with --again: these ranges, by number, and nothing else",
     .fallback = "all that are open"},
    {.name = "again", .help = "with --range: run them once more although they are filled, as a new attempt"},
    {.name = "exclusive", .help = "end with code 6 when others work on every open range, instead of waiting"},
    {.name = "yes", .letter = 'y', .help = "start without being asked, in the profile prod and those that extend it"},
    {.name = "accept",
     .kind = OPTION_LIST,
     .value = "CHECK",
     .help = "what this check of the checklist says is meant (infill check)",
     .fallback = "nothing"},
    {.name = "no-hooks", .help = "leave the calls of required hooks out of the checklist; the run calls them all the same"},
    {.name = "no-install", .help = "fail when the ledger is not there, instead of making it"},
    {0},
};

static const char *const examples[] = {
    "infill run users.yaml",
    "infill run users.yaml --yes --accept disk",
    "infill run users.yaml --env staging --workers 4 --set batch.rows=500",
    "infill run users.yaml --fill users --from 1000000 --until 2000000",
    "infill run users.yaml --fill users --range 17 --again",
    NULL,
};

static const int exit_codes[] = {0, 1, 2, 3, 5, 6, 7, 8, 129, 130, 143, -1};

/* What the run came to, from the worst down. An error beats a signal, except that of being cancelled by it. Without --fill and --range
 * "nothing left" has to mean that the run is done: an end that only the workers saw is no end, and whoever calls infill again finds out. */
static int worst_code(const struct cli *cli, const struct watched *watched, const json_t *summary) {
    const struct crew_result *result = &watched->result;
    const char *state = doc_text(summary, "state");
    bool whole = args_text(&cli->args, "fill") == NULL && args_text(&cli->args, "range") == NULL;
    if (result->failed && !watch_is_echo(watched))
        return infill_error_exit_code(result->error.code);
    if (strcmp(state, "done") == 0 || (result->all_done && !whole))
        return doc_int(summary, "rejects_open", 0) > 0 ? 3 : 0;
    if (watched->first_signal != 0)
        return 128 + watched->first_signal;
    if (result->all_done)
        return 5;
    return strcmp(state, "halted") == 0 ? 8 : 7;
}

/* Whoever must be told and was not makes the best of results one that has to be gone on with. */
static int exit_code(const struct cli *cli, const struct watched *watched, const json_t *summary) {
    int code = worst_code(cli, watched, summary);
    return (code == 0 || code == 3) && doc_int(summary, "hooks_untold", 0) > 0 ? 5 : code;
}

/* Ends the run and says what came of it. Frees the reporter. */
static int finish(struct cli *cli, struct infill_run *run, struct reporter *reporter, const struct watched *watched) {
    struct infill_error error = {0};
    char *json = NULL;
    int closed = infill_run_close(run, &json, &error);
    json_t *summary = closed == 0 && json != NULL ? doc_read(json) : NULL;
    if (summary != NULL)
        reporter_summary(reporter, summary);
    reporter_free(reporter);
    int code = exit_code(cli, watched, summary);
    if (watched->result.failed && !watch_is_echo(watched))
        out_error(&cli->out, &watched->result.error);
    else if (!watched->result.failed && closed != 0)
        code = out_error(&cli->out, &error);
    if (summary != NULL && !cli->out.json)
        show_summary(stdout, &cli->out, summary);
    json_decref(summary);
    infill_free(json);
    return code;
}

static int run_opened(struct cli *cli, const struct infill_plan *plan, struct infill_run *run, struct reporter *reporter) {
    const struct work work = work_of_run(run);
    unsigned workers = infill_plan_workers(plan) > 0 ? infill_plan_workers(plan) : 1;
    struct watched watched = {0};
    struct infill_error error = {0};
    if (watch_begin(&error) != 0) {
        struct infill_error ignored = {0};
        reporter_free(reporter);
        infill_run_close(run, NULL, &ignored);
        return out_error(&cli->out, &error);
    }
    reporter_say(reporter, 1, "%s (%s, %s): %u worker%s", infill_plan_name(plan), infill_plan_environment(plan),
                 infill_plan_profile(plan), workers, workers == 1 ? "" : "s");
    watch_work(&work, reporter, workers, &watched);
    reporter_last(reporter, &work);
    int code = finish(cli, run, reporter, &watched);
    watch_end();
    return code;
}

static int run_plan(struct cli *cli, const struct infill_plan *plan) {
    struct reporter *reporter = reporter_new(&cli->out);
    struct infill_run_options run_options = {
        .log = reporter_log(reporter),
        .from = args_text(&cli->args, "from"),
        .until = args_text(&cli->args, "until"),
        .fill = args_text(&cli->args, "fill"),
        .exclusive = args_flag(&cli->args, "exclusive"),
        .no_install = args_flag(&cli->args, "no-install"),
        .again = args_flag(&cli->args, "again"),
        .ranges = args_text(&cli->args, "range"),
    };
    struct infill_run *run = NULL;
    struct infill_error error = {0};
    if (infill_run_open(plan, &run_options, &run, &error) != 0) {
        reporter_free(reporter);
        return out_error(&cli->out, &error);
    }
    return run_opened(cli, plan, run, reporter);
}

/* What needs, and what excludes, one another. */
static int check(const struct cli *cli) {
    bool bounded = args_text(&cli->args, "from") != NULL || args_text(&cli->args, "until") != NULL;
    bool ranges = args_text(&cli->args, "range") != NULL;
    bool again = args_flag(&cli->args, "again");
    if (bounded && args_text(&cli->args, "fill") == NULL)
        return out_usage(&cli->out, "infill run PLAN --fill NAME --from KEY --until KEY",
                         "--from and --until are keys of one fill: name it");
    if (ranges && !again)
        return out_usage(&cli->out, "infill run PLAN --range N --again",
                         "--range runs ranges once more and needs --again to say so");
    if (again && !ranges)
        return out_usage(&cli->out, "infill run PLAN --range N --again",
                         "--again needs --range: which ranges are to be run again?");
    if (ranges && bounded)
        return out_usage(&cli->out, "infill run PLAN --range N --again",
                         "--range has its bounds: --from and --until do not go with it");
    return 0;
}

static int run(struct cli *cli) {
    struct infill_plan *plan = NULL;
    const char *workers = args_text(&cli->args, "workers");
    int wrong = check(cli);
    if (wrong != 0)
        return wrong;
    char *set = workers != NULL ? xformat("workers=%s", workers) : NULL;
    const char *const sets[] = {set};
    int code = plan_open(cli, &plan, sets, set != NULL ? 1 : 0);
    if (code == 0)
        code = gate_pass(cli, plan);
    if (code == 0)
        code = run_plan(cli, plan);
    infill_plan_close(plan);
    free(set);
    return code;
}

const struct command run_command = {
    .name = "run",
    .summary = "fill; after any interruption the same command resumes",
    .positionals = "PLAN",
    .positional_max = 1,
    .takes_plan = true,
    .text = "Moves the rows, batch by batch, each batch in one transaction with its checkpoint. Run it again after a crash, a lost "
            "connection "
            "or a signal, on this or another host, at the same time too: the work is shared through the ledger and nothing is done "
            "twice. "
            "In the profile prod the checklist comes first, and then the plan's name is asked for on the terminal, or --yes. "
            "SIGINT, SIGTERM and SIGHUP finish the batches at hand and end; a second one rolls them back.",
    .options = options,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
