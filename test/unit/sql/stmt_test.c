/* Placeholders and the arguments that stand at them. */
#include "sql_fixture.h"

static void each_use_gets_its_own_number(void **state) {
    (void)state;
    struct stmt stmt;
    struct err err;
    err_clear(&err);
    stmt_init(&stmt, &postgres_dialect);
    stmt_add(&stmt, "SELECT ");
    stmt_arg(&stmt, 7);
    stmt_add(&stmt, ", ");
    stmt_text_arg(&stmt, 3);
    stmt_printf(&stmt, ", %d, ", 42);
    stmt_integer_arg(&stmt, 7);
    stmt_add(&stmt, " LIMIT ");
    stmt_limit_arg(&stmt, 0);
    assert_int_equal(stmt_check(&stmt, &err), 0);
    assert_string_equal(stmt.text.data, "SELECT $1, $2::text, 42, $3::bigint LIMIT $4::bigint");
    const struct sql_value values[8] = {[0] = value_text("0"), [3] = value_text("3"), [7] = value_text("7")};
    struct sql_value out[4];
    stmt_bind(&stmt, values, out);
    assert_string_equal(out[0].ptr, "7");
    assert_string_equal(out[1].ptr, "3");
    assert_string_equal(out[2].ptr, "7");
    assert_string_equal(out[3].ptr, "0");
    stmt_release(&stmt);
}

static void names_are_quoted(void **state) {
    (void)state;
    struct stmt stmt;
    stmt_init(&stmt, &mariadb_dialect);
    stmt_ident(&stmt, "a`b");
    stmt_add(&stmt, ".");
    stmt_table(&stmt, "s", "t");
    stmt_limit_arg(&stmt, 1);
    assert_string_equal(stmt.text.data, "`a``b`.`s`.`t`?");
    stmt_release(&stmt);
}

static void too_many_placeholders_are_noticed(void **state) {
    (void)state;
    struct stmt stmt;
    struct err err;
    err_clear(&err);
    stmt_init(&stmt, &sqlite_dialect);
    for (unsigned i = 0; i < STMT_ARGS_MAX; i++)
        stmt_arg(&stmt, 1);
    assert_int_equal(stmt_check(&stmt, &err), 0);
    stmt_arg(&stmt, 1);
    assert_int_equal(stmt_check(&stmt, &err), ERR_INTERNAL);
    stmt_release(&stmt);
}

static void printf_takes_any_length(void **state) {
    (void)state;
    char name[1000];
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    struct stmt stmt;
    stmt_init(&stmt, &sqlite_dialect);
    stmt_printf(&stmt, "<%s>", name);
    assert_int_equal(stmt.text.len, sizeof(name) + 1);
    assert_int_equal(stmt.text.data[sizeof(name)], '>');
    stmt_release(&stmt);
}

static void null_text_is_sql_null(void **state) {
    (void)state;
    assert_int_equal(value_text(NULL).kind, VALUE_NULL);
    assert_int_equal(value_text("ab").kind, VALUE_TEXT);
    assert_int_equal(value_text("ab").len, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_use_gets_its_own_number),
        cmocka_unit_test(names_are_quoted),
        cmocka_unit_test(too_many_placeholders_are_noticed),
        cmocka_unit_test(printf_takes_any_length),
        cmocka_unit_test(null_text_is_sql_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
