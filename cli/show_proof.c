/* show_proof.c - see show_proof.h. */
#include "cli/show_proof.h"

#include <stdlib.h>

#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/show.h"
#include "cli/table.h"
#include "cli/term.h"
#include "cli/verdict.h"
#include "cli/xalloc.h"

/* As many findings as a terminal shows at once, and as many as the document of a report has. */
enum { FINDINGS_SHOWN = 20, FACTS_SHOWN = 20, REPORTED = 1000 };

static void show_checks(FILE *file, const json_t *fill) {
    struct xstream stream;
    size_t index;
    json_t *check;
    xstream_begin(&stream);
    json_array_foreach (doc_list(fill, "checks"), index, check)
        fprintf(stream.file, "%s%s %s", index > 0 ? ", " : "", doc_text(check, "check"), verdict_name(verdict_of(check)));
    char *text = xstream_end(&stream);
    show_field(file, "checks", text);
    free(text);
}

/* The figures that are not the same on both sides, and why a check could not say. */
static void show_failed_checks(FILE *file, const struct out *out, const json_t *fill) {
    static const char *const headings[] = {"CHECK", "FIGURE", "SOURCE", "TARGET", NULL};
    struct table table;
    size_t c;
    size_t f;
    size_t shown = 0;
    json_t *check;
    json_t *fact;
    table_init(&table, headings, 0xC);
    json_array_foreach (doc_list(fill, "checks"), c, check) {
        if (doc_text(check, "reason")[0] != '\0')
            show_fieldf(file, "", "%s: %s", doc_text(check, "check"), doc_text(check, "reason"));
        json_array_foreach (doc_list(check, "facts"), f, fact) {
            if (verdict_of(fact) != VERDICT_DIFFER || shown == FACTS_SHOWN)
                continue;
            table_cell(&table, doc_text(check, "check"));
            table_cell(&table, doc_text(fact, "name"));
            table_cell(&table, doc_text(fact, "source"));
            table_cell(&table, doc_text(fact, "target"));
            shown++;
        }
    }
    show_table(file, out, &table);
}

/* What belongs to one fill and to no column. */
static void show_notes(FILE *file, const struct out *out, const json_t *fills) {
    size_t index;
    json_t *fill;
    bool several = json_array_size(fills) > 1;
    json_array_foreach (fills, index, fill) {
        int64_t weaker = doc_int(fill, "weaker", 0);
        if (json_array_size(doc_list(fill, "checks")) == 0 && weaker == 0)
            continue;
        fputc('\n', file);
        if (several) {
            fprintf(file, "%s", out_bold(out));
            term_escape(file, doc_text(fill, "fill"));
            fprintf(file, "%s\n", out_plain(out));
        }
        show_checks(file, fill);
        show_failed_checks(file, out, fill);
        if (weaker > 0)
            show_fieldf(file, "weaker", "%s row%s equal only under a weaker rule of the plan", figure_count(weaker).text,
                        weaker == 1 ? " is" : "s are");
    }
}

void show_proof_fills(FILE *file, const struct out *out, const json_t *fills) {
    static const char *const headings[] = {"FILL",  "VERDICT",   "SOURCE",    "TARGET",  "MISSING",
                                           "EXTRA", "DIFFERENT", "DUPLICATE", "CHANGED", NULL};
    static const char *const counts[] = {"missing", "extra", "different", "duplicates", "changed"};
    struct table table;
    size_t index;
    json_t *fill;
    table_init(&table, headings, 0x1FC);
    json_array_foreach (fills, index, fill) {
        table_cell(&table, doc_text(fill, "fill"));
        table_cell(&table, verdict_name(verdict_of(fill)));
        show_count_cell(&table, doc_object(fill, "rows"), "source");
        show_count_cell(&table, doc_object(fill, "rows"), "target");
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
            show_count_cell(&table, fill, counts[i]);
    }
    show_table(file, out, &table);
    show_notes(file, out, fills);
}

