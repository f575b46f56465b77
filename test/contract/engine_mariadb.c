/* engine_mariadb.c - the words of the suite in MariaDB, and what only MariaDB has. */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>

static bool url(char *out, size_t size) {
    const char *text = getenv("INFILL_TEST_MARIADB_URL");
    snprintf(out, size, "%s", text != NULL ? text : "");
    return text != NULL;
}

#define VALUES(...)                                                                                                                \
    (const char *const[]) {                                                                                                        \
        __VA_ARGS__, NULL                                                                                                          \
    }

static const struct contract_key keys[] = {
    {"tinyint", VALUES("-128", "0", "127"), SQL_INTEGER, VALUE_NULL},
    {"smallint unsigned", VALUES("0", "65535"), SQL_INTEGER, VALUE_NULL},
    {"mediumint", VALUES("-8388608", "8388607"), SQL_INTEGER, VALUE_NULL},
    {"int", VALUES("-2147483648", "-1", "0", "2147483647"), SQL_INTEGER, VALUE_NULL},
    {"bigint", VALUES("-9223372036854775808", "9007199254740993", "9223372036854775807"), SQL_INTEGER, VALUE_NULL},
    {"bigint unsigned", VALUES("0", "9223372036854775808", "18446744073709551615"), SQL_INTEGER, VALUE_NULL},
    {"year", VALUES("1901", "2024", "2155"), SQL_INTEGER, VALUE_NULL},
    {"decimal(10,2)", VALUES("-99999999.99", "0.00", "1.50"), SQL_DECIMAL, VALUE_NULL},
    {"decimal(65,30)", VALUES("-1.500000000000000000000000000000", "12345678901234567890.123000000000000000000000000000"),
     SQL_DECIMAL, VALUE_NULL},
    {"varchar(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", VALUES("", "A", "a", "b\nc", "\xc3\xa4", "\xf0\x9f\x90\x98"),
     SQL_TEXT, VALUE_NULL},
    {"varchar(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
     VALUES("", "a",
            "\xc3\xa4"
            "b",
            "b", "Z"),
     SQL_TEXT, VALUE_NULL},
    {"varchar(50) CHARACTER SET latin1", VALUES("a", "B", "c"), SQL_TEXT, VALUE_NULL},
    {"char(5)", VALUES("", "aaaaa", "b"), SQL_TEXT, VALUE_NULL},
    {"varbinary(8)", VALUES("", "00", "0027", "5C", "FF"), SQL_BYTES, VALUE_NULL},
    {"binary(2)", VALUES("0000", "0027", "FFFF"), SQL_BYTES, VALUE_NULL},
    {"uuid", VALUES("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"), SQL_UUID, VALUE_NULL},
    {"date", VALUES("1000-01-01", "2024-02-29", "9999-12-31"), SQL_DATE, VALUE_NULL},
    {"time(6)", VALUES("-838:59:59.000000", "-00:00:01.500000", "00:00:00.000000", "12:00:00.000001", "838:59:59.000000"), SQL_TIME,
     VALUE_NULL},
    {"datetime", VALUES("1000-01-01 00:00:00", "2024-02-29 00:00:00", "9999-12-31 23:59:59"), SQL_TIMESTAMP, VALUE_NULL},
    {"datetime(6)", VALUES("1999-12-31 23:59:59.999999", "2024-02-29 00:00:00.000000"), SQL_TIMESTAMP, VALUE_NULL},
    {"timestamp(3)", VALUES("1970-01-01 00:00:01.000", "2024-03-31 01:30:00.000", "2024-10-27 01:30:00.000"), SQL_TIMESTAMP,
     VALUE_NULL},
    {NULL, NULL, SQL_OTHER, VALUE_NULL},
};

