/* postgres.c - the PostgreSQL driver: opening and closing, cancelling, and the table of its functions.
 *
 * postgres_connect.c connects, postgres_flush.c runs statements, postgres_errors.c says what errors mean; postgres_catalog.c and its
 * neighbours answer questions about the database. */
#include "db/postgres.h"

#include <string.h>

#include "base/mem.h"
#include "db/dialects.h"
#include "db/engines.h"

static const char *const schemes[] = {"postgresql", "postgres", NULL};

static void pg_close(struct db *db) {
    struct pg *pg = pg_of(db);
    PQfreeCancel(pg->cancel);
    PQfinish(pg->conn); /* the server rolls back what is open */
    mem_free(pg->search_path);
    pg_kept_release(&pg->kept);
    mem_free(pg);
}

static int pg_open(const struct db_engine *engine, const struct db_options *options, struct db **db, struct err *err) {
    struct pg *pg = mem_zalloc(1, sizeof(*pg));
    if (pg == NULL)
        return err_nomem(err);
    pg->base.engine = engine;
    pg->read_only = options->read_only;
    int result = pg_connect(options, &pg->conn, err);
    if (result == 0 && (pg->cancel = PQgetCancel(pg->conn)) == NULL)
        result = err_nomem(err);
    if (result == 0)
        result = pg_read_defaults(pg, err);
    if (result != 0) {
        pg_close(&pg->base);
        if (result == ERR_LOST)
            err->code = result = ERR_CONNECT;
        return result;
    }
    pg->base.session = PQbackendPID(pg->conn);
    *db = &pg->base;
    return 0;
}

/* Nobody knows here whether a statement is running: the server does, and ignores a cancel in between. The marks let the flush tell our
 * cancel from a statement timeout; they are set before the request leaves and stay until it has been delivered. */
static void pg_cancel(struct db *db) {
    struct pg *pg = pg_of(db);
    char ignored[256];
    atomic_fetch_add(&pg->cancels_in_flight, 1);
    atomic_store(&pg->cancel_asked, true);
    PQcancel(pg->cancel, ignored, sizeof(ignored));
    atomic_fetch_sub(&pg->cancels_in_flight, 1);
}

static bool pg_is_dead(struct db *db) {
    return pg_of(db)->is_dead;
}

/* Some DDL refuses to run inside a transaction (CREATE INDEX CONCURRENTLY), so none is opened and the session's own limits hold. */
static int pg_script(struct db *db, const char *sql, struct err *err) {
    return pg_flush_bare(pg_of(db), sql, err);
}

static const char *const foreign_key_codes[] = {"23503", NULL};
static const char *const deadlock_codes[] = {"40P01", NULL};
static const char *const no_index_codes[] = {NULL};

const struct db_engine postgres_engine = {
    .name = "postgres",
    .schemes = schemes,
    .dialect = &postgres_dialect,
    .foreign_key_codes = foreign_key_codes,
    .deadlock_codes = deadlock_codes,
    .no_index_codes = no_index_codes,
    .release = 10000,
    .rollback_leaves = "dead row versions for vacuum, the log they were written to, eight empty messages in it that measure "
                       "COMMIT, and the values that column defaults and "
                       "triggers took from sequences",
    .open = pg_open,
    .close = pg_close,
    .flush = pg_flush,
    .stream = pg_stream,
    .rollback = pg_rollback,
    .cancel = pg_cancel,
    .is_dead = pg_is_dead,
    .script = pg_script,
    .identify = pg_identify,
    .describe = pg_describe,
    .expression_types = pg_expression_types,
    .volatile_function = pg_volatile_function,
    .wait_for_older = pg_wait_for_older,
    .holders = pg_holders,
    .explain = pg_explain,
    .sequence_next = pg_sequence_next,
    .survey = pg_survey,
    .cost = pg_cost,
    .rights = pg_rights,
};
