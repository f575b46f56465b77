/* sample_proof.c - see sample.h. Which rows are chosen, and their comparison by SHA-256. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "reconcile/sample.h"

enum { ENTRIES_FIRST = 64 };

/* ---- choosing ---- */

/* A binomial number falls short of its mean by four deviations less than once in 30,000 times. */
static double with_margin(uint64_t rows) {
    return (double)rows + 4 * sqrt((double)rows) + 10;
}

int sample_choice_init(struct sample_choice *choice, const char *seed, uint64_t rows, uint64_t population, struct err *err) {
    unsigned char sha[DIGEST_SIZE];
    int code = digest_sha256(seed, strlen(seed), sha, err);
    if (code != 0)
        return code;
    row_hash_key_set(&choice->key, sha);
    double share = population > 0 ? with_margin(rows) / (double)population : 1;
    choice->threshold = share < 1 ? (uint64_t)(share * 0x1p64) : UINT64_MAX;
    return 0;
}

bool sample_chooses(const struct sample_choice *choice, const void *key, size_t key_size) {
    return choice->threshold == UINT64_MAX || row_hash(&choice->key, key, key_size).low < choice->threshold;
}

/* ---- comparing ---- */

void sample_proof_init(struct sample_proof *proof) {
    *proof = (struct sample_proof){.count = {0}};
}

void sample_proof_release(struct sample_proof *proof) {
    for (int side = 0; side < SIDES; side++)
        mem_free(proof->entries[side]);
    sample_proof_init(proof);
}

static int make_room(struct sample_proof *proof, enum side side, size_t more, struct err *err) {
    size_t cap = proof->cap[side] == 0 ? ENTRIES_FIRST : proof->cap[side];
    while (cap < proof->count[side] + more)
        cap *= 2;
    if (cap == proof->cap[side])
        return 0;
    struct sample_entry *entries = mem_realloc(proof->entries[side], cap * sizeof(*entries));
    if (entries == NULL)
        return err_nomem(err);
    proof->entries[side] = entries;
    proof->cap[side] = cap;
    return 0;
}

int sample_entry_set(struct sample_entry *entry, const void *key, size_t key_size, const void *row, size_t row_size,
                     struct err *err) {
    int code = digest_sha256(key, key_size, entry->key, err);
    return code == 0 ? digest_sha256(row, row_size, entry->row, err) : code;
}

int sample_proof_put(struct sample_proof *proof, enum side side, const struct sample_entry *entry, struct err *err) {
    int code = make_room(proof, side, 1, err);
    if (code == 0)
        proof->entries[side][proof->count[side]++] = *entry;
    return code;
}

int sample_proof_add(struct sample_proof *proof, enum side side, const void *key, size_t key_size, const void *row, size_t row_size,
                     struct err *err) {
    struct sample_entry entry;
    int code = sample_entry_set(&entry, key, key_size, row, row_size, err);
    return code == 0 ? sample_proof_put(proof, side, &entry, err) : code;
}

int sample_proof_merge(struct sample_proof *proof, const struct sample_proof *other, struct err *err) {
    int code = 0;
    for (int side = 0; side < SIDES && code == 0; side++) {
        code = make_room(proof, (enum side)side, other->count[side], err);
        if (code == 0 && other->count[side] > 0) {
            memcpy(proof->entries[side] + proof->count[side], other->entries[side],
                   other->count[side] * sizeof(struct sample_entry));
            proof->count[side] += other->count[side];
        }
    }
    return code;
}

static int compare_entries(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct sample_entry));
}

static int compare_keys(const struct sample_entry *a, const struct sample_entry *b) {
    return memcmp(a->key, b->key, DIGEST_SIZE);
}

static int sort_side(struct sample_proof *proof, enum side side, char digest[DIGEST_HEX_SIZE], struct err *err) {
    size_t count = proof->count[side];
    if (count > 0)
        qsort(proof->entries[side], count, sizeof(struct sample_entry), compare_entries);
    return digest_sha256_hex(count > 0 ? (const void *)proof->entries[side] : "", count * sizeof(struct sample_entry), digest, err);
}