/* D7. Questions are asked in read-only transactions. */
static const struct contract_setting settings[] = {
    {"SELECT @@tx_isolation", "READ-COMMITTED"},
    {"SELECT @@time_zone", "+00:00"},
    {"SELECT @@character_set_client", "utf8mb4"},
    {"SELECT @@character_set_results", "utf8mb4"},
    {"SELECT @@max_statement_time", "20.000000"},
    {"SELECT @@innodb_lock_wait_timeout", "10"},
    {"SELECT @@lock_wait_timeout", "10"},
    {"SELECT @@idle_transaction_timeout", "60"},
    {"SELECT @@idle_write_transaction_timeout", "60"},
    {"SELECT @@sql_mode", "NO_AUTO_VALUE_ON_ZERO,STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
                          "NO_ENGINE_SUBSTITUTION,SIMULTANEOUS_ASSIGNMENT"},
    {"SELECT @@autocommit", "1"},
    {"SELECT @@foreign_key_checks", "1"},
    {"SELECT @@completion_type", "NO_CHAIN"},
    {"SELECT @@lc_messages", "en_US"},
    {NULL, NULL},
};

/* Of a table that the clean-up makes, because few types have a literal. */
static const struct contract_datum datums[] = {
    {"SELECT NULL", {.kind = DATUM_NULL}, NO_ARGUMENT},
    {"SELECT TRUE", NUMBER(DATUM_INT, 1), NO_ARGUMENT},
    {"SELECT ti FROM contract_datum WHERE id = 1", NUMBER(DATUM_INT, -128), NO_ARGUMENT},
    {"SELECT ti FROM contract_datum WHERE id = 2", NUMBER(DATUM_INT, 127), NO_ARGUMENT},
    {"SELECT su FROM contract_datum WHERE id = 1", NUMBER(DATUM_INT, 0), NO_ARGUMENT},
    {"SELECT su FROM contract_datum WHERE id = 2", NUMBER(DATUM_INT, 65535), NO_ARGUMENT},
    {"SELECT mi FROM contract_datum WHERE id = 1", NUMBER(DATUM_INT, -8388608), NO_ARGUMENT},
    {"SELECT i FROM contract_datum WHERE id = 1", NUMBER(DATUM_INT, -2147483648), NO_ARGUMENT},
    {"SELECT iu FROM contract_datum WHERE id = 2", NUMBER(DATUM_INT, 4294967295), NO_ARGUMENT},
    {"SELECT bi FROM contract_datum WHERE id = 1", NUMBER(DATUM_INT, INT64_MIN), NO_ARGUMENT},
    {"SELECT bi FROM contract_datum WHERE id = 2", NUMBER(DATUM_INT, INT64_MAX), NO_ARGUMENT},
    {"SELECT bu FROM contract_datum WHERE id = 1", NUMBER(DATUM_INT, 0), NO_ARGUMENT},
    {"SELECT bu FROM contract_datum WHERE id = 2", NUMBER(DATUM_UINT, -1), NO_ARGUMENT},
    {"SELECT bu FROM contract_datum WHERE id = 3", NUMBER(DATUM_UINT, INT64_MIN), NO_ARGUMENT},
    {"SELECT bu FROM contract_datum WHERE id = 4", NUMBER(DATUM_INT, INT64_MAX), NO_ARGUMENT},
    {"SELECT y FROM contract_datum WHERE id = 1", NUMBER(DATUM_INT, 1901), NO_ARGUMENT},
    {"SELECT y FROM contract_datum WHERE id = 2", NUMBER(DATUM_INT, 2155), NO_ARGUMENT},
    {"SELECT CAST(18446744073709551615 AS UNSIGNED)", NUMBER(DATUM_UINT, -1), NO_ARGUMENT},
    {"SELECT d FROM contract_datum WHERE id = 1", BYTES(DATUM_DECIMAL, "-12.50"), NO_ARGUMENT},
    {"SELECT d FROM contract_datum WHERE id = 2", BYTES(DATUM_DECIMAL, "0.00"), NO_ARGUMENT},
    {"SELECT dd FROM contract_datum WHERE id = 1",
     BYTES(DATUM_DECIMAL, "-12345678901234567890123456789012345.123456789012345678901234567890"), NO_ARGUMENT},
    {"SELECT dd FROM contract_datum WHERE id = 2", BYTES(DATUM_DECIMAL, "0.000000000000000000000000000001"), NO_ARGUMENT},
    {"SELECT f FROM contract_datum WHERE id = 1", REAL(16777216.0), NO_ARGUMENT},
    {"SELECT f FROM contract_datum WHERE id = 2", REAL((double)0.1f), NO_ARGUMENT},
    {"SELECT db FROM contract_datum WHERE id = 1", REAL(-1e308), NO_ARGUMENT},
    {"SELECT db FROM contract_datum WHERE id = 2", REAL(1e308), NO_ARGUMENT},
    {"SELECT db FROM contract_datum WHERE id = 3", REAL(5e-324), NO_ARGUMENT},
    {"SELECT db FROM contract_datum WHERE id = 4", REAL(0.1), NO_ARGUMENT},
    {"SELECT v FROM contract_datum WHERE id = 1", BYTES(DATUM_TEXT, ""), NO_ARGUMENT},
    {"SELECT v FROM contract_datum WHERE id = 2", BYTES(DATUM_TEXT, "\xf0\x9f\x90\x98"), NO_ARGUMENT},
    {"SELECT v FROM contract_datum WHERE id = 3", BYTES(DATUM_TEXT, "a\0b"), NO_ARGUMENT},
    {"SELECT l FROM contract_datum WHERE id = 1", BYTES(DATUM_TEXT, "\xc3\xa4"), NO_ARGUMENT},
    {"SELECT ch FROM contract_datum WHERE id = 1", BYTES(DATUM_TEXT, "ab"), NO_ARGUMENT},
    {"SELECT lt FROM contract_datum WHERE id = 1", {.kind = DATUM_TEXT, .size = CONTRACT_LONG}, NO_ARGUMENT},
    {"SELECT e FROM contract_datum WHERE id = 1", BYTES(DATUM_TEXT, "b"), NO_ARGUMENT},
    {"SELECT st FROM contract_datum WHERE id = 1", BYTES(DATUM_TEXT, "a,b"), NO_ARGUMENT},
    {"SELECT vb FROM contract_datum WHERE id = 1", BYTES(DATUM_BYTES, ""), NO_ARGUMENT},
    {"SELECT vb FROM contract_datum WHERE id = 2", BYTES(DATUM_BYTES, "\0\xff'"), NO_ARGUMENT},
    {"SELECT bn FROM contract_datum WHERE id = 1", BYTES(DATUM_BYTES, "a\0\0"), NO_ARGUMENT},
    {"SELECT lb FROM contract_datum WHERE id = 1", {.kind = DATUM_BYTES, .size = CONTRACT_LONG}, NO_ARGUMENT},
    {"SELECT j FROM contract_datum WHERE id = 1", BYTES(DATUM_JSON, "{ \"a\":1}"), NO_ARGUMENT},
    {"SELECT u FROM contract_datum WHERE id = 1",
     BYTES(DATUM_UUID, "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"), NO_ARGUMENT},
    {"SELECT i6 FROM contract_datum WHERE id = 1", BYTES(DATUM_TEXT, "::1"), NO_ARGUMENT},
    {"SELECT bt FROM contract_datum WHERE id = 1", BYTES(DATUM_OTHER, "\1\xff"), NO_ARGUMENT},
    {"SELECT da FROM contract_datum WHERE id = 1", NUMBER(DATUM_DATE, 0), NO_ARGUMENT},
    {"SELECT da FROM contract_datum WHERE id = 2", NUMBER(DATUM_DATE, -1), NO_ARGUMENT},
    {"SELECT da FROM contract_datum WHERE id = 3", NUMBER(DATUM_DATE, -719162), NO_ARGUMENT},
    {"SELECT da FROM contract_datum WHERE id = 4", NUMBER(DATUM_DATE, 2932896), NO_ARGUMENT},
    {"SELECT da FROM contract_datum WHERE id = 5", BYTES(DATUM_ODD_DATE, "0000-00-00"), NO_ARGUMENT},
    {"SELECT da FROM contract_datum WHERE id = 6", BYTES(DATUM_ODD_DATE, "2024-00-10"), NO_ARGUMENT},
    {"SELECT dt FROM contract_datum WHERE id = 1", NUMBER(DATUM_TIMESTAMP, 0), NO_ARGUMENT},
    {"SELECT dt FROM contract_datum WHERE id = 2", NUMBER(DATUM_TIMESTAMP, -1), NO_ARGUMENT},
    {"SELECT dt FROM contract_datum WHERE id = 3", NUMBER(DATUM_TIMESTAMP, -62135596800000000), NO_ARGUMENT},
    {"SELECT dt FROM contract_datum WHERE id = 4", NUMBER(DATUM_TIMESTAMP, 253402300799999999), NO_ARGUMENT},
    {"SELECT dt FROM contract_datum WHERE id = 5", BYTES(DATUM_ODD_DATE, "0000-00-00 00:00:00.000000"), NO_ARGUMENT},
    {"SELECT dt FROM contract_datum WHERE id = 6", BYTES(DATUM_ODD_DATE, "2024-00-10 12:00:00.500000"), NO_ARGUMENT},
    {"SELECT d0 FROM contract_datum WHERE id = 5", BYTES(DATUM_ODD_DATE, "0000-00-00 00:00:00"), NO_ARGUMENT},
    {"SELECT d0 FROM contract_datum WHERE id = 1", NUMBER(DATUM_TIMESTAMP, 1709164800000000), NO_ARGUMENT},
    {"SELECT ts FROM contract_datum WHERE id = 1", NUMBER(DATUM_INSTANT, 1000001), NO_ARGUMENT},
    {"SELECT ts FROM contract_datum WHERE id = 2", NUMBER(DATUM_INSTANT, 2147483647999999), NO_ARGUMENT},
    {"SELECT ts FROM contract_datum WHERE id = 5", BYTES(DATUM_ODD_DATE, "0000-00-00 00:00:00.000000"), NO_ARGUMENT},
    {"SELECT t FROM contract_datum WHERE id = 1", NUMBER(DATUM_TIME, -3020399000000), NO_ARGUMENT},
    {"SELECT t FROM contract_datum WHERE id = 2", NUMBER(DATUM_TIME, 3020399000000), NO_ARGUMENT},
    {"SELECT t FROM contract_datum WHERE id = 3", NUMBER(DATUM_TIME, -1500000), NO_ARGUMENT},
    {"SELECT t FROM contract_datum WHERE id = 4", NUMBER(DATUM_TIME, 1), NO_ARGUMENT},
    {"SELECT t FROM contract_datum WHERE id = 5", NUMBER(DATUM_TIME, 0), NO_ARGUMENT},
    {"SELECT CAST(? AS SIGNED)", NUMBER(DATUM_INT, INT64_MIN), ARGUMENT("-9223372036854775808", VALUE_TEXT)},
    {"SELECT CAST(? AS DECIMAL(10, 2))", BYTES(DATUM_DECIMAL, "-0.10"), ARGUMENT("-0.10", VALUE_TEXT)},
    {"SELECT ?", BYTES(DATUM_TEXT, "$1 ? '\xf0\x9f\x90\x98"), ARGUMENT("$1 ? '\xf0\x9f\x90\x98", VALUE_TEXT)},
    {"SELECT UNHEX(?)", BYTES(DATUM_BYTES, "\xff"), ARGUMENT("ff", VALUE_TEXT)},
    {"SELECT ?", BYTES(DATUM_TEXT, ""), ARGUMENT("", VALUE_TEXT)},
    {"SELECT ?", {.kind = DATUM_NULL}, ARGUMENT("", VALUE_NULL)},
    {NULL, {.kind = DATUM_NULL}, NO_ARGUMENT},
};

