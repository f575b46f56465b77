/* The ledger writes its statements once; here is what each engine gets. */
#include "sql_fixture.h"

static const struct {
    const char *template;
    const char *postgres;
    const char *mariadb;
    const char *sqlite;
} rows[] = {
    {"SELECT [state] FROM {run} WHERE [run] = ?1{share}",
     "SELECT \"state\" FROM \"infill\".\"run\" WHERE \"run\" = $1::text FOR SHARE",
     "SELECT `state` FROM `infill_run` WHERE `run` = ? LOCK IN SHARE MODE",
     "SELECT \"state\" FROM \"infill_run\" WHERE \"run\" = ?"},
    {"SELECT 1 FROM {range}{skip}", "SELECT 1 FROM \"infill\".\"range\" FOR UPDATE SKIP LOCKED",
     "SELECT 1 FROM `infill_range` FOR UPDATE SKIP LOCKED", "SELECT 1 FROM \"infill_range\""},
    {"{fill} {reject} {finding} {event}{update}",
     "\"infill\".\"fill\" \"infill\".\"reject\" \"infill\".\"finding\" \"infill\".\"event\" FOR UPDATE",
     "`infill_fill` `infill_reject` `infill_finding` `infill_event` FOR UPDATE",
     "\"infill_fill\" \"infill_reject\" \"infill_finding\" \"infill_event\""},
    {"?3:int + ?12 LIMIT ?3:limit", "$1::bigint + $2::text LIMIT $3::bigint", "CAST(? AS SIGNED) + ? LIMIT ?",
     "CAST(? AS INTEGER) + ? LIMIT CAST(? AS INTEGER)"},
    {"{now}, {now+2}", "clock_timestamp(), (clock_timestamp() + interval '1 millisecond' * $1::bigint)",
     "SYSDATE(6), (SYSDATE(6) + INTERVAL CAST(? AS SIGNED) * 1000 MICROSECOND)",
     "strftime('%Y-%m-%d %H:%M:%f', 'now'), strftime('%Y-%m-%d %H:%M:%f', 'now', (CAST(? AS INTEGER) / 1000.0) || ' seconds')"},
    {"{ms:[lease_until]}", "floor(extract(epoch FROM \"lease_until\") * 1000)::bigint",
     "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', `lease_until`) DIV 1000",
     "CAST(round((julianday(\"lease_until\") - 2440587.5) * 86400000.0) AS INTEGER)"},
    {"'it''s {run} ?1 [a]'", "'it''s {run} ?1 [a]'", "'it''s {run} ?1 [a]'", "'it''s {run} ?1 [a]'"},
};

static void assert_template(const struct sql_dialect *dialect, const char *template, const char *expected) {
    struct stmt stmt;
    struct err err;
    err_clear(&err);
    assert_int_equal(stmt_template(&stmt, dialect, template, &err), 0);
    assert_string_equal(stmt.text.data, expected);
    stmt_release(&stmt);
}

static void marks_become_the_engines_words(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_template(&postgres_dialect, rows[i].template, rows[i].postgres);
        assert_template(&mariadb_dialect, rows[i].template, rows[i].mariadb);
        assert_template(&sqlite_dialect, rows[i].template, rows[i].sqlite);
    }
}

static void arguments_keep_their_order(void **state) {
    (void)state;
    struct stmt stmt;
    struct err err;
    err_clear(&err);
    assert_int_equal(stmt_template(&stmt, &mariadb_dialect, "?5 {now+1} ?0:int ?5", &err), 0);
    assert_int_equal(stmt.arg_count, 4);
    assert_memory_equal(stmt.arg, "\5\1\0\5", 4);
    stmt_release(&stmt);
}

static void what_means_nothing_is_an_error(void **state) {
    (void)state;
    static const char *const wrong[] = {"{nothing}", "{run",   "[a",       "[]",     "?",         "?x",
                                        "?256",      "{now+}", "{now+1x}", "{ms:a}", "{ms:[a]b}", "'open"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct stmt stmt;
        struct err err;
        err_clear(&err);
        assert_int_equal(stmt_template(&stmt, &postgres_dialect, wrong[i], &err), ERR_INTERNAL);
        stmt_release(&stmt);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_become_the_engines_words),
        cmocka_unit_test(arguments_keep_their_order),
        cmocka_unit_test(what_means_nothing_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
