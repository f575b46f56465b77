/* What counts as one expression, which names it uses, and hostile texts. */
#include "sql_fixture.h"

#include "sql/expr.h"

static const struct {
    const struct sql_dialect *dialect;
    const char *text;
    int error_at; /* -1: fine */
} rows[] = {
    {&postgres_dialect, "lower(trim(email))", -1},
    {&postgres_dialect, "(select c.id from countries c where c.code = src.country)", -1},
    {&postgres_dialect, "data->>'a' || arr[1] || (a, b)::text", -1},
    {&postgres_dialect, "'; DROP TABLE x; --'", -1},
    {&postgres_dialect, "j ? 'k'", -1},
    {&postgres_dialect, "", 0},
    {&postgres_dialect, " \n\t", 3},
    {&postgres_dialect, "1; DROP TABLE x", 1},
    {&postgres_dialect, "1) FROM x WHERE (1=1", 1},
    {&postgres_dialect, "(1", 2},
    {&postgres_dialect, "(1]", 2},
    {&postgres_dialect, "a[1)", 3},
    {&postgres_dialect, "1, 2", 1},
    {&postgres_dialect, "1 -- hidden", 2},
    {&postgres_dialect, "1 /* hidden", 2},
    {&postgres_dialect, "$1", 0},
    {&postgres_dialect, "'open", 0},
    {&postgres_dialect, "E'\\'); DROP", 0},
    {&postgres_dialect, "\xff", 0},
    {&mariadb_dialect, "'a\\'); DROP TABLE x; #'", -1},
    {&mariadb_dialect, "concat(\"a;b\", `c;d`)", -1},
    {&mariadb_dialect, "1 # hidden", 2},
    {&mariadb_dialect, "?", 0},
    {&mariadb_dialect, "1 /*! + sleep(1) */", 2},
    {&sqlite_dialect, "[odd name;] + `b)`", -1},
    {&sqlite_dialect, ":a", 0},
    {&sqlite_dialect, "a -> '$.b'", -1},
};

static void one_expression_that_stays_inside(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena;
        struct expr_scan scan;
        struct err err;
        err_clear(&err);
        arena_init(&arena);
        int rc = expr_scan(rows[i].dialect, rows[i].text, &arena, &scan, &err);
        if (rc != (rows[i].error_at < 0 ? 0 : ERR_PLAN))
            print_error("for: %s\n", rows[i].text);
        assert_int_equal(rc, rows[i].error_at < 0 ? 0 : ERR_PLAN);
        if (rows[i].error_at > 0)
            assert_int_equal(scan.error_at, rows[i].error_at);
        arena_release(&arena);
    }
}

