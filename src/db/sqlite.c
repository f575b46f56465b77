/* sqlite.c - the SQLite driver: one file, one writer, statements cached.
 *
 * BEGIN IMMEDIATE is the lock of a writing transaction. `synchronous` is set between transactions, never the journal mode. SQLite may end
 * a transaction by itself (full, I/O error, out of memory, busy, interrupt), so autocommit is looked at after every error and before every
 * statement inside a transaction (D5). Values keep their storage class. */
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "db/sqlite.h"

enum {
    STATEMENTS_MAX = 64,   /* prepared statements kept per connection */
    PROGRESS_STEPS = 4000, /* virtual-machine steps between looks at the deadline: well below a millisecond */
    OPEN_BUSY_MS = 5000,   /* for the pragmas of a fresh connection */
};

struct cached {
    char *sql;
    sqlite3_stmt *stmt;
    uint64_t used;
};

struct lite {
    struct db base;
    sqlite3 *conn;
    bool read_only;
    bool is_wal;
    bool is_normal; /* synchronous is NORMAL now, else FULL */
    bool in_tx;     /* we have begun, and not ended */
    struct db_tx tx;
    int64_t deadline_us; /* 0: none */
    atomic_bool cancel_asked;
    uint64_t clock;
    struct cached cache[STATEMENTS_MAX];
};

static struct lite *lite_of(struct db *db) {
    return (struct lite *)db;
}
sqlite3 *lite_conn(struct db *db) {
    return lite_of(db)->conn;
}

static int on_progress(void *context) {
    struct lite *lite = context;
    if (atomic_load(&lite->cancel_asked))
        return 1;
    return lite->deadline_us > 0 && clock_monotonic_us() > lite->deadline_us;
}

/* ---- errors ---- */

static const struct {
    int code; /* extended, or primary for all of its kind */
    int class;
} classes[] = {
    {SQLITE_CONSTRAINT_UNIQUE, ERR_DUPLICATE},
    {SQLITE_CONSTRAINT_PRIMARYKEY, ERR_DUPLICATE},
    {SQLITE_CONSTRAINT_ROWID, ERR_DUPLICATE},
    {SQLITE_CONSTRAINT, ERR_ROW},
    {SQLITE_MISMATCH, ERR_ROW},
    {SQLITE_TOOBIG, ERR_ROW},
    {SQLITE_BUSY, ERR_LOCKED},
    {SQLITE_LOCKED, ERR_LOCKED},
    {SQLITE_FULL, ERR_FULL},
    {SQLITE_READONLY, ERR_READ_ONLY},
    {SQLITE_NOMEM, ERR_NOMEM},
    {SQLITE_CANTOPEN, ERR_CONNECT},
    {SQLITE_NOTADB, ERR_CONNECT},
    {SQLITE_PERM, ERR_DENIED},
    {SQLITE_AUTH, ERR_DENIED},
    {SQLITE_SCHEMA, ERR_TRANSIENT},
    {SQLITE_ERROR, ERR_SQL},
    {SQLITE_IOERR, ERR_FULL},
};

static int class_of(int code) {
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (classes[i].code == code)
            return classes[i].class;
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (classes[i].code == (code & 0xff))
            return classes[i].class;
    return ERR_UNKNOWN;
}

/* SQLite's own message can hold values only for constraints of CHECK expressions' names; uniqueness names "table.column, table.column". */
static void name_constraint(const char *message, struct err *err) {
    const char *colon = strstr(message, "constraint failed: ");
    if (colon)
        snprintf(err->constraint, sizeof err->constraint, "%s", colon + strlen("constraint failed: "));
}

static int lite_error(struct lite *lite, int code, int statement, struct err *err) {
    int extended = lite->conn ? sqlite3_extended_errcode(lite->conn) : code;
    const char *message = lite->conn ? sqlite3_errmsg(lite->conn) : sqlite3_errstr(code);
    int class = class_of(extended ? extended : code);
    if ((code & 0xff) == SQLITE_INTERRUPT)
        class = atomic_exchange(&lite->cancel_asked, false) ? ERR_CANCELLED : ERR_SLOW;
    const char *hint = class == ERR_SLOW ? "the statement ran into its time limit" : message;
    struct err filled;
    err_clear(&filled);
    if ((code & 0xff) == SQLITE_CONSTRAINT) {
        name_constraint(message, &filled);
        err_set(err, class, "SQLite: %s%s%s", sqlite3_errstr(code & 0xff), filled.constraint[0] ? ": " : "", filled.constraint);
    } else if (class == ERR_ROW) {
        err_set(err, class, "SQLite: %s", sqlite3_errstr(code & 0xff));
    } else {
        err_set(err, class, "SQLite: %s", hint);
    }
    memcpy(err->constraint, filled.constraint, sizeof err->constraint);
    err->native = extended ? extended : code;
    err->statement = statement;
    return class;
}

