/* page.c - see page.h. The page from top to bottom; page_fill.c has the section of a fill. */
#include "cli/page.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/html.h"
#include "cli/out.h"
#include "cli/show.h"
#include "cli/show_proof.h"
#include "cli/xalloc.h"
#include "report_css.h"

/* Nothing may be loaded and nothing may run, whatever stands in the document. */
static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light "
    "dark\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n<link rel=\"icon\" href=\"data:,\">\n";

void page_figure(FILE *file, const char *label, const char *value) {
    if (value[0] != '\0')
        HTML(file, "<div><dt>{}</dt><dd>{}</dd></div>", label, value);
}

void page_more(FILE *file, int64_t total, int64_t shown, const char *where) {
    if (total > shown)
        HTML(file, "<p class=\"more\">and {} more. {}</p>\n", figure_count(total - shown).text, where);
}

static int64_t findings_total(const json_t *document) {
    return doc_int(document, "findings_total", (int64_t)json_array_size(doc_list(document, "findings")));
}

/* How many ranges there are, how many have which verdict, and when one was compared last. */
struct ranges {
    int64_t count;
    int64_t verdicts[VERDICT_DIFFER + 1];
    const char *last;
};

static void add_ranges(struct ranges *sum, const json_t *fill) {
    size_t index;
    json_t *range;
    json_array_foreach (doc_list(fill, "ranges"), index, range) {
        const char *at = doc_text(range, "verified_at");
        sum->count++;
        sum->verdicts[verdict_of(range)]++;
        if (strcmp(at, sum->last) > 0)
            sum->last = at;
    }
}

static struct ranges count_ranges(const json_t *document) {
    struct ranges sum = {.last = ""};
    size_t index;
    json_t *fill;
    json_array_foreach (doc_list(document, "fills"), index, fill)
        add_ranges(&sum, fill);
    return sum;
}

static void put_head(FILE *file, const json_t *document) {
    fputs(head, file);
    HTML(file, "<title>{}: {} – infill report</title>\n<style>\n", doc_text(document, "plan"),
         verdict_name(verdict_whole(document)));
    (void)fwrite(report_css, 1, sizeof report_css, file);
    fputs("</style>\n</head>\n", file);
}

static void put_header(FILE *file, const json_t *document) {
    char *run = doc_shown(document, "run");
    HTML(file, "<body>\n<header class=\"top\"><p>infill report</p><h1>{}</h1>\n<dl class=\"facts\">", doc_text(document, "plan"));
    page_figure(file, "Environment", doc_text(document, "environment"));
    page_figure(file, "Profile", doc_text(document, "profile"));
    page_figure(file, "Run", run);
    page_figure(file, "State", doc_text(document, "state"));
    page_figure(file, "Database", doc_text(document, "server_version"));
    page_figure(file, "infill", doc_text(document, "version"));
    fputs("<div><dt>Made</dt><dd>", file);
    html_time(file, doc_text(document, "generated_at"));
    fputs("</dd></div></dl></header>\n", file);
    free(run);
}

static const char *const titles[] = {
    [VERDICT_NONE] = "Not verified",
    [VERDICT_MATCH] = "Source and target match",
    [VERDICT_CHANGED] = "Rows changed during the check",
    [VERDICT_UNVERIFIED] = "Not everything could be compared",
    [VERDICT_DIFFER] = "Source and target differ",
};

/* "3 findings are open": what follows the word itself. */
static void put_sentence(FILE *file, const json_t *document) {
    char *sentence = verdict_sentence(document);
    const char *colon = strstr(sentence, ": ");
    char *rest = xcopy(colon != NULL ? colon + 2 : sentence);
    rest[0] = (char)toupper((unsigned char)rest[0]);
    HTML(file, "<p>{}.", rest);
    free(rest);
    free(sentence);
}

