/* row_hash.h - a keyed 128-bit hash of a row's canonical bytes, and the digest of a set of rows made from it.
 *
 * The hash is SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; the wide form is
 * that of the authors' reference code). It is a pseudo-random function: without the key, which is drawn per run, nobody can tell its
 * outputs from independent random numbers, and in particular it is not linear, so equal changes in several rows do not cancel.
 *
 * What is relied on, in that model:
 *  - two different rows have the same hash with probability 2^-128;
 *  - two different multisets of rows have the same digest (sum of the hashes mod 2^128, and the count) with probability 2^-128, or
 *    2^-(128-k) where every row that is there more often on one side is there by a multiple of 2^k more often. A sum, unlike an XOR,
 *    does not lose a row that occurs twice.
 *
 * Pure functions of their arguments. A key may be shared by threads. */
#ifndef RECONCILE_ROW_HASH_H
#define RECONCILE_ROW_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ROW_HASH_KEY_SIZE = 16,
    ROW_DIGEST_HEX_SIZE = 33, /* 32 digits and the NUL */
};

struct row_hash_key {
    uint64_t words[2];
};

struct row_hash {
    uint64_t low;
    uint64_t high;
};

/* A key out of 16 bytes, which come from the system's random source or out of a seed. */
void row_hash_key_set(struct row_hash_key *key, const unsigned char bytes[ROW_HASH_KEY_SIZE]);

struct row_hash row_hash(const struct row_hash_key *key, const void *bytes, size_t size);
/* Of a row of `count` columns as canonical_row() gives it: all of its bytes. */
struct row_hash row_hash_of(const struct row_hash_key *key, const char *bytes, const size_t *ends, size_t count);

bool row_hash_equal(struct row_hash a, struct row_hash b);
/* a + b and a - b mod 2^128. */
struct row_hash row_hash_plus(struct row_hash a, struct row_hash b);
struct row_hash row_hash_minus(struct row_hash a, struct row_hash b);

/* The sum and the number of the rows of a range, in any order. All zero is the empty one. */
struct row_digest {
    struct row_hash sum;
    uint64_t count;
};

void row_digest_add(struct row_digest *digest, struct row_hash hash);
void row_digest_merge(struct row_digest *digest, const struct row_digest *other);
bool row_digest_equal(const struct row_digest *a, const struct row_digest *b);

/* The high word first, lower case. Returns `out`. */
char *row_hash_hex(struct row_hash hash, char out[ROW_DIGEST_HEX_SIZE]);
/* Back again. False for anything that is not 32 hex digits. */
bool row_hash_from_hex(const char *hex, struct row_hash *hash);

#endif
