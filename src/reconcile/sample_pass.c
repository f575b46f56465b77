/* sample_pass.c - see sample_pass.h: reading. */
#include "reconcile/sample_pass.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "reconcile/proof.h"

enum {
    SNAPSHOT_US_MAX = 30000000,
    ROWS_BETWEEN_CLOCKS = 4096,
    STRATUM_VALUES_MAX = 256, /* of one column; one with more is not low in values, and rows by chance see the frequent ones */
};

/* A part of a piece that must not go unseen. */
struct stratum {
    size_t column;         /* of the distribution columns, or their number: the piece */
    struct row_hash value; /* of that column */
    struct row_hash least; /* of the keys that were there */
    bool by_chance;        /* the row with that key was chosen anyway */
    struct sample_entry entries[SIDES];
    bool has[SIDES];
};

/* One look at a piece. */
struct piece {
    struct verifier *verifier;
    struct sample_proof proof;
    struct stratum *strata;
    size_t count, room;
    struct sample_entry entry; /* of the source row at hand, if it is the first of any stratum */
    bool is_first;
    bool source_is_in; /* its strata have their rows */
    uint64_t rows[SIDES], by_chance;
    int64_t began_us;
    /* The second look: only these, but for rejects. */
    const struct sample_keys *suspects;
    const struct ledger_reject *rejects;
    size_t reject_count;
};

static void release(struct piece *piece) {
    sample_proof_release(&piece->proof);
    mem_free(piece->strata);
}

static struct sample_fill *sample_of(const struct verifier *verifier) {
    return &verifier->verify->samples[verifier->fill - verifier->verify->fills];
}

/* The chosen keys of the piece's source rows are remembered by hash. */
static int choose(struct piece *piece, struct row_hash key, struct err *err) {
    return range_set_add(&piece->verifier->set, SIDE_SOURCE, (const char *)&key, sizeof key, (struct row_hash){0, 0}, 0, err);
}

static bool is_chosen(const struct piece *piece, struct row_hash key) {
    return range_set_has(&piece->verifier->set, SIDE_SOURCE, (const char *)&key, sizeof key);
}

static int set_entry(struct piece *piece, struct sample_entry *entry, struct err *err) {
    const struct verifier *verifier = piece->verifier;
    return sample_entry_set(entry, verifier->row.data, look_key_size(verifier), verifier->row.data, verifier->row.len, err);
}

/* ---- strata ---- */

static struct stratum *find_stratum(struct piece *piece, size_t column, struct row_hash value, struct err *err) {
    size_t of_column = 0;
    for (size_t i = 0; i < piece->count; i++) {
        of_column += piece->strata[i].column == column;
        if (piece->strata[i].column == column && row_hash_equal(piece->strata[i].value, value))
            return &piece->strata[i];
    }
    if (of_column == STRATUM_VALUES_MAX)
        return NULL;
    if (piece->count == piece->room) {
        size_t room = piece->room ? 2 * piece->room : 16;
        struct stratum *more = mem_realloc(piece->strata, room * sizeof *more);
        if (more == NULL) {
            err_nomem(err);
            return NULL;
        }
        piece->strata = more;
        piece->room = room;
    }
    piece->strata[piece->count] = (struct stratum){.column = column, .value = value, .least = {UINT64_MAX, UINT64_MAX}};
    return &piece->strata[piece->count++];
}

static struct row_hash value_of(const struct piece *piece, size_t column) {
    const struct verifier *verifier = piece->verifier;
    const struct check_columns *columns = &verifier->fill->checks.options.distribution;
    if (column == columns->count)
        return (struct row_hash){0, 0};
    size_t at = columns->at[column], from = at > 0 ? verifier->ends[at - 1] : 0;
    return row_hash(&sample_of(verifier)->choice.key, verifier->row.data + from, verifier->ends[at] - from);
}

static bool is_less(struct row_hash a, struct row_hash b) {
    return a.low != b.low ? a.low < b.low : a.high < b.high;
}