static const char *const row_ddl[] = {
    "CREATE TABLE contract_row (id int PRIMARY KEY, t varchar(5), u varchar(50) UNIQUE, n varchar(50) NOT NULL DEFAULT '', p "
    "bigint,"
    " c varchar(50) CHECK (c <> 'canary'), i int, d datetime, e enum('a', 'b'), l varchar(50) CHARACTER SET latin1, nodef int NOT "
    "NULL DEFAULT 1, CONSTRAINT contract_p FOREIGN KEY (p) REFERENCES contract_t (id))",
    "INSERT INTO contract_row (id, u) VALUES (1, 'canary')",
    "CREATE TRIGGER contract_raise BEFORE INSERT ON contract_row FOR EACH ROW BEGIN"
    " DECLARE text varchar(80); IF new.t = 'raise' THEN SET text = CONCAT('no ', new.u);"
    " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = text; END IF;"
    " IF new.t = 'odd' THEN SET text = CONCAT('no ', new.u); SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1054, MESSAGE_TEXT = text; "
    "END "
    "IF; IF new.t = 'strng' THEN SET text = CONCAT('no ', new.u); SIGNAL SQLSTATE '77777' SET MYSQL_ERRNO = 9999, MESSAGE_TEXT = "
    "text;"
    " END IF; END",
    NULL,
};

