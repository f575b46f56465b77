/* column_sum.c - see column_sum.h. */
#include "reconcile/column_sum.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"

/* Of the sum of magnitudes: far above what rounding in another order can do to a billion doubles, far below any wrong value. */
static const double TOLERANCE = 1e-12;

static void add_real(struct column_sum *sum, double real) {
    double next = sum->real + real;
    if (fabs(sum->real) >= fabs(real))
        sum->lost += (sum->real - next) + real;
    else
        sum->lost += (real - next) + sum->real;
    sum->real = next;
    sum->size += fabs(real);
}

static void add_double(struct column_sum *sum, double real) {
    if (!isfinite(real)) {
        sum->not_finite++;
        return;
    }
    add_real(sum, real);
    sum->doubles++;
    sum->numbers++;
}

static void add_decimal(struct column_sum *sum, const struct datum *value) {
    struct decimal number = decimal_scan(value->bytes, value->size);
    if (number.class == DECIMAL_NONE)
        sum->not_numbers++;
    else if (number.class > DECIMAL_MINUS)
        sum->not_finite++;
    else if (decimal_sum_add(&sum->exact, &number))
        sum->numbers++;
    else
        sum->too_wide++;
}

static void add_integer(struct column_sum *sum, const struct datum *value) {
    bool negative = value->kind == DATUM_INT && value->number < 0;
    decimal_sum_add_integer(&sum->exact, negative, negative ? 0 - (uint64_t)value->number : (uint64_t)value->number);
    sum->numbers++;
}

void column_sum_add(struct column_sum *sum, const struct datum *value) {
    if (value->kind == DATUM_INT || value->kind == DATUM_UINT || value->kind == DATUM_BOOL)
        add_integer(sum, value);
    else if (value->kind == DATUM_DECIMAL)
        add_decimal(sum, value);
    else if (value->kind == DATUM_DOUBLE)
        add_double(sum, value->real);
    else if (value->kind != DATUM_NULL)
        sum->not_numbers++;
}

void column_sum_merge(struct column_sum *sum, const struct column_sum *other) {
    double size = sum->size + other->size;
    decimal_sum_merge(&sum->exact, &other->exact);
    add_real(sum, other->real);
    sum->lost += other->lost;
    sum->size = size;
    sum->numbers += other->numbers;
    sum->doubles += other->doubles;
    sum->not_finite += other->not_finite;
    sum->too_wide += other->too_wide;
    sum->not_numbers += other->not_numbers;
}

static double total(const struct column_sum *sum, double *size) {
    char text[DECIMAL_SUM_TEXT];
    double exact = 0;
    text_to_double(decimal_sum_text(&sum->exact, text), &exact);
    *size = sum->size + fabs(exact);
    return exact + sum->real + sum->lost;
}

bool column_sum_equal(const struct column_sum *a, const struct column_sum *b) {
    if (a->not_finite != b->not_finite || a->not_numbers != b->not_numbers || a->too_wide != b->too_wide)
        return false;
    if (a->doubles == 0 && b->doubles == 0)
        return decimal_sum_equal(&a->exact, &b->exact);
    double a_size;
    double b_size;
    double difference = fabs(total(a, &a_size) - total(b, &b_size));
    return difference <= TOLERANCE * fmax(a_size, b_size);
}

char *column_sum_text(const struct column_sum *sum, char out[DECIMAL_SUM_TEXT]) {
    double size;
    if (sum->doubles == 0)
        return decimal_sum_text(&sum->exact, out);
    snprintf(out, DECIMAL_SUM_TEXT, "%.17g", total(sum, &size));
    return out;
}
