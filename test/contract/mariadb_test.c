/* mariadb_test.c - what only MariaDB has: kinds of columns, tables and indexes, what it does behind one's back, connecting, and how many
 * calls a batch makes. */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct CMUnitTest contract_mariadb_tests[];

static const struct sql_table *describe(struct contract *c, const char *schema, const char *name) {
    struct sql_table *table = NULL;
    EXPECT_OK(c, db_describe(c->db, schema, name, &c->arena, &table, &c->err));
    return table;
}

static const struct sql_index *index_of(const struct sql_table *table, const char *name) {
    for (size_t i = 0; i < table->index_count; i++)
        if (strcmp(table->indexes[i].name, name) == 0)
            return &table->indexes[i];
    fail_msg("no index %s", name);
    return NULL;
}

static void column_facts(void **state) {
    struct contract *c = *state;
    contract_script(c,
                    "CREATE TABLE contract_key (a bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, b int(5) unsigned zerofill,"
                    " c decimal(12,3) DEFAULT 1, d varchar(7) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL, e text, f double,"
                    " g datetime(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), h timestamp NULL,"
                    " i int AS (b + 1) VIRTUAL, j int AS (b + 2) STORED, k enum('x unsigned','y'), l bit(3), m json, n inet6,"
                    " o varbinary(9), p float(7,2), q varchar(5) DEFAULT 'NULL', r time(2))");
    const struct sql_column *columns = describe(c, NULL, "contract_key")->columns;
    assert_true(columns[0].is_unsigned && columns[0].has_sequence && columns[0].has_default && columns[0].not_null);
    assert_int_equal(columns[0].precision, 64);
    assert_string_equal(columns[0].type, "bigint(20) unsigned");
    assert_int_equal(columns[1].precision, 32);
    assert_false(columns[1].has_default || columns[1].not_null);
    assert_true(columns[2].precision == 12 && columns[2].scale == 3 && columns[2].has_default);
    assert_string_equal(columns[3].charset, "latin1");
    assert_string_equal(columns[3].collation, "latin1_bin");
    assert_int_equal(columns[3].length, 7);
    assert_true(columns[4].class == SQL_TEXT && columns[4].length == 0);
    assert_int_equal(columns[5].class, SQL_FLOAT);
    assert_true(columns[6].updates_itself && columns[6].has_default && columns[6].precision == 3);
    assert_true(!columns[7].updates_itself && columns[7].precision == 0 && columns[7].class == SQL_TIMESTAMP);
    assert_true(columns[8].is_generated && columns[9].is_generated && !columns[9].has_default);
    assert_true(columns[10].class == SQL_ENUM && !columns[10].is_unsigned);
    assert_int_equal(columns[11].class, SQL_OTHER);
    assert_int_equal(columns[12].class, SQL_TEXT);
    assert_int_equal(columns[13].class, SQL_OTHER);
    assert_true(columns[14].class == SQL_BYTES && columns[14].length == 9 && columns[14].charset == NULL);
    assert_true(columns[15].class == SQL_FLOAT && columns[15].scale == 2);
    assert_true(columns[16].has_default);
    assert_int_equal(columns[17].precision, 2);
}

static void index_facts(void **state) {
    struct contract *c = *state;
    contract_script(
        c, "CREATE TABLE contract_key (a int NOT NULL, b varchar(50) NOT NULL, t text, PRIMARY KEY (b, a),"
           " UNIQUE KEY contract_u (a), KEY contract_prefix (b(3)), KEY contract_desc (a DESC, b), UNIQUE KEY contract_hash (t),"
           " FULLTEXT KEY contract_words (t), KEY contract_ignored (a, b) IGNORED)");
    const struct sql_table *table = describe(c, NULL, "contract_key");
    assert_int_equal(table->index_count, 7);
    assert_true(table->indexes[0].is_primary && table->indexes[0].is_unique && table->indexes[0].is_valid);
    assert_string_equal(table->indexes[0].columns[0], "b");
    assert_true(index_of(table, "contract_u")->is_unique && !index_of(table, "contract_u")->is_expression);
    assert_true(index_of(table, "contract_prefix")->is_expression);
    assert_true(index_of(table, "contract_desc")->is_descending && !index_of(table, "contract_desc")->is_custom_order);
    assert_true(index_of(table, "contract_hash")->is_custom_order);
    assert_true(index_of(table, "contract_words")->is_custom_order);
    assert_false(index_of(table, "contract_ignored")->is_valid);
}

