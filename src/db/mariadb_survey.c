/* mariadb_survey.c - what the server says of itself before the first write, and which rights this account has. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "db/mariadb.h"

static const char clock_sql[] =
    "SELECT CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), @@SESSION.max_user_connections,"
    " (SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = SUBSTRING_INDEX(USER(), '@', 1))";

static const char variables_sql[] =
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('max_connections', 'innodb_lock_wait_timeout', 'log_bin', 'binlog_format')";

static const char status_sql[] = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected', 'Innodb_history_list_length')";

/* The account as it stands in a GRANT, and in the tables of privileges. */
#define ACCOUNT                                                                                                                    \
    "CONCAT('''', LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)) - 1),"  \
    " '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''')"

/* By itself or on every database; what a role brings is not shown there. */
static const char create_right_sql[] =
    "SELECT COUNT(*) FROM (SELECT GRANTEE FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'CREATE'"
    " UNION ALL SELECT GRANTEE FROM information_schema.SCHEMA_PRIVILEGES WHERE PRIVILEGE_TYPE = 'CREATE'"
    "  AND DATABASE() LIKE TABLE_SCHEMA) AS p WHERE GRANTEE = " ACCOUNT;

enum { UNDO_MANY = 1000000 }; /* history of undo log records from which on reads and purge are slow */

static const char *named(const struct db_result *rows, const char *name) {
    for (unsigned row = 0; row < rows->row_count; row++)
        if (text_equal_nocase(db_cell(rows, row, 0), name))
            return db_cell(rows, row, 1);
    return NULL;
}

static int64_t number_of(const struct db_result *rows, const char *name) {
    const char *text = named(rows, name);
    int64_t number;
    return text && text_to_int64(text, &number) ? number : DB_UNKNOWN;
}

/* The account's own limit counts where it is nearer. Of other accounts' sessions PROCESS is needed to see any, of one's own nothing. */
static void read_connections(const struct db_result *session, const struct db_result *variables, const struct db_result *status,
                             struct db_survey *survey) {
    int64_t own_max = db_cell_int(session, 0, 1, 0), own_used = db_cell_int(session, 0, 2, 0);
    survey->connections_max = number_of(variables, "max_connections");
    survey->connections_used = number_of(status, "Threads_connected");
    if (own_max > 0 && own_max - own_used < survey->connections_max - survey->connections_used) {
        survey->connections_max = own_max;
        survey->connections_used = own_used;
    }
}

static void read_variables(const struct db_result *variables, const struct db_result *status, struct db_survey *survey) {
    const char *log = named(variables, "log_bin");
    int64_t lock_wait_s = number_of(variables, "innodb_lock_wait_timeout");
    survey->lock_wait_ms = lock_wait_s < 0 ? DB_UNKNOWN : lock_wait_s * 1000;
    survey->lock_wait_who = "innodb_lock_wait_timeout of the server";
    survey->binlog_format = log && text_equal_nocase(log, "ON") ? named(variables, "binlog_format") : "off";
    survey->horizon = number_of(status, "Innodb_history_list_length");
    survey->horizon_max = UNDO_MANY;
    survey->horizon_unit = "undo log records";
}

static const char *account(struct db *db, struct arena *arena, struct err *err) {
    struct db_result answer;
    int code = db_query(db, &mdb_catalog_tx, "SELECT " ACCOUNT, NULL, 0, arena, &answer, err);
    return code == 0 ? db_cell(&answer, 0, 0) : NULL;
}

/* One transaction of the monitor's list: "---TRANSACTION 4711, ACTIVE 3 sec ...", and a line or two below its thread. */
static void read_transaction(struct mdb *mdb, const char *at, const char *end, struct arena *arena, struct db_survey *survey) {
    static const char begin[] = ", ACTIVE ";
    unsigned long long session = 0;
    const char *active = strstr(at, begin), *line_end = strchr(at + 1, '\n');
    if (survey->oldest_who == NULL || active == NULL || (line_end && active > line_end))
        return;
    active += strlen(begin);
    active += text_starts(active, "(PREPARED) ") ? strlen("(PREPARED) ") : 0;
    long long seconds = strtoll(active, NULL, 10);
    const char *thread = strstr(at, " thread id ");
    if (thread && (end == NULL || thread < end))
        session = strtoull(thread + strlen(" thread id "), NULL, 10);
    bool is_older = survey->oldest_who[0] == '\0' || seconds > survey->oldest_s;
    if (session == mdb->thread_id || !is_older)
        return;
    survey->oldest_s = seconds;
    survey->oldest_who = session ? arena_printf(arena, "session %llu", session) : "a prepared transaction";
}

