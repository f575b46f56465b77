/* db.h - the contract of a database driver, and all that the rest of infill knows of a connection.
 *
 * The unit of work is a flush: a list of statements sent together and answered in order, optionally with a BEGIN in front and a COMMIT
 * behind. PostgreSQL sends a flush in one round trip (pipeline mode, transaction-local settings, and no session state behind a pooler);
 * the others one call per statement. Rules that every driver keeps, and that the contract suite checks on each:
 *
 * D1  After any error no transaction is open: the driver has rolled back, or the connection is dead (db_is_dead).
 * D2  A COMMIT counts only when the server says that it committed. An aborted transaction answers COMMIT with an error, never with success.
 * D3  When the connection is lost after COMMIT was sent and before its answer came, the error is ERR_UNCLEAR and nothing else is. (In a
 *     read-only transaction nothing hangs on it: ERR_LOST.) An answer that cannot be kept for want of memory behind a COMMIT counts too.
 * D4  Statements of a flush run in order and stop at the first error; err.statement is its index (-1: BEGIN, count: COMMIT).
 * D5  Before every statement inside a transaction, the transaction is known to be still open (MariaDB and SQLite may end it behind our
 *     back); if it is not, the flush fails with ERR_TRANSIENT and nothing of it is committed.
 * D6  Every error has one class from the engine's table; a code not in it is ERR_UNKNOWN. Messages hold no row values.
 * D7  Sessions are READ COMMITTED, UTC, UTF-8, strict; statement, lock and idle timeouts are always set, below every application's.
 * D8  Strings travel as bound values, never inside SQL text.
 *
 * One connection belongs to one thread at a time; only db_cancel may be called from another one. */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "sql/datum.h"
#include "sql/dialect.h"
#include "sql/table.h"
#include "sql/value.h"

struct db;

/* How to reach a database. Borrowed for the call of db_open; the driver copies what it keeps, but `log` must outlive the connection. */
struct db_options {
    const char *url;              /* postgresql:// mariadb:// mysql:// sqlite: */
    const char *application_name; /* "infill users_v2", shown by the server's activity views */
    unsigned connect_timeout_ms;
    bool read_only;        /* the session never writes (dry run); SQLite opens the file read-only */
    bool create;           /* SQLite: the file may be made; else a missing file is ERR_CONNECT */
    const struct log *log; /* warnings of the driver; may be NULL */
};

enum { DB_AVOID_MAX = 8 };

/* Settings of one transaction. Zero means: no limit of ours. */
struct db_tx {
    unsigned statement_timeout_ms;
    unsigned lock_timeout_ms;
    unsigned idle_timeout_ms; /* the server ends the transaction when we fall silent in it */
    bool read_only;
    bool by_index;            /* statements walk an index: a planner that can be told so leaves full scans alone */
    const char *const *avoid; /* what else the planner does without, by the engine's names (sql_dialect.hint_refused) */
    size_t avoid_count;       /* at most DB_AVOID_MAX */
    bool async_commit;        /* the commit may be lost in a server crash, with everything in it; batches only */
    /* Every statement sees the database as of one moment, at the latest that of the first statement (D7 does not hold: REPEATABLE READ). */
    bool snapshot;
};

struct db_query {
    const char *sql;
    const struct sql_value *args;
    unsigned arg_count;
    bool returns_rows; /* the statement is expected to; values land in the result */
};

struct db_result {
    uint64_t affected; /* rows inserted, deleted, matched by an UPDATE */
    uint64_t changed;  /* rows an UPDATE really changed where the engine tells (update_counts_changes), else = affected */
    unsigned warnings; /* MariaDB: warning count of the statement */
    unsigned row_count;
    unsigned column_count;
    const struct sql_value *values; /* row_count × column_count, of the result arena; NUL-terminated */
};

enum db_flush_flags { DB_BEGIN = 1, DB_COMMIT = 2, DB_ONE_TX = 3 };

/* Called for each row of a stream; a code other than 0 ends the stream with it, `err` filled in. The datums are valid until it returns.
 * The connection is busy meanwhile: only db_cancel may be called on it. */
typedef int db_row_fn(void *context, const struct datum *row, unsigned columns, struct err *err);

/* Who we are talking to. Strings of the arena given. */
struct db_identity {
    const char *server;   /* stable name of this server's data: system_identifier, server_uid or server_uuid, file id */
    const char *database; /* database name, or absolute path */
    const char *version;  /* as the server says it */
    int version_number;   /* 150018, 101119, 3040001 */
    const char *user;
    const char *search_path; /* PostgreSQL: as resolved; else "" */
    bool is_read_only; /* the server is, or its file: standby, read-only by default, @@read_only; not because of our own options */
    bool is_superuser;
    const char *unfit; /* NULL, or why infill will not write here (binlog_format STATEMENT, version too old ...) */
};

