/* canonical_read.c - canonical bytes back to values: a key that was kept as bytes is bound to a statement again. Every form that
 * canonical_add would not write is refused, so reading is the inverse and nothing else. */
#include <string.h>

#include "reconcile/canonical.h"
#include "reconcile/canonical_parts.h"

bool canonical_get_varint(const char **at, const char *end, uint64_t *number) {
    *number = 0;
    for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
        unsigned char byte = (unsigned char)*(*at)++;
        if (shift == 63 && byte > 1)
            return false;
        *number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return byte != 0 || shift == 0;
    }
    return false;
}

static uint64_t read_big_endian(const char *at, size_t size) {
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++)
        word = word << 8 | (unsigned char)at[i];
    return word;
}

static bool read_integer(const char *at, size_t size, struct datum *value) {
    if (size < 1 || size > 9 || (unsigned char)at[0] > 1 || (size > 1 && at[1] == 0))
        return false;
    uint64_t magnitude = read_big_endian(at + 1, size - 1);
    bool minus = at[0] == 1;
    if (minus && (magnitude == 0 || magnitude > (uint64_t)INT64_MAX + 1))
        return false;
    value->kind = !minus && magnitude > INT64_MAX ? DATUM_UINT : DATUM_INT;
    value->number = (int64_t)(minus ? 0 - magnitude : magnitude);
    return true;
}

static bool are_digits(const char *at, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (at[i] < '0' || at[i] > '9')
            return false;
    return size == 0 || at[0] != '0';
}

/* Digits and scale as text: "-12.50", "0.007", "500". */
static void write_decimal(struct buf *text, bool minus, const char *digits, size_t count, uint64_t scale) {
    if (minus)
        buf_add_char(text, '-');
    if (count <= scale)
        buf_add_char(text, '0');
    else
        buf_add_mem(text, digits, count - (size_t)scale);
    if (scale == 0)
        return;
    buf_add_char(text, '.');
    for (uint64_t i = count; i < scale; i++)
        buf_add_char(text, '0');
    size_t part = count < scale ? count : (size_t)scale;
    buf_add_mem(text, digits + (count - part), part);
}

static bool add_word_of_class(struct buf *text, enum decimal_class class, size_t size) {
    static const char *const words[] = {
        [DECIMAL_NAN] = "NaN", [DECIMAL_INFINITY] = "Infinity", [DECIMAL_MINUS_INFINITY] = "-Infinity"};
    if (class < DECIMAL_NAN || class > DECIMAL_MINUS_INFINITY || size != 0)
        return false;
    buf_add(text, words[class]);
    return true;
}

enum {
    SCALE_MAX = 1 << 20
}; /* of a text that is written out; servers end at 16,383 digits behind the point and 131,072 before it */

/* What follows the class of a finite exact decimal. */
static bool read_finite(const char *at, const char *end, bool minus, struct buf *text) {
    uint64_t scale;
    if (!canonical_get_varint(&at, end, &scale) || scale > SCALE_MAX || !are_digits(at, (size_t)(end - at)) || (minus && at == end))
        return false;
    write_decimal(text, minus, at, (size_t)(end - at), scale);
    return true;
}

static bool read_decimal(const char *at, size_t size, struct buf *text, struct datum *value) {
    const char *end = at + size;
    if (size == 0)
        return false;
    unsigned char class = (unsigned char)*at++;
    value->kind = DATUM_DECIMAL;
    if (class == DECIMAL_NONE) {
        value->bytes = at;
        value->size = size - 1;
        return decimal_scan(value->bytes, value->size).class == DECIMAL_NONE;
    }
    return class <= DECIMAL_MINUS ? read_finite(at, end, class == DECIMAL_MINUS, text)
                                  : add_word_of_class(text, (enum decimal_class) class, size - 1);
}

/* What follows the class of a finite semantic number. */
static bool read_power(const char *at, const char *end, bool minus, struct buf *text) {
    uint64_t zigzag;
    if (!canonical_get_varint(&at, end, &zigzag) || !are_digits(at, (size_t)(end - at)))
        return false;
    size_t count = (size_t)(end - at);
    uint64_t power = zigzag % 2 == 0 ? zigzag / 2 : zigzag / 2 + 1;
    if (power > SCALE_MAX || (count == 0 && (minus || zigzag != 0)) || (count > 0 && end[-1] == '0'))
        return false;
    write_decimal(text, minus, at, count, zigzag % 2 == 0 ? 0 : power);
    for (; count > 0 && zigzag % 2 == 0 && power > 0; power--)
        buf_add_char(text, '0');
    return true;
}

