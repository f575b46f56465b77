/* Names are quoted so that nothing in them gets out, and only whole periods are accepted. */
#include "sql_fixture.h"

static void assert_ident(const struct sql_dialect *dialect, const char *name, const char *expected) {
    struct buf out;
    buf_init(&out);
    sql_ident(dialect, &out, name);
    assert_string_equal(out.data, expected);
    buf_release(&out);
}

static void quotes_in_names_are_doubled(void **state) {
    (void)state;
    assert_ident(&postgres_dialect, "plain", "\"plain\"");
    assert_ident(&postgres_dialect, "a\"b; DROP", "\"a\"\"b; DROP\"");
    assert_ident(&postgres_dialect, "", "\"\"");
    assert_ident(&sqlite_dialect, "\"", "\"\"\"\"");
    assert_ident(&mariadb_dialect, "a`b\"c\n", "`a``b\"c\n`");
    assert_ident(&mariadb_dialect, "größe", "`größe`");
}

static void assert_table(const struct sql_dialect *dialect, const char *schema, const char *expected) {
    struct buf out;
    buf_init(&out);
    sql_table_name(dialect, &out, schema, "t");
    assert_string_equal(out.data, expected);
    buf_release(&out);
}

static void schemas_stand_where_there_are_any(void **state) {
    (void)state;
    assert_table(&postgres_dialect, "my.app", "\"my.app\".\"t\"");
    assert_table(&postgres_dialect, NULL, "\"t\"");
    assert_table(&mariadb_dialect, "app", "`app`.`t`");
    assert_table(&sqlite_dialect, "main", "\"t\"");
}

static void periods_are_whole_seconds_or_days(void **state) {
    (void)state;
    const long long second = 1000000;
    const long long day = 86400 * second;
    struct sql_column date = {.name = "d", .type = "date", .class = SQL_DATE};
    struct sql_column time = {.name = "t", .type = "timestamp", .class = SQL_TIMESTAMP};
    struct sql_column id = {.name = "i", .type = "bigint", .class = SQL_INTEGER};
    assert_null(sql_period_refused(&date, 7 * day));
    assert_null(sql_period_refused(&time, 5 * second));
    assert_non_null(sql_period_refused(&date, 3600 * second));
    assert_non_null(sql_period_refused(&time, second + 1));
    assert_non_null(sql_period_refused(&time, 0));
    assert_non_null(sql_period_refused(&time, -day));
    assert_non_null(sql_period_refused(&id, day));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_in_names_are_doubled),
        cmocka_unit_test(schemas_stand_where_there_are_any),
        cmocka_unit_test(periods_are_whole_seconds_or_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
