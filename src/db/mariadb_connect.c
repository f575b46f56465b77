/* mariadb_connect.c - from a URL to a session with the settings that infill relies on.
 *
 * The library reads the option files itself (groups client, client-server, client-mariadb and infill); what the URL says about user,
 * password, host, port, socket and database wins. A server that is not this machine is verified unless somebody said how else: version
 * 3.3 of the library would talk to it in plain text. */
#include <ma_pvio.h>
#include <mysqld_error.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "db/mariadb.h"

enum {
    CONNECT_TIMEOUT_MS = 10000, /* when nobody says otherwise */
    ANSWER_SLACK_S = 60,        /* beyond the statement timeout: a server that stops answering is given up */
    LIMIT_MAX_MS = 1000000000,
    OLDEST_WITH_TRANSACTION_VARIABLES = 110101, /* MariaDB: transaction_isolation instead of tx_isolation */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_library(void) {
    mysql_library_init(0, NULL, NULL);
}

/* A server may ask its client for a file (LOAD DATA LOCAL); it gets none, whatever an option file says. */
static int refuse_file(void **context, const char *name, void *data) {
    (void)name;
    (void)data;
    *context = NULL;
    return 1;
}

static int refuse_read(void *context, char *buffer, unsigned size) {
    (void)context;
    (void)buffer;
    (void)size;
    return -1;
}

static void refuse_end(void *context) {
    (void)context;
}

static int refuse_error(void *context, char *message, unsigned size) {
    (void)context;
    snprintf(message, size, "infill sends no files");
    return ER_NOT_ALLOWED_COMMAND;
}

static enum mdb_tls tls_of(const struct mdb_url *url) {
    if (url->tls == MDB_TLS_UNSAID && !mdb_url_is_local(url))
        return MDB_TLS_VERIFY;
    return url->tls;
}

static void set_tls(MYSQL *conn, const struct mdb_url *url) {
    enum mdb_tls tls = tls_of(url);
    my_bool enforce = tls != MDB_TLS_DISABLED, verify = tls == MDB_TLS_VERIFY;
    if (url->ssl_ca != NULL)
        mysql_optionsv(conn, MYSQL_OPT_SSL_CA, url->ssl_ca);
    if (url->ssl_cert != NULL)
        mysql_optionsv(conn, MYSQL_OPT_SSL_CERT, url->ssl_cert);
    if (url->ssl_key != NULL)
        mysql_optionsv(conn, MYSQL_OPT_SSL_KEY, url->ssl_key);
    if (tls == MDB_TLS_UNSAID)
        return;
    mysql_optionsv(conn, MYSQL_OPT_SSL_ENFORCE, &enforce);
    mysql_optionsv(conn, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

/* localhost means the socket to every client of MariaDB; with a port next to it that is not what is meant. */
static void set_way(MYSQL *conn, const struct mdb_url *url) {
    unsigned tcp = MYSQL_PROTOCOL_TCP;
    if (url->host != NULL && url->port != 0 && url->socket == NULL)
        mysql_optionsv(conn, MYSQL_OPT_PROTOCOL, &tcp);
}

static MYSQL *prepare(const struct mdb_url *url, const char *application_name, unsigned timeout_ms) {
    pthread_once(&once, start_library);
    MYSQL *conn = mysql_init(NULL);
    if (conn == NULL)
        return NULL;
    unsigned seconds = ((timeout_ms > 0 ? timeout_ms : CONNECT_TIMEOUT_MS) + 999) / 1000, none = 0;
    mysql_optionsv(conn, MYSQL_READ_DEFAULT_GROUP, "infill");
    mysql_optionsv(conn, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    mysql_optionsv(conn, MYSQL_OPT_LOCAL_INFILE, &none);
    mysql_set_local_infile_handler(conn, refuse_file, refuse_read, refuse_end, refuse_error, NULL);
    mysql_optionsv(conn, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (application_name != NULL)
        mysql_optionsv(conn, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", application_name);
    set_tls(conn, url);
    set_way(conn, url);
    return conn;
}

/* The option files are read behind our own options, and may have changed them. */
static int check_tls(MYSQL *conn, const struct mdb_url *url, const struct log *log, struct err *err) {
    my_bool verifies = 0;
    enum mdb_tls tls = tls_of(url);
    mysql_get_optionv(conn, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verifies);
    bool encrypted = mysql_get_ssl_cipher(conn) != NULL;
    if (url->tls >= MDB_TLS_REQUIRED && !encrypted)
        return err_set(err, ERR_CONNECT, "the connection is not encrypted, and the URL's ssl-mode asks for it");
    if (url->tls == MDB_TLS_VERIFY && !verifies)
        return err_set(err, ERR_CONNECT,
                       "an option file switches the server's verification off, and the URL's ssl-mode asks for it");
    bool leaves_machine = !mdb_url_is_local(url) || (url->host == NULL && conn->options.host != NULL && conn->unix_socket == NULL);
    if (log != NULL && leaves_machine && (tls != MDB_TLS_VERIFY || !encrypted || !verifies))
        log_line(log, LOG_WARN, "%s: nobody checks that the server is who it says; ssl-mode=verify does",
                 encrypted ? "ssl-mode=required" : "no encryption");
    return 0;
}

static int check_connection(MYSQL *conn, const struct mdb_url *url, const struct log *log, struct err *err) {
    if (conn->db == NULL || *conn->db == '\0')
        return err_set(err, ERR_USAGE, "the URL names no database: mariadb://host/database");
    return check_tls(conn, url, log, err);
}

static int connect_failed(MYSQL *conn, const struct mdb_url *url, struct err *err) {
    struct mdb_failure failure = mdb_conn_failure(conn);
    int code = mdb_connect_error(&failure, err);
    if (code == ERR_DENIED)
        err_next(err,
                 "The password comes from the option files (~/.my.cnf: [client], [client-mariadb] or [infill]) or from ${env:} or "
                 "${file:} in the URL.");
    else if (url->tls == MDB_TLS_UNSAID && !mdb_url_is_local(url))
        err_next(err,
                 "The server is on another machine, so it must prove who it is (ssl-mode=verify, ssl-ca=FILE). To go without, say "
                 "so in the URL: ssl-mode=required encrypts, ssl-mode=disabled does not.");
    return code;
}

int mdb_connect(const struct mdb_url *url, const char *application_name, unsigned timeout_ms, const struct log *log, MYSQL **conn,
                struct err *err) {
    *conn = prepare(url, application_name, timeout_ms);
    if (*conn == NULL)
        return err_nomem(err);
    const char *host = url->socket != NULL ? NULL : url->host;
    int code = 0;
    if (mysql_real_connect(*conn, host, url->user, url->password, url->database, url->port, url->socket, CLIENT_FOUND_ROWS) == NULL)
        code = connect_failed(*conn, url, err);
    else
        code = check_connection(*conn, url, log, err);
    if (code != 0) {
        mysql_close(*conn);
        *conn = NULL;
    }
    return code;
}

/* Strict, in UTC, in English; and back to normal whatever the server's or an option file's defaults could have changed about what our
 * statements mean. Without ANSI_QUOTES and PIPES_AS_CONCAT: the users' expressions keep their meaning. */
#define SQL_MODE "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION"
#define SESSION                                                                                                                    \
    "SET NAMES utf8mb4, time_zone = '+00:00', autocommit = 1, completion_type = 0, foreign_key_checks = 1, unique_checks = 1,"     \
    " sql_safe_updates = 0, sql_select_limit = 18446744073709551615, sql_big_selects = 1, sql_auto_is_null = 0,"                   \
    " lc_messages = 'en_US', lc_time_names = 'en_US', wait_timeout = 28800"

int mdb_set_session(struct mdb *mdb, struct err *err) {
    static const char mariadb_only[] = ", check_constraint_checks = 1, sql_mode = '" SQL_MODE ",SIMULTANEOUS_ASSIGNMENT'";
    static const char mysql_only[] = ", sql_mode = '" SQL_MODE "'";
    char sql[1024];
    bool is_old = mdb->is_mariadb && mysql_get_server_version(mdb->conn) < OLDEST_WITH_TRANSACTION_VARIABLES;
    const char *prefix = is_old ? "tx" : "transaction";
    int len = snprintf(sql, sizeof(sql), SESSION "%s, %s_isolation = 'READ-COMMITTED', %s_read_only = %d",
                       mdb->is_mariadb ? mariadb_only : mysql_only, prefix, prefix, mdb->read_only ? 1 : 0);
    if (mysql_real_query(mdb->conn, sql, (unsigned long)len) == 0)
        return 0;
    struct mdb_failure failure = mdb_conn_failure(mdb->conn);
    return mdb_fail(mdb, &failure, -1, err);
}

/* The library takes timeouts before it connects only, but each of its ways to wait asks one of these two anew. */
void mdb_set_answer_limit(struct mdb *mdb, unsigned statement_timeout_ms) {
    unsigned limit_ms = statement_timeout_ms < LIMIT_MAX_MS ? statement_timeout_ms : LIMIT_MAX_MS;
    unsigned seconds = limit_ms > 0 ? (limit_ms + 999) / 1000 + ANSWER_SLACK_S : 0;
    MARIADB_PVIO *pvio = mdb->conn->net.pvio;
    mysql_optionsv(mdb->conn, MYSQL_OPT_READ_TIMEOUT, &seconds);
    mysql_optionsv(mdb->conn, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
    pvio->methods->set_timeout(pvio, PVIO_READ_TIMEOUT, (int)seconds);
    pvio->methods->set_timeout(pvio, PVIO_WRITE_TIMEOUT, (int)seconds);
}
