/* check.h - the contract of a check: one question about the rows of both sides, answered out of the one pass over them.
 *
 * A check sees each row once, in any order, and what became of the keys at the end. It keeps sums, never rows, so its state is small and
 * can be merged: a check of the whole fill is the merged checks of its ranges. What it says are facts, without row values: a value shows
 * as the beginning of its keyed hash, which means something only within the run.
 *
 * Adding one is a file check_NAME.c with a struct check_type NAME_check, and its name in src/reconcile/meson.build. */
#ifndef RECONCILE_CHECK_H
#define RECONCILE_CHECK_H

#include <jansson.h>

#include "base/err.h"
#include "reconcile/range_set.h"
#include "reconcile/row_hash.h"
#include "reconcile/shape.h"
#include "reconcile/verdict.h"

enum {
    CHECK_REASON_MAX = 160,
    CHECK_VALUE_HEX = 12, /* digits of a value's hash that are shown */
    CHECKS_MAX = 16,
};

/* Columns by their places in the shape. */
struct check_columns {
    const size_t *at;
    size_t count;
};

/* What the plan asks for. Borrowed by every check made with it. */
struct check_options {
    const struct shape *shape;
    const struct row_hash_key *hash_key;
    const char *const *only; /* names of checks, ended by NULL; NULL: all that have something to do */
    struct check_columns distribution;
    struct check_columns sum;
    struct check_columns extrema;
    const struct check_columns *unique; /* lists of columns */
    size_t unique_count;
    size_t unique_expected;  /* values of one list on one side; saves growing, and may be wrong */
    size_t unique_bytes_max; /* memory for the values of one list on one side */
    bool unique_file;        /* more of them go into a temporary file; else only a part is looked at */
    unsigned unique_bits;    /* 0, or: only values whose hash begins with these bits, for passes that each do a part */
    uint64_t unique_prefix;
};

/* One row of one side. Borrowed for the call. */
struct check_row {
    const struct datum *values;
    const char *bytes;    /* canonical, under the rules of the columns */
    const size_t *ends;   /* as canonical_row gives them */
    struct row_hash hash; /* of bytes */
};

/* A row that is there on both sides and differs, read again; states as shape_compare gives them. */
struct check_pair {
    const struct datum *values[SIDES];
    const enum column_state *states;
};

/* What a check found. Begins all zero: a match without facts. */
struct check_result {
    enum verdict verdict;
    char reason[CHECK_REASON_MAX]; /* why unverified, or "" */
    json_t *facts;                 /* array of objects, each with "fact" (its name) and "ok"; owned */
    bool failed;                   /* out of memory: sticky */
};

struct check {
    const struct check_type *type;
    const struct check_options *options;
};

/* Slots but open, reset, merge, finish and close may be NULL. Functions return 0 or an error; after one the check can only be closed. */
struct check_type {
    const char *name;
    /* Whether there is anything to do. NULL: always. */
    bool (*wanted)(const struct check_options *options);
    /* Allocates the check: all zero but for type and options, which the caller of open fills in. */
    int (*open)(const struct check_options *options, struct check **check, struct err *err);
    /* Forgets all rows. What it has allocated it may keep, since the next range will need as much. */
    void (*reset)(struct check *check);
    int (*row)(struct check *check, enum side side, const struct check_row *row, struct err *err);
    /* Both sides of a range are in and matched. Once per range. */
    int (*matched)(struct check *check, const struct range_totals *totals, struct err *err);
    int (*pair)(struct check *check, const struct check_pair *pair, struct err *err);
    /* Adds another check of the same type and options, which stays as it is. */
    int (*merge)(struct check *check, const struct check *other, struct err *err);
    int (*finish)(const struct check *check, struct check_result *result, struct err *err);
    void (*close)(struct check *check); /* NULL allowed */
};

/* All of them, ended by NULL, in the order of their list. */
const struct check_type *const *check_types(void);
const struct check_type *check_type_named(const char *name); /* or NULL */

/* ---- the checks of one range, or of a whole fill. One owner at a time. ---- */

struct check_list {
    struct check *checks[CHECKS_MAX];
    size_t count;
};

/* Opens what the options ask for. ERR_USAGE: a name in `only` that is none. */
int check_list_open(struct check_list *list, const struct check_options *options, struct err *err);
void check_list_reset(struct check_list *list);
int check_list_row(struct check_list *list, enum side side, const struct check_row *row, struct err *err);
int check_list_matched(struct check_list *list, const struct range_totals *totals, struct err *err);
int check_list_pair(struct check_list *list, const struct check_pair *pair, struct err *err);
/* `other` was opened with the same options. */
int check_list_merge(struct check_list *list, const struct check_list *other, struct err *err);
/* [{"check": name, "verdict": ..., "reason": ... (if any), "facts": [...]}, ...] and the worst verdict; the caller owns the array. */
int check_list_finish(const struct check_list *list, enum verdict *verdict, json_t **results, struct err *err);
void check_list_close(struct check_list *list);

/* ---- for checks ---- */

/* A new fact; not `ok` makes the verdict DIFFER. NULL when out of memory, which the calls below take. */
json_t *check_fact(struct check_result *result, const char *name, bool ok);
void check_fact_text(struct check_result *result, json_t *fact, const char *name, const char *text); /* NULL: null */
void check_fact_number(struct check_result *result, json_t *fact, const char *name, uint64_t number);
/* A fact with "source" and "target", and "column" unless that is NULL; ok if they are equal. */
json_t *check_fact_sides(struct check_result *result, const char *name, const char *column, const uint64_t counts[SIDES]);
/* Makes the verdict at least UNVERIFIED; the first reason is kept. */
void check_unverified(struct check_result *result, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The hash of a value as it is shown. `out` holds ROW_DIGEST_HEX_SIZE bytes. Returns it. */
char *check_value_text(struct row_hash hash, char *out);

#endif
