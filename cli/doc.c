/* doc.c - see doc.h. */
#include "cli/doc.h"

#include <stdlib.h>

#include "cli/term.h"
#include "cli/xalloc.h"

json_t *doc_read(const char *text) {
    return json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

const char *doc_text(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

int64_t doc_int(const json_t *object, const char *name, int64_t other) {
    const json_t *value = json_object_get(object, name);
    if (json_is_real(value) && json_real_value(value) > -9e18 && json_real_value(value) < 9e18)
        return (int64_t)json_real_value(value);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : other;
}

double doc_real(const json_t *object, const char *name, double other) {
    const json_t *value = json_object_get(object, name);
    return json_is_number(value) ? json_number_value(value) : other;
}

bool doc_true(const json_t *object, const char *name) {
    return json_is_true(json_object_get(object, name));
}

json_t *doc_list(const json_t *object, const char *name) {
    json_t *value = json_object_get(object, name);
    return json_is_array(value) ? value : NULL;
}

json_t *doc_object(const json_t *object, const char *name) {
    json_t *value = json_object_get(object, name);
    return json_is_object(value) ? value : NULL;
}

char *doc_shown(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    char *dumped = json_is_string(value) || json_is_null(value) ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    return dumped != NULL ? dumped : xcopy(doc_text(object, name));
}

char *doc_range(const json_t *object) {
    const json_t *number = json_object_get(object, "range");
    if (!json_is_integer(number) || json_integer_value(number) > 0)
        return doc_shown(object, "range");
    return xcopy(json_integer_value(number) == 0 ? "above" : "none");
}

char *doc_joined(const json_t *object, const char *name) {
    struct xstream stream;
    size_t index;
    json_t *item;
    xstream_begin(&stream);
    json_array_foreach (doc_list(object, name), index, item) {
        char *dumped = json_is_string(item) ? NULL : json_dumps(item, JSON_COMPACT | JSON_ENCODE_ANY);
        fprintf(stream.file, "%s%s", index > 0 ? ", " : "", dumped != NULL ? dumped : json_string_value(item));
        free(dumped);
    }
    return xstream_end(&stream);
}

json_t *doc_string(const char *text) {
    json_t *value = json_string(text);
    if (value != NULL)
        return value;
    char *escaped = term_escaped(text);
    value = json_string(escaped);
    free(escaped);
    return value;
}