/* How many entries from `at` on have its key. */
static size_t run_length(const struct sample_proof *proof, enum side side, size_t at) {
    const struct sample_entry *entries = proof->entries[side];
    size_t end = at + 1;
    while (end < proof->count[side] && compare_keys(&entries[at], &entries[end]) == 0)
        end++;
    return end - at;
}

/* NULL behind the last one. */
static const struct sample_entry *entry_at(const struct sample_proof *proof, enum side side, size_t at) {
    return at < proof->count[side] ? &proof->entries[side][at] : NULL;
}

static bool is_same_row(const struct sample_entry *source, size_t source_copies, const struct sample_entry *target,
                        size_t target_copies) {
    return source_copies == 1 && target_copies == 1 && memcmp(source->row, target->row, DIGEST_SIZE) == 0;
}

/* Both sides are sorted by key. `defects` may be NULL; else it has room for every key. */
static void merge_sides(const struct sample_proof *proof, struct sample_result *result, struct sample_keys *defects) {
    size_t at[SIDES] = {0};
    while (at[SIDE_SOURCE] < proof->count[SIDE_SOURCE] || at[SIDE_TARGET] < proof->count[SIDE_TARGET]) {
        const struct sample_entry *source = entry_at(proof, SIDE_SOURCE, at[SIDE_SOURCE]);
        const struct sample_entry *target = entry_at(proof, SIDE_TARGET, at[SIDE_TARGET]);
        int order = source == NULL ? 1 : target == NULL ? -1 : compare_keys(source, target);
        size_t source_copies = order <= 0 ? run_length(proof, SIDE_SOURCE, at[SIDE_SOURCE]) : 0;
        size_t target_copies = order >= 0 ? run_length(proof, SIDE_TARGET, at[SIDE_TARGET]) : 0;
        bool same = order == 0 && is_same_row(source, source_copies, target, target_copies);
        result->missing += order < 0;
        result->extra += order > 0;
        result->same += same;
        result->different += order == 0 && !same;
        if (!same && defects != NULL)
            memcpy(defects->keys[defects->count++], order <= 0 ? source->key : target->key, DIGEST_SIZE);
        at[SIDE_SOURCE] += source_copies;
        at[SIDE_TARGET] += target_copies;
    }
}

int sample_proof_defects(struct sample_proof *proof, struct sample_keys *defects, struct err *err) {
    struct sample_result ignored = {.same = 0};
    *defects = (struct sample_keys){.keys = mem_zalloc(proof->count[SIDE_SOURCE] + proof->count[SIDE_TARGET] + 1, DIGEST_SIZE)};
    if (defects->keys == NULL)
        return err_nomem(err);
    for (int side = 0; side < SIDES; side++)
        if (proof->count[side] > 0)
            qsort(proof->entries[side], proof->count[side], sizeof(struct sample_entry), compare_entries);
    merge_sides(proof, &ignored, defects);
    return 0;
}

static int compare_digests(const void *a, const void *b) {
    return memcmp(a, b, DIGEST_SIZE);
}

bool sample_keys_have(const struct sample_keys *keys, const unsigned char key[DIGEST_SIZE]) {
    return keys->count > 0 && bsearch(key, keys->keys, keys->count, DIGEST_SIZE, compare_digests) != NULL;
}

void sample_proof_forget(struct sample_proof *proof, const struct sample_keys *keys) {
    for (int side = 0; side < SIDES; side++) {
        size_t left = 0;
        for (size_t i = 0; i < proof->count[side]; i++)
            if (!sample_keys_have(keys, proof->entries[side][i].key))
                proof->entries[side][left++] = proof->entries[side][i];
        proof->count[side] = left;
    }
}

int sample_proof_finish(struct sample_proof *proof, struct sample_result *result, struct err *err) {
    int code = 0;
    *result = (struct sample_result){.rows = {proof->count[SIDE_SOURCE], proof->count[SIDE_TARGET]}};
    for (int side = 0; side < SIDES && code == 0; side++)
        code = sort_side(proof, (enum side)side, result->digest[side], err);
    if (code == 0)
        merge_sides(proof, result, NULL);
    return code;
}
