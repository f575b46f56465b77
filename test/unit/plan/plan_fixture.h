/* plan_fixture.h - loads plans from text in a folder of its own, with an environment made for the test. */
#ifndef TEST_PLAN_FIXTURE_H
#define TEST_PLAN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "plan/plan.h"

/* A plan with nothing but what is required, to which tests add lines. */
#define HEAD "version: 1\nplan: shop\n"
#define SOURCE "source: sqlite:shop.db\n"
#define FILLS "fills:\n  - {name: users, from: old, into: new, carry: [id]}\n"

struct fixture {
    struct plan *plan;
    struct buf report;
    struct err err;
    int code;
};

/* "NAME=value" strings that stand for the process environment. */
static const char *const *fixture_env;

static inline const char *fixture_getenv(const char *name) {
    size_t len = strlen(name);
    for (const char *const *entry = fixture_env; entry != NULL && *entry != NULL; entry++) {
        if (strncmp(*entry, name, len) == 0 && (*entry)[len] == '=') {
            return *entry + len + 1;
        }
    }
    return NULL;
}

static inline void fixture_write(const char *path, const char *text, size_t len) {
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

/* Loads plan.yaml as it lies there. */
static inline void fixture_load_with(struct fixture *fixture, struct plan_options options) {
    err_clear(&fixture->err);
    buf_init(&fixture->report);
    options.path = options.path != NULL ? options.path : "plan.yaml";
    options.getenv = fixture_getenv;
    fixture->code = plan_load(&options, &fixture->plan, &fixture->report, &fixture->err);
    assert_true((fixture->code == 0) == (fixture->plan != NULL));
    assert_int_equal(fixture->code, fixture->err.code);
}

static inline void fixture_load(struct fixture *fixture, const char *text) {
    fixture_write("plan.yaml", text, strlen(text));
    fixture_load_with(fixture, (struct plan_options){0});
}

/* The same, and it must be sound. */
static inline void fixture_load_good(struct fixture *fixture, const char *text) {
    fixture_load(fixture, text);
    if (fixture->code != 0) {
        print_error("%s", fixture->report.data);
    }
    assert_int_equal(fixture->code, 0);
}

static inline void fixture_release(struct fixture *fixture) {
    plan_free(fixture->plan);
    buf_release(&fixture->report);
}

/* Group setup and teardown: tests run in an empty folder, so that messages name just plan.yaml. */
static inline int fixture_enter(void **state) {
    static char folder[] = "/tmp/infill-plan-XXXXXX";
    *state = mkdtemp(folder);
    return *state == NULL ? -1 : chdir(folder);
}

static inline int fixture_leave(void **state) {
    (void)unlink("plan.yaml");
    (void)unlink("secret");
    return chdir("/") != 0 || rmdir(*state) != 0 ? -1 : 0;
}

#endif
