/* postgres_scratch.c - the self-test's columns on PostgreSQL, and damage that only its types can take. */
#include "db/dialects.h"
#include "sql/scratch.h"

static const struct sql_scratch_column columns[] = {
    {{.name = "id", .type = "bigint", .class = SQL_INTEGER, .precision = 64, .not_null = true}, "i * 10"},
    {{.name = "tiny", .type = "smallint", .class = SQL_INTEGER, .precision = 16}, "i"},
    {{.name = "price", .type = "numeric", .class = SQL_DECIMAL}, "i + 0.5"},
    {{.name = "span", .type = "interval", .class = SQL_OTHER}, "i * interval '1 minute'"},
    {{.name = "address", .type = "inet", .class = SQL_OTHER}, "('10.0.0.' || i % 250)::inet"},
    {{.name = "tags", .type = "text[]", .class = SQL_OTHER}, "ARRAY['tag', i::text]"},
    {{.name = "bits", .type = "bit(8)", .class = SQL_OTHER}, "i::bit(8)"},
    {{.name = "code", .type = "character(8)", .class = SQL_TEXT, .length = 8}, "lpad(i::text, 6, '0')"},
    {{.name = "uid", .type = "uuid", .class = SQL_UUID}, "('00000000-0000-4000-8000-' || lpad(to_hex(i), 12, '0'))::uuid"},
    {{.name = "clock", .type = "time without time zone", .class = SQL_TIME, .precision = 6},
     "time '08:00' + i * interval '1 second'"},
    {{.name = "moment", .type = "timestamp with time zone", .class = SQL_TIMESTAMP, .precision = 6},
     "timestamptz '2026-01-02 08:00:00+00' + i * interval '1 minute'"},
    {{.name = "single", .type = "real", .class = SQL_FLOAT}, "(i / 3.0)::real"},
    {{.name = "docb", .type = "jsonb", .class = SQL_JSON}, "('{\"a\": ' || (1000 + i) || '}')::jsonb"},
    {{.name = "name", .type = "character varying(40)", .class = SQL_TEXT, .length = 40},
     "CASE i WHEN 14 THEN 'caf\xc3\xa9' WHEN 20 THEN 'a#b' ELSE 'name ' || lpad(i::text, 4, '0') END"},
    {{.name = "label", .type = "text", .class = SQL_TEXT}, "CASE i WHEN 20 THEN 'c' ELSE 'Label ' || lpad(i::text, 4, '0') END"},
    {{.name = "note", .type = "text", .class = SQL_TEXT},
     "CASE i WHEN 8 THEN NULL WHEN 9 THEN '' WHEN 201 THEN 'other' ELSE 'a remark' END"},
    {{.name = "small", .type = "integer", .class = SQL_INTEGER, .precision = 32},
     "CASE i WHEN 5 THEN 0 WHEN 10 THEN NULL ELSE 100 + i % 100 END"},
    {{.name = "amount", .type = "numeric(12,2)", .class = SQL_DECIMAL, .precision = 12, .scale = 2}, "100.5 + i"},
    {{.name = "ratio", .type = "double precision", .class = SQL_FLOAT}, "CASE i WHEN 7 THEN 0 ELSE i * 0.25 + 0.100000001 END"},
    {{.name = "data", .type = "bytea", .class = SQL_BYTES}, "decode(lpad(to_hex(i * 7919), 8, '0') || '00112233', 'hex')"},
    {{.name = "seen_at", .type = "timestamp without time zone", .class = SQL_TIMESTAMP, .precision = 6},
     "timestamp '2026-01-02 08:00:00.123456' + i / 50 * interval '1 day'"},
    {{.name = "doc", .type = "json", .class = SQL_JSON}, "('{\"a\": ' || (1000 + i) || ', \"b\": [1, 2]}')::json"},
    {{.name = "flag", .type = "boolean", .class = SQL_BOOLEAN}, "i % 2 = 0"},
    {{.name = "day", .type = "date", .class = SQL_DATE}, "date '2026-01-01' + i"},
    {{.name = "status", .type = "character varying(20)", .class = SQL_TEXT, .length = 20},
     "(ARRAY['open', 'paid', 'void', 'sent'])[1 + i % 4]"},
};

#define BIT_TURNED "UPDATE {copy} SET data = set_bit(data, 63, 1 - get_bit(data, 63)) WHERE id "

static const struct sql_scratch_damage damages[] = {
    {"a bit of a binary", 1, {BIT_TURNED "= 1200"}},
    {"the same bit of a binary in two rows", 2, {BIT_TURNED "IN (1010, 1250)"}},
    {"zero became minus zero", 1, {"UPDATE {copy} SET ratio = '-0' WHERE id = 70"}},
    {"the scale of a number without a fixed one", 1, {"UPDATE {copy} SET price = 260.50 WHERE id = 2600"}},
    {"an instant seven hours later in an even number of rows",
     40,
     {"UPDATE {copy} SET moment = moment + interval '7 hours' WHERE id BETWEEN 1010 AND 1400"}},
    {"a day for 24 hours", 1, {"UPDATE {copy} SET span = span + interval '1 day' - interval '24 hours' WHERE id = 1200"}},
    {"NaN in place of a number", 1, {"UPDATE {copy} SET ratio = 'NaN' WHERE id = 1200"}},
    {NULL, 0, {NULL}},
};

const struct sql_scratch postgres_scratch = {
    .schema = "pg_temp",
    .empty = "TRUNCATE {copy}",
    .key_index = "",
    .columns = columns,
    .column_count = sizeof columns / sizeof columns[0],
    .damages = damages,
};
