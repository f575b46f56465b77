/* plan_checks.c - checks: of the top and of each fill, merged key by key into what holds for the fill.
 *
 * Names at the top are for whichever fills have the column; a fill's own names must be columns of that fill. What names the rows of a fill
 * in place may be its primary key, which only the database knows: such names are left to the preflight. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "plan/plan_load.h"
#include "plan/plan_value.h"

enum known { KNOWN_NO, KNOWN_MAYBE, KNOWN_YES };

static bool holds(const struct plan_names *names, const char *name) {
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static enum known knows(const struct plan_fill *fill, const char *name) {
    for (size_t i = 0; i < fill->column_count; i++) {
        if (strcmp(fill->columns[i].name, name) == 0) {
            return KNOWN_YES;
        }
    }
    if (!fill->in_place) {
        return KNOWN_NO;
    }
    return fill->key.count == 0 ? KNOWN_MAYBE : holds(&fill->key, name) ? KNOWN_YES : KNOWN_NO;
}

static enum known known_anywhere(const struct plan *plan, const char *name) {
    enum known best = KNOWN_NO;
    for (size_t i = 0; i < plan->fill_count; i++) {
        enum known known = knows(&plan->fills[i], name);
        best = known > best ? known : best;
    }
    return best;
}

/* Where the checks at hand come from, and whom they are for. */
struct scope {
    struct loader *loader;
    struct plan_fill *fill;
    bool own; /* the fill's; else of the top */
};

/* Is the name for this fill? */
static bool takes(const struct scope *scope, const char *name) {
    enum known known = knows(scope->fill, name);
    return known == KNOWN_YES || (known == KNOWN_MAYBE && (scope->own || known_anywhere(scope->loader->plan, name) == KNOWN_MAYBE));
}

/* `node`: where the mistake is shown. */
static void unknown_name(const struct scope *scope, struct node *node, const char *name, const struct node *place) {
    struct loader *loader = scope->loader;
    size_t count = 0, room = 1;
    for (size_t i = 0; i < loader->plan->fill_count; i++) {
        room += loader->plan->fills[i].column_count;
    }
    const char **words = loader_alloc(loader, room, sizeof(*words));
    for (size_t i = 0; words != NULL && i < loader->plan->fill_count; i++) {
        const struct plan_fill *fill = &loader->plan->fills[i];
        for (size_t k = 0; (!scope->own || fill == scope->fill) && k < fill->column_count; k++) {
            words[count++] = fill->columns[k].name;
        }
    }
    node->bad = true;
    report_at(&loader->report, place->line, place->column, "%s is no column that %s fills%s", report_quote(&loader->report, name),
              scope->own ? "this fill" : "the plan", loader_hint(loader, name, words, count));
}

/* Names of one list that this fill takes; a name nobody can take is a mistake, reported once. */
static void check_name(const struct scope *scope, struct node *node, const char *name, const struct node *place) {
    enum known known = scope->own ? knows(scope->fill, name) : known_anywhere(scope->loader->plan, name);
    if (known == KNOWN_NO && !node->bad) {
        unknown_name(scope, node, name, place);
    }
}

static void take_names(const struct scope *scope, const struct node *node, struct plan_names *names) {
    *names = (struct plan_names){0};
    if (node == NULL || node->count == 0) {
        return;
    }
    names->names = loader_alloc(scope->loader, node->count, sizeof(*names->names));
    for (struct node *item = node->first; names->names != NULL && item != NULL; item = item->next) {
        if (item->bad) {
            continue;
        }
        check_name(scope, item, item->text, item);
        if (takes(scope, item->text)) {
            names->names[names->count++] = item->text;
        }
    }
}

/* A list is for the fills that have all of its columns. */
static void take_unique(const struct scope *scope, const struct node *node, struct plan_checks *checks) {
    checks->unique_count = 0;
    checks->unique = loader_alloc(scope->loader, node->count + 1, sizeof(*checks->unique));
    for (const struct node *list = node->first; checks->unique != NULL && list != NULL; list = list->next) {
        struct plan_names names = {0};
        if (list->bad) {
            continue;
        }
        take_names(scope, list, &names);
        if (names.count == list->count) {
            checks->unique[checks->unique_count++] = names;
        }
    }
}

static void take_expect(const struct scope *scope, const struct node *node, struct plan_checks *checks) {
    checks->expect_count = 0;
    checks->expect = loader_alloc(scope->loader, node->count + 1, sizeof(*checks->expect));
    for (struct node *item = node->first; checks->expect != NULL && item != NULL; item = item->next) {
        if (item->bad) {
            continue;
        }
        check_name(scope, item, item->key->text, item->key);
        if (takes(scope, item->key->text)) {
            checks->expect[checks->expect_count++] =
                (struct plan_column){.name = item->key->text, .expr = item->text, .line = item->line, .column = item->column};
        }
    }
}

static void take_bool(const struct node *block, const char *key, bool *out) {
    const struct node *node = node_get_good(block, key);
    *out = node != NULL ? strcmp(node->text, "true") == 0 : *out;
}

