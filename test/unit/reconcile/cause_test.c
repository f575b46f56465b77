/* cause*.c: each pattern is named when nearly all rows fit it, and nothing is said when they do not. */
#include "unit.h"

#include <stdlib.h>

#include "base/text.h"
#include "reconcile/cause.h"

enum { COLUMNS = 3, ROWS_MAX = 8 };

static const char *const names[COLUMNS] = {"id", "a", "b"};
static const struct canonical_rule rules[COLUMNS] = {{CANONICAL_EXACT, CANONICAL_AS_STORED}};
static const struct shape shape = {.names = names, .rules = rules, .column_count = COLUMNS, .key_count = 1};

/* "i:5", "d:1.50", "f:0.1", "t:text", "s:<microseconds>", "D:<days>", "T:<microseconds>", "n". */
static struct datum value_of(const char *spec) {
    static const struct {
        char letter;
        enum datum_kind kind;
    } kinds[] = {{'i', DATUM_INT},       {'d', DATUM_DECIMAL}, {'f', DATUM_DOUBLE}, {'t', DATUM_TEXT},
                 {'s', DATUM_TIMESTAMP}, {'D', DATUM_DATE},    {'T', DATUM_TIME},   {'z', DATUM_INSTANT}};
    for (size_t i = 0; i < UNIT_COUNT(kinds); i++) {
        if (spec[0] != kinds[i].letter)
            continue;
        struct datum value = {.kind = kinds[i].kind, .bytes = spec + 2, .size = strlen(spec + 2)};
        if (value.kind == DATUM_DOUBLE)
            assert_true(text_to_double(spec + 2, &value.real));
        else if (value.kind != DATUM_TEXT && value.kind != DATUM_DECIMAL)
            assert_true(text_to_int64(spec + 2, &value.number));
        return value;
    }
    assert_string_equal(spec, "n");
    return (struct datum){.kind = DATUM_NULL};
}

static int feed(struct cause *cause, const char *source, const char *target, struct err *err) {
    const struct datum sides[SIDES][COLUMNS] = {
        {{.kind = DATUM_INT, .number = 1}, value_of(source), {.kind = DATUM_INT, .number = 77}},
        {{.kind = DATUM_INT, .number = 1}, value_of(target), {.kind = DATUM_INT, .number = 77}}};
    enum column_state states[COLUMNS];
    struct buf scratch;
    buf_init(&scratch);
    int code = shape_compare(&shape, sides[SIDE_SOURCE], sides[SIDE_TARGET], &scratch, states, err);
    buf_release(&scratch);
    struct check_pair pair = {.values = {sides[SIDE_SOURCE], sides[SIDE_TARGET]}, .states = states};
    return code == 0 ? cause_pair(cause, &pair, err) : code;
}

static struct cause *new_cause(void) {
    struct cause *cause;
    struct err err;
    assert_int_equal(cause_new(&shape, &cause, &err), 0);
    return cause;
}

static void feed_some(struct cause *cause, const char *source, const char *target, unsigned times) {
    struct err err;
    for (unsigned i = 0; i < times; i++)
        assert_int_equal(feed(cause, source, target, &err), 0);
}

static void assert_says(const struct cause *cause, const char *sentence) {
    struct buf out;
    buf_init(&out);
    assert_int_equal(cause_say(cause, 1, &out), sentence[0] != '\0');
    assert_string_equal(out.data, sentence);
    buf_release(&out);
}

