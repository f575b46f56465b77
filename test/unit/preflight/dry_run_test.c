/* What a run would do: all of it said, nothing of it done. */
#include "../json_at.h"
#include "preflight_fixture.h"

#include "base/digest.h"
#include "preflight/dry_run.h"

/* old has so many rows, two of each code; new has a row of its own. */
static void make(struct preflight *p, const char *fills, int rows) {
    char sql[1024];
    snprintf(sql, sizeof sql,
             "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT NOT NULL, code TEXT);"
             "CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT NOT NULL, code TEXT UNIQUE);"
             "INSERT INTO new VALUES (1, 'x', 'x');"
             "INSERT INTO old WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
             "SELECT i, 'e' || i, 'c' || (i / 2) FROM n WHERE %d > 0; ANALYZE;",
             rows, rows);
    preflight_make(p, sql, fills);
}

static int dry_run(struct preflight *p, const char *table, json_t **document) {
    struct ledger *ledger = NULL;
    int rc = jobs_resolve(p->plan, p->file.db, &p->jobs, &p->file.err);
    if (rc == 0)
        rc = ledger_new(db_dialect(p->file.db), &sqlite_file_tx, &ledger, &p->file.err);
    struct dry_run dry = {
        .plan = p->plan, .db = p->file.db, .ledger = ledger, .jobs = p->jobs, .tx = sqlite_file_tx, .arena = &p->file.arena};
    dry.tx.read_only = true;
    if (rc == 0)
        rc = dry_run_document(&dry, table, document, &p->file.err);
    ledger_free(ledger);
    return rc;
}

static json_t *document_of(struct preflight *p) {
    json_t *document = NULL;
    sqlite_file_ok(&p->file, dry_run(p, NULL, &document));
    return document;
}

#define assert_at(p, document, path, expected) assert_string_equal(json_at(&(p)->file.arena, document, path), expected)

/* All bytes of the database file, in short. */
static const char *file_hash(struct preflight *p) {
    static char hash[DIGEST_HEX_SIZE];
    static char bytes[1 << 20];
    char path[96];
    snprintf(path, sizeof path, "%s/db", p->file.directory);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t len = fread(bytes, 1, sizeof bytes, file);
    assert_true(len > 0 && len < sizeof bytes);
    fclose(file);
    sqlite_file_ok(&p->file, digest_sha256_hex(bytes, len, hash, &p->file.err));
    return arena_strdup(&p->file.arena, hash);
}

static const char copy[] =
    "  - {name: f, from: old, into: new, carry: [id, email], omit: [code]}\nbatch: {rows: 30}\nrange: {rows: 50}\n";

static void nothing_is_written(void **state) {
    (void)state;
    static const char *const fills[] = {
        copy,
        "  - {name: f, from: old, into: new, carry: [id, email, code], on_conflict: overwrite}\n",
        "  - {name: f, table: old, set: {code: lower(email)}}\n",
        "  - {name: f, from: old, into: nosuch, carry: [id]}\n",
    };
    for (size_t i = 0; i < UNIT_COUNT(fills); i++) {
        struct preflight p;
        make(&p, fills[i], 100);
        const char *before = file_hash(&p);
        json_decref(document_of(&p));
        assert_string_equal(file_hash(&p), before);
        assert_rows(&p.file, "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'infill%'", "0");
        preflight_remove(&p);
    }
}

static void the_document_says_what_would_be_done(void **state) {
    (void)state;
    struct preflight p;
    make(&p, copy, 100);
    json_t *document = document_of(&p);
    assert_at(&p, document, "plan", "\"shop\"");
    assert_at(&p, document, "verdict", "\"ok\"");
    assert_at(&p, document, "order", "[\"f\"]");
    assert_at(&p, document, "ledger/installed", "false");
    assert_at(&p, document, "fills/0/kind", "\"into\"");
    assert_at(&p, document, "fills/0/source", "\"main.old\"");
    assert_at(&p, document, "fills/0/target", "\"main.new\"");
    assert_at(&p, document, "fills/0/key", "[\"id\"]");
    assert_at(&p, document, "fills/0/match", "[\"id\"]");
    assert_at(&p, document, "fills/0/rows_estimate", "100");
    assert_at(&p, document, "fills/0/batches_estimate", "4");
    assert_at(&p, document, "fills/0/ranges_estimate", "2");
    assert_at(&p, document, "fills/0/first_batch", "{\"hi\":\"[\\\"i:30\\\"]\",\"lo\":null}");
    assert_at(&p, document, "fills/0/last_key", "\"[\\\"i:100\\\"]\"");
    assert_at(&p, document, "fills/0/statements/0/name", "\"bound\"");
    assert_at(&p, document, "fills/0/statements/1/name", "\"insert\"");
    assert_at(&p, document, "fills/0/statements/1/scan", "\"index range\"");
    assert_at(&p, document, "fills/0/warnings", "[]");
    json_decref(document);
    preflight_remove(&p);
}

static void a_source_without_rows_has_no_ends(void **state) {
    (void)state;
    struct preflight p;
    make(&p, copy, 0);
    json_t *document = document_of(&p);
    assert_at(&p, document, "fills/0/first_batch", "null");
    assert_at(&p, document, "fills/0/last_key", "null");
    assert_at(&p, document, "verdict", "\"ok\"");
    json_decref(document);
    preflight_remove(&p);
}

