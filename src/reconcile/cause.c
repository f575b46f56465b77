/* cause.c - see cause.h. The table of patterns, the votes, the sentences; and the patterns about NULL and about other columns. */
#include "reconcile/cause.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "reconcile/cause_pattern.h"

/* Details of one pattern that are counted. A common one is among them from its first row on, unless as many others came before it; then
 * its count begins late and is too low, never too high. */
enum { VOTES_MAX = 8 };

/* ---- NULL, and other columns ---- */

static bool is_null(const struct datum *value) {
    return value->kind == DATUM_NULL;
}

static bool is_empty(const struct datum *value) {
    return (value->kind == DATUM_TEXT || value->kind == DATUM_BYTES) && value->size == 0;
}

static bool empty_for_null(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    return is_null(view->source) && is_empty(view->target);
}

static bool zero_for_null(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    return is_null(view->source) && cause_is_zero(view->target);
}

static bool null_for_empty(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    return is_empty(view->source) && is_null(view->target);
}

static bool null_for_zero(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    return cause_is_zero(view->source) && is_null(view->target);
}

static bool null_on_target(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    return is_null(view->target);
}

static bool null_on_source(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    return is_null(view->source);
}

static bool is_same_value(const struct datum *a, const struct datum *b) {
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case DATUM_NULL:
        return true;
    case DATUM_DOUBLE:
        return a->real == b->real;
    case DATUM_BOOL:
    case DATUM_INT:
    case DATUM_UINT:
    case DATUM_DATE:
    case DATUM_TIME:
    case DATUM_TIMESTAMP:
    case DATUM_INSTANT:
        return a->number == b->number;
    default:
        return a->size == b->size && (a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
    }
}

/* Each of two columns holds what the other one should. */
static bool is_swapped(const struct cause_view *view, struct cause_detail *detail) {
    const struct datum *source = view->row->values[SIDE_SOURCE];
    const struct datum *target = view->row->values[SIDE_TARGET];
    for (size_t other = 0; other < view->shape->column_count; other++) {
        if (other == view->column || view->row->states[other] != COLUMN_DIFFERENT)
            continue;
        if (is_same_value(view->source, &target[other]) && is_same_value(&source[other], view->target)) {
            detail->number = (int64_t)other;
            return true;
        }
    }
    return false;
}

/* ---- the patterns ----
 * Of those that fit as many rows the first one is named, so the more special stand before the more general. */

struct pattern {
    bool (*fits)(const struct cause_view *view, struct cause_detail *detail);
    void (*say)(struct buf *out, const struct cause_detail *detail); /* NULL: the words */
    const char *words;                                               /* behind the name of the column */
};

static const struct pattern patterns[] = {
    {empty_for_null, NULL, "is empty where the source has NULL"},
    {zero_for_null, NULL, "is 0 where the source has NULL"},
    {null_for_empty, NULL, "is NULL where the source is empty"},
    {null_for_zero, NULL, "is NULL where the source has 0"},
    {null_on_target, NULL, "is NULL where the source has a value"},
    {null_on_source, NULL, "has a value where the source has NULL"},
    {cause_is_alike, NULL, "has the same value in another form"},
    {is_swapped, NULL, "is swapped with"},
    {cause_lost_time_of_day, NULL, "lost the time of day"},
    {cause_lost_fraction, NULL, "lost the fractions of its seconds"},
    {cause_lost_microseconds, NULL, "lost its microseconds"},
    {cause_is_shifted, cause_say_shift, NULL},
    {cause_is_last_bit, NULL, "differs in the last bit of its double"},
    {cause_is_single, NULL, "was rounded to single precision"},
    {cause_is_six_digits, NULL, "was rounded to six digits"},
    {cause_has_other_sign, NULL, "has the other sign"},
    {cause_is_rounded, cause_say_rounded, NULL},
    {cause_is_power_of_ten, cause_say_factor, NULL},
    {cause_is_offset, cause_say_offset, NULL},
    {cause_is_factor, cause_say_factor, NULL},
    {cause_is_blanks, NULL, "differs only in trailing blanks"},
    {cause_is_case, NULL, "differs only in case"},
    {cause_is_mojibake, NULL, "is UTF-8 that was read as Latin-1"},
    {cause_is_question_marks, NULL, "has question marks for characters that are not ASCII"},
    {cause_is_cut_at, cause_say_cut_at, NULL},
    {cause_is_cut, NULL, "was cut short"},
};

