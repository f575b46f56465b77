/* cmd_verify.c - infill verify: compares source and target, and says what differs and where. */
#include <infill.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/doc.h"
#include "cli/plan_open.h"
#include "cli/reporter.h"
#include "cli/show.h"
#include "cli/verdict.h"
#include "cli/watch.h"

static const struct option_spec options[] = {
    {.name = "fill", .kind = OPTION_TEXT, .value = "NAME", .help = "only this fill", .fallback = "all"},
    {.name = "range",
     .kind = OPTION_TEXT,
     .value = "N|A..B|TIME",
     .help = "only these ranges, by number, or by the time their keys begin with: 2026-03",
     .fallback = "all"},
    {.name = "keys",
     .kind = OPTION_TEXT,
     .value = "LO..HI",
     .help = "only rows with these keys, both ends included",
     .fallback = "all"},
    {.name = "only",
     .kind = OPTION_TEXT,
     .value = "LIST",
     .help = "only these checks: counts,digest",
     .fallback = "those the plan asks for"},
    {.name = "sample", .help = "instead of all rows compare as many, chosen by a seed, as exclude the plan's defect rate"},
    {.name = "self-test", .help = "plant known damage in temporary tables and look whether all of it is seen"},
    {.name = "restart", .help = "begin a new pass, although an unfinished one could be resumed"},
    {.name = "read-from",
     .kind = OPTION_TEXT,
     .value = "source|replica",
     .help = "where the first look goes; what differs on a replica is looked at again on the primary",
     .fallback = "source"},
    {0},
};

static const char *const examples[] = {
    "infill verify users.yaml",
    "infill verify users.yaml --fill users --range 17..19",
    "infill verify users.yaml --range 2026-03 --only counts,digest",
    "infill verify users.yaml --sample",
    "infill verify users.yaml --self-test",
    NULL,
};

static const int exit_codes[] = {0, 1, 2, 4, 5, 8, 129, 130, 143, -1};

/* An error beats a signal, except that of being cancelled by it; a signal beats what was compared until it came, unless that was all. */
static int exit_code(const struct watched *watched, const json_t *summary) {
    if (watched->result.failed && !watch_is_echo(watched))
        return infill_error_exit_code(watched->result.error.code);
    if (watched->first_signal != 0 && !doc_true(summary, "complete"))
        return 128 + watched->first_signal;
    return verdict_exit_code(verdict_whole(summary));
}

/* Ends the verification and says what came of it. Frees the reporter. */
static int finish(struct cli *cli, struct infill_verify *verify, struct reporter *reporter, const struct watched *watched) {
    struct infill_error error = {0};
    char *json = NULL;
    int closed = infill_verify_close(verify, &json, &error);
    json_t *summary = closed == 0 && json != NULL ? doc_read(json) : NULL;
    if (summary != NULL)
        reporter_summary(reporter, summary);
    reporter_free(reporter);
    int code = exit_code(watched, summary);
    if (watched->result.failed && !watch_is_echo(watched))
        out_error(&cli->out, &watched->result.error);
    else if (!watched->result.failed && closed != 0)
        code = out_error(&cli->out, &error);
    if (summary != NULL && !cli->out.json)
        show_verify(stdout, &cli->out, summary);
    json_decref(summary);
    infill_free(json);
    return code;
}

static int verify_opened(struct cli *cli, const struct infill_plan *plan, struct infill_verify *verify, struct reporter *reporter) {
    const struct work work = work_of_verify(verify);
    unsigned workers = infill_plan_workers(plan) > 0 ? infill_plan_workers(plan) : 1;
    struct watched watched = {0};
    struct infill_error error = {0};
    if (watch_begin(&error) != 0) {
        struct infill_error ignored = {0};
        reporter_free(reporter);
        infill_verify_close(verify, NULL, &ignored);
        return out_error(&cli->out, &error);
    }
    reporter_say(reporter, 1, "%s (%s, %s): comparing with %u worker%s", infill_plan_name(plan), infill_plan_environment(plan),
                 infill_plan_profile(plan), workers, workers == 1 ? "" : "s");
    watch_work(&work, reporter, workers, &watched);
    reporter_last(reporter, &work);
    int code = finish(cli, verify, reporter, &watched);
    watch_end();
    return code;
}

