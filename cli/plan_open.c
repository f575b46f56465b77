/* plan_open.c - see plan_open.h. */
#include "cli/plan_open.h"

#include <stdlib.h>

#include "cli/term.h"
#include "cli/xalloc.h"

const char *plan_path(const struct cli *cli) {
    if (cli->args.positional_count > 0)
        return cli->args.positionals[0];
    const char *path = getenv("INFILL_PLAN");
    return path != NULL && path[0] != '\0' ? path : NULL;
}

static int open_with(struct cli *cli, const char *environment, struct infill_plan **plan, const char *const *sets,
                     size_t set_count) {
    struct infill_plan_options options = {
        .path = plan_path(cli),
        .environment = environment,
        .profile = args_text(&cli->args, "profile"),
        .sets = sets,
        .set_count = set_count,
    };
    struct infill_error error = {0};
    char *report = NULL;
    if (infill_plan_open(&options, plan, &report, &error) == 0) {
        infill_free(report);
        return 0;
    }
    if (report != NULL && report[0] != '\0') {
        term_escape_lines(stderr, report, "");
        fputc('\n', stderr);
    }
    infill_free(report);
    return out_error(&cli->out, &error);
}

static int open_in(struct cli *cli, const char *environment, struct infill_plan **plan, const char *const *sets, size_t set_count) {
    const char *const *given;
    size_t given_count = args_list(&cli->args, "set", &given);
    if (plan_path(cli) == NULL)
        return out_usage(&cli->out, "name it, or set INFILL_PLAN", "no plan: infill %s PLAN", cli->args.command->name);
    cli->out.plan = plan_path(cli);
    /* An option of its own is stronger than --set for the same thing, so it comes last. */
    const char **all = xalloc(given_count + set_count, sizeof *all);
    for (size_t i = 0; i < given_count; i++)
        all[i] = given[i];
    for (size_t i = 0; i < set_count; i++)
        all[given_count + i] = sets[i];
    int code = open_with(cli, environment, plan, all, given_count + set_count);
    free(all);
    return code;
}

int plan_open(struct cli *cli, struct infill_plan **plan, const char *const *sets, size_t set_count) {
    return open_in(cli, args_text(&cli->args, "env"), plan, sets, set_count);
}

int plan_open_in(struct cli *cli, const char *environment, struct infill_plan **plan) {
    return open_in(cli, environment, plan, NULL, 0);
}
