/* catalog_test.c - what a driver says about tables, expressions and other sessions. What only one engine has is in its own file. */
#include "contract.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

static void identifies_itself(void **state) {
    struct contract *c = *state;
    struct db_identity one, two;
    EXPECT_OK(c, db_identify(c->db, &c->arena, &one, &c->err));
    EXPECT_OK(c, db_identify(c->other, &c->arena, &two, &c->err));
    assert_true(strlen(one.server) > 0);
    assert_true(strlen(one.database) > 0);
    assert_true(strlen(one.version) > 0);
    assert_string_equal(one.server, two.server);
    assert_string_equal(one.database, two.database);
    assert_true(one.version_number > 10000);
    assert_false(one.is_read_only);
    assert_null(one.unfit);
}

static void describes_columns(void **state) {
    struct contract *c = *state;
    struct sql_table *table = NULL;
    char sql[512];
    snprintf(sql, sizeof(sql), "CREATE TABLE contract_key (%s, n %s NOT NULL, o %s DEFAULT 'x', p %s)", c->engine->auto_key,
             c->engine->named_text, c->engine->named_text, c->engine->bytes);
    contract_script(c, sql);
    EXPECT_OK(c, db_describe(c->db, NULL, "contract_key", &c->arena, &table, &c->err));
    assert_int_equal(table->column_count, 4);
    assert_string_equal(table->name, "contract_key");
    assert_false(table->is_view);
    assert_int_equal(table->trigger_count, 0);
    assert_int_equal(table->columns[0].class, SQL_INTEGER);
    assert_true(table->columns[0].has_sequence);
    assert_true(table->columns[1].not_null);
    assert_int_equal(table->columns[1].class, SQL_TEXT);
    assert_false(table->columns[1].has_default);
    assert_false(table->columns[2].not_null);
    assert_true(table->columns[2].has_default);
    assert_int_equal(table->columns[3].class, SQL_BYTES);
    const struct sql_index *primary = sql_table_primary(table);
    assert_non_null(primary);
    assert_int_equal(primary->column_count, 1);
    assert_string_equal(primary->columns[0], table->columns[0].name);
    /* The schema that was found finds it again. */
    EXPECT_OK(c, db_describe(c->other, table->schema, table->name, &c->arena, &table, &c->err));
}

static void describes_indexes(void **state) {
    struct contract *c = *state;
    struct sql_table *table = NULL;
    contract_script(c, "CREATE TABLE contract_key (b bigint NOT NULL, a bigint NOT NULL, d bigint, PRIMARY KEY (a, b))");
    contract_script(c, "CREATE UNIQUE INDEX contract_u ON contract_key (d, b)");
    contract_script(c, "CREATE INDEX contract_i ON contract_key (b)");
    EXPECT_OK(c, db_describe(c->db, NULL, "contract_key", &c->arena, &table, &c->err));
    assert_int_equal(table->index_count, 3);
    assert_true(table->indexes[0].is_primary);
    const char *const key[] = {"a", "b"}, *const turned[] = {"b", "d"}, *const one[] = {"b"};
    assert_ptr_equal(sql_table_unique(table, key, 2, false), &table->indexes[0]);
    assert_ptr_equal(sql_table_range_index(table, key, 2), &table->indexes[0]);
    const struct sql_index *unique = sql_table_unique(table, turned, 2, true);
    assert_non_null(unique);
    assert_string_equal(unique->name, "contract_u");
    assert_null(sql_table_unique(table, turned, 2, false));
    const struct sql_index *range = sql_table_range_index(table, one, 1);
    assert_non_null(range);
    assert_string_equal(range->name, "contract_i");
    assert_false(range->is_unique);
}

