/* postgres_columns.c - the columns of a table.
 *
 * A column of a domain is described by the domain's base type: that is what an index compares and what is stored. Types are spelled so
 * that a cast means the same type: character(5) as bpchar(5), because the dialect takes lengths off, and a bare "character" is one
 * character long. */
#include <stdlib.h>
#include <string.h>

#include "db/postgres_catalog.h"

/* The typmod of a varchar, bpchar or numeric counts 4 bytes of header. */
static const char columns_sql[] =
    "WITH RECURSIVE base(attnum, typ, typmod, has_default) AS ("
    "  SELECT a.attnum, a.atttypid, a.atttypmod, false FROM pg_catalog.pg_attribute a"
    "  WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped"
    "  UNION ALL SELECT b.attnum, t.typbasetype, CASE WHEN b.typmod >= 0 THEN b.typmod ELSE t.typtypmod END,"
    "  b.has_default OR t.typdefault IS NOT NULL FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.typ WHERE t.typtype = 'd')"
    " SELECT a.attname, CASE WHEN t.oid = 'pg_catalog.bpchar'::pg_catalog.regtype AND b.typmod > 4 THEN 'bpchar(' || b.typmod - 4 "
    "|| ')'"
    "  WHEN t.oid = 'pg_catalog.bpchar'::pg_catalog.regtype THEN 'bpchar' ELSE pg_catalog.format_type(t.oid, b.typmod) END,"
    " CASE WHEN n.nspname = 'pg_catalog' THEN t.typname ELSE '' END, t.typtype, b.typmod,"
    " CASE WHEN a.attcollation <> 'pg_catalog.\"default\"'::pg_catalog.regcollation THEN l.collname END,"
    " a.attnotnull, (a.atthasdef OR a.attidentity <> '' OR b.has_default) AND a.attgenerated = '', a.attidentity = 'a',"
    " a.attgenerated <> '', a.attidentity <> ''"
    "  OR EXISTS (SELECT FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_depend p ON p.classid = "
    "'pg_catalog.pg_attrdef'::pg_catalog.regclass"
    "   AND p.objid = d.oid AND p.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass"
    "   JOIN pg_catalog.pg_class s ON s.oid = p.refobjid AND s.relkind = 'S' WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum),"
    " (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = "
    "a.attnum)"
    " FROM pg_catalog.pg_attribute a JOIN base b USING (attnum) JOIN pg_catalog.pg_type t ON t.oid = b.typ AND t.typtype <> 'd'"
    " JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
    " LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation"
    " WHERE a.attrelid = $1::oid ORDER BY a.attnum";

enum { NAME, TYPE, BASE, TYPTYPE, TYPMOD, COLLATION, NOT_NULL, HAS_DEFAULT, IDENTITY_ALWAYS, GENERATED, SEQUENCE, FORMULA };

enum { HEADER = 4, FRACTION_DIGITS = 6 };

static const struct {
    const char *typname;
    enum sql_class class;
    int precision; /* 0: the typmod says */
    bool is_unsigned;
} types[] = {
    {"int2", SQL_INTEGER, 16, false}, {"int4", SQL_INTEGER, 32, false},       {"int8", SQL_INTEGER, 64, false},
    {"oid", SQL_INTEGER, 32, true},   {"numeric", SQL_DECIMAL, 0, false},     {"float4", SQL_FLOAT, 24, false},
    {"float8", SQL_FLOAT, 53, false}, {"text", SQL_TEXT, 0, false},           {"varchar", SQL_TEXT, 0, false},
    {"bpchar", SQL_TEXT, 0, false},   {"name", SQL_TEXT, 0, false},           {"bytea", SQL_BYTES, 0, false},
    {"uuid", SQL_UUID, 0, false},     {"date", SQL_DATE, 0, false},           {"time", SQL_TIME, 0, false},
    {"timetz", SQL_TIME, 0, false},   {"timestamp", SQL_TIMESTAMP, 0, false}, {"timestamptz", SQL_TIMESTAMP, 0, false},
    {"bool", SQL_BOOLEAN, 0, false},  {"json", SQL_JSON, 0, false},           {"jsonb", SQL_JSON, 0, false},
};

/* numeric(p, s): p and s in one number, s signed in 11 bits since version 15. */
static void read_numeric(struct sql_column *column, int typmod) {
    if (typmod < HEADER)
        return;
    int packed = typmod - HEADER;
    column->precision = (packed >> 16) & 0xffff;
    column->scale = ((packed & 0x7ff) ^ 1024) - 1024;
}

static void read_sizes(struct sql_column *column, const char *base, int typmod) {
    bool has_length = strcmp(base, "varchar") == 0 || strcmp(base, "bpchar") == 0;
    if (column->class == SQL_DECIMAL)
        read_numeric(column, typmod);
    else if (has_length && typmod > HEADER)
        column->length = typmod - HEADER;
    else if (strcmp(base, "name") == 0)
        column->length = 63;
    else if (column->class == SQL_TIME || column->class == SQL_TIMESTAMP)
        column->precision = typmod >= 0 ? typmod : FRACTION_DIGITS;
}

static void read_class(struct sql_column *column, const char *base, char typtype, int typmod) {
    column->class = typtype == 'e' ? SQL_ENUM : SQL_OTHER;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i].typname, base) == 0) {
            column->class = types[i].class;
            column->precision = types[i].precision;
            column->is_unsigned = types[i].is_unsigned;
        }
    read_sizes(column, base, typmod);
}

static void read_column(const struct db_result *rows, unsigned row, struct sql_column *column) {
    column->name = db_cell(rows, row, NAME);
    column->type = db_cell(rows, row, TYPE);
    column->collation = db_cell(rows, row, COLLATION);
    column->formula = db_cell(rows, row, FORMULA);
    column->not_null = pg_true(rows, row, NOT_NULL);
    column->has_default = pg_true(rows, row, HAS_DEFAULT);
    column->is_identity = pg_true(rows, row, IDENTITY_ALWAYS);
    column->is_generated = pg_true(rows, row, GENERATED);
    column->has_sequence = pg_true(rows, row, SEQUENCE);
    read_class(column, db_cell(rows, row, BASE), db_cell(rows, row, TYPTYPE)[0], (int)db_cell_int(rows, row, TYPMOD, -1));
}

static int read_columns(const struct db_result *rows, struct arena *arena, struct sql_table *table, struct err *err) {
    table->columns = arena_array(arena, rows->row_count + 1, sizeof(*table->columns));
    if (table->columns == NULL)
        return err_nomem(err);
    for (unsigned row = 0; row < rows->row_count; row++)
        read_column(rows, row, &table->columns[row]);
    table->column_count = rows->row_count;
    return 0;
}

const struct pg_part pg_part_columns = {columns_sql, read_columns};
