/* checks: read, merged from the top and the fill, and what is wrong with them. */
#include <jansson.h>

#include "plan_fixture.h"

#define TWO_FILLS                                                                                                                  \
    "fills:\n"                                                                                                                     \
    "  - {name: users, from: old, into: new, columns: {id: id, email: e, cents: c}%s}\n"                                           \
    "  - {name: orders, table: orders, set: {status: s, cents: c}%s}\n"

static void load_two(struct fixture *fixture, const char *checks, const char *first, const char *second) {
    struct buf text;
    buf_init(&text);
    buf_printf(&text, HEAD SOURCE "%s\n" TWO_FILLS, checks, first, second);
    fixture_load(fixture, text.data);
    buf_release(&text);
}

static void assert_names(const struct plan_names *names, const char *expected) {
    struct buf text;
    buf_init(&text);
    for (size_t i = 0; i < names->count; i++) {
        buf_printf(&text, "%s%s", i > 0 ? " " : "", names->names[i]);
    }
    assert_string_equal(text.len > 0 ? text.data : "", expected);
    buf_release(&text);
}

static void nothing_said_is_counts_and_digest(void **state) {
    struct fixture fixture;
    (void)state;
    load_two(&fixture, "", "", "");
    assert_int_equal(fixture.code, 0);
    const struct plan_checks *checks = &fixture.plan->fills[0].checks;
    assert_true(checks->counts && checks->digest && checks->extra);
    assert_int_equal(checks->distribution.count + checks->sum.count + checks->extrema.count + checks->unique_count +
                         checks->semantic.count + checks->expect_count,
                     0);
    assert_true(checks->confidence == 0.99 && checks->defect_rate == 0.0001);
    fixture_release(&fixture);
}

/* Each fill takes the names it fills; what a fill says replaces the top's, key by key. */
static void top_and_fill_are_merged(void **state) {
    struct fixture fixture;
    (void)state;
    load_two(&fixture,
             "checks: {counts: false, distribution: [status, email], aggregates: {sum: [cents], extrema: [id]}, unique: [[email], "
             "[id, email], [status]], semantic: [cents], expect: {cents: 1 + c, email: f}, sample: {confidence: 95%}}",
             ", checks: {digest: false, aggregates: {sum: []}, unique: [[cents, id]], sample: {defect_rate: 0.5}}",
             ", checks: {counts: true, extra: false, expect: {}}");
    assert_string_equal(fixture.report.len > 0 ? fixture.report.data : "", "");
    const struct plan_checks *users = &fixture.plan->fills[0].checks;
    const struct plan_checks *orders = &fixture.plan->fills[1].checks;
    assert_true(!users->counts && !users->digest && orders->counts && orders->digest);
    assert_true(users->extra && !orders->extra);
    assert_names(&users->distribution, "email");
    assert_names(&orders->distribution, "status");
    assert_names(&users->sum, "");
    assert_names(&orders->sum, "cents");
    assert_names(&users->extrema, "id");
    assert_names(&orders->extrema, "");
    assert_int_equal(users->unique_count, 1);
    assert_names(&users->unique[0], "cents id");
    assert_int_equal(orders->unique_count, 1);
    assert_names(&orders->unique[0], "status");
    assert_names(&users->semantic, "cents");
    assert_int_equal(users->expect_count, 2);
    assert_string_equal(users->expect[0].name, "cents");
    assert_string_equal(users->expect[0].expr, "1 + c");
    assert_int_equal(users->expect[0].line, 4);
    assert_int_equal(orders->expect_count, 0);
    assert_true(users->confidence == 0.95 && users->defect_rate == 0.5 && orders->defect_rate == 0.0001);
    fixture_release(&fixture);
}

static void what_names_the_rows_in_place_is_known_to_the_database(void **state) {
    struct fixture fixture;
    (void)state;
    load_two(&fixture, "checks: {unique: [[number]], distribution: [email]}", "", ", checks: {aggregates: {extrema: [day]}}");
    assert_int_equal(fixture.code, 0);
    assert_names(&fixture.plan->fills[1].checks.extrema, "day");
    assert_int_equal(fixture.plan->fills[1].checks.unique_count, 1);
    assert_int_equal(fixture.plan->fills[0].checks.unique_count, 0);
    assert_names(&fixture.plan->fills[1].checks.distribution, ""); /* the other fill's */
    fixture_release(&fixture);
    load_two(&fixture, "", "", ", key: [number], checks: {unique: [[number, day]]}");
    assert_non_null(strstr(fixture.report.data, "'day' is no column that this fill fills"));
    fixture_release(&fixture);
}

