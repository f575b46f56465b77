/* key.c - keys to text and back. The JSON is jansson's, the tags of storage classes are ours. */
#include "sql/key.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

/* Text of SQLite may hold NUL characters; integers of a user beyond 64 bits must not become floating. */
enum { KEY_JSON_FLAGS = JSON_ALLOW_NUL };

static const char hex_digits[] = "0123456789abcdef";

static void add_hex(struct buf *out, const char *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        buf_add_char(out, hex_digits[byte >> 4]);
        buf_add_char(out, hex_digits[byte & 15]);
    }
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
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

static int dump_to_buf(const char *data, size_t size, void *out) {
    buf_add_mem(out, data, size);
    return buf_ok(out) ? 0 : -1;
}

static int dump(const json_t *array, struct buf *out, struct err *err) {
    if (json_dump_callback(array, dump_to_buf, out, JSON_COMPACT) != 0)
        return err_nomem(err);
    return 0;
}

/* Takes the reference of `array` in any case. */
static int finish(json_t *array, struct buf *out, int rc, struct err *err) {
    if (rc == 0)
        rc = dump(array, out, err);
    json_decref(array);
    return rc;
}

static int append(json_t *array, const char *text, size_t len, struct err *err) {
    return json_array_append_new(array, json_stringn_nocheck(text, len)) == 0 ? 0 : err_nomem(err);
}

/* One tagged value: its kind as it is, bytes as hex. */
static int append_tagged(json_t *array, enum sql_value_kind kind, const char *ptr, size_t len, struct err *err) {
    struct buf text;
    buf_init(&text);
    buf_add_char(&text, tag_of(kind));
    buf_add_char(&text, ':');
    if (kind == VALUE_BYTES)
        add_hex(&text, ptr, len);
    else
        buf_add_mem(&text, ptr, len);
    int rc = buf_ok(&text) ? append(array, text.data, text.len, err) : err_nomem(err);
    buf_release(&text);
    return rc;
}

static int encode_value(json_t *array, const struct sql_value *value, bool tagged, struct err *err) {
    if (value->kind == VALUE_NULL)
        return err_set(err, ERR_ROW, "a key column is NULL");
    if (value->kind != VALUE_BYTES && !text_is_utf8(value->ptr, value->len))
        return err_set(err, ERR_ROW, "the text of a key column is not valid UTF-8");
    if (tagged)
        return append_tagged(array, value->kind, value->ptr, value->len, err);
    return append(array, value->ptr, value->len, err);
}

int key_encode(const struct sql_value *values, size_t count, bool tagged, struct buf *out, struct err *err) {
    json_t *array = json_array();
    if (array == NULL)
        return err_nomem(err);
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = encode_value(array, &values[i], tagged, err);
    return finish(array, out, rc, err);
}

static int not_a_key(struct err *err) {
    return err_set(err, ERR_INTERNAL, "the ledger holds a key that cannot be read");
}

/* Hex at `text` into bytes of the arena. */
static int decode_hex(const char *text, size_t len, struct arena *arena, struct sql_value *value, struct err *err) {
    char *bytes = arena_alloc(arena, len / 2 + 1);
    if (bytes == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < len / 2; i++)
        bytes[i] = (char)(hex_value(text[2 * i]) << 4 | hex_value(text[2 * i + 1]));
    *value = (struct sql_value){bytes, len / 2, VALUE_BYTES};
    return 0;
}

