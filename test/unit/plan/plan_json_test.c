/* What a loaded plan says of itself: origins, settings, meaning; and the JSON Schema beside it. */
#include "plan_fixture.h"

#include <jansson.h>

#include "plan/plan_schema.h"

static char *dump(json_t *json, size_t flags) {
    char *text = json_dumps(json, flags);
    assert_non_null(text);
    json_decref(json);
    return text;
}

/* The entry of a setting, as compact JSON. */
static void assert_origin(const struct plan *plan, const char *setting, const char *expected) {
    struct err err;
    json_t *list;
    size_t i;
    json_t *entry;
    assert_int_equal(plan_origins(plan, &list, &err), 0);
    json_array_foreach (list, i, entry) {
        if (strcmp(json_string_value(json_object_get(entry, "setting")), setting) == 0) {
            char *text = dump(json_incref(entry), JSON_COMPACT);
            assert_string_equal(text, expected);
            free(text);
            json_decref(list);
            return;
        }
    }
    fail_msg("no origin of %s", setting);
}

static void each_setting_has_an_origin(void **state) {
    static const char *const env[] = {"URL=postgresql://me:canary@db/shop", "INFILL_WORKERS=3", NULL};
    static const char *const sets[] = {"batch.rows=900"};
    static const char text[] = HEAD FILLS "environments: {a: {source: \"${env:URL}\", lease: {ttl: 1m}, profile: own,\n"
                                          "  facts: {iops: 3000}}}\n"
                                          "profiles: {own: {retry_max: 5, extends: staging}}\n"
                                          "guards: {reject: 1%}\n"
                                          "batch: {rows_max: 5000}\n";
    struct fixture fixture;
    (void)state;
    fixture_env = env;
    fixture_write("plan.yaml", text, strlen(text));
    fixture_load_with(&fixture, (struct plan_options){.sets = sets, .set_count = 1});
    assert_int_equal(fixture.code, 0);
    const struct plan *plan = fixture.plan;
    assert_origin(plan, "environment",
                  "{\"setting\":\"environment\",\"value\":\"a\",\"origin\":\"plan\",\"where\":\"plan.yaml:5:16\"}");
    assert_origin(plan, "profile", "{\"setting\":\"profile\",\"value\":\"own\",\"origin\":\"plan\",\"where\":\"plan.yaml:5:69\"}");
    assert_origin(plan, "source.url",
                  "{\"setting\":\"source.url\",\"value\":\"postgresql://me:***@db/"
                  "shop\",\"origin\":\"environment\",\"where\":\"plan.yaml:5:28\"}");
    assert_origin(plan, "facts.iops",
                  "{\"setting\":\"facts.iops\",\"value\":\"3000\",\"origin\":\"environment\",\"where\":\"plan.yaml:6:17\"}");
    assert_origin(plan, "writes.by", "{\"setting\":\"writes.by\",\"value\":\"application\",\"origin\":\"default\",\"where\":null}");
    assert_origin(plan, "batch.rows", "{\"setting\":\"batch.rows\",\"value\":900,\"origin\":\"flag\",\"where\":\"--set\"}");
    assert_origin(plan, "batch.rows_max",
                  "{\"setting\":\"batch.rows_max\",\"value\":1000,\"origin\":\"plan\",\"where\":\"plan.yaml:9:19\",\"note\":\"5000 "
                  "lowered to one second of "
                  "pace.rows_per_second\"}");
    assert_origin(plan, "workers", "{\"setting\":\"workers\",\"value\":3,\"origin\":\"variable\",\"where\":\"INFILL_WORKERS\"}");
    assert_origin(plan, "lease.ttl",
                  "{\"setting\":\"lease.ttl\",\"value\":\"1m\",\"origin\":\"environment\",\"where\":\"plan.yaml:5:55\"}");
    assert_origin(plan, "retry_max", "{\"setting\":\"retry_max\",\"value\":5,\"origin\":\"profile\",\"where\":\"plan.yaml:7:29\"}");
    assert_origin(plan, "guards.reject",
                  "{\"setting\":\"guards.reject\",\"value\":\"1%\",\"origin\":\"plan\",\"where\":\"plan.yaml:8:18\"}");
    assert_origin(plan, "pace.rows_per_second",
                  "{\"setting\":\"pace.rows_per_second\",\"value\":1000,\"origin\":\"profile\",\"where\":\"staging\"}");
    assert_origin(plan, "pace.pause_file",
                  "{\"setting\":\"pace.pause_file\",\"value\":null,\"origin\":\"default\",\"where\":null}");
    fixture_release(&fixture);
    fixture_env = NULL;
}

