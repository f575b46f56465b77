/* postgres_lookup.c - smaller questions: volatile functions, the next value of a sequence, transactions that are still open. */
#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "db/postgres.h"

/* By the name alone the overload is unknown, so one that is volatile is enough; but only those that a bare name can reach, if there are
 * any: another schema's function of that name is not meant. $1 name. */
static const char volatile_sql[] =
    "SELECT count(*) FILTER (WHERE visible), count(*) FILTER (WHERE visible AND is_volatile), count(*) FILTER (WHERE is_volatile)"
    " FROM (SELECT pg_catalog.pg_function_is_visible(oid) AS visible, provolatile = 'v' AS is_volatile"
    "  FROM pg_catalog.pg_proc WHERE proname = $1::text) AS f";

static bool is_volatile(const struct db_result *found) {
    bool any_visible = db_cell_int(found, 0, 0, 0) > 0;
    return db_cell_int(found, 0, any_visible ? 1 : 2, 0) > 0;
}

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
    int code = db_flush(db, DB_ONE_TX, &pg_catalog_tx, queries, count, arena, results, err);
    for (size_t i = 0; i < count && code == 0 && *found == NULL; i++)
        if (is_volatile(&results[i]))
            *found = names[i];
    return code;
}

int pg_volatile_function(struct db *db, const char *const *names, size_t count, const char **found, struct err *err) {
    struct arena arena;
    *found = NULL;
    if (count == 0)
        return 0;
    arena_init(&arena);
    int code = ask_volatile(db, names, count, &arena, found, err);
    arena_release(&arena);
    return code;
}

/* The sequence of an identity or serial column, or the one its default takes from. $1 schema, $2 table, $3 column. */
static const char sequence_sql[] =
    "SELECT n.nspname, s.relname, q.seqincrement FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace m ON m.oid = "
    "c.relnamespace"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid"
    " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
    " JOIN pg_catalog.pg_depend p"
    "  ON (p.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND p.objid = d.oid"
    "   AND p.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)"
    "  OR (p.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND p.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass"
    "   AND p.refobjid = c.oid AND p.refobjsubid = a.attnum AND p.deptype IN ('a', 'i'))"
    " JOIN pg_catalog.pg_class s ON s.relkind = 'S'"
    "  AND s.oid = CASE WHEN p.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass THEN p.refobjid ELSE p.objid END"
    " JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid"
    " WHERE m.nspname = $1::text AND c.relname = $2::text AND a.attname = $3::text"
    " ORDER BY p.classid = 'pg_catalog.pg_class'::pg_catalog.regclass LIMIT 1";

static int read_sequence(struct db *db, const struct db_result *found, struct arena *arena, const char **next, struct err *err) {
    struct buf sql;
    struct db_result result;
    struct sql_value step = value_text(db_cell(found, 0, 2));
    buf_init(&sql);
    buf_add(&sql, "SELECT CASE WHEN is_called THEN last_value::numeric + $1::numeric ELSE last_value END FROM ");
    sql_table_name(db_dialect(db), &sql, db_cell(found, 0, 0), db_cell(found, 0, 1));
    int code = buf_ok(&sql) ? db_query(db, &pg_catalog_tx, sql.data, &step, 1, arena, &result, err) : err_nomem(err);
    buf_release(&sql);
    if (code == 0)
        *next = db_cell(&result, 0, 0);
    return code;
}

int pg_sequence_next(struct db *db, const struct sql_table *table, const struct sql_column *column, struct arena *arena,
                     const char **next, struct err *err) {
    struct sql_value args[] = {value_text(table->schema), value_text(table->name), value_text(column->name)};
    struct db_result found;
    *next = NULL;
    int code = db_query(db, &pg_catalog_tx, sequence_sql, args, 3, arena, &found, err);
    if (code != 0 || found.row_count == 0)
        return code;
    return read_sequence(db, &found, arena, next, err);
}

/* Transactions of this database that have an xid, and so may have written; each holds a lock on its own xid until it ends, which every
 * role may see. Prepared transactions have no process. */
static const char holders_sql[] =
    "SELECT l.transactionid::text, COALESCE('pid ' || l.pid, 'prepared transaction ' || p.gid)"
    " FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
    " LEFT JOIN pg_catalog.pg_prepared_xacts p ON p.transaction = l.transactionid"
    " WHERE l.locktype = 'transactionid' AND l.granted AND l.mode = 'ExclusiveLock' AND l.pid IS DISTINCT FROM "
    "pg_catalog.pg_backend_pid()"
    " AND CASE WHEN l.pid IS NULL THEN p.database = pg_catalog.current_database()"
    "  ELSE a.datid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) END"
    " ORDER BY l.pid";

enum { POLL_MS = 100, NAMED_MAX = 10, PG_HOLDERS_MAX = 20000 };

