/* show.h - the library's documents as text for people. Pure: a document in, text out. `columns` 0: no terminal, nothing is cut. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include <jansson.h>
#include <stdio.h>

#include "cli/out.h"
#include "cli/table.h"

void show_dry_run(FILE *file, const struct out *out, const json_t *document);
void show_origins(FILE *file, const struct out *out, const json_t *settings);
void show_status(FILE *file, const struct out *out, const json_t *document);
void show_summary(FILE *file, const struct out *out, const json_t *document);

void show_check(FILE *file, const struct out *out, const json_t *document);
/* The same without the lines that are in order. */
void show_check_short(FILE *file, const struct out *out, const json_t *document);

/* What differs between two environments; `all`: what is equal too. */
void show_parity(FILE *file, const struct out *out, const json_t *document);
void show_parity_all(FILE *file, const struct out *out, const json_t *document);

void show_verify(FILE *file, const struct out *out, const json_t *document);
void show_self_test(FILE *file, const struct out *out, const json_t *document);
void show_repair(FILE *file, const struct out *out, const json_t *document);
void show_report(FILE *file, const struct out *out, const json_t *document);

/* Parts that several of them share. */

/* The rehearsal of a fill, nothing when there was none; `pace` is the plan's rows per second, 0: no limit. */
void show_rehearsal(FILE *file, const struct out *out, const json_t *rehearsal, int64_t pace);

/* "  name        text", escaped; nothing when the text is empty. */
void show_field(FILE *file, const char *name, const char *text);
/* The same with a text of our own making, not escaped. */
void show_fieldf(FILE *file, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4), nonnull));
/* "123 seen, 100 written, 20 same, 3 kept, 0 rejected" of a rows object. The caller frees. */
char *show_rows(const json_t *rows);
/* The fills with their states and rows, as a table. */
void show_fills(FILE *file, const struct out *out, const json_t *fills);
/* The next cell: a member that may be text, a number, a list, or nothing. */
void show_cell(struct table *table, const json_t *object, const char *name);
/* The next cell: the range of a slice or a finding, as of doc_range. */
void show_range_cell(struct table *table, const json_t *object);
/* The next cell: a number with its thousands marked, "" when it is not there. */
void show_count_cell(struct table *table, const json_t *object, const char *name);
/* An empty line, then the table, unless it has no rows; releases it. */
void show_table(FILE *file, const struct out *out, struct table *table);
/* "plan: text" in bold, filled into the lines of a terminal. */
void show_headline(FILE *file, const struct out *out, const json_t *document, const char *text);
/* "next: …", nothing when there is none. */
void show_next(FILE *file, const struct out *out, const json_t *document);

#endif
