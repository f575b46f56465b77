/* cause_pattern.h - what the patterns of cause.h have in common. Only for cause*.c.
 *
 * A pattern looks at one column of one differing row and says whether it fits, and with which detail (the shift, the factor, the other
 * column): rows fit together only with the same detail. Pure. */
#ifndef RECONCILE_CAUSE_PATTERN_H
#define RECONCILE_CAUSE_PATTERN_H

#include "reconcile/cause.h"

struct cause_view {
    const struct datum *source;
    const struct datum *target;
    const struct check_pair *row;
    const struct shape *shape;
    size_t column;
};

/* All zero unless the pattern has something to tell apart. */
struct cause_detail {
    int64_t number;
    int64_t scale;
};

/* cause_time.c */
bool cause_is_shifted(const struct cause_view *view, struct cause_detail *detail); /* microseconds */
bool cause_lost_time_of_day(const struct cause_view *view, struct cause_detail *detail);
bool cause_lost_fraction(const struct cause_view *view, struct cause_detail *detail);
bool cause_lost_microseconds(const struct cause_view *view, struct cause_detail *detail);
void cause_say_shift(struct buf *out, const struct cause_detail *detail);
void cause_add_duration(struct buf *out, int64_t microseconds); /* "7 h", "1 day 30 min" */

/* cause_number.c */
bool cause_is_alike(const struct cause_view *view, struct cause_detail *detail);
bool cause_has_other_sign(const struct cause_view *view, struct cause_detail *detail);
bool cause_is_rounded(const struct cause_view *view, struct cause_detail *detail); /* decimals left */
bool cause_is_power_of_ten(const struct cause_view *view, struct cause_detail *detail);
bool cause_is_offset(const struct cause_view *view, struct cause_detail *detail); /* number * 10^-scale */
bool cause_is_factor(const struct cause_view *view, struct cause_detail *detail); /* number / scale */
bool cause_is_last_bit(const struct cause_view *view, struct cause_detail *detail);
bool cause_is_single(const struct cause_view *view, struct cause_detail *detail);
bool cause_is_six_digits(const struct cause_view *view, struct cause_detail *detail);
void cause_say_rounded(struct buf *out, const struct cause_detail *detail);
void cause_say_offset(struct buf *out, const struct cause_detail *detail);
void cause_say_factor(struct buf *out, const struct cause_detail *detail);
bool cause_is_zero(const struct datum *value);

/* cause_text.c */
bool cause_is_cut_at(const struct cause_view *view, struct cause_detail *detail); /* characters left */
bool cause_is_cut(const struct cause_view *view, struct cause_detail *detail);
bool cause_is_blanks(const struct cause_view *view, struct cause_detail *detail);
bool cause_is_case(const struct cause_view *view, struct cause_detail *detail);
bool cause_is_mojibake(const struct cause_view *view, struct cause_detail *detail);
bool cause_is_question_marks(const struct cause_view *view, struct cause_detail *detail);
void cause_say_cut_at(struct buf *out, const struct cause_detail *detail);

#endif
