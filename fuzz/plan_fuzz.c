/* plan_fuzz.c - any bytes as a plan: it loads and prints everything of it, or reports mistakes; it never crashes, hangs or shows a secret. */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plan/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char SECRET[] = "s3cr3t-canary";

/* References are filled in with a secret, files cannot be reached. */
static const char *fake_env(const char *name) {
    if (strcmp(name, "SECRET") == 0) {
        return SECRET;
    }
    return strcmp(name, "URL") == 0 ? "postgresql://me:s3cr3t-canary@db/shop" : NULL;
}

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void print_plan(const struct plan *plan) {
    struct err err;
    struct buf meaning;
    json_t *json;
    buf_init(&meaning);
    must(plan_meaning(plan, &meaning, &err) == 0);
    buf_release(&meaning);
    must(plan_settings_json(plan, &json, &err) == 0);
    json_decref(json);
    must(plan_origins(plan, &json, &err) == 0);
    json_decref(json);
    must(plan->set.batch_rows >= 1 && plan->set.batch_rows <= plan->set.batch_rows_max);
    must(plan->fill_count > 0 && plan->source_url != NULL && plan->name != NULL);
}

/* A plan is read from a file; this one lives in memory. */
static const char *write_input(const uint8_t *data, size_t size) {
    static char path[64];
    static int fd = -1;
    if (fd < 0) {
        char name[] = "/tmp/infill-plan-fuzz-XXXXXX";
        fd = mkstemp(name);
        must(fd >= 0 && unlink(name) == 0);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    }
    must(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct plan_options options = {.path = write_input(data, size), .getenv = fake_env};
    struct plan *plan;
    struct buf report;
    struct err err;
    err_clear(&err);
    buf_init(&report);
    int code = plan_load(&options, &plan, &report, &err);
    must((code == 0) == (plan != NULL) && code == err.code);
    if (plan != NULL) {
        print_plan(plan);
    }
    must(code == 0 || code == ERR_NOMEM || report.len > 0);
    must(memmem(data, size, SECRET, strlen(SECRET)) != NULL || strstr(report.data, SECRET) == NULL);
    plan_free(plan);
    buf_release(&report);
    return 0;
}
