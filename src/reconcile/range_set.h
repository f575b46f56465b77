/* range_set.h - the rows of one range, both sides matched by key in memory.
 *
 * Keys are canonical bytes and matched as such, never by a collation. Rows of either side may come in any order, interleaved or not. Of a
 * row only its hash is kept: about 48 bytes and its key. Each key keeps a balance, the hashes of the source minus those of the target:
 * zero with as many copies on both sides means the same rows, however often the key is there.
 *
 * One owner at a time. */
#ifndef RECONCILE_RANGE_SET_H
#define RECONCILE_RANGE_SET_H

#include <stdint.h>

#include "base/buf.h"
#include "reconcile/row_hash.h"
#include "reconcile/shape.h"

/* What became of a key. Exactly one of them. */
enum range_kind {
    RANGE_SAME,
    RANGE_ALIKE, /* the same under the rules of its columns, but not under `exact` */
    RANGE_DIFFERENT,
    RANGE_MISSING,   /* on the source only, once or more often */
    RANGE_EXTRA,     /* on the target only, likewise */
    RANGE_DUPLICATE, /* on both sides, and more than once on one of them; what its rows hold is another question */
    RANGE_KINDS,
};

struct range_entry;

struct range_set {
    struct row_hash_key hash_key;
    struct range_entry *entries;
    size_t count, cap;
    size_t next;     /* the entry behind the one that was found last: likely the next one to be looked for */
    uint32_t *slots; /* index into entries plus one; 0: free. Linear probing, at most three quarters in use */
    size_t slot_count;
    struct buf keys;
    size_t bytes_max;
    uint64_t rows[SIDES];
    uint64_t duplicates[SIDES]; /* rows beyond the first of their key */
};

/* `rows_expected` saves growing, and may be wrong. `bytes_max` (at most 4 GiB) bounds the memory. ERR_NOMEM. */
int range_set_init(struct range_set *set, const struct row_hash_key *hash_key, size_t rows_expected, size_t bytes_max,
                   struct err *err);
void range_set_release(struct range_set *set);
/* Forgets the rows, keeps the memory: for the next range. */
void range_set_clear(struct range_set *set);

/* A row: its key, its hash under the rules, and the low word of its hash under `exact` (the same for all where nothing is semantic).
 * ERR_NOMEM, also when bytes_max does not suffice: the range must be read in smaller pieces. */
int range_set_add(struct range_set *set, enum side side, const char *key, size_t key_size, struct row_hash hash, uint64_t exact,
                  struct err *err);

/* Was a row of that side and key added? */
bool range_set_has(const struct range_set *set, enum side side, const char *key, size_t key_size);

struct range_key {
    enum range_kind kind;
    const char *key; /* canonical bytes, borrowed until the next call that is not range_set_next */
    size_t key_size;
    unsigned copies[SIDES]; /* at most 65,535 are told apart */
};

/* All keys in the order in which they first came, once both sides are in. *cursor begins at 0. False at the end. */
bool range_set_next(const struct range_set *set, size_t *cursor, struct range_key *key);

struct range_totals {
    uint64_t rows[SIDES];
    uint64_t duplicates[SIDES]; /* rows beyond the first of their key */
    uint64_t keys[RANGE_KINDS];
};

void range_set_totals(const struct range_set *set, struct range_totals *totals);

/* What is allocated, in bytes. */
size_t range_set_bytes(const struct range_set *set);

#endif
