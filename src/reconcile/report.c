/* report.c - see report.h. What slices came to is read from their own rows; what only a whole pass can say (checks, sample, what was left
 * out) from the documents of passes that have ended. */
#include "reconcile/report.h"

#include "base/mem.h"
#include "base/text.h"
#include "reconcile/fill_slices.h"
#include "reconcile/slice_sum.h"

struct report {
    const struct ledger *ledger;
    struct db *db;
    int64_t run;
    struct arena arena;
    json_t *passes; /* ended, the newest first */
    json_t *fills;
    json_t *not_compared;
    enum verdict verdict;
    size_t compared; /* slices */
    int64_t findings;
};

/* ---- what passes said ---- */

static const json_t *fill_of_pass(const json_t *pass, const char *name) {
    const json_t *fills = json_object_get(json_object_get(pass, "detail"), "fills");
    for (size_t i = 0; i < json_array_size(fills); i++) {
        const json_t *fill = json_array_get(fills, i);
        if (text_equal(json_string_value(json_object_get(fill, "fill")), name))
            return fill;
    }
    return NULL;
}

/* A pass over all rows says more of the fill than a later one over some of them. */
static bool is_whole(const json_t *pass) {
    const json_t *scope = json_object_get(pass, "scope");
    return !json_is_string(json_object_get(scope, "ranges")) && !json_is_string(json_object_get(scope, "keys")) &&
           !json_is_string(json_object_get(scope, "only"));
}

static bool has_checks(const json_t *pass, const char *name) {
    return json_array_size(json_object_get(fill_of_pass(pass, name), "checks")) > 0;
}

/* The newest pass that can speak of the fill; NULL: none. */
static const json_t *last_pass(const struct report *report, const char *name, bool with_checks) {
    const json_t *found = NULL;
    for (size_t i = 0; i < json_array_size(report->passes); i++) {
        const json_t *pass = json_array_get(report->passes, i);
        if (fill_of_pass(pass, name) == NULL || json_is_object(json_object_get(json_object_get(pass, "detail"), "sample")) ||
            (with_checks && !has_checks(pass, name)))
            continue;
        if (is_whole(pass))
            return pass;
        found = found ? found : pass;
    }
    return found;
}

static const json_t *last_sample(const struct report *report) {
    for (size_t i = 0; i < json_array_size(report->passes); i++) {
        const json_t *sample = json_object_get(json_object_get(json_array_get(report->passes, i), "detail"), "sample");
        if (json_is_object(sample))
            return sample;
    }
    return NULL;
}

static void take_list(json_t *fill, const char *member, const json_t *from) {
    json_t *list = json_object_get(from, member);
    if (list)
        json_object_set(fill, member, list);
    else
        json_object_set_new(fill, member, json_array());
}

static void add_left_out(struct report *report, const json_t *pass, const char *name) {
    const json_t *list = json_object_get(json_object_get(pass, "detail"), "not_compared");
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *one = json_array_get(list, i);
        if (text_equal(json_string_value(json_object_get(one, "fill")), name) &&
            !fill_slices_says(json_string_value(json_object_get(one, "what"))))
            json_array_append(report->not_compared, one);
    }
}

/* Rows of different ranges can have values that only one may have: no range by itself differs then. */
static enum verdict shared_values(const json_t *fill) {
    enum verdict verdict = VERDICT_MATCH;
    const json_t *checks = json_object_get(fill, "checks");
    for (size_t i = 0; i < json_array_size(checks); i++) {
        const json_t *check = json_array_get(checks, i);
        if (text_equal(json_string_value(json_object_get(check, "check")), "unique"))
            verdict = verdict_named(json_string_value(json_object_get(check, "verdict")));
    }
    return verdict;
}

/* Guesses about rows that differ go with them. */
static void add_passes(struct report *report, json_t *fill, const char *name, bool differs) {
    const json_t *last = last_pass(report, name, false), *checked = last_pass(report, name, true);
    json_t *at = json_object_get(checked, "at");
    take_list(fill, "checks", fill_of_pass(checked, name));
    json_object_set(fill, "checks_at", at ? at : json_null());
    take_list(fill, "causes", differs ? fill_of_pass(last, name) : NULL);
    take_list(fill, "columns", fill_of_pass(last, name));
    add_left_out(report, last, name);
}

/* ---- slices ---- */

static json_t *range_json(const struct ledger_slice *slice, const json_t *detail) {
    json_t *one = json_pack("{s:I, s:s?, s:s?, s:s, s:I, s:I, s:s?, s:s, s:s?, s:s?, s:I}", "range", (json_int_t)slice->range_no,
                            "lo", slice->lo, "hi", slice->hi, "state", slice->state, "rows", (json_int_t)slice->rows, "written",
                            (json_int_t)slice->written, "verdict", slice->verdict, "reason", slice->reason ? slice->reason : "",
                            "verified_at", slice->at, "settled_at", slice->settled_at, "repaired", (json_int_t)slice->repaired);
    static const enum slice_count counts[] = {SLICE_MISSING, SLICE_EXTRA, SLICE_DIFFERENT, SLICE_CHANGED};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        json_object_set_new(one, slice_count_name(counts[i]), json_integer((json_int_t)slice_detail_count(detail, counts[i])));
    return one;
}

static json_t *ranges_json(const struct fill_slices *list, struct slice_sum *sum) {
    json_t *ranges = json_array();
    for (size_t i = 0; i < list->count; i++) {
        json_t *detail = slice_detail(&list->slices[i]);
        slice_sum_add(sum, &list->slices[i], 0, detail);
        json_array_append_new(ranges, range_json(&list->slices[i], detail));
        json_decref(detail);
    }
    return ranges;
}

