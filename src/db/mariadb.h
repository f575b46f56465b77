/* mariadb.h - what the files of the MariaDB driver share. Not for other folders.
 *
 * One call to the server per statement, and none besides: statements are prepared once and kept (mariadb_stmt.c), settings are sent only
 * when they change, BEGIN and COMMIT are plain text. The session's own settings are sent once, when it is opened. */
#ifndef DB_MARIADB_H
#define DB_MARIADB_H

#include <mysql.h>
#include <stdatomic.h>

#include "db/db.h"
#include "db/mariadb_errors.h"
#include "db/mariadb_url.h"

enum { MDB_STATEMENTS_MAX = 32 /* prepared ones per connection: a few fills and all of the ledger's */ };

struct mdb_cell;

/* A prepared statement with room for its arguments and one row of its result. */
struct mdb_stmt {
    MYSQL_STMT *handle; /* NULL: a free place */
    char *sql;
    size_t sql_len;
    uint64_t last_use;
    unsigned param_count;
    unsigned column_count;
    MYSQL_BIND *params;
    MYSQL_BIND *columns;
    struct mdb_cell *cells;
};

/* What the session has now, in the units of struct db_tx. */
struct mdb_limits {
    unsigned statement_timeout_ms;
    unsigned lock_timeout_ms;
    unsigned idle_timeout_ms;
    bool known;
};

struct mdb {
    struct db base;
    MYSQL *conn; /* NULL once the connection is dead */
    bool read_only;
    bool tx_reads_only; /* the open transaction cannot change anything */
    bool is_explaining; /* EXPLAIN of a writing statement is refused in a read-only transaction */
    bool is_mariadb;    /* else MySQL, or something that speaks its protocol */
    struct mdb_limits limits;
    struct mdb_stmt statements[MDB_STATEMENTS_MAX];
    uint64_t uses;
    /* For db_cancel, from any thread; not changed after open, but for the atomics. */
    struct arena arena; /* holds the URL's parts */
    struct mdb_url url;
    unsigned long thread_id;
    unsigned connect_timeout_ms;
    atomic_bool is_dead;
    atomic_bool cancel_asked;
    atomic_int cancels_in_flight;
};

static inline struct mdb *mdb_of(struct db *db) {
    return (struct mdb *)db;
}

/* mariadb_connect.c */
int mdb_connect(const struct mdb_url *url, const char *application_name, unsigned timeout_ms, const struct log *log, MYSQL **conn,
                struct err *err);
/* Sends the settings that hold for the whole session. */
int mdb_set_session(struct mdb *mdb, struct err *err);
/* How long one answer may take from now on; 0: for ever. */
void mdb_set_answer_limit(struct mdb *mdb, unsigned statement_timeout_ms);

/* mariadb_stmt.c: runs one statement; `result` is zeroed by the caller and may be NULL. On failure the error has its class, and
 * the connection is marked dead if it is, but nothing is rolled back. */
int mdb_execute(struct mdb *mdb, const struct db_query *query, int index, struct arena *arena, struct db_result *result,
                struct err *err);
/* Prepares it unless it is kept, binds its arguments and runs it; the rows are for the caller to take. On failure as above. */
int mdb_stmt_start(struct mdb *mdb, const struct db_query *query, int index, struct mdb_stmt **stmt, struct err *err);
void mdb_stmt_forget(struct mdb *mdb, struct mdb_stmt *stmt);
void mdb_forget_statements(struct mdb *mdb);
struct mdb_failure mdb_stmt_failure(MYSQL_STMT *handle);

/* mariadb_flush.c */
int mdb_flush(struct db *db, unsigned flags, const struct db_tx *tx, const struct db_query *queries, size_t count,
              struct arena *arena, struct db_result *results, struct err *err);
/* For a flush and a stream: a transaction is open exactly when `begins` is false; what a cancel that came too late left behind; the end of
 * a transaction, whatever the connection says of it (M1). */
int mdb_check_state(struct mdb *mdb, bool begins, struct err *err);
void mdb_forget_cancels(struct mdb *mdb);
bool mdb_in_transaction(const struct mdb *mdb);
void mdb_end_transaction(struct mdb *mdb);
/* One statement as text, outside a transaction; what it returns is thrown away. */
int mdb_script(struct db *db, const char *sql, struct err *err);
/* The same of a statement that cannot be prepared; the cell of the first row, in the arena, "" when there is none. */
int mdb_show(struct db *db, const char *sql, unsigned column, struct arena *arena, const char **cell, struct err *err);
/* Sends the limits that differ from what the session has. */
int mdb_set_limits(struct mdb *mdb, const struct db_tx *tx, struct err *err);
void mdb_rollback(struct db *db);
void mdb_mark_dead(struct mdb *mdb);
/* Fills in the error of a failed call and marks the connection dead if that is what it means. */
int mdb_fail(struct mdb *mdb, const struct mdb_failure *failure, int statement, struct err *err);
struct mdb_failure mdb_conn_failure(MYSQL *conn);

/* mariadb_stream.c */
int mdb_stream(struct db *db, const struct db_query *query, db_row_fn *row, void *context, struct err *err);

/* mariadb.c: ends what the session runs now, from another one. */
bool mdb_kill_query(struct mdb *mdb);

/* mariadb_identity.c, mariadb_catalog.c and its neighbours, mariadb_lookup.c, mariadb_explain.c */
int mdb_identify(struct db *db, struct arena *arena, struct db_identity *identity, struct err *err);
int mdb_describe(struct db *db, const char *schema, const char *name, struct arena *arena, struct sql_table **table,
                 struct err *err);
int mdb_sequence_next(struct db *db, const struct sql_table *table, const struct sql_column *column, struct arena *arena,
                      const char **next, struct err *err);
int mdb_volatile_function(struct db *db, const char *const *names, size_t count, const char **found, struct err *err);
int mdb_holders(struct db *db, const struct sql_table *const *tables, size_t count, struct arena *arena, struct db_holders *holders,
                struct err *err);
int mdb_wait_for_older(struct db *db, int64_t wait_us, const _Atomic bool *stop, bool *waited, struct err *err);
int mdb_explain(struct db *db, const struct db_tx *tx, const struct db_query *query, const char *name, struct arena *arena,
                struct db_plan *plan, struct err *err);
int mdb_expression_types(struct db *db, const struct sql_table *from, const char *const *exprs, size_t count, struct arena *arena,
                         const char **types, struct err *err);

/* mariadb_cost.c */
int mdb_cost(struct db *db, const struct db_query *query, struct arena *arena, struct db_cost *cost, struct err *err);

/* mariadb_settings.c */
int mdb_settings(struct db *db, struct arena *arena, struct db_settings *settings, struct err *err);

/* mariadb_survey.c */
int mdb_survey(struct db *db, struct arena *arena, struct db_survey *survey, struct err *err);
int mdb_rights(struct db *db, struct db_right *rights, size_t count, struct arena *arena, struct err *err);

/* Limits of the driver's own look-ups in the catalog. */
extern const struct db_tx mdb_catalog_tx;

#endif
