/* verdict.h - what a comparison came to: the word of the library as a sentence and as an exit code. */
#ifndef CLI_VERDICT_H
#define CLI_VERDICT_H

#include <jansson.h>
#include <stdbool.h>

enum verdict {
    VERDICT_NONE, /* never compared, or a word of a later version: like unverified, never like match */
    VERDICT_MATCH,
    VERDICT_CHANGED,
    VERDICT_UNVERIFIED,
    VERDICT_DIFFER,
};

enum verdict verdict_of(const json_t *object);
/* "match", "changed", "unverified", "differ"; "not verified". */
const char *verdict_name(enum verdict verdict);
/* The worse of two. */
enum verdict verdict_worse(enum verdict one, enum verdict other);

/* The verdict of a whole verification or report. What was left out, or not finished, is never a match. */
enum verdict verdict_whole(const json_t *document);
/* 0 match, 4 differ, 5 changed, 1 unverified. */
int verdict_exit_code(enum verdict verdict);
/* The command that follows, with PLAN in it; "" after a match. */
const char *verdict_next(enum verdict verdict);
/* One sentence about the whole. The caller frees. */
char *verdict_sentence(const json_t *document);

#endif