/* Three rows or more, and what is said of them, between "`a` " and " in all 3 differing rows". */
static const struct {
    const char *words;
    const char *rows[ROWS_MAX][SIDES];
} patterns[] = {
    {"is 7 h later", {{"s:0", "s:25200000000"}, {"s:1700000000000000", "s:1700025200000000"}, {"s:-5", "s:25199999995"}}},
    {"is 5 h 30 min earlier", {{"z:0", "z:-19800000000"}, {"z:7", "z:-19799999993"}, {"z:8", "z:-19799999992"}}},
    {"is 1 day earlier", {{"D:5", "D:4"}, {"D:700", "D:699"}, {"D:-3", "D:-4"}}},
    {"is 2 days 1 s later", {{"s:1", "s:172801000001"}, {"s:2", "s:172801000002"}, {"s:3", "s:172801000003"}}},
    {"lost the time of day", {{"s:86400000007", "s:86400000000"}, {"s:5000000", "s:0"}, {"s:172800000001", "s:172800000000"}}},
    {"lost the fractions of its seconds", {{"s:1500000", "s:2000000"}, {"s:7250000", "s:7000000"}, {"T:9999999", "T:10000000"}}},
    {"lost its microseconds", {{"s:1500001", "s:1500000"}, {"s:7250999", "s:7251000"}, {"s:5777", "s:6000"}, {"s:8100", "s:8000"}}},
    {"is 100 more", {{"i:1", "i:101"}, {"i:5000", "i:5100"}, {"i:-3", "i:97"}}},
    {"is 0.01 less", {{"d:1.50", "d:1.49"}, {"d:100.00", "d:99.99"}, {"d:0.00", "d:-0.01"}}},
    {"is 0.5 more", {{"f:1.1", "f:1.6"}, {"f:3.3", "f:3.8"}, {"f:-7.7", "f:-7.2"}}},
    {"is multiplied by 100", {{"d:1.50", "i:150"}, {"d:7.25", "i:725"}, {"i:3", "i:300"}}},
    {"is divided by 100", {{"i:1234", "d:12.34"}, {"i:5600", "d:56.00"}, {"i:70", "d:0.70"}}},
    {"is divided by 100", {{"i:1234", "i:12"}, {"i:5678", "i:56"}, {"i:999999", "i:9999"}}},
    {"is divided by 1000", {{"f:1500", "f:1.5"}, {"f:20", "f:0.02"}, {"f:-3", "f:-0.003"}}},
    {"is multiplied by 60", {{"i:1", "i:60"}, {"i:7", "i:420"}, {"i:30", "i:1800"}}},
    {"is divided by 7", {{"i:14", "i:2"}, {"i:70", "i:10"}, {"i:21", "i:3"}}},
    {"is multiplied by about 1.19", {{"d:100.00", "d:119.00"}, {"d:200.00", "d:238.00"}, {"d:50.00", "d:59.50"}}},
    {"has the other sign", {{"i:5", "i:-5"}, {"d:-1.50", "d:1.50"}, {"f:2.5", "f:-2.5"}}},
    {"was rounded to 2 decimals", {{"d:1.234", "d:1.23"}, {"d:5.678", "d:5.68"}, {"d:9.001", "d:9.00"}}},
    {"was rounded to 1 decimal", {{"d:1.25", "d:1.3"}, {"d:5.67", "d:5.7"}, {"d:9.01", "d:9.0"}}},
    {"lost its decimals", {{"d:1.50", "d:1.00"}, {"d:7.25", "d:7.00"}, {"d:2.75", "d:3.00"}}},
    {"lost its decimals", {{"d:1.50", "i:1"}, {"d:7.25", "i:7"}, {"d:2.75", "i:3"}}},
    {"differs in the last bit of its double",
     {{"f:0.3", "f:0.30000000000000004"}, {"f:1", "f:1.0000000000000002"}, {"f:0.1", "f:0.10000000000000002"}}},
    {"was rounded to single precision",
     {{"f:0.1", "f:0.10000000149011612"}, {"f:16777217", "f:16777216"}, {"f:3.3", "f:3.299999952316284"}}},
    {"was rounded to six digits", {{"f:123456.789", "f:123457"}, {"f:1.23456789", "f:1.23457"}, {"f:16777216", "f:16777200"}}},
    {"is empty where the source has NULL", {{"n", "t:"}, {"n", "t:"}, {"n", "t:"}}},
    {"is 0 where the source has NULL", {{"n", "i:0"}, {"n", "d:0.00"}, {"n", "f:0"}}},
    {"is NULL where the source is empty", {{"t:", "n"}, {"t:", "n"}, {"t:", "n"}}},
    {"is NULL where the source has 0", {{"i:0", "n"}, {"i:0", "n"}, {"d:0.0", "n"}}},
    {"is NULL where the source has a value", {{"i:0", "n"}, {"t:", "n"}, {"t:x", "n"}}},
    {"has a value where the source has NULL", {{"n", "t:x"}, {"n", "i:0"}, {"n", "i:7"}}},
    {"has the same value in another form", {{"d:1.5", "d:1.50"}, {"i:5", "d:5.0"}, {"f:0", "i:0"}}},
    {"differs only in trailing blanks", {{"t:a  ", "t:a"}, {"t:b ", "t:b"}, {"t:c", "t:c   "}}},
    {"differs only in case", {{"t:Anna", "t:ANNA"}, {"t:BOB", "t:bob"}, {"t:\xc3\x89va", "t:\xc3\xa9va"}}},
    {"is UTF-8 that was read as Latin-1",
     {{"t:caf\xc3\xa9", "t:caf\xc3\x83\xc2\xa9"},
      {"t:\xc3\xbc", "t:\xc3\x83\xc2\xbc"},
      {"t:\xe2\x82\xac", "t:\xc3\xa2\xe2\x80\x9a\xc2\xac"},
      {"t:\xc5\xbe", "t:\xc3\x85\xc2\xbe"},
      {"t:\xc3\x83", "t:\xc3\x83\xc6\x92"}}},
    {"has question marks for characters that are not ASCII",
     {{"t:caf\xc3\xa9", "t:caf?"}, {"t:\xc3\xbc-\xc3\xbc", "t:?\?-?"}, {"t:\xe2\x82\xac", "t:?"}}},
    {"was cut to 4 characters", {{"t:abcdef", "t:abcd"}, {"t:12345", "t:1234"}, {"t:\xc3\xa9t\xc3\xa9-x", "t:\xc3\xa9t\xc3\xa9-"}}},
    {"was cut short", {{"t:abcdef", "t:abcd"}, {"t:12345", "t:12"}, {"t:xyz", "t:x"}}},
};

