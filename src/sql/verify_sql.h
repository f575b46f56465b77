/* verify_sql.h - what a verification reads: both sides of a fill, as they are, over an interval of the key.
 *
 * Nothing here compares or counts: the expressions of the source, as the target's columns would give them back, and the columns of the
 * target are selected, and compared elsewhere. With the statements that move rows it shares the walk along the key's index, and nothing else.
 *
 * Rows of the source: key columns, then (unless `aligned`) match expressions, then value expressions. Rows of the target: the `matched`
 * columns, then value columns. In place, rows of the source carry the value columns behind the value expressions, and there is no target.
 * Columns that are matched are no values. */
#ifndef SQL_VERIFY_SQL_H
#define SQL_VERIFY_SQL_H

#include "sql/fill_sql.h"

enum verify_form {
    VERIFY_OPEN,  /* (-inf, hi] */
    VERIFY_ABOVE, /* (lo, hi] */
    VERIFY_KEY,   /* [lo, hi]: one key, given as both */
    VERIFY_REST,  /* (lo, inf) */
    VERIFY_WHOLE, /* everything */
    VERIFY_FORMS
};

struct verify_sql {
    /* Match columns are the key's columns, copied: target rows of a key interval are an interval themselves. Otherwise they are found by
     * a join, and rows nobody joins only by `strays`. */
    bool aligned;
    const struct sql_column *matched[KEY_COLUMNS_MAX]; /* target columns that name a row: in the key's order when aligned */
    size_t matched_count;                              /* 0 in place */
    size_t value_count;
    const struct fill_value **values; /* of the arena, in the order of the map */
    struct stmt source[VERIFY_FORMS];
    struct stmt target[VERIFY_FORMS];
    struct stmt strays; /* not aligned: match columns of target rows that no source row leads to */
    struct stmt stray;  /* the same of one row, named by FILL_LO + i for matched[i] */
    struct stmt shared; /* not aligned: match columns of target rows that several source rows lead to */
    struct stmt
        rivals; /* not aligned: a row for each source row that leads to where that of the key FILL_LO, FILL_HI does; at most two */
    /* What a repair does that no fill does: a row of the target, named by FILL_LO + i for matched[i], is locked, and deleted if no source
     * row leads to it. lock_extra is empty where the transaction is the lock; both are in place. */
    struct stmt lock_extra;
    struct stmt delete_extra;
};

/* `expect` replaces expressions by a second, independent spelling: expect[i] (or NULL) for map->values[i]; may be NULL altogether.
 * Released with verify_sql_release also after an error. */
int verify_sql_build(const struct fill_map *map, const char *const *expect, struct arena *arena, struct verify_sql *sql,
                     struct err *err);
void verify_sql_release(struct verify_sql *sql);

#endif
