/* mariadb_flush.c - one flush: limits that changed, BEGIN, the statements, COMMIT; one call to the server each.
 *
 * M1  After any error the transaction is rolled back, whatever the server did by itself: 1205 ends the statement only, 1213 the whole
 *     transaction, and neither says so. If the rollback fails, the connection is closed, which does it too (D1).
 * M2  After every statement the answer's own flag says whether the transaction is still open. If not, what follows would be committed
 *     statement by statement, so nothing follows (D5).
 * M3  From the moment COMMIT is handed to the library, a lost connection is ERR_UNCLEAR, but in a read-only transaction (D3). */
#include <mysqld_error.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "db/mariadb.h"

enum {
    ROLLBACK_ATTEMPTS = 3,          /* a late cancel may hit the first ones */
    SCRIPT_LOCK_TIMEOUT_MS = 10000, /* DDL that waits for a table makes everybody behind it wait */
};

struct flush {
    struct mdb *mdb;
    unsigned flags;
    const struct db_query *queries;
    size_t count;
    struct arena *arena;
    struct db_result *results;
    struct err *err;
};

struct mdb_failure mdb_conn_failure(MYSQL *conn) {
    return (struct mdb_failure){mysql_errno(conn), mysql_sqlstate(conn), mysql_error(conn)};
}

static bool was_cancelled(const struct mdb *mdb) {
    return atomic_load(&mdb->cancel_asked) || atomic_load(&mdb->cancels_in_flight) > 0;
}

/* A cancel that came before this flush was meant for another one. */
void mdb_forget_cancels(struct mdb *mdb) {
    if (atomic_load(&mdb->cancels_in_flight) == 0)
        atomic_store(&mdb->cancel_asked, false);
}

void mdb_mark_dead(struct mdb *mdb) {
    atomic_store(&mdb->is_dead, true);
    if (mdb->conn != NULL)
        mysql_close(mdb->conn); /* first, so that closing the statements sends nothing more */
    mdb->conn = NULL;
    mdb_forget_statements(mdb);
}

int mdb_fail(struct mdb *mdb, const struct mdb_failure *failure, int statement, struct err *err) {
    bool is_fatal = mdb_ends_session(failure);
    int code = mdb_error(failure, was_cancelled(mdb), statement, err);
    if (is_fatal)
        mdb_mark_dead(mdb);
    return code;
}

static int run_text(struct mdb *mdb, const char *sql, int statement, struct err *err) {
    if (mysql_real_query(mdb->conn, sql, (unsigned long)strlen(sql)) == 0)
        return 0;
    struct mdb_failure failure = mdb_conn_failure(mdb->conn);
    return mdb_fail(mdb, &failure, statement, err);
}

bool mdb_in_transaction(const struct mdb *mdb) {
    return mdb->conn != NULL && (mdb->conn->server_status & SERVER_STATUS_IN_TRANS) != 0;
}

/* M1: also when the last answer says that no transaction is open, for an error's answer says nothing about it. */
void mdb_end_transaction(struct mdb *mdb) {
    for (int attempt = 0; attempt < ROLLBACK_ATTEMPTS && mdb->conn != NULL; attempt++)
        if (mysql_query(mdb->conn, "ROLLBACK") == 0 && !mdb_in_transaction(mdb))
            return;
    mdb_mark_dead(mdb);
}

void mdb_rollback(struct db *db) {
    struct mdb *mdb = mdb_of(db);
    if (mdb_in_transaction(mdb))
        mdb_end_transaction(mdb);
}

/* Limits */

static void add_seconds(struct buf *sql, const char *name, unsigned ms) {
    if (ms == 0)
        buf_printf(sql, ", %s = DEFAULT", name);
    else
        buf_printf(sql, ", %s = %u", name, (ms + 999) / 1000);
}

/* innodb_lock_wait_timeout is about rows, lock_wait_timeout about tables that somebody alters. Whole seconds, at least one. */
static void add_limits(struct buf *sql, const struct mdb *mdb, const struct db_tx *tx) {
    if (!mdb->is_mariadb)
        buf_printf(sql, "SET max_execution_time = %u", tx->statement_timeout_ms);
    else if (tx->statement_timeout_ms == 0)
        buf_add(sql, "SET max_statement_time = DEFAULT");
    else
        buf_printf(sql, "SET max_statement_time = %u.%03u", tx->statement_timeout_ms / 1000, tx->statement_timeout_ms % 1000);
    add_seconds(sql, "innodb_lock_wait_timeout", tx->lock_timeout_ms);
    add_seconds(sql, "lock_wait_timeout", tx->lock_timeout_ms);
    if (mdb->is_mariadb) {
        add_seconds(sql, "idle_transaction_timeout", tx->idle_timeout_ms);
        add_seconds(sql, "idle_write_transaction_timeout", tx->idle_timeout_ms);
    }
}

