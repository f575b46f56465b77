/* canonical*.c: the bytes that an independent implementation gives, their inverse, and that no two different values share any. */
#include "unit.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "reconcile/canonical.h"
#include "reconcile/row_hash.h"

#define EXACT ((struct canonical_rule){CANONICAL_EXACT, CANONICAL_AS_STORED})
#define SEMANTIC ((struct canonical_rule){CANONICAL_SEMANTIC, CANONICAL_AS_STORED})
#define SEMANTIC_JSON ((struct canonical_rule){CANONICAL_SEMANTIC, CANONICAL_AS_JSON})
#define BYTES(kind_, text) ((struct datum){.kind = (kind_), .bytes = (text), .size = sizeof(text) - 1})

/* ---- the vectors ---- */

static const char *const kind_names[] = {"NULL", "BOOL", "INT",  "UINT", "DECIMAL",   "DOUBLE",  "TEXT",     "BYTES",
                                         "JSON", "UUID", "DATE", "TIME", "TIMESTAMP", "INSTANT", "ODD_DATE", "OTHER"};

static enum datum_kind kind_of(const char *name) {
    for (size_t i = 0; i < UNIT_COUNT(kind_names); i++)
        if (strcmp(name, kind_names[i]) == 0)
            return (enum datum_kind)i;
    fail_msg("no kind %s", name);
    return DATUM_NULL;
}

static void add_hex(struct buf *out, const char *hex) {
    for (; *hex != '\0'; hex += 2) {
        char pair[3] = {hex[0], hex[1], '\0'};
        buf_add_char(out, (char)strtoul(pair, NULL, 16));
    }
}

static struct canonical_rule rule_of(const json_t *vector) {
    const char *reading = json_string_value(json_object_get(vector, "reading"));
    return (struct canonical_rule){
        .level = strcmp(json_string_value(json_object_get(vector, "level")), "exact") == 0 ? CANONICAL_EXACT : CANONICAL_SEMANTIC,
        .reading = reading[0] == 's'   ? CANONICAL_AS_STORED
                   : reading[0] == 'j' ? CANONICAL_AS_JSON
                                       : CANONICAL_AS_UUID,
    };
}

static struct datum datum_of(const json_t *vector, struct buf *bytes) {
    struct datum value = {.kind = kind_of(json_string_value(json_object_get(vector, "kind")))};
    const char *number = json_string_value(json_object_get(vector, "number"));
    const char *real = json_string_value(json_object_get(vector, "real"));
    const char *hex = json_string_value(json_object_get(vector, "bytes"));
    if (number != NULL)
        value.number = value.kind == DATUM_UINT ? (int64_t)strtoull(number, NULL, 10) : strtoll(number, NULL, 10);
    if (real != NULL) {
        uint64_t bits = strtoull(real, NULL, 16);
        memcpy(&value.real, &bits, sizeof(bits));
    }
    if (hex != NULL) {
        add_hex(bytes, hex);
        value.bytes = bytes->data;
        value.size = bytes->len;
    }
    return value;
}

static void check_hash(const struct buf *canonical, const char *hex) {
    unsigned char key_bytes[ROW_HASH_KEY_SIZE];
    for (unsigned i = 0; i < sizeof(key_bytes); i++)
        key_bytes[i] = (unsigned char)i;
    struct row_hash_key key;
    row_hash_key_set(&key, key_bytes);
    struct row_hash hash = row_hash(&key, canonical->data, canonical->len);
    struct buf wanted;
    buf_init(&wanted);
    add_hex(&wanted, hex);
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal((unsigned char)wanted.data[i], (i < 8 ? hash.low : hash.high) >> 8 * (i % 8) & 0xff);
    buf_release(&wanted);
}

