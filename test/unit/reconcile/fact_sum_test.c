/* Facts of parts, added up: what can be added is, and nothing is made up for what cannot. */
#include "unit.h"

#include <stdlib.h>

#include "reconcile/fact_sum.h"

static json_t *read_json(const char *text) {
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    return json;
}

static void assert_sum(const char *first, const char *second, const char *expected) {
    json_t *sum = json_array(), *a = read_json(first), *b = read_json(second), *wanted = read_json(expected);
    struct err err;
    err_clear(&err);
    assert_int_equal(fact_sum_add(sum, a, &err), 0);
    assert_true(json_equal(sum, a));
    assert_int_equal(fact_sum_add(sum, b, &err), 0);
    if (!json_equal(sum, wanted)) {
        char *text = json_dumps(sum, JSON_COMPACT);
        fail_msg("expected %s\ngot %s", expected, text);
    }
    assert_true(json_equal(a, wanted) || !json_equal(sum, a)); /* what was added stays as it was */
    json_decref(sum);
    json_decref(a);
    json_decref(b);
    json_decref(wanted);
}

static void counts_are_added_by_column(void **state) {
    (void)state;
    assert_sum("[{\"fact\":\"nulls\",\"ok\":true,\"column\":\"a\",\"source\":1,\"target\":1},"
               "{\"fact\":\"nulls\",\"ok\":true,\"column\":\"b\",\"source\":5,\"target\":5}]",
               "[{\"fact\":\"nulls\",\"ok\":false,\"column\":\"b\",\"source\":2,\"target\":3},"
               "{\"fact\":\"column\",\"ok\":false,\"column\":\"b\",\"rows\":1}]",
               "[{\"fact\":\"nulls\",\"ok\":true,\"column\":\"a\",\"source\":1,\"target\":1},"
               "{\"fact\":\"nulls\",\"ok\":false,\"column\":\"b\",\"source\":7,\"target\":8},"
               "{\"fact\":\"column\",\"ok\":false,\"column\":\"b\",\"rows\":1}]");
}

static void digests_and_sums_are_exact(void **state) {
    (void)state;
    assert_sum("[{\"fact\":\"digest\",\"ok\":true,\"source\":\"ffffffffffffffffffffffffffffffff\",\"target\":"
               "\"0000000000000000ffffffffffffffff\"}]",
               "[{\"fact\":\"digest\",\"ok\":true,\"source\":\"00000000000000000000000000000003\",\"target\":"
               "\"00000000000000000000000000000001\"}]",
               "[{\"fact\":\"digest\",\"ok\":true,\"source\":\"00000000000000000000000000000002\",\"target\":"
               "\"00000000000000010000000000000000\"}]");
    assert_sum("[{\"fact\":\"sum\",\"ok\":true,\"column\":\"x\",\"source\":\"99999999999999999999.75\",\"target\":\"-1\"}]",
               "[{\"fact\":\"sum\",\"ok\":true,\"column\":\"x\",\"source\":\"0.25\",\"target\":\"-2.5\"}]",
               "[{\"fact\":\"sum\",\"ok\":true,\"column\":\"x\",\"source\":\"100000000000000000000\",\"target\":\"-3.5\"}]");
}

/* Too few values to show their sum, doubles, and hashes of the smallest value. */
static void what_cannot_be_added_is_not_known(void **state) {
    (void)state;
    assert_sum("[{\"fact\":\"sum\",\"ok\":true,\"column\":\"x\",\"source\":null,\"target\":\"1\"}]",
               "[{\"fact\":\"sum\",\"ok\":true,\"column\":\"x\",\"source\":\"2\",\"target\":\"2\"}]",
               "[{\"fact\":\"sum\",\"ok\":true,\"column\":\"x\",\"source\":null,\"target\":\"3\"}]");
    assert_sum("[{\"fact\":\"sum\",\"ok\":true,\"column\":\"x\",\"source\":\"1\",\"target\":\"1\",\"exact\":\"no: doubles\"}]",
               "[{\"fact\":\"sum\",\"ok\":true,\"column\":\"x\",\"source\":\"1\",\"target\":\"1\"}]",
               "[{\"fact\":\"sum\",\"ok\":true,\"column\":\"x\",\"source\":null,\"target\":null,\"exact\":\"no: doubles\"}]");
    assert_sum("[{\"fact\":\"min\",\"ok\":true,\"column\":\"x\",\"source\":\"abc\",\"target\":\"abc\"}]",
               "[{\"fact\":\"min\",\"ok\":true,\"column\":\"x\",\"source\":\"abd\",\"target\":\"abd\"}]",
               "[{\"fact\":\"min\",\"ok\":true,\"column\":\"x\",\"source\":null,\"target\":null}]");
}

static void distributions_are_added_by_value(void **state) {
    (void)state;
    assert_sum("[{\"fact\":\"distribution\",\"ok\":true,\"column\":\"s\",\"values\":1,\"counts\":[{\"value\":\"a\",\"source\":1,"
               "\"target\":1}]}]",
               "[{\"fact\":\"distribution\",\"ok\":true,\"column\":\"s\",\"values\":2,\"counts\":[{\"value\":\"a\",\"source\":2,"
               "\"target\":2},"
               "{\"value\":\"NULL\",\"source\":4,\"target\":4}]}]",
               "[{\"fact\":\"distribution\",\"ok\":true,\"column\":\"s\",\"values\":2,\"counts\":[{\"value\":\"a\",\"source\":3,"
               "\"target\":3},"
               "{\"value\":\"NULL\",\"source\":4,\"target\":4}]}]");
    assert_sum("[{\"fact\":\"distribution\",\"ok\":true,\"column\":\"s\",\"values\":9,\"counts\":[]}]",
               "[{\"fact\":\"distribution\",\"ok\":true,\"column\":\"s\",\"values\":1,\"counts\":[{\"value\":\"a\",\"source\":2,"
               "\"target\":2}]}]",
               "[{\"fact\":\"distribution\",\"ok\":true,\"column\":\"s\",\"values\":null,\"counts\":[{\"value\":\"a\",\"source\":2,"
               "\"target\":2}]}]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_added_by_column),
        cmocka_unit_test(digests_and_sums_are_exact),
        cmocka_unit_test(what_cannot_be_added_is_not_known),
        cmocka_unit_test(distributions_are_added_by_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
