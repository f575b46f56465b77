/* repair.c - see repair.h. */
#include "reconcile/repair.h"

#include "base/text.h"
#include "ledger/owner.h"
#include "reconcile/repair_keys.h"

enum { FINDINGS_AT_ONCE = 1000000 };

struct repair {
    const struct repair_options *options;
    struct verify *verify;
    struct verifier *verifier;
    char owner[OWNER_MAX];
    struct repair_work sum;
    json_t *slices;
    int64_t findings;
    bool all_match;
};

static struct ledger_slice *find_slice(const struct proof_fill *fill, int64_t number) {
    for (size_t i = 0; i < fill->slice_count; i++)
        if (fill->slices[i].range_no == number)
            return &fill->slices[i];
    return NULL;
}

static bool digest_of(const struct ledger_slice *slice, struct row_hash *digest) {
    json_t *detail = json_loads(slice->detail ? slice->detail : "null", JSON_DECODE_ANY, NULL);
    const char *text = json_string_value(json_object_get(json_object_get(detail, "digest"), "target"));
    bool there = text && row_hash_from_hex(text, digest);
    json_decref(detail);
    return there;
}

static void add(struct repair *repair, const struct repair_work *work) {
    repair->sum.repaired += work->repaired;
    repair->sum.already_right += work->already_right;
    repair->sum.deleted += work->deleted;
    repair->sum.left_count += work->left_count;
}

/* What the target held besides the keys, as of `before`, is what it holds besides them now; *before gets what it holds now. */
static int verify_again(struct repair *repair, const struct repair_work *work, struct row_hash *before, bool *untouched,
                        struct err *err) {
    struct row_hash after = {0};
    int64_t rows;
    int rc = slice_verify(repair->verifier, &rows, err);
    if (rc)
        return rc;
    *untouched = *untouched && digest_of(repair->verifier->slice, &after) &&
                 row_hash_equal(row_hash_minus(*before, work->before), row_hash_minus(after, work->after));
    *before = after;
    return 0;
}

static void note_slice(struct repair *repair, size_t keys, bool untouched) {
    const struct ledger_slice *slice = repair->verifier->slice;
    repair->all_match = repair->all_match && text_equal(slice->verdict, "match");
    json_array_append_new(repair->slices, json_pack("{s:s, s:I, s:I, s:s, s:b}", "fill", repair->verifier->fill->job->name, "range",
                                                    (json_int_t)slice->range_no, "keys", (json_int_t)keys, "verdict",
                                                    slice->verdict, "rest_untouched", untouched));
}

/* Rows above the high-water mark and strays lie in no range: the fence is that of the last range. */
static int64_t fenced_by(const struct proof_fill *fill, int64_t range_no) {
    for (size_t i = fill->slice_count; i > 0 && range_no <= 0; i--)
        if (fill->slices[i - 1].range_no > 0)
            return fill->slices[i - 1].range_no;
    return range_no;
}

static int repair_found(struct repair *repair, const struct ledger_finding *findings, size_t count, struct row_hash *before,
                        bool *untouched, bool *progress, struct err *err) {
    struct verify *verify = repair->verify;
    struct verifier *verifier = repair->verifier;
    struct ledger_lease lease;
    struct repair_work work = {.verifier = verifier,
                               .lease = &lease,
                               .owner = repair->owner,
                               .delete_extra = repair->options->delete_extra,
                               .close_findings = true,
                               .asks_rivals = true,
                               .left = repair->sum.left};
    int rc = ledger_attempt_open(verify->ledger, verifier->db, verify->run, verifier->fill->job->name,
                                 fenced_by(verifier->fill, verifier->slice->range_no), repair->owner,
                                 verify->plan->set.lease_ttl_us / 1000, owner_is_dead, &verify->arena, &lease, err);
    if (rc == 0)
        rc = repair_keys(&work, findings, count, err);
    if (rc == 0)
        rc = ledger_attempt_end(verify->ledger, verifier->db, verify->run, &lease, repair->owner, false, err);
    add(repair, &work);
    *progress = work.repaired + work.already_right + work.deleted > 0;
    return rc ? rc : verify_again(repair, &work, before, untouched, err);
}

/* The slice as it is now: what its last verification saw may be long ago, and an attempt that died has changed it since. */
static int look_before(struct repair *repair, struct row_hash *before, struct err *err) {
    struct slice_result result = {0};
    int rc = slice_look(repair->verifier, &result, err);
    *before = result.digest[SIDE_TARGET].sum;
    return rc;
}

