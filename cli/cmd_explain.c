/* cmd_explain.c - infill explain: what an error code means and what to do. */
#include <infill.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/figures.h"
#include "cli/nearest.h"
#include "cli/table.h"
#include "cli/term.h"

static const char *const examples[] = {
    "infill explain",
    "infill explain HALTED",
    NULL,
};

static const int exit_codes[] = {0, 2, -1};

static const int codes[] = {
#define CODE(name, value, exit_code, line, text) value,
    INFILL_ERROR_LIST(CODE)
#undef CODE
};
enum { CODES = sizeof codes / sizeof codes[0] };

static json_t *code_json(int code) {
    return json_pack("{ss si ss ss}", "code", infill_error_name(code), "exit_code", infill_error_exit_code(code), "line",
                     infill_error_line(code), "text", infill_error_text(code));
}

static void print_json(const struct out *out, json_t *document) {
    char *text = json_dumps(document, JSON_COMPACT);
    out_document(out, text != NULL ? text : "null");
    free(text);
    json_decref(document);
}

static void list_text(const struct out *out) {
    static const char *const headings[] = {"CODE", "EXIT", "MEANS", NULL};
    struct table table;
    table_init(&table, headings, 2);
    for (size_t i = 0; i < CODES; i++) {
        table_cell(&table, infill_error_name(codes[i]));
        table_cell(&table, figure_count(infill_error_exit_code(codes[i])).text);
        table_cell(&table, infill_error_line(codes[i]));
    }
    table_print(&table, stdout, 0, out->columns);
    table_release(&table);
}

static int list(const struct out *out) {
    if (!out->json) {
        list_text(out);
        return 0;
    }
    json_t *all = json_array();
    for (size_t i = 0; i < CODES; i++)
        json_array_append_new(all, code_json(codes[i]));
    print_json(out, all);
    return 0;
}

static int unknown(const struct out *out, const char *word) {
    const char *names[CODES];
    for (size_t i = 0; i < CODES; i++)
        names[i] = infill_error_name(codes[i]);
    char upper[INFILL_NAME_MAX];
    size_t len = 0;
    for (; word[len] != '\0' && len + 1 < sizeof upper; len++)
        upper[len] = word[len] >= 'a' && word[len] <= 'z' ? (char)(word[len] - 'a' + 'A') : word[len];
    upper[len] = '\0';
    const char *nearest = nearest_word(upper, names, CODES);
    if (nearest != NULL)
        return out_usage(out, "infill explain lists all codes", "no error code is called %s; did you mean %s?", word, nearest);
    return out_usage(out, "infill explain lists all codes", "no error code is called %s", word);
}

static int run(struct cli *cli) {
    if (cli->args.positional_count == 0)
        return list(&cli->out);
    int code = infill_error_by_name(cli->args.positionals[0]);
    if (code == 0)
        return unknown(&cli->out, cli->args.positionals[0]);
    if (cli->out.json) {
        print_json(&cli->out, code_json(code));
        return 0;
    }
    printf("%s%s%s: %s (exit code %d)\n\n", out_bold(&cli->out), infill_error_name(code), out_plain(&cli->out),
           infill_error_line(code), infill_error_exit_code(code));
    term_fill(stdout, infill_error_text(code), 0, cli->out.columns > 0 ? cli->out.columns : TERM_COLUMNS_DEFAULT, false);
    return 0;
}

const struct command explain_command = {
    .name = "explain",
    .summary = "what an error code means, and what to do next",
    .positionals = "[CODE]",
    .positional_max = 1,
    .takes_plan = false,
    .text = "Prints what the code of an error message means, what state the data is in, and what to do next. Without a code, all "
            "of them.",
    .options = NULL,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
