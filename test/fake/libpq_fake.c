/* libpq_fake.c - see libpq_fake.h. */
#include "libpq_fake.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

enum { QUEUE_MAX = 512, SCRIPT_MAX = 32, TAG_MAX = 32, FAKE_SOCKET = 999, FIELDS = 2, PREPARED_MAX = 16 };

struct pg_result {
    ExecStatusType status;
    char tag[TAG_MAX];
    const struct fake_answer *error;
    bool is_commit;
    bool is_description;           /* of a cursor: columns and no rows */
    PGTransactionStatusType after; /* of a sync */
    const char *value;             /* of both cells */
};

struct pg_conn {
    bool lost;
    bool said_lost;
    bool pipeline;
    bool flushed;
    struct pg_result *queue[QUEUE_MAX]; /* NULL: the end of a slot */
    int made, arrived, taken;
    bool skipping; /* the server, up to the next sync */
    struct {
        char name[64], sql[64];
    } prepared[PREPARED_MAX];
    int prepared_count;
    bool reads_only; /* the transaction that was begun last */
    int cursor_rows; /* not fetched yet */
    PGTransactionStatusType server, known;
};

struct pg_cancel {
    int unused;
};

struct fake fake;
static int times_used[SCRIPT_MAX];
static struct pg_cancel the_cancel;

void fake_reset(void) {
    fake = (struct fake){.host = "/tmp",
                         .hostaddr = "",
                         .sslmode = "prefer",
                         .connect_timeout = "10",
                         .url_sslmode = "",
                         .url_host = "",
                         .url_port = ""};
    memset(times_used, 0, sizeof(times_used));
}

void fake_again(void) {
    memset(times_used, 0, sizeof(times_used));
}

/* Time */

int64_t clock_monotonic_us(void) {
    return fake.now_us;
}

int64_t clock_wall_us(void) {
    return fake.now_us;
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms) {
    fake.polls++;
    if (fake.on_poll != NULL)
        fake.on_poll(fake.on_poll_context);
    if (count == 0 || fake.silent || fake.never_connects) {
        if (timeout_ms < 0)
            fail_msg("waits for ever");
        fake.now_us += (int64_t)timeout_ms * 1000;
        return 0;
    }
    assert_int_equal(fds[0].fd, FAKE_SOCKET);
    fds[0].revents = fds[0].events;
    return 1;
}

/* Faults */

/* Counts a call that touches the network; true when the connection is gone. */
static bool lost(PGconn *conn) {
    fake.calls++;
    if (fake.lose_at > 0 && --fake.lose_at == 0)
        conn->lost = true;
    return conn->lost;
}

/* Connecting */

const char *fake_asked(const char *name) {
    for (size_t i = 0; fake.asked[i][0][0] != '\0'; i++)
        if (strcmp(fake.asked[i][0], name) == 0)
            return fake.asked[i][1];
    return NULL;
}

PGconn *PQconnectStartParams(const char *const *keywords, const char *const *values, int expand) {
    assert_int_equal(expand, 1);
    memset(fake.asked, 0, sizeof(fake.asked));
    for (size_t i = 0; keywords[i] != NULL; i++) {
        assert_true(i + 1 < sizeof(fake.asked) / sizeof(fake.asked[0]));
        snprintf(fake.asked[i][0], sizeof(fake.asked[i][0]), "%s", keywords[i]);
        snprintf(fake.asked[i][1], sizeof(fake.asked[i][1]), "%s", values[i] != NULL ? values[i] : "");
    }
    if (fake.no_memory_at_start)
        return NULL;
    PGconn *conn = calloc(1, sizeof(*conn));
    assert_non_null(conn);
    fake.connections_open++;
    return conn;
}

PostgresPollingStatusType PQconnectPoll(PGconn *conn) {
    if (fake.connect_error != NULL || lost(conn))
        return PGRES_POLLING_FAILED;
    return PGRES_POLLING_OK;
}

static void free_result(struct pg_result *result) {
    free(result);
}

void PQfinish(PGconn *conn) {
    if (conn == NULL)
        return;
    for (int i = conn->taken; i < conn->made; i++)
        free_result(conn->queue[i]);
    free(conn);
    fake.connections_open--;
}

