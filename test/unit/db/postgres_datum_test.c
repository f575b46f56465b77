/* What the contract suite cannot make a server send: images that are too short, too long or wrong, and room that just suffices. */
#include "unit.h"

#include "base/mem.h"
#include "db/postgres_datum.h"

enum {
    BOOL = 16,
    INT8 = 20,
    TEXT = 25,
    FLOAT4 = 700,
    DATE = 1082,
    TIMESTAMP = 1114,
    NUMERIC = 1700,
    INTERVAL = 1186,
    JSONB = 3802
};

/* The bytes in memory of their own, so that reading beyond them is noticed. */
static bool decode(Oid type, const char *bytes, size_t size, char **room, struct datum *datum) {
    char *copy = mem_alloc(size);
    memcpy(copy, bytes, size);
    *room = mem_alloc(pg_datum_room(copy, size));
    char *end = *room;
    bool good = pg_decoder_of(type)(copy, size, &end, datum);
    if (good)
        assert_true((size_t)(end - *room) <= pg_datum_room(copy, size));
    mem_free(copy);
    return good;
}

static void expect_decimal(const char *image, size_t size, const char *text) {
    struct datum datum;
    char *room;
    assert_true(decode(NUMERIC, image, size, &room, &datum));
    assert_int_equal(datum.kind, DATUM_DECIMAL);
    assert_int_equal(datum.size, strlen(text));
    assert_memory_equal(datum.bytes, text, datum.size);
    mem_free(room);
}

#define DECIMAL(image, text) expect_decimal(image, sizeof(image) - 1, text)

static void decimals(void **state) {
    (void)state;
    DECIMAL("\0\0\0\0\0\0\0\0", "0");
    DECIMAL("\0\0\0\0\0\0\0\2", "0.00");
    DECIMAL("\0\1\0\0\0\0\0\0\0\7", "7");
    DECIMAL("\0\1\0\0\x40\0\0\0\0\x2a", "-42");
    DECIMAL("\0\1\0\0\0\0\0\0\1\xf4", "500");
    DECIMAL("\0\1\0\0\0\0\0\0\x27\x0f", "9999");
    DECIMAL("\0\1\0\1\0\0\0\0\0\1", "10000");
    DECIMAL("\0\1\0\2\0\0\0\5\0\1", "100000000.00000");
    DECIMAL("\0\2\0\0\0\0\0\2\0\1\x13\x88", "1.50");
    DECIMAL("\0\1\xff\xff\0\0\0\4\0\1", "0.0001");
    DECIMAL("\0\1\xff\xfe\0\0\0\x5\x03\xe8", "0.00001");
    DECIMAL("\0\1\xff\xfd\0\0\0\xc\0\1", "0.000000000001");
    DECIMAL("\0\0\0\0\xc0\0\0\0", "NaN");
    DECIMAL("\0\0\0\0\xd0\0\0\0", "Infinity");
    DECIMAL("\0\0\0\0\xf0\0\0\0", "-Infinity");
}

static void wrong_images(void **state) {
    static const struct {
        Oid type;
        const char *image;
        size_t size;
    } rows[] = {
        {BOOL, "", 0},
        {BOOL, "\1\1", 2},
        {INT8, "\0\0\0\0\0\0\0", 7},
        {INT8, "\0\0\0\0\0\0\0\0\0", 9},
        {FLOAT4, "\0\0\0", 3},
        {DATE, "", 0},
        {TIMESTAMP, "\0\0\0\0", 4},
        {JSONB, "", 0},
        {JSONB, "\2{}", 3},
        {NUMERIC, "", 0},
        {NUMERIC, "\0\0\0\0\0\0\0", 7},
        {NUMERIC, "\0\1\0\0\0\0\0\0", 8},
        {NUMERIC, "\0\1\0\0\0\0\0\0\0", 9},
        {NUMERIC, "\0\1\0\0\0\0\0\0\0\1\0\1", 12},
        {NUMERIC, "\0\0\0\0\x10\0\0\0", 8},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct datum datum;
        char *room;
        assert_false(decode(rows[i].type, rows[i].image, rows[i].size, &room, &datum));
        mem_free(room);
    }
}

static void what_is_not_known_is_kept(void **state) {
    struct datum datum;
    char *room = NULL;
    const char image[] = "\0\1";
    (void)state;
    assert_true(pg_decoder_of(INTERVAL)(image, 2, &room, &datum));
    assert_int_equal(datum.kind, DATUM_OTHER);
    assert_ptr_equal(datum.bytes, image);
    assert_int_equal(datum.size, 2);
    assert_false(pg_decoder_writes(pg_decoder_of(INTERVAL)));
    assert_true(pg_decoder_writes(pg_decoder_of(NUMERIC)));
}

/* Anything at all is either a value or not, and stays in its room. */
static void any_image(void **state) {
    static const Oid types[] = {BOOL, INT8, TEXT, FLOAT4, DATE, TIMESTAMP, NUMERIC, INTERVAL, JSONB};
    uint64_t seed = 4711;
    (void)state;
    for (int i = 0; i < 200000; i++) {
        char image[24];
        for (size_t at = 0; at < sizeof(image); at++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            image[at] = (char)(seed >> 56);
        }
        size_t digits = (size_t)(seed >> 33) % 8;
        struct datum datum;
        char *room;
        Oid type = types[(seed >> 40) % (sizeof(types) / sizeof(types[0]))];
        if (type == NUMERIC) { /* one whose length is right */
            image[0] = 0;
            image[1] = (char)digits;
            image[4] &= 0x40;
            image[5] = 0;
        }
        decode(type, image, 8 + digits * 2, &room, &datum);
        mem_free(room);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals),
        cmocka_unit_test(wrong_images),
        cmocka_unit_test(what_is_not_known_is_kept),
        cmocka_unit_test(any_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
