/* Each mistake alone, word for word; then twenty at once. */
#include "plan_fixture.h"

static void assert_report(const char *text, const char *expected) {
    struct fixture fixture;
    fixture_load(&fixture, text);
    assert_string_equal(fixture.report.data, expected);
    fixture_release(&fixture);
}

/* A mistake in line 5, behind a head that is sound. */
static void assert_line(const char *line, const char *message) {
    struct fixture fixture;
    struct buf text;
    buf_init(&text);
    buf_printf(&text, HEAD SOURCE "%s%s\n", "batch: {rows: 5}\n", line);
    if (strstr(line, "fills:") == NULL) {
        buf_add(&text, FILLS);
    }
    fixture_load(&fixture, text.data);
    size_t len = strcspn(fixture.report.data, "\n");
    fixture.report.data[len] = '\0';
    assert_string_equal(fixture.report.data, message);
    fixture_release(&fixture);
    buf_release(&text);
}

struct mistake {
    const char *line;
    const char *message;
};

static void assert_mistakes(const struct mistake *cases, size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_line(cases[i].line, cases[i].message);
}

static void values_are_checked(void **state) {
    static const struct mistake cases[] = {
        {"workers: 0", "plan.yaml:5:10: error: 'workers' must be a whole number from 1 to 256, not '0'"},
        {"workers: 1_0", "plan.yaml:5:10: error: 'workers' must be a whole number from 1 to 256, not '1_0'"},
        {"workers: \"2\"", "plan.yaml:5:10: error: 'workers' must be a whole number from 1 to 256, not '2'"},
        {"workers: [2]", "plan.yaml:5:10: error: 'workers' must be a whole number from 1 to 256, not a list"},
        {"workers:", "plan.yaml:5:9: error: 'workers' must be a whole number from 1 to 256, but nothing is given"},
        {"lease: 30s", "plan.yaml:5:8: error: 'lease' must be a map of keys, not '30s'"},
        {"lease: {ttl: 30}",
         "plan.yaml:5:14: error: 'ttl' must be a duration such as 250ms, 30s or 1 day, from 100ms to 1h, not '30'"},
        {"pace: {rows_per_second: 0}",
         "plan.yaml:5:25: error: 'rows_per_second' must be a whole number from 1 to 1000000000, or unlimited, not '0'"},
        {"pace: {pause_file: \"\"}", "plan.yaml:5:20: error: 'pause_file' must be a text that is not empty, not ''"},
        {"pace: {pause_file: \"${env:HOME}/x\"}", "plan.yaml:5:20: error: ${...} is filled in in URLs only"},
        {"guards: {reject: 5}", "plan.yaml:5:18: error: 'reject' must be a fraction such as 0.01%, from 0% to 100%, not '5'"},
        {"guards: {on_trip: rollback}", "plan.yaml:5:19: error: 'on_trip' must be halt, not 'rollback'"},
        {"writes: {by: nobody}", "plan.yaml:5:14: error: 'by' must be application or none, not 'nobody'"},
        {"writes: {by: aplication}",
         "plan.yaml:5:14: error: 'by' must be application or none, not 'aplication'; did you mean 'application'?"},
        {"range: {rows: 5, every: 1 day}",
         "plan.yaml:5:18: error: a range is either by rows or by time: leave out 'rows' or 'every'"},
        {"guard: {reject: 1%}", "plan.yaml:5:1: error: unknown key 'guard'; did you mean 'guards'?"},
        {"zebra: 1", "plan.yaml:5:1: error: unknown key 'zebra'"},
        {"\"batch.rows\": 1", "plan.yaml:5:1: error: unknown key 'batch.rows'"},
    };
    (void)state;
    assert_mistakes(cases, sizeof(cases) / sizeof(*cases));
}

