/* scratch.h - two small temporary tables, one a copy of the other, with the common types of an engine, and statements that damage the copy:
 * what the self-test of a verification compares.
 *
 * Text only. Columns and what damages them stand in the dialect where the engine's types come in, in scratch.c where they do not. Rows are
 * numbered from 1 to SCRATCH_ROWS; the key of row i is 10 * i, so that there is room beside it. Rows of the block have one width and one
 * value wherever damage of an even number of rows is meant to be the same in each of them.
 *
 * Tables and rows are made inside one transaction that is never committed. */
#ifndef SQL_SCRATCH_H
#define SQL_SCRATCH_H

#include "base/arena.h"
#include "base/err.h"
#include "sql/fill_sql.h"
#include "sql/table.h"

enum { SCRATCH_ROWS = 300, SCRATCH_STEPS_MAX = 3 };

struct sql_scratch_column {
    struct sql_column column;
    const char *value; /* an expression over i, the number of the row; rows 201 and 258 differ in it */
};

/* One kind of damage. In the text, {copy} and {source} are the tables. */
struct sql_scratch_damage {
    const char *name;
    unsigned rows;                        /* keys that it touches: as many must be named */
    const char *steps[SCRATCH_STEPS_MAX]; /* statements; NULL behind the last */
};

/* What a dialect brings along. Every engine has the columns id, name, label, note, small, amount, ratio, data, seen_at, doc, flag, day and,
 * at the end, status. */
struct sql_scratch {
    const char *schema;            /* in which temporary tables are found, or NULL */
    bool where_nothing_is_written; /* a connection that only reads has temporary tables too */
    const char *empty; /* takes all rows out of the copy, so that none is left behind to be passed over; NULL: it is made anew */
    const char *key_index;                    /* of a primary key; "" where it does not matter */
    const struct sql_scratch_column *columns; /* the key first */
    size_t column_count;
    const struct sql_scratch_damage *damages; /* ended by one without a name */
};

struct scratch {
    struct sql_table source;                /* has a primary key */
    struct sql_table copy;                  /* has no index at all, so that rows can stand in it twice */
    struct fill_map map;                    /* the source copied as it is */
    const char *create[3];                  /* both tables, then the rows of the source */
    const char *restore[SCRATCH_STEPS_MAX]; /* the copy is what the source is */
    struct sql_scratch_damage *damages;     /* as statements to be run in order */
    size_t damage_count;
};

/* All of it, in the arena. The dialect has a scratch. ERR_NOMEM. */
int scratch_build(const struct sql_dialect *dialect, struct arena *arena, struct scratch *scratch, struct err *err);

#endif
