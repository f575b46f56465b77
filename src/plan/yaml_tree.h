/* yaml_tree.h - a YAML (or JSON) text as a tree of nodes that know where they stand.
 *
 * No value is interpreted here: every scalar is its text, whatever YAML 1.1 would make of `no` or `1_000`; the schema says what it is.
 * Refused: several documents, tags, keys that are not scalars, a key given twice, NUL, text that is not UTF-8, an alias within its own
 * anchor, and anything beyond the limits below. An alias is the anchored node once more, counted in full, so it cannot blow up. */
#ifndef PLAN_YAML_TREE_H
#define PLAN_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/plan_report.h"

enum {
    YAML_BYTES_MAX = 1024 * 1024, /* a plan is written by people */
    YAML_DEPTH_MAX = 32,          /* the schema needs 6 */
    YAML_CHILDREN_MAX = 2048,     /* of one list or map; no engine has a table with more columns by default */
    YAML_NODES_MAX = 100000,      /* after aliases are expanded */
};

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    bool quoted; /* scalar in quotes or in block style: text, even if it looks like a number */
    bool bad;    /* a mistake was reported here; nobody needs to look again */
    int line;    /* 1 based */
    int column;
    int end_line;
    const char *text; /* scalars, NUL-terminated */
    struct node *key; /* within a map */
    struct node *first;
    struct node *last;
    struct node *next;
    size_t count;  /* children */
    size_t weight; /* nodes below and including this one */
};

/* Reads `text`. 0 and a root; or mistakes in `report`, and the root is NULL when there is no sense in going on. ERR_NOMEM. */
int yaml_tree_read(const char *text, size_t len, struct arena *arena, struct plan_report *report, struct node **root);

/* The value of a key, or NULL. `map` may be NULL or not a map. */
struct node *node_get(const struct node *map, const char *key);

/* The same, but only if it is free of mistakes. */
struct node *node_get_good(const struct node *map, const char *key);

/* Follows a path of keys joined by dots ("batch.rows"), free of mistakes, or NULL. */
struct node *node_find(const struct node *map, const char *path);

#endif
