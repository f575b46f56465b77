/* postgres_survey.c - what the server says of itself before the first write, and which rights this role has. */
#include "base/buf.h"
#include "db/postgres.h"
#include "db/postgres_catalog.h"

/* Whether sessions of other roles show what they do, the clock, and the connection limit that is nearest. Of a session that may not be
 * looked into, only the process and the database are shown. */
static const char session_sql[] =
    "WITH s AS (SELECT datid, usesysid FROM pg_catalog.pg_stat_activity"
    "  WHERE datid IS NOT NULL AND COALESCE(backend_type, 'client backend') = 'client backend'),"
    " l(max, used) AS ("
    "  SELECT pg_catalog.current_setting('max_connections')::bigint"
    "    - pg_catalog.current_setting('superuser_reserved_connections')::bigint"
    "    - COALESCE(pg_catalog.current_setting('reserved_connections', true)::bigint, 0), (SELECT count(*) FROM s)"
    "  UNION ALL SELECT rolconnlimit, (SELECT count(*) FROM s WHERE usesysid = r.oid) FROM pg_catalog.pg_roles r"
    "   WHERE rolname = SESSION_USER AND rolconnlimit >= 0"
    "  UNION ALL SELECT datconnlimit, (SELECT count(*) FROM s WHERE datid = d.oid) FROM pg_catalog.pg_database d"
    "   WHERE datname = pg_catalog.current_database() AND datconnlimit >= 0)"
    " SELECT pg_catalog.pg_has_role(CURRENT_USER, 'pg_read_all_stats', 'USAGE'),"
    " (EXTRACT(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint, max, used,"
    " 'GRANT pg_monitor TO ' || pg_catalog.quote_ident(CURRENT_USER) FROM l ORDER BY max - used LIMIT 1";

/* What other roles wait for a lock: the value that sessions begin with, and the settings of roles and databases. 0 is for ever. */
static const char lock_wait_sql[] =
    "WITH given(who, value) AS ("
    "  SELECT CASE WHEN r.rolname IS NULL THEN 'sessions of the database' ELSE 'role ' || r.rolname END,"
    "   pg_catalog.split_part(c.setting, '=', 2)"
    "  FROM pg_catalog.pg_db_role_setting o LEFT JOIN pg_catalog.pg_roles r ON r.oid = o.setrole"
    "  CROSS JOIN LATERAL pg_catalog.unnest(o.setconfig) AS c(setting)"
    "  WHERE c.setting LIKE 'lock\\_timeout=%' AND r.rolname IS DISTINCT FROM SESSION_USER"
    "   AND (o.setdatabase = 0 OR o.setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = "
    "pg_catalog.current_database()))),"
    " all_of(who, ms) AS (SELECT who, CASE WHEN value ~ '^[0-9]+$' THEN value::bigint"
    "   ELSE (EXTRACT(epoch FROM value::interval) * 1000)::bigint END FROM given"
    "  UNION ALL SELECT 'the default of the server', reset_val::bigint FROM pg_catalog.pg_settings WHERE name = 'lock_timeout')"
    " SELECT ms, who FROM all_of ORDER BY ms = 0, ms LIMIT 1";

/* A prepared transaction has no session. */
static const char oldest_sql[] =
    "SELECT EXTRACT(epoch FROM pg_catalog.clock_timestamp() - started)::bigint, who FROM ("
    " SELECT xact_start, 'pid ' || pid || COALESCE(' (' || NULLIF(application_name, '') || ')', '')"
    "  FROM pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database() AND xact_start IS NOT NULL"
    "  AND backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()"
    " UNION ALL SELECT prepared, 'prepared transaction ' || gid FROM pg_catalog.pg_prepared_xacts"
    "  WHERE database = pg_catalog.current_database()) AS t(started, who) ORDER BY started LIMIT 1";

static const char horizon_sql[] =
    "SELECT pg_catalog.age(datfrozenxid), pg_catalog.current_setting('autovacuum_freeze_max_age')::bigint"
    " FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()";

static const char archive_sql[] = "SELECT pg_catalog.current_setting('archive_mode') <> 'off',"
                                  " last_failed_time > COALESCE(last_archived_time, '-infinity'),"
                                  " pg_catalog.has_function_privilege('pg_catalog.pg_ls_archive_statusdir()', 'EXECUTE')"
                                  " FROM pg_catalog.pg_stat_archiver";
static const char waiting_sql[] = "SELECT count(*) FROM pg_catalog.pg_ls_archive_statusdir() WHERE name LIKE '%.ready'";

static const char slot_sql[] =
    "SELECT pg_catalog.pg_wal_lsn_diff(CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()"
    " ELSE pg_catalog.pg_current_wal_lsn() END, restart_lsn)::bigint, slot_name FROM pg_catalog.pg_replication_slots"
    " WHERE NOT active AND restart_lsn IS NOT NULL ORDER BY 1 DESC LIMIT 1";

enum { SESSION, LOCK_WAIT, OLDEST, HORIZON, ARCHIVE, SLOT, QUESTIONS };