/* ---- statements ---- */

static void forget_cached(struct cached *slot) {
    sqlite3_finalize(slot->stmt);
    mem_free(slot->sql);
    *slot = (struct cached){NULL, NULL, 0};
}

static struct cached *cache_slot(struct lite *lite, const char *sql) {
    struct cached *oldest = &lite->cache[0];
    for (size_t i = 0; i < STATEMENTS_MAX; i++) {
        struct cached *slot = &lite->cache[i];
        if (slot->sql && strcmp(slot->sql, sql) == 0)
            return slot;
        if (slot->used < oldest->used)
            oldest = slot;
    }
    forget_cached(oldest);
    return oldest;
}

static int prepare(struct lite *lite, const char *sql, sqlite3_stmt **stmt) {
    struct cached *slot = cache_slot(lite, sql);
    if (slot->stmt && sqlite3_stmt_isexplain(slot->stmt)) /* never sees that the schema changed: it would say what was so once */
        forget_cached(slot);
    slot->used = ++lite->clock;
    if (slot->stmt == NULL) {
        int code = sqlite3_prepare_v3(lite->conn, sql, -1, SQLITE_PREPARE_PERSISTENT, &slot->stmt, NULL);
        if (code != SQLITE_OK)
            return code;
        if ((slot->sql = mem_strdup(sql)) == NULL) {
            sqlite3_finalize(slot->stmt);
            slot->stmt = NULL;
            return SQLITE_NOMEM;
        }
    }
    *stmt = slot->stmt;
    return SQLITE_OK;
}

