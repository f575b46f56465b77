/* self_check.c - see self_check.h. */
#include "reconcile/self_check.h"

#include <string.h>

#include "reconcile/range_set.h"
#include "reconcile/shape.h"

/* The first column is the key; one of the text kinds stands twice, because a defect may sit at either end of a row. */
static const enum datum_kind kinds[] = {
    DATUM_INT,  DATUM_TEXT, DATUM_BOOL, DATUM_UINT,      DATUM_DECIMAL, DATUM_DOUBLE,   DATUM_BYTES, DATUM_JSON,
    DATUM_UUID, DATUM_DATE, DATUM_TIME, DATUM_TIMESTAMP, DATUM_INSTANT, DATUM_ODD_DATE, DATUM_OTHER, DATUM_TEXT,
};
enum { COLUMNS = sizeof kinds / sizeof kinds[0], ROWS = 8, ROWS_MAX = ROWS + 2, DAMAGED = 3, OTHER = 6 };

/* A value is one of some variants of its kind. */
enum variant { VARIANT_ONE, VARIANT_TWO, VARIANT_THREE, VARIANT_NULL };

struct sample {
    int64_t keys[ROWS_MAX];
    enum variant variants[ROWS_MAX][COLUMNS];
    size_t count;
};

static void make(struct sample *sample) {
    *sample = (struct sample){.count = ROWS};
    for (size_t row = 0; row < ROWS; row++) {
        sample->keys[row] = (int64_t)row + 1;
        for (size_t column = 1; column < COLUMNS; column++)
            sample->variants[row][column] = row % 2 == 0 ? VARIANT_ONE : VARIANT_TWO;
    }
}

static struct datum value_of(const struct sample *sample, size_t row, size_t column) {
    static const char *const decimals[] = {"1.50", "2.50", "-1.50"}, *const texts[] = {"aaaaaaaaaaaaaaaa", "aaaaaaaabaaaaaaa", ""};
    static const double reals[] = {0.5, 0.5000000000000001, -0.5};
    enum variant variant = sample->variants[row][column];
    enum datum_kind kind = variant == VARIANT_NULL ? DATUM_NULL : kinds[column];
    if (column == 0)
        return (struct datum){.kind = kind, .number = sample->keys[row]};
    if (kind == DATUM_BOOL)
        return (struct datum){.kind = kind, .number = variant % 2};
    if (kind == DATUM_NULL || kind == DATUM_DOUBLE)
        return (struct datum){.kind = kind, .real = variant == VARIANT_NULL ? 0 : reals[variant]};
    const char *bytes = kind == DATUM_DECIMAL ? decimals[variant] : texts[variant];
    size_t size = kind == DATUM_UUID ? DATUM_UUID_SIZE : strlen(bytes);
    if (kind == DATUM_UUID && variant == VARIANT_THREE)
        bytes = "aaaaaaaaaaaaaaab";
    return (struct datum){.kind = kind, .number = -(int64_t)variant - 1, .bytes = bytes, .size = size};
}

/* ---- the damage ---- */

static void one_value(struct sample *sample, size_t column) {
    sample->variants[DAMAGED][column] = column == 2 ? VARIANT_ONE : VARIANT_THREE; /* of a boolean there are two */
}

static void null_in_place_of_a_value(struct sample *sample, size_t column) {
    sample->variants[DAMAGED][column] = VARIANT_NULL;
}

/* What cancels in a sum that is not keyed, or in an XOR. */
static void an_even_number_of_equal_changes(struct sample *sample, size_t column) {
    for (size_t row = 1; row < ROWS; row += 2)
        sample->variants[row][column] = VARIANT_ONE;
}

static void two_values_swapped(struct sample *sample, size_t column) {
    sample->variants[DAMAGED][column] = VARIANT_ONE;
    sample->variants[OTHER][column] = VARIANT_TWO;
}

static void a_missing_first_row(struct sample *sample, size_t column) {
    (void)column;
    sample->count--;
    memmove(sample->keys, sample->keys + 1, sample->count * sizeof sample->keys[0]);
    memmove(sample->variants, sample->variants + 1, sample->count * sizeof sample->variants[0]);
}

static void a_missing_last_row(struct sample *sample, size_t column) {
    (void)column;
    sample->count--;
}

static void an_extra_row(struct sample *sample, size_t column) {
    (void)column;
    sample->keys[sample->count++] = ROWS + 1;
}

static void a_row_twice_more(struct sample *sample, size_t column) {
    (void)column;
    for (size_t i = 0; i < 2; i++, sample->count++) {
        sample->keys[sample->count] = sample->keys[DAMAGED];
        memcpy(sample->variants[sample->count], sample->variants[DAMAGED], sizeof sample->variants[0]);
    }
}

