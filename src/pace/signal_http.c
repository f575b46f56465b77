/* signal_http.c - any number that a URL answers with: all of the text, or a place in a JSON document. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "pace/signal.h"

enum { NAME_MAX_BYTES = 256, NUMBER_MAX = 64 };

/* The next part of a JSON pointer (RFC 6901), with ~1 for '/' and ~0 for '~'; NULL when it is longer than any name here. */
static const char *read_part(const char *at, char out[NAME_MAX_BYTES]) {
    size_t len = 0;
    while (*at != '\0' && *at != '/') {
        if (len + 1 >= NAME_MAX_BYTES)
            return NULL;
        bool escaped = *at == '~' && (at[1] == '0' || at[1] == '1');
        out[len++] = escaped ? (at[1] == '1' ? '/' : '~') : *at;
        at += escaped ? 2 : 1;
    }
    out[len] = '\0';
    return at;
}

static const json_t *step(const json_t *value, const char *name) {
    size_t digits = strspn(name, "0123456789");
    if (json_is_array(value))
        return digits > 0 && name[digits] == '\0' ? json_array_get(value, strtoul(name, NULL, 10)) : NULL;
    return json_object_get(value, name);
}

static const json_t *find(const json_t *value, const char *pointer) {
    char name[NAME_MAX_BYTES];
    while (value && pointer && *pointer == '/') {
        pointer = read_part(pointer + 1, name);
        value = pointer ? step(value, name) : NULL;
    }
    return value;
}

/* Numbers also as text, which is how some documents keep them. */
static int number_at(const struct buf *answer, const char *pointer, double *number, struct err *err) {
    json_t *document = json_loadb(answer->data, answer->len, JSON_DECODE_ANY, NULL);
    const json_t *value = find(document, pointer);
    int rc = 0;
    if (document == NULL)
        rc = err_set(err, ERR_SQL, "the answer is no JSON");
    else if (value == NULL)
        rc = err_set(err, ERR_SQL, "the answer has nothing at %.80s", pointer);
    else if (json_is_number(value))
        *number = json_number_value(value);
    else
        rc = signal_number(json_string_value(value), number, err);
    json_decref(document);
    return rc;
}

static int sample(struct signal *signal, const struct signal_tools *tools, struct pace_reading *reading, struct err *err) {
    struct buf answer;
    buf_init(&answer);
    int rc = signal_get(signal, tools, signal->about->url, &answer, err);
    if (rc == 0 && signal->about->pointer)
        rc = number_at(&answer, signal->about->pointer, &reading->value, err);
    else if (rc == 0)
        rc = signal_number(answer.data, &reading->value, err);
    buf_release(&answer);
    return rc;
}

const struct signal_type http_signal = {.name = "http", .kind = PACE_GAUGE, .sample = sample};
