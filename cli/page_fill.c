/* page_fill.c - one fill on the page of a report: its map of ranges, figures, checks and what they may have in common; see page.h. */
#include <stdlib.h>
#include <string.h>

#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/heat.h"
#include "cli/html.h"
#include "cli/page.h"
#include "cli/term.h"
#include "cli/xalloc.h"

/* Of a key in the line below the map; tables have all of it. */
enum { KEY_COLUMNS = 40 };

static char *short_key(const json_t *range, const char *name, const char *nothing) {
    char *text = doc_shown(range, name);
    if (text[0] == '\0') {
        free(text);
        return xcopy(nothing);
    }
    char *shown = term_escaped(text);
    shown = xresize(shown, strlen(shown) + sizeof "…", 1);
    term_cut(shown, KEY_COLUMNS);
    free(text);
    return shown;
}

char *page_fill_id(size_t place) {
    return xformat("fill-%zu", place + 1);
}

char *page_range_id(size_t place, const json_t *range) {
    return xformat("fill-%zu-range-%lld", place + 1, (long long)doc_int(range, "range", 0));
}

static void put_count(FILE *file, const json_t *object, const char *name, const char *what) {
    int64_t count = doc_int(object, name, 0);
    if (count > 0)
        fprintf(file, ", %s %s", figure_count(count).text, what);
}

/* "Range 17, after [..] up to [..]: differ, 1,000 rows, 2 missing". */
static char *range_text(const json_t *range) {
    struct xstream stream;
    char *lo = short_key(range, "lo", "the beginning");
    char *hi = short_key(range, "hi", "the end");
    const char *reason = doc_text(range, "reason");
    xstream_begin(&stream);
    char *number = doc_range(range);
    fprintf(stream.file, "Range %s, after %s up to %s: %s, %s rows", number, lo, hi, verdict_name(verdict_of(range)),
            figure_count(doc_int(range, "rows", 0)).text);
    put_count(stream.file, range, "missing", "missing");
    put_count(stream.file, range, "extra", "extra");
    put_count(stream.file, range, "different", "different");
    put_count(stream.file, range, "changed", "changed");
    put_count(stream.file, range, "repaired", "repaired");
    if (reason[0] != '\0')
        fprintf(stream.file, " (%s)", reason);
    free(number);
    free(lo);
    free(hi);
    return xstream_end(&stream);
}

/* The same for several in one square. */
static char *cell_text(const json_t *ranges, const struct heat_cell *cell) {
    static const enum verdict order[] = {VERDICT_DIFFER, VERDICT_UNVERIFIED, VERDICT_CHANGED, VERDICT_MATCH, VERDICT_NONE};
    const json_t *first = json_array_get(ranges, cell->first);
    const json_t *last = json_array_get(ranges, cell->first + cell->count - 1);
    if (cell->count == 1)
        return range_text(first);
    struct xstream stream;
    char *lo = short_key(first, "lo", "the beginning");
    char *hi = short_key(last, "hi", "the end");
    xstream_begin(&stream);
    char *from = doc_range(first);
    char *to = doc_range(last);
    fprintf(stream.file, "Ranges %s to %s, after %s up to %s:", from, to, lo, hi);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (cell->verdicts[order[i]] > 0)
            fprintf(stream.file, " %zu %s,", cell->verdicts[order[i]], verdict_name(order[i]));
    fprintf(stream.file, " %s rows", figure_count(cell->rows).text);
    free(from);
    free(to);
    free(lo);
    free(hi);
    return xstream_end(&stream);
}

/* The first range of the square with the worst verdict, if its row is in the table of `listed`; else NULL. */
static const json_t *target_of(const json_t *ranges, const struct heat_cell *cell, const bool *listed) {
    for (size_t i = cell->first; i < cell->first + cell->count; i++)
        if (listed[i] && verdict_of(json_array_get(ranges, i)) == cell->worst)
            return json_array_get(ranges, i);
    return NULL;
}

static void put_cell(FILE *file, size_t fill, const json_t *ranges, const struct heat_cell *cell, const bool *listed) {
    const json_t *target = target_of(ranges, cell, listed);
    char *text = cell_text(ranges, cell);
    if (target != NULL) {
        char *id = page_range_id(fill, target);
        HTML(file, "<a class=\"{}\" href=\"#{}\" data-t=\"{}\" aria-label=\"{}\"></a>", html_class(cell->worst), id, text, text);
        free(id);
    } else {
        HTML(file, "<i class=\"{}\" data-t=\"{}\"></i>", html_class(cell->worst), text);
    }
    free(text);
}

static void put_legend(FILE *file, const struct heat *heat) {
    static const enum verdict order[] = {VERDICT_MATCH, VERDICT_DIFFER, VERDICT_CHANGED, VERDICT_UNVERIFIED, VERDICT_NONE};
    fputs("<ul class=\"legend\">", file);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (heat->verdicts[order[i]] > 0)
            HTML(file, "<li><i class=\"{}\" aria-hidden=\"true\"></i>{} {}</li>", html_class(order[i]),
                 figure_count((int64_t)heat->verdicts[order[i]]).text, verdict_name(order[i]));
    fputs("</ul>\n", file);
}

