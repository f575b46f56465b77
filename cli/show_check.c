/* show_check.c - the checklist as text; see show.h. */
#include <stdlib.h>
#include <string.h>

#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/show.h"
#include "cli/term.h"
#include "cli/xalloc.h"

enum { NAME_WIDTH = 12 };

static const char *sign(const struct out *out, const char *verdict) {
    if (strcmp(verdict, "fail") == 0 || strcmp(verdict, "warn") == 0)
        return out_mark(out, verdict);
    return strcmp(verdict, "pass") == 0 ? "✓" : strcmp(verdict, "accepted") == 0 ? "~" : "-";
}

static void show_line(FILE *file, const struct out *out, const json_t *line) {
    const char *verdict = doc_text(line, "verdict"), *fill = doc_text(line, "fill");
    char *name = term_escaped(doc_text(line, "check"));
    fprintf(file, "  %s %-*s  ", sign(out, verdict), NAME_WIDTH, name);
    free(name);
    if (fill[0] != '\0') {
        term_escape(file, fill);
        fputs(": ", file);
    }
    term_escape_lines(file, doc_text(line, "message"), "                  ");
    if (strcmp(verdict, "accepted") == 0)
        fputs(" (accepted)", file);
    fputc('\n', file);
    bool shows_way_out = strcmp(verdict, "pass") != 0 && strcmp(verdict, "accepted") != 0;
    if (shows_way_out && doc_text(line, "next")[0] != '\0') {
        fprintf(file, "    %*s  fix: ", NAME_WIDTH, "");
        out_command(file, out, doc_text(line, "next"));
        fputc('\n', file);
    }
}

static void show_lines(FILE *file, const struct out *out, const json_t *document, bool all) {
    size_t p, l;
    json_t *part, *line;
    json_array_foreach (doc_list(document, "parts"), p, part) {
        if (all) {
            fprintf(file, "\n%s", out_bold(out));
            term_escape(file, doc_text(part, "part"));
            fprintf(file, "%s\n", out_plain(out));
        }
        json_array_foreach (doc_list(part, "lines"), l, line)
            if (all || strcmp(doc_text(line, "verdict"), "warn") == 0 || strcmp(doc_text(line, "verdict"), "fail") == 0 ||
                strcmp(doc_text(line, "verdict"), "accepted") == 0)
                show_line(file, out, line);
    }
}

static void show_verdict(FILE *file, const struct out *out, const json_t *document) {
    const json_t *counts = doc_object(document, "counts");
    int64_t fails = doc_int(counts, "fail", 0), warnings = doc_int(counts, "warn", 0);
    fprintf(file, "\n%sverdict: ", out_bold(out));
    term_escape(file, doc_text(document, "verdict"));
    fprintf(file, "%s; %s in order", out_plain(out), figure_count(doc_int(counts, "pass", 0)).text);
    if (fails > 0)
        fprintf(file, ", %s in the way", figure_count(fails).text);
    if (warnings > 0)
        fprintf(file, ", %s to look at", figure_count(warnings).text);
    fputs("; nothing was written\n", file);
}

static void show_head(FILE *file, const struct out *out, const json_t *document) {
    const json_t *forecast = doc_object(document, "forecast");
    int64_t rows = doc_int(forecast, "rows", -1);
    double seconds = doc_real(forecast, "seconds", -1);
    char *database = xformat("%s (%s)", doc_text(document, "database"), doc_text(document, "server_version"));
    fprintf(file, "%splan ", out_bold(out));
    term_escape(file, doc_text(document, "plan"));
    fprintf(file, "%s\n", out_plain(out));
    show_field(file, "environment", doc_text(document, "environment"));
    show_field(file, "profile", doc_text(document, "profile"));
    show_field(file, "database", database);
    if (rows >= 0)
        show_fieldf(file, "forecast", "about %s rows%s%s", figure_count(rows).text, seconds >= 0 ? ", at this pace " : "",
                    seconds >= 0 ? figure_duration(seconds).text : "");
    free(database);
}

void show_check(FILE *file, const struct out *out, const json_t *document) {
    show_head(file, out, document);
    show_lines(file, out, document, true);
    show_verdict(file, out, document);
}

void show_check_short(FILE *file, const struct out *out, const json_t *document) {
    show_head(file, out, document);
    show_lines(file, out, document, false);
    show_verdict(file, out, document);
}
