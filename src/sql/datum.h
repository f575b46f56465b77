/* datum.h - one value as a database stores it, typed: what a verification compares. A borrowed view, valid during the row's callback.
 *
 * What an engine sends is brought to one of these kinds without losing anything; nothing is converted between kinds, so two engines may
 * give different kinds for the same value (a boolean is DATUM_BOOL in PostgreSQL and DATUM_INT elsewhere). */
#ifndef SQL_DATUM_H
#define SQL_DATUM_H

#include <stddef.h>
#include <stdint.h>

enum datum_kind {
    DATUM_NULL,
    DATUM_BOOL,      /* number: 0 or 1 */
    DATUM_INT,       /* number */
    DATUM_UINT,      /* an unsigned above INT64_MAX: (uint64_t)number */
    DATUM_DECIMAL,   /* bytes: decimal text as the column's scale has it: "-12.50", "0.00"; "NaN", "Infinity", "-Infinity" */
    DATUM_DOUBLE,    /* real; single precision widened */
    DATUM_TEXT,      /* bytes: as stored, UTF-8; what a char(n) is padded with is there exactly when the engine sends it */
    DATUM_BYTES,     /* bytes */
    DATUM_JSON,      /* bytes: JSON text as the server renders it */
    DATUM_UUID,      /* bytes: 16 of them */
    DATUM_DATE,      /* number: days since 1970-01-01, Gregorian throughout; INT64_MIN and INT64_MAX: -infinity, infinity */
    DATUM_TIME,      /* number: microseconds; negative and over 24 h where the engine has that */
    DATUM_TIMESTAMP, /* number: microseconds since 1970 of a time without zone; infinities as above */
    DATUM_INSTANT,   /* number: the same with a zone, in UTC */
    DATUM_ODD_DATE,  /* bytes: text of a date or time that no calendar has (MariaDB 0000-00-00, 2024-00-10, 2023-02-30) */
    DATUM_OTHER,     /* bytes: the engine's binary image of a type not named here (interval, arrays, inet, bit ...) */
};

enum { DATUM_UUID_SIZE = 16 };

struct datum {
    enum datum_kind kind;
    int64_t number;
    double real;
    const char *bytes; /* not NUL-terminated; never NULL for a kind that has bytes */
    size_t size;
};

/* "null", "bool", "int" ...; "unknown" for a number that is no kind. */
const char *datum_kind_name(enum datum_kind kind);

#endif
