/* engine_sqlite.c - the words of the suite in SQLite, and what only SQLite has.
 *
 * There are no sessions that somebody could kill, and one writer: what needs two of them is not in this engine's list. */
#include "contract.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool url(char *out, size_t size) {
    const char *directory = getenv("INFILL_TEST_SQLITE_DIR");
    snprintf(out, size, "sqlite:%s/contract.db", directory != NULL ? directory : "");
    return directory != NULL;
}

#define VALUES(...)                                                                                                                \
    (const char *const[]) {                                                                                                        \
        __VA_ARGS__, NULL                                                                                                          \
    }

/* What a declared type means for the order, and values whose storage class that type keeps. */
static const struct contract_key keys[] = {
    {"INTEGER", VALUES("-9223372036854775808", "-1", "0", "9007199254740993", "9223372036854775807"), SQL_INTEGER, VALUE_INTEGER},
    {"bigint", VALUES("-9223372036854775808", "0", "9223372036854775807"), SQL_INTEGER, VALUE_INTEGER},
    {"TEXT", VALUES("", " ", "A", "a", "a ", "b\nc", "\xc3\xa4", "\xf0\x9f\x90\x98"), SQL_TEXT, VALUE_TEXT},
    {"varchar(5)", VALUES("", "1", "longer than five"), SQL_TEXT, VALUE_TEXT},
    {"TEXT COLLATE NOCASE", VALUES("", "a", "B", "c"), SQL_TEXT, VALUE_TEXT},
    {"BLOB", VALUES("", " ", "a", "\xff"), SQL_BYTES, VALUE_BYTES},
    {"uuid", VALUES("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"), SQL_UUID, VALUE_TEXT},
    {"date", VALUES("0001-01-01", "2024-02-29", "9999-12-31"), SQL_DATE, VALUE_TEXT},
    {"datetime", VALUES("1999-12-31 23:59:59.999999", "2024-02-29 00:00:00"), SQL_TIMESTAMP, VALUE_TEXT},
    {"boolean", VALUES("0", "1"), SQL_BOOLEAN, VALUE_INTEGER},
    {"ANY", VALUES("-1", "5"), SQL_ANY, VALUE_INTEGER},
    {NULL, NULL, SQL_OTHER, VALUE_NULL},
};

/* What a connection must have so that it does not lose data, and does not guess. */
static const struct contract_setting settings[] = {
    {"SELECT foreign_keys FROM pragma_foreign_keys", "1"},
    {"SELECT synchronous FROM pragma_synchronous", "2"},
    {"SELECT encoding FROM pragma_encoding", "UTF-8"},
    {NULL, NULL},
};

/* By the storage class, whatever the declared type. */
static const struct contract_datum datums[] = {
    {"SELECT NULL", {.kind = DATUM_NULL}, NO_ARGUMENT},
    {"SELECT -9223372036854775808", NUMBER(DATUM_INT, INT64_MIN), NO_ARGUMENT},
    {"SELECT 9223372036854775807", NUMBER(DATUM_INT, INT64_MAX), NO_ARGUMENT},
    {"SELECT 1 = 1", NUMBER(DATUM_INT, 1), NO_ARGUMENT},
    {"SELECT 0.1", REAL(0.1), NO_ARGUMENT},
    {"SELECT 1e308", REAL(1e308), NO_ARGUMENT},
    {"SELECT -1e999", REAL(-HUGE_VAL), NO_ARGUMENT},
    {"SELECT 5.0", REAL(5.0), NO_ARGUMENT},
    {"SELECT ?", REAL(-0.0), ARGUMENT("-0.0", VALUE_REAL)},
    {"SELECT ?", REAL(5e-324), ARGUMENT("5e-324", VALUE_REAL)},
    {"SELECT ''", BYTES(DATUM_TEXT, ""), NO_ARGUMENT},
    {"SELECT '\xf0\x9f\x90\x98'", BYTES(DATUM_TEXT, "\xf0\x9f\x90\x98"), NO_ARGUMENT},
    {"SELECT CAST(x'610062' AS TEXT)", BYTES(DATUM_TEXT, "a\0b"), NO_ARGUMENT},
    {"SELECT '5'", BYTES(DATUM_TEXT, "5"), NO_ARGUMENT},
    {"SELECT replace(hex(zeroblob(524288)), '0', 'x')", {.kind = DATUM_TEXT, .size = CONTRACT_LONG}, NO_ARGUMENT},
    {"SELECT x''", BYTES(DATUM_BYTES, ""), NO_ARGUMENT},
    {"SELECT x'00ff27'", BYTES(DATUM_BYTES, "\0\xff'"), NO_ARGUMENT},
    {"SELECT zeroblob(1048576)", {.kind = DATUM_BYTES, .size = CONTRACT_LONG}, NO_ARGUMENT},
    {"SELECT ?", NUMBER(DATUM_INT, INT64_MIN), ARGUMENT("-9223372036854775808", VALUE_INTEGER)},
    {"SELECT ?", BYTES(DATUM_TEXT, "12"), ARGUMENT("12", VALUE_TEXT)},
    {"SELECT ?", BYTES(DATUM_TEXT, ""), ARGUMENT("", VALUE_TEXT)},
    {"SELECT ?", BYTES(DATUM_BYTES, "\0\xff"), ARGUMENT("\0\xff", VALUE_BYTES)},
    {"SELECT ?", BYTES(DATUM_BYTES, ""), ARGUMENT("", VALUE_BYTES)},
    {"SELECT ?", {.kind = DATUM_NULL}, ARGUMENT("", VALUE_NULL)},
    {NULL, {.kind = DATUM_NULL}, NO_ARGUMENT},
};

