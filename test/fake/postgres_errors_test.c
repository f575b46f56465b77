/* postgres_errors_test.c - the table of SQLSTATEs row by row, what of a message may be shown, and connecting that fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "db/db.h"
#include "libpq_fake.h"

static const struct {
    const char *sqlstate;
    int code;
    bool message_is_shown;
} rows[] = {
    {"01000", ERR_UNKNOWN, false},  {"08000", ERR_LOST, true},      {"08003", ERR_LOST, true},      {"08006", ERR_LOST, true},
    {"08P01", ERR_LOST, true},      {"09000", ERR_ROW, false},      {"0A000", ERR_SQL, true},       {"0L000", ERR_DENIED, true},
    {"0P000", ERR_DENIED, true},    {"21000", ERR_ROW, true},       {"22000", ERR_ROW, false},      {"22001", ERR_ROW, false},
    {"22003", ERR_ROW, false},      {"22007", ERR_ROW, false},      {"22008", ERR_ROW, false},      {"22012", ERR_ROW, false},
    {"22021", ERR_ROW, false},      {"22P02", ERR_ROW, false},      {"22P05", ERR_ROW, false},      {"23000", ERR_ROW, false},
    {"23001", ERR_ROW, false},      {"23502", ERR_ROW, false},      {"23503", ERR_ROW, false},      {"23505", ERR_DUPLICATE, false},
    {"23514", ERR_ROW, false},      {"23P01", ERR_ROW, false},      {"25000", ERR_SQL, true},       {"25001", ERR_SQL, true},
    {"25006", ERR_READ_ONLY, true}, {"25P01", ERR_TRANSIENT, true}, {"25P02", ERR_INTERNAL, true},  {"25P03", ERR_LOST, true},
    {"25P04", ERR_LOST, true},      {"28000", ERR_DENIED, true},    {"28P01", ERR_DENIED, true},    {"2BP01", ERR_SQL, true},
    {"2F003", ERR_UNKNOWN, false},  {"38000", ERR_UNKNOWN, false},  {"39000", ERR_UNKNOWN, false},  {"3D000", ERR_CONNECT, true},
    {"3F000", ERR_SQL, true},       {"40000", ERR_TRANSIENT, true}, {"40001", ERR_TRANSIENT, true}, {"40002", ERR_ROW, true},
    {"40003", ERR_UNKNOWN, true},   {"40P01", ERR_TRANSIENT, true}, {"42501", ERR_DENIED, true},    {"42601", ERR_SQL, true},
    {"42703", ERR_SQL, true},       {"42883", ERR_SQL, true},       {"42P01", ERR_SQL, true},       {"42804", ERR_SQL, true},
    {"44000", ERR_ROW, false},      {"53000", ERR_TRANSIENT, true}, {"53100", ERR_FULL, true},      {"53200", ERR_TRANSIENT, true},
    {"53300", ERR_CONNECT, true},   {"53400", ERR_FULL, true},      {"54000", ERR_ROW, true},       {"54001", ERR_SQL, true},
    {"55000", ERR_SQL, true},       {"55006", ERR_LOCKED, true},    {"55P03", ERR_LOCKED, true},    {"57000", ERR_UNKNOWN, true},
    {"57014", ERR_SLOW, true},      {"57P01", ERR_LOST, true},      {"57P02", ERR_LOST, true},      {"57P03", ERR_CONNECT, true},
    {"57P04", ERR_LOST, true},      {"57P05", ERR_LOST, true},      {"58000", ERR_UNKNOWN, true},   {"58030", ERR_UNKNOWN, true},
    {"72000", ERR_TRANSIENT, true}, {"F0000", ERR_UNKNOWN, false},  {"HV000", ERR_UNKNOWN, false},  {"P0001", ERR_ROW, false},
    {"P0002", ERR_ROW, false},      {"XX000", ERR_UNKNOWN, true},   {"XX001", ERR_UNKNOWN, true},   {"ZZ001", ERR_UNKNOWN, false},
};

static const struct db_tx tx = {.statement_timeout_ms = 1000};

static int open_fake(struct db **db, struct err *err) {
    struct db_options options = {.url = "postgresql://fake", .application_name = "infill fake", .connect_timeout_ms = 2000};
    err_clear(err);
    return db_open(&options, db, err);
}

static void every_sqlstate_has_its_class(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct fake_answer script[] = {
            {.sql = "INSERT", .sqlstate = rows[i].sqlstate, .message = "canary \x1b[31m", .constraint = "the_constraint"},
            {.sql = NULL}};
        struct db *db = NULL;
        struct err err;
        fake_reset();
        assert_int_equal(open_fake(&db, &err), 0);
        fake.script = script;
        int code = db_query(db, &tx, "INSERT", NULL, 0, NULL, NULL, &err);
        if (code != rows[i].code)
            fail_msg("%s is %s", rows[i].sqlstate, err_name(code));
        assert_string_equal(err.sqlstate, rows[i].sqlstate);
        assert_string_equal(err.constraint, "the_constraint");
        assert_int_equal(strstr(err.message, "canary") != NULL, rows[i].message_is_shown);
        assert_null(strchr(err.message, '\x1b'));
        assert_non_null(strstr(err.message, rows[i].sqlstate));
        assert_non_null(strstr(err.message, "the_constraint"));
        assert_false(db_is_dead(db));
        db_close(db);
    }
}

static void connect_with(const char *error, bool needs_password, int wanted, const char *sqlstate) {
    struct db *db = NULL;
    struct err err;
    fake_reset();
    fake.connect_error = error;
    fake.needs_password = needs_password;
    assert_int_equal(open_fake(&db, &err), wanted);
    assert_null(db);
    assert_string_equal(err.sqlstate, sqlstate);
    assert_null(strstr(err.message, "LOCATION"));
    assert_null(strchr(err.message, '\n'));
    assert_int_equal(fake.connections_open, 0);
}

static void connecting_is_refused(void **state) {
    (void)state;
    connect_with("connection to server at \"h\", port 1 failed: Connection refused\n\tIs the server running?\n", false, ERR_CONNECT,
                 "");
    connect_with("FATAL:  28P01: password authentication failed for user \"u\"\nLOCATION:  auth_failed, auth.c:1\n", false,
                 ERR_DENIED, "28P01");
    connect_with("FATAL:  28000: no pg_hba.conf entry\n", false, ERR_DENIED, "28000");
    connect_with("\xd0\x92\xd0\x90\xd0\x96\xd0\x9d\xd0\x9e:  42501: \xd0\xbd\xd0\xb5\xd1\x82\n", false, ERR_DENIED, "42501");
    connect_with("FATAL:  53300: too many clients\n", false, ERR_CONNECT, "53300");
    connect_with("FATAL:  57P03: the database system is starting up\n", false, ERR_CONNECT, "57P03");
    connect_with("FATAL:  3D000: database \"x\" does not exist\n", false, ERR_CONNECT, "3D000");
    connect_with("fe_sendauth: no password supplied\n", true, ERR_DENIED, "");
    connect_with("", false, ERR_CONNECT, "");
}

static void open_fails(int wanted) {
    struct db *db = NULL;
    struct err err;
    assert_int_equal(open_fake(&db, &err), wanted);
    assert_null(db);
    assert_int_equal(fake.connections_open, 0);
    assert_int_equal(fake.results_open, 0);
}

static void opening_fails_half_way(void **state) {
    static const struct fake_answer refuses[] = {{.sql = "SELECT", .sqlstate = "42501"}, {.sql = NULL}};
    (void)state;
    fake_reset();
    fake.no_memory_at_start = true;
    open_fails(ERR_NOMEM);
    fake_reset();
    fake.no_settings = true;
    open_fails(ERR_NOMEM);
    fake_reset();
    fake.no_cancel = true;
    open_fails(ERR_NOMEM);
    fake_reset();
    fake.no_pipeline = true;
    open_fails(ERR_CONNECT);
    fake_reset();
    fake.no_nonblocking = true;
    open_fails(ERR_CONNECT);
    fake_reset();
    fake.script = refuses;
    open_fails(ERR_DENIED);
    fake_reset();
    fake.lose_at = 1;
    open_fails(ERR_CONNECT);
    fake_reset();
    fake.lose_at = 5;
    open_fails(ERR_CONNECT);
}

static void connecting_takes_too_long(void **state) {
    static const struct {
        const char *host, *timeout;
        int64_t seconds;
    } cases[] = {{"/tmp", "3", 3}, {"/a,/b,/c", "3", 9}, {"/tmp", "0", 600}, {"/tmp", "9999999", 600}, {"/tmp", "", 600}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake_reset();
        fake.never_connects = true;
        fake.host = cases[i].host;
        fake.connect_timeout = cases[i].timeout;
        open_fails(ERR_CONNECT);
        assert_in_range(fake.now_us, cases[i].seconds * 1000000, (cases[i].seconds + 1) * 1000000);
    }
}

static void asks_for_what_every_connection_needs(void **state) {
    struct db *db = NULL;
    struct err err;
    (void)state;
    fake_reset();
    assert_int_equal(open_fake(&db, &err), 0);
    assert_string_equal(fake_asked("dbname"), "postgresql://fake");
    assert_string_equal(fake_asked("application_name"), "infill fake");
    assert_string_equal(fake_asked("client_encoding"), "UTF8");
    assert_string_equal(fake_asked("connect_timeout"), "2");
    assert_string_equal(fake_asked("tcp_user_timeout"), "2000");
    assert_string_equal(fake_asked("keepalives"), "1");
    assert_null(fake_asked("options")); /* poolers refuse it */
    assert_null(fake_asked("sslmode"));
    db_close(db);
}