static void check_vector(const char *line) {
    struct buf bytes;
    struct buf wanted;
    struct buf got;
    buf_init(&bytes);
    buf_init(&wanted);
    buf_init(&got);
    json_t *vector = json_loads(line, 0, NULL);
    assert_non_null(vector);
    struct datum value = datum_of(vector, &bytes);
    add_hex(&wanted, json_string_value(json_object_get(vector, "canonical")));
    canonical_add(&got, &value, rule_of(vector));
    if (got.len != wanted.len || memcmp(got.data, wanted.data, got.len) != 0)
        fail_msg("other bytes for %s", line);
    check_hash(&got, json_string_value(json_object_get(vector, "hash")));
    json_decref(vector);
    buf_release(&got);
    buf_release(&wanted);
    buf_release(&bytes);
}

static void the_independent_implementation_agrees(void **state) {
    (void)state;
    char *line = NULL;
    size_t cap = 0;
    unsigned count = 0;
    FILE *file = fopen(PROJECT_ROOT "/test/unit/reconcile/canonical_vectors.jsonl", "re");
    assert_non_null(file);
    for (; getline(&line, &cap, file) > 0; count++)
        check_vector(line);
    fclose(file);
    free(line); // NOLINT: getline's own
    assert_in_range(count, 500, 5000);
}

/* ---- what is equal ---- */

static bool equal(struct datum a, struct datum b, struct canonical_rule rule) {
    struct buf scratch;
    struct err err;
    bool same = false;
    err_clear(&err);
    buf_init(&scratch);
    assert_int_equal(canonical_equal(&a, &b, rule, &scratch, &same, &err), 0);
    buf_release(&scratch);
    return same;
}

/* Every pair of these is different under `exact`. */
static const struct datum different[] = {
    {.kind = DATUM_NULL},
    {.kind = DATUM_BOOL, .number = 0},
    {.kind = DATUM_BOOL, .number = 1},
    {.kind = DATUM_INT, .number = 0},
    {.kind = DATUM_INT, .number = 1},
    {.kind = DATUM_INT, .number = -1},
    {.kind = DATUM_INT, .number = INT64_MIN},
    {.kind = DATUM_INT, .number = INT64_MAX},
    {.kind = DATUM_UINT, .number = INT64_MIN},
    {.kind = DATUM_UINT, .number = -1},
    {.kind = DATUM_DECIMAL, .bytes = "0", .size = 1},
    {.kind = DATUM_DECIMAL, .bytes = "0.0", .size = 3},
    {.kind = DATUM_DECIMAL, .bytes = "1", .size = 1},
    {.kind = DATUM_DECIMAL, .bytes = "1.0", .size = 3},
    {.kind = DATUM_DECIMAL, .bytes = "10", .size = 2},
    {.kind = DATUM_DECIMAL, .bytes = "NaN", .size = 3},
    {.kind = DATUM_DOUBLE, .real = 0.0},
    {.kind = DATUM_DOUBLE, .real = -0.0},
    {.kind = DATUM_DOUBLE, .real = 1.0},
    {.kind = DATUM_DOUBLE, .real = 1.0000000000000002},
    {.kind = DATUM_TEXT, .bytes = "", .size = 0},
    {.kind = DATUM_TEXT, .bytes = "1", .size = 1},
    {.kind = DATUM_TEXT, .bytes = "a", .size = 1},
    {.kind = DATUM_TEXT, .bytes = "A", .size = 1},
    {.kind = DATUM_TEXT, .bytes = "a ", .size = 2},
    {.kind = DATUM_TEXT, .bytes = "\0", .size = 1},
    {.kind = DATUM_BYTES, .bytes = "", .size = 0},
    {.kind = DATUM_BYTES, .bytes = "a", .size = 1},
    {.kind = DATUM_JSON, .bytes = "1", .size = 1},
    {.kind = DATUM_JSON, .bytes = " 1", .size = 2},
    {.kind = DATUM_UUID, .bytes = "0123456789abcdef", .size = 16},
    {.kind = DATUM_BYTES, .bytes = "0123456789abcdef", .size = 16},
    {.kind = DATUM_DATE, .number = 1},
    {.kind = DATUM_TIME, .number = 1},
    {.kind = DATUM_TIMESTAMP, .number = 1},
    {.kind = DATUM_INSTANT, .number = 1},
    {.kind = DATUM_INSTANT, .number = INT64_MAX},
    {.kind = DATUM_ODD_DATE, .bytes = "0000-00-00", .size = 10},
    {.kind = DATUM_OTHER, .bytes = "a", .size = 1},
};

