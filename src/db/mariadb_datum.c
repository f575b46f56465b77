/* mariadb_datum.c - see mariadb_datum.h. */
#include "db/mariadb_datum.h"

#include <stdio.h>
#include <string.h>

enum { CHARSET_BINARY = 63, DECIMALS_MAX = 6, MONTHS = 12 };

static const int64_t second_us = 1000000;

/* Columns */

/* The server says what a column is beyond its type in the protocol (MariaDB 10.5). */
static bool is_called(const MYSQL_FIELD *field, enum mariadb_field_attr_t attribute, const char *name) {
    MARIADB_CONST_STRING value = {NULL, 0};
    if (field->extension == NULL || mariadb_field_attr(&value, field, attribute) != 0)
        return false;
    return value.length == strlen(name) && memcmp(value.str, name, value.length) == 0;
}

static enum datum_kind kind_of_text(const MYSQL_FIELD *field) {
    if (field->charsetnr == CHARSET_BINARY)
        return DATUM_BYTES;
    return is_called(field, MARIADB_FIELD_ATTR_FORMAT_NAME, "json") ? DATUM_JSON : DATUM_TEXT;
}

static const struct {
    enum enum_field_types type;
    enum datum_kind kind;
} kinds[] = {
    {MYSQL_TYPE_TINY, DATUM_INT},           {MYSQL_TYPE_SHORT, DATUM_INT},         {MYSQL_TYPE_INT24, DATUM_INT},
    {MYSQL_TYPE_LONG, DATUM_INT},           {MYSQL_TYPE_LONGLONG, DATUM_INT},      {MYSQL_TYPE_YEAR, DATUM_INT},
    {MYSQL_TYPE_FLOAT, DATUM_DOUBLE},       {MYSQL_TYPE_DOUBLE, DATUM_DOUBLE},     {MYSQL_TYPE_DECIMAL, DATUM_DECIMAL},
    {MYSQL_TYPE_NEWDECIMAL, DATUM_DECIMAL}, {MYSQL_TYPE_DATE, DATUM_DATE},         {MYSQL_TYPE_NEWDATE, DATUM_DATE},
    {MYSQL_TYPE_DATETIME, DATUM_TIMESTAMP}, {MYSQL_TYPE_TIMESTAMP, DATUM_INSTANT}, {MYSQL_TYPE_TIME, DATUM_TIME},
    {MYSQL_TYPE_JSON, DATUM_JSON},          {MYSQL_TYPE_BIT, DATUM_OTHER},         {MYSQL_TYPE_GEOMETRY, DATUM_OTHER},
};

static enum datum_kind kind_of(const MYSQL_FIELD *field) {
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].type == field->type)
            return kinds[i].kind;
    return kind_of_text(field);
}

void mdb_place_init(struct mdb_place *place, const MYSQL_FIELD *field) {
    place->kind = kind_of(field);
    place->decimals = field->decimals <= DECIMALS_MAX ? field->decimals : 0;
    place->is_unsigned = (field->flags & UNSIGNED_FLAG) != 0;
    place->is_single = field->type == MYSQL_TYPE_FLOAT;
    if ((place->kind == DATUM_TEXT || place->kind == DATUM_BYTES) && is_called(field, MARIADB_FIELD_ATTR_DATA_TYPE_NAME, "uuid")) {
        place->kind = DATUM_UUID;
        place->is_uuid = true;
    }
}

static enum enum_field_types buffer_type_of(const struct mdb_place *place) {
    switch (place->kind) {
    case DATUM_INT:
        return MYSQL_TYPE_LONGLONG;
    case DATUM_DOUBLE:
        return place->is_single ? MYSQL_TYPE_FLOAT : MYSQL_TYPE_DOUBLE;
    case DATUM_DATE:
        return MYSQL_TYPE_DATE;
    case DATUM_TIME:
        return MYSQL_TYPE_TIME;
    case DATUM_TIMESTAMP:
    case DATUM_INSTANT:
        return MYSQL_TYPE_DATETIME;
    case DATUM_BYTES:
    case DATUM_OTHER:
        return MYSQL_TYPE_BLOB;
    default:
        return MYSQL_TYPE_STRING;
    }
}

void mdb_place_bind(struct mdb_place *place, MYSQL_BIND *bind) {
    bool has_bytes = mdb_place_has_bytes(place);
    *bind = (MYSQL_BIND){.buffer_type = buffer_type_of(place),
                         .buffer = has_bytes ? (void *)place->text : (void *)&place->value,
                         .buffer_length = has_bytes ? place->room : sizeof(place->value),
                         .is_unsigned = place->is_unsigned,
                         .length = &place->len,
                         .is_null = &place->is_null,
                         .error = &place->is_cut};
}