static const struct {
    const char *host, *hostaddr, *sslmode, *url_sslmode, *environment;
    bool verified, warns;
} hosts[] = {
    {"", "", "prefer", "", NULL, false, false},
    {"/run", "", "prefer", "", NULL, false, false},
    {"@abstract", "", "prefer", "", NULL, false, false},
    {"localhost", "", "prefer", "", NULL, false, false},
    {"127.1.2.3", "", "prefer", "", NULL, false, false},
    {"::1", "", "prefer", "", NULL, false, false},
    {"127.evil.example", "", "prefer", "", NULL, true, false},
    {"localhost.example", "", "prefer", "", NULL, true, false},
    {"db.example", "", "prefer", "", NULL, true, false},
    {"/run,db.example", "", "prefer", "", NULL, true, false},
    {"db.example", "127.0.0.1", "prefer", "", NULL, false, false},
    {"localhost", "10.0.0.1", "prefer", "", NULL, true, false},
    {"db.example", "", "prefer", "prefer", NULL, false, true},
    {"db.example", "", "require", "require", NULL, false, true},
    {"db.example", "", "disable", "", NULL, false, true}, /* by a service file */
    {"db.example", "", "verify-full", "", NULL, false, false},
    {"db.example", "", "prefer", "", "prefer", false, true},
};

