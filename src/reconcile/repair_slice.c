/* repair_slice.c - see repair_slice.h. */
#include "reconcile/repair_slice.h"

#include "reconcile/repair_keys.h"

void repairer_init(struct repairer *repairer, struct verify *verify, bool delete_extra, unsigned number) {
    *repairer = (struct repairer){.verify = verify, .delete_extra = delete_extra};
    owner_format(number, repairer->owner);
    arena_init(&repairer->arena);
}

void repairer_release(struct repairer *repairer) {
    verifier_close(repairer->verifier);
    arena_release(&repairer->arena);
}

void repair_task_release(struct repair_task *task) {
    json_decref(task->left);
}

static bool digest_of(const struct ledger_slice *slice, struct row_hash *digest) {
    json_t *detail = json_loads(slice->detail ? slice->detail : "null", JSON_DECODE_ANY, NULL);
    const char *text = json_string_value(json_object_get(json_object_get(detail, "digest"), "target"));
    bool there = text && row_hash_from_hex(text, digest);
    json_decref(detail);
    return there;
}

/* What the target held besides the keys, as of `before`, is what it holds besides them now; *before gets what it holds now. */
static int verify_again(struct repairer *repairer, struct repair_task *task, const struct repair_work *work,
                        struct row_hash *before, struct err *err) {
    struct row_hash after = {0};
    int64_t rows;
    int rc = slice_verify(repairer->verifier, &rows, err);
    if (rc)
        return rc;
    task->untouched = task->untouched && digest_of(task->slice, &after) &&
                      row_hash_equal(row_hash_minus(*before, work->before), row_hash_minus(after, work->after));
    *before = after;
    return 0;
}

/* Rows above the high-water mark and strays lie in no range: the fence is that of the last range. */
static int64_t fenced_by(const struct proof_fill *fill, int64_t range_no) {
    for (size_t i = fill->slice_count; i > 0 && range_no <= 0; i--)
        if (fill->slices[i - 1].range_no > 0)
            return fill->slices[i - 1].range_no;
    return range_no;
}

static int attempt(struct repairer *repairer, struct repair_task *task, struct repair_work *work,
                   const struct ledger_finding *findings, size_t count, struct err *err) {
    const struct verify *verify = repairer->verify;
    struct db *db = repairer->verifier->db;
    int64_t ttl_ms = verify->plan->set.lease_ttl_us / 1000;
    int rc =
        ledger_attempt_open(verify->ledger, db, verify->run, task->fill->job->name, fenced_by(task->fill, task->slice->range_no),
                            repairer->owner, ttl_ms, owner_is_dead, &repairer->arena, work->lease, err);
    if (rc == 0)
        rc = repair_keys(work, findings, count, err);
    return rc ? rc : ledger_attempt_end(verify->ledger, db, verify->run, work->lease, repairer->owner, false, err);
}

static int repair_found(struct repairer *repairer, struct repair_task *task, const struct ledger_finding *findings, size_t count,
                        struct row_hash *before, bool *progress, struct err *err) {
    struct ledger_lease lease;
    struct repair_work work = {.verifier = repairer->verifier,
                               .lease = &lease,
                               .owner = repairer->owner,
                               .delete_extra = repairer->delete_extra,
                               .close_findings = true,
                               .asks_rivals = true,
                               .left = task->left};
    int rc = attempt(repairer, task, &work, findings, count, err);
    task->repaired += work.repaired;
    task->already_right += work.already_right;
    task->deleted += work.deleted;
    task->left_count += work.left_count;
    task->keys += count;
    *progress = work.repaired + work.already_right + work.deleted > 0;
    return rc ? rc : verify_again(repairer, task, &work, before, err);
}

/* The slice as it is now: what its last verification saw may be long ago, and an attempt that died has changed it since. */
static int look_before(struct repairer *repairer, struct row_hash *before, struct err *err) {
    struct slice_result result = {0};
    int rc = slice_look(repairer->verifier, &result, err);
    *before = result.digest[SIDE_TARGET].sum;
    return rc;
}

static int begin(struct repairer *repairer, struct repair_task *task, struct row_hash *before, struct err *err) {
    arena_reset(&repairer->arena);
    task->untouched = true;
    if ((task->left = json_array()) == NULL)
        return err_nomem(err);
    int rc = repairer->verifier ? 0 : verifier_open(repairer->verify, &repairer->verifier, err);
    if (rc == 0)
        rc = verifier_take(repairer->verifier, task->fill, task->slice, err);
    return rc ? rc : look_before(repairer, before, err);
}

/* More findings than a slice may have in the ledger are named by the verification behind the repair of the first of them. */
int repair_slice(struct repairer *repairer, struct repair_task *task, struct err *err) {
    const struct ledger_finding *findings = task->findings;
    struct row_hash before = {0};
    size_t count = task->count;
    bool more = true;
    int rc = begin(repairer, task, &before, err);
    while (rc == 0 && more) {
        rc = repair_found(repairer, task, findings, count, &before, &more, err);
        more = more && count >= PROOF_FINDINGS_MAX && repairer->verifier->found_count > 0;
        findings = repairer->verifier->found;
        count = repairer->verifier->found_count;
    }
    if (rc)
        err_where(err, "fill %s, range %lld", task->fill->job->name, (long long)task->slice->range_no);
    return rc;
}
