/* Each allocation fails once, in turn: the result is ERR_NOMEM every time, and nothing leaks or crashes. */
#include "sql_fixture.h"

#include "base/mem.h"
#include "sql/expr.h"
#include "sql/key.h"
#include "sql/scratch.h"

typedef int attempt_function(struct err *err);

static int build_fill(const struct sql_dialect *dialect, bool in_place, struct err *err) {
    struct fixture f;
    struct fill_sql sql;
    fixture_init(&f, dialect, 2);
    if (in_place)
        fixture_in_place(&f, dialect);
    f.map.where = "email IS NOT NULL";
    int rc = fill_sql_build(&f.map, 0, &sql, err);
    fill_sql_release(&sql);
    return rc;
}

static int build_postgres(struct err *err) {
    return build_fill(&postgres_dialect, false, err);
}

static int build_mariadb(struct err *err) {
    return build_fill(&mariadb_dialect, false, err);
}

static int build_in_place(struct err *err) {
    return build_fill(&sqlite_dialect, true, err);
}

static int build_periods(struct err *err) {
    struct fixture f;
    struct fill_sql sql;
    fixture_init(&f, &mariadb_dialect, 2);
    f.tenant = (struct sql_column){.name = "at", .type = "datetime(6)", .class = SQL_TIMESTAMP, .precision = 6};
    int rc = fill_sql_build(&f.map, 86400000000, &sql, err);
    fill_sql_release(&sql);
    return rc;
}

static int make_template(struct err *err) {
    struct stmt stmt;
    int rc = stmt_template(&stmt, &sqlite_dialect,
                           "UPDATE {range} SET [lease_until] = {now+1}, [n] = {ms:[lease_until]} WHERE [run] = ?2", err);
    stmt_release(&stmt);
    return rc;
}

static int scan_expression(struct err *err) {
    struct arena arena;
    struct expr_scan scan;
    arena_init(&arena);
    int rc = expr_scan(&postgres_dialect, "coalesce(lower(a), (b)) || now()", &arena, &scan, err);
    arena_release(&arena);
    return rc;
}

static int code_key(struct err *err) {
    const struct sql_value values[] = {{"42", 2, VALUE_INTEGER}, {"\0\1", 2, VALUE_BYTES}};
    struct sql_value back[2];
    struct arena arena;
    struct buf out;
    arena_init(&arena);
    buf_init(&out);
    int rc = key_encode(values, 2, true, &out, err);
    if (rc == 0)
        rc = key_decode(out.data, 2, true, &arena, back, err);
    buf_clear(&out);
    if (rc == 0)
        rc = key_parse("7,b:0AFF", 2, true, &out, err);
    if (rc == 0)
        rc = key_parse("[7,\"x\"]", 2, true, &out, err);
    buf_release(&out);
    arena_release(&arena);
    return rc;
}

static int build_scratch(struct err *err) {
    struct arena arena;
    struct scratch scratch;
    arena_init(&arena);
    int rc = scratch_build(&mariadb_dialect, &arena, &scratch, err);
    arena_release(&arena);
    return rc;
}

static attempt_function *const attempts[] = {build_postgres, build_mariadb,   build_in_place, build_periods,
                                             make_template,  scan_expression, code_key,       build_scratch};

static void every_allocation_may_fail(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
        unsigned long n = 0;
        for (int rc = ERR_NOMEM; rc != 0;) {
            struct err err;
            err_clear(&err);
            n++;
            mem_fail_at(n, n % 2 == 0);
            rc = attempts[i](&err);
            mem_fail_at(0, false);
            assert_true(rc == 0 || rc == ERR_NOMEM);
            assert_int_equal(err.code, rc);
        }
        assert_true(n > 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
