/* shape.h - what the rows of one comparison look like: the columns of both sides in one order, the key first.
 *
 * Both sides are read with the same list of columns: on the source the expressions of the fill, on the target its columns. A struct shape
 * borrows its arrays, which must outlive everything made with it; it is never changed, so threads may share it. */
#ifndef RECONCILE_SHAPE_H
#define RECONCILE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "reconcile/canonical.h"

enum side { SIDE_SOURCE, SIDE_TARGET, SIDES };

struct shape {
    const char *const *names; /* of the target's columns */
    const struct canonical_rule *rules;
    size_t column_count;
    size_t key_count; /* the first columns are the key; at least one */
};

/* Whether any column asks for less than exactness, so that rows may be equal only under the weaker rule. */
bool shape_is_semantic(const struct shape *shape);

enum column_state {
    COLUMN_SAME,      /* the same canonical bytes under `exact` */
    COLUMN_ALIKE,     /* equal only under `semantic` */
    COLUMN_DIFFERENT, /* under both */
};

/* Compares two rows column by column, whatever their rules say: one state per column into `states`. `scratch` is cleared. ERR_NOMEM. */
int shape_compare(const struct shape *shape, const struct datum *source, const struct datum *target, struct buf *scratch,
                  enum column_state *states, struct err *err);

/* Whether a column in that state counts as different under its own rule. */
bool shape_differs(const struct shape *shape, size_t column, enum column_state state);

#endif
