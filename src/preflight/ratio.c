/* ratio.c - see ratio.h. */
#include "preflight/ratio.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Between two measurements, in proportion. */
static double quantile(const double *sorted, size_t count, double part) {
    double at = part * (double)(count - 1);
    size_t below = (size_t)at;
    return below + 1 < count ? sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]) : sorted[count - 1];
}

struct spread spread_of(double *values, size_t count) {
    if (count == 0)
        return (struct spread){0};
    qsort(values, count, sizeof *values, by_size);
    return (struct spread){count, quantile(values, count, 0.1), quantile(values, count, 0.25), quantile(values, count, 0.5),
                           quantile(values, count, 0.75)};
}

struct ratio ratio_of(const struct spread sides[2], double floor) {
    if (sides[0].count < SPREAD_MIN || sides[1].count < SPREAD_MIN)
        return (struct ratio){RATIO_FEW, 0, 1};
    int slower = sides[1].middle >= sides[0].middle;
    const struct spread *slow = &sides[slower], *fast = &sides[1 - slower];
    double factor = fast->middle > 0 ? slow->middle / fast->middle : slow->middle > 0 ? INFINITY : 1;
    bool is_clear = slow->least > fast->high && slow->middle - fast->middle >= floor;
    return (struct ratio){is_clear && factor >= RATIO_MATTERS ? RATIO_DIFFERS : RATIO_SAME, slower, factor};
}

static double rate(double batch_ms, int64_t rows, int64_t workers, int64_t limit) {
    double free = batch_ms > 0 ? (double)rows * (double)workers * 1000.0 / batch_ms : INFINITY;
    return limit > 0 && (double)limit < free ? (double)limit : free;
}

double ratio_of_fills(const double batch_ms[2], int64_t rows, int64_t workers, int64_t rows_per_second) {
    double first = rate(batch_ms[0], rows, workers, rows_per_second), second = rate(batch_ms[1], rows, workers, rows_per_second);
    return isinf(first) || isinf(second) || second <= 0 ? 1 : first / second;
}
