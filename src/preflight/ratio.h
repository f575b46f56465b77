/* ratio.h - is one server really slower than another, and what does that do to a forecast? Pure: no clock, no database. */
#ifndef PREFLIGHT_RATIO_H
#define PREFLIGHT_RATIO_H

#include <stddef.h>
#include <stdint.h>

/* Measurements of one thing in one place: their quartiles, and what a tenth of them is below. */
struct spread {
    size_t count;
    double least, low, middle, high;
};

enum { SPREAD_MIN = 4 };  /* fewer measurements say nothing */
#define RATIO_MATTERS 1.5 /* a forecast that is off by less is as good as one can be */

/* Sorts `values`. */
struct spread spread_of(double *values, size_t count);

enum ratio_verdict {
    RATIO_FEW, /* too few measurements on a side */
    RATIO_SAME, /* within RATIO_MATTERS of each other, or less apart than `floor`, or some of the slower are as fast as the faster ones: chance */
    RATIO_DIFFERS, /* by `factor` */
};
struct ratio {
    enum ratio_verdict verdict;
    int slower;    /* 0 or 1 */
    double factor; /* slower by fast, of the middles: at least 1 */
};
struct ratio ratio_of(const struct spread sides[2], double floor);

/* How many times as long a fill takes on side 1 as on side 0 when a batch of `rows` takes so long there. `rows_per_second` 0: no limit. */
double ratio_of_fills(const double batch_ms[2], int64_t rows, int64_t workers, int64_t rows_per_second);

#endif
