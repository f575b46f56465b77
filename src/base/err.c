/* err.c - see err.h. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
    int code;
    int exit_code;
    const char *name;
    const char *line;
    const char *text;
} codes[] = {
#define ERR_ROW_OF(name, value, exit_code, line, text) {(value), (exit_code), #name, (line), (text)},
    INFILL_ERROR_LIST(ERR_ROW_OF)
#undef ERR_ROW_OF
};

enum { CODE_COUNT = sizeof(codes) / sizeof(codes[0]) };

void err_clear(struct err *err) {
    memset(err, 0, sizeof(*err));
    err->statement = -1;
}

/* Where to cut `text` so that no UTF-8 character is left unfinished at its end: at most three bytes before `len`. */
static size_t whole_characters(const char *text, size_t len) {
    size_t lead = len;
    for (int back = 0; back < 3 && lead > 0; back++) {
        unsigned char c = (unsigned char)text[--lead];
        if (c >= 0xC0)
            return text_is_utf8(text + lead, len - lead) ? len : lead;
        if (c < 0x80)
            break;
    }
    return len;
}

/* Formats into `out`. Arguments may point into `out`. */
__attribute__((format(printf, 3, 0))) static void format_list(char *out, size_t size, const char *format, va_list args) {
    char text[ERR_MESSAGE_MAX] = "";
    vsnprintf(text, sizeof(text), format, args);
    size_t len = strlen(text);
    if (len >= size - 1)
        len = whole_characters(text, size - 1);
    memcpy(out, text, len);
    out[len] = '\0';
}

__attribute__((format(printf, 3, 4))) static void format_cut(char *out, size_t size, const char *format, ...) {
    va_list args;
    va_start(args, format);
    format_list(out, size, format, args);
    va_end(args);
}

int err_set(struct err *err, int code, const char *format, ...) {
    char message[ERR_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    format_list(message, sizeof(message), format, args);
    va_end(args);
    err_clear(err);
    err->code = code;
    memcpy(err->message, message, strlen(message) + 1);
    return code;
}

int err_nomem(struct err *err) {
    return err_set(err, ERR_NOMEM, "out of memory");
}

void err_where(struct err *err, const char *format, ...) {
    char front[ERR_CONTEXT_MAX];
    va_list args;
    va_start(args, format);
    format_list(front, sizeof(front), format, args);
    va_end(args);
    /* The outermost context comes first, so it is the one that survives a cut. */
    format_cut(err->where, sizeof(err->where), "%s%s%s", front, err->where[0] == '\0' ? "" : ": ", err->where);
}

void err_next(struct err *err, const char *format, ...) {
    if (err->next[0] != '\0')
        return;
    va_list args;
    va_start(args, format);
    format_list(err->next, sizeof(err->next), format, args);
    va_end(args);
}

/* A number that is no code reads as UNKNOWN, which exits 1. */
static int index_of(int code) {
    int unknown = 0;
    for (int i = 0; i < CODE_COUNT; i++) {
        if (codes[i].code == code)
            return i;
        if (codes[i].code == ERR_UNKNOWN)
            unknown = i;
    }
    return unknown;
}

const char *err_name(int code) {
    return code == 0 ? "OK" : codes[index_of(code)].name;
}

int err_exit_code(int code) {
    return code == 0 ? 0 : codes[index_of(code)].exit_code;
}

const char *err_line(int code) {
    return code == 0 ? "success" : codes[index_of(code)].line;
}

const char *err_text(int code) {
    return code == 0 ? "Nothing failed." : codes[index_of(code)].text;
}

static const char *after(const char *text, const char *prefix) {
    char head[16] = "";
    snprintf(head, sizeof(head), "%s", text);
    size_t len = strlen(prefix);
    head[len] = '\0';
    return text_equal_nocase(head, prefix) ? text + len : text;
}

int err_by_name(const char *name) {
    const char *bare = after(after(name, "INFILL_"), "ERR_");
    for (int i = 0; i < CODE_COUNT; i++)
        if (text_equal_nocase(codes[i].name, bare))
            return codes[i].code;
    return 0;
}
