/* key.c - keys to text and back. The array is key_json.c's, the tags of storage classes are here. */
#include "sql/key.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sql/key_json.h"

static const char hex_digits[] = "0123456789abcdef";

static void add_hex(struct buf *out, const char *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        buf_add_char(out, hex_digits[byte >> 4]);
        buf_add_char(out, hex_digits[byte & 15]);
    }
}

static int hex_value(char c) {
    const char *digit = c == '\0' ? NULL : strchr(hex_digits, tolower((unsigned char)c));
    return digit == NULL ? -1 : (int)(digit - hex_digits);
}

static bool is_hex(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (hex_value(text[i]) < 0)
            return false;
    return len % 2 == 0;
}

static char tag_of(enum sql_value_kind kind) {
    static const char tags[] = {
        [VALUE_NULL] = 'n', [VALUE_TEXT] = 't', [VALUE_INTEGER] = 'i', [VALUE_REAL] = 'r', [VALUE_BYTES] = 'b'};
    return tags[kind];
}

static bool kind_of_tag(char tag, enum sql_value_kind *kind) {
    static const enum sql_value_kind kinds[] = {VALUE_TEXT, VALUE_INTEGER, VALUE_REAL, VALUE_BYTES};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (tag_of(kinds[i]) == tag) {
            *kind = kinds[i];
            return true;
        }
    return false;
}

/* Does `text` read "i:42", "r:0.5", "t:..." or "b:00ff"? */
static bool is_tagged(const char *text, size_t len, enum sql_value_kind *kind) {
    int64_t integer;
    double real;
    if (len < 2 || text[1] != ':' || !kind_of_tag(text[0], kind))
        return false;
    if (*kind == VALUE_INTEGER)
        return strlen(text) == len && text_to_int64(text + 2, &integer);
    if (*kind == VALUE_REAL)
        return strlen(text) == len && text_to_double(text + 2, &real);
    return *kind != VALUE_BYTES || is_hex(text + 2, len - 2);
}

/* Elements are written through a small buffer of their own, because escaping looks at the finished text. */
static int add_element(struct buf *out, size_t index, const struct buf *element, struct err *err) {
    buf_add_char(out, index == 0 ? '[' : ',');
    key_json_add(out, element->data, element->len);
    return buf_ok(element) && buf_ok(out) ? 0 : err_nomem(err);
}

static int end_array(struct buf *out, struct err *err) {
    buf_add_char(out, ']');
    return buf_ok(out) ? 0 : err_nomem(err);
}

static void add_tagged(struct buf *element, const struct sql_value *value) {
    buf_add_char(element, tag_of(value->kind));
    buf_add_char(element, ':');
    if (value->kind == VALUE_BYTES)
        add_hex(element, value->ptr, value->len);
    else
        buf_add_mem(element, value->ptr, value->len);
}

static int encode_value(const struct sql_value *value, bool tagged, struct buf *element, struct err *err) {
    if (value->kind == VALUE_NULL)
        return err_set(err, ERR_ROW, "a key column is NULL");
    if (value->kind != VALUE_BYTES && !text_is_utf8(value->ptr, value->len))
        return err_set(err, ERR_ROW, "the text of a key column is not valid UTF-8");
    buf_clear(element);
    if (tagged)
        add_tagged(element, value);
    else
        buf_add_mem(element, value->ptr, value->len);
    return 0;
}

int key_encode(const struct sql_value *values, size_t count, bool tagged, struct buf *out, struct err *err) {
    struct buf element;
    buf_init(&element);
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = encode_value(&values[i], tagged, &element, err);
        if (rc == 0)
            rc = add_element(out, i, &element, err);
    }
    buf_release(&element);
    return rc == 0 ? end_array(out, err) : rc;
}

/* Hex at `text` into bytes of the arena. */
static int decode_hex(const char *text, size_t len, struct arena *arena, struct sql_value *value, struct err *err) {
    char *bytes = arena_alloc(arena, len / 2 + 1);
    if (bytes == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < len / 2; i++)
        bytes[i] = (char)(hex_value(text[2 * i]) * 16 + hex_value(text[2 * i + 1]));
    *value = (struct sql_value){bytes, len / 2, VALUE_BYTES};
    return 0;
}

static int not_a_key(struct err *err) {
    return err_set(err, ERR_INTERNAL, "the ledger holds a key that cannot be read");
}

static int decode_value(const struct key_json *json, bool tagged, struct arena *arena, struct sql_value *value, struct err *err) {
    const char *text = json->element.data;
    size_t len = json->element.len;
    enum sql_value_kind kind = VALUE_TEXT;
    if (!json->is_string || (tagged && !is_tagged(text, len, &kind)))
        return not_a_key(err);
    if (tagged) {
        text += 2;
        len -= 2;
    }
    if (kind == VALUE_BYTES)
        return decode_hex(text, len, arena, value, err);
    const char *copy = arena_memdup(arena, text, len);
    if (copy == NULL)
        return err_nomem(err);
    *value = (struct sql_value){copy, len, kind};
    return 0;
}

