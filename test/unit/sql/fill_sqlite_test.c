/* The statements of a fill at work on a real SQLite in memory: the walk, keep, overwrite, in place, comparing, periods. */
#include "sql_fixture.h"

#include <sqlite3.h>

enum { ARGS = 2 * KEY_COLUMNS_MAX + 1, KEY_TEXT = 64 };

static sqlite3 *db;

static int open_database(void **state) {
    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    return 0;
}

static int close_database(void **state) {
    (void)state;
    return sqlite3_close(db);
}

static void run(const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        print_error("%s: %s\n", message, sql);
    assert_null(message);
}

static void bind(sqlite3_stmt *prepared, int at, const struct sql_value *value) {
    switch (value->kind) {
    case VALUE_INTEGER:
        sqlite3_bind_int64(prepared, at, strtoll(value->ptr, NULL, 10));
        break;
    case VALUE_BYTES:
        sqlite3_bind_blob(prepared, at, value->ptr, (int)value->len, SQLITE_STATIC);
        break;
    case VALUE_TEXT:
        sqlite3_bind_text(prepared, at, value->ptr, (int)value->len, SQLITE_STATIC);
        break;
    default:
        sqlite3_bind_null(prepared, at);
    }
}

static sqlite3_stmt *prepare(const struct stmt *stmt, const struct sql_value *values) {
    struct sql_value out[STMT_ARGS_MAX];
    sqlite3_stmt *prepared = NULL;
    if (sqlite3_prepare_v2(db, stmt->text.data, -1, &prepared, NULL) != SQLITE_OK)
        print_error("%s: %s\n", sqlite3_errmsg(db), stmt->text.data);
    assert_non_null(prepared);
    assert_int_equal(sqlite3_bind_parameter_count(prepared), stmt->arg_count);
    stmt_bind(stmt, values, out);
    for (unsigned i = 0; i < stmt->arg_count; i++)
        bind(prepared, (int)i + 1, &out[i]);
    return prepared;
}

/* Columns joined by '|', rows by ' '. */
static void rows_of(sqlite3_stmt *prepared, struct buf *out) {
    while (sqlite3_step(prepared) == SQLITE_ROW) {
        if (out->len > 0)
            buf_add_char(out, ' ');
        for (int i = 0; i < sqlite3_column_count(prepared); i++)
            buf_printf(out, "%s%s", i > 0 ? "|" : "", (const char *)sqlite3_column_text(prepared, i));
    }
}

static void assert_rows(const struct stmt *stmt, const struct sql_value *values, const char *expected) {
    struct buf out;
    buf_init(&out);
    sqlite3_stmt *prepared = prepare(stmt, values);
    rows_of(prepared, &out);
    sqlite3_finalize(prepared);
    assert_string_equal(out.data, expected);
    buf_release(&out);
}

static void assert_query(const char *sql, const char *expected) {
    struct buf out;
    sqlite3_stmt *prepared = NULL;
    buf_init(&out);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &prepared, NULL), SQLITE_OK);
    rows_of(prepared, &out);
    sqlite3_finalize(prepared);
    assert_string_equal(out.data, expected);
    buf_release(&out);
}

/* Rows changed, or minus the result code. */
static int change(const struct stmt *stmt, const struct sql_value *values) {
    sqlite3_stmt *prepared = prepare(stmt, values);
    int rc = sqlite3_step(prepared);
    int changed = sqlite3_changes(db);
    sqlite3_finalize(prepared);
    return rc == SQLITE_DONE ? changed : -rc;
}

static void assert_plan(const struct stmt *stmt, const char *contains) {
    struct stmt explain;
    struct buf out;
    const struct sql_value values[ARGS] = {{NULL, 0, VALUE_NULL}};
    buf_init(&out);
    stmt_init(&explain, &sqlite_dialect);
    explain = *stmt;
    buf_init(&explain.text);
    buf_printf(&explain.text, "EXPLAIN QUERY PLAN %s", stmt->text.data);
    sqlite3_stmt *prepared = prepare(&explain, values);
    rows_of(prepared, &out);
    sqlite3_finalize(prepared);
    if (strstr(out.data, contains) == NULL)
        print_error("plan: %s\n", out.data);
    assert_non_null(strstr(out.data, contains));
    assert_null(strstr(out.data, "SCAN src"));
    assert_null(strstr(out.data, "TEMP B-TREE"));
    buf_release(&out);
    stmt_release(&explain);
}

static struct sql_value integer(const char *digits) {
    return (struct sql_value){digits, strlen(digits), VALUE_INTEGER};
}

static void build(const struct fill_map *map, long long period_us, struct fill_sql *sql) {
    struct err err;
    err_clear(&err);
    assert_int_equal(fill_sql_build(map, period_us, sql, &err), 0);
}

