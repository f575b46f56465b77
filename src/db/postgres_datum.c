/* postgres_datum.c - see postgres_datum.h. The images are those of the types' send functions, stable since PostgreSQL 8.4: integers in
 * network order, dates and times counted from 2000-01-01. */
#include "db/postgres_datum.h"

#include <string.h>

/* Of pg_type.dat; an OID below 10000 never changes. */
enum {
    TYPE_BOOL = 16,
    TYPE_BYTEA = 17,
    TYPE_CHAR = 18,
    TYPE_NAME = 19,
    TYPE_INT8 = 20,
    TYPE_INT2 = 21,
    TYPE_INT4 = 23,
    TYPE_TEXT = 25,
    TYPE_OID = 26,
    TYPE_JSON = 114,
    TYPE_FLOAT4 = 700,
    TYPE_FLOAT8 = 701,
    TYPE_BPCHAR = 1042,
    TYPE_VARCHAR = 1043,
    TYPE_DATE = 1082,
    TYPE_TIME = 1083,
    TYPE_TIMESTAMP = 1114,
    TYPE_TIMESTAMPTZ = 1184,
    TYPE_NUMERIC = 1700,
    TYPE_UUID = 2950,
    TYPE_JSONB = 3802,
};

static uint16_t read16(const char *bytes) {
    const unsigned char *b = (const unsigned char *)bytes;
    return (uint16_t)(b[0] << 8 | b[1]);
}

static uint32_t read32(const char *bytes) {
    return (uint32_t)read16(bytes) << 16 | read16(bytes + 2);
}

static uint64_t read64(const char *bytes) {
    return (uint64_t)read32(bytes) << 32 | read32(bytes + 4);
}

static bool set_number(struct datum *datum, enum datum_kind kind, int64_t number) {
    *datum = (struct datum){.kind = kind, .number = number};
    return true;
}

static bool set_bytes(struct datum *datum, enum datum_kind kind, const char *bytes, size_t size) {
    *datum = (struct datum){.kind = kind, .bytes = bytes, .size = size};
    return true;
}

static bool decode_bool(const char *bytes, size_t size, char **room, struct datum *datum) {
    (void)room;
    return size == 1 && set_number(datum, DATUM_BOOL, bytes[0] != 0);
}

static bool decode_int2(const char *bytes, size_t size, char **room, struct datum *datum) {
    (void)room;
    return size == 2 && set_number(datum, DATUM_INT, (int16_t)read16(bytes));
}

static bool decode_int4(const char *bytes, size_t size, char **room, struct datum *datum) {
    (void)room;
    return size == 4 && set_number(datum, DATUM_INT, (int32_t)read32(bytes));
}

static bool decode_int8(const char *bytes, size_t size, char **room, struct datum *datum) {
    (void)room;
    return size == 8 && set_number(datum, DATUM_INT, (int64_t)read64(bytes));
}

static bool decode_oid(const char *bytes, size_t size, char **room, struct datum *datum) {
    (void)room;
    return size == 4 && set_number(datum, DATUM_INT, read32(bytes));
}

static bool decode_float4(const char *bytes, size_t size, char **room, struct datum *datum) {
    float real;
    (void)room;
    if (size != 4)
        return false;
    uint32_t image = read32(bytes);
    memcpy(&real, &image, sizeof(real));
    *datum = (struct datum){.kind = DATUM_DOUBLE, .real = (double)real};
    return true;
}

static bool decode_float8(const char *bytes, size_t size, char **room, struct datum *datum) {
    (void)room;
    if (size != 8)
        return false;
    uint64_t image = read64(bytes);
    *datum = (struct datum){.kind = DATUM_DOUBLE};
    memcpy(&datum->real, &image, sizeof(datum->real));
    return true;
}

static bool decode_text(const char *bytes, size_t size, char **room, struct datum *datum) {
    (void)room;
    return set_bytes(datum, DATUM_TEXT, bytes, size);
}

