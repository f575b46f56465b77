/* show_parity.c - what differs between two environments, as a table whose rows say what they mean; see show.h. */
#include <stdlib.h>
#include <string.h>

#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/show.h"
#include "cli/term.h"
#include "cli/xalloc.h"

enum { MEANS_INDENT = 10 };

static bool is_shown(const json_t *line, bool all) {
    const char *verdict = doc_text(line, "verdict");
    return all || strcmp(verdict, "pass") != 0;
}

static void show_sides(FILE *file, const json_t *document) {
    size_t i;
    json_t *side;
    json_array_foreach (doc_list(document, "environments"), i, side) {
        char *text = xformat("%s %s, profile %s, %s", doc_text(side, "engine"), doc_text(side, "server_version"),
                             doc_text(side, "profile"), doc_text(side, "database"));
        char *name = term_escaped(doc_text(side, "environment"));
        show_field(file, name, text);
        free(name);
        free(text);
    }
}

static const char *value_of(const json_t *line, size_t side) {
    const char *text = json_string_value(json_array_get(json_object_get(line, "values"), side));
    return text != NULL ? text : "-";
}

static void fill_table(struct table *table, const json_t *document, bool all) {
    size_t i;
    json_t *line;
    json_array_foreach (doc_list(document, "lines"), i, line) {
        if (!is_shown(line, all))
            continue;
        table_cell(table, doc_text(line, "verdict"));
        table_cell(table, doc_text(line, "compare"));
        table_cell(table, doc_text(line, "subject"));
        table_cell(table, value_of(line, 0));
        table_cell(table, value_of(line, 1));
    }
}

static void show_meaning(FILE *file, const struct out *out, const json_t *line) {
    if (doc_text(line, "message")[0] != '\0') {
        fprintf(file, "%*s", MEANS_INDENT, "");
        term_escape(file, doc_text(line, "message"));
        fputc('\n', file);
    }
    if (doc_text(line, "next")[0] != '\0') {
        fprintf(file, "%*sfix: ", MEANS_INDENT, "");
        out_command(file, out, doc_text(line, "next"));
        fputc('\n', file);
    }
}

/* The rows of the table come out one a line, in the order of the lines: below each goes what it means. */
static void show_rows_and_meanings(FILE *file, const struct out *out, const json_t *document, const char *rows, bool all) {
    size_t i;
    json_t *line;
    const char *end = strchr(rows, '\n');
    if (end == NULL)
        return;
    fprintf(file, "\n%s%.*s%s\n", out_bold(out), (int)(end - rows), rows, out_plain(out));
    json_array_foreach (doc_list(document, "lines"), i, line) {
        if (!is_shown(line, all))
            continue;
        rows = end + 1;
        end = strchr(rows, '\n');
        fprintf(file, "%.*s\n", (int)(end - rows), rows);
        show_meaning(file, out, line);
    }
}

static void show_differences(FILE *file, const struct out *out, const json_t *document, bool all) {
    const json_t *sides = doc_list(document, "environments");
    const char *const headings[] = {
        "VERDICT", "WHAT", "", doc_text(json_array_get(sides, 0), "environment"), doc_text(json_array_get(sides, 1), "environment"),
        NULL};
    struct table table;
    struct xstream text;
    table_init(&table, headings, 0);
    fill_table(&table, document, all);
    xstream_begin(&text);
    table_print(&table, text.file, 0, out->columns);
    char *rows = xstream_end(&text);
    show_rows_and_meanings(file, out, document, rows, all);
    free(rows);
    table_release(&table);
}

static void show_verdict(FILE *file, const struct out *out, const json_t *document) {
    static const struct {
        const char *verdict, *says;
    } counts[] = {{"fail", "another result"}, {"warn", "another speed"}, {"unknown", "not to be told"}, {"info", "of no matter"}};
    const json_t *found = doc_object(document, "counts");
    const char *verdict = doc_text(document, "verdict");
    fprintf(file, "\n%sverdict: %s%s; %s equal", out_bold(out),
            strcmp(verdict, "pass") == 0      ? "comparable"
            : strcmp(verdict, "unknown") == 0 ? "not everything could be told"
            : strcmp(verdict, "warn") == 0    ? "comparable in what comes out, not in how fast"
                                              : "not comparable",
            out_plain(out), figure_count(doc_int(found, "pass", 0)).text);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        if (doc_int(found, counts[i].verdict, 0) > 0)
            fprintf(file, ", %s %s (%s)", figure_count(doc_int(found, counts[i].verdict, 0)).text, counts[i].verdict,
                    counts[i].says);
    fputc('\n', file);
}

static void show(FILE *file, const struct out *out, const json_t *document, bool all) {
    fprintf(file, "%splan ", out_bold(out));
    term_escape(file, doc_text(document, "plan"));
    fprintf(file, "%s\n", out_plain(out));
    show_sides(file, document);
    show_differences(file, out, document, all);
    show_verdict(file, out, document);
}

void show_parity(FILE *file, const struct out *out, const json_t *document) {
    show(file, out, document, false);
}

void show_parity_all(FILE *file, const struct out *out, const json_t *document) {
    show(file, out, document, true);
}
