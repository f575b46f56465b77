/* plan_hooks.c - the hooks of a plan: who is told of what. */
#include "base/text.h"
#include "plan/plan_load.h"
#include "plan/plan_value.h"

static const char *const *words_of(struct loader *loader, const struct node *list) {
    const char **words = loader_alloc(loader, list->count + 1, sizeof *words);
    size_t count = 0;
    for (const struct node *node = list->first; words != NULL && node != NULL; node = node->next)
        words[count++] = node->text;
    return words;
}

static void read_events(const struct node *list, bool on[PLAN_EVENTS]) {
    const struct schema_row *row = schema_by_path("hooks[].on[]");
    struct value value;
    for (const struct node *node = list->first; node != NULL; node = node->next)
        if (!node->bad && value_read(row, node->text, node->quoted, &value))
            on[value.number] = true;
}

static void read_hook(struct loader *loader, const struct node *node, struct plan_hook *hook) {
    const struct schema_row *row = schema_by_path("hooks[].timeout");
    const struct node *on = node_get_good(node, "on"), *command = node_get_good(node, "command"),
                      *timeout = node_get_good(node, "timeout");
    struct value value = {0};
    if (on == NULL || command == NULL)
        return; /* said already */
    value_read(row, timeout != NULL ? timeout->text : row->standard, false, &value);
    hook->timeout_us = value.number;
    hook->command = words_of(loader, command);
    read_events(on, hook->on);
}

void plan_hooks_build(struct loader *loader) {
    const struct node *list = node_get_good(loader->root, "hooks");
    if (list == NULL)
        return;
    loader->plan->hooks = loader_alloc(loader, list->count + 1, sizeof *loader->plan->hooks);
    if (loader->plan->hooks == NULL)
        return;
    for (const struct node *node = list->first; node != NULL; node = node->next)
        if (!node->bad)
            read_hook(loader, node, &loader->plan->hooks[loader->plan->hook_count++]);
}
