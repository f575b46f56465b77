/* plan_profile.c - which profile is in force: a built-in one, or one of the plan's own with those it extends. */
#include <string.h>

#include "plan/plan_load.h"

static const char *const BUILTIN[] = {"dev", "staging", "prod"};
enum { BUILTIN_COUNT = sizeof(BUILTIN) / sizeof(*BUILTIN) };

static const char *find_builtin(const char *name) {
    for (size_t i = 0; i < BUILTIN_COUNT; i++) {
        if (strcmp(BUILTIN[i], name) == 0) {
            return BUILTIN[i];
        }
    }
    return NULL;
}

static bool is_known(const struct loader *loader, const char *name) {
    return find_builtin(name) != NULL || node_get(node_get(loader->root, "profiles"), name) != NULL;
}

/* At the node, or at `place` when there is none. */
static void report_unknown(struct loader *loader, const char *name, struct node *node, const char *place) {
    const struct node *own = node_get(loader->root, "profiles");
    size_t own_count = own != NULL && own->kind == NODE_MAP ? own->count : 0;
    const char **words = loader_alloc(loader, BUILTIN_COUNT + own_count, sizeof(*words));
    size_t count = 0;
    for (size_t i = 0; words != NULL && i < BUILTIN_COUNT; i++) {
        words[count++] = BUILTIN[i];
    }
    for (const struct node *child = own_count > 0 ? own->first : NULL; words != NULL && child != NULL; child = child->next) {
        words[count++] = child->key->text;
    }
    const char *quoted = report_quote(&loader->report, name);
    const char *hint = loader_hint(loader, name, words, count);
    if (node != NULL) {
        loader_bad(loader, node, "no profile is named %s%s", quoted, hint);
    } else {
        report_outside(&loader->report, place, "no profile is named %s%s", quoted, hint);
    }
}

static struct node *base_of(const struct node *profile) {
    return profile->kind == NODE_MAP && !profile->bad ? node_get_good(profile, "extends") : NULL;
}

/* Follows extends: from one own profile; a chain longer than allowed is a circle, or as bad as one. */
static void check_own(struct loader *loader, const struct node *own, struct node *profile) {
    if (find_builtin(profile->key->text) != NULL) {
        report_at(&loader->report, profile->key->line, profile->key->column, "'%s' is a built-in profile; choose another name",
                  profile->key->text);
    }
    struct node *extends = base_of(profile);
    if (extends != NULL && !is_known(loader, extends->text)) {
        report_unknown(loader, extends->text, extends, NULL);
    }
    const struct node *at = profile;
    for (int steps = 0; at != NULL && extends != NULL && !extends->bad; steps++) {
        const struct node *base = base_of(at);
        at = base != NULL && find_builtin(base->text) == NULL ? node_get(own, base->text) : NULL;
        if (at == profile || steps == PROFILE_CHAIN_MAX) {
            loader_bad(loader, extends,
                       at == profile ? "the profile %s extends itself" : "the profile %s extends too many others, or itself",
                       report_quote(&loader->report, profile->key->text));
        }
    }
}

/* Names are checked in every environment, not only in the one at hand. */
static void check_environments(struct loader *loader) {
    const struct node *environments = node_get_good(loader->root, "environments");
    for (const struct node *map = environments != NULL ? environments->first : NULL; map != NULL; map = map->next) {
        struct node *profile = node_get_good(map, "profile");
        if (profile != NULL && !is_known(loader, profile->text)) {
            report_unknown(loader, profile->text, profile, NULL);
        }
    }
}

static void take_chain(struct loader *loader, const char *name) {
    const struct node *own = node_get_good(loader->root, "profiles");
    struct node *chain[PROFILE_CHAIN_MAX];
    size_t count = 0;
    while (find_builtin(name) == NULL && count < PROFILE_CHAIN_MAX) {
        struct node *profile = node_get_good(own, name);
        if (profile == NULL) {
            break;
        }
        chain[count++] = profile;
        const struct node *extends = base_of(profile);
        name = extends != NULL ? extends->text : "prod";
    }
    while (count > 0) {
        loader->profiles[loader->profile_count++] = chain[--count];
    }
    const char *builtin = find_builtin(name);
    loader->builtin = builtin != NULL ? builtin : "prod";
    loader->plan->builtin_profile = loader->builtin;
}

void plan_profile_resolve(struct loader *loader) {
    struct plan_setting *setting = &loader->plan->internal->profile;
    const struct node *own = node_get_good(loader->root, "profiles");
    for (struct node *child = own != NULL ? own->first : NULL; child != NULL; child = child->next) {
        check_own(loader, own, child);
    }
    check_environments(loader);

    struct node *node = node_get_good(loader->environment, "profile");
    const char *variable = loader_getenv(loader, "INFILL_PROFILE");
    const char *name = "prod";
    *setting = (struct plan_setting){.origin = ORIGIN_DEFAULT};
    if (loader->options->profile != NULL) {
        name = loader->options->profile;
        *setting = (struct plan_setting){.origin = ORIGIN_FLAG, .where = "--profile"};
    } else if (variable != NULL) {
        name = variable;
        *setting = (struct plan_setting){.origin = ORIGIN_VARIABLE, .where = "INFILL_PROFILE"};
    } else if (node != NULL) {
        name = node->text;
        *setting = (struct plan_setting){.origin = ORIGIN_PLAN, .where = loader_where(loader, node), .line = node->line};
    }
    if (!is_known(loader, name)) {
        report_unknown(loader, name, setting->line > 0 ? node : NULL, setting->where);
    }
    loader->plan->profile = loader_strdup(loader, name);
    take_chain(loader, name);
}