ConnStatusType PQstatus(const PGconn *conn) {
    return conn->lost ? CONNECTION_BAD : CONNECTION_OK;
}

static char *copy(const char *text) {
    char *made = malloc(strlen(text) + 1);
    assert_non_null(made);
    memcpy(made, text, strlen(text) + 1);
    return made;
}

static PQconninfoOption *options(void) {
    static const char *const names[] = {"host", "hostaddr", "sslmode", "connect_timeout", "port"};
    PQconninfoOption *list = calloc(6, sizeof(*list));
    assert_non_null(list);
    for (size_t i = 0; i < 5; i++)
        list[i].keyword = copy(names[i]);
    return list;
}

static void set(PQconninfoOption *option, const char *value) {
    option->val = copy(value);
}

void PQfreemem(void *memory) {
    free(memory);
}

PQconninfoOption *PQconninfo(PGconn *conn) {
    (void)conn;
    if (fake.no_settings)
        return NULL;
    PQconninfoOption *list = options();
    set(&list[0], fake.host);
    set(&list[1], fake.hostaddr);
    set(&list[2], fake.sslmode);
    set(&list[3], fake.connect_timeout);
    return list;
}

PQconninfoOption *PQconninfoParse(const char *conninfo, char **message) {
    (void)conninfo;
    if (fake.url_complaint != NULL) {
        if (message != NULL)
            *message = copy(fake.url_complaint);
        return NULL;
    }
    PQconninfoOption *list = options();
    set(&list[0], fake.url_host);
    set(&list[4], fake.url_port);
    if (*fake.url_sslmode != '\0')
        set(&list[2], fake.url_sslmode);
    return list;
}

void PQconninfoFree(PQconninfoOption *list) {
    for (PQconninfoOption *option = list; option != NULL && option->keyword != NULL; option++) {
        free(option->keyword);
        free(option->val);
    }
    free(list);
}

char *PQerrorMessage(const PGconn *conn) {
    static char text[512];
    (void)conn;
    snprintf(text, sizeof(text), "%s", fake.connect_error != NULL ? fake.connect_error : "lost");
    return text;
}

int PQconnectionNeedsPassword(const PGconn *conn) {
    (void)conn;
    return fake.needs_password;
}

PQnoticeReceiver PQsetNoticeReceiver(PGconn *conn, PQnoticeReceiver receiver, void *context) {
    (void)conn;
    receiver(context, NULL); /* swallows it */
    return NULL;
}

PGVerbosity PQsetErrorVerbosity(PGconn *conn, PGVerbosity verbosity) {
    (void)conn;
    assert_int_equal(verbosity, PQERRORS_VERBOSE);
    return PQERRORS_DEFAULT;
}

int PQsocket(const PGconn *conn) {
    return conn->lost ? -1 : FAKE_SOCKET;
}

int PQsetnonblocking(PGconn *conn, int on) {
    (void)conn;
    assert_int_equal(on, 1);
    return fake.no_nonblocking ? -1 : 0;
}

int PQenterPipelineMode(PGconn *conn) {
    conn->pipeline = true;
    return fake.no_pipeline ? 0 : 1;
}

PGcancel *PQgetCancel(PGconn *conn) {
    (void)conn;
    return fake.no_cancel ? NULL : &the_cancel;
}

void PQfreeCancel(PGcancel *cancel) {
    (void)cancel;
}

int PQcancel(PGcancel *cancel, char *message, int size) {
    assert_ptr_equal(cancel, &the_cancel);
    assert_true(size > 0);
    message[0] = '\0';
    return 1;
}

/* The server */

static void answer(PGconn *conn, struct pg_result *result) {
    assert_true(conn->made < QUEUE_MAX);
    conn->queue[conn->made++] = result;
}

static struct pg_result *make(ExecStatusType status) {
    struct pg_result *result = calloc(1, sizeof(*result));
    assert_non_null(result);
    result->status = status;
    return result;
}

static bool begins(const char *sql, const char *word) {
    return strncmp(sql, word, strlen(word)) == 0;
}

