/* Meaning and fingerprint: what a run must find unchanged (L7), and nothing else. */
#include "preflight_fixture.h"

static const char schema[] = "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT NOT NULL, fax TEXT);"
                             "CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT NOT NULL, note TEXT, at TEXT DEFAULT 'x');"
                             "CREATE TABLE pairs (b INTEGER NOT NULL, a INTEGER NOT NULL, v TEXT, PRIMARY KEY (a, b));"
                             "CREATE TABLE pairs_v2 (a INTEGER NOT NULL, b INTEGER NOT NULL, v TEXT, PRIMARY KEY (a, b));";
static const char fills[] =
    "  - {name: users, from: old, into: new, carry: [id], columns: {email: lower(src.email)}, omit: [fax]}\n"
    "  - {name: pairs, from: pairs, into: pairs_v2, carry: [a, b, v]}\n";

struct hashes {
    char meaning[DIGEST_HEX_SIZE], fingerprint[DIGEST_HEX_SIZE];
};

static struct hashes hashes_of(struct preflight *p) {
    struct hashes hashes;
    preflight_resolve(p);
    assert_int_equal(p->jobs->problems.failures, 0);
    memcpy(hashes.meaning, p->jobs->meaning, sizeof hashes.meaning);
    memcpy(hashes.fingerprint, p->jobs->fingerprint, sizeof hashes.fingerprint);
    assert_int_equal(strlen(hashes.meaning), 64);
    assert_int_equal(strlen(hashes.fingerprint), 64);
    return hashes;
}

enum { MEANING = 1, FINGERPRINT = 2 };

static int difference(const struct hashes *a, const struct hashes *b) {
    return (strcmp(a->meaning, b->meaning) != 0 ? MEANING : 0) | (strcmp(a->fingerprint, b->fingerprint) != 0 ? FINGERPRINT : 0);
}

static void a_change_of_the_schema_changes_the_fingerprint(void **state) {
    (void)state;
    static const struct {
        const char *sql;
        int changes;
    } cases[] = {
        {"", 0},
        /* what the fill does not use */
        {"CREATE TABLE other (id INTEGER PRIMARY KEY)", 0},
        {"ALTER TABLE new ADD COLUMN extra TEXT", 0},
        {"ALTER TABLE new DROP COLUMN note", 0},
        {"CREATE INDEX by_email ON old (email)", 0},
        {"CREATE INDEX by_email ON new (email)", 0},
        {"CREATE TRIGGER t AFTER INSERT ON pairs BEGIN SELECT 1; END", 0},
        {"INSERT INTO old VALUES (1, 'a', 'b')", 0},
        {"ANALYZE", 0},
        /* columns that are written, read, walked */
        {"DROP TABLE new; CREATE TABLE new (id INTEGER PRIMARY KEY, email INTEGER)", FINGERPRINT},
        {"DROP TABLE new; CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT)", 0},
        {"ALTER TABLE old RENAME COLUMN email TO before; ALTER TABLE old ADD COLUMN email BLOB; ALTER TABLE old DROP COLUMN before",
         FINGERPRINT},
        {"DROP TABLE pairs; CREATE TABLE pairs (b INTEGER NOT NULL, a TEXT NOT NULL, v TEXT, PRIMARY KEY (a, b))", FINGERPRINT},
        {"DROP TABLE pairs; CREATE TABLE pairs (b INTEGER NOT NULL, a INTEGER NOT NULL COLLATE NOCASE, v TEXT, PRIMARY KEY (a, b))",
         FINGERPRINT},
        {"DROP TABLE pairs; CREATE TABLE pairs (b INTEGER NOT NULL, a INTEGER NOT NULL, v TEXT, PRIMARY KEY (b, a))", FINGERPRINT},
        {"DROP TABLE pairs_v2; CREATE TABLE pairs_v2 (a TEXT NOT NULL, b INTEGER NOT NULL, v TEXT, PRIMARY KEY (a, b))",
         FINGERPRINT},
        /* what fires */
        {"CREATE TRIGGER t AFTER INSERT ON new BEGIN SELECT 1; END", FINGERPRINT},
        {"CREATE TRIGGER t AFTER UPDATE ON new BEGIN SELECT 1; END", 0},
        {"CREATE TRIGGER t AFTER DELETE ON new BEGIN SELECT 1; END", 0},
    };
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct preflight p;
        preflight_make(&p, schema, fills);
        const struct hashes before = hashes_of(&p);
        jobs_free(p.jobs);
        sqlite_file_exec(&p.file, cases[i].sql);
        const struct hashes now = hashes_of(&p);
        if (difference(&before, &now) != cases[i].changes)
            fail_msg("%s\n%s\n", cases[i].sql, p.jobs->fingerprint_text);
        preflight_remove(&p);
    }
}

