/* postgres_dialect.c - how PostgreSQL (14 and newer) spells things.
 *
 * Two kinds of cast are kept apart. Assigning checks the length of a text; an explicit cast to varchar(n) silently cuts it. So values
 * are assigned bare, and wherever a cast is needed for an index or for comparing, a text type loses its length first. */
#include <string.h>

#include "base/text.h"
#include "db/dialects.h"

/* The column's type without the length, for texts: "character varying(255)" -> "character varying". */
static void add_uncut_type(struct buf *out, const struct sql_column *column) {
    size_t len = strlen(column->type);
    if (column->class == SQL_TEXT)
        len = strcspn(column->type, "(");
    buf_add_mem(out, column->type, len);
}

static void text_in(struct buf *out, const char *placeholder) {
    buf_printf(out, "%s::text", placeholder);
}

static void integer_in(struct buf *out, const char *placeholder) {
    buf_printf(out, "%s::bigint", placeholder);
}

static void now_plus_ms(struct buf *out, const char *placeholder) {
    buf_printf(out, "(clock_timestamp() + interval '1 millisecond' * %s)", placeholder);
}

static void epoch_ms(struct buf *out, const char *expr) {
    buf_printf(out, "floor(extract(epoch FROM %s) * 1000)::bigint", expr);
}

static void key_out(struct buf *out, const struct sql_column *column, const char *expr) {
    buf_printf(out, column->class == SQL_BYTES ? "encode(%s, 'hex')" : "%s::text", expr);
}

static void key_in(struct buf *out, const struct sql_column *column, const char *placeholder) {
    if (column->class == SQL_BYTES) {
        buf_printf(out, "decode(%s::text, 'hex')", placeholder);
        return;
    }
    buf_printf(out, "%s::", placeholder);
    add_uncut_type(out, column);
}

static const char *key_refused(const struct sql_column *column) {
    switch (column->class) {
    case SQL_FLOAT:
        return "floating point numbers are not exact";
    case SQL_JSON:
        return "JSON has no order to walk";
    case SQL_ANY:
    case SQL_OTHER:
        return "infill does not know the order of this type";
    default:
        return NULL;
    }
}

static void converted(struct buf *out, const struct sql_column *column, const char *expr) {
    buf_printf(out, "%s::", expr);
    add_uncut_type(out, column);
}

/* Types whose equality is equality of the stored bytes; the others are compared by their text, which tells 1.0 from 1.00, -0 from 0 and
 * one spelling of a JSON from another. */
static bool equals_by_value(const struct sql_column *column) {
    switch (column->class) {
    case SQL_INTEGER:
    case SQL_BOOLEAN:
    case SQL_UUID:
    case SQL_DATE:
    case SQL_TIME:
    case SQL_TIMESTAMP:
    case SQL_BYTES:
    case SQL_ENUM:
        return true;
    default:
        return false;
    }
}

