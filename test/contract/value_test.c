/* value_test.c - what goes in comes out: NULL, long and strange texts, counts, keys of every type, flushes of any size. */
#include "contract.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum { LONG = 1 << 20, MANY = 2000, WIDE = 10000 };

static void null_and_empty_differ(void **state) {
    struct contract *c = *state;
    struct db_result result;
    EXPECT_OK(c, contract_try(c, c->db, &contract_tx, "INSERT INTO contract_t VALUES (1, ?), (2, ?)", NULL, 2, NULL, ""));
    EXPECT_OK(c, contract_try(c, c->db, &contract_tx, "SELECT v FROM contract_t ORDER BY id", &result, 0));
    assert_int_equal(result.row_count, 2);
    assert_null(db_cell(&result, 0, 0));
    assert_int_equal(result.values[0].kind, VALUE_NULL);
    assert_string_equal(db_cell(&result, 1, 0), "");
    assert_int_equal(db_cell_int(&result, 0, 0, 42), 42);
}

static void no_rows(void **state) {
    struct contract *c = *state;
    struct db_result result;
    EXPECT_OK(c, contract_try(c, c->db, &contract_tx, "SELECT id, v FROM contract_t", &result, 0));
    assert_int_equal(result.row_count, 0);
    assert_int_equal(result.affected, 0);
}

static void strange_texts(void **state) {
    struct contract *c = *state;
    static const char *const texts[] = {"'",
                                        "\"",
                                        "`",
                                        "\\",
                                        "''; DROP TABLE contract_t; --",
                                        "a\nb\r\tc",
                                        "gr\xc3\xbc\xc3\x9f",
                                        "\xf0\x9f\x90\x98",
                                        "$1 ? %s :a",
                                        " trailing  ",
                                        "\x01\x7f"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct db_result result;
        char id[16];
        snprintf(id, sizeof(id), "%zu", i);
        EXPECT_OK(c, contract_try(c, c->db, &contract_tx, "INSERT INTO contract_t VALUES (?, ?)", NULL, 2, id, texts[i]));
        EXPECT_OK(c, contract_try(c, c->other, &contract_tx, "SELECT v FROM contract_t WHERE id = ?", &result, 1, id));
        assert_string_equal(db_cell(&result, 0, 0), texts[i]);
    }
}

/* Arguments are views: what stands behind `len` is not part of them. */
static void arguments_are_views(void **state) {
    struct contract *c = *state;
    struct sql_value args[] = {{"123", 1, VALUE_TEXT}, {"abcdef", 3, VALUE_TEXT}};
    struct db_query query = {.sql = contract_sql(c, "INSERT INTO contract_t VALUES (?, ?)"), .args = args, .arg_count = 2};
    EXPECT_OK(c, db_flush(c->db, DB_ONE_TX, &contract_tx, &query, 1, NULL, NULL, &c->err));
    assert_string_equal(contract_text(c, c->other, "SELECT v FROM contract_t WHERE id = 1"), "abc");
}

static char *letters(size_t count) {
    char *text = mem_alloc(count + 1);
    assert_non_null(text);
    for (size_t i = 0; i < count; i++)
        text[i] = (char)('a' + i % 26);
    text[count] = '\0';
    return text;
}

static void a_megabyte(void **state) {
    struct contract *c = *state;
    char *text = letters(LONG);
    struct db_result result;
    contract_script(c, "DROP TABLE contract_t");
    char sql[128];
    snprintf(sql, sizeof(sql), "CREATE TABLE contract_t (id bigint NOT NULL PRIMARY KEY, v %s)", c->engine->long_text);
    contract_script(c, sql);
    EXPECT_OK(c, contract_try(c, c->db, &contract_tx, "INSERT INTO contract_t VALUES (1, ?)", NULL, 1, text));
    EXPECT_OK(c, contract_try(c, c->other, &contract_tx, "SELECT v, id FROM contract_t", &result, 0));
    assert_int_equal(result.values[0].len, LONG);
    assert_string_equal(db_cell(&result, 0, 0), text);
    assert_string_equal(db_cell(&result, 0, 1), "1");
    mem_free(text);
}

/* More than any socket buffer in both directions at once: a driver that sends all before it reads must not block on either. */
static void a_flush_of_any_size(void **state) {
    struct contract *c = *state;
    char *text = letters(WIDE);
    struct db_query *queries = arena_array(&c->arena, MANY, sizeof(*queries));
    struct db_result *results = arena_array(&c->arena, MANY, sizeof(*results));
    struct sql_value arg = value_text(text);
    assert_non_null(queries);
    assert_non_null(results);
    const char *sql = contract_sql(c, c->engine->echo);
    for (size_t i = 0; i < MANY; i++)
        queries[i] = (struct db_query){.sql = sql, .args = &arg, .arg_count = 1, .returns_rows = true};
    EXPECT_OK(c, db_flush(c->db, DB_ONE_TX, &contract_tx, queries, MANY, &c->arena, results, &c->err));
    for (size_t i = 0; i < MANY; i++)
        assert_string_equal(db_cell(&results[i], 0, 0), text);
    mem_free(text);
}

