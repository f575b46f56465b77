/* verify_doc.c - what a verification came to, as a document: out of the ledger, so that slices of an interrupted pass count as well. */
#include "base/clock.h"
#include "base/text.h"
#include "reconcile/proof.h"
#include "reconcile/slice_sum.h"

enum { FIRST_FINDINGS = 20 };

static json_t *slice_json(const char *fill, const struct ledger_slice *slice, const char *verdict, const char *reason,
                          const json_t *detail) {
    json_t *one =
        json_pack("{s:s, s:I, s:s?, s:s?, s:s, s:s, s:O?}", "fill", fill, "range", (json_int_t)slice->range_no, "lo", slice->lo,
                  "hi", slice->hi, "verdict", verdict, "reason", reason, "rows", json_object_get(detail, "rows"));
    static const enum slice_count counts[] = {SLICE_MISSING, SLICE_EXTRA, SLICE_DIFFERENT, SLICE_CHANGED};
    for (size_t i = 0; one && i < sizeof counts / sizeof counts[0]; i++)
        json_object_set_new(one, slice_count_name(counts[i]), json_integer(slice_detail_count(detail, counts[i])));
    return one;
}

static void sum_fill(const struct verify *verify, const struct proof_fill *fill, struct slice_sum *sum, json_t *slices) {
    for (size_t i = 0; i < fill->slice_count; i++) {
        const struct ledger_slice *slice = &fill->slices[i];
        json_t *detail = slice_detail(slice);
        size_t before = sum->compared;
        enum verdict verdict = slice_sum_add(sum, slice, verify->pass.pass, detail);
        const char *reason = sum->compared == before ? "not looked at yet" : slice->reason ? slice->reason : "";
        if (verdict != VERDICT_MATCH)
            json_array_append_new(slices, slice_json(fill->job->name, slice, verdict_word(verdict), reason, detail));
        json_decref(detail);
    }
}

static json_t *columns_json(const struct proof_fill *fill) {
    json_t *names = json_array();
    for (size_t i = 0; i < fill->shape.column_count; i++)
        json_array_append_new(names, json_string(fill->shape.names[i]));
    return names;
}

static json_t *fill_json(const struct verify *verify, const struct proof_fill *fill, const struct slice_sum *sum, json_t *checks) {
    json_t *json = slice_sum_json(sum, fill->job->name, fill->job->source_name, fill->job->target_name);
    json_object_set(json, "checks", checks);
    json_object_set_new(json, "causes", guess_fill(verify, fill));
    json_object_set_new(json, "columns", columns_json(fill));
    return json;
}

