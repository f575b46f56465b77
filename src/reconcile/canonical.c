/* canonical.c - see canonical.h. One function per kind; the bytes are written in place, into room reserved for the longest form. */
#include "reconcile/canonical.h"

#include <assert.h>
#include <string.h>

#include "reconcile/canonical_parts.h"

typedef void canonical_writer(struct buf *out, const struct datum *value, enum canonical_reading reading);

unsigned char *canonical_put_varint(unsigned char *at, uint64_t number) {
    for (; number >= 0x80; number >>= 7)
        *at++ = (unsigned char)(number | 0x80);
    *at++ = (unsigned char)number;
    return at;
}

unsigned char *canonical_put_head(unsigned char *at, char tag, size_t size) {
    *at++ = (unsigned char)tag;
    return canonical_put_varint(at, size);
}

uint64_t canonical_zigzag(int64_t number) {
    return (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0);
}

void canonical_put(struct buf *out, char tag, const void *payload, size_t size) {
    char *room = size < SIZE_MAX - CANONICAL_HEAD_MAX ? buf_reserve(out, CANONICAL_HEAD_MAX + size) : NULL;
    if (room == NULL) {
        out->failed = true;
        return;
    }
    char *at = (char *)canonical_put_head((unsigned char *)room, tag, size);
    if (size > 0)
        memcpy(at, payload, size);
    out->len += (size_t)(at - room) + size;
}

static uint64_t big_endian(uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap64(word);
#else
    return word;
#endif
}

static void put_word(struct buf *out, char tag, uint64_t word) {
    word = big_endian(word);
    canonical_put(out, tag, &word, sizeof(word));
}

static void put_bytes(struct buf *out, char tag, const struct datum *value) {
    canonical_put(out, tag, value->bytes, value->size);
}

static bool is_negative(const struct datum *value) {
    return value->kind == DATUM_INT && value->number < 0;
}

static uint64_t magnitude_of(const struct datum *value) {
    return is_negative(value) ? 0 - (uint64_t)value->number : (uint64_t)value->number;
}

/* ---- exact ---- */

static void add_null(struct buf *out, const struct datum *value, enum canonical_reading reading) {
    (void)value;
    (void)reading;
    canonical_put(out, 'n', NULL, 0);
}

static void add_bool(struct buf *out, const struct datum *value, enum canonical_reading reading) {
    (void)reading;
    canonical_put(out, 'b', value->number != 0 ? "\1" : "\0", 1);
}

static void add_integer(struct buf *out, const struct datum *value, enum canonical_reading reading) {
    (void)reading;
    uint64_t magnitude = magnitude_of(value);
    unsigned size = magnitude == 0 ? 0 : 8 - (unsigned)__builtin_clzll(magnitude) / 8;
    char *room = buf_reserve(out, 3 + sizeof(magnitude));
    if (room == NULL)
        return;
    room[0] = 'i';
    room[1] = (char)(1 + size);
    room[2] = is_negative(value);
    uint64_t bytes = big_endian(size == 0 ? 0 : magnitude << (64 - 8 * size));
    memcpy(room + 3, &bytes, sizeof(bytes));
    out->len += 3 + size;
}

static void add_decimal(struct buf *out, const struct datum *value, enum canonical_reading reading) {
    (void)reading;
    struct decimal number = decimal_scan(value->bytes, value->size);
    unsigned char head[1 + CANONICAL_VARINT_MAX] = {(unsigned char)number.class};
    size_t head_size = number.class > DECIMAL_MINUS ? 1 : (size_t)(canonical_put_varint(head + 1, (uint64_t)number.scale) - head);
    if (number.class == DECIMAL_NONE) {
        number.whole = value->bytes;
        number.whole_size = value->size;
    }
    size_t size = head_size + number.whole_size + number.part_size;
    char *room = buf_reserve(out, CANONICAL_HEAD_MAX + size);
    if (room == NULL)
        return;
    char *at = (char *)canonical_put_head((unsigned char *)room, 'd', size);
    memcpy(at, head, head_size);
    at += head_size;
    if (number.whole_size > 0)
        memcpy(at, number.whole, number.whole_size);
    at += number.whole_size;
    if (number.part_size > 0)
        memcpy(at, number.part, number.part_size);
    out->len += (size_t)(at - room) + number.part_size;
}

static void add_double(struct buf *out, const struct datum *value, enum canonical_reading reading) {
    (void)reading;
    uint64_t bits = 0x7ff8000000000000U;
    if (value->real == value->real) /* not a NaN */
        memcpy(&bits, &value->real, sizeof(bits));
    put_word(out, 'f', bits);
}

#define ADD_BYTES(name, tag)                                                                                                       \
    static void name(struct buf *out, const struct datum *value, enum canonical_reading reading) {                                 \
        (void)reading;                                                                                                             \
        put_bytes(out, tag, value);                                                                                                \
    }
#define ADD_WORD(name, tag)                                                                                                        \
    static void name(struct buf *out, const struct datum *value, enum canonical_reading reading) {                                 \
        (void)reading;                                                                                                             \
        put_word(out, tag, (uint64_t)value->number);                                                                               \
    }
ADD_BYTES(add_text, 't')
ADD_BYTES(add_bytes, 'x')
ADD_BYTES(add_json, 'j')
ADD_BYTES(add_uuid, 'u')
ADD_BYTES(add_odd_date, 'o')
ADD_BYTES(add_other, 'r')
ADD_WORD(add_date, 'D')
ADD_WORD(add_time, 'T')
ADD_WORD(add_timestamp, 's')
ADD_WORD(add_instant, 'z')
#undef ADD_BYTES
#undef ADD_WORD

