/* plan_json.c - a loaded plan as JSON: its settings, where they come from, and what gives a run its meaning. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "plan/plan_load.h"
#include "plan/plan_value.h"

static json_t *text_or_null(const char *text) {
    return text != NULL ? json_string(text) : json_null();
}

static const char *origin_word(enum plan_origin origin) {
    static const char *const words[] = {"default", "profile", "plan", "environment", "variable", "flag"};
    return words[origin];
}

int plan_origin_add(json_t *list, const char *name, json_t *value, const struct plan_setting *setting) {
    json_t *entry = json_object();
    int failed = json_object_set_new(entry, "setting", json_string(name));
    failed |= json_object_set_new(entry, "value", value);
    failed |= json_object_set_new(entry, "origin", json_string(origin_word(setting->origin)));
    failed |= json_object_set_new(entry, "where", text_or_null(setting->where));
    if (setting->note != NULL) {
        failed |= json_object_set_new(entry, "note", json_string(setting->note));
    }
    return json_array_append_new(list, entry) | failed;
}

static json_t *redacted(const char *url) {
    struct buf text;
    buf_init(&text);
    plan_url_redact(url, &text);
    json_t *value = buf_ok(&text) ? json_string(text.data) : NULL;
    buf_release(&text);
    return value;
}

static const char *writes_word(enum plan_writes writes) {
    static const char *const words[] = {
        [PLAN_WRITES_APPLICATION] = "application", [PLAN_WRITES_CAPTURE] = "capture", [PLAN_WRITES_NONE] = "none"};
    return words[writes];
}

/* What is measured, and its lines in seconds, as a fraction or a number. */
static json_t *signal_json(const struct plan_signal *signal) {
    json_t *map = json_pack("{s:s}", "kind", signal->kind);
    int failed = map == NULL;
    if (signal->slow >= 0) {
        failed |= json_object_set_new(map, "slow", json_real(signal->slow));
    }
    if (signal->stop >= 0) {
        failed |= json_object_set_new(map, "stop", json_real(signal->stop));
    }
    if (failed != 0) {
        json_decref(map);
        return NULL;
    }
    return map;
}

/* pause_file and only are settings, and listed as such. */
static bool is_setting_signal(const struct plan_signal *signal) {
    return signal->line == 0 && signal->unit == PLAN_UNIT_gate;
}

static int add_signal_origins(const struct plan *plan, json_t *list) {
    int failed = 0;
    for (size_t i = 0; i < plan->signal_count; i++) {
        char name[VALUE_NAME_MAX + 16];
        const struct plan_signal *signal = &plan->signals[i];
        struct plan_setting from = {.origin = signal->line > 0 ? ORIGIN_PLAN : ORIGIN_PROFILE,
                                    .where = signal->line > 0 ? signal->where : plan->profile};
        snprintf(name, sizeof(name), "pace.signals.%s", signal->name);
        if (!is_setting_signal(signal)) {
            failed |= plan_origin_add(list, name, signal_json(signal), &from);
        }
    }
    return failed;
}

static int add_fact_origins(const struct plan *plan, json_t *list) {
    int failed = 0;
    for (size_t i = 0; i < plan->fact_count; i++) {
        char name[VALUE_NAME_MAX + 16];
        const struct plan_fact *fact = &plan->facts[i];
        struct plan_setting from = {.origin = strcmp(plan->environment, "default") == 0 ? ORIGIN_PLAN : ORIGIN_ENVIRONMENT,
                                    .where = fact->where};
        snprintf(name, sizeof(name), "facts.%s", fact->name);
        failed |= plan_origin_add(list, name, json_string(fact->value), &from);
    }
    return failed;
}

int plan_origins(const struct plan *plan, struct json_t **out, struct err *err) {
    const struct plan_internal *internal = plan->internal;
    json_t *list = json_array();
    int failed = plan_origin_add(list, "environment", json_string(plan->environment), &internal->environment);
    failed |= plan_origin_add(list, "profile", json_string(plan->profile), &internal->profile);
    failed |= plan_origin_add(list, "source.url", redacted(plan->source_url), &internal->source);
    failed |= add_fact_origins(plan, list);
    failed |= plan_origin_add(list, "writes.by", json_string(writes_word(plan->writes)), &internal->writes);
    for (size_t i = 0; i < SCHEMA_COUNT; i++) {
        if (schema_is_setting(&SCHEMA[i])) {
            failed |= plan_origin_add(list, SCHEMA[i].path, value_json(&SCHEMA[i], &plan->set), &internal->settings[i]);
        }
    }
    failed |= plan_checks_origins(plan, list);
    failed |= add_signal_origins(plan, list);
    if (failed != 0) {
        json_decref(list);
        return err_nomem(err);
    }
    *out = list;
    return 0;
}