/* What is printed as settings is a plan again, with the same settings. */
static void settings_can_be_read_back(void **state) {
    static const char *const plans[] = {
        HEAD SOURCE FILLS,
        HEAD SOURCE FILLS
        "profile: dev\nbatch: {commit: sync}\nrange: {every: 2 days}\nguards: {reject: 33.3%}\npace: {pause_file: /x}\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(plans) / sizeof(*plans); i++) {
        struct fixture fixture;
        struct err err;
        json_t *json;
        fixture_load_good(&fixture, plans[i]);
        assert_int_equal(plan_settings_json(fixture.plan, &json, &err), 0);
        char *first = dump(json, JSON_COMPACT);
        fixture_release(&fixture);

        struct buf again;
        buf_init(&again);
        buf_printf(&again,
                   "{\"version\": 1, \"plan\": \"shop\", \"source\": \"sqlite:x\", \"fills\": [{\"name\": \"u\", \"table\": \"t\", "
                   "\"set\": "
                   "{\"a\": 1}}], %s\n",
                   first + 1);
        fixture_load_good(&fixture, again.data);
        assert_int_equal(plan_settings_json(fixture.plan, &json, &err), 0);
        char *second = dump(json, JSON_COMPACT);
        assert_string_equal(first, second);
        fixture_release(&fixture);
        buf_release(&again);
        free(first);
        free(second);
    }
}

static void load_meaning(const char *text, struct buf *meaning) {
    struct fixture fixture;
    struct err err;
    buf_init(meaning);
    fixture_load_good(&fixture, text);
    assert_int_equal(plan_meaning(fixture.plan, meaning, &err), 0);
    fixture_release(&fixture);
}

static void meaning_is_what_moves_where(void **state) {
    static const char first[] =
        HEAD SOURCE "fills:\n"
                    "  - {name: b, table: t, set: {x: y + 1}}\n"
                    "  - {name: a, from: s.o, into: n, carry: [d, c], columns: {id: id}, key: [k, l], where: \"z\"}\n";
    /* other order, comments, style, pace and permissions */
    static const char same[] =
        "# comment\nworkers: 4\nversion: 1\nplan: other\nsource: sqlite:y\nfills:\n"
        "- columns:\n    id: >\n      id\n  carry: [c, d]\n  where: z\n  into: [n]\n  from: [s, o]\n  key: [\"k\", l]\n  name: a\n"
        "  on_conflict: keep\n  omit: [q]\n  needs: [b]\n  volatile: allow\n"
        "- {set: {x: \" y + 1 \"}, table: t, name: b}\n";
    static const char expected[] = "{\"fills\":{\"a\":{\"columns\":{\"c\":null,\"d\":null,\"id\":\"id\"},\"from\":[\"s\",\"o\"],"
                                   "\"into\":[null,\"n\"],\"key\":[\"k\",\"l\"],"
                                   "\"match\":[],\"on_conflict\":\"keep\",\"touch\":false,\"where\":\"z\"},\"b\":{\"key\":[],"
                                   "\"set\":{\"x\":\"y + 1\"},\"table\":[null,\"t\"],"
                                   "\"touch\":false,\"where\":null}},\"writes\":\"application\"}";
    struct buf meaning;
    (void)state;
    load_meaning(first, &meaning);
    assert_string_equal(meaning.data, expected);
    buf_release(&meaning);
    load_meaning(same, &meaning);
    assert_string_equal(meaning.data, expected);
    buf_release(&meaning);
}

