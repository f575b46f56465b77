/* plan_hooks.c - the hooks of a plan: who is told of what. */
#include "base/http.h"
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

static void read_timeout(struct loader *loader, const struct node *node, struct plan_hook *hook) {
    const struct schema_row *row = schema_by_path("hooks[].timeout");
    struct node *timeout = node_get_good(node, "timeout");
    struct value value = {0};
    value_read(row, timeout != NULL ? timeout->text : row->standard, false, &value);
    hook->timeout_us = value.number;
    if (node_get(node, "http") != NULL && hook->timeout_us > HTTP_TIMEOUT_US)
        loader_bad(loader, timeout, "'timeout' of a hook over HTTP must be at most 15s");
}

static void read_required(const struct node *node, struct plan_hook *hook) {
    const struct node *required = node_get_good(node, "required");
    struct value value = {0};
    if (required != NULL && value_read(schema_by_path("hooks[].required"), required->text, required->quoted, &value))
        hook->required = value.number != 0;
}

static void read_url(struct loader *loader, struct node *node, struct plan_hook *hook) {
    struct node *url = node->kind == NODE_MAP ? node_get_good(node, "url") : node;
    if (url != NULL)
        hook->url = loader_url(loader, url->text, URL_WEB, url, NULL);
}

static void read_hook(struct loader *loader, struct node *node, struct plan_hook *hook) {
    const struct node *on = node_get_good(node, "on"), *command = node_get_good(node, "command");
    struct node *http = node_get_good(node, "http");
    bool has_command = node_get(node, "command") != NULL, has_http = node_get(node, "http") != NULL;
    if (has_command == has_http)
        loader_bad(loader, node, has_http ? "a hook is either a 'command' or 'http'" : "a hook needs a 'command' or 'http'");
    read_timeout(loader, node, hook);
    read_required(node, hook);
    if (on != NULL)
        read_events(on, hook->on);
    if (command != NULL)
        hook->command = words_of(loader, command);
    if (http != NULL)
        read_url(loader, http, hook);
}

/* What required hooks are told stands in the ledger, which a thread of its own looks into. */
static void check_connections(struct loader *loader, struct node *node) {
    const struct plan_settings *set = &loader->plan->set;
    int64_t needed = set->workers + 2 + (loader->plan->signal_count > 0);
    if (set->connections_max < needed && set->connections_max > set->workers)
        loader_bad(loader, node, "a required hook takes a connection for moments: connections_max must be at least %lld here",
                   (long long)needed);
}

void plan_hooks_build(struct loader *loader) {
    const struct node *list = node_get_good(loader->root, "hooks");
    if (list == NULL)
        return;
    loader->plan->hooks = loader_alloc(loader, list->count + 1, sizeof *loader->plan->hooks);
    if (loader->plan->hooks == NULL)
        return;
    for (struct node *node = list->first; node != NULL; node = node->next) {
        struct plan_hook *hook = &loader->plan->hooks[loader->plan->hook_count];
        if (node->bad)
            continue;
        read_hook(loader, node, hook);
        loader->plan->hook_count++;
        if (hook->required)
            check_connections(loader, node);
    }
}
