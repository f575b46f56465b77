/* sqlite_settings.c - what a database file says of itself. `synchronous` is not in the file: each connection has its own, infill as well. */
#include "db/sqlite.h"

static const struct db_setting table[] = {
    {"encoding", NULL, DB_EFFECT_RESULT, "texts take another number of bytes, and sort otherwise"},
    {"journal_mode", NULL, DB_EFFECT_SPEED,
     "readers wait for a fill, or do not; a commit waits for the disk another number of times"},
    {"page_size", NULL, DB_EFFECT_SPEED, "another number of rows on a page, and of bytes that a batch writes"},
    {"auto_vacuum", NULL, DB_EFFECT_SPEED, "pages move when others become free"},
    {"user_version", NULL, DB_EFFECT_NONE, "the application's number of the schema"},
    {0},
};

static const char settings_sql[] =
    "SELECT 'encoding', encoding FROM pragma_encoding UNION ALL SELECT 'journal_mode', journal_mode FROM pragma_journal_mode"
    " UNION ALL SELECT 'page_size', page_size || ' bytes' FROM pragma_page_size"
    " UNION ALL SELECT 'auto_vacuum', CASE auto_vacuum WHEN 0 THEN 'none' WHEN 1 THEN 'full' ELSE 'incremental' END FROM "
    "pragma_auto_vacuum"
    " UNION ALL SELECT 'user_version', CAST(user_version AS TEXT) FROM pragma_user_version";

int lite_settings(struct db *db, struct arena *arena, struct db_settings *settings, struct err *err) {
    static const struct db_tx tx = {.statement_timeout_ms = 10000, .lock_timeout_ms = 5000, .read_only = true};
    struct db_result found;
    int rc = db_query(db, &tx, settings_sql, NULL, 0, arena, &found, err);
    return rc ? rc : db_settings_of(table, &found, arena, settings, err);
}