static void affected_rows(void **state) {
    struct contract *c = *state;
    static const char *const sql[] = {"INSERT INTO contract_t VALUES (1, 'a'), (2, 'b'), (3, NULL)",
                                      "UPDATE contract_t SET v = 'a'",
                                      "UPDATE contract_t SET v = 'a'",
                                      "UPDATE contract_t SET v = 'z' WHERE id = 99",
                                      "SELECT id FROM contract_t",
                                      "DELETE FROM contract_t WHERE id > 1"};
    static const uint64_t affected[] = {3, 3, 3, 0, 0, 2};
    struct db_query queries[6];
    struct db_result results[6];
    for (size_t i = 0; i < 6; i++)
        queries[i] = (struct db_query){.sql = sql[i]};
    EXPECT_OK(c, db_flush(c->db, DB_ONE_TX, &contract_tx, queries, 6, &c->arena, results, &c->err));
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(results[i].affected, affected[i]);
    assert_int_equal(results[2].changed, db_dialect(c->db)->update_counts_changes ? 0 : 3);
    assert_int_equal(results[1].changed, db_dialect(c->db)->update_counts_changes ? 2 : 3);
}

/* One key type: every value goes in through key_in, comes back through key_out as it was, is found by itself, and the walk from one to
 * the next meets all of them in order. */
static void make_key_table(struct contract *c, const char *type) {
    char sql[256];
    contract_script(c, "DROP TABLE IF EXISTS contract_key");
    snprintf(sql, sizeof(sql), "CREATE TABLE contract_key (k %s NOT NULL PRIMARY KEY)", type);
    contract_script(c, sql);
}

static char *key_statement(struct contract *c, const struct sql_column *column, const char *before, const char *after) {
    struct buf sql;
    buf_init(&sql);
    buf_add(&sql, before);
    db_dialect(c->db)->key_in(&sql, column, db_dialect(c->db)->numbered ? "$1" : "?");
    buf_add(&sql, after);
    char *text = arena_strdup(&c->arena, sql.data);
    buf_release(&sql);
    assert_non_null(text);
    return text;
}

static void try_key(struct contract *c, struct sql_value value, const char *sql, struct db_result *result) {
    struct db_query query = {.sql = sql, .args = &value, .arg_count = 1, .returns_rows = true};
    EXPECT_OK(c, db_flush(c->db, DB_ONE_TX, &contract_tx, &query, 1, &c->arena, result, &c->err));
}

static struct sql_value key_value(const struct contract_key *key, size_t i) {
    struct sql_value value = value_text(key->values[i]);
    if (key->kind != VALUE_NULL)
        value.kind = key->kind;
    return value;
}

static void walk_key(struct contract *c, const struct contract_key *key, const struct sql_column *column) {
    struct buf out;
    struct db_result result;
    char select[256];
    buf_init(&out);
    db_dialect(c->db)->key_out(&out, column, "t.k");
    snprintf(select, sizeof(select), "SELECT %s FROM contract_key AS t WHERE t.k >= ", out.data);
    const char *from = key_statement(c, column, select, " ORDER BY t.k"); /* a bare k would be the text selected */
    size_t count = 0;
    while (key->values[count] != NULL)
        count++;
    for (size_t i = 0; i < count; i++) {
        try_key(c, key_value(key, i), from, &result);
        assert_int_equal(result.row_count, count - i);
        for (unsigned row = 0; row < result.row_count; row++)
            assert_string_equal(db_cell(&result, row, 0), key->values[i + row]);
    }
    buf_release(&out);
}

static void keys_of_every_type(void **state) {
    struct contract *c = *state;
    for (const struct contract_key *key = c->engine->keys; key->type != NULL; key++) {
        struct sql_table *table = NULL;
        struct db_result result;
        make_key_table(c, key->type);
        EXPECT_OK(c, db_describe(c->db, NULL, "contract_key", &c->arena, &table, &c->err));
        const struct sql_column *column = sql_table_column(table, "k");
        assert_non_null(column);
        assert_int_equal(column->class, key->class);
        assert_null(db_dialect(c->db)->key_refused(column));
        const char *insert = key_statement(c, column, "INSERT INTO contract_key VALUES (", ")");
        for (size_t i = 0; key->values[i] != NULL; i++)
            try_key(c, key_value(key, i), insert, &result);
        walk_key(c, key, column);
    }
}

static void bytes_as_they_are(void **state) {
    struct contract *c = *state;
    char sql[256];
    struct buf out;
    snprintf(sql, sizeof(sql), "CREATE TABLE contract_key (k %s)", c->engine->bytes);
    contract_script(c, sql);
    snprintf(sql, sizeof(sql), "INSERT INTO contract_key VALUES (%s)", c->engine->bytes_literal);
    contract_run(c, c->db, sql);
    struct sql_table *table = NULL;
    EXPECT_OK(c, db_describe(c->db, NULL, "contract_key", &c->arena, &table, &c->err));
    buf_init(&out);
    buf_add(&out, "SELECT ");
    db_dialect(c->db)->key_out(&out, &table->columns[0], "k");
    buf_add(&out, " FROM contract_key");
    assert_string_equal(contract_text(c, c->other, out.data), c->engine->bytes_out);
    buf_release(&out);
}

const struct contract_test contract_value_tests[] = {
    {"NULL and empty differ", null_and_empty_differ, 0},
    {"no rows", no_rows, 0},
    {"strange texts", strange_texts, 0},
    {"arguments are views", arguments_are_views, 0},
    {"a megabyte", a_megabyte, 0},
    {"a flush of any size", a_flush_of_any_size, 0},
    {"affected rows", affected_rows, 0},
    {"keys of every type", keys_of_every_type, 0},
    {"bytes as they are", bytes_as_they_are, 0},
    {NULL, NULL, 0},
};
