/* plan_schema_json.c - the JSON Schema (draft 2020-12) of a plan, for editors, out of the table that checks plans. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "plan/plan.h"
#include "plan/plan_schema.h"
#include "plan/plan_value.h"

static json_t *row_json(const struct schema_row *row);

static const char DURATION[] = "^[0-9]{1,18} ?(ms|s|seconds?|m|min|minutes?|h|hours?|d|days?)$";
static const char FRACTION[] = "^[0-9.eE-]+%?$";
static const char MEASURE[] = "^[0-9.eE-]+%?$|^[0-9]{1,18} ?(ms|s|seconds?|m|min|minutes?|h|hours?|d|days?)$";
static const char WINDOW[] = "^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2} [A-Za-z][A-Za-z0-9_+/-]*$";
static const char NAME[] = "^[A-Za-z0-9_.-]{1,64}$";
static const char TABLE[] = "^[^.]+([.][^.]+)?$";

static json_t *text_json(void) {
    return json_pack("{s:s, s:i}", "type", "string", "minLength", 1);
}

static json_t *pattern_json(const char *pattern) {
    return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
}

static json_t *integer_json(const struct schema_row *row) {
    return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)row->min, "maximum", (json_int_t)row->max);
}

static json_t *words_json(const struct schema_row *row) {
    json_t *words = json_array();
    char word[VALUE_NAME_MAX];
    for (size_t i = 0; schema_word(row->words, i, word, sizeof(word)); i++) {
        if (json_array_append_new(words, json_string(word)) != 0) {
            json_decref(words);
            return NULL;
        }
    }
    return json_pack("{s:o}", "enum", words);
}

/* Any scalar: its text is the expression. */
static json_t *sql_json(void) {
    return json_pack("{s:[s,s,s,s]}", "type", "string", "number", "boolean", "null");
}

static json_t *sqls_json(const struct schema_row *row) {
    return json_pack("{s:s, s:i, s:{s:i}, s:o}", "type", "object", "minProperties", (row->flags & SCHEMA_EMPTY) != 0 ? 0 : 1,
                     "propertyNames", "minLength", 1, "additionalProperties", sql_json());
}

static json_t *table_json(void) {
    return json_pack("{s:[o, {s:s, s:o, s:i, s:i}]}", "anyOf", pattern_json(TABLE), "type", "array", "items", text_json(),
                     "minItems", 1, "maxItems", 2);
}

/* A name in a list may look like a number. */
static json_t *names_json(const struct schema_row *row) {
    return json_pack("{s:s, s:{s:[s,s,s,s]}, s:i, s:b}", "type", "array", "items", "type", "string", "number", "boolean", "null",
                     "minItems", (row->flags & SCHEMA_EMPTY) != 0 ? 0 : 1, "uniqueItems", 1);
}

static json_t *list_json(const struct schema_row *row) {
    return json_pack("{s:s, s:o, s:I, s:I}", "type", "array", "items", row_json(schema_item(row)), "minItems", (json_int_t)row->min,
                     "maxItems", (json_int_t)row->max);
}

/* Settings blocks stand in several places, so they are defined once. */
static json_t *reference_json(const struct schema_row *row) {
    char path[VALUE_NAME_MAX];
    snprintf(path, sizeof(path), "#/$defs/%s", row->path);
    return json_pack("{s:s}", "$ref", path);
}

static json_t *child_json(const struct schema_row *parent, const struct schema_row *row) {
    bool shared = (row->flags & SCHEMA_SETTING) != 0 && (parent->flags & SCHEMA_SCOPE) != 0;
    return shared ? reference_json(row) : row_json(row);
}

static int add_child(json_t *map, json_t *properties, json_t *required, const struct schema_row *parent,
                     const struct schema_row *row) {
    if (strcmp(schema_key(row), "*") == 0) {
        return json_object_set_new(map, "additionalProperties", row_json(row)) |
               json_object_set_new(map, "propertyNames", json_pack("{s:s}", "pattern", NAME));
    }
    if ((row->flags & SCHEMA_REQUIRED) != 0 && json_array_append_new(required, json_string(schema_key(row))) != 0) {
        return -1;
    }
    return json_object_set_new(properties, schema_key(row), child_json(parent, row));
}

