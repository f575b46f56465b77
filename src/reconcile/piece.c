/* piece.c - a piece of a slice: both sides are read as of one moment and matched, and what differs is read again. */
#include "base/clock.h"
#include "base/text.h"
#include "reconcile/proof.h"

enum {
    SNAPSHOT_US_MAX = 30000000, /* an older moment keeps the server from cleaning up */
    ROWS_BETWEEN_CLOCKS = 4096,
};

struct first_look {
    struct verifier *verifier;
    struct slice_result *result;
    const struct interval *interval;
    int64_t began_us;
    uint64_t rows;
};

/* The low word of the row's hash under `exact`, where the rules ask for less. */
static int exact_hash(struct verifier *verifier, const struct datum *row, uint64_t *out, struct err *err) {
    const struct shape *shape = &verifier->fill->shape;
    struct buf exact;
    buf_init(&exact);
    for (size_t i = 0; i < shape->column_count; i++)
        canonical_add(&exact, &row[i], (struct canonical_rule){CANONICAL_EXACT, shape->rules[i].reading});
    int rc = buf_ok(&exact) ? 0 : err_nomem(err);
    if (rc == 0)
        *out = row_hash(&verifier->set.hash_key, exact.data, exact.len).low;
    buf_release(&exact);
    return rc;
}

/* Then the piece is read again with fewer rows. */
static int too_long(struct first_look *look, struct err *err) {
    if (++look->rows % ROWS_BETWEEN_CLOCKS != 0 || clock_monotonic_us() - look->began_us < SNAPSHOT_US_MAX)
        return 0;
    return err_set(err, ERR_SLOW, "reading one piece took more than %d s", SNAPSHOT_US_MAX / 1000000);
}

/* The row of the target has the key of the row of the source that cannot be evaluated. A join leads to no other. */
static int is_under(const struct first_look *look, const struct datum *key, bool *under, struct err *err) {
    const char *text = NULL;
    *under = look->interval->under != NULL;
    if (!*under || !look->verifier->fill->sql.aligned)
        return 0;
    int rc = look_key_text(look->verifier, true, key, &text, err);
    *under = rc == 0 && text_equal(text, look->interval->hi);
    return rc;
}

static int first_look_row(void *context, enum side side, const struct datum *key, const struct datum *row, struct err *err) {
    struct first_look *look = context;
    struct verifier *verifier = look->verifier;
    bool under = false;
    int rc = too_long(look, err);
    if (rc == 0)
        rc = is_under(look, key, &under, err);
    if (rc == 0)
        rc = look_encode(verifier, row, err);
    if (rc)
        return rc;
    struct row_hash hash =
        row_hash_of(&verifier->set.hash_key, verifier->row.data, verifier->ends, verifier->fill->shape.column_count);
    if (under) {
        *look->interval->under = true;
        look->result->rows[side]++;
        row_digest_add(&look->result->digest[side], hash);
        return 0;
    }
    uint64_t exact = hash.low;
    if (shape_is_semantic(&verifier->fill->shape) && (rc = exact_hash(verifier, row, &exact, err)) != 0)
        return rc;
    /* The source was read before, at the same moment. */
    if (side == SIDE_TARGET && !verifier->fill->checks.extra &&
        !range_set_has(&verifier->set, SIDE_SOURCE, verifier->row.data, look_key_size(verifier)))
        return 0;
    look->result->rows[side]++;
    row_digest_add(&look->result->digest[side], hash);
    rc = range_set_add(&verifier->set, side, verifier->row.data, look_key_size(verifier), hash, exact, err);
    return rc ? rc : checks_row(verifier, side, row, hash, look->interval->strays, err);
}

static int read_once(struct verifier *verifier, const struct interval *interval, struct slice_result *result, struct err *err) {
    struct first_look look = {verifier, result, interval, clock_monotonic_us(), 0};
    range_set_clear(&verifier->set);
    checks_begin_try(verifier);
    cause_free(verifier->cause);
    verifier->cause = NULL;
    int rc = look_begin(verifier, err);
    if (rc == 0)
        rc = look_at(verifier, interval, first_look_row, &look, err);
    look_end(verifier);
    if (rc == 0)
        rc = suspects_settle(verifier, interval, result, err);
    return rc;
}

/* What the piece's rows have in common joins what those of the pieces before had. */
static int keep_cause(struct verifier *verifier, struct cause *before, struct err *err) {
    struct cause *piece = verifier->cause;
    int rc = before && piece ? cause_merge(before, piece, err) : 0;
    verifier->cause = before ? before : piece;
    if (before)
        cause_free(piece);
    return rc;
}

int piece_read(struct verifier *verifier, const struct interval *interval, struct slice_result *result, struct err *err) {
    enum { TRIES_MAX = 3 };
    struct slice_result before = *result;
    struct cause *cause_before = verifier->cause;
    bool again = true;
    int rc = 0;
    verifier->cause = NULL;
    checks_begin_piece(verifier);
    for (int i = 0; i < TRIES_MAX && again && rc == 0; i++) {
        *result = before;
        rc = read_once(verifier, interval, result, err);
        if (rc == 0)
            rc = checks_matched(verifier, &before, result, &again, err);
    }
    if (rc) {
        cause_free(verifier->cause);
        verifier->cause = NULL;
    }
    int kept = keep_cause(verifier, cause_before, err);
    if (rc == 0)
        rc = kept;
    if (rc == 0)
        rc = checks_keep_piece(verifier, err);
    if (rc)
        *result = before;
    else
        result->restless = result->restless || again;
    return rc;
}
