/* sqlite_survey.c - what can be known of a database that is a file: the room beside it. */
#include <string.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "db/sqlite.h"

/* The clock is this host's: the statements read the same one. How long the application waits for the file's lock is a setting of each of
 * its connections (busy_timeout), which nobody else sees. */
int lite_survey(struct db *db, struct arena *arena, struct db_survey *survey, struct err *err) {
    const char *path = sqlite3_db_filename(lite_conn(db), "main");
    static const struct db_tx tx = {.statement_timeout_ms = 10000, .lock_timeout_ms = 5000, .read_only = true};
    struct statvfs room;
    struct db_result pages;
    int rc =
        db_query(db, &tx, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", NULL, 0, arena, &pages, err);
    if (rc)
        return rc;
    survey->data_bytes = db_cell_int(&pages, 0, 0, DB_UNKNOWN);
    survey->clock_us = clock_wall_us();
    survey->lock_wait_who = "each connection of the application";
    if (path != NULL && path[0] != '\0' && statvfs(path, &room) == 0)
        survey->disk_free = (int64_t)room.f_bavail * (int64_t)room.f_frsize;
    return lite_settings(db, arena, &survey->settings, err);
}
