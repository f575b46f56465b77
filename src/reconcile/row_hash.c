/* row_hash.c - see row_hash.h. Words are little-endian whatever the machine, so that hashes of one run agree across workers. */
#include "reconcile/row_hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mutant.h"
#include "reconcile/xor_crc.h"

struct sip {
    uint64_t v0, v1, v2, v3;
};

static uint64_t read_word(const unsigned char *at) {
    uint64_t word;
    memcpy(&word, at, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* What a row's bytes go through stays in registers only if the compiler does not think it too much to repeat. */
#define INLINED static inline __attribute__((always_inline))

INLINED uint64_t rotated(uint64_t word, unsigned bits) {
    return (word << bits) | (word >> (64 - bits));
}

INLINED void sip_round(struct sip *s) {
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotated(s->v1, 13) ^ s->v0;
    s->v3 = rotated(s->v3, 16) ^ s->v2;
    s->v0 = rotated(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotated(s->v1, 17) ^ s->v2;
    s->v3 = rotated(s->v3, 21) ^ s->v0;
    s->v2 = rotated(s->v2, 32);
}

INLINED void sip_word(struct sip *s, uint64_t word) {
    s->v3 ^= word;
    sip_round(s);
    sip_round(s);
    s->v0 ^= word;
}

INLINED uint64_t sip_end(struct sip *s) {
    for (int i = 0; i < 4; i++)
        sip_round(s);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

/* The bytes after the last whole word, with the length on top: behind a whole word they are the upper ones of the last eight. */
INLINED uint64_t last_word(const unsigned char *at, size_t left, size_t size) {
    if (size >= 8)
        return (left == 0 ? 0 : read_word(at + left - 8) >> (64 - 8 * left)) | (uint64_t)size << 56;
    unsigned char padded[8] = {0};
    memcpy(padded, at, left);
    return read_word(padded) | (uint64_t)size << 56;
}

void row_hash_key_set(struct row_hash_key *key, const unsigned char bytes[ROW_HASH_KEY_SIZE]) {
    key->words[0] = read_word(bytes);
    key->words[1] = read_word(bytes + 8);
}

struct row_hash row_hash(const struct row_hash_key *key, const void *bytes, size_t size) {
    const unsigned char *at = bytes;
    struct sip s = {
        .v0 = key->words[0] ^ 0x736f6d6570736575U,
        .v1 = key->words[1] ^ 0x646f72616e646f6dU ^ 0xee,
        .v2 = key->words[0] ^ 0x6c7967656e657261U,
        .v3 = key->words[1] ^ 0x7465646279746573U,
    };
    size_t left = size;
    for (; left >= 8; left -= 8, at += 8)
        sip_word(&s, read_word(at));
    sip_word(&s, last_word(at, left, size));
    s.v2 ^= 0xee;
    struct row_hash hash = {.low = sip_end(&s)};
    s.v1 ^= 0xdd;
    hash.high = sip_end(&s);
    return hash;
}

struct row_hash row_hash_of(const struct row_hash_key *key, const char *bytes, const size_t *ends, size_t count) {
    if (mutant_is(MUTANT_XOR_CRC))
        return (struct row_hash){.low = crc32_of(bytes, ends[count - 1])};
    if (mutant_is(MUTANT_BLIND_HASH) && count > 1)
        count--;
    return row_hash(key, bytes, ends[count - 1]);
}

bool row_hash_equal(struct row_hash a, struct row_hash b) {
    return a.low == b.low && a.high == b.high;
}

struct row_hash row_hash_plus(struct row_hash a, struct row_hash b) {
    uint64_t low = a.low + b.low;
    return (struct row_hash){.low = low, .high = a.high + b.high + (low < a.low)};
}

struct row_hash row_hash_minus(struct row_hash a, struct row_hash b) {
    return (struct row_hash){.low = a.low - b.low, .high = a.high - b.high - (a.low < b.low)};
}

static struct row_hash sum_of(struct row_hash a, struct row_hash b) {
    return mutant_is(MUTANT_XOR_CRC) ? (struct row_hash){a.low ^ b.low, a.high ^ b.high} : row_hash_plus(a, b);
}

void row_digest_add(struct row_digest *digest, struct row_hash hash) {
    digest->sum = sum_of(digest->sum, hash);
    digest->count++;
}

void row_digest_merge(struct row_digest *digest, const struct row_digest *other) {
    digest->sum = sum_of(digest->sum, other->sum);
    digest->count += other->count;
}

bool row_digest_equal(const struct row_digest *a, const struct row_digest *b) {
    return a->count == b->count && row_hash_equal(a->sum, b->sum);
}

char *row_hash_hex(struct row_hash hash, char out[ROW_DIGEST_HEX_SIZE]) {
    snprintf(out, ROW_DIGEST_HEX_SIZE, "%016" PRIx64 "%016" PRIx64, hash.high, hash.low);
    return out;
}

bool row_hash_from_hex(const char *hex, struct row_hash *hash) {
    unsigned long long high, low;
    if (strlen(hex) != ROW_DIGEST_HEX_SIZE - 1 || strspn(hex, "0123456789abcdef") != ROW_DIGEST_HEX_SIZE - 1 ||
        sscanf(hex, "%16llx%16llx", &high, &low) != 2)
        return false;
    *hash = (struct row_hash){.low = low, .high = high};
    return true;
}
