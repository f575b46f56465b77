/* scratch.c: what the self-test plants, for every engine as text; on SQLite itself every damage touches as many keys as it says. */
#include "sql_fixture.h"

#include <sqlite3.h>

#include "base/mem.h"
#include "sql/scratch.h"

static const struct sql_dialect *const dialects[] = {&postgres_dialect, &mariadb_dialect, &sqlite_dialect};

static void build(struct arena *arena, struct scratch *scratch, const struct sql_dialect *dialect) {
    struct err err;
    err_clear(&err);
    arena_init(arena);
    assert_int_equal(scratch_build(dialect, arena, scratch, &err), 0);
}

/* ---- text ---- */

/* Nothing but the two tables is named, and no table without saying that it is a temporary one. */
static void assert_harmless(const struct sql_dialect *dialect, const char *sql) {
    static const char *const before[] = {"FROM ", "INTO ", "UPDATE ", "IGNORE ", "TABLE ", "TRUNCATE "};
    assert_null(strstr(sql, "{copy}"));
    assert_null(strstr(sql, "{source}"));
    struct buf copy, source;
    buf_init(&copy);
    buf_init(&source);
    sql_table_name(dialect, &copy, dialect->scratch->schema, "infill_self_copy");
    sql_table_name(dialect, &source, dialect->scratch->schema, "infill_self_source");
    for (size_t i = 0; i < UNIT_COUNT(before); i++)
        for (const char *at = strstr(sql, before[i]); at; at = strstr(at + 1, before[i])) {
            const char *name = at + strlen(before[i]);
            if (strncmp(name, "IGNORE ", 7) != 0 && strncmp(name, "n", 1) != 0 && strncmp(name, copy.data, copy.len) != 0)
                assert_memory_equal(name, source.data, source.len);
        }
    buf_release(&copy);
    buf_release(&source);
}

static void statements_name_the_two_tables_alone(void **state) {
    (void)state;
    for (size_t d = 0; d < UNIT_COUNT(dialects); d++) {
        struct arena arena;
        struct scratch scratch;
        build(&arena, &scratch, dialects[d]);
        for (size_t i = 0; i < UNIT_COUNT(scratch.create); i++)
            assert_harmless(dialects[d], scratch.create[i]);
        for (size_t i = 0; i < 2; i++)
            assert_memory_equal(scratch.create[i], "CREATE TEMPORARY TABLE ", 23);
        for (size_t i = 0; i < UNIT_COUNT(scratch.restore) && scratch.restore[i]; i++)
            assert_harmless(dialects[d], scratch.restore[i]);
        for (size_t i = 0; i < scratch.damage_count; i++)
            for (size_t k = 0; k < SCRATCH_STEPS_MAX && scratch.damages[i].steps[k]; k++)
                assert_harmless(dialects[d], scratch.damages[i].steps[k]);
        arena_release(&arena);
    }
}

static bool names_column(const struct scratch *scratch, const char *name) {
    for (size_t i = 0; i < scratch->copy.column_count; i++)
        if (strcmp(scratch->copy.columns[i].name, name) == 0)
            return true;
    return false;
}

static void every_engine_has_the_same_kinds_and_its_own(void **state) {
    (void)state;
    static const char *const shared[] = {"id",   "name",    "label", "note", "small", "amount", "ratio",
                                         "data", "seen_at", "doc",   "flag", "day",   "status"};
    for (size_t d = 0; d < UNIT_COUNT(dialects); d++) {
        struct arena arena;
        struct scratch scratch;
        build(&arena, &scratch, dialects[d]);
        assert_true(scratch.damage_count >= 20 + scratch.copy.column_count);
        for (size_t i = 0; i < UNIT_COUNT(shared); i++)
            assert_true(names_column(&scratch, shared[i]));
        assert_string_equal(scratch.copy.columns[scratch.copy.column_count - 1].name, "status");
        for (size_t i = 0; i < scratch.damage_count; i++) {
            assert_non_null(scratch.damages[i].steps[0]);
            assert_true(scratch.damages[i].rows > 0);
            for (size_t k = 0; k < i; k++)
                assert_string_not_equal(scratch.damages[i].name, scratch.damages[k].name);
        }
        arena_release(&arena);
    }
}

/* ---- on SQLite ---- */

static sqlite3 *db;

static void run(const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        print_error("%s: %s\n", message, sql);
    assert_null(message);
}

/* A row as a text in which no two values are alike: not by collation, class or the digits of a real. */
static void add_row_text(const struct scratch *scratch, struct buf *sql) {
    for (size_t i = 0; i < scratch->copy.column_count; i++) {
        const char *name = scratch->copy.columns[i].name;
        buf_printf(sql, "%sCASE typeof(%s) WHEN 'real' THEN printf('%%!.20g', %s) ELSE quote(%s) END", i ? " || ',' || " : "", name,
                   name, name);
    }
}

static char *judge_text(const struct scratch *scratch) {
    static const char *const tables[] = {"infill_self_source", "infill_self_copy"};
    struct buf sql;
    buf_init(&sql);
    buf_add(&sql, "WITH rows_of(side, id, row) AS (");
    for (size_t i = 0; i < 2; i++) {
        buf_printf(&sql, "%sSELECT %zu, id, ", i ? " UNION ALL " : "", i);
        add_row_text(scratch, &sql);
        buf_printf(&sql, " FROM %s", tables[i]);
    }
    buf_add(&sql, "), times(side, id, row, n) AS (SELECT side, id, row, count(*) FROM rows_of GROUP BY 1, 2, 3) "
                  "SELECT count(DISTINCT id) FROM times AS t WHERE NOT EXISTS (SELECT 1 FROM times AS o WHERE o.side = 1 - t.side "
                  "AND o.id = t.id AND o.row = t.row AND o.n = t.n)");
    assert_true(buf_ok(&sql));
    return buf_detach(&sql);
}

static unsigned differing_keys(const char *judge) {
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, judge, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    unsigned keys = (unsigned)sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return keys;
}

static void every_damage_touches_the_keys_that_it_says(void **state) {
    (void)state;
    struct arena arena;
    struct scratch scratch;
    unsigned wrong = 0;
    build(&arena, &scratch, &sqlite_dialect);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    for (size_t i = 0; i < UNIT_COUNT(scratch.create); i++)
        run(scratch.create[i]);
    char *judge = judge_text(&scratch);
    for (size_t i = 0; i < scratch.damage_count; i++) {
        const struct sql_scratch_damage *damage = &scratch.damages[i];
        for (size_t k = 0; k < UNIT_COUNT(scratch.restore) && scratch.restore[k]; k++)
            run(scratch.restore[k]);
        assert_int_equal(differing_keys(judge), 0);
        for (size_t k = 0; k < SCRATCH_STEPS_MAX && damage->steps[k]; k++)
            run(damage->steps[k]);
        unsigned keys = differing_keys(judge);
        if (keys != damage->rows) {
            print_error("%s: %u keys instead of %u\n", damage->name, keys, damage->rows);
            wrong++;
        }
    }
    mem_free(judge);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    arena_release(&arena);
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(statements_name_the_two_tables_alone),
                                       cmocka_unit_test(every_engine_has_the_same_kinds_and_its_own),
                                       cmocka_unit_test(every_damage_touches_the_keys_that_it_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
