/* same_bytes against SQLite itself: for every declared type and expression, what it calls the same is exactly what storing gives. */
#include "sql_fixture.h"

#include <sqlite3.h>

static const struct {
    const char *type; /* as the catalog says it */
    const char *collation;
    const char *strict; /* behind the table: in others ANY is NUMERIC, and some that is the same is called different */
} types[] = {
    {"INTEGER", "", ""},
    {"TEXT", "", ""},
    {"TEXT", "COLLATE NOCASE", ""},
    {"VARCHAR(3)", "COLLATE RTRIM", ""},
    {"REAL", "", ""},
    {"NUMERIC", "", ""},
    {"DATETIME", "", ""},
    {"double precision", "", ""},
    {"BLOB", "", ""},
    {"", "", ""},
    {"POINT", "", ""},
    {"ANY", "", "STRICT"},
};

static const char *const exprs[] = {"NULL",
                                    "0",
                                    "1",
                                    "-1",
                                    "5",
                                    "5.0",
                                    "5.5",
                                    "-0.0",
                                    "0.1",
                                    "1e3",
                                    "1e300",
                                    "9223372036854775807",
                                    "9223372036854775808.0",
                                    "-9223372036854775808",
                                    "9007199254740993",
                                    "9007199254740992.0",
                                    "''",
                                    "'5'",
                                    "'05'",
                                    "'5.0'",
                                    "' 5 '",
                                    "'5x'",
                                    "'0x10'",
                                    "'1e3'",
                                    "'abc'",
                                    "'ABC'",
                                    "'abc  '",
                                    "'9007199254740993'",
                                    "'12345678901234567890'",
                                    "x''",
                                    "x'35'",
                                    "x'616263'",
                                    "x'00'",
                                    "'5' || ''",
                                    "src.i",
                                    "src.t",
                                    "src.r",
                                    "src.n",
                                    "src.b",
                                    "src.a",
                                    "src.i + 0",
                                    "cast(src.t AS NUMERIC)",
                                    "(SELECT src.t)",
                                    "src.t COLLATE NOCASE",
                                    "'\xc3\xa9'",
                                    "1 = 1"};

enum { TYPES = sizeof(types) / sizeof(types[0]), EXPRS = sizeof(exprs) / sizeof(exprs[0]) };

static sqlite3 *db;

static void run(const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        print_error("%s: %s\n", message, sql);
    assert_null(message);
}

static void fill_table(size_t type) {
    char sql[512];
    snprintf(sql, sizeof(sql), "DROP TABLE IF EXISTS tgt; CREATE TABLE tgt (e INTEGER PRIMARY KEY, c %s %s) %s", types[type].type,
             types[type].collation, types[type].strict);
    run(sql);
    for (size_t i = 0; i < EXPRS; i++) {
        snprintf(sql, sizeof(sql), "INSERT INTO tgt SELECT %zu, (%s) FROM src", i, exprs[i]);
        run(sql);
    }
}

/* Compares the stored values of all expressions with what expression `e` says; gives how often the two judgements differ. Stored values
 * are the same if class and text are: quote() tells 5 from 5.0 and '5', and reals by 15 digits, so their difference is asked for too. */
static int disagreements(const struct sql_column *column, size_t e) {
    struct buf sql;
    char expr[256];
    buf_init(&sql);
    snprintf(expr, sizeof(expr), "(\n%s\n)", exprs[e]);
    buf_add(&sql, "SELECT tgt.e, ");
    sqlite_dialect.same_bytes(&sql, column, "tgt.\"c\"", expr);
    buf_printf(
        &sql,
        ", quote(tgt.c) IS quote(mine.c) AND typeof(tgt.c) IS typeof(mine.c) AND (typeof(tgt.c) IS NOT 'real' OR tgt.c = mine.c)"
        " FROM src, tgt, (SELECT c FROM tgt WHERE e = %zu) AS mine",
        e);
    sqlite3_stmt *rows = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql.data, -1, &rows, NULL), SQLITE_OK);
    int wrong = 0;
    int seen = 0;
    for (; sqlite3_step(rows) == SQLITE_ROW; seen++) {
        assert_int_equal(sqlite3_column_type(rows, 1), SQLITE_INTEGER); /* never NULL */
        if (sqlite3_column_int(rows, 1) == sqlite3_column_int(rows, 2))
            continue;
        wrong++;
        print_error("%s: stored %s, expression %s: called %s\n", column->type, exprs[sqlite3_column_int(rows, 0)], exprs[e],
                    sqlite3_column_int(rows, 1) ? "the same" : "different");
    }
    sqlite3_finalize(rows);
    buf_release(&sql);
    assert_int_equal(seen, EXPRS);
    return wrong;
}

static void same_is_what_storing_gives(void **state) {
    (void)state;
    int wrong = 0;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    run("CREATE TABLE src (i INTEGER, t TEXT, r REAL, n NUMERIC, b BLOB, a);"
        "INSERT INTO src VALUES (5, '5', 5, '5.50', x'35', '5')");
    for (size_t t = 0; t < TYPES; t++) {
        const struct sql_column column = {.name = "c", .type = types[t].type, .class = SQL_ANY};
        fill_table(t);
        for (size_t e = 0; e < EXPRS; e++)
            wrong += disagreements(&column, e);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_is_what_storing_gives)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
