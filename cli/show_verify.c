/* show_verify.c - a verification, its self-test and a repair as text; see show.h. */
#include <stdlib.h>
#include <string.h>

#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/show.h"
#include "cli/show_proof.h"
#include "cli/term.h"
#include "cli/verdict.h"
#include "cli/xalloc.h"

/* The list of slices says where; more of them than this say "everywhere". */
enum { SLICES_SHOWN = 20 };

static void show_slices(FILE *file, const struct out *out, const json_t *slices) {
    static const char *const headings[] = {"FILL", "RANGE", "VERDICT", "MISSING", "EXTRA", "DIFFERENT", "CHANGED", "", NULL};
    static const char *const counts[] = {"missing", "extra", "different", "changed"};
    struct table table;
    size_t index;
    json_t *slice;
    table_init(&table, headings, 0x7A);
    json_array_foreach (slices, index, slice) {
        if (index == SLICES_SHOWN)
            break;
        table_cell(&table, doc_text(slice, "fill"));
        show_range_cell(&table, slice);
        table_cell(&table, verdict_name(verdict_of(slice)));
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
            show_count_cell(&table, slice, counts[i]);
        table_cell(&table, doc_text(slice, "reason"));
    }
    show_table(file, out, &table);
    if (json_array_size(slices) > SLICES_SHOWN)
        fprintf(file, "  and %s more\n", figure_count((int64_t)json_array_size(slices) - SLICES_SHOWN).text);
}

void show_verify(FILE *file, const struct out *out, const json_t *document) {
    const json_t *rows = doc_object(document, "rows");
    const json_t *fills = doc_list(document, "fills");
    double rate = doc_real(document, "rows_per_second", -1);
    char *sentence = verdict_sentence(document);
    show_headline(file, out, document, sentence);
    show_fieldf(file, "rows", "%s in the source, %s in the target", figure_count(doc_int(rows, "source", 0)).text,
                figure_count(doc_int(rows, "target", 0)).text);
    show_fieldf(file, "time", "%s%s%s%s", figure_duration(doc_real(document, "seconds", -1)).text, rate >= 0 ? ", " : "",
                rate >= 0 ? figure_rate(rate).text : "", rate >= 0 ? " rows/s" : "");
    show_proof_sample(file, doc_object(document, "sample"));
    show_proof_fills(file, out, fills);
    show_slices(file, out, doc_list(document, "slices"));
    show_proof_causes(file, out, fills);
    show_proof_findings(file, out, doc_list(document, "first_findings"), doc_int(document, "findings", 0));
    show_proof_left_out(file, out, doc_list(document, "not_compared"));
    show_next(file, out, document);
    free(sentence);
}

void show_self_test(FILE *file, const struct out *out, const json_t *document) {
    static const char *const headings[] = {"DAMAGE", "SEEN", "KEYS NAMED", "BY", "XOR OF CRC32", NULL};
    struct table table;
    size_t index;
    json_t *kind;
    bool ok = strcmp(doc_text(document, "verdict"), "ok") == 0;
    fprintf(file, "%sself-test%s%s: %s of %s kinds of damage were seen\n", out_bold(out), ok ? "" : " FAILED", out_plain(out),
            figure_count(doc_int(document, "seen", 0)).text, figure_count(doc_int(document, "planted", 0)).text);
    show_field(file, "engine", doc_text(document, "engine"));
    show_fieldf(file, "usual way", "an XOR of CRC32s over the same rows misses %s of them",
                figure_count(doc_int(document, "missed_by_xor_crc", 0)).text);
    table_init(&table, headings, 0);
    json_array_foreach (doc_list(document, "kinds"), index, kind) {
        char *by = doc_joined(kind, "by");
        char *named =
            xformat("%s of %s", figure_count(doc_int(kind, "named", 0)).text, figure_count(doc_int(kind, "keys", 0)).text);
        table_cell(&table, doc_text(kind, "damage"));
        table_cell(&table, doc_true(kind, "seen") ? "seen" : "UNSEEN");
        table_cell(&table, named);
        table_cell(&table, by);
        table_cell(&table, doc_true(kind, "seen_by_xor_crc") ? "sees it" : "misses it");
        free(named);
        free(by);
    }
    show_table(file, out, &table);
}

