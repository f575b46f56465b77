/* api_verify.c - verifications of the public API: a thin coat over src/reconcile. */
#include "api/api.h"
#include "base/mem.h"
#include "reconcile/repair.h"
#include "reconcile/self_test.h"
#include "reconcile/verify.h"

struct infill_verify {
    struct verify *verify;
    struct infill_log log; /* outlives the caller's options */
};

struct infill_verifier {
    struct verifier *verifier;
};

int infill_verify_open(const struct infill_plan *plan, const struct infill_verify_options *options, struct infill_verify **out,
                       struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct infill_verify *verify = mem_zalloc(1, sizeof *verify);
    if (verify == NULL) {
        err_nomem(&err);
        return api_fail(&err, error);
    }
    verify->log = options->log;
    struct verify_options inner = {.log = api_log(&verify->log),
                                   .fill = options->fill,
                                   .ranges = options->ranges,
                                   .keys = options->keys,
                                   .only = options->only,
                                   .sample = options->sample,
                                   .read_replica = options->read_replica,
                                   .restart = options->restart};
    int rc = verify_open(plan->plan, &inner, &verify->verify, &err);
    if (rc) {
        mem_free(verify);
        return api_fail(&err, error);
    }
    *out = verify;
    return 0;
}

int infill_verifier_open(struct infill_verify *verify, struct infill_verifier **out, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct infill_verifier *verifier = mem_zalloc(1, sizeof *verifier);
    int rc = verifier ? verifier_open(verify->verify, &verifier->verifier, &err) : err_nomem(&err);
    if (rc) {
        mem_free(verifier);
        return api_fail(&err, error);
    }
    *out = verifier;
    return 0;
}

void infill_verifier_close(struct infill_verifier *verifier) {
    if (verifier == NULL)
        return;
    verifier_close(verifier->verifier);
    mem_free(verifier);
}

int infill_verifier_step(struct infill_verifier *verifier, struct infill_step *step, struct infill_error *error) {
    static const enum infill_step_state states[] = {
        [VERIFY_SLICE] = INFILL_STEP_BATCH,
        [VERIFY_WAIT] = INFILL_STEP_WAIT,
        [VERIFY_DONE] = INFILL_STEP_DONE,
        [VERIFY_DRAINED] = INFILL_STEP_DRAINED,
    };
    struct err err;
    err_clear(&err);
    struct verify_step inner;
    int rc = verifier_step(verifier->verifier, &inner, &err);
    if (rc)
        return api_fail(&err, error);
    *step = (struct infill_step){.state = states[inner.state], .rows = (uint64_t)inner.rows, .wait_ms = (uint32_t)inner.wait_ms};
    snprintf(step->reason, sizeof step->reason, "%s", inner.reason);
    return 0;
}

void infill_verify_drain(struct infill_verify *verify) {
    verify_drain(verify->verify);
}

void infill_verify_cancel(struct infill_verify *verify) {
    verify_cancel(verify->verify);
}

void infill_verify_progress(struct infill_verify *verify, struct infill_verify_progress *progress) {
    struct verify_progress inner;
    verify_progress(verify->verify, &inner);
    *progress = (struct infill_verify_progress){.rows_source = inner.rows_source,
                                                .rows_target = inner.rows_target,
                                                .findings = inner.findings,
                                                .slices = inner.slices,
                                                .slices_done = inner.slices_done,
                                                .rows_per_second = inner.rows_per_second,
                                                .seconds_left = inner.seconds_left};
    snprintf(progress->fill, sizeof progress->fill, "%s", inner.fill);
    snprintf(progress->reason, sizeof progress->reason, "%s", inner.reason);
}

int infill_verify_close(struct infill_verify *verify, char **json, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    json_t *document = NULL;
    int rc = verify_close(verify->verify, &document, &err);
    if (rc == 0)
        rc = api_document(document, json, &err);
    mem_free(verify);
    return rc ? api_fail(&err, error) : 0;
}

int infill_verify_self_test(const struct infill_plan *plan, const struct infill_log *log, char **json, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct log inner = api_log(log);
    json_t *document = NULL;
    int rc = self_test(plan->plan, &inner, &document, &err);
    if (rc == 0)
        rc = api_document(document, json, &err);
    return rc ? api_fail(&err, error) : 0;
}

int infill_repair(const struct infill_plan *plan, const struct infill_repair_options *options, char **json,
                  struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct repair_options inner = {
        .log = api_log(&options->log), .fill = options->fill, .dry_run = options->dry_run, .delete_extra = options->delete_extra};
    json_t *document = NULL;
    int rc = repair(plan->plan, &inner, &document, &err);
    if (rc == 0)
        rc = api_document(document, json, &err);
    return rc ? api_fail(&err, error) : 0;
}
