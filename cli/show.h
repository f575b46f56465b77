/* show.h - the library's documents as text for people. Pure: a document in, text out. `columns` 0: no terminal, nothing is cut. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include <jansson.h>
#include <stdio.h>

#include "cli/out.h"

void show_dry_run(FILE *file, const struct out *out, const json_t *document);
void show_origins(FILE *file, const struct out *out, const json_t *settings);
void show_status(FILE *file, const struct out *out, const json_t *document);
void show_summary(FILE *file, const struct out *out, const json_t *document);

/* Parts that several of them share. */

/* "  name        text", escaped; nothing when the text is empty. */
void show_field(FILE *file, const char *name, const char *text);
/* The same with a text of our own making, not escaped. */
void show_fieldf(FILE *file, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4), nonnull));
/* "123 seen, 100 written, 20 same, 3 kept, 0 rejected" of a rows object. The caller frees. */
char *show_rows(const json_t *rows);
/* The fills with their states and rows, as a table. */
void show_fills(FILE *file, const struct out *out, const json_t *fills);
/* "next: …", nothing when there is none. */
void show_next(FILE *file, const struct out *out, const json_t *document);

#endif