static void a_key_off_by_one(struct sample *sample, size_t column) {
    (void)column;
    sample->keys[ROWS - 1]++;
}

static const struct {
    const char *name;
    void (*plant)(struct sample *sample, size_t column);
    bool per_column;
} damages[] = {
    {"another value", one_value, true},
    {"NULL in place of a value", null_in_place_of_a_value, true},
    {"an even number of equal changes", an_even_number_of_equal_changes, true},
    {"two values swapped between two rows", two_values_swapped, true},
    {"a missing first row", a_missing_first_row, false},
    {"a missing last row", a_missing_last_row, false},
    {"an extra row", an_extra_row, false},
    {"the same row twice more", a_row_twice_more, false},
    {"a key off by one", a_key_off_by_one, false},
};
enum { DAMAGES = sizeof damages / sizeof damages[0] };

/* ---- what is seen ---- */

struct comparison {
    struct range_set set;
    struct row_digest digest[SIDES];
    struct buf row;
};

static int add_rows(struct comparison *comparison, enum side side, const struct sample *sample, struct err *err) {
    static const struct canonical_rule rules[COLUMNS] = {{CANONICAL_EXACT, CANONICAL_AS_STORED}};
    struct datum values[COLUMNS];
    size_t ends[COLUMNS];
    int rc = 0;
    for (size_t row = 0; row < sample->count && rc == 0; row++) {
        for (size_t column = 0; column < COLUMNS; column++)
            values[column] = value_of(sample, row, column);
        rc = canonical_row(&comparison->row, values, rules, COLUMNS, ends, err);
        if (rc)
            return rc;
        struct row_hash hash = row_hash_of(&comparison->set.hash_key, comparison->row.data, ends, COLUMNS);
        row_digest_add(&comparison->digest[side], hash);
        rc = range_set_add(&comparison->set, side, comparison->row.data, ends[0], hash, 0, err);
    }
    return rc;
}

/* Both ways of telling must: one could make up for a defect of the other. */
static int compare(struct comparison *comparison, const struct sample *source, const struct sample *target, bool *match,
                   bool *differ, struct err *err) {
    struct range_totals totals;
    range_set_clear(&comparison->set);
    memset(comparison->digest, 0, sizeof comparison->digest);
    int rc = add_rows(comparison, SIDE_SOURCE, source, err);
    if (rc == 0)
        rc = add_rows(comparison, SIDE_TARGET, target, err);
    range_set_totals(&comparison->set, &totals);
    bool matched = totals.keys[RANGE_SAME] == comparison->set.count;
    bool same = row_digest_equal(&comparison->digest[SIDE_SOURCE], &comparison->digest[SIDE_TARGET]);
    *match = matched && same;
    *differ = !matched && !same;
    return rc;
}

static int blind(const char *damage, size_t column, bool per_column, struct err *err) {
    err_set(err, ERR_INTERNAL, "this build does not see %s%s%s: its verdicts would prove nothing", damage,
            per_column ? " of kind " : "", per_column ? datum_kind_name(kinds[column]) : "");
    err_next(err, "nothing was compared; infill verify PLAN --self-test lists all that it does not see");
    return ERR_INTERNAL;
}

static int check_damage(struct comparison *comparison, const struct sample *source, size_t damage, struct err *err) {
    size_t columns = damages[damage].per_column ? COLUMNS : 2;
    int rc = 0;
    for (size_t column = 1; column < columns && rc == 0; column++) {
        struct sample target = *source;
        bool match = true, differ = false;
        damages[damage].plant(&target, column);
        rc = compare(comparison, source, &target, &match, &differ, err);
        if (rc == 0 && !differ)
            rc = blind(damages[damage].name, column, damages[damage].per_column, err);
    }
    return rc;
}

int self_check(struct err *err) {
    enum { SET_BYTES = 1 << 20 };
    static const struct row_hash_key key = {{0x0123456789abcdef, 0xfedcba9876543210}};
    struct comparison comparison = {0};
    struct sample source;
    bool match = false, differ = false;
    int rc = range_set_init(&comparison.set, &key, ROWS_MAX, SET_BYTES, err);
    if (rc)
        return rc;
    buf_init(&comparison.row);
    make(&source);
    rc = compare(&comparison, &source, &source, &match, &differ, err);
    if (rc == 0 && !match)
        rc = err_set(err, ERR_INTERNAL, "this build finds differences between equal rows: its verdicts would prove nothing");
    for (size_t i = 0; i < DAMAGES && rc == 0; i++)
        rc = check_damage(&comparison, &source, i, err);
    range_set_release(&comparison.set);
    buf_release(&comparison.row);
    return rc;
}
