/* postgres_connect.c - from a URL to a live connection in pipeline mode.
 *
 * libpq reads the URL itself, so service files, ~/.pgpass, PG* variables and several hosts work as everywhere. What infill adds stands in
 * front of it as defaults (the URL wins), but for client_encoding. A host that is not this machine is verified unless somebody said how
 * else: libpq's own default, sslmode=prefer, falls back to plain text without a word. */
#include "db/postgres.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

enum {
    CONNECT_TIMEOUT_MS = 10000,  /* when nobody says otherwise */
    CONNECT_TIMEOUT_MAX_S = 600, /* per host; libpq's 0, for ever, ends here */
    PARAMETERS_MAX = 12,
    NUMBER_MAX = 16,
    URL_COMPLAINT_MAX = 128,
};

/* Names and values as PQconnectStartParams takes them, ended by NULL. */
struct parameters {
    const char *names[PARAMETERS_MAX];
    const char *values[PARAMETERS_MAX];
    size_t count;
    char connect_timeout_s[NUMBER_MAX];
    char user_timeout_ms[NUMBER_MAX];
};

static void add(struct parameters *parameters, const char *name, const char *value) {
    parameters->names[parameters->count] = name;
    parameters->values[parameters->count] = value;
    parameters->count++;
}

static void fill_in(struct parameters *parameters, const struct db_options *options) {
    unsigned timeout_ms = options->connect_timeout_ms > 0 ? options->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    memset(parameters, 0, sizeof(*parameters));
    snprintf(parameters->connect_timeout_s, NUMBER_MAX, "%u", (timeout_ms + 999) / 1000);
    /* Also bounds the connect itself, so that libpq moves on to the next host; and a peer that is gone is noticed in the same time. */
    snprintf(parameters->user_timeout_ms, NUMBER_MAX, "%u", timeout_ms);
    add(parameters, "application_name", options->application_name);
    add(parameters, "connect_timeout", parameters->connect_timeout_s);
    add(parameters, "keepalives", "1");
    add(parameters, "keepalives_idle", "30");
    add(parameters, "keepalives_interval", "10");
    add(parameters, "keepalives_count", "3");
    add(parameters, "tcp_user_timeout", parameters->user_timeout_ms);
    add(parameters, "dbname", options->url);
    add(parameters, "client_encoding", "UTF8");
}

/* Notices may hold row values, and libpq would print them. */
static void swallow(void *context, const PGresult *result) {
    (void)context;
    (void)result;
}

static PGconn *start(const struct parameters *parameters) {
    PGconn *conn = PQconnectStartParams(parameters->names, parameters->values, 1);
    if (conn == NULL)
        return NULL;
    PQsetNoticeReceiver(conn, swallow, NULL);
    PQsetErrorVerbosity(conn, PQERRORS_VERBOSE); /* brings the SQLSTATE, which no function gives while connecting */
    return conn;
}

/* The settings libpq ended up with, of URL, service file, variables and defaults. */
static const char *setting(const PQconninfoOption *settings, const char *name) {
    for (; settings->keyword != NULL; settings++)
        if (strcmp(settings->keyword, name) == 0)
            return settings->val != NULL ? settings->val : "";
    return "";
}

static bool host_is_local(const char *host, size_t len) {
    static const char *const names[] = {"localhost", "::1"};
    if (len == 0 || host[0] == '/' || host[0] == '@')
        return true;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (len == strlen(names[i]) && strncmp(host, names[i], len) == 0)
            return true;
    return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") >= len;
}

static const char *host_list(const PQconninfoOption *settings) {
    const char *addresses = setting(settings, "hostaddr");
    return *addresses != '\0' ? addresses : setting(settings, "host");
}

static bool all_local(const char *hosts) {
    for (;;) {
        size_t len = strcspn(hosts, ",");
        if (!host_is_local(hosts, len))
            return false;
        if (hosts[len] == '\0')
            return true;
        hosts += len + 1;
    }
}

static unsigned host_count(const char *hosts) {
    unsigned count = 1;
    for (const char *c = hosts; *c != '\0'; c++)
        count += *c == ',';
    return count;
}

static bool url_says_sslmode(const char *url) {
    PQconninfoOption *said = PQconninfoParse(url, NULL);
    bool says = said != NULL && *setting(said, "sslmode") != '\0';
    PQconninfoFree(said);
    return says || getenv("PGSSLMODE") != NULL;
}

static int bad_url(struct err *err, const char *what) {
    int code = err_set(err, ERR_USAGE, "the URL is not right: %s", what);
    err_next(err,
             "Write @ : / ? # %% in a user name or password as %%40 %%3A %%2F %%3F %%23 %%25, or leave the password to ~/.pgpass.");
    return code;
}

