/* show_status.c - where a run stands, as text; see show.h. */
#include <stdlib.h>
#include <string.h>

#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/show.h"
#include "cli/table.h"
#include "cli/term.h"
#include "cli/xalloc.h"

static void show_state(FILE *file, const struct out *out, const json_t *document) {
    const char *reason = doc_text(document, "reason");
    fputs(out_bold(out), file);
    term_escape(file, doc_text(document, "plan"));
    fputs(" (", file);
    term_escape(file, doc_text(document, "environment"));
    fputs("): ", file);
    term_escape(file, doc_text(document, "state"));
    fputs(out_plain(out), file);
    if (reason[0] != '\0') {
        fputs(", ", file);
        term_escape_lines(file, reason, "  ");
    }
    fputc('\n', file);
}

static void show_amounts(FILE *file, const json_t *document) {
    const json_t *rows = doc_object(document, "rows");
    char *counts = show_rows(rows);
    int64_t estimate = doc_int(document, "rows_estimate", -1);
    double percent = doc_real(document, "percent", -1);
    double rate = doc_real(document, "rows_per_second", -1);
    double left = doc_real(document, "seconds_left", -1);
    show_fieldf(file, "rows", "%s", counts);
    if (estimate >= 0)
        show_fieldf(file, "of", "about %s%s%s%s", figure_count(estimate).text, percent >= 0 ? " (" : "",
                    percent >= 0 ? figure_percent(percent).text : "", percent >= 0 ? ")" : "");
    if (rate > 0)
        show_fieldf(file, "rate", "%s rows/s%s%s%s", figure_rate(rate).text, left >= 0 ? ", about " : "",
                    left >= 0 ? figure_duration(left).text : "", left >= 0 ? " left" : "");
    if (doc_int(document, "rejects_open", 0) > 0)
        show_fieldf(file, "rejects", "%s open", figure_count(doc_int(document, "rejects_open", 0)).text);
    free(counts);
}

static void show_times(FILE *file, const json_t *document) {
    const char *idle_since = doc_text(document, "idle_since");
    show_field(file, "started", doc_text(document, "started_at"));
    show_field(file, "ended", doc_text(document, "ended_at"));
    if (idle_since[0] != '\0') {
        char *text = xformat("nobody works since %s", idle_since);
        show_field(file, "idle", text);
        free(text);
    }
}

static void show_workers(FILE *file, const struct out *out, const json_t *workers) {
    static const char *const headings[] = {"WORKER", "FILL", "RANGE", "ROWS", "LEASE UNTIL", "", NULL};
    struct table table;
    size_t index;
    json_t *worker;
    table_init(&table, headings, 0x0C);
    json_array_foreach (workers, index, worker) {
        char *who = xformat("%s pid %lld", doc_text(worker, "host"), (long long)doc_int(worker, "pid", 0));
        table_cell(&table, who);
        table_cell(&table, doc_text(worker, "fill"));
        show_cell(&table, worker, "range");
        table_cell(&table, figure_count(doc_int(worker, "rows", 0)).text);
        table_cell(&table, doc_text(worker, "lease_until"));
        table_cell(&table, doc_true(worker, "alive") ? "" : "gone");
        free(who);
    }
    show_table(file, out, &table);
}

/* Rows of named members under their headings. */
static void show_list(FILE *file, const struct out *out, const json_t *list, const char *const *headings,
                      const char *const *members) {
    struct table table;
    size_t index;
    json_t *item;
    table_init(&table, headings, 0);
    json_array_foreach (list, index, item)
        for (size_t i = 0; members[i] != NULL; i++)
            show_cell(&table, item, members[i]);
    show_table(file, out, &table);
}

static void show_last_error(FILE *file, const json_t *error) {
    if (error == NULL)
        return;
    fputs("\n  last error, ", file);
    term_escape(file, doc_text(error, "at"));
    fputs(", fill ", file);
    term_escape(file, doc_text(error, "fill"));
    if (json_is_integer(json_object_get(error, "range")))
        fprintf(file, ", range %lld", (long long)doc_int(error, "range", 0));
    fputs(":\n    ", file);
    term_escape_lines(file, doc_text(error, "message"), "    ");
    fputc('\n', file);
}

static void show_set(FILE *file, const json_t *set) {
    const char *name;
    json_t *value;
    bool first = true;
    json_object_foreach ((json_t *)(uintptr_t)set, name, value) {
        char *text = xformat("%s=%s", name, json_is_string(value) ? json_string_value(value) : "?");
        show_field(file, first ? "set live" : "", text);
        first = false;
        free(text);
    }
}

static void show_pace(FILE *file, const json_t *pace) {
    size_t index;
    json_t *item;
    json_array_foreach (doc_list(pace, "held"), index, item) {
        char *text =
            xformat("%s by %s (%s pid %lld, since %s)", doc_text(item, "state")[0] == 'w' ? "stopped" : "slowed",
                    doc_text(item, "reason"), doc_text(item, "host"), (long long)doc_int(item, "pid", 0), doc_text(item, "since"));
        show_field(file, "held back", text);
        free(text);
    }
    json_array_foreach (doc_list(pace, "cost"), index, item) {
        double waited = doc_real(item, "waited_seconds", 0), slowed = doc_real(item, "slowed_seconds", 0);
        char *text = xformat("%s: waited %s, slowness cost %s", doc_text(item, "signal"), figure_duration(waited).text,
                             figure_duration(slowed).text);
        show_field(file, index == 0 ? "so far" : "", text);
        free(text);
    }
}

void show_status(FILE *file, const struct out *out, const json_t *document) {
    static const char *const waiting[] = {"WAITS", "RANGE", "UNTIL", "FOR", NULL};
    static const char *const waiting_members[] = {"fill", "range", "until", "reason", NULL};
    static const char *const untold[] = {"UNTOLD HOOK", "EVENT", "SINCE", "TRIES", "BECAUSE", NULL};
    static const char *const untold_members[] = {"hook", "event", "at", "tries", "error", NULL};
    static const char *const events[] = {"AT", "WHO", "WHAT", "DETAIL", NULL};
    static const char *const event_members[] = {"at", "actor", "what", "detail", NULL};
    show_state(file, out, document);
    show_amounts(file, document);
    show_times(file, document);
    show_set(file, doc_object(document, "set"));
    show_pace(file, doc_object(document, "pace"));
    show_fills(file, out, doc_list(document, "fills"));
    show_workers(file, out, doc_list(document, "workers"));
    show_list(file, out, doc_list(document, "waiting"), waiting, waiting_members);
    show_list(file, out, doc_list(document, "hooks_untold"), untold, untold_members);
    show_last_error(file, doc_object(document, "last_error"));
    if (out->verbose)
        show_list(file, out, doc_list(document, "events"), events, event_members);
    show_next(file, out, document);
}
