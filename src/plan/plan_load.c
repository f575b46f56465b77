/* plan_load.c - a plan from file to struct, and what its steps share. */
#include "plan/plan_load.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "plan/plan_value.h"

void *loader_alloc(struct loader *loader, size_t count, size_t size) {
    void *memory = arena_array(loader->arena, count, size);
    loader->report.nomem |= memory == NULL;
    return memory;
}

const char *loader_strdup(struct loader *loader, const char *text) {
    const char *copy = arena_strdup(loader->arena, text);
    loader->report.nomem |= copy == NULL;
    return copy;
}

const char *loader_where(struct loader *loader, const struct node *node) {
    const char *where = arena_printf(loader->arena, "%s:%d:%d", loader->plan->path, node->line, node->column);
    loader->report.nomem |= where == NULL;
    return where;
}

const char *loader_getenv(const struct loader *loader, const char *name) {
    const char *value = loader->options->getenv != NULL ? loader->options->getenv(name) : getenv(name);
    return value != NULL && *value != '\0' ? value : NULL;
}

void loader_bad(struct loader *loader, struct node *node, const char *format, ...) {
    char message[REPORT_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    node->bad = true;
    report_at(&loader->report, node->line, node->column, "%s", message);
}

const char *loader_hint(struct loader *loader, const char *word, const char *const *words, size_t count) {
    const char *nearest = count > 0 ? text_nearest(word, words, count) : NULL;
    if (nearest == NULL) {
        return "";
    }
    const char *hint = arena_printf(loader->arena, "; did you mean %s?", report_quote(&loader->report, nearest));
    loader->report.nomem |= hint == NULL;
    return hint != NULL ? hint : "";
}

/* What a wrong path gives is a mistake of who wrote it; the rest is trouble with the file. */
static int cannot_read(const char *path, int error, struct err *err) {
    bool is_path =
        error == ENOENT || error == ENOTDIR || error == EISDIR || error == EACCES || error == ELOOP || error == ENAMETOOLONG;
    err_set(err, is_path ? ERR_USAGE : ERR_IO, "cannot read the plan %s: %s", path, strerror(error));
    if (is_path)
        err_next(err, "name the file of a plan, or set INFILL_PLAN; infill init writes one from the tables");
    return err->code;
}

/* Reads all of a file, or one byte more than a plan may have. */
static int read_file(const char *path, struct buf *text, struct err *err) {
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    if (file == NULL) {
        return cannot_read(path, errno, err);
    }
    char chunk[16384];
    size_t got;
    while (text->len <= YAML_BYTES_MAX && (got = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        buf_add_mem(text, chunk, got);
    }
    int code = ferror(file) != 0 ? cannot_read(path, errno, err) : 0;
    if (!is_stdin) {
        fclose(file);
    }
    return code == 0 && !buf_ok(text) ? err_nomem(err) : code;
}

static struct plan *new_plan(const char *path) {
    struct plan *plan = mem_zalloc(1, sizeof(*plan));
    struct plan_internal *internal = mem_zalloc(1, sizeof(*internal));
    if (plan == NULL || internal == NULL) {
        mem_free(plan);
        mem_free(internal);
        return NULL;
    }
    arena_init(&internal->arena);
    plan->internal = internal;
    plan->path = arena_strdup(&internal->arena, strcmp(path, "-") == 0 ? "stdin" : path);
    internal->settings = arena_array(&internal->arena, SCHEMA_COUNT, sizeof(*internal->settings));
    if (plan->path == NULL || internal->settings == NULL) {
        plan_free(plan);
        return NULL;
    }
    return plan;
}

/* The keys of the plan that are neither fill, environment nor setting. */
static void build_head(struct loader *loader) {
    static const enum plan_writes writes[] = {PLAN_WRITES_APPLICATION, PLAN_WRITES_NONE}; /* as the words in the schema */

    const struct node *name = node_get_good(loader->root, "plan");
    loader->plan->name = name != NULL ? name->text : NULL;
    const struct node *by = node_get_good(loader->root, "writes");
    by = by != NULL && by->kind == NODE_MAP ? node_get_good(by, "by") : by;
    struct value value;
    if (by != NULL && by->kind == NODE_SCALAR && value_read(schema_by_path("writes.by"), by->text, by->quoted, &value)) {
        loader->plan->writes = writes[value.number];
        loader->plan->internal->writes =
            (struct plan_setting){.origin = ORIGIN_PLAN, .where = loader_where(loader, by), .line = by->line};
    }
}

static void load_steps(struct loader *loader) {
    plan_check(loader);
    if (loader->root->bad || loader->report.nomem) {
        return;
    }
    build_head(loader);
    plan_fills_build(loader);
    plan_checks_build(loader);
    plan_env_resolve(loader);
    plan_profile_resolve(loader);
    plan_settings_resolve(loader);
    plan_signals_resolve(loader);
    plan_hooks_build(loader);
}

static int load_text(const struct plan_options *options, const struct buf *text, struct plan *plan, struct buf *report,
                     struct err *err) {
    struct loader loader = {.options = options, .plan = plan, .arena = &plan->internal->arena};
    report_init(&loader.report, loader.arena, plan->path, text->data, text->len);
    int code = yaml_tree_read(text->data, text->len, loader.arena, &loader.report, &loader.root);
    if (code == ERR_NOMEM) {
        return err_nomem(err);
    }
    if (code == 0) {
        load_steps(&loader);
    }
    return report_finish(&loader.report, report, err);
}

int plan_load(const struct plan_options *options, struct plan **out, struct buf *report, struct err *err) {
    struct buf text;
    buf_init(&text);
    *out = NULL;
    struct plan *plan = NULL;
    int code = read_file(options->path, &text, err);
    if (code == 0) {
        plan = new_plan(options->path);
        code = plan != NULL ? load_text(options, &text, plan, report, err) : err_nomem(err);
    }
    buf_release(&text);
    if (code != 0) {
        plan_free(plan);
        return code;
    }
    *out = plan;
    return 0;
}

void plan_free(struct plan *plan) {
    if (plan == NULL) {
        return;
    }
    if (plan->internal->secrets != NULL) {
        explicit_bzero(plan->internal->secrets, plan->internal->secrets_len);
    }
    for (size_t i = 0; i < plan->replica_count; i++) {
        explicit_bzero(plan->replicas[i], strlen(plan->replicas[i]));
    }
    for (size_t i = 0; i < plan->hook_count; i++) {
        if (plan->hooks[i].url != NULL) {
            explicit_bzero(plan->hooks[i].url, strlen(plan->hooks[i].url));
        }
    }
    for (size_t i = 0; i < plan->signal_count; i++) {
        if (plan->signals[i].url != NULL) {
            explicit_bzero(plan->signals[i].url, strlen(plan->signals[i].url));
        }
    }
    arena_release(&plan->internal->arena);
    mem_free(plan->internal);
    mem_free(plan);
}

const struct plan_fill *plan_find_fill(const struct plan *plan, const char *name) {
    for (size_t i = 0; i < plan->fill_count; i++) {
        if (strcmp(plan->fills[i].name, name) == 0) {
            return &plan->fills[i];
        }
    }
    return NULL;
}
