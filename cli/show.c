/* show.c - see show.h. The shared parts, and the summary of a run. */
#include "cli/show.h"

#include <stdarg.h>
#include <stdlib.h>

#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/table.h"
#include "cli/term.h"
#include "cli/xalloc.h"

/* Names of fields stand in a column this wide. */
enum { NAME_COLUMNS = 12 };

void show_field(FILE *file, const char *name, const char *text) {
    if (text == NULL || text[0] == '\0')
        return;
    fprintf(file, "  %-*s", NAME_COLUMNS, name);
    term_escape(file, text);
    fputc('\n', file);
}

void show_fieldf(FILE *file, const char *name, const char *format, ...) {
    va_list args;
    fprintf(file, "  %-*s", NAME_COLUMNS, name);
    va_start(args, format);
    vfprintf(file, format, args);
    va_end(args);
    fputc('\n', file);
}

void show_headline(FILE *file, const struct out *out, const json_t *document, const char *text) {
    char *plan = term_escaped(doc_text(document, "plan"));
    char *escaped = term_escaped(text);
    char *line = xformat("%s: %s", plan, escaped);
    fputs(out_bold(out), file);
    if (out->columns > 0)
        term_fill(file, line, 2, out->columns, true);
    else
        fprintf(file, "%s\n", line);
    fputs(out_plain(out), file);
    free(plan);
    free(escaped);
    free(line);
}

void show_cell(struct table *table, const json_t *object, const char *name) {
    char *text = doc_shown(object, name);
    table_cell(table, text);
    free(text);
}

void show_range_cell(struct table *table, const json_t *object) {
    char *text = doc_range(object);
    table_cell(table, text);
    free(text);
}

void show_count_cell(struct table *table, const json_t *object, const char *name) {
    bool there = json_is_number(json_object_get(object, name));
    table_cell(table, there ? figure_count(doc_int(object, name, 0)).text : "");
}

void show_table(FILE *file, const struct out *out, struct table *table) {
    if (table->cell_count > 0)
        fputc('\n', file);
    table_print(table, file, 2, out->columns);
    table_release(table);
}

char *show_rows(const json_t *rows) {
    return xformat("%s seen, %s written, %s same, %s kept, %s rejected", figure_count(doc_int(rows, "seen", 0)).text,
                   figure_count(doc_int(rows, "written", 0)).text, figure_count(doc_int(rows, "same", 0)).text,
                   figure_count(doc_int(rows, "kept", 0)).text, figure_count(doc_int(rows, "rejected", 0)).text);
}

static void add_ranges(struct table *table, const json_t *fill) {
    int64_t ranges = doc_int(fill, "ranges", 0);
    int64_t filled = doc_int(fill, "ranges_filled", -1);
    char *text = filled >= 0 ? xformat("%lld/%lld", (long long)filled, (long long)ranges) : xformat("%lld", (long long)ranges);
    table_cell(table, text);
    free(text);
}

void show_fills(FILE *file, const struct out *out, const json_t *fills) {
    static const char *const headings[] = {"FILL", "STATE", "RANGES", "SEEN", "WRITTEN", "SAME", "KEPT", "REJECTED", NULL};
    static const char *const counts[] = {"seen", "written", "same", "kept", "rejected"};
    struct table table;
    size_t index;
    json_t *fill;
    table_init(&table, headings, 0xFC);
    json_array_foreach (fills, index, fill) {
        table_cell(&table, doc_text(fill, "fill"));
        table_cell(&table, doc_text(fill, "state"));
        add_ranges(&table, fill);
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
            table_cell(&table, figure_count(doc_int(doc_object(fill, "rows"), counts[i], 0)).text);
    }
    show_table(file, out, &table);
}

void show_next(FILE *file, const struct out *out, const json_t *document) {
    const char *next = doc_text(document, "next");
    if (next[0] == '\0')
        return;
    fputs("\nnext: ", file);
    out_command(file, out, next);
    fputc('\n', file);
}

/* {"deadlock": 3, "lock timeout": 1} as "deadlock 3, lock timeout 1". */
static void show_counts(FILE *file, const char *name, json_t *counts, bool seconds) {
    struct xstream stream;
    const char *key;
    json_t *value;
    xstream_begin(&stream);
    json_object_foreach (counts, key, value) {
        double number = json_number_value(value);
        if (number <= 0)
            continue;
        fprintf(stream.file, "%s%s %s", ftell(stream.file) > 0 ? ", " : "", key,
                seconds ? figure_duration(number).text : figure_count((int64_t)number).text);
    }
    char *text = xstream_end(&stream);
    show_field(file, name, text);
    free(text);
}

void show_summary(FILE *file, const struct out *out, const json_t *document) {
    char *rows = show_rows(doc_object(document, "rows"));
    double rate = doc_real(document, "rows_per_second", -1);
    const char *verdict = doc_text(document, "verdict");
    show_headline(file, out, document, verdict[0] != '\0' ? verdict : doc_text(document, "state"));
    show_fieldf(file, "rows", "%s", rows);
    show_fieldf(file, "time", "%s%s%s%s", figure_duration(doc_real(document, "seconds", -1)).text, rate >= 0 ? ", " : "",
                rate >= 0 ? figure_rate(rate).text : "", rate >= 0 ? " rows/s" : "");
    if (doc_int(document, "rejects_open", 0) > 0)
        show_fieldf(file, "rejects", "%s open", figure_count(doc_int(document, "rejects_open", 0)).text);
    if (doc_int(document, "hooks_untold", 0) > 0)
        show_fieldf(file, "hooks", "%lld still to be told", (long long)doc_int(document, "hooks_untold", 0));
    show_counts(file, "retries", doc_object(document, "retries"), false);
    show_counts(file, "waited", doc_object(document, "waited_seconds"), true);
    if (json_array_size(doc_list(document, "fills")) > 1)
        show_fills(file, out, doc_list(document, "fills"));
    show_next(file, out, document);
    free(rows);
}
