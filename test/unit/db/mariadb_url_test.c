/* The parts of a URL, and that a broken one is refused without showing what is in it. */
#include "unit.h"

#include "db/mariadb_url.h"

struct parse {
    struct arena arena;
    struct mdb_url url;
    struct err err;
};

static int parse(struct parse *p, const char *text) {
    arena_init(&p->arena);
    err_clear(&p->err);
    return mdb_url_parse(text, &p->arena, &p->url, &p->err);
}

static void expect_text(const char *got, const char *wanted) {
    if (wanted == NULL)
        assert_null(got);
    else
        assert_string_equal(got != NULL ? got : "(null)", wanted);
}

static void takes_urls_apart(void **state) {
    static const struct {
        const char *text, *user, *password, *host;
        unsigned port;
        const char *database, *socket;
    } rows[] = {
        {"mariadb://u@h:3307/d", "u", NULL, "h", 3307, "d", NULL},
        {"mysql://h/d", NULL, NULL, "h", 0, "d", NULL},
        {"mariadb://u:p%40%2Fw@h/d%20b", "u", "p@/w", "h", 0, "d b", NULL},
        {"mariadb://u:p:q@h@i/d", "u", "p:q@h", "i", 0, "d", NULL},
        {"mariadb://[::1]:1/d", NULL, NULL, "::1", 1, "d", NULL},
        {"mariadb://[fe80::1]/d", NULL, NULL, "fe80::1", 0, "d", NULL},
        {"mariadb:///d?socket=/tmp/my%20sock", NULL, NULL, NULL, 0, "d", "/tmp/my sock"},
        {"mariadb://u@/d?socket=/s&ssl-mode=disabled", "u", NULL, NULL, 0, "d", "/s"},
        {"mariadb://h", NULL, NULL, "h", 0, NULL, NULL},
        {"mariadb://h/", NULL, NULL, "h", 0, NULL, NULL},
    };
    for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
        struct parse p;
        assert_int_equal(parse(&p, rows[i].text), 0);
        expect_text(p.url.user, rows[i].user);
        expect_text(p.url.password, rows[i].password);
        expect_text(p.url.host, rows[i].host);
        assert_int_equal(p.url.port, rows[i].port);
        expect_text(p.url.database, rows[i].database);
        expect_text(p.url.socket, rows[i].socket);
        arena_release(&p.arena);
    }
    (void)state;
}

static void reads_tls_settings(void **state) {
    struct parse p;
    assert_int_equal(parse(&p, "mariadb://h/d?ssl-mode=VERIFY&ssl-ca=/ca&ssl-cert=/c&ssl-key=/k"), 0);
    assert_int_equal(p.url.tls, MDB_TLS_VERIFY);
    assert_string_equal(p.url.ssl_ca, "/ca");
    assert_string_equal(p.url.ssl_cert, "/c");
    assert_string_equal(p.url.ssl_key, "/k");
    arena_release(&p.arena);
    assert_int_equal(parse(&p, "mariadb://h/d"), 0);
    assert_int_equal(p.url.tls, MDB_TLS_UNSAID);
    arena_release(&p.arena);
    (void)state;
}

static void refuses_broken_urls(void **state) {
    static const char *const rows[] = {
        "mariadb:h/d",
        "mariadb://secret%4@h/d",
        "mariadb://secret%00@h/d",
        "mariadb://h:0/secret",
        "mariadb://h:65536/secret",
        "mariadb://h:secret/d",
        "mariadb://[::1/secret",
        "mariadb://[::1]secret/d",
        "mariadb://aurora%3A%2F%2Fsecret/d",
        "mariadb://h/d?ssl-mode=secret",
        "mariadb://h/d?password=secret",
        "mariadb://h/d?socket=%zz",
    };
    for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
        struct parse p;
        assert_int_equal(parse(&p, rows[i]), ERR_USAGE);
        assert_null(strstr(p.err.message, "secret"));
        arena_release(&p.arena);
    }
    (void)state;
}

static void knows_what_is_local(void **state) {
    static const struct {
        const char *text;
        bool is_local;
    } rows[] = {
        {"mariadb:///d", true},          {"mariadb://localhost/d", true},        {"mariadb://LOCALHOST/d", true},
        {"mariadb://127.0.0.1/d", true}, {"mariadb://127.1.2.3/d", true},        {"mariadb://[::1]/d", true},
        {"mariadb://10.0.0.1/d", false}, {"mariadb://127.example.com/d", false}, {"mariadb://db/d", false},
    };
    for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
        struct parse p;
        assert_int_equal(parse(&p, rows[i].text), 0);
        assert_int_equal(mdb_url_is_local(&p.url), rows[i].is_local);
        arena_release(&p.arena);
    }
    (void)state;
}

static bool parse_once(void *context) {
    struct parse p;
    int code = parse(&p, "mariadb://u:p@h:1/d?socket=/s&ssl-mode=verify");
    assert_true(code == 0 || code == ERR_NOMEM);
    arena_release(&p.arena);
    (void)context;
    return code == 0;
}

static void survives_without_memory(void **state) {
    unit_out_of_memory(parse_once, NULL);
    (void)state;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_urls_apart),    cmocka_unit_test(reads_tls_settings),      cmocka_unit_test(refuses_broken_urls),
        cmocka_unit_test(knows_what_is_local), cmocka_unit_test(survives_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
