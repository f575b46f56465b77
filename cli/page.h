/* page.h - the document of a report as one web page that needs nothing else: no script, no request, no file beside it. Pure. */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include <jansson.h>
#include <stdio.h>

enum {
    PAGE_FINDINGS = 1000, /* as many as anybody reads; the page says how many more there are */
    PAGE_REJECTS = 1000,
    PAGE_RANGES = 200, /* that do not match, of each fill; the map has them all */
    PAGE_EVENTS = 200,
    PAGE_WHERE = 6, /* ranges that the verdict names */
};

/* The whole page, which the caller frees. `plan` is the plan's path for commands to copy; NULL: PLAN. */
char *page_report(const json_t *document, const char *plan);

/* Parts of it. */

/* The section of the fill at a place of the list. */
void page_fill(FILE *file, const json_t *fill, size_t place);
/* The ids of the section, and of the row of a range in it if it has one: those that differ come first. The caller frees. */
char *page_fill_id(size_t place);
char *page_range_id(size_t place, const json_t *range);
/* A label and its value in a list of key figures. */
void page_figure(FILE *file, const char *label, const char *value);
/* "and 23 more", nothing when all are shown. */
void page_more(FILE *file, int64_t total, int64_t shown, const char *where);

#endif
