/* guess.c - why rows may differ, in sentences: of a slice for its row in the ledger, of a fill for the document. */
#include "reconcile/fill_slices.h"
#include "reconcile/proof.h"
#include "reconcile/slice_sum.h"

enum { SENTENCES_MAX = 20 }; /* of a fill; with more nobody looks at the first */

static void say(json_t *list, const struct cause *cause, const struct shape *shape, const char *where) {
    struct buf text;
    buf_init(&text);
    for (size_t i = 0; cause && i < shape->column_count && json_array_size(list) < SENTENCES_MAX; i++) {
        buf_clear(&text);
        if (!cause_say(cause, i, &text))
            continue;
        buf_add(&text, where);
        json_array_append_new(list, json_string(buf_ok(&text) ? text.data : ""));
    }
    buf_release(&text);
}

json_t *guess_slice(const struct verifier *verifier) {
    json_t *list = json_array();
    say(list, verifier->cause, &verifier->fill->shape, "");
    return list;
}

int guess_keep(struct verifier *verifier, struct err *err) {
    struct verify *verify = verifier->verify;
    if (verifier->cause == NULL || verify->causes == NULL)
        return 0;
    pthread_mutex_lock(&verify->lock);
    struct cause **sum = &verify->causes[verifier->fill - verify->fills];
    int rc = *sum ? 0 : cause_new(&verifier->fill->shape, sum, err);
    if (rc == 0)
        rc = cause_merge(*sum, verifier->cause, err);
    pthread_mutex_unlock(&verify->lock);
    return rc;
}

static void where_is(const struct ledger_slice *slice, char *out, size_t size) {
    if (slice->range_no > 0)
        snprintf(out, size, " of range %lld", (long long)slice->range_no);
    else
        snprintf(out, size, slice->range_no == LEDGER_REST ? " above the last range" : " without a source row");
}

/* The only slice with rows that differ, or NULL. */
static const struct ledger_slice *only_slice(const struct verify *verify, const struct proof_fill *fill) {
    const struct ledger_slice *only = NULL;
    size_t count = 0;
    for (size_t i = 0; i < fill->slice_count; i++) {
        json_t *detail = slice_detail(&fill->slices[i]);
        if (fill->slices[i].pass == verify->pass.pass && slice_detail_count(detail, SLICE_DIFFERENT) > 0) {
            only = &fill->slices[i];
            count++;
        }
        json_decref(detail);
    }
    return count == 1 ? only : NULL;
}

static void add_earlier(const struct ledger_slice *slice, json_t *list) {
    json_t *detail = slice_detail(slice);
    const json_t *causes = json_object_get(detail, "causes");
    char where[64];
    where_is(slice, where, sizeof where);
    for (size_t i = 0; i < json_array_size(causes) && json_array_size(list) < SENTENCES_MAX; i++)
        json_array_append_new(list, json_sprintf("%s%s", json_string_value(json_array_get(causes, i)), where));
    json_decref(detail);
}

json_t *guess_fill(const struct verify *verify, const struct proof_fill *fill) {
    json_t *list = json_array();
    const struct ledger_slice *only = only_slice(verify, fill);
    char where[64] = "";
    if (only)
        where_is(only, where, sizeof where);
    say(list, verify->causes[fill - verify->fills], &fill->shape, where);
    for (size_t i = 0; i < fill->slice_count; i++)
        if (fill->slices[i].pass == verify->pass.pass && !fill->slices[i].seen_now)
            add_earlier(&fill->slices[i], list);
    return list;
}