static void show_repaired_slices(FILE *file, const struct out *out, const json_t *document) {
    static const char *const headings[] = {"FILL", "RANGE", "KEYS", "VERDICT", "REST OF THE RANGE", NULL};
    static const char *const planned[] = {"FILL", "RANGE", "KEYS", NULL};
    bool dry = doc_true(document, "dry_run");
    struct table table;
    size_t index;
    json_t *slice;
    table_init(&table, dry ? planned : headings, 0x6);
    json_array_foreach (doc_list(document, "slices"), index, slice) {
        if (index == SLICES_SHOWN)
            break;
        table_cell(&table, doc_text(slice, "fill"));
        show_range_cell(&table, slice);
        show_count_cell(&table, slice, "keys");
        if (dry)
            continue;
        table_cell(&table, verdict_name(verdict_of(slice)));
        table_cell(&table, doc_true(slice, "rest_untouched") ? "untouched"
                           : doc_true(document, "writers")   ? "written to meanwhile"
                                                             : "NOT PROVEN untouched");
    }
    show_table(file, out, &table);
    if (json_array_size(doc_list(document, "slices")) > SLICES_SHOWN)
        fprintf(file, "  and %s more\n", figure_count((int64_t)json_array_size(doc_list(document, "slices")) - SLICES_SHOWN).text);
}

static void show_left(FILE *file, const struct out *out, const json_t *document) {
    static const char *const headings[] = {"LEFT", "KEY", "KIND", "BECAUSE", NULL};
    struct table table;
    size_t index;
    json_t *left;
    int64_t shown = (int64_t)json_array_size(doc_list(document, "left"));
    table_init(&table, headings, 0);
    json_array_foreach (doc_list(document, "left"), index, left) {
        table_cell(&table, doc_text(left, "fill"));
        show_cell(&table, left, "key");
        table_cell(&table, doc_text(left, "kind"));
        table_cell(&table, doc_text(left, "reason"));
    }
    show_table(file, out, &table);
    if (doc_int(document, "left_count", 0) > shown)
        fprintf(file, "  and %s more\n", figure_count(doc_int(document, "left_count", 0) - shown).text);
}

/* "  write       3 missing, 2 different". */
static void show_planned(FILE *file, const json_t *planned, const char *fate, const char *after) {
    struct xstream stream;
    const char *kind;
    json_t *count;
    bool any = false;
    xstream_begin(&stream);
    json_object_foreach (doc_object(planned, fate), kind, count) {
        fprintf(stream.file, "%s%s %s", any ? ", " : "", figure_count(json_integer_value(count)).text, kind);
        any = true;
    }
    fputs(any ? after : "", stream.file);
    char *text = xstream_end(&stream);
    show_field(file, fate, text);
    free(text);
}

static void show_plan_of_repair(FILE *file, const json_t *planned) {
    bool extra = json_object_get(doc_object(planned, "leave"), "extra") != NULL;
    show_planned(file, planned, "write", "");
    show_planned(file, planned, "delete", "");
    show_planned(file, planned, "leave", extra ? "; --delete-extra deletes the extra ones" : "");
}

void show_repair(FILE *file, const struct out *out, const json_t *document) {
    int64_t findings = doc_int(document, "findings", 0);
    int64_t left = doc_int(document, "left_count", 0);
    fputs(out_bold(out), file);
    term_escape(file, doc_text(document, "plan"));
    fprintf(file, ": %s finding%s", figure_count(findings).text, findings == 1 ? "" : "s");
    if (doc_true(document, "dry_run"))
        fputs("; nothing was written", file);
    else
        fprintf(file, ", %s left", left == 0 ? "none" : figure_count(left).text);
    fprintf(file, "%s\n", out_plain(out));
    show_plan_of_repair(file, doc_object(document, "planned"));
    if (!doc_true(document, "dry_run"))
        show_fieldf(file, "rows", "%s repaired, %s already right, %s deleted", figure_count(doc_int(document, "repaired", 0)).text,
                    figure_count(doc_int(document, "already_right", 0)).text, figure_count(doc_int(document, "deleted", 0)).text);
    show_repaired_slices(file, out, document);
    show_left(file, out, document);
    show_next(file, out, document);
}