static bool decode_bytea(const char *bytes, size_t size, char **room, struct datum *datum) {
    (void)room;
    return set_bytes(datum, DATUM_BYTES, bytes, size);
}

static bool decode_json(const char *bytes, size_t size, char **room, struct datum *datum) {
    (void)room;
    return set_bytes(datum, DATUM_JSON, bytes, size);
}

static bool decode_jsonb(const char *bytes, size_t size, char **room, struct datum *datum) {
    enum { VERSION = 1 };
    (void)room;
    return size > 0 && bytes[0] == VERSION && set_bytes(datum, DATUM_JSON, bytes + 1, size - 1);
}

static bool decode_uuid(const char *bytes, size_t size, char **room, struct datum *datum) {
    (void)room;
    return size == DATUM_UUID_SIZE && set_bytes(datum, DATUM_UUID, bytes, size);
}

static bool decode_other(const char *bytes, size_t size, char **room, struct datum *datum) {
    (void)room;
    return set_bytes(datum, DATUM_OTHER, bytes, size);
}

/* Dates and times */

static const int64_t epoch_days = 10957; /* 1970-01-01 to 2000-01-01 */
static const int64_t epoch_us = 946684800000000;

static bool decode_date(const char *bytes, size_t size, char **room, struct datum *datum) {
    (void)room;
    if (size != 4)
        return false;
    int32_t days = (int32_t)read32(bytes);
    if (days == INT32_MIN || days == INT32_MAX)
        return set_number(datum, DATUM_DATE, days == INT32_MIN ? INT64_MIN : INT64_MAX);
    return set_number(datum, DATUM_DATE, days + epoch_days);
}

static bool decode_time(const char *bytes, size_t size, char **room, struct datum *datum) {
    (void)room;
    return size == 8 && set_number(datum, DATUM_TIME, (int64_t)read64(bytes));
}

/* The last years that PostgreSQL knows do not fit when counted from 1970. */
static bool decode_moment(const char *bytes, size_t size, enum datum_kind kind, struct datum *datum) {
    if (size != 8)
        return false;
    int64_t us = (int64_t)read64(bytes);
    if (us == INT64_MIN || us == INT64_MAX)
        return set_number(datum, kind, us);
    if (us >= INT64_MAX - epoch_us)
        return set_bytes(datum, DATUM_OTHER, bytes, size);
    return set_number(datum, kind, us + epoch_us);
}

static bool decode_timestamp(const char *bytes, size_t size, char **room, struct datum *datum) {
    (void)room;
    return decode_moment(bytes, size, DATUM_TIMESTAMP, datum);
}

static bool decode_timestamptz(const char *bytes, size_t size, char **room, struct datum *datum) {
    (void)room;
    return decode_moment(bytes, size, DATUM_INSTANT, datum);
}

/* numeric: four 16-bit words in front of the digits, base 10000: their count, the weight (power of 10000) of the first, the sign and the
 * decimal digits behind the point. Zeros at either end are left out. */
enum { HEADER = 8, GROUP = 4, SCALE_MAX = 0x3fff };
enum { POSITIVE = 0x0000, NEGATIVE = 0x4000, NOT_A_NUMBER = 0xc000, INFINITE = 0xd000, MINUS_INFINITE = 0xf000 };

struct numeric {
    int count;
    int weight;
    int sign;
    int scale;
    const char *digits;
};

static bool read_numeric(const char *bytes, size_t size, struct numeric *numeric) {
    if (size < HEADER)
        return false;
    *numeric = (struct numeric){read16(bytes), (int16_t)read16(bytes + 2), read16(bytes + 4), read16(bytes + 6) & SCALE_MAX,
                                bytes + HEADER};
    return size == HEADER + (size_t)numeric->count * 2;
}

/* The digits at a place that may be left out. */
static unsigned group_at(const struct numeric *numeric, int place) {
    return place >= 0 && place < numeric->count ? read16(numeric->digits + (size_t)place * 2) : 0;
}