static void table_kinds(void **state) {
    struct contract *c = *state;
    contract_script(c, "CREATE VIEW contract_view AS SELECT * FROM contract_t");
    assert_true(describe(c, NULL, "contract_view")->is_view);
    assert_string_equal(describe(c, NULL, "contract_t")->engine, "InnoDB");
    assert_string_equal(describe(c, NULL, "contract_t")->kind, "table");
    contract_script(c, "CREATE TABLE contract_key (id int PRIMARY KEY) ENGINE=InnoDB PARTITION BY HASH (id) PARTITIONS 3");
    assert_true(describe(c, NULL, "contract_key")->is_partitioned);
    contract_script(c, "DROP TABLE contract_key");
    contract_script(c, "CREATE TABLE contract_key (id int PRIMARY KEY) WITH SYSTEM VERSIONING");
    assert_string_equal(describe(c, NULL, "contract_key")->kind, "system-versioned table");
    assert_string_equal(describe(c, "mysql", "plugin")->schema, "mysql");
    contract_run(c, c->db, c->engine->fill_t);
    contract_script(c, "ANALYZE TABLE contract_t");
    assert_in_range((unsigned long)describe(c, NULL, "contract_t")->row_estimate, 15000, 25000);
    assert_in_range((unsigned long)describe(c, NULL, "contract_t")->byte_estimate, 400000, 9000000);
}

/* The case of a table's name matters on this platform, and two tables may differ in nothing else. */
static void names_are_exact(void **state) {
    struct contract *c = *state;
    struct sql_table *none = NULL;
    contract_script(c, "CREATE TABLE contract_key (lower_a int)");
    EXPECT(c, db_describe(c->db, NULL, "Contract_Key", &c->arena, &none, &c->err), ERR_NOT_FOUND);
    EXPECT(c, db_describe(c->db, NULL, "contract_key ", &c->arena, &none, &c->err), ERR_NOT_FOUND);
    assert_string_equal(describe(c, NULL, "contract_key")->columns[0].name, "lower_a");
}

static void triggers_and_keys(void **state) {
    struct contract *c = *state;
    contract_script(c, "CREATE TRIGGER contract_one BEFORE INSERT ON contract_t FOR EACH ROW SET new.v = new.v");
    contract_script(c, "CREATE TRIGGER contract_two AFTER DELETE ON contract_t FOR EACH ROW DO 1");
    contract_script(c, "CREATE TABLE contract_key (a int, b int, UNIQUE (b, a))");
    contract_script(
        c, "CREATE TABLE contract_child (x int, y int, CONSTRAINT contract_fk FOREIGN KEY (y, x) REFERENCES contract_key (b, a))");
    const struct sql_table *table = describe(c, NULL, "contract_t");
    assert_int_equal(table->trigger_count, 2);
    const struct sql_trigger *one = &table->triggers[0], *two = &table->triggers[1];
    assert_true(one->on_insert && !one->on_update && !one->on_delete && one->per_row && one->enabled);
    assert_string_equal(one->timing, "BEFORE");
    assert_true(two->on_delete && !two->on_insert);
    const struct sql_foreign_key *key = &describe(c, NULL, "contract_child")->foreign_keys[0];
    assert_int_equal(key->column_count, 2);
    assert_string_equal(key->columns[0], "y");
    assert_string_equal(key->ref_columns[1], "a");
}

/* A counted 0 stays 0, assignments of one UPDATE do not see each other, || is OR and "x" a text. */
static void statements_mean_what_they_say(void **state) {
    struct contract *c = *state;
    contract_script(c, "CREATE TABLE contract_key (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, a int, b int)");
    contract_run(c, c->db, "INSERT INTO contract_key VALUES (0, 1, 2)");
    assert_int_equal(contract_count(c, c->db, "SELECT id FROM contract_key"), 0);
    contract_run(c, c->db, "UPDATE contract_key SET a = b, b = a");
    assert_string_equal(contract_text(c, c->db, "SELECT CONCAT(a, ' ', b) FROM contract_key"), "2 1");
    assert_string_equal(contract_text(c, c->db, "SELECT \"x\""), "x");
    assert_string_equal(contract_text(c, c->db, "SELECT 0 || 1"), "1");
}

static int64_t own_status(struct contract *c, const char *names) {
    char sql[256];
    snprintf(sql, sizeof(sql), "SELECT SUM(VARIABLE_VALUE) FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME IN (%s)",
             names);
    return contract_count(c, c->db, sql);
}

static int64_t calls_so_far(struct contract *c) {
    return own_status(c, "'QUESTIONS', 'COM_STMT_PREPARE', 'COM_STMT_RESET', 'COM_STMT_CLOSE', 'COM_STMT_FETCH'");
}

