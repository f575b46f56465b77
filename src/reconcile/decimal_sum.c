/* decimal_sum.c - see decimal_sum.h. */
#include "reconcile/decimal_sum.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    LIMB = 1000000000,
    LIMB_DIGITS = 9,
    POWER_MIN = -LIMB_DIGITS * DECIMAL_SUM_PART,
    POWER_MAX = LIMB_DIGITS * DECIMAL_SUM_WHOLE - 1,
};

/* An add changes a limb by less than 10^9, so 2^32 of them stay within 63 bits. */
static const uint64_t ADDS_MAX = 1ULL << 32;

/* Brings every limb but the last into 0 .. 10^9 - 1. */
static void carry(struct decimal_sum *sum) {
    for (size_t i = 0; i + 1 < DECIMAL_SUM_LIMBS; i++) {
        int64_t over = sum->limbs[i] / LIMB;
        sum->limbs[i] -= over * LIMB;
        if (sum->limbs[i] < 0) {
            sum->limbs[i] += LIMB;
            over--;
        }
        sum->limbs[i + 1] += over;
    }
    sum->adds = 0;
}

static void count_add(struct decimal_sum *sum) {
    if (++sum->adds >= ADDS_MAX)
        carry(sum);
}

/* Adds digits whose last one stands for 10^power. */
static void add_digits(struct decimal_sum *sum, const char *digits, size_t count, int64_t power, bool negative) {
    static const int64_t powers[LIMB_DIGITS] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    size_t place = (size_t)(power - POWER_MIN);
    size_t limb = place / LIMB_DIGITS;
    size_t shift = place % LIMB_DIGITS;
    int64_t sign = negative ? -1 : 1;
    while (count > 0) {
        int64_t part = 0;
        for (; count > 0 && shift < LIMB_DIGITS; shift++)
            part += (digits[--count] - '0') * powers[shift];
        sum->limbs[limb++] += sign * part;
        shift = 0;
    }
}

bool decimal_sum_add(struct decimal_sum *sum, const struct decimal *number) {
    int64_t count = (int64_t)(number->whole_size + number->part_size);
    if (number->class > DECIMAL_MINUS)
        return false;
    if (count == 0)
        return true;
    if (number->scale > -POWER_MIN || count - 1 - number->scale > POWER_MAX)
        return false;
    bool negative = number->class == DECIMAL_MINUS;
    add_digits(sum, number->part, number->part_size, -number->scale, negative);
    add_digits(sum, number->whole, number->whole_size, (int64_t)number->part_size - number->scale, negative);
    count_add(sum); /* both runs together stay below one full limb each */
    return true;
}

void decimal_sum_add_integer(struct decimal_sum *sum, bool negative, uint64_t magnitude) {
    int64_t sign = negative ? -1 : 1;
    for (size_t limb = DECIMAL_SUM_PART; magnitude > 0; magnitude /= LIMB)
        sum->limbs[limb++] += sign * (int64_t)(magnitude % LIMB);
    count_add(sum);
}

void decimal_sum_merge(struct decimal_sum *sum, const struct decimal_sum *other) {
    struct decimal_sum more = *other;
    carry(&more);
    carry(sum);
    for (size_t i = 0; i < DECIMAL_SUM_LIMBS; i++)
        sum->limbs[i] += more.limbs[i];
    sum->adds = 1;
}

bool decimal_sum_equal(const struct decimal_sum *a, const struct decimal_sum *b) {
    struct decimal_sum left = *a;
    struct decimal_sum right = *b;
    carry(&left);
    carry(&right);
    return memcmp(left.limbs, right.limbs, sizeof(left.limbs)) == 0;
}

/* The limbs of |sum|; returns whether it is below zero. */
static bool take_sign(struct decimal_sum *sum) {
    carry(sum);
    if (sum->limbs[DECIMAL_SUM_LIMBS - 1] >= 0)
        return false;
    for (size_t i = 0; i < DECIMAL_SUM_LIMBS; i++)
        sum->limbs[i] = -sum->limbs[i];
    carry(sum);
    return true;
}

char *decimal_sum_text(const struct decimal_sum *sum, char out[DECIMAL_SUM_TEXT]) {
    char digits[LIMB_DIGITS * DECIMAL_SUM_LIMBS + 16];
    struct decimal_sum magnitude = *sum;
    bool negative = take_sign(&magnitude);
    size_t size = 0;
    for (size_t i = DECIMAL_SUM_LIMBS; i-- > 0;)
        size += (size_t)snprintf(digits + size, sizeof(digits) - size, "%09" PRId64, magnitude.limbs[i]);
    size_t point = size - (size_t)LIMB_DIGITS * DECIMAL_SUM_PART;
    size_t first = 0;
    while (first + 1 < point && digits[first] == '0')
        first++;
    while (size > point && digits[size - 1] == '0')
        size--;
    snprintf(out, DECIMAL_SUM_TEXT, "%s%.*s%s%.*s", negative ? "-" : "", (int)(point - first), digits + first,
             size > point ? "." : "", (int)(size - point), digits + point);
    return out;
}
