/* decimal.c, decimal_sum.c, column_sum.c, datum_order.c: numbers with every digit, their sums and their order. */
#include "unit.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

#include "base/mem.h"
#include "base/text.h"
#include "reconcile/column_sum.h"
#include "reconcile/datum_order.h"

#define INT(number_) ((struct datum){.kind = DATUM_INT, .number = (number_)})
#define UINT(number_) ((struct datum){.kind = DATUM_UINT, .number = (int64_t)(number_)})
#define DOUBLE(real_) ((struct datum){.kind = DATUM_DOUBLE, .real = (real_)})
#define DECIMAL(text) ((struct datum){.kind = DATUM_DECIMAL, .bytes = (text), .size = sizeof(text) - 1})
#define TEXT(text) ((struct datum){.kind = DATUM_TEXT, .bytes = (text), .size = sizeof(text) - 1})

static uint64_t drawn = 88172645463325252U;

static uint64_t draw(void) { /* xorshift, Marsaglia 2003 */
    drawn ^= drawn << 13;
    drawn ^= drawn >> 7;
    drawn ^= drawn << 17;
    return drawn;
}

static void a_double_becomes_its_shortest_decimal(void **state) {
    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t bits = draw();
        double real;
        char digits[DECIMAL_DIGITS];
        char text[64];
        double again;
        memcpy(&real, &bits, sizeof(real));
        if (!isfinite(real) || real == 0)
            continue;
        struct decimal number = decimal_of_double(real, digits);
        decimal_trim(&number);
        int count = (int)number.whole_size;
        const char *sign = number.class == DECIMAL_MINUS ? "-" : "";
        snprintf(text, sizeof(text), "%s%.*se%" PRId64, sign, count, number.whole, -number.scale);
        assert_true(text_to_double(text, &again));
        assert_true(again == real);
        if (count > 1) { /* and one digit less would not do */
            snprintf(text, sizeof(text), "%.*e", count - 2, real);
            assert_true(text_to_double(text, &again) == false || again != real);
        }
    }
}

static int sign_of(int number) {
    return (number > 0) - (number < 0);
}

/* Each is below all that follow, equal numbers by their form. */
static void the_order_is_total(void **state) {
    (void)state;
    const struct datum ordered[] = {
        DOUBLE((double)-INFINITY),
        DECIMAL("-1000.5"),
        INT(-1000),
        INT(-2),
        DECIMAL("-1.51"),
        DECIMAL("-1.5"),
        DECIMAL("-1.50"),
        DOUBLE(-0.1),
        INT(0),
        DECIMAL("0"),
        DECIMAL("0.00"),
        DOUBLE(-0.0),
        DOUBLE(0.0),
        DOUBLE(5e-324),
        DECIMAL("0.00001"),
        DECIMAL("0.1"),
        DOUBLE(0.1),
        DECIMAL("0.10000000000000001"),
        INT(9),
        INT(10),
        DECIMAL("10.0"),
        DOUBLE(10),
        DECIMAL("99"),
        INT(100),
        INT(INT64_MAX),
        DOUBLE(0x1p63),
        UINT(UINT64_MAX),
        DECIMAL("18446744073709551616"),
        DOUBLE(DBL_MAX),
        DECIMAL("Infinity"),
        DECIMAL("NaN"),
        DOUBLE((double)NAN),
        /* not numbers */
        DECIMAL("odd"),
        TEXT(""),
        TEXT("A"),
        TEXT("a"),
        TEXT("a "),
        TEXT("b"),
        {.kind = DATUM_DATE, .number = INT64_MIN},
        {.kind = DATUM_DATE, .number = 3},
        {.kind = DATUM_INSTANT, .number = -4},
        {.kind = DATUM_INSTANT, .number = 4},
    };
    for (size_t i = 0; i < UNIT_COUNT(ordered); i++)
        for (size_t j = 0; j < UNIT_COUNT(ordered); j++)
            if (sign_of(datum_order(&ordered[i], &ordered[j])) != (i > j) - (i < j))
                fail_msg("%zu and %zu", i, j);
}

static void sums_are_exact(void **state) {
    (void)state;
    struct decimal_sum sum = {0};
    char text[DECIMAL_SUM_TEXT];
    assert_string_equal(decimal_sum_text(&sum, text), "0");
    static const struct {
        const char *number;
        const char *sum;
    } steps[] = {
        {"0.1", "0.1"},
        {"0.2", "0.3"},
        {"-0.30", "0"},
        {"-12.50", "-12.5"},
        {"1000000000", "999999987.5"},
        {"-1999999987.5", "-1000000000"},
        {"99999999999999999999999999999999999999.999999999999999999", "99999999999999999999999999998999999999.999999999999999999"},
        {"0.000000000000000001", "99999999999999999999999999999000000000"},
        {"-99999999999999999999999999999000000000.00", "0"},
    };
    for (size_t i = 0; i < UNIT_COUNT(steps); i++) {
        struct decimal number = decimal_scan(steps[i].number, strlen(steps[i].number));
        assert_true(decimal_sum_add(&sum, &number));
        assert_string_equal(decimal_sum_text(&sum, text), steps[i].sum);
    }
}

static void what_is_too_wide_is_refused(void **state) {
    (void)state;
    char wide[400];
    struct decimal_sum sum = {0};
    memset(wide, '9', sizeof(wide));
    for (size_t whole = 140; whole < 148; whole++) {
        struct decimal number = decimal_scan(wide, whole);
        assert_int_equal(decimal_sum_add(&sum, &number), whole <= 144);
    }
    wide[0] = '.';
    for (size_t part = 70; part < 75; part++) {
        struct decimal number = decimal_scan(wide, 1 + part);
        assert_int_equal(decimal_sum_add(&sum, &number), part <= 72);
    }
    struct decimal nan = decimal_scan("NaN", 3);
    assert_false(decimal_sum_add(&sum, &nan));
}

