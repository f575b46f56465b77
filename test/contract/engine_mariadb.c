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