static void each_part_of_the_meaning_counts(void **state) {
    static const char *const fills[] = {
        "{name: a, from: o, into: n, carry: [c]}",
        "{name: b, from: o, into: n, carry: [c]}",
        "{name: a, from: p, into: n, carry: [c]}",
        "{name: a, from: s.o, into: n, carry: [c]}",
        "{name: a, from: o, into: m, carry: [c]}",
        "{name: a, from: o, into: n, carry: [d]}",
        "{name: a, from: o, into: n, columns: {c: c}}",
        "{name: a, from: o, into: n, carry: [c], key: [k, l]}",
        "{name: a, from: o, into: n, carry: [c], key: [l, k]}",
        "{name: a, from: o, into: n, carry: [c], match: [k]}",
        "{name: a, from: o, into: n, carry: [c], where: x}",
        "{name: a, from: o, into: n, carry: [c], on_conflict: fail}",
        "{name: a, from: o, into: n, carry: [c], touch: true}",
        "{name: a, table: o, set: {c: d}}",
    };
    enum { COUNT = sizeof(fills) / sizeof(*fills) };
    struct buf meanings[COUNT];
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        char text[512];
        snprintf(text, sizeof(text), HEAD SOURCE "fills: [%s]\n", fills[i]);
        load_meaning(text, &meanings[i]);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(meanings[i].data, meanings[j].data);
        }
    }
    for (size_t i = 0; i < COUNT; i++) {
        buf_release(&meanings[i]);
    }
}

/* A file of the source tree. */
static char *read_file(const char *path) {
    char whole[1024];
    snprintf(whole, sizeof(whole), "%s/%s", PROJECT_ROOT, path);
    FILE *file = fopen(whole, "re");
    assert_non_null(file);
    struct buf text;
    buf_init(&text);
    char chunk[4096];
    size_t got;
    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        buf_add_mem(&text, chunk, got);
    }
    fclose(file);
    return buf_detach(&text);
}

/* docs/plan.schema.json is made from the table; INFILL_TEST_REWRITE=1 writes it anew. */
static void the_schema_file_is_the_table(void **state) {
    struct err err;
    json_t *json;
    (void)state;
    assert_int_equal(plan_schema_json(&json, &err), 0);
    char *made = dump(json, JSON_INDENT(2));
    if (getenv("INFILL_TEST_REWRITE") != NULL) {
        FILE *file = fopen(PROJECT_ROOT "/docs/plan.schema.json", "we");
        assert_non_null(file);
        fprintf(file, "%s\n", made);
        assert_int_equal(fclose(file), 0);
    }
    char *file = read_file("docs/plan.schema.json");
    size_t len = strlen(made);
    assert_int_equal(strncmp(file, made, len), 0);
    assert_string_equal(file + len, "\n");
    free(file);
    free(made);
}

/* Every key, also those of later versions, has its line in the reference. */
static void the_reference_names_every_key(void **state) {
    (void)state;
    char *text = read_file("docs/plan.md");
    for (size_t i = 1; i < SCHEMA_COUNT; i++) {
        char quoted[128];
        snprintf(quoted, sizeof(quoted), "`%s`", SCHEMA[i].path);
        if (strstr(text, quoted) == NULL) {
            fail_msg("docs/plan.md does not mention %s", quoted);
        }
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_setting_has_an_origin),   cmocka_unit_test(settings_can_be_read_back),
        cmocka_unit_test(meaning_is_what_moves_where),  cmocka_unit_test(each_part_of_the_meaning_counts),
        cmocka_unit_test(the_schema_file_is_the_table), cmocka_unit_test(the_reference_names_every_key),
    };
    return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
