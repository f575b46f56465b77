/* Every kind has a name. */
#include "unit.h"

#include "sql/datum.h"

static void names(void **state) {
    (void)state;
    assert_string_equal(datum_kind_name(DATUM_NULL), "null");
    assert_string_equal(datum_kind_name(DATUM_ODD_DATE), "odd date");
    for (int kind = DATUM_NULL; kind <= DATUM_OTHER; kind++)
        assert_string_not_equal(datum_kind_name((enum datum_kind)kind), "unknown");
    assert_string_equal(datum_kind_name((enum datum_kind)(DATUM_OTHER + 1)), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
