/* settle.c - see settle.h. */
#include "reconcile/settle.h"

#include "base/mem.h"
#include "base/text.h"
#include "ledger/owner.h"
#include "reconcile/repair_keys.h"

enum { ROUNDS_MAX = 50 }; /* each repairs what it found; a range that is never right has a trigger or a job that undoes it */

struct settler {
    struct verify *verify;
    bool *is_shared; /* per fill of `verify`: others write into its target as well */
};

static bool share_target(const struct verify *verify, size_t fill) {
    for (size_t i = 0; i < verify->jobs->count; i++) {
        const struct job *job = &verify->jobs->jobs[i], *own = verify->fills[fill].job;
        if (job != own && !job->map.in_place && text_equal(job->target_name, own->target_name))
            return true;
    }
    return false;
}

/* With fills of this plan, or of another one whose run is in this ledger. */
static int find_shared(struct settler *settler, struct db *db, struct err *err) {
    const struct verify *verify = settler->verify;
    int rc = 0;
    settler->is_shared = mem_zalloc(verify->fill_count + 1, sizeof *settler->is_shared);
    if (settler->is_shared == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < verify->fill_count && rc == 0; i++) {
        settler->is_shared[i] = share_target(verify, i);
        if (!settler->is_shared[i])
            rc = ledger_target_is_shared(verify->ledger, db, verify->run, verify->fills[i].job->target_name, &settler->is_shared[i],
                                         err);
    }
    return rc;
}

int settler_open(const struct plan *plan, struct jobs *jobs, const struct ledger *ledger, int64_t run, struct db *db,
                 const struct log *log, struct settler **out, struct err *err) {
    struct settler *settler = mem_zalloc(1, sizeof *settler);
    if (settler == NULL)
        return err_nomem(err);
    struct verify_options options = {.log = *log, .purpose = "settle"};
    int rc = verify_borrow(plan, &options, jobs, ledger, run, db, &settler->verify, err);
    if (rc == 0)
        rc = find_shared(settler, db, err);
    if (rc)
        settler_close(settler);
    else
        *out = settler;
    return rc;
}

void settler_close(struct settler *settler) {
    if (settler == NULL)
        return;
    if (settler->verify)
        verify_abandon(settler->verify);
    mem_free(settler->is_shared);
    mem_free(settler);
}

static const struct proof_fill *find_fill(const struct verify *verify, const char *name) {
    for (size_t i = 0; i < verify->fill_count; i++)
        if (text_equal(verify->fills[i].job->name, name))
            return &verify->fills[i];
    return NULL;
}

/* What is to be repaired: all that was found, but for rows that were kept on purpose, for source rows that share one match value (no
 * writing makes the target's one row equal to both), and for rows that may be nobody's mistake. They stay findings. */
static size_t to_repair(const struct verifier *verifier, bool may_delete, struct ledger_finding *list,
                        struct settle_result *result) {
    size_t count = 0;
    result->kept = result->extra = 0;
    for (size_t i = 0; i < verifier->found_count; i++) {
        if (text_equal(verifier->found[i].kind, "kept") || text_equal(verifier->found[i].kind, "duplicate"))
            result->kept++;
        else if (text_equal(verifier->found[i].kind, "extra") && !may_delete)
            result->extra++;
        else
            list[count++] = verifier->found[i];
    }
    return count;
}

static int64_t last_range(struct verifier *verifier, struct err *err) {
    const struct verify *verify = verifier->verify;
    struct ledger_fill fill;
    if (verifier->slice->range_no > 0)
        return verifier->slice->range_no;
    int rc = ledger_fill_get(verify->ledger, verifier->db, verify->run, verifier->fill->job->name, &verifier->arena, &fill, err);
    return rc ? 0 : fill.ranges;
}

static int repair_found(struct verifier *verifier, const char *owner, const struct ledger_finding *list, size_t count,
                        struct settle_result *result, struct err *err) {
    const struct verify *verify = verifier->verify;
    struct ledger_lease lease;
    struct repair_work work = {.verifier = verifier, .lease = &lease, .owner = owner, .delete_extra = true, .close_findings = true};
    int64_t fence = last_range(verifier, err);
    int rc = err->code ? err->code
                       : ledger_attempt_open(verify->ledger, verifier->db, verify->run, verifier->fill->job->name, fence, owner,
                                             verify->plan->set.lease_ttl_us / 1000, owner_is_dead, &verifier->arena, &lease, err);
    if (rc == 0)
        rc = repair_keys(&work, list, count, err);
    if (rc == 0)
        rc = ledger_attempt_end(verify->ledger, verifier->db, verify->run, &lease, owner, false, err);
    result->repaired += work.repaired;
    result->deleted += work.deleted;
    result->already_right += work.already_right;
    return rc;
}

