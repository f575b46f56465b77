/* stream.c - reads SELECTs to their end and throws the rows away: what a verification would cost if it compared nothing.
 *
 * usage: stream postgres CONNINFO SELECT...            COPY BINARY, row by row
 *        stream mariadb HOST:PORT:USER:DATABASE SELECT...   the text protocol, rows never stored
 *        stream sqlite FILE SELECT...                  each value of each row
 * All SELECTs read one snapshot. Prints rows and bytes. Compiled by the bench with the client libraries that infill is built with. */
#include <errmsg.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <mysql.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t rows, bytes;

static void fail(const char *message) {
    fprintf(stderr, "stream: %s\n", message);
    exit(1);
}

/* ---- PostgreSQL ---- */

static void pg_run(PGconn *conn, const char *sql, ExecStatusType expected) {
    PGresult *result = PQexec(conn, sql);
    if (PQresultStatus(result) != expected)
        fail(PQerrorMessage(conn));
    PQclear(result);
}

static void pg_copy(PGconn *conn, const char *select) {
    enum { FRAME_ROWS = 1 }; /* the header rides on the first row, the trailer is a message of its own */
    size_t size = strlen(select) + 64;
    char *sql = malloc(size), *data;
    int got;
    snprintf(sql, size, "COPY (%s) TO STDOUT (FORMAT binary)", select);
    pg_run(conn, sql, PGRES_COPY_OUT);
    for (; (got = PQgetCopyData(conn, &data, 0)) > 0; PQfreemem(data)) {
        rows++;
        bytes += (uint64_t)got;
    }
    if (got == -2)
        fail(PQerrorMessage(conn));
    rows -= FRAME_ROWS;
    for (PGresult *result; (result = PQgetResult(conn)) != NULL; PQclear(result))
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            fail(PQerrorMessage(conn));
    free(sql);
}

static void stream_postgres(const char *conninfo, char *const *selects) {
    PGconn *conn = PQconnectdb(conninfo);
    if (PQstatus(conn) != CONNECTION_OK)
        fail(PQerrorMessage(conn));
    pg_run(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", PGRES_COMMAND_OK);
    for (; *selects; selects++)
        pg_copy(conn, *selects);
    pg_run(conn, "COMMIT", PGRES_COMMAND_OK);
    PQfinish(conn);
}

/* ---- MariaDB ---- */

static void my_run(MYSQL *conn, const char *sql) {
    if (mysql_query(conn, sql) != 0)
        fail(mysql_error(conn));
}

static void my_select(MYSQL *conn, const char *select) {
    my_run(conn, select);
    MYSQL_RES *result = mysql_use_result(conn);
    if (result == NULL)
        fail(mysql_error(conn));
    unsigned columns = mysql_num_fields(result);
    while (mysql_fetch_row(result) != NULL) {
        const unsigned long *lengths = mysql_fetch_lengths(result);
        for (unsigned i = 0; i < columns; i++)
            bytes += lengths[i];
        rows++;
    }
    if (mysql_errno(conn) != 0)
        fail(mysql_error(conn));
    mysql_free_result(result);
}

static void stream_mariadb(const char *address, char *const *selects) {
    char host[64], user[64], database[64];
    unsigned port;
    if (sscanf(address, "%63[^:]:%u:%63[^:]:%63s", host, &port, user, database) != 4)
        fail("the address is HOST:PORT:USER:DATABASE");
    MYSQL *conn = mysql_init(NULL);
    mysql_options(conn, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(conn, host, user, "", database, port, NULL, 0) == NULL)
        fail(mysql_error(conn));
    my_run(conn, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    my_run(conn, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
    for (; *selects; selects++)
        my_select(conn, *selects);
    my_run(conn, "COMMIT");
    mysql_close(conn);
}

/* ---- SQLite ---- */

static void lite_select(sqlite3 *conn, const char *select) {
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v2(conn, select, -1, &stmt, NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(conn));
    int columns = sqlite3_column_count(stmt), code;
    for (; (code = sqlite3_step(stmt)) == SQLITE_ROW; rows++)
        for (int i = 0; i < columns; i++)
            switch (sqlite3_column_type(stmt, i)) {
            case SQLITE_INTEGER:
                bytes += (uint64_t)sqlite3_column_int64(stmt, i) != 0;
                break;
            case SQLITE_FLOAT:
                bytes += sqlite3_column_double(stmt, i) != 0;
                break;
            case SQLITE_NULL:
                break;
            default:
                sqlite3_column_blob(stmt, i);
                bytes += (uint64_t)sqlite3_column_bytes(stmt, i);
            }
    if (code != SQLITE_DONE)
        fail(sqlite3_errmsg(conn));
    sqlite3_finalize(stmt);
}

static void stream_sqlite(const char *path, char *const *selects) {
    sqlite3 *conn;
    if (sqlite3_open_v2(path, &conn, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(conn));
    sqlite3_exec(conn, "BEGIN", NULL, NULL, NULL);
    for (; *selects; selects++)
        lite_select(conn, *selects);
    sqlite3_close(conn);
}

int main(int argc, char **argv) {
    if (argc < 4)
        fail("usage: stream postgres|mariadb|sqlite DATABASE SELECT...");
    if (strcmp(argv[1], "postgres") == 0)
        stream_postgres(argv[2], argv + 3);
    else if (strcmp(argv[1], "mariadb") == 0)
        stream_mariadb(argv[2], argv + 3);
    else
        stream_sqlite(argv[2], argv + 3);
    printf("%" PRIu64 " %" PRIu64 "\n", rows, bytes);
    return 0;
}
