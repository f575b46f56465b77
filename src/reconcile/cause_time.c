/* cause_time.c - patterns of dates and times. */
#include <inttypes.h>

#include "reconcile/cause_pattern.h"

static const int64_t SECOND = 1000000;
static const int64_t DAY = 86400 * 1000000LL;

static bool is_finite(const struct datum *value) {
    return value->number != INT64_MIN && value->number != INT64_MAX;
}

static bool is_moment(const struct datum *value) {
    return value->kind == DATUM_TIMESTAMP || value->kind == DATUM_INSTANT || value->kind == DATUM_TIME;
}

/* target - source in microseconds, of two times of one kind. */
static bool difference(const struct cause_view *view, int64_t *microseconds) {
    const struct datum *source = view->source;
    const struct datum *target = view->target;
    if (source->kind != target->kind || !is_finite(source) || !is_finite(target))
        return false;
    if (!is_moment(source) && source->kind != DATUM_DATE)
        return false;
    if (__builtin_sub_overflow(target->number, source->number, microseconds))
        return false;
    return source->kind != DATUM_DATE || !__builtin_mul_overflow(*microseconds, DAY, microseconds);
}

bool cause_is_shifted(const struct cause_view *view, struct cause_detail *detail) {
    return difference(view, &detail->number);
}

/* Whether the target is the source at the unit before it, or, if that is asked for, at the nearer one. */
static bool is_at_unit(const struct cause_view *view, int64_t unit, bool or_rounded) {
    int64_t change;
    if (!is_moment(view->source) || !difference(view, &change) || view->target->number % unit != 0)
        return false;
    return (change < 0 && change > -unit) || (or_rounded && change > 0 && change <= unit / 2);
}

bool cause_lost_time_of_day(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    return view->source->kind != DATUM_TIME && is_at_unit(view, DAY, false);
}

bool cause_lost_fraction(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    return is_at_unit(view, SECOND, true);
}

bool cause_lost_microseconds(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    return is_at_unit(view, 1000, true);
}

void cause_add_duration(struct buf *out, int64_t microseconds) {
    static const struct {
        uint64_t unit;
        const char *name;
    } units[] = {{86400000000, "day"}, {3600000000, "h"}, {60000000, "min"}, {1000000, "s"}, {1000, "ms"}, {1, "us"}};
    uint64_t rest = microseconds < 0 ? 0 - (uint64_t)microseconds : (uint64_t)microseconds;
    const char *before = "";
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        uint64_t count = rest / units[i].unit;
        rest %= units[i].unit;
        if (count == 0)
            continue;
        buf_printf(out, "%s%" PRIu64 " %s%s", before, count, units[i].name, i == 0 && count > 1 ? "s" : "");
        before = " ";
    }
}

void cause_say_shift(struct buf *out, const struct cause_detail *detail) {
    buf_add(out, "is ");
    cause_add_duration(out, detail->number);
    buf_add(out, detail->number < 0 ? " earlier" : " later");
}
