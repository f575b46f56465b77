/* main.c - runs the suite on one lane: contract LANE. */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TESTS_MAX = 200 };

static const struct contract_engine *chosen;

/* Children first. */
static const char *const tables[] = {"contract_child", "contract_row", "contract_key", "contract_t", NULL};

static void drop_tables(struct contract *c) {
    char sql[128];
    for (size_t i = 0; chosen->cleanup != NULL && chosen->cleanup[i] != NULL; i++)
        EXPECT_OK(c, db_script(c->db, chosen->cleanup[i], &c->err));
    for (size_t i = 0; tables[i] != NULL; i++) {
        snprintf(sql, sizeof(sql), "DROP TABLE IF EXISTS %s", tables[i]);
        contract_script(c, sql);
    }
}

static int set_up(void **state) {
    struct contract *c = calloc(1, sizeof(*c));
    char sql[128];
    assert_non_null(c);
    c->engine = chosen;
    arena_init(&c->arena);
    err_clear(&c->err);
    assert_true(chosen->url(c->url, sizeof(c->url)));
    c->db = contract_open(c);
    c->other = contract_open(c);
    drop_tables(c);
    snprintf(sql, sizeof(sql), "CREATE TABLE contract_t (id bigint NOT NULL PRIMARY KEY, v %s)", chosen->text);
    contract_script(c, sql);
    *state = c;
    return 0;
}

static int tear_down(void **state) {
    struct contract *c = *state;
    db_close(c->db);
    db_close(c->other);
    arena_release(&c->arena);
    free(c);
    return 0;
}

static size_t add(struct CMUnitTest *tests, size_t count, const char *name, void (*run)(void **)) {
    assert_true(count < TESTS_MAX);
    tests[count] = (struct CMUnitTest){.name = name, .test_func = run, .setup_func = set_up, .teardown_func = tear_down};
    return count + 1;
}

static size_t collect(struct CMUnitTest *tests, const char *only) {
    static const struct contract_test *const suites[] = {contract_flush_tests, contract_fault_tests, contract_value_tests,
                                                         contract_catalog_tests, contract_stream_tests};
    size_t count = 0;
    for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
        for (const struct contract_test *test = suites[i]; test->name != NULL; test++)
            if ((test->needs & ~chosen->capabilities) == 0 && (only == NULL || strstr(test->name, only) != NULL))
                count = add(tests, count, test->name, test->run);
    for (const struct CMUnitTest *test = chosen->own; test != NULL && test->name != NULL; test++)
        if (only == NULL || strstr(test->name, only) != NULL)
            count = add(tests, count, test->name, test->test_func);
    return count;
}

int main(int argc, char **argv) {
    static struct CMUnitTest tests[TESTS_MAX];
    char url[512];
    chosen = argc > 1 ? contract_engine_named(argv[1]) : NULL;
    if (chosen == NULL) {
        fprintf(stderr, "usage: contract LANE [PART-OF-A-NAME]\n");
        return 2;
    }
    if (!chosen->url(url, sizeof(url))) {
        fprintf(stderr, "contract: the environment names no %s database; run it through test/e2e/servers.py\n", chosen->name);
        return 1;
    }
    size_t count = collect(tests, argc > 2 ? argv[2] : NULL);
    return _cmocka_run_group_tests(chosen->name, tests, count, NULL, NULL) == 0 && count > 0 ? 0 : 1;
}