static bool reads_replica(const struct cli *cli) {
    const char *from = args_text(&cli->args, "read-from");
    return from != NULL && strcmp(from, "replica") == 0;
}

static int verify_plan(struct cli *cli, const struct infill_plan *plan) {
    struct reporter *reporter = reporter_new(&cli->out);
    const struct infill_verify_options verify_options = {
        .log = reporter_log(reporter),
        .fill = args_text(&cli->args, "fill"),
        .ranges = args_text(&cli->args, "range"),
        .keys = args_text(&cli->args, "keys"),
        .only = args_text(&cli->args, "only"),
        .sample = args_flag(&cli->args, "sample"),
        .read_replica = reads_replica(cli),
        .restart = args_flag(&cli->args, "restart"),
    };
    struct infill_verify *verify = NULL;
    struct infill_error error = {0};
    if (infill_verify_open(plan, &verify_options, &verify, &error) != 0) {
        reporter_free(reporter);
        return out_error(&cli->out, &error);
    }
    return verify_opened(cli, plan, verify, reporter);
}

static int self_test(struct cli *cli, const struct infill_plan *plan) {
    struct infill_log log = out_log(&cli->out);
    struct infill_error error = {0};
    char *json = NULL;
    if (infill_verify_self_test(plan, &log, &json, &error) != 0)
        return out_error(&cli->out, &error);
    json_t *document = doc_read(json);
    bool ok = strcmp(doc_text(document, "verdict"), "ok") == 0;
    long long planted = doc_int(document, "planted", 0), unseen = planted - doc_int(document, "seen", 0);
    json_decref(document);
    out_result(&cli->out, json, show_self_test);
    if (ok)
        return 0;
    error.code = INFILL_ERR_INTERNAL;
    snprintf(error.message, sizeof error.message,
             "%lld of %lld kinds of damage go unseen: a verdict of this build would prove nothing", unseen, planted);
    snprintf(error.next, sizeof error.next, "please report what it did not see; do not rely on infill verify here");
    out_error_text(stderr, &cli->out, &error);
    return infill_error_exit_code(error.code);
}

/* What does not go together, and what is not there yet. */
static int check(const struct cli *cli) {
    static const char *const selections[] = {"fill", "range", "keys", "only"};
    const char *read_from = args_text(&cli->args, "read-from");
    bool selects = args_flag(&cli->args, "sample") || args_flag(&cli->args, "restart");
    for (size_t i = 0; i < sizeof selections / sizeof selections[0]; i++)
        selects = selects || args_text(&cli->args, selections[i]) != NULL;
    if (read_from != NULL && strcmp(read_from, "source") != 0 && strcmp(read_from, "replica") != 0)
        return out_usage(&cli->out, "infill verify PLAN --read-from replica", "--read-from is source or replica");
    if (args_text(&cli->args, "range") != NULL && args_text(&cli->args, "keys") != NULL)
        return out_usage(&cli->out, "infill verify PLAN --range N, or --keys LO..HI", "--range and --keys do not go together");
    if (args_flag(&cli->args, "self-test") && selects)
        return out_usage(&cli->out, "infill verify PLAN --self-test",
                         "the self-test works on copies of its own: nothing is selected with it");
    return 0;
}

static int run(struct cli *cli) {
    struct infill_plan *plan = NULL;
    int code = check(cli);
    if (code == 0)
        code = plan_open(cli, &plan, NULL, 0);
    if (code != 0)
        return code;
    code = args_flag(&cli->args, "self-test") ? self_test(cli, plan) : verify_plan(cli, plan);
    infill_plan_close(plan);
    return code;
}

const struct command verify_command = {
    .name = "verify",
    .summary = "compare source and target; say what differs, and where",
    .positionals = "PLAN",
    .positional_max = 1,
    .takes_plan = true,
    .text =
        "Reads both sides range by range, row by row, and runs the plan's checks on them. Before a difference is called one, both "
        "sides are read again. What differs becomes a finding with its key, in the ledger and never with its values; a range that "
        "failed stays so until it passes. Nothing is written but that. Run it again after an interruption and it goes on where it "
        "was. It ends with 0 only if everything was compared and matches, with 4 if something differs, with 5 if rows changed "
        "under the check, with 1 if something could not be compared. infill repair mends what was found. --sample reads all rows "
        "as well, but "
        "compares only some, by SHA-256: evidence that others can check, no replacement for the comparison of every row.",
    .options = options,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
