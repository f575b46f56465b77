/* key_json.c - see key_json.h; RFC 8259 as far as strings and integers go. */
#include "sql/key_json.h"

#include <ctype.h>
#include <string.h>

enum { SURROGATE_HIGH = 0xD800, SURROGATE_LOW = 0xDC00, SURROGATE_END = 0xE000 };

void key_json_add(struct buf *out, const char *text, size_t len) {
    buf_add_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            buf_add_char(out, '\\');
        if (c == '\n')
            buf_add(out, "\\n");
        else if (c < 0x20)
            buf_printf(out, "\\u%04x", c);
        else
            buf_add_char(out, text[i]);
    }
    buf_add_char(out, '"');
}

void key_json_open(struct key_json *json, const char *text) {
    *json = (struct key_json){.at = text};
    buf_init(&json->element);
}

void key_json_close(struct key_json *json) {
    buf_release(&json->element);
}

static void skip_blanks(struct key_json *json) {
    while (*json->at != '\0' && strchr(" \t\r\n", *json->at) != NULL)
        json->at++;
}

static bool wrong(struct key_json *json, const char *why) {
    json->why = why;
    return false;
}

/* Four hex digits; -1 if they are not. */
static long read_hex4(struct key_json *json) {
    long code = 0;
    for (int i = 0; i < 4; i++, json->at++) {
        int c = tolower((unsigned char)*json->at);
        if (!isxdigit(c))
            return -1;
        code = code * 16 + (isdigit(c) ? c - '0' : c - 'a' + 10);
    }
    return code;
}

static void add_utf8(struct buf *out, unsigned long code) {
    if (code < 0x80) {
        buf_add_char(out, (char)code);
        return;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    buf_add_char(out, (char)(lead[more] | code >> 6 * more));
    while (more-- > 0)
        buf_add_char(out, (char)(0x80 | (code >> 6 * more & 0x3F)));
}

/* What follows \u; two of them make a character beyond the first plane. */
static bool read_unicode(struct key_json *json) {
    long code = read_hex4(json);
    if (code >= SURROGATE_HIGH && code < SURROGATE_LOW) {
        if (json->at[0] != '\\' || json->at[1] != 'u')
            return wrong(json, "half a surrogate pair");
        json->at += 2;
        long low = read_hex4(json);
        if (low < SURROGATE_LOW || low >= SURROGATE_END)
            return wrong(json, "half a surrogate pair");
        code = 0x10000 + ((code - SURROGATE_HIGH) << 10) + (low - SURROGATE_LOW);
    } else if (code < 0 || (code >= SURROGATE_LOW && code < SURROGATE_END)) {
        return wrong(json, "a wrong \\u escape");
    }
    add_utf8(&json->element, (unsigned long)code);
    return true;
}

static bool read_escape(struct key_json *json) {
    static const char letters[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    char c = *json->at;
    if (c == '\0')
        return wrong(json, "a string has no end");
    json->at++;
    if (c == 'u')
        return read_unicode(json);
    const char *letter = strchr(letters, c);
    if (letter == NULL)
        return wrong(json, "an unknown escape");
    buf_add_char(&json->element, meant[letter - letters]);
    return true;
}

static bool read_string(struct key_json *json) {
    for (json->at++; *json->at != '"';) {
        if ((unsigned char)*json->at < 0x20)
            return wrong(json, *json->at == '\0' ? "a string has no end" : "a control character in a string");
        if (*json->at != '\\') {
            buf_add_char(&json->element, *json->at++);
            continue;
        }
        json->at++;
        if (!read_escape(json))
            return false;
    }
    json->at++;
    return true;
}

static bool read_integer(struct key_json *json) {
    if (*json->at == '-')
        buf_add_char(&json->element, *json->at++);
    if (!isdigit((unsigned char)*json->at))
        return wrong(json, "neither a string nor an integer");
    while (isdigit((unsigned char)*json->at))
        buf_add_char(&json->element, *json->at++);
    if (*json->at != '\0' && strchr(".eE", *json->at) != NULL)
        return wrong(json, "a number with a fraction; write it as a string");
    return true;
}

static int read_element(struct key_json *json) {
    json->is_string = *json->at == '"';
    bool ok = json->is_string ? read_string(json) : read_integer(json);
    skip_blanks(json);
    if (ok && *json->at != ',' && *json->at != ']')
        ok = wrong(json, "',' or ']' is missing");
    return ok && buf_ok(&json->element) ? 1 : -1;
}

static int finish(struct key_json *json) {
    json->at++;
    skip_blanks(json);
    if (*json->at == '\0')
        return 0;
    wrong(json, "something follows the array");
    return -1;
}

int key_json_next(struct key_json *json) {
    buf_clear(&json->element);
    skip_blanks(json);
    if (*json->at != (json->begun ? ',' : '[')) {
        if (json->begun && *json->at == ']')
            return finish(json);
        wrong(json, "not an array");
        return -1;
    }
    bool first = !json->begun;
    json->begun = true;
    json->at++;
    skip_blanks(json);
    if (first && *json->at == ']')
        return finish(json);
    return read_element(json);
}
