/* catalog_test.c - what a driver says about tables, expressions and other sessions. What only one engine has is in its own file. */
#include "contract.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

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
    EXPECT_OK(c, c->db->engine->wait_for_older(c->db, 5000000, NULL, &waited, &c->err));
}

static void explains(void **state) {
    struct contract *c = *state;
    struct db_plan plan = {0};
    contract_run(c, c->db, c->engine->fill_t);
    for (size_t i = 0; c->engine->analyze[i] != NULL; i++)
        contract_script(c, c->engine->analyze[i]);
    struct sql_value args[] = {value_text("100"), value_text("110")};
    struct db_query range = {
        .sql = contract_sql(c, "SELECT v FROM contract_t WHERE id > ? AND id <= ?"), .args = args, .arg_count = 2};
    EXPECT_OK(c, c->db->engine->explain(c->db, NULL, &range, "contract_t", &c->arena, &plan, &c->err));
    assert_string_equal(plan.scan, "index range");
    assert_true(strlen(plan.text) > 0);
    struct sql_value canary = value_text("canary");
    struct db_query full = {
        .sql = contract_sql(c, "UPDATE contract_t SET v = 'x' WHERE v = ? AND v <> 'canary'"), .args = &canary, .arg_count = 1};
    EXPECT_OK(c, c->db->engine->explain(c->db, NULL, &full, "contract_t", &c->arena, &plan, &c->err));
    assert_string_equal(plan.scan, "full scan");
    assert_true(strlen(plan.outline) > 0 && strstr(plan.outline, "contract_t") != NULL);
    assert_null(strstr(plan.outline, "canary"));
    assert_int_equal(contract_count(c, c->db, "SELECT count(*) FROM contract_t WHERE v = 'x'"), 0);
    EXPECT_OK(c, c->db->engine->explain(c->db, NULL, &full, "another", &c->arena, &plan, &c->err));
    assert_string_equal(plan.scan, "");
    EXPECT_OK(c, db_script(c->other, "CREATE INDEX contract_flip ON contract_t (v)", &c->err));
    EXPECT_OK(c, c->db->engine->explain(c->db, NULL, &full, "contract_t", &c->arena, &plan, &c->err));
    assert_string_equal(plan.scan, "index range");
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

/* What every engine can say; what it has not is said to be missing, not guessed. */
static void surveys_the_server(void **state) {
    struct contract *c = *state;
    struct db_survey survey;
    EXPECT_OK(c, db_survey(c->db, &c->arena, &survey, &c->err));
    int64_t off_us = survey.clock_us - clock_wall_us();
    assert_true(off_us > -INT64_C(3600000000) && off_us < INT64_C(3600000000));
    assert_true(survey.connections_max == DB_NONE || survey.connections_max >= survey.connections_used);
    assert_true(survey.connections_max == DB_NONE || survey.connections_used >= 2);
    assert_non_null(survey.lock_wait_who);
    assert_true(survey.lock_wait_ms >= DB_UNKNOWN);
    assert_true(survey.horizon == DB_NONE || (survey.horizon >= 0 && survey.horizon_max > 0 && survey.horizon_unit[0]));
    assert_true(survey.disk_free > 0 || survey.disk_free == DB_UNKNOWN);
    assert_null(survey.grant);               /* the account of the tests sees everything */
    assert_true(survey.settings.count >= 5); /* each with its value and with what follows from it */
    for (size_t i = 0; i < survey.settings.count; i++) {
        assert_true(survey.settings.list[i].name[0] && survey.settings.list[i].value && survey.settings.list[i].means[0]);
    }
}

static void sees_the_oldest_transaction(void **state) {
    struct contract *c = *state;
    struct db_survey survey;
    contract_begin(c, c->other, "INSERT INTO contract_t VALUES (1, 'a')");
    for (int polls = 0;; polls++) {
        EXPECT_OK(c, db_survey(c->db, &c->arena, &survey, &c->err));
        assert_true(polls < 1000 && survey.oldest_s >= 0);
        if (survey.oldest_who[0])
            break;
        poll(NULL, 0, 10); /* some lists of transactions are renewed ten times a second */
    }
    db_rollback(c->other);
}

/* Executed for real, inside a transaction that is then taken back. */
static void tells_what_a_statement_costs(void **state) {
    struct contract *c = *state;
    struct db_cost cost;
    const struct db_query insert = {.sql = "INSERT INTO contract_t SELECT 100 + id, v FROM contract_t WHERE id < 3"};
    const struct db_query update = {.sql = "UPDATE contract_t SET v = 'c' WHERE id < 3"};
    const struct db_query none = {.sql = "UPDATE contract_t SET v = 'c' WHERE id = 77"};
    contract_run(c, c->db, "INSERT INTO contract_t VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    EXPECT_OK(c, db_flush(c->db, DB_BEGIN, &contract_tx, NULL, 0, NULL, NULL, &c->err));
    EXPECT_OK(c, db_cost(c->db, &insert, &c->arena, &cost, &c->err));
    assert_int_equal(cost.rows, 2);
    assert_true(cost.log_bytes > 0 || cost.log_bytes == DB_UNKNOWN);
    EXPECT_OK(c, db_cost(c->db, &update, &c->arena, &cost, &c->err));
    assert_int_equal(cost.rows, 2);
    EXPECT_OK(c, db_cost(c->db, &none, &c->arena, &cost, &c->err));
    assert_int_equal(cost.rows, 0);
    /* A duplicate is the error it always is, and ends the transaction. */
    EXPECT(c, db_cost(c->db, &insert, &c->arena, &cost, &c->err), ERR_DUPLICATE);
    assert_int_equal(contract_count(c, c->db, "SELECT count(*) FROM contract_t"), 3);
    assert_int_equal(contract_count(c, c->db, "SELECT count(*) FROM contract_t WHERE v = 'c'"), 1);
}

static void knows_its_rights(void **state) {
    static const char *const words[] = {"SELECT", "INSERT", "UPDATE", "DELETE"};
    struct contract *c = *state;
    struct sql_table *table = NULL;
    struct db_right rights[5] = {{0}};
    bool known;
    EXPECT_OK(c, db_describe(c->db, NULL, "contract_t", &c->arena, &table, &c->err));
    for (size_t i = 0; i < 4; i++)
        rights[i] = (struct db_right){.table = table, .right = words[i]};
    rights[4].right = "CREATE";
    EXPECT_OK(c, db_rights(c->db, rights, 5, &c->arena, &known, &c->err));
    for (size_t i = 0; i < 5 && known; i++) {
        assert_int_equal(rights[i].held, 1);
        assert_non_null(strstr(rights[i].grant, rights[i].right));
    }
    assert_int_equal(contract_count(c, c->db, "SELECT count(*) FROM contract_t"), 0);
}

/* Everything a driver allocates fails once: the error is clean, and the answer comes when there is memory. */
struct question {
    const char *name;
    int (*ask)(struct contract *c, struct arena *arena);
};

static struct sql_table *asked_table; /* described beforehand */
static const char *asked_rows;        /* written beforehand */

static int ask_identity(struct contract *c, struct arena *arena) {
    struct db_identity identity;
    return db_identify(c->db, arena, &identity, &c->err);
}

static int ask_description(struct contract *c, struct arena *arena) {
    struct sql_table *table = NULL;
    return db_describe(c->db, NULL, "contract_child", arena, &table, &c->err);
}

static int ask_types(struct contract *c, struct arena *arena) {
    static const char *const exprs[] = {"src.id", "src.parent"};
    const char *types[2];
    return c->db->engine->expression_types(c->db, asked_table, exprs, 2, arena, types, &c->err);
}

static int ask_volatile(struct contract *c, struct arena *arena) {
    const char *found = NULL;
    const char *const names[] = {c->engine->stable_function, c->engine->volatile_function};
    (void)arena;
    return c->db->engine->volatile_function(c->db, names, 2, &found, &c->err);
}

static int ask_plan(struct contract *c, struct arena *arena) {
    struct db_plan plan = {0};
    struct db_query query = {.sql = "SELECT id FROM contract_child WHERE id > 5"};
    return c->db->engine->explain(c->db, NULL, &query, "contract_child", arena, &plan, &c->err);
}

static int ask_sequence(struct contract *c, struct arena *arena) {
    const char *next = NULL;
    return c->db->engine->sequence_next(c->db, asked_table, &asked_table->columns[0], arena, &next, &c->err);
}

static int ask_survey(struct contract *c, struct arena *arena) {
    struct db_survey survey;
    return db_survey(c->db, arena, &survey, &c->err);
}

static int ask_rights(struct contract *c, struct arena *arena) {
    struct db_right rights[] = {{.table = asked_table, .right = "INSERT"}, {.right = "CREATE"}};
    bool known;
    return db_rights(c->db, rights, 2, arena, &known, &c->err);
}

static int ask_to_wait(struct contract *c, struct arena *arena) {
    bool waited = false;
    (void)arena;
    return c->db->engine->wait_for_older(c->db, 10000000, NULL, &waited, &c->err);
}

static int count_row(void *context, const struct datum *row, unsigned columns, struct err *err) {
    unsigned *count = context;
    (void)row;
    (void)columns;
    (void)err;
    ++*count;
    return 0;
}

/* Not short either. */
static int ask_stream(struct contract *c, struct arena *arena) {
    struct sql_value arg = value_text("100");
    struct db_query query = {.sql = asked_rows, .args = &arg, .arg_count = 1};
    unsigned count = 0;
    (void)arena;
    int code = db_flush(c->db, DB_BEGIN, &contract_tx, NULL, 0, NULL, NULL, &c->err);
    if (code == 0)
        code = db_stream(c->db, &query, count_row, &count, &c->err);
    if (code == 0) {
        assert_int_equal(count, 100);
        db_rollback(c->db);
    }
    return code;
}

static int ask_to_open(struct contract *c, struct arena *arena) {
    struct db_options options = {.url = c->url, .application_name = "infill contract", .connect_timeout_ms = 10000};
    struct db *db = NULL;
    (void)arena;
    int code = db_open(&options, &db, &c->err);
    db_close(db);
    return code;
}

/* How often it failed before it worked. */
static int starve(struct contract *c, const struct question *question) {
    for (unsigned long at = 1; at < 1000; at++) {
        struct arena arena;
        arena_init(&arena);
        err_clear(&c->err);
        mem_fail_at(at, false);
        int code = question->ask(c, &arena);
        bool failed = mem_count() >= at;
        mem_fail_at(0, false);
        arena_release(&arena);
        if (code != 0 && code != ERR_NOMEM)
            fail_msg("%s: %s: %s", question->name, err_name(code), c->err.message);
        if (db_is_dead(c->db)) { /* D1 allows it, after an error */
            assert_int_equal(code, ERR_NOMEM);
            db_close(c->db);
            c->db = contract_open(c);
        }
        if (!failed)
            return code == 0 ? (int)at - 1 : -1;
    }
    return -1;
}

static void out_of_memory(void **state) {
    struct contract *c = *state;
    static const struct question questions[] = {
        {"identify", ask_identity}, {"describe", ask_description}, {"types", ask_types},   {"volatile", ask_volatile},
        {"explain", ask_plan},      {"sequence", ask_sequence},    {"survey", ask_survey}, {"rights", ask_rights},
        {"wait", ask_to_wait},      {"stream", ask_stream},        {"open", ask_to_open}};
    contract_script(c, "CREATE TABLE contract_child (id bigint NOT NULL PRIMARY KEY, parent bigint,"
                       " CONSTRAINT contract_fk FOREIGN KEY (parent) REFERENCES contract_t (id))");
    EXPECT_OK(c, db_describe(c->db, NULL, "contract_child", &c->arena, &asked_table, &c->err));
    asked_rows = contract_sql(c, c->engine->rows);
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
        if (starve(c, &questions[i]) < 0)
            fail_msg("%s does not get over it", questions[i].name);
    contract_run(c, c->db, "INSERT INTO contract_t VALUES (1, 'usable')");
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
    {"surveys the server", surveys_the_server, 0},
    {"sees the oldest transaction", sees_the_oldest_transaction, CAN_WAIT},
    {"knows its rights", knows_its_rights, 0},
    {"tells what a statement costs", tells_what_a_statement_costs, 0},
    {"out of memory", out_of_memory, 0},
    {NULL, NULL, 0},
};
