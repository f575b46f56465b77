/* column_sum.h - the sum of a column on one side: exact for integers and decimals, compensated for doubles.
 *
 * Doubles are summed after Neumaier ("Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", 1974): the error does not
 * grow with their number, but the order of the rows still shows in the last bits, so such sums are compared with a tolerance and said to
 * be inexact. Pure. */
#ifndef RECONCILE_COLUMN_SUM_H
#define RECONCILE_COLUMN_SUM_H

#include "reconcile/decimal_sum.h"

/* All zero is the sum of nothing. */
struct column_sum {
    struct decimal_sum exact;
    double real, lost; /* of the doubles; what rounding took away */
    double size;       /* sum of their magnitudes, which the tolerance is a part of */
    uint64_t numbers;  /* that went in */
    uint64_t doubles;  /* of them */
    uint64_t not_finite;
    uint64_t too_wide;
    uint64_t not_numbers; /* texts in a column of numbers, as SQLite has them; NULL is none */
};

void column_sum_add(struct column_sum *sum, const struct datum *value);
void column_sum_merge(struct column_sum *sum, const struct column_sum *other);
bool column_sum_equal(const struct column_sum *a, const struct column_sum *b);
/* Everything in one number: the exact sum, or 17 digits where doubles are in it. Returns `out`. */
char *column_sum_text(const struct column_sum *sum, char out[DECIMAL_SUM_TEXT]);

#endif