static void each_pattern_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(patterns); i++) {
        struct cause *cause = new_cause();
        struct buf sentence;
        unsigned rows = 0;
        for (; rows < ROWS_MAX && patterns[i].rows[rows][SIDE_SOURCE] != NULL; rows++)
            feed_some(cause, patterns[i].rows[rows][SIDE_SOURCE], patterns[i].rows[rows][SIDE_TARGET], 1);
        buf_init(&sentence);
        buf_printf(&sentence, "`a` %s in all %u differing rows", patterns[i].words, rows);
        assert_int_equal(cause_rows(cause, 1), rows);
        assert_says(cause, sentence.data);
        buf_release(&sentence);
        cause_free(cause);
    }
}

static void nothing_in_common_says_nothing(void **state) {
    (void)state;
    static const char *const rows[][SIDES] = {{"t:a", "t:b"},
                                              {"i:1", "t:x"},
                                              {"i:5", "i:19"},
                                              {"f:1", "f:3.25"},
                                              {"t:abc", "t:bc"},
                                              {"s:0", "s:9223372036854775807"},
                                              {"d:NaN", "d:1"},
                                              {"t:\xc3\xa9", "t:e"},
                                              {"D:3", "s:3"},
                                              {"d:12345678901234567890", "i:1"},
                                              {"d:1e5", "i:1"},
                                              {"d:0.000000000000000001", "d:1000000000000000000"},
                                              {"i:9223372036854775807", "d:0.1"},
                                              {"d:1000000000000000000000", "i:1"},
                                              {"i:-9223372036854775807", "i:9223372036854775806"}};
    struct cause *cause = new_cause();
    assert_says(cause, "");
    assert_int_equal(cause_rows(cause, 1), 0);
    for (size_t i = 0; i < UNIT_COUNT(rows); i++)
        feed_some(cause, rows[i][SIDE_SOURCE], rows[i][SIDE_TARGET], 1);
    assert_says(cause, "");
    cause_free(cause);
}

