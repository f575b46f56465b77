/* slice.c - one slice: piece by piece both sides are read and matched, what differs is read again, and the verdict goes into the ledger. */
#include <inttypes.h>

#include "base/mem.h"
#include "base/text.h"
#include "reconcile/proof.h"

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

static int read_piece(struct verifier *verifier, const struct interval *interval, struct err *err) {
    struct slice_result *result = &verifier->walk.result;
    return (verifier->verify->samples ? sample_piece : piece_read)(verifier, interval, result, err);
}

/* Where the target is found by a join, the join may be what cannot be evaluated: then nothing is there. */
static int read_around(struct verifier *verifier, const struct interval *around, struct err *err) {
    int rc = read_piece(verifier, around, err);
    if (rc != ERR_ROW)
        return rc;
    if (verifier->fill->sql.aligned)
        return err_set(err, ERR_TRANSIENT, "a row of the source that cannot be evaluated came while its neighbours were read");
    *around->under = false;
    err_clear(err);
    return 0;
}

/* The one row of the source that the piece has cannot be evaluated. The rest of the piece is looked at as ever. */
static int blind_row(struct verifier *verifier, const struct interval *piece, struct err *err) {
    struct slice_result *result = &verifier->walk.result;
    bool under = false, in_place = verifier->fill->job->map.in_place;
    struct interval around = *piece;
    around.under = &under;
    struct slice_result before = *result;
    err_clear(err);
    int rc = in_place ? 0 : read_around(verifier, &around, err);
    if (rc == 0)
        rc = suspects_blind(verifier, piece->hi, under || in_place, result, err);
    if (rc) {
        *result = before;
        return rc;
    }
    result->rows[SIDE_SOURCE]++;
    result->rows[SIDE_TARGET] += in_place;
    return 0;
}

/* The next piece above walk->lo. A first row that belongs to the fill is a piece of its own where single ones are wanted. */
static int next_piece(struct verifier *verifier, struct interval *piece, struct err *err) {
    const struct slice_walk *walk = &verifier->walk;
    bool inclusive = walk->lo && walk->lo == verifier->fill->from;
    *piece = (struct interval){.form = inclusive ? VERIFY_KEY : walk->lo ? VERIFY_ABOVE : VERIFY_OPEN, .lo = walk->lo};
    if (!inclusive || verifier->piece_rows > 1)
        return next_end(verifier, walk->lo, walk->end, walk->left, &piece->hi, err);
    piece->hi = arena_strdup(&verifier->arena, walk->lo);
    return piece->hi ? 0 : err_nomem(err);
}

/* The next piece of (lo, end]. The ledger's number of rows may be too small by now: only pieces that were cut by the server are known to be
 * of one row. */
static int step_range(struct verifier *verifier, struct err *err) {
    struct slice_walk *walk = &verifier->walk;
    struct interval piece;
    uint64_t before = walk->result.rows[SIDE_SOURCE];
    bool counted = walk->left != INT64_MAX;
    int rc = next_piece(verifier, &piece, err);
    if (rc) /* ERR_ROW: of the fill's own condition, and no piece is without it */
        return rc;
    rc = read_piece(verifier, &piece, err);
    if (rc && (halve(verifier, rc, err) || (rc == ERR_ROW && counted && !verifier->borrows_tx))) {
        err_clear(err);
        walk->left = INT64_MAX;
        return 0;
    }
    if (rc == ERR_ROW && !verifier->borrows_tx)
        rc = blind_row(verifier, &piece, err);
    if (rc)
        return rc;
    if (text_equal(piece.hi, walk->end))
        walk->end = NULL;
    else if (verifier->piece_rows <= verifier->verify->piece_rows_max / 2)
        verifier->piece_rows *= 2;
    if (walk->left != INT64_MAX)
        walk->left -= (int64_t)(walk->result.rows[SIDE_SOURCE] - before);
    walk->lo = piece.hi;
    return 0;
}

