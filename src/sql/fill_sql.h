/* fill_sql.h - every statement that a fill needs, as text, built once per run from the plan and the two table descriptions.
 *
 * Text only. Statements over a key interval come in forms: [FILL_OPEN] (-inf, hi], [FILL_ABOVE] (lo, hi], and those that a single key is
 * retried with also as [FILL_FROM] [lo, hi].
 * Logical arguments: FILL_LO + i is column i of the lower bound, FILL_HI + i column i of the upper one, FILL_N the row count. */
#ifndef SQL_FILL_SQL_H
#define SQL_FILL_SQL_H

#include "base/arena.h"
#include "base/err.h"
#include "sql/dialect.h"
#include "sql/key.h"
#include "sql/stmt.h"
#include "sql/table.h"

enum { FILL_LO = 0, FILL_HI = KEY_COLUMNS_MAX, FILL_N = 2 * KEY_COLUMNS_MAX };

enum fill_form { FILL_OPEN, FILL_ABOVE, FILL_FROM, FILL_FORMS };

enum fill_conflict { FILL_KEEP, FILL_OVERWRITE, FILL_FAIL };

/* One target column: `column` is its description in the target, `expr` the SQL over src.* (already checked), e.g. lower(src."email"). */
struct fill_value {
    const struct sql_column *column;
    const char *expr;
};

/* What the builder is told. Resolved and checked beforehand (preflight/resolve.h); nothing here can fail but memory. */
struct fill_map {
    const struct sql_dialect *dialect;
    const struct sql_table *source;
    const struct sql_table *target; /* in place: the same as source */
    bool in_place;
    const struct sql_column *key[KEY_COLUMNS_MAX]; /* source columns */
    size_t key_count;
    const char *key_index;                           /* the index the walk uses */
    const struct sql_column *match[KEY_COLUMNS_MAX]; /* target columns under a unique index ... */
    const char *match_expr[KEY_COLUMNS_MAX];         /* ... and the expression over src that gives each */
    size_t match_count;
    const char *where; /* NULL: every row */
    enum fill_conflict on_conflict;
    struct fill_value *values;
    size_t value_count;
    const char **keep_columns; /* in place, !touch: columns set to themselves so that they do not update themselves */
    size_t keep_count;
};

struct fill_sql {
    /* -> key columns of the n-th row (FILL_N = n - 1) above lo and not above hi; no row: fewer than n are left. Ignores where:. */
    struct stmt bound[2];
    /* -> the largest key of the source; no row: empty. */
    struct stmt high_water;
    /* -> 1 when the key lo is above the key hi, else 0: compared as the key's columns are, over no row at all. */
    struct stmt is_above;
    /* range: {every}: -> key columns of the last row of the period in which the first row above lo lies, not above hi. Empty text when
     * the dialect has no periods. FILL_N is not used; the period is part of the text. */
    struct stmt period_bound[2];
    /* -> count(*) of source rows in the interval that where: lets through. */
    struct stmt count[2];
    /* As the dialect's; empty text where nobody counts. */
    struct stmt rows_read;

    /* into */
    struct stmt insert[2];         /* plain INSERT ... SELECT; a duplicate is an error */
    struct stmt insert_counted[2]; /* -> (selected, inserted) out of one snapshot; empty text where the dialect needs none */
    /* anti-join on match: only rows the target does not have (+ ON CONFLICT DO NOTHING where that exists and helps) */
    struct stmt insert_missing[FILL_FORMS];
    /* -> (source rows, of these present in the target, of these byte for byte the same) */
    struct stmt compare[FILL_FORMS];
    /* -> key columns of source rows that are present and different, LIMIT FILL_N */
    struct stmt different[2];
    /* overwrite: locks the source rows in key order -> count(*) of them; empty text where the dialect has no row locks */
    struct stmt lock_source[FILL_FORMS];
    /* overwrite: UPDATE the target rows that differ. Match columns that are equal by being matched, and identities, are not set; empty
     * text when that leaves nothing to set. */
    struct stmt overwrite[FILL_FORMS];
    /* -> count(*) of source rows (where: applied) in the interval with no target row: the re-check of the last batch */
    struct stmt missing[2];
    /* -> one row if the target has a row in the interval that no source row leads to. Where the target does not lie along the key, [0]
     * asks about all of it, without bounds, and [1] is empty. */
    struct stmt extra[2];

    /* in place */
    struct stmt update[FILL_FORMS]; /* only rows that differ */
    struct stmt update_ordered[2];  /* the same, rows locked in key order first; equal to update where that is the order anyway */
    struct stmt differing[FILL_FORMS]; /* -> count(*) of rows that still differ */
};

/* Builds all of them. `sql` is released with fill_sql_release also after an error. */
int fill_sql_build(const struct fill_map *map, long long period_us, struct fill_sql *sql, struct err *err);
void fill_sql_release(struct fill_sql *sql);

/* -> count(*) of the first so many rows of the source in key order, or of the last ones, and of those that where: lets through. It reads no
 * others. The map has a where:. */
void fill_sql_sample(const struct fill_map *map, bool last, long long rows, struct stmt *stmt);

/* Keyset predicate over `alias`.columns: lo < key or lo <= key, as `form` says, AND key <= hi (when has_hi), appended without WHERE. */
void keyset_between(struct stmt *stmt, const struct fill_map *map, const char *alias, enum fill_form form, bool has_hi);

#endif