/* Dates and times */

static bool is_leap(unsigned year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_in(unsigned year, unsigned month) {
    static const unsigned char days[MONTHS] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static bool is_date(const MYSQL_TIME *time) {
    return time->month >= 1 && time->month <= MONTHS && time->day >= 1 && time->day <= days_in(time->year, time->month);
}

/* Days since 1970-01-01 of the Gregorian calendar. A year begins in March here, so that the leap day is its last: 306 days lie between
 * March and January, 719468 between 0000-03-01 and 1970-01-01, 146097 in 400 years. */
static int64_t days_of(const MYSQL_TIME *time) {
    int64_t year = (int64_t)time->year + 400 - (time->month <= 2);
    int64_t day_of_year = (153 * ((int64_t)(time->month + 9) % MONTHS) + 2) / 5 + time->day - 1;
    return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719468 - 146097;
}

static int64_t us_of(const MYSQL_TIME *time) {
    int64_t seconds = ((int64_t)time->hour * 60 + time->minute) * 60 + time->second;
    return seconds * second_us + (int64_t)time->second_part;
}

static void take_odd(struct mdb_place *place, const MYSQL_TIME *time, struct datum *datum) {
    int len = snprintf(place->odd, sizeof(place->odd), "%04u-%02u-%02u", time->year, time->month, time->day);
    if (place->kind != DATUM_DATE)
        len +=
            snprintf(place->odd + len, sizeof(place->odd) - (size_t)len, " %02u:%02u:%02u", time->hour, time->minute, time->second);
    if (place->kind != DATUM_DATE && place->decimals > 0) {
        snprintf(place->odd + len, sizeof(place->odd) - (size_t)len, ".%06lu", time->second_part);
        len += 1 + (int)place->decimals;
    }
    *datum = (struct datum){.kind = DATUM_ODD_DATE, .bytes = place->odd, .size = (size_t)len};
}

static void take_moment(struct mdb_place *place, struct datum *datum) {
    const MYSQL_TIME *time = &place->value.time;
    *datum = (struct datum){.kind = place->kind};
    if (!is_date(time))
        take_odd(place, time, datum);
    else if (place->kind == DATUM_DATE)
        datum->number = days_of(time);
    else
        datum->number = days_of(time) * 24 * 60 * 60 * second_us + us_of(time);
}

static void take_time(const struct mdb_place *place, struct datum *datum) {
    const MYSQL_TIME *time = &place->value.time;
    int64_t us = (int64_t)time->day * 24 * 60 * 60 * second_us + us_of(time);
    *datum = (struct datum){.kind = DATUM_TIME, .number = time->neg ? -us : us};
}

/* The others */

static int hex_of(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hyphens stand where they like. */
static bool take_uuid(struct mdb_place *place, struct datum *datum) {
    unsigned digits = 0;
    for (unsigned long i = 0; i < place->len; i++) {
        int digit = hex_of(place->text[i]);
        if (place->text[i] == '-')
            continue;
        if (digit < 0 || digits == 2 * DATUM_UUID_SIZE)
            return false;
        unsigned char *byte = &place->value.uuid[digits++ / 2];
        *byte = (unsigned char)(*byte << 4 | digit);
    }
    *datum = (struct datum){.kind = DATUM_UUID, .bytes = (const char *)place->value.uuid, .size = DATUM_UUID_SIZE};
    return digits == 2 * DATUM_UUID_SIZE;
}

static void take_int(const struct mdb_place *place, struct datum *datum) {
    bool is_big = place->is_unsigned && place->value.number < 0;
    *datum = (struct datum){.kind = is_big ? DATUM_UINT : DATUM_INT, .number = place->value.number};
}

bool mdb_place_take(struct mdb_place *place, struct datum *datum) {
    if (place->is_null)
        *datum = (struct datum){.kind = DATUM_NULL};
    else if (place->is_uuid)
        return take_uuid(place, datum);
    else if (mdb_place_has_bytes(place))
        *datum = (struct datum){.kind = place->kind, .bytes = place->text, .size = place->len};
    else if (place->kind == DATUM_INT)
        take_int(place, datum);
    else if (place->kind == DATUM_DOUBLE)
        *datum =
            (struct datum){.kind = DATUM_DOUBLE, .real = place->is_single ? (double)place->value.single_real : place->value.real};
    else if (place->kind == DATUM_TIME)
        take_time(place, datum);
    else
        take_moment(place, datum);
    return true;
}
