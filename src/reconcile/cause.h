/* cause.h - a first guess at why rows differ: what nearly all differing rows of a column have in common.
 *
 * Fed with the pairs of rows that differ, it counts for each column how many of them fit each known pattern (a constant shift, a text that
 * was cut, NULL that became '' ...). A pattern is named when at least 9 of 10 differing rows fit it, and at least 3. The sentence never
 * holds a row's value: only what the change has in common. A guess is no proof; it says where to look first.
 *
 * Adding a pattern: a function in one of cause_*.c, and its row in the table of cause.c. One owner at a time. */
#ifndef RECONCILE_CAUSE_H
#define RECONCILE_CAUSE_H

#include <stdint.h>

#include "base/buf.h"
#include "reconcile/check.h"
#include "reconcile/shape.h"

enum {
    CAUSE_ROWS_MIN = 3,
    CAUSE_PERCENT_MIN = 90,
};

struct cause;

/* The shape must outlive it. ERR_NOMEM. */
int cause_new(const struct shape *shape, struct cause **cause, struct err *err);
void cause_free(struct cause *cause); /* NULL allowed */

/* A row that differs, with the states of its columns. ERR_NOMEM. */
int cause_pair(struct cause *cause, const struct check_pair *pair, struct err *err);

/* Adds what another one of the same shape was fed, so that ranges make a fill. ERR_NOMEM. */
int cause_merge(struct cause *cause, const struct cause *other, struct err *err);

/* Rows in which the column differs. */
uint64_t cause_rows(const struct cause *cause, size_t column);

/* Appends "`paid_at` is 7 h later in all 1,000 differing rows"; nothing, and false, where no pattern is common enough. */
bool cause_say(const struct cause *cause, size_t column, struct buf *out);

#endif
