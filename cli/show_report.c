/* show_report.c - everything that is known about a run, as text; see show.h. The page has the whole of it. */
#include <stdlib.h>
#include <string.h>

#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/show.h"
#include "cli/show_proof.h"
#include "cli/verdict.h"
#include "cli/xalloc.h"

static void show_who(FILE *file, const json_t *document) {
    char *run = doc_shown(document, "run");
    char *rows = show_rows(doc_object(document, "rows"));
    show_field(file, "environment", doc_text(document, "environment"));
    show_field(file, "profile", doc_text(document, "profile"));
    show_field(file, "run", run);
    show_field(file, "state", doc_text(document, "state"));
    show_field(file, "database", doc_text(document, "server_version"));
    show_field(file, "made", doc_text(document, "generated_at"));
    show_fieldf(file, "rows", "%s", rows);
    free(rows);
    free(run);
}

/* How many ranges of each fill have which verdict, and how many are settled. */
static void show_ranges(FILE *file, const struct out *out, const json_t *fills) {
    static const char *const headings[] = {"FILL",       "STATE", "RANGES",  "MATCH",    "DIFFER", "CHANGED",
                                           "UNVERIFIED", "NEVER", "SETTLED", "REPAIRED", NULL};
    static const enum verdict order[] = {VERDICT_MATCH, VERDICT_DIFFER, VERDICT_CHANGED, VERDICT_UNVERIFIED, VERDICT_NONE};
    struct table table;
    size_t f;
    size_t r;
    json_t *fill;
    json_t *range;
    table_init(&table, headings, 0x3FC);
    json_array_foreach (fills, f, fill) {
        const json_t *ranges = doc_list(fill, "ranges");
        int64_t counts[VERDICT_DIFFER + 1] = {0};
        int64_t settled = 0;
        int64_t repaired = 0;
        json_array_foreach (ranges, r, range) {
            counts[verdict_of(range)]++;
            settled += doc_text(range, "settled_at")[0] != '\0';
            repaired += doc_int(range, "repaired", 0);
        }
        table_cell(&table, doc_text(fill, "fill"));
        table_cell(&table, doc_text(fill, "state"));
        table_cell(&table, figure_count((int64_t)json_array_size(ranges)).text);
        for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
            table_cell(&table, figure_count(counts[order[i]]).text);
        table_cell(&table, figure_count(settled).text);
        table_cell(&table, figure_count(repaired).text);
    }
    show_table(file, out, &table);
}

static int64_t count_open(const json_t *rejects) {
    int64_t open = 0;
    size_t index;
    json_t *reject;
    json_array_foreach (rejects, index, reject)
        open += strcmp(doc_text(reject, "state"), "open") == 0;
    return open;
}

void show_report(FILE *file, const struct out *out, const json_t *document) {
    const json_t *fills = doc_list(document, "fills");
    const char *next = verdict_next(verdict_whole(document));
    char *sentence = verdict_sentence(document);
    show_headline(file, out, document, sentence);
    show_who(file, document);
    show_proof_sample(file, doc_object(document, "sample"));
    show_proof_fills(file, out, fills);
    show_ranges(file, out, fills);
    show_proof_causes(file, out, fills);
    show_proof_findings(file, out, doc_list(document, "findings"), doc_int(document, "findings_total", 0));
    show_proof_left_out(file, out, doc_list(document, "not_compared"));
    if (json_array_size(doc_list(document, "rejects")) > 0)
        fprintf(file, "\n  %s rejects, %s open: infill rejects lists them\n",
                figure_count((int64_t)json_array_size(doc_list(document, "rejects"))).text,
                figure_count(count_open(doc_list(document, "rejects"))).text);
    if (next[0] != '\0') {
        fputs("\nnext: ", file);
        out_command(file, out, next);
        fputc('\n', file);
    }
    free(sentence);
}