enum { PATTERNS = sizeof(patterns) / sizeof(patterns[0]) };

/* ---- the votes ---- */

struct vote {
    struct cause_detail detail;
    uint64_t rows; /* 0: free */
};

struct cause_column {
    uint64_t rows;
    struct vote votes[PATTERNS][VOTES_MAX];
};

struct cause {
    const struct shape *shape;
    struct cause_column *columns[]; /* NULL as long as the column never differed */
};

int cause_new(const struct shape *shape, struct cause **cause, struct err *err) {
    *cause = mem_zalloc(1, sizeof(**cause) + shape->column_count * sizeof((*cause)->columns[0]));
    if (*cause == NULL)
        return err_nomem(err);
    (*cause)->shape = shape;
    return 0;
}

void cause_free(struct cause *cause) {
    if (cause == NULL)
        return;
    for (size_t i = 0; i < cause->shape->column_count; i++)
        mem_free(cause->columns[i]);
    mem_free(cause);
}

static bool is_same_detail(const struct cause_detail *a, const struct cause_detail *b) {
    return a->number == b->number && a->scale == b->scale;
}

/* The least common detail makes room for a new one. */
static void vote(struct vote votes[VOTES_MAX], const struct cause_detail *detail, uint64_t rows) {
    struct vote *least = &votes[0];
    for (size_t i = 0; i < VOTES_MAX; i++) {
        if (votes[i].rows > 0 && is_same_detail(&votes[i].detail, detail)) {
            votes[i].rows += rows;
            return;
        }
        if (votes[i].rows < least->rows)
            least = &votes[i];
    }
    *least = (struct vote){.detail = *detail, .rows = rows};
}

static int column_of(struct cause *cause, size_t column, struct cause_column **found, struct err *err) {
    if (cause->columns[column] == NULL)
        cause->columns[column] = mem_zalloc(1, sizeof(*cause->columns[column]));
    *found = cause->columns[column];
    return *found != NULL ? 0 : err_nomem(err);
}

static int pair_column(struct cause *cause, const struct check_pair *pair, size_t column, struct err *err) {
    struct cause_column *counted;
    const struct cause_view view = {.source = &pair->values[SIDE_SOURCE][column],
                                    .target = &pair->values[SIDE_TARGET][column],
                                    .row = pair,
                                    .shape = cause->shape,
                                    .column = column};
    int code = column_of(cause, column, &counted, err);
    if (code != 0)
        return code;
    counted->rows++;
    for (size_t i = 0; i < PATTERNS; i++) {
        struct cause_detail detail = {0};
        if (patterns[i].fits(&view, &detail))
            vote(counted->votes[i], &detail, 1);
    }
    return 0;
}

int cause_pair(struct cause *cause, const struct check_pair *pair, struct err *err) {
    int code = 0;
    for (size_t i = 0; i < cause->shape->column_count && code == 0; i++)
        if (shape_differs(cause->shape, i, pair->states[i]))
            code = pair_column(cause, pair, i, err);
    return code;
}

static int merge_column(struct cause *cause, const struct cause_column *other, size_t column, struct err *err) {
    struct cause_column *counted;
    int code = column_of(cause, column, &counted, err);
    if (code != 0)
        return code;
    counted->rows += other->rows;
    for (size_t i = 0; i < PATTERNS; i++)
        for (size_t j = 0; j < VOTES_MAX; j++)
            if (other->votes[i][j].rows > 0)
                vote(counted->votes[i], &other->votes[i][j].detail, other->votes[i][j].rows);
    return 0;
}

int cause_merge(struct cause *cause, const struct cause *other, struct err *err) {
    int code = 0;
    for (size_t i = 0; i < cause->shape->column_count && code == 0; i++)
        if (other->columns[i] != NULL)
            code = merge_column(cause, other->columns[i], i, err);
    return code;
}

