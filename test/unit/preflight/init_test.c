/* A first plan from the live schemas: whatever the names, it loads again and says what the schema says. */
#include "preflight_fixture.h"

#include "preflight/init.h"

/* The plan that init writes, as it lies there. */
static void init(struct preflight *p, const char *schema, const char *from, const char *into) {
    struct buf text;
    *p = (struct preflight){0};
    sqlite_file_make(&p->file);
    sqlite_file_exec(&p->file, schema);
    buf_init(&text);
    sqlite_file_ok(&p->file, init_plan(p->file.db, p->file.url, from, into, &text, &p->file.err));
    preflight_write(p, text.data);
    buf_release(&text);
}

static void a_copy_loads_again_and_runs(void **state) {
    (void)state;
    static const struct {
        const char *schema, *from, *into;
    } cases[] = {
        {"CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT); CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT)", "old",
         "new"},
        {"CREATE TABLE old (a INT NOT NULL, b TEXT NOT NULL, PRIMARY KEY (b, a)); CREATE TABLE new (b TEXT NOT NULL, a INT NOT "
         "NULL, "
         "PRIMARY KEY (a, b))",
         "old", "new"},
        /* columns without a counterpart, with a near name and without */
        {"CREATE TABLE old (id INTEGER PRIMARY KEY, e_mail TEXT, fax TEXT); CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT, "
         "z TEXT)",
         "old", "new"},
        /* generated ones are not written */
        {"CREATE TABLE old (id INTEGER PRIMARY KEY, low TEXT); CREATE TABLE new (id INTEGER PRIMARY KEY, low TEXT AS (id || 'x'))",
         "old", "new"},
        /* no primary key, but a unique one */
        {"CREATE TABLE old (id INTEGER NOT NULL UNIQUE, v TEXT); CREATE TABLE new (id INTEGER PRIMARY KEY, v TEXT)", "old", "new"},
        /* names that YAML reads as something else, or that end a comment, a string, a list */
        {"CREATE TABLE \"null\" (\"yes\" INTEGER PRIMARY KEY, \"n\" TEXT, \"1\" TEXT, \"a: b\" TEXT, \"#c\" TEXT, \"it's\" TEXT);"
         "CREATE TABLE \"true\" (\"yes\" INTEGER PRIMARY KEY, \"n\" TEXT, \"1\" TEXT, \"a: b\" TEXT, \"#c\" TEXT, \"it's\" TEXT)",
         "null", "true"},
        {"CREATE TABLE \"o \"\"x\"\" \\\" (id INTEGER PRIMARY KEY, \"a\"\"b\" TEXT, \"c\\d\" TEXT, \"[e, f]\" TEXT);"
         "CREATE TABLE \"n {y}\" (id INTEGER PRIMARY KEY, \"a\"\"b\" TEXT, \"c\\d\" TEXT, \"[e, f]\" TEXT)",
         "o \"x\" \\", "n {y}"},
        {"CREATE TABLE \"старый\" (id INTEGER PRIMARY KEY, \"имя\" TEXT, \"\xf0\x9f\x98\x80\" TEXT);"
         "CREATE TABLE \"новый\" (id INTEGER PRIMARY KEY, \"имя\" TEXT, \"\xf0\x9f\x98\x80\" TEXT)",
         "старый", "новый"},
        {"CREATE TABLE \"a.b\" (id INTEGER PRIMARY KEY); CREATE TABLE \"c.d\" (id INTEGER PRIMARY KEY)", "a.b", "c.d"},
        {"CREATE TABLE old (id INTEGER PRIMARY KEY, \"line\nbreak\" TEXT, \"tab\there\" TEXT, other TEXT);"
         "CREATE TABLE new (id INTEGER PRIMARY KEY, \"line\nbreak\" TEXT, \"tab\there\" TEXT, \"an\nother\" TEXT)",
         "old", "new"},
        {"CREATE TABLE \"2024\" (id INTEGER PRIMARY KEY); CREATE TABLE \"2025\" (id INTEGER PRIMARY KEY)", "2024", "2025"},
    };
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct preflight p;
        init(&p, cases[i].schema, cases[i].from, cases[i].into);
        if (preflight_load(&p) != 0)
            fail_msg("case %zu: %s", i, p.file.err.message);
        preflight_resolve(&p);
        if (p.jobs->problems.failures > 0)
            fail_msg("case %zu: %s", i, preflight_problems(&p));
        assert_string_equal(p.plan->fills[0].from.name, cases[i].from);
        assert_string_equal(p.plan->fills[0].into.name, cases[i].into);
        preflight_remove(&p);
    }
}

/* What only a person can say is asked for in place of being guessed: the plan is refused there, and nowhere else. */
static void in_place_asks_for_the_expressions(void **state) {
    (void)state;
    struct preflight p;
    struct buf report;
    init(&p, "CREATE TABLE old (id INTEGER PRIMARY KEY, cents INTEGER, name TEXT NOT NULL)", "old", NULL);
    buf_init(&report);
    const struct plan_options options = {.path = p.path, .getenv = preflight_getenv};
    assert_int_equal(plan_load(&options, &p.plan, &report, &p.file.err), ERR_PLAN);
    assert_non_null(strstr(report.data, "set"));
    buf_release(&report);
    preflight_remove(&p);
}

static void tables_that_are_not_there_are_named(void **state) {
    (void)state;
    struct sqlite_file file;
    struct buf text;
    sqlite_file_make(&file);
    sqlite_file_exec(&file, "CREATE TABLE old (id INTEGER PRIMARY KEY)");
    buf_init(&text);
    assert_int_equal(init_plan(file.db, file.url, "olf", NULL, &text, &file.err), ERR_NOT_FOUND);
    assert_string_equal(file.err.message, "there is no table olf; did you mean old?");
    assert_int_equal(init_plan(file.db, file.url, "old", "new", &text, &file.err), ERR_NOT_FOUND);
    assert_string_equal(file.err.message, "there is no table new");
    assert_int_equal(text.len, 0);
    buf_release(&text);
    sqlite_file_remove(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_loads_again_and_runs),
        cmocka_unit_test(in_place_asks_for_the_expressions),
        cmocka_unit_test(tables_that_are_not_there_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
