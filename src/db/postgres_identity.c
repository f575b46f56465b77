/* postgres_identity.c - which server, which database, who are we; and the search path that every transaction of ours gets. */
#include <string.h>

#include "base/mem.h"
#include "db/postgres.h"

enum { OLDEST_VERSION = 140000 };

const struct db_tx pg_catalog_tx = {
    .statement_timeout_ms = 30000,
    .lock_timeout_ms = 5000,
    .idle_timeout_ms = 60000,
    .read_only = true,
};

/* What the path means now, not "$user": a schema made later must not change what a name means half-way. pg_temp last, so that nobody's
 * temporary table stands in for a real one. The commit of what the ledger relies on waits for the disk, even where the role's default
 * is not to; a default that waits for a standby too is left alone. */
int pg_read_defaults(struct pg *pg, struct err *err) {
    static const char sql[] =
        "SELECT pg_catalog.concat_ws(', ', pg_catalog.string_agg(pg_catalog.quote_ident(s), ', ' ORDER BY n), 'pg_temp'),"
        " pg_catalog.current_setting('synchronous_commit') = 'off'"
        " FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS p(s, n)"
        " WHERE s NOT LIKE 'pg\\_temp%'";
    static const struct db_query queries[] = {{.sql = sql, .returns_rows = true},
                                              {.sql = "SELECT pg_catalog.pg_backend_pid()", .returns_rows = true}};
    struct arena arena;
    struct db_result results[2];
    arena_init(&arena);
    int code = db_flush(&pg->base, DB_ONE_TX, &pg_catalog_tx, queries, 2, &arena, results, err);
    if (code == 0 && (pg->search_path = mem_strdup(db_cell(&results[0], 0, 0))) == NULL)
        code = err_nomem(err);
    if (code == 0 && strcmp(db_cell(&results[0], 0, 1), "t") == 0)
        pg->commit_mode = "on";
    if (code == 0)
        pg->kept.is_own = db_cell_int(&results[1], 0, 0, 0) == PQbackendPID(pg->conn); /* K1 */
    arena_release(&arena);
    return code;
}

/* Where pg_control_system() is not allowed, the database's oid and name have to do: stable, but the same on two servers made alike. */
static int read_server_name(struct db *db, struct arena *arena, struct db_identity *identity, struct err *err) {
    static const char by_right[] = "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')";
    static const char by_system[] = "SELECT 'system ' || system_identifier FROM pg_catalog.pg_control_system()";
    static const char by_database[] = "SELECT 'database ' || oid || ' ' || datname FROM pg_catalog.pg_database"
                                      " WHERE datname = pg_catalog.current_database()";
    struct db_result result;
    int code = db_query(db, &pg_catalog_tx, by_right, NULL, 0, arena, &result, err);
    if (code != 0)
        return code;
    bool allowed = strcmp(db_cell(&result, 0, 0), "t") == 0;
    code = db_query(db, &pg_catalog_tx, allowed ? by_system : by_database, NULL, 0, arena, &result, err);
    if (code == 0)
        identity->server = db_cell(&result, 0, 0);
    return code;
}

int pg_identify(struct db *db, struct arena *arena, struct db_identity *identity, struct err *err) {
    static const char sql[] =
        "SELECT pg_catalog.current_database(), pg_catalog.current_setting('server_version'),"
        " pg_catalog.current_setting('server_version_num'), CURRENT_USER, pg_catalog.current_setting('search_path'),"
        " pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('default_transaction_read_only') = 'on',"
        " pg_catalog.current_setting('is_superuser') = 'on'";
    struct db_result result;
    memset(identity, 0, sizeof(*identity));
    int code = db_query(db, &pg_catalog_tx, sql, NULL, 0, arena, &result, err);
    if (code != 0)
        return code;
    identity->database = db_cell(&result, 0, 0);
    identity->version = db_cell(&result, 0, 1);
    identity->version_number = (int)db_cell_int(&result, 0, 2, 0);
    identity->user = db_cell(&result, 0, 3);
    identity->search_path = db_cell(&result, 0, 4);
    identity->is_read_only = strcmp(db_cell(&result, 0, 5), "t") == 0;
    identity->is_superuser = strcmp(db_cell(&result, 0, 6), "t") == 0;
    if (identity->version_number < OLDEST_VERSION)
        identity->unfit = "PostgreSQL 14 or newer is needed";
    return read_server_name(db, arena, identity, err);
}