uint64_t cause_rows(const struct cause *cause, size_t column) {
    return cause->columns[column] != NULL ? cause->columns[column]->rows : 0;
}

/* ---- the sentences ---- */

static bool is_common(uint64_t rows, uint64_t of) {
    return rows >= CAUSE_ROWS_MIN && rows * 100 >= of * CAUSE_PERCENT_MIN;
}

/* 1234567 as 1,234,567. */
static void add_grouped(struct buf *out, uint64_t number) {
    char digits[24];
    int count = snprintf(digits, sizeof(digits), "%" PRIu64, number);
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            buf_add_char(out, ',');
        buf_add_char(out, digits[i]);
    }
}

static void add_rows(struct buf *out, uint64_t rows, uint64_t of) {
    buf_add(out, rows == of ? " in all " : " in ");
    if (rows != of) {
        add_grouped(out, rows);
        buf_add(out, " of ");
    }
    add_grouped(out, of);
    buf_add(out, " differing rows");
}

static void add_words(const struct cause *cause, const struct pattern *pattern, const struct cause_detail *detail,
                      struct buf *out) {
    if (pattern->say != NULL)
        pattern->say(out, detail);
    else
        buf_add(out, pattern->words);
    if (pattern->fits == is_swapped)
        buf_printf(out, " `%s`", cause->shape->names[detail->number]);
}

/* A zone with summer time shows as two shifts that lie an hour apart. */
static bool say_two_shifts(const struct vote votes[VOTES_MAX], uint64_t rows, struct buf *out) {
    const int64_t hour = 3600000000;
    const int64_t quarter = hour / 4;
    for (size_t i = 0; i < VOTES_MAX; i++)
        for (size_t j = 0; j < VOTES_MAX; j++) {
            int64_t small = votes[i].detail.number;
            int64_t great = votes[j].detail.number;
            if (votes[i].rows == 0 || votes[j].rows == 0 || (small < 0) != (great < 0) || small % quarter != 0 ||
                great % quarter != 0)
                continue;
            if ((small < 0 ? small - great : great - small) != hour || !is_common(votes[i].rows + votes[j].rows, rows))
                continue;
            buf_add(out, "is ");
            cause_add_duration(out, small);
            buf_add(out, " or ");
            cause_add_duration(out, great);
            buf_printf(out, " %s, as between time zones,", small < 0 ? "earlier" : "later");
            add_rows(out, votes[i].rows + votes[j].rows, rows);
            return true;
        }
    return false;
}

static const struct vote *best_vote(const struct cause_column *column, const struct pattern **pattern) {
    const struct vote *best = NULL;
    for (size_t i = 0; i < PATTERNS; i++)
        for (size_t j = 0; j < VOTES_MAX; j++)
            if (best == NULL || column->votes[i][j].rows > best->rows) {
                best = &column->votes[i][j];
                *pattern = &patterns[i];
            }
    return best;
}

static bool say_shifts(const struct cause_column *column, const char *name, struct buf *out) {
    size_t before = out->len;
    buf_printf(out, "`%s` ", name);
    for (size_t i = 0; i < PATTERNS; i++)
        if (patterns[i].fits == cause_is_shifted && say_two_shifts(column->votes[i], column->rows, out))
            return true;
    if (buf_ok(out)) {
        out->len = before;
        out->data[before] = '\0';
    }
    return false;
}

bool cause_say(const struct cause *cause, size_t column, struct buf *out) {
    const struct cause_column *counted = cause->columns[column];
    const struct pattern *pattern = NULL;
    if (counted == NULL)
        return false;
    const struct vote *best = best_vote(counted, &pattern);
    if (!is_common(best->rows, counted->rows))
        return say_shifts(counted, cause->shape->names[column], out);
    buf_printf(out, "`%s` ", cause->shape->names[column]);
    add_words(cause, pattern, &best->detail, out);
    add_rows(out, best->rows, counted->rows);
    return true;
}