/* A transaction: `id` is never used again while anybody asks, `who` names its session. */
struct db_holder {
    const char *id, *who;
};
struct db_holders {
    const struct db_holder *list;
    size_t count;
};
enum { DB_HOLDERS_MS = 150 };

/* A setting of a server or database that a fill feels, as sessions begin with it. Where two servers differ in it ... */
enum db_effect {
    DB_EFFECT_NONE,   /* ... infill sets it itself, or it hardly matters */
    DB_EFFECT_SPEED,  /* ... a fill takes another time, or loads the server in another way */
    DB_EFFECT_RESULT, /* ... the same rows may be written otherwise, or refused */
};
struct db_setting {
    const char *name, *value;
    enum db_effect effect;
    const char *means; /* what follows from it: a sentence's end */
};

/* The rows of an engine's table of settings, with the values that were found; one that the server does not know is left out. */
struct db_settings {
    const struct db_setting *list;
    size_t count;
};

/* What a server says of itself before the first write. A number that this role may not see is DB_UNKNOWN, and `grant` then says what would
 * show it; DB_UNKNOWN without a grant cannot be asked for; what the engine does not have is DB_NONE. Strings of the arena given. */
enum { DB_UNKNOWN = -1, DB_NONE = -2 };
struct db_survey {
    const char *grant;         /* NULL: this role may see everything */
    int64_t clock_us;          /* the server's clock, since 1970 */
    int64_t lock_wait_ms;      /* the shortest time after which another role's statement gives up waiting for a lock; 0: never */
    const char *lock_wait_who; /* whose that is */
    int64_t connections_max;   /* the limit that is nearest, of those that hold for this role, and how much of it is in use */
    int64_t connections_used;
    int64_t oldest_s; /* how long the oldest transaction of another session has been open; 0: there is none */
    const char *oldest_who;
    int64_t horizon;          /* what old transactions keep from being cleaned up, in `horizon_unit` ... */
    int64_t horizon_max;      /* ... and where that begins to hurt */
    const char *horizon_unit; /* "transactions", "undo log records" */
    int64_t archive_waiting;  /* log files that wait for being archived */
    bool archive_failing;     /* the last attempt failed */
    int64_t slot_bytes;       /* log that is kept for a replica or subscriber that does not fetch it: the worst one */
    const char *slot;
    const char *binlog_format; /* "ROW", "MIXED", "STATEMENT", "off"; NULL: there is no such thing */
    int64_t disk_free;         /* bytes left where the data is */
    int64_t data_bytes;        /* of the whole database, where sizes of tables are not told */
    struct db_settings settings;
};

/* A right that a fill needs: of a table, or with table NULL of making tables for the ledger. */
struct db_right {
    const struct sql_table *table; /* schema and name are all that is looked at */
    const char *right;             /* SELECT, INSERT, UPDATE, DELETE; CREATE of no table */
    int held;                      /* 1, 0, DB_UNKNOWN */
    const char *grant;             /* the statement that gives it to this role */
};

/* How the engine would run a statement. Strings of the arena given. */
struct db_plan {
    const char *text;    /* as the engine says it, lines joined by newlines; bound values may be in it */
    const char *outline; /* its steps alone, a line each: tables, indexes, joins; neither conditions nor values */
    const char *scan;    /* how one table is read: "index range", "full scan", or "" when the plan does not show it */
};

/* What a statement that was executed has cost. */
struct db_cost {
    uint64_t rows;        /* inserted or updated */
    int64_t log_bytes;    /* written to the server's log; DB_UNKNOWN where nobody tells */
    bool log_is_shared;   /* other sessions' writes meanwhile are among them: at most so many */
    const char *triggers; /* "name × calls, ..." of those that fired, foreign keys too; NULL where nobody tells */
};

/* A driver. One constant of this type per engine, registered by one line in src/db/meson.build. */
struct db_engine {
    const char *name;
    const char *const *schemes; /* URL schemes, NULL-terminated: "postgresql", "postgres" */
    const struct sql_dialect *dialect;
    bool tags_keys;                       /* keys carry storage classes (SQLite) */
    int release;                          /* version_number divided by it: what an upgrade is made for; the rest are its fixes */
    const char *const *foreign_key_codes; /* SQLSTATEs or native codes, NULL-terminated: a row without its parent */
    const char *const *deadlock_codes;    /* a deadlock that the server ended by refusing us; may be empty */
    const char *const *no_index_codes;    /* a statement names an index that is gone; may be empty */
    const char *rollback_leaves;          /* what a transaction leaves behind that was rolled back: part of a sentence, or NULL */