/* Strays are a slice only of fills whose target rows cannot be told by key; that they were looked at says that this is one. */
static int add_strays(struct report *report, const char *name, struct fill_slices *list, struct err *err) {
    int rc = fill_slices_add(report->ledger, report->db, report->run, name, LEDGER_STRAYS, NULL, &report->arena, list, err);
    if (rc == 0 && list->slices[list->count - 1].verdict == NULL)
        list->count--;
    return rc;
}

static int list_slices(struct report *report, const char *name, struct fill_slices *list, struct err *err) {
    int rc = fill_slices_list(report->ledger, report->db, report->run, name, &report->arena, list, report->not_compared, err);
    if (rc == 0)
        rc = add_strays(report, name, list, err);
    if (rc == 0 && !list->tile)
        left_out_add(report->not_compared, name, json_string("rows between the ranges"),
                     json_string("the ranges do not tile the key space: the ledger was changed by hand"), false);
    return rc;
}

/* ---- fills ---- */

static void set_nothing_compared(json_t *fill) {
    static const char *const unknown[] = {"verdict", "rows", "digest"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        json_object_set_new(fill, unknown[i], json_null());
}

/* `status` is the fill as ledger_status has it. */
static int add_fill(struct report *report, const json_t *status, struct err *err) {
    const char *name = json_string_value(json_object_get(status, "fill"));
    struct fill_slices list = {0};
    struct slice_sum sum = {0};
    int64_t open = 0;
    int rc = list_slices(report, name, &list, err);
    if (rc == 0)
        rc = ledger_findings_open(report->ledger, report->db, report->run, name, &open, err);
    if (rc)
        return rc;
    json_t *ranges = ranges_json(&list, &sum);
    if (open > 0)
        sum.verdict = VERDICT_DIFFER;
    json_t *fill = slice_sum_json(&sum, name, json_string_value(json_object_get(status, "source")),
                                  json_string_value(json_object_get(status, "target")));
    if (sum.compared == 0 && open == 0)
        set_nothing_compared(fill);
    add_passes(report, fill, name, sum.counts[SLICE_DIFFERENT] > 0);
    if (sum.compared > 0) {
        sum.verdict = verdict_worst(sum.verdict, shared_values(fill));
        json_object_set_new(fill, "verdict", json_string(verdict_word(sum.verdict)));
    }
    static const char *const same[] = {"state", "frontier", "high_water"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        json_object_set(fill, same[i], json_object_get(status, same[i]));
    json_object_set_new(fill, "ranges", ranges);
    json_array_append_new(report->fills, fill);
    report->verdict = verdict_worst(report->verdict, sum.verdict);
    report->compared += sum.compared;
    report->findings += open;
    return 0;
}

static int add_fills(struct report *report, const json_t *fills, struct err *err) {
    int rc = ledger_passes(report->ledger, report->db, report->run, &report->passes, err);
    for (size_t i = 0; i < json_array_size(fills) && rc == 0; i++)
        rc = add_fill(report, json_array_get(fills, i), err);
    if (left_out_count(report->not_compared) > 0)
        report->verdict = verdict_worst(report->verdict, VERDICT_UNVERIFIED);
    return rc;
}

/* ---- the whole ---- */

static int findings_json(struct report *report, json_t *list, struct err *err) {
    struct ledger_finding *findings;
    size_t count;
    int rc =
        ledger_findings(report->ledger, report->db, report->run, NULL, REPORT_FINDINGS_MAX, &report->arena, &findings, &count, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        json_array_append_new(list, finding_json(&findings[i]));
    return rc;
}

static int fill_document(struct report *report, const json_t *status, json_t *document, struct err *err) {
    static const char *const same[] = {"plan", "environment", "profile", "run", "state", "rows"};
    const char *now = NULL;
    json_t *events = NULL, *findings = json_array();
    int rc = add_fills(report, json_object_get(status, "fills"), err);
    if (rc == 0)
        rc = findings_json(report, findings, err);
    if (rc == 0)
        rc = ledger_events(report->ledger, report->db, report->run, REPORT_EVENTS_MAX, &events, err);
    if (rc == 0)
        rc = ledger_now(report->ledger, report->db, &report->arena, &now, err);
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        json_object_set(document, same[i], json_object_get(status, same[i]));
    bool known = report->compared > 0 || report->findings > 0;
    const json_t *sample = last_sample(report);
    json_object_set_new(document, "generated_at", now ? json_string(now) : json_null());
    json_object_set_new(document, "verdict", known ? json_string(verdict_word(report->verdict)) : json_null());
    json_object_set(document, "fills", report->fills);
    json_object_set_new(document, "findings", findings);
    json_object_set_new(document, "findings_total", json_integer((json_int_t)report->findings));
    json_object_set(document, "not_compared", report->not_compared);
    json_object_set_new(document, "sample", sample ? json_deep_copy(sample) : json_null());
    json_object_set_new(document, "events", events);
    return rc;
}

int report_document(const struct ledger *ledger, struct db *db, const char *plan, int64_t run, json_t **out, struct err *err) {
    struct report report = {.ledger = ledger, .db = db, .run = run, .fills = json_array(), .not_compared = json_array()};
    unsigned long refusals = mem_refusals();
    json_t *status = NULL, *document = json_object();
    arena_init(&report.arena);
    int rc = ledger_status(ledger, db, plan, &status, err);
    if (rc == 0)
        rc = fill_document(&report, status, document, err);
    if (rc == 0 && mem_refusals() != refusals)
        rc = err_nomem(err);
    if (rc == 0)
        *out = json_incref(document);
    json_decref(document);
    json_decref(status);
    json_decref(report.passes);
    json_decref(report.fills);
    json_decref(report.not_compared);
    arena_release(&report.arena);
    return rc;
}