static void describes_foreign_keys(void **state) {
    struct contract *c = *state;
    struct sql_table *table = NULL;
    contract_script(c, "CREATE TABLE contract_child (id bigint NOT NULL PRIMARY KEY, parent bigint,"
                       " CONSTRAINT contract_fk FOREIGN KEY (parent) REFERENCES contract_t (id))");
    EXPECT_OK(c, db_describe(c->db, NULL, "contract_child", &c->arena, &table, &c->err));
    assert_int_equal(table->foreign_key_count, 1);
    const struct sql_foreign_key *key = &table->foreign_keys[0];
    assert_int_equal(key->column_count, 1);
    assert_string_equal(key->columns[0], "parent");
    assert_string_equal(key->ref_table, "contract_t");
    assert_string_equal(key->ref_columns[0], "id");
    assert_true(strlen(key->name) > 0);
}

/* Names nobody should use, and some do. */
static void strange_names(void **state) {
    struct contract *c = *state;
    static const char *const names[] = {"two words", "Quote\"d",      "back`tick", "UPPER lower", "l\xc3\xa4nge",
                                        "new\nline", "semi;colon --", "select",    "per%cent_"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct buf table_name, sql;
        struct sql_table *table = NULL;
        buf_init(&table_name);
        buf_init(&sql);
        sql_ident(db_dialect(c->db), &table_name, names[i]);
        buf_printf(&sql, "DROP TABLE IF EXISTS %s", table_name.data);
        contract_script(c, sql.data);
        buf_clear(&sql);
        buf_printf(&sql, "CREATE TABLE %s (%s bigint NOT NULL PRIMARY KEY)", table_name.data, table_name.data);
        contract_script(c, sql.data);
        EXPECT_OK(c, db_describe(c->db, NULL, names[i], &c->arena, &table, &c->err));
        assert_string_equal(table->name, names[i]);
        assert_string_equal(table->columns[0].name, names[i]);
        assert_string_equal(table->indexes[0].columns[0], names[i]);
        buf_clear(&sql);
        buf_printf(&sql, "DROP TABLE %s", table_name.data);
        contract_script(c, sql.data);
        buf_release(&sql);
        buf_release(&table_name);
    }
}

static void names_the_nearest_table(void **state) {
    struct contract *c = *state;
    struct sql_table *table = NULL;
    EXPECT(c, db_describe(c->db, NULL, "contract_x", &c->arena, &table, &c->err), ERR_NOT_FOUND);
    assert_null(table);
    assert_non_null(strstr(c->err.message, "contract_x"));
    assert_true(strstr(c->err.message, "contract_t") != NULL || strstr(c->err.next, "contract_t") != NULL);
    EXPECT(c, db_describe(c->db, NULL, "nothing is called like this", &c->arena, &table, &c->err), ERR_NOT_FOUND);
}

static void types_of_expressions(void **state) {
    struct contract *c = *state;
    struct sql_table *table = NULL;
    const char *types[2] = {NULL, NULL};
    static const char *const good[] = {"src.id", "src.v"};
    static const char *const bad[] = {"src.id", "src.nothing_like_it"};
    EXPECT_OK(c, db_describe(c->db, NULL, "contract_t", &c->arena, &table, &c->err));
    EXPECT_OK(c, c->db->engine->expression_types(c->db, table, good, 2, &c->arena, types, &c->err));
    assert_true(types[0] != NULL && types[1] != NULL);
    EXPECT(c, c->db->engine->expression_types(c->db, table, bad, 2, &c->arena, types, &c->err), ERR_SQL);
    assert_int_equal(c->err.statement, 1);
    contract_run(c, c->db, "INSERT INTO contract_t VALUES (1, 'usable')");
}

static void volatile_functions(void **state) {
    struct contract *c = *state;
    const char *found = "";
    const char *const names[] = {c->engine->stable_function, "nothing_like_it", c->engine->volatile_function};
    EXPECT_OK(c, c->db->engine->volatile_function(c->db, names, 2, &found, &c->err));
    assert_null(found);
    EXPECT_OK(c, c->db->engine->volatile_function(c->db, names, 3, &found, &c->err));
    assert_non_null(found);
    assert_string_equal(found, c->engine->volatile_function);
    EXPECT_OK(c, c->db->engine->volatile_function(c->db, names, 0, &found, &c->err));
    assert_null(found);
}