static int64_t done(const struct settle_result *result) {
    return result->repaired + result->deleted + result->already_right;
}

/* Rows differ, and writing them again changes nothing: more rounds would not either. */
static int stuck(const struct verifier *verifier, const struct ledger_finding *one, struct err *err) {
    err_set(err, ERR_ACCOUNT,
            "range %lld of fill %s cannot be settled: rows differ that are not changed by writing them again, the first in %s",
            (long long)verifier->slice->range_no, verifier->fill->job->name, one->columns ? one->columns : one->kind);
    err_next(err, "nothing was lost; infill verify PLAN names the rows. A trigger or rule on %s?",
             verifier->fill->job->target_name);
    return ERR_ACCOUNT;
}

static int round_of(struct verifier *verifier, const char *owner, bool may_delete, bool *settled, struct settle_result *result,
                    struct err *err) {
    int64_t rows;
    int rc = slice_verify(verifier, &rows, err);
    if (rc)
        return rc;
    struct ledger_finding *list = arena_array(&verifier->arena, verifier->found_count + 1, sizeof *list);
    if (list == NULL)
        return err_nomem(err);
    size_t count = to_repair(verifier, may_delete, list, result);
    *settled = count == 0;
    int64_t before = done(result);
    rc = *settled ? 0 : repair_found(verifier, owner, list, count, result, err);
    if (rc == 0 && !*settled && done(result) == before)
        return stuck(verifier, &list[0], err);
    return rc;
}

static int rounds(struct verifier *verifier, const char *owner, bool may_delete, struct settle_result *result, struct err *err) {
    bool settled = false;
    int rc = 0;
    for (int i = 0; i < ROUNDS_MAX && rc == 0 && !settled; i++)
        rc = round_of(verifier, owner, may_delete, &settled, result, err);
    if (rc || settled)
        return rc;
    err_set(err, ERR_ACCOUNT, "range %lld of fill %s does not stay as the source says: rows differ again after %d repairs",
            (long long)verifier->slice->range_no, verifier->fill->job->name, ROUNDS_MAX);
    err_next(err, "is there a trigger or a job that changes %s? infill verify PLAN names the rows",
             verifier->fill->job->target_name);
    return ERR_ACCOUNT;
}

static int settle(struct settler *settler, struct db *db, const char *fill, struct ledger_slice *slice, const char *owner,
                  struct settle_result *result, struct err *err) {
    struct verifier *verifier = NULL;
    *result = (struct settle_result){0};
    const struct proof_fill *found = find_fill(settler->verify, fill);
    if (found == NULL)
        return err_set(err, ERR_INTERNAL, "fill %s is not in the plan", fill);
    int rc = verifier_open(settler->verify, &verifier, err);
    if (rc)
        return rc;
    verifier->db = db;
    verifier->borrows_db = true;
    rc = verifier_take(verifier, found, slice, err);
    if (rc == 0)
        rc = rounds(verifier, owner, !slice->had_extra && !settler->is_shared[found - settler->verify->fills], result, err);
    verifier_close(verifier);
    return rc;
}

int settle_range(struct settler *settler, struct db *db, const char *fill, const struct ledger_slice *slice, const char *owner,
                 struct settle_result *result, struct err *err) {
    const struct verify *verify = settler->verify;
    struct ledger_slice at_hand = *slice;
    int rc = settle(settler, db, fill, &at_hand, owner, result, err);
    return rc ? rc : ledger_settled(verify->ledger, db, verify->run, fill, slice->range_no, owner, err);
}

int settle_strays(struct settler *settler, struct db *db, const char *fill, const char *owner, struct settle_result *result,
                  struct err *err) {
    const struct proof_fill *found = find_fill(settler->verify, fill);
    struct ledger_slice strays = {.range_no = LEDGER_STRAYS, .state = "filled"};
    struct ledger_fill in_ledger;
    struct arena arena;
    *result = (struct settle_result){0};
    if (found == NULL || found->sql.aligned)
        return 0;
    arena_init(&arena);
    int rc = ledger_fill_get(settler->verify->ledger, db, settler->verify->run, fill, &arena, &in_ledger, err);
    arena_release(&arena);
    strays.had_extra = in_ledger.had_extra;
    return rc ? rc : settle(settler, db, fill, &strays, owner, result, err);
}