/* Puts a value at its path, two deep at most. Takes it over. */
static int add_setting(json_t *root, const struct schema_row *row, json_t *value) {
    const char *dot = strchr(row->path, '.');
    if (dot == NULL) {
        return json_object_set_new(root, row->path, value);
    }
    char head[VALUE_NAME_MAX];
    snprintf(head, sizeof(head), "%.*s", (int)(dot - row->path), row->path);
    json_t *block = json_object_get(root, head);
    if (block == NULL) {
        block = json_object();
        if (json_object_set_new(root, head, block) != 0) {
            json_decref(value);
            return -1;
        }
    }
    return json_object_set_new(block, dot + 1, value);
}

int plan_settings_json(const struct plan *plan, struct json_t **out, struct err *err) {
    json_t *root = json_object();
    int failed = root == NULL;
    for (size_t i = 0; failed == 0 && i < SCHEMA_COUNT; i++) {
        if (!schema_is_setting(&SCHEMA[i]) ||
            (SCHEMA[i].offset == offsetof(struct plan_settings, range_rows) && plan->set.range_every_us > 0)) {
            continue;
        }
        json_t *value = value_json(&SCHEMA[i], &plan->set);
        if (json_is_null(value)) {
            continue; /* a plan leaves out what is not set */
        }
        failed |= add_setting(root, &SCHEMA[i], value);
    }
    if (failed != 0) {
        json_decref(root);
        return err_nomem(err);
    }
    *out = root;
    return 0;
}

static json_t *table_json(const struct plan_table *table) {
    json_t *list = json_array();
    int failed = json_array_append_new(list, text_or_null(table->schema)) | json_array_append_new(list, json_string(table->name));
    if (failed != 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *names_json(const struct plan_names *names) {
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < names->count; i++) {
        if (json_array_append_new(list, json_string(names->names[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* Column to expression; null is a carried column. The order of columns has no meaning. */
static json_t *columns_json(const struct plan_fill *fill) {
    json_t *map = json_object();
    for (size_t i = 0; map != NULL && i < fill->column_count; i++) {
        if (json_object_set_new(map, fill->columns[i].name, text_or_null(fill->columns[i].expr)) != 0) {
            json_decref(map);
            return NULL;
        }
    }
    return map;
}

static json_t *fill_json(const struct plan_fill *fill) {
    static const char *const conflict[] = {[PLAN_KEEP] = "keep", [PLAN_OVERWRITE] = "overwrite", [PLAN_FAIL] = "fail"};

    json_t *map = json_object();
    int failed = json_object_set_new(map, fill->in_place ? "table" : "from", table_json(&fill->from));
    failed |= json_object_set_new(map, fill->in_place ? "set" : "columns", columns_json(fill));
    if (!fill->in_place) {
        failed |= json_object_set_new(map, "into", table_json(&fill->into));
        failed |= json_object_set_new(map, "match", names_json(&fill->match));
        failed |= json_object_set_new(map, "on_conflict", json_string(conflict[fill->on_conflict]));
    }
    failed |= json_object_set_new(map, "key", names_json(&fill->key));
    failed |= json_object_set_new(map, "where", text_or_null(fill->where));
    failed |= json_object_set_new(map, "touch", json_boolean(fill->touch));
    if (failed != 0) {
        json_decref(map);
        return NULL;
    }
    return map;
}

static int append_chunk(const char *chunk, size_t len, void *data) {
    buf_add_mem(data, chunk, len);
    return buf_ok(data) ? 0 : -1;
}

int plan_meaning(const struct plan *plan, struct buf *out, struct err *err) {
    json_t *root = json_object();
    json_t *fills = json_object(); /* by name: the order in which fills are written down has no meaning */
    int failed = json_object_set_new(root, "fills", fills);
    failed |= json_object_set_new(root, "writes", json_string(writes_word(plan->writes)));
    for (size_t i = 0; failed == 0 && i < plan->fill_count; i++) {
        failed |= json_object_set_new(fills, plan->fills[i].name, fill_json(&plan->fills[i]));
    }
    if (failed == 0) {
        failed |= json_dump_callback(root, append_chunk, out, JSON_COMPACT | JSON_SORT_KEYS);
    }
    json_decref(root);
    return failed != 0 ? err_nomem(err) : 0;
}
