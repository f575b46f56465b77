/* sample_doc.c - see sample_pass.h: how many rows of which seed are to be chosen, and what they said. */
#include <inttypes.h>
#include <math.h>

#include "base/mem.h"
#include "reconcile/proof.h"
#include "reconcile/sample_pass.h"
#include "reconcile/slice_sum.h"

enum { SAMPLE_ROWS_MAX = 1000000 }; /* of a fill, on each side 64 bytes in memory */

/* ---- before the data is read ---- */

/* The rows that the fill has seen. Nobody has counted what lies above the last range; of it as many in a thousand are chosen. */
static uint64_t rows_known(const struct proof_fill *fill) {
    uint64_t rows = 0;
    for (size_t i = 0; i < fill->slice_count; i++)
        rows += fill->slices[i].range_no > 0 ? (uint64_t)fill->slices[i].rows : 0;
    return rows;
}

static int open_fill(struct verify *verify, const struct proof_fill *fill, struct sample_fill *sample, struct err *err) {
    const struct plan_checks *checks = &fill->job->plan->checks;
    uint64_t population = rows_known(fill), wanted = sample_size(checks->confidence, checks->defect_rate, population);
    char seed[128];
    if (wanted > SAMPLE_ROWS_MAX) {
        err_set(err, ERR_USAGE, "fill %s: a sample of %" PRIu64 " rows is too large, the most is %d", fill->job->name, wanted,
                SAMPLE_ROWS_MAX);
        err_next(err, "nothing was compared; infill verify PLAN compares all rows, or ask for less in checks.sample");
        return ERR_USAGE;
    }
    /* Another pass chooses other rows; which they are was fixed when the pass was written down. */
    snprintf(seed, sizeof seed, "%s.%lld", verify->pass.seed, (long long)verify->pass.pass);
    sample_proof_init(&sample->sum.proof);
    return sample_choice_init(&sample->choice, seed, wanted, population, err);
}

int sample_open(struct verify *verify, struct err *err) {
    int rc = 0;
    if (!verify->options.sample)
        return 0;
    verify->samples = mem_zalloc(verify->fill_count, sizeof *verify->samples);
    if (verify->samples == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < verify->fill_count && rc == 0; i++)
        rc = open_fill(verify, &verify->fills[i], &verify->samples[i], err);
    return rc;
}

void sample_close(struct verify *verify) {
    for (size_t i = 0; i < verify->fill_count && verify->samples; i++)
        sample_proof_release(&verify->samples[i].sum.proof);
    mem_free(verify->samples);
}

/* ---- afterwards ---- */

/* Rows that were not chosen are left out on purpose; a sample that is too small for what was asked is not. */
static int say_left_out(struct verify *verify, const struct proof_fill *fill, const struct sample_part *sum) {
    const struct plan_checks *checks = &fill->job->plan->checks;
    uint64_t wanted = sample_size(checks->confidence, checks->defect_rate, sum->population);
    int failed = 0;
    if (sum->population > sum->proof.count[SIDE_SOURCE])
        failed |= left_out_add(verify->not_compared, fill->job->name, json_string("rows outside of the sample"),
                               json_string("--sample"), true);
    if (sum->population > 0 && sum->by_chance < wanted)
        failed |= left_out_add(verify->not_compared, fill->job->name,
                               json_sprintf("%lld rows that the sample lacks", (long long)(wanted - sum->by_chance)),
                               json_string("the table has fewer rows than the ledger knew of: infill verify compares all"), false);
    return failed;
}

struct total {
    uint64_t rows, population, defects;
    double confidence, rate, bound;
};

static json_t *sample_json(const struct total *total, const char *seed) {
    return json_pack("{s:I, s:I, s:s, s:f, s:f, s:I, s:f}", "rows", (json_int_t)total->rows, "population",
                     (json_int_t)total->population, "seed", seed, "confidence", total->confidence, "defect_rate", total->rate,
                     "defects", (json_int_t)total->defects, "upper_bound", total->bound);
}

static int fill_document(struct verify *verify, size_t i, const char *seed, json_t *fill, struct total *total, struct err *err) {
    struct sample_part *sum = &verify->samples[i].sum;
    const struct plan_checks *checks = &verify->fills[i].job->plan->checks;
    struct sample_result result;
    int rc = sample_proof_finish(&sum->proof, &result, err);
    if (rc)
        return rc;
    uint64_t defects = result.different + result.missing + result.extra;
    uint64_t counted = defects < sum->by_chance ? defects : sum->by_chance;
    bool whole = sum->proof.count[SIDE_SOURCE] >= sum->population;
    struct total one = {.rows = result.rows[SIDE_SOURCE], .population = sum->population, .defects = defects};
    one.confidence = checks->confidence;
    one.rate = checks->defect_rate;
    one.bound = whole && defects == 0 ? 0 : sample_bound(checks->confidence, sum->by_chance, counted, sum->population);
    total->rows += one.rows;
    total->population += one.population;
    total->defects += one.defects;
    total->confidence = fmin(total->confidence, one.confidence);
    total->rate = fmax(total->rate, one.rate);
    total->bound = fmax(total->bound, one.bound);
    json_t *digest = json_pack("{s:s, s:s}", "source", result.digest[SIDE_SOURCE], "target", result.digest[SIDE_TARGET]);
    int failed = json_object_set_new(fill, "sample", sample_json(&one, seed)) | json_object_set_new(fill, "digest", digest) |
                 say_left_out(verify, &verify->fills[i], sum);
    return failed ? err_nomem(err) : 0;
}

int sample_document(struct verify *verify, json_t *fills, json_t **all, struct err *err) {
    struct total total = {.confidence = 1};
    char seed[128];
    int rc = 0;
    if (!verify->options.sample)
        return 0;
    snprintf(seed, sizeof seed, "%s.%lld", verify->pass.seed, (long long)verify->pass.pass);
    for (size_t i = 0; i < verify->fill_count && rc == 0; i++)
        rc = fill_document(verify, i, seed, json_array_get(fills, i), &total, err);
    *all = rc == 0 ? sample_json(&total, seed) : NULL;
    return rc || *all ? rc : err_nomem(err);
}