void show_proof_causes(FILE *file, const struct out *out, const json_t *fills) {
    size_t f;
    size_t c;
    json_t *fill;
    json_t *cause;
    bool any = false;
    json_array_foreach (fills, f, fill) {
        json_array_foreach (doc_list(fill, "causes"), c, cause) {
            const char *sentence = json_is_string(cause) ? json_string_value(cause) : "";
            char *text = json_array_size(fills) > 1 ? xformat("%s: %s", doc_text(fill, "fill"), sentence) : xcopy(sentence);
            char *escaped = term_escaped(text);
            fputs(any ? "" : "\nwhat the findings have in common\n", file);
            term_fill(file, escaped, 2, out->columns > 0 ? out->columns : TERM_COLUMNS_MAX, false);
            any = true;
            free(escaped);
            free(text);
        }
    }
}

static void more_findings(FILE *file, const struct out *out, int64_t total, int64_t shown) {
    fprintf(file, "  and %s more: ", figure_count(total - shown).text);
    out_command(file, out, "infill report PLAN --json");
    fputs(total > REPORTED ? " has the first 1,000\n" : " has them all\n", file);
}

void show_proof_findings(FILE *file, const struct out *out, const json_t *findings, int64_t total) {
    static const char *const headings[] = {"FILL", "RANGE", "KEY", "KIND", "COLUMNS", NULL};
    struct table table;
    int64_t shown = 0;
    size_t index;
    json_t *finding;
    table_init(&table, headings, 0x2);
    json_array_foreach (findings, index, finding) {
        char *columns = doc_joined(finding, "columns");
        if (shown < FINDINGS_SHOWN) {
            table_cell(&table, doc_text(finding, "fill"));
            show_range_cell(&table, finding);
            show_cell(&table, finding, "key");
            table_cell(&table, doc_text(finding, "kind"));
            table_cell(&table, columns);
            shown++;
        }
        free(columns);
    }
    show_table(file, out, &table);
    if (total > shown && shown > 0)
        more_findings(file, out, total, shown);
}

void show_proof_left_out(FILE *file, const struct out *out, const json_t *not_compared) {
    static const char *const headings[] = {"FILL", "NOT COMPARED", "BECAUSE", NULL};
    struct table table;
    size_t index;
    json_t *item;
    table_init(&table, headings, 0);
    json_array_foreach (not_compared, index, item) {
        table_cell(&table, doc_text(item, "fill"));
        table_cell(&table, doc_text(item, "what"));
        table_cell(&table, doc_text(item, "reason"));
    }
    show_table(file, out, &table);
}

/* A share of 1 as percent, as short as it can be said: 99, 0.01. */
static void put_share(FILE *file, const json_t *sample, const char *name) {
    fprintf(file, "%.6g%%", 100 * doc_real(sample, name, 0));
}

char *show_proof_sample_text(const json_t *sample) {
    struct xstream stream;
    if (!json_is_object(sample))
        return NULL;
    int64_t defects = doc_int(sample, "defects", 0);
    char *seed = doc_shown(sample, "seed");
    xstream_begin(&stream);
    fprintf(stream.file, "%s of %s rows (seed %s), %s of them defective; with ", figure_count(doc_int(sample, "rows", 0)).text,
            figure_count(doc_int(sample, "population", 0)).text, seed, defects == 0 ? "none" : figure_count(defects).text);
    put_share(stream.file, sample, "confidence");
    fputs(" confidence at most ", stream.file);
    put_share(stream.file, sample, "upper_bound");
    fputs(" of all rows are (asked for: ", stream.file);
    put_share(stream.file, sample, "defect_rate");
    fputc(')', stream.file);
    free(seed);
    return xstream_end(&stream);
}

void show_proof_sample(FILE *file, const json_t *sample) {
    char *text = show_proof_sample_text(sample);
    show_field(file, "sample", text);
    free(text);
}
