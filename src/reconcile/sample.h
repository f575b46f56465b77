/* sample.h - the sampled proof: which rows, how many, and what that many say.
 *
 * Rows are chosen by a keyed hash of their canonical key, so both sides choose the same ones without talking to each other, whoever has
 * the seed can choose them again, and a row that is missing or extra is as likely to be chosen as any other. Rows are then compared by
 * SHA-256, which shares nothing with the hash and the matching of the full pass: this is evidence for those, and for others to check.
 *
 * Sizes and bounds are those of acceptance sampling without defects (hypergeometric) and of Clopper and Pearson, "The use of confidence
 * or fiducial limits illustrated in the case of the binomial" (1934). Functions of a struct sample_proof: one owner at a time. */
#ifndef RECONCILE_SAMPLE_H
#define RECONCILE_SAMPLE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "reconcile/row_hash.h"
#include "reconcile/shape.h"

/* ---- how many ---- */

/* The fewest rows of `population` that, all without a defect, exclude at `confidence` (0.99) that as many as `rate` (0.0001) of the
 * population are defective. A population of 0 is unknown and taken for endless. At most the population. */
uint64_t sample_size(double confidence, double rate, uint64_t population);

/* The highest defect rate that `defects` among `rows` leave possible at `confidence` (one-sided). 1 where nothing was compared. */
double sample_rate_bound(double confidence, uint64_t rows, uint64_t defects);

/* The same of a population of a known size, which a sample without defects narrows down further; all of it leaves nothing open. */
double sample_bound(double confidence, uint64_t rows, uint64_t defects, uint64_t population);

/* ---- which ---- */

struct sample_choice {
    struct row_hash_key key;
    uint64_t threshold; /* rows whose hash lies below; UINT64_MAX: all */
};

/* A choice of about `rows` of `population`, from the text of a seed that was fixed before the data was read. A little more is asked for
 * than `rows`, so that fewer are chosen less than once in 10,000 times. ERR_FAILURE from the digest. */
int sample_choice_init(struct sample_choice *choice, const char *seed, uint64_t rows, uint64_t population, struct err *err);
bool sample_chooses(const struct sample_choice *choice, const void *key, size_t key_size);

/* ---- what they say ---- */

/* What is kept of a chosen row. */
struct sample_entry {
    unsigned char key[DIGEST_SIZE]; /* SHA-256 of its canonical key */
    unsigned char row[DIGEST_SIZE]; /* ... and of all its canonical bytes, which begin with the key */
};

int sample_entry_set(struct sample_entry *entry, const void *key, size_t key_size, const void *row, size_t row_size,
                     struct err *err);

struct sample_proof {
    struct sample_entry *entries[SIDES];
    size_t count[SIDES];
    size_t cap[SIDES];
};

struct sample_result {
    uint64_t rows[SIDES];
    uint64_t same, different, missing, extra; /* keys; one that is there twice counts as different */
    char digest[SIDES][DIGEST_HEX_SIZE];      /* SHA-256 over the sorted (key, row) digests: equal exactly if all rows are */
};

void sample_proof_init(struct sample_proof *proof);
void sample_proof_release(struct sample_proof *proof);
/* A chosen row: its canonical key and its canonical bytes, which begin with the key. 64 bytes of memory each. ERR_NOMEM. */
int sample_proof_add(struct sample_proof *proof, enum side side, const void *key, size_t key_size, const void *row, size_t row_size,
                     struct err *err);
int sample_proof_put(struct sample_proof *proof, enum side side, const struct sample_entry *entry, struct err *err);
/* Adds the rows of another one, which stays as it is. */
int sample_proof_merge(struct sample_proof *proof, const struct sample_proof *other, struct err *err);

/* Keys, by digest, in order. */
struct sample_keys {
    unsigned char (*keys)[DIGEST_SIZE]; /* owned: mem_free */
    size_t count;
};
/* The keys that are not the same on both sides. ERR_NOMEM. */
int sample_proof_defects(struct sample_proof *proof, struct sample_keys *defects, struct err *err);
bool sample_keys_have(const struct sample_keys *keys, const unsigned char key[DIGEST_SIZE]);
/* Forgets what both sides have of those keys: they are looked at again. */
void sample_proof_forget(struct sample_proof *proof, const struct sample_keys *keys);

/* Compares both sides. The order in which the rows came does not matter. ERR_NOMEM. */
int sample_proof_finish(struct sample_proof *proof, struct sample_result *result, struct err *err);

#endif
