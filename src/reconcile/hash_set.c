/* hash_set.c - see hash_set.h. The high word chooses what is kept, the low word the slot, so a narrowed set still spreads. */
#include "reconcile/hash_set.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

enum {
    SLOTS_FIRST = 64,
    BITS_MAX = 63,
};

void hash_set_init(struct hash_set *set, size_t expected, size_t bytes_max, unsigned bits, uint64_t prefix) {
    assert(bits <= BITS_MAX && prefix >> bits == 0);
    size_t slots = SLOTS_FIRST;
    while (slots / 4 * 3 < expected && slots * 2 <= bytes_max / sizeof(*set->slots))
        slots *= 2;
    *set = (struct hash_set){.slots_first = slots, .bytes_max = bytes_max, .bits = bits, .prefix = prefix};
}

void hash_set_release(struct hash_set *set) {
    mem_free(set->slots);
    *set = (struct hash_set){0};
}

void hash_set_clear(struct hash_set *set, unsigned bits, uint64_t prefix) {
    if (set->slot_count > 0)
        memset(set->slots, 0, set->slot_count * sizeof(*set->slots));
    set->count = 0;
    set->bits = bits;
    set->prefix = prefix;
}

static bool is_free(struct row_hash hash) {
    return hash.low == 0 && hash.high == 0;
}

static bool is_inside(const struct hash_set *set, struct row_hash hash) {
    return set->bits == 0 || hash.high >> (64 - set->bits) == set->prefix;
}

/* The slot that holds the hash, or the free one where it belongs. */
static struct row_hash *slot_of(struct row_hash *slots, size_t slot_count, struct row_hash hash) {
    size_t at = hash.low & (slot_count - 1);
    while (!is_free(slots[at]) && !row_hash_equal(slots[at], hash))
        at = (at + 1) & (slot_count - 1);
    return &slots[at];
}

/* Moves into as many slots, without what lies outside of the prefix. */
static int rebuild(struct hash_set *set, size_t slot_count, struct err *err) {
    struct row_hash *slots = mem_zalloc(slot_count, sizeof(*slots));
    if (slots == NULL)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < set->slot_count; i++)
        if (!is_free(set->slots[i]) && is_inside(set, set->slots[i])) {
            *slot_of(slots, slot_count, set->slots[i]) = set->slots[i];
            count++;
        }
    mem_free(set->slots);
    set->slots = slots;
    set->slot_count = slot_count;
    set->count = count;
    return 0;
}

/* The way of an open address table without tombstones: what stands behind a hole moves up if the hole is on its way. */
static void close_hole(struct hash_set *set, size_t hole) {
    size_t mask = set->slot_count - 1;
    for (size_t at = (hole + 1) & mask; !is_free(set->slots[at]); at = (at + 1) & mask) {
        size_t home = set->slots[at].low & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            set->slots[hole] = set->slots[at];
            hole = at;
        }
    }
    set->slots[hole] = (struct row_hash){0};
}

void hash_set_narrow(struct hash_set *set, unsigned bits) {
    assert(bits <= BITS_MAX);
    if (bits <= set->bits)
        return;
    set->prefix <<= bits - set->bits;
    set->bits = bits;
    for (size_t i = 0; i < set->slot_count;)
        if (!is_free(set->slots[i]) && !is_inside(set, set->slots[i])) {
            close_hole(set, i); /* another one may stand here now */
            set->count--;
        } else {
            i++;
        }
}

bool hash_set_is_full(const struct hash_set *set) {
    bool may_grow = set->slot_count == 0 || set->slot_count * 2 <= set->bytes_max / sizeof(*set->slots);
    return !may_grow && set->slot_count / 4 * 3 <= set->count;
}

/* A free slot for one more, by growing as long as that is allowed, by narrowing then. */
static int make_room(struct hash_set *set, struct err *err) {
    if (set->slot_count / 4 * 3 > set->count)
        return 0;
    size_t more = set->slot_count == 0 ? set->slots_first : set->slot_count * 2;
    if (set->slot_count == 0 || more <= set->bytes_max / sizeof(*set->slots))
        return rebuild(set, more, err);
    while (set->slot_count / 4 * 3 <= set->count && set->bits < BITS_MAX)
        hash_set_narrow(set, set->bits + 1);
    return 0;
}

int hash_set_add(struct hash_set *set, struct row_hash hash, enum hash_set_answer *answer, struct err *err) {
    hash.low += is_free(hash); /* the hash that means a free slot: 1 in 2^128 */
    *answer = HASH_SET_OUTSIDE;
    if (!is_inside(set, hash))
        return 0;
    int code = make_room(set, err);
    if (code != 0 || !is_inside(set, hash))
        return code;
    struct row_hash *slot = slot_of(set->slots, set->slot_count, hash);
    *answer = is_free(*slot) ? HASH_SET_NEW : HASH_SET_THERE;
    set->count += is_free(*slot);
    *slot = hash;
    return 0;
}

bool hash_set_next(const struct hash_set *set, size_t *cursor, struct row_hash *hash) {
    while (*cursor < set->slot_count) {
        *hash = set->slots[(*cursor)++];
        if (!is_free(*hash))
            return true;
    }
    return false;
}
