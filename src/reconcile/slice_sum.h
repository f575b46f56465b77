/* slice_sum.h - what slices came to, added up and as documents: the same words in a verification's document and in a report. */
#ifndef RECONCILE_SLICE_SUM_H
#define RECONCILE_SLICE_SUM_H

#include <jansson.h>

#include "ledger/proof.h"
#include "reconcile/range_set.h"
#include "reconcile/row_hash.h"
#include "reconcile/verdict.h"

enum slice_count {
    SLICE_MISSING,
    SLICE_EXTRA,
    SLICE_DIFFERENT,
    SLICE_DUPLICATES,
    SLICE_CHANGED,
    SLICE_WEAKER,
    SLICE_REJECTED,
    SLICE_COUNTS
};

/* Begins all zero: a match without slices. */
struct slice_sum {
    enum verdict verdict; /* the worst of them */
    size_t slices;
    size_t compared; /* of them */
    int64_t rows[SIDES];
    int64_t counts[SLICE_COUNTS];
    struct row_hash digest[SIDES];
};

/* Adds a slice as the ledger has it; without a verdict of pass `since` or a later one it is as if it had not been looked at. Its detail,
 * parsed, or NULL. Returns its verdict. */
enum verdict slice_sum_add(struct slice_sum *sum, const struct ledger_slice *slice, int64_t since, const json_t *detail);
/* {"fill", "source", "target", "verdict", "slices", "rows", "digest", "missing", "extra", …} */
json_t *slice_sum_json(const struct slice_sum *sum, const char *fill, const char *source, const char *target);

json_t *slice_detail(const struct ledger_slice *slice); /* parsed; NULL when there is none */
int64_t slice_detail_count(const json_t *detail, enum slice_count count);
const char *slice_count_name(enum slice_count count);

/* How many of "not_compared" nobody agreed to. */
size_t left_out_count(const json_t *not_compared);
/* Adds to it, and takes `what` and `reason`; `agreed`: somebody said so beforehand, and it does not count. 0, or -1 for want of memory. */
int left_out_add(json_t *not_compared, const char *fill, json_t *what, json_t *reason, bool agreed);

/* An element of "first_findings" and "findings". */
json_t *finding_json(const struct ledger_finding *finding);

#endif
