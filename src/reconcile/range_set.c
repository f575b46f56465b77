/* range_set.c - see range_set.h. Open addressing over indices, so that entries stay in the order in which they came. */
#include "reconcile/range_set.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "base/mutant.h"

enum {
    ROWS_FIRST = 64,     /* entries of a set that expects nothing */
    COPIES_MAX = 0xffff, /* of one key on one side */
};

struct range_entry {
    struct row_hash balance; /* source minus target */
    uint64_t exact_balance;
    uint32_t key_at; /* in set->keys */
    uint32_t key_size;
    uint32_t key_hash;
    uint16_t copies[SIDES];
};

static size_t slots_for(size_t entries) {
    size_t slots = 1;
    while (slots / 4 * 3 < entries)
        slots *= 2;
    return slots;
}

/* Whether growing by `more` bytes stays within the bound. */
static int afford(const struct range_set *set, size_t more, struct err *err) {
    size_t used = range_set_bytes(set);
    if (more <= set->bytes_max && used <= set->bytes_max - more)
        return 0;
    return err_set(err, ERR_NOMEM, "matching the rows of this range by key takes more than %zu MiB", set->bytes_max >> 20);
}

static void place(struct range_set *set, uint32_t index) {
    size_t mask = set->slot_count - 1;
    size_t at = set->entries[index].key_hash & mask;
    while (set->slots[at] != 0)
        at = (at + 1) & mask;
    set->slots[at] = index + 1;
}

/* The old slots go first: they can be made again from the entries. */
static int grow_slots(struct range_set *set, size_t slots, struct err *err) {
    int code = afford(set, (slots - set->slot_count) * sizeof(*set->slots), err);
    if (code != 0)
        return code;
    uint32_t *fresh = mem_zalloc(slots, sizeof(*fresh));
    if (fresh == NULL)
        return err_nomem(err);
    mem_free(set->slots);
    set->slots = fresh;
    set->slot_count = slots;
    for (size_t i = 0; i < set->count; i++)
        place(set, (uint32_t)i);
    return 0;
}

static int grow_entries(struct range_set *set, size_t cap, struct err *err) {
    int code = afford(set, (cap - set->cap) * sizeof(*set->entries), err);
    if (code != 0)
        return code;
    struct range_entry *entries = mem_realloc(set->entries, cap * sizeof(*entries));
    if (entries == NULL)
        return err_nomem(err);
    set->entries = entries;
    set->cap = cap;
    return 0;
}

int range_set_init(struct range_set *set, const struct row_hash_key *hash_key, size_t rows_expected, size_t bytes_max,
                   struct err *err) {
    assert(bytes_max <= UINT32_MAX);
    *set = (struct range_set){.hash_key = *hash_key, .bytes_max = bytes_max};
    buf_init(&set->keys);
    size_t rows = rows_expected > ROWS_FIRST ? rows_expected : ROWS_FIRST;
    if (rows > bytes_max / (2 * sizeof(struct range_entry)))
        rows = ROWS_FIRST; /* an estimate is no reason to refuse */
    int code = grow_entries(set, rows, err);
    if (code == 0)
        code = grow_slots(set, slots_for(rows), err);
    if (code != 0)
        range_set_release(set);
    return code;
}

void range_set_release(struct range_set *set) {
    mem_free(set->entries);
    mem_free(set->slots);
    buf_release(&set->keys);
    *set = (struct range_set){0};
    buf_init(&set->keys);
}

void range_set_clear(struct range_set *set) {
    set->count = set->next = 0;
    memset(set->slots, 0, set->slot_count * sizeof(*set->slots));
    buf_clear(&set->keys);
    memset(set->rows, 0, sizeof(set->rows));
    memset(set->duplicates, 0, sizeof(set->duplicates));
}

size_t range_set_bytes(const struct range_set *set) {
    return set->cap * sizeof(*set->entries) + set->slot_count * sizeof(*set->slots) + set->keys.cap;
}

static bool has_key(const struct range_set *set, const struct range_entry *entry, const char *key, size_t key_size) {
    return entry->key_size == key_size && memcmp(set->keys.data + entry->key_at, key, key_size) == 0;
}

static struct range_entry *find(const struct range_set *set, const char *key, size_t key_size, uint32_t hash) {
    size_t mask = set->slot_count - 1;
    for (size_t at = hash & mask; set->slots[at] != 0; at = (at + 1) & mask) {
        struct range_entry *entry = &set->entries[set->slots[at] - 1];
        if (entry->key_hash == hash && has_key(set, entry, key, key_size))
            return entry;
    }
    return NULL;
}