static void two_rows_are_too_few(void **state) {
    (void)state;
    struct cause *cause = new_cause();
    feed_some(cause, "i:1", "i:2", 2);
    assert_says(cause, "");
    feed_some(cause, "i:8", "i:9", 1);
    assert_says(cause, "`a` is 1 more in all 3 differing rows");
    cause_free(cause);
}

static void nine_of_ten_are_enough(void **state) {
    (void)state;
    struct cause *cause = new_cause();
    feed_some(cause, "s:5", "s:3600000005", 899);
    feed_some(cause, "s:5", "s:99", 101);
    assert_says(cause, "");
    feed_some(cause, "s:7", "s:3600000007", 10);
    assert_says(cause, "`a` is 1 h later in 909 of 1,010 differing rows");
    cause_free(cause);
}

static void a_late_majority_is_found(void **state) {
    (void)state;
    struct cause *cause = new_cause();
    for (unsigned i = 0; i < 50; i++) { /* each with a shift of its own */
        char target[32];
        snprintf(target, sizeof(target), "i:%u", 1000 + i * i);
        feed_some(cause, "i:1", target, 1);
    }
    feed_some(cause, "i:40", "i:47", 1234567);
    assert_says(cause, "`a` is 7 more in 1,234,567 of 1,234,617 differing rows");
    cause_free(cause);
}

static void summer_time_shows_as_two_shifts(void **state) {
    (void)state;
    struct cause *cause = new_cause();
    feed_some(cause, "s:0", "s:3600000000", 60);
    feed_some(cause, "s:0", "s:7200000000", 50);
    assert_says(cause, "`a` is 1 h or 2 h later, as between time zones, in all 110 differing rows");
    feed_some(cause, "s:0", "s:1", 30);
    assert_says(cause, "");
    cause_free(cause);
    cause = new_cause();
    feed_some(cause, "s:0", "s:-18000000000", 60);
    feed_some(cause, "s:0", "s:-14400000000", 40);
    assert_says(cause, "`a` is 4 h or 5 h earlier, as between time zones, in all 100 differing rows");
    cause_free(cause);
    cause = new_cause();
    feed_some(cause, "s:0", "s:60000000", 60); /* an hour apart, but no zone lies a minute away */
    feed_some(cause, "s:0", "s:3660000000", 40);
    assert_says(cause, "");
    cause_free(cause);
}

static void swapped_columns_name_each_other(void **state) {
    (void)state;
    struct cause *cause = new_cause();
    struct err err;
    static const enum column_state states[COLUMNS] = {COLUMN_SAME, COLUMN_DIFFERENT, COLUMN_DIFFERENT};
    for (int64_t i = 0; i < 5; i++) {
        const struct datum source[COLUMNS] = {
            {.kind = DATUM_INT}, {.kind = DATUM_INT, .number = i}, {.kind = DATUM_INT, .number = i * i + 9}};
        const struct datum target[COLUMNS] = {
            {.kind = DATUM_INT}, {.kind = DATUM_INT, .number = i * i + 9}, {.kind = DATUM_INT, .number = i}};
        const struct check_pair pair = {.values = {source, target}, .states = states};
        assert_int_equal(cause_pair(cause, &pair, &err), 0);
    }
    assert_says(cause, "`a` is swapped with `b` in all 5 differing rows");
    struct buf out;
    buf_init(&out);
    assert_true(cause_say(cause, 2, &out));
    assert_string_equal(out.data, "`b` is swapped with `a` in all 5 differing rows");
    assert_false(cause_say(cause, 0, &out));
    buf_release(&out);
    cause_free(cause);
}

