/* plan_settings.c - the settings in force: every origin in turn, weakest first, then what settings demand of one another. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "plan/plan_load.h"
#include "plan/plan_value.h"

enum { VARIABLE_MAX = 64 };

static struct plan_setting *setting_of(struct loader *loader, const char *path) {
    return &loader->plan->internal->settings[schema_by_path(path) - SCHEMA];
}

static void apply(struct loader *loader, const struct schema_row *row, const struct value *value, struct plan_setting from) {
    value_store(row, value, &loader->plan->set);
    loader->plan->internal->settings[row - SCHEMA] = from;
}

static void apply_standard(struct loader *loader, const struct schema_row *row) {
    const char *own = strcmp(loader->builtin, "dev") == 0       ? row->dev
                      : strcmp(loader->builtin, "staging") == 0 ? row->staging
                                                                : NULL;
    const char *text = own != NULL ? own : row->standard;
    struct value value;
    if (text != NULL && value_read(row, text, false, &value)) {
        bool differs = row->dev != NULL || row->staging != NULL;
        apply(
            loader, row, &value,
            (struct plan_setting){.origin = differs ? ORIGIN_PROFILE : ORIGIN_DEFAULT, .where = differs ? loader->builtin : NULL});
    }
}

/* A setting from a block of the plan file: the top, an environment or a profile. */
static void apply_block(struct loader *loader, const struct schema_row *row, const struct node *block, enum plan_origin origin) {
    const struct node *node = node_find(block, row->path);
    struct value value;
    if (node != NULL && node->kind == NODE_SCALAR && value_read(row, node->text, node->quoted, &value)) {
        apply(loader, row, &value,
              (struct plan_setting){
                  .origin = origin, .where = loader_where(loader, node), .line = node->line, .column = node->column});
    }
}

/* A setting from --set or INFILL_*. */
static void apply_text(struct loader *loader, const struct schema_row *row, const char *text, enum plan_origin origin,
                       const char *place) {
    char expected[VALUE_EXPECTED_MAX];
    char nearest[VALUE_NAME_MAX];
    struct value value;
    const char *copy = loader_strdup(loader, text);
    if (copy != NULL && strstr(copy, "${") == NULL && value_read(row, copy, false, &value)) {
        apply(loader, row, &value, (struct plan_setting){.origin = origin, .where = place});
        return;
    }
    bool near = value_nearest(row, text, nearest) != NULL;
    report_outside(&loader->report, place, "%s must be %s, not %s%s%s%s", row->path, value_expected(row, expected),
                   report_quote(&loader->report, text), near ? "; did you mean '" : "", near ? nearest : "", near ? "'?" : "");
}

/* batch.rows -> INFILL_BATCH_ROWS */
static void variable_name(const char *path, char out[VARIABLE_MAX]) {
    int len = snprintf(out, VARIABLE_MAX, "INFILL_%s", path);
    for (int i = 0; i < len && i < VARIABLE_MAX; i++) {
        out[i] = out[i] == '.' ? '_' : (char)toupper((unsigned char)out[i]);
    }
}

static void apply_variable(struct loader *loader, const struct schema_row *row) {
    char name[VARIABLE_MAX];
    variable_name(row->path, name);
    const char *text = loader_getenv(loader, name);
    if (text != NULL) {
        const char *place = loader_strdup(loader, name);
        apply_text(loader, row, text, ORIGIN_VARIABLE, place != NULL ? place : "");
    }
}

static void unknown_setting(struct loader *loader, const char *path) {
    const char **words = loader_alloc(loader, SCHEMA_COUNT + 1, sizeof(*words));
    size_t count = 0;
    for (size_t i = 0; words != NULL && i < SCHEMA_COUNT; i++) {
        if (schema_is_setting(&SCHEMA[i])) {
            words[count++] = SCHEMA[i].path;
        }
    }
    if (words != NULL) {
        words[count++] = "source.url";
    }
    report_outside(&loader->report, "--set", "no setting is named %s%s", report_quote(&loader->report, path),
                   loader_hint(loader, path, words, count));
}

static void apply_set(struct loader *loader, const char *set) {
    const char *equals = strchr(set, '=');
    if (equals == NULL) {
        report_outside(&loader->report, "--set", "write setting=value, such as batch.rows=500, not %s",
                       report_quote(&loader->report, set));
        return;
    }
    char *path = arena_memdup(loader->arena, set, (size_t)(equals - set));
    if (path == NULL) {
        loader->report.nomem = true;
        return;
    }
    const struct schema_row *row = schema_by_path(path);
    if (row != NULL && schema_is_setting(row)) {
        apply_text(loader, row, equals + 1, ORIGIN_FLAG, "--set");
    } else if (row != NULL && (row->flags & SCHEMA_LATER) != 0) {
        report_outside_unsupported(&loader->report, "--set", "%s is not supported yet", report_quote(&loader->report, path));
    } else if (strcmp(path, "source.url") != 0) { /* which is plan_env's */
        unknown_setting(loader, path);
    }
}

