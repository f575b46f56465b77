/* db_test.c - the registry and the helpers on results; drivers are the contract suite's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "db/db.h"

static void schemes_find_their_engine(void **state) {
    (void)state;
    for (const struct db_engine *const *engine = db_engines(); *engine != NULL; engine++)
        for (const char *const *scheme = (*engine)->schemes; *scheme != NULL; scheme++) {
            char url[64];
            snprintf(url, sizeof(url), "%s://somewhere", *scheme);
            assert_ptr_equal(db_engine_for(url), *engine);
            url[strlen(*scheme)] = '\0'; /* without the colon it is a word like any other */
            assert_null(db_engine_for(url));
        }
    assert_null(db_engine_for(""));
    assert_null(db_engine_for("oracle://x"));
    assert_null(db_engine_for(":x"));
}

static void every_engine_is_whole(void **state) {
    (void)state;
    assert_non_null(db_engines()[0]);
    for (const struct db_engine *const *engine = db_engines(); *engine != NULL; engine++) {
        const struct db_engine *e = *engine;
        assert_string_equal(e->name, e->dialect->name);
        assert_true(e->open && e->close && e->flush && e->rollback && e->cancel && e->is_dead && e->script && e->identify &&
                    e->describe && e->expression_types && e->volatile_function && e->wait_for_older && e->explain &&
                    e->sequence_next);
    }
}

static void an_unknown_scheme_is_not_quoted(void **state) {
    struct db_options options = {.url = "potsgresql://u:hunter2@h/d"};
    struct db *db = NULL;
    struct err err;
    (void)state;
    err_clear(&err);
    assert_int_equal(db_open(&options, &db, &err), ERR_USAGE);
    assert_null(db);
    assert_null(strstr(err.message, "hunter2"));
    assert_non_null(strstr(err.message, db_engines()[0]->schemes[0]));
    db_close(NULL);
}

static void cells(void **state) {
    const struct sql_value values[] = {
        {"42", 2, VALUE_TEXT}, VALUE_NULL_VALUE, {"-9223372036854775808", 20, VALUE_TEXT}, {"4x", 2, VALUE_TEXT}};
    const struct db_result result = {.row_count = 2, .column_count = 2, .values = values};
    (void)state;
    assert_string_equal(db_cell(&result, 0, 0), "42");
    assert_null(db_cell(&result, 0, 1));
    assert_int_equal(db_cell_int(&result, 0, 0, 7), 42);
    assert_int_equal(db_cell_int(&result, 0, 1, 7), 7);
    assert_int_equal(db_cell_int(&result, 1, 0, 7), INT64_MIN);
    assert_int_equal(db_cell_int(&result, 1, 1, 7), 7);
}

static void error_classes(void **state) {
    static const struct db_error_class table[] = {
        {"23", ERR_ROW}, {"23505", ERR_DUPLICATE}, {"1205", ERR_LOCKED}, {"12", ERR_FULL}, {NULL, 0}};
    (void)state;
    assert_int_equal(db_error_class(table, "23505"), ERR_DUPLICATE); /* wherever the exact code stands */
    assert_int_equal(db_error_class(table, "23000"), ERR_ROW);
    assert_int_equal(db_error_class(table, "1205"), ERR_LOCKED);
    assert_int_equal(db_error_class(table, "1213"), ERR_UNKNOWN); /* a native code has no class */
    assert_int_equal(db_error_class(table, "24000"), ERR_UNKNOWN);
    assert_int_equal(db_error_class(table, ""), ERR_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemes_find_their_engine),
        cmocka_unit_test(every_engine_is_whole),
        cmocka_unit_test(an_unknown_scheme_is_not_quoted),
        cmocka_unit_test(cells),
        cmocka_unit_test(error_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