static void put_group(char *out, unsigned group) {
    out[0] = (char)('0' + group / 1000 % 10);
    out[1] = (char)('0' + group / 100 % 10);
    out[2] = (char)('0' + group / 10 % 10);
    out[3] = (char)('0' + group % 10);
}

static char *put_first_group(char *out, unsigned group) {
    char text[GROUP];
    put_group(text, group);
    int zeros = group >= 1000 ? 0 : group >= 100 ? 1 : group >= 10 ? 2 : 3;
    memcpy(out, text + zeros, (size_t)(GROUP - zeros));
    return out + GROUP - zeros;
}

static char *put_numeric(char *out, const struct numeric *numeric) {
    if (numeric->sign == NEGATIVE)
        *out++ = '-';
    out = put_first_group(out, numeric->weight < 0 ? 0 : group_at(numeric, 0));
    for (int place = 1; place <= numeric->weight; place++, out += GROUP)
        put_group(out, group_at(numeric, place));
    if (numeric->scale == 0)
        return out;
    *out++ = '.';
    int place = numeric->weight + 1;
    for (int written = 0; written < numeric->scale; written += GROUP)
        put_group(out + written, group_at(numeric, place++));
    return out + numeric->scale;
}

static bool decode_numeric(const char *bytes, size_t size, char **room, struct datum *datum) {
    struct numeric numeric;
    if (!read_numeric(bytes, size, &numeric))
        return false;
    if (numeric.sign == NOT_A_NUMBER)
        return set_bytes(datum, DATUM_DECIMAL, "NaN", 3);
    if (numeric.sign == INFINITE)
        return set_bytes(datum, DATUM_DECIMAL, "Infinity", 8);
    if (numeric.sign == MINUS_INFINITE)
        return set_bytes(datum, DATUM_DECIMAL, "-Infinity", 9);
    if (numeric.sign != POSITIVE && numeric.sign != NEGATIVE)
        return false;
    char *end = put_numeric(*room, &numeric);
    set_bytes(datum, DATUM_DECIMAL, *room, (size_t)(end - *room));
    *room = end;
    return true;
}

bool pg_decoder_writes(pg_decode_fn *decode) {
    return decode == decode_numeric;
}

/* Sign, point, and one group too many on either side. */
size_t pg_datum_room(const char *bytes, size_t size) {
    struct numeric numeric;
    if (!read_numeric(bytes, size, &numeric))
        return 0;
    return 2 + (size_t)((numeric.weight > 0 ? numeric.weight : 0) + 1) * GROUP + (size_t)numeric.scale + GROUP;
}

static const struct {
    Oid type;
    pg_decode_fn *decode;
} decoders[] = {
    {TYPE_BOOL, decode_bool},       {TYPE_BYTEA, decode_bytea},         {TYPE_CHAR, decode_text},
    {TYPE_NAME, decode_text},       {TYPE_INT8, decode_int8},           {TYPE_INT2, decode_int2},
    {TYPE_INT4, decode_int4},       {TYPE_TEXT, decode_text},           {TYPE_OID, decode_oid},
    {TYPE_JSON, decode_json},       {TYPE_FLOAT4, decode_float4},       {TYPE_FLOAT8, decode_float8},
    {TYPE_BPCHAR, decode_text},     {TYPE_VARCHAR, decode_text},        {TYPE_DATE, decode_date},
    {TYPE_TIME, decode_time},       {TYPE_TIMESTAMP, decode_timestamp}, {TYPE_TIMESTAMPTZ, decode_timestamptz},
    {TYPE_NUMERIC, decode_numeric}, {TYPE_UUID, decode_uuid},           {TYPE_JSONB, decode_jsonb},
};

pg_decode_fn *pg_decoder_of(Oid type) {
    for (size_t i = 0; i < sizeof(decoders) / sizeof(decoders[0]); i++)
        if (decoders[i].type == type)
            return decoders[i].decode;
    return decode_other;
}
