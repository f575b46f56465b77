/* sqlite_stream.c - the rows of one SELECT by their storage classes: what is on the page, whatever the column was declared as. */
#include "base/mem.h"
#include "db/sqlite.h"

static void take_bytes(sqlite3_value *value, const void *bytes, struct datum *datum) {
    datum->bytes = bytes ? bytes : "";
    datum->size = (size_t)sqlite3_value_bytes(value);
}

/* False when there is no memory to turn the text of a UTF-16 file into UTF-8.
 *
 * One look-up of the column for all that is asked of it. Values of a column may be read like this because connections are opened
 * without a mutex of their own: "protected" and "unprotected" values are the same then ("Dynamically Typed Value Object"). */
static bool take(sqlite3_stmt *stmt, int column, struct datum *datum) {
    sqlite3_value *value = sqlite3_column_value(stmt, column);
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        *datum = (struct datum){.kind = DATUM_INT, .number = sqlite3_value_int64(value)};
        return true;
    case SQLITE_FLOAT:
        *datum = (struct datum){.kind = DATUM_DOUBLE, .real = sqlite3_value_double(value)};
        return true;
    case SQLITE_TEXT:
        *datum = (struct datum){.kind = DATUM_TEXT};
        take_bytes(value, sqlite3_value_text(value), datum);
        return datum->bytes[0] != '\0' || datum->size > 0 || sqlite3_errcode(sqlite3_db_handle(stmt)) != SQLITE_NOMEM;
    case SQLITE_BLOB:
        *datum = (struct datum){.kind = DATUM_BYTES};
        take_bytes(value, sqlite3_value_blob(value), datum);
        return true;
    default:
        *datum = (struct datum){.kind = DATUM_NULL};
        return true;
    }
}

static int take_row(sqlite3_stmt *stmt, struct datum *datums, unsigned columns, struct err *err) {
    for (unsigned i = 0; i < columns; i++)
        if (!take(stmt, (int)i, &datums[i]))
            return err_nomem(err);
    return 0;
}

static int stream_rows(struct db *db, const struct db_query *query, sqlite3_stmt *stmt, db_row_fn *row, void *context,
                       struct err *err) {
    unsigned columns = (unsigned)sqlite3_column_count(stmt);
    struct datum *datums = mem_zalloc(columns, sizeof *datums);
    bool has_row = true;
    int rc = 0;
    if (datums == NULL)
        return err_nomem(err);
    while (rc == 0 && has_row) {
        rc = lite_step(db, query, stmt, &has_row, err);
        if (rc == 0 && has_row)
            rc = take_row(stmt, datums, columns, err);
        if (rc == 0 && has_row)
            rc = row(context, datums, columns, err);
    }
    mem_free(datums);
    return rc;
}

int lite_stream(struct db *db, const struct db_query *query, db_row_fn *row, void *context, struct err *err) {
    sqlite3_stmt *stmt = NULL;
    int rc = lite_start(db, query, &stmt, err);
    if (rc == 0) {
        rc = stream_rows(db, query, stmt, row, context, err);
        lite_end(stmt);
    }
    if (rc)
        lite_rollback(db);
    return rc;
}