static void waits_for_older(void **state) {
    struct contract *c = *state;
    bool waited = false;
    _Atomic bool stop = true;
    const char *session = contract_session(c, c->other);
    EXPECT_OK(c, c->db->engine->wait_for_older(c->db, 5000000, NULL, &waited, &c->err));
    assert_true(waited);
    contract_begin(c, c->other, "INSERT INTO contract_t VALUES (1, 'a')");
    EXPECT(c, c->db->engine->wait_for_older(c->db, 300000, NULL, &waited, &c->err), ERR_LOCKED);
    assert_non_null(strstr(c->err.message, session));
    EXPECT(c, c->db->engine->wait_for_older(c->db, 60000000, &stop, &waited, &c->err), ERR_CANCELLED);
    EXPECT_OK(c, db_flush(c->other, DB_COMMIT, NULL, NULL, 0, NULL, NULL, &c->err));
    EXPECT_OK(c, c->db->engine->wait_for_older(c->db, 300000, NULL, &waited, &c->err));
}

static void explains(void **state) {
    struct contract *c = *state;
    const char *text = NULL, *scan = NULL;
    contract_run(c, c->db, c->engine->fill_t);
    for (size_t i = 0; c->engine->analyze[i] != NULL; i++)
        contract_script(c, c->engine->analyze[i]);
    struct sql_value args[] = {value_text("100"), value_text("110")};
    struct db_query range = {
        .sql = contract_sql(c, "SELECT v FROM contract_t WHERE id > ? AND id <= ?"), .args = args, .arg_count = 2};
    EXPECT_OK(c, c->db->engine->explain(c->db, &range, "contract_t", &c->arena, &text, &scan, &c->err));
    assert_string_equal(scan, "index range");
    assert_true(strlen(text) > 0);
    struct db_query full = {.sql = contract_sql(c, "UPDATE contract_t SET v = 'x' WHERE v = ?"), .args = args, .arg_count = 1};
    EXPECT_OK(c, c->db->engine->explain(c->db, &full, "contract_t", &c->arena, &text, &scan, &c->err));
    assert_string_equal(scan, "full scan");
    assert_int_equal(contract_count(c, c->db, "SELECT count(*) FROM contract_t WHERE v = 'x'"), 0);
    EXPECT_OK(c, c->db->engine->explain(c->db, &full, "another", &c->arena, &text, &scan, &c->err));
    assert_string_equal(scan, "");
}

static void sequences(void **state) {
    struct contract *c = *state;
    struct sql_table *table = NULL;
    const char *next = NULL;
    char sql[256];
    snprintf(sql, sizeof(sql), "CREATE TABLE contract_key (%s, n %s)", c->engine->auto_key, c->engine->named_text);
    contract_script(c, sql);
    EXPECT_OK(c, db_describe(c->db, NULL, "contract_key", &c->arena, &table, &c->err));
    const struct sql_column *numbered = &table->columns[0], *other = &table->columns[1];
    contract_run(c, c->db, "INSERT INTO contract_key (n) VALUES ('a'), ('b'), ('c')");
    EXPECT_OK(c, c->db->engine->sequence_next(c->db, table, numbered, &c->arena, &next, &c->err));
    assert_string_equal(next, "4");
    EXPECT_OK(c, c->db->engine->sequence_next(c->db, table, other, &c->arena, &next, &c->err));
    assert_null(next);
}

const struct contract_test contract_catalog_tests[] = {
    {"identifies itself", identifies_itself, 0},
    {"describes columns", describes_columns, 0},
    {"describes indexes", describes_indexes, 0},
    {"describes foreign keys", describes_foreign_keys, 0},
    {"strange names", strange_names, 0},
    {"names the nearest table", names_the_nearest_table, 0},
    {"types of expressions", types_of_expressions, 0},
    {"volatile functions", volatile_functions, 0},
    {"waits for older", waits_for_older, CAN_WAIT},
    {"explains", explains, 0},
    {"sequences", sequences, 0},
    {NULL, NULL, 0},
};
