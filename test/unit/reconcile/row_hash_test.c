/* row_hash.c: the published vectors of SipHash-2-4-128, and the arithmetic mod 2^128 around it. */
#include "unit.h"

#include "reconcile/row_hash.h"

/* Key 00..0f, message 00..n-1; bytes of the result in order, from the authors' reference code (vectors_sip128). */
static const struct {
    size_t size;
    unsigned char bytes[16];
} published[] = {
    {0, {0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02, 0x93}},
    {1, {0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc, 0x45}},
    {2, {0x81, 0x77, 0x22, 0x8d, 0xa4, 0xa4, 0x5d, 0xc7, 0xfc, 0xa3, 0x8b, 0xde, 0xf6, 0x0a, 0xff, 0xe4}},
    {3, {0x9c, 0x70, 0xb6, 0x0c, 0x52, 0x67, 0xa9, 0x4e, 0x5f, 0x33, 0xb6, 0xb0, 0x29, 0x85, 0xed, 0x51}},
    {15, {0x54, 0x93, 0xe9, 0x99, 0x33, 0xb0, 0xa8, 0x11, 0x7e, 0x08, 0xec, 0x0f, 0x97, 0xcf, 0xc3, 0xd9}},
};

static struct row_hash_key counting_key(void) {
    unsigned char bytes[ROW_HASH_KEY_SIZE];
    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)i;
    struct row_hash_key key;
    row_hash_key_set(&key, bytes);
    return key;
}

static uint64_t little_endian(const unsigned char *bytes) {
    uint64_t word = 0;
    for (int i = 7; i >= 0; i--)
        word = word << 8 | bytes[i];
    return word;
}

static void the_published_vectors_hold(void **state) {
    (void)state;
    struct row_hash_key key = counting_key();
    unsigned char message[64];
    for (unsigned i = 0; i < sizeof(message); i++)
        message[i] = (unsigned char)i;
    for (size_t i = 0; i < UNIT_COUNT(published); i++) {
        struct row_hash hash = row_hash(&key, message, published[i].size);
        assert_int_equal(hash.low, little_endian(published[i].bytes));
        assert_int_equal(hash.high, little_endian(published[i].bytes + 8));
    }
}

/* ---- the textbook: byte by byte, message padded beforehand ---- */

static void turn(uint64_t *word, unsigned bits) {
    *word = *word << bits | *word >> (64 - bits);
}

static void textbook_rounds(uint64_t v[4], int rounds) {
    for (; rounds > 0; rounds--) {
        v[0] += v[1], turn(&v[1], 13), v[1] ^= v[0], turn(&v[0], 32);
        v[2] += v[3], turn(&v[3], 16), v[3] ^= v[2];
        v[0] += v[3], turn(&v[3], 21), v[3] ^= v[0];
        v[2] += v[1], turn(&v[1], 17), v[1] ^= v[2], turn(&v[2], 32);
    }
}

static struct row_hash textbook(const struct row_hash_key *key, const unsigned char *message, size_t size) {
    unsigned char padded[128] = {0};
    struct row_hash hash;
    uint64_t v[4] = {key->words[0] ^ 0x736f6d6570736575U, key->words[1] ^ 0x646f72616e646f6dU ^ 0xee,
                     key->words[0] ^ 0x6c7967656e657261U, key->words[1] ^ 0x7465646279746573U};
    size_t words = size / 8 + 1;
    memcpy(padded, message, size);
    padded[words * 8 - 1] = (unsigned char)size;
    for (size_t i = 0; i < words; i++) {
        v[3] ^= little_endian(padded + 8 * i);
        textbook_rounds(v, 2);
        v[0] ^= little_endian(padded + 8 * i);
    }
    v[2] ^= 0xee;
    textbook_rounds(v, 4);
    hash.low = v[0] ^ v[1] ^ v[2] ^ v[3];
    v[1] ^= 0xdd;
    textbook_rounds(v, 4);
    hash.high = v[0] ^ v[1] ^ v[2] ^ v[3];
    return hash;
}

