/* mariadb_scratch.c - the self-test's columns on MariaDB, and damage that only its types can take.
 *
 * Minus zero is not among it: every statement stores it as zero. */
#include "db/dialects.h"
#include "sql/scratch.h"

#define BYTES_OF(number, tail) "UNHEX(CONCAT(LPAD(HEX(" number " * 7919), 8, '0'), '" tail "'))"

static const struct sql_scratch_column columns[] = {
    {{.name = "id", .type = "bigint(20)", .class = SQL_INTEGER, .precision = 64, .not_null = true}, "i * 10"},
    {{.name = "tiny", .type = "smallint(6)", .class = SQL_INTEGER, .precision = 16}, "i"},
    {{.name = "wide", .type = "bigint(20) unsigned", .class = SQL_INTEGER, .precision = 64, .is_unsigned = true},
     "18446744073709551000 + i"},
    {{.name = "options", .type = "set('a','b','c')", .class = SQL_TEXT}, "MAKE_SET(i % 8, 'a', 'b', 'c')"},
    {{.name = "bits", .type = "bit(8)", .class = SQL_OTHER}, "i % 256"},
    {{.name = "choice", .type = "enum('open','paid','void','sent')", .class = SQL_ENUM},
     "ELT(1 + i % 4, 'open', 'paid', 'void', 'sent')"},
    {{.name = "since", .type = "year(4)", .class = SQL_OTHER}, "1950 + i % 200"},
    {{.name = "code", .type = "char(8)", .class = SQL_TEXT, .length = 8}, "LPAD(i, 6, '0')"},
    {{.name = "uid", .type = "binary(16)", .class = SQL_BYTES, .length = 16},
     "UNHEX(CONCAT('00000000000040008000', LPAD(HEX(i), 12, '0')))"},
    {{.name = "clock", .type = "time(6)", .class = SQL_TIME, .precision = 6}, "SEC_TO_TIME(28800 + i)"},
    {{.name = "moment", .type = "timestamp(6) NULL", .class = SQL_TIMESTAMP, .precision = 6},
     "TIMESTAMP'2026-01-02 08:00:00' + INTERVAL i MINUTE"},
    {{.name = "single", .type = "float", .class = SQL_FLOAT}, "i / 3"},
    {{.name = "name", .type = "varchar(40)", .class = SQL_TEXT, .length = 40},
     "CASE i WHEN 14 THEN 'caf\xc3\xa9' WHEN 20 THEN 'a#b' ELSE CONCAT('name ', LPAD(i, 4, '0')) END"},
    {{.name = "label", .type = "varchar(40)", .collation = "utf8mb4_general_ci", .class = SQL_TEXT, .length = 40},
     "CASE i WHEN 20 THEN 'c' ELSE CONCAT('Label ', LPAD(i, 4, '0')) END"},
    {{.name = "note", .type = "text", .class = SQL_TEXT},
     "CASE i WHEN 8 THEN NULL WHEN 9 THEN '' WHEN 201 THEN 'other' ELSE 'a remark' END"},
    {{.name = "small", .type = "int(11)", .class = SQL_INTEGER, .precision = 32},
     "CASE i WHEN 5 THEN 0 WHEN 10 THEN NULL ELSE 100 + i % 100 END"},
    {{.name = "amount", .type = "decimal(12,2)", .class = SQL_DECIMAL, .precision = 12, .scale = 2}, "100.5 + i"},
    {{.name = "ratio", .type = "double", .class = SQL_FLOAT}, "CASE i WHEN 7 THEN 0 ELSE i * 0.25 + 0.100000001 END"},
    {{.name = "data", .type = "varbinary(16)", .class = SQL_BYTES, .length = 16}, BYTES_OF("i", "00112233")},
    {{.name = "seen_at", .type = "datetime(6)", .class = SQL_TIMESTAMP, .precision = 6},
     "TIMESTAMP'2026-01-02 08:00:00.123456' + INTERVAL i DIV 50 DAY"},
    {{.name = "doc", .type = "json", .class = SQL_JSON}, "CONCAT('{\"a\": ', 1000 + i, ', \"b\": [1, 2]}')"},
    {{.name = "flag", .type = "tinyint(1)", .class = SQL_INTEGER, .precision = 8}, "i % 2 = 0"},
    {{.name = "day", .type = "date", .class = SQL_DATE}, "DATE'2026-01-01' + INTERVAL i DAY"},
    {{.name = "status", .type = "varchar(20)", .class = SQL_TEXT, .length = 20}, "ELT(1 + i % 4, 'open', 'paid', 'void', 'sent')"},
};

#define BIT_TURNED "UPDATE {copy} SET data = " BYTES_OF("(id DIV 10)", "00112232") " WHERE id "

static const struct sql_scratch_damage damages[] = {
    {"a bit of a binary", 1, {BIT_TURNED "= 1200"}},
    {"the same bit of a binary in two rows", 2, {BIT_TURNED "IN (1010, 1250)"}},
    {"an instant seven hours later in an even number of rows",
     40,
     {"UPDATE {copy} SET moment = moment + INTERVAL 7 HOUR WHERE id BETWEEN 1010 AND 1400"}},
    {"the highest bit of an unsigned number", 1, {"UPDATE {copy} SET wide = wide - 9223372036854775808 WHERE id = 1200"}},
    {"a day that no calendar has", 1, {"UPDATE IGNORE {copy} SET day = '2026-00-00' WHERE id = 1200"}},
    {NULL, 0, {NULL}},
};

const struct sql_scratch mariadb_scratch = {
    .key_index = "PRIMARY",
    .columns = columns,
    .column_count = sizeof columns / sizeof columns[0],
    .damages = damages,
};
