/* plan_fills.c - the fills of a plan: from checked nodes to structs, and what the keys of one fill mean together. */
#include <string.h>

#include "plan/plan_load.h"
#include "plan/plan_value.h"

static const char *const COPY_KEYS[] = {"from", "into", "columns", "carry", "omit", "match", "on_conflict"};
static const char *const PLACE_KEYS[] = {"table", "set", "idempotent"};
enum { COPY_KEY_COUNT = sizeof(COPY_KEYS) / sizeof(*COPY_KEYS), PLACE_KEY_COUNT = sizeof(PLACE_KEYS) / sizeof(*PLACE_KEYS) };

static void build_table(struct loader *loader, const struct node *node, struct plan_table *table) {
    if (node == NULL) {
        return;
    }
    if (node->kind == NODE_LIST) {
        table->schema = node->count == 2 ? node->first->text : NULL;
        table->name = node->last->text;
        return;
    }
    const char *dot = strchr(node->text, '.');
    table->name = dot != NULL ? dot + 1 : node->text;
    if (dot != NULL) {
        table->schema = arena_memdup(loader->arena, node->text, (size_t)(dot - node->text));
        loader->report.nomem |= table->schema == NULL;
    }
}

void plan_names_build(struct loader *loader, const struct node *node, struct plan_names *names) {
    if (node == NULL || node->count == 0) {
        return;
    }
    names->names = loader_alloc(loader, node->count, sizeof(*names->names));
    for (const struct node *item = node->first; names->names != NULL && item != NULL; item = item->next) {
        if (!item->bad) {
            names->names[names->count++] = item->text;
        }
    }
}

static int64_t word_index(const struct node *node, const char *path) {
    struct value value = {0};
    return node != NULL && value_read(schema_by_path(path), node->text, node->quoted, &value) ? value.number : 0;
}

/* The column of that name that is there already, or NULL. */
static const struct plan_column *find_column(const struct plan_fill *fill, const char *name) {
    for (size_t i = 0; i < fill->column_count; i++) {
        if (strcmp(fill->columns[i].name, name) == 0) {
            return &fill->columns[i];
        }
    }
    return NULL;
}

/* `name` is where the column is named, `expr` its expression or NULL when it is carried. */
static void add_column(struct loader *loader, struct plan_fill *fill, struct node *name, const struct node *expr) {
    const struct plan_column *before = find_column(fill, name->text);
    if (before != NULL) {
        loader_bad(loader, name, "the column %s is filled twice, first in line %d", report_quote(&loader->report, name->text),
                   before->line);
        return;
    }
    const struct node *place = expr != NULL ? expr : name;
    fill->columns[fill->column_count++] = (struct plan_column){
        .name = name->text, .expr = expr != NULL ? expr->text : NULL, .line = place->line, .column = place->column};
}

static void build_columns(struct loader *loader, const struct node *node, struct plan_fill *fill) {
    size_t count = 0;
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        count += child->count;
    }
    fill->columns = loader_alloc(loader, count, sizeof(*fill->columns));
    for (struct node *child = node->first; fill->columns != NULL && child != NULL; child = child->next) {
        bool expressions = strcmp(child->key->text, fill->in_place ? "set" : "columns") == 0;
        bool carried = !fill->in_place && strcmp(child->key->text, "carry") == 0;
        for (struct node *item = child->first; !child->bad && (expressions || carried) && item != NULL; item = item->next) {
            if (!item->bad) {
                add_column(loader, fill, expressions ? item->key : item, expressions ? item : NULL);
            }
        }
    }
}

/* A fill is a copy or in place; keys of the other kind are mistakes. */
static void check_kind(struct loader *loader, const struct node *node, bool in_place) {
    const char *const *foreign = in_place ? COPY_KEYS : PLACE_KEYS;
    size_t count = in_place ? COPY_KEY_COUNT : PLACE_KEY_COUNT;
    for (size_t i = 0; i < count; i++) {
        const struct node *other = node_get(node, foreign[i]);
        if (other != NULL) {
            report_at(&loader->report, other->key->line, other->key->column, "'%s' has no place in a fill %s", foreign[i],
                      in_place ? "that works in place (table, set)" : "that copies (from, into)");
        }
    }
}

static void require_key(struct loader *loader, const struct node *node, const char *key, const char *kind) {
    if (node_get(node, key) == NULL) {
        report_at(&loader->report, node->line, node->column, "the key '%s' is missing in this fill %s", key, kind);
    }
}