static int bind_one(sqlite3_stmt *stmt, int index, const struct sql_value *value) {
    switch (value->kind) {
    case VALUE_NULL:
        return sqlite3_bind_null(stmt, index);
    case VALUE_INTEGER:
        return sqlite3_bind_int64(stmt, index, strtoll(value->ptr, NULL, 10));
    case VALUE_REAL: {
        double number = 0;
        return text_to_double(value->ptr, &number) ? sqlite3_bind_double(stmt, index, number) : SQLITE_MISUSE;
    }
    case VALUE_TEXT:
        return sqlite3_bind_text64(stmt, index, value->ptr, value->len, SQLITE_STATIC, SQLITE_UTF8);
    case VALUE_BYTES:
        return sqlite3_bind_blob64(stmt, index, value->ptr, value->len, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

static int bind_all(sqlite3_stmt *stmt, const struct db_query *query) {
    for (unsigned i = 0; i < query->arg_count; i++) {
        int code = bind_one(stmt, (int)i + 1, &query->args[i]);
        if (code != SQLITE_OK)
            return code;
    }
    return SQLITE_OK;
}

static int take_value(sqlite3_stmt *stmt, int column, struct arena *arena, struct sql_value *value) {
    int type = sqlite3_column_type(stmt, column);
    if (type == SQLITE_NULL) {
        *value = VALUE_NULL_VALUE;
        return 0;
    }
    if (type == SQLITE_FLOAT) {
        value->ptr = arena_printf(arena, "%.17g", sqlite3_column_double(stmt, column));
        value->len = value->ptr ? strlen(value->ptr) : 0;
    } else {
        const void *data = type == SQLITE_BLOB ? sqlite3_column_blob(stmt, column) : sqlite3_column_text(stmt, column);
        value->len = (size_t)sqlite3_column_bytes(stmt, column);
        value->ptr = arena_memdup(arena, data ? data : "", value->len);
    }
    value->kind = type == SQLITE_INTEGER ? VALUE_INTEGER
                  : type == SQLITE_FLOAT ? VALUE_REAL
                  : type == SQLITE_BLOB  ? VALUE_BYTES
                                         : VALUE_TEXT;
    return value->ptr ? 0 : ERR_NOMEM;
}

/* Rows land in one growing array; the arena keeps the outgrown ones until it is reset, at most twice the size. */
static int take_row(sqlite3_stmt *stmt, struct arena *arena, struct db_result *result, unsigned *room) {
    unsigned columns = (unsigned)sqlite3_column_count(stmt);
    struct sql_value *values = (struct sql_value *)(uintptr_t)result->values;
    if (result->row_count == *room) {
        *room = *room ? *room * 2 : 4;
        struct sql_value *more = arena_array(arena, (size_t)*room * columns, sizeof *more);
        if (more == NULL)
            return ERR_NOMEM;
        if (result->row_count)
            memcpy(more, values, (size_t)result->row_count * columns * sizeof *more);
        result->values = values = more;
    }
    for (unsigned c = 0; c < columns; c++)
        if (take_value(stmt, (int)c, arena, &values[(size_t)result->row_count * columns + c]) != 0)
            return ERR_NOMEM;
    result->column_count = columns;
    result->row_count++;
    return 0;
}

/* A transaction that said it only reads is held to it; there is no switch for that which would not compile every statement anew. */
static int refuse_writing(struct lite *lite, sqlite3_stmt *stmt, int index, struct err *err) {
    if (!lite->in_tx || !lite->tx.read_only || sqlite3_stmt_readonly(stmt) || sqlite3_stmt_isexplain(stmt))
        return 0;
    err_set(err, ERR_READ_ONLY, "SQLite: a statement that writes, in a transaction that only reads");
    err->statement = index;
    return ERR_READ_ONLY;
}

static void set_deadline(struct lite *lite) {
    unsigned limit_ms = lite->tx.statement_timeout_ms;
    lite->deadline_us = limit_ms ? clock_monotonic_us() + (int64_t)limit_ms * 1000 : 0;
}

static int start(struct lite *lite, const struct db_query *query, int index, sqlite3_stmt **stmt, struct err *err) {
    int code = prepare(lite, query->sql, stmt);
    if (code == SQLITE_OK && refuse_writing(lite, *stmt, index, err))
        return ERR_READ_ONLY;
    if (code == SQLITE_OK)
        code = bind_all(*stmt, query);
    if (code == SQLITE_OK)
        return 0;
    lite_error(lite, code, index, err);
    if (*stmt)
        lite_end(*stmt);
    return err->code;
}

void lite_end(sqlite3_stmt *stmt) {
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
}

static int run_one(struct lite *lite, const struct db_query *query, struct arena *arena, struct db_result *result, int index,
                   struct err *err) {
    sqlite3_stmt *stmt = NULL;
    unsigned room = 0;
    bool full = false;
    *result = (struct db_result){0};
    int rc = start(lite, query, index, &stmt, err);
    if (rc)
        return rc;
    set_deadline(lite);
    int code;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
        if (query->returns_rows && arena && (full = take_row(stmt, arena, result, &room) != 0))
            break;
    lite->deadline_us = 0;
    rc = full ? err_nomem(err) : code == SQLITE_DONE ? 0 : lite_error(lite, code, index, err);
    if (rc == 0 && !sqlite3_stmt_readonly(stmt))
        result->affected = result->changed = (uint64_t)sqlite3_changes64(lite->conn);
    lite_end(stmt);
    err->statement = rc ? index : err->statement;
    return rc;
}

/* ---- transactions ---- */

static int plain(struct lite *lite, const char *sql, int index, struct err *err) {
    struct db_query query = {.sql = sql};
    struct db_result ignored;
    return run_one(lite, &query, NULL, &ignored, index, err);
}

/* Without WAL, NORMAL could damage the file in a power loss: FULL then. */
static int set_synchronous(struct lite *lite, const struct db_tx *tx, struct err *err) {
    bool normal = tx->async_commit && lite->is_wal;
    if (lite->read_only || normal == lite->is_normal)
        return 0;
    int rc = plain(lite, normal ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL", -1, err);
    if (rc == 0)
        lite->is_normal = normal;
    return rc;
}

static int begin(struct lite *lite, const struct db_tx *tx, struct err *err) {
    lite->tx = *tx;
    sqlite3_busy_timeout(lite->conn, tx->lock_timeout_ms ? (int)tx->lock_timeout_ms : INT_MAX);
    int rc = set_synchronous(lite, tx, err);
    if (rc == 0)
        rc = plain(lite, tx->read_only || lite->read_only ? "BEGIN" : "BEGIN IMMEDIATE", -1, err);
    lite->in_tx = rc == 0;
    return rc;
}

void lite_rollback(struct db *db) {
    struct lite *lite = lite_of(db);
    if (!sqlite3_get_autocommit(lite->conn))
        sqlite3_exec(lite->conn, "ROLLBACK", NULL, NULL, NULL);
    lite->in_tx = false;
}

/* D5: SQLite has ended the transaction behind our back when autocommit is on again. */
static int still_open(struct lite *lite, int index, struct err *err) {
    if (!lite->in_tx || !sqlite3_get_autocommit(lite->conn))
        return 0;
    err_set(err, ERR_TRANSIENT, "SQLite ended the transaction by itself");
    err->statement = index;
    return ERR_TRANSIENT;
}

/* A transaction is open exactly when the flags say so. */
static int check_state(struct lite *lite, bool begins, struct err *err) {
    if (begins == (sqlite3_get_autocommit(lite->conn) != 0))
        return 0;
    lite_rollback(&lite->base);
    if (begins)
        return err_set(err, ERR_INTERNAL, "BEGIN inside an open transaction; it was rolled back");
    return err_set(err, ERR_TRANSIENT, "the transaction is no longer open; nothing of it was committed");
}

/* A function that fails while it runs fails because of a value, and quotes it ("JSON path error near 'x'"). A kept statement that does not
 * compile any more, because the schema is another one, fails just so and is not about a row (D6). */
static int blame_row(struct lite *lite, const char *sql, struct err *err) {
    sqlite3_stmt *again = NULL;
    int native = err->native, statement = err->statement;
    if (err->code != ERR_SQL || (native & 0xff) != SQLITE_ERROR)
        return err->code;
    int code = sqlite3_prepare_v2(lite->conn, sql, -1, &again, NULL);
    sqlite3_finalize(again);
    if (code != SQLITE_OK)
        return err->code;
    err_set(err, ERR_ROW, "SQLite: a function refused a value");
    err->native = native;
    err->statement = statement;
    return ERR_ROW;
}

static int run_query(struct lite *lite, const struct db_query *query, struct arena *arena, struct db_result *result, int index,
                     struct err *err) {
    int rc = still_open(lite, index, err);
    if (rc)
        return rc;
    rc = run_one(lite, query, arena, result, index, err);
    return rc ? blame_row(lite, query->sql, err) : 0;
}

static int lite_flush(struct db *db, unsigned flags, const struct db_tx *tx, const struct db_query *queries, size_t count,
                      struct arena *arena, struct db_result *results, struct err *err) {
    struct lite *lite = lite_of(db);
    struct db_result ignored;
    int rc = check_state(lite, (flags & DB_BEGIN) != 0, err);
    if (rc == 0 && atomic_exchange(&lite->cancel_asked, false))
        rc = err_set(err, ERR_CANCELLED, "cancelled before the statement began");
    if (rc == 0 && (flags & DB_BEGIN))
        rc = begin(lite, tx, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = run_query(lite, &queries[i], arena, results ? &results[i] : &ignored, (int)i, err);
    if (rc == 0 && (flags & DB_COMMIT)) {
        rc = still_open(lite, (int)count, err);
        if (rc == 0)
            rc = plain(lite, "COMMIT", (int)count, err);
        if (rc == 0)
            lite->in_tx = false;
    }
    if (rc)
        lite_rollback(db);
    return rc;
}

int lite_start(struct db *db, const struct db_query *query, sqlite3_stmt **stmt, struct err *err) {
    struct lite *lite = lite_of(db);
    int rc = check_state(lite, false, err);
    if (rc == 0 && atomic_exchange(&lite->cancel_asked, false))
        rc = err_set(err, ERR_CANCELLED, "cancelled before the statement began");
    return rc ? rc : start(lite, query, 0, stmt, err);
}

int lite_step(struct db *db, const struct db_query *query, sqlite3_stmt *stmt, bool *has_row, struct err *err) {
    struct lite *lite = lite_of(db);
    set_deadline(lite);
    int code = sqlite3_step(stmt);
    lite->deadline_us = 0;
    *has_row = code == SQLITE_ROW;
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return 0;
    lite_error(lite, code, 0, err);
    return blame_row(lite, query->sql, err);
}

static int lite_script(struct db *db, const char *sql, struct err *err) {
    struct lite *lite = lite_of(db);
    lite->tx = (struct db_tx){0};
    int code = sqlite3_exec(lite->conn, sql, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        return 0;
    lite_error(lite, code, 0, err);
    lite_rollback(db);
    return err->code;
}

static void lite_cancel(struct db *db) {
    struct lite *lite = lite_of(db);
    atomic_store(&lite->cancel_asked, true);
    sqlite3_interrupt(lite->conn);
}

static bool lite_is_dead(struct db *db) {
    return lite_of(db)->conn == NULL;
}

/* ---- opening ---- */

static void lite_close(struct db *db) {
    struct lite *lite = lite_of(db);
    for (size_t i = 0; i < STATEMENTS_MAX; i++) {
        sqlite3_finalize(lite->cache[i].stmt);
        mem_free(lite->cache[i].sql);
    }
    sqlite3_close(lite->conn);
    mem_free(lite);
}

/* sqlite:relative, sqlite:/absolute, sqlite:///absolute */
static const char *path_of(const char *url) {
    const char *path = url + strlen("sqlite:");
    return text_starts(path, "///") ? path + 2 : path;
}

static int configure(struct lite *lite, struct err *err) {
    sqlite3_extended_result_codes(lite->conn, 1);
    sqlite3_busy_timeout(lite->conn, OPEN_BUSY_MS);
    sqlite3_progress_handler(lite->conn, PROGRESS_STEPS, on_progress, lite);
    sqlite3_db_config(lite->conn, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(lite->conn, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(lite->conn, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_limit(lite->conn, SQLITE_LIMIT_ATTACHED, 0);
    struct arena arena;
    struct db_result mode;
    struct db_query query = {.sql = "PRAGMA journal_mode", .returns_rows = true};
    arena_init(&arena);
    int rc = plain(lite, "PRAGMA foreign_keys = ON", -1, err);
    if (rc == 0 && !lite->read_only)
        rc = plain(lite, "PRAGMA synchronous = FULL", -1, err);
    if (rc == 0)
        rc = run_one(lite, &query, &arena, &mode, -1, err);
    lite->is_wal = rc == 0 && text_equal(db_cell(&mode, 0, 0), "wal");
    arena_release(&arena);
    return rc;
}

static int lite_open(const struct db_engine *engine, const struct db_options *options, struct db **db, struct err *err) {
    struct lite *lite = mem_zalloc(1, sizeof *lite);
    const char *path = path_of(options->url);
    if (lite == NULL)
        return err_nomem(err);
    lite->base.engine = engine;
    lite->read_only = options->read_only;
    int flags = options->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | (options->create ? SQLITE_OPEN_CREATE : 0);
    int code = sqlite3_open_v2(path, &lite->conn, flags | SQLITE_OPEN_NOMUTEX, NULL);
    int rc = code == SQLITE_OK ? configure(lite, err) : lite_error(lite, code, -1, err);
    if (rc) {
        if (rc == ERR_CONNECT)
            err_set(err, ERR_CONNECT, "SQLite: cannot open %s: %s", path, sqlite3_errstr(code == SQLITE_OK ? SQLITE_NOTADB : code));
        lite_close(&lite->base);
        return rc;
    }
    *db = &lite->base;
    return 0;
}

static const char *const schemes[] = {"sqlite", NULL};

/* Its statistics of memory, which nobody reads here, take one mutex of the process with every allocation. Refused once it is in use. */
static void lite_own_process(void) {
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static const char *const foreign_key_codes[] = {"787", NULL};
static const char *const deadlock_codes[] = {NULL};
static const char *const no_index_codes[] = {NULL};

const struct db_engine sqlite_engine = {
    .name = "sqlite",
    .schemes = schemes,
    .dialect = &sqlite_dialect,
    .foreign_key_codes = foreign_key_codes,
    .deadlock_codes = deadlock_codes,
    .no_index_codes = no_index_codes,
    .tags_keys = true,
    .release = 1000,
    .own_process = lite_own_process,
    .open = lite_open,
    .close = lite_close,
    .flush = lite_flush,
    .stream = lite_stream,
    .rollback = lite_rollback,
    .cancel = lite_cancel,
    .is_dead = lite_is_dead,
    .script = lite_script,
    .identify = lite_identify,
    .describe = lite_describe,
    .expression_types = lite_expression_types,
    .volatile_function = lite_volatile_function,
    .wait_for_older = lite_wait_for_older,
    .explain = lite_explain,
    .sequence_next = lite_sequence_next,
    .survey = lite_survey,
};
