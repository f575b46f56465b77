/* decimal.c - see decimal.h. */
#include "reconcile/decimal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static size_t digits_at(const char *at, const char *end) {
    const char *from = at;
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return (size_t)(at - from);
}

static bool is_word(const char *text, size_t size, const char *word) {
    return size == strlen(word) && memcmp(text, word, size) == 0;
}

static enum decimal_class class_of_word(const char *text, size_t size) {
    if (is_word(text, size, "NaN"))
        return DECIMAL_NAN;
    if (is_word(text, size, "Infinity"))
        return DECIMAL_INFINITY;
    return is_word(text, size, "-Infinity") ? DECIMAL_MINUS_INFINITY : DECIMAL_NONE;
}

static void skip_zeros(const char **at, size_t *size) {
    while (*size > 0 && **at == '0') {
        ++*at;
        --*size;
    }
}

struct decimal decimal_scan(const char *text, size_t size) {
    const char *at = text;
    const char *end = text + size;
    struct decimal number = {.class = DECIMAL_PLUS};
    if (at < end && (*at == '-' || *at == '+'))
        number.class = *at++ == '-' ? DECIMAL_MINUS : DECIMAL_PLUS;
    number.whole = at;
    number.whole_size = digits_at(at, end);
    at += number.whole_size;
    if (at < end && *at == '.')
        at++;
    number.part = at;
    number.part_size = digits_at(at, end);
    if (at + number.part_size != end || number.whole_size + number.part_size == 0)
        return (struct decimal){.class = class_of_word(text, size)};
    number.scale = (int64_t)number.part_size;
    skip_zeros(&number.whole, &number.whole_size);
    if (number.whole_size == 0)
        skip_zeros(&number.part, &number.part_size);
    if (number.whole_size + number.part_size == 0)
        number.class = DECIMAL_PLUS;
    return number;
}

void decimal_trim(struct decimal *number) {
    while (number->part_size > 0 && number->part[number->part_size - 1] == '0') {
        number->part_size--;
        number->scale--;
    }
    while (number->part_size == 0 && number->whole_size > 0 && number->whole[number->whole_size - 1] == '0') {
        number->whole_size--;
        number->scale--;
    }
    if (number->whole_size + number->part_size == 0)
        number->scale = 0;
}

struct decimal decimal_of_integer(bool negative, uint64_t magnitude, char digits[DECIMAL_DIGITS]) {
    size_t first = DECIMAL_DIGITS;
    for (uint64_t rest = magnitude; rest > 0; rest /= 10)
        digits[--first] = (char)('0' + rest % 10);
    struct decimal number = {.class = negative ? DECIMAL_MINUS : DECIMAL_PLUS};
    number.whole = digits + first;
    number.whole_size = DECIMAL_DIGITS - first;
    return number;
}

/* "d.dddde+xx" with `count` digits as the digits alone; the host's locale may have another point. Returns the exponent. */
static int print_digits(double real, int count, char digits[DECIMAL_DIGITS]) {
    char text[40];
    snprintf(text, sizeof(text), "%.*e", count - 1, real);
    char *mark = strchr(text, 'e');
    digits[0] = text[0];
    if (count > 1)
        memcpy(digits + 1, mark - (count - 1), (size_t)count - 1);
    int exponent = 0;
    for (const char *at = mark + 2; *at != '\0'; at++)
        exponent = exponent * 10 + (*at - '0');
    return mark[1] == '-' ? -exponent : exponent;
}

static bool reads_back(double real, const char *digits, int count, int exponent) {
    char text[64];
    double again;
    snprintf(text, sizeof(text), "%.*se%d", count, digits, exponent - (count - 1));
    return text_to_double(text, &again) && again == real;
}

/* Any 15 digits survive the way through a normal double, so nothing shorter can be missed by beginning there and trimming zeros.
 * DBL_MAX to 15 or 16 digits lies beyond the range and does not read back, so more follow. */
static struct decimal of_finite(bool negative, double magnitude, char digits[DECIMAL_DIGITS]) {
    int count = magnitude < DBL_MIN ? 1 : DBL_DIG;
    int exponent = print_digits(magnitude, count, digits);
    while (count < DBL_DECIMAL_DIG && !reads_back(magnitude, digits, count, exponent))
        exponent = print_digits(magnitude, ++count, digits);
    return (struct decimal){.class = negative ? DECIMAL_MINUS : DECIMAL_PLUS,
                            .whole = digits,
                            .whole_size = (size_t)count,
                            .scale = count - 1 - exponent};
}

struct decimal decimal_of_double(double real, char digits[DECIMAL_DIGITS]) {
    double magnitude = fabs(real);
    if (isnan(real))
        return (struct decimal){.class = DECIMAL_NAN};
    if (isinf(real))
        return (struct decimal){.class = real < 0 ? DECIMAL_MINUS_INFINITY : DECIMAL_INFINITY};
    if (magnitude < 0x1p53 && magnitude == floor(magnitude)) /* whole and exact: the short way gives the same */
        return decimal_of_integer(real < 0, (uint64_t)magnitude, digits);
    return of_finite(real < 0, magnitude, digits);
}

bool decimal_of_datum(const struct datum *value, char digits[DECIMAL_DIGITS], struct decimal *number) {
    bool negative = value->number < 0 && value->kind == DATUM_INT;
    switch (value->kind) {
    case DATUM_BOOL:
        *number = decimal_of_integer(false, value->number != 0, digits);
        return true;
    case DATUM_INT:
    case DATUM_UINT:
        *number = decimal_of_integer(negative, negative ? 0 - (uint64_t)value->number : (uint64_t)value->number, digits);
        return true;
    case DATUM_DECIMAL:
        *number = decimal_scan(value->bytes, value->size);
        return number->class != DECIMAL_NONE;
    case DATUM_DOUBLE:
        *number = decimal_of_double(value->real, digits);
        return true;
    default:
        return false;
    }
}

static char digit_at(const struct decimal *number, size_t at) {
    if (at < number->whole_size)
        return number->whole[at];
    at -= number->whole_size;
    return at < number->part_size ? number->part[at] : '0';
}

/* Of two numbers above zero. */
static int compare_magnitudes(const struct decimal *a, const struct decimal *b) {
    size_t a_size = a->whole_size + a->part_size;
    size_t b_size = b->whole_size + b->part_size;
    if (a_size == 0 || b_size == 0)
        return (a_size > 0) - (b_size > 0);
    int64_t a_power = (int64_t)a_size - a->scale; /* digits in front of the point */
    int64_t b_power = (int64_t)b_size - b->scale;
    if (a_power != b_power)
        return a_power < b_power ? -1 : 1;
    for (size_t i = 0; i < a_size || i < b_size; i++) {
        char left = digit_at(a, i);
        char right = digit_at(b, i);
        if (left != right)
            return left < right ? -1 : 1;
    }
    return 0;
}

int decimal_compare(const struct decimal *a, const struct decimal *b) {
    static const int ranks[] = {[DECIMAL_MINUS_INFINITY] = 0, [DECIMAL_MINUS] = 1, [DECIMAL_PLUS] = 2,
                                [DECIMAL_INFINITY] = 3,       [DECIMAL_NAN] = 4,   [DECIMAL_NONE] = 5};
    if (a->class != b->class)
        return ranks[a->class] < ranks[b->class] ? -1 : 1;
    if (a->class > DECIMAL_MINUS)
        return 0;
    return a->class == DECIMAL_PLUS ? compare_magnitudes(a, b) : compare_magnitudes(b, a);
}
