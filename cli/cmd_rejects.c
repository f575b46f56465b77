/* cmd_rejects.c - infill rejects: the rows that could not be written, and what to do about them. */
#include <infill.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/plan_open.h"
#include "cli/show.h"
#include "cli/table.h"
#include "cli/xalloc.h"

static const struct option_spec options[] = {
    {.name = "retry", .help = "try every open reject again, one transaction each"},
    {.name = "accept",
     .kind = OPTION_LIST,
     .value = "KEY",
     .help = "accept this reject, with --because; may be repeated, and further keys may follow PLAN"},
    {.name = "fill", .kind = OPTION_TEXT, .value = "NAME", .help = "the fill of the keys", .fallback = "the only one with rejects"},
    {.name = "because",
     .kind = OPTION_TEXT,
     .value = "TEXT",
     .help = "why they are accepted: required with --accept, and kept in the ledger"},
    {0},
};

static const char *const examples[] = {
    "infill rejects users.yaml",
    "infill rejects users.yaml --retry",
    "infill rejects users.yaml --accept 4711 4712 --fill users --because \"test accounts\"",
    NULL,
};

static const int exit_codes[] = {0, 1, 2, 3, 5, 8, -1};

/* A plan and any number of keys in one go; nobody accepts more by hand. */
enum { KEYS_MAX = 10000 };

static void show_rejects(FILE *file, const struct out *out, const json_t *document) {
    static const char *const headings[] = {"FILL", "KEY", "CLASS", "SQLSTATE", "CONSTRAINT", "STATE", "TRIES", "AT", NULL};
    static const char *const members[] = {"fill", "key", "class", "sqlstate", "constraint", "state"};
    struct table table;
    size_t index;
    json_t *reject;
    table_init(&table, headings, 0x40);
    json_array_foreach (doc_list(document, "rejects"), index, reject) {
        for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
            table_cell(&table, doc_text(reject, members[i]));
        table_cell(&table, figure_count(doc_int(reject, "tries", 0)).text);
        table_cell(&table, doc_text(reject, "at"));
    }
    table_print(&table, file, 0, out->columns);
    fprintf(file, "%s%s open, %s retried, %s accepted\n", table.cell_count > 0 ? "\n" : "",
            figure_count(doc_int(document, "open", 0)).text, figure_count(doc_int(document, "retried", 0)).text,
            figure_count(doc_int(document, "accepted", 0)).text);
    table_release(&table);
}

static int list(struct cli *cli, const struct infill_plan *plan) {
    struct infill_error error = {0};
    char *json = NULL;
    if (infill_rejects(plan, &json, &error) != 0)
        return out_error(&cli->out, &error);
    return out_result(&cli->out, json, show_rejects);
}

static void show_retried(FILE *file, const struct out *out, const json_t *document) {
    (void)out;
    fprintf(file, "%s tried, %s written, %s still open\n", figure_count(doc_int(document, "tried", 0)).text,
            figure_count(doc_int(document, "written", 0)).text, figure_count(doc_int(document, "still_open", 0)).text);
}

static int retry(struct cli *cli, const struct infill_plan *plan) {
    struct infill_log log = out_log(&cli->out);
    struct infill_error error = {0};
    char *json = NULL;
    if (infill_rejects_retry(plan, &log, &json, &error) != 0)
        return out_error(&cli->out, &error);
    json_t *document = doc_read(json);
    bool still_open = doc_int(document, "still_open", 0) > 0;
    json_decref(document);
    out_result(&cli->out, json, show_retried);
    return still_open ? 3 : 0;
}

/* The fill of the rejects when there is only one, so that --fill may be left out; NULL otherwise. The caller frees. */
static char *only_fill(const struct infill_plan *plan) {
    struct infill_error error = {0};
    char *json = NULL;
    char *fill = NULL;
    bool single = true;
    size_t index;
    json_t *reject;
    if (infill_rejects(plan, &json, &error) != 0)
        return NULL;
    json_t *document = doc_read(json);
    json_array_foreach (doc_list(document, "rejects"), index, reject) {
        if (fill == NULL)
            fill = xcopy(doc_text(reject, "fill"));
        single = single && strcmp(fill, doc_text(reject, "fill")) == 0;
    }
    json_decref(document);
    infill_free(json);
    if (single)
        return fill;
    free(fill);
    return NULL;
}

