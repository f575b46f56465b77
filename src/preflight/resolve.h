/* resolve.h - from the plan and the live schema to jobs: fills whose tables, key, match, columns and statements are known and checked.
 *
 * Everything that can be wrong with a plan on this database is found here, all of it at once, before anything is written: run refuses on
 * a failure, plan prints the list. Nothing here writes. */
#ifndef PREFLIGHT_RESOLVE_H
#define PREFLIGHT_RESOLVE_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "db/db.h"
#include "plan/plan.h"
#include "preflight/problem.h"
#include "sql/fill_sql.h"

/* One fill, ready to run. */
struct job {
    const struct plan_fill *plan;
    const char *name;
    const char *source_name; /* display form, schema.table */
    const char *target_name;
    struct sql_table *source;
    struct sql_table *target; /* in place: = source */
    struct fill_map map;
    const struct sql_column **reads; /* source columns that expressions, where: or the key name */
    size_t read_count;
    const char **expect; /* checks.expect, per value of the map: another spelling of its expression, or NULL; NULL: none at all */
    struct fill_sql sql;
    struct fill_sql hinted; /* the same with the plan's hint; empty where has_hint is not */
    bool has_hint;
    bool has_sql;               /* the statements could be built: nothing failed before */
    bool in_place_or_overwrite; /* existing rows of the target change */
    bool writes_blind;          /* a trigger can swallow rows of this fill's writes: accounts are checked by looking again */
    size_t *needs;              /* indexes into jobs */
    size_t need_count;
    size_t need_room;
};

struct jobs {
    struct arena arena;
    struct db_identity identity;
    struct job *jobs; /* in plan order */
    size_t count;
    size_t *order;      /* parents first */
    size_t order_count; /* as count, or 0 where there is a cycle and so no order */
    struct problems problems;
    char meaning[DIGEST_HEX_SIZE]; /* L7 */
    const char *meaning_text;
    char fingerprint[DIGEST_HEX_SIZE];
    const char *fingerprint_text;
};

/* Looks at the database and builds the jobs; problems are in jobs->problems, not an error. An error is a connection that broke or memory
 * that ran out. Freed with jobs_free, also after an error (*jobs is then NULL). */
int jobs_resolve(const struct plan *plan, struct db *db, struct jobs **jobs, struct err *err);
void jobs_free(struct jobs *jobs);

/* bounds.c: is the key `key` above `than`? Both as in sql/key.h. The job has its statements. */
int job_key_is_above(const struct job *job, struct db *db, const struct db_tx *tx, const char *key, const char *than, bool *above,
                     struct err *err);

/* The settings of a transaction of this plan. */
struct db_tx plan_tx(const struct plan *plan, bool read_only, bool async_commit);
/* resolve.c: does this trigger of the target fire for rows that the fill writes? */
bool job_fires(const struct job *job, const struct sql_trigger *trigger);

/* ---- steps, one file each, called by jobs_resolve ---- */
/* resolve_columns.c: expressions scanned, compiled by the server, types, NOT NULL columns left out, source columns left behind. */
int resolve_columns(struct jobs *jobs, struct job *job, struct db *db, struct err *err);
/* resolve_key.c: key and match: which columns, under which index, and why not. */
void resolve_key(struct jobs *jobs, struct job *job, const struct sql_dialect *dialect, const struct plan_settings *set);
/* resolve_checks.c: names of checks that only the catalog knows, and checks.expect: scanned and compiled as any expression. */
int resolve_checks(struct jobs *jobs, struct job *job, struct db *db, struct err *err);
/* resolve_columns.c, for resolve_checks: scans and compiles `expr`, and says that a name is no column of the table. */
int resolve_expression(struct jobs *jobs, struct job *job, struct db *db, const char *expr, const char *what, struct err *err);
void resolve_no_column(struct jobs *jobs, struct job *job, const struct sql_table *table, const char *name, const char *what);
/* resolve_order.c: needs from the plan and from foreign keys, parents first; cycles and self-references are failures. */
int resolve_order(struct jobs *jobs, const struct plan *plan, struct err *err);
/* resolve_hash.c: meaning and fingerprint. */
int resolve_hash(struct jobs *jobs, const struct plan *plan, struct err *err);

#endif
