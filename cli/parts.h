/* parts.h - a line of parts, ", " between them, that fits its terminal: what is worth least is left out first; one part may be cut short
 * before those that are worth more go. */
#ifndef CLI_PARTS_H
#define CLI_PARTS_H

#include <stdarg.h>
#include <stddef.h>

enum { PARTS_MAX = 12 };

struct parts {
    char *texts[PARTS_MAX]; /* NULL: not there */
    int worth[PARTS_MAX];
    size_t cut_place; /* of the part that may be cut short … */
    int cut_for;      /* … so that no part worth this or more has to go; 0: none may be */
};

/* Sets the part at a place, counted from the left. The text must be safe for a terminal. */
void parts_put(struct parts *parts, size_t place, int worth, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));

/* The line, at most `columns` wide (0: as long as it gets), which the caller frees; the parts are released. */
char *parts_line(struct parts *parts, unsigned columns);

#endif