    void (*own_process)(void); /* see db_own_process; NULL: nothing to do */
    int (*open)(const struct db_engine *engine, const struct db_options *options, struct db **db, struct err *err);
    void (*close)(struct db *db);
    int (*flush)(struct db *db, unsigned flags, const struct db_tx *tx, const struct db_query *queries, size_t count,
                 struct arena *arena, struct db_result *results, struct err *err);
    int (*stream)(struct db *db, const struct db_query *query, db_row_fn *row, void *context, struct err *err); /* see db_stream */
    void (*rollback)(struct db *db); /* ends an open transaction; a dead connection is fine */
    void (*cancel)(struct db *db);   /* from any thread: interrupt what runs now, if anything */
    bool (*is_dead)(struct db *db);
    int (*script)(struct db *db, const char *sql, struct err *err); /* DDL, one statement, outside a transaction of ours */
    int (*identify)(struct db *db, struct arena *arena, struct db_identity *identity, struct err *err);
    int (*describe)(struct db *db, const char *schema, const char *name, struct arena *arena, struct sql_table **table,
                    struct err *err);
    /* The type each of `count` expressions over `from` (alias src) has, as the server names it; refuses what does not compile. */
    int (*expression_types)(struct db *db, const struct sql_table *from, const char *const *exprs, size_t count,
                            struct arena *arena, const char **types, struct err *err);
    /* The first of `names` (lower case) that is a function the server calls volatile or not deterministic, or NULL. */
    int (*volatile_function)(struct db *db, const char *const *names, size_t count, const char **found, struct err *err);
    /* Waits until every transaction that was open on entry has ended, at most `wait_us`, polling; returns ERR_LOCKED naming their pids
     * when they do not. *waited is false where the engine cannot tell (a privilege is missing): a warning for the caller. */
    int (*wait_for_older)(struct db *db, int64_t wait_us, const _Atomic bool *stop, bool *waited, struct err *err);
    /* Transactions of other sessions that may have written to one of the tables, or locked its rows, and have not ended; empty where writers
     * come one by one. What the engine says may be up to DB_HOLDERS_MS old. ERR_DENIED when the role may not see them. */
    int (*holders)(struct db *db, const struct sql_table *const *tables, size_t count, struct arena *arena,
                   struct db_holders *holders, struct err *err);
    /* The engine's EXPLAIN of a statement with values bound, planned as in a transaction by `tx` (NULL: by_index and no more); plan->scan is
     * about the table `name`. Nothing is executed. */
    int (*explain)(struct db *db, const struct db_tx *tx, const struct db_query *query, const char *name, struct arena *arena,
                   struct db_plan *plan, struct err *err);
    /* Where the target's own number generator stands behind `column`: next value as text, or NULL when there is none. */
    int (*sequence_next)(struct db *db, const struct sql_table *table, const struct sql_column *column, struct arena *arena,
                         const char **next, struct err *err);
    /* Fills in what the engine knows of the above. What may not be seen is no error. */
    int (*survey)(struct db *db, struct arena *arena, struct db_survey *survey, struct err *err);
    /* Executes a statement without result inside the open transaction and says what it cost; NULL slot: as db_cost below does. D1. */
    int (*cost)(struct db *db, const struct db_query *query, struct arena *arena, struct db_cost *cost, struct err *err);
    /* Which of the rights this role has, by itself or through roles it uses; NULL slot: an engine without roles. */
    int (*rights)(struct db *db, struct db_right *rights, size_t count, struct arena *arena, struct err *err);
};

/* Base of every driver's own struct: first member, set by open. */
struct db {
    const struct db_engine *engine;
    int64_t session; /* the server's number of it; 0: it has none. Behind a pooler it is not the server's */
};

/* The engine of a URL's scheme, or NULL. */
const struct db_engine *db_engine_for(const char *url);
/* The process is infill's alone: client libraries may do without what they keep for others in it. Before the first connection. */
void db_own_process(void);
/* All engines built in, NULL-terminated. */
const struct db_engine *const *db_engines(void);

/* Opens a connection of the URL's engine. ERR_USAGE for an unknown scheme (naming those built in), ERR_CONNECT, ERR_DENIED. */
int db_open(const struct db_options *options, struct db **db, struct err *err);
void db_close(struct db *db); /* NULL allowed; an open transaction is rolled back */

/* Runs `count` statements (see above). results may be NULL; values live in `arena` (may be NULL when no rows are wanted). tx may be NULL
 * without DB_BEGIN. On error: D1. */