static bool has_xid(const struct db_result *holders, const char *xid) {
    for (unsigned row = 0; row < holders->row_count; row++)
        if (strcmp(db_cell(holders, row, 0), xid) == 0)
            return true;
    return false;
}

/* How many of the first holders are still there; `names` gets who they are. */
static unsigned still_open(const struct db_result *first, const struct db_result *now, struct buf *names) {
    unsigned open = 0;
    buf_clear(names);
    for (unsigned row = 0; row < first->row_count; row++) {
        if (!has_xid(now, db_cell(first, row, 0)))
            continue;
        if (open++ < NAMED_MAX)
            buf_printf(names, "%s%s", names->len > 0 ? ", " : "", db_cell(first, row, 1));
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
    int code = db_query(wait->db, &pg_catalog_tx, holders_sql, NULL, 0, &arena, &now, err);
    if (code == 0)
        *open = still_open(&wait->first, &now, &wait->names);
    arena_release(&arena);
    return code;
}

static int wait_until_gone(struct wait *wait, struct err *err) {
    unsigned open = wait->first.row_count;
    while (open > 0) {
        int code = poll_once(wait, &open, err);
        if (code != 0 || open == 0)
            return code;
        if (wait->stop != NULL && atomic_load(wait->stop))
            return err_set(err, ERR_CANCELLED, "stopped while waiting for older transactions");
        if (clock_monotonic_us() >= wait->deadline_us)
            return err_set(err, ERR_LOCKED, "%u transactions that were open at the start are still open: %s", open,
                           buf_ok(&wait->names) ? wait->names.data : "?");
        poll(NULL, 0, POLL_MS);
    }
    return 0;
}

int pg_wait_for_older(struct db *db, int64_t wait_us, const _Atomic bool *stop, bool *waited, struct err *err) {
    struct wait wait = {.db = db, .deadline_us = clock_monotonic_us() + wait_us, .stop = stop};
    struct arena arena;
    arena_init(&arena);
    buf_init(&wait.names);
    *waited = true;
    int code = db_query(db, &pg_catalog_tx, holders_sql, NULL, 0, &arena, &wait.first, err);
    if (code == 0)
        code = wait_until_gone(&wait, err);
    buf_release(&wait.names);
    arena_release(&arena);
    return code;
}

/* A transaction that has asked to write to a table keeps its lock on it to the end, also when it found no row there. Prepared ones have no
 * process. The locks of a partitioned table are on its partitions. Of other roles' sessions only pg_monitor sees more than the pid. The
 * one that has been open for longest comes first. */
static const char lock_holders_sql[] =
    "SELECT DISTINCT l.virtualtransaction, COALESCE('pid ' || l.pid || COALESCE(' (' || NULLIF(pg_catalog.concat_ws(', ',"
    " NULLIF(a.application_name, ''), a.state, 'open for ' || pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() -"
    " a.xact_start)::bigint || ' s'), '') || ')', ''), 'a prepared transaction'), a.xact_start FROM pg_catalog.pg_locks l"
    " LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT "
    "FROM pg_catalog.pg_backend_pid()"
    " AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())"
    " AND l.mode IN ('RowShareLock', 'RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"
    " AND l.relation IN (SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    "  WHERE n.nspname = $1::text AND c.relname = $2::text UNION ALL SELECT p.relid FROM pg_catalog.pg_class c"
    "  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, pg_catalog.pg_partition_tree(c.oid) p"
    "  WHERE n.nspname = $1::text AND c.relname = $2::text) ORDER BY 3";

static int add_holders(struct db *db, const struct sql_table *table, struct arena *arena, struct db_holder *list, size_t *count,
                       struct err *err) {
    struct sql_value args[] = {value_text(table->schema), value_text(table->name)};
    struct db_result result;
    struct db_holders some;
    int code = db_query(db, &pg_catalog_tx, lock_holders_sql, args, 2, arena, &result, err);
    if (code == 0)
        code = db_holders_of(&result, arena, &some, err);
    for (size_t i = 0; code == 0 && i < some.count && *count < PG_HOLDERS_MAX; i++)
        list[(*count)++] = some.list[i];
    return code;
}

int pg_holders(struct db *db, const struct sql_table *const *tables, size_t count, struct arena *arena, struct db_holders *holders,
               struct err *err) {
    struct db_holder *list = arena_array(arena, PG_HOLDERS_MAX, sizeof *list);
    size_t found = 0;
    int code = 0;
    if (list == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < count && code == 0; i++)
        code = add_holders(db, tables[i], arena, list, &found, err);
    if (code == 0 && found == PG_HOLDERS_MAX)
        return err_set(err, ERR_LOCKED, "more than %d transactions hold locks on the tables", PG_HOLDERS_MAX);
    *holders = (struct db_holders){list, found};
    return code;
}
