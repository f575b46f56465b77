/* datum_order.c - see datum_order.h. */
#include "reconcile/datum_order.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reconcile/decimal.h"

static int order_of(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

/* What is left to tell equal numbers apart by. */
static int order_of_form(const struct datum *a, const struct decimal *a_number, const struct datum *b,
                         const struct decimal *b_number) {
    if (a->kind != b->kind)
        return order_of((int64_t)a->kind, (int64_t)b->kind);
    if (a->kind == DATUM_DOUBLE)
        return order_of(signbit(b->real) != 0, signbit(a->real) != 0);
    return order_of(a_number->scale, b_number->scale);
}

static int order_of_bytes(const struct datum *a, const struct datum *b) {
    size_t size = a->size < b->size ? a->size : b->size;
    int order = size > 0 ? memcmp(a->bytes, b->bytes, size) : 0;
    return order != 0 ? order : order_of((int64_t)a->size, (int64_t)b->size);
}

static bool is_time(enum datum_kind kind) {
    return kind == DATUM_DATE || kind == DATUM_TIME || kind == DATUM_TIMESTAMP || kind == DATUM_INSTANT;
}

int datum_order(const struct datum *a, const struct datum *b) {
    char a_digits[DECIMAL_DIGITS];
    char b_digits[DECIMAL_DIGITS];
    struct decimal a_number;
    struct decimal b_number;
    if (a->kind == b->kind && (a->kind == DATUM_INT || is_time(a->kind)))
        return order_of(a->number, b->number);
    if (a->kind == DATUM_DOUBLE && b->kind == DATUM_DOUBLE && a->real != b->real && !isnan(a->real) && !isnan(b->real))
        return a->real < b->real ? -1 : 1;
    bool a_is_number = decimal_of_datum(a, a_digits, &a_number);
    bool b_is_number = decimal_of_datum(b, b_digits, &b_number);
    if (a_is_number != b_is_number)
        return a_is_number ? -1 : 1;
    if (a_is_number) {
        int order = decimal_compare(&a_number, &b_number);
        return order != 0 ? order : order_of_form(a, &a_number, b, &b_number);
    }
    return a->kind != b->kind ? order_of((int64_t)a->kind, (int64_t)b->kind) : order_of_bytes(a, b);
}
