/* flush_test.c - D1 to D5 without faults of the server: order, stopping at the first error, commit and rollback. */
#include "contract.h"

#include <string.h>

static struct db_query plain(const char *sql) {
    return (struct db_query){.sql = sql};
}

/* INSERT INTO contract_t of these ids, in one flush. */
static int insert(struct contract *c, unsigned flags, size_t count, const char *const *sql, struct db_result *results) {
    struct db_query queries[8];
    assert_true(count <= 8);
    for (size_t i = 0; i < count; i++)
        queries[i] = plain(sql[i]);
    err_clear(&c->err);
    return db_flush(c->db, flags, &contract_tx, queries, count, &c->arena, results, &c->err);
}

static const char *const three[] = {"INSERT INTO contract_t VALUES (1, 'a')", "INSERT INTO contract_t VALUES (2, 'b'), (3, 'c')",
                                    "UPDATE contract_t SET v = 'd' WHERE id > 1"};
static const char *const duplicate[] = {"INSERT INTO contract_t VALUES (1, 'a')", "INSERT INTO contract_t VALUES (1, 'b')",
                                        "INSERT INTO contract_t VALUES (2, 'c')"};
static const char count_sql[] = "SELECT count(*) FROM contract_t";

static void commits_in_order(void **state) {
    struct contract *c = *state;
    struct db_result results[3];
    EXPECT_OK(c, insert(c, DB_ONE_TX, 3, three, results));
    assert_int_equal(results[0].affected, 1);
    assert_int_equal(results[1].affected, 2);
    assert_int_equal(results[2].affected, 2);
    assert_int_equal(contract_count(c, c->other, "SELECT count(*) FROM contract_t WHERE v IN ('a', 'd')"), 3);
}

static void stops_at_the_first_error(void **state) {
    struct contract *c = *state;
    EXPECT(c, insert(c, DB_ONE_TX, 3, duplicate, NULL), ERR_DUPLICATE);
    assert_int_equal(c->err.statement, 1);
    assert_false(db_is_dead(c->db));
    assert_int_equal(contract_count(c, c->other, count_sql), 0);
    contract_run(c, c->db, "INSERT INTO contract_t VALUES (9, 'usable')");
    assert_int_equal(contract_count(c, c->other, count_sql), 1);
}

/* D2, trap 1: the transaction failed in an earlier flush; its COMMIT must not look like one. */
static void commit_after_an_error_fails(void **state) {
    struct contract *c = *state;
    contract_begin(c, c->db, "INSERT INTO contract_t VALUES (1, 'a')");
    EXPECT(c, insert(c, 0, 1, duplicate, NULL), ERR_DUPLICATE);
    EXPECT(c, insert(c, DB_COMMIT, 0, NULL, NULL), ERR_TRANSIENT);
    assert_int_equal(contract_count(c, c->other, count_sql), 0);
}

static void commits_in_a_second_flush(void **state) {
    struct contract *c = *state;
    contract_begin(c, c->db, "INSERT INTO contract_t VALUES (1, 'a')");
    EXPECT_OK(c, insert(c, 0, 1, &duplicate[2], NULL));
    EXPECT_OK(c, insert(c, DB_COMMIT, 0, NULL, NULL));
    assert_int_equal(contract_count(c, c->other, count_sql), 2);
}

static void is_invisible_before_commit(void **state) {
    struct contract *c = *state;
    contract_begin(c, c->db, "INSERT INTO contract_t VALUES (1, 'a')");
    assert_int_equal(contract_count(c, c->other, count_sql), 0);
    EXPECT_OK(c, insert(c, DB_COMMIT, 0, NULL, NULL));
    assert_int_equal(contract_count(c, c->other, count_sql), 1);
}

static void rolls_back(void **state) {
    struct contract *c = *state;
    contract_begin(c, c->db, "INSERT INTO contract_t VALUES (1, 'a')");
    db_rollback(c->db);
    db_rollback(c->db);
    assert_false(db_is_dead(c->db));
    EXPECT(c, insert(c, DB_COMMIT, 0, NULL, NULL), ERR_TRANSIENT);
    assert_int_equal(contract_count(c, c->db, count_sql), 0);
}

static void closing_rolls_back(void **state) {
    struct contract *c = *state;
    struct db *third = contract_open(c);
    contract_begin(c, third, "INSERT INTO contract_t VALUES (1, 'a')");
    db_close(third);
    contract_run(c, c->db, "INSERT INTO contract_t VALUES (1, 'b')"); /* waits for the lock of a server that has not noticed yet */
    assert_string_equal(contract_text(c, c->db, "SELECT v FROM contract_t"), "b");
}

static void needs_an_open_transaction(void **state) {
    struct contract *c = *state;
    EXPECT(c, insert(c, 0, 1, three, NULL), ERR_TRANSIENT);
    EXPECT(c, insert(c, DB_COMMIT, 1, three, NULL), ERR_TRANSIENT);
    assert_int_equal(contract_count(c, c->other, count_sql), 0);
}

