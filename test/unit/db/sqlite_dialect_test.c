/* What SQLite cannot do as a key or period; its forms of same_bytes are proved in sql/fill_sqlite_types_test. */
#include "unit.h"

#include "db/dialects.h"

enum { SECOND = 1000000 };

static const long long day = 86400LL * SECOND;

static void some_columns_cannot_be_keys(void **state) {
    (void)state;
    static const struct sql_column columns[] = {
        {.name = "r", .type = "REAL", .class = SQL_FLOAT}, {.name = "j", .type = "JSON", .class = SQL_JSON},
        {.name = "o", .type = "", .class = SQL_OTHER},     {.name = "i", .type = "INTEGER", .class = SQL_INTEGER},
        {.name = "t", .type = "TEXT", .class = SQL_TEXT},  {.name = "a", .type = "", .class = SQL_ANY},
        {.name = "b", .type = "BLOB", .class = SQL_BYTES}};
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(sqlite_dialect.key_refused(&columns[i]) != NULL, i < 3);
}

static void periods_need_iso_text_and_whole_days(void **state) {
    (void)state;
    const struct sql_column text = {.name = "at", .type = "VARCHAR(20)", .class = SQL_TEXT};
    const struct sql_column time = {.name = "at", .type = "DATETIME", .class = SQL_TIMESTAMP};
    const struct sql_column unix_time = {.name = "at", .type = "INTEGER", .class = SQL_INTEGER};
    assert_null(sqlite_dialect.period_refused(&text, day));
    assert_null(sqlite_dialect.period_refused(&time, 7 * day));
    assert_non_null(sqlite_dialect.period_refused(&unix_time, day));
    assert_non_null(sqlite_dialect.period_refused(&text, day / 2));
    assert_non_null(sqlite_dialect.period_refused(&text, 0));
}

static void values_are_bound_as_they_are(void **state) {
    (void)state;
    const struct sql_column column = {.name = "b", .type = "BLOB", .class = SQL_BYTES};
    struct buf out;
    buf_init(&out);
    sqlite_dialect.key_in(&out, &column, "?");
    sqlite_dialect.key_out(&out, &column, " src.\"b\" ");
    sqlite_dialect.converted(&out, &column, "s.v");
    sqlite_dialect.force_index(&out, "\"i\"");
    assert_string_equal(out.data, "? src.\"b\" +s.v");
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(some_columns_cannot_be_keys),
        cmocka_unit_test(periods_need_iso_text_and_whole_days),
        cmocka_unit_test(values_are_bound_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