static void fills_are_checked(void **state) {
    static const struct mistake cases[] = {
        {"fills: []", "plan.yaml:5:8: error: 'fills' needs 1 to 1000 entries, not 0"},
        {"fills: {}", "plan.yaml:5:8: error: 'fills' must be a list, but it is empty"},
        {"fills: [x]", "plan.yaml:5:9: error: an entry must be a map of keys, not 'x'"},
        {"fills: [{name: u}]", "plan.yaml:5:9: error: a fill is either a copy (from, into, columns) or in place (table, set)"},
        {"fills: [{name: u, from: a, carry: [x]}]", "plan.yaml:5:9: error: the key 'into' is missing in this fill that copies"},
        {"fills: [{name: u, from: a, into: b}]", "plan.yaml:5:9: error: the key 'columns' is missing in this fill that copies"},
        {"fills: [{name: u, table: a}]", "plan.yaml:5:9: error: the key 'set' is missing in this fill in place"},
        {"fills: [{name: u, set: {a: 1}}]", "plan.yaml:5:9: error: the key 'table' is missing in this fill in place"},
        {"fills: [{from: a, into: b, carry: [x]}]", "plan.yaml:5:9: error: the key 'name' is missing here"},
        {"fills: [{name: u, table: a, set: {x: 1}, carry: [x]}]",
         "plan.yaml:5:42: error: 'carry' has no place in a fill that works in place (table, set)"},
        {"fills: [{name: u, from: a, into: b, carry: [x], set: {x: 1}}]",
         "plan.yaml:5:49: error: 'set' has no place in a fill that copies (from, into)"},
        {"fills: [{name: u/v, from: a, into: b, carry: [x]}]",
         "plan.yaml:5:16: error: 'name' must be a name of 1 to 64 letters, digits, '_', '.' or '-', not 'u/v'"},
        {"fills: [{name: u, from: a., into: b, carry: [x]}]",
         "plan.yaml:5:25: error: 'from' must be a table: name, schema.table or [schema, table], not 'a.'"},
        {"fills: [{name: u, from: [a, b, c], into: b, carry: [x]}]",
         "plan.yaml:5:25: error: 'from' must be a table: name, schema.table or [schema, table], not a list"},
        {"fills: [{name: u, from: a, into: b, carry: x}]",
         "plan.yaml:5:44: error: 'carry' must be a list of names such as [id], not 'x'"},
        {"fills: [{name: u, from: a, into: b, carry: [x, x]}]", "plan.yaml:5:48: error: 'x' stands in 'carry' twice"},
        {"fills: [{name: u, from: a, into: b, carry: [x], columns: {x: y}}]",
         "plan.yaml:5:59: error: the column 'x' is filled twice, first in line 5"},
        {"fills: [{name: u, from: a, into: b, carry: [x], omit: [x]}]",
         "plan.yaml:5:56: error: the column 'x' is both carried and omitted"},
        {"fills: [{name: u, from: a, into: b, carry: [x], key: []}]",
         "plan.yaml:5:54: error: 'key' must be a list of names such as [id], but it is empty"},
        {"fills: [{name: u, from: a, into: b, columns: {x: \" \"}}]",
         "plan.yaml:5:50: error: 'x' must be an SQL expression, not ' '"},
        {"fills: [{name: u, from: a, into: b, columns: {x: [1]}}]",
         "plan.yaml:5:50: error: 'x' must be an SQL expression, not a list"},
        {"fills: [{name: u, from: a, into: b, columns: {\"\": 1}}]", "plan.yaml:5:51: error: a column needs a name"},
        {"fills: [{name: u, from: a, into: b, columns: {}}]",
         "plan.yaml:5:46: error: 'columns' must be a map of column: SQL expression, but it is empty"},
        {"fills: [{name: u, from: a, into: b, carry: [x], where: \"a = '${env:A}'\"}]",
         "plan.yaml:5:56: error: ${...} is filled in in URLs only"},
        {"fills: [{name: u, from: a, into: b, carry: [x], touch: yes}]",
         "plan.yaml:5:56: error: 'touch' must be true or false, not 'yes'"},
        {"fills: [{name: u, from: a, into: b, carry: [x], on_conflict: overwite}]",
         "plan.yaml:5:62: error: 'on_conflict' must be keep, overwrite or fail, not 'overwite'; did you mean 'overwrite'?"},
        {"fills: [{name: u, from: a, into: b, carry: [x]}, {name: u, table: a, set: {x: 1}}]",
         "plan.yaml:5:57: error: the fill name 'u' is taken, in line 5"},
        {"fills: [{name: users, from: a, into: b, carry: [x], needs: [user]}]",
         "plan.yaml:5:61: error: no fill is named 'user'; did you mean 'users'?"},
        {"fills: [{name: u, from: a, into: b, carry: [x], needs: [u]}]",
         "plan.yaml:5:57: error: the fills need each other in a circle: u -> u"},
        {"fills: [{name: u, table: a, set: {x: 1}, needs: [v]}, {name: v, table: b, set: {x: 1}, needs: [w]}, {name: w, table: b, "
         "set: {x: 1}, needs: "
         "[v]}]",
         "plan.yaml:5:142: error: the fills need each other in a circle: v -> w -> v"},
    };
    (void)state;
    assert_mistakes(cases, sizeof(cases) / sizeof(*cases));
}