/* Squares are as large as their number lets them be. */
static const char *map_size(size_t cells) {
    return cells <= 60 ? "large" : cells <= 500 ? "medium" : "small";
}

static void put_map(FILE *file, size_t fill, const json_t *ranges, const bool *listed, bool any_listed) {
    struct heat heat;
    heat_init(&heat, ranges);
    char *count = xcopy(figure_count((int64_t)json_array_size(ranges)).text);
    char *each =
        heat.ranges_per_cell > 1 ? xformat(", %zu to a square that shows the worst of them", heat.ranges_per_cell) : xcopy("");
    fputs("<figure>", file);
    HTML(file, "<figcaption><h3>Ranges</h3><p>{} in the order of their keys{}.</p>", count, each);
    put_legend(file, &heat);
    HTML(file, "</figcaption>\n<div class=\"map {}\"><div class=\"squares\">", map_size(heat.cell_count));
    for (size_t i = 0; i < heat.cell_count; i++)
        put_cell(file, fill, ranges, &heat.cells[i], listed);
    HTML(file, "</div><p class=\"hint\" aria-hidden=\"true\">Point at a square to see its range{}.</p></div></figure>\n",
         any_listed ? "; those in trouble lead to the table below" : "");
    heat_release(&heat);
    free(count);
    free(each);
}

/* Marks the ranges that get a row in the table, the worst first, as many as there is room for; one that was never compared is no trouble of
 * its own. Returns how many are in trouble at all. */
static size_t choose(const json_t *ranges, bool *listed) {
    static const enum verdict order[] = {VERDICT_DIFFER, VERDICT_UNVERIFIED, VERDICT_CHANGED};
    size_t chosen = 0;
    size_t total = 0;
    size_t place;
    json_t *range;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        json_array_foreach (ranges, place, range) {
            if (verdict_of(range) != order[i])
                continue;
            total++;
            listed[place] = chosen < PAGE_RANGES;
            chosen += listed[place];
        }
    }
    return total;
}

static void put_range(FILE *file, size_t fill, const json_t *range) {
    static const char *const counts[] = {"rows", "missing", "extra", "different", "changed", "repaired"};
    char *id = page_range_id(fill, range);
    char *number = doc_range(range);
    char *lo = doc_shown(range, "lo");
    char *hi = doc_shown(range, "hi");
    html_row_begin(file, id, number);
    html_verdict_cell(file, verdict_of(range));
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        html_count_cell(file, range, counts[i]);
    html_code_cell(file, lo);
    html_code_cell(file, hi);
    html_time_cell(file, doc_text(range, "verified_at"));
    html_cell(file, doc_text(range, "reason"));
    html_row_end(file);
    free(id);
    free(number);
    free(lo);
    free(hi);
}

static void put_ranges(FILE *file, size_t fill, const json_t *ranges, const bool *listed, size_t total) {
    static const struct html_column columns[] = {
        {"Range", false},    {"Verdict", false}, {"Rows", true},     {"Missing", true},    {"Extra", true},
        {"Different", true}, {"Changed", true},  {"Repaired", true}, {"After key", false}, {"Up to key", false},
        {"Compared", false}, {"Because", false}, {NULL, false}};
    int64_t shown = 0;
    size_t place;
    json_t *range;
    if (total == 0)
        return;
    html_table_begin(file, "Ranges that do not match", columns);
    json_array_foreach (ranges, place, range) {
        if (!listed[place])
            continue;
        put_range(file, fill, range);
        shown++;
    }
    html_table_end(file);
    page_more(file, (int64_t)total, shown, "The map has them all.");
}

/* A whole number is shown with its thousands marked; 18 digits fit. */
static void put_fact_value(FILE *file, const char *text) {
    size_t len = strlen(text);
    size_t digits = strspn(text + (text[0] == '-'), "0123456789");
    bool whole = digits > 0 && digits <= 18 && digits + (text[0] == '-') == len;
    if (whole)
        html_number_cell(file, figure_count(strtoll(text, NULL, 10)).text);
    else if (len > 0 && text[strspn(text, "-+.0123456789eE")] == '\0')
        html_number_cell(file, text);
    else
        html_code_cell(file, text);
}

static void put_fact(FILE *file, const json_t *fact) {
    char *source = doc_shown(fact, "source");
    char *target = doc_shown(fact, "target");
    html_cell(file, doc_text(fact, "name"));
    put_fact_value(file, source);
    put_fact_value(file, target);
    html_verdict_cell(file, verdict_of(fact));
    html_row_end(file);
    free(source);
    free(target);
}

/* The check stands once beside all its figures. */
static void put_check(FILE *file, const json_t *check) {
    size_t index;
    json_t *fact;
    const json_t *facts = doc_list(check, "facts");
    char *span = xformat("%zu", json_array_size(facts) > 0 ? json_array_size(facts) : 1);
    HTML(file, "<tr><th scope=\"row\" rowspan=\"{}\">{}</th><td rowspan=\"{}\">", span, doc_text(check, "check"), span);
    html_verdict(file, verdict_of(check));
    fputs("</td>", file);
    if (json_array_size(facts) == 0)
        fputs("<td></td><td></td><td></td><td></td></tr>\n", file);
    json_array_foreach (facts, index, fact) {
        fputs(index > 0 ? "<tr>" : "", file);
        put_fact(file, fact);
    }
    free(span);
}