/* One step of the walk: the bound `n` rows further, hi if there are fewer. Gives false when that was the last step. */
static bool next_bound(const struct fill_sql *sql, bool bounded, struct sql_value values[ARGS], char key[2][KEY_TEXT]) {
    sqlite3_stmt *prepared = prepare(&sql->bound[bounded], values);
    bool found = sqlite3_step(prepared) == SQLITE_ROW;
    for (int i = 0; found && i < 2; i++)
        snprintf(key[i], KEY_TEXT, "%s", (const char *)sqlite3_column_text(prepared, i));
    sqlite3_finalize(prepared);
    return found;
}

/* 'B' is above 'a' only where case does not count, as it does not in this key. */
static void bounds_compare_as_the_key_does(void **state) {
    (void)state;
    static const struct {
        const char *lo[2], *hi[2], *above;
    } cases[] = {{{"b", "1"}, {"A", "1"}, "1"}, {{"A", "1"}, {"b", "1"}, "0"},   {{"B", "1"}, {"a", "1"}, "1"},
                 {{"a", "1"}, {"B", "1"}, "0"}, {{"a", "10"}, {"A", "9"}, "1"},  {{"a", "9"}, {"A", "10"}, "0"},
                 {{"a", "9"}, {"A", "9"}, "0"}, {{"a", "-1"}, {"a", "-2"}, "1"}, {{"a", "-2"}, {"a", "-1"}, "0"}};
    run("CREATE TABLE old (tenant TEXT COLLATE NOCASE NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (tenant, id)) WITHOUT ROWID;"
        "INSERT INTO old VALUES ('m', 5), ('n', 5)");
    struct fixture f;
    struct fill_sql sql;
    fixture_init(&f, &sqlite_dialect, 2);
    build(&f.map, 0, &sql);
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        const struct sql_value values[ARGS] = {[FILL_LO] = value_text(cases[i].lo[0]),
                                               [FILL_LO + 1] = integer(cases[i].lo[1]),
                                               [FILL_HI] = value_text(cases[i].hi[0]),
                                               [FILL_HI + 1] = integer(cases[i].hi[1])};
        assert_rows(&sql.is_above, values, cases[i].above);
    }
    fill_sql_release(&sql);
}

static void a_walk_takes_every_row_once(void **state) {
    (void)state;
    run("CREATE TABLE old (tenant TEXT COLLATE NOCASE NOT NULL, id INTEGER NOT NULL, email TEXT, PRIMARY KEY (tenant, id)) WITHOUT "
        "ROWID;"
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
        " INSERT INTO old SELECT CASE i % 3 WHEN 0 THEN 'acme' WHEN 1 THEN 'Beta' ELSE 'ZED' END, i * i * 1000 - 5000, 'M' || i "
        "FROM n");
    struct fixture f;
    struct fill_sql sql;
    fixture_init(&f, &sqlite_dialect, 2);
    build(&f.map, 0, &sql);
    assert_plan(&sql.bound[1], "((tenant,id)>(?,?) AND (tenant,id)<(?,?))");
    assert_plan(&sql.insert[1], "((tenant,id)>(?,?) AND (tenant,id)<(?,?))");
    assert_rows(&sql.high_water, NULL, "ZED|995999000"); /* 998 * 998 * 1000 - 5000 */
    char lo[2][KEY_TEXT];
    char next[2][KEY_TEXT];
    struct sql_value values[ARGS] = {[FILL_N] = integer("6")};
    bool bounded = false;
    bool more = true;
    int rows = 0;
    int batches = 0;
    while (more) {
        values[FILL_HI] = value_text("zed"); /* the collation makes it equal to ZED */
        values[FILL_HI + 1] = integer("995999000");
        more = next_bound(&sql, bounded, values, next);
        if (more) {
            values[FILL_HI] = value_text(next[0]);
            values[FILL_HI + 1] = integer(next[1]);
        }
        int changed = change(&sql.insert[bounded], values);
        assert_true(more ? changed == 7 : changed <= 7);
        rows += changed;
        batches++;
        memcpy(lo, next, sizeof(lo));
        values[FILL_LO] = value_text(lo[0]);
        values[FILL_LO + 1] = integer(lo[1]);
        bounded = true;
    }
    assert_int_equal(rows, 1000);
    assert_int_equal(batches, 143);
    assert_query("SELECT count(*), sum(u.email = lower(o.email)) FROM users u JOIN old o USING (id)", "1000|1000");
    fill_sql_release(&sql);
}