static bool has(const char *const *list, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

static void names_are_told_apart(void **state) {
    (void)state;
    struct arena arena;
    struct expr_scan scan;
    struct err err;
    err_clear(&err);
    arena_init(&arena);
    const char *text = "CASE WHEN Pg_Catalog.Lower (src.\"E Mail\") IN ('x') THEN \"F\"(a) ELSE lower(B) END AND (c)";
    assert_int_equal(expr_scan(&postgres_dialect, text, &arena, &scan, &err), 0);
    assert_int_equal(scan.function_count, 2);
    assert_true(has(scan.functions, scan.function_count, "lower"));
    assert_true(has(scan.functions, scan.function_count, "F"));
    assert_true(has(scan.words, scan.word_count, "E Mail"));
    assert_true(has(scan.words, scan.word_count, "src"));
    assert_true(has(scan.words, scan.word_count, "a"));
    assert_true(has(scan.words, scan.word_count, "b"));
    assert_true(has(scan.words, scan.word_count, "and"));
    assert_false(has(scan.words, scan.word_count, "lower"));
    assert_null(scan.volatile_word);
    arena_release(&arena);
}

static void columns_of_the_row_are_told_apart(void **state) {
    static const struct {
        const char *text;
        bool own;
    } cases[] = {{"src.v", true},
                 {"lower(V)", true},
                 {"SRC.\"v\" + 1", true},
                 {"coalesce(src.a, v)", true},
                 {"(SELECT o.v FROM o WHERE o.id = src.id)", false},
                 {"src.a::v", false},
                 {"cast(src.a AS v)", false},
                 {"v '2024-02-29'", false},
                 {"extract(v from src.a)", false},
                 {"v(src.a)", false},
                 {"v.a", false},
                 {"'v'", false},
                 {"\"V\"", false},
                 {"substring(v FROM 2)", true},
                 {"trim(v from 'x')", true},
                 {"\"src\".v", true},
                 {"(SELECT v.a FROM v WHERE v.id = src.id)", false},
                 {"(SELECT sum(o.a) FROM o JOIN v ON v.id = o.id)", false},
                 {"CASE WHEN v IS NULL THEN 1 END", true}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct arena arena;
        struct expr_scan scan;
        struct err err;
        err_clear(&err);
        arena_init(&arena);
        assert_int_equal(expr_scan(&postgres_dialect, cases[i].text, &arena, &scan, &err), 0);
        if (has(scan.own_words, scan.own_word_count, "v") != cases[i].own)
            fail_msg("%s", cases[i].text);
        arena_release(&arena);
    }
}

static bool reads(const struct sql_dialect *dialect, const char *text, const char *column) {
    struct arena arena;
    struct expr_scan scan;
    struct err err;
    err_clear(&err);
    arena_init(&arena);
    assert_int_equal(expr_scan(dialect, text, &arena, &scan, &err), 0);
    bool found = scan.reads_row || has(scan.own_words, scan.own_word_count, column);
    arena_release(&arena);
    return found;
}

static void words_of_sql_are_no_columns(void **state) {
    (void)state;
    assert_false(reads(&postgres_dialect, "CASE WHEN src.d IS NULL THEN NULL ELSE src.d END", "end"));
    assert_false(reads(&postgres_dialect, "src.at AT TIME ZONE 'UTC'", "time"));
    assert_false(reads(&mariadb_dialect, "src.at + INTERVAL 1 DAY", "day"));
    assert_false(reads(&mariadb_dialect, "timestampdiff(MONTH, src.a, src.b)", "month"));
    assert_true(reads(&mariadb_dialect, "day + 1", "day"));
    assert_true(reads(&postgres_dialect, "src.end", "end"));
    assert_true(reads(&postgres_dialect, "\"order\" || 'x'", "order"));
    assert_true(reads(&mariadb_dialect, "`src`.v + 1", "v"));
}

static void the_whole_row_is_read(void **state) {
    static const char *const whole[] = {"md5(src::text)", "row(src.*)", "to_jsonb(src)", "(src).v || ''"};
    static const char *const parts[] = {"src.a", "src.a * 2", "count(*)", "(SELECT a FROM o src)", "(SELECT o.* FROM o)"};
    (void)state;
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        assert_true(reads(&postgres_dialect, whole[i], "none"));
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        assert_false(reads(&postgres_dialect, parts[i], "none"));
}

static void scan_text(const char *text, int expected) {
    struct arena arena;
    struct expr_scan scan;
    struct err err;
    err_clear(&err);
    arena_init(&arena);
    assert_int_equal(expr_scan(&postgres_dialect, text, &arena, &scan, &err), expected);
    arena_release(&arena);
}

static void limits_are_errors(void **state) {
    (void)state;
    char deep[600];
    for (size_t depth = 100; depth <= 250; depth += 150) {
        memset(deep, '(', depth);
        deep[depth] = '1';
        memset(deep + depth + 1, ')', depth);
        deep[2 * depth + 1] = '\0';
        scan_text(deep, depth > 128 ? ERR_PLAN : 0);
    }
    struct buf many;
    buf_init(&many);
    for (int i = 0; i < 1500; i++)
        buf_printf(&many, "+c%d", i);
    scan_text(many.data, ERR_PLAN);
    buf_release(&many);
}

/* Pieces of SQL in random order: never a crash, and what is accepted is balanced and has no way out. */
static void random_texts_never_escape(void **state) {
    (void)state;
    static const char *const pieces[] = {
        "(",  ")", "[", "]", "'", "\"", "`", "\\", "$$", "$a$", "E'",       ";",    "--", "/*", "*/", "#",
        "\n", "a", "1", ",", " ", "::", "?", ":x", "@",  "now", "\xc3\xa9", "\xff", "e",  "0x", "''"};
    static const struct sql_dialect *const dialects[] = {&postgres_dialect, &mariadb_dialect, &sqlite_dialect};
    uint32_t random = 7;
    for (int round = 0; round < 60000; round++) {
        char text[64] = "";
        size_t len = 0;
        for (int i = 0; i < 8; i++) {
            random = random * 1664525 + 1013904223; /* Numerical Recipes */
            const char *piece = pieces[(random >> 16) % (sizeof(pieces) / sizeof(pieces[0]))];
            memcpy(text + len, piece, strlen(piece) + 1);
            len += strlen(piece);
        }
        struct arena arena;
        struct expr_scan scan;
        struct err err;
        err_clear(&err);
        arena_init(&arena);
        int rc = expr_scan(dialects[round % 3], text, &arena, &scan, &err);
        assert_true(rc == 0 || rc == ERR_PLAN);
        assert_true(rc == 0 || scan.error_at <= len);
        arena_release(&arena);
    }
}

static void bare_literals_are_seen(void **state) {
    (void)state;
    static const char *const bare[] = {"'x'", " (( NULL )) ", "E'a\\'b'", "$$x$$", "null"};
    static const char *const typed[] = {"1",   "'x'::text", "date '2026-01-01'", "lower('x')", "'a' || 'b'", "nullif(a, b)", "",
                                        "(a)", "B'1'"};
    for (size_t i = 0; i < sizeof(bare) / sizeof(bare[0]); i++)
        assert_true(expr_is_untyped(&postgres_dialect, bare[i]));
    for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++)
        assert_false(expr_is_untyped(&postgres_dialect, typed[i]));
}

