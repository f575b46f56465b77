/* postgres.h - what the files of the PostgreSQL driver share. Not for other folders.
 *
 * The driver keeps no settings in the session: every one is local to a transaction, and where the session is not our own every statement
 * is unnamed too (postgres_kept.h), so consecutive transactions may run in different server processes (PgBouncer in transaction mode). The
 * connection is in pipeline mode from the first to the last moment, and non-blocking, so that a flush of any size cannot deadlock with the
 * answers to it. */
#ifndef DB_POSTGRES_H
#define DB_POSTGRES_H

#include <libpq-fe.h>
#include <stdatomic.h>

#include "db/db.h"
#include "db/postgres_kept.h"

struct pg {
    struct db base;
    PGconn *conn;
    PGcancel *cancel; /* read-only after open: PQcancel is safe from any thread */
    bool read_only;
    bool is_dead;
    char *search_path;       /* as it was resolved at open, quoted, pg_temp last */
    const char *commit_mode; /* synchronous_commit of transactions that must last; NULL: as the role has it */
    bool tx_reads_only;      /* the open transaction cannot change anything */
    struct pg_kept kept;
    int64_t answer_limit_us; /* of the open transaction: how long one answer may take, 0 for ever */
    /* Whether a 57014 is ours. Both are written by db_cancel from any thread. */
    atomic_bool cancel_asked;
    atomic_int cancels_in_flight;
};

static inline struct pg *pg_of(struct db *db) {
    return (struct pg *)db;
}

/* postgres_connect.c: a live, non-blocking connection in pipeline mode; on failure ERR_USAGE, ERR_CONNECT or ERR_DENIED. */
int pg_connect(const struct db_options *options, PGconn **conn, struct err *err);

/* postgres_flush.c */
int pg_flush(struct db *db, unsigned flags, const struct db_tx *tx, const struct db_query *queries, size_t count,
             struct arena *arena, struct db_result *results, struct err *err);
/* As pg_flush with DB_ONE_TX of one statement; *raw is the statement's PGresult, to be freed with PQclear. */
int pg_flush_raw(struct pg *pg, const struct db_tx *tx, const struct db_query *query, PGresult **raw, struct err *err);
/* Prepares queries by names in a transaction of their own, or executes them (names NULL). */
int pg_flush_prepare(struct pg *pg, const struct db_tx *tx, const struct db_query *queries, const char (*names)[PG_NAME_MAX],
                     size_t count, struct err *err);
/* One statement outside a transaction. */
int pg_flush_bare(struct pg *pg, const char *sql, struct err *err);
/* postgres_stream.c */
int pg_stream(struct db *db, const struct db_query *query, db_row_fn *row, void *context, struct err *err);
void pg_rollback(struct db *db);
void pg_mark_dead(struct pg *pg);

/* postgres_errors.c: fills in the error of a failed result. `statement` as in struct err. */
int pg_result_error(const PGresult *result, bool was_cancelled, int statement, struct err *err);
bool pg_result_is_fatal(const PGresult *result); /* the server ended the session with this error */
/* The class of an error while connecting, and the message with everything but its first words of each host taken out. */
int pg_connect_error(const char *message, bool needs_password, struct err *err);
int pg_error_class(const char *sqlstate);

/* postgres_catalog.c and what it is split into */
int pg_identify(struct db *db, struct arena *arena, struct db_identity *identity, struct err *err);
int pg_read_defaults(struct pg *pg, struct err *err); /* search_path, commit_mode, and whose the session is */
int pg_describe(struct db *db, const char *schema, const char *name, struct arena *arena, struct sql_table **table,
                struct err *err);
int pg_sequence_next(struct db *db, const struct sql_table *table, const struct sql_column *column, struct arena *arena,
                     const char **next, struct err *err);
int pg_volatile_function(struct db *db, const char *const *names, size_t count, const char **found, struct err *err);
int pg_holders(struct db *db, const struct sql_table *const *tables, size_t count, struct arena *arena, struct db_holders *holders,
               struct err *err);
int pg_wait_for_older(struct db *db, int64_t wait_us, const _Atomic bool *stop, bool *waited, struct err *err);
int pg_explain(struct db *db, const struct db_tx *tx, const struct db_query *query, const char *name, struct arena *arena,
               struct db_plan *plan, struct err *err);
int pg_expression_types(struct db *db, const struct sql_table *from, const char *const *exprs, size_t count, struct arena *arena,
                        const char **types, struct err *err);

/* postgres_cost.c */
int pg_cost(struct db *db, const struct db_query *query, struct arena *arena, struct db_cost *cost, struct err *err);

/* postgres_settings.c */
int pg_settings(struct db *db, struct arena *arena, struct db_settings *settings, struct err *err);

/* postgres_survey.c */
int pg_survey(struct db *db, struct arena *arena, struct db_survey *survey, struct err *err);
int pg_rights(struct db *db, struct db_right *rights, size_t count, struct arena *arena, struct err *err);

/* Limits of the driver's own look-ups in the catalog. */
extern const struct db_tx pg_catalog_tx;

#endif
