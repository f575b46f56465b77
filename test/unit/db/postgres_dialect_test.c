/* PostgreSQL's forms of keys and of same_bytes. That they do what they say was compared with a server; here they are pinned. */
#include "unit.h"

#include "db/dialects.h"

static const struct {
    struct sql_column column;
    const char *in;
    const char *out;
    const char *same;
} rows[] = {
    {{.type = "bigint", .class = SQL_INTEGER}, "$1::bigint", "k::text", "(c IS NOT DISTINCT FROM x::bigint)"},
    {{.type = "bytea", .class = SQL_BYTES}, "decode($1::text, 'hex')", "encode(k, 'hex')", "(c IS NOT DISTINCT FROM x::bytea)"},
    {{.type = "mood", .class = SQL_ENUM}, "$1::mood", "k::text", "(c IS NOT DISTINCT FROM x::mood)"},
    {{.type = "text", .class = SQL_TEXT},
     "$1::text",
     "k::text",
     "(c::text COLLATE \"C\" IS NOT DISTINCT FROM x::text::text COLLATE \"C\")"},
    {{.type = "bpchar", .class = SQL_TEXT, .length = 3},
     "$1::bpchar",
     "k::text",
     "(c::text COLLATE \"C\" IS NOT DISTINCT FROM x::bpchar::text COLLATE \"C\")"},
    {{.type = "character varying(3)", .class = SQL_TEXT, .length = 3},
     "$1::character varying",
     "k::text",
     "(c::text COLLATE \"C\" IS NOT DISTINCT FROM x::character varying(3)::text COLLATE \"C\" AND "
     "rtrim(x::text) COLLATE \"C\" IS NOT DISTINCT FROM rtrim(x::character varying(3)::text) COLLATE \"C\")"},
    {{.type = "numeric(10,2)", .class = SQL_DECIMAL},
     "$1::numeric(10,2)",
     "k::text",
     "(c::text COLLATE \"C\" IS NOT DISTINCT FROM x::numeric(10,2)::text COLLATE \"C\")"},
    {{.type = "bit(3)", .class = SQL_OTHER}, NULL, NULL, "(c::text COLLATE \"C\" IS NOT DISTINCT FROM x::text COLLATE \"C\")"},
    {{.type = "jsonb", .class = SQL_JSON}, NULL, NULL, "(c::text COLLATE \"C\" IS NOT DISTINCT FROM x::jsonb::text COLLATE \"C\")"},
    {{.type = "real", .class = SQL_FLOAT}, NULL, NULL, "(c::text COLLATE \"C\" IS NOT DISTINCT FROM x::real::text COLLATE \"C\")"},
};

static void forms_are_as_compared_with_a_server(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct sql_column *column = &rows[i].column;
        struct buf out;
        buf_init(&out);
        assert_int_equal(postgres_dialect.key_refused(column) == NULL, rows[i].in != NULL);
        postgres_dialect.same_bytes(&out, column, "c", "x");
        assert_string_equal(out.data, rows[i].same);
        buf_clear(&out);
        if (rows[i].in != NULL) {
            postgres_dialect.key_in(&out, column, "$1");
            assert_string_equal(out.data, rows[i].in);
            buf_clear(&out);
            postgres_dialect.key_out(&out, column, "k");
            assert_string_equal(out.data, rows[i].out);
        }
        buf_release(&out);
    }
}

static void periods_know_dates_and_zones(void **state) {
    (void)state;
    static const struct {
        struct sql_column column;
        const char *part;
    } periods[] = {
        {{.type = "date", .class = SQL_DATE}, "date '2000-01-03' + (floor((e - date '2000-01-03')::numeric / 7) + 1)::integer * 7"},
        {{.type = "timestamp(3) without time zone", .class = SQL_TIMESTAMP},
         "e - timestamp '2000-01-03 00:00:00') / 604800) + 1) * 604800"},
        {{.type = "timestamp with time zone", .class = SQL_TIMESTAMP},
         "e - timestamptz '2000-01-03 00:00:00+00') / 604800) + 1) * 604800"},
    };
    for (size_t i = 0; i < 3; i++) {
        struct buf out;
        buf_init(&out);
        postgres_dialect.next_period(&out, &periods[i].column, "e", 7 * 86400000000);
        assert_non_null(strstr(out.data, periods[i].part));
        assert_non_null(strstr(out.data, "isfinite(e)"));
        buf_release(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_as_compared_with_a_server),
        cmocka_unit_test(periods_know_dates_and_zones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
