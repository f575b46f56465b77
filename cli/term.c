/* term.c - see term.h. */
#include "cli/term.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "cli/xalloc.h"

unsigned term_columns(int fd) {
    if (!isatty(fd))
        return 0;
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return TERM_COLUMNS_DEFAULT;
    if (size.ws_col < TERM_COLUMNS_MIN)
        return TERM_COLUMNS_MIN;
    return size.ws_col > TERM_COLUMNS_MAX ? TERM_COLUMNS_MAX : size.ws_col;
}

bool term_takes_colour(int fd) {
    const char *kind = getenv("TERM");
    const char *no_colour = getenv("NO_COLOR");
    return isatty(fd) && kind != NULL && strcmp(kind, "dumb") != 0 && (no_colour == NULL || no_colour[0] == '\0');
}

/* One UTF-8 character at `text` into *rune; its length, or 0 when the bytes are none (overlong forms and surrogates are none). */
static size_t decode(const char *text, uint32_t *rune) {
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80) {
        *rune = s[0];
        return 1;
    }
    size_t len = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4)
        return 0;
    uint32_t value = s[0] & (0xFFU >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (s[i] & 0x3F);
    }
    if (value < least[len] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *rune = value;
    return len;
}

static bool is_control(uint32_t rune) {
    return rune < 0x20 || (rune >= 0x7F && rune < 0xA0);
}

/* Characters that show nothing but change the order or the look of what stands around them. */
static bool is_steering(uint32_t rune) {
    return rune == 0x061C || rune == 0xFEFF || (rune >= 0x200B && rune <= 0x200F) || (rune >= 0x2028 && rune <= 0x202E) ||
           (rune >= 0x2060 && rune <= 0x206F) || (rune >= 0xFFF9 && rune <= 0xFFFB) || (rune >= 0xE0000 && rune <= 0xE007F);
}

static void escape_rune(FILE *out, uint32_t rune) {
    if (rune == '\n')
        fputs("\\n", out);
    else if (rune == '\t')
        fputs("\\t", out);
    else if (rune == '\r')
        fputs("\\r", out);
    else if (rune < 0x80)
        fprintf(out, "\\x%02x", (unsigned)rune);
    else
        fprintf(out, "\\u%04x", (unsigned)rune);
}

void term_escape_lines(FILE *out, const char *text, const char *indent) {
    while (text != NULL && *text != '\0') {
        uint32_t rune = 0;
        size_t len = decode(text, &rune);
        if (len == 0) {
            fprintf(out, "\\x%02x", (unsigned)(unsigned char)*text++);
            continue;
        }
        if (rune == '\n' && indent != NULL)
            fprintf(out, "\n%s", indent);
        else if (is_control(rune) || is_steering(rune))
            escape_rune(out, rune);
        else
            (void)fwrite(text, 1, len, out);
        text += len;
    }
}

void term_escape(FILE *out, const char *text) {
    term_escape_lines(out, text, NULL);
}

char *term_escaped(const char *text) {
    struct xstream stream;
    xstream_begin(&stream);
    term_escape(stream.file, text);
    return xstream_end(&stream);
}

/* Columns of one character. wcwidth asks the locale, which main() sets to C.UTF-8; what it does not know counts as one. */
static unsigned rune_width(uint32_t rune) {
    int width = rune < 0x80 ? 1 : wcwidth((wchar_t)rune);
    return width < 0 ? 1 : (unsigned)width;
}

size_t term_fit(const char *text, unsigned columns) {
    size_t at = 0;
    unsigned used = 0;
    while (text[at] != '\0') {
        uint32_t rune = '?';
        size_t len = decode(text + at, &rune);
        used += rune_width(rune);
        if (used > columns)
            break;
        at += len > 0 ? len : 1;
    }
    return at;
}

unsigned term_width(const char *text) {
    unsigned used = 0;
    while (*text != '\0') {
        uint32_t rune = '?';
        size_t len = decode(text, &rune);
        used += rune_width(rune);
        text += len > 0 ? len : 1;
    }
    return used;
}

void term_cut(char *text, unsigned columns) {
    if (term_width(text) <= columns)
        return;
    size_t fit = columns > 0 ? term_fit(text, columns - 1) : 0;
    memcpy(text + fit, columns > 0 ? "…" : "", columns > 0 ? sizeof "…" : 1);
}

void term_fill(FILE *out, const char *text, unsigned indent, unsigned columns, bool hanging) {
    unsigned used = indent;
    bool first = true; /* of its line */
    if (!hanging)
        fprintf(out, "%*s", (int)indent, "");
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        char *word = xformat("%.*s", (int)len, text);
        unsigned width = term_width(word);
        if (!first && used + 1 + width > columns) {
            fprintf(out, "\n%*s", (int)indent, "");
            used = indent;
            first = true;
        }
        fprintf(out, "%s%s", first ? "" : " ", word);
        used += width + !first;
        first = false;
        free(word);
        text += len + strspn(text + len, " ");
    }
    fputc('\n', out);
}