/* Wherever the message begins, and whatever stands around it. */
static void every_length_is_as_in_the_textbook(void **state) {
    (void)state;
    struct row_hash_key key = counting_key();
    unsigned char around[128];
    for (unsigned i = 0; i < sizeof(around); i++)
        around[i] = (unsigned char)(i * 41 + 129);
    for (size_t size = 0; size <= 100; size++)
        for (size_t at = 0; at < 9; at++)
            assert_true(row_hash_equal(row_hash(&key, around + at, size), textbook(&key, around + at, size)));
}

static void every_bit_of_key_and_row_counts(void **state) {
    (void)state;
    struct row_hash_key key = counting_key();
    unsigned char message[37] = {0};
    struct row_hash plain = row_hash(&key, message, sizeof(message));
    for (unsigned bit = 0; bit < sizeof(message) * 8; bit++) {
        message[bit / 8] ^= (unsigned char)(1U << bit % 8);
        struct row_hash changed = row_hash(&key, message, sizeof(message));
        assert_true(changed.low != plain.low && changed.high != plain.high);
        message[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    for (unsigned bit = 0; bit < 128; bit++) {
        struct row_hash_key other = key;
        other.words[bit / 64] ^= 1ULL << bit % 64;
        assert_false(row_hash_equal(row_hash(&other, message, sizeof(message)), plain));
    }
    assert_false(row_hash_equal(row_hash(&key, message, sizeof(message) - 1), plain));
}

static void sums_carry_and_borrow(void **state) {
    (void)state;
    struct row_hash most = {UINT64_MAX, UINT64_MAX};
    struct row_hash one = {1, 0};
    struct row_hash sum = row_hash_plus(most, one);
    assert_true(sum.low == 0 && sum.high == 0);
    sum = row_hash_plus((struct row_hash){UINT64_MAX, 4}, one);
    assert_true(sum.low == 0 && sum.high == 5);
    struct row_hash rest = row_hash_minus(sum, one);
    assert_true(rest.low == UINT64_MAX && rest.high == 4);
    rest = row_hash_minus((struct row_hash){0, 0}, one);
    assert_true(row_hash_equal(rest, most));
}

static void a_digest_forgets_the_order_but_not_the_copies(void **state) {
    (void)state;
    struct row_hash_key key = counting_key();
    struct row_digest forth = {0};
    struct row_digest back = {0};
    struct row_digest parts[2] = {0};
    for (uint64_t i = 0; i < 100; i++) {
        uint64_t other = 99 - i;
        row_digest_add(&forth, row_hash(&key, &i, sizeof(i)));
        row_digest_add(&back, row_hash(&key, &other, sizeof(other)));
        row_digest_add(&parts[i % 2], row_hash(&key, &i, sizeof(i)));
    }
    assert_true(row_digest_equal(&forth, &back));
    row_digest_merge(&parts[0], &parts[1]);
    assert_true(row_digest_equal(&forth, &parts[0]));
    uint64_t copy = 7;
    row_digest_add(&forth, row_hash(&key, &copy, sizeof(copy)));
    row_digest_add(&forth, row_hash(&key, &copy, sizeof(copy)));
    assert_false(row_digest_equal(&forth, &back));
    forth.count = back.count;
    assert_false(row_digest_equal(&forth, &back));
}

static void hex_is_the_number(void **state) {
    (void)state;
    char text[ROW_DIGEST_HEX_SIZE];
    assert_string_equal(row_hash_hex((struct row_hash){0x10, 0xabc}, text), "0000000000000abc0000000000000010");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vectors_hold),
        cmocka_unit_test(every_length_is_as_in_the_textbook),
        cmocka_unit_test(every_bit_of_key_and_row_counts),
        cmocka_unit_test(sums_carry_and_borrow),
        cmocka_unit_test(a_digest_forgets_the_order_but_not_the_copies),
        cmocka_unit_test(hex_is_the_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
