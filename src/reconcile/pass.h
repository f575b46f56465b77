/* pass.h - the one pass over the rows of a range: each becomes canonical bytes and a hash, is matched by its key, and is shown to the checks.
 *
 * How it is used, range after range:
 *     pass_begin()  pass_row() for every row of both sides, in any order  pass_matched()
 *     pass_next() gives the keys that need looking at; their rows are read again on both sides, and pass_pair() compares them
 * A range that changed meanwhile is begun anew. Nothing here knows a database.
 *
 * One owner at a time. */
#ifndef RECONCILE_PASS_H
#define RECONCILE_PASS_H

#include "reconcile/check.h"
#include "reconcile/range_set.h"

struct pass {
    const struct check_options *options;
    struct check_list *checks; /* of the range at hand; the caller's */
    struct range_set set;
    struct canonical_rule *exact_rules; /* NULL where no column is semantic */
    size_t *ends;
    size_t *exact_ends;
    enum column_state *states; /* of the last pair */
    struct buf bytes;
    struct buf exact_bytes;
};

/* `rows_expected` and `bytes_max` as for range_set_init: per range. `options` must outlive the pass. ERR_NOMEM. */
int pass_open(struct pass *pass, const struct check_options *options, size_t rows_expected, size_t bytes_max, struct err *err);
void pass_close(struct pass *pass);

/* Forgets the rows of the range before. `checks` were opened with the options of the pass; they are reset. */
void pass_begin(struct pass *pass, struct check_list *checks);

/* One row: a value per column of the shape. ERR_NOMEM, also when the range is too large for bytes_max. */
int pass_row(struct pass *pass, enum side side, const struct datum *values, struct err *err);

/* Both sides are in. */
int pass_matched(struct pass *pass, struct range_totals *totals, struct err *err);

/* The keys that are neither the same nor alike; *cursor begins at 0. False at the end. */
bool pass_next(const struct pass *pass, size_t *cursor, struct range_key *key);

/* Compares a row that was read again on both sides. Its column states are in pass->states until the next call; *differs says whether any
 * counts as different under its rule. Only a row that does is shown to the checks. */
int pass_pair(struct pass *pass, const struct datum *source, const struct datum *target, bool *differs, struct err *err);

#endif