static void read_session(const struct db_result *results, struct db_survey *survey) {
    const struct db_result *session = &results[SESSION];
    survey->grant = pg_true(session, 0, 0) ? NULL : db_cell(session, 0, 4);
    survey->clock_us = db_cell_int(session, 0, 1, DB_UNKNOWN);
    survey->connections_max = db_cell_int(session, 0, 2, DB_UNKNOWN);
    survey->connections_used = db_cell_int(session, 0, 3, DB_UNKNOWN);
    survey->lock_wait_ms = db_cell_int(&results[LOCK_WAIT], 0, 0, DB_UNKNOWN);
    survey->lock_wait_who = db_cell(&results[LOCK_WAIT], 0, 1);
}

/* An old transaction that is seen is known, also where others are not. */
static void read_transactions(const struct db_result *results, struct db_survey *survey) {
    const struct db_result *oldest = &results[OLDEST];
    survey->oldest_s = survey->grant ? DB_UNKNOWN : 0;
    if (oldest->row_count > 0) {
        survey->oldest_s = db_cell_int(oldest, 0, 0, DB_UNKNOWN);
        survey->oldest_who = db_cell(oldest, 0, 1);
    }
    survey->horizon = db_cell_int(&results[HORIZON], 0, 0, DB_UNKNOWN);
    survey->horizon_max = db_cell_int(&results[HORIZON], 0, 1, DB_UNKNOWN);
    survey->horizon_unit = "transactions";
}

static int read_archive(struct db *db, const struct db_result *archive, struct arena *arena, struct db_survey *survey,
                        struct err *err) {
    struct db_result waiting;
    if (!pg_true(archive, 0, 0))
        return 0;
    survey->archive_failing = db_cell(archive, 0, 1) != NULL && pg_true(archive, 0, 1);
    survey->archive_waiting = DB_UNKNOWN;
    if (!pg_true(archive, 0, 2))
        return 0;
    int code = db_query(db, &pg_catalog_tx, waiting_sql, NULL, 0, arena, &waiting, err);
    if (code == 0)
        survey->archive_waiting = db_cell_int(&waiting, 0, 0, DB_UNKNOWN);
    return code;
}

static void read_slot(const struct db_result *slot, struct db_survey *survey) {
    survey->slot_bytes = slot->row_count > 0 ? db_cell_int(slot, 0, 0, DB_UNKNOWN) : 0;
    if (slot->row_count > 0)
        survey->slot = db_cell(slot, 0, 1);
}

int pg_survey(struct db *db, struct arena *arena, struct db_survey *survey, struct err *err) {
    static const char *const questions[QUESTIONS] = {session_sql, lock_wait_sql, oldest_sql, horizon_sql, archive_sql, slot_sql};
    struct db_query queries[QUESTIONS] = {{0}};
    struct db_result results[QUESTIONS];
    for (size_t i = 0; i < QUESTIONS; i++)
        queries[i] = (struct db_query){.sql = questions[i], .returns_rows = true};
    int code = db_flush(db, DB_ONE_TX, &pg_catalog_tx, queries, QUESTIONS, arena, results, err);
    if (code != 0)
        return code;
    read_session(results, survey);
    read_transactions(results, survey);
    read_slot(&results[SLOT], survey);
    code = read_archive(db, &results[ARCHIVE], arena, survey, err);
    return code ? code : pg_settings(db, arena, &survey->settings, err);
}

/* A right on some columns may be all that is needed: whether it is enough, the server says when it explains the statements. Without the
 * right to use the schema, none on its tables counts. $1 schema, $2 table, $3 right. */
static const char table_right_sql[] =
    "SELECT u.uses AND (pg_catalog.has_table_privilege(c.oid, $3::text)"
    "  OR CASE WHEN $3::text <> 'DELETE' THEN pg_catalog.has_any_column_privilege(c.oid, $3::text) ELSE false END),"
    " CASE WHEN u.uses THEN pg_catalog.format('GRANT %s ON %I.%I TO %I', $3::text, $1::text, $2::text, CURRENT_USER)"
    "  ELSE pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I', $1::text, CURRENT_USER) END"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " CROSS JOIN LATERAL (SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE')) AS u(uses)"
    " WHERE n.nspname = $1::text AND c.relname = $2::text";
static const char create_right_sql[] =
    "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'),"
    " pg_catalog.format('GRANT CREATE ON DATABASE %I TO %I', pg_catalog.current_database(), CURRENT_USER)";

int pg_rights(struct db *db, struct db_right *rights, size_t count, struct arena *arena, struct err *err) {
    for (size_t i = 0; i < count; i++) {
        const struct sql_table *table = rights[i].table;
        struct sql_value args[] = {value_text(table ? table->schema : NULL), value_text(table ? table->name : NULL),
                                   value_text(rights[i].right)};
        struct db_result answer;
        int code =
            db_query(db, &pg_catalog_tx, table ? table_right_sql : create_right_sql, args, table ? 3 : 0, arena, &answer, err);
        if (code != 0)
            return code;
        rights[i].held = answer.row_count > 0 ? pg_true(&answer, 0, 0) : DB_UNKNOWN;
        rights[i].grant = answer.row_count > 0 ? db_cell(&answer, 0, 1) : "";
    }
    return 0;
}