static void run_batch(struct contract *c) {
    struct sql_value args[] = {value_text("1"), value_text("x")};
    struct db_result results[4];
    struct db_query queries[] = {
        {.sql = "SELECT id FROM contract_t WHERE id = ? FOR UPDATE", .args = args, .arg_count = 1, .returns_rows = true},
        {.sql = "UPDATE contract_t SET v = ? WHERE id = 5", .args = &args[1], .arg_count = 1},
        {.sql = "SELECT MAX(id) FROM contract_t", .returns_rows = true},
        {.sql = "UPDATE contract_t SET v = v WHERE id = ?", .args = args, .arg_count = 1}};
    EXPECT_OK(c, db_flush(c->db, DB_ONE_TX, &contract_tx, queries, 4, &c->arena, results, &c->err));
}

/* What the server counts of two questions with nothing in between is taken off. */
static void a_batch_is_one_call_per_statement(void **state) {
    struct contract *c = *state;
    run_batch(c);
    calls_so_far(c);
    int64_t start = calls_so_far(c), none = calls_so_far(c) - start;
    start = calls_so_far(c);
    run_batch(c);
    assert_int_equal(calls_so_far(c) - start - none, 6);
}

static void more_statements_than_are_kept(void **state) {
    struct contract *c = *state;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 100; i++) {
            char sql[64];
            snprintf(sql, sizeof(sql), "SELECT %d + ?", i);
            struct db_result result;
            EXPECT_OK(c, contract_try(c, c->db, &contract_tx, sql, &result, 1, "1"));
            assert_int_equal(db_cell_int(&result, 0, 0, -1), i + 1);
        }
    assert_in_range((unsigned long)contract_count(c, c->other,
                                                  "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS"
                                                  " WHERE VARIABLE_NAME = 'PREPARED_STMT_COUNT'"),
                    1, 64);
}

/* A kept statement of a table that has another shape now: the library cannot read what comes, so the connection ends; never a wrong
 * answer, and the next connection prepares anew. */
static void a_table_changes_under_a_statement(void **state) {
    struct contract *c = *state;
    struct db_result result;
    contract_run(c, c->db, "INSERT INTO contract_t VALUES (1, 'a')");
    EXPECT_OK(c, contract_try(c, c->db, &contract_tx, "SELECT * FROM contract_t", &result, 0));
    contract_script(c, "ALTER TABLE contract_t ADD COLUMN w int DEFAULT 7");
    EXPECT(c, contract_try(c, c->db, &contract_tx, "SELECT * FROM contract_t", &result, 0), ERR_LOST);
    assert_true(db_is_dead(c->db));
    db_close(c->db);
    c->db = contract_open(c);
    EXPECT_OK(c, contract_try(c, c->db, &contract_tx, "SELECT * FROM contract_t", &result, 0));
    assert_int_equal(result.column_count, 3);
    assert_string_equal(db_cell(&result, 0, 2), "7");
}

/* Cells around the size that is fetched at once. */
static void cells_of_any_length(void **state) {
    struct contract *c = *state;
    for (int len = 120; len <= 260; len++) {
        struct db_result result;
        char number[16];
        snprintf(number, sizeof(number), "%d", len);
        EXPECT_OK(c, contract_try(c, c->db, &contract_tx, "SELECT REPEAT('x', ?), ?", &result, 2, number, number));
        assert_int_equal(strlen(db_cell(&result, 0, 0)), len);
        assert_string_equal(db_cell(&result, 0, 1), number);
    }
}

/* A statement of somebody else's choosing, in a session that never writes. */
static void explains_when_read_only(void **state) {
    struct contract *c = *state;
    struct db_options options = {.url = c->url, .application_name = "infill contract", .read_only = true};
    struct db *reader = NULL;
    struct db_plan plan = {0};
    EXPECT_OK(c, db_open(&options, &reader, &c->err));
    struct db_query insert = {.sql = "INSERT INTO contract_t SELECT src.id + 1, src.v FROM contract_t AS src WHERE src.id > 5"};
    EXPECT_OK(c, reader->engine->explain(reader, NULL, &insert, "contract_t", &c->arena, &plan, &c->err));
    struct db_query write = {.sql = "INSERT INTO contract_t VALUES (1, 'a')"};
    EXPECT(c, db_flush(reader, DB_ONE_TX, &contract_tx, &write, 1, NULL, NULL, &c->err), ERR_READ_ONLY);
    EXPECT(c, db_script(reader, "CREATE TABLE contract_child (a int)", &c->err), ERR_READ_ONLY);
    db_close(reader);
    assert_int_equal(contract_count(c, c->db, "SELECT COUNT(*) FROM contract_t"), 0);
}

