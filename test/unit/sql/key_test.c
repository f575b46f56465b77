/* Keys as text: what goes in comes out, and what users type becomes the same. */
#include "unit.h"

#include "sql/key.h"

enum { RANDOM_KEYS = 20000, VALUE_MAX = 24 };

static uint32_t seed = 20260301;

static uint32_t next_random(void) { /* xorshift32, Marsaglia 2003 */
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

static void assert_key(const struct sql_value *values, size_t count, bool tagged, const char *expected) {
    struct buf out;
    struct err err;
    struct arena arena;
    struct sql_value back[KEY_COLUMNS_MAX];
    err_clear(&err);
    buf_init(&out);
    arena_init(&arena);
    assert_int_equal(key_encode(values, count, tagged, &out, &err), 0);
    if (expected != NULL)
        assert_string_equal(out.data, expected);
    assert_int_equal(key_decode(out.data, count, tagged, &arena, back, &err), 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(back[i].len, values[i].len);
        assert_memory_equal(back[i].ptr, values[i].ptr, values[i].len);
        assert_int_equal(back[i].ptr[back[i].len], '\0');
        if (tagged)
            assert_int_equal(back[i].kind, values[i].kind);
    }
    arena_release(&arena);
    buf_release(&out);
}

static void encodings_are_what_the_header_says(void **state) {
    (void)state;
    const struct sql_value plain[] = {value_text("-42"), value_text("a \"b\"\n\xc3\xa9")};
    assert_key(plain, 2, false, "[\"-42\",\"a \\\"b\\\"\\n\xc3\xa9\"]");
    const struct sql_value tagged[] = {
        {"42", 2, VALUE_INTEGER}, {"0.5", 3, VALUE_REAL}, {"t:x", 3, VALUE_TEXT}, {"\0\xff", 2, VALUE_BYTES}};
    assert_key(tagged, 4, true, "[\"i:42\",\"r:0.5\",\"t:t:x\",\"b:00ff\"]");
    const struct sql_value nul[] = {{"a\0b", 3, VALUE_TEXT}, {"", 0, VALUE_BYTES}};
    assert_key(nul, 2, true, "[\"t:a\\u0000b\",\"b:\"]");
}

/* Text of one to four byte characters, quotes and control characters among them. */
static size_t random_text(char out[VALUE_MAX]) {
    static const char *const pieces[] = {"a", "\"", "\\", "\n", "\x01", "\x7f", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                                         ":", ",",  "[",  "0"};
    size_t len = 0;
    for (uint32_t count = next_random() % 6; count > 0; count--) {
        const char *piece = pieces[next_random() % (sizeof(pieces) / sizeof(pieces[0]))];
        memcpy(out + len, piece, strlen(piece));
        len += strlen(piece);
    }
    out[len] = '\0';
    return len;
}

static struct sql_value random_value(char out[VALUE_MAX]) {
    static const enum sql_value_kind kinds[] = {VALUE_TEXT, VALUE_INTEGER, VALUE_REAL, VALUE_BYTES};
    enum sql_value_kind kind = kinds[next_random() % 4];
    size_t len = 0;
    if (kind == VALUE_TEXT)
        len = random_text(out);
    else if (kind == VALUE_INTEGER)
        len = (size_t)snprintf(out, VALUE_MAX, "%d", (int)next_random());
    else if (kind == VALUE_REAL)
        len = (size_t)snprintf(out, VALUE_MAX, "%.9g", (double)next_random() / 7 - 1e8);
    else
        for (len = 0; len < next_random() % 9; len++)
            out[len] = (char)next_random();
    return (struct sql_value){out, len, kind};
}

static void any_key_comes_back(void **state) {
    (void)state;
    for (int i = 0; i < RANDOM_KEYS; i++) {
        char room[KEY_COLUMNS_MAX][VALUE_MAX];
        struct sql_value values[KEY_COLUMNS_MAX];
        size_t count = 1 + next_random() % KEY_COLUMNS_MAX;
        for (size_t c = 0; c < count; c++)
            values[c] = random_value(room[c]);
        assert_key(values, count, true, NULL);
    }
}

static void null_and_broken_text_are_row_errors(void **state) {
    (void)state;
    const struct sql_value wrong[] = {VALUE_NULL_VALUE, {"\xff", 1, VALUE_TEXT}};
    for (size_t i = 0; i < 2; i++) {
        struct buf out;
        struct err err;
        err_clear(&err);
        buf_init(&out);
        assert_int_equal(key_encode(&wrong[i], 1, false, &out, &err), ERR_ROW);
        assert_null(strstr(err.message, "\xff"));
        buf_release(&out);
    }
}

static void foreign_text_is_not_decoded(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",          "[]",           "[\"i:1\"]]", "{}",        "[1]",        "[\"1\",\"2\"]",
        "[\"x:1\"]", "[\"i:1x\"]",   "[\"i:\"]",   "[\"b:0\"]", "[\"b:0g\"]", "[\"i:99999999999999999999\"]",
        "[\"i:1\"",  "[\"r:nanx\"]", "[\"\"]",     "\"i:1\""};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct arena arena;
        struct err err;
        struct sql_value value;
        err_clear(&err);
        arena_init(&arena);
        assert_int_equal(key_decode(wrong[i], 1, true, &arena, &value, &err), ERR_INTERNAL);
        arena_release(&arena);
    }
}

