/* mariadb_cost.c - a statement executed between two looks at the redo log's position, which is that of the whole server. The binary log
 * does not move before a commit. */
#include "db/mariadb.h"

static const char position_sql[] = "SHOW GLOBAL STATUS LIKE 'Innodb_lsn_current'";

static int64_t position(const struct db_result *status) {
    return status->row_count > 0 ? db_cell_int(status, 0, 1, DB_UNKNOWN) : DB_UNKNOWN;
}

int mdb_cost(struct db *db, const struct db_query *query, struct arena *arena, struct db_cost *cost, struct err *err) {
    const struct db_query queries[] = {
        {.sql = position_sql, .returns_rows = true}, *query, {.sql = position_sql, .returns_rows = true}};
    struct db_result results[3];
    int code = db_flush(db, 0, NULL, queries, 3, arena, results, err);
    if (code != 0)
        return code;
    int64_t before = position(&results[0]), behind = position(&results[2]);
    cost->rows = results[1].changed;
    cost->log_bytes = before < 0 || behind < before ? DB_UNKNOWN : behind - before;
    cost->log_is_shared = true;
    return 0;
}
