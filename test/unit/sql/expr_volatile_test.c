/* Expressions that give another value each time, or to each session, and those that only look like it. */
#include "sql_fixture.h"

#include "sql/expr.h"

static const struct {
    const struct sql_dialect *dialect;
    const char *text;
    const char *word; /* NULL: stable */
} rows[] = {
    {&postgres_dialect, "coalesce(at, now())", "now"},
    {&postgres_dialect, "Pg_Catalog.NOW ()", "now"},
    {&postgres_dialect, "\"now\"()", "now"},
    {&postgres_dialect, "current_timestamp", "current_timestamp"},
    {&postgres_dialect, "User", "user"},
    {&postgres_dialect, "src.user", NULL},
    {&postgres_dialect, "\"user\"", NULL},
    {&postgres_dialect, "gen_random_uuid()", "gen_random_uuid"},
    {&postgres_dialect, "nextval('s')", "nextval"},
    {&postgres_dialect, "age(a)", "age"},
    {&postgres_dialect, "age(a, (b))", NULL},
    {&postgres_dialect, "src.age", NULL},
    {&postgres_dialect, "'now'::timestamp", "now"},
    {&postgres_dialect, "coalesce(at, ' Today 10:00')", "today"},
    {&postgres_dialect, "'nowhere'", NULL},
    {&postgres_dialect, "'now and then'", NULL},
    {&postgres_dialect, "date_trunc('day', at)", NULL},
    {&mariadb_dialect, "NOW(6)", "now"},
    {&mariadb_dialect, "uuid()", "uuid"},
    {&mariadb_dialect, "user", NULL},
    {&mariadb_dialect, "user()", "user"},
    {&mariadb_dialect, "unix_timestamp()", "unix_timestamp"},
    {&mariadb_dialect, "unix_timestamp(at)", NULL},
    {&mariadb_dialect, "@last + 1", "@"},
    {&mariadb_dialect, "'a@b'", NULL},
    {&mariadb_dialect, "NEXT VALUE FOR seq", "next value for"},
    {&mariadb_dialect, "'now'", NULL},
    {&sqlite_dialect, "random()", "random"},
    {&sqlite_dialect, "datetime('now')", "now"},
    {&sqlite_dialect, "strftime('%Y', 'NOW', '+1 day')", "now"},
    {&sqlite_dialect, "date()", "date"},
    {&sqlite_dialect, "strftime('%Y')", "strftime"},
    {&sqlite_dialect, "strftime('%Y', at)", NULL},
    {&sqlite_dialect, "date(at, '+1 day')", NULL},
    {&sqlite_dialect, "unixepoch('subsec')", "subsec"},
    {&sqlite_dialect, "date", NULL},
    {&sqlite_dialect, "status = 'now'", NULL},
};

static void volatile_is_found(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena;
        struct expr_scan scan;
        struct err err;
        err_clear(&err);
        arena_init(&arena);
        assert_int_equal(expr_scan(rows[i].dialect, rows[i].text, &arena, &scan, &err), 0);
        if ((scan.volatile_word == NULL) != (rows[i].word == NULL))
            print_error("for: %s\n", rows[i].text);
        if (rows[i].word == NULL)
            assert_null(scan.volatile_word);
        else
            assert_string_equal(scan.volatile_word, rows[i].word);
        arena_release(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(volatile_is_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
