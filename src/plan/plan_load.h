/* plan_load.h - the steps of loading a plan, for the files of src/plan only.
 *
 * read -> yaml_tree -> plan_check (every key and value by itself) -> plan_fills, plan_env, plan_settings (what they mean together).
 * Each step adds its mistakes to the report and goes on with what is sound, so that all come at once. */
#ifndef PLAN_PLAN_LOAD_H
#define PLAN_PLAN_LOAD_H

#include "base/arena.h"
#include "plan/plan.h"
#include "plan/plan_report.h"
#include "plan/plan_schema.h"
#include "plan/plan_url.h"
#include "plan/yaml_tree.h"

/* Where a setting comes from, weakest first. */
enum plan_origin { ORIGIN_DEFAULT, ORIGIN_PROFILE, ORIGIN_PLAN, ORIGIN_ENVIRONMENT, ORIGIN_VARIABLE, ORIGIN_FLAG };

struct plan_setting {
    enum plan_origin origin;
    const char *where; /* "users.yaml:12:9", "--set", "INFILL_WORKERS", the profile; NULL for a default */
    const char *note;  /* why it is in force in another size than asked for; or NULL */
    int line;          /* in the plan file, or 0 */
    int column;
};

/* The private part of a plan. */
struct plan_internal {
    struct arena arena;            /* everything the plan points at */
    struct plan_setting *settings; /* one per row of SCHEMA */
    struct plan_setting environment;
    struct plan_setting profile;
    struct plan_setting source;
    struct plan_setting writes;
    const struct node *root; /* the file, for plan_checks_origins */
    char *secrets;           /* the URLs filled in, wiped when the plan is freed */
    size_t secrets_len;
};

struct loader {
    const struct plan_options *options;
    struct plan *plan;
    struct arena *arena;
    struct plan_report report;
    struct node *root;
    struct node *environment; /* its map; the root when source: stands at the top; NULL while unknown */
    struct node *profiles[8]; /* own profiles in force, weakest first */
    size_t profile_count;
    const char *builtin; /* dev, staging or prod */
};

enum { PROFILE_CHAIN_MAX = 8 }; /* how many own profiles may extend one another */

/* Arena memory; NULL makes the report end in ERR_NOMEM. */
void *loader_alloc(struct loader *loader, size_t count, size_t size);
const char *loader_strdup(struct loader *loader, const char *text);
/* "path:line:column" of a node. */
const char *loader_where(struct loader *loader, const struct node *node);

/* The environment variable, NULL when unset or empty. */
const char *loader_getenv(const struct loader *loader, const char *name);

/* Reports at the node and marks it bad. */
void loader_bad(struct loader *loader, struct node *node, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* "; did you mean 'x'?" or "". */
const char *loader_hint(struct loader *loader, const char *word, const char *const *words, size_t count);

/* A URL filled in, in the arena: whoever keeps it wipes it. NULL and a mistake (at the node, or at `place` when there is none) if that
 * fails. */
char *loader_url(struct loader *loader, const char *text, enum url_kind kind, struct node *node, const char *place);

/* Every key and every value of the tree against the table. */
void plan_check(struct loader *loader);

/* plan.fills out of the tree. */
void plan_fills_build(struct loader *loader);
/* needs: of all fills: known, and no cycle. */
void plan_needs_check(struct loader *loader, const struct node *fills);

/* checks of every fill; the fills are built. */
void plan_checks_build(struct loader *loader);

/* What plan_origins says about checks. */
int plan_checks_origins(const struct plan *plan, struct json_t *list);
/* An entry of plan_origins. Takes over `value`. */
int plan_origin_add(struct json_t *list, const char *name, struct json_t *value, const struct plan_setting *setting);

/* A list of names, of nodes without mistakes. */
void plan_names_build(struct loader *loader, const struct node *node, struct plan_names *names);

/* plan.environment, profile and source_url. */
void plan_env_resolve(struct loader *loader);

/* The profiles in force, from plan.profile. */
void plan_profile_resolve(struct loader *loader);

/* plan.set, from all origins. */
void plan_settings_resolve(struct loader *loader);

/* plan.signals, from all blocks and from the settings that are signals too. */
void plan_signals_resolve(struct loader *loader);

/* plan.hooks out of the tree. */
#define HOOK_EVENTS "started|halted|stalled|rejects|done" /* as enum plan_event */
void plan_hooks_build(struct loader *loader);

/* The value of the last --set of that path, or NULL. */
const char *plan_set_find(const struct loader *loader, const char *path);

#endif