static void require_keys(struct loader *loader, const struct node *node, bool in_place) {
    bool any = false;
    for (size_t i = 0; i < COPY_KEY_COUNT; i++) {
        any |= node_get(node, COPY_KEYS[i]) != NULL;
    }
    if (!any && !in_place) {
        report_at(&loader->report, node->line, node->column,
                  "a fill is either a copy (from, into, columns) or in place (table, set)");
    } else if (in_place) {
        require_key(loader, node, "table", "in place");
        require_key(loader, node, "set", "in place");
    } else {
        require_key(loader, node, "from", "that copies");
        require_key(loader, node, "into", "that copies");
        if (node_get(node, "carry") == NULL) {
            require_key(loader, node, "columns", "that copies");
        }
    }
}

static void check_omit(struct loader *loader, const struct node *node) {
    const struct node *carry = node_get_good(node, "carry");
    const struct node *omit = node_get_good(node, "omit");
    for (struct node *item = omit != NULL ? omit->first : NULL; item != NULL; item = item->next) {
        for (const struct node *other = carry != NULL && !item->bad ? carry->first : NULL; other != NULL; other = other->next) {
            if (!other->bad && strcmp(item->text, other->text) == 0) {
                loader_bad(loader, item, "the column %s is both carried and omitted", report_quote(&loader->report, item->text));
                break;
            }
        }
    }
}

static void build_fill(struct loader *loader, const struct node *node, struct plan_fill *fill) {
    bool copies = node_get(node, "into") != NULL || node_get(node, "from") != NULL;
    fill->in_place = node_get(node, "set") != NULL ? node_get(node, "into") == NULL : node_get(node, "table") != NULL && !copies;
    check_kind(loader, node, fill->in_place);
    require_keys(loader, node, fill->in_place);

    const struct node *name = node_get_good(node, "name");
    const struct node *where = node_get_good(node, "where");
    fill->name = name != NULL ? name->text : "";
    fill->where = where != NULL ? where->text : NULL;
    fill->line = node->line;
    build_table(loader, node_get_good(node, fill->in_place ? "table" : "from"), &fill->from);
    build_table(loader, node_get_good(node, fill->in_place ? "table" : "into"), &fill->into);
    plan_names_build(loader, node_get_good(node, "key"), &fill->key);
    plan_names_build(loader, node_get_good(node, "match"), &fill->match);
    plan_names_build(loader, node_get_good(node, "omit"), &fill->omit);
    plan_names_build(loader, node_get_good(node, "needs"), &fill->needs);
    plan_names_build(loader, node_get_good(node, "hint"), &fill->hint);
    fill->needs_given = node_get(node, "needs") != NULL;
    fill->on_conflict = (enum plan_conflict)word_index(node_get_good(node, "on_conflict"), "fills[].on_conflict");
    fill->volatile_allow = word_index(node_get_good(node, "volatile"), "fills[].volatile") == 1;
    const struct node *touch = node_get_good(node, "touch");
    fill->touch = touch != NULL && strcmp(touch->text, "true") == 0;
    const struct node *idempotent = node_get_good(node, "idempotent");
    fill->idempotent = idempotent != NULL && strcmp(idempotent->text, "true") == 0;
    build_columns(loader, node, fill);
    check_omit(loader, node);
}

static void check_names_unique(struct loader *loader, const struct node *fills) {
    for (struct node *fill = fills->first; fill != NULL; fill = fill->next) {
        struct node *name = node_get_good(fill, "name");
        for (const struct node *other = fills->first; name != NULL && other != fill; other = other->next) {
            const struct node *taken = node_get_good(other, "name");
            if (taken != NULL && strcmp(taken->text, name->text) == 0) {
                loader_bad(loader, name, "the fill name %s is taken, in line %d", report_quote(&loader->report, name->text),
                           taken->line);
                break;
            }
        }
    }
}

void plan_fills_build(struct loader *loader) {
    const struct node *fills = node_get_good(loader->root, "fills");
    if (fills == NULL) {
        return;
    }
    loader->plan->fills = loader_alloc(loader, fills->count, sizeof(*loader->plan->fills));
    for (const struct node *node = fills->first; loader->plan->fills != NULL && node != NULL; node = node->next) {
        if (!node->bad) {
            build_fill(loader, node, &loader->plan->fills[loader->plan->fill_count++]);
        }
    }
    check_names_unique(loader, fills);
    plan_needs_check(loader, fills);
}