static void bytes_are_keys_too(void **state) {
    (void)state;
    run("CREATE TABLE old (id BLOB PRIMARY KEY NOT NULL, email TEXT); CREATE TABLE users (id BLOB PRIMARY KEY, email TEXT);"
        "INSERT INTO old VALUES (x'', 'a'), (x'00', 'b'), (x'0001', 'c'), (x'ff', 'd'), (x'ff00', 'e')");
    struct fixture f;
    struct fill_sql sql;
    fixture_init(&f, &sqlite_dialect, 1);
    f.id = (struct sql_column){.name = "id", .type = "BLOB", .class = SQL_BYTES};
    build(&f.map, 0, &sql);
    const struct sql_value values[ARGS] = {
        [FILL_LO] = {"", 0, VALUE_BYTES}, [FILL_HI] = {"\xff", 1, VALUE_BYTES}, [FILL_N] = integer("1")};
    assert_int_equal(change(&sql.insert[1], values), 3);
    assert_query("SELECT group_concat(hex(id) || email, ' ') FROM users", "00b 0001c FFd");
    assert_rows(&sql.missing[1], values, "0");
    assert_rows(&sql.missing[0], values, "1");
    fill_sql_release(&sql);
}

static void keep_and_overwrite_touch_what_they_say(void **state) {
    (void)state;
    run("CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT); CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT COLLATE "
        "NOCASE);"
        "INSERT INTO old VALUES (1, 'A'), (2, 'B'), (3, 'C'), (4, NULL), (5, NULL), (6, 'F'), (7, '')"
        ";INSERT INTO users VALUES (1, 'a'), (2, 'B'), (4, NULL), (5, 'x'), (7, NULL), (9, 'other')");
    struct fixture f;
    struct fill_sql sql;
    fixture_init(&f, &sqlite_dialect, 1);
    build(&f.map, 0, &sql);
    const struct sql_value values[ARGS] = {[FILL_HI] = integer("7"), [FILL_N] = integer("2")};
    assert_rows(&sql.compare[0], values, "7|5|2");
    assert_rows(&sql.different[0], values,
                "2 5"); /* B is not b, though the column's collation says so; 7 is cut off by the limit */
    assert_rows(&sql.missing[0], values, "2");
    assert_int_equal(change(&sql.insert[0], values), -SQLITE_CONSTRAINT);
    assert_int_equal(change(&sql.insert_missing[0], values), 2);
    assert_int_equal(change(&sql.insert_missing[0], values), 0);
    assert_rows(&sql.compare[0], values, "7|7|4");
    assert_int_equal(change(&sql.overwrite[0], values), 3);
    assert_int_equal(change(&sql.overwrite[0], values), 0);
    assert_rows(&sql.compare[0], values, "7|7|7");
    assert_query("SELECT group_concat(id || ':' || coalesce(email, '-'), ' ') FROM users", "1:a 2:b 3:c 4:- 5:- 6:f 7: 9:other");
    assert_int_equal(sql.lock_source[0].text.len, 0);
    assert_int_equal(sql.insert_counted[0].text.len, 0);
    fill_sql_release(&sql);
}

/* Where the target has columns of the same names, a bare name in an expression must still mean the source's. */
static void expressions_mean_the_source(void **state) {
    (void)state;
    run("CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT); CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);"
        "INSERT INTO old VALUES (1, 'a'), (2, 'b'); INSERT INTO users VALUES (11, 'z')");
    struct fixture f;
    struct fill_sql sql;
    fixture_init(&f, &sqlite_dialect, 1);
    f.values[0].expr = f.map.match_expr[0] = "id + 10";
    f.values[1].expr = "(select max(email) from users where users.id < 0) || email"; /* NULL */
    f.map.where = "email IN ('a', 'b') OR 1=0";
    build(&f.map, 0, &sql);
    const struct sql_value values[ARGS] = {[FILL_HI] = integer("2"), [FILL_N] = integer("9")};
    assert_rows(&sql.compare[0], values, "2|1|0");
    assert_rows(&sql.different[0], values, "1");
    assert_int_equal(change(&sql.insert_missing[0], values), 1);
    assert_int_equal(change(&sql.overwrite[0], values), 1);
    assert_query("SELECT group_concat(id || ':' || coalesce(email, '-'), ' ') FROM users", "11:- 12:-");
    fill_sql_release(&sql);
}

static void in_place_changes_rows_that_differ(void **state) {
    (void)state;
    run("CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT COLLATE NOCASE);"
        "INSERT INTO old VALUES (1, 'A'), (2, 'b'), (3, NULL), (10000000, 'C'), (10000001, 'D')");
    struct fixture f;
    struct fill_sql sql;
    fixture_in_place(&f, &sqlite_dialect);
    build(&f.map, 0, &sql);
    const struct sql_value values[ARGS] = {[FILL_LO] = integer("0"), [FILL_HI] = integer("10000000")};
    assert_rows(&sql.differing[1], values, "2");
    assert_rows(&sql.count[1], values, "4");
    assert_int_equal(change(&sql.update[1], values), 2);
    assert_int_equal(change(&sql.update_ordered[1], values), 0);
    assert_rows(&sql.differing[1], values, "0");
    assert_query("SELECT group_concat(coalesce(email, '-'), ' ') FROM old", "a b - c D");
    fill_sql_release(&sql);
}