/* The source row at hand may be the first of its strata. */
static int compete(struct piece *piece, struct row_hash key, bool by_chance, struct err *err) {
    size_t columns = piece->verifier->fill->checks.options.distribution.count;
    piece->is_first = false;
    for (size_t column = 0; column <= columns; column++) {
        struct stratum *stratum = find_stratum(piece, column, value_of(piece, column), err);
        if (err->code)
            return err->code;
        if (stratum == NULL || !is_less(key, stratum->least))
            continue;
        int rc = by_chance || piece->is_first ? 0 : set_entry(piece, &piece->entry, err);
        if (rc)
            return rc;
        piece->is_first = !by_chance;
        stratum->least = key;
        stratum->by_chance = by_chance;
        stratum->entries[SIDE_SOURCE] = piece->entry;
        stratum->has[SIDE_SOURCE] = true;
        stratum->has[SIDE_TARGET] = false;
    }
    return 0;
}

/* In place, the target's row follows the source's at once. */
static int follow(struct piece *piece, struct row_hash key, struct err *err) {
    int rc = 0;
    for (size_t i = 0; i < piece->count && rc == 0 && piece->is_first; i++) {
        struct stratum *stratum = &piece->strata[i];
        if (!row_hash_equal(stratum->least, key) || stratum->by_chance)
            continue;
        stratum->has[SIDE_TARGET] = true;
        rc = set_entry(piece, &stratum->entries[SIDE_TARGET], err);
    }
    return rc;
}

/* All of the source was seen: the first row of each stratum is chosen. */
static int close_strata(struct piece *piece, struct err *err) {
    int rc = 0;
    for (size_t i = 0; i < piece->count && rc == 0 && !piece->source_is_in; i++) {
        struct stratum *stratum = &piece->strata[i];
        if (stratum->by_chance || is_chosen(piece, stratum->least))
            continue;
        rc = choose(piece, stratum->least, err);
        for (int side = 0; side < SIDES && rc == 0; side++)
            if (stratum->has[side])
                rc = sample_proof_put(&piece->proof, (enum side)side, &stratum->entries[side], err);
    }
    piece->source_is_in = true;
    return rc;
}

/* ---- the first look ---- */

static int source_row(struct piece *piece, struct row_hash key, bool by_chance, struct err *err) {
    const struct verifier *verifier = piece->verifier;
    int rc = 0;
    if (by_chance) {
        piece->by_chance++;
        rc = choose(piece, key, err);
        if (rc == 0)
            rc = sample_proof_add(&piece->proof, SIDE_SOURCE, verifier->row.data, look_key_size(verifier), verifier->row.data,
                                  verifier->row.len, err);
    }
    return rc ? rc : compete(piece, key, by_chance, err);
}

static int target_row(struct piece *piece, struct row_hash key, bool by_chance, struct err *err) {
    const struct verifier *verifier = piece->verifier;
    bool in_place = verifier->fill->job->map.in_place;
    int rc = in_place ? follow(piece, key, err) : close_strata(piece, err);
    bool wanted = is_chosen(piece, key) || (by_chance && verifier->fill->checks.extra);
    if (rc || !wanted)
        return rc;
    return sample_proof_add(&piece->proof, SIDE_TARGET, verifier->row.data, look_key_size(verifier), verifier->row.data,
                            verifier->row.len, err);
}

static int first_look(void *context, enum side side, const struct datum *key, const struct datum *row, struct err *err) {
    struct piece *piece = context;
    struct verifier *verifier = piece->verifier;
    (void)key;
    int rc = look_encode(verifier, row, err);
    if (rc)
        return rc;
    if (++piece->rows[side] % ROWS_BETWEEN_CLOCKS == 0 && clock_monotonic_us() - piece->began_us > SNAPSHOT_US_MAX)
        return err_set(err, ERR_SLOW, "reading one piece took more than %d s", SNAPSHOT_US_MAX / 1000000);
    const struct sample_choice *choice = &sample_of(verifier)->choice;
    struct row_hash hash = row_hash(&choice->key, verifier->row.data, look_key_size(verifier));
    bool by_chance = choice->threshold == UINT64_MAX || hash.low < choice->threshold;
    return side == SIDE_SOURCE ? source_row(piece, hash, by_chance, err) : target_row(piece, hash, by_chance, err);
}

/* ---- looking again ---- */

/* A row that could not be written is missing by agreement; in place its column is not filled. */
static bool is_reject(const struct piece *piece, const char *key) {
    const char *fill = piece->verifier->fill->job->name;
    for (size_t i = 0; i < piece->reject_count; i++)
        if (text_equal(piece->rejects[i].fill, fill) && !text_equal(piece->rejects[i].state, "retried") &&
            text_equal(piece->rejects[i].key, key))
            return true;
    return false;
}

