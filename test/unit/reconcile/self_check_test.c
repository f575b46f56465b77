/* A sound build passes its own check. That it can fail is shown by builds with planted defects: test/e2e/test_self_test.py. */
#include "unit.h"

#include "reconcile/self_check.h"

static void a_sound_build_sees_all(void **state) {
    (void)state;
    struct err err;
    err_clear(&err);
    assert_int_equal(self_check(&err), 0);
    assert_int_equal(err.code, 0);
}

static bool check(void *context) {
    (void)context;
    struct err err;
    err_clear(&err);
    int rc = self_check(&err);
    assert_true(rc == 0 || rc == ERR_NOMEM);
    return rc == 0;
}

static void without_memory_it_is_no_verdict(void **state) {
    (void)state;
    unit_out_of_memory(check, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_build_sees_all),
        cmocka_unit_test(without_memory_it_is_no_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
