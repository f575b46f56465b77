/* plan_report_show.h - shared by plan_report.c, which collects mistakes, and plan_report_show.c, which shows them. */
#ifndef PLAN_PLAN_REPORT_SHOW_H
#define PLAN_PLAN_REPORT_SHOW_H

#include "plan/plan_report.h"

struct mistake {
    int line;
    int column;
    const char *place; /* instead of line and column, for what stands outside the file; else NULL */
    const char *message;
    bool unsupported;
    size_t order; /* in which they were found */
    struct mistake *next;
};

struct secret_span {
    int line;
    int column;
    int end_line;
    struct secret_span *next;
};

/* Byte offset behind "://", or of something like password=; len when there is none. */
size_t report_secret_offset(const char *text, size_t len);

/* Appends the first character of `text`, or '?' when a terminal should not see it. Returns its bytes, at least 1. */
size_t report_add_rune(struct buf *out, const char *text, size_t len);

#endif
