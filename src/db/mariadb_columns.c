/* mariadb_columns.c - the columns of a table. */
#include <string.h>

#include "db/mariadb_catalog.h"

static const char columns_sql[] =
    "SELECT COLUMN_NAME, COLUMN_TYPE, DATA_TYPE, COLLATION_NAME, CHARACTER_SET_NAME, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION,"
    " NUMERIC_SCALE, DATETIME_PRECISION, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, GENERATION_EXPRESSION FROM information_schema.COLUMNS"
    " WHERE " MDB_TABLE_IS("TABLE_SCHEMA", "TABLE_NAME") " ORDER BY ORDINAL_POSITION";

enum { NAME, TYPE, BASE, COLLATION, CHARSET, LENGTH, PRECISION, SCALE, FRACTION, NULLABLE, DEFAULT, EXTRA, GENERATED };

/* has_length: the number in brackets limits what is stored; of a text without it the limit is so many bytes, not characters. */
static const struct {
    const char *base;
    enum sql_class class;
    int precision; /* 0: the catalog says */
    bool has_length;
} types[] = {
    {"tinyint", SQL_INTEGER, 8, false},
    {"smallint", SQL_INTEGER, 16, false},
    {"mediumint", SQL_INTEGER, 24, false},
    {"int", SQL_INTEGER, 32, false},
    {"bigint", SQL_INTEGER, 64, false},
    {"year", SQL_INTEGER, 16, false},
    {"decimal", SQL_DECIMAL, 0, false},
    {"float", SQL_FLOAT, 24, false},
    {"double", SQL_FLOAT, 53, false},
    {"char", SQL_TEXT, 0, true},
    {"varchar", SQL_TEXT, 0, true},
    {"tinytext", SQL_TEXT, 0, false},
    {"text", SQL_TEXT, 0, false},
    {"mediumtext", SQL_TEXT, 0, false},
    {"longtext", SQL_TEXT, 0, false},
    {"binary", SQL_BYTES, 0, true},
    {"varbinary", SQL_BYTES, 0, true},
    {"tinyblob", SQL_BYTES, 0, false},
    {"blob", SQL_BYTES, 0, false},
    {"mediumblob", SQL_BYTES, 0, false},
    {"longblob", SQL_BYTES, 0, false},
    {"date", SQL_DATE, 0, false},
    {"time", SQL_TIME, 0, false},
    {"datetime", SQL_TIMESTAMP, 0, false},
    {"timestamp", SQL_TIMESTAMP, 0, false},
    {"uuid", SQL_UUID, 0, false},
    {"json", SQL_JSON, 0, false},
    {"enum", SQL_ENUM, 0, false},
    {"set", SQL_ENUM, 0, false},
};

static bool has_word(const char *extra, const char *word) {
    return extra != NULL && strcasestr(extra, word) != NULL;
}

static void read_class(const struct db_result *rows, unsigned row, struct sql_column *column) {
    column->class = SQL_OTHER;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (mdb_says(rows, row, BASE, types[i].base)) {
            column->class = types[i].class;
            column->precision = types[i].precision;
            column->length = types[i].has_length ? (int)db_cell_int(rows, row, LENGTH, 0) : 0;
        }
    if (column->class == SQL_DECIMAL)
        column->precision = (int)db_cell_int(rows, row, PRECISION, 0);
    if (column->class == SQL_DECIMAL || column->class == SQL_FLOAT)
        column->scale = (int)db_cell_int(rows, row, SCALE, 0);
    if (column->class == SQL_TIME || column->class == SQL_TIMESTAMP)
        column->precision = (int)db_cell_int(rows, row, FRACTION, 0);
    column->is_unsigned = has_word(column->type, " unsigned") && column->class != SQL_ENUM;
}

/* MariaDB writes the default NULL of a column that may be NULL as the word; MySQL as NULL. A literal has quotes. */
static bool has_default(const struct db_result *rows, unsigned row) {
    const char *text = db_cell(rows, row, DEFAULT);
    return text != NULL && strcmp(text, "NULL") != 0;
}

static void read_column(const struct db_result *rows, unsigned row, struct sql_column *column) {
    const char *extra = db_cell(rows, row, EXTRA), *generated = db_cell(rows, row, GENERATED);
    column->name = db_cell(rows, row, NAME);
    column->type = db_cell(rows, row, TYPE);
    column->collation = db_cell(rows, row, COLLATION);
    column->charset = db_cell(rows, row, CHARSET);
    column->not_null = mdb_says(rows, row, NULLABLE, "NO");
    /* Also the two columns of a system-versioned table that say from when to when a row holds. */
    column->is_generated =
        (generated != NULL && *generated != '\0') || has_word(extra, "STORED GENERATED") || has_word(extra, "VIRTUAL GENERATED");
    column->has_sequence = has_word(extra, "auto_increment");
    column->updates_itself = has_word(extra, "on update");
    column->formula = column->is_generated && generated && *generated ? generated
                      : has_default(rows, row)                        ? db_cell(rows, row, DEFAULT)
                                                                      : NULL;
    column->has_default = !column->is_generated && (has_default(rows, row) || column->has_sequence);
    read_class(rows, row, column);
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

const struct mdb_part mdb_part_columns = {columns_sql, NULL, read_columns};
