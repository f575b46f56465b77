/* value.h - one value on its way to or from a database. A borrowed view: it owns nothing. */
#ifndef SQL_VALUE_H
#define SQL_VALUE_H

#include <stddef.h>

/* Servers give and take text. SQLite has storage classes, and a key must come back with the one it had. */
enum sql_value_kind { VALUE_NULL, VALUE_TEXT, VALUE_INTEGER, VALUE_REAL, VALUE_BYTES };

struct sql_value {
    const char
        *ptr; /* text, or the text form of a number (reals with 17 digits), or bytes; NUL-terminated when it comes from a result */
    size_t len;
    enum sql_value_kind kind; /* servers: only VALUE_NULL and VALUE_TEXT */
};

#define VALUE_NULL_VALUE ((struct sql_value){NULL, 0, VALUE_NULL})

/* A text value over a C string; NULL gives SQL NULL. */
struct sql_value value_text(const char *text);

#endif
