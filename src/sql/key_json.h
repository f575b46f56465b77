/* key_json.h - JSON arrays of strings and integers: the form that keys have in the ledger and on the command line.
 *
 * No library reads them, because jansson cannot tell a text that is no JSON from memory that ended, and here that is the difference
 * between a spoilt ledger and a retry. */
#ifndef SQL_KEY_JSON_H
#define SQL_KEY_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends a JSON string; `text` is UTF-8 and may hold NUL. */
void key_json_add(struct buf *out, const char *text, size_t len);

/* A reader of one array. Borrowed text. */
struct key_json {
    const char *at;
    bool begun;
    struct buf element; /* of the last step: the string without quotes and escapes, or the integer's digits */
    bool is_string;
    const char *why; /* set when a step returns -1 */
};

void key_json_open(struct key_json *json, const char *text);
void key_json_close(struct key_json *json);
/* 1: an element, 0: the array and the text have ended, -1: this is no such array, or memory ended (buf_ok(&json->element) tells). */
int key_json_next(struct key_json *json);

#endif
