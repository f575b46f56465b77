/* parity_doc.c - what was compared, as a document. */
#include "preflight/parity.h"

static const char *const words[PARITY_VERDICTS] = {[PARITY_NONE] = "none", [PARITY_PASS] = "pass",       [PARITY_INFO] = "info",
                                                   [PARITY_WARN] = "warn", [PARITY_UNKNOWN] = "unknown", [PARITY_FAIL] = "fail"};

static json_t *lines_json(const struct parity *parity) {
    json_t *lines = json_array();
    for (const struct parity_line *line = parity->first; line; line = line->following)
        json_array_append_new(lines, json_pack("{s:s, s:s, s:s, s:[s?, s?], s:s, s:s}", "compare", line->item->name, "verdict",
                                               words[line->verdict], "subject", line->subject, "values", line->values[0],
                                               line->values[1], "message", line->message, "next", line->next));
    return lines;
}

static json_t *spread_json(const struct parity_sample *sample) {
    struct parity_sample sorted = *sample;
    struct spread spread = spread_of(sorted.values, sorted.count);
    if (spread.count == 0)
        return json_null();
    return json_pack("{s:I, s:f, s:f, s:f}", "count", (json_int_t)spread.count, "low", spread.low, "middle", spread.middle, "high",
                     spread.high);
}

static json_t *measured_json(const struct parity_side *side) {
    json_t *fills = json_object();
    for (size_t i = 0; i < side->jobs->count; i++)
        json_object_set_new(fills, side->jobs->jobs[i].name, spread_json(&side->batches[i]));
    return json_pack("{s:o, s:o, s:o, s:o}", "round_trip_ms", spread_json(&side->round_trips), "commit_ms",
                     spread_json(&side->commits), "batch_commit_ms", spread_json(&side->batch_commits), "us_per_row", fills);
}

static json_t *sides_json(const struct parity *parity) {
    json_t *sides = json_array();
    for (size_t i = 0; i < 2; i++) {
        const struct parity_side *side = &parity->sides[i];
        const struct db_identity *id = &side->jobs->identity;
        json_array_append_new(sides, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "environment", side->name, "profile",
                                               side->plan->profile, "engine", side->db->engine->name, "database", id->database,
                                               "server_version", id->version, "probe",
                                               side->probe.rows > 0 ? json_string(side->probe.sql.table) : json_null(), "measured",
                                               measured_json(side)));
    }
    return sides;
}

static json_t *counts_json(const struct parity *parity) {
    json_t *counts = json_object();
    for (size_t i = 0; i < PARITY_VERDICTS; i++)
        json_object_set_new(counts, words[i], json_integer((json_int_t)parity->counts[i]));
    return counts;
}

static const char *verdict(const struct parity *parity) {
    enum parity_verdict worst = PARITY_FAIL;
    while (worst > PARITY_INFO && parity->counts[worst] == 0)
        worst--;
    return worst == PARITY_INFO ? words[PARITY_PASS] : words[worst];
}

int parity_document(const struct parity *parity, json_t **out, struct err *err) {
    *out = json_pack("{s:s, s:o, s:s, s:o, s:o}", "plan", parity->sides[0].plan->name, "environments", sides_json(parity),
                     "verdict", verdict(parity), "lines", lines_json(parity), "counts", counts_json(parity));
    return *out ? 0 : err_nomem(err);
}