static void a_change_of_the_plan_changes_the_meaning(void **state) {
    (void)state;
#define PAIRS "  - {name: pairs, from: pairs, into: pairs_v2, carry: [a, b, v]}\n"
    static const struct {
        const char *fills;
        int changes;
    } cases[] = {
        {PAIRS "  - {name: users, from: old, into: new, columns: {email: lower(src.email)}, carry: [id], omit: [fax]}\n", 0},
        {"  - {name: users, from: old, into: new, carry: [id], columns: {email: lower(src.email)}, omit: [fax], volatile: "
         "allow}\n" PAIRS "workers: 1\nbatch: {rows: 7}\npace: {rows_per_second: 3}\nlease: {ttl: 60s}\nguards: {reject_max: 3}\n",
         0},
        {"  - {name: users, from: old, into: new, carry: [id], columns: {email: lower(src.email)}, omit: [fax], where: id > "
         "5}\n" PAIRS,
         MEANING},
        {"  - {name: users, from: old, into: new, carry: [id], columns: {email: upper(src.email)}, omit: [fax]}\n" PAIRS, MEANING},
        {"  - {name: users, from: old, into: new, carry: [id], columns: {email: lower(src.email)}, omit: [fax], on_conflict: "
         "fail}\n" PAIRS,
         MEANING},
        {"  - {name: users, from: old, into: new, carry: [id], columns: {email: lower(src.email)}, omit: [fax], key: [id]}\n" PAIRS,
         MEANING},
        {"  - {name: users, from: old, into: new, carry: [id, email], omit: [fax]}\n" PAIRS, MEANING},
        {"  - {name: users, from: old, into: new, carry: [id], columns: {email: lower(src.email), note: fax}}\n" PAIRS,
         MEANING | FINGERPRINT},
        {"  - {name: users, from: old, into: new, carry: [id], columns: {email: lower(src.email)}, omit: [fax]}\n",
         MEANING | FINGERPRINT},
    };
    struct preflight p;
    preflight_make(&p, schema, fills);
    const struct hashes before = hashes_of(&p);
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        preflight_forget(&p);
        preflight_plan(&p, cases[i].fills);
        const struct hashes now = hashes_of(&p);
        if (difference(&before, &now) != cases[i].changes)
            print_error("%s\n%s\n", cases[i].fills, p.jobs->meaning_text);
        assert_int_equal(difference(&before, &now), cases[i].changes);
    }
    preflight_remove(&p);
}

/* The same plan over a copy of the file is another meaning, and the same schema. */
static void another_database_is_another_meaning(void **state) {
    (void)state;
    struct preflight one, two;
    preflight_make(&one, schema, fills);
    preflight_make(&two, schema, fills);
    const struct hashes a = hashes_of(&one), b = hashes_of(&two);
    assert_int_equal(difference(&a, &b), MEANING);
    preflight_remove(&one);
    preflight_remove(&two);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_of_the_schema_changes_the_fingerprint),
        cmocka_unit_test(a_change_of_the_plan_changes_the_meaning),
        cmocka_unit_test(another_database_is_another_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
