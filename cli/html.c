/* html.c - see html.h. */
#include "cli/html.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/term.h"

static void escape(FILE *file, const char *text) {
    char *shown = term_escaped(text != NULL ? text : "");
    for (const char *at = shown; *at != '\0'; at++) {
        switch (*at) {
        case '&':
            fputs("&amp;", file);
            break;
        case '<':
            fputs("&lt;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '"':
            fputs("&quot;", file);
            break;
        case '\'':
            fputs("&#39;", file);
            break;
        default:
            fputc(*at, file);
        }
    }
    free(shown);
}

void html_fill(FILE *file, const char *template, const char *const *texts, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const char *place = strstr(template, "{}");
        assert(place != NULL);
        (void)fwrite(template, 1, (size_t)(place - template), file);
        escape(file, texts[i]);
        template = place + 2;
    }
    assert(strstr(template, "{}") == NULL);
    fputs(template, file);
}

void html_table_begin(FILE *file, const char *caption, const struct html_column *columns) {
    HTML(file, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table><caption>{}</caption>\n<thead><tr>",
         caption, caption);
    for (; columns->text != NULL; columns++)
        HTML(file, columns->is_number ? "<th scope=\"col\" class=\"n\">{}</th>" : "<th scope=\"col\">{}</th>", columns->text);
    fputs("</tr></thead>\n<tbody>\n", file);
}

void html_table_end(FILE *file) {
    fputs("</tbody></table></div>\n", file);
}

/* Short texts stay on one line, long ones get room to break in. */
enum { SHORT = 28 };

static const char *width_class(const char *text) {
    return text != NULL && strlen(text) > SHORT ? "l" : "k";
}

void html_row_begin(FILE *file, const char *id, const char *text) {
    if (id != NULL)
        HTML(file, "<tr id=\"{}\">", id);
    else
        fputs("<tr>", file);
    HTML(file, "<th scope=\"row\" class=\"{}\">{}</th>", width_class(text), text);
}

void html_key_row_begin(FILE *file, const char *key) {
    HTML(file, "<tr><th scope=\"row\" class=\"{}\"><code>{}</code></th>", width_class(key), key);
}

void html_row_end(FILE *file) {
    fputs("</tr>\n", file);
}

void html_cell(FILE *file, const char *text) {
    HTML(file, "<td class=\"{}\">{}</td>", width_class(text), text);
}

void html_number_cell(FILE *file, const char *text) {
    HTML(file, "<td class=\"n\">{}</td>", text);
}

void html_count_cell(FILE *file, const json_t *object, const char *name) {
    bool there = json_is_number(json_object_get(object, name));
    html_number_cell(file, there ? figure_count(doc_int(object, name, 0)).text : "");
}

void html_code_cell(FILE *file, const char *text) {
    if (text == NULL || text[0] == '\0')
        fputs("<td></td>", file);
    else
        HTML(file, "<td class=\"{}\"><code>{}</code></td>", width_class(text), text);
}

void html_time_cell(FILE *file, const char *time) {
    fputs("<td class=\"t\">", file);
    html_time(file, time);
    fputs("</td>", file);
}

void html_verdict_cell(FILE *file, enum verdict verdict) {
    fputs("<td>", file);
    html_verdict(file, verdict);
    fputs("</td>", file);
}

static const struct {
    const char *sign, *class;
} marks[] = {
    [VERDICT_NONE] = {"–", "none"},          [VERDICT_MATCH] = {"✓", "match"},   [VERDICT_CHANGED] = {"↻", "changed"},
    [VERDICT_UNVERIFIED] = {"?", "unknown"}, [VERDICT_DIFFER] = {"✕", "differ"},
};

const char *html_sign(enum verdict verdict) {
    return marks[verdict].sign;
}

const char *html_class(enum verdict verdict) {
    return marks[verdict].class;
}

void html_verdict(FILE *file, enum verdict verdict) {
    HTML(file, "<span class=\"v {}\"><b aria-hidden=\"true\">{}</b> {}</span>", html_class(verdict), html_sign(verdict),
         verdict_name(verdict));
}

void html_time(FILE *file, const char *time) {
    size_t len = time != NULL ? strlen(time) : 0;
    char day[] = "0000-00-00";
    if (len != sizeof "2026-01-01T00:00:00Z" - 1 || time[10] != 'T' || time[len - 1] != 'Z') {
        escape(file, time);
        return;
    }
    memcpy(day, time, sizeof day - 1);
    char clock[] = "00:00:00";
    memcpy(clock, time + sizeof day, sizeof clock - 1);
    HTML(file, "<time datetime=\"{}\">{} {} UTC</time>", time, day, clock);
}