static void types_have_names(void **state) {
    struct contract *c = *state;
    static const struct {
        const char *expr, *type;
    } rows[] = {{"src.id", "bigint"},
                {"src.v", "varchar(5000)"},
                {"CAST(src.id AS UNSIGNED)", "bigint unsigned"},
                {"CAST(src.id AS DECIMAL(12,3))", "decimal(12,3)"},
                {"CAST(src.v AS DATETIME(3))", "datetime(3)"},
                {"CAST(src.v AS DATE)", "date"},
                {"CAST(src.id AS BINARY(4))", "varbinary(4)"},
                {"CAST(src.v AS UUID)", "uuid"},
                {"src.id * 1e0", "double"}};
    enum { COUNT = sizeof(rows) / sizeof(rows[0]) };
    const char *exprs[COUNT], *types[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        exprs[i] = rows[i].expr;
    EXPECT_OK(c, c->db->engine->expression_types(c->db, describe(c, NULL, "contract_t"), exprs, COUNT, &c->arena, types, &c->err));
    for (size_t i = 0; i < COUNT; i++)
        assert_string_equal(types[i], rows[i].type);
}

/* Connecting */

static void url_with(struct contract *c, const char *user, const char *query, char *out, size_t size) {
    const char *at = strchr(c->url, '@');
    snprintf(out, size, "mariadb://%s%s%s", user, at, query);
}

static int try_open(struct contract *c, const char *url, struct db **db) {
    struct db_options options = {.url = url, .application_name = "infill contract", .connect_timeout_ms = 5000};
    err_clear(&c->err);
    return db_open(&options, db, &c->err);
}

static void make_user(struct contract *c) {
    contract_script(c, "CREATE USER contract_user@'127.0.0.1' IDENTIFIED BY 'se/cr:et@1'");
    contract_script(c, "GRANT SELECT ON infill_test.* TO contract_user@'127.0.0.1'");
}

static void passwords_and_rights(void **state) {
    struct contract *c = *state;
    char url[600];
    struct db *db = NULL;
    bool waited = true;
    struct db_identity identity;
    make_user(c);
    url_with(c, "contract_user:wrong", "", url, sizeof(url));
    EXPECT(c, try_open(c, url, &db), ERR_DENIED);
    assert_null(db);
    assert_null(strstr(c->err.message, "wrong"));
    assert_non_null(strstr(c->err.next, ".my.cnf"));
    url_with(c, "contract_user:se%2Fcr%3Aet%401", "", url, sizeof(url));
    EXPECT_OK(c, try_open(c, url, &db));
    EXPECT(c, contract_try(c, db, &contract_tx, "INSERT INTO contract_t VALUES (1, 'a')", NULL, 0), ERR_DENIED);
    EXPECT_OK(c, db->engine->wait_for_older(db, 1000000, NULL, &waited, &c->err));
    assert_false(waited);
    EXPECT_OK(c, db_identify(db, &c->arena, &identity, &c->err));
    assert_false(identity.is_superuser);
    EXPECT_OK(c, db_identify(c->db, &c->arena, &identity, &c->err));
    assert_true(identity.is_superuser);
    db_close(db);
}

static void wrong_places(void **state) {
    struct contract *c = *state;
    struct db *db = NULL;
    char url[600];
    url_with(c, "tester", "_that_is_not_there", url, sizeof(url));
    EXPECT(c, try_open(c, url, &db), ERR_CONNECT);
    EXPECT(c, try_open(c, "mariadb://tester@127.0.0.1:1/x", &db), ERR_CONNECT);
    EXPECT(c, try_open(c, "mariadb:///x?socket=/nowhere/at/all", &db), ERR_CONNECT);
    EXPECT(c, try_open(c, "mariadb:///x?sockets=/nowhere", &db), ERR_USAGE);
    snprintf(url, sizeof(url), "%.*s", (int)(strrchr(c->url, '/') - c->url), c->url);
    EXPECT(c, try_open(c, url, &db), ERR_USAGE);
    assert_null(db);
}

/* The server of the tests has no certificate. */
static void encryption_that_is_asked_for(void **state) {
    struct contract *c = *state;
    static const char *const modes[] = {"?ssl-mode=required", "?ssl-mode=verify"};
    for (size_t i = 0; i < 2; i++) {
        struct db *db = NULL;
        char url[600];
        url_with(c, "tester", modes[i], url, sizeof(url));
        EXPECT(c, try_open(c, url, &db), ERR_CONNECT);
        assert_null(db);
    }
}

/* An option file brings the password, and nothing that changes what our statements mean. */
static void option_files(void **state) {
    struct contract *c = *state;
    char home[] = "/tmp/infill-home-XXXXXX", path[64], url[600], *before = getenv("HOME") != NULL ? strdup(getenv("HOME")) : NULL;
    struct db *db = NULL;
    make_user(c);
    assert_non_null(mkdtemp(home));
    snprintf(path, sizeof(path), "%s/.my.cnf", home);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "[client]\npassword=wrong\nlocal-infile=1\ndefault-character-set=latin1\n[infill]\npassword=se/cr:et@1\n"
                  "init-command=\"SET sql_mode = '', time_zone = '+03:00', autocommit = 0, sql_select_limit = 1\"\n");
    fclose(file);
    setenv("HOME", home, 1);
    url_with(c, "contract_user", "", url, sizeof(url));
    int code = try_open(c, url, &db);
    if (before != NULL)
        setenv("HOME", before, 1);
    free(before);
    unlink(path);
    rmdir(home);
    EXPECT_OK(c, code);
    assert_non_null(strstr(contract_text(c, db, "SELECT @@sql_mode"), "STRICT_ALL_TABLES"));
    assert_string_equal(contract_text(c, db, "SELECT CONCAT(@@time_zone, @@autocommit, @@character_set_results)"),
                        "+00:00ONutf8mb4");
    struct db_result result;
    EXPECT_OK(c, contract_try(c, db, &contract_tx, "SELECT 1 UNION ALL SELECT 2", &result, 0));
    assert_int_equal(result.row_count, 2);
    db_close(db);
}

