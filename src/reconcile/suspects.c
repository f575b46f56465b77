/* suspects.c - rows that did not match in the first look: both sides are read again before a difference is called one.
 *
 * Few are asked for by their keys, many with the whole piece. Where the application writes, rows that still differ are looked at once
 * more: a writer that changes the two sides in two transactions leaves them apart for a moment. */
#include "reconcile/proof.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/mutant.h"

enum { CAPTURE_BYTES = 16 << 20 };

struct suspect {
    const char *key; /* canonical bytes */
    size_t key_size;
    const char *text; /* of the ledger */
    unsigned copies[SIDES];
    struct datum *source; /* a copy of the row, while there is room */
    bool differs;
    const char *columns;       /* JSON, or NULL */
    enum column_state *states; /* of the row's columns, for the checks; NULL: none differs */
};

struct suspects {
    struct verifier *verifier;
    struct suspect *list; /* in the order of key bytes */
    size_t count;
    size_t captured;     /* bytes */
    struct cause *cause; /* of the pairs that differ in this look; NULL: none yet */
};

static int compare_keys(const void *a, const void *b) {
    const struct suspect *x = a, *y = b;
    size_t size = x->key_size < y->key_size ? x->key_size : y->key_size;
    int order = memcmp(x->key, y->key, size);
    return order ? order : (x->key_size > y->key_size) - (x->key_size < y->key_size);
}

static int collect(struct suspects *suspects, struct slice_result *result, struct err *err) {
    struct verifier *verifier = suspects->verifier;
    struct range_totals totals;
    range_set_totals(&verifier->set, &totals);
    result->kinds[RANGE_SAME] += totals.keys[RANGE_SAME];
    result->kinds[RANGE_ALIKE] += totals.keys[RANGE_ALIKE];
    size_t room = 0, cursor = 0;
    for (enum range_kind kind = RANGE_DIFFERENT; kind < RANGE_KINDS; kind++)
        room += totals.keys[kind];
    suspects->list = arena_array(&verifier->arena, room + 1, sizeof *suspects->list);
    if (suspects->list == NULL)
        return err_nomem(err);
    struct range_key key;
    while (range_set_next(&verifier->set, &cursor, &key)) {
        if (key.kind < RANGE_DIFFERENT || suspects->count == room)
            continue;
        struct suspect *one = &suspects->list[suspects->count++];
        *one = (struct suspect){.key = arena_memdup(&verifier->arena, key.key, key.key_size), .key_size = key.key_size};
        if (one->key == NULL)
            return err_nomem(err);
    }
    qsort(suspects->list, suspects->count, sizeof *suspects->list, compare_keys);
    return 0;
}

static bool has_bytes(enum datum_kind kind) {
    return kind == DATUM_DECIMAL || kind == DATUM_TEXT || kind == DATUM_BYTES || kind == DATUM_JSON || kind == DATUM_UUID ||
           kind == DATUM_ODD_DATE || kind == DATUM_OTHER;
}

/* A copy of the row; NULL without an error when there is no room for more. */
static int capture(struct suspects *suspects, const struct datum *row, struct datum **out, struct err *err) {
    struct verifier *verifier = suspects->verifier;
    size_t columns = verifier->fill->shape.column_count, bytes = columns * sizeof *row;
    for (size_t i = 0; i < columns; i++)
        bytes += has_bytes(row[i].kind) ? row[i].size : 0;
    if (suspects->captured + bytes > CAPTURE_BYTES)
        return 0;
    suspects->captured += bytes;
    *out = arena_array(&verifier->arena, columns, sizeof **out);
    for (size_t i = 0; *out && i < columns; i++) {
        (*out)[i] = row[i];
        if (has_bytes(row[i].kind) && ((*out)[i].bytes = arena_memdup(&verifier->arena, row[i].bytes, row[i].size)) == NULL)
            *out = NULL;
    }
    return *out ? 0 : err_nomem(err);
}

static int name_columns(struct suspects *suspects, struct suspect *one, struct err *err) {
    struct verifier *verifier = suspects->verifier;
    const struct shape *shape = &verifier->fill->shape;
    json_t *names = json_array();
    for (size_t i = 0; i < shape->column_count; i++)
        if (shape_differs(shape, i, verifier->states[i]))
            json_array_append_new(names, json_string(shape->names[i]));
    char *text = json_dumps(names, JSON_COMPACT);
    one->columns = text ? arena_strdup(&verifier->arena, text) : NULL;
    one->states = arena_array(&verifier->arena, shape->column_count, sizeof *one->states);
    mem_free(text);
    json_decref(names);
    if (one->columns == NULL || one->states == NULL)
        return err_nomem(err);
    memcpy(one->states, verifier->states, shape->column_count * sizeof *one->states);
    return 0;
}

