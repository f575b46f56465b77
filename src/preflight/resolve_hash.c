/* resolve_hash.c - meaning and fingerprint: what a run must find unchanged when it is resumed (L7).
 *
 * The meaning is what the plan says, with the databases' identities; the fingerprint is what the catalog says of the columns, keys and
 * triggers in use. Both are kept as text too, so that a refusal can name what changed. */
#include <jansson.h>

#include "base/mem.h"
#include "preflight/resolve.h"

static json_t *columns_json(const struct job *job) {
    json_t *columns = json_object();
    for (size_t i = 0; i < job->map.value_count; i++)
        json_object_set_new(columns, job->map.values[i].column->name, json_string(job->map.values[i].column->type));
    return columns;
}

static json_t *type_json(const struct sql_column *column) {
    return json_sprintf("%s%s%s", column->type, column->collation ? " collate " : "", column->collation ? column->collation : "");
}

static json_t *types_json(const struct sql_column *const *columns, size_t count) {
    json_t *types = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(types, columns[i]->name, type_json(columns[i]));
    return types;
}

/* A list: the same columns in another order are another walk, and a cursor of the one means nothing in the other. */
static json_t *key_json(const struct job *job) {
    json_t *key = json_array();
    for (size_t i = 0; i < job->map.key_count; i++)
        json_array_append_new(key, json_pack("[s, o]", job->map.key[i]->name, type_json(job->map.key[i])));
    return key;
}

static json_t *triggers_json(const struct job *job) {
    json_t *triggers = json_object();
    for (size_t i = 0; i < job->target->trigger_count; i++) {
        const struct sql_trigger *trigger = &job->target->triggers[i];
        if (job_fires(job, trigger))
            json_object_set_new(
                triggers, trigger->name,
                json_sprintf("%s%s%s", trigger->timing, trigger->on_insert ? " insert" : "", trigger->on_update ? " update" : ""));
    }
    return triggers;
}

static json_t *job_json(const struct job *job) {
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "source", job->source_name, "target", job->target_name, "columns",
                     columns_json(job), "reads", types_json(job->reads, job->read_count), "key", key_json(job), "match",
                     types_json(job->map.match, job->map.match_count), "triggers", triggers_json(job));
}

static int hash_text(struct jobs *jobs, json_t *document, const char **text, char hex[DIGEST_HEX_SIZE], struct err *err) {
    char *dump = document ? mem_json_text(document, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    *text = dump ? arena_strdup(&jobs->arena, dump) : NULL;
    json_decref(document);
    mem_free(dump);
    if (*text == NULL)
        return err_nomem(err);
    return digest_sha256_hex(*text, strlen(*text), hex, err);
}

static int fingerprint(struct jobs *jobs, struct err *err) {
    json_t *fills = json_object();
    for (size_t i = 0; i < jobs->count; i++)
        if (jobs->jobs[i].has_sql)
            json_object_set_new(fills, jobs->jobs[i].name, job_json(&jobs->jobs[i]));
    return hash_text(jobs, fills, &jobs->fingerprint_text, jobs->fingerprint, err);
}

static int meaning(struct jobs *jobs, const struct plan *plan, struct err *err) {
    struct buf text;
    buf_init(&text);
    int rc = plan_meaning(plan, &text, err);
    json_t *fills = rc ? NULL : json_loads(text.data, JSON_REJECT_DUPLICATES, NULL);
    buf_release(&text);
    if (rc)
        return rc;
    json_t *document = json_pack("{s:s, s:s, s:s, s:o}", "server", jobs->identity.server, "database", jobs->identity.database,
                                 "search_path", jobs->identity.search_path ? jobs->identity.search_path : "", "plan", fills);
    return hash_text(jobs, document, &jobs->meaning_text, jobs->meaning, err);
}

int resolve_hash(struct jobs *jobs, const struct plan *plan, struct err *err) {
    int rc = meaning(jobs, plan, err);
    return rc ? rc : fingerprint(jobs, err);
}