static const struct contract_row_error row_errors[] = {
    {"INSERT INTO contract_row (id, i) VALUES (2, 'canary')", ERR_ROW},
    {"INSERT INTO contract_row (id, i) SELECT 2, CAST('canary' AS SIGNED)", ERR_ROW},
    {"INSERT INTO contract_row (id, i) SELECT 2, 99999999999", ERR_ROW},
    {"INSERT INTO contract_row (id, t) VALUES (2, 'canary')", ERR_ROW},
    {"INSERT INTO contract_row (id, u) VALUES (2, 'canary')", ERR_DUPLICATE},
    {"INSERT INTO contract_row (id, u, n) VALUES (2, 'the canary', NULL)", ERR_ROW},
    {"INSERT INTO contract_row (id, c) VALUES (2, 'canary')", ERR_ROW},
    {"INSERT INTO contract_row (id, u, p) VALUES (2, 'the canary', 77)", ERR_ROW},
    {"INSERT INTO contract_row (id, d) VALUES (2, 'canary')", ERR_ROW},
    {"INSERT INTO contract_row (id, e) VALUES (2, 'canary')", ERR_ROW},
    {"INSERT INTO contract_row (id, l) VALUES (2, 'canary \xf0\x9f\x90\x98')", ERR_ROW},
    {"INSERT INTO contract_row (id, d) SELECT 2, CAST('canary' AS DATETIME)", ERR_ROW},
    {"INSERT INTO contract_row (id, i) SELECT 2, 1 / 0", ERR_ROW},
    {"INSERT INTO contract_row (id, u) SELECT 2, (SELECT 'canary' UNION ALL SELECT 'canary 2')", ERR_ROW},
    {"INSERT INTO contract_row (id, i) SELECT 2, 9223372036854775807 + LENGTH('canary')", ERR_ROW},
    {"INSERT INTO contract_row (id, u) SELECT 2, 'x' REGEXP '(canary'", ERR_ROW},
    {"INSERT INTO contract_row (id, t, u) VALUES (2, 'raise', 'the canary')", ERR_ROW},
    {"INSERT INTO contract_row (id, t, u) VALUES (2, 'odd', 'the canary')", ERR_ROW},
    {"INSERT INTO contract_row (id, t, u) VALUES (2, 'strng', 'the canary')", ERR_UNKNOWN},
    {NULL, 0},
};