static void show_accepted(FILE *file, const struct out *out, const json_t *document) {
    (void)out;
    fprintf(file, "accepted");
    if (json_is_integer(json_object_get(document, "accepted")))
        fprintf(file, " %s", figure_count(doc_int(document, "accepted", 0)).text);
    if (json_is_integer(json_object_get(document, "open")))
        fprintf(file, ", %s still open", figure_count(doc_int(document, "open", 0)).text);
    fputc('\n', file);
}

static int accept_keys(struct cli *cli, const struct infill_plan *plan, const char *const *keys, size_t count) {
    const char *given = args_text(&cli->args, "fill");
    char *found = given == NULL ? only_fill(plan) : NULL;
    struct infill_error error = {0};
    char *json = NULL;
    int code = 0;
    if (given == NULL && found == NULL)
        code = out_usage(&cli->out, "infill rejects PLAN lists them; then add --fill NAME",
                         "the keys of which fill are to be accepted?");
    else if (infill_rejects_accept(plan, given != NULL ? given : found, keys, count, args_text(&cli->args, "because"), &json,
                                   &error) != 0)
        code = out_error(&cli->out, &error);
    else
        out_result(&cli->out, json, show_accepted);
    free(found);
    return code;
}

/* The keys are those of --accept, then the words after PLAN. */
static int accept_given(struct cli *cli, const struct infill_plan *plan) {
    const char *const *given;
    size_t given_count = args_list(&cli->args, "accept", &given);
    size_t more = cli->args.positional_count > 1 ? cli->args.positional_count - 1 : 0;
    const char **keys = xalloc(given_count + more, sizeof *keys);
    for (size_t i = 0; i < given_count; i++)
        keys[i] = given[i];
    for (size_t i = 0; i < more; i++)
        keys[given_count + i] = cli->args.positionals[1 + i];
    int code = accept_keys(cli, plan, keys, given_count + more);
    free(keys);
    return code;
}

static int check(const struct cli *cli, bool accepts) {
    if (accepts && args_flag(&cli->args, "retry"))
        return out_usage(&cli->out, "retry first, then accept what is still open", "--retry and --accept do not go together");
    if (accepts && args_text(&cli->args, "because") == NULL)
        return out_usage(&cli->out, "add --because \"...\"", "accepting a reject needs a reason: it stays in the ledger");
    if (!accepts && cli->args.positional_count > 1)
        return out_usage(&cli->out, "infill rejects PLAN --accept KEY... --because \"...\"", "one word too many: %s",
                         cli->args.positionals[1]);
    return 0;
}

static int run(struct cli *cli) {
    struct infill_plan *plan = NULL;
    const char *const *keys;
    bool accepts = args_list(&cli->args, "accept", &keys) > 0;
    int code = check(cli, accepts);
    if (code == 0)
        code = plan_open(cli, &plan, NULL, 0);
    if (code != 0)
        return code;
    code = accepts ? accept_given(cli, plan) : args_flag(&cli->args, "retry") ? retry(cli, plan) : list(cli, plan);
    infill_plan_close(plan);
    return code;
}

const struct command rejects_command = {
    .name = "rejects",
    .summary = "list, retry or accept the rows that could not be written",
    .positionals = "PLAN [KEY...]",
    .positional_max = KEYS_MAX,
    .takes_plan = true,
    .text = "A row that the target refuses is set aside with its key and the class of its error, and the rest goes on; its values "
            "are kept "
            "nowhere. While one is open, infill run ends with 3. Mend the row or the expression and retry, or accept that it stays "
            "behind: that takes a reason, --because, since the ledger keeps who accepted what and why.",
    .options = options,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
