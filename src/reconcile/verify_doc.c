/* verify_doc.c - what a verification came to, as a document: out of the ledger, so that slices of an interrupted pass count as well. */
#include "base/clock.h"
#include "base/text.h"
#include "reconcile/proof.h"
#include "reconcile/row_hash.h"

enum { FIRST_FINDINGS = 20 };

/* From best to worst: the worst of the parts is the verdict of the whole. */
static const char *const verdicts[] = {"match", "changed", "unverified", "differ"};

static size_t rank(const char *verdict) {
    size_t i = 0;
    while (i < 4 && !text_equal(verdicts[i], verdict))
        i++;
    return i < 4 ? i : 2;
}

static const char *worse(const char *a, const char *b) {
    return rank(a) >= rank(b) ? a : b;
}

struct sums {
    const char *verdict;
    int64_t rows[SIDES], missing, extra, different, duplicates, changed, weaker, rejected;
    struct row_hash digest[SIDES];
    size_t slices;
};

static int64_t number(const json_t *object, const char *name) {
    return json_integer_value(json_object_get(object, name));
}

static struct row_hash hash_of(const char *hex) {
    struct row_hash hash = {0, 0};
    if (hex)
        row_hash_from_hex(hex, &hash);
    return hash;
}

static void add(struct sums *sums, const json_t *detail) {
    const json_t *rows = json_object_get(detail, "rows"), *digest = json_object_get(detail, "digest");
    static const char *const sides[SIDES] = {"source", "target"};
    for (size_t side = 0; side < SIDES; side++) {
        sums->rows[side] += number(rows, sides[side]);
        struct row_hash one = hash_of(json_string_value(json_object_get(digest, sides[side])));
        sums->digest[side] = row_hash_plus(sums->digest[side], one);
    }
    sums->missing += number(detail, "missing");
    sums->extra += number(detail, "extra");
    sums->different += number(detail, "different");
    sums->duplicates += number(detail, "duplicates");
    sums->changed += number(detail, "changed");
    sums->weaker += number(detail, "weaker");
    sums->rejected += number(detail, "rejected");
}

static json_t *slice_json(const char *fill, const struct ledger_slice *slice, json_t *detail) {
    json_t *one = json_pack("{s:s, s:I, s:s?, s:s?, s:s, s:s, s:O?}", "fill", fill, "range", (json_int_t)slice->range_no, "lo",
                            slice->lo, "hi", slice->hi, "verdict", slice->verdict, "reason", slice->reason ? slice->reason : "",
                            "rows", json_object_get(detail, "rows"));
    static const char *const names[] = {"missing", "extra", "different", "changed"};
    for (size_t i = 0; one && i < 4; i++)
        json_object_set_new(one, names[i], json_integer(number(detail, names[i])));
    return one;
}

/* Without a verdict of this pass a slice is as if it had not been looked at. */
static void sum_fill(const struct verify *verify, const struct proof_fill *fill, struct sums *sums, json_t *slices) {
    *sums = (struct sums){.verdict = "match", .slices = fill->slice_count};
    for (size_t i = 0; i < fill->slice_count; i++) {
        struct ledger_slice slice = fill->slices[i];
        json_t *detail = slice.detail ? json_loads(slice.detail, 0, NULL) : NULL;
        if (slice.pass != verify->pass.pass || slice.verdict == NULL) {
            slice.verdict = "unverified";
            slice.reason = "not looked at yet";
        } else {
            add(sums, detail);
        }
        sums->verdict = worse(sums->verdict, slice.verdict);
        if (!text_equal(slice.verdict, "match"))
            json_array_append_new(slices, slice_json(fill->job->name, &slice, detail));
        json_decref(detail);
    }
}

static json_t *columns_json(const struct proof_fill *fill) {
    json_t *names = json_array();
    for (size_t i = 0; i < fill->shape.column_count; i++)
        json_array_append_new(names, json_string(fill->shape.names[i]));
    return names;
}

