/* json_at.h - looks into a JSON document by path. */
#ifndef TEST_JSON_AT_H
#define TEST_JSON_AT_H

#include "unit.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/arena.h"

/* The value at a path of members and indexes, "fills/0/rows/seen", as JSON text; "(nothing)" where there is none. */
static inline const char *json_at(struct arena *arena, const json_t *document, const char *path) {
    char step[64];
    while (document && *path) {
        size_t len = strcspn(path, "/");
        snprintf(step, sizeof step, "%.*s", (int)len, path);
        document =
            json_is_array(document) ? json_array_get(document, (size_t)strtoul(step, NULL, 10)) : json_object_get(document, step);
        path += len + (path[len] == '/');
    }
    char *text = document ? json_dumps(document, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_REAL_PRECISION(6)) : NULL;
    const char *copy = text ? arena_strdup(arena, text) : "(nothing)";
    mem_free(text);
    return copy;
}

#endif
