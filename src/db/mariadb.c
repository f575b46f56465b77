/* mariadb.c - the MariaDB driver: opening and closing, cancelling, and the table of its functions.
 *
 * mariadb_url.c and mariadb_connect.c connect, mariadb_flush.c and mariadb_stmt.c run statements, mariadb_codes.c and mariadb_errors.c
 * say what errors mean; mariadb_catalog.c and its neighbours answer questions about the database. */
#include "db/mariadb.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "db/dialects.h"
#include "db/engines.h"

static const char *const schemes[] = {"mariadb", "mysql", NULL};

static void mdb_close(struct db *db) {
    struct mdb *mdb = mdb_of(db);
    mdb_mark_dead(mdb); /* the server rolls back what is open */
    arena_release(&mdb->arena);
    mem_free(mdb);
}

static int connect_to(struct mdb *mdb, const struct db_options *options, struct err *err) {
    int code = mdb_url_parse(options->url, &mdb->arena, &mdb->url, err);
    if (code != 0)
        return code;
    code = mdb_connect(&mdb->url, options->application_name, options->connect_timeout_ms, options->log, &mdb->conn, err);
    if (code != 0)
        return code;
    mdb->thread_id = mysql_thread_id(mdb->conn);
    mdb->base.session = (int64_t)mdb->thread_id;
    mdb->is_mariadb = mariadb_connection(mdb->conn) != 0;
    if (!mdb->is_mariadb && options->log != NULL)
        log_line(options->log, LOG_WARN, "this server is not MariaDB; infill is untested with MySQL");
    return mdb_set_session(mdb, err);
}

static int mdb_open(const struct db_engine *engine, const struct db_options *options, struct db **db, struct err *err) {
    struct mdb *mdb = mem_zalloc(1, sizeof(*mdb));
    if (mdb == NULL)
        return err_nomem(err);
    mdb->base.engine = engine;
    mdb->read_only = options->read_only;
    mdb->connect_timeout_ms = options->connect_timeout_ms;
    arena_init(&mdb->arena);
    int code = connect_to(mdb, options, err);
    if (code != 0) {
        mdb_close(&mdb->base);
        if (code == ERR_LOST)
            err->code = code = ERR_CONNECT;
        return code;
    }
    *db = &mdb->base;
    return 0;
}

bool mdb_kill_query(struct mdb *mdb) {
    struct err ignored;
    MYSQL *conn = NULL;
    char sql[64];
    err_clear(&ignored);
    if (mdb_connect(&mdb->url, NULL, mdb->connect_timeout_ms, NULL, &conn, &ignored) != 0)
        return false;
    int len = snprintf(sql, sizeof(sql), "KILL QUERY %lu", mdb->thread_id);
    bool killed = mysql_real_query(conn, sql, (unsigned long)len) == 0;
    mysql_close(conn);
    return killed;
}

/* The server takes a KILL for a session from another one only. Between two statements it has no effect there, so the flush looks at the
 * mark too; the mark also tells our KILL from somebody else's. */
static void mdb_cancel(struct db *db) {
    struct mdb *mdb = mdb_of(db);
    if (atomic_load(&mdb->is_dead))
        return;
    atomic_fetch_add(&mdb->cancels_in_flight, 1);
    atomic_store(&mdb->cancel_asked, true);
    mdb_kill_query(mdb);
    atomic_fetch_sub(&mdb->cancels_in_flight, 1);
}

static bool mdb_is_dead(struct db *db) {
    return atomic_load(&mdb_of(db)->is_dead);
}

static const char *const foreign_key_codes[] = {"1452", "1216", NULL};
static const char *const deadlock_codes[] = {"1213", NULL};
static const char *const no_index_codes[] = {"1176", NULL};

const struct db_engine mariadb_engine = {
    .name = "mariadb",
    .schemes = schemes,
    .dialect = &mariadb_dialect,
    .foreign_key_codes = foreign_key_codes,
    .deadlock_codes = deadlock_codes,
    .no_index_codes = no_index_codes,
    .release = 100,
    .rollback_leaves = "the log it was written to, AUTO_INCREMENT counters that moved on, and what triggers wrote into tables "
                       "without transactions",
    .open = mdb_open,
    .close = mdb_close,
    .flush = mdb_flush,
    .stream = mdb_stream,
    .rollback = mdb_rollback,
    .cancel = mdb_cancel,
    .is_dead = mdb_is_dead,
    .script = mdb_script,
    .identify = mdb_identify,
    .describe = mdb_describe,
    .expression_types = mdb_expression_types,
    .volatile_function = mdb_volatile_function,
    .wait_for_older = mdb_wait_for_older,
    .holders = mdb_holders,
    .explain = mdb_explain,
    .sequence_next = mdb_sequence_next,
    .survey = mdb_survey,
    .cost = mdb_cost,
    .rights = mdb_rights,
};
