/* hash_set.h - a set of 128-bit hashes in bounded memory: which values were there, without the values.
 *
 * When the memory does not suffice the set keeps only the hashes that begin with a given prefix of bits, one bit longer each time: then it
 * has seen one in 2^bits of all values, all copies of those, and says so. A later pass can begin with another prefix.
 *
 * One owner at a time. */
#ifndef RECONCILE_HASH_SET_H
#define RECONCILE_HASH_SET_H

#include "base/err.h"
#include "reconcile/row_hash.h"

struct hash_set {
    struct row_hash *slots; /* all zero: free. Linear probing */
    size_t slot_count;
    size_t count;
    size_t slots_first; /* when the first hash comes */
    size_t bytes_max;
    unsigned bits;   /* of the prefix */
    uint64_t prefix; /* in its lowest bits */
};

/* `expected` hashes save growing, and may be wrong. Allocates nothing yet; later at most `bytes_max`, and half of that again while it grows. `bits` of 0 keeps everything, as long as it fits. */
void hash_set_init(struct hash_set *set, size_t expected, size_t bytes_max, unsigned bits, uint64_t prefix);
void hash_set_release(struct hash_set *set);
/* Empty again, with that prefix; the memory is kept. */
void hash_set_clear(struct hash_set *set, unsigned bits, uint64_t prefix);

enum hash_set_answer { HASH_SET_NEW, HASH_SET_THERE, HASH_SET_OUTSIDE };

/* Adds a hash unless it is there, or outside of the prefix; tells which in *answer. ERR_NOMEM. */
int hash_set_add(struct hash_set *set, struct row_hash hash, enum hash_set_answer *answer, struct err *err);

/* Whether another hash would make it narrower. */
bool hash_set_is_full(const struct hash_set *set);

/* Drops what does not begin with a prefix that is `bits` long, if the set's own is shorter. */
void hash_set_narrow(struct hash_set *set, unsigned bits);

/* The hashes in no order. *cursor begins at 0. False at the end. */
bool hash_set_next(const struct hash_set *set, size_t *cursor, struct row_hash *hash);

#endif