/* What only a look at the rows can tell. */
static void the_rows_are_looked_at(void **state) {
    (void)state;
    static const struct {
        const char *fills, *warnings; /* messages of fill 0 */
    } cases[] = {
        {"  - {name: f, from: old, into: new, carry: [id, email], omit: [code], where: id > 12}\nbatch: {rows: 30}\n",
         "where: leaves out 12 of the first 30 rows and 0 of the last 30"},
        {"  - {name: f, from: old, into: new, carry: [id, email], omit: [code], where: id < 91}\nbatch: {rows: 30}\n",
         "where: leaves out 0 of the first 30 rows and 10 of the last 30"},
        {"  - {name: f, from: old, into: new, carry: [id, email], omit: [code], where: id <> 50}\nbatch: {rows: 1000}\n",
         "where: leaves out 1 of all 100 rows"},
        {"  - {name: f, table: old, set: {code: lower(email)}, where: 'CASE WHEN id > 98 THEN NULL ELSE true END'}\nbatch: {rows: "
         "30}\n",
         "where: leaves out 0 of the first 30 rows and 2 of the last 30"},
        {"  - {name: f, from: old, into: new, carry: [id, email], omit: [code], where: id > 0}\nbatch: {rows: 30}\n", ""},
        {"  - {name: f, from: old, into: new, carry: [id, email, code]}\n",
         "49 values occur more than once where unique index sqlite_autoindex_new_1 of new allows one"},
        {"  - {name: f, from: old, into: new, carry: [id, email], columns: {code: code || id}}\n", ""},
        {"  - {name: f, from: old, into: new, carry: [id, email, code], where: id % 2 = 0}\nbatch: {rows: 100}\n",
         "where: leaves out 50 of all 100 rows"},
        {"  - {name: f, from: old, into: new, carry: [id, email], columns: {code: 'NULL'}}\n",
         "column code of old is carried nowhere"},
    };
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct preflight p;
        make(&p, cases[i].fills, 100);
        json_t *document = document_of(&p);
        char expected[256] = "(nothing)";
        if (cases[i].warnings[0])
            snprintf(expected, sizeof expected, "\"%s\"", cases[i].warnings);
        assert_at(&p, document, "fills/0/warnings/0/message", expected);
        assert_at(&p, document, "fills/0/warnings/1", "(nothing)");
        assert_at(&p, document, "verdict", cases[i].warnings[0] ? "\"warn\"" : "\"ok\"");
        json_decref(document);
        preflight_remove(&p);
    }
}

static void what_fails_is_part_of_the_document(void **state) {
    (void)state;
    struct preflight p;
    make(&p,
         "  - {name: f, from: old, into: nosuch, carry: [id]}\n  - {name: g, from: old, into: new, carry: [id, email], omit: "
         "[code]}\n",
         100);
    json_t *document = document_of(&p);
    assert_at(&p, document, "verdict", "\"fail\"");
    assert_at(&p, document, "fills/0/warnings/0",
              "{\"check\":\"table\",\"message\":\"there is no table nosuch\",\"next\":\"names in a plan are the exact catalog "
              "spelling\",\"severity\":\"fail\"}");
    assert_at(&p, document, "fills/0/statements", "[]");
    assert_at(&p, document, "fills/1/last_key", "\"[\\\"i:100\\\"]\"");
    json_decref(document);
    preflight_remove(&p);
}

static void fills_that_wait_for_each_other_have_no_order(void **state) {
    (void)state;
    struct preflight p;
    preflight_make(&p,
                   "CREATE TABLE oa (id INTEGER PRIMARY KEY, b INT); CREATE TABLE ob (id INTEGER PRIMARY KEY, a INT);"
                   "CREATE TABLE na (id INTEGER PRIMARY KEY, b INT REFERENCES nb);"
                   "CREATE TABLE nb (id INTEGER PRIMARY KEY, a INT REFERENCES na);",
                   "  - {name: a, from: oa, into: na, carry: [id, b]}\n  - {name: b, from: ob, into: nb, carry: [id, a]}\n");
    json_t *document = document_of(&p);
    assert_at(&p, document, "order", "[]");
    assert_at(&p, document, "verdict", "\"fail\"");
    json_decref(document);
    preflight_remove(&p);
}

static void fills_are_chosen_by_their_tables(void **state) {
    (void)state;
    static const struct {
        const char *table, *first, *second;
    } cases[] = {{"new", "\"f\"", "(nothing)"}, {"main.new", "\"f\"", "(nothing)"}, {"old", "\"f\"", "\"g\""}};
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct preflight p;
        json_t *document = NULL;
        make(&p,
             "  - {name: f, from: old, into: new, carry: [id, email], omit: [code]}\n  - {name: g, table: old, set: {code: "
             "email}}\n",
             10);
        sqlite_file_ok(&p.file, dry_run(&p, cases[i].table, &document));
        assert_at(&p, document, "fills/0/fill", cases[i].first);
        assert_at(&p, document, "fills/1/fill", cases[i].second);
        json_decref(document);
        preflight_remove(&p);
    }
    struct preflight p;
    json_t *document = NULL;
    make(&p, copy, 10);
    assert_int_equal(dry_run(&p, "nosuch", &document), ERR_NOT_FOUND);
    assert_string_equal(p.file.err.message, "no fill of plan shop reads or writes nosuch");
    assert_null(document);
    preflight_remove(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_written),
        cmocka_unit_test(the_document_says_what_would_be_done),
        cmocka_unit_test(a_source_without_rows_has_no_ends),
        cmocka_unit_test(the_rows_are_looked_at),
        cmocka_unit_test(what_fails_is_part_of_the_document),
        cmocka_unit_test(fills_that_wait_for_each_other_have_no_order),
        cmocka_unit_test(fills_are_chosen_by_their_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
