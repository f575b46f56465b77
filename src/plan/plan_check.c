/* plan_check.c - every key and value of a plan by itself, against the table of plan_schema.c. */
#include <string.h>

#include "base/text.h"
#include "plan/plan_load.h"
#include "plan/plan_url.h"
#include "plan/plan_value.h"

static void check_node(struct loader *loader, const struct schema_row *row, struct node *node);

/* What a message calls the node: its key, or that of the list it is in. */
static const char *label(struct loader *loader, const struct schema_row *row, const struct node *node) {
    if (node->key != NULL) {
        return report_quote(&loader->report, node->key->text);
    }
    return row == schema_root() ? "a plan" : "an entry";
}

static void bad_value(struct loader *loader, const struct schema_row *row, struct node *node) {
    char expected[VALUE_EXPECTED_MAX];
    char nearest[VALUE_NAME_MAX];
    const char *name = label(loader, row, node);
    value_expected(row, expected);
    if (node->kind != NODE_SCALAR && node->count == 0) {
        loader_bad(loader, node, "%s must be %s, but it is empty", name, expected);
    } else if (node->kind != NODE_SCALAR) {
        loader_bad(loader, node, "%s must be %s, not a %s", name, expected, node->kind == NODE_MAP ? "map" : "list");
    } else if (node->text[0] == '\0' && !node->quoted) {
        loader_bad(loader, node, "%s must be %s, but nothing is given", name, expected);
    } else if (value_nearest(row, node->text, nearest) != NULL) {
        loader_bad(loader, node, "%s must be %s, not %s; did you mean '%s'?", name, expected,
                   report_quote(&loader->report, node->text), nearest);
    } else {
        loader_bad(loader, node, "%s must be %s, not %s", name, expected, report_quote(&loader->report, node->text));
    }
}

/* Interpolation exists in URLs alone: elsewhere it would put values that nobody reviewed into SQL. */
static bool refuse_interpolation(struct loader *loader, struct node *node) {
    if (node->kind != NODE_SCALAR || strstr(node->text, "${") == NULL) {
        return false;
    }
    loader_bad(loader, node, "${...} is filled in in URLs only");
    return true;
}

static void check_scalar(struct loader *loader, const struct schema_row *row, struct node *node) {
    struct value value;
    if (refuse_interpolation(loader, node)) {
        return;
    }
    if (node->kind == NODE_SCALAR && value_is_later(row, node->text)) {
        node->bad = true;
        report_unsupported(&loader->report, node->line, node->column, "%s is not supported yet",
                           report_quote(&loader->report, node->text));
    } else if (node->kind != NODE_SCALAR || !value_read(row, node->text, node->quoted, &value)) {
        bad_value(loader, row, node);
    }
}

static void check_url(struct loader *loader, const struct schema_row *row, struct node *node) {
    char message[URL_MESSAGE_MAX];
    if (node->kind != NODE_SCALAR || node->text[0] == '\0') {
        bad_value(loader, row, node);
        return;
    }
    report_secret(&loader->report, node->line, node->column, node->end_line);
    const char *mistake =
        url_mistake(node->text, (row->flags & SCHEMA_WEB) != 0 ? URL_WEB : URL_DATABASE, message, &loader->report.nomem);
    if (mistake != NULL) {
        loader_bad(loader, node, "%s", mistake);
    }
}

/* An expression's blanks at both ends mean nothing; cut here so that block and plain style give the same text. */
static void check_sql(struct loader *loader, const struct schema_row *row, struct node *node) {
    if (refuse_interpolation(loader, node)) {
        return;
    }
    if (node->kind != NODE_SCALAR) {
        bad_value(loader, row, node);
        return;
    }
    const char *start = node->text + strspn(node->text, " \t\r\n");
    size_t len = strlen(start);
    while (len > 0 && strchr(" \t\r\n", start[len - 1]) != NULL) {
        len--;
    }
    if (len == 0) {
        bad_value(loader, row, node);
        return;
    }
    char *trimmed = arena_memdup(loader->arena, start, len);
    loader->report.nomem |= trimmed == NULL;
    node->text = trimmed != NULL ? trimmed : node->text;
}

/* A map of column: expression. */
static void check_sqls(struct loader *loader, const struct schema_row *row, struct node *node) {
    static const struct schema_row expression = {.path = "expression", .type = SCHEMA_SQL};

    if (node->kind != NODE_MAP || (node->count == 0 && (row->flags & SCHEMA_EMPTY) == 0)) {
        bad_value(loader, row, node);
        return;
    }
    for (struct node *child = node->first; child != NULL; child = child->next) {
        if (child->key->text[0] == '\0') {
            loader_bad(loader, child, "a column needs a name");
        } else {
            check_sql(loader, &expression, child);
        }
    }
}

static bool is_given_before(const struct node *list, const struct node *node) {
    for (const struct node *other = list->first; other != node; other = other->next) {
        if (other->kind == NODE_SCALAR && strcmp(other->text, node->text) == 0) {
            return true;
        }
    }
    return false;
}

static void check_names(struct loader *loader, const struct schema_row *row, struct node *node) {
    if (node->kind != NODE_LIST || (node->count == 0 && (row->flags & SCHEMA_EMPTY) == 0)) {
        bad_value(loader, row, node);
        return;
    }
    for (struct node *item = node->first; item != NULL; item = item->next) {
        if (refuse_interpolation(loader, item)) {
            continue;
        }
        if (item->kind != NODE_SCALAR || item->text[0] == '\0') {
            loader_bad(loader, item, "%s must be a list of names", label(loader, row, node));
        } else if (is_given_before(node, item)) {
            loader_bad(loader, item, "%s stands in %s twice", report_quote(&loader->report, item->text), label(loader, row, node));
        }
    }
}

