/* text.c - see text.h. ASCII is classified by hand: <ctype.h> asks the locale. */
#include "base/text.h"

#include <locale.h>
#include <math.h>
#include <string.h>

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_equal(const char *a, const char *b) {
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(a, b) == 0;
}

bool text_equal_nocase(const char *a, const char *b) {
    if (a == NULL || b == NULL)
        return a == b;
    while (*a != '\0' && to_lower(*a) == to_lower(*b)) {
        a++;
        b++;
    }
    return to_lower(*a) == to_lower(*b);
}

bool text_starts(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Length of the UTF-8 character at `s`, 0 if it is none. Table 3-7 of the Unicode standard. */
static size_t utf8_char(const unsigned char *s, size_t len) {
    if (s[0] < 0x80)
        return 1;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    size_t size = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4 || size > len)
        return 0;
    if (s[0] == 0xE0)
        low = 0xA0; /* overlong */
    else if (s[0] == 0xED)
        high = 0x9F; /* surrogates */
    else if (s[0] == 0xF0)
        low = 0x90; /* overlong */
    else if (s[0] == 0xF4)
        high = 0x8F; /* beyond U+10FFFF */
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return size;
}

bool text_is_utf8(const char *text, size_t len) {
    const unsigned char *s = (const unsigned char *)text;
    while (len > 0) {
        size_t size = utf8_char(s, len);
        if (size == 0)
            return false;
        s += size;
        len -= size;
    }
    return true;
}

bool text_to_int64(const char *text, int64_t *value) {
    bool negative = text[0] == '-';
    const char *digit = text + negative;
    int64_t sum = 0; /* kept negative, because INT64_MIN has no positive twin */
    if (*digit == '\0')
        return false;
    for (; *digit != '\0'; digit++)
        if (!is_digit(*digit) || __builtin_mul_overflow(sum, 10, &sum) || __builtin_sub_overflow(sum, *digit - '0', &sum))
            return false;
    if (!negative && sum == INT64_MIN)
        return false;
    *value = negative ? sum : -sum;
    return true;
}

static const char *skip_digits(const char *text) {
    while (is_digit(*text))
        text++;
    return text;
}

/* -? digits [. digits] [e [+-] digits], with a digit before or after the point: strtod alone takes hex, "inf" and blanks. */
static bool is_decimal(const char *text) {
    const char *whole = text + (*text == '-');
    const char *at = skip_digits(whole);
    bool any = at > whole;
    if (*at == '.') {
        const char *fraction = at + 1;
        at = skip_digits(fraction);
        any = any || at > fraction;
    }
    if (any && (*at == 'e' || *at == 'E')) {
        const char *exponent = at + 1;
        exponent += *exponent == '+' || *exponent == '-';
        at = skip_digits(exponent);
        any = at > exponent;
    }
    return any && *at == '\0';
}

bool text_to_interval(const char *text, int64_t *from, int64_t *to) {
    char first[24];
    const char *dots = strstr(text, "..");
    if (dots == NULL)
        return text_to_int64(text, from) && text_to_int64(text, to);
    if ((size_t)(dots - text) >= sizeof first)
        return false;
    memcpy(first, text, (size_t)(dots - text));
    first[dots - text] = '\0';
    return text_to_int64(first, from) && text_to_int64(dots + 2, to) && *from <= *to;
}

bool text_to_double(const char *text, double *value) {
    if (!is_decimal(text))
        return false;
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); /* a static object in glibc and musl */
    if (c_locale == (locale_t)0)
        return false;
    double number = strtod_l(text, NULL, c_locale);
    freelocale(c_locale);
    if (!isfinite(number))
        return false;
    *value = number;
    return true;
}

enum { TEXT_WORD_MAX = 64 }; /* longer words are never suggested */

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

unsigned text_distance(const char *a, const char *b, unsigned limit) {
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    if (a_len > TEXT_WORD_MAX || b_len > TEXT_WORD_MAX)
        return strcmp(a, b) == 0 ? 0 : limit + 1;
    unsigned rows[3][TEXT_WORD_MAX + 1]; /* of the matrix: the one before the last, the last, the one at hand */
    unsigned *old = rows[0];
    unsigned *last = rows[1];
    unsigned *row = rows[2];
    for (unsigned j = 0; j <= b_len; j++)
        last[j] = j;
    for (unsigned i = 1; i <= a_len; i++) {
        row[0] = i;
        for (unsigned j = 1; j <= b_len; j++) {
            unsigned substituted = last[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(substituted, least(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], old[j - 2] + 1);
        }
        unsigned *spare = old;
        old = last;
        last = row;
        row = spare;
    }
    return least(last[b_len], limit + 1);
}

const char *text_nearest(const char *text, const char *const *words, size_t count) {
    const char *nearest = NULL;
    unsigned best = 0;
    size_t len = strlen(text);
    for (size_t i = 0; i < count; i++) {
        size_t longer = strlen(words[i]) > len ? strlen(words[i]) : len;
        unsigned limit = least((unsigned)longer / 3, TEXT_WORD_MAX);
        unsigned distance = text_equal_nocase(text, words[i]) ? 0 : text_distance(text, words[i], limit);
        if (distance <= limit && (nearest == NULL || distance < best)) {
            nearest = words[i];
            best = distance;
        }
    }
    return nearest;
}
