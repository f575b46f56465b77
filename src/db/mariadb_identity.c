/* mariadb_identity.c - which server, which database, who are we, and whether infill should write here at all. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "db/mariadb.h"

enum { OLDEST_VERSION = 100600 };

const struct db_tx mdb_catalog_tx = {
    .statement_timeout_ms = 30000,
    .lock_timeout_ms = 5000,
    .idle_timeout_ms = 60000,
    .read_only = true,
};

static const char variables_sql[] =
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN"
    " ('server_uid', 'server_uuid', 'hostname', 'datadir', 'log_bin', 'binlog_format', 'read_only')";

/* SUPER as this account has it by itself; what a role brings is not asked for. */
static const char session_sql[] =
    "SELECT DATABASE(), VERSION(), CURRENT_USER(), (SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES"
    " WHERE PRIVILEGE_TYPE = 'SUPER' AND GRANTEE = CONCAT('''', LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - CHAR_LENGTH("
    "SUBSTRING_INDEX(CURRENT_USER(), '@', -1)) - 1), '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), ''''))";

static const char *variable(const struct db_result *variables, const char *name) {
    for (unsigned row = 0; row < variables->row_count; row++)
        if (text_equal_nocase(db_cell(variables, row, 0), name)) {
            const char *value = db_cell(variables, row, 1);
            return value != NULL ? value : "";
        }
    return "";
}

static bool is_off(const char *value) {
    return *value == '\0' || text_equal_nocase(value, "OFF") || strcmp(value, "0") == 0;
}

/* server_uid exists since 10.6.19, 10.11.9 and 11.4.3; before it, the place of the data has to do. */
static const char *server_name(const struct db_result *variables, struct arena *arena) {
    const char *uid = variable(variables, "server_uid"), *uuid = variable(variables, "server_uuid");
    if (*uid != '\0')
        return arena_printf(arena, "uid %s", uid);
    if (*uuid != '\0')
        return arena_printf(arena, "uuid %s", uuid);
    return arena_printf(arena, "data %s %s", variable(variables, "hostname"), variable(variables, "datadir"));
}

/* A statement that the binary log repeats elsewhere finds other rows there: our statements choose rows by what they see. */
static const char *unfit(const struct mdb *mdb, const struct db_result *variables) {
    if (mdb->is_mariadb && mysql_get_server_version(mdb->conn) < OLDEST_VERSION)
        return "MariaDB 10.6 or newer is needed";
    if (!is_off(variable(variables, "log_bin")) && text_equal_nocase(variable(variables, "binlog_format"), "STATEMENT"))
        return "binlog_format is STATEMENT: replicas would not get the same rows; ROW or MIXED is needed";
    return NULL;
}

int mdb_identify(struct db *db, struct arena *arena, struct db_identity *identity, struct err *err) {
    static const struct db_query queries[] = {{.sql = variables_sql, .returns_rows = true},
                                              {.sql = session_sql, .returns_rows = true}};
    struct db_result results[2];
    memset(identity, 0, sizeof(*identity));
    int code = db_flush(db, DB_ONE_TX, &mdb_catalog_tx, queries, 2, arena, results, err);
    if (code != 0)
        return code;
    identity->server = server_name(&results[0], arena);
    identity->database = db_cell(&results[1], 0, 0);
    identity->version = db_cell(&results[1], 0, 1);
    identity->version_number = (int)mysql_get_server_version(mdb_of(db)->conn);
    identity->user = db_cell(&results[1], 0, 2);
    identity->search_path = "";
    identity->is_read_only = !is_off(variable(&results[0], "read_only"));
    identity->is_superuser = db_cell_int(&results[1], 0, 3, 0) > 0;
    identity->unfit = unfit(mdb_of(db), &results[0]);
    return identity->server != NULL ? 0 : err_nomem(err);
}
