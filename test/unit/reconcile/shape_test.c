/* shape.c: two rows compared column by column. */
#include "unit.h"

#include "reconcile/shape.h"

#define TEXT(text) ((struct datum){.kind = DATUM_TEXT, .bytes = (text), .size = sizeof(text) - 1})
#define DECIMAL(text) ((struct datum){.kind = DATUM_DECIMAL, .bytes = (text), .size = sizeof(text) - 1})
#define INT(number_) ((struct datum){.kind = DATUM_INT, .number = (number_)})

static const char *const names[] = {"id", "name", "price", "rounded", "data"};
static const struct canonical_rule rules[] = {
    {CANONICAL_EXACT, CANONICAL_AS_STORED},    {CANONICAL_EXACT, CANONICAL_AS_STORED},  {CANONICAL_EXACT, CANONICAL_AS_STORED},
    {CANONICAL_SEMANTIC, CANONICAL_AS_STORED}, {CANONICAL_SEMANTIC, CANONICAL_AS_JSON},
};
static const struct shape shape = {.names = names, .rules = rules, .column_count = 5, .key_count = 1};

static void each_column_has_a_state(void **state) {
    (void)state;
    const struct datum source[] = {INT(1), TEXT("a"), DECIMAL("1.5"), DECIMAL("1.5"), TEXT("{\"a\": 1}")};
    const struct datum target[] = {INT(1), TEXT("A"), DECIMAL("1.50"), DECIMAL("1.50"), TEXT("{\"a\":1}")};
    static const enum column_state wanted[] = {COLUMN_SAME, COLUMN_DIFFERENT, COLUMN_ALIKE, COLUMN_ALIKE, COLUMN_ALIKE};
    static const bool differs[] = {false, true, true, false, false};
    enum column_state states[5];
    struct buf scratch;
    struct err err;
    buf_init(&scratch);
    err_clear(&err);
    assert_int_equal(shape_compare(&shape, source, target, &scratch, states, &err), 0);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(states[i], wanted[i]);
        assert_int_equal(shape_differs(&shape, i, states[i]), differs[i]);
    }
    buf_release(&scratch);
}

static void one_semantic_column_makes_the_shape_so(void **state) {
    (void)state;
    assert_true(shape_is_semantic(&shape));
    struct shape exact = shape;
    exact.column_count = 3;
    assert_false(shape_is_semantic(&exact));
}

static bool compare_once(void *context) {
    (void)context;
    const struct datum row[] = {INT(1), TEXT("a"), DECIMAL("1.5"), DECIMAL("1.5"), TEXT("{\"a\": 1}")};
    const struct datum other[] = {INT(1), TEXT("b"), DECIMAL("1.50"), DECIMAL("1.5"), TEXT("{\"a\":1}")};
    enum column_state states[5];
    struct buf scratch;
    struct err err;
    buf_init(&scratch);
    err_clear(&err);
    int code = shape_compare(&shape, row, other, &scratch, states, &err);
    assert_true(code == 0 || (code == ERR_NOMEM && err.code == ERR_NOMEM));
    buf_release(&scratch);
    return code == 0;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    unit_out_of_memory(compare_once, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_column_has_a_state),
        cmocka_unit_test(one_semantic_column_makes_the_shape_so),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
