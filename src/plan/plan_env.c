/* plan_env.c - which environment a plan is loaded for, and the URL of its database. */
#include <stdlib.h>
#include <string.h>

#include "plan/plan_load.h"
#include "plan/plan_url.h"

static const char DEFAULT_ENVIRONMENT[] = "default";

/* "staging, prod" */
static const char *list_keys(struct loader *loader, const struct node *map) {
    struct buf list;
    buf_init(&list);
    for (const struct node *child = map->first; child != NULL && list.len < REPORT_MESSAGE_MAX / 2; child = child->next) {
        buf_printf(&list, "%s%s", child == map->first ? "" : ", ", child->key->text);
    }
    const char *copy = buf_ok(&list) ? loader_strdup(loader, list.data) : NULL;
    loader->report.nomem |= copy == NULL;
    buf_release(&list);
    return copy != NULL ? copy : "";
}

static void take_environment(struct loader *loader, struct node *map, const char *name, enum plan_origin origin,
                             const char *where) {
    loader->environment = map;
    loader->plan->environment = loader_strdup(loader, name);
    loader->plan->internal->environment = (struct plan_setting){.origin = origin, .where = where};
}

static void unknown_environment(struct loader *loader, const struct node *environments, const char *name, const char *place) {
    const char **names = loader_alloc(loader, environments->count, sizeof(*names));
    size_t count = 0;
    for (const struct node *child = environments->first; names != NULL && child != NULL; child = child->next) {
        names[count++] = child->key->text;
    }
    const char *hint = loader_hint(loader, name, names, count);
    report_outside(&loader->report, place, "no environment is named %s%s%s%s", report_quote(&loader->report, name), hint,
                   *hint != '\0' ? "" : "; there are: ", *hint != '\0' ? "" : list_keys(loader, environments));
}

/* --env or INFILL_ENV; NULL when neither is given. */
static const char *asked_environment(const struct loader *loader, enum plan_origin *origin, const char **place) {
    bool flag = loader->options->environment != NULL;
    *origin = flag ? ORIGIN_FLAG : ORIGIN_VARIABLE;
    *place = flag ? "--env" : "INFILL_ENV";
    return flag ? loader->options->environment : loader_getenv(loader, "INFILL_ENV");
}

static void choose_environment(struct loader *loader, const struct node *environments) {
    enum plan_origin origin;
    const char *place;
    const char *name = asked_environment(loader, &origin, &place);
    if (name == NULL && environments->count > 1) {
        report_outside(&loader->report, "--env", "the plan has several environments; choose one with --env or INFILL_ENV: %s",
                       list_keys(loader, environments));
        return;
    }
    struct node *map = name != NULL ? node_get(environments, name) : environments->first;
    if (map == NULL) {
        unknown_environment(loader, environments, name, place);
        return;
    }
    const char *where = name != NULL ? place : loader_where(loader, map->key);
    take_environment(loader, map, map->key->text, name != NULL ? origin : ORIGIN_PLAN, where);
}

static void choose_top(struct loader *loader) {
    enum plan_origin origin;
    const char *place;
    const char *name = asked_environment(loader, &origin, &place);
    if (name != NULL && strcmp(name, DEFAULT_ENVIRONMENT) != 0) {
        report_outside(&loader->report, place, "the plan has no environments, only source: at the top; it cannot be loaded for %s",
                       report_quote(&loader->report, name));
        return;
    }
    take_environment(loader, loader->root, DEFAULT_ENVIRONMENT, ORIGIN_DEFAULT, NULL);
}

static void refuse_both_shapes(struct loader *loader) {
    static const char *const at_top[] = {"source", "target", "profile", "replicas", "facts"};

    for (size_t i = 0; i < sizeof(at_top) / sizeof(*at_top); i++) {
        const struct node *node = node_get(loader->root, at_top[i]);
        if (node != NULL) {
            report_at(&loader->report, node->key->line, node->key->column,
                      "'%s' belongs into an environment when a plan has environments", at_top[i]);
        }
    }
}

/* The scalar of source: or target:, in either of its two forms; NULL when it is missing or wrong. */
static struct node *url_node(const struct node *environment, const char *key) {
    struct node *node = node_get_good(environment, key);
    node = node != NULL && node->kind == NODE_MAP ? node_get_good(node, "url") : node;
    return node != NULL && node->kind == NODE_SCALAR ? node : NULL;
}

static const char *process_env(const char *name) {
    return getenv(name);
}