static void exact_keeps_everything_apart(void **state) {
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(different); i++)
        for (size_t j = 0; j < UNIT_COUNT(different); j++)
            assert_int_equal(equal(different[i], different[j], EXACT), i == j);
}

static void semantic_takes_numbers_by_value(void **state) {
    (void)state;
    const struct datum fives[] = {
        {.kind = DATUM_INT, .number = 5}, {.kind = DATUM_UINT, .number = 5}, BYTES(DATUM_DECIMAL, "5"),
        BYTES(DATUM_DECIMAL, "5.00"),     BYTES(DATUM_DECIMAL, "+005."),     {.kind = DATUM_DOUBLE, .real = 5.0},
    };
    for (size_t i = 0; i < UNIT_COUNT(fives); i++)
        for (size_t j = 0; j < UNIT_COUNT(fives); j++)
            assert_true(equal(fives[i], fives[j], SEMANTIC));
    assert_true(equal(BYTES(DATUM_DECIMAL, "1.5"), BYTES(DATUM_DECIMAL, "1.50"), SEMANTIC));
    assert_true(equal(BYTES(DATUM_DECIMAL, "0.1"), (struct datum){.kind = DATUM_DOUBLE, .real = 0.1}, SEMANTIC));
    assert_true(
        equal((struct datum){.kind = DATUM_DOUBLE, .real = 0.0}, (struct datum){.kind = DATUM_DOUBLE, .real = -0.0}, SEMANTIC));
    assert_true(equal(BYTES(DATUM_DECIMAL, "NaN"), (struct datum){.kind = DATUM_DOUBLE, .real = (double)NAN}, SEMANTIC));
    assert_true(equal((struct datum){.kind = DATUM_BOOL, .number = 1}, (struct datum){.kind = DATUM_INT, .number = 1}, SEMANTIC));
    assert_false(equal(BYTES(DATUM_DECIMAL, "5"), BYTES(DATUM_DECIMAL, "50"), SEMANTIC));
    assert_false(equal(BYTES(DATUM_DECIMAL, "5"), BYTES(DATUM_DECIMAL, "-5"), SEMANTIC));
    assert_false(equal(BYTES(DATUM_DECIMAL, "5"), BYTES(DATUM_TEXT, "5"), SEMANTIC));
    assert_false(equal((struct datum){.kind = DATUM_INT, .number = (1LL << 53) + 1},
                       (struct datum){.kind = DATUM_DOUBLE, .real = 0x1p53}, SEMANTIC));
}

static void semantic_leaves_texts_alone(void **state) {
    (void)state;
    assert_false(equal(BYTES(DATUM_TEXT, "a"), BYTES(DATUM_TEXT, "a "), SEMANTIC));
    assert_false(equal(BYTES(DATUM_TEXT, "a"), BYTES(DATUM_TEXT, "A"), SEMANTIC));
    assert_false(equal(BYTES(DATUM_TEXT, ""), (struct datum){.kind = DATUM_NULL}, SEMANTIC));
    assert_false(equal(BYTES(DATUM_TEXT, "{}"), BYTES(DATUM_TEXT, "{ }"), SEMANTIC));
    assert_true(equal(BYTES(DATUM_TEXT, "{}"), BYTES(DATUM_JSON, "{ }"), SEMANTIC_JSON));
    assert_true(
        equal((struct datum){.kind = DATUM_INSTANT, .number = 7}, (struct datum){.kind = DATUM_TIMESTAMP, .number = 7}, SEMANTIC));
    assert_false(
        equal((struct datum){.kind = DATUM_DATE, .number = 0}, (struct datum){.kind = DATUM_TIMESTAMP, .number = 0}, SEMANTIC));
}