static int second_look(void *context, enum side side, const struct datum *key, const struct datum *row, struct err *err) {
    struct piece *piece = context;
    struct verifier *verifier = piece->verifier;
    struct sample_entry entry;
    int rc = look_encode(verifier, row, err);
    if (rc == 0)
        rc = set_entry(piece, &entry, err);
    if (rc || !sample_keys_have(piece->suspects, entry.key))
        return rc;
    const char *text = NULL;
    if (key && piece->reject_count > 0)
        rc = look_key_text(verifier, true, key, &text, err);
    if (rc || (text && is_reject(piece, text)))
        return rc;
    return sample_proof_put(&piece->proof, side, &entry, err);
}

static int look_again(struct piece *piece, const struct interval *interval, const struct sample_keys *suspects, struct err *err) {
    struct verifier *verifier = piece->verifier;
    struct ledger_reject *rejects = NULL;
    struct piece again = {.verifier = verifier, .suspects = suspects};
    sample_proof_init(&again.proof);
    int rc = ledger_rejects(verifier->verify->ledger, verifier->db, verifier->verify->run, NULL, &verifier->arena, &rejects,
                            &again.reject_count, err);
    again.rejects = rejects;
    if (rc == 0)
        rc = look_begin(verifier, err);
    if (rc == 0) {
        rc = look_at(verifier, interval, second_look, &again, err);
        look_end(verifier);
    }
    if (rc == 0) {
        sample_proof_forget(&piece->proof, suspects);
        rc = sample_proof_merge(&piece->proof, &again.proof, err);
    }
    release(&again);
    return rc;
}

/* As many looks as any row gets. */
static int confirm(struct piece *piece, const struct interval *interval, struct err *err) {
    int looks = piece->verifier->verify->plan->writes != PLAN_WRITES_NONE ? 2 : 1, rc = 0;
    for (bool any = true; any && looks > 0 && rc == 0; looks--) {
        struct sample_keys suspects = {0};
        rc = sample_proof_defects(&piece->proof, &suspects, err);
        any = rc == 0 && suspects.count > 0;
        if (any)
            rc = look_again(piece, interval, &suspects, err);
        mem_free(suspects.keys);
    }
    return rc;
}

/* ---- a piece ---- */

static int add_part(struct sample_part *sum, const struct sample_part *part, struct err *err) {
    int rc = sample_proof_merge(&sum->proof, &part->proof, err);
    if (rc)
        return rc;
    sum->population += part->population;
    sum->by_chance += part->by_chance;
    return 0;
}

int sample_keep_slice(struct verifier *verifier, struct err *err) {
    struct verify *verify = verifier->verify;
    pthread_mutex_lock(&verify->lock);
    int rc = add_part(&sample_of(verifier)->sum, &verifier->walk.sample, err);
    pthread_mutex_unlock(&verify->lock);
    return rc;
}

static int keep(struct piece *piece, struct slice_result *result, struct err *err) {
    const struct sample_part part = {piece->proof, piece->rows[SIDE_SOURCE], piece->by_chance};
    struct sample_result found;
    int rc = add_part(&piece->verifier->walk.sample, &part, err);
    if (rc == 0)
        rc = sample_proof_finish(&piece->proof, &found, err);
    if (rc)
        return rc;
    for (int side = 0; side < SIDES; side++)
        result->rows[side] += piece->rows[side];
    result->kinds[RANGE_SAME] += found.same;
    result->kinds[RANGE_DIFFERENT] += found.different;
    result->kinds[RANGE_MISSING] += found.missing;
    result->kinds[RANGE_EXTRA] += found.extra;
    return 0;
}

int sample_piece(struct verifier *verifier, const struct interval *interval, struct slice_result *result, struct err *err) {
    struct piece piece = {.verifier = verifier, .began_us = clock_monotonic_us()};
    sample_proof_init(&piece.proof);
    range_set_clear(&verifier->set);
    int rc = look_begin(verifier, err);
    if (rc == 0) {
        rc = look_at(verifier, interval, first_look, &piece, err);
        look_end(verifier);
    }
    if (rc == 0)
        rc = close_strata(&piece, err);
    if (rc == 0)
        rc = confirm(&piece, interval, err);
    if (rc == 0)
        rc = keep(&piece, result, err);
    release(&piece);
    return rc;
}
