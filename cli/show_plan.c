/* show_plan.c - the dry run and the settings as text; see show.h. */
#include <stdlib.h>
#include <string.h>

#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/show.h"
#include "cli/table.h"
#include "cli/term.h"
#include "cli/xalloc.h"

static void show_block(FILE *file, const char *indent, const char *text) {
    fputs(indent, file);
    term_escape_lines(file, text, indent);
    fputc('\n', file);
}

static void show_ledger(FILE *file, const struct out *out, const json_t *ledger) {
    size_t index;
    json_t *statement;
    show_field(file, "ledger", doc_true(ledger, "installed") ? "installed" : "not there yet; the run makes it where it may");
    if (!out->verbose)
        return;
    json_array_foreach (doc_list(ledger, "statements"), index, statement)
        show_block(file, "      ", json_is_string(statement) ? json_string_value(statement) : "");
}

static void show_head(FILE *file, const struct out *out, const json_t *document) {
    char *order = doc_joined(document, "order");
    int64_t rate = doc_int(document, "rows_per_second", 0);
    const char *version = doc_text(document, "server_version");
    char *database =
        xformat("%s%s%s%s", doc_text(document, "database"), version[0] != '\0' ? " (" : "", version, version[0] != '\0' ? ")" : "");
    fprintf(file, "%splan ", out_bold(out));
    term_escape(file, doc_text(document, "plan"));
    fprintf(file, "%s\n", out_plain(out));
    show_field(file, "environment", doc_text(document, "environment"));
    show_field(file, "profile", doc_text(document, "profile"));
    show_field(file, "database", database);
    if (rate > 0)
        show_fieldf(file, "pace", "at most %s rows/s", figure_count(rate).text);
    show_fieldf(file, "connections", "%s", figure_count(doc_int(document, "connections", 0)).text);
    show_ledger(file, out, doc_object(document, "ledger"));
    show_field(file, "order", order);
    free(database);
    free(order);
}

/* "10 rows", "1 row"; "rows unknown" for an estimate nobody could make. */
static char *amount(const json_t *fill, const char *name, const char *one, const char *many) {
    int64_t value = doc_int(fill, name, -1);
    if (value < 0)
        return xformat("%s unknown", many);
    return xformat("%s %s", figure_count(value).text, value == 1 ? one : many);
}

static void show_estimate(FILE *file, const json_t *fill) {
    char *rows = amount(fill, "rows_estimate", "row", "rows");
    char *ranges = amount(fill, "ranges_estimate", "range", "ranges");
    char *batches = amount(fill, "batches_estimate", "batch", "batches");
    double seconds = doc_real(fill, "seconds_estimate", -1);
    show_fieldf(file, "estimate", "%s, %s, %s; %s", rows, ranges, batches,
                seconds >= 0 ? figure_duration(seconds).text : "time unknown");
    free(rows);
    free(ranges);
    free(batches);
}

/* A key, which may be the text form, a list, or nothing. The caller frees. */
static char *key_text(const json_t *object, const char *name, const char *nothing) {
    const json_t *value = json_object_get(object, name);
    if (json_is_string(value))
        return xcopy(json_string_value(value));
    if (!json_is_array(value))
        return xcopy(nothing);
    char *text = json_dumps(value, JSON_COMPACT);
    return text != NULL ? text : xcopy(nothing);
}

/* Why there is no first batch: a fill that fails has no statements to ask with, and a search may run out of time. */
static const char *why_no_batch(const json_t *fill) {
    size_t index;
    json_t *warning;
    if (json_array_size(doc_list(fill, "statements")) == 0)
        return "not asked for: the plan fails";
    json_array_foreach (doc_list(fill, "warnings"), index, warning)
        if (strcmp(doc_text(warning, "check"), "key") == 0)
            return "not found in time";
    return "none: there are no rows";
}

static void show_bounds(FILE *file, const json_t *fill) {
    const json_t *first = doc_object(fill, "first_batch");
    char *low = key_text(first, "lo", "the beginning");
    char *high = key_text(first, "hi", "the end");
    char *last = key_text(fill, "last_key", "");
    char *batch = xformat("from %s to %s", low, high);
    show_field(file, "first batch", first != NULL ? batch : why_no_batch(fill));
    show_field(file, "last key", last);
    free(low);
    free(high);
    free(last);
    free(batch);
}

static void show_statement(FILE *file, const struct out *out, const json_t *statement) {
    const char *scan = doc_text(statement, "scan");
    const char *explain = doc_text(statement, "explain");
    fprintf(file, "\n  %s", out_bold(out));
    term_escape(file, doc_text(statement, "name"));
    fputs(out_plain(out), file);
    if (scan[0] != '\0') {
        fputs(" (", file);
        term_escape(file, scan);
        fputc(')', file);
    }
    fputc('\n', file);
    show_block(file, "    ", doc_text(statement, "sql"));
    if (explain[0] != '\0') {
        fputs("    explain:\n", file);
        show_block(file, "      ", explain);
    }
}