static json_t *fill_json(const struct proof_fill *fill, const struct sums *sums) {
    char source[ROW_DIGEST_HEX_SIZE], target[ROW_DIGEST_HEX_SIZE];
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:{s:I, s:I}, s:{s:s, s:s}, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:[], s:[], s:o}",
                     "fill", fill->job->name, "source", fill->job->source_name, "target", fill->job->target_name, "verdict",
                     sums->verdict, "slices", (json_int_t)sums->slices, "rows", "source", (json_int_t)sums->rows[SIDE_SOURCE],
                     "target", (json_int_t)sums->rows[SIDE_TARGET], "digest", "source",
                     row_hash_hex(sums->digest[SIDE_SOURCE], source), "target", row_hash_hex(sums->digest[SIDE_TARGET], target),
                     "missing", (json_int_t)sums->missing, "extra", (json_int_t)sums->extra, "different",
                     (json_int_t)sums->different, "duplicates", (json_int_t)sums->duplicates, "changed", (json_int_t)sums->changed,
                     "weaker", (json_int_t)sums->weaker, "rejected", (json_int_t)sums->rejected, "checks", "causes", "columns",
                     columns_json(fill));
}

static json_t *finding_json(const struct ledger_finding *finding) {
    json_t *columns = finding->columns ? json_loads(finding->columns, 0, NULL) : NULL;
    return json_pack("{s:s, s:s, s:I, s:s, s:o, s:s?}", "fill", finding->fill, "key", finding->key, "range",
                     (json_int_t)finding->range_no, "kind", finding->kind, "columns", columns ? columns : json_array(), "at",
                     finding->at);
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

static const char *next_command(struct verify *verify, const char *verdict, bool complete) {
    if (!complete)
        return arena_printf(&verify->arena, "infill verify %s", verify->plan->path);
    if (text_equal(verdict, "differ"))
        return arena_printf(&verify->arena, "infill repair %s", verify->plan->path);
    return "";
}

static json_t *document_head(struct verify *verify, const char *verdict, bool complete, int64_t open, const int64_t rows[SIDES]) {
    double seconds = (double)(clock_monotonic_us() - verify->started_us) / 1e6;
    const char *next = next_command(verify, verdict, complete);
    return json_pack("{s:s, s:s, s:I, s:I, s:b, s:s, s:{s:I, s:I}, s:I, s:f, s:f, s:n, s:s}", "plan", verify->plan->name,
                     "environment", verify->plan->environment, "run", (json_int_t)verify->run, "pass",
                     (json_int_t)verify->pass.pass, "complete", complete, "verdict", verdict, "rows", "source",
                     (json_int_t)rows[SIDE_SOURCE], "target", (json_int_t)rows[SIDE_TARGET], "findings", (json_int_t)open,
                     "seconds", seconds, "rows_per_second", seconds > 0 ? (double)rows[SIDE_SOURCE] / seconds : 0.0, "sample",
                     "next", next ? next : "");
}

int verify_document(struct verify *verify, bool complete, json_t **json, struct err *err) {
    json_t *fills = json_array(), *slices = json_array(), *findings = json_array();
    const char *verdict = complete && json_array_size(verify->not_compared) == 0 ? "match" : "unverified";
    int64_t rows[SIDES] = {0}, open = 0;
    int rc = ledger_findings_open(verify->ledger, verify->db, verify->run, &open, err);
    for (size_t i = 0; i < verify->fill_count && rc == 0; i++) {
        struct sums sums;
        sum_fill(verify, &verify->fills[i], &sums, slices);
        verdict = worse(verdict, sums.verdict);
        for (size_t side = 0; side < SIDES; side++)
            rows[side] += sums.rows[side];
        json_array_append_new(fills, fill_json(&verify->fills[i], &sums));
    }
    if (rc == 0)
        rc = findings_json(verify, findings, err);
    json_t *document = rc ? NULL : document_head(verify, verdict, complete, open, rows);
    if (rc == 0 && document == NULL)
        rc = err_nomem(err);
    if (document) {
        json_object_set(document, "fills", fills);
        json_object_set(document, "slices", slices);
        json_object_set(document, "not_compared", verify->not_compared);
        json_object_set(document, "first_findings", findings);
    }
    json_decref(fills);
    json_decref(slices);
    json_decref(findings);
    *json = document;
    return rc;
}
