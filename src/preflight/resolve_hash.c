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

static json_t *key_json(const struct sql_column *const *columns, size_t count) {
    json_t *key = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(key, columns[i]->name,
                            json_sprintf("%s%s%s", columns[i]->type, columns[i]->collation ? " collate " : "",
                                         columns[i]->collation ? columns[i]->collation : ""));
    return key;
}

static json_t *triggers_json(const struct sql_table *table) {
    json_t *triggers = json_object();
    for (size_t i = 0; i < table->trigger_count; i++)
        json_object_set_new(triggers, table->triggers[i].name,
                            json_sprintf("%s %s%s%s%s", table->triggers[i].timing, table->triggers[i].on_insert ? "insert " : "",
                                         table->triggers[i].on_update ? "update " : "",
                                         table->triggers[i].on_delete ? "delete " : "",
                                         table->triggers[i].enabled ? "enabled" : "disabled"));
    return triggers;
}

static json_t *job_json(const struct job *job) {
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "source", job->source_name, "target", job->target_name, "columns",
                     columns_json(job), "key", key_json(job->map.key, job->map.key_count), "match",
                     key_json(job->map.match, job->map.match_count), "triggers", triggers_json(job->target));
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
