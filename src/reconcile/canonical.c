/* canonical.c - see canonical.h. Bytes are written in place, into room reserved for the longest form. */
#include "reconcile/canonical.h"

#include <assert.h>
#include <string.h>

#include "reconcile/canonical_parts.h"

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

void canonical_put_number(struct buf *out, struct decimal number) {
    decimal_trim(&number);
    unsigned char head[1 + CANONICAL_VARINT_MAX] = {(unsigned char)number.class};
    size_t head_size = 1;
    if (number.class <= DECIMAL_MINUS)
        head_size = (size_t)(canonical_put_varint(head + 1, canonical_zigzag(-number.scale)) - head);
    size_t size = head_size + number.whole_size + number.part_size;
    char *room = buf_reserve(out, CANONICAL_HEAD_MAX + size);
    if (room == NULL)
        return;
    char *at = (char *)canonical_put_head((unsigned char *)room, 'N', size);
    memcpy(at, head, head_size);
    at += head_size;
    if (number.whole_size > 0)
        memcpy(at, number.whole, number.whole_size);
    if (number.part_size > 0)
        memcpy(at + number.whole_size, number.part, number.part_size);
    out->len += (size_t)(at - room) + number.whole_size + number.part_size;
}

static uint64_t big_endian(uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap64(word);
#else
    return word;
#endif
}

/* ---- exact ----
 * This is what every row of a range goes through, so it writes without asking for room again: EXACT_ROOM and the bytes of the value are
 * there. Each function returns the place behind what it wrote. */

enum { EXACT_ROOM = CANONICAL_HEAD_MAX + 1 + CANONICAL_VARINT_MAX }; /* tag, length; class and scale of a decimal */

static bool has_bytes(const struct datum *value) {
    static const unsigned kinds = 1U << DATUM_DECIMAL | 1U << DATUM_TEXT | 1U << DATUM_BYTES | 1U << DATUM_JSON | 1U << DATUM_UUID |
                                  1U << DATUM_ODD_DATE | 1U << DATUM_OTHER;
    return (kinds >> value->kind & 1) != 0;
}

static char *write_head(char *at, char tag, size_t size) {
    if (size >= 0x80)
        return (char *)canonical_put_head((unsigned char *)at, tag, size);
    *at++ = tag;
    *at++ = (char)size;
    return at;
}

static char *write_mem(char *at, const char *bytes, size_t size) {
    if (size > 0)
        memcpy(at, bytes, size);
    return at + size;
}

static char *write_bytes(char *at, char tag, const struct datum *value) {
    return write_mem(write_head(at, tag, value->size), value->bytes, value->size);
}

static char *write_word(char *at, char tag, uint64_t word) {
    at = write_head(at, tag, sizeof(word));
    word = big_endian(word);
    memcpy(at, &word, sizeof(word));
    return at + sizeof(word);
}

static bool is_negative(const struct datum *value) {
    return value->kind == DATUM_INT && value->number < 0;
}

static uint64_t magnitude_of(const struct datum *value) {
    return is_negative(value) ? 0 - (uint64_t)value->number : (uint64_t)value->number;
}

static char *write_integer(char *at, const struct datum *value) {
    uint64_t magnitude = magnitude_of(value);
    unsigned size = magnitude == 0 ? 0 : 8 - (unsigned)__builtin_clzll(magnitude) / 8;
    at = write_head(at, 'i', 1 + size);
    *at++ = is_negative(value);
    uint64_t bytes = big_endian(size == 0 ? 0 : magnitude << (64 - 8 * size));
    memcpy(at, &bytes, sizeof(bytes));
    return at + size;
}

static char *write_decimal(char *at, const struct datum *value) {
    struct decimal number = decimal_scan(value->bytes, value->size);
    unsigned char head[1 + CANONICAL_VARINT_MAX] = {(unsigned char)number.class};
    size_t head_size = number.class > DECIMAL_MINUS ? 1 : (size_t)(canonical_put_varint(head + 1, (uint64_t)number.scale) - head);
    if (number.class == DECIMAL_NONE) {
        number.whole = value->bytes;
        number.whole_size = value->size;
    }
    at = write_head(at, 'd', head_size + number.whole_size + number.part_size);
    at = write_mem(at, (const char *)head, head_size);
    at = write_mem(at, number.whole, number.whole_size);
    return write_mem(at, number.part, number.part_size);
}

static char *write_double(char *at, double real) {
    uint64_t bits = 0x7ff8000000000000U;
    if (real == real) /* not a NaN */
        memcpy(&bits, &real, sizeof(bits));
    return write_word(at, 'f', bits);
}

static char *write_bool(char *at, bool is_true) {
    at = write_head(at, 'b', 1);
    *at++ = is_true;
    return at;
}

