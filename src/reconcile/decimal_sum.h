/* decimal_sum.h - exact sums of decimals, in any order, for as many as there can be.
 *
 * Fixed point over limbs of nine digits, wide enough for 144 digits before and 72 behind the point; what is wider is refused, not rounded.
 * Pure. */
#ifndef RECONCILE_DECIMAL_SUM_H
#define RECONCILE_DECIMAL_SUM_H

#include "reconcile/decimal.h"

enum {
    DECIMAL_SUM_PART = 8,                                         /* limbs behind the point */
    DECIMAL_SUM_WHOLE = 16,                                       /* limbs before it */
    DECIMAL_SUM_LIMBS = DECIMAL_SUM_PART + DECIMAL_SUM_WHOLE + 2, /* two more for the carries of 10^18 numbers */
    DECIMAL_SUM_TEXT = 9 * DECIMAL_SUM_LIMBS + 3,                 /* sign, point and the NUL */
};

/* All zero is the sum of nothing. */
struct decimal_sum {
    int64_t limbs[DECIMAL_SUM_LIMBS]; /* the lowest first; carried only from time to time */
    uint64_t adds;                    /* since the last carry */
};

/* False, with nothing added, if the number is not finite or too wide. */
bool decimal_sum_add(struct decimal_sum *sum, const struct decimal *number);
void decimal_sum_add_integer(struct decimal_sum *sum, bool negative, uint64_t magnitude);
void decimal_sum_merge(struct decimal_sum *sum, const struct decimal_sum *other);
bool decimal_sum_equal(const struct decimal_sum *a, const struct decimal_sum *b);
/* "-12.5", without needless zeros. Returns `out`. */
char *decimal_sum_text(const struct decimal_sum *sum, char out[DECIMAL_SUM_TEXT]);

#endif
