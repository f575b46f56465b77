/* MariaDB's forms of keys and of same_bytes. That they do what they say was compared with a server; here they are pinned. */
#include "unit.h"

#include "db/dialects.h"

static const struct {
    struct sql_column column;
    const char *in; /* NULL: refused as a key */
    const char *converted;
    const char *same;
} rows[] = {
    {{.type = "bigint(20) unsigned", .class = SQL_INTEGER, .is_unsigned = true},
     "CAST(? AS UNSIGNED)",
     "CAST(x AS UNSIGNED)",
     "(c <=> IF(COERCIBILITY(x) = 5, CAST(x AS UNSIGNED), CAST(x AS DECIMAL(65,0))))"},
    {{.type = "year(4)", .class = SQL_INTEGER}, "CAST(? AS SIGNED)", "CAST(x AS SIGNED)", "(c + 0 <=> CAST(x AS DECIMAL(65,5)))"},
    {{.type = "decimal(10,2)", .class = SQL_DECIMAL, .precision = 10, .scale = 2},
     "CAST(? AS DECIMAL(65,2))",
     "CAST(x AS DECIMAL(65,2))",
     "(c <=> CAST(x AS DECIMAL(65,2)))"},
    {{.type = "date", .class = SQL_DATE}, "CAST(? AS DATE)", "CAST(x AS DATE)", "(c <=> CAST(x AS DATE))"},
    {{.type = "timestamp(3)", .class = SQL_TIMESTAMP, .precision = 3},
     "CAST(? AS DATETIME(6))",
     "CAST(x AS DATETIME(6))",
     "(c <=> CAST(x AS DATETIME(3)))"},
    {{.type = "time", .class = SQL_TIME}, "CAST(? AS TIME(6))", "CAST(x AS TIME(6))", "(c <=> CAST(x AS TIME(0)))"},
    {{.type = "uuid", .class = SQL_UUID}, "CAST(? AS UUID)", "CAST(x AS UUID)", "(c <=> CAST(x AS UUID))"},
    {{.type = "varbinary(16)", .class = SQL_BYTES, .length = 16}, "UNHEX(?)", "CAST(x AS BINARY)", "(c <=> CAST(x AS BINARY))"},
    {{.type = "binary(4)", .class = SQL_BYTES, .length = 4},
     "UNHEX(?)",
     "CAST(x AS BINARY)",
     "(c <=> CAST(x AS BINARY(4)) AND COALESCE(LENGTH(CAST(x AS BINARY)), 0) <= 4)"},
    {{.type = "longtext", .class = SQL_TEXT, .charset = "utf8mb4", .collation = "utf8mb4_bin"},
     "?",
     "CONVERT(x USING utf8mb4) COLLATE utf8mb4_bin",
     "(CAST(c AS BINARY) <=> CAST(CONVERT(x USING utf8mb4) AS BINARY) AND IF(COERCIBILITY(x) = 5, c <=> x, TRUE))"},
    {{.type = "char(3)", .class = SQL_TEXT, .charset = "latin1", .collation = "latin1_bin", .length = 3},
     "?",
     "CONVERT(x USING latin1) COLLATE latin1_bin",
     "(CAST(c AS BINARY) <=> CAST(RTRIM(LEFT(CONVERT(x USING latin1), 3)) AS BINARY) AND "
     "CAST(RTRIM(CONVERT(LEFT(CONVERT(x USING latin1), 3) USING utf8mb4)) AS BINARY) <=> CAST(RTRIM(CONVERT(x USING utf8mb4)) AS "
     "BINARY) AND "
     "IF(COERCIBILITY(x) = 5, c <=> x, TRUE))"},
    {{.type = "enum('a','b')", .class = SQL_ENUM, .charset = "utf8mb4", .collation = "utf8mb4_bin"},
     NULL,
     "x",
     "(IF(COERCIBILITY(x) = 5, c + 0 <=> CAST(x AS DECIMAL(65,5)), c <=> CONVERT(x USING utf8mb4) COLLATE utf8mb4_bin))"},
    {{.type = "float", .class = SQL_FLOAT}, NULL, "x", "(c <=> CAST(x AS FLOAT))"},
    {{.type = "double(10,2)", .class = SQL_FLOAT, .scale = 2}, NULL, "x", "(c <=> CAST(ROUND(CAST(x AS DOUBLE), 2) AS DOUBLE))"},
    {{.type = "inet6", .class = SQL_OTHER}, NULL, "x", "(c <=> CAST(x AS inet6))"},
    {{.type = "bit(8)", .class = SQL_OTHER},
     NULL,
     "x",
     "(IF(COERCIBILITY(x) = 5, c + 0 <=> CAST(x AS DECIMAL(65,5)), "
     "TRIM(LEADING 0x00 FROM CAST(c AS BINARY)) <=> TRIM(LEADING 0x00 FROM CAST(x AS BINARY))))"},
    {{.type = "point", .class = SQL_OTHER}, NULL, "x", "(CAST(c AS BINARY) <=> CAST(x AS BINARY))"},
};

static void forms_are_as_compared_with_a_server(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct sql_column *column = &rows[i].column;
        struct buf out;
        buf_init(&out);
        assert_int_equal(mariadb_dialect.key_refused(column) == NULL, rows[i].in != NULL);
        mariadb_dialect.same_bytes(&out, column, "c", "x");
        assert_string_equal(out.data, rows[i].same);
        buf_clear(&out);
        mariadb_dialect.converted(&out, column, "x");
        assert_string_equal(out.data, rows[i].converted);
        buf_clear(&out);
        if (rows[i].in != NULL) {
            mariadb_dialect.key_in(&out, column, "?");
            assert_string_equal(out.data, rows[i].in);
        }
        buf_release(&out);
    }
}

static void bytes_leave_as_hex_and_indexes_are_forced(void **state) {
    (void)state;
    const struct sql_column bytes = {.type = "blob", .class = SQL_BYTES};
    const struct sql_column text = {.type = "text", .class = SQL_TEXT};
    struct buf out;
    buf_init(&out);
    mariadb_dialect.key_out(&out, &bytes, "b");
    mariadb_dialect.key_out(&out, &text, " t");
    mariadb_dialect.force_index(&out, "`PRIMARY`");
    assert_string_equal(out.data, "HEX(b) t FORCE INDEX (`PRIMARY`)");
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_as_compared_with_a_server),
        cmocka_unit_test(bytes_leave_as_hex_and_indexes_are_forced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