static void an_empty_transaction_commits(void **state) {
    struct contract *c = *state;
    EXPECT_OK(c, insert(c, DB_BEGIN, 0, NULL, NULL));
    EXPECT_OK(c, insert(c, DB_COMMIT, 0, NULL, NULL));
    EXPECT_OK(c, insert(c, DB_ONE_TX, 0, NULL, NULL));
}

static void constraint_at_commit(void **state) {
    struct contract *c = *state;
    static const char *const orphan[] = {"INSERT INTO contract_child VALUES (77)"};
    contract_script(c, c->engine->deferred_ddl);
    EXPECT(c, insert(c, DB_ONE_TX, 1, orphan, NULL), ERR_ROW);
    assert_int_equal(c->err.statement, 1);
    assert_int_equal(contract_count(c, c->other, "SELECT count(*) FROM contract_child"), 0);
    contract_begin(c, c->db, orphan[0]);
    EXPECT(c, insert(c, DB_COMMIT, 0, NULL, NULL), ERR_ROW);
    assert_int_equal(c->err.statement, 0);
    assert_int_equal(contract_count(c, c->db, "SELECT count(*) FROM contract_child"), 0);
}

/* D5, traps 3, 4 and 6: the next statement must not run alone. */
static void a_transaction_that_ended_is_noticed(void **state) {
    struct contract *c = *state;
    const char *const ending[] = {c->engine->ends_tx, "INSERT INTO contract_t VALUES (5, 'alone')"};
    contract_begin(c, c->db, "SELECT 1");
    EXPECT(c, insert(c, DB_COMMIT, 2, ending, NULL), ERR_TRANSIENT);
    assert_int_equal(contract_count(c, c->other, "SELECT count(*) FROM contract_t WHERE id = 5"), 0);
}

static void refuses_to_write_when_read_only(void **state) {
    struct contract *c = *state;
    struct db_tx tx = contract_tx;
    tx.read_only = true;
    EXPECT(c, contract_try(c, c->db, &tx, "INSERT INTO contract_t VALUES (1, 'a')", NULL, 0), ERR_READ_ONLY);
    contract_run(c, c->db, "INSERT INTO contract_t VALUES (2, 'b')");
    struct db_options options = {
        .url = c->url, .application_name = "infill contract", .connect_timeout_ms = 10000, .read_only = true};
    struct db *reader = NULL;
    EXPECT_OK(c, db_open(&options, &reader, &c->err));
    EXPECT(c, contract_try(c, reader, &contract_tx, "INSERT INTO contract_t VALUES (3, 'c')", NULL, 0), ERR_READ_ONLY);
    assert_int_equal(contract_count(c, reader, count_sql), 1);
    db_close(reader);
}

static void script_runs_ddl(void **state) {
    struct contract *c = *state;
    contract_script(c, "CREATE TABLE contract_row (a bigint)");
    EXPECT(c, db_script(c->db, "CREATE TABLE contract_row (a bigint)", &c->err), ERR_SQL);
    assert_false(db_is_dead(c->db));
    assert_int_equal(contract_count(c, c->other, "SELECT count(*) FROM contract_row"), 0);
}

static void settings_hold_in_every_transaction(void **state) {
    struct contract *c = *state;
    for (const struct contract_setting *setting = c->engine->settings; setting->sql != NULL; setting++) {
        const char *value = contract_text(c, c->db, setting->sql);
        assert_string_equal(value != NULL ? value : "NULL", setting->value);
    }
}

/* D6. Also of values that came as arguments and of values the table holds. */
static void messages_hold_no_values(void **state) {
    struct contract *c = *state;
    for (size_t i = 0; c->engine->row_ddl[i] != NULL; i++)
        contract_script(c, c->engine->row_ddl[i]);
    for (const struct contract_row_error *row = c->engine->row_errors; row->sql != NULL; row++) {
        EXPECT(c, contract_try(c, c->db, &contract_tx, row->sql, NULL, 0), row->class);
        if (strstr(c->err.message, "canary") != NULL || strstr(c->err.where, "canary") != NULL ||
            strstr(c->err.next, "canary") != NULL)
            fail_msg("%s: the message holds a value: %s", row->sql, c->err.message);
        assert_false(db_is_dead(c->db));
    }
}

const struct contract_test contract_flush_tests[] = {
    {"commits in order", commits_in_order, 0},
    {"stops at the first error", stops_at_the_first_error, 0},
    {"commit after an error fails", commit_after_an_error_fails, 0},
    {"commits in a second flush", commits_in_a_second_flush, 0},
    {"is invisible before commit", is_invisible_before_commit, 0},
    {"rolls back", rolls_back, 0},
    {"closing rolls back", closing_rolls_back, 0},
    {"needs an open transaction", needs_an_open_transaction, 0},
    {"an empty transaction commits", an_empty_transaction_commits, 0},
    {"constraint at commit", constraint_at_commit, CAN_DEFER},
    {"a transaction that ended is noticed", a_transaction_that_ended_is_noticed, CAN_END_TX},
    {"refuses to write when read-only", refuses_to_write_when_read_only, 0},
    {"script runs DDL", script_runs_ddl, 0},
    {"settings hold in every transaction", settings_hold_in_every_transaction, 0},
    {"messages hold no values", messages_hold_no_values, 0},
    {NULL, NULL, 0},
};