static bool has_limits(const struct mdb *mdb, const struct db_tx *tx) {
    const struct mdb_limits *now = &mdb->limits;
    return now->known && now->statement_timeout_ms == tx->statement_timeout_ms && now->lock_timeout_ms == tx->lock_timeout_ms &&
           now->idle_timeout_ms == tx->idle_timeout_ms;
}

int mdb_set_limits(struct mdb *mdb, const struct db_tx *tx, struct err *err) {
    struct buf sql;
    if (has_limits(mdb, tx))
        return 0;
    buf_init(&sql);
    add_limits(&sql, mdb, tx);
    mdb->limits.known = false;
    int code = buf_ok(&sql) ? run_text(mdb, sql.data, -1, err) : err_nomem(err);
    buf_release(&sql);
    if (code != 0)
        return code;
    mdb->limits = (struct mdb_limits){tx->statement_timeout_ms, tx->lock_timeout_ms, tx->idle_timeout_ms, true};
    mdb_set_answer_limit(mdb, tx->statement_timeout_ms);
    return 0;
}

/* The flush */

static int fail_cancelled(struct flush *f, int statement) {
    int code = err_set(f->err, ERR_CANCELLED, "cancelled before the statement was sent");
    f->err->statement = statement;
    return code;
}

static const char *begin_of(bool snapshot, bool read_only) {
    if (snapshot)
        return read_only ? "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY" : "START TRANSACTION WITH CONSISTENT SNAPSHOT";
    return read_only ? "START TRANSACTION READ ONLY" : "START TRANSACTION";
}

