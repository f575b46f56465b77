/* dialect.c - quoting, the same for all engines but for the character. */
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

void sql_table_name(const struct sql_dialect *dialect, struct buf *out, const char *schema, const char *name) {
    if (dialect->has_schemas && schema != NULL) {
        sql_ident(dialect, out, schema);
        buf_add_char(out, '.');
    }
    sql_ident(dialect, out, name);
}
