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

/* ---- transactions of other sessions ----
 *
 * INFORMATION_SCHEMA.INNODB_TRX would be the table to ask, but the server goes on showing what it has shown for as long as somebody asks
 * every 100 ms: with a few who wait, nobody ever sees a transaction end. The monitor's text is made anew each time. A transaction without
 * a number has locked nothing for writing. */
enum { POLL_MS = 150, STATUS_COLUMN = 2, WHO_MAX = 64 };

/* "---TRANSACTION 4711, ACTIVE 3 sec ...", and some lines on "MariaDB thread id 42, OS thread handle ...": until the next one. */
static const char *next_transaction(const char *text) {
    return strstr(text, "\n---TRANSACTION ");
}

static int add_holder(const char *at, const char *end, struct arena *arena, struct db_holder *holder, bool *is_one,
                      struct err *err) {
    unsigned long long number, session, seconds = 0;
    char who[WHO_MAX] = "prepared transaction";
    int read = 0;
    *is_one = sscanf(at, "\n---TRANSACTION %llu, ACTIVE%n %llu sec", &number, &read, &seconds) >= 1 && read > 0;
    if (!*is_one)
        return 0;
    const char *thread = strstr(at, " thread id ");
    if (thread && (end == NULL || thread < end) && sscanf(thread, " thread id %llu,", &session) == 1)
        snprintf(who, sizeof who, "session %llu (open for %llu s)", session, seconds);
    *holder = (struct db_holder){arena_printf(arena, "%llu", number), arena_strdup(arena, who)};
    return holder->id && holder->who ? 0 : err_nomem(err);
}

static int read_monitor(const char *text, struct arena *arena, struct db_holders *holders, struct err *err) {
    size_t room = 0;
    for (const char *at = next_transaction(text); at; at = next_transaction(at + 1))
        room++;
    struct db_holder *list = arena_array(arena, room + 1, sizeof *list);
    *holders = (struct db_holders){list, 0};
    if (list == NULL)
        return err_nomem(err);
    int code = 0;
    for (const char *at = next_transaction(text); at && code == 0;) {
        const char *end = next_transaction(at + 1);
        bool is_one;
        code = add_holder(at, end, arena, &list[holders->count], &is_one, err);
        holders->count += code == 0 && is_one;
        at = end;
    }
    return code;
}

int mdb_holders(struct db *db, const struct sql_table *const *tables, size_t count, struct arena *arena, struct db_holders *holders,
                struct err *err) {
    const char *text;
    (void)tables, (void)count; /* which tables a transaction has written to is not told: all of them count */
    int code = mdb_show(db, "SHOW ENGINE INNODB STATUS", STATUS_COLUMN, arena, &text, err);
    if (code)
        return code;
    if (strstr(text, "LIST OF TRANSACTIONS FOR EACH SESSION") == NULL || strstr(text, "... truncated..."))
        return err_set(err, ERR_LOCKED, "the server's monitor does not list all transactions");
    return read_monitor(text, arena, holders, err);
}

static int look_again(struct db *db, const struct db_holders *before, struct buf *names, size_t *left, struct err *err) {
    struct arena arena;
    struct db_holders now;
    arena_init(&arena);
    *left = before->count;
    int code = mdb_holders(db, NULL, 0, &arena, &now, err);
    buf_clear(names);
    if (code == 0)
        *left = db_holders_left(before, &now, names);
    arena_release(&arena);
    return code;
}

static int wait_until_gone(struct db *db, const struct db_holders *before, int64_t deadline_us, const _Atomic bool *stop,
                           struct buf *names, struct err *err) {
    for (size_t left = before->count; left > 0;) {
        int code = look_again(db, before, names, &left, err);
        if (code != 0 || left == 0)
            return code;
        if (stop != NULL && atomic_load(stop))
            return err_set(err, ERR_CANCELLED, "stopped while waiting for older transactions");
        if (clock_monotonic_us() >= deadline_us)
            return err_set(err, ERR_LOCKED, "%zu transactions that were open at the start are still open: %s", left,
                           buf_ok(names) ? names->data : "?");
        poll(NULL, 0, POLL_MS);
    }
    return 0;
}

/* Without the privilege PROCESS nobody may look. */
int mdb_wait_for_older(struct db *db, int64_t wait_us, const _Atomic bool *stop, bool *waited, struct err *err) {
    struct db_holders before = {NULL, 0};
    struct arena arena;
    struct buf names;
    arena_init(&arena);
    buf_init(&names);
    int code = mdb_holders(db, NULL, 0, &arena, &before, err);
    *waited = code != ERR_DENIED;
    if (code == ERR_DENIED) {
        err_clear(err);
        code = 0;
    } else if (code == 0) {
        code = wait_until_gone(db, &before, clock_monotonic_us() + wait_us, stop, &names, err);
    }
    buf_release(&names);
    arena_release(&arena);
    return code;
}