/* The script's entry for a statement, if it is not used up. */
static const struct fake_answer *scripted(const char *sql) {
    for (int i = 0; fake.script != NULL && fake.script[i].sql != NULL; i++) {
        assert_true(i < SCRIPT_MAX);
        if (begins(sql, fake.script[i].sql) && (fake.script[i].times == 0 || times_used[i] < fake.script[i].times)) {
            times_used[i]++;
            return &fake.script[i];
        }
    }
    return NULL;
}

/* A COMMIT that fails ends the transaction all the same. */
static void fail_statement(PGconn *conn, struct pg_result *result, const struct fake_answer *how) {
    result->status = PGRES_FATAL_ERROR;
    result->error = how;
    conn->skipping = true;
    if (conn->server == PQTRANS_INTRANS)
        conn->server = begins(how->sql, "COMMIT") ? PQTRANS_IDLE : PQTRANS_INERROR;
}

static void run_transaction_word(PGconn *conn, struct pg_result *result, const char *sql) {
    const char *tag = "BEGIN";
    if (begins(sql, "BEGIN"))
        conn->server = PQTRANS_INTRANS;
    if (begins(sql, "COMMIT")) {
        fake.committed = conn->server == PQTRANS_INTRANS;
        result->is_commit = true;
        tag = fake.committed ? "COMMIT" : "ROLLBACK";
        conn->server = PQTRANS_IDLE;
    }
    if (begins(sql, "ROLLBACK")) {
        tag = "ROLLBACK";
        conn->server = PQTRANS_IDLE;
    }
    snprintf(result->tag, TAG_MAX, "%s", tag);
}

/* Rows one by one; the end of them is a result of its own. */
static void fetch(PGconn *conn, const char *sql) {
    static const char before[] = "FETCH FORWARD ";
    assert_true(begins(sql, before));
    long wanted = strtol(sql + strlen(before), NULL, 10);
    for (; wanted > 0 && conn->cursor_rows > 0; wanted--, conn->cursor_rows--) {
        struct pg_result *row = make(PGRES_SINGLE_TUPLE);
        row->value = "a row";
        answer(conn, row);
    }
}

static void run_statement(PGconn *conn, struct pg_result *result, const char *sql) {
    if (begins(sql, "DECLARE"))
        conn->cursor_rows = fake.cursor_rows;
    if (begins(sql, "FETCH"))
        fetch(conn, sql);
    if (begins(sql, "BEGIN") || begins(sql, "COMMIT") || begins(sql, "ROLLBACK")) {
        run_transaction_word(conn, result, sql);
        return;
    }
    bool rows = begins(sql, "SELECT") || begins(sql, "FETCH");
    result->status = rows ? PGRES_TUPLES_OK : PGRES_COMMAND_OK;
    result->value = strstr(sql, "pg_backend_pid") != NULL && fake.own_session ? "999" : "public, pg_temp";
    if (begins(sql, "DEALLOCATE ALL"))
        conn->prepared_count = 0;
    snprintf(result->tag, TAG_MAX, rows ? "SELECT 1" : "INSERT 0 3");
}

static void bend(PGconn *conn, struct pg_result *result, const struct fake_answer *how) {
    if (how->sqlstate != NULL || how->no_sqlstate)
        fail_statement(conn, result, how);
    if (how->tag != NULL)
        snprintf(result->tag, TAG_MAX, "%s", how->tag);
    if (how->status != PGRES_EMPTY_QUERY)
        result->status = how->status;
    if (how->keeps_transaction)
        conn->server = PQTRANS_INTRANS;
}

static void note(const char *how, const char *sql) {
    fake.sends++;
    snprintf(fake.log + strlen(fake.log), sizeof(fake.log) - strlen(fake.log), "%s%.8s;", how, sql);
}

