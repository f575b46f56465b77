/* plan_report.h - the mistakes of one plan: collected while it is read, shown all at once, sorted by position.
 *
 * A mistake has a place in the file (line and column, 1 based, columns count characters) or a place outside of it ("--set",
 * "INFILL_BATCH_ROWS"). Each is shown with its source line and a caret. What may be a secret is never shown: scalars marked with
 * report_secret() and whatever looks like a URL or a password are masked in source lines and in quoted words.
 *
 * Memory is the arena's. Running out of it is sticky and comes out of report_finish(). */
#ifndef PLAN_PLAN_REPORT_H
#define PLAN_PLAN_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum {
    REPORT_MISTAKES_MAX = 200, /* shown; a file that is not a plan at all would drown the reader otherwise */
    REPORT_MESSAGE_MAX = 512,  /* bytes of one message */
    REPORT_QUOTE_MAX = 60,     /* characters of a word quoted from the plan */
    REPORT_SHOWN_MAX = 160,    /* characters shown of a source line; JSON plans may be one long line */
};

struct mistake;
struct secret_span;

struct plan_report {
    struct arena *arena;
    const char *path; /* as messages name the file */
    const char *text; /* the file, for source lines; may be NULL */
    size_t len;
    struct mistake *mistakes;
    struct secret_span *secrets;
    size_t count;
    size_t unsupported; /* how many of them are "not supported yet" */
    bool nomem;
};

void report_init(struct plan_report *report, struct arena *arena, const char *path, const char *text, size_t len);

void report_at(struct plan_report *report, int line, int column, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same for what a later version will do. When nothing else is wrong the error is ERR_UNSUPPORTED. */
void report_unsupported(struct plan_report *report, int line, int column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A mistake on the command line or in the environment; `place` is copied. line 0 and column 0 in the calls above need a place. */
void report_outside(struct plan_report *report, const char *place, const char *format, ...) __attribute__((format(printf, 3, 4)));
void report_outside_unsupported(struct plan_report *report, const char *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Marks a scalar as secret: from its column on its first line, and all its other lines, nothing is shown. */
void report_secret(struct plan_report *report, int line, int column, int end_line);

/* Could this text hold a password? True for URLs and anything like password=. */
bool report_looks_secret(const char *text, size_t len);

/* `text` in single quotes for a message: cut, control characters replaced, masked when it looks secret. Never NULL. */
const char *report_quote(struct plan_report *report, const char *text);

/* 0 when there is no mistake. Else fills in `err` (count and first mistake) and appends all of them to `out`, which may be NULL. */
int report_finish(struct plan_report *report, struct buf *out, struct err *err);

#endif