/* The monitor's text is made anew each time; information_schema.INNODB_TRX is not, while somebody asks it again and again. */
static int read_oldest(struct db *db, struct arena *arena, struct db_survey *survey, struct err *err) {
    enum { STATUS_COLUMN = 2 };
    static const char begin[] = "\n---TRANSACTION ";
    const char *text;
    int code = mdb_show(db, "SHOW ENGINE INNODB STATUS", STATUS_COLUMN, arena, &text, err);
    if (code == ERR_DENIED) {
        err_clear(err);
        survey->oldest_s = DB_UNKNOWN;
        const char *me = account(db, arena, err);
        survey->grant = me ? arena_printf(arena, "GRANT PROCESS ON *.* TO %s", me) : NULL;
        return survey->grant ? 0 : err->code ? err->code : err_nomem(err);
    }
    if (code != 0)
        return code;
    survey->oldest_s = strstr(text, "... truncated...") ? DB_UNKNOWN : 0;
    for (const char *at = strstr(text, begin); at && survey->oldest_s != DB_UNKNOWN;) {
        const char *end = strstr(at + 1, begin);
        read_transaction(mdb_of(db), at, end, arena, survey);
        at = end;
    }
    return survey->oldest_who ? 0 : err_nomem(err);
}

int mdb_survey(struct db *db, struct arena *arena, struct db_survey *survey, struct err *err) {
    static const struct db_query queries[] = {{.sql = clock_sql, .returns_rows = true},
                                              {.sql = variables_sql, .returns_rows = true},
                                              {.sql = status_sql, .returns_rows = true}};
    struct db_result results[3];
    int code = db_flush(db, DB_ONE_TX, &mdb_catalog_tx, queries, 3, arena, results, err);
    if (code != 0)
        return code;
    survey->clock_us = db_cell_int(&results[0], 0, 0, DB_UNKNOWN);
    read_connections(&results[0], &results[1], &results[2], survey);
    read_variables(&results[1], &results[2], survey);
    code = read_oldest(db, arena, survey, err);
    return code ? code : mdb_settings(db, arena, &survey->settings, err);
}

/* The server itself says what this account may do, roles and all: it checks the rights of a statement that it only explains. */
static const struct {
    const char *right, *before, *behind;
} probes[] = {
    {"SELECT", "EXPLAIN SELECT 1 FROM ", " LIMIT 0"},
    {"INSERT", "EXPLAIN INSERT INTO ", " VALUES ()"},
    {"UPDATE", "EXPLAIN UPDATE ", " SET infill_no_such_column = 1"},
    {"DELETE", "EXPLAIN DELETE FROM ", " WHERE 1 = 0"},
};

static bool says_nothing_of_rights(int code) {
    return code == ERR_LOST || code == ERR_CONNECT || code == ERR_NOMEM || code == ERR_CANCELLED || code == ERR_SLOW ||
           code == ERR_LOCKED || code == ERR_UNKNOWN;
}

/* Whatever else is wrong with the statement comes behind the rights. */
static int probe(struct db *db, size_t kind, const char *table, struct arena *arena, int *held, struct err *err) {
    struct db_result ignored;
    const char *sql = arena_printf(arena, "%s%s%s", probes[kind].before, table, probes[kind].behind);
    if (sql == NULL)
        return err_nomem(err);
    mdb_of(db)->is_explaining = true;
    int code = db_query(db, &mdb_catalog_tx, sql, NULL, 0, arena, &ignored, err);
    mdb_of(db)->is_explaining = false;
    if (says_nothing_of_rights(code))
        return code;
    *held = code != ERR_DENIED;
    err_clear(err);
    return 0;
}

static int table_right(struct db *db, struct db_right *right, const char *me, struct arena *arena, struct err *err) {
    struct buf name;
    int code = 0;
    buf_init(&name);
    sql_table_name(db_dialect(db), &name, right->table->schema, right->table->name);
    right->held = DB_UNKNOWN;
    right->grant = buf_ok(&name) ? arena_printf(arena, "GRANT %s ON %s TO %s", right->right, name.data, me) : NULL;
    if (right->grant == NULL)
        code = err_nomem(err);
    for (size_t i = 0; i < sizeof probes / sizeof probes[0] && code == 0; i++)
        if (text_equal(probes[i].right, right->right))
            code = probe(db, i, name.data, arena, &right->held, err);
    buf_release(&name);
    return code;
}

static int create_right(struct db *db, struct db_right *right, const char *me, struct arena *arena, struct err *err) {
    struct db_result answer;
    struct db_identity id;
    int code = db_query(db, &mdb_catalog_tx, create_right_sql, NULL, 0, arena, &answer, err);
    if (code == 0)
        code = mdb_identify(db, arena, &id, err);
    if (code != 0)
        return code;
    struct buf name;
    buf_init(&name);
    sql_ident(db_dialect(db), &name, id.database ? id.database : "");
    right->held = db_cell_int(&answer, 0, 0, 0) > 0 ? 1 : DB_UNKNOWN;
    right->grant = buf_ok(&name) ? arena_printf(arena, "GRANT CREATE ON %s.* TO %s", name.data, me) : NULL;
    buf_release(&name);
    return right->grant ? 0 : err_nomem(err);
}

int mdb_rights(struct db *db, struct db_right *rights, size_t count, struct arena *arena, struct err *err) {
    const char *me = account(db, arena, err);
    int code = me ? 0 : err->code ? err->code : err_nomem(err);
    for (size_t i = 0; i < count && code == 0; i++)
        code = rights[i].table ? table_right(db, &rights[i], me, arena, err) : create_right(db, &rights[i], me, arena, err);
    return code;
}
