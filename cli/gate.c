/* gate.c - see gate.h. */
#include "cli/gate.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/doc.h"
#include "cli/show.h"
#include "cli/term.h"

enum { WATCH_MS = 5000, ANSWER_MAX = 256 };

__attribute__((format(printf, 3, 4))) static int refuse(const struct cli *cli, const char *next, const char *format, ...) {
    struct infill_error error = {.code = INFILL_ERR_REFUSED};
    va_list args;
    va_start(args, format);
    vsnprintf(error.message, sizeof error.message, format, args);
    va_end(args);
    snprintf(error.next, sizeof error.next, "nothing was done; %s", next);
    return out_error(&cli->out, &error);
}

/* On standard error: standard output belongs to the run. */
static void show(const struct cli *cli, const json_t *document) {
    struct out out = cli->out;
    out.colour = out.colour && term_takes_colour(STDERR_FILENO);
    out.columns = term_columns(STDERR_FILENO);
    show_check_short(stderr, &out, document);
}

static int check(struct cli *cli, const struct infill_plan *plan) {
    struct infill_check_options what = {.log = out_log(&cli->out), .watch_ms = WATCH_MS, .quick = true};
    struct infill_error error = {0};
    char *json = NULL;
    what.no_hooks = args_flag(&cli->args, "no-hooks");
    what.accept_count = args_list(&cli->args, "accept", &what.accept);
    if (infill_check(plan, &what, &json, &error) != 0)
        return out_error(&cli->out, &error);
    json_t *document = doc_read(json);
    bool fails = strcmp(doc_text(document, "verdict"), "fail") == 0;
    if (fails || !cli->out.quiet)
        show(cli, document);
    json_decref(document);
    infill_free(json);
    return fails ? refuse(cli, "infill check PLAN", "the checklist fails, and profile %s does not start like that",
                          infill_plan_profile(plan))
                 : 0;
}

/* The name as a whole: an Enter or a y is typed too easily. */
static int ask(const struct cli *cli, const struct infill_plan *plan) {
    char answer[ANSWER_MAX] = "";
    fputs("\ntype the plan's name, ", stderr);
    term_escape(stderr, infill_plan_name(plan));
    fputs(", to start: ", stderr);
    if (fgets(answer, sizeof answer, stdin) == NULL)
        fputc('\n', stderr);
    answer[strcspn(answer, "\r\n")] = '\0';
    if (strcmp(answer, infill_plan_name(plan)) == 0)
        return 0;
    return refuse(cli, "infill run PLAN", "that is not the plan's name");
}

int gate_pass(struct cli *cli, const struct infill_plan *plan) {
    bool yes = args_flag(&cli->args, "yes"), asks = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    if (!infill_plan_is_careful(plan))
        return 0;
    if (!yes && !asks)
        return refuse(cli, "infill run PLAN --yes", "in profile %s a run is confirmed on a terminal, or with --yes",
                      infill_plan_profile(plan));
    int code = check(cli, plan);
    return code != 0 || yes ? code : ask(cli, plan);
}
