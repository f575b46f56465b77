/* proof_checks.c - see proof_checks.h. */
#include "reconcile/proof_checks.h"

#include <stdlib.h>

#include "base/text.h"
#include "reconcile/proof.h"
#include "reconcile/slice_sum.h"

/* For the values of one list on one side: those of a usual range. More of them go into a temporary file. */
enum { UNIQUE_BYTES = 4 << 20 };

/* ---- what the plan asks for ---- */

static int columns_of(struct verify *verify, const struct proof_fill *fill, const struct plan_names *names,
                      struct check_columns *columns, struct err *err) {
    size_t *at = arena_array(&verify->arena, names->count + 1, sizeof *at);
    if (at == NULL)
        return err_nomem(err);
    *columns = (struct check_columns){at, 0};
    for (size_t i = 0; i < names->count; i++)
        for (size_t k = 0; k < fill->shape.column_count; k++)
            if (text_equal(fill->shape.names[k], names->names[i])) {
                at[columns->count++] = k;
                break;
            }
    return 0;
}

static bool is_off(const struct plan_checks *checks, const char *name) {
    return (!checks->counts && text_equal(name, "counts")) || (!checks->digest && text_equal(name, "digest"));
}

/* --only, or everything that the plan does not switch off. */
static int names_of(struct verify *verify, const struct plan_checks *checks, const char *const **names, struct err *err) {
    const struct check_type *const *types = check_types();
    const char *only = verify->options.only;
    size_t room = 2, count = 0;
    for (const char *at = only; at && *at; at++)
        room += *at == ',';
    const char **list = arena_array(&verify->arena, room + CHECKS_MAX, sizeof *list);
    if (list == NULL)
        return err_nomem(err);
    for (size_t i = 0; only == NULL && !verify->borrows && !verify->options.sample && types[i]; i++)
        if (!is_off(checks, types[i]->name))
            list[count++] = types[i]->name;
    while (only && *only) {
        size_t len = strcspn(only, ",");
        if ((list[count++] = arena_memdup(&verify->arena, only, len)) == NULL)
            return err_nomem(err);
        only += len + (only[len] == ',');
    }
    *names = list;
    return 0;
}

static bool is_named(const char *const *names, const char *name) {
    for (; *names; names++)
        if (text_equal(*names, name))
            return true;
    return false;
}

/* Checks that the plan asks for and --only does not. */
static int say_left_out(struct verify *verify, const struct fill_checks *checks, const char *name, struct err *err) {
    const struct check_type *const *types = check_types();
    int failed = 0;
    for (size_t i = 0; verify->options.only && types[i]; i++) {
        bool wanted = types[i]->wanted == NULL || types[i]->wanted(&checks->options);
        if (!wanted || is_named(checks->options.only, types[i]->name))
            continue;
        json_t *what = json_sprintf("check %s", types[i]->name);
        failed |= left_out_add(verify->not_compared, name, what, json_string("left out by --only"), true);
    }
    if (!checks->extra)
        failed |= left_out_add(verify->not_compared, name, json_string("rows that only the target has"),
                               json_string("the plan says that they are others' (checks.extra)"), true);
    return failed ? err_nomem(err) : 0;
}

int checks_open(struct verify *verify, struct proof_fill *fill, struct err *err) {
    const struct plan_checks *checks = &fill->job->plan->checks;
    struct check_options *options = &fill->checks.options;
    struct check_columns *unique = arena_array(&verify->arena, checks->unique_count + 1, sizeof *unique);
    *options = (struct check_options){.shape = &fill->shape,
                                      .hash_key = &verify->hash_key,
                                      .unique = unique,
                                      .unique_count = checks->unique_count,
                                      .unique_file = true,
                                      .unique_bytes_max = UNIQUE_BYTES};
    if (unique == NULL)
        return err_nomem(err);
    int rc = names_of(verify, checks, &options->only, err);
    if (rc == 0)
        rc = columns_of(verify, fill, &checks->distribution, &options->distribution, err);
    if (rc == 0)
        rc = columns_of(verify, fill, &checks->sum, &options->sum, err);
    if (rc == 0)
        rc = columns_of(verify, fill, &checks->extrema, &options->extrema, err);
    for (size_t i = 0; i < checks->unique_count && rc == 0; i++)
        rc = columns_of(verify, fill, &checks->unique[i], &unique[i], err);
    if (rc)
        return rc;
    bool all = verify->borrows || verify->options.sample;
    fill->checks.keys = all || is_named(options->only, "keys");
    fill->checks.columns = all || is_named(options->only, "columns");
    fill->checks.extra = checks->extra;
    rc = check_list_open(&fill->checks.list, options, err);
    return rc ? rc : say_left_out(verify, &fill->checks, fill->job->name, err);
}

static bool has_check(const struct check_list *list, const char *name) {
    for (size_t i = 0; i < list->count; i++)
        if (text_equal(list->checks[i]->type->name, name))
            return true;
    return false;
}

