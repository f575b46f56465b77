/* Every class of errors, and that no message shows a value. */
#include "unit.h"

#include "db/mariadb_errors.h"

static void each_code_has_its_class(void **state) {
    static const struct {
        unsigned native;
        int class;
    } rows[] = {
        {1205, ERR_LOCKED},    {1213, ERR_TRANSIENT}, {1020, ERR_TRANSIENT}, {1412, ERR_TRANSIENT}, {1615, ERR_TRANSIENT},
        {1317, ERR_TRANSIENT}, {1028, ERR_TRANSIENT}, {1969, ERR_SLOW},      {3024, ERR_SLOW},      {1021, ERR_FULL},
        {1114, ERR_FULL},      {1290, ERR_READ_ONLY}, {1792, ERR_READ_ONLY}, {1836, ERR_READ_ONLY}, {1044, ERR_DENIED},
        {1045, ERR_DENIED},    {1142, ERR_DENIED},    {1143, ERR_DENIED},    {1227, ERR_DENIED},    {1370, ERR_DENIED},
        {1698, ERR_DENIED},    {1062, ERR_DUPLICATE}, {1586, ERR_DUPLICATE}, {1022, ERR_DUPLICATE}, {1048, ERR_ROW},
        {1264, ERR_ROW},       {1265, ERR_ROW},       {1292, ERR_ROW},       {1364, ERR_ROW},       {1365, ERR_ROW},
        {1366, ERR_ROW},       {1406, ERR_ROW},       {1411, ERR_ROW},       {1441, ERR_ROW},       {1451, ERR_ROW},
        {1452, ERR_ROW},       {1526, ERR_ROW},       {1644, ERR_ROW},       {1690, ERR_ROW},       {3819, ERR_ROW},
        {4025, ERR_ROW},       {1064, ERR_SQL},       {1054, ERR_SQL},       {1146, ERR_SQL},       {1305, ERR_SQL},
        {1136, ERR_SQL},       {1109, ERR_SQL},       {1247, ERR_SQL},       {4161, ERR_SQL},       {1040, ERR_CONNECT},
        {1203, ERR_CONNECT},   {1049, ERR_CONNECT},   {1053, ERR_LOST},      {1077, ERR_LOST},      {1080, ERR_LOST},
        {1927, ERR_LOST},      {2006, ERR_LOST},      {2013, ERR_LOST},      {2055, ERR_LOST},      {4031, ERR_LOST},
        {5012, ERR_LOST},      {2008, ERR_NOMEM},     {1105, ERR_UNKNOWN},   {1180, ERR_UNKNOWN},   {1712, ERR_UNKNOWN},
        {9999, ERR_UNKNOWN},
    };
    for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
        struct mdb_failure failure = {rows[i].native, "HY000", ""};
        if (mdb_meaning_of(&failure).class != rows[i].class)
            fail_msg("%u is %s", rows[i].native, err_name(mdb_meaning_of(&failure).class));
        assert_int_equal(mdb_ends_session(&failure), rows[i].class == ERR_LOST || rows[i].class == ERR_NOMEM);
    }
    (void)state;
}

static int error_of(unsigned native, const char *sqlstate, const char *message, int statement, struct err *err) {
    struct mdb_failure failure = {native, sqlstate, message};
    err_clear(err);
    return mdb_error(&failure, false, statement, err);
}

