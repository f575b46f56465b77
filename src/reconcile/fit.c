/* fit.c - see fit.h. The rules of affinity: "Datatypes In SQLite", section 3. */
#include "reconcile/fit.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

static bool has(const char *type, const char *word) {
    for (; *type; type++)
        if (strncasecmp(type, word, strlen(word)) == 0)
            return true;
    return false;
}

static enum fit affinity(const char *type) {
    if (has(type, "INT"))
        return FIT_AFFINITY_INTEGER;
    if (has(type, "CHAR") || has(type, "CLOB") || has(type, "TEXT"))
        return FIT_AFFINITY_TEXT;
    if (*type == '\0' || has(type, "BLOB") || strcasecmp(type, "ANY") == 0)
        return FIT_NONE;
    if (has(type, "REAL") || has(type, "FLOA") || has(type, "DOUB"))
        return FIT_AFFINITY_REAL;
    return FIT_AFFINITY_INTEGER; /* NUMERIC stores numbers as INTEGER does */
}

enum fit fit_of(const struct sql_dialect *dialect, const struct sql_column *column) {
    if (text_equal(dialect->name, "sqlite"))
        return affinity(column->type ? column->type : "");
    bool json_is_text = text_equal(dialect->name, "mariadb");
    switch (column->class) {
    case SQL_INTEGER:
    case SQL_BOOLEAN:
        return FIT_INTEGER;
    case SQL_TEXT:
        return json_is_text ? FIT_PLAIN : FIT_NONE;
    case SQL_JSON:
        return json_is_text ? FIT_PLAIN : FIT_JSON;
    case SQL_TIMESTAMP:
        return text_equal(dialect->name, "mariadb") && text_starts(column->type, "timestamp") ? FIT_INSTANT : FIT_NONE;
    case SQL_UUID:
        return FIT_UUID;
    default:
        return FIT_NONE;
    }
}

/* A decimal without a fraction is the integer it stands for. */
static void decimal_as_integer(struct datum *value) {
    char text[32];
    size_t whole = 0;
    while (whole < value->size && value->bytes[whole] != '.')
        whole++;
    for (size_t i = whole + 1; i < value->size; i++)
        if (value->bytes[i] != '0')
            return;
    if (whole == 0 || whole >= sizeof text)
        return;
    memcpy(text, value->bytes, whole);
    text[whole] = '\0';
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno == 0 && *end == '\0') {
        *value = (struct datum){.kind = DATUM_INT, .number = number};
        return;
    }
    errno = 0;
    unsigned long long large = text[0] == '-' ? 0 : strtoull(text, &end, 10);
    if (text[0] != '-' && errno == 0 && *end == '\0')
        *value = (struct datum){.kind = DATUM_UINT, .number = (int64_t)large};
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool text_as_uuid(struct datum *value, struct arena *arena) {
    char bytes[DATUM_UUID_SIZE];
    size_t digits = 0;
    for (size_t i = 0; i < value->size; i++) {
        int digit = hex_digit(value->bytes[i]);
        if (value->bytes[i] == '-')
            continue;
        if (digit < 0 || digits == sizeof bytes * 2)
            return true;
        bytes[digits / 2] = (char)(digits % 2 ? (unsigned char)bytes[digits / 2] << 4 | digit : digit);
        digits++;
    }
    if (digits != sizeof bytes * 2)
        return true;
    *value = (struct datum){.kind = DATUM_UUID, .bytes = arena_memdup(arena, bytes, sizeof bytes), .size = sizeof bytes};
    return value->bytes != NULL;
}

/* ---- affinity ---- */

static void real_as_integer(struct datum *value) {
    if (value->real >= -9223372036854775808.0 && value->real < 9223372036854775808.0 && value->real == floor(value->real))
        *value = (struct datum){.kind = DATUM_INT, .number = (int64_t)value->real};
}

/* The whole text is one decimal number, blanks around it aside. */
static bool is_number(const char *text, bool *is_integer) {
    while (isspace((unsigned char)*text))
        text++;
    text += *text == '-' || *text == '+';
    size_t whole = strspn(text, "0123456789"), part = 0;
    text += whole;
    *is_integer = *text != '.' && (*text | 32) != 'e';
    if (*text == '.') {
        part = strspn(text + 1, "0123456789");
        text += 1 + part;
    }
    if (whole + part > 0 && (*text | 32) == 'e') {
        const char *exponent = text + 1 + (text[1] == '-' || text[1] == '+');
        size_t digits = strspn(exponent, "0123456789");
        if (digits > 0)
            text = exponent + digits;
    }
    while (isspace((unsigned char)*text))
        text++;
    return whole + part > 0 && *text == '\0';
}

static bool text_as_number(struct datum *value, struct arena *arena) {
    bool is_integer;
    const char *text = memchr(value->bytes, 0, value->size) ? "" : arena_memdup(arena, value->bytes, value->size);
    if (text == NULL || !is_number(text, &is_integer))
        return text != NULL;
    errno = 0;
    long long number = is_integer ? strtoll(text, NULL, 10) : 0;
    if (is_integer && errno == 0)
        *value = (struct datum){.kind = DATUM_INT, .number = number};
    else
        *value = (struct datum){.kind = DATUM_DOUBLE, .real = strtod(text, NULL)};
    return true;
}

/* As the engine writes a REAL: 15 digits, and always a point or an exponent. */
static bool number_as_text(struct datum *value, struct arena *arena) {
    char text[40];
    if (value->kind == DATUM_INT)
        snprintf(text, sizeof text, "%" PRId64, value->number);
    else
        snprintf(text, sizeof text, "%.15g", value->real);
    size_t len = strlen(text);
    if (value->kind == DATUM_DOUBLE && strpbrk(text, ".en") == NULL)
        snprintf(text + len, sizeof text - len, ".0");
    *value = (struct datum){.kind = DATUM_TEXT, .bytes = arena_strdup(arena, text), .size = strlen(text)};
    return value->bytes != NULL;
}

static bool by_affinity(enum fit fit, struct datum *value, struct arena *arena) {
    bool is_number = value->kind == DATUM_INT || value->kind == DATUM_DOUBLE;
    if (fit == FIT_AFFINITY_TEXT)
        return is_number ? number_as_text(value, arena) : true;
    if (value->kind == DATUM_TEXT && !text_as_number(value, arena))
        return false;
    if (fit == FIT_AFFINITY_INTEGER && value->kind == DATUM_DOUBLE)
        real_as_integer(value);
    if (fit == FIT_AFFINITY_REAL && value->kind == DATUM_INT)
        *value = (struct datum){.kind = DATUM_DOUBLE, .real = (double)value->number};
    return true;
}

bool fit_value(enum fit fit, struct datum *value, struct arena *arena) {
    switch (fit) {
    case FIT_NONE:
        return true;
    case FIT_INTEGER:
        if (value->kind == DATUM_DECIMAL)
            decimal_as_integer(value);
        return true;
    case FIT_JSON:
        if (value->kind == DATUM_TEXT)
            value->kind = DATUM_JSON;
        return true;
    case FIT_PLAIN: /* the engine keeps JSON as the text it is, and calls it now one, now the other */
        if (value->kind == DATUM_JSON)
            value->kind = DATUM_TEXT;
        return true;
    case FIT_INSTANT: /* sessions are in UTC */
        if (value->kind == DATUM_TIMESTAMP)
            value->kind = DATUM_INSTANT;
        return true;
    case FIT_UUID:
        return value->kind != DATUM_TEXT || text_as_uuid(value, arena);
    default:
        return by_affinity(fit, value, arena);
    }
}
