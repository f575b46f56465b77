/* canonical_decimal.c - numbers by value: any decimal text, integer or double as sign, exponent and digits. */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "reconcile/canonical_parts.h"

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

void decimal_put(struct buf *out, const struct decimal *number) {
    unsigned char head[1 + CANONICAL_VARINT_MAX] = {(unsigned char)number->class};
    size_t head_size = 1;
    if (number->class <= DECIMAL_MINUS)
        head_size = (size_t)(canonical_put_varint(head + 1, canonical_zigzag(-number->scale)) - head);
    size_t size = head_size + number->whole_size + number->part_size;
    char *room = buf_reserve(out, CANONICAL_HEAD_MAX + size);
    if (room == NULL)
        return;
    char *at = (char *)canonical_put_head((unsigned char *)room, 'N', size);
    memcpy(at, head, head_size);
    at += head_size;
    if (number->whole_size > 0)
        memcpy(at, number->whole, number->whole_size);
    if (number->part_size > 0)
        memcpy(at + number->whole_size, number->part, number->part_size);
    out->len += (size_t)(at - room) + number->whole_size + number->part_size;
}

void decimal_put_integer(struct buf *out, bool negative, uint64_t magnitude) {
    char digits[24];
    size_t first = sizeof(digits);
    for (uint64_t rest = magnitude; rest > 0; rest /= 10)
        digits[--first] = (char)('0' + rest % 10);
    struct decimal number = {.class = negative ? DECIMAL_MINUS : DECIMAL_PLUS};
    number.whole = digits + first;
    number.whole_size = sizeof(digits) - first;
    decimal_trim(&number);
    decimal_put(out, &number);
}

/* "d.dddde+xx" with `count` digits as the digits alone; the host's locale may have another point. Returns the exponent. */
static int print_digits(double real, int count, char digits[24]) {
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
static void put_finite(struct buf *out, bool negative, double magnitude) {
    char digits[24];
    int count = magnitude < DBL_MIN ? 1 : DBL_DIG;
    int exponent = print_digits(magnitude, count, digits);
    while (count < DBL_DECIMAL_DIG && !reads_back(magnitude, digits, count, exponent))
        exponent = print_digits(magnitude, ++count, digits);
    struct decimal number = {.class = negative ? DECIMAL_MINUS : DECIMAL_PLUS,
                             .whole = digits,
                             .whole_size = (size_t)count,
                             .scale = count - 1 - exponent};
    decimal_trim(&number);
    decimal_put(out, &number);
}

void decimal_put_double(struct buf *out, double real) {
    double magnitude = fabs(real);
    if (isnan(real))
        decimal_put(out, &(struct decimal){.class = DECIMAL_NAN});
    else if (isinf(real))
        decimal_put(out, &(struct decimal){.class = real < 0 ? DECIMAL_MINUS_INFINITY : DECIMAL_INFINITY});
    else if (magnitude < 0x1p53 && magnitude == floor(magnitude)) /* whole and exact: the short way gives the same */
        decimal_put_integer(out, real < 0, (uint64_t)magnitude);
    else
        put_finite(out, real < 0, magnitude);
}
