/* What SQLite keeps for others in a process: nothing, once it was told that there are none; and whoever is late breaks nothing. */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "db/db.h"

static int64_t memory_after(bool own_first) {
    struct db_options options = {.url = "sqlite::memory:", .application_name = "infill test", .create = true};
    struct db *db = NULL;
    struct err err;
    int used = -1, most = -1;
    err_clear(&err);
    if (own_first)
        db_own_process();
    assert_int_equal(db_open(&options, &db, &err), 0);
    assert_int_equal(sqlite3_status(SQLITE_STATUS_MEMORY_USED, &used, &most, 0), SQLITE_OK);
    db_own_process(); /* too late: refused, and no matter */
    db_close(db);
    return used;
}

static void counts_no_memory_for_others(void **state) {
    (void)state;
    assert_true(memory_after(false) > 0); /* a host's other users of SQLite see what they always see */
    sqlite3_shutdown();
    assert_int_equal(memory_after(true), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_no_memory_for_others)};
    return cmocka_run_group_tests_name("sqlite_process", tests, NULL, NULL);
}
