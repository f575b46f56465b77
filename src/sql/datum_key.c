/* datum_key.c - see datum_key.h. */
#include "sql/datum_key.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { KEY_TEXT_MAX = 64 };

static const int64_t DAY_US = INT64_C(86400000000);

static const char *hex(const struct datum *value, bool upper, struct arena *arena) {
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char *text = arena_alloc(arena, 2 * value->size + 1);
    for (size_t i = 0; text && i < value->size; i++) {
        text[2 * i] = digits[(unsigned char)value->bytes[i] >> 4];
        text[2 * i + 1] = digits[value->bytes[i] & 15];
    }
    return text;
}

static const char *uuid(const struct datum *value, struct arena *arena) {
    const char *digits = hex(value, false, arena);
    return digits ? arena_printf(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12, digits + 16, digits + 20)
                  : NULL;
}

/* Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013): days since 1970-01-01 to year, month, day. */
static void civil(int64_t days, int64_t *year, int *month, int *day) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

static size_t add_date(char *out, size_t size, int64_t days, bool *before_christ) {
    int64_t year;
    int month, day;
    civil(days, &year, &month, &day);
    *before_christ = year <= 0;
    return (size_t)snprintf(out, size, "%04" PRId64 "-%02d-%02d", *before_christ ? 1 - year : year, month, day);
}

/* The fraction as the engine writes it: all digits of the column, or none that say nothing. */
static void add_fraction(char *out, size_t size, int64_t us, const struct sql_dialect *dialect, const struct sql_column *column) {
    char digits[8];
    snprintf(digits, sizeof digits, "%06d", (int)us);
    size_t count = dialect->key_pads_fraction && column->precision >= 0 && column->precision < 6 ? (size_t)column->precision : 6;
    while (!dialect->key_pads_fraction && count > 0 && digits[count - 1] == '0')
        count--;
    if (count > 0)
        snprintf(out, size, ".%.*s", (int)count, digits);
}

static void add_time(char *out, size_t size, int64_t us, const struct sql_dialect *dialect, const struct sql_column *column) {
    bool negative = us < 0;
    int64_t left = negative ? -us : us, seconds = left / 1000000;
    size_t at = (size_t)snprintf(out, size, "%s%02" PRId64 ":%02d:%02d", negative ? "-" : "", seconds / 3600,
                                 (int)(seconds / 60 % 60), (int)(seconds % 60));
    out[at] = '\0';
    add_fraction(out + at, size - at, left % 1000000, dialect, column);
}

static const char *moment(const struct sql_dialect *dialect, const struct sql_column *column, const struct datum *value,
                          struct arena *arena) {
    char text[KEY_TEXT_MAX];
    if (value->number == INT64_MAX || value->number == INT64_MIN)
        return value->number > 0 ? "infinity" : "-infinity";
    bool before_christ = false, has_time = value->kind != DATUM_DATE;
    int64_t days = has_time ? value->number / DAY_US - (value->number % DAY_US < 0) : value->number;
    size_t at = add_date(text, sizeof text, days, &before_christ);
    if (has_time) {
        text[at++] = ' ';
        add_time(text + at, sizeof text - at, value->number - days * DAY_US, dialect, column);
    }
    bool zone = value->kind == DATUM_INSTANT && !dialect->key_pads_fraction;
    return arena_printf(arena, "%s%s%s", text, zone ? "+00" : "", before_christ ? " BC" : "");
}

static const char *time_of_day(const struct sql_dialect *dialect, const struct sql_column *column, const struct datum *value,
                               struct arena *arena) {
    char text[KEY_TEXT_MAX];
    add_time(text, sizeof text, value->number, dialect, column);
    return arena_strdup(arena, text);
}

static const char *text_of(const struct sql_dialect *dialect, const struct sql_column *column, const struct datum *value,
                           struct arena *arena) {
    switch (value->kind) {
    case DATUM_BOOL:
        return value->number ? "true" : "false";
    case DATUM_INT:
        return arena_printf(arena, "%" PRId64, value->number);
    case DATUM_UINT:
        return arena_printf(arena, "%" PRIu64, (uint64_t)value->number);
    case DATUM_DOUBLE:
        return arena_printf(arena, "%.17g", value->real);
    case DATUM_DECIMAL:
    case DATUM_TEXT:
    case DATUM_ODD_DATE:
        return arena_memdup(arena, value->bytes, value->size);
    case DATUM_BYTES:
        return hex(value, dialect->key_hex_upper, arena);
    case DATUM_UUID:
        return uuid(value, arena);
    case DATUM_DATE:
    case DATUM_TIMESTAMP:
    case DATUM_INSTANT:
        return moment(dialect, column, value, arena);
    case DATUM_TIME:
        return time_of_day(dialect, column, value, arena);
    default:
        return NULL;
    }
}

static bool can_be_key(enum datum_kind kind) {
    return kind != DATUM_NULL && kind != DATUM_JSON && kind != DATUM_OTHER;
}

int datum_key(const struct sql_dialect *dialect, const struct sql_column *column, bool tagged, const struct datum *value,
              struct arena *arena, struct sql_value *out, struct err *err) {
    if (!can_be_key(value->kind))
        return err_set(err, ERR_UNSUPPORTED, "a value of kind %s in key column %s", datum_kind_name(value->kind), column->name);
    if (tagged && value->kind == DATUM_BYTES) {
        *out = (struct sql_value){arena_memdup(arena, value->bytes, value->size), value->size, VALUE_BYTES};
        return out->ptr ? 0 : err_nomem(err);
    }
    const char *text = text_of(dialect, column, value, arena);
    if (text == NULL)
        return err_nomem(err);
    *out = value_text(text);
    if (value->kind == DATUM_TEXT)
        out->len = value->size;
    if (tagged)
        out->kind = value->kind == DATUM_INT ? VALUE_INTEGER : value->kind == DATUM_DOUBLE ? VALUE_REAL : VALUE_TEXT;
    return 0;
}