static const char *const analyze[] = {"ANALYZE TABLE contract_t", NULL};

static const char *const cleanup[] = {
    "DROP VIEW IF EXISTS contract_view",
    "DROP FUNCTION IF EXISTS contract_moves",
    "CREATE FUNCTION contract_moves() RETURNS int NOT DETERMINISTIC READS SQL DATA RETURN 1",
    "DROP FUNCTION IF EXISTS contract_stays",
    "CREATE FUNCTION contract_stays() RETURNS int DETERMINISTIC RETURN 1",
    "DROP USER IF EXISTS contract_user@'127.0.0.1'",
    "DROP TABLE IF EXISTS contract_datum",
    "CREATE TABLE contract_datum (id int PRIMARY KEY, ti tinyint, su smallint unsigned, mi mediumint, i "
    "int, iu int unsigned, bi bigint, bu bigint unsigned, y year, d decimal(10,2), dd decimal(65,30), f "
    "float, db double, v varchar(50) CHARACTER SET utf8mb4, l varchar(10) CHARACTER SET latin1, ch "
    "char(5) CHARACTER SET utf8mb4, lt longtext CHARACTER SET utf8mb4, e enum('a','b'), st set('a','b'), "
    "vb varbinary(10), bn binary(3), lb longblob, j json, u uuid, i6 inet6, bt bit(10), da date, dt "
    "datetime(6), d0 datetime, ts timestamp(6) NULL, t time(6))",
    "INSERT INTO contract_datum (id, ti, su, mi, i, iu, bi, bu, y, d, dd, f, db, v, l, ch, lt, e, st, "
    "vb, bn, lb, j, u, i6, bt, da, dt, d0, ts, t) VALUES (1, -128, 0, -8388608, -2147483648, 0, "
    "-9223372036854775808, 0, 1901, -12.5, "
    "'-12345678901234567890123456789012345.12345678901234567890123456789', 16777216, '-1e308', '', "
    "'\xc3\xa4', 'ab', REPEAT('x', 1048576), 'b', 'a,b', '', 'a', REPEAT(x'00', 1048576), '{ \"a\":1}', "
    "'00112233-4455-6677-8899-aabbccddeeff', '::1', b'111111111', '1970-01-01', '1970-01-01', "
    "'2024-02-29', '1970-01-01 00:00:01.000001', '-838:59:59')",
    "INSERT INTO contract_datum (id, ti, su, iu, bi, bu, y, d, dd, f, db, v, vb, da, dt, ts, t) VALUES "
    "(2, 127, 65535, 4294967295, 9223372036854775807, 18446744073709551615, 2155, 0, "
    "0.000000000000000000000000000001, 0.1, 1e308, '\xf0\x9f\x90\x98', x'00ff27', '1969-12-31', "
    "'1969-12-31 23:59:59.999999', '2038-01-19 03:14:07.999999', '838:59:59')",
    "INSERT INTO contract_datum (id, bu, db, v, da, dt, t) VALUES (3, 9223372036854775808, 5e-324, "
    "CONCAT('a', CHAR(0 USING utf8mb4), 'b'), '0001-01-01', '0001-01-01', '-00:00:01.5')",
    "INSERT INTO contract_datum (id, bu, db, da, dt, t) VALUES (4, 9223372036854775807, 0.1, "
    "'9999-12-31', '9999-12-31 23:59:59.999999', '00:00:00.000001')",
    "INSERT INTO contract_datum (id, da, dt, d0, ts, t) VALUES (5, '0000-00-00', '0000-00-00', "
    "'0000-00-00', '0000-00-00', '00:00:00')",
    "INSERT INTO contract_datum (id, da, dt) VALUES (6, '2024-00-10', '2024-00-10 12:00:00.5')",
    NULL,
};