/* A fraction between 0 and 1, both excluded. */
static void take_fraction(const struct scope *scope, const struct node *block, const char *path, double *out) {
    struct node *node = node_find(block, path);
    char full[VALUE_NAME_MAX];
    struct value value;
    snprintf(full, sizeof(full), "checks.%s", path);
    if (node == NULL || node->bad || !value_read(schema_by_path(full), node->text, node->quoted, &value)) {
        return;
    }
    if (value.fraction <= 0 || value.fraction >= 1) {
        loader_bad(scope->loader, node, "%s must be above 0%% and below 100%%, not %s",
                   report_quote(&scope->loader->report, node->key->text), report_quote(&scope->loader->report, node->text));
        return;
    }
    *out = value.fraction;
}

static void take_block(const struct scope *scope, const struct node *block) {
    static const char *const lists[] = {"distribution", "aggregates.sum", "aggregates.extrema", "semantic"};
    struct plan_checks *checks = &scope->fill->checks;
    struct plan_names *const names[] = {&checks->distribution, &checks->sum, &checks->extrema, &checks->semantic};
    take_bool(block, "counts", &checks->counts);
    take_bool(block, "digest", &checks->digest);
    take_bool(block, "extra", &checks->extra);
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        const struct node *node = node_find(block, lists[i]);
        if (node != NULL) {
            take_names(scope, node, names[i]);
        }
    }
    const struct node *unique = node_find(block, "unique");
    const struct node *expect = node_find(block, "expect");
    if (unique != NULL) {
        take_unique(scope, unique, checks);
    }
    if (expect != NULL) {
        take_expect(scope, expect, checks);
    }
    take_fraction(scope, block, "sample.confidence", &checks->confidence);
    take_fraction(scope, block, "sample.defect_rate", &checks->defect_rate);
}

void plan_checks_build(struct loader *loader) {
    const struct node *fills = node_get_good(loader->root, "fills");
    const struct node *top = node_get_good(loader->root, "checks");
    const struct node *node = fills != NULL ? fills->first : NULL;
    loader->plan->internal->root = loader->root;
    for (size_t i = 0; node != NULL && i < loader->plan->fill_count; node = node->next) {
        if (node->bad) {
            continue;
        }
        struct plan_fill *fill = &loader->plan->fills[i++];
        fill->checks =
            (struct plan_checks){.counts = true, .digest = true, .extra = true, .confidence = 0.99, .defect_rate = 0.0001};
        if (top != NULL) {
            take_block(&(struct scope){loader, fill, false}, top);
        }
        const struct node *own = node_get_good(node, "checks");
        if (own != NULL) {
            take_block(&(struct scope){loader, fill, true}, own);
        }
    }
}

/* ---- origins ---- */

/* A value of the file as it stands there. */
static json_t *node_json(const struct node *node, const struct schema_row *row) {
    struct value value;
    if (node->kind == NODE_SCALAR) {
        bool is_bool = row->type == SCHEMA_BOOL && value_read(row, node->text, node->quoted, &value);
        return is_bool ? json_boolean(value.number != 0) : json_string(node->text);
    }
    json_t *json = node->kind == NODE_LIST ? json_array() : json_object();
    int failed = 0;
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        json_t *item = node_json(child, row);
        failed |= node->kind == NODE_LIST ? json_array_append_new(json, item) : json_object_set_new(json, child->key->text, item);
    }
    if (failed != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static int add_given(const struct plan *plan, json_t *list, const char *fill, const struct schema_row *row,
                     const struct node *node) {
    struct buf name;
    struct buf where;
    buf_init(&name);
    buf_init(&where);
    buf_printf(&name, "%s%s%s%s", fill != NULL ? "fills." : "", fill != NULL ? fill : "", fill != NULL ? "." : "", row->path);
    buf_printf(&where, "%s:%d:%d", plan->path, node->line, node->column);
    const struct plan_setting setting = {.origin = ORIGIN_PLAN, .where = where.data};
    int failed = !buf_ok(&name) || !buf_ok(&where) ? -1 : plan_origin_add(list, name.data, node_json(node, row), &setting);
    buf_release(&name);
    buf_release(&where);
    return failed;
}

static int add_check(const struct plan *plan, json_t *list, const struct schema_row *row) {
    const struct node *root = plan->internal->root;
    const struct node *node = node_find(root, row->path);
    const struct node *fills = node_get(root, "fills");
    int failed = 0;
    if (node != NULL) {
        failed |= add_given(plan, list, NULL, row, node);
    } else if (row->standard != NULL) {
        failed |= plan_origin_add(list, row->path, value_standard_json(row), &(struct plan_setting){.origin = ORIGIN_DEFAULT});
    }
    for (const struct node *fill = fills->first; fill != NULL; fill = fill->next) {
        const struct node *own = node_find(fill, row->path);
        if (own != NULL) {
            failed |= add_given(plan, list, node_get(fill, "name")->text, row, own);
        }
    }
    return failed;
}

int plan_checks_origins(const struct plan *plan, json_t *list) {
    int failed = 0;
    for (size_t i = 0; i < SCHEMA_COUNT; i++) {
        const struct schema_row *row = &SCHEMA[i];
        if (strncmp(row->path, "checks.", 7) == 0 && row->type != SCHEMA_MAP && strchr(row->path, '[') == NULL) {
            failed |= add_check(plan, list, row);
        }
    }
    return failed;
}