char *loader_url(struct loader *loader, const char *text, enum url_kind kind, struct node *node, const char *place) {
    char message[URL_MESSAGE_MAX];
    struct buf filled;
    buf_init(&filled);
    const char *mistake = url_fill(text, loader->options->getenv != NULL ? loader->options->getenv : process_env, &filled, message);
    mistake = mistake == NULL && buf_ok(&filled) ? url_mistake_filled(filled.data, kind) : mistake;
    if (mistake != NULL && node != NULL) {
        loader_bad(loader, node, "%s", mistake);
    } else if (mistake != NULL) {
        report_outside(&loader->report, place, "%s", mistake);
    }
    char *url = mistake == NULL && buf_ok(&filled) ? arena_strdup(loader->arena, filled.data) : NULL;
    loader->report.nomem |= mistake == NULL && url == NULL;
    if (filled.cap > 0) {
        explicit_bzero(filled.data, filled.cap);
    }
    buf_release(&filled);
    return url;
}

static void wipe(char *secret) {
    if (secret != NULL) {
        explicit_bzero(secret, strlen(secret));
    }
}

/* Between databases comes later: a target may only say again what the source says. */
static void check_target(struct loader *loader) {
    struct node *source = url_node(loader->environment, "source");
    struct node *target = url_node(loader->environment, "target");
    if (source == NULL || target == NULL || strcmp(source->text, target->text) == 0) {
        return;
    }
    char *source_url = loader_url(loader, source->text, URL_DATABASE, source, NULL);
    char *target_url = loader_url(loader, target->text, URL_DATABASE, target, NULL);
    if (source_url != NULL && target_url != NULL && strcmp(source_url, target_url) != 0) {
        report_unsupported(
            &loader->report, target->line, target->column,
            "a target that differs from the source is not supported yet; leave it out for fills within one database");
    }
    wipe(source_url);
    wipe(target_url);
}

static void take_url(struct loader *loader, const char *text, struct node *node, enum plan_origin origin, const char *place) {
    struct plan_internal *internal = loader->plan->internal;
    char *url = loader_url(loader, text, URL_DATABASE, node, place);
    if (url == NULL) {
        return;
    }
    internal->secrets = url;
    internal->secrets_len = strlen(url);
    loader->plan->source_url = url;
    internal->source = (struct plan_setting){.origin = origin, .where = node != NULL ? loader_where(loader, node) : place};
}

static void resolve_url(struct loader *loader) {
    char message[URL_MESSAGE_MAX];
    const char *set = plan_set_find(loader, "source.url");
    const char *variable = loader_getenv(loader, "INFILL_SOURCE_URL");
    struct node *node = url_node(loader->environment, "source");
    if (set != NULL) {
        const char *mistake = url_mistake(set, URL_DATABASE, message, &loader->report.nomem);
        if (mistake != NULL) {
            report_outside(&loader->report, "--set", "source.url: %s", mistake);
            return;
        }
        take_url(loader, set, NULL, ORIGIN_FLAG, "--set");
    } else if (variable != NULL) {
        take_url(loader, variable, NULL, ORIGIN_VARIABLE, "INFILL_SOURCE_URL");
    } else if (node != NULL) {
        take_url(loader, node->text, node, loader->environment == loader->root ? ORIGIN_PLAN : ORIGIN_ENVIRONMENT, NULL);
    }
}

static void resolve_replicas(struct loader *loader) {
    struct plan *plan = loader->plan;
    const struct node *list = node_get_good(loader->environment, "replicas");
    if (list == NULL || (plan->replicas = loader_alloc(loader, list->count, sizeof(*plan->replicas))) == NULL) {
        return;
    }
    for (struct node *node = list->first; node != NULL; node = node->next) {
        char *url = node->bad ? NULL : loader_url(loader, node->text, URL_DATABASE, node, NULL);
        if (url != NULL) {
            plan->replicas[plan->replica_count++] = url;
        }
    }
}

static void resolve_facts(struct loader *loader) {
    struct plan *plan = loader->plan;
    const struct node *map = node_get_good(loader->environment, "facts");
    if (map == NULL || (plan->facts = loader_alloc(loader, map->count, sizeof(*plan->facts))) == NULL) {
        return;
    }
    for (struct node *node = map->first; node != NULL; node = node->next) {
        if (!node->bad) {
            plan->facts[plan->fact_count++] =
                (struct plan_fact){.name = node->key->text, .value = node->text, .where = loader_where(loader, node)};
        }
    }
}

void plan_env_resolve(struct loader *loader) {
    const struct node *environments = node_get(loader->root, "environments");
    if (environments != NULL) {
        refuse_both_shapes(loader);
        if (!environments->bad) {
            choose_environment(loader, environments);
        }
    } else if (node_get(loader->root, "source") != NULL) {
        choose_top(loader);
    } else {
        report_at(&loader->report, loader->root->line, loader->root->column,
                  "the key 'source' is missing here, or 'environments' with a source each");
    }
    if (loader->environment != NULL && !loader->environment->bad) {
        resolve_url(loader);
        resolve_replicas(loader);
        resolve_facts(loader);
        check_target(loader);
    }
}