const char *plan_set_find(const struct loader *loader, const char *path) {
    size_t len = strlen(path);
    for (size_t i = loader->options->set_count; i > 0; i--) {
        const char *set = loader->options->sets[i - 1];
        if (strncmp(set, path, len) == 0 && set[len] == '=') {
            return set + len + 1;
        }
    }
    return NULL;
}

/* Where the setting was given, else where the other one was. */
static void report_pair(struct loader *loader, const char *path, const char *other, const char *message) {
    const struct plan_setting *a = setting_of(loader, path);
    const struct plan_setting *b = setting_of(loader, other);
    const struct plan_setting *place = b->origin > a->origin ? b : a;
    if (place->line > 0) {
        report_at(&loader->report, place->line, place->column, "%s", message);
    } else {
        report_outside(&loader->report, place->where != NULL ? place->where : loader->plan->path, "%s", message);
    }
}

/* batch.rows and batch.rows_max may come from different origins: the stronger one draws the other along. */
static void settle_batch(struct loader *loader) {
    struct plan_settings *set = &loader->plan->set;
    struct plan_setting *rows = setting_of(loader, "batch.rows");
    struct plan_setting *most = setting_of(loader, "batch.rows_max");
    if (set->batch_rows <= set->batch_rows_max) {
        return;
    }
    if (rows->origin == most->origin) {
        report_pair(loader, "batch.rows", "batch.rows_max", "batch.rows must not be more than batch.rows_max");
    } else if (rows->origin > most->origin) {
        set->batch_rows_max = set->batch_rows;
        *most = *rows;
        most->note = "raised to batch.rows";
    } else {
        set->batch_rows = set->batch_rows_max;
        *rows = *most;
        rows->note = "lowered to batch.rows_max";
    }
}

static void clamp(struct loader *loader, const char *path, int64_t *rows) {
    int64_t rate = loader->plan->set.pace_rows_per_second;
    if (rate == 0 || *rows <= rate) {
        return;
    }
    const char *note = arena_printf(loader->arena, "%" PRId64 " lowered to one second of pace.rows_per_second", *rows);
    loader->report.nomem |= note == NULL;
    setting_of(loader, path)->note = note;
    *rows = rate;
}

static void check_pairs(struct loader *loader) {
    const struct plan_settings *set = &loader->plan->set;
    if (set->connections_max < set->workers + 1) {
        report_pair(loader, "workers", "connections_max", "connections_max must be at least one more than workers");
    }
    if (set->statement_timeout_us >= set->lease_ttl_us / 2) {
        report_pair(loader, "timeouts.statement", "lease.ttl", "timeouts.statement must be less than half of lease.ttl");
    }
}

/* A range is by rows or by time; one block must not ask for both. */
static void check_range(struct loader *loader, const struct node *block) {
    const struct node *every = node_find(block, "range.every");
    if (every != NULL && node_find(block, "range.rows") != NULL) {
        report_at(&loader->report, every->key->line, every->key->column,
                  "a range is either by rows or by time: leave out 'rows' or 'every'");
    }
}

static void resolve_row(struct loader *loader, const struct schema_row *row) {
    apply_standard(loader, row);
    for (size_t i = 0; i < loader->profile_count; i++) {
        apply_block(loader, row, loader->profiles[i], ORIGIN_PROFILE);
    }
    apply_block(loader, row, loader->root, ORIGIN_PLAN);
    if (loader->environment != loader->root) {
        apply_block(loader, row, loader->environment, ORIGIN_ENVIRONMENT);
    }
    apply_variable(loader, row);
}

void plan_settings_resolve(struct loader *loader) {
    for (size_t i = 0; i < SCHEMA_COUNT; i++) {
        if (schema_is_setting(&SCHEMA[i])) {
            resolve_row(loader, &SCHEMA[i]);
        }
    }
    for (size_t i = 0; i < loader->options->set_count; i++) {
        apply_set(loader, loader->options->sets[i]);
    }
    check_range(loader, loader->root);
    check_range(loader, loader->environment != loader->root ? loader->environment : NULL);
    for (size_t i = 0; i < loader->profile_count; i++) {
        check_range(loader, loader->profiles[i]);
    }
    settle_batch(loader);
    loader->plan->asked = loader->plan->set;
    clamp(loader, "batch.rows", &loader->plan->set.batch_rows);
    clamp(loader, "batch.rows_max", &loader->plan->set.batch_rows_max);
    check_pairs(loader);
}