static void the_widest_sums_do_not_overflow(void **state) {
    (void)state;
    char nines[144];
    char text[DECIMAL_SUM_TEXT];
    struct decimal_sum sum = {0};
    memset(nines, '9', sizeof(nines));
    struct decimal number = decimal_scan(nines, sizeof(nines));
    for (int i = 0; i < 1000; i++)
        assert_true(decimal_sum_add(&sum, &number));
    for (int i = 0; i < 30; i++) { /* times 2^30 */
        struct decimal_sum copy = sum;
        decimal_sum_merge(&sum, &copy);
    }
    decimal_sum_text(&sum, text);
    assert_int_equal(strlen(text), 144 + 13);
    assert_memory_equal(text, "1073741823999", 13);
}

static void sums_of_integers_and_merges_agree(void **state) {
    (void)state;
    struct decimal_sum one = {0};
    struct decimal_sum parts[2] = {{.adds = 0}};
    int64_t plain = 0;
    char text[DECIMAL_SUM_TEXT];
    char wanted[32];
    for (unsigned i = 0; i < 10000; i++) {
        int64_t number = (int64_t)draw() >> 20;
        char written[32];
        int size = snprintf(written, sizeof(written), "%" PRId64, number);
        struct decimal decimal = decimal_scan(written, (size_t)size);
        plain += number;
        decimal_sum_add_integer(&one, number < 0, (uint64_t)(number < 0 ? -number : number));
        assert_true(decimal_sum_add(&parts[i % 2], &decimal));
    }
    decimal_sum_merge(&parts[0], &parts[1]);
    assert_true(decimal_sum_equal(&one, &parts[0]));
    snprintf(wanted, sizeof(wanted), "%" PRId64, plain);
    assert_string_equal(decimal_sum_text(&one, text), wanted);
    one.adds = (1ULL << 32) - 1; /* carries before limbs can overflow */
    decimal_sum_add_integer(&one, false, 0);
    assert_int_equal(one.adds, 0);
    assert_string_equal(decimal_sum_text(&one, text), wanted);
    decimal_sum_add_integer(&one, true, UINT64_MAX);
    assert_false(decimal_sum_equal(&one, &parts[0]));
}

static void a_column_is_summed_by_kind(void **state) {
    (void)state;
    struct column_sum sum = {.numbers = 0};
    char text[DECIMAL_SUM_TEXT];
    const struct datum values[] = {
        INT(-5), UINT(UINT64_MAX), DECIMAL("0.50"), {.kind = DATUM_BOOL, .number = 1}, {.kind = DATUM_NULL}};
    for (size_t i = 0; i < UNIT_COUNT(values); i++)
        column_sum_add(&sum, &values[i]);
    assert_string_equal(column_sum_text(&sum, text), "18446744073709551611.5");
    assert_int_equal(sum.numbers, 4);
    const struct datum odd[] = {TEXT("5"), DECIMAL("odd"), DECIMAL("NaN"), DOUBLE((double)INFINITY)};
    for (size_t i = 0; i < UNIT_COUNT(odd); i++)
        column_sum_add(&sum, &odd[i]);
    assert_int_equal(sum.not_numbers, 2);
    assert_int_equal(sum.not_finite, 2);
    assert_int_equal(sum.numbers, 4);
}

static void doubles_are_summed_with_care(void **state) {
    (void)state;
    struct column_sum forth = {.numbers = 0};
    struct column_sum back = {.numbers = 0};
    struct column_sum merged = {.numbers = 0};
    char text[DECIMAL_SUM_TEXT];
    enum { MANY = 100000 };
    for (unsigned i = 0; i < MANY; i++) {
        struct datum value = DOUBLE(i == 0 ? 1e16 : 0.1);
        struct datum mirrored = DOUBLE(i == MANY - 1 ? 1e16 : 0.1);
        column_sum_add(&forth, &value);
        column_sum_add(&back, &mirrored);
    }
    column_sum_merge(&merged, &forth);
    assert_true(column_sum_equal(&forth, &back));
    assert_true(column_sum_equal(&merged, &forth));
    assert_string_equal(column_sum_text(&forth, text), "10000000000010000");
    struct datum small = DOUBLE(1e6);
    column_sum_add(&back, &small);
    assert_false(column_sum_equal(&forth, &back));
}

static void equal_means_the_same_kinds_of_numbers_too(void **state) {
    (void)state;
    struct column_sum a = {.numbers = 0};
    struct column_sum b = {.numbers = 0};
    struct datum decimal = DECIMAL("2.50");
    struct datum real = DOUBLE(2.5);
    struct datum nan = DECIMAL("NaN");
    column_sum_add(&a, &decimal);
    column_sum_add(&b, &real);
    assert_true(column_sum_equal(&a, &b)); /* a column that became a double */
    column_sum_add(&b, &nan);
    assert_false(column_sum_equal(&a, &b));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_double_becomes_its_shortest_decimal),
        cmocka_unit_test(the_order_is_total),
        cmocka_unit_test(sums_are_exact),
        cmocka_unit_test(what_is_too_wide_is_refused),
        cmocka_unit_test(the_widest_sums_do_not_overflow),
        cmocka_unit_test(sums_of_integers_and_merges_agree),
        cmocka_unit_test(a_column_is_summed_by_kind),
        cmocka_unit_test(doubles_are_summed_with_care),
        cmocka_unit_test(equal_means_the_same_kinds_of_numbers_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