/* The first ranges of a fill that differ, as links to their rows. */
static void put_where(FILE *file, const json_t *fill, size_t place) {
    struct ranges ranges = {.last = ""};
    size_t index;
    json_t *range;
    int64_t shown = 0;
    add_ranges(&ranges, fill);
    int64_t count = ranges.verdicts[VERDICT_DIFFER];
    if (count > 0)
        HTML(file, count > 1 ? " In {}: ranges " : " In {}: range ", doc_text(fill, "fill"));
    json_array_foreach (doc_list(fill, "ranges"), index, range) {
        if (verdict_of(range) != VERDICT_DIFFER || shown == PAGE_WHERE)
            continue;
        char *id = page_range_id(place, range);
        char *number = doc_range(range);
        HTML(file, shown++ > 0 ? ", <a href=\"#{}\">{}</a>" : "<a href=\"#{}\">{}</a>", id, number);
        free(number);
        free(id);
    }
    if (count > shown)
        HTML(file, " and {} more", figure_count(count - shown).text);
    fputs(count > 0 ? "." : "", file);
}

static void put_next(FILE *file, enum verdict verdict, const char *plan) {
    const struct out out = {.plan = plan};
    const char *next = verdict_next(verdict);
    struct xstream stream;
    if (next[0] == '\0')
        return;
    xstream_begin(&stream);
    out_command(stream.file, &out, next);
    char *command = xstream_end(&stream);
    HTML(file, "<p class=\"next\">Next: <code>{}</code></p>", command);
    free(command);
}

static void put_tile(FILE *file, const char *label, const char *value, const char *note) {
    HTML(file, "<div><dt>{}</dt><dd>{}</dd><dd class=\"note\">{}</dd></div>", label, value, note);
}

/* Rows are known of fills that were compared; a sum of nothing is no zero. */
static void put_rows_tile(FILE *file, const json_t *fills) {
    int64_t source = 0;
    int64_t target = 0;
    bool known = false;
    size_t index;
    json_t *fill;
    json_array_foreach (fills, index, fill) {
        const json_t *rows = doc_object(fill, "rows");
        source += doc_int(rows, "source", 0);
        target += doc_int(rows, "target", 0);
        known = known || json_is_integer(json_object_get(rows, "source"));
    }
    char *against = xformat("rows, against %s in the target", figure_count(target).text);
    put_tile(file, "Source", known ? figure_count(source).text : "–", known ? against : "no rows were compared");
    free(against);
}

static void put_tiles(FILE *file, const json_t *document) {
    struct ranges ranges = count_ranges(document);
    size_t index;
    json_t *reject;
    int64_t open = 0;
    json_array_foreach (doc_list(document, "rejects"), index, reject)
        open += strcmp(doc_text(reject, "state"), "open") == 0;
    char *of = xformat("of %s match", figure_count(ranges.count).text);
    fputs("<dl class=\"tiles\">", file);
    put_tile(file, "Findings", figure_count(findings_total(document)).text, "open");
    put_tile(file, "Ranges", figure_count(ranges.verdicts[VERDICT_MATCH]).text, of);
    put_rows_tile(file, doc_list(document, "fills"));
    put_tile(file, "Rejects", figure_count(open).text, "open");
    fputs("</dl>\n", file);
    free(of);
}

static void put_banner(FILE *file, const json_t *document, const char *plan) {
    enum verdict verdict = verdict_whole(document);
    size_t place;
    json_t *fill;
    HTML(file,
         "<section class=\"banner {}\" aria-labelledby=\"verdict\"><b class=\"sign\" aria-hidden=\"true\">{}</b><div><h2 "
         "id=\"verdict\">{}</h2>",
         html_class(verdict), html_sign(verdict), titles[verdict]);
    put_sentence(file, document);
    json_array_foreach (doc_list(document, "fills"), place, fill)
        put_where(file, fill, place);
    fputs("</p>\n", file);
    put_next(file, verdict, plan);
    fputs("</div></section>\n", file);
    put_tiles(file, document);
}

static void put_compared_row(FILE *file, const json_t *fill, size_t place) {
    struct ranges ranges = {.last = ""};
    char *id = page_fill_id(place);
    char *columns = doc_joined(fill, "columns");
    add_ranges(&ranges, fill);
    char *compared =
        xformat("%s of %s", figure_count(ranges.count - ranges.verdicts[VERDICT_NONE] - ranges.verdicts[VERDICT_UNVERIFIED]).text,
                figure_count(ranges.count).text);
    HTML(file, "<tr><th scope=\"row\" class=\"k\"><a href=\"#{}\">{}</a></th>", id, doc_text(fill, "fill"));
    html_verdict_cell(file, verdict_of(fill));
    html_number_cell(file, compared);
    html_count_cell(file, doc_object(fill, "rows"), "source");
    html_count_cell(file, doc_object(fill, "rows"), "target");
    html_code_cell(file, columns);
    html_time_cell(file, ranges.last);
    html_row_end(file);
    free(compared);
    free(columns);
    free(id);
}

