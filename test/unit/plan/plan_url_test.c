/* URLs: no password in clear, nothing secret shown, ${env:} and ${file:} filled in. */
#include "plan_fixture.h"

#include "plan/plan_url.h"

static void passwords_are_redacted(void **state) {
    static const struct {
        const char *url;
        const char *shown;
    } cases[] = {
        {"postgresql://me:pw@db:5432/shop", "postgresql://me:***@db:5432/shop"},
        {"postgresql://me@db/shop", "postgresql://me@db/shop"},
        {"postgresql://db:5432,other:5433/shop", "postgresql://db:5432,other:5433/shop"},
        {"postgresql:///shop?host=/run&user=me", "postgresql:///shop?host=/run&user=me"},
        {"postgresql:///shop?password=pw&user=me", "postgresql:///shop?password=***&user=me"},
        {"postgresql:///shop?user=me&sslpassword=pw", "postgresql:///shop?user=me&sslpassword=***"},
        {"postgresql:///shop?PassWord=pw", "postgresql:///shop?PassWord=***"},
        {"postgresql:///shop?p%61ssword=pw", "postgresql:///shop?p%61ssword=***"},
        {"postgresql:///shop?passfile=/home/me/.pgpass", "postgresql:///shop?passfile=/home/me/.pgpass"},
        {"mariadb://me:p@ss@db/shop", "mariadb://me:***@db/shop"},
        {"mariadb://me:p/s?s@db/shop", "mariadb://me:***@db/shop"},
        {"mariadb://me:p#s@db/shop", "mariadb://me:***@db/shop"},
        {"mysql://me:@db/shop", "mysql://me:***@db/shop"},
        {"sqlite:shop.db", "sqlite:shop.db"},
        {"sqlite:///var/lib/a:b@c.db", "sqlite:///var/lib/a:b@c.db"},
        {"host=db password=pw", "***"},
        {"me:pw@db/shop", "***"},
        {"", "***"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buf shown;
        buf_init(&shown);
        plan_url_redact(cases[i].url, &shown);
        assert_string_equal(shown.data, cases[i].shown);
        buf_release(&shown);
    }
}

static void urls_in_a_plan_are_judged(void **state) {
    static const char password[] = "a password must not stand here";
    static const char scheme[] = "a URL begins with postgresql://, mariadb://, mysql:// or sqlite:";
    static const struct {
        const char *url;
        const char *mistake; /* its beginning; NULL: none */
    } cases[] = {
        {"postgresql://me@db/shop", NULL},
        {"postgresql://me:${env:PW}@db/shop", NULL},
        {"postgresql://me:${file:/run/pw}@db/shop", NULL},
        {"postgresql:///shop?password=${env:PW}", NULL},
        {"${env:URL}", NULL},
        {"${env:URL}?sslmode=require", NULL},
        {"sqlite:shop.db", NULL},
        {"sqlite:///var/lib/shop.db", NULL},
        {"sqlite:${env:DB}", NULL},
        {"postgresql://me:@db/shop", NULL},
        {"postgresql://me:pw@db/shop", password},
        {"postgresql://me:pw${env:PW}@db/shop", password},
        {"postgresql://me:p/w@db/shop", password},
        {"${env:SCHEME}://me:pw@db/shop", password},
        {"postgresql:///shop?user=a;password=pw", password},
        {"postgresql://", "a URL needs something behind its scheme"},
        {"sqlite:", "a URL needs something behind its scheme"},
        {"postgress://db/shop", "a URL begins with postgresql://, mariadb://, mysql:// or sqlite:; did you mean 'postgres'?"},
        {"mysqll:db", scheme},
        {"postgresql:db", scheme},
        {"/var/lib/shop.db", scheme},
        {"host=db dbname=shop", scheme},
        {"sqlite:a\nb", "a URL must not hold control characters"},
        {"postgresql://${env:}/x", "write ${env:NAME} or ${file:/absolute/path}"},
        {"postgresql://${env:A B}/x", "write ${env:NAME} or ${file:/absolute/path}"},
        {"postgresql://${home}/x", "write ${env:NAME} or ${file:/absolute/path}"},
        {"postgresql://${file:relative}/x", "write ${env:NAME} or ${file:/absolute/path}"},
        {"postgresql://${env:A", "write ${env:NAME} or ${file:/absolute/path}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char out[URL_MESSAGE_MAX];
        bool nomem = false;
        const char *mistake = url_mistake(cases[i].url, URL_DATABASE, out, &nomem);
        assert_false(nomem);
        if (cases[i].mistake == NULL) {
            assert_null(mistake);
            continue;
        }
        assert_non_null(mistake);
        assert_int_equal(strncmp(mistake, cases[i].mistake, strlen(cases[i].mistake)), 0);
        assert_null(strstr(mistake, "pw"));
    }
}

/* Those of hooks and signals are URLs of the web, and as a whole not for everybody. */
static void urls_of_the_web_are_judged(void **state) {
    static const char password[] = "a password must not stand here: use ${env:NAME}",
                      scheme[] = "a URL begins with http:// or https://";
    static const struct {
        const char *url;
        const char *mistake;
    } cases[] = {
        {"https://hooks.example.com/services/T/B", NULL},
        {"http://me:${env:PW}@h/x?token=${env:PW}", NULL},
        {"${env:URL}", NULL},
        {"https://me:pw@h/x", password},
        {"https://h/x?token=pw", password},
        {"https://h/x?apiKey=pw", password},
        {"https://h/x?sig=pw", password},
        {"postgresql://h/x", scheme},
        {"file:///etc/passwd", scheme},
        {"htps://h/x", "a URL begins with http:// or https://; did you mean 'https'?"},
        {"https://", "a URL needs something behind its scheme"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char out[URL_MESSAGE_MAX];
        bool nomem = false;
        const char *mistake = url_mistake(cases[i].url, URL_WEB, out, &nomem);
        assert_false(nomem);
        assert_int_equal(mistake == NULL, cases[i].mistake == NULL);
        if (mistake != NULL) {
            assert_int_equal(strncmp(mistake, cases[i].mistake, strlen(cases[i].mistake)), 0);
            assert_null(strstr(mistake, "pw"));
        }
    }
    assert_null(url_mistake_filled("https://me:pw@h/x", URL_WEB));
    assert_non_null(url_mistake_filled("https://me:pw@h:pw/x", URL_WEB));
    assert_non_null(url_mistake_filled("sqlite:x", URL_WEB));
    assert_non_null(url_mistake_filled("https://h/x", URL_DATABASE));
}

static void assert_filled(const char *url, const char *filled, const char *mistake) {
    char out[URL_MESSAGE_MAX];
    struct buf buf;
    buf_init(&buf);
    const char *found = url_fill(url, fixture_getenv, &buf, out);
    if (mistake != NULL) {
        assert_non_null(found);
        assert_string_equal(found, mistake);
    } else {
        assert_null(found);
        assert_string_equal(buf.data, filled);
    }
    buf_release(&buf);
}

static void references_are_filled_in(void **state) {
    static const char *const env[] = {"PW=s3cret", "EMPTY=", "TRICK=${env:PW}", NULL};
    char path[512];
    char url[600];
    fixture_env = env;
    fixture_write("secret", "from file\n\r\n", 12);
    assert_non_null(getcwd(path, sizeof(path)));
    snprintf(url, sizeof(url), "a${file:%s/secret}b", path);
    assert_filled(url, "afrom fileb", NULL);
    assert_filled("x${env:PW}${env:PW}y$z", "xs3crets3crety$z", NULL);
    assert_filled("${env:TRICK}", "${env:PW}", NULL); /* filled in once, not again */
    assert_filled("${env:MISSING}", NULL, "the environment variable MISSING is not set");
    assert_filled("${env:EMPTY}", NULL, "the environment variable EMPTY is not set");
    assert_filled("${file:/nowhere/at all}", NULL, "/nowhere/at all: No such file or directory");
    assert_filled("${file:/proc}", NULL, "/proc: Is a directory");
    assert_filled("${file:/dev/zero}", NULL, "/dev/zero: too long for a URL");
    (void)state;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passwords_are_redacted),
        cmocka_unit_test(urls_in_a_plan_are_judged),
        cmocka_unit_test(urls_of_the_web_are_judged),
        cmocka_unit_test(references_are_filled_in),
    };
    return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