/* Each names itself, and a plan with nothing worse is unsupported rather than wrong. */
static void later_keys_are_refused(void **state) {
    static const char *const lines[] = {
        "phases: {pre-backfill: {max: 24h}}",
        "phases: {active: {min: 24h}}",
        "writes: {by: capture}",
        "writes: capture",
        "target: sqlite:other.db",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        struct fixture fixture;
        struct buf text;
        buf_init(&text);
        buf_printf(&text, HEAD SOURCE FILLS "%s\n", lines[i]);
        fixture_load(&fixture, text.data);
        assert_int_equal(fixture.code, ERR_UNSUPPORTED);
        assert_non_null(strstr(fixture.err.message, "not supported yet"));
        assert_non_null(strstr(fixture.report.data, "plan.yaml:6:"));
        fixture_release(&fixture);
        buf_release(&text);
    }
    assert_line("phases: {post-backfill: {}}\nworkers: 0", "plan.yaml:5:10: error: 'post-backfill' is not supported yet");
}

static void what_is_missing_is_named(void **state) {
    (void)state;
    assert_report(
        "plan: shop\n",
        "plan.yaml:1:1: error: the key 'version' is missing here\n    plan: shop\n    ^\n"
        "plan.yaml:1:1: error: the key 'fills' is missing here\n    plan: shop\n    ^\n"
        "plan.yaml:1:1: error: the key 'source' is missing here, or 'environments' with a source each\n    plan: shop\n    ^\n");
    assert_report("x\n", "plan.yaml:1:1: error: a plan must be a map of keys, not 'x'\n    x\n    ^\n");
    assert_report("- x\n", "plan.yaml:1:1: error: a plan must be a map of keys, not a list\n    - x\n    ^\n");
}