static void deep_json_is_bytes(void **state) {
    (void)state;
    enum { DEEP = 1000000 };
    char *deep = mem_alloc(2 * DEEP);
    memset(deep, '[', DEEP);
    memset(deep + DEEP, ']', DEEP);
    struct buf out;
    buf_init(&out);
    struct datum value = {.kind = DATUM_JSON, .bytes = deep, .size = 2 * DEEP};
    canonical_add(&out, &value, SEMANTIC);
    assert_true(buf_ok(&out));
    assert_int_equal(out.len, 2 * DEEP + 4);
    assert_int_equal(out.data[0], 'j');
    buf_release(&out);
    mem_free(deep);
}

/* ---- and back ---- */

static void check_round_trip(const struct datum *value, struct canonical_rule rule) {
    struct arena arena;
    struct buf out;
    struct buf again;
    struct err err;
    struct datum back;
    arena_init(&arena);
    buf_init(&out);
    buf_init(&again);
    err_clear(&err);
    canonical_add(&out, value, rule);
    const char *at = out.data;
    assert_int_equal(canonical_read(&at, out.data + out.len, &arena, &back, &err), 0);
    assert_ptr_equal(at, out.data + out.len);
    canonical_add(&again, &back, rule);
    assert_int_equal(again.len, out.len);
    assert_memory_equal(again.data, out.data, out.len);
    for (size_t cut = 0; cut < out.len; cut++) {
        at = out.data;
        assert_int_equal(canonical_read(&at, out.data + cut, &arena, &back, &err), ERR_INTERNAL);
    }
    buf_release(&again);
    buf_release(&out);
    arena_release(&arena);
}

static void reading_is_the_inverse(void **state) {
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(different); i++)
        check_round_trip(&different[i], EXACT);
    static const char *const decimals[] = {"-12.50", "0.007", "500",      "500.00", "-0.5", "99999999999999999999.1",
                                           "odd",    "",      "-Infinity"};
    for (size_t i = 0; i < UNIT_COUNT(decimals); i++) {
        struct datum value = {.kind = DATUM_DECIMAL, .bytes = decimals[i], .size = strlen(decimals[i])};
        check_round_trip(&value, EXACT);
        check_round_trip(&value, SEMANTIC);
    }
    check_round_trip(&(struct datum){.kind = DATUM_INT, .number = -1200}, SEMANTIC);
    check_round_trip(&(struct datum){.kind = DATUM_DOUBLE, .real = -1.5e-7}, SEMANTIC);
    check_round_trip(&(struct datum){.kind = DATUM_DOUBLE, .real = 0}, SEMANTIC);
}

static void a_key_comes_back_as_it_was(void **state) {
    (void)state;
    const struct datum key[] = {BYTES(DATUM_DECIMAL, "-12.50"),
                                BYTES(DATUM_DECIMAL, "0.05"),
                                BYTES(DATUM_TEXT, "x\0y"),
                                {.kind = DATUM_UINT, .number = -1}};
    const struct canonical_rule rules[] = {EXACT, EXACT, EXACT, EXACT};
    size_t ends[4];
    struct arena arena;
    struct buf out;
    struct err err;
    struct datum back[4];
    arena_init(&arena);
    buf_init(&out);
    err_clear(&err);
    assert_int_equal(canonical_row(&out, key, rules, 4, ends, &err), 0);
    assert_int_equal(ends[3], out.len);
    const char *at = out.data;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(canonical_read(&at, out.data + out.len, &arena, &back[i], &err), 0);
        assert_ptr_equal(at, out.data + ends[i]);
    }
    assert_string_equal(back[0].bytes, "-12.50");
    assert_string_equal(back[1].bytes, "0.05");
    assert_memory_equal(back[2].bytes, "x\0y", 3);
    assert_int_equal(back[3].kind, DATUM_UINT);
    assert_int_equal(back[3].number, -1);
    assert_int_equal(canonical_read(&at, out.data + out.len, &arena, &back[0], &err), ERR_INTERNAL);
    buf_release(&out);
    arena_release(&arena);
}

