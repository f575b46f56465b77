/* slice.c - one slice: piece by piece both sides are read and matched, what differs is read again, and the verdict goes into the ledger. */
#include <inttypes.h>

#include "base/mem.h"
#include "base/text.h"
#include "reconcile/proof.h"

struct first_look {
    struct verifier *verifier;
    struct slice_result *result;
    bool named; /* rows have nothing but their names */
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

static int first_look_row(void *context, enum side side, const struct datum *key, const struct datum *row, struct err *err) {
    struct first_look *look = context;
    struct verifier *verifier = look->verifier;
    (void)key;
    int rc = look_encode(verifier, row, err);
    if (rc)
        return rc;
    struct row_hash hash =
        row_hash_of(&verifier->set.hash_key, verifier->row.data, verifier->ends, verifier->fill->shape.column_count);
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
    return rc ? rc : checks_row(verifier, side, row, hash, look->named, err);
}

static int read_once(struct verifier *verifier, const struct interval *interval, struct slice_result *result, struct err *err) {
    struct first_look look = {verifier, result, interval->strays};
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

static int read_piece(struct verifier *verifier, const struct interval *interval, struct slice_result *result, struct err *err) {
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

/* ---- pieces ---- */

static int bound_query(struct verifier *verifier, const struct stmt *stmt, const char *lo, const char *hi, const char **key,
                       struct err *err) {
    const struct fill_map *map = &verifier->fill->job->map;
    struct sql_value values[FILL_N + 1] = {{0}}, bound[STMT_ARGS_MAX];
    struct db_result result;
    bool tagged = verifier->db->engine->tags_keys;
    int rc = lo ? key_decode(lo, map->key_count, tagged, &verifier->arena, values + FILL_LO, err) : 0;
    if (rc == 0 && hi)
        rc = key_decode(hi, map->key_count, tagged, &verifier->arena, values + FILL_HI, err);
    values[FILL_N] = value_text(arena_printf(&verifier->arena, "%" PRId64, verifier->piece_rows - 1));
    if (rc)
        return rc;
    stmt_bind(stmt, values, bound);
    struct db_tx tx = verifier->verify->look_tx;
    tx.by_index = true;
    const struct db_query query = {stmt->text.data, bound, stmt->arg_count, true};
    rc = db_flush(verifier->db, verifier->borrows_tx ? 0 : DB_ONE_TX, &tx, &query, 1, &verifier->arena, &result, err);
    *key = NULL;
    if (rc || result.row_count == 0)
        return rc;
    struct buf text;
    buf_init(&text);
    rc = key_encode(result.values, map->key_count, tagged, &text, err);
    if (rc == 0 && (*key = arena_strdup(&verifier->arena, text.data)) == NULL)
        rc = err_nomem(err);
    buf_release(&text);
    return rc;
}

/* The end of the next piece: so many rows on, or the end of the slice. A range that has no more rows than a piece is one. */
static int next_end(struct verifier *verifier, const char *lo, const char *hi, int64_t rows_left, const char **end,
                    struct err *err) {
    *end = hi;
    if (rows_left <= verifier->piece_rows + verifier->piece_rows / 4)
        return 0;
    int rc = bound_query(verifier, &verifier->fill->job->sql.bound[lo != NULL], lo, hi, end, err);
    if (*end == NULL)
        *end = hi;
    return rc;
}

/* Fewer rows at a time, where memory or the statement's time limit wants it, or one of them cannot be evaluated. An error ends the
 * transaction (D1), which none but its owner can begin anew. */
static bool halve(struct verifier *verifier, int rc, struct err *err) {
    if (verifier->borrows_tx)
        return false;
    if ((rc != ERR_NOMEM && rc != ERR_SLOW && rc != ERR_ROW) || verifier->piece_rows <= PROOF_PIECE_ROWS_MIN)
        return false;
    verifier->piece_rows /= 2;
    err_clear(err);
    return true;
}

/* The one row of the piece cannot be evaluated: agreed upon, if the fill could not either and it is a reject. */
static int pass_over(struct verifier *verifier, const char *key, struct slice_result *result, struct err *err) {
    struct err cause = *err;
    bool known = false;
    err_clear(err);
    int rc = suspects_is_reject(verifier, key, &known, err);
    if (rc)
        return rc;
    if (!known) {
        *err = cause;
        err_where(err, "a row of the source whose expressions cannot be evaluated, key %.200s", key);
        return err->code;
    }
    result->rejected++;
    result->rows[SIDE_SOURCE]++;
    return 0;
}

/* (lo, hi] in pieces. */
static int read_range(struct verifier *verifier, const char *lo, const char *hi, int64_t rows, struct slice_result *result,
                      struct err *err) {
    for (int64_t left = rows;;) {
        const char *end;
        uint64_t before = result->rows[SIDE_SOURCE];
        int rc = next_end(verifier, lo, hi, left, &end, err);
        bool inclusive = lo && lo == verifier->fill->from;
        struct interval piece = {inclusive ? VERIFY_KEY : lo ? VERIFY_ABOVE : VERIFY_OPEN, lo, end, false};
        if (rc == 0)
            rc = read_piece(verifier, &piece, result, err);
        if (rc && halve(verifier, rc, err)) {
            left = INT64_MAX;
            continue;
        }
        if (rc == ERR_ROW)
            rc = pass_over(verifier, end, result, err);
        if (rc || text_equal(end, hi))
            return rc;
        if (verifier->piece_rows < PROOF_PIECE_ROWS)
            verifier->piece_rows *= 2;
        left -= (int64_t)(result->rows[SIDE_SOURCE] - before);
        lo = end;
    }
}

/* Rows above the high-water mark, or all when there never was one: up to the largest source key in pieces, and what the target has above. */
static int read_rest(struct verifier *verifier, struct slice_result *result, struct err *err) {
    const char *lo = verifier->slice->lo, *top = NULL, *above = NULL;
    int rc = 0;
    if (verifier->fill->sql.aligned) {
        rc = bound_query(verifier, &verifier->fill->job->sql.high_water, NULL, NULL, &top, err);
        if (rc == 0 && top && lo) {
            int64_t rows = verifier->piece_rows;
            verifier->piece_rows = 1;
            rc = bound_query(verifier, &verifier->fill->job->sql.bound[1], lo, top, &above, err);
            verifier->piece_rows = rows;
        }
        if (rc == 0 && top && (lo == NULL || above))
            rc = read_range(verifier, lo, top, INT64_MAX, result, err);
        else
            top = lo;
        lo = top;
    }
    struct interval rest = {lo ? VERIFY_REST : VERIFY_WHOLE, lo, NULL, false};
    return rc ? rc : read_piece(verifier, &rest, result, err);
}

/* ---- the verdict ---- */

static const char *verdict_of(const struct slice_result *result) {
    if (result->kinds[RANGE_DIFFERENT] + result->kinds[RANGE_MISSING] + result->kinds[RANGE_EXTRA] + result->kinds[RANGE_DUPLICATE])
        return "differ";
    return verdict_word(verdict_worst(result->checked, result->unstable ? VERDICT_CHANGED : VERDICT_MATCH));
}

static char *hex(const struct row_digest *digest, char out[ROW_DIGEST_HEX_SIZE]) {
    return row_hash_hex(digest->sum, out);
}

static int detail_json(const struct verifier *verifier, const struct slice_result *result, char **out, struct err *err) {
    char source[ROW_DIGEST_HEX_SIZE], target[ROW_DIGEST_HEX_SIZE];
    uint64_t changed = result->changed + result->unstable;
    json_t *detail =
        json_pack("{s:{s:I, s:I}, s:{s:s, s:s}, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:O*}", "rows", "source",
                  (json_int_t)result->rows[SIDE_SOURCE], "target", (json_int_t)result->rows[SIDE_TARGET], "digest", "source",
                  hex(&result->digest[SIDE_SOURCE], source), "target", hex(&result->digest[SIDE_TARGET], target), "missing",
                  (json_int_t)result->kinds[RANGE_MISSING], "extra", (json_int_t)result->kinds[RANGE_EXTRA], "different",
                  (json_int_t)result->kinds[RANGE_DIFFERENT], "duplicates", (json_int_t)result->kinds[RANGE_DUPLICATE], "changed",
                  (json_int_t)changed, "weaker", (json_int_t)result->kinds[RANGE_ALIKE], "rejected", (json_int_t)result->rejected,
                  "causes", guess_slice(verifier), "checks", result->checks);
    *out = detail ? mem_json_text(detail, JSON_COMPACT) : NULL;
    json_decref(detail);
    return *out ? 0 : err_nomem(err);
}

/* The slice as this process knows it; the ledger keeps the worst that is known of the whole of it. */
static void remember(struct verifier *verifier, const char *verdict, const char *reason, const char *detail) {
    struct verify *verify = verifier->verify;
    struct ledger_slice *slice = verifier->slice;
    pthread_mutex_lock(&verify->lock);
    slice->pass = verify->pass.pass;
    slice->verdict = verdict;
    slice->reason = reason;
    slice->detail = arena_strdup(&verify->arena, detail);
    slice->seen_now = true;
    pthread_mutex_unlock(&verify->lock);
}

static int put(struct verifier *verifier, const char *verdict, const char *reason, const struct slice_result *result,
               struct err *err) {
    struct verify *verify = verifier->verify;
    char *detail = NULL;
    int rc = detail_json(verifier, result, &detail, err);
    if (rc)
        return rc;
    struct ledger_verdict put = {.fill = verifier->fill->job->name,
                                 .range_no = verifier->slice->range_no,
                                 .pass = verify->pass.pass,
                                 .verdict = verdict,
                                 .reason = reason,
                                 .detail = detail,
                                 .whole = (verifier->fill->whole || verify->options.keys == NULL) && verify->options.only == NULL,
                                 .findings = result->findings,
                                 .finding_count = result->finding_count};
    rc = ledger_verdict_put(verify->ledger, verifier->db, verify->run, &put, err);
    if (rc == 0)
        remember(verifier, verdict, reason, detail);
    mem_free(detail);
    return rc;
}

/* Rows that differ because the fill kept them on purpose are called that. */
static int name_kept(struct verifier *verifier, struct slice_result *result, struct err *err) {
    const struct verify *verify = verifier->verify;
    const char **kept = NULL;
    size_t count = 0;
    int rc = result->kinds[RANGE_DIFFERENT] == 0 ? 0
                                                 : ledger_kept(verify->ledger, verifier->db, verify->run, verifier->fill->job->name,
                                                               verifier->slice->range_no, &verifier->arena, &kept, &count, err);
    for (size_t i = 0; i < result->finding_count && rc == 0 && count > 0; i++)
        for (size_t k = 0; k < count; k++)
            if (text_equal(result->findings[i].kind, "different") && text_equal(result->findings[i].key, kept[k]))
                result->findings[i].kind = "kept";
    return rc;
}

static int read_slice(struct verifier *verifier, struct slice_result *result, struct err *err) {
    const struct ledger_slice *slice = verifier->slice;
    struct interval strays = {.form = VERIFY_WHOLE, .strays = true};
    if (slice->range_no == LEDGER_STRAYS)
        return read_piece(verifier, &strays, result, err);
    if (slice->hi == NULL)
        return read_rest(verifier, result, err);
    int64_t rows = slice->range_no == LEDGER_REST ? INT64_MAX : slice->rows; /* nobody has counted what lies above */
    return read_range(verifier, slice->lo, slice->hi, rows, result, err);
}

/* Nothing is left of the slice before. */
static void forget(struct verifier *verifier) {
    arena_reset(&verifier->arena);
    cause_free(verifier->cause);
    verifier->cause = NULL;
}

int slice_look(struct verifier *verifier, struct slice_result *result, struct err *err) {
    forget(verifier);
    *result = (struct slice_result){.findings = arena_array(&verifier->arena, PROOF_FINDINGS_MAX, sizeof *result->findings)};
    return result->findings ? read_slice(verifier, result, err) : err_nomem(err);
}

int slice_verify(struct verifier *verifier, int64_t *rows, struct err *err) {
    struct slice_result result = {0};
    forget(verifier);
    *rows = 0;
    checks_begin_slice(verifier);
    if (verifier->slice->hi && !text_equal(verifier->slice->state, "filled"))
        return put(verifier, "unverified", "the range is not filled yet", &result, err);
    int rc = slice_look(verifier, &result, err);
    if (rc == 0)
        rc = name_kept(verifier, &result, err);
    if (rc == 0)
        rc = checks_conclude(verifier, &result, err);
    if (rc)
        return rc;
    verifier->found = result.findings;
    verifier->found_count = result.finding_count;
    rc = put(verifier, verdict_of(&result), result.reason ? result.reason : "", &result, err);
    json_decref(result.checks);
    if (rc == 0)
        rc = guess_keep(verifier, err);
    if (rc)
        return rc;
    *rows = (int64_t)result.rows[SIDE_SOURCE];
    pthread_mutex_lock(&verifier->verify->lock);
    verifier->verify->rows[SIDE_SOURCE] += result.rows[SIDE_SOURCE];
    verifier->verify->rows[SIDE_TARGET] += result.rows[SIDE_TARGET];
    verifier->verify->findings += result.finding_count;
    pthread_mutex_unlock(&verifier->verify->lock);
    return 0;
}
