/* self_test.c on SQLite: every kind is seen, the file is not touched, and memory that ends is never taken for a result. On servers, and with
 * planted defects: test/e2e/test_self_test.py. */
#include "../preflight/preflight_fixture.h"

#include <jansson.h>

#include "reconcile/self_test.h"

static const char schema[] = "CREATE TABLE old (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE new (id INTEGER PRIMARY KEY, v TEXT);"
                             "CREATE TABLE infill_self_copy (id INTEGER PRIMARY KEY); INSERT INTO infill_self_copy VALUES (1);";
static const char fills[] = "  - {name: f, from: old, into: new, carry: [id, v]}\n";
static const struct log silent;

static json_t *document_of(struct preflight *p) {
    json_t *document = NULL;
    sqlite_file_ok(&p->file, self_test(p->plan, &silent, &document, &p->file.err));
    return document;
}

static json_int_t number(const json_t *document, const char *name) {
    return json_integer_value(json_object_get(document, name));
}

static void every_kind_is_seen(void **state) {
    struct preflight p;
    (void)state;
    preflight_make(&p, schema, fills);
    json_t *document = document_of(&p), *kind;
    size_t index, missed = 0;
    assert_string_equal(json_string_value(json_object_get(document, "verdict")), "ok");
    assert_true(number(document, "planted") >= 20);
    assert_int_equal(number(document, "planted"), number(document, "seen"));
    assert_int_equal(number(document, "planted"), json_array_size(json_object_get(document, "kinds")));
    json_array_foreach (json_object_get(document, "kinds"), index, kind) {
        assert_true(json_is_true(json_object_get(kind, "seen")));
        assert_int_equal(number(kind, "keys"), number(kind, "named"));
        missed += !json_is_true(json_object_get(kind, "seen_by_xor_crc"));
    }
    assert_int_equal(number(document, "missed_by_xor_crc"), missed);
    assert_true(missed >= 5);
    json_decref(document);
    preflight_remove(&p);
}

/* Somebody else holds the lock of writers, and a table has the name of a scratch one. */
static void nothing_of_the_file_is_touched(void **state) {
    struct preflight p;
    (void)state;
    preflight_make(&p, schema, fills);
    struct db_tx writing = {.lock_timeout_ms = 1000};
    const struct db_query query = {.sql = "UPDATE infill_self_copy SET id = 2"};
    struct db_result result;
    sqlite_file_ok(&p.file, db_flush(p.file.db, DB_BEGIN, &writing, &query, 1, &p.file.arena, &result, &p.file.err));
    json_t *document = document_of(&p);
    assert_string_equal(json_string_value(json_object_get(document, "verdict")), "ok");
    json_decref(document);
    const struct db_query count = {.sql = "SELECT count(*), max(id) FROM infill_self_copy", .returns_rows = true};
    sqlite_file_ok(&p.file, db_flush(p.file.db, DB_COMMIT, &writing, &count, 1, &p.file.arena, &result, &p.file.err));
    assert_int_equal(db_cell_int(&result, 0, 0, -1), 1);
    assert_int_equal(db_cell_int(&result, 0, 1, -1), 2);
    preflight_remove(&p);
}

/* One attempt with the n-th allocation failing; whether it was reached. */
static bool attempt(struct preflight *p, unsigned long n, bool for_ever, const char *whole) {
    json_t *document = NULL;
    struct err err;
    err_clear(&err);
    mem_fail_at(n, for_ever);
    int rc = self_test(p->plan, &silent, &document, &err);
    bool reached = mem_count() >= n;
    mem_fail_at(0, false);
    char *text = rc == 0 ? json_dumps(document, JSON_SORT_KEYS) : NULL;
    if (rc == 0 ? strcmp(text, whole) != 0 : rc != ERR_NOMEM)
        fail_msg("allocation %lu%s: %d %s\n%s", n, for_ever ? " and on" : "", rc, err.message, text ? text : "");
    mem_free(text);
    json_decref(document);
    return reached;
}

/* There are too many allocations to fail each: all of the first ones, then fewer and fewer. */
static void memory_that_ends_is_no_result(void **state) {
    struct preflight p;
    (void)state;
    preflight_make(&p, schema, fills);
    json_t *document = document_of(&p);
    char *whole = json_dumps(document, JSON_SORT_KEYS);
    for (int for_ever = 0; for_ever <= 1; for_ever++)
        for (unsigned long n = 1; attempt(&p, n, for_ever != 0, whole); n += 1 + n / 8)
            assert_true(n < 10000000);
    mem_free(whole);
    json_decref(document);
    preflight_remove(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind_is_seen), cmocka_unit_test(nothing_of_the_file_is_touched),
                                       cmocka_unit_test(memory_that_ends_is_no_result)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