/* More findings than a slice may have in the ledger are named by the verification behind the repair of the first of them. */
static int repair_slice(struct repair *repair, const struct ledger_finding *findings, size_t count, struct err *err) {
    struct verifier *verifier = repair->verifier;
    struct row_hash before;
    bool untouched = true, more = true;
    size_t keys = 0;
    int rc = look_before(repair, &before, err);
    while (rc == 0 && more) {
        rc = repair_found(repair, findings, count, &before, &untouched, &more, err);
        keys += count;
        more = more && count >= PROOF_FINDINGS_MAX && verifier->found_count > 0;
        findings = verifier->found;
        count = verifier->found_count;
        repair->findings += rc == 0 && more ? (int64_t)count : 0;
    }
    if (rc == 0)
        note_slice(repair, keys, untouched);
    return rc;
}

/* Findings of one range follow each other. */
static int repair_fill(struct repair *repair, const struct proof_fill *fill, struct err *err) {
    struct verify *verify = repair->verify;
    struct ledger_finding *findings;
    size_t count = 0;
    int rc = ledger_findings(verify->ledger, verify->db, verify->run, fill->job->name, FINDINGS_AT_ONCE, &verify->arena, &findings,
                             &count, err);
    if (rc)
        return rc;
    repair->findings += (int64_t)count;
    for (size_t at = 0, end; at < count && rc == 0 && !repair->options->dry_run; at = end) {
        for (end = at + 1; end < count && findings[end].range_no == findings[at].range_no;)
            end++;
        repair->verifier->slice = find_slice(fill, findings[at].range_no);
        if (repair->verifier->slice == NULL)
            rc = err_set(err, ERR_MISMATCH, "a finding names range %lld, which the ledger does not have",
                         (long long)findings[at].range_no);
        else if ((rc = verifier_take(repair->verifier, fill, repair->verifier->slice, err)) == 0)
            rc = repair_slice(repair, findings + at, end - at, err);
        if (rc)
            err_where(err, "fill %s, range %lld", fill->job->name, (long long)findings[at].range_no);
    }
    return rc;
}

static json_t *document(struct repair *repair) {
    const struct verify *verify = repair->verify;
    bool dry = repair->options->dry_run;
    const char *verdict = dry ? "not repaired: a dry run" : repair->sum.left_count || !repair->all_match ? "differ" : "match";
    return json_pack("{s:s, s:I, s:b, s:b, s:I, s:I, s:I, s:I, s:O, s:I, s:O, s:s, s:s}", "plan", verify->plan->name, "run",
                     (json_int_t)verify->run, "dry_run", dry, "writers", verify->plan->writes != PLAN_WRITES_NONE, "findings",
                     (json_int_t)repair->findings, "repaired", (json_int_t)repair->sum.repaired, "already_right",
                     (json_int_t)repair->sum.already_right, "deleted", (json_int_t)repair->sum.deleted, "left", repair->sum.left,
                     "left_count", (json_int_t)repair->sum.left_count, "slices", repair->slices, "verdict", verdict, "next", "");
}

static int repair_all(struct repair *repair, json_t **json, struct err *err) {
    struct verify *verify = repair->verify;
    int rc = verifier_open(verify, &repair->verifier, err);
    for (size_t i = 0; i < verify->fill_count && rc == 0; i++)
        rc = repair_fill(repair, &verify->fills[i], err);
    if (rc == 0 && (*json = document(repair)) == NULL)
        rc = err_nomem(err);
    verifier_close(repair->verifier);
    return rc;
}

int repair(const struct plan *plan, const struct repair_options *options, json_t **json, struct err *err) {
    struct repair repair = {.options = options, .slices = json_array(), .sum = {.left = json_array()}, .all_match = true};
    struct verify_options verify = {
        .log = options->log, .fill = options->fill, .restart = true, .reads_only = options->dry_run, .purpose = "repair"};
    owner_format(0, repair.owner);
    int rc = repair.slices && repair.sum.left ? verify_open(plan, &verify, &repair.verify, err) : err_nomem(err);
    if (rc == 0) {
        rc = repair_all(&repair, json, err);
        verify_abandon(repair.verify);
    }
    json_decref(repair.slices);
    json_decref(repair.sum.left);
    return rc;
}