static char *write_exact(char *at, const struct datum *value) {
    switch (value->kind) {
    case DATUM_NULL:
        return write_head(at, 'n', 0);
    case DATUM_BOOL:
        return write_bool(at, value->number != 0);
    case DATUM_INT:
    case DATUM_UINT:
        return write_integer(at, value);
    case DATUM_DECIMAL:
        return write_decimal(at, value);
    case DATUM_DOUBLE:
        return write_double(at, value->real);
    case DATUM_TEXT:
        return write_bytes(at, 't', value);
    case DATUM_BYTES:
        return write_bytes(at, 'x', value);
    case DATUM_JSON:
        return write_bytes(at, 'j', value);
    case DATUM_UUID:
        return write_bytes(at, 'u', value);
    case DATUM_DATE:
        return write_word(at, 'D', (uint64_t)value->number);
    case DATUM_TIME:
        return write_word(at, 'T', (uint64_t)value->number);
    case DATUM_TIMESTAMP:
        return write_word(at, 's', (uint64_t)value->number);
    case DATUM_INSTANT:
        return write_word(at, 'z', (uint64_t)value->number);
    case DATUM_ODD_DATE:
        return write_bytes(at, 'o', value);
    case DATUM_OTHER:
        return write_bytes(at, 'r', value);
    }
    assert(false);
    return at;
}

static void add_exact(struct buf *out, const struct datum *value) {
    size_t size = has_bytes(value) ? value->size : 0;
    if (size > SIZE_MAX / 2) {
        out->failed = true;
        return;
    }
    bool fits = !out->failed && out->cap - out->len > EXACT_ROOM + size;
    char *room = fits ? out->data + out->len : buf_reserve(out, EXACT_ROOM + size);
    if (room != NULL)
        out->len = (size_t)(write_exact(room, value) - out->data);
}

/* ---- semantic ---- */

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

static bool put_uuid(struct buf *out, const struct datum *value) {
    unsigned char uuid[16];
    if (value->kind == DATUM_BYTES && value->size == sizeof(uuid))
        canonical_put(out, 'u', value->bytes, value->size);
    else if (read_uuid(value->bytes, value->size, uuid))
        canonical_put(out, 'u', uuid, sizeof(uuid));
    else
        return false;
    return true;
}

static bool put_number(struct buf *out, const struct datum *value) {
    char digits[DECIMAL_DIGITS];
    struct decimal number;
    if (!decimal_of_datum(value, digits, &number))
        return false;
    canonical_put_number(out, number);
    return true;
}

/* Appends what the value becomes under `semantic`; false, with nothing appended, if it stays what it is under `exact`. */
static bool put_semantic(struct buf *out, const struct datum *value, enum canonical_reading reading) {
    switch (value->kind) {
    case DATUM_BOOL:
    case DATUM_INT:
    case DATUM_UINT:
    case DATUM_DECIMAL:
    case DATUM_DOUBLE:
        return put_number(out, value);
    case DATUM_JSON:
        return canonical_put_json(out, value->bytes, value->size);
    case DATUM_TEXT:
        if (reading == CANONICAL_AS_JSON)
            return canonical_put_json(out, value->bytes, value->size);
        return reading == CANONICAL_AS_UUID && put_uuid(out, value);
    case DATUM_BYTES:
        return reading == CANONICAL_AS_UUID && put_uuid(out, value);
    default:
        return false;
    }
}

static void add_semantic(struct buf *out, const struct datum *value, enum canonical_reading reading) {
    struct datum timestamp = {.kind = DATUM_TIMESTAMP, .number = value->number};
    if (!put_semantic(out, value, reading))
        add_exact(out, value->kind == DATUM_INSTANT ? &timestamp : value);
}

static void add(struct buf *out, const struct datum *value, struct canonical_rule rule) {
    if (rule.level == CANONICAL_EXACT)
        add_exact(out, value);
    else
        add_semantic(out, value, rule.reading);
}

static void terminate(struct buf *out) {
    if (out->cap > 0)
        out->data[out->len] = '\0';
}

void canonical_add(struct buf *out, const struct datum *value, struct canonical_rule rule) {
    add(out, value, rule);
    terminate(out);
}

int canonical_row(struct buf *out, const struct datum *values, const struct canonical_rule *rules, size_t count, size_t *ends,
                  struct err *err) {
    buf_clear(out);
    for (size_t i = 0; i < count; i++) {
        add(out, &values[i], rules[i]);
        ends[i] = out->len;
    }
    terminate(out);
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
    assert(scratch->data != NULL && size > 0);
    *equal = scratch->len == 2 * size && memcmp(scratch->data, scratch->data + size, size) == 0;
    return 0;
}