int db_flush(struct db *db, unsigned flags, const struct db_tx *tx, const struct db_query *queries, size_t count,
             struct arena *arena, struct db_result *results, struct err *err);

/* One statement in a transaction of its own. */
int db_query(struct db *db, const struct db_tx *tx, const char *sql, const struct sql_value *args, unsigned arg_count,
             struct arena *arena, struct db_result *result, struct err *err);

/* Runs one SELECT inside a transaction opened by db_flush(DB_BEGIN), arguments bound, and hands over its rows in order as they arrive,
 * holding at most a fixed amount of memory and one row however many there are. 0 means that all rows were handed over. On error: D1; also
 * when a row is refused, and then the error is that of `row`.
 *
 * Rows that are waiting for `row` hold the server up, so its time counts: against the statement timeout of the whole SELECT (MariaDB) or
 * of the next few rows (PostgreSQL, SQLite), against the idle timeout (PostgreSQL), and MariaDB ends a session that takes nothing for
 * net_write_timeout.
 *
 * Kinds. PostgreSQL: by the type, domains by the type below them; oid is DATUM_INT; char(n) comes padded; enums, money, timetz, types of
 * extensions and timestamps beyond the year 294246 are DATUM_OTHER; a type that has no binary form is ERR_SQL naming the column.
 * MariaDB: by the type; TIMESTAMP is DATUM_INSTANT, DATETIME DATUM_TIMESTAMP, YEAR DATUM_INT, BIT and geometry DATUM_OTHER, ENUM, SET and
 * INET text; JSON and UUID where the server says so (10.5), else text. Texts of all character sets arrive as UTF-8, without the padding of
 * char(n). SQLite: by the storage class: DATUM_INT, DATUM_DOUBLE, DATUM_TEXT, DATUM_BYTES. */
int db_stream(struct db *db, const struct db_query *query, db_row_fn *row, void *context, struct err *err);

void db_rollback(struct db *db);
void db_cancel(struct db *db);
bool db_is_dead(struct db *db);
int db_script(struct db *db, const char *sql, struct err *err);
int db_identify(struct db *db, struct arena *arena, struct db_identity *identity, struct err *err);
/* ERR_NOT_FOUND names the nearest table. A name without schema is looked up as the server would; the answer has the schema. */
int db_describe(struct db *db, const char *schema, const char *name, struct arena *arena, struct sql_table **table,
                struct err *err);

int db_holders(struct db *db, const struct sql_table *const *tables, size_t count, struct arena *arena, struct db_holders *holders,
               struct err *err);
/* How many of `before` are still there now; `names` (may be NULL) gets who they are, the first ten. */
size_t db_holders_left(const struct db_holders *before, const struct db_holders *now, struct buf *names);

int db_survey(struct db *db, struct arena *arena, struct db_survey *survey, struct err *err);
/* Where the engine tells nothing, only the rows are counted. */
int db_cost(struct db *db, const struct db_query *query, struct arena *arena, struct db_cost *cost, struct err *err);
/* *known false: there are no roles here, and nothing was filled in. */
int db_rights(struct db *db, struct db_right *rights, size_t count, struct arena *arena, bool *known, struct err *err);

static inline const struct sql_dialect *db_dialect(const struct db *db) {
    return db->engine->dialect;
}

/* Helpers on results: text of a cell, NULL for SQL NULL; integer of a cell, `otherwise` for NULL or no number. */
const char *db_cell(const struct db_result *result, unsigned row, unsigned column);
int64_t db_cell_int(const struct db_result *result, unsigned row, unsigned column, int64_t otherwise);

/* For drivers: `table`, ended by a row without a name, with the values of rows of (name, value). */
int db_settings_of(const struct db_setting *table, const struct db_result *found, struct arena *arena, struct db_settings *settings,
                   struct err *err);

/* For drivers: rows of (id, who) as holders. */
int db_holders_of(const struct db_result *result, struct arena *arena, struct db_holders *holders, struct err *err);

/* One row of an engine's table of error codes: the class of a SQLSTATE or native code. */
struct db_error_class {
    const char *code; /* SQLSTATE or its two-character class; or decimal native code */
    int class;        /* enum err_code */
};
/* The class of `code` in a table ended by {NULL, 0}: exact match, then the first two characters of a 5-character SQLSTATE, else
 * ERR_UNKNOWN. */
int db_error_class(const struct db_error_class *table, const char *code);

/* Is the error's SQLSTATE or native code one of `codes`? */
bool db_error_is(const struct err *error, const char *const *codes);

#endif