static void twenty_mistakes_are_found_at_once(void **state) {
    static const char text[] = "version: 2\n"
                               "plan: users v2\n"
                               "source: {url: postgres://me@db/shop, urll: x}\n"
                               "batch: {rows: many, rows_max: 0}\n"
                               "workers: 9\n"
                               "lease: {ttl: 15s}\n"
                               "guards: {reject: 200%, on_trip: rollback}\n"
                               "pase: {rows_per_second: 5}\n"
                               "phases: {post-backfill: true}\n"
                               "fills:\n"
                               "  - name: users\n"
                               "    from: a.b.c\n"
                               "    into: users_v2\n"
                               "    on_conflict: ignore\n"
                               "    columns: {\"\xE6\x97\xA5\xE6\x9C\xAC\": 1, id: }\n"
                               "    carry: [id, id]\n"
                               "    needs: [order]\n"
                               "  - name: orders\n"
                               "    table: orders\n"
                               "    keys: [id]\n"
                               "    touch: no\n"
                               "    needs: [orders]\n"
                               "plan: again\n";
    static const char expected[] =
        "plan.yaml:1:10: error: 'version' must be 1, not '2'\n    version: 2\n             ^\n"
        "plan.yaml:2:7: error: 'plan' must be a name of 1 to 64 letters, digits, '_', '.' or '-', not 'users v2'\n    plan: users "
        "v2\n          ^\n"
        "plan.yaml:3:38: error: unknown key 'urll'; did you mean 'url'?\n    source: {url: ***\n                  ^\n"
        "plan.yaml:4:15: error: 'rows' must be a whole number from 1 to 1000000, not 'many'\n"
        "    batch: {rows: many, rows_max: 0}\n                  ^\n"
        "plan.yaml:4:31: error: 'rows_max' must be a whole number from 1 to 1000000, not '0'\n"
        "    batch: {rows: many, rows_max: 0}\n                                  ^\n"
        "plan.yaml:5:10: error: connections_max must be at least one more than workers\n    workers: 9\n             ^\n"
        "plan.yaml:6:14: error: timeouts.statement must be less than half of lease.ttl\n    lease: {ttl: 15s}\n                 ^\n"
        "plan.yaml:7:18: error: 'reject' must be a fraction such as 0.01%, from 0% to 100%, not '200%'\n"
        "    guards: {reject: 200%, on_trip: rollback}\n                     ^\n"
        "plan.yaml:7:33: error: 'on_trip' must be halt, not 'rollback'\n"
        "    guards: {reject: 200%, on_trip: rollback}\n                                    ^\n"
        "plan.yaml:8:1: error: unknown key 'pase'; did you mean 'pace'?\n    pase: {rows_per_second: 5}\n    ^\n"
        "plan.yaml:9:10: error: 'post-backfill' is not supported yet\n    phases: {post-backfill: true}\n             ^\n"
        "plan.yaml:12:11: error: 'from' must be a table: name, schema.table or [schema, table], not 'a.b.c'\n"
        "        from: a.b.c\n              ^\n"
        "plan.yaml:14:18: error: 'on_conflict' must be keep, overwrite or fail, not 'ignore'\n"
        "        on_conflict: ignore\n                     ^\n"
        "plan.yaml:15:28: error: 'id' must be an SQL expression, but nothing is given\n"
        "        columns: {\"\xE6\x97\xA5\xE6\x9C\xAC\": 1, id: }\n                                 ^\n"
        "plan.yaml:16:17: error: 'id' stands in 'carry' twice\n        carry: [id, id]\n                    ^\n"
        "plan.yaml:17:13: error: no fill is named 'order'; did you mean 'orders'?\n        needs: [order]\n                ^\n"
        "plan.yaml:18:5: error: the key 'set' is missing in this fill in place\n      - name: orders\n        ^\n"
        "plan.yaml:20:5: error: unknown key 'keys'; did you mean 'key'?\n        keys: [id]\n        ^\n"
        "plan.yaml:21:12: error: 'touch' must be true or false, not 'no'\n        touch: no\n               ^\n"
        "plan.yaml:22:13: error: the fills need each other in a circle: orders -> orders\n        needs: [orders]\n                "
        "^\n"
        "plan.yaml:23:1: error: key 'plan' is given twice, first in line 2\n    plan: again\n    ^\n";
    struct fixture fixture;
    (void)state;
    fixture_load(&fixture, text);
    assert_string_equal(fixture.report.data, expected);
    assert_int_equal(fixture.code, ERR_PLAN);
    assert_string_equal(fixture.err.message,
                        "21 mistakes in the plan; the first is at plan.yaml:1:10: 'version' must be 1, not '2'");
    fixture_release(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_checked),
        cmocka_unit_test(fills_are_checked),
        cmocka_unit_test(later_keys_are_refused),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(twenty_mistakes_are_found_at_once),
    };
    return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