static void values_of_any_kind_can_be_swapped(void **state) {
    (void)state;
    static const struct datum pairs[][2] = {
        {{.kind = DATUM_TEXT, .bytes = "left", .size = 4}, {.kind = DATUM_TEXT, .bytes = "right", .size = 5}},
        {{.kind = DATUM_DOUBLE, .real = 1.5}, {.kind = DATUM_DOUBLE, .real = 0.7}},
        {{.kind = DATUM_NULL}, {.kind = DATUM_BYTES, .bytes = "x", .size = 1}}};
    static const enum column_state states[COLUMNS] = {COLUMN_SAME, COLUMN_DIFFERENT, COLUMN_DIFFERENT};
    struct cause *cause = new_cause();
    struct err err;
    for (size_t i = 0; i < UNIT_COUNT(pairs); i++) {
        const struct datum source[COLUMNS] = {{.kind = DATUM_INT}, pairs[i][0], pairs[i][1]};
        const struct datum target[COLUMNS] = {{.kind = DATUM_INT}, pairs[i][1], pairs[i][0]};
        const struct check_pair pair = {.values = {source, target}, .states = states};
        assert_int_equal(cause_pair(cause, &pair, &err), 0);
    }
    assert_says(cause, "`a` is swapped with `b` in all 3 differing rows");
    cause_free(cause);
}

static void merged_ranges_are_one(void **state) {
    (void)state;
    struct cause *total = new_cause();
    struct cause *range = new_cause();
    struct err err;
    feed_some(total, "i:1", "i:8", 2);
    feed_some(range, "i:10", "i:17", 40);
    feed_some(range, "i:10", "i:18", 1);
    assert_int_equal(cause_merge(total, range, &err), 0);
    assert_says(total, "`a` is 7 more in 42 of 43 differing rows");
    assert_int_equal(cause_rows(range, 1), 41);
    cause_free(range);
    cause_free(total);
}

/* What is equal under a column's own rule is no difference of it. */
static void a_semantic_column_does_not_differ_in_form(void **state) {
    (void)state;
    struct canonical_rule semantic[COLUMNS] = {{CANONICAL_EXACT, CANONICAL_AS_STORED}};
    struct shape other = shape;
    struct cause *cause;
    struct err err;
    semantic[1].level = CANONICAL_SEMANTIC;
    other.rules = semantic;
    assert_int_equal(cause_new(&other, &cause, &err), 0);
    feed_some(cause, "d:1.5", "d:1.50", 5);
    assert_int_equal(cause_rows(cause, 1), 0);
    cause_free(cause);
}

static bool feed_and_merge(void *context) {
    (void)context;
    struct cause *cause = NULL;
    struct cause *total = NULL;
    struct buf out;
    struct err err;
    err_clear(&err);
    buf_init(&out);
    int code = cause_new(&shape, &cause, &err);
    if (code == 0)
        code = cause_new(&shape, &total, &err);
    for (int i = 0; i < 5 && code == 0; i++)
        code = feed(cause, "s:5", "s:3600000005", &err);
    if (code == 0)
        code = cause_merge(total, cause, &err);
    assert_true(code == 0 || (code == ERR_NOMEM && err.code == ERR_NOMEM));
    bool done = code == 0 && cause_say(total, 1, &out) && buf_ok(&out);
    if (done)
        assert_string_equal(out.data, "`a` is 1 h later in all 5 differing rows");
    buf_release(&out);
    cause_free(total);
    cause_free(cause);
    return done;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    unit_out_of_memory(feed_and_merge, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pattern_is_named),
        cmocka_unit_test(nothing_in_common_says_nothing),
        cmocka_unit_test(two_rows_are_too_few),
        cmocka_unit_test(nine_of_ten_are_enough),
        cmocka_unit_test(a_late_majority_is_found),
        cmocka_unit_test(summer_time_shows_as_two_shifts),
        cmocka_unit_test(swapped_columns_name_each_other),
        cmocka_unit_test(values_of_any_kind_can_be_swapped),
        cmocka_unit_test(merged_ranges_are_one),
        cmocka_unit_test(a_semantic_column_does_not_differ_in_form),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