static int decode_value(const json_t *element, bool tagged, struct arena *arena, struct sql_value *value, struct err *err) {
    if (!json_is_string(element))
        return not_a_key(err);
    const char *text = json_string_value(element);
    size_t len = json_string_length(element);
    enum sql_value_kind kind = VALUE_TEXT;
    if (tagged) {
        if (!is_tagged(text, len, &kind))
            return not_a_key(err);
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

/* jansson says out of memory in the same breath as a syntax error. */
static int load(const char *text, json_t **array, int otherwise, const char *what, struct err *err) {
    json_error_t why;
    *array = json_loads(text, KEY_JSON_FLAGS, &why);
    if (*array != NULL)
        return 0;
    if (json_error_code(&why) == json_error_out_of_memory)
        return err_nomem(err);
    return err_set(err, otherwise, "%s: %s", what, why.text);
}

int key_decode(const char *text, size_t count, bool tagged, struct arena *arena, struct sql_value *values, struct err *err) {
    json_t *array;
    int rc = load(text, &array, ERR_INTERNAL, "the ledger holds a key that cannot be read", err);
    if (rc != 0)
        return rc;
    if (!json_is_array(array) || json_array_size(array) != count)
        rc = not_a_key(err);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = decode_value(json_array_get(array, i), tagged, arena, &values[i], err);
    json_decref(array);
    return rc;
}

/* A value as a user wrote it. Tagged engines: a tag is obeyed, a `bare` value that looks like an integer is one, the rest is text. */
static int append_typed(json_t *array, const char *text, size_t len, bool tagged, bool bare, struct err *err) {
    enum sql_value_kind kind;
    int64_t integer;
    if (!text_is_utf8(text, len))
        return err_set(err, ERR_USAGE, "the key is not valid UTF-8");
    if (!tagged || is_tagged(text, len, &kind))
        return append(array, text, len, err);
    if (!bare || strlen(text) != len || !text_to_int64(text, &integer))
        return append_tagged(array, VALUE_TEXT, text, len, err);
    char canonical[32];
    int digits = snprintf(canonical, sizeof(canonical), "%" PRId64, integer);
    return append_tagged(array, VALUE_INTEGER, canonical, (size_t)digits, err);
}

static int append_json(json_t *array, const json_t *element, bool tagged, struct err *err) {
    char number[32];
    if (json_is_string(element))
        return append_typed(array, json_string_value(element), json_string_length(element), tagged, false, err);
    if (!json_is_integer(element))
        return err_set(err, ERR_USAGE, "a key holds strings and integers only; write other numbers as strings");
    snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(element));
    return append_typed(array, number, strlen(number), tagged, true, err);
}

static int wrong_count(size_t count, size_t given, struct err *err) {
    return err_set(err, ERR_USAGE, "the key has %zu column%s, but %zu value%s given", count, count == 1 ? "" : "s", given,
                   given == 1 ? " is" : "s are");
}

static int parse_json(const char *text, size_t count, bool tagged, json_t *array, struct err *err) {
    json_t *given;
    int rc = load(text, &given, ERR_USAGE, "the key is not a JSON array (write numbers beyond 64 bits as strings)", err);
    if (rc != 0)
        return rc;
    if (json_array_size(given) != count)
        rc = wrong_count(count, json_array_size(given), err);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = append_json(array, json_array_get(given, i), tagged, err);
    json_decref(given);
    return rc;
}

/* A key of one column is the whole text, commas and all. */
static int parse_bare(const char *text, size_t count, bool tagged, json_t *array, struct err *err) {
    size_t given = 1;
    for (const char *c = text; count > 1 && *c != '\0'; c++)
        given += *c == ',';
    if (given != count)
        return wrong_count(count, given, err);
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        size_t len = count > 1 ? strcspn(text, ",") : strlen(text);
        struct buf part;
        buf_init(&part);
        buf_add_mem(&part, text, len);
        rc = buf_ok(&part) ? append_typed(array, part.data, len, tagged, true, err) : err_nomem(err);
        buf_release(&part);
        text += len + (text[len] == ',');
    }
    return rc;
}

int key_parse(const char *text, size_t count, bool tagged, struct buf *out, struct err *err) {
    if (*text == '\0')
        return err_set(err, ERR_USAGE, "the key is empty; an empty string is written [\"\"]");
    json_t *array = json_array();
    if (array == NULL)
        return err_nomem(err);
    int rc = *text == '[' ? parse_json(text, count, tagged, array, err) : parse_bare(text, count, tagged, array, err);
    return finish(array, out, rc, err);
}