static int begin(struct flush *f, const struct db_tx *tx) {
    bool read_only = tx->read_only || f->mdb->read_only;
    int code = mdb_set_limits(f->mdb, tx, f->err);
    f->mdb->tx_reads_only = read_only;
    if (code == 0 && tx->snapshot) /* of the next transaction only */
        code = run_text(f->mdb, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", -1, f->err);
    if (code == 0)
        code = run_text(f->mdb, f->mdb->is_explaining ? "START TRANSACTION READ WRITE" : begin_of(tx->snapshot, read_only), -1,
                        f->err);
    if (code == 0 && !mdb_in_transaction(f->mdb))
        code = err_set(f->err, ERR_INTERNAL, "the server opened no transaction");
    return code;
}

static int run_statement(struct flush *f, size_t i) {
    if (atomic_load(&f->mdb->cancel_asked))
        return fail_cancelled(f, (int)i);
    struct db_result *result = f->results != NULL ? &f->results[i] : NULL;
    int code = mdb_execute(f->mdb, &f->queries[i], (int)i, f->arena, result, f->err);
    if (code != 0 || mdb_in_transaction(f->mdb))
        return code;
    code = err_set(f->err, ERR_TRANSIENT, "a statement ended the transaction; what follows it was not sent"); /* M2 */
    f->err->statement = (int)i;
    return code;
}

/* M3. What error 1180 leaves behind is not known either; the caller locks the range and looks. */
static int commit_failed(struct flush *f, int code) {
    char sqlstate[sizeof(f->err->sqlstate)];
    int native = f->err->native;
    memcpy(sqlstate, f->err->sqlstate, sizeof(sqlstate));
    f->err->statement = (int)f->count;
    if (f->mdb->tx_reads_only || (f->mdb->conn != NULL && native != ER_ERROR_DURING_COMMIT))
        return code;
    mdb_mark_dead(f->mdb);
    err_set(f->err, ERR_UNCLEAR, "the connection was lost after COMMIT was sent (error %d)", native);
    f->err->statement = (int)f->count;
    f->err->native = native;
    memcpy(f->err->sqlstate, sqlstate, sizeof(sqlstate));
    return ERR_UNCLEAR;
}

static int commit(struct flush *f) {
    if (atomic_load(&f->mdb->cancel_asked))
        return fail_cancelled(f, (int)f->count);
    int code = run_text(f->mdb, "COMMIT", (int)f->count, f->err);
    if (code != 0)
        return commit_failed(f, code);
    if (!mdb_in_transaction(f->mdb))
        return 0;
    mdb_mark_dead(f->mdb);
    return err_set(f->err, ERR_UNCLEAR, "the server answered COMMIT and says that a transaction is open");
}

static int run(struct flush *f, const struct db_tx *tx) {
    int code = f->flags & DB_BEGIN ? begin(f, tx) : 0;
    for (size_t i = 0; i < f->count && code == 0; i++)
        code = run_statement(f, i);
    if (code == 0 && (f->flags & DB_COMMIT))
        code = commit(f);
    return code;
}

/* A transaction is open exactly when the flags say so. */
int mdb_check_state(struct mdb *mdb, bool begins, struct err *err) {
    if (mdb->conn == NULL)
        return err_set(err, ERR_LOST, "the connection was lost before");
    if (begins != mdb_in_transaction(mdb))
        return 0;
    mdb_rollback(&mdb->base);
    if (begins)
        return err_set(err, ERR_INTERNAL, "BEGIN inside an open transaction; it was rolled back");
    return err_set(err, ERR_TRANSIENT, "the transaction is no longer open; nothing of it was committed");
}

int mdb_flush(struct db *db, unsigned flags, const struct db_tx *tx, const struct db_query *queries, size_t count,
              struct arena *arena, struct db_result *results, struct err *err) {
    struct mdb *mdb = mdb_of(db);
    struct flush f = {
        .mdb = mdb, .flags = flags, .queries = queries, .count = count, .arena = arena, .results = results, .err = err};
    int code = mdb_check_state(mdb, (flags & DB_BEGIN) != 0, err);
    if (code != 0)
        return code;
    if (results != NULL)
        memset(results, 0, count * sizeof(*results));
    mdb_forget_cancels(mdb);
    code = run(&f, tx);
    if (code != 0 && mdb->conn != NULL)
        mdb_end_transaction(mdb);
    return code;
}

/* A copy of one cell of the first row, "" when there is none. */
static int copy_cell(MYSQL_RES *rows, unsigned column, struct arena *arena, const char **cell, struct err *err) {
    MYSQL_ROW row = column < mysql_num_fields(rows) ? mysql_fetch_row(rows) : NULL;
    *cell = arena_strdup(arena, row && row[column] ? row[column] : "");
    return *cell ? 0 : err_nomem(err);
}

/* What a script returns (ANALYZE TABLE does) is thrown away, but for a cell that somebody wants. */
static int run_script(struct mdb *mdb, const char *sql, unsigned column, struct arena *arena, const char **cell, struct err *err) {
    static const struct db_tx limits = {.lock_timeout_ms = SCRIPT_LOCK_TIMEOUT_MS};
    int code = mdb_set_limits(mdb, &limits, err);
    if (code == 0)
        code = run_text(mdb, sql, 0, err);
    if (code != 0 || mysql_field_count(mdb->conn) == 0)
        return code;
    MYSQL_RES *rows = mysql_store_result(mdb->conn);
    if (rows == NULL) {
        struct mdb_failure failure = mdb_conn_failure(mdb->conn);
        return mdb_fail(mdb, &failure, 0, err);
    }
    code = cell ? copy_cell(rows, column, arena, cell, err) : 0;
    mysql_free_result(rows);
    return code;
}

int mdb_show(struct db *db, const char *sql, unsigned column, struct arena *arena, const char **cell, struct err *err) {
    struct mdb *mdb = mdb_of(db);
    *cell = "";
    int code = mdb_check_state(mdb, true, err);
    if (code != 0)
        return code;
    mdb_forget_cancels(mdb);
    return run_script(mdb, sql, column, arena, cell, err);
}

int mdb_script(struct db *db, const char *sql, struct err *err) {
    struct mdb *mdb = mdb_of(db);
    int code = mdb_check_state(mdb, true, err);
    if (code != 0)
        return code;
    mdb_forget_cancels(mdb);
    code = run_script(mdb, sql, 0, NULL, NULL, err);
    if (code != 0 || mdb_in_transaction(mdb))
        mdb_rollback(db);
    return code;
}
