/* "Above lo, not above hi" for each engine and number of key columns. */
#include "sql_fixture.h"

#include "sql/fill_sql.h"

static void assert_keyset(const struct fill_map *map, enum fill_form form, bool has_hi, const char *expected, const char *args) {
    struct stmt stmt;
    struct err err;
    err_clear(&err);
    stmt_init(&stmt, map->dialect);
    keyset_between(&stmt, map, "src", form, has_hi);
    assert_int_equal(stmt_check(&stmt, &err), 0);
    assert_string_equal(stmt.text.data, expected);
    assert_int_equal(stmt.arg_count, strlen(args));
    for (size_t i = 0; i < stmt.arg_count; i++)
        assert_int_equal(stmt.arg[i], args[i] - 'a');
    stmt_release(&stmt);
}

/* In `args`, a and b are lo's columns, i and j are hi's. */
static void one_column_is_compared_plainly(void **state) {
    (void)state;
    struct fixture f;
    const struct fill_map *map = &fixture_init(&f, &postgres_dialect, 1)->map;
    assert_keyset(map, FILL_ABOVE, true, "src.\"id\" > $1::bigint AND src.\"id\" <= $2::bigint", "ai");
    assert_keyset(map, FILL_OPEN, true, "src.\"id\" <= $1::bigint", "i");
    assert_keyset(map, FILL_ABOVE, false, "src.\"id\" > $1::bigint", "a");
    assert_keyset(map, FILL_OPEN, false, "1 = 1", "");
    assert_keyset(map, FILL_FROM, true, "src.\"id\" >= $1::bigint AND src.\"id\" <= $2::bigint", "ai");
    map = &fixture_init(&f, &mariadb_dialect, 1)->map;
    assert_keyset(map, FILL_ABOVE, true, "src.`id` > CAST(? AS SIGNED) AND src.`id` <= CAST(? AS SIGNED)", "ai");
    map = &fixture_init(&f, &sqlite_dialect, 1)->map;
    assert_keyset(map, FILL_ABOVE, true, "src.\"id\" > ? AND src.\"id\" <= ?", "ai");
}

static void rows_are_compared_where_that_uses_the_index(void **state) {
    (void)state;
    struct fixture f;
    const struct fill_map *map = &fixture_init(&f, &postgres_dialect, 2)->map;
    assert_keyset(
        map, FILL_ABOVE, true,
        "(src.\"tenant\", src.\"id\") > ($1::text, $2::bigint) AND (src.\"tenant\", src.\"id\") <= ($3::text, $4::bigint)", "abij");
    map = &fixture_init(&f, &sqlite_dialect, 2)->map;
    assert_keyset(map, FILL_ABOVE, true, "(src.\"tenant\", src.\"id\") > (?, ?) AND (src.\"tenant\", src.\"id\") <= (?, ?)",
                  "abij");
}

static void else_they_are_expanded(void **state) {
    (void)state;
    struct fixture f;
    struct fill_map *map = &fixture_init(&f, &mariadb_dialect, 2)->map;
    assert_keyset(map, FILL_ABOVE, true,
                  "(src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED))) AND "
                  "(src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED)))",
                  "aabiij");
    assert_keyset(map, FILL_FROM, true,
                  "(src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` >= CAST(? AS SIGNED))) AND "
                  "(src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED)))",
                  "aabiij");
    map->key[2] = &f.email;
    map->key_count = 3;
    assert_keyset(map, FILL_ABOVE, false,
                  "(src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED)) OR "
                  "(src.`tenant` = ? AND src.`id` = CAST(? AS SIGNED) AND src.`email` > ?))",
                  "aababc");
}

static void the_longest_key_fits(void **state) {
    (void)state;
    struct fixture f;
    struct fill_map *map = &fixture_init(&f, &mariadb_dialect, 1)->map;
    for (map->key_count = 0; map->key_count < KEY_COLUMNS_MAX; map->key_count++)
        map->key[map->key_count] = &f.id;
    struct stmt stmt;
    struct err err;
    err_clear(&err);
    stmt_init(&stmt, map->dialect);
    keyset_between(&stmt, map, "src", FILL_ABOVE, true);
    assert_int_equal(stmt_check(&stmt, &err), 0);
    assert_int_equal(stmt.arg_count, 2 * 36);
    stmt_release(&stmt);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_column_is_compared_plainly),
        cmocka_unit_test(rows_are_compared_where_that_uses_the_index),
        cmocka_unit_test(else_they_are_expanded),
        cmocka_unit_test(the_longest_key_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
