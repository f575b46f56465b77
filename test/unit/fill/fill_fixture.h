/* fill_fixture.h - a plan, its tables and a run on an SQLite file of the test's own, stepped by hand. */
#ifndef TEST_FILL_FIXTURE_H
#define TEST_FILL_FIXTURE_H

#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "fill/batch.h"
#include "unit.h"

#define FILL_TABLES                                                                                                                \
    "CREATE TABLE old (id INTEGER NOT NULL PRIMARY KEY, v TEXT NOT NULL);"                                                         \
    "CREATE TABLE new (id INTEGER NOT NULL PRIMARY KEY, v TEXT NOT NULL CHECK (v <> 'bad'));"
#define FILL_ROWS(n)                                                                                                               \
    "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < " #n ") INSERT INTO old SELECT i, 'v' || i FROM "  \
    "n;"
#define FILL_PLAN                                                                                                                  \
    "version: 1\nplan: p\nsource: sqlite:fill.db\nwrites: none\nprofile: dev\n"                                                    \
    "batch: {rows: 10, rows_max: 100, target_time: 1m}\nrange: {rows: 50}\nretry_max: 3\nguards: {reject: 100%, reject_max: "      \
    "1000}\n"
#define FILL_INTO "fills:\n  - {name: f, from: old, into: new, carry: [id, v]}\n"

struct fixture {
    char directory[64];
    char home[512];
    struct plan *plan;
    struct fill_run *run;
    struct worker *worker;
    struct db *db; /* the test's own connection */
    struct arena arena;
    struct err err;
};

static inline void fixture_sql(struct fixture *fixture, const char *sql) {
    char *copy = strdup(sql), *save = NULL;
    for (char *one = strtok_r(copy, ";", &save); one; one = strtok_r(NULL, ";", &save)) {
        int rc = db_script(fixture->db, one, &fixture->err);
        if (rc)
            print_error("%s: %s\n", one, fixture->err.message);
        assert_int_equal(rc, 0);
    }
    free(copy);
}

/* One number out of the database. */
static inline int64_t fixture_number(struct fixture *fixture, const char *sql) {
    struct db_tx tx = {.read_only = true};
    struct db_result result;
    int rc = db_query(fixture->db, &tx, sql, NULL, 0, &fixture->arena, &result, &fixture->err);
    if (rc)
        print_error("%s: %s\n", sql, fixture->err.message);
    assert_int_equal(rc, 0);
    return db_cell_int(&result, 0, 0, -1);
}

static inline struct worker *fixture_worker(struct fixture *fixture) {
    struct worker *worker = NULL;
    assert_int_equal(worker_open(fixture->run, &worker, &fixture->err), 0);
    return worker;
}

static inline const char *fixture_getenv(const char *name) {
    (void)name;
    return NULL;
}

static inline void fixture_write(const char *path, const char *text) {
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, 1);
    assert_int_equal(fclose(file), 0);
}

/* A folder of its own becomes the working directory, `tables` are made in it, and the plan is opened as a run with one worker. */
static inline void fixture_open(struct fixture *fixture, const char *tables, const char *plan,
                                const struct fill_run_options *options) {
    static const struct fill_run_options none;
    memset(fixture, 0, sizeof *fixture);
    arena_init(&fixture->arena);
    err_clear(&fixture->err);
    snprintf(fixture->directory, sizeof fixture->directory, "/tmp/infill-unit-XXXXXX");
    assert_non_null(getcwd(fixture->home, sizeof fixture->home));
    assert_non_null(mkdtemp(fixture->directory));
    assert_int_equal(chdir(fixture->directory), 0);
    struct db_options db = {.url = "sqlite:fill.db", .application_name = "test", .connect_timeout_ms = 1000, .create = true};
    assert_int_equal(db_open(&db, &fixture->db, &fixture->err), 0);
    fixture_sql(fixture, tables);
    fixture_write("plan.yaml", plan);
    struct buf report;
    buf_init(&report);
    struct plan_options load = {.path = "plan.yaml", .getenv = fixture_getenv};
    int rc = plan_load(&load, &fixture->plan, &report, &fixture->err);
    if (rc)
        print_error("%s\n", fixture->err.message);
    assert_int_equal(rc, 0);
    buf_release(&report);
    rc = fill_run_open(fixture->plan, options ? options : &none, &fixture->run, &fixture->err);
    if (rc)
        print_error("%s\n", fixture->err.message);
    assert_int_equal(rc, 0);
    fixture->worker = fixture_worker(fixture);
}

static inline void fixture_close(struct fixture *fixture) {
    worker_close(fixture->worker);
    fill_run_close(fixture->run);
    plan_free(fixture->plan);
    db_close(fixture->db);
    arena_release(&fixture->arena);
    static const char *const left[] = {"fill.db", "fill.db-wal", "fill.db-shm", "fill.db-journal", "plan.yaml"};
    for (size_t i = 0; i < UNIT_COUNT(left); i++)
        unlink(left[i]);
    assert_int_equal(chdir(fixture->home), 0);
    assert_int_equal(rmdir(fixture->directory), 0);
}

/* One step; waits are not waited for. */
static inline enum worker_state fixture_step(struct fixture *fixture) {
    struct worker_step step;
    int rc = worker_step(fixture->worker, &step, &fixture->err);
    if (rc)
        print_error("step: %s\n", fixture->err.message);
    assert_int_equal(rc, 0);
    return step.state;
}

/* Steps until the worker moved a batch, and then `batches` - 1 more. */
static inline void fixture_move(struct fixture *fixture, int batches) {
    for (int i = 0; i < 200 && batches > 0; i++)
        batches -= fixture_step(fixture) == WORKER_BATCH;
    assert_int_equal(batches, 0);
}

static inline void fixture_finish(struct fixture *fixture) {
    for (int i = 0; i < 1000; i++)
        if (fixture_step(fixture) == WORKER_DONE)
            return;
    fail_msg("the fill does not end");
}

#endif
