/* sqlite_scratch.c - the self-test's columns on SQLite, and damage that only its storage classes can take.
 *
 * Minus zero is not among it: it is stored as the integer 0. */
#include "db/dialects.h"
#include "sql/scratch.h"

#define BYTES_OF(number, tail) "CAST(printf('%08x', " number " * 7919) || '" tail "' AS BLOB)"

static const struct sql_scratch_column columns[] = {
    {{.name = "id", .type = "INTEGER", .class = SQL_INTEGER, .not_null = true, .has_default = true}, "i * 10"},
    {{.name = "tiny", .type = "SMALLINT", .class = SQL_INTEGER}, "i"},
    {{.name = "anything", .type = "", .class = SQL_ANY}, "CASE i % 3 WHEN 0 THEN i WHEN 1 THEN i || '' ELSE i + 0.5 END"},
    {{.name = "price", .type = "NUMERIC", .class = SQL_ANY}, "i + 0.5"},
    {{.name = "uid", .type = "UUID", .class = SQL_UUID}, "printf('00000000-0000-4000-8000-%012x', i)"},
    {{.name = "clock", .type = "TIME", .class = SQL_ANY}, "time('08:00:00', i || ' seconds')"},
    {{.name = "moment", .type = "INTEGER", .class = SQL_INTEGER}, "1767340800 + i * 60"},
    {{.name = "name", .type = "VARCHAR(40)", .class = SQL_TEXT},
     "CASE i WHEN 14 THEN 'caf\xc3\xa9' WHEN 20 THEN 'a#b' ELSE printf('name %04d', i) END"},
    {{.name = "label", .type = "TEXT", .collation = "NOCASE", .class = SQL_TEXT},
     "CASE i WHEN 20 THEN 'c' ELSE printf('Label %04d', i) END"},
    {{.name = "note", .type = "TEXT", .class = SQL_TEXT},
     "CASE i WHEN 8 THEN NULL WHEN 9 THEN '' WHEN 201 THEN 'other' ELSE 'a remark' END"},
    {{.name = "small", .type = "INTEGER", .class = SQL_INTEGER}, "CASE i WHEN 5 THEN 0 WHEN 10 THEN NULL ELSE 100 + i % 100 END"},
    {{.name = "amount", .type = "DECIMAL(12,2)", .class = SQL_ANY}, "100.5 + i"},
    {{.name = "ratio", .type = "REAL", .class = SQL_FLOAT}, "CASE i WHEN 7 THEN 0 ELSE i * 0.25 + 0.100000001 END"},
    {{.name = "data", .type = "BLOB", .class = SQL_BYTES}, BYTES_OF("i", "00112233")},
    {{.name = "seen_at", .type = "DATETIME", .class = SQL_TIMESTAMP},
     "date('2026-01-02', (i / 50) || ' days') || ' 08:00:00.123456'"},
    {{.name = "doc", .type = "JSON", .class = SQL_JSON}, "printf('{\"a\": %d, \"b\": [1, 2]}', 1000 + i)"},
    {{.name = "flag", .type = "BOOLEAN", .class = SQL_BOOLEAN}, "i % 2 = 0"},
    {{.name = "day", .type = "DATE", .class = SQL_DATE}, "date('2026-01-01', i || ' days')"},
    {{.name = "status", .type = "TEXT", .class = SQL_TEXT}, "substr('openpaidvoidsent', 1 + i % 4 * 4, 4)"},
};

#define BIT_TURNED "UPDATE {copy} SET data = " BYTES_OF("(id / 10)", "00112232") " WHERE id "

static const struct sql_scratch_damage damages[] = {
    {"a bit of a binary", 1, {BIT_TURNED "= 1200"}},
    {"the same bit of a binary in two rows", 2, {BIT_TURNED "IN (1010, 1250)"}},
    {"a text in place of a number", 1, {"UPDATE {copy} SET anything = '240' WHERE id = 2400"}},
    {"a number with a point in place of one without", 1, {"UPDATE {copy} SET anything = 240.0 WHERE id = 2400"}},
    {"bytes in place of a text", 1, {"UPDATE {copy} SET name = CAST(name AS BLOB) WHERE id = 1200"}},
    {"a time in seconds, seven hours later in an even number of rows",
     40,
     {"UPDATE {copy} SET moment = moment + 25200 WHERE id BETWEEN 1010 AND 1400"}},
    {NULL, 0, {NULL}},
};

const struct sql_scratch sqlite_scratch = {
    .where_nothing_is_written = true,
    .empty = "DELETE FROM {copy}",
    .key_index = "",
    .columns = columns,
    .column_count = sizeof columns / sizeof columns[0],
    .damages = damages,
};
