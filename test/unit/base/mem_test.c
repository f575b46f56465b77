/* Allocation, and the fault that tests place in it. */
#include "unit.h"

#include <jansson.h>

static void nothing_is_a_pointer_too(void **state) {
    (void)state;
    void *a = mem_alloc(0);
    void *b = mem_zalloc(0, 8);
    void *c = mem_realloc(NULL, 0);
    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    assert_ptr_not_equal(a, b);
    mem_free(a);
    mem_free(b);
    mem_free(c);
    mem_free(NULL);
}

static void zeroed_memory_is_zero_and_overflow_is_refused(void **state) {
    (void)state;
    char *bytes = mem_zalloc(3, 100);
    assert_non_null(bytes);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(bytes[i], 0);
    mem_free(bytes);
    volatile size_t half = SIZE_MAX / 2; /* volatile: the compiler would refuse the constant */
    assert_null(mem_zalloc(half, 4));
}

static void realloc_keeps_the_bytes(void **state) {
    (void)state;
    char *text = mem_strdup("backfill");
    assert_non_null(text);
    char *longer = mem_realloc(text, 4096);
    assert_non_null(longer);
    assert_string_equal(longer, "backfill");
    mem_free(longer);
}

static bool refused(void) {
    void *p = mem_alloc(1);
    mem_free(p);
    return p == NULL;
}

static void the_nth_allocation_fails(void **state) {
    static const struct {
        unsigned long at;
        bool for_ever;
        const char *refused; /* of five allocations */
    } cases[] = {
        {0, false, "....."}, {0, true, "....."},  {1, false, "x...."}, {3, false, "..x.."},
        {5, false, "....x"}, {6, false, "....."}, {3, true, "..xxx"},  {1, true, "xxxxx"},
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        char seen[6] = "";
        mem_fail_at(cases[i].at, cases[i].for_ever);
        for (size_t n = 0; n < 5; n++)
            seen[n] = refused() ? 'x' : '.';
        assert_string_equal(seen, cases[i].refused);
        assert_int_equal(mem_count(), 5);
        mem_fail_at(0, false);
    }
}

static void every_kind_of_allocation_can_fail(void **state) {
    (void)state;
    mem_fail_at(1, true);
    assert_null(mem_alloc(1));
    assert_null(mem_zalloc(1, 1));
    assert_null(mem_realloc(NULL, 1));
    assert_null(mem_strdup("x"));
    mem_fail_at(0, false);
}

static void jansson_allocates_here(void **state) {
    (void)state;
    mem_hook_jansson();
    mem_fail_at(1, true);
    assert_null(json_object());
    assert_true(mem_count() > 0);
    mem_fail_at(0, false);
    json_t *object = json_object();
    assert_non_null(object);
    json_decref(object);
}

static void refusals_are_counted(void **state) {
    (void)state;
    unsigned long before = mem_refusals();
    mem_fail_at(2, false);
    assert_false(refused());
    assert_int_equal(mem_refusals(), before);
    assert_true(refused());
    assert_false(refused());
    mem_fail_at(0, false);
    assert_int_equal(mem_refusals(), before + 1);
}

static bool write_json(void *context) {
    char *text = mem_json_text(context, JSON_COMPACT | JSON_SORT_KEYS);
    if (text == NULL)
        return false;
    assert_string_equal(text, "{\"lines\":[\"one\",\"two\"],\"reason\":\"lunch\",\"rows\":1}");
    mem_free(text);
    return true;
}

/* json_dumps() would at times leave a key out. */
static void json_is_whole_or_not_there(void **state) {
    (void)state;
    mem_hook_jansson();
    json_t *json = json_pack("{s:i, s:s, s:[s, s]}", "rows", 1, "reason", "lunch", "lines", "one", "two");
    assert_non_null(json);
    unit_out_of_memory(write_json, json);
    json_decref(json);
    assert_null(mem_json_text(NULL, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_a_pointer_too),
        cmocka_unit_test(zeroed_memory_is_zero_and_overflow_is_refused),
        cmocka_unit_test(realloc_keeps_the_bytes),
        cmocka_unit_test(the_nth_allocation_fails),
        cmocka_unit_test(every_kind_of_allocation_can_fail),
        cmocka_unit_test(jansson_allocates_here),
        cmocka_unit_test(refusals_are_counted),
        cmocka_unit_test(json_is_whole_or_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
