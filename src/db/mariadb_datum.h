/* mariadb_datum.h - where the library puts the values of one row, by the types of the columns, and what they are as datums. */
#ifndef DB_MARIADB_DATUM_H
#define DB_MARIADB_DATUM_H

#include <mysql.h>
#include <stdbool.h>

#include "sql/datum.h"

enum { MDB_ODD_DATE_MAX = 48 };

/* Zeroed before mdb_place_init(); `text` is for the owner to free. */
struct mdb_place {
    enum datum_kind kind; /* of values that are not NULL; the odd ones apart */
    unsigned decimals;
    bool is_unsigned;
    bool is_single; /* precision */
    bool is_uuid;   /* arrives as text */
    union {
        int64_t number;
        float single_real;
        double real;
        MYSQL_TIME time;
        unsigned char uuid[DATUM_UUID_SIZE];
    } value;
    char *text; /* of kinds that have bytes */
    unsigned long room;
    unsigned long len; /* of the whole value, which may be longer than the room */
    my_bool is_null;
    my_bool is_cut;
    char odd[MDB_ODD_DATE_MAX];
};

/* The kind of a column's values, and what is to be known about them. */
void mdb_place_init(struct mdb_place *place, const MYSQL_FIELD *field);
static inline bool mdb_place_has_bytes(const struct mdb_place *place) {
    static const unsigned kinds =
        1U << DATUM_DECIMAL | 1U << DATUM_TEXT | 1U << DATUM_BYTES | 1U << DATUM_JSON | 1U << DATUM_UUID | 1U << DATUM_OTHER;
    return (kinds >> place->kind & 1) != 0;
}
/* How the library is told of the place. */
void mdb_place_bind(struct mdb_place *place, MYSQL_BIND *bind);
/* The value that was put there; valid until the next one. False when it cannot be one of the column's type. */
bool mdb_place_take(struct mdb_place *place, struct datum *datum);

#endif