/* Also when there is no memory: whether a key is copied decides how both sides are walked, and must not change on the way. */
static void a_column_alone_is_told_from_all_else(void **state) {
    (void)state;
    const struct sql_column id = {.name = "id"}, odd = {.name = "a\"b`c"};
    static const char *const ids[] = {"id", "src.id", "\"id\"", "src.\"id\""};
    static const char *const others[] = {"",        "\"",   "\"\"", "\"i", "\"id", "\"id\"\"", "\"id\" ",
                                         "\"ids\"", "`id`", "ids",  "i",   "src.", "tgt.id",   "id + 0"};
    mem_fail_at(1, true);
    bool all = true, any = false;
    for (size_t i = 0; i < UNIT_COUNT(ids); i++)
        all = all && expr_is_column(&postgres_dialect, ids[i], &id);
    for (size_t i = 0; i < UNIT_COUNT(others); i++)
        any = any || expr_is_column(&postgres_dialect, others[i], &id);
    bool doubled =
        expr_is_column(&postgres_dialect, "src.\"a\"\"b`c\"", &odd) && expr_is_column(&mariadb_dialect, "`a\"b``c`", &odd);
    bool single = expr_is_column(&postgres_dialect, "\"a\"b`c\"", &odd) || expr_is_column(&mariadb_dialect, "`a\"b`c`", &odd);
    mem_fail_at(0, false);
    assert_true(all && doubled);
    assert_false(any || single);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_expression_that_stays_inside),
        cmocka_unit_test(names_are_told_apart),
        cmocka_unit_test(columns_of_the_row_are_told_apart),
        cmocka_unit_test(words_of_sql_are_no_columns),
        cmocka_unit_test(the_whole_row_is_read),
        cmocka_unit_test(limits_are_errors),
        cmocka_unit_test(random_texts_never_escape),
        cmocka_unit_test(bare_literals_are_seen),
        cmocka_unit_test(a_column_alone_is_told_from_all_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