static int step(struct verifier *verifier, struct err *err) {
    struct slice_walk *walk = &verifier->walk;
    if (walk->end)
        return step_range(verifier, err);
    struct interval rest = {.form = walk->lo ? VERIFY_REST : VERIFY_WHOLE, .lo = walk->lo};
    struct interval strays = {.form = VERIFY_WHOLE, .strays = true};
    bool is_rest = verifier->slice->range_no != LEDGER_STRAYS;
    walk->rest = false;
    if (is_rest) {
        int rc = read_piece(verifier, &rest, err);
        if (rc == ERR_ROW && !verifier->borrows_tx)
            rc = err_set(err, ERR_TRANSIENT, "a row of the source that cannot be evaluated came above the last one");
        return rc;
    }
    int rc = read_piece(verifier, &strays, err);
    return rc ? rc : shared_find(verifier, &walk->result, err);
}

/* Rows above the high-water mark, or all when there never was one: up to the largest source key in pieces, and what the target has above. */
static int find_top(struct verifier *verifier, struct err *err) {
    struct slice_walk *walk = &verifier->walk;
    const char *top = NULL, *above = NULL;
    int rc = bound_query(verifier, &verifier->fill->job->sql.high_water, NULL, NULL, &top, err);
    if (rc == 0 && top && walk->lo) {
        int64_t rows = verifier->piece_rows;
        verifier->piece_rows = 1;
        rc = bound_query(verifier, &verifier->fill->job->sql.bound[1], walk->lo, top, &above, err);
        verifier->piece_rows = rows;
    }
    walk->end = top && (walk->lo == NULL || above) ? top : NULL;
    return rc;
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

/* What the verdict is about is the whole slice: one that was not looked at has no room for findings. */
static bool is_whole(const struct verifier *verifier, const struct slice_result *result) {
    const struct verify_options *options = &verifier->verify->options;
    return (verifier->fill->whole || options->keys == NULL) && options->only == NULL && !options->sample && result->findings;
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
                                 .whole = is_whole(verifier, result),
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

/* ---- from the beginning to the end ---- */

void slice_drop(struct verifier *verifier) {
    struct verify *verify = verifier->verify;
    struct slice_walk *walk = &verifier->walk;
    pthread_mutex_lock(&verify->lock);
    for (size_t side = 0; side < SIDES; side++)
        verify->rows[side] -= walk->counted[side];
    pthread_mutex_unlock(&verify->lock);
    json_decref(walk->result.checks);
    sample_proof_release(&walk->sample.proof);
    cause_free(verifier->cause);
    verifier->cause = NULL;
    *walk = (struct slice_walk){0};
}

static int begin(struct verifier *verifier, struct err *err) {
    const struct ledger_slice *slice = verifier->slice;
    struct slice_walk *walk = &verifier->walk;
    slice_drop(verifier);
    arena_reset(&verifier->arena);
    checks_begin_slice(verifier);
    walk->result.findings = arena_array(&verifier->arena, PROOF_FINDINGS_MAX, sizeof *walk->result.findings);
    if (walk->result.findings == NULL)
        return err_nomem(err);
    walk->begun = true;
    walk->lo = slice->lo;
    walk->left = slice->range_no <= 0 ? INT64_MAX : slice->rows; /* nobody has counted what lies above the ranges */
    walk->end = slice->hi;
    walk->rest = slice->hi == NULL;
    return slice->hi || slice->range_no == LEDGER_STRAYS ? 0 : find_top(verifier, err);
}

static void count(struct verifier *verifier) {
    struct verify *verify = verifier->verify;
    struct slice_walk *walk = &verifier->walk;
    pthread_mutex_lock(&verify->lock);
    for (size_t side = 0; side < SIDES; side++) {
        verify->rows[side] += walk->result.rows[side] - walk->counted[side];
        walk->counted[side] = walk->result.rows[side];
    }
    pthread_mutex_unlock(&verify->lock);
}

/* A sample that is right says nothing of a slice; one that is not says that the slice is wrong. */
static int put_sample(struct verifier *verifier, struct err *err) {
    const struct slice_result *result = &verifier->walk.result;
    const char *verdict = verdict_of(result);
    char *detail = NULL;
    if (!text_equal(verdict, "match"))
        return put(verifier, verdict, "rows of a sample differ; infill verify names them", result, err);
    int rc = detail_json(verifier, result, &detail, err);
    if (rc == 0)
        remember(verifier, verdict, "", detail);
    mem_free(detail);
    return rc;
}

static int finish_sample(struct verifier *verifier, int64_t *rows, struct err *err) {
    int rc = sample_keep_slice(verifier, err);
    if (rc == 0)
        rc = put_sample(verifier, err);
    *rows = (int64_t)verifier->walk.result.rows[SIDE_SOURCE];
    return rc;
}

static int finish(struct verifier *verifier, int64_t *rows, struct err *err) {
    struct verify *verify = verifier->verify;
    struct slice_result *result = &verifier->walk.result;
    int rc = name_kept(verifier, result, err);
    if (rc == 0)
        rc = checks_conclude(verifier, result, err);
    if (rc)
        return rc;
    verifier->found = result->findings;
    verifier->found_count = result->finding_count;
    rc = put(verifier, verdict_of(result), result->reason ? result->reason : "", result, err);
    if (rc == 0)
        rc = guess_keep(verifier, err);
    if (rc)
        return rc;
    *rows = (int64_t)result->rows[SIDE_SOURCE];
    pthread_mutex_lock(&verify->lock);
    verify->findings += result->finding_count;
    pthread_mutex_unlock(&verify->lock);
    return 0;
}

static int one_piece(struct verifier *verifier, int64_t *rows, bool *done, struct err *err) {
    struct slice_walk *walk = &verifier->walk;
    int rc = walk->begun ? 0 : begin(verifier, err);
    if (rc)
        return rc;
    struct slice_result nothing = {0};
    if (verifier->slice->hi && !text_equal(verifier->slice->state, "filled")) {
        *done = true;
        return put(verifier, "unverified", "the range is not filled yet", &nothing, err);
    }
    rc = step(verifier, err);
    if (rc == ERR_ROW && verifier->slice->range_no == LEDGER_STRAYS && !verifier->borrows_tx) {
        *done = true;
        err_clear(err);
        return put(verifier, "unverified", "a row of the source has a match value that cannot be evaluated", &nothing, err);
    }
    if (rc)
        return rc;
    count(verifier);
    *done = walk->end == NULL && !walk->rest;
    if (!*done)
        return 0;
    return verifier->verify->samples ? finish_sample(verifier, rows, err) : finish(verifier, rows, err);
}

int slice_step(struct verifier *verifier, int64_t *rows, bool *done, struct err *err) {
    struct slice_walk *walk = &verifier->walk;
    *rows = 0;
    *done = false;
    int rc = one_piece(verifier, rows, done, err);
    if (rc)
        slice_drop(verifier);
    if (rc || !*done)
        return rc;
    memset(walk->counted, 0, sizeof walk->counted); /* for good */
    slice_drop(verifier);
    return 0;
}

int slice_verify(struct verifier *verifier, int64_t *rows, struct err *err) {
    bool done = false;
    int rc = 0;
    slice_drop(verifier);
    while (rc == 0 && !done)
        rc = slice_step(verifier, rows, &done, err);
    return rc;
}

int slice_look(struct verifier *verifier, struct slice_result *result, struct err *err) {
    struct slice_walk *walk = &verifier->walk;
    slice_drop(verifier);
    int rc = begin(verifier, err);
    while (rc == 0 && (walk->end || walk->rest))
        rc = step(verifier, err);
    *result = walk->result;
    walk->result = (struct slice_result){0};
    return rc;
}

int64_t slice_rows_ahead(const struct verifier *verifier) {
    const struct slice_walk *walk = &verifier->walk;
    int64_t left = walk->begun ? walk->left : verifier->slice->range_no > 0 ? verifier->slice->rows : INT64_MAX;
    return left > 0 && left < verifier->piece_rows ? left : verifier->piece_rows;
}