static json_t *map_json(const struct schema_row *row) {
    json_t *properties = json_object();
    json_t *required = json_array();
    json_t *map = json_pack("{s:s, s:b}", "type", "object", "additionalProperties", 0);
    int failed = properties == NULL || required == NULL;
    for (size_t i = 0; i < SCHEMA_COUNT; i++) {
        if (schema_allows(row, &SCHEMA[i])) {
            failed |= add_child(map, properties, required, row, &SCHEMA[i]);
        }
    }
    if (json_object_size(properties) > 0) {
        failed |= json_object_set(map, "properties", properties);
    }
    if (json_array_size(required) > 0) {
        failed |= json_object_set(map, "required", required);
    }
    if (row->min > 0) {
        failed |= json_object_set_new(map, "minProperties", json_integer(row->min));
    }
    if (row->extra != NULL) {
        json_t *extra = json_loads(row->extra, 0, NULL);
        failed |= json_object_update(map, extra);
        json_decref(extra);
    }
    json_decref(properties);
    json_decref(required);
    if (failed != 0) {
        json_decref(map);
        return NULL;
    }
    if (row->shorthand != NULL) {
        return json_pack("{s:[o,o]}", "anyOf", row_json(schema_find(row, row->shorthand)), map);
    }
    return map;
}

static json_t *shape_json(const struct schema_row *row) {
    switch (row->type) {
    case SCHEMA_MAP:
        return map_json(row);
    case SCHEMA_LIST:
        return list_json(row);
    case SCHEMA_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case SCHEMA_INT:
        return integer_json(row);
    case SCHEMA_RATE:
        return json_pack("{s:[o, {s:s}]}", "anyOf", integer_json(row), "const", "unlimited");
    case SCHEMA_DURATION:
        return pattern_json(DURATION);
    case SCHEMA_FRACTION:
        return json_pack("{s:[o, {s:s, s:i, s:i}]}", "anyOf", pattern_json(FRACTION), "type", "number", "minimum", 0, "maximum", 1);
    case SCHEMA_MEASURE:
        return json_pack("{s:[o, {s:s, s:i}]}", "anyOf", pattern_json(MEASURE), "type", "number", "minimum", 0);
    case SCHEMA_WINDOW:
        return pattern_json(WINDOW);
    case SCHEMA_NAME:
        return json_pack("{s:[o, {s:s}]}", "anyOf", pattern_json(NAME), "type", "number");
    case SCHEMA_WORD:
        return words_json(row);
    case SCHEMA_TABLE:
        return table_json();
    case SCHEMA_FACT:
        return json_pack("{s:[s,s,s]}", "type", "string", "number", "boolean");
    case SCHEMA_NAMES:
        return names_json(row);
    case SCHEMA_SQL:
        return sql_json();
    case SCHEMA_SQLS:
        return sqls_json(row);
    case SCHEMA_ANY:
        return json_pack("{s:{}}", "not");
    default:
        return text_json();
    }
}

static json_t *doc_json(const struct schema_row *row) {
    if ((row->flags & SCHEMA_LATER) != 0) {
        return json_sprintf("%s Not supported yet.", row->doc);
    }
    if (row->dev != NULL) {
        return json_sprintf("%s Profile dev: %s, staging: %s, prod: %s.", row->doc, row->dev,
                            row->staging != NULL ? row->staging : row->standard, row->standard);
    }
    return json_string(row->doc);
}

static json_t *row_json(const struct schema_row *row) {
    json_t *json = shape_json(row);
    int failed = json_object_set_new(json, "description", doc_json(row));
    if (row->standard != NULL) {
        failed |= json_object_set_new(json, "default", value_standard_json(row));
    }
    if (failed != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static json_t *definitions_json(void) {
    json_t *definitions = json_object();
    for (size_t i = 0; i < SCHEMA_COUNT; i++) {
        const struct schema_row *row = &SCHEMA[i];
        if ((row->flags & SCHEMA_SETTING) == 0 || !schema_is_child(row, schema_root())) {
            continue;
        }
        if (json_object_set_new(definitions, row->path, row_json(row)) != 0) {
            json_decref(definitions);
            return NULL;
        }
    }
    return definitions;
}

int plan_schema_json(struct json_t **out, struct err *err) {
    json_t *root = json_object();
    json_t *top = row_json(schema_root());
    int failed = json_object_set_new(root, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
    failed |= json_object_set_new(root, "title", json_string("infill plan"));
    failed |= json_object_update(root, top);
    failed |= json_object_set_new(root, "$defs", definitions_json());
    json_decref(top);
    if (failed != 0) {
        json_decref(root);
        return err_nomem(err);
    }
    *out = root;
    return 0;
}
