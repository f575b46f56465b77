/* html.h - HTML out of small templates. Everything that is put into one is escaped, whatever it is: keys and names can hold anything, so
 * there is no way to put text in unescaped. Characters that would steer a terminal or reorder a line are made visible (term.h) first. */
#ifndef CLI_HTML_H
#define CLI_HTML_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "cli/verdict.h"

/* Writes the template with each {} replaced by the next text, escaped for content and for quoted attributes; NULL is "". The template is
 * ours, never data, and has as many places as there are texts. */
#define HTML(file, template, ...)                                                                                                  \
    html_fill(file, template, (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))
void html_fill(FILE *file, const char *template, const char *const *texts, size_t count);

/* Headings of a table; the last has no text. */
struct html_column {
    const char *text;
    bool is_number;
};

/* A table that scrolls by itself when it is wider than the page. */
void html_table_begin(FILE *file, const char *caption, const struct html_column *columns);
void html_table_end(FILE *file);
/* A row begins with its heading; `id` (may be NULL) makes it a target of links. */
void html_row_begin(FILE *file, const char *id, const char *text);
/* The same with a key for a heading. */
void html_key_row_begin(FILE *file, const char *key);
void html_row_end(FILE *file);
void html_cell(FILE *file, const char *text);
void html_number_cell(FILE *file, const char *text);
/* A member that is a number, with its thousands marked; empty when it is not there. */
void html_count_cell(FILE *file, const json_t *object, const char *name);
void html_code_cell(FILE *file, const char *text);
void html_time_cell(FILE *file, const char *time);
void html_verdict_cell(FILE *file, enum verdict verdict);

/* A sign and a word, so that colour is never all there is. */
void html_verdict(FILE *file, enum verdict verdict);
/* The sign alone: "✕". */
const char *html_sign(enum verdict verdict);
/* The class that style sheets know the verdict by. */
const char *html_class(enum verdict verdict);

/* 2026-01-01T00:00:00Z as 2026-01-01 00:00:00 UTC; anything else as it is. */
void html_time(FILE *file, const char *time);

#endif
