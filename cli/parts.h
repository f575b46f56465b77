/* parts.h - a line of parts, ", " between them, that fits its terminal: what is worth least is left out first. */
#ifndef CLI_PARTS_H
#define CLI_PARTS_H

#include <stdarg.h>
#include <stddef.h>

enum { PARTS_MAX = 12 };

struct parts {
    char *texts[PARTS_MAX]; /* NULL: not there */
    int worth[PARTS_MAX];
};

/* Sets the part at a place, counted from the left. The text must be safe for a terminal. */
void parts_put(struct parts *parts, size_t place, int worth, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));

/* The line, at most `columns` wide (0: as long as it gets), which the caller frees; the parts are released. */
char *parts_line(struct parts *parts, unsigned columns);

#endif
