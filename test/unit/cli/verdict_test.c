/* Verdicts: what was not compared, not finished or not understood is never a match. */
#include "cli_test.h"

#include "cli/doc.h"
#include "cli/verdict.h"

static const struct {
    const char *json;
    int exit_code;
    const char *sentence;
} cases[] = {
    {"{\"verdict\":\"match\",\"complete\":true,\"not_compared\":[]}", 0, "match: every row that was compared is as the plan says"},
    {"{\"verdict\":\"match\"}", 0, "match: "},
    {"{\"verdict\":\"match\",\"complete\":false}", 1, "unverified: not everything was compared yet"},
    {"{\"verdict\":\"match\",\"complete\":true,\"not_compared\":[{}]}", 1, "matches, but 1 thing was not compared"},
    {"{\"verdict\":\"match\",\"complete\":true,\"not_compared\":[{\"agreed\":true}]}", 0, "match: every row that was compared"},
    {"{\"verdict\":\"match\",\"complete\":true,\"not_compared\":[{\"agreed\":true},{}]}", 1, "but 1 thing was not compared"},
    {"{\"verdict\":\"match\",\"complete\":true,\"not_compared\":[{},{}]}", 1, "matches, but 2 things were not compared"},
    {"{\"verdict\":\"changed\",\"complete\":true}", 5, "changed during the check"},
    {"{\"verdict\":\"changed\",\"complete\":true,\"not_compared\":[{}]}", 1, "changed during the check"},
    {"{\"verdict\":\"unverified\",\"complete\":true}", 1, "unverified: not everything could be compared"},
    {"{\"verdict\":\"differ\",\"complete\":true,\"findings\":1}", 4, "differ: 1 finding is open"},
    {"{\"verdict\":\"differ\",\"complete\":false,\"findings\":2}", 4, "differ: 2 findings are open so far; not everything"},
    {"{\"verdict\":\"differ\",\"findings\":[],\"findings_total\":1234,\"not_compared\":[{}]}", 4,
     "differ: 1,234 findings are open"},
    {"{\"verdict\":\"splendid\",\"complete\":true}", 1, "not verified"},
    {"{\"verdict\":null}", 1, "not verified"},
    {"{}", 1, "not verified"},
    {"[]", 1, "not verified"},
};

static void each_verdict_has_its_exit_code_and_sentence(void **state) {
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        json_t *document = doc_read(cases[i].json);
        char *sentence = verdict_sentence(document);
        assert_contains(sentence, cases[i].sentence);
        if (verdict_exit_code(verdict_whole(document)) != cases[i].exit_code)
            fail_msg("%s: not %d", cases[i].json, cases[i].exit_code);
        free(sentence);
        json_decref(document);
    }
}

/* A failed verification has no document. */
static void nothing_at_all_is_no_match(void **state) {
    (void)state;
    assert_int_equal(verdict_exit_code(verdict_whole(NULL)), 1);
}

static void the_worse_of_two_wins_from_either_side(void **state) {
    static const enum verdict order[] = {VERDICT_MATCH, VERDICT_CHANGED, VERDICT_NONE, VERDICT_UNVERIFIED, VERDICT_DIFFER};
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(order); i++) {
        for (size_t j = 0; j <= i; j++) {
            assert_int_equal(verdict_worse(order[i], order[j]), order[i]);
            assert_int_equal(verdict_worse(order[j], order[i]), order[i]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_verdict_has_its_exit_code_and_sentence),
        cmocka_unit_test(nothing_at_all_is_no_match),
        cmocka_unit_test(the_worse_of_two_wins_from_either_side),
    };
    return cmocka_run_group_tests_name("cli/verdict", tests, NULL, NULL);
}
