/* plan_needs.c - the order among fills that a plan asks for with needs: every name is known, and nobody waits for himself. */
#include <string.h>

#include "plan/plan_load.h"

enum mark { UNSEEN, OPEN, DONE };

struct walk {
    struct loader *loader;
    const struct node **fills;
    enum mark *marks;
    size_t *path; /* the open fills, outermost first */
    size_t depth;
    size_t count;
};

static const char *fill_name(const struct node *fill) {
    const struct node *name = node_get_good(fill, "name");
    return name != NULL ? name->text : NULL;
}

/* The number of the fill of that name; count when there is none. */
static size_t find_fill(const struct walk *walk, const char *name) {
    size_t i = 0;
    while (i < walk->count && (fill_name(walk->fills[i]) == NULL || strcmp(fill_name(walk->fills[i]), name) != 0)) {
        i++;
    }
    return i;
}

static void report_unknown(struct walk *walk, struct node *need) {
    struct loader *loader = walk->loader;
    const char **names = loader_alloc(loader, walk->count, sizeof(*names));
    size_t count = 0;
    for (size_t i = 0; names != NULL && i < walk->count; i++) {
        if (fill_name(walk->fills[i]) != NULL) {
            names[count++] = fill_name(walk->fills[i]);
        }
    }
    loader_bad(loader, need, "no fill is named %s%s", report_quote(&loader->report, need->text),
               loader_hint(loader, need->text, names, count));
}

/* "a -> b -> a" */
static void report_cycle(struct walk *walk, struct node *need, size_t target) {
    struct buf names;
    buf_init(&names);
    size_t from = 0;
    while (walk->path[from] != target) {
        from++;
    }
    for (size_t i = from; i < walk->depth; i++) {
        buf_printf(&names, "%s -> ", fill_name(walk->fills[walk->path[i]]));
    }
    buf_add(&names, need->text);
    walk->loader->report.nomem |= !buf_ok(&names);
    loader_bad(walk->loader, need, "the fills need each other in a circle: %s", names.data);
    buf_release(&names);
}

/* Depth first (Tarjan 1972): a need that leads to an open fill closes a circle. */
static void visit(struct walk *walk, size_t at) {
    walk->marks[at] = OPEN;
    walk->path[walk->depth++] = at;
    const struct node *needs = node_get_good(walk->fills[at], "needs");
    for (struct node *need = needs != NULL ? needs->first : NULL; need != NULL; need = need->next) {
        size_t target = need->bad ? walk->count : find_fill(walk, need->text);
        if (need->bad) {
            continue;
        }
        if (target == walk->count) {
            report_unknown(walk, need);
        } else if (walk->marks[target] == OPEN) {
            report_cycle(walk, need, target);
        } else if (walk->marks[target] == UNSEEN) {
            visit(walk, target);
        }
    }
    walk->depth--;
    walk->marks[at] = DONE;
}

void plan_needs_check(struct loader *loader, const struct node *fills) {
    struct walk walk = {.loader = loader};
    walk.fills = loader_alloc(loader, fills->count, sizeof(*walk.fills));
    walk.marks = loader_alloc(loader, fills->count, sizeof(*walk.marks));
    walk.path = loader_alloc(loader, fills->count, sizeof(*walk.path));
    if (walk.fills == NULL || walk.marks == NULL || walk.path == NULL) {
        return;
    }
    for (const struct node *fill = fills->first; fill != NULL; fill = fill->next) {
        walk.fills[walk.count++] = fill;
    }
    for (size_t i = 0; i < walk.count; i++) {
        if (walk.marks[i] == UNSEEN) {
            visit(&walk, i);
        }
    }
}
