/* doc.h - reading the library's JSON documents. What is missing or of another type reads as "nothing": documents grow with versions. */
#ifndef CLI_DOC_H
#define CLI_DOC_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* The document of `text`, or NULL when it is not JSON. The caller drops the reference. */
json_t *doc_read(const char *text);

const char *doc_text(const json_t *object, const char *name);           /* "" */
int64_t doc_int(const json_t *object, const char *name, int64_t other); /* `other` when it is no number */
double doc_real(const json_t *object, const char *name, double other);  /* integers too */
bool doc_true(const json_t *object, const char *name);
json_t *doc_list(const json_t *object, const char *name);   /* NULL, which iterates as empty; borrowed */
json_t *doc_object(const json_t *object, const char *name); /* NULL, whose members are all missing; borrowed */

/* A member that may be text, a number or a list, as text: compact JSON of what is no string, "" of nothing. The caller frees. */
char *doc_shown(const json_t *object, const char *name);

/* The member "range" for people: its number; "above" for the rows above the last range, "none" for rows of the target that no source row
 * leads to. The caller frees. */
char *doc_range(const json_t *object);

/* The strings of a list joined with ", "; lists of anything else as compact JSON. The caller frees. */
char *doc_joined(const json_t *object, const char *name);

/* A string; text that is not UTF-8 with its bad bytes escaped. New reference. */
json_t *doc_string(const char *text);

#endif