/* ---- semantic ---- */

static void alike_integer(struct buf *out, const struct datum *value, enum canonical_reading reading) {
    (void)reading;
    decimal_put_integer(out, is_negative(value), magnitude_of(value));
}

static void alike_bool(struct buf *out, const struct datum *value, enum canonical_reading reading) {
    (void)reading;
    decimal_put_integer(out, false, value->number != 0);
}

static void alike_decimal(struct buf *out, const struct datum *value, enum canonical_reading reading) {
    struct decimal number = decimal_scan(value->bytes, value->size);
    if (number.class == DECIMAL_NONE) {
        add_decimal(out, value, reading);
        return;
    }
    decimal_trim(&number);
    decimal_put(out, &number);
}

static void alike_double(struct buf *out, const struct datum *value, enum canonical_reading reading) {
    (void)reading;
    decimal_put_double(out, value->real);
}

static void alike_json(struct buf *out, const struct datum *value, enum canonical_reading reading) {
    if (!canonical_put_json(out, value->bytes, value->size))
        add_json(out, value, reading);
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_dash_place(size_t at) {
    return at == 8 || at == 13 || at == 18 || at == 23;
}

static bool read_uuid(const char *text, size_t size, unsigned char uuid[16]) {
    bool dashed = size == 36;
    size_t digits = 0;
    if (size != 32 && !dashed)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (dashed && is_dash_place(i)) {
            if (text[i] != '-')
                return false;
            continue;
        }
        int digit = hex_value(text[i]);
        if (digit < 0)
            return false;
        uuid[digits / 2] = (unsigned char)(digits % 2 == 0 ? digit << 4 : uuid[digits / 2] | digit);
        digits++;
    }
    return true;
}

static void alike_text(struct buf *out, const struct datum *value, enum canonical_reading reading) {
    unsigned char uuid[16];
    if (reading == CANONICAL_AS_JSON && canonical_put_json(out, value->bytes, value->size))
        return;
    if (reading == CANONICAL_AS_UUID && read_uuid(value->bytes, value->size, uuid))
        canonical_put(out, 'u', uuid, sizeof(uuid));
    else
        add_text(out, value, reading);
}

static void alike_bytes(struct buf *out, const struct datum *value, enum canonical_reading reading) {
    unsigned char uuid[16];
    if (reading == CANONICAL_AS_UUID && value->size == sizeof(uuid))
        add_uuid(out, value, reading);
    else if (reading == CANONICAL_AS_UUID && read_uuid(value->bytes, value->size, uuid))
        canonical_put(out, 'u', uuid, sizeof(uuid));
    else
        add_bytes(out, value, reading);
}

/* By level and kind. */
static canonical_writer *const writers[][DATUM_OTHER + 1] = {
    [CANONICAL_EXACT] =
        {
            [DATUM_NULL] = add_null,
            [DATUM_BOOL] = add_bool,
            [DATUM_INT] = add_integer,
            [DATUM_UINT] = add_integer,
            [DATUM_DECIMAL] = add_decimal,
            [DATUM_DOUBLE] = add_double,
            [DATUM_TEXT] = add_text,
            [DATUM_BYTES] = add_bytes,
            [DATUM_JSON] = add_json,
            [DATUM_UUID] = add_uuid,
            [DATUM_DATE] = add_date,
            [DATUM_TIME] = add_time,
            [DATUM_TIMESTAMP] = add_timestamp,
            [DATUM_INSTANT] = add_instant,
            [DATUM_ODD_DATE] = add_odd_date,
            [DATUM_OTHER] = add_other,
        },
    [CANONICAL_SEMANTIC] =
        {
            [DATUM_NULL] = add_null,
            [DATUM_BOOL] = alike_bool,
            [DATUM_INT] = alike_integer,
            [DATUM_UINT] = alike_integer,
            [DATUM_DECIMAL] = alike_decimal,
            [DATUM_DOUBLE] = alike_double,
            [DATUM_TEXT] = alike_text,
            [DATUM_BYTES] = alike_bytes,
            [DATUM_JSON] = alike_json,
            [DATUM_UUID] = add_uuid,
            [DATUM_DATE] = add_date,
            [DATUM_TIME] = add_time,
            [DATUM_TIMESTAMP] = add_timestamp,
            [DATUM_INSTANT] = add_timestamp,
            [DATUM_ODD_DATE] = add_odd_date,
            [DATUM_OTHER] = add_other,
        },
};

void canonical_add(struct buf *out, const struct datum *value, struct canonical_rule rule) {
    assert(value->kind <= DATUM_OTHER && rule.level <= CANONICAL_SEMANTIC);
    writers[rule.level][value->kind](out, value, rule.reading);
}

int canonical_row(struct buf *out, const struct datum *values, const struct canonical_rule *rules, size_t count, size_t *ends,
                  struct err *err) {
    buf_clear(out);
    for (size_t i = 0; i < count; i++) {
        canonical_add(out, &values[i], rules[i]);
        ends[i] = out->len;
    }
    return buf_ok(out) ? 0 : err_nomem(err);
}

int canonical_equal(const struct datum *a, const struct datum *b, struct canonical_rule rule, struct buf *scratch, bool *equal,
                    struct err *err) {
    buf_clear(scratch);
    canonical_add(scratch, a, rule);
    size_t size = scratch->len;
    canonical_add(scratch, b, rule);
    if (!buf_ok(scratch))
        return err_nomem(err);
    *equal = scratch->len == 2 * size && memcmp(scratch->data, scratch->data + size, size) == 0;
    return 0;
}