static void what_nothing_writes_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } wrong[] = {
#define WRONG(text) {text, sizeof(text) - 1}
        WRONG("?\0"),
        WRONG("n\1x"),
        WRONG("n\x80\0"),
        WRONG("t\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"),
        WRONG("t\xff\xff\xff\xff\xff\xff\xff\xff\xff\2"),
        WRONG("b\1\2"),
        WRONG("b\0"),
        WRONG("i\0"),
        WRONG("i\1\1"),
        WRONG("i\2\2\1"),
        WRONG("i\2\0\0"),
        WRONG("i\x9\1\x80\0\0\0\0\0\0\1"),
        WRONG("i\xa\0\1\0\0\0\0\0\0\0\0"),
        WRONG("f\x8\x7f\xf8\0\0\0\0\0\1"),
        WRONG("f\1\0"),
        WRONG("u\1x"),
        WRONG("D\1x"),
        WRONG("d\0"),
        WRONG("d\1\0"),
        WRONG("d\2\0\x80"),
        WRONG("d\2\1\0"),
        WRONG("d\3\0\0\60"),
        WRONG("d\3\0\0x"),
        WRONG("d\2\2x"),
        WRONG("d\1\6"),
        WRONG("d\2\5\61"),
        WRONG("d\5\0\xff\xff\xff\x7f"),
        WRONG("N\0"),
        WRONG("N\1\5"),
        WRONG("N\2\1\0"),
        WRONG("N\2\0\2"),
        WRONG("N\4\0\0\61\60"),
        WRONG("N\6\0\xff\xff\xff\x7f\61"),
        WRONG("J\2n\0"),
#undef WRONG
    };
    struct arena arena;
    struct datum value;
    struct err err;
    arena_init(&arena);
    err_clear(&err);
    for (size_t i = 0; i < UNIT_COUNT(wrong); i++) {
        const char *at = wrong[i].bytes;
        if (canonical_read(&at, at + wrong[i].size, &arena, &value, &err) != ERR_INTERNAL)
            fail_msg("wrong bytes %zu were read", i);
        assert_ptr_equal(at, wrong[i].bytes);
    }
    arena_release(&arena);
}

/* ---- out of memory ---- */

static bool encode_and_decode(void *context) {
    (void)context;
    static const char text[] =
        "{\"b\": [1.0, {\"x\": \"\\u00e9\"}], \"a\": 1, \"b\": {\"z\": [], \"y\": {}}, \"c\": 1, \"d\": 1, \"e\": 1, "
        "\"f\": 1, \"g\": 1, \"h\": 1, \"i\": 1, \"j\": 1, \"k\": 1, \"l\": 1, \"m\": 1, \"n\": 1, \"o\": 1, \"p\": 1}";
    const struct datum values[] = {BYTES(DATUM_DECIMAL, "-12.5"), BYTES(DATUM_JSON, text), {.kind = DATUM_INT, .number = 3}};
    const struct canonical_rule rules[] = {EXACT, SEMANTIC, EXACT};
    size_t ends[3];
    struct arena arena;
    struct buf out;
    struct err err;
    struct datum back;
    bool same = false;
    arena_init(&arena);
    buf_init(&out);
    err_clear(&err);
    int code = canonical_row(&out, values, rules, 3, ends, &err);
    const char *at = out.data;
    if (code == 0)
        code = canonical_read(&at, out.data + out.len, &arena, &back, &err);
    if (code == 0)
        code = canonical_equal(&values[1], &values[1], SEMANTIC, &out, &same, &err);
    assert_true(code == 0 || (code == ERR_NOMEM && err.code == ERR_NOMEM));
    assert_int_equal(same, code == 0);
    buf_release(&out);
    arena_release(&arena);
    return code == 0;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    unit_out_of_memory(encode_and_decode, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_independent_implementation_agrees),
        cmocka_unit_test(exact_keeps_everything_apart),
        cmocka_unit_test(semantic_takes_numbers_by_value),
        cmocka_unit_test(semantic_leaves_texts_alone),
        cmocka_unit_test(deep_json_is_bytes),
        cmocka_unit_test(reading_is_the_inverse),
        cmocka_unit_test(a_key_comes_back_as_it_was),
        cmocka_unit_test(what_nothing_writes_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