/* Both sides mostly come in the same order: the key behind the one that came last needs no hash, and its memory is close by. */
static struct range_entry *find_next(const struct range_set *set, const char *key, size_t key_size) {
    struct range_entry *entry = &set->entries[set->next];
    return set->next < set->count && has_key(set, entry, key, key_size) ? entry : NULL;
}

static int make_room(struct range_set *set, size_t key_size, struct err *err) {
    int code = 0;
    if (set->count == set->cap)
        code = grow_entries(set, set->cap + set->cap / 2, err);
    if (code == 0 && set->slot_count / 4 * 3 <= set->count)
        code = grow_slots(set, set->slot_count * 2, err);
    /* A buffer doubles. */
    if (code == 0 && set->keys.len + key_size >= set->keys.cap)
        code = afford(set, set->keys.cap + 2 * (key_size + 1), err);
    return code;
}

static int insert(struct range_set *set, const char *key, size_t key_size, uint32_t hash, struct range_entry **entry,
                  struct err *err) {
    int code = make_room(set, key_size, err);
    if (code != 0)
        return code;
    size_t at = set->keys.len;
    buf_add_mem(&set->keys, key, key_size);
    if (!buf_ok(&set->keys))
        return err_nomem(err);
    *entry = &set->entries[set->count];
    **entry = (struct range_entry){.key_at = (uint32_t)at, .key_size = (uint32_t)key_size, .key_hash = hash};
    place(set, (uint32_t)set->count++);
    return 0;
}

/* A new key leaves set->next where it is: it may be one of this side alone, between two of both. */
static int find_or_insert(struct range_set *set, const char *key, size_t key_size, struct range_entry **entry, struct err *err) {
    uint32_t key_hash = 0;
    *entry = find_next(set, key, key_size);
    if (*entry == NULL) {
        key_hash = (uint32_t)row_hash(&set->hash_key, key, key_size).low;
        *entry = find(set, key, key_size, key_hash);
    }
    if (*entry == NULL)
        return insert(set, key, key_size, key_hash, entry, err);
    set->next = (size_t)(*entry - set->entries) + 1;
    return 0;
}

static void count_row(struct range_set *set, struct range_entry *entry, enum side side) {
    set->rows[side]++;
    set->duplicates[side] += entry->copies[side] > 0;
    if (entry->copies[side] < COPIES_MAX)
        entry->copies[side]++;
}

int range_set_add(struct range_set *set, enum side side, const char *key, size_t key_size, struct row_hash hash, uint64_t exact,
                  struct err *err) {
    struct range_entry *entry;
    int code = find_or_insert(set, key, key_size, &entry, err);
    if (code != 0)
        return code;
    count_row(set, entry, side);
    if (side == SIDE_SOURCE) {
        entry->balance = row_hash_plus(entry->balance, hash);
        entry->exact_balance += exact;
    } else {
        entry->balance = row_hash_minus(entry->balance, hash);
        entry->exact_balance -= exact;
    }
    return 0;
}

bool range_set_has(const struct range_set *set, enum side side, const char *key, size_t key_size) {
    const struct range_entry *entry = find(set, key, key_size, (uint32_t)row_hash(&set->hash_key, key, key_size).low);
    return entry != NULL && entry->copies[side] > 0;
}

static enum range_kind kind_of(const struct range_entry *entry) {
    if (mutant_is(MUTANT_XOR_CRC))
        return RANGE_SAME;
    if (entry->copies[SIDE_TARGET] == 0)
        return RANGE_MISSING;
    if (entry->copies[SIDE_SOURCE] == 0)
        return RANGE_EXTRA;
    if (entry->copies[SIDE_SOURCE] > 1 || entry->copies[SIDE_TARGET] > 1)
        return RANGE_DUPLICATE;
    if (!row_hash_equal(entry->balance, (struct row_hash){0}))
        return RANGE_DIFFERENT;
    return entry->exact_balance == 0 ? RANGE_SAME : RANGE_ALIKE;
}

bool range_set_next(const struct range_set *set, size_t *cursor, struct range_key *key) {
    if (*cursor >= set->count)
        return false;
    const struct range_entry *entry = &set->entries[(*cursor)++];
    *key = (struct range_key){
        .kind = kind_of(entry),
        .key = set->keys.data + entry->key_at,
        .key_size = entry->key_size,
        .copies = {entry->copies[SIDE_SOURCE], entry->copies[SIDE_TARGET]},
    };
    return true;
}

void range_set_totals(const struct range_set *set, struct range_totals *totals) {
    *totals = (struct range_totals){0};
    for (int side = 0; side < SIDES; side++) {
        totals->rows[side] = set->rows[side];
        totals->duplicates[side] = set->duplicates[side];
    }
    for (size_t i = 0; i < set->count; i++)
        totals->keys[kind_of(&set->entries[i])]++;
}
