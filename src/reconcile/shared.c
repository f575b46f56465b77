/* shared.c - target rows that several source rows lead to: each of the ranges they lie in sees one row and its partner, and none of them
 * both. Only the whole source's matches say so, and they are walked once, with the strays.
 *
 * What is found is looked for once more, as everything is before it is called a difference. */
#include <stdlib.h>

#include "base/text.h"
#include "reconcile/proof.h"

struct shared {
    struct verifier *verifier;
    const char **keys; /* the ledger's text of the match columns, as many as there is room for findings */
    size_t count;
    uint64_t total;
};

static int shared_row(void *context, enum side side, const struct datum *key, const struct datum *row, struct err *err) {
    struct shared *shared = context;
    (void)side;
    (void)key;
    shared->total++;
    if (shared->count == PROOF_FINDINGS_MAX)
        return 0;
    return look_key_text(shared->verifier, false, row, &shared->keys[shared->count++], err);
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int look(struct verifier *verifier, struct shared *shared, struct err *err) {
    const struct interval all = {.form = VERIFY_WHOLE, .shared = true};
    *shared = (struct shared){.verifier = verifier, .keys = arena_array(&verifier->arena, PROOF_FINDINGS_MAX, sizeof(char *))};
    int rc = shared->keys ? look_begin(verifier, err) : err_nomem(err);
    if (rc)
        return rc;
    rc = look_at(verifier, &all, shared_row, shared, err);
    look_end(verifier);
    if (rc == 0)
        qsort(shared->keys, shared->count, sizeof *shared->keys, compare_texts);
    return rc;
}

static void report(const char *key, struct slice_result *result) {
    if (result->finding_count < PROOF_FINDINGS_MAX)
        result->findings[result->finding_count++] = (struct ledger_finding){.key = key, .kind = "duplicate"};
}

int shared_find(struct verifier *verifier, struct slice_result *result, struct err *err) {
    struct shared first, again;
    if (verifier->verify->samples || !verifier->fill->checks.keys)
        return 0;
    int rc = look(verifier, &first, err);
    if (rc || first.total == 0)
        return rc;
    rc = look(verifier, &again, err);
    if (rc)
        return rc;
    uint64_t both = 0;
    for (size_t i = 0; i < again.count; i++)
        if (bsearch(&again.keys[i], first.keys, first.count, sizeof *first.keys, compare_texts)) {
            both++;
            report(again.keys[i], result);
        }
    bool uncounted =
        first.total > first.count; /* with more than there is room for, those that have it prove nothing of the others */
    uint64_t lasting = first.total < again.total ? first.total : again.total;
    result->kinds[RANGE_DUPLICATE] += uncounted ? lasting : both;
    result->changed += uncounted ? first.total - lasting : first.total - both;
    return 0;
}