/* libpq's complaint without what it quotes: that may be a password, or the whole URL. */
static int refused_url(char *complaint, struct err *err) {
    char what[URL_COMPLAINT_MAX];
    bool names_parameter = complaint != NULL && text_starts(complaint, "invalid URI query parameter");
    snprintf(what, sizeof(what), "%s", complaint != NULL ? complaint : "out of memory");
    what[strcspn(what, names_parameter ? "\n" : "\"\n")] = '\0';
    PQfreemem(complaint);
    return bad_url(err, what);
}

/* A password with an @ or / in it ends up in the host or the port, and from there in messages. */
static int check_url(const char *url, struct err *err) {
    char *complaint = NULL;
    PQconninfoOption *said = PQconninfoParse(url, &complaint);
    if (said == NULL)
        return refused_url(complaint, err);
    const char *host = setting(said, "host"), *port = setting(said, "port");
    const char *what = NULL;
    if (strchr(host, '@') != NULL && host[0] != '@')
        what = "there is an @ in the host";
    else if (strspn(port, "0123456789,") != strlen(port))
        what = "the port is not a number";
    PQconninfoFree(said);
    return what != NULL ? bad_url(err, what) : 0;
}

/* A service file may say sslmode too; all but "prefer", libpq's default, is taken for its word. */
static bool needs_verifying(const PQconninfoOption *settings, const char *url) {
    return !all_local(host_list(settings)) && strcmp(setting(settings, "sslmode"), "prefer") == 0 && !url_says_sslmode(url);
}

static void warn_of_weak_tls(const PQconninfoOption *settings, const struct log *log) {
    const char *mode = setting(settings, "sslmode");
    if (log != NULL && !all_local(host_list(settings)) && !text_starts(mode, "verify-"))
        log_line(log, LOG_WARN, "sslmode=%s: nobody checks that the server is who it says; sslmode=verify-full does", mode);
}

static int64_t wait_of(const PQconninfoOption *settings) {
    int64_t seconds;
    if (!text_to_int64(setting(settings, "connect_timeout"), &seconds) || seconds <= 0 || seconds > CONNECT_TIMEOUT_MAX_S)
        seconds = CONNECT_TIMEOUT_MAX_S;
    return seconds * 1000000 * host_count(host_list(settings));
}

/* Waits for the socket as the poll's result wants; false when the time is up. */
static bool wait_for_socket(PGconn *conn, PostgresPollingStatusType wanted, int64_t deadline_us) {
    struct pollfd socket = {.fd = PQsocket(conn), .events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT};
    int64_t left_us = deadline_us - clock_monotonic_us();
    if (left_us <= 0)
        return false;
    int ready = poll(&socket, 1, (int)(left_us / 1000) + 1);
    return ready > 0 || (ready < 0 && errno == EINTR);
}

static int finish_connecting(PGconn *conn, int64_t wait_us, struct err *err) {
    int64_t deadline_us = clock_monotonic_us() + wait_us;
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK) {
        if (status == PGRES_POLLING_FAILED || PQstatus(conn) == CONNECTION_BAD)
            return pg_connect_error(PQerrorMessage(conn), PQconnectionNeedsPassword(conn) != 0, err);
        if (!wait_for_socket(conn, status, deadline_us))
            return err_set(err, ERR_CONNECT, "the server did not answer within %lld s", (long long)(wait_us / 1000000));
        status = PQconnectPoll(conn);
    }
    return 0;
}

/* Starts connecting, with the server verified where that is the default. */
static int begin(const struct db_options *options, PGconn **conn, int64_t *wait_us, bool *verified, struct err *err) {
    struct parameters parameters;
    fill_in(&parameters, options);
    *conn = start(&parameters);
    PQconninfoOption *settings = *conn != NULL ? PQconninfo(*conn) : NULL;
    if (settings == NULL)
        return err_nomem(err);
    *wait_us = wait_of(settings);
    *verified = needs_verifying(settings, options->url);
    if (!*verified)
        warn_of_weak_tls(settings, options->log);
    PQconninfoFree(settings);
    if (!*verified)
        return 0;
    PQfinish(*conn);
    add(&parameters, "sslmode", "verify-full");
    *conn = start(&parameters);
    return *conn != NULL ? 0 : err_nomem(err);
}

int pg_connect(const struct db_options *options, PGconn **conn, struct err *err) {
    int64_t wait_us = 0;
    bool verified = false;
    int result = check_url(options->url, err);
    if (result == 0)
        result = begin(options, conn, &wait_us, &verified, err);
    if (result == 0)
        result = finish_connecting(*conn, wait_us, err);
    if (result == 0 && (PQsetnonblocking(*conn, 1) != 0 || PQenterPipelineMode(*conn) != 1))
        result = err_set(err, ERR_CONNECT, "the connection cannot be put into pipeline mode");
    if (result == 0)
        return 0;
    if (verified && err->sqlstate[0] == '\0') /* with a SQLSTATE the handshake was over */
        err_next(err, "The server is on another machine, so it must prove who it is (sslmode=verify-full, sslrootcert=FILE). "
                      "To go without, say so in the URL: sslmode=require encrypts, sslmode=disable does not.");
    PQfinish(*conn);
    *conn = NULL;
    return result;
}