static void put_compared(FILE *file, const json_t *document) {
    static const struct html_column columns[] = {{"Fill", false},          {"Verdict", false},    {"Ranges compared", true},
                                                 {"Source rows", true},    {"Target rows", true}, {"Columns", false},
                                                 {"Last compared", false}, {NULL, false}};
    size_t place;
    json_t *fill;
    html_table_begin(file, "Compared", columns);
    json_array_foreach (doc_list(document, "fills"), place, fill)
        put_compared_row(file, fill, place);
    html_table_end(file);
}

/* Ranges of a fill about which not everything is known, in words; those that differ are known to. */
static void put_left_ranges(FILE *file, const json_t *fill) {
    static const struct {
        enum verdict verdict;
        const char *reason;
    } left[] = {{VERDICT_UNVERIFIED, "they could not be compared; the table of the fill says why"},
                {VERDICT_CHANGED, "their rows changed while they were compared"},
                {VERDICT_NONE, "they were never verified"}};
    struct ranges ranges = {.last = ""};
    add_ranges(&ranges, fill);
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
        if (ranges.verdicts[left[i].verdict] == 0)
            continue;
        char *what =
            xformat("%s of %s ranges", figure_count(ranges.verdicts[left[i].verdict]).text, figure_count(ranges.count).text);
        html_row_begin(file, NULL, doc_text(fill, "fill"));
        html_cell(file, what);
        html_cell(file, left[i].reason);
        html_row_end(file);
        free(what);
    }
}

static void put_left_out(FILE *file, const json_t *document) {
    static const struct html_column columns[] = {{"Fill", false}, {"What", false}, {"Because", false}, {NULL, false}};
    const json_t *left_out = doc_list(document, "not_compared");
    struct ranges ranges = count_ranges(document);
    size_t index;
    json_t *item;
    if (json_array_size(left_out) == 0 && ranges.verdicts[VERDICT_MATCH] + ranges.verdicts[VERDICT_DIFFER] == ranges.count) {
        fputs("<p>Nothing was left out.</p>\n", file);
        return;
    }
    html_table_begin(file, "Not compared", columns);
    json_array_foreach (left_out, index, item) {
        html_row_begin(file, NULL, doc_text(item, "fill"));
        html_cell(file, doc_text(item, "what"));
        html_cell(file, doc_text(item, "reason"));
        html_row_end(file);
    }
    json_array_foreach (doc_list(document, "fills"), index, item)
        put_left_ranges(file, item);
    html_table_end(file);
}

static void put_scope(FILE *file, const json_t *document) {
    char *sample = show_proof_sample_text(doc_object(document, "sample"));
    char *rows = show_rows(doc_object(document, "rows"));
    fputs("<section id=\"scope\" class=\"card\"><h2>What was compared, and what was not</h2>\n", file);
    put_compared(file, document);
    put_left_out(file, document);
    if (sample != NULL)
        HTML(file, "<p>Sampled proof: {}.</p>\n", sample);
    HTML(file, "<p>Rows of the run itself: {}.</p>\n", rows);
    fputs("</section>\n", file);
    free(sample);
    free(rows);
}

static void put_finding(FILE *file, const json_t *finding) {
    char *range = doc_range(finding);
    char *key = doc_shown(finding, "key");
    char *columns = doc_joined(finding, "columns");
    html_key_row_begin(file, key);
    html_cell(file, doc_text(finding, "kind"));
    html_code_cell(file, columns);
    html_cell(file, doc_text(finding, "fill"));
    html_number_cell(file, range);
    html_time_cell(file, doc_text(finding, "at"));
    html_row_end(file);
    free(range);
    free(key);
    free(columns);
}

