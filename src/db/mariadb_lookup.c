/* mariadb_lookup.c - smaller questions: volatile functions, the next value of a column, transactions that are still open. */
#include <poll.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "db/mariadb.h"

/* Stored functions are per database, and a bare name means the current one. Names of functions ignore case. */
static const char volatile_sql[] =
    "SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_NAME = ?"
    " AND ROUTINE_TYPE = 'FUNCTION' AND IS_DETERMINISTIC = 'NO'";

static int ask_volatile(struct db *db, const char *const *names, size_t count, struct arena *arena, const char **found,
                        struct err *err) {
    struct sql_value *args = arena_array(arena, count, sizeof(*args));
    struct db_query *queries = arena_array(arena, count, sizeof(*queries));
    struct db_result *results = arena_array(arena, count, sizeof(*results));
    if (args == NULL || queries == NULL || results == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        args[i] = value_text(names[i]);
        queries[i] = (struct db_query){.sql = volatile_sql, .args = &args[i], .arg_count = 1, .returns_rows = true};
    }
    int code = db_flush(db, DB_ONE_TX, &mdb_catalog_tx, queries, count, arena, results, err);
    for (size_t i = 0; i < count && code == 0 && *found == NULL; i++)
        if (db_cell_int(&results[i], 0, 0, 0) > 0)
            *found = names[i];
    return code;
}

int mdb_volatile_function(struct db *db, const char *const *names, size_t count, const char **found, struct err *err) {
    struct arena arena;
    *found = NULL;
    if (count == 0)
        return 0;
    arena_init(&arena);
    int code = ask_volatile(db, names, count, &arena, found, err);
    arena_release(&arena);
    return code;
}

int mdb_sequence_next(struct db *db, const struct sql_table *table, const struct sql_column *column, struct arena *arena,
                      const char **next, struct err *err) {
    static const char sql[] =
        "SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND BINARY TABLE_NAME = ?";
    struct sql_value args[] = {value_text(table->schema), value_text(table->name), value_text(table->name)};
    struct db_result result;
    *next = NULL;
    if (!column->has_sequence)
        return 0;
    int code = db_query(db, &mdb_catalog_tx, sql, args, 3, arena, &result, err);
    if (code == 0 && result.row_count > 0)
        *next = db_cell(&result, 0, 0);
    return code;
}

/* Transactions that have written or hold row locks. A number of 0 means that it has not written so far; then the session and the time
 * of its start have to do. */
static const char open_sql[] = "SELECT trx_id, trx_mysql_thread_id, trx_started FROM information_schema.INNODB_TRX"
                               " WHERE trx_mysql_thread_id <> CONNECTION_ID() AND (trx_id <> 0 OR trx_rows_locked > 0)"
                               " ORDER BY trx_mysql_thread_id";

enum { ID, SESSION, STARTED };

/* The server keeps what INNODB_TRX shows for 100 ms after somebody has read it. */
enum { POLL_MS = 150, NAMED_MAX = 10 };

static bool is_same(const struct db_result *a, unsigned row_a, const struct db_result *b, unsigned row_b) {
    if (strcmp(db_cell(a, row_a, ID), "0") != 0)
        return strcmp(db_cell(a, row_a, ID), db_cell(b, row_b, ID)) == 0;
    return strcmp(db_cell(a, row_a, SESSION), db_cell(b, row_b, SESSION)) == 0 &&
           strcmp(db_cell(a, row_a, STARTED), db_cell(b, row_b, STARTED)) == 0;
}

static bool is_open(const struct db_result *first, unsigned row, const struct db_result *now) {
    for (unsigned i = 0; i < now->row_count; i++)
        if (is_same(first, row, now, i))
            return true;
    return false;
}

/* How many of the first ones are still there; `names` gets whose they are. A prepared XA transaction has no session. */
static unsigned still_open(const struct db_result *first, const struct db_result *now, struct buf *names) {
    unsigned open = 0;
    buf_clear(names);
    for (unsigned row = 0; row < first->row_count; row++) {
        if (!is_open(first, row, now))
            continue;
        const char *session = db_cell(first, row, SESSION);
        if (open++ < NAMED_MAX)
            buf_printf(names, "%s%s %s", names->len > 0 ? ", " : "", strcmp(session, "0") == 0 ? "prepared transaction" : "session",
                       strcmp(session, "0") == 0 ? db_cell(first, row, ID) : session);
    }
    return open;
}

struct wait {
    struct db *db;
    int64_t deadline_us;
    const _Atomic bool *stop;
    struct db_result first;
    struct buf names;
};

static int poll_once(struct wait *wait, unsigned *open, struct err *err) {
    struct arena arena;
    struct db_result now;
    arena_init(&arena);
    int code = db_query(wait->db, &mdb_catalog_tx, open_sql, NULL, 0, &arena, &now, err);
    if (code == 0)
        *open = still_open(&wait->first, &now, &wait->names);
    arena_release(&arena);
    return code;
}

static int wait_until_gone(struct wait *wait, struct err *err) {
    unsigned open = wait->first.row_count;
    while (open > 0) {
        poll(NULL, 0, POLL_MS);
        int code = poll_once(wait, &open, err);
        if (code != 0 || open == 0)
            return code;
        if (wait->stop != NULL && atomic_load(wait->stop))
            return err_set(err, ERR_CANCELLED, "stopped while waiting for older transactions");
        if (clock_monotonic_us() >= wait->deadline_us)
            return err_set(err, ERR_LOCKED, "%u transactions that were open at the start are still open: %s", open,
                           buf_ok(&wait->names) ? wait->names.data : "?");
    }
    return 0;
}

/* Without the privilege PROCESS nobody may look. */
static int look_first(struct wait *wait, struct arena *arena, bool *waited, struct err *err) {
    struct err denied;
    err_clear(&denied);
    poll(NULL, 0, POLL_MS);
    int code = db_query(wait->db, &mdb_catalog_tx, open_sql, NULL, 0, arena, &wait->first, &denied);
    *waited = code != ERR_DENIED;
    if (code != 0 && *waited)
        *err = denied;
    return *waited ? code : 0;
}

int mdb_wait_for_older(struct db *db, int64_t wait_us, const _Atomic bool *stop, bool *waited, struct err *err) {
    struct wait wait = {.db = db, .deadline_us = clock_monotonic_us() + wait_us, .stop = stop};
    struct arena arena;
    arena_init(&arena);
    buf_init(&wait.names);
    int code = look_first(&wait, &arena, waited, err);
    if (code == 0 && *waited)
        code = wait_until_gone(&wait, err);
    buf_release(&wait.names);
    arena_release(&arena);
    return code;
}

/* Which tables a transaction has written to is not told: all of them count. */
static const char holders_sql[] =
    "SELECT CONCAT(CASE WHEN trx_id <> 0 THEN trx_id ELSE CONCAT(trx_mysql_thread_id, ' ', trx_started) END),"
    " CASE WHEN trx_mysql_thread_id = 0 THEN CONCAT('prepared transaction ', trx_id) ELSE CONCAT('session ', trx_mysql_thread_id) "
    "END"
    " FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id <> CONNECTION_ID() AND (trx_id <> 0 OR trx_rows_locked > 0)"
    " ORDER BY trx_mysql_thread_id";

int mdb_holders(struct db *db, const struct sql_table *const *tables, size_t count, struct arena *arena, struct db_holders *holders,
                struct err *err) {
    struct db_result result;
    (void)tables, (void)count;
    int code = db_query(db, &mdb_catalog_tx, holders_sql, NULL, 0, arena, &result, err);
    return code ? code : db_holders_of(&result, arena, holders, err);
}