extern const struct CMUnitTest contract_mariadb_tests[];
extern const struct contract_engine *const contract_mariadb_lanes[];

static const struct contract_engine mariadb = {
    .name = "mariadb",
    .capabilities = CAN_KILL | CAN_DEADLOCK | CAN_IDLE_OUT | CAN_WAIT | CAN_END_TX | CAN_TIME_OUT,
    .url = url,
    .text = "varchar(5000)",
    .long_text = "longtext",
    .named_text = "varchar(50)",
    .bytes = "varbinary(100)",
    .bytes_literal = "x'00ff27'",
    .bytes_out = "00FF27",
    .echo = "SELECT ?",
    .fill_t = "INSERT INTO contract_t SELECT seq, CONCAT('row ', seq) FROM seq_1_to_20000",
    .analyze = analyze,
    .auto_key = "id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY",
    .sleep = "SELECT SLEEP(10)",
    .session_id = "SELECT CONNECTION_ID()",
    .kill = "KILL ?",
    .session_lives = "SELECT count(*) FROM information_schema.PROCESSLIST WHERE ID = ?",
    .ends_tx = "CREATE TABLE contract_child (a int)",
    .rows = "SELECT seq, CONCAT('row ', seq) FROM seq_1_to_1000000000 WHERE seq <= CAST(? AS SIGNED)",
    .wide_rows = "SELECT REPEAT('x', 100000) FROM seq_1_to_1000 WHERE seq <= CAST(? AS SIGNED)",
    .fails_late = "SELECT IF(seq < 50000, seq, 18446744073709551615 + seq) FROM seq_1_to_100000",
    .slow_late = "SELECT seq, CONCAT('row ', seq, IF(seq > 10000, SLEEP(10), '')) FROM seq_1_to_100000",
    .datums = datums,
    .row_ddl = row_ddl,
    .keys = keys,
    .settings = settings,
    .row_errors = row_errors,
    .volatile_function = "contract_moves",
    .stable_function = "contract_stays",
    .own = contract_mariadb_tests,
    .cleanup = cleanup,
};

const struct contract_engine *const contract_mariadb_lanes[] = {&mariadb, NULL};