static void put_findings(FILE *file, const json_t *document) {
    static const struct html_column columns[] = {{"Key", false},  {"Kind", false},  {"Columns", false}, {"Fill", false},
                                                 {"Range", true}, {"Found", false}, {NULL, false}};
    int64_t total = findings_total(document);
    size_t index;
    json_t *finding;
    HTML(file, "<section id=\"findings\" class=\"card\"><h2>Findings <span class=\"count\">{}</span></h2>\n",
         figure_count(total).text);
    if (total == 0)
        fputs("<p>None is open.</p>\n", file);
    else
        html_table_begin(file, "Open findings", columns);
    json_array_foreach (doc_list(document, "findings"), index, finding) {
        if (index == PAGE_FINDINGS)
            break;
        put_finding(file, finding);
    }
    if (total > 0)
        html_table_end(file);
    page_more(file, total, (int64_t)index, "The ledger has them all.");
    fputs("</section>\n", file);
}

static void put_reject(FILE *file, const json_t *reject) {
    char *range = doc_shown(reject, "range");
    char *key = doc_shown(reject, "key");
    html_key_row_begin(file, key);
    html_cell(file, doc_text(reject, "state"));
    html_cell(file, doc_text(reject, "class"));
    html_cell(file, doc_text(reject, "sqlstate"));
    html_code_cell(file, doc_text(reject, "constraint"));
    html_cell(file, doc_text(reject, "fill"));
    html_number_cell(file, range);
    html_number_cell(file, figure_count(doc_int(reject, "tries", 0)).text);
    html_time_cell(file, doc_text(reject, "at"));
    html_row_end(file);
    free(range);
    free(key);
}

static void put_rejects(FILE *file, const json_t *document) {
    static const struct html_column columns[] = {{"Key", false},        {"State", false}, {"Class", false}, {"SQLSTATE", false},
                                                 {"Constraint", false}, {"Fill", false},  {"Range", true},  {"Tries", true},
                                                 {"At", false},         {NULL, false}};
    const json_t *rejects = doc_list(document, "rejects");
    size_t index;
    json_t *reject;
    HTML(file, "<section id=\"rejects\" class=\"card\"><h2>Rejects <span class=\"count\">{}</span></h2>\n",
         figure_count((int64_t)json_array_size(rejects)).text);
    if (json_array_size(rejects) == 0) {
        fputs("<p>Every row could be written.</p>\n</section>\n", file);
        return;
    }
    html_table_begin(file, "Rows that could not be written", columns);
    json_array_foreach (rejects, index, reject) {
        if (index == PAGE_REJECTS)
            break;
        put_reject(file, reject);
    }
    html_table_end(file);
    page_more(file, (int64_t)json_array_size(rejects), (int64_t)index, "infill rejects lists them all.");
    fputs("</section>\n", file);
}

static void put_events(FILE *file, const json_t *document) {
    static const struct html_column columns[] = {{"At", false}, {"Who", false}, {"What", false}, {"Detail", false}, {NULL, false}};
    const json_t *events = doc_list(document, "events");
    size_t total = json_array_size(events);
    size_t first = total > PAGE_EVENTS ? total - PAGE_EVENTS : 0;
    if (total == 0)
        return;
    fputs("<section id=\"events\" class=\"card\"><h2>Events</h2>\n", file);
    html_table_begin(file, "What happened to the run", columns);
    for (size_t i = first; i < total; i++) {
        const json_t *event = json_array_get(events, i);
        char *detail = doc_shown(event, "detail");
        fputs("<tr>", file);
        html_time_cell(file, doc_text(event, "at"));
        html_cell(file, doc_text(event, "actor"));
        html_cell(file, doc_text(event, "what"));
        html_code_cell(file, detail);
        html_row_end(file);
        free(detail);
    }
    html_table_end(file);
    page_more(file, (int64_t)total, (int64_t)(total - first), "These are the last ones.");
    fputs("</section>\n", file);
}

char *page_report(const json_t *document, const char *plan) {
    struct xstream stream;
    size_t place;
    json_t *fill;
    xstream_begin(&stream);
    put_head(stream.file, document);
    put_header(stream.file, document);
    fputs("<main>\n", stream.file);
    put_banner(stream.file, document, plan);
    put_scope(stream.file, document);
    json_array_foreach (doc_list(document, "fills"), place, fill)
        page_fill(stream.file, fill, place);
    put_findings(stream.file, document);
    put_rejects(stream.file, document);
    put_events(stream.file, document);
    fputs("</main>\n<footer>Made by infill out of its ledger; the tables themselves were not read for it. It holds keys and names, "
          "and no "
          "values of rows.</footer>\n</body>\n</html>\n",
          stream.file);
    return xstream_end(&stream);
}