static bool read_number(const char *at, size_t size, struct buf *text, struct datum *value) {
    if (size == 0)
        return false;
    unsigned char class = (unsigned char)*at;
    value->kind = DATUM_DECIMAL;
    return class <= DECIMAL_MINUS ? read_power(at + 1, at + size, class == DECIMAL_MINUS, text)
                                  : add_word_of_class(text, (enum decimal_class) class, size - 1);
}

static bool read_double(const char *at, size_t size, struct datum *value) {
    if (size != sizeof(double))
        return false;
    uint64_t bits = read_big_endian(at, size);
    value->kind = DATUM_DOUBLE;
    memcpy(&value->real, &bits, sizeof(bits));
    return value->real == value->real || bits == 0x7ff8000000000000U;
}

static bool read_word(const char *at, size_t size, enum datum_kind kind, struct datum *value) {
    if (size != sizeof(int64_t))
        return false;
    value->kind = kind;
    value->number = (int64_t)read_big_endian(at, size);
    return true;
}

static bool read_bytes(const char *at, size_t size, enum datum_kind kind, struct datum *value) {
    value->kind = kind;
    value->bytes = at;
    value->size = size;
    return kind != DATUM_UUID || size == 16;
}

static bool read_bool(const char *at, size_t size, struct datum *value) {
    value->kind = DATUM_BOOL;
    value->number = size == 1 ? at[0] : -1;
    return value->number == 0 || value->number == 1;
}

static bool read_payload(char tag, const char *at, size_t size, struct buf *text, struct datum *value) {
    switch (tag) {
    case 'n':
        return size == 0;
    case 'b':
        return read_bool(at, size, value);
    case 'i':
        return read_integer(at, size, value);
    case 'd':
        return read_decimal(at, size, text, value);
    case 'f':
        return read_double(at, size, value);
    case 't':
        return read_bytes(at, size, DATUM_TEXT, value);
    case 'x':
        return read_bytes(at, size, DATUM_BYTES, value);
    case 'j':
        return read_bytes(at, size, DATUM_JSON, value);
    case 'u':
        return read_bytes(at, size, DATUM_UUID, value);
    case 'o':
        return read_bytes(at, size, DATUM_ODD_DATE, value);
    case 'r':
        return read_bytes(at, size, DATUM_OTHER, value);
    case 'D':
        return read_word(at, size, DATUM_DATE, value);
    case 'T':
        return read_word(at, size, DATUM_TIME, value);
    case 's':
        return read_word(at, size, DATUM_TIMESTAMP, value);
    case 'z':
        return read_word(at, size, DATUM_INSTANT, value);
    case 'N':
        return read_number(at, size, text, value);
    default:
        return false;
    }
}

/* A decimal's text was built in `text`; it moves to where it stays. */
static int keep_text(const struct buf *text, struct arena *arena, struct datum *value, struct err *err) {
    if (value->kind != DATUM_DECIMAL || value->bytes != NULL)
        return 0;
    value->bytes = buf_ok(text) ? arena_memdup(arena, text->data, text->len) : NULL;
    value->size = text->len;
    return value->bytes != NULL ? 0 : err_nomem(err);
}

int canonical_read(const char **at, const char *end, struct arena *arena, struct datum *value, struct err *err) {
    uint64_t size;
    struct buf text;
    *value = (struct datum){.kind = DATUM_NULL};
    const char *from = *at;
    if (from == end)
        return err_set(err, ERR_INTERNAL, "canonical bytes end where a value should begin");
    char tag = *from++;
    if (!canonical_get_varint(&from, end, &size) || size > (uint64_t)(end - from))
        return err_set(err, ERR_INTERNAL, "canonical bytes end within a value");
    buf_init(&text);
    int code = read_payload(tag, from, (size_t)size, &text, value)
                   ? keep_text(&text, arena, value, err)
                   : err_set(err, ERR_INTERNAL, "canonical bytes hold a value that nothing writes");
    buf_release(&text);
    if (code == 0)
        *at = from + size;
    return code;
}