static int findings_json(struct verify *verify, json_t *list, struct err *err) {
    struct ledger_finding *findings;
    size_t count;
    int rc = ledger_findings(verify->ledger, verify->db, verify->run, verify->options.fill, FIRST_FINDINGS, &verify->arena,
                             &findings, &count, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        json_array_append_new(list, finding_json(&findings[i]));
    return rc;
}

static const char *next_command(struct verify *verify, enum verdict verdict, bool complete, size_t rejects) {
    if (!complete || (verdict == VERDICT_DIFFER && verify->options.sample))
        return arena_printf(&verify->arena, "infill verify %s", verify->plan->path);
    if (verdict == VERDICT_DIFFER)
        return arena_printf(&verify->arena, "infill repair %s", verify->plan->path);
    if (rejects > 0)
        return arena_printf(&verify->arena, "infill rejects %s", verify->plan->path);
    return "";
}

static json_t *document_head(struct verify *verify, enum verdict verdict, bool complete, int64_t open, size_t rejects,
                             const int64_t rows[SIDES]) {
    double seconds = (double)(clock_monotonic_us() - verify->started_us) / 1e6;
    const char *next = next_command(verify, verdict, complete, rejects);
    return json_pack("{s:s, s:s, s:I, s:I, s:b, s:s, s:{s:I, s:I}, s:I, s:f, s:f, s:s}", "plan", verify->plan->name, "environment",
                     verify->plan->environment, "run", (json_int_t)verify->run, "pass", (json_int_t)verify->pass.pass, "complete",
                     complete, "verdict", verdict_word(verdict), "rows", "source", (json_int_t)rows[SIDE_SOURCE], "target",
                     (json_int_t)rows[SIDE_TARGET], "findings", (json_int_t)open, "seconds", seconds, "rows_per_second",
                     seconds > 0 ? (double)rows[SIDE_SOURCE] / seconds : 0.0, "next", next ? next : "");
}

static bool is_within(const struct proof_fill *fill, const struct ledger_reject *reject) {
    for (size_t i = 0; i < fill->slice_count; i++)
        if (fill->slices[i].range_no == reject->range_no)
            return text_equal(reject->fill, fill->job->name);
    return false;
}

/* Of the ranges at hand; `open` and `accepted` are states of the ledger's. */
static int count_rejects(struct verify *verify, const struct proof_fill *fill, const char *state, size_t *number, struct err *err) {
    struct ledger_reject *rejects = NULL;
    size_t count = 0;
    *number = 0;
    int rc = ledger_rejects(verify->ledger, verify->db, verify->run, state, &verify->arena, &rejects, &count, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        *number += is_within(fill, &rejects[i]);
    return rc;
}

/* Rows that could not be written are missing by agreement only once somebody has agreed. */
static int leave_out_rejects(struct verify *verify, const struct proof_fill *fill, const struct slice_sum *sum, size_t *open,
                             struct err *err) {
    size_t accepted = 0;
    *open = 0;
    if (sum->counts[SLICE_REJECTED] == 0)
        return 0;
    int rc = count_rejects(verify, fill, "open", open, err);
    if (rc == 0)
        rc = count_rejects(verify, fill, "accepted", &accepted, err);
    if (rc)
        return rc;
    json_t *reason = *open > 0      ? json_sprintf("%zu are open: infill rejects lists, retries or accepts them", *open)
                     : accepted > 0 ? json_string("infill rejects: they were accepted")
                                    : json_string("they were retried meanwhile: infill verify compares them now");
    json_t *what = json_sprintf("%lld rows that were rejected", (long long)sum->counts[SLICE_REJECTED]);
    int failed = left_out_add(verify->not_compared, fill->job->name, what, reason, *open == 0 && accepted > 0);
    return failed ? err_nomem(err) : 0;
}

int verify_document(struct verify *verify, bool complete, json_t **json, struct err *err) {
    json_t *fills = json_array(), *slices = json_array(), *findings = json_array();
    json_t *sample = NULL;
    enum verdict verdict = VERDICT_MATCH;
    int64_t rows[SIDES] = {0}, open = 0;
    size_t rejects = 0;
    int rc = ledger_findings_open(verify->ledger, verify->db, verify->run, verify->options.fill, &open, err);
    for (size_t i = 0; i < verify->fill_count && rc == 0; i++) {
        struct slice_sum sum = {0};
        enum verdict checked = VERDICT_MATCH;
        json_t *checks = NULL;
        sum_fill(verify, &verify->fills[i], &sum, slices);
        size_t some = 0;
        rc = leave_out_rejects(verify, &verify->fills[i], &sum, &some, err);
        rejects += some;
        if (rc == 0)
            rc = checks_document(verify, &verify->fills[i], &checked, &checks, err);
        sum.verdict = verdict_worst(sum.verdict, checked);
        verdict = verdict_worst(verdict, sum.verdict);
        for (size_t side = 0; side < SIDES; side++)
            rows[side] += sum.rows[side];
        json_array_append_new(fills, fill_json(verify, &verify->fills[i], &sum, checks));
        json_decref(checks);
    }
    if (rc == 0 && complete) /* of a part nothing can be said */
        rc = sample_document(verify, fills, &sample, err);
    if (!complete || left_out_count(verify->not_compared) > 0)
        verdict = verdict_worst(verdict, VERDICT_UNVERIFIED);
    if (rc == 0)
        rc = findings_json(verify, findings, err);
    json_t *document = rc ? NULL : document_head(verify, verdict, complete, open, rejects, rows);
    if (rc == 0 && document == NULL)
        rc = err_nomem(err);
    if (document) {
        json_object_set(document, "fills", fills);
        json_object_set(document, "slices", slices);
        json_object_set(document, "not_compared", verify->not_compared);
        json_object_set(document, "first_findings", findings);
        json_object_set(document, "sample", sample ? sample : json_null());
    }
    json_decref(fills);
    json_decref(slices);
    json_decref(findings);
    json_decref(sample);
    *json = document;
    return rc;
}