static void mistakes_have_a_place_and_a_hint(void **state) {
    static const struct {
        const char *checks, *own, *expected;
    } cases[] = {
        {"", ", checks: {distribution: [emial]}",
         "plan.yaml:6:104: error: 'emial' is no column that this fill fills; did you mean 'email'?"},
        {"", ", checks: {expect: {cent: 1}}",
         "plan.yaml:6:98: error: 'cent' is no column that this fill fills; did you mean 'cents'?"},
        {"checks: {count: true}", "", "plan.yaml:4:10: error: unknown key 'count'; did you mean 'counts'?"},
        {"checks: {counts: yes}", "", "plan.yaml:4:18: error: 'counts' must be true or false, not 'yes'"},
        {"checks: {unique: [email]}", "", "plan.yaml:4:19: error: "},
        {"checks: {unique: [[]]}", "", "plan.yaml:4:19: error: "},
        {"checks: {unique: [[email, email]]}", "", "plan.yaml:4:27: error: 'email' stands in "},
        {"checks: {sample: {confidence: 100%}}", "",
         "plan.yaml:4:31: error: 'confidence' must be above 0% and below 100%, not '100%'"},
        {"checks: {sample: {defect_rate: 0}}", "", "plan.yaml:4:32: error: 'defect_rate' must be above 0% and below 100%, not '0'"},
        {"checks: {expect: {email: }}", "", "plan.yaml:4:26: error: 'email' must be an SQL expression, but nothing is given"},
        {"checks: [counts]", "", "plan.yaml:4:9: error: 'checks' must be a map of keys, not a list"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fixture fixture;
        load_two(&fixture, cases[i].checks, cases[i].own, "");
        assert_int_equal(fixture.code, ERR_PLAN);
        if (strstr(fixture.report.data, cases[i].expected) == NULL) {
            fail_msg("expected %s\ngot %s", cases[i].expected, fixture.report.data);
        }
        fixture_release(&fixture);
    }
}

/* A name at the top that every fill refuses is one mistake, not one per fill. */
static void a_name_nobody_has_is_said_once(void **state) {
    struct fixture fixture;
    (void)state;
    fixture_load(&fixture, HEAD SOURCE "checks: {distribution: [idd], unique: [[idd]]}\n"
                                       "fills:\n"
                                       "  - {name: a, from: a, into: b, carry: [id]}\n"
                                       "  - {name: b, from: b, into: c, carry: [id]}\n");
    const char *first =
        strstr(fixture.report.data, "plan.yaml:4:25: error: 'idd' is no column that the plan fills; did you mean 'id'?");
    assert_non_null(first);
    assert_non_null(strstr(first, "plan.yaml:4:41: error: "));
    assert_string_equal(
        fixture.err.message,
        "2 mistakes in the plan; the first is at plan.yaml:4:25: 'idd' is no column that the plan fills; did you mean 'id'?");
    fixture_release(&fixture);
}

static json_t *origin_of(json_t *list, const char *setting) {
    size_t i;
    json_t *entry;
    json_array_foreach (list, i, entry) {
        if (strcmp(json_string_value(json_object_get(entry, "setting")), setting) == 0) {
            return entry;
        }
    }
    return NULL;
}

static void origins_show_them(void **state) {
    struct fixture fixture;
    json_t *list;
    struct err err;
    (void)state;
    load_two(&fixture, "checks: {digest: false, unique: [[email]]}", ", checks: {expect: {email: e}}", "");
    assert_int_equal(fixture.code, 0);
    assert_int_equal(plan_origins(fixture.plan, &list, &err), 0);
    json_t *digest = origin_of(list, "checks.digest"), *counts = origin_of(list, "checks.counts");
    assert_true(json_is_false(json_object_get(digest, "value")) && json_is_true(json_object_get(counts, "value")));
    assert_string_equal(json_string_value(json_object_get(digest, "where")), "plan.yaml:4:18");
    assert_string_equal(json_string_value(json_object_get(counts, "origin")), "default");
    assert_string_equal(json_string_value(json_object_get(origin_of(list, "checks.sample.confidence"), "value")), "99%");
    char *unique = json_dumps(json_object_get(origin_of(list, "checks.unique"), "value"), JSON_COMPACT);
    char *expect = json_dumps(json_object_get(origin_of(list, "fills.users.checks.expect"), "value"), JSON_COMPACT);
    assert_string_equal(unique, "[[\"email\"]]");
    assert_string_equal(expect, "{\"email\":\"e\"}");
    assert_null(origin_of(list, "checks.semantic"));
    free(unique);
    free(expect);
    json_decref(list);
    fixture_release(&fixture);
}

static void they_are_no_part_of_the_meaning(void **state) {
    struct fixture with, without;
    struct buf a, b;
    struct err err;
    (void)state;
    buf_init(&a);
    buf_init(&b);
    load_two(&with, "checks: {digest: false}", ", checks: {expect: {email: e}}", "");
    load_two(&without, "", "", "");
    assert_int_equal(plan_meaning(with.plan, &a, &err), 0);
    assert_int_equal(plan_meaning(without.plan, &b, &err), 0);
    assert_string_equal(a.data, b.data);
    buf_release(&a);
    buf_release(&b);
    fixture_release(&with);
    fixture_release(&without);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_is_counts_and_digest),
        cmocka_unit_test(top_and_fill_are_merged),
        cmocka_unit_test(what_names_the_rows_in_place_is_known_to_the_database),
        cmocka_unit_test(mistakes_have_a_place_and_a_hint),
        cmocka_unit_test(a_name_nobody_has_is_said_once),
        cmocka_unit_test(origins_show_them),
        cmocka_unit_test(they_are_no_part_of_the_meaning),
    };
    return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