static void shows_names_but_no_values(void **state) {
    static const struct {
        unsigned native;
        const char *message, *constraint, *column; /* column: what the text ends with, NULL: no column */
    } rows[] = {
        {1062, "Duplicate entry 'secret' for key 'email'", "email", NULL},
        {1062, "Duplicate entry 'secret for key 'x' for key 'PRIMARY'", "PRIMARY", NULL},
        {1048, "Column 'c' cannot be null", "", "column c)"},
        {1364, "Field 'c' doesn't have a default value", "", "column c)"},
        {1264, "Out of range value for column 'c' at row 7", "", "column 'c')"},
        {1366, "Incorrect integer value: 'secret for column `x` at row 3' for column `d`.`t`.`c` at row 1", "",
         "column `d`.`t`.`c`)"},
        {1292, "Truncated incorrect INTEGER value: 'secret'", "", NULL},
        {1292, "Truncated incorrect INTEGER value: 'a for column secret at row 1'", "", NULL},
        {4025, "CONSTRAINT `positive` failed for `d`.`t`", "positive", NULL},
        {1452,
         "Cannot add or update a child row: a foreign key constraint fails (`d`.`t`, CONSTRAINT `fk` FOREIGN KEY (`p`) REFERENCES "
         "`q` (`id`))",
         "fk", NULL},
        {1105, "XPATH syntax error: 'secret'", "", NULL},
        {1644, "secret", "", NULL},
    };
    for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
        struct err err;
        error_of(rows[i].native, "23000", rows[i].message, 3, &err);
        assert_null(strstr(err.message, "secret"));
        assert_string_equal(err.constraint, rows[i].constraint);
        assert_true((strstr(err.message, "column") != NULL) == (rows[i].column != NULL));
        if (rows[i].column != NULL)
            assert_non_null(strstr(err.message, rows[i].column));
        assert_int_equal(err.native, rows[i].native);
        assert_string_equal(err.sqlstate, "23000");
        assert_int_equal(err.statement, 3);
    }
    (void)state;
}

static void shows_what_speaks_of_the_statement(void **state) {
    struct err err;
    assert_int_equal(error_of(1054, "42S22", "Unknown column 'nix'\nin 'field list'", 0, &err), ERR_SQL);
    assert_string_equal(err.message, "Unknown column 'nix' in 'field list' (error 1054, SQLSTATE 42S22)");
    assert_int_equal(error_of(1030, "HY000", "Got error 28 \"No space left on device\" from storage engine Aria", 0, &err),
                     ERR_FULL);
    (void)state;
}

/* A trigger may choose any number. */
static void a_signal_is_about_a_row(void **state) {
    struct err err;
    assert_int_equal(error_of(1054, "45000", "secret", 0, &err), ERR_ROW);
    assert_null(strstr(err.message, "secret"));
    (void)state;
}

static void no_row_in_front_of_the_first_statement(void **state) {
    struct err err;
    assert_int_equal(error_of(1264, "22003", "Out of range value for column 'c' at row 1", -1, &err), ERR_SQL);
    assert_int_equal(error_of(1062, "23000", "Duplicate entry 'x' for key 'k'", -1, &err), ERR_SQL);
    (void)state;
}

static void a_cancel_is_told_from_a_kill(void **state) {
    struct mdb_failure failure = {1317, "70100", "Query execution was interrupted"};
    struct err err;
    err_clear(&err);
    assert_int_equal(mdb_error(&failure, true, 0, &err), ERR_CANCELLED);
    assert_int_equal(mdb_error(&failure, false, 0, &err), ERR_TRANSIENT);
    failure.native = 1205;
    assert_int_equal(mdb_error(&failure, true, 0, &err), ERR_LOCKED);
    (void)state;
}

static void connecting_knows_two_classes(void **state) {
    static const struct {
        unsigned native;
        int class;
    } rows[] = {{1045, ERR_DENIED},  {1698, ERR_DENIED},  {1040, ERR_CONNECT},
                {1049, ERR_CONNECT}, {2002, ERR_CONNECT}, {2026, ERR_CONNECT}};
    for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
        struct mdb_failure failure = {rows[i].native, "HY000", "the server's words"};
        struct err err;
        err_clear(&err);
        assert_int_equal(mdb_connect_error(&failure, &err), rows[i].class);
        assert_non_null(strstr(err.message, "the server's words"));
    }
    (void)state;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_code_has_its_class),
        cmocka_unit_test(shows_names_but_no_values),
        cmocka_unit_test(shows_what_speaks_of_the_statement),
        cmocka_unit_test(a_signal_is_about_a_row),
        cmocka_unit_test(no_row_in_front_of_the_first_statement),
        cmocka_unit_test(a_cancel_is_told_from_a_kill),
        cmocka_unit_test(connecting_knows_two_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