int checks_opened(const struct verify *verify, struct err *err) {
    if (verify->options.only == NULL || verify->fill_count == 0)
        return 0;
    for (const char *const *name = verify->fills[0].checks.options.only; *name; name++) {
        bool found = false;
        for (size_t i = 0; i < verify->fill_count; i++)
            found = found || has_check(&verify->fills[i].checks.list, *name);
        if (!found)
            return err_set(err, ERR_USAGE, "--only %s: the plan gives that check nothing to do", *name);
    }
    return 0;
}

void checks_close(struct proof_fill *fill) {
    check_list_close(&fill->checks.list);
}

/* ---- slices ---- */

void checks_release(struct verifier *verifier) {
    check_list_close(&verifier->checks.piece);
    check_list_close(&verifier->checks.slice);
    verifier->checks.fill = NULL;
}

int checks_take(struct verifier *verifier, struct err *err) {
    struct slice_checks *checks = &verifier->checks;
    if (checks->fill == verifier->fill)
        return 0;
    checks_release(verifier);
    const struct check_options *options = &verifier->fill->checks.options;
    int rc = check_list_open(&checks->piece, options, err);
    if (rc == 0)
        rc = check_list_open(&checks->slice, options, err);
    if (rc)
        checks_release(verifier);
    else
        checks->fill = verifier->fill;
    return rc;
}

static void swap_lists(struct slice_checks *checks) {
    const struct check_list slice = checks->slice;
    checks->slice = checks->piece;
    checks->piece = slice;
}

/* The list with the memory of a piece is that of the first piece again. */
void checks_begin_slice(struct verifier *verifier) {
    if (verifier->checks.pieces > 0)
        swap_lists(&verifier->checks);
    check_list_reset(&verifier->checks.slice);
    verifier->checks.pieces = 0;
    checks_begin_piece(verifier);
}

static void forget_skipped(struct slice_checks *checks) {
    checks->skipped = NULL;
    checks->skipped_count = checks->skipped_room = checks->sorted = 0;
}

void checks_begin_piece(struct verifier *verifier) {
    forget_skipped(&verifier->checks);
}

static int compare_keys(const void *a, const void *b) {
    const struct skipped_key *x = a, *y = b;
    size_t size = x->size < y->size ? x->size : y->size;
    int order = memcmp(x->key, y->key, size);
    return order ? order : (x->size > y->size) - (x->size < y->size);
}

void checks_begin_try(struct verifier *verifier) {
    struct slice_checks *checks = &verifier->checks;
    check_list_reset(&checks->piece);
    checks->left_out = 0;
    if (checks->sorted < checks->skipped_count)
        qsort(checks->skipped, checks->skipped_count, sizeof *checks->skipped, compare_keys);
    checks->sorted = checks->skipped_count;
}

static bool is_skipped(const struct slice_checks *checks, const char *key, size_t size) {
    const struct skipped_key wanted = {key, size};
    return checks->sorted > 0 && bsearch(&wanted, checks->skipped, checks->sorted, sizeof wanted, compare_keys);
}

/* Of a row that was not read beyond its name only the number is known. */
static int count_row(struct check_list *list, enum side side, const struct check_row *row, struct err *err) {
    int rc = 0;
    for (size_t i = 0; i < list->count && rc == 0; i++)
        if (text_equal(list->checks[i]->type->name, "counts"))
            rc = list->checks[i]->type->row(list->checks[i], side, row, err);
    return rc;
}

int checks_row(struct verifier *verifier, enum side side, const struct datum *values, struct row_hash hash, bool named,
               struct err *err) {
    struct slice_checks *checks = &verifier->checks;
    if (checks->piece.count == 0)
        return 0;
    const struct check_row row = {values, verifier->row.data, verifier->ends, hash};
    bool may_skip = side == SIDE_SOURCE || verifier->fill->job->map.in_place;
    if (may_skip && is_skipped(checks, row.bytes, look_key_size(verifier))) {
        checks->left_out += side == SIDE_SOURCE;
        return 0;
    }
    return named ? count_row(&checks->piece, side, &row, err) : check_list_row(&checks->piece, side, &row, err);
}

int checks_pair(struct verifier *verifier, const enum column_state *states, struct err *err) {
    const struct check_pair pair = {.states = states};
    return states ? check_list_pair(&verifier->checks.piece, &pair, err) : 0;
}

int checks_skip(struct verifier *verifier, const char *key, size_t size, struct err *err) {
    struct slice_checks *checks = &verifier->checks;
    if (checks->piece.count == 0 || is_skipped(checks, key, size))
        return 0;
    if (checks->skipped_count == checks->skipped_room) {
        size_t room = checks->skipped_room ? 2 * checks->skipped_room : 64;
        struct skipped_key *more = arena_array(&verifier->arena, room, sizeof *more);
        if (more == NULL)
            return err_nomem(err);
        if (checks->skipped_count > 0)
            memcpy(more, checks->skipped, checks->skipped_count * sizeof *more);
        checks->skipped = more;
        checks->skipped_room = room;
    }
    checks->skipped[checks->skipped_count++] = (struct skipped_key){key, size};
    return 0;
}

/* Keys that are not as they should be. */
static uint64_t damaged(const struct slice_result *result) {
    return result->kinds[RANGE_DIFFERENT] + result->kinds[RANGE_MISSING] + result->kinds[RANGE_EXTRA] +
           result->kinds[RANGE_DUPLICATE];
}