/* Text types whose cast cannot cut anything off. */
static bool never_cuts(const char *type) {
    static const char *const types[] = {"text", "bpchar", "varchar", "character varying"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return false;
}

/* Storing cuts blanks off a text that is too long, and refuses to cut anything else; the cast cuts in silence. So a text is the same
 * only when the cast took nothing but blanks away. */
static void same_text(struct buf *out, const struct sql_column *column, const char *stored, const char *expr) {
    buf_printf(out, "%s::text COLLATE \"C\" IS NOT DISTINCT FROM %s::%s::text COLLATE \"C\"", stored, expr, column->type);
    if (!never_cuts(column->type))
        buf_printf(out, " AND rtrim(%s::text) COLLATE \"C\" IS NOT DISTINCT FROM rtrim(%s::%s::text) COLLATE \"C\"", expr, expr,
                   column->type);
}

/* Bit strings are compared without a cast: one to bit(n) would cut or pad. Only a bit string can be assigned to one. */
static bool is_bit_string(const struct sql_column *column) {
    return column->class == SQL_OTHER && text_starts(column->type, "bit");
}

/* Assignment is this cast, but what the cast would cut off in silence it refuses, blanks at the end of a text aside. So a text that is too
 * long stays whole, and is no text that the column can have; a bit string is taken as it is. */
static void as_stored(struct buf *out, const struct sql_column *column, const char *expr) {
    if (is_bit_string(column)) {
        buf_add(out, expr);
        return;
    }
    bool cuts = column->class == SQL_TEXT && !never_cuts(column->type);
    if (cuts) {
        buf_printf(out, "CASE WHEN rtrim(%s::text) COLLATE \"C\" <> rtrim(CAST(%s AS %s)::text) COLLATE \"C\" THEN ", expr, expr,
                   column->type);
        converted(out, column, expr);
        buf_add(out, " ELSE ");
    }
    buf_printf(out, "CAST(%s AS %s)", expr, column->type);
    if (cuts)
        buf_add(out, " END");
}

static void same_bytes(struct buf *out, const struct sql_column *column, const char *stored, const char *expr) {
    buf_add_char(out, '(');
    if (equals_by_value(column))
        buf_printf(out, "%s IS NOT DISTINCT FROM %s::%s", stored, expr, column->type);
    else if (is_bit_string(column))
        buf_printf(out, "%s::text COLLATE \"C\" IS NOT DISTINCT FROM %s::text COLLATE \"C\"", stored, expr);
    else if (column->class == SQL_TEXT)
        same_text(out, column, stored, expr);
    else
        buf_printf(out, "%s::text COLLATE \"C\" IS NOT DISTINCT FROM %s::%s::text COLLATE \"C\"", stored, expr, column->type);
    buf_add_char(out, ')');
}

static void force_index(struct buf *out, const char *quoted_index) {
    (void)out;
    (void)quoted_index;
}

enum { DAY_SECONDS = 86400 };

/* Floored, not truncated, division, so that times before 2000 fall into the right period; date_bin() had that wrong until 15.7. The
 * product stays exact in the double that interval arithmetic uses, because the period is whole seconds. Infinite times have no period:
 * the bound is NULL and finds no row. */
static void next_period(struct buf *out, const struct sql_column *column, const char *expr, long long period_us) {
    long long seconds = period_us / 1000000;
    if (column->class == SQL_DATE) {
        buf_printf(out,
                   "CASE WHEN isfinite(%s) THEN date '2000-01-03' + (floor((%s - date '2000-01-03')::numeric / %lld) + 1)::integer "
                   "* %lld END",
                   expr, expr, seconds / DAY_SECONDS, seconds / DAY_SECONDS);
        return;
    }
    bool has_zone = strstr(column->type, "with time zone") != NULL || text_starts(column->type, "timestamptz");
    const char *origin = has_zone ? "timestamptz '2000-01-03 00:00:00+00'" : "timestamp '2000-01-03 00:00:00'";
    buf_printf(out,
               "CASE WHEN isfinite(%s) THEN %s + interval '1 second' * "
               "((floor(extract(epoch FROM %s - %s) / %lld) + 1) * %lld)::double precision END",
               expr, origin, expr, origin, seconds, seconds);
}

static const char *const volatile_functions[] = {"clock_timestamp",
                                                 "currval",
                                                 "current_catalog",
                                                 "current_database",
                                                 "current_date",
                                                 "current_query",
                                                 "current_role",
                                                 "current_schema",
                                                 "current_schemas",
                                                 "current_setting",
                                                 "current_time",
                                                 "current_timestamp",
                                                 "current_user",
                                                 "gen_random_bytes",
                                                 "gen_random_uuid",
                                                 "gen_salt",
                                                 "inet_client_addr",
                                                 "inet_client_port",
                                                 "inet_server_addr",
                                                 "inet_server_port",
                                                 "lastval",
                                                 "localtime",
                                                 "localtimestamp",
                                                 "nextval",
                                                 "now",
                                                 "pg_backend_pid",
                                                 "pg_current_snapshot",
                                                 "pg_current_wal_lsn",
                                                 "pg_current_xact_id",
                                                 "pg_sleep",
                                                 "random",
                                                 "random_normal",
                                                 "session_user",
                                                 "set_config",
                                                 "setseed",
                                                 "setval",
                                                 "statement_timestamp",
                                                 "timeofday",
                                                 "transaction_timestamp",
                                                 "txid_current",
                                                 "txid_current_snapshot",
                                                 "uuid_generate_v1",
                                                 "uuid_generate_v1mc",
                                                 "uuid_generate_v4",
                                                 "uuidv4",
                                                 "uuidv7",
                                                 NULL};

static const char *const volatile_words[] = {"current_catalog",
                                             "current_date",
                                             "current_role",
                                             "current_schema",
                                             "current_time",
                                             "current_timestamp",
                                             "current_user",
                                             "localtime",
                                             "localtimestamp",
                                             "session_user",
                                             "system_user",
                                             "user",
                                             NULL};

static const struct sql_clock_function clock_functions[] = {{"age", 2}, {NULL, 0}};

static const char *const clock_strings[] = {"now", "today", "tomorrow", "yesterday", NULL};

/* "16/B374D848": two halves in hexadecimal. */
static uint64_t read_lsn(const char *text) {
    char *slash = NULL;
    uint64_t high = text ? strtoull(text, &slash, 16) : 0;
    return slash && *slash == '/' ? high << 32 | strtoull(slash + 1, NULL, 16) : 0;
}

static bool has_reached(const char *replayed, const char *position) {
    return read_lsn(replayed) >= read_lsn(position);
}

static double distance(const char *from, const char *to) {
    return (double)read_lsn(to) - (double)read_lsn(from);
}

static const struct sql_load load = {
    .position = "SELECT pg_catalog.pg_current_wal_flush_lsn()::text",
    .replayed = "SELECT pg_catalog.pg_last_wal_replay_lsn()::text, CASE WHEN pg_catalog.pg_is_in_recovery() THEN 1 ELSE 0 END, "
                "extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())::text",
    .has_reached = has_reached,
    .distance = distance,
    .replicas =
        "SELECT coalesce(host(client_addr), application_name), extract(epoch FROM replay_lag)::text, "
        "CASE WHEN state IS NULL THEN 0 ELSE 1 END FROM pg_catalog.pg_stat_replication WHERE state IS DISTINCT FROM 'backup'",
    /* pg_locks shows everybody who waits; whose sessions they are is hidden, but for our own. */
    .lock_waits =
        "WITH ours AS (SELECT pid FROM pg_catalog.pg_stat_activity WHERE application_name LIKE 'infill %'), "
        "waiting AS (SELECT DISTINCT pid FROM pg_catalog.pg_locks WHERE NOT granted AND pid NOT IN (SELECT pid FROM ours)) "
        "SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT 1 FROM "
        "pg_catalog.unnest(pg_catalog.pg_blocking_pids(waiting.pid)) AS b(pid) WHERE b.pid IN (SELECT pid FROM ours))) FROM "
        "waiting",
    .blockers = "WITH ours AS (SELECT pid FROM pg_catalog.pg_stat_activity WHERE application_name LIKE 'infill %') "
                "SELECT DISTINCT b.pid FROM pg_catalog.pg_locks l, pg_catalog.unnest(pg_catalog.pg_blocking_pids(l.pid)) AS b(pid) "
                "WHERE NOT l.granted AND l.pid NOT IN (SELECT pid FROM ours) AND b.pid IN (SELECT pid FROM ours)",
    .sessions = "SELECT count(*) FILTER (WHERE state <> 'idle' AND backend_type = 'client backend'), "
                "pg_catalog.current_setting('max_connections'), CASE WHEN pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') OR "
                "pg_catalog.current_setting('is_superuser') = 'on' THEN 1 ELSE 0 END FROM pg_catalog.pg_stat_activity",
    .place = "SELECT pg_catalog.pg_backend_pid(), CASE WHEN coalesce(pg_catalog.inet_server_addr() << '127.0.0.0/8' OR "
             "pg_catalog.inet_server_addr() = '::1', true) THEN 1 ELSE 0 END, NULL",
};

/* Those that every version has; scans by index are what batches live off. */
static const char *hint_refused(const struct sql_table *source, const char *key, const char *const *names, size_t count) {
    static const char *const methods[] = {"enable_bitmapscan", "enable_hashagg",   "enable_hashjoin", "enable_indexonlyscan",
                                          "enable_material",   "enable_mergejoin", "enable_nestloop", "enable_sort"};
    (void)source, (void)key;
    for (size_t i = 0; i < count; i++) {
        bool known = false;
        for (size_t m = 0; m < sizeof(methods) / sizeof(methods[0]); m++)
            known = known || strcmp(names[i], methods[m]) == 0;
        if (strcmp(names[i], "enable_seqscan") == 0)
            return "enable_seqscan is off in every batch";
        if (!known)
            return "PostgreSQL takes planner methods to do without: enable_bitmapscan, enable_hashagg, enable_hashjoin, "
                   "enable_indexonlyscan, enable_material, enable_mergejoin, enable_nestloop, enable_sort";
    }
    return NULL;
}

const struct sql_dialect postgres_dialect = {
    .name = "postgres",
    .quote = '"',
    .has_schemas = true,
    .numbered = true,
    .row_values = true,
    .locks_rows = true,
    .concurrent_writers = true,
    .division_fails = true,
    .sequences_stay_behind = true,
    .untyped_literals = true,
    .count_in_statement = true,
    .ledger_schema = "infill",
    .ledger_prefix = "",
    .ddl_text = "text",
    .ddl_name = "text",
    .ddl_time = "timestamptz",
    .ddl_end = "",
    .ddl_busy_end = " WITH (fillfactor = 50)",
    .now = "clock_timestamp()",
    .for_update = " FOR UPDATE",
    .skip_locked = " FOR UPDATE SKIP LOCKED",
    .for_share = " FOR SHARE",
    .lock_rows = " FOR NO KEY UPDATE",
    .on_duplicate_nothing = " ON CONFLICT (%s) DO NOTHING",
    .text_in = text_in,
    .integer_in = integer_in,
    .limit_in = integer_in,
    .now_plus_ms = now_plus_ms,
    .epoch_ms = epoch_ms,
    .key_out = key_out,
    .key_in = key_in,
    .key_refused = key_refused,
    .converted = converted,
    .as_stored = as_stored,
    .same_bytes = same_bytes,
    .force_index = force_index,
    .hint_refused = hint_refused,
    /* Rows of a sequential scan are counted at the table, entries at the index; catalogs have low numbers. In this transaction, and a few
     * before it: the difference of two counts. */
    .rows_read = "SELECT sum(pg_catalog.pg_stat_get_xact_tuples_returned(oid)) FROM pg_catalog.pg_class WHERE oid >= 16384 AND "
                 "relkind IN ('r', 'm', 'i', 't')",
    .updates_counted = "SELECT sum(pg_catalog.pg_stat_get_xact_tuples_updated(oid)), "
                       "sum(pg_catalog.pg_stat_get_xact_tuples_hot_updated(oid)) FROM pg_catalog.pg_class WHERE oid >= 16384 AND "
                       "relkind = 'r'",
    .locks_told = "SELECT pg_catalog.string_agg(DISTINCT l.mode || ' on ' || c.relname, ', ') FROM pg_catalog.pg_locks l JOIN "
                  "pg_catalog.pg_class c ON c.oid = l.relation WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = "
                  "'relation' AND c.oid >= 16384 AND c.relkind IN ('r', 'p') AND l.mode <> 'AccessShareLock'",
    .commit_measured = "SELECT pg_catalog.pg_logical_emit_message(true, 'infill', '')",
    .next_period = next_period,
    .period_refused = sql_period_refused,
    .volatile_functions = volatile_functions,
    .volatile_words = volatile_words,
    .clock_functions = clock_functions,
    .clock_strings = clock_strings,
    .clock_strings_anywhere = true,
    .dollar_quotes = true,
    .scratch = &postgres_scratch,
    .load = &load,
};
