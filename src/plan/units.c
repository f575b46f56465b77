/* units.c - see units.h. */
#include "plan/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { DIGITS_MAX = 18 }; /* any more could overflow int64 before the unit is applied */

static const struct {
    const char *name;
    int64_t us;
} UNITS[] = {
    {"ms", 1000},          {"s", 1000000},       {"second", 1000000},   {"seconds", 1000000},  {"m", 60000000},
    {"min", 60000000},     {"minute", 60000000}, {"minutes", 60000000}, {"h", 3600000000},     {"hour", 3600000000},
    {"hours", 3600000000}, {"d", 86400000000},   {"day", 86400000000},  {"days", 86400000000},
};

bool units_duration(const char *text, int64_t *us) {
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > DIGITS_MAX) {
        return false;
    }
    int64_t number = 0;
    for (size_t i = 0; i < digits; i++) {
        number = number * 10 + (text[i] - '0');
    }
    const char *unit = text + digits + (text[digits] == ' ');
    for (size_t i = 0; i < sizeof(UNITS) / sizeof(*UNITS); i++) {
        if (strcmp(unit, UNITS[i].name) == 0) {
            return !__builtin_mul_overflow(number, UNITS[i].us, us);
        }
    }
    return false;
}

bool units_fraction(const char *text, double *fraction) {
    char number[UNITS_TEXT_MAX];
    size_t len = strlen(text);
    bool percent = len > 0 && text[len - 1] == '%';
    len -= percent;
    if (len == 0 || len >= sizeof(number)) {
        return false;
    }
    memcpy(number, text, len);
    number[len] = '\0';
    double value;
    if (strspn(number, "0123456789.eE-") != len || !text_to_double(number, &value)) {
        return false;
    }
    value = percent ? value / 100 : value;
    if (!(value >= 0 && value <= 1)) {
        return false;
    }
    *fraction = value;
    return true;
}

const char *units_format_duration(int64_t us, char out[UNITS_TEXT_MAX]) {
    static const struct {
        int64_t us;
        const char *unit;
    } down[] = {{86400000000, " day"}, {3600000000, "h"}, {60000000, "m"}, {1000000, "s"}, {1000, "ms"}};

    size_t i = 0;
    while (us == 0 ? i < 3 : i < 4 && us % down[i].us != 0) {
        i++;
    }
    int64_t number = us / down[i].us;
    snprintf(out, UNITS_TEXT_MAX, "%" PRId64 "%s%s", number, down[i].unit, i == 0 && number > 1 ? "s" : "");
    return out;
}

const char *units_format_fraction(double fraction, char out[UNITS_TEXT_MAX]) {
    enum { PARTS = 10000000 }; /* of a percent: more digits than anybody writes, and printed without the locale's comma */
    int64_t parts = llround(fraction * 100 * PARTS);
    int len = snprintf(out, UNITS_TEXT_MAX, "%" PRId64 ".%07" PRId64, parts / PARTS, parts % PARTS);
    while (out[len - 1] == '0') {
        len--;
    }
    len -= out[len - 1] == '.';
    out[len] = '%';
    out[len + 1] = '\0';
    return out;
}