static int send_statement(PGconn *conn, const char *sql) {
    if (begins(sql, "BEGIN"))
        conn->reads_only = strstr(sql, "READ ONLY") != NULL;
    if (begins(sql, "BEGIN"))
        fake.commit_handed_over = fake.commit_answered = fake.committed = fake.error_answered = false;
    fake.commit_handed_over = fake.commit_handed_over || begins(sql, "COMMIT");
    if (lost(conn) || (fake.send_fails_at > 0 && --fake.send_fails_at == 0))
        return 0;
    struct pg_result *result = make(conn->skipping ? PGRES_PIPELINE_ABORTED : PGRES_COMMAND_OK);
    static const struct fake_answer too_late = {.sql = "", .sqlstate = "25P02"};
    bool ends = begins(sql, "ROLLBACK") || begins(sql, "COMMIT");
    const struct fake_answer *how = conn->skipping ? NULL : conn->server == PQTRANS_INERROR && !ends ? &too_late : scripted(sql);
    if (!conn->skipping) {
        bool fails = how != NULL && (how->sqlstate != NULL || how->no_sqlstate);
        if (!fails)
            run_statement(conn, result, sql);
        if (how != NULL)
            bend(conn, result, how);
    }
    if (how != NULL && how->nothing)
        free_result(result);
    else
        answer(conn, result);
    answer(conn, NULL);
    return 1;
}

int PQsendQueryParams(PGconn *conn, const char *sql, int count, const Oid *types, const char *const *values, const int *lengths,
                      const int *formats, int result_format) {
    assert_true(conn->pipeline && count >= 0 && types == NULL && lengths == NULL && formats == NULL);
    assert_int_equal(result_format, begins(sql, "FETCH") ? 1 : 0);
    assert_true(count == 0 || values != NULL);
    note("", sql);
    return send_statement(conn, sql);
}

/* A name that the script says is gone is answered as a server answers it. */
int PQsendQueryPrepared(PGconn *conn, const char *name, int count, const char *const *values, const int *lengths,
                        const int *formats, int result_format) {
    assert_true(conn->pipeline && count >= 0 && lengths == NULL && formats == NULL && result_format == 0);
    assert_true(count == 0 || values != NULL);
    for (int i = 0; i < conn->prepared_count; i++)
        if (strcmp(conn->prepared[i].name, name) == 0) {
            note("=", conn->prepared[i].sql);
            return send_statement(conn, conn->prepared[i].sql);
        }
    fail_msg("%s was not prepared", name);
    return 0;
}

/* In the script its text is PREPARE and what is prepared. */
int PQsendPrepare(PGconn *conn, const char *name, const char *sql, int count, const Oid *types) {
    char text[64];
    assert_true(conn->pipeline && count == 0 && types == NULL && conn->prepared_count < PREPARED_MAX);
    assert_true(conn->reads_only); /* K2: in what writes, nothing is prepared */
    note("+", sql);
    snprintf(text, sizeof text, "PREPARE %.40s", sql);
    int made = conn->made;
    if (!send_statement(conn, text))
        return 0;
    if (conn->queue[made] != NULL && conn->queue[made]->status == PGRES_COMMAND_OK) {
        snprintf(conn->prepared[conn->prepared_count].name, 64, "%s", name);
        snprintf(conn->prepared[conn->prepared_count++].sql, 64, "%.60s", sql);
    }
    return 1;
}

int PQbackendPID(const PGconn *conn) {
    assert_non_null(conn);
    return 999;
}

int PQsendDescribePortal(PGconn *conn, const char *portal) {
    assert_non_null(portal);
    fake.sends++;
    if (lost(conn) || (fake.send_fails_at > 0 && --fake.send_fails_at == 0))
        return 0;
    struct pg_result *result = make(conn->skipping ? PGRES_PIPELINE_ABORTED : PGRES_COMMAND_OK);
    result->is_description = !conn->skipping;
    answer(conn, result);
    answer(conn, NULL);
    return 1;
}

/* Not while the server skips statements. */
int PQsetSingleRowMode(PGconn *conn) {
    const struct pg_result *next = conn->taken < conn->made ? conn->queue[conn->taken] : NULL;
    return !fake.no_rows_mode && (next == NULL || next->status != PGRES_PIPELINE_ABORTED);
}

int PQpipelineSync(PGconn *conn) {
    if (lost(conn))
        return 0;
    for (int i = 0; i < fake.empty_answers; i++)
        answer(conn, NULL);
    struct pg_result *sync = make(fake.no_sync ? PGRES_COPY_BOTH : PGRES_PIPELINE_SYNC);
    sync->after = conn->server;
    conn->skipping = false;
    conn->flushed = false;
    answer(conn, sync);
    return 1;
}

