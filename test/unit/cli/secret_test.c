/* Passwords on the command line are seen; what only looks like one is not. */
#include "cli_test.h"

#include "cli/secret.h"

static void secrets_are_found(void **state) {
    static const char *const secrets[] = {
        "postgresql://bob:hunter2@db/shop",   "mysql://bob:p@ss@db/shop",
        "mariadb://bob:pa/ss@db/shop",        "source.url=postgresql://bob:12345@db:5432/shop",
        "postgresql://db/shop?password=x",    "postgresql://db/shop?sslmode=require&PASSWORD=x",
        "postgresql://db/shop?sslpassword=x", "host=db user=bob password=hunter2",
        "mysql://db/shop?passwd=x",
    };
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(secrets); i++)
        if (!secret_in(secrets[i]))
            fail_msg("not seen: %s", secrets[i]);
}

static void the_rest_passes(void **state) {
    static const char *const harmless[] = {
        "users.yaml",
        "batch.rows=500",
        "postgresql://db/shop",
        "postgresql://bob@db:5432/shop",
        "postgresql://db:5432/shop?user=bob@example",
        "postgresql://db:5432/my@shop",
        "postgresql://bob:@db/shop",
        "postgresql://bob:${env:PW}@db/shop",
        "postgresql://db/shop?password=${file:/run/pw}",
        "postgresql://[::1]:5432/shop",
        "sqlite:///srv/a:b@c.db",
        "sqlite:shop.db",
        "password=",
        "",
    };
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(harmless); i++)
        if (secret_in(harmless[i]))
            fail_msg("taken for a secret: %s", harmless[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(secrets_are_found), cmocka_unit_test(the_rest_passes)};
    return cmocka_run_group_tests_name("cli/secret", tests, NULL, NULL);
}