static void put_checks(FILE *file, const json_t *checks) {
    static const struct html_column columns[] = {
        {"Check", false},        {"Verdict", false},        {"Figure", false}, {"In the source", true},
        {"In the target", true}, {"Figure verdict", false}, {NULL, false}};
    size_t index;
    json_t *check;
    if (json_array_size(checks) == 0)
        return;
    html_table_begin(file, "Checks", columns);
    json_array_foreach (checks, index, check)
        put_check(file, check);
    html_table_end(file);
}

static void put_causes(FILE *file, const json_t *causes) {
    size_t index;
    json_t *cause;
    if (json_array_size(causes) == 0)
        return;
    fputs("<h3>What the findings have in common</h3>\n<ul class=\"causes\">", file);
    json_array_foreach (causes, index, cause)
        HTML(file, "<li>{}</li>", json_string_value(cause));
    fputs("</ul>\n", file);
}

/* How many of the ranges have the time, and the sum of what was repaired in all. */
static void put_settled(FILE *file, const json_t *ranges) {
    int64_t settled = 0;
    int64_t repaired = 0;
    size_t place;
    json_t *range;
    json_array_foreach (ranges, place, range) {
        settled += doc_text(range, "settled_at")[0] != '\0';
        repaired += doc_int(range, "repaired", 0);
    }
    char *text = xformat("%s of %s", figure_count(settled).text, figure_count((int64_t)json_array_size(ranges)).text);
    page_figure(file, "Ranges settled", text);
    page_figure(file, "Rows repaired", figure_count(repaired).text);
    free(text);
}

static void put_count_figure(FILE *file, const json_t *object, const char *name, const char *label) {
    if (json_is_number(json_object_get(object, name)))
        page_figure(file, label, figure_count(doc_int(object, name, 0)).text);
}

static void put_compared_figures(FILE *file, const json_t *fill) {
    put_count_figure(file, doc_object(fill, "rows"), "source", "Rows in the source");
    put_count_figure(file, doc_object(fill, "rows"), "target", "Rows in the target");
    put_count_figure(file, fill, "missing", "Missing");
    put_count_figure(file, fill, "extra", "Extra");
    put_count_figure(file, fill, "different", "Different");
    put_count_figure(file, fill, "duplicates", "Duplicate");
    put_count_figure(file, fill, "changed", "Changed meanwhile");
    if (doc_int(fill, "weaker", 0) > 0)
        put_count_figure(file, fill, "weaker", "Equal by a weaker rule");
}

static void put_key_figures(FILE *file, const json_t *fill) {
    const json_t *digest = doc_object(fill, "digest");
    char *frontier = short_key(fill, "frontier", "");
    char *high_water = short_key(fill, "high_water", "");
    fputs("<dl class=\"figures\">", file);
    if (verdict_of(fill) != VERDICT_NONE)
        put_compared_figures(file, fill);
    put_settled(file, doc_list(fill, "ranges"));
    fputs("</dl>\n<dl class=\"facts\">", file);
    page_figure(file, "State", doc_text(fill, "state"));
    fputs("</dl>\n<dl class=\"facts keys\">", file);
    page_figure(file, "Filled up to key", frontier);
    page_figure(file, "Ends with key", high_water);
    page_figure(file, "Digest of the source", doc_text(digest, "source"));
    page_figure(file, "Digest of the target", doc_text(digest, "target"));
    fputs("</dl>\n", file);
    free(frontier);
    free(high_water);
}

void page_fill(FILE *file, const json_t *fill, size_t place) {
    const json_t *ranges = doc_list(fill, "ranges");
    const char *target = doc_text(fill, "target");
    bool in_place = target[0] == '\0' || strcmp(target, doc_text(fill, "source")) == 0;
    bool *listed = xalloc(json_array_size(ranges), sizeof *listed);
    size_t total = choose(ranges, listed);
    char *id = page_fill_id(place);
    HTML(file, "<section id=\"{}\" class=\"card\"><header><h2>Fill {}</h2>", id, doc_text(fill, "fill"));
    html_verdict(file, verdict_of(fill));
    if (in_place)
        HTML(file, "<p><code>{}</code>, in place</p></header>\n", doc_text(fill, "source"));
    else
        HTML(file, "<p><code>{}</code> → <code>{}</code></p></header>\n", doc_text(fill, "source"), target);
    put_causes(file, doc_list(fill, "causes"));
    if (json_array_size(ranges) > 0)
        put_map(file, place, ranges, listed, total > 0);
    put_ranges(file, place, ranges, listed, total);
    fputs("<h3>Figures</h3>\n", file);
    put_key_figures(file, fill);
    put_checks(file, doc_list(fill, "checks"));
    fputs("</section>\n", file);
    free(id);
    free(listed);
}