static void show_warning(FILE *file, const struct out *out, const json_t *warning) {
    fprintf(file, "  %s ", out_mark(out, doc_text(warning, "severity")));
    term_escape(file, doc_text(warning, "check"));
    fputs(": ", file);
    term_escape_lines(file, doc_text(warning, "message"), "      ");
    fputc('\n', file);
    if (doc_text(warning, "next")[0] != '\0') {
        fputs("      next: ", file);
        out_command(file, out, doc_text(warning, "next"));
        fputc('\n', file);
    }
}

static void show_warnings(FILE *file, const struct out *out, const json_t *warnings) {
    size_t index;
    json_t *warning;
    if (json_array_size(warnings) > 0)
        fputc('\n', file);
    json_array_foreach (warnings, index, warning)
        show_warning(file, out, warning);
}

static void show_names(FILE *file, const json_t *fill, const char *name) {
    char *names = doc_joined(fill, name);
    show_field(file, name, names);
    free(names);
}

/* The rowid of SQLite has no index of its own, and is called "". */
static void show_index(FILE *file, const json_t *fill) {
    const char *name = doc_text(fill, "index");
    bool is_rowid = json_is_string(json_object_get(fill, "index")) && name[0] == '\0';
    show_field(file, "index", is_rowid ? "none: the key is the rowid" : name);
}

static void show_fill(FILE *file, const struct out *out, const json_t *fill, int64_t pace) {
    bool in_place = strcmp(doc_text(fill, "kind"), "set") == 0;
    size_t index;
    json_t *item;
    fprintf(file, "\n%sfill ", out_bold(out));
    term_escape(file, doc_text(fill, "fill"));
    fprintf(file, "%s: ", out_plain(out));
    term_escape(file, doc_text(fill, "source"));
    fputs(in_place ? ", in place" : " → ", file);
    term_escape(file, in_place ? "" : doc_text(fill, "target"));
    fputc('\n', file);
    show_names(file, fill, "key");
    if (!in_place)
        show_names(file, fill, "match");
    show_index(file, fill);
    show_names(file, fill, "needs");
    show_estimate(file, fill);
    show_bounds(file, fill);
    json_array_foreach (doc_list(fill, "statements"), index, item)
        show_statement(file, out, item);
    show_rehearsal(file, out, doc_object(fill, "rehearsal"), pace);
    if (json_array_size(doc_list(fill, "warnings")) > 0)
        fputc('\n', file);
    json_array_foreach (doc_list(fill, "warnings"), index, item)
        show_warning(file, out, item);
}

static size_t count_in(const json_t *warnings, const char *severity) {
    size_t count = 0;
    size_t index;
    json_t *warning;
    json_array_foreach (warnings, index, warning)
        count += strcmp(doc_text(warning, "severity"), severity) == 0;
    return count;
}

/* Of the plan and of all its fills. */
static size_t count_warnings(const json_t *document, const char *severity) {
    size_t count = count_in(doc_list(document, "warnings"), severity);
    size_t index;
    json_t *fill;
    json_array_foreach (doc_list(document, "fills"), index, fill)
        count += count_in(doc_list(fill, "warnings"), severity);
    return count;
}

void show_dry_run(FILE *file, const struct out *out, const json_t *document) {
    const char *verdict = doc_text(document, "verdict");
    size_t index;
    json_t *fill;
    show_head(file, out, document);
    show_warnings(file, out, doc_list(document, "warnings"));
    json_array_foreach (doc_list(document, "fills"), index, fill)
        show_fill(file, out, fill, doc_int(document, "rows_per_second", 0));
    size_t fails = count_warnings(document, "fail");
    size_t warnings = count_warnings(document, "warn");
    fprintf(file, "\n%sverdict: ", out_bold(out));
    term_escape(file, verdict);
    fprintf(file, "%s", out_plain(out));
    if (fails > 0)
        fprintf(file, ", %zu that %s the run", fails, fails == 1 ? "stops" : "stop");
    if (warnings > 0)
        fprintf(file, ", %zu to look at", warnings);
    bool rehearsed = doc_object(document, "rehearsal") != NULL;
    fputs(rehearsed ? "; every rehearsed batch was rolled back\n" : "; nothing was written\n", file);
}

void show_origins(FILE *file, const struct out *out, const json_t *settings) {
    static const char *const headings[] = {"SETTING", "VALUE", "ORIGIN", "WHERE", NULL};
    struct table table;
    size_t index;
    json_t *setting;
    table_init(&table, headings, 0);
    json_array_foreach (settings, index, setting) {
        const json_t *value = json_object_get(setting, "value");
        char *dumped = json_is_string(value) ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        table_cell(&table, doc_text(setting, "setting"));
        table_cell(&table, dumped != NULL ? dumped : json_string_value(value));
        table_cell(&table, doc_text(setting, "origin"));
        table_cell(&table, doc_text(setting, "where"));
        free(dumped);
    }
    table_print(&table, file, 0, out->columns);
    table_release(&table);
}
