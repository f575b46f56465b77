/* checklist_doc.c - the checklist as a document. */
#include "preflight/checklist.h"

static const char *const parts[CHECKLIST_PARTS] = {"pre-flight", "execution controls", "way back"};
static const char *const verdicts[] = {[CHECKLIST_NONE] = "none",
                                       [CHECKLIST_PASS] = "pass",
                                       [CHECKLIST_ACCEPTED] = "accepted",
                                       [CHECKLIST_WARN] = "warn",
                                       [CHECKLIST_FAIL] = "fail"};

static json_t *lines_json(const struct checklist *list, enum checklist_part part) {
    json_t *lines = json_array();
    for (const struct checklist_line *line = list->first; line; line = line->following)
        if (line->item->part == part)
            json_array_append_new(lines, json_pack("{s:s, s:s, s:s, s:s, s:s}", "check", line->item->name, "verdict",
                                                   verdicts[line->verdict], "fill", line->fill, "message", line->message, "next",
                                                   line->next));
    return lines;
}

static json_t *parts_json(const struct checklist *list) {
    json_t *array = json_array();
    for (enum checklist_part part = 0; part < CHECKLIST_PARTS; part++)
        json_array_append_new(array, json_pack("{s:s, s:o}", "part", parts[part], "lines", lines_json(list, part)));
    return array;
}

static json_t *forecast_json(const struct checklist *list) {
    int64_t rows = checklist_rows(list), rate = list->plan->set.pace_rows_per_second;
    return json_pack("{s:o, s:o, s:o}", "rows", rows < 0 ? json_null() : json_integer(rows), "rows_per_second",
                     rate > 0 ? json_integer(rate) : json_null(), "seconds",
                     rows < 0 || rate <= 0 ? json_null() : json_integer((rows + rate - 1) / rate));
}

int checklist_document(const struct checklist *list, json_t **out, struct err *err) {
    const struct db_identity *id = &list->jobs->identity;
    const size_t *counts = list->counts;
    const char *verdict = counts[CHECKLIST_FAIL] ? "fail" : counts[CHECKLIST_WARN] ? "warn" : "pass";
    *out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:{s:I, s:I, s:I, s:I}}", "plan", list->plan->name, "environment",
                     list->plan->environment, "profile", list->plan->profile, "database", id->database, "server_version",
                     id->version, "verdict", verdict, "parts", parts_json(list), "forecast", forecast_json(list), "counts", "pass",
                     (json_int_t)counts[CHECKLIST_PASS], "warn", (json_int_t)counts[CHECKLIST_WARN], "fail",
                     (json_int_t)counts[CHECKLIST_FAIL], "accepted", (json_int_t)counts[CHECKLIST_ACCEPTED]);
    return *out ? 0 : err_nomem(err);
}