static int guess(struct suspects *suspects, const struct datum *source, const struct datum *target, struct err *err) {
    struct verifier *verifier = suspects->verifier;
    struct check_pair pair = {.values = {source, target}, .states = verifier->states};
    int rc = suspects->cause ? 0 : cause_new(&verifier->fill->shape, &suspects->cause, err);
    return rc ? rc : cause_pair(suspects->cause, &pair, err);
}

/* Both copies of a row that is there once on each side. */
static int compare(struct suspects *suspects, struct suspect *one, const struct datum *target, struct err *err) {
    struct verifier *verifier = suspects->verifier;
    const struct shape *shape = &verifier->fill->shape;
    one->differs = true;
    if (one->source == NULL)
        return 0;
    int rc = shape_compare(shape, one->source, target, &verifier->row, verifier->states, err);
    if (rc)
        return rc;
    one->differs = false;
    for (size_t i = 0; i < shape->column_count; i++)
        one->differs = one->differs || shape_differs(shape, i, verifier->states[i]);
    if (!one->differs)
        return 0;
    rc = guess(suspects, one->source, target, err);
    return rc ? rc : name_columns(suspects, one, err);
}

static int look_again_row(void *context, enum side side, const struct datum *key, const struct datum *row, struct err *err) {
    struct suspects *suspects = context;
    struct verifier *verifier = suspects->verifier;
    int rc = look_encode(verifier, row, err);
    if (rc)
        return rc;
    struct suspect wanted = {.key = verifier->row.data, .key_size = look_key_size(verifier)};
    struct suspect *one = bsearch(&wanted, suspects->list, suspects->count, sizeof wanted, compare_keys);
    if (one == NULL)
        return 0;
    one->copies[side]++;
    if (one->text == NULL || (side == SIDE_SOURCE && key))
        rc = look_key_text(verifier, key != NULL, key ? key : row, &one->text, err);
    if (rc == 0 && side == SIDE_SOURCE && one->copies[side] == 1)
        rc = capture(suspects, row, &one->source, err);
    if (rc == 0 && side == SIDE_TARGET && one->copies[SIDE_SOURCE] == 1 && one->copies[side] == 1)
        rc = compare(suspects, one, row, err);
    return rc;
}

/* The ledger's text of a suspect's key, out of its bytes: only where the key names rows on both sides. */
static int text_of_key(struct suspects *suspects, const struct suspect *one, const char **text, struct err *err) {
    struct verifier *verifier = suspects->verifier;
    struct datum key[KEY_COLUMNS_MAX];
    const char *at = one->key, *end = one->key + one->key_size;
    int rc = 0;
    for (size_t i = 0; i < verifier->fill->shape.key_count && rc == 0; i++)
        rc = canonical_read(&at, end, &verifier->arena, &key[i], err);
    return rc ? rc : look_key_text(verifier, true, key, text, err);
}

static int by_key(struct suspects *suspects, struct err *err) {
    int rc = 0;
    for (size_t i = 0; i < suspects->count && rc == 0; i++) {
        const char *text = NULL;
        rc = text_of_key(suspects, &suspects->list[i], &text, err);
        if (rc) {
            look_end(suspects->verifier);
            return rc;
        }
        struct interval one = {.form = VERIFY_KEY, .lo = text, .hi = text};
        rc = look_at(suspects->verifier, &one, look_again_row, suspects, err);
    }
    return rc;
}

static void forget(struct suspects *suspects) {
    for (size_t i = 0; i < suspects->count; i++) {
        struct suspect *one = &suspects->list[i];
        *one = (struct suspect){.key = one->key, .key_size = one->key_size};
    }
    suspects->captured = 0;
    cause_free(suspects->cause);
    suspects->cause = NULL;
}

static int look_again(struct suspects *suspects, const struct interval *interval, struct err *err) {
    struct verifier *verifier = suspects->verifier;
    forget(suspects);
    verifier->again = true; /* also where the first look went to a replica */
    int rc = look_begin(verifier, err);
    if (rc) {
        verifier->again = false;
        return rc;
    }
    bool few = suspects->count <= PROOF_LOOK_AGAIN_BY_KEY || interval->under;
    if (few && verifier->fill->sql.aligned)
        rc = by_key(suspects, err);
    else
        rc = look_at(verifier, interval, look_again_row, suspects, err);
    look_end(verifier);
    verifier->again = false;
    return rc;
}

/* `extra`: a row that only the target has is a difference. */
static enum range_kind kind_of(const struct suspect *one, bool extra) {
    if (mutant_is(MUTANT_FORGIVING))
        return RANGE_SAME;
    if (one->copies[SIDE_SOURCE] == 0)
        return extra && one->copies[SIDE_TARGET] ? RANGE_EXTRA : RANGE_SAME;
    if (one->copies[SIDE_TARGET] == 0)
        return RANGE_MISSING;
    if (one->copies[SIDE_SOURCE] > 1 || one->copies[SIDE_TARGET] > 1)
        return RANGE_DUPLICATE;
    return one->differs ? RANGE_DIFFERENT : RANGE_SAME;
}