static void count_warning(void *context, enum log_level level, const char *line) {
    assert_int_equal(level, LOG_WARN);
    assert_non_null(strstr(line, "sslmode"));
    (*(int *)context)++;
}

static void other_hosts_are_verified(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        int warnings = 0;
        struct log log = {.sink = count_warning, .context = &warnings};
        struct db_options options = {.url = "postgresql://fake", .application_name = "infill fake", .log = &log};
        struct db *db = NULL;
        struct err err;
        fake_reset();
        fake.host = hosts[i].host;
        fake.hostaddr = hosts[i].hostaddr;
        fake.sslmode = hosts[i].sslmode;
        fake.url_sslmode = hosts[i].url_sslmode;
        assert_int_equal(hosts[i].environment != NULL ? setenv("PGSSLMODE", hosts[i].environment, 1) : unsetenv("PGSSLMODE"), 0);
        assert_int_equal(db_open(&options, &db, &err), 0);
        const char *mode = fake_asked("sslmode");
        assert_int_equal(mode != NULL && strcmp(mode, "verify-full") == 0, hosts[i].verified);
        assert_int_equal(warnings > 0, hosts[i].warns);
        db_close(db);
        assert_int_equal(fake.connections_open, 0);
    }
    unsetenv("PGSSLMODE");
}

static void verifying_fails(void **state) {
    struct db *db = NULL;
    struct err err;
    (void)state;
    fake_reset();
    fake.host = "db.example";
    fake.connect_error = "root certificate file \"/root.crt\" does not exist\n";
    assert_int_equal(open_fake(&db, &err), ERR_CONNECT);
    assert_non_null(strstr(err.next, "sslmode=require"));
    fake.connect_error = "FATAL:  28P01: password authentication failed\n";
    assert_int_equal(open_fake(&db, &err), ERR_DENIED);
    assert_string_equal(err.next, "");
}

static void refuse_url(const char *complaint, const char *host, const char *port, const char *shown) {
    struct db *db = NULL;
    struct err err;
    fake_reset();
    fake.url_complaint = complaint;
    fake.url_host = host;
    fake.url_port = port;
    assert_int_equal(open_fake(&db, &err), ERR_USAGE);
    assert_null(strstr(err.message, "hunter2"));
    assert_non_null(strstr(err.message, shown));
    assert_null(fake_asked("dbname"));
}

/* libpq quotes what it could not read, and a mistyped URL has its password anywhere. */
static void a_wrong_url_is_not_quoted(void **state) {
    (void)state;
    refuse_url("unexpected character \"x\" in position 5: \"postgresql://u:hunter2@h\"\n", "", "", "unexpected character");
    refuse_url("invalid percent-encoded token: \"hunter2%zz\"\n", "", "", "percent-encoded");
    refuse_url("invalid URI query parameter: \"sslmod\"\n", "", "", "sslmod");
    refuse_url(NULL, "hunter2@db.example", "", "@ in the host");
    refuse_url(NULL, "u", "hunter2", "port");
    refuse_url("", "", "", "URL");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sqlstate_has_its_class),
        cmocka_unit_test(connecting_is_refused),
        cmocka_unit_test(opening_fails_half_way),
        cmocka_unit_test(connecting_takes_too_long),
        cmocka_unit_test(asks_for_what_every_connection_needs),
        cmocka_unit_test(other_hosts_are_verified),
        cmocka_unit_test(verifying_fails),
        cmocka_unit_test(a_wrong_url_is_not_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