int key_decode(const char *text, size_t count, bool tagged, struct arena *arena, struct sql_value *values, struct err *err) {
    struct key_json json;
    key_json_open(&json, text);
    size_t found = 0;
    int rc = 0;
    int step = 1;
    for (; rc == 0 && (step = key_json_next(&json)) > 0; found++)
        rc = found < count ? decode_value(&json, tagged, arena, &values[found], err) : not_a_key(err);
    if (rc == 0 && (step < 0 || found < count))
        rc = buf_ok(&json.element) ? not_a_key(err) : err_nomem(err);
    key_json_close(&json);
    return rc;
}

/* A tagged value in its one spelling, so that equal keys have equal encodings. */
static void add_canonical(struct buf *element, enum sql_value_kind kind, const char *text, size_t len) {
    int64_t integer = 0;
    buf_add_char(element, tag_of(kind));
    buf_add_char(element, ':');
    if (kind == VALUE_INTEGER && text_to_int64(text, &integer))
        buf_printf(element, "%" PRId64, integer);
    else if (kind == VALUE_BYTES)
        for (size_t i = 0; i < len; i++)
            buf_add_char(element, (char)tolower((unsigned char)text[i]));
    else
        buf_add_mem(element, text, len);
}

/* A value as a user wrote it. Tagged engines: a tag is obeyed, a `bare` value that looks like an integer is one, the rest is text. */
static void add_typed(struct buf *element, const char *text, size_t len, bool tagged, bool bare) {
    enum sql_value_kind kind;
    int64_t integer;
    buf_clear(element);
    if (!tagged)
        buf_add_mem(element, text, len);
    else if (is_tagged(text, len, &kind))
        add_canonical(element, kind, text + 2, len - 2);
    else if (bare && strlen(text) == len && text_to_int64(text, &integer))
        add_canonical(element, VALUE_INTEGER, text, len);
    else
        add_canonical(element, VALUE_TEXT, text, len);
}

static int wrong_count(size_t count, size_t given, struct err *err) {
    return err_set(err, ERR_USAGE, "the key has %zu column%s, but %zu value%s given", count, count == 1 ? "" : "s", given,
                   given == 1 ? " is" : "s are");
}

static int parse_json(const char *text, size_t count, bool tagged, struct buf *out, struct err *err) {
    struct key_json json;
    struct buf element;
    key_json_open(&json, text);
    buf_init(&element);
    size_t given = 0;
    int rc = 0;
    int step = 1;
    for (; rc == 0 && (step = key_json_next(&json)) > 0; given++) {
        add_typed(&element, json.element.data, json.element.len, tagged, !json.is_string);
        rc = add_element(out, given, &element, err);
    }
    if (rc == 0 && step < 0)
        rc = buf_ok(&json.element) ? err_set(err, ERR_USAGE, "the key is not a JSON array of strings and integers: %s", json.why)
                                   : err_nomem(err);
    if (rc == 0 && given != count)
        rc = wrong_count(count, given, err);
    buf_release(&element);
    key_json_close(&json);
    return rc;
}

/* A key of one column is the whole text, commas and all. */
static int parse_bare(const char *text, size_t count, bool tagged, struct buf *out, struct err *err) {
    size_t given = 1;
    for (const char *c = text; count > 1 && *c != '\0'; c++)
        given += *c == ',';
    if (given != count)
        return wrong_count(count, given, err);
    struct buf part;
    struct buf element;
    buf_init(&part);
    buf_init(&element);
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        size_t len = count > 1 ? strcspn(text, ",") : strlen(text);
        buf_clear(&part);
        buf_add_mem(&part, text, len);
        add_typed(&element, part.data, part.len, tagged, true);
        rc = buf_ok(&part) ? add_element(out, i, &element, err) : err_nomem(err);
        text += len + (text[len] == ',');
    }
    buf_release(&element);
    buf_release(&part);
    return rc;
}

int key_parse(const char *text, size_t count, bool tagged, struct buf *out, struct err *err) {
    if (*text == '\0')
        return err_set(err, ERR_USAGE, "the key is empty; an empty string is written [\"\"]");
    if (!text_is_utf8(text, strlen(text)))
        return err_set(err, ERR_USAGE, "the key is not valid UTF-8");
    int rc = *text == '[' ? parse_json(text, count, tagged, out, err) : parse_bare(text, count, tagged, out, err);
    return rc == 0 ? end_array(out, err) : rc;
}