/* Those that are all right now are suspects no longer. */
static void clear_innocent(struct suspects *suspects, struct slice_result *result) {
    size_t left = 0;
    for (size_t i = 0; i < suspects->count; i++) {
        if (kind_of(&suspects->list[i], suspects->verifier->fill->checks.extra) == RANGE_SAME)
            result->changed++;
        else
            suspects->list[left++] = suspects->list[i];
    }
    suspects->count = left;
}

static bool is_reject(const struct ledger_reject *rejects, size_t count, const char *fill, const char *key) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(rejects[i].fill, fill) == 0 && strcmp(rejects[i].state, "retried") != 0 && strcmp(rejects[i].key, key) == 0)
            return true;
    return false;
}

/* A fill that was never run has none. */
static int list_rejects(struct verifier *verifier, struct ledger_reject **rejects, size_t *count, struct err *err) {
    const struct verify *verify = verifier->verify;
    *count = 0;
    return verify->ledger == NULL
               ? 0
               : ledger_rejects(verify->ledger, verifier->db, verify->run, NULL, &verifier->arena, rejects, count, err);
}

/* A row that could not be written is missing by agreement; in place, its column is not filled. */
static bool may_be_reject(const struct verifier *verifier, enum range_kind kind) {
    return kind == RANGE_MISSING || (kind == RANGE_DIFFERENT && verifier->fill->job->map.in_place);
}

static const char *const kind_names[RANGE_KINDS] = {
    [RANGE_DIFFERENT] = "different", [RANGE_MISSING] = "missing", [RANGE_EXTRA] = "extra", [RANGE_DUPLICATE] = "duplicate"};

static void add_finding(struct slice_result *result, enum range_kind kind, const char *key, const char *columns) {
    result->kinds[kind]++;
    if (result->finding_count < PROOF_FINDINGS_MAX)
        result->findings[result->finding_count++] =
            (struct ledger_finding){.key = key, .kind = kind_names[kind], .columns = columns};
}

int suspects_blind(struct verifier *verifier, const char *key, bool is_there, struct slice_result *result, struct err *err) {
    enum range_kind kind = is_there ? RANGE_DIFFERENT : RANGE_MISSING;
    struct ledger_reject *rejects = NULL;
    size_t count = 0;
    int rc = list_rejects(verifier, &rejects, &count, err);
    if (rc)
        return rc;
    if (may_be_reject(verifier, kind) && is_reject(rejects, count, verifier->fill->job->name, key))
        result->rejected++;
    else
        add_finding(result, kind, key, NULL);
    return 0;
}

static int report(struct suspects *suspects, struct slice_result *result, struct err *err) {
    struct verifier *verifier = suspects->verifier;
    struct ledger_reject *rejects = NULL;
    size_t reject_count = 0;
    int rc = suspects->count == 0 ? 0 : list_rejects(verifier, &rejects, &reject_count, err);
    for (size_t i = 0; i < suspects->count && rc == 0; i++) {
        const struct suspect *one = &suspects->list[i];
        enum range_kind kind = kind_of(one, verifier->fill->checks.extra);
        if (may_be_reject(verifier, kind) && is_reject(rejects, reject_count, verifier->fill->job->name, one->text)) {
            result->rejected++;
            rc = checks_skip(verifier, one->key, one->key_size, err);
            continue;
        }
        if (kind == RANGE_DIFFERENT)
            rc = checks_pair(verifier, one->states, err);
        add_finding(result, kind, one->text, one->columns);
    }
    return rc;
}

/* What the differing rows of all pieces have in common. */
static int keep_cause(struct suspects *suspects, struct err *err) {
    struct verifier *verifier = suspects->verifier;
    if (suspects->cause == NULL)
        return 0;
    int rc = verifier->cause ? 0 : cause_new(&verifier->fill->shape, &verifier->cause, err);
    return rc ? rc : cause_merge(verifier->cause, suspects->cause, err);
}

int suspects_settle(struct verifier *verifier, const struct interval *interval, struct slice_result *result, struct err *err) {
    struct suspects suspects = {.verifier = verifier};
    bool writes = verifier->verify->plan->writes != PLAN_WRITES_NONE;
    int rc = collect(&suspects, result, err);
    for (int looks = writes ? 2 : 1; looks > 0 && suspects.count > 0 && rc == 0; looks--) {
        rc = look_again(&suspects, interval, err);
        if (rc == 0)
            clear_innocent(&suspects, result);
    }
    if (rc == 0)
        rc = report(&suspects, result, err);
    if (rc == 0)
        rc = keep_cause(&suspects, err);
    cause_free(suspects.cause);
    return rc;
}