static void sends_no_files(void **state) {
    struct contract *c = *state;
    assert_int_not_equal(db_script(c->db, "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE contract_t (v)", &c->err), 0);
    assert_int_equal(contract_count(c, c->other, "SELECT COUNT(*) FROM contract_t"), 0);
}

/* The server calculates the same values itself. */
static void streams_what_the_server_says(void **state) {
    struct contract *c = *state;
    contract_pairs(c, "SELECT d, CAST(TO_DAYS(d) - TO_DAYS('1970-01-01') AS SIGNED) FROM"
                      " (SELECT DATE'0001-01-01' + INTERVAL seq * 35 DAY AS d FROM seq_0_to_100000) AS a WHERE d IS NOT NULL");
    contract_pairs(c, "SELECT t, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', t) FROM (SELECT TIMESTAMP'0001-01-01 00:00:00' +"
                      " INTERVAL seq * 432000.000005 SECOND AS t FROM seq_0_to_100000) AS a WHERE t IS NOT NULL");
    contract_pairs(
        c, "SELECT t, CAST(TIME_TO_SEC(t) * 1000000 AS SIGNED) FROM (SELECT SEC_TO_TIME(seq * 25.000005 - 2500000) AS t FROM"
           " seq_0_to_200000) AS a");
    contract_pairs(
        c, "SELECT d, CAST(d AS CHAR) FROM (SELECT CAST(seq * 1234567.891 AS DECIMAL(40, 12)) AS d FROM seq_0_to_10000) AS a");
}

const struct CMUnitTest contract_mariadb_tests[] = {
    {"column facts", column_facts, NULL, NULL, NULL},
    {"index facts", index_facts, NULL, NULL, NULL},
    {"table kinds", table_kinds, NULL, NULL, NULL},
    {"names are exact", names_are_exact, NULL, NULL, NULL},
    {"triggers and keys", triggers_and_keys, NULL, NULL, NULL},
    {"statements mean what they say", statements_mean_what_they_say, NULL, NULL, NULL},
    {"a batch is one call per statement", a_batch_is_one_call_per_statement, NULL, NULL, NULL},
    {"more statements than are kept", more_statements_than_are_kept, NULL, NULL, NULL},
    {"a table changes under a statement", a_table_changes_under_a_statement, NULL, NULL, NULL},
    {"cells of any length", cells_of_any_length, NULL, NULL, NULL},
    {"explains when read-only", explains_when_read_only, NULL, NULL, NULL},
    {"types have names", types_have_names, NULL, NULL, NULL},
    {"passwords and rights", passwords_and_rights, NULL, NULL, NULL},
    {"wrong places", wrong_places, NULL, NULL, NULL},
    {"encryption that is asked for", encryption_that_is_asked_for, NULL, NULL, NULL},
    {"option files", option_files, NULL, NULL, NULL},
    {"streams what the server says", streams_what_the_server_says, NULL, NULL, NULL},
    {"sends no files", sends_no_files, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