static void periods_end_at_midnight(void **state) {
    (void)state;
    run("CREATE TABLE old (at TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (at, id)) WITHOUT ROWID; CREATE TABLE users (id "
        "INTEGER PRIMARY KEY);"
        "INSERT INTO old VALUES ('1999-12-31', 1), ('1999-12-31T23:59:59Z', 2), ('2000-01-01 00:00', 3), "
        "('2000-01-01T00:30:00+02:00', 4),"
        "('2000-01-05', 5), ('2000-01-05 01', 6), ('2000-01-05 02', 7)");
    struct fixture f;
    struct fill_sql sql;
    fixture_init(&f, &sqlite_dialect, 2);
    f.tenant = (struct sql_column){.name = "at", .type = "TEXT", .class = SQL_TEXT, .not_null = true};
    f.map.value_count = 1;
    build(&f.map, 86400000000, &sql);
    struct sql_value values[ARGS] = {[FILL_HI] = value_text("2000-01-05 01"), [FILL_HI + 1] = integer("6")};
    assert_rows(&sql.period_bound[0], values, "1999-12-31T23:59:59Z|2");
    values[FILL_LO] = value_text("1999-12-31");
    values[FILL_LO + 1] = integer("1");
    assert_rows(&sql.period_bound[1], values, "1999-12-31T23:59:59Z|2");
    values[FILL_LO] = value_text("1999-12-31T23:59:59Z");
    values[FILL_LO + 1] = integer("2");
    assert_rows(&sql.period_bound[1], values, "2000-01-01T00:30:00+02:00|4");
    values[FILL_LO] = value_text("2000-01-01T00:30:00+02:00");
    values[FILL_LO + 1] = integer("4");
    assert_rows(&sql.period_bound[1], values, "2000-01-05 01|6");
    values[FILL_LO] = value_text("2000-01-05 01");
    values[FILL_LO + 1] = integer("6");
    assert_rows(&sql.period_bound[1], values, "");
    assert_plan(&sql.period_bound[1], "((at,id)>(?,?) AND at<?)");
    fill_sql_release(&sql);
    build(&f.map, 7 * 86400000000, &sql);
    assert_rows(&sql.period_bound[0], values, "2000-01-01T00:30:00+02:00|4"); /* Monday 3 January begins the next week */
    fill_sql_release(&sql);
}

/* A text that looks like a number, and a number, in columns that could take either for the other. */
static void matching_does_not_compare_numbers_with_text(void **state) {
    (void)state;
    run("CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT); CREATE TABLE users (id TEXT PRIMARY KEY, email TEXT);"
        "INSERT INTO old VALUES (5, 'a'); INSERT INTO users VALUES ('05', 'a')");
    struct fixture f;
    struct fill_sql sql;
    fixture_init(&f, &sqlite_dialect, 1);
    struct sql_column id = {.name = "id", .type = "TEXT", .class = SQL_TEXT};
    f.map.match[0] = f.values[0].column = &id;
    build(&f.map, 0, &sql);
    const struct sql_value values[ARGS] = {[FILL_HI] = integer("9"), [FILL_N] = integer("9")};
    assert_rows(&sql.compare[0], values, "1|0|0");
    assert_int_equal(change(&sql.insert_missing[0], values), 1);
    assert_rows(&sql.compare[0], values, "1|1|1");
    assert_query("SELECT group_concat(quote(id), ' ') FROM users", "'05' '5'");
    fill_sql_release(&sql);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_walk_takes_every_row_once, open_database, close_database),
        cmocka_unit_test_setup_teardown(bounds_compare_as_the_key_does, open_database, close_database),
        cmocka_unit_test_setup_teardown(bytes_are_keys_too, open_database, close_database),
        cmocka_unit_test_setup_teardown(keep_and_overwrite_touch_what_they_say, open_database, close_database),
        cmocka_unit_test_setup_teardown(expressions_mean_the_source, open_database, close_database),
        cmocka_unit_test_setup_teardown(in_place_changes_rows_that_differ, open_database, close_database),
        cmocka_unit_test_setup_teardown(periods_end_at_midnight, open_database, close_database),
        cmocka_unit_test_setup_teardown(matching_does_not_compare_numbers_with_text, open_database, close_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
