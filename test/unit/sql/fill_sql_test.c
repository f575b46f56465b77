/* Every statement of three fills on every engine, against the text in golden/ENGINE.sql, which is meant to be read.
 *
 * After a change on purpose: run this program with the argument `write`, then read the difference. */
#include "sql_fixture.h"

#include "sql/verify_sql.h"

static bool writing;

static const struct sql_dialect *const dialects[] = {&postgres_dialect, &mariadb_dialect, &sqlite_dialect};

/* Arguments as letters: a... for lo's columns, i... for hi's, q for the row count. */
static void add_statement(struct buf *out, const char *name, const char *form, const struct stmt *stmt) {
    if (stmt->text.len == 0)
        return;
    buf_printf(out, "-- %s %s (", name, form);
    for (unsigned i = 0; i < stmt->arg_count; i++)
        buf_add_char(out, (char)('a' + stmt->arg[i]));
    buf_printf(out, ")\n%s;\n\n", stmt->text.data);
}

static void add_both(struct buf *out, const char *name, const struct stmt stmts[2]) {
    add_statement(out, name, "open below", &stmts[0]);
    add_statement(out, name, "bounded", &stmts[1]);
}

#define ADD(field) add_both(out, #field, sql.field)
#define ADD_FROM(field) add_statement(out, #field, "from", &sql.field[FILL_FROM])

static void add_verify(struct buf *out, const struct fill_map *map, const char *const *expect) {
    static const char *const forms[VERIFY_FORMS] = {"open", "above", "key", "rest", "whole"};
    struct verify_sql sql;
    struct arena arena;
    struct err err;
    err_clear(&err);
    arena_init(&arena);
    assert_int_equal(verify_sql_build(map, expect, &arena, &sql, &err), 0);
    for (enum verify_form form = 0; form < VERIFY_FORMS; form++) {
        add_statement(out, "verify source", forms[form], &sql.source[form]);
        add_statement(out, "verify target", forms[form], &sql.target[form]);
    }
    add_statement(out, "verify strays", "", &sql.strays);
    add_statement(out, "verify shared", "", &sql.shared);
    add_statement(out, "verify rivals", "", &sql.rivals);
    add_statement(out, "lock extra", "", &sql.lock_extra);
    add_statement(out, "delete extra", "", &sql.delete_extra);
    verify_sql_release(&sql);
    arena_release(&arena);
}

static void add_fill(struct buf *out, const char *title, const struct fill_map *map, long long period_us) {
    struct fill_sql sql;
    struct err err;
    err_clear(&err);
    assert_int_equal(fill_sql_build(map, period_us, &sql, &err), 0);
    buf_printf(out, "-- ==== %s\n\n", title);
    ADD(bound);
    add_statement(out, "high_water", "", &sql.high_water);
    add_statement(out, "is_above", "", &sql.is_above);
    add_statement(out, "rows_read", "", &sql.rows_read);
    ADD(period_bound);
    ADD(count);
    ADD(insert);
    ADD(insert_counted);
    ADD(insert_missing);
    ADD_FROM(insert_missing);
    ADD(compare);
    ADD_FROM(compare);
    ADD(different);
    ADD(lock_source);
    ADD_FROM(lock_source);
    ADD(overwrite);
    ADD_FROM(overwrite);
    ADD(missing);
    ADD(update);
    ADD_FROM(update);
    ADD(update_ordered);
    ADD(differing);
    ADD_FROM(differing);
    add_verify(out, map, NULL);
    fill_sql_release(&sql);
}

static void add_fills(struct buf *out, const struct sql_dialect *dialect) {
    static const char *keep[] = {"touched"};
    bool is_sqlite = dialect == &sqlite_dialect;
    struct fixture f;
    fixture_init(&f, dialect, 2);
    f.id.is_identity = dialect == &postgres_dialect;
    f.map.where = "email <> ''";
    add_fill(out, "into another table, key (tenant, id)", &f.map, 0);
    fixture_init(&f, dialect, 2);
    f.tenant =
        (struct sql_column){.name = "at", .type = is_sqlite ? "TEXT" : "timestamp", .class = is_sqlite ? SQL_TEXT : SQL_TIMESTAMP};
    f.map.value_count = 1;
    add_fill(out, "key (at, id), in ranges of a day", &f.map, 86400000000);
    static const char *const expect[] = {NULL, "lower(trim(email))"};
    fixture_init(&f, dialect, 1);
    buf_add(out, "-- ==== verified by a second spelling, key id\n\n");
    add_verify(out, &f.map, expect);
    fixture_in_place(&f, dialect);
    f.map.keep_columns = keep;
    f.map.keep_count = dialect == &mariadb_dialect;
    add_fill(out, "in place, key id", &f.map, 0);
}

static void golden_path(const struct sql_dialect *dialect, char *path, size_t size) {
    snprintf(path, size, "%s/test/unit/sql/golden/%s.sql", PROJECT_ROOT, dialect->name);
}

static void write_golden(const char *path, const struct buf *text) {
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text->data, 1, text->len, file), text->len);
    assert_int_equal(fclose(file), 0);
}

static void read_golden(const char *path, struct buf *text) {
    char chunk[4096];
    size_t got;
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buf_add_mem(text, chunk, got);
    fclose(file);
}

static void statements_are_as_read_and_approved(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char path[4096];
        struct buf now;
        struct buf golden;
        buf_init(&now);
        buf_init(&golden);
        add_fills(&now, dialects[i]);
        golden_path(dialects[i], path, sizeof(path));
        if (writing)
            write_golden(path, &now);
        read_golden(path, &golden);
        assert_string_equal(now.data, golden.data);
        buf_release(&golden);
        buf_release(&now);
    }
}

static void the_longest_key_fits_every_statement(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct fixture f;
        struct fill_sql sql;
        struct err err;
        err_clear(&err);
        fixture_init(&f, dialects[i], 1);
        for (f.map.key_count = 0; f.map.key_count < KEY_COLUMNS_MAX; f.map.key_count++)
            f.map.key[f.map.key_count] = f.map.key_count == 0 ? &f.tenant : &f.id;
        f.tenant = (struct sql_column){.name = "at", .type = "TEXT", .class = SQL_TIMESTAMP};
        assert_int_equal(fill_sql_build(&f.map, 86400000000, &sql, &err), 0);
        assert_true(sql.period_bound[1].text.len > 0);
        fill_sql_release(&sql);
        f.map.in_place = true;
        assert_int_equal(fill_sql_build(&f.map, 0, &sql, &err), 0);
        fill_sql_release(&sql);
    }
}

static void a_period_that_cannot_be_gives_no_text(void **state) {
    (void)state;
    struct fixture f;
    struct fill_sql sql;
    struct err err;
    err_clear(&err);
    fixture_init(&f, &postgres_dialect, 1);
    assert_int_equal(fill_sql_build(&f.map, 86400000000, &sql, &err), 0);
    assert_int_equal(sql.period_bound[0].text.len, 0);
    assert_int_equal(sql.period_bound[1].text.len, 0);
    fill_sql_release(&sql);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_are_as_read_and_approved),
        cmocka_unit_test(the_longest_key_fits_every_statement),
        cmocka_unit_test(a_period_that_cannot_be_gives_no_text),
    };
    writing = argc == 2 && strcmp(argv[1], "write") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