static int piece_verdict(const struct slice_checks *checks, enum verdict *verdict, struct err *err) {
    json_t *ignored = NULL;
    int rc = check_list_finish(&checks->piece, verdict, &ignored, err);
    json_decref(ignored);
    return rc;
}

int checks_matched(struct verifier *verifier, const struct slice_result *before, const struct slice_result *result, bool *again,
                   struct err *err) {
    struct slice_checks *checks = &verifier->checks;
    struct range_totals totals;
    *again = false;
    if (checks->piece.count == 0)
        return 0;
    uint64_t rejected = result->rejected - before->rejected;
    if (rejected != checks->left_out) {
        if (rejected < checks->left_out) /* one of them was written meanwhile */
            forget_skipped(checks);
        *again = true; /* now it is known which rows those are */
        return 0;
    }
    range_set_totals(&verifier->set, &totals);
    totals.rows[SIDE_SOURCE] -= checks->left_out;
    for (size_t kind = 0; kind < RANGE_KINDS; kind++)
        totals.keys[kind] = result->kinds[kind] - before->kinds[kind];
    int rc = check_list_matched(&checks->piece, &totals, err);
    if (rc || result->changed == before->changed || damaged(result) > damaged(before))
        return rc;
    enum verdict verdict; /* rows that changed meanwhile were taken for what they were in the first look */
    rc = piece_verdict(checks, &verdict, err);
    *again = rc == 0 && verdict == VERDICT_DIFFER;
    return rc;
}

/* The first piece of a slice is most often the only one: then nothing is copied. */
int checks_keep_piece(struct verifier *verifier, struct err *err) {
    struct slice_checks *checks = &verifier->checks;
    if (checks->pieces++ > 0)
        return check_list_merge(&checks->slice, &checks->piece, err);
    swap_lists(checks);
    return 0;
}

/* ---- what they say ---- */

/* With --only, rows are compared all the same, but nothing is made of what nobody asked for. */
static void leave_out(struct verifier *verifier, struct slice_result *result) {
    const struct fill_checks *checks = &verifier->fill->checks;
    size_t left = 0;
    if (!checks->keys)
        result->kinds[RANGE_MISSING] = result->kinds[RANGE_EXTRA] = result->kinds[RANGE_DUPLICATE] = 0;
    if (!checks->columns) {
        result->kinds[RANGE_DIFFERENT] = 0;
        cause_free(verifier->cause);
        verifier->cause = NULL;
    }
    for (size_t i = 0; i < result->finding_count; i++) {
        const char *kind = result->findings[i].kind;
        bool of_columns = text_equal(kind, "different") || text_equal(kind, "kept");
        if (of_columns ? checks->columns : checks->keys)
            result->findings[left++] = result->findings[i];
    }
    result->finding_count = left;
}

/* Rows that never stood still long enough for the checks are no difference: all of them are as they should be. Nor is it one when rows that
 * were read at different moments, while the application wrote, seem to share a value. */
static bool was_moving(const struct verifier *verifier, const struct slice_result *result, const json_t *check) {
    bool several = verifier->checks.pieces > 1 && verifier->verify->plan->writes != PLAN_WRITES_NONE;
    return result->restless || (several && text_equal(json_string_value(json_object_get(check, "check")), "unique"));
}

/* The slice's reason outlives its verifier. */
static int keep_reason(struct verify *verify, const char *reason, const char **kept, struct err *err) {
    pthread_mutex_lock(&verify->lock);
    *kept = arena_strdup(&verify->arena, reason);
    pthread_mutex_unlock(&verify->lock);
    return *kept ? 0 : err_nomem(err);
}

int checks_conclude(struct verifier *verifier, struct slice_result *result, struct err *err) {
    size_t i;
    json_t *check;
    leave_out(verifier, result);
    int rc = check_list_finish(&verifier->checks.slice, &result->checked, &result->checks, err);
    if (rc)
        return rc;
    result->checked = VERDICT_MATCH;
    json_array_foreach (result->checks, i, check) {
        enum verdict verdict = verdict_named(json_string_value(json_object_get(check, "verdict")));
        if (verdict == VERDICT_DIFFER && damaged(result) == 0 && was_moving(verifier, result, check)) {
            verdict = VERDICT_CHANGED;
            json_object_set_new(check, "verdict", json_string(verdict_word(verdict)));
        }
        result->checked = verdict_worst(result->checked, verdict);
        const char *reason = json_string_value(json_object_get(check, "reason"));
        if (reason && result->reason == NULL && (rc = keep_reason(verifier->verify, reason, &result->reason, err)) != 0)
            return rc;
    }
    return 0;
}

int checks_keep_slice(struct verifier *verifier, struct err *err) {
    struct verify *verify = verifier->verify;
    struct proof_fill *fill = &verify->fills[verifier->fill - verify->fills];
    pthread_mutex_lock(&verify->lock);
    int rc = check_list_merge(&fill->checks.list, &verifier->checks.slice, err);
    pthread_mutex_unlock(&verify->lock);
    return rc;
}
