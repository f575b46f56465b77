/* Rows that cannot be written: listed, retried, accepted. */
#include "ledger_fixture.h"

static const char rejects_now[] = "SELECT key, range_no, class, sqlstate, state, tries FROM infill_reject ORDER BY key";

/* Range 1 with three rejects: 10 rows seen, 7 written. */
static void make(struct ledger_fixture *f) {
    fixture_make(f);
    fixture_high_water(f, "[\"9\"]");
    fixture_cut(f, "[\"9\"]", "a", LEASE_MS);
    sqlite_file_exec(&f->file, "UPDATE infill_range SET seen = 10, written = 7, rejected = 3");
    fixture_reject(f, "[\"1\"]", "ROW", "23514");
    fixture_reject(f, "[\"2\"]", "ROW", "22001");
    fixture_reject(f, "[\"3\"]", "DUPLICATE", NULL);
}

static int accept(struct ledger_fixture *f, const char *const *keys, size_t count) {
    err_clear(&f->file.err);
    return ledger_rejects_accept(f->ledger, f->file.db, f->run.run, "users", keys, count, "test data", "ann", &f->file.err);
}

static void rejects_are_listed_by_state(void **state) {
    (void)state;
    struct ledger_fixture f;
    struct ledger_reject *rejects = NULL;
    size_t count = 0;
    int64_t open = 0;
    make(&f);
    sqlite_file_exec(&f.file, "UPDATE infill_reject SET state = 'accepted' WHERE key = '[\"2\"]'");
    static const struct {
        const char *state;
        size_t count;
    } cases[] = {{NULL, 3}, {"open", 2}, {"accepted", 1}, {"retried", 0}};
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        sqlite_file_ok(
            &f.file, ledger_rejects(f.ledger, f.file.db, f.run.run, cases[i].state, &f.file.arena, &rejects, &count, &f.file.err));
        assert_int_equal(count, cases[i].count);
    }
    sqlite_file_ok(&f.file,
                   ledger_rejects(f.ledger, f.file.db, f.run.run, "accepted", &f.file.arena, &rejects, &count, &f.file.err));
    assert_string_equal(rejects[0].fill, "users");
    assert_string_equal(rejects[0].key, "[\"2\"]");
    assert_string_equal(rejects[0].class, "ROW");
    assert_string_equal(rejects[0].sqlstate, "22001");
    assert_null(rejects[0].constraint);
    assert_int_equal(rejects[0].range_no, 1);
    assert_int_equal(rejects[0].tries, 1);
    assert_int_equal(strlen(rejects[0].at), strlen("2026-03-01T22:00:00.123Z"));
    sqlite_file_ok(&f.file, ledger_rejects_open(f.ledger, f.file.db, f.run.run, &open, &f.file.err));
    assert_int_equal(open, 2);
    sqlite_file_ok(&f.file, ledger_rejects_open(f.ledger, f.file.db, 2, &open, &f.file.err));
    assert_int_equal(open, 0);
    fixture_remove(&f);
}

/* A key that is rejected again, by a re-run, is one reject. */
static void a_key_is_rejected_once(void **state) {
    (void)state;
    struct ledger_fixture f;
    make(&f);
    fixture_reject(&f, "[\"2\"]", "DUPLICATE", "23505");
    assert_rows(&f.file, rejects_now, "[\"1\"]|1|ROW|23514|open|1 [\"2\"]|1|DUPLICATE|23505|open|1 [\"3\"]|1|DUPLICATE|-|open|1");
    fixture_remove(&f);
}

