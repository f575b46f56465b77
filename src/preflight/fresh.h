/* fresh.h - looks at rows that the application writes while one looks: are they right on the target, and soon?
 *
 * A row is fresh when it lies above a mark that was read at the beginning: above the largest key (inserted), or above the latest time in a
 * column that says when a row was changed (inserted or updated). Marks come from the database, so no clock and no time zone matters. The
 * statements are the fill's own, over another key. Reads only. */
#ifndef PREFLIGHT_FRESH_H
#define PREFLIGHT_FRESH_H

#include "preflight/resolve.h"

enum { FRESH_BY_KEY, FRESH_BY_TIME, FRESH_ORDERS };

/* One order in which fresh rows come last. */
struct fresh_order {
    const char *unfit;  /* why this order tells nothing, or NULL */
    const char *column; /* its first column */
    struct fill_map map;
    struct fill_sql sql;
    bool has_sql;
    const char *mark; /* NULL: the source was empty */
    const char *top;
    int64_t fresh; /* rows between mark and top */
    int64_t same;  /* of these, right on the target */
};

struct fresh_rows {
    struct db *db;
    struct db_tx tx;
    struct arena *arena;
    struct fresh_order orders[FRESH_ORDERS];
};

/* Reads the marks. fresh_release also after an error. */
int fresh_begin(struct fresh_rows *watching, const struct job *job, struct err *err);
/* Looks once; with `on` at everything that is fresh now, else only at what was fresh the last time. */
int fresh_look(struct fresh_rows *watching, bool on, struct err *err);
void fresh_release(struct fresh_rows *watching);

/* Rows that were inserted, and at least how many were updated; -1 where it cannot be told. */
int64_t fresh_inserted(const struct fresh_rows *watching);
int64_t fresh_updated(const struct fresh_rows *watching);
/* The order with the most fresh rows, and among equals the one with the most wrong ones. NULL: nothing is fresh. */
const struct fresh_order *fresh_worst(const struct fresh_rows *watching);

#endif