static void check_table(struct loader *loader, const struct schema_row *row, struct node *node) {
    if (refuse_interpolation(loader, node)) {
        return;
    }
    bool good = node->kind != NODE_MAP;
    if (node->kind == NODE_SCALAR) {
        const char *dot = strchr(node->text, '.');
        good = node->text[0] != '\0' && dot != node->text && (dot == NULL || (dot[1] != '\0' && strchr(dot + 1, '.') == NULL));
    } else if (node->kind == NODE_LIST) {
        good = node->count == 1 || node->count == 2;
        for (struct node *item = node->first; good && item != NULL; item = item->next) {
            if (refuse_interpolation(loader, item)) {
                node->bad = true;
                return;
            }
            good = item->kind == NODE_SCALAR && item->text[0] != '\0';
        }
    }
    if (!good) {
        bad_value(loader, row, node);
    }
}

static void unknown_key(struct loader *loader, const struct schema_row *row, struct node *node) {
    const char **words = loader_alloc(loader, SCHEMA_COUNT, sizeof(*words));
    size_t count = 0;
    for (size_t i = 0; words != NULL && i < SCHEMA_COUNT; i++) {
        if (schema_allows(row, &SCHEMA[i])) {
            words[count++] = schema_key(&SCHEMA[i]);
        }
    }
    node->bad = true;
    report_at(&loader->report, node->key->line, node->key->column, "unknown key %s%s",
              report_quote(&loader->report, node->key->text), loader_hint(loader, node->key->text, words, count));
}

static void require_children(struct loader *loader, const struct schema_row *row, const struct node *node) {
    const struct node *place = node->key != NULL ? node->key : node;
    for (size_t i = 0; i < SCHEMA_COUNT; i++) {
        if ((SCHEMA[i].flags & SCHEMA_REQUIRED) != 0 && schema_is_child(&SCHEMA[i], row) &&
            node_get(node, schema_key(&SCHEMA[i])) == NULL) {
            report_at(&loader->report, place->line, place->column, "the key '%s' is missing here", schema_key(&SCHEMA[i]));
        }
    }
}

/* Names that the user chooses go into the ledger and into commands. */
static bool check_chosen_name(struct loader *loader, const struct schema_row *row, struct node *node) {
    if (strcmp(schema_key(row), "*") != 0 || value_is_name(node->key->text)) {
        return true;
    }
    node->bad = true;
    report_at(&loader->report, node->key->line, node->key->column, "%s is not a name of 1 to 64 letters, digits, '_', '.' or '-'",
              report_quote(&loader->report, node->key->text));
    return false;
}

static void check_child(struct loader *loader, const struct schema_row *row, struct node *child) {
    const struct schema_row *child_row = schema_find(row, child->key->text);
    if (child_row == NULL) {
        unknown_key(loader, row, child);
    } else if ((child_row->flags & SCHEMA_LATER) != 0) {
        child->bad = true;
        report_unsupported(&loader->report, child->key->line, child->key->column, "%s is not supported yet",
                           report_quote(&loader->report, child->key->text));
    } else if (check_chosen_name(loader, child_row, child)) {
        check_node(loader, child_row, child);
    }
}

static void check_map(struct loader *loader, const struct schema_row *row, struct node *node) {
    if (node->kind == NODE_SCALAR && row->shorthand != NULL) {
        const struct schema_row *meant = schema_find(row, row->shorthand);
        check_node(loader, meant, node);
        return;
    }
    if (node->kind != NODE_MAP || (int64_t)node->count < row->min) {
        bad_value(loader, row, node);
        return;
    }
    for (struct node *child = node->first; child != NULL; child = child->next) {
        check_child(loader, row, child);
    }
    require_children(loader, row, node);
}

static void check_list(struct loader *loader, const struct schema_row *row, struct node *node) {
    if (node->kind != NODE_LIST) {
        bad_value(loader, row, node);
        return;
    }
    if ((int64_t)node->count < row->min || (int64_t)node->count > row->max) {
        loader_bad(loader, node, "%s needs %lld to %lld entries, not %zu", label(loader, row, node), (long long)row->min,
                   (long long)row->max, node->count);
        return;
    }
    for (struct node *item = node->first; item != NULL; item = item->next) {
        check_node(loader, schema_item(row), item);
    }
}

static void check_nothing(struct loader *loader, const struct schema_row *row, struct node *node) {
    (void)loader;
    (void)row;
    (void)node;
}

static void check_node(struct loader *loader, const struct schema_row *row, struct node *node) {
    static void (*const check[SCHEMA_TYPE_COUNT])(struct loader *, const struct schema_row *, struct node *) = {
        [SCHEMA_MAP] = check_map,         [SCHEMA_LIST] = check_list,     [SCHEMA_BOOL] = check_scalar,
        [SCHEMA_INT] = check_scalar,      [SCHEMA_RATE] = check_scalar,   [SCHEMA_DURATION] = check_scalar,
        [SCHEMA_FRACTION] = check_scalar, [SCHEMA_TEXT] = check_scalar,   [SCHEMA_NAME] = check_scalar,
        [SCHEMA_WORD] = check_scalar,     [SCHEMA_TABLE] = check_table,   [SCHEMA_NAMES] = check_names,
        [SCHEMA_SQL] = check_sql,         [SCHEMA_SQLS] = check_sqls,     [SCHEMA_URL] = check_url,
        [SCHEMA_MEASURE] = check_scalar,  [SCHEMA_WINDOW] = check_scalar, [SCHEMA_ANY] = check_nothing,
        [SCHEMA_FACT] = check_scalar,
    };

    if (!node->bad) {
        check[row->type](loader, row, node);
    }
}

void plan_check(struct loader *loader) {
    check_node(loader, schema_root(), loader->root);
}