/* Reading */

int PQflush(PGconn *conn) {
    if (lost(conn))
        return -1;
    bool more = !conn->flushed;
    conn->flushed = true;
    return more;
}

int PQconsumeInput(PGconn *conn) {
    bool was_lost = conn->lost;
    if (lost(conn)) {
        for (int i = 0; !was_lost && i < fake.last_words && conn->arrived < conn->made; i++)
            conn->arrived++;
        return 0;
    }
    if (conn->arrived < conn->made && !fake.silent)
        conn->arrived++;
    return 1;
}

int PQisBusy(PGconn *conn) {
    return conn->taken >= conn->arrived;
}

PGresult *PQgetResult(PGconn *conn) {
    if (conn->taken >= conn->arrived) {
        if (!conn->lost)
            fail_msg("PQgetResult would block");
        if (conn->said_lost)
            return NULL;
        conn->said_lost = true;
        fake.results_open++;
        return make(PGRES_FATAL_ERROR);
    }
    struct pg_result *result = conn->queue[conn->taken++];
    if (result == NULL)
        return NULL;
    fake.results_open++;
    if (result->status == PGRES_PIPELINE_SYNC)
        conn->known = result->after;
    if (result->is_commit && strcmp(result->tag, "COMMIT") == 0 && result->status == PGRES_COMMAND_OK)
        fake.commit_answered = true;
    fake.error_answered = fake.error_answered || (result->error != NULL && result->error->sqlstate != NULL);
    return result;
}

PGTransactionStatusType PQtransactionStatus(const PGconn *conn) {
    return conn->lost ? PQTRANS_UNKNOWN : conn->known;
}

void PQclear(PGresult *result) {
    if (result == NULL)
        return;
    fake.results_open--;
    free_result(result);
}

ExecStatusType PQresultStatus(const PGresult *result) {
    return result->status;
}

char *PQresultErrorField(const PGresult *result, int field) {
    const struct fake_answer *how = result->error;
    const char *value = NULL;
    if (how == NULL || how->no_sqlstate)
        return NULL;
    if (field == PG_DIAG_SQLSTATE)
        value = how->sqlstate;
    else if (field == PG_DIAG_SEVERITY_NONLOCALIZED)
        value = how->severity != NULL ? how->severity : "ERROR";
    else if (field == PG_DIAG_MESSAGE_PRIMARY)
        value = how->message != NULL ? how->message : "went wrong";
    else if (field == PG_DIAG_CONSTRAINT_NAME)
        value = how->constraint;
    else if (field == PG_DIAG_SOURCE_FUNCTION)
        value = how->place;
    return (char *)(uintptr_t)value; /* libpq's own type for what nobody may change */
}

char *PQcmdStatus(PGresult *result) {
    return result->tag;
}

char *PQcmdTuples(PGresult *result) {
    return begins(result->tag, "INSERT 0 ") ? result->tag + strlen("INSERT 0 ") : result->tag + strlen(result->tag);
}

int PQntuples(const PGresult *result) {
    return result->status == PGRES_TUPLES_OK;
}

int PQnfields(const PGresult *result) {
    return result->status == PGRES_TUPLES_OK || result->status == PGRES_SINGLE_TUPLE || result->is_description ? FIELDS : 0;
}

char *PQfname(const PGresult *result, int column) {
    static char name[] = "column";
    assert_true(result->is_description && column < FIELDS);
    return name;
}

int PQgetisnull(const PGresult *result, int row, int column) {
    (void)row;
    (void)column;
    return result->value == NULL;
}

char *PQgetvalue(const PGresult *result, int row, int column) {
    static char text[64];
    (void)row;
    (void)column;
    snprintf(text, sizeof(text), "%s", result->value);
    return text;
}

int PQgetlength(const PGresult *result, int row, int column) {
    (void)row;
    (void)column;
    return (int)strlen(result->value);
}

Oid PQftype(const PGresult *result, int column) {
    (void)result;
    (void)column;
    return 25;
}

int PQfmod(const PGresult *result, int column) {
    (void)result;
    (void)column;
    return -1;
}