static void all_are_accepted_or_none(void **state) {
    (void)state;
    static const char *const known[] = {"[\"1\"]", "[\"3\"]"}, *const unknown[] = {"[\"2\"]", "[\"1\"]", "[\"8\"]", "[\"9\"]"};
    struct ledger_fixture f;
    make(&f);
    assert_int_equal(accept(&f, unknown, 4), ERR_NOT_FOUND);
    assert_string_equal(f.file.err.message, "fill users has no reject with key [\"8\"]");
    assert_rows(&f.file, "SELECT count(*) FROM infill_reject WHERE state = 'open'", "3");
    assert_rows(&f.file, "SELECT count(*) FROM infill_event", "1");
    assert_int_equal(accept(&f, known, 2), 0);
    assert_rows(&f.file, "SELECT key FROM infill_reject WHERE state = 'accepted' ORDER BY key", "[\"1\"] [\"3\"]");
    assert_rows(&f.file, "SELECT actor, what, detail FROM infill_event WHERE seq = 2",
                "ann|rejects accepted|{\"fill\":\"users\",\"keys\":[\"[\\\"1\\\"]\",\"[\\\"3\\\"]\"],\"because\":\"test data\"}");
    sqlite_file_ok(&f.file, ledger_event_check(f.ledger, f.file.db, f.run.run, &f.file.err));
    assert_int_equal(accept(&f, known, 2), 0); /* once more is no error */
    assert_int_equal(ledger_rejects_accept(f.ledger, f.file.db, f.run.run, "orders", known, 1, "", "ann", &f.file.err),
                     ERR_NOT_FOUND);
    fixture_remove(&f);
}

/* ---- the statements of a retry ---- */

static int64_t retry(struct ledger_fixture *f, const struct stmt *stmt, const char *key, bool rows) {
    struct sql_value values[LEDGER_A_COUNT], bound[STMT_ARGS_MAX];
    struct db_result result;
    char hash[DIGEST_HEX_SIZE];
    for (size_t i = 0; i < LEDGER_A_COUNT; i++)
        values[i] = VALUE_NULL_VALUE;
    sqlite_file_ok(&f->file, digest_sha256_hex(key, strlen(key), hash, &f->file.err));
    values[LEDGER_A_RUN] = values[LEDGER_A_RANGE] = value_text("1");
    values[LEDGER_A_FILL] = value_text("users");
    values[LEDGER_A_KEY_HASH] = value_text(hash);
    values[LEDGER_A_CLASS] = value_text("TRANSIENT");
    values[LEDGER_A_WRITTEN] = value_text("1");
    values[LEDGER_A_SAME] = values[LEDGER_A_KEPT] = value_text("0");
    const struct db_query query = fixture_bind(stmt, values, bound, rows);
    sqlite_file_ok(&f->file, db_flush(f->file.db, DB_ONE_TX, &sqlite_file_tx, &query, 1, &f->file.arena, &result, &f->file.err));
    return rows ? result.row_count : (int64_t)result.affected;
}

static void a_retry_takes_open_rejects_only(void **state) {
    (void)state;
    struct ledger_fixture f;
    make(&f);
    assert_int_equal(retry(&f, ledger_reject_lock(f.ledger), "[\"1\"]", true), 1);
    assert_int_equal(retry(&f, ledger_reject_lock(f.ledger), "[\"7\"]", true), 0);
    assert_int_equal(retry(&f, ledger_reject_failed(f.ledger), "[\"1\"]", false), 1);
    assert_rows(&f.file, "SELECT class, sqlstate, state, tries FROM infill_reject WHERE key = '[\"1\"]'", "TRANSIENT|-|open|2");
    assert_int_equal(retry(&f, ledger_reject_done(f.ledger), "[\"1\"]", false), 1);
    assert_int_equal(retry(&f, ledger_reject_count(f.ledger), "[\"1\"]", false), 1);
    assert_rows(&f.file, "SELECT seen, written, rejected FROM infill_range", "10|8|2");
    assert_int_equal(retry(&f, ledger_reject_lock(f.ledger), "[\"1\"]", true), 0);
    assert_rows(&f.file, "SELECT key, state FROM infill_reject ORDER BY key", "[\"1\"]|retried [\"2\"]|open [\"3\"]|open");
    fixture_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rejects_are_listed_by_state),
        cmocka_unit_test(a_key_is_rejected_once),
        cmocka_unit_test(all_are_accepted_or_none),
        cmocka_unit_test(a_retry_takes_open_rejects_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
