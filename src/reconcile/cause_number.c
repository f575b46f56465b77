/* cause_number.c - patterns of numbers. Exact where both sides are; what no 18 digits hold is not guessed at. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "reconcile/cause_pattern.h"
#include "reconcile/decimal.h"

enum { DIGITS_MAX = 18 };

/* mantissa * 10^-scale */
struct exact {
    int64_t mantissa;
    int64_t scale; /* 0 .. DIGITS_MAX */
};

static int64_t power_of_ten(int64_t exponent) {
    int64_t power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

static bool take_digits(const char *digits, size_t size, int64_t *mantissa) {
    for (size_t i = 0; i < size; i++)
        if (__builtin_mul_overflow(*mantissa, 10, mantissa) || __builtin_add_overflow(*mantissa, digits[i] - '0', mantissa))
            return false;
    return true;
}

/* An integer or decimal with few enough digits, without trailing zeros behind the point. */
static bool exact_of(const struct datum *value, struct exact *exact) {
    char digits[DECIMAL_DIGITS];
    struct decimal number;
    if (value->kind == DATUM_DOUBLE || !decimal_of_datum(value, digits, &number) || number.class > DECIMAL_MINUS)
        return false;
    decimal_trim(&number);
    *exact = (struct exact){.scale = number.scale > 0 ? number.scale : 0};
    if (number.scale > DIGITS_MAX || number.scale < -DIGITS_MAX ||
        !take_digits(number.whole, number.whole_size, &exact->mantissa) ||
        !take_digits(number.part, number.part_size, &exact->mantissa))
        return false;
    if (number.scale < 0 && __builtin_mul_overflow(exact->mantissa, power_of_ten(-number.scale), &exact->mantissa))
        return false;
    if (number.class == DECIMAL_MINUS)
        exact->mantissa = -exact->mantissa;
    return true;
}

/* Both on one scale. */
static bool aligned(const struct cause_view *view, struct exact *source, struct exact *target) {
    if (!exact_of(view->source, source) || !exact_of(view->target, target))
        return false;
    int64_t scale = source->scale > target->scale ? source->scale : target->scale;
    if (__builtin_mul_overflow(source->mantissa, power_of_ten(scale - source->scale), &source->mantissa) ||
        __builtin_mul_overflow(target->mantissa, power_of_ten(scale - target->scale), &target->mantissa))
        return false;
    source->scale = target->scale = scale;
    return true;
}

static bool real_of(const struct datum *value, double *real) {
    struct exact exact;
    *real = value->real;
    if (value->kind == DATUM_DOUBLE)
        return isfinite(*real);
    if (!exact_of(value, &exact))
        return false;
    *real = (double)exact.mantissa / (double)power_of_ten(exact.scale);
    return true;
}

static bool are_reals(const struct cause_view *view, double *source, double *target) {
    return real_of(view->source, source) && real_of(view->target, target);
}

static bool are_doubles(const struct cause_view *view) {
    return view->source->kind == DATUM_DOUBLE && view->target->kind == DATUM_DOUBLE && isfinite(view->source->real) &&
           isfinite(view->target->real);
}

bool cause_is_zero(const struct datum *value) {
    double real;
    return real_of(value, &real) && real == 0;
}

bool cause_is_alike(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    return view->row->states[view->column] == COLUMN_ALIKE;
}

bool cause_has_other_sign(const struct cause_view *view, struct cause_detail *detail) {
    double source;
    double target;
    (void)detail;
    return are_reals(view, &source, &target) && source != 0 && source == -target;
}

/* The target has fewer decimals, and is nearer than one of its last ones. */
bool cause_is_rounded(const struct cause_view *view, struct cause_detail *detail) {
    struct exact source;
    struct exact target;
    struct exact least;
    if (!aligned(view, &source, &target) || !exact_of(view->target, &least))
        return false;
    struct decimal declared = decimal_scan(view->target->bytes != NULL ? view->target->bytes : "", view->target->size);
    bool is_declared = view->target->kind == DATUM_DECIMAL && declared.class <= DECIMAL_MINUS && declared.scale < source.scale;
    int64_t decimals = is_declared ? declared.scale : least.scale;
    if (decimals >= source.scale)
        return false;
    int64_t unit = power_of_ten(source.scale - decimals);
    int64_t change;
    detail->number = decimals;
    return !__builtin_sub_overflow(target.mantissa, source.mantissa, &change) && change > -unit && change < unit;
}

/* Also where an integer lost what was behind the point. */
bool cause_is_power_of_ten(const struct cause_view *view, struct cause_detail *detail) {
    double source;
    double target;
    if (!are_reals(view, &source, &target) || source == 0 || target == 0 || (source < 0) != (target < 0))
        return false;
    double power = round(log10(target / source));
    if (power == 0 || fabs(power) > DIGITS_MAX)
        return false;
    double wanted = source * pow(10, power);
    double lost = view->target->kind == DATUM_INT ? 1 : 0;
    if (fabs(wanted - target) > 1e-9 * fabs(target) && !(fabs(wanted - target) < lost && fabs(target) >= 10))
        return false;
    detail->number = power > 0 ? power_of_ten((int64_t)power) : 1;
    detail->scale = power < 0 ? power_of_ten((int64_t)-power) : 1;
    return true;
}

static void trim(struct cause_detail *detail) {
    for (; detail->scale > 0 && detail->number % 10 == 0; detail->scale--)
        detail->number /= 10;
}

bool cause_is_offset(const struct cause_view *view, struct cause_detail *detail) {
    enum { REAL_SCALE = 6 }; /* of doubles: finer differences are noise */
    struct exact source;
    struct exact target;
    double reals[SIDES];
    if (aligned(view, &source, &target)) {
        if (__builtin_sub_overflow(target.mantissa, source.mantissa, &detail->number))
            return false;
        detail->scale = source.scale;
    } else {
        if (!are_reals(view, &reals[SIDE_SOURCE], &reals[SIDE_TARGET]) || fabs(reals[SIDE_TARGET] - reals[SIDE_SOURCE]) > 1e9)
            return false;
        detail->number = llround((reals[SIDE_TARGET] - reals[SIDE_SOURCE]) * (double)power_of_ten(REAL_SCALE));
        detail->scale = REAL_SCALE;
    }
    if (detail->number == 0)
        return false;
    trim(detail);
    return true;
}

bool cause_is_factor(const struct cause_view *view, struct cause_detail *detail) {
    static const double STEPS = 1e6; /* a factor that is no whole number is told apart by six decimals */
    double source;
    double target;
    if (!are_reals(view, &source, &target) || source == 0 || target == 0)
        return false;
    double factor = target / source;
    double inverse = source / target;
    if (fabs(factor) > 1e12 || fabs(inverse) > 1e12)
        return false;
    if (fabs(inverse) > 1 && fabs(inverse - round(inverse)) < 1e-9 * fabs(inverse)) {
        *detail = (struct cause_detail){inverse < 0 ? -1 : 1, llround(fabs(inverse))};
        return true;
    }
    bool is_whole = fabs(factor - round(factor)) < 1e-9 * fabs(factor);
    *detail = (struct cause_detail){llround(is_whole ? factor : factor * STEPS), is_whole ? 1 : (int64_t)STEPS};
    return true;
}

bool cause_is_last_bit(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    return are_doubles(view) && nextafter(view->source->real, view->target->real) == view->target->real;
}

bool cause_is_single(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    return are_doubles(view) && fabs(view->source->real) < 3e38 && (double)(float)view->source->real == view->target->real;
}

bool cause_is_six_digits(const struct cause_view *view, struct cause_detail *detail) {
    char text[40];
    double rounded;
    (void)detail;
    if (!are_doubles(view))
        return false;
    snprintf(text, sizeof(text), "%.6g", view->source->real);
    return text_to_double(text, &rounded) && (rounded == view->target->real || (double)(float)rounded == view->target->real);
}

void cause_say_rounded(struct buf *out, const struct cause_detail *detail) {
    if (detail->number == 0)
        buf_add(out, "lost its decimals");
    else
        buf_printf(out, "was rounded to %" PRId64 " decimal%s", detail->number, detail->number == 1 ? "" : "s");
}

void cause_say_offset(struct buf *out, const struct cause_detail *detail) {
    uint64_t magnitude = detail->number < 0 ? 0 - (uint64_t)detail->number : (uint64_t)detail->number;
    uint64_t unit = (uint64_t)power_of_ten(detail->scale);
    buf_printf(out, "is %" PRIu64, magnitude / unit);
    if (detail->scale > 0)
        buf_printf(out, ".%0*" PRIu64, (int)detail->scale, magnitude % unit);
    buf_add(out, detail->number < 0 ? " less" : " more");
}

void cause_say_factor(struct buf *out, const struct cause_detail *detail) {
    if (detail->scale == 1)
        buf_printf(out, "is multiplied by %" PRId64, detail->number);
    else if (detail->number == 1 || detail->number == -1)
        buf_printf(out, "is divided by %s%" PRId64, detail->number < 0 ? "-" : "", detail->scale);
    else
        buf_printf(out, "is multiplied by about %.6g", (double)detail->number / (double)detail->scale);
}
