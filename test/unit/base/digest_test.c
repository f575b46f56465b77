/* The examples of FIPS 180-4. */
#include "unit.h"

#include "base/digest.h"

static void known_digests(void **state) {
    static const struct {
        const char *data;
        const char *hex;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        char hex[DIGEST_HEX_SIZE];
        struct err err;
        assert_int_equal(digest_sha256_hex(cases[i].data, strlen(cases[i].data), hex, &err), 0);
        assert_string_equal(hex, cases[i].hex);
    }
}

static void a_nul_byte_counts(void **state) {
    (void)state;
    char with[DIGEST_HEX_SIZE];
    char without[DIGEST_HEX_SIZE];
    struct err err;
    assert_int_equal(digest_sha256_hex("a\0b", 3, with, &err), 0);
    assert_int_equal(digest_sha256_hex("a", 1, without, &err), 0);
    assert_string_not_equal(with, without);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_digests), cmocka_unit_test(a_nul_byte_counts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