static const char *const row_ddl[] = {
    "CREATE TABLE contract_row (id INTEGER PRIMARY KEY, t TEXT, u TEXT UNIQUE, n TEXT NOT NULL DEFAULT '',"
    " p INTEGER REFERENCES contract_t (id), c TEXT CHECK (length(c) > 100), j TEXT)",
    "INSERT INTO contract_row (id, u) VALUES (1, 'canary')",
    "CREATE TRIGGER contract_raise BEFORE INSERT ON contract_row WHEN new.t = 'raise' BEGIN SELECT RAISE(ABORT, 'no'); END",
    "CREATE TABLE contract_key (i INTEGER) STRICT",
    NULL,
};

static const struct contract_row_error row_errors[] = {
    {"INSERT INTO contract_row (id) VALUES ('canary')", ERR_ROW},
    {"INSERT INTO contract_key (i) VALUES ('canary')", ERR_ROW},
    {"INSERT INTO contract_row (id, u) VALUES (2, 'canary')", ERR_DUPLICATE},
    {"INSERT INTO contract_row (id, n) VALUES (2, CASE WHEN 'canary' = 'x' THEN '' END)", ERR_ROW},
    {"INSERT INTO contract_row (id, c) VALUES (2, 'canary')", ERR_ROW},
    {"INSERT INTO contract_row (id, u, p) VALUES (2, 'the canary', 77)", ERR_ROW},
    {"INSERT INTO contract_row (id, t, u) VALUES (2, 'raise', 'the canary')", ERR_ROW},
    {"INSERT INTO contract_row (id, u) SELECT 2, json_extract(v, '$.a') FROM (SELECT 'canary' AS v)", ERR_ROW},
    {"INSERT INTO contract_row (id, u) SELECT 2, json_extract('{}', v) FROM (SELECT 'canary' AS v)", ERR_ROW},
    {"INSERT INTO contract_row (id, u) SELECT 2, abs(min(-9223372036854775807 - 1, length(v))) FROM (SELECT 'canary' AS v)",
     ERR_ROW},
    {NULL, 0},
};

static const char *const analyze[] = {"ANALYZE", NULL};

static const char *const cleanup[] = {"DROP VIEW IF EXISTS contract_view", NULL};

/* A name that is no column is an error; SQLite would take it for a string. */
static void a_double_quoted_name_is_no_string(void **state) {
    struct contract *c = *state;
    EXPECT(c, contract_try(c, c->db, &contract_tx, "SELECT \"nothing\" FROM contract_t", NULL, 0), ERR_SQL);
}

/* A statement that is kept meets a table that is no longer there: no row is to blame. */
static void a_table_that_went_away(void **state) {
    struct contract *c = *state;
    static const char insert[] = "INSERT INTO contract_key VALUES (1)";
    contract_script(c, "CREATE TABLE contract_key (a INTEGER)");
    contract_run(c, c->db, insert);
    contract_script(c, "DROP TABLE contract_key");
    EXPECT(c, contract_try(c, c->db, &contract_tx, insert, NULL, 0), ERR_SQL);
    assert_non_null(strstr(c->err.message, "contract_key"));
}

static const struct CMUnitTest own[] = {
    {"a double-quoted name is no string", a_double_quoted_name_is_no_string, NULL, NULL, NULL},
    {"a table that went away", a_table_that_went_away, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

extern const struct contract_engine *const contract_sqlite_lanes[];

static const struct contract_engine sqlite = {
    .name = "sqlite",
    .capabilities = CAN_DEFER | CAN_END_TX | CAN_TIME_OUT,
    .url = url,
    .text = "TEXT",
    .long_text = "TEXT",
    .named_text = "varchar(50)",
    .bytes = "BLOB",
    .bytes_literal = "x'00ff27'",
    .bytes_out = "\0\xff'",
    .echo = "SELECT ?",
    .fill_t = "INSERT INTO contract_t WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 20000)"
              " SELECT i, 'row ' || i FROM s",
    .analyze = analyze,
    .auto_key = "id INTEGER PRIMARY KEY AUTOINCREMENT",
    .sleep = "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s) SELECT count(*) FROM s",
    .ends_tx = "ROLLBACK",
    .deferred_ddl = "CREATE TABLE contract_child (parent INTEGER REFERENCES contract_t (id) DEFERRABLE INITIALLY DEFERRED)",
    .rows = "WITH RECURSIVE n(n) AS (SELECT CAST(? AS INTEGER)), s(i) AS (SELECT 1 FROM n WHERE n > 0"
            " UNION ALL SELECT i + 1 FROM s, n WHERE i < n) SELECT i, 'row ' || i FROM s",
    .wide_rows = "WITH RECURSIVE n(n) AS (SELECT CAST(? AS INTEGER)), s(i) AS (SELECT 1 FROM n UNION ALL SELECT i + 1 FROM s, n"
                 " WHERE i < n) SELECT replace(hex(zeroblob(50000)), '0', 'x') FROM s",
    .fails_late = "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 100000)"
                  " SELECT abs(CASE WHEN i = 50000 THEN -9223372036854775808 ELSE i END) FROM s",
    .slow_late = "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 10000)"
                 " SELECT i, 'row ' || i FROM s UNION ALL SELECT count(*), 'row' FROM (WITH RECURSIVE e(i) AS (SELECT 1 UNION ALL"
                 " SELECT i + 1 FROM e) SELECT * FROM e)",
    .datums = datums,
    .row_ddl = row_ddl,
    .keys = keys,
    .settings = settings,
    .row_errors = row_errors,
    .volatile_function = "random",
    .stable_function = "lower",
    .own = own,
    .cleanup = cleanup,
};

const struct contract_engine *const contract_sqlite_lanes[] = {&sqlite, NULL};