static const struct {
    const char *typed;
    size_t count;
    bool tagged;
    const char *key; /* NULL: ERR_USAGE */
} typed[] = {
    {"42", 1, false, "[\"42\"]"},
    {"18446744073709551615", 1, false, "[\"18446744073709551615\"]"},
    {"a,b", 1, false, "[\"a,b\"]"},
    {"acme,7", 2, false, "[\"acme\",\"7\"]"},
    {"acme,", 2, false, "[\"acme\",\"\"]"},
    {"acme", 2, false, NULL},
    {"a,b,c", 2, false, NULL},
    {"", 1, false, NULL},
    {"[\"\"]", 1, false, "[\"\"]"},
    {"[\"a\",7]", 2, false, "[\"a\",\"7\"]"},
    {"[7]", 2, false, NULL},
    {"[7", 1, false, NULL},
    {"[1.5]", 1, false, NULL},
    {"[null]", 1, false, NULL},
    {"[18446744073709551615]", 1, false, "[\"18446744073709551615\"]"},
    {"[]", 1, false, NULL},
    {"[1,]", 2, false, NULL},
    {"[1 2]", 2, false, NULL},
    {"[1] x", 1, false, NULL},
    {" [1]", 1, false, "[\" [1]\"]"},
    {"[ -1 , \"\\u20ac\\ud83d\\ude00\\/\\t\" ]", 2, false, "[\"-1\",\"\xe2\x82\xac\xf0\x9f\x98\x80/\\u0009\"]"},
    {"[\"\\ud83d\"]", 1, false, NULL},
    {"[\"\\ude00\"]", 1, false, NULL},
    {"[\"\\u12g4\"]", 1, false, NULL},
    {"[\"\\x\"]", 1, false, NULL},
    {"[\"a\nb\"]", 1, false, NULL},
    {"[\"a", 1, false, NULL},
    {"[\"a\\", 1, false, NULL},
    {"[--1]", 1, false, NULL},
    {"[1e3]", 1, false, NULL},
    {"[true]", 1, false, NULL},
    {"\xff", 1, false, NULL},
    {"42", 1, true, "[\"i:42\"]"},
    {"007", 1, true, "[\"i:7\"]"},
    {"-1", 1, true, "[\"i:-1\"]"},
    {"4x", 1, true, "[\"t:4x\"]"},
    {"t:42", 1, true, "[\"t:42\"]"},
    {"b:00FF", 1, true, "[\"b:00ff\"]"},
    {"i:007", 1, true, "[\"i:7\"]"},
    {"b:00f", 1, true, "[\"t:b:00f\"]"},
    {"[\"42\"]", 1, true, "[\"t:42\"]"},
    {"[42]", 1, true, "[\"i:42\"]"},
    {"[\"i:42\",\"r:0.5\"]", 2, true, "[\"i:42\",\"r:0.5\"]"},
};

static void what_users_type_becomes_a_key(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
        struct buf out;
        struct err err;
        err_clear(&err);
        buf_init(&out);
        int rc = key_parse(typed[i].typed, typed[i].count, typed[i].tagged, &out, &err);
        assert_int_equal(rc, typed[i].key == NULL ? ERR_USAGE : 0);
        if (typed[i].key != NULL)
            assert_string_equal(out.data, typed[i].key);
        buf_release(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodings_are_what_the_header_says),  cmocka_unit_test(any_key_comes_back),
        cmocka_unit_test(null_and_broken_text_are_row_errors), cmocka_unit_test(foreign_text_is_not_decoded),
        cmocka_unit_test(what_users_type_becomes_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
