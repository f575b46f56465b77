/* engine_postgres.c - the words of the suite in PostgreSQL, and what only PostgreSQL has. */
#include "contract.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool url_of(const char *variable, char *out, size_t size) {
    const char *text = getenv(variable);
    snprintf(out, size, "%s", text != NULL ? text : "");
    return text != NULL;
}

static bool url(char *out, size_t size) {
    return url_of("INFILL_TEST_POSTGRES_URL", out, size);
}

static bool url_new(char *out, size_t size) {
    return url_of("INFILL_TEST_POSTGRES_NEW_URL", out, size);
}

static bool url_pgbouncer(char *out, size_t size) {
    return url_of("INFILL_TEST_PGBOUNCER_URL", out, size);
}

#define VALUES(...)                                                                                                                \
    (const char *const[]) {                                                                                                        \
        __VA_ARGS__, NULL                                                                                                          \
    }

static const struct contract_key keys[] = {
    {"smallint", VALUES("-32768", "0", "32767"), SQL_INTEGER, VALUE_NULL},
    {"integer", VALUES("-2147483648", "-1", "0", "2147483647"), SQL_INTEGER, VALUE_NULL},
    {"bigint", VALUES("-9223372036854775808", "9007199254740993", "9223372036854775807"), SQL_INTEGER, VALUE_NULL},
    {"oid", VALUES("0", "4294967295"), SQL_INTEGER, VALUE_NULL},
    {"numeric", VALUES("-Infinity", "-1.5", "0.00000000000000000001", "12345678901234567890.123", "Infinity", "NaN"), SQL_DECIMAL,
     VALUE_NULL},
    {"numeric(10,2)", VALUES("-99999999.99", "0.00", "1.50"), SQL_DECIMAL, VALUE_NULL},
    {"text COLLATE \"C\"", VALUES("", " ", "A", "a", "a ", "b\nc", "\xc3\xa4", "\xf0\x9f\x90\x98"), SQL_TEXT, VALUE_NULL},
    {"text COLLATE \"und-x-icu\"", VALUES("", "a", "A", "\xc3\xa4", "b", "Z"), SQL_TEXT, VALUE_NULL},
    {"varchar(5)", VALUES("", "aaaaa", "b"), SQL_TEXT, VALUE_NULL},
    {"char(5)", VALUES("", "aaaaa", "b"), SQL_TEXT, VALUE_NULL},
    {"bytea", VALUES("", "00", "0027", "5c", "ff"), SQL_BYTES, VALUE_NULL},
    {"uuid",
     VALUES("00000000-0000-0000-0000-000000000000", "123e4567-e89b-12d3-a456-426614174000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
     SQL_UUID, VALUE_NULL},
    {"date", VALUES("-infinity", "4713-01-01 BC", "0001-01-01", "2024-02-29", "5874897-12-31", "infinity"), SQL_DATE, VALUE_NULL},
    {"time", VALUES("00:00:00", "12:00:00.000001", "24:00:00"), SQL_TIME, VALUE_NULL},
    {"timestamp", VALUES("-infinity", "0044-03-15 12:00:00 BC", "1999-12-31 23:59:59.999999", "2024-02-29 00:00:00", "infinity"),
     SQL_TIMESTAMP, VALUE_NULL},
    {"timestamptz", VALUES("1999-12-31 23:59:59.999999+00", "2024-03-31 01:30:00+00", "2024-10-27 01:30:00+00"), SQL_TIMESTAMP,
     VALUE_NULL},
    {"timestamp(3) with time zone", VALUES("1999-12-31 23:59:59.999+00"), SQL_TIMESTAMP, VALUE_NULL},
    {"boolean", VALUES("false", "true"), SQL_BOOLEAN, VALUE_NULL},
    {"contract_mood", VALUES("sad", "ok", "happy"), SQL_ENUM, VALUE_NULL},
    {"contract_email", VALUES("a@x", "b@x"), SQL_TEXT, VALUE_NULL},
    {NULL, NULL, SQL_OTHER, VALUE_NULL},
};

/* One statement per line of D7. Questions are asked in read-only transactions. */
static const struct contract_setting settings[] = {
    {"SELECT current_setting('transaction_isolation')", "read committed"},
    {"SELECT current_setting('TimeZone')", "UTC"},
    {"SELECT current_setting('DateStyle')", "ISO, MDY"},
    {"SELECT current_setting('client_encoding')", "UTF8"},
    {"SELECT current_setting('statement_timeout')", "20s"},
    {"SELECT current_setting('lock_timeout')", "10s"},
    {"SELECT current_setting('idle_in_transaction_session_timeout')", "1min"},
    {"SELECT current_setting('search_path')", "public, pg_temp"},
    {"SELECT current_setting('synchronous_commit')", "on"},
    {"SELECT current_setting('extra_float_digits')", "1"},
    {"SELECT current_setting('bytea_output')", "hex"},
    {"SELECT current_setting('row_security')", "off"},
    {"SELECT current_setting('jit')", "off"},
    {"SELECT current_setting('IntervalStyle')", "postgres"},
    {"SELECT current_setting('application_name')", "infill contract"},
    {NULL, NULL},
};

static const struct contract_datum datums[] = {
    {"SELECT NULL::int", {.kind = DATUM_NULL}, NO_ARGUMENT},
    {"SELECT false", NUMBER(DATUM_BOOL, 0), NO_ARGUMENT},
    {"SELECT true", NUMBER(DATUM_BOOL, 1), NO_ARGUMENT},
    {"SELECT '-32768'::smallint", NUMBER(DATUM_INT, -32768), NO_ARGUMENT},
    {"SELECT 32767::smallint", NUMBER(DATUM_INT, 32767), NO_ARGUMENT},
    {"SELECT '-2147483648'::int", NUMBER(DATUM_INT, -2147483648), NO_ARGUMENT},
    {"SELECT 2147483647", NUMBER(DATUM_INT, 2147483647), NO_ARGUMENT},
    {"SELECT '-9223372036854775808'::bigint", NUMBER(DATUM_INT, INT64_MIN), NO_ARGUMENT},
    {"SELECT 9223372036854775807", NUMBER(DATUM_INT, INT64_MAX), NO_ARGUMENT},
    {"SELECT 4294967295::oid", NUMBER(DATUM_INT, 4294967295), NO_ARGUMENT},
    {"SELECT 0::numeric", BYTES(DATUM_DECIMAL, "0"), NO_ARGUMENT},
    {"SELECT 0::numeric(10,2)", BYTES(DATUM_DECIMAL, "0.00"), NO_ARGUMENT},
    {"SELECT '-12.5'::numeric(10,2)", BYTES(DATUM_DECIMAL, "-12.50"), NO_ARGUMENT},
    {"SELECT 1.50", BYTES(DATUM_DECIMAL, "1.50"), NO_ARGUMENT},
    {"SELECT 10000::numeric", BYTES(DATUM_DECIMAL, "10000"), NO_ARGUMENT},
    {"SELECT 9999.9999", BYTES(DATUM_DECIMAL, "9999.9999"), NO_ARGUMENT},
    {"SELECT 10000.0001", BYTES(DATUM_DECIMAL, "10000.0001"), NO_ARGUMENT},
    {"SELECT 99990000::numeric", BYTES(DATUM_DECIMAL, "99990000"), NO_ARGUMENT},
    {"SELECT '-0.00012345'::numeric", BYTES(DATUM_DECIMAL, "-0.00012345"), NO_ARGUMENT},
    {"SELECT 0.00000000000000000001", BYTES(DATUM_DECIMAL, "0.00000000000000000001"), NO_ARGUMENT},
    {"SELECT 100000000000000000000.000", BYTES(DATUM_DECIMAL, "100000000000000000000.000"), NO_ARGUMENT},
    {"SELECT '1e20'::numeric", BYTES(DATUM_DECIMAL, "100000000000000000000"), NO_ARGUMENT},
    {"SELECT '-123456789012345678901234567890.12345678901234567890'::numeric",
     BYTES(DATUM_DECIMAL, "-123456789012345678901234567890.12345678901234567890"), NO_ARGUMENT},
    {"SELECT 0.1", BYTES(DATUM_DECIMAL, "0.1"), NO_ARGUMENT},
    {"SELECT 0.12", BYTES(DATUM_DECIMAL, "0.12"), NO_ARGUMENT},
    {"SELECT 0.123", BYTES(DATUM_DECIMAL, "0.123"), NO_ARGUMENT},
    {"SELECT 0.12345", BYTES(DATUM_DECIMAL, "0.12345"), NO_ARGUMENT},
    {"SELECT 'NaN'::numeric", BYTES(DATUM_DECIMAL, "NaN"), NO_ARGUMENT},
    {"SELECT 'Infinity'::numeric", BYTES(DATUM_DECIMAL, "Infinity"), NO_ARGUMENT},
    {"SELECT '-Infinity'::numeric", BYTES(DATUM_DECIMAL, "-Infinity"), NO_ARGUMENT},
    {"SELECT 16777216::real", REAL(16777216.0), NO_ARGUMENT},
    {"SELECT 0.1::real", REAL((double)0.1f), NO_ARGUMENT},
    {"SELECT 0.1::float8", REAL(0.1), NO_ARGUMENT},
    {"SELECT '-0'::float8", REAL(-0.0), NO_ARGUMENT},
    {"SELECT '5e-324'::float8", REAL(5e-324), NO_ARGUMENT},
    {"SELECT 1e308::float8", REAL(1e308), NO_ARGUMENT},
    {"SELECT '-Infinity'::float8", REAL(-HUGE_VAL), NO_ARGUMENT},
    {"SELECT 'NaN'::float8", REAL((double)NAN), NO_ARGUMENT},
    {"SELECT 'Infinity'::real", REAL(HUGE_VAL), NO_ARGUMENT},
    {"SELECT ''::text", BYTES(DATUM_TEXT, ""), NO_ARGUMENT},
    {"SELECT 'a'::text", BYTES(DATUM_TEXT, "a"), NO_ARGUMENT},
    {"SELECT '\xf0\x9f\x90\x98'::varchar", BYTES(DATUM_TEXT, "\xf0\x9f\x90\x98"), NO_ARGUMENT},
    {"SELECT 'ab'::char(5)", BYTES(DATUM_TEXT, "ab   "), NO_ARGUMENT},
    {"SELECT 'pg_class'::name", BYTES(DATUM_TEXT, "pg_class"), NO_ARGUMENT},
    {"SELECT 'x'::\"char\"", BYTES(DATUM_TEXT, "x"), NO_ARGUMENT},
    {"SELECT 'a@x'::contract_email", BYTES(DATUM_TEXT, "a@x"), NO_ARGUMENT},
    {"SELECT repeat('x', 1048576)", {.kind = DATUM_TEXT, .size = CONTRACT_LONG}, NO_ARGUMENT},
    {"SELECT ''::bytea", BYTES(DATUM_BYTES, ""), NO_ARGUMENT},
    {"SELECT '\\x00ff27'::bytea", BYTES(DATUM_BYTES, "\0\xff'"), NO_ARGUMENT},
    {"SELECT decode(repeat('00', 1048576), 'hex')", {.kind = DATUM_BYTES, .size = CONTRACT_LONG}, NO_ARGUMENT},
    {"SELECT '{ \"a\":1}'::json", BYTES(DATUM_JSON, "{ \"a\":1}"), NO_ARGUMENT},
    {"SELECT '{ \"a\":1}'::jsonb", BYTES(DATUM_JSON, "{\"a\": 1}"), NO_ARGUMENT},
    {"SELECT '00112233-4455-6677-8899-aabbccddeeff'::uuid",
     BYTES(DATUM_UUID, "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"), NO_ARGUMENT},
    {"SELECT date '1970-01-01'", NUMBER(DATUM_DATE, 0), NO_ARGUMENT},
    {"SELECT date '1969-12-31'", NUMBER(DATUM_DATE, -1), NO_ARGUMENT},
    {"SELECT date '2024-02-29'", NUMBER(DATUM_DATE, 19782), NO_ARGUMENT},
    {"SELECT date '0001-01-01'", NUMBER(DATUM_DATE, -719162), NO_ARGUMENT},
    {"SELECT date '9999-12-31'", NUMBER(DATUM_DATE, 2932896), NO_ARGUMENT},
    {"SELECT date '4714-11-24 BC'", NUMBER(DATUM_DATE, -2440588), NO_ARGUMENT},
    {"SELECT date '5874897-12-31'", NUMBER(DATUM_DATE, 2145042905), NO_ARGUMENT},
    {"SELECT date 'infinity'", NUMBER(DATUM_DATE, INT64_MAX), NO_ARGUMENT},
    {"SELECT date '-infinity'", NUMBER(DATUM_DATE, INT64_MIN), NO_ARGUMENT},
    {"SELECT time '00:00:00.000001'", NUMBER(DATUM_TIME, 1), NO_ARGUMENT},
    {"SELECT time '24:00:00'", NUMBER(DATUM_TIME, 86400000000), NO_ARGUMENT},
    {"SELECT timestamp '1970-01-01 00:00:00'", NUMBER(DATUM_TIMESTAMP, 0), NO_ARGUMENT},
    {"SELECT timestamp '1969-12-31 23:59:59.999999'", NUMBER(DATUM_TIMESTAMP, -1), NO_ARGUMENT},
    {"SELECT timestamp '0001-01-01 00:00:00'", NUMBER(DATUM_TIMESTAMP, -62135596800000000), NO_ARGUMENT},
    {"SELECT timestamp '9999-12-31 23:59:59.999999'", NUMBER(DATUM_TIMESTAMP, 253402300799999999), NO_ARGUMENT},
    {"SELECT timestamp '4714-11-24 00:00:00 BC'", NUMBER(DATUM_TIMESTAMP, -210866803200000000), NO_ARGUMENT},
    {"SELECT timestamp 'infinity'", NUMBER(DATUM_TIMESTAMP, INT64_MAX), NO_ARGUMENT},
    {"SELECT timestamp '-infinity'", NUMBER(DATUM_TIMESTAMP, INT64_MIN), NO_ARGUMENT},
    {"SELECT timestamp '294276-12-31 23:59:59.999999'", BYTES(DATUM_OTHER, "\x7f\xff\xff\x5b\xb3\xb2\x9f\xff"), NO_ARGUMENT},
    {"SELECT timestamptz '2024-02-29 12:00:00.5+02'", NUMBER(DATUM_INSTANT, 1709200800500000), NO_ARGUMENT},
    {"SELECT timestamptz 'infinity'", NUMBER(DATUM_INSTANT, INT64_MAX), NO_ARGUMENT},
    {"SELECT interval '1 day'", BYTES(DATUM_OTHER, "\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0"), NO_ARGUMENT},
    {"SELECT 'sad'::contract_mood", BYTES(DATUM_OTHER, "sad"), NO_ARGUMENT},
    {"SELECT B'101'", BYTES(DATUM_OTHER, "\0\0\0\3\xa0"), NO_ARGUMENT},
    {"SELECT ARRAY[1, 2]", {.kind = DATUM_OTHER, .size = 36}, NO_ARGUMENT},
    {"SELECT timetz '12:00:00+02'", {.kind = DATUM_OTHER, .size = 12}, NO_ARGUMENT},
    {"SELECT ?::text::bigint", NUMBER(DATUM_INT, INT64_MIN), ARGUMENT("-9223372036854775808", VALUE_TEXT)},
    {"SELECT ?::text", BYTES(DATUM_TEXT, "$1 ? '\xf0\x9f\x90\x98"), ARGUMENT("$1 ? '\xf0\x9f\x90\x98", VALUE_TEXT)},
    {"SELECT ?::text::numeric", BYTES(DATUM_DECIMAL, "-0.10"), ARGUMENT("-0.10", VALUE_TEXT)},
    {"SELECT decode(?::text, 'hex')", BYTES(DATUM_BYTES, "\xff"), ARGUMENT("ff", VALUE_TEXT)},
    {"SELECT ?::text", BYTES(DATUM_TEXT, ""), ARGUMENT("", VALUE_TEXT)},
    {"SELECT ?::text", {.kind = DATUM_NULL}, ARGUMENT("", VALUE_NULL)},
    {NULL, {.kind = DATUM_NULL}, NO_ARGUMENT},
};

static const char *const row_ddl[] = {
    "CREATE TABLE contract_row (id int PRIMARY KEY, t varchar(5), u text UNIQUE, n text NOT NULL DEFAULT '', p bigint REFERENCES "
    "contract_t (id),"
    " c text CHECK (c <> 'canary'), d contract_email, x int4range, EXCLUDE USING gist (x WITH &&))",
    "INSERT INTO contract_row (id, u, x) VALUES (1, 'canary', '[1,5)')",
    "CREATE FUNCTION contract_raise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF new.t = 'raise' THEN RAISE EXCEPTION 'no %', new.u; END IF;"
    " IF new.t = 'odd' THEN RAISE EXCEPTION 'no %', new.u USING ERRCODE = 'ZZ001'; END IF; RETURN new; END $$",
    "CREATE TRIGGER contract_raise BEFORE INSERT ON contract_row FOR EACH ROW EXECUTE FUNCTION contract_raise()",
    NULL,
};

static const struct contract_row_error row_errors[] = {
    {"INSERT INTO contract_row (id) SELECT v::int FROM (VALUES ('canary')) AS s(v)", ERR_ROW},
    {"INSERT INTO contract_row (id, t) SELECT 2, v FROM (VALUES ('canary')) AS s(v)", ERR_ROW},
    {"INSERT INTO contract_row (id, u) VALUES (2, 'canary')", ERR_DUPLICATE},
    {"INSERT INTO contract_row (id, u, n) VALUES (2, 'the canary', NULL)", ERR_ROW},
    {"INSERT INTO contract_row (id, c) VALUES (2, 'canary')", ERR_ROW},
    {"INSERT INTO contract_row (id, u, p) VALUES (2, 'the canary', 77)", ERR_ROW},
    {"INSERT INTO contract_row (id, d) VALUES (2, 'canary')", ERR_ROW},
    {"INSERT INTO contract_row (id, u, x) VALUES (2, 'the canary', '[2,3)')", ERR_ROW},
    {"INSERT INTO contract_row (id, u) SELECT 2, v::json ->> 'a' FROM (VALUES ('canary')) AS s(v)", ERR_ROW},
    {"INSERT INTO contract_row (id, u) SELECT 2, v::timestamp FROM (VALUES ('canary')) AS s(v)", ERR_ROW},
    {"INSERT INTO contract_row (id, u) SELECT 2, v::uuid FROM (VALUES ('canary')) AS s(v)", ERR_ROW},
    {"INSERT INTO contract_row (id, u) SELECT 2, (SELECT v FROM generate_series(1, 2)) FROM (VALUES ('canary')) AS s(v)", ERR_ROW},
    {"INSERT INTO contract_row (id, t, u) VALUES (2, 'raise', 'the canary')", ERR_ROW},
    {"INSERT INTO contract_row (id, t, u) VALUES (2, 'odd', 'the canary')", ERR_UNKNOWN},
    {NULL, 0},
};

static const char *const analyze[] = {"ANALYZE contract_t", NULL};

static const char *const cleanup[] = {
    "DROP TYPE IF EXISTS contract_mood CASCADE",
    "CREATE TYPE contract_mood AS ENUM ('sad', 'ok', 'happy')",
    "DROP DOMAIN IF EXISTS contract_email CASCADE",
    "CREATE DOMAIN contract_email AS varchar(20) CHECK (VALUE LIKE '%@%')",
    "DROP FUNCTION IF EXISTS contract_raise() CASCADE",
    "DROP SCHEMA IF EXISTS contract_schema CASCADE",
    "DROP VIEW IF EXISTS contract_view",
    "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'contract_role') THEN DROP OWNED BY contract_role; END IF; END $$",
    "DROP ROLE IF EXISTS contract_role",
    NULL,
};

extern const struct CMUnitTest contract_postgres_tests[];
extern const struct CMUnitTest contract_pgbouncer_tests[];
extern const struct contract_engine *const contract_postgres_lanes[];

/* What every way to a PostgreSQL has in common. */
#define WORDS                                                                                                                      \
    .text = "text", .long_text = "text", .named_text = "varchar(50)", .bytes = "bytea", .bytes_literal = "'\\x00ff27'",            \
    .bytes_out = "00ff27", .echo = "SELECT ?::text",                                                                               \
    .fill_t = "INSERT INTO contract_t SELECT i, 'row ' || i FROM generate_series(1, 20000) AS i", .analyze = analyze,              \
    .auto_key = "id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", .sleep = "SELECT pg_sleep(10)",                          \
    .session_id = "SELECT pg_backend_pid()", .kill = "SELECT pg_terminate_backend(?::text::int)",                                  \
    .session_lives = "SELECT count(*) FROM pg_stat_activity WHERE pid = ?::text::int",                                             \
    .deferred_ddl = "CREATE TABLE contract_child (parent bigint REFERENCES contract_t (id) DEFERRABLE INITIALLY DEFERRED)",        \
    .rows = "SELECT i, 'row ' || i FROM (SELECT generate_series(1, ?::text::int) AS i) AS s",                                      \
    .wide_rows = "SELECT repeat('x', 100000) FROM (SELECT generate_series(1, ?::text::int)) AS s",                                 \
    .fails_late = "SELECT CASE WHEN i = 50000 THEN 1 / (i - 50000) ELSE i END FROM (SELECT generate_series(1, 100000) AS i) AS s", \
    .slow_late = "SELECT i, 'row ' || i || CASE WHEN i > 10000 THEN pg_sleep(10)::text ELSE '' END"                                \
                 " FROM (SELECT generate_series(1, 100000) AS i) AS s",                                                            \
    .datums = datums, .row_ddl = row_ddl, .keys = keys, .settings = settings, .row_errors = row_errors,                            \
    .volatile_function = "random", .stable_function = "lower", .cleanup = cleanup,

enum { ALL = CAN_KILL | CAN_DEADLOCK | CAN_DEFER | CAN_IDLE_OUT | CAN_WAIT | CAN_TIME_OUT };

static const struct contract_engine postgres = {
    .name = "postgres", .capabilities = ALL, .url = url, .own = contract_postgres_tests, WORDS};

static const struct contract_engine postgres_new = {
    .name = "postgres-new", .capabilities = ALL, .url = url_new, .own = contract_postgres_tests, WORDS};

/* In transaction mode a client has no session of its own that could be killed, fall silent or be named. */
static const struct contract_engine pgbouncer = {.name = "pgbouncer",
                                                 .capabilities = CAN_DEADLOCK | CAN_DEFER | CAN_TIME_OUT,
                                                 .url = url_pgbouncer,
                                                 .own = contract_pgbouncer_tests,
                                                 WORDS};

const struct contract_engine *const contract_postgres_lanes[] = {&postgres, &postgres_new, &pgbouncer, NULL};
