/* dialect.c - what all engines share: quoting, but for the character, and which periods make sense. */
#include "sql/dialect.h"

void sql_ident(const struct sql_dialect *dialect, struct buf *out, const char *name) {
    buf_add_char(out, dialect->quote);
    for (const char *c = name; *c != '\0'; c++) {
        if (*c == dialect->quote)
            buf_add_char(out, *c);
        buf_add_char(out, *c);
    }
    buf_add_char(out, dialect->quote);
}

bool sql_is_ident(const struct sql_dialect *dialect, const char *text, const char *name) {
    if (*text++ != dialect->quote)
        return false;
    for (const char *c = name; *c != '\0'; c++)
        if (*text++ != *c || (*c == dialect->quote && *text++ != *c))
            return false;
    return text[0] == dialect->quote && text[1] == '\0';
}

void sql_table_name(const struct sql_dialect *dialect, struct buf *out, const char *schema, const char *name) {
    if (dialect->has_schemas && schema != NULL) {
        sql_ident(dialect, out, schema);
        buf_add_char(out, '.');
    }
    sql_ident(dialect, out, name);
}

enum { SECOND_US = 1000000, DAY_SECONDS = 86400 };

const char *sql_period_refused(const struct sql_column *column, long long period_us) {
    if (column->class != SQL_DATE && column->class != SQL_TIMESTAMP)
        return "the first key column is neither a date nor a timestamp";
    if (period_us <= 0 || period_us % SECOND_US != 0)
        return "the period is not a whole number of seconds";
    if (column->class == SQL_DATE && period_us / SECOND_US % DAY_SECONDS != 0)
        return "the first key column is a date, so the period must be whole days";
    return NULL;
}
