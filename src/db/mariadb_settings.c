/* mariadb_settings.c - the settings of a server that a fill feels. */
#include <string.h>

#include "base/buf.h"
#include "db/mariadb.h"

static const struct db_setting table[] = {
    {"character_set_database", NULL, DB_EFFECT_RESULT, "what expressions make of texts may not fit into both"},
    {"collation_database", NULL, DB_EFFECT_RESULT, "expressions may compare texts otherwise"},
    {"lower_case_table_names", NULL, DB_EFFECT_RESULT, "names in the plan may not mean the same tables"},
    {"innodb_strict_mode", NULL, DB_EFFECT_NONE, "tables that one refuses to make, the other makes"},
    {"sql_mode", NULL, DB_EFFECT_NONE, "infill's sessions set their own; the application's and triggers do not"},
    {"sync_binlog", NULL, DB_EFFECT_SPEED, "commits wait for the disk once more, or not at all"},
    {"innodb_flush_log_at_trx_commit", NULL, DB_EFFECT_SPEED, "commits wait for the disk, or not at all"},
    {"innodb_flush_method", NULL, DB_EFFECT_SPEED, "pages are written another way"},
    {"innodb_doublewrite", NULL, DB_EFFECT_SPEED, "pages are written twice, or once"},
    {"log_bin", NULL, DB_EFFECT_SPEED, "without a binary log half of what a fill writes is missing"},
    {"binlog_format", NULL, DB_EFFECT_SPEED, "another amount of log for each row; replicas do other work"},
    {"binlog_row_image", NULL, DB_EFFECT_SPEED, "another amount of log for each row"},
    {"rpl_semi_sync_master_enabled", NULL, DB_EFFECT_SPEED, "commits wait for a replica"},
    {"innodb_buffer_pool_size", NULL, DB_EFFECT_SPEED, "another part of tables and indexes stays in memory"},
    {"innodb_log_file_size", NULL, DB_EFFECT_SPEED, "pages have to be written out after another amount of log"},
    {"innodb_io_capacity", NULL, DB_EFFECT_SPEED, "pages are written out at another speed"},
    {"innodb_io_capacity_max", NULL, DB_EFFECT_SPEED, "pages are written out at another speed"},
    {"innodb_page_size", NULL, DB_EFFECT_SPEED, "another number of rows on a page"},
    {"innodb_autoinc_lock_mode", NULL, DB_EFFECT_SPEED, "the application's inserts wait for numbers otherwise"},
    {"optimizer_switch", NULL, DB_EFFECT_SPEED, "the planner chooses otherwise"},
    {"innodb_lock_wait_timeout", NULL, DB_EFFECT_NONE, "infill sets its own; it is how long the application waits"},
    {"max_connections", NULL, DB_EFFECT_NONE, "infill check looks at the room that is left"},
    {"transaction_isolation", NULL, DB_EFFECT_NONE, "infill sets its own"},
    {"tx_isolation", NULL, DB_EFFECT_NONE, "infill sets its own"},
    {"time_zone", NULL, DB_EFFECT_NONE, "infill's sessions are in UTC; the application's are not"},
    {"system_time_zone", NULL, DB_EFFECT_NONE, "infill's sessions are in UTC"},
    {"event_scheduler", NULL, DB_EFFECT_NONE, "other jobs may run beside a fill"},
    {0},
};

/* Of the database, not of the server: what tables without a word of their own are made with. */
static const char database_sql[] = "SELECT @@character_set_database, @@collation_database";

static struct sql_value *cell(const struct db_result *rows, unsigned row, unsigned column) {
    return (struct sql_value *)(uintptr_t)&rows->values[row * rows->column_count + column];
}

static void show_sql(struct buf *out) {
    buf_add(out, "SHOW GLOBAL VARIABLES WHERE Variable_name IN (");
    for (const struct db_setting *row = table; row->name != NULL; row++)
        buf_printf(out, "%s'%s'", row == table ? "" : ", ", row->name);
    buf_add(out, ")");
}

static void take_database(const struct db_result *database, struct db_result *found) {
    for (unsigned row = 0; row < found->row_count; row++) {
        const char *name = db_cell(found, row, 0);
        if (strcmp(name, "character_set_database") == 0)
            *cell(found, row, 1) = *cell(database, 0, 0);
        if (strcmp(name, "collation_database") == 0)
            *cell(found, row, 1) = *cell(database, 0, 1);
    }
}

int mdb_settings(struct db *db, struct arena *arena, struct db_settings *settings, struct err *err) {
    struct buf sql;
    struct db_result results[2] = {{0}};
    buf_init(&sql);
    show_sql(&sql);
    const struct db_query queries[] = {{.sql = sql.data, .returns_rows = true}, {.sql = database_sql, .returns_rows = true}};
    int code = buf_ok(&sql) ? db_flush(db, DB_ONE_TX, &mdb_catalog_tx, queries, 2, arena, results, err) : err_nomem(err);
    buf_release(&sql);
    if (code != 0)
        return code;
    take_database(&results[1], &results[0]);
    return db_settings_of(table, &results[0], arena, settings, err);
}
