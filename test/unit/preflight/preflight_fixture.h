/* preflight_fixture.h - a plan over a SQLite file, both made from text. */
#ifndef TEST_PREFLIGHT_FIXTURE_H
#define TEST_PREFLIGHT_FIXTURE_H

#include "../sqlite_file.h"

#include "preflight/resolve.h"

struct preflight {
    struct sqlite_file file;
    char path[96]; /* of the plan */
    struct plan *plan;
    struct jobs *jobs;
};

static inline const char *preflight_getenv(const char *name) {
    (void)name;
    return NULL;
}

/* Loads the plan that lies at path; its report on failure. */
static inline int preflight_load(struct preflight *p) {
    struct buf report;
    buf_init(&report);
    const struct plan_options options = {.path = p->path, .getenv = preflight_getenv};
    int rc = plan_load(&options, &p->plan, &report, &p->file.err);
    if (rc)
        print_error("%s\n", report.data);
    buf_release(&report);
    return rc;
}

static inline void preflight_write(struct preflight *p, const char *text) {
    snprintf(p->path, sizeof p->path, "%s/plan.yaml", p->file.directory);
    FILE *file = fopen(p->path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* A plan named shop with these fills, lines of YAML, over this file. */
static inline void preflight_plan(struct preflight *p, const char *fills) {
    const char *text =
        arena_printf(&p->file.arena, "version: 1\nplan: shop\nsource: {url: \"%s\"}\nprofile: dev\nfills:\n%s", p->file.url, fills);
    assert_non_null(text);
    preflight_write(p, text);
    sqlite_file_ok(&p->file, preflight_load(p));
}

static inline void preflight_make(struct preflight *p, const char *schema, const char *fills) {
    *p = (struct preflight){0};
    sqlite_file_make(&p->file);
    sqlite_file_exec(&p->file, schema);
    preflight_plan(p, fills);
}

static inline void preflight_resolve(struct preflight *p) {
    sqlite_file_ok(&p->file, jobs_resolve(p->plan, p->file.db, &p->jobs, &p->file.err));
}

/* Forgets the plan and its jobs; the database stays. */
static inline void preflight_forget(struct preflight *p) {
    jobs_free(p->jobs);
    plan_free(p->plan);
    p->jobs = NULL;
    p->plan = NULL;
}

static inline void preflight_remove(struct preflight *p) {
    preflight_forget(p);
    unlink(p->path);
    sqlite_file_remove(&p->file);
}

/* Every problem as one line: "fill check: message -> way out", with a ? behind the check when it is only a warning. */
static inline const char *preflight_problems(struct preflight *p) {
    const char *text = "";
    for (const struct problem *problem = p->jobs->problems.first; problem; problem = problem->following)
        text = arena_printf(&p->file.arena, "%s%s %s%s: %s%s%s\n", text, problem->fill[0] ? problem->fill : "plan", problem->check,
                            problem->severity == PROBLEM_WARN ? "?" : "", problem->message, problem->next[0] ? " -> " : "",
                            problem->next);
    assert_non_null(text);
    return text;
}

#endif
