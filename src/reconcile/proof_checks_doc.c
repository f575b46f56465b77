/* proof_checks_doc.c - what the checks of a fill say as a whole: what this process saw as one, what another one left behind slice by slice. */
#include "base/text.h"
#include "reconcile/fact_sum.h"
#include "reconcile/proof.h"
#include "reconcile/slice_sum.h"

enum { VALUES_SHOWN = 20 }; /* of a distribution: those whose numbers differ, then the most frequent ones */

/* ---- facts, as the document says them ---- */

/* Numbers become text: one fact's figures are counts, another's are sums beyond any integer. */
static json_t *figure(const json_t *value) {
    if (json_is_integer(value))
        return json_sprintf("%lld", (long long)json_integer_value(value));
    return json_string(json_is_string(value) ? json_string_value(value) : "");
}

static int add_fact(json_t *list, json_t *name, const json_t *source, const json_t *target, bool ok) {
    const char *verdict = verdict_word(ok ? VERDICT_MATCH : VERDICT_DIFFER);
    json_t *fact =
        json_pack("{s:o, s:o, s:o, s:s}", "name", name, "source", figure(source), "target", figure(target), "verdict", verdict);
    return json_array_append_new(list, fact);
}

/* The target's figure, or the only one there is. */
static const json_t *figure_of_target(const json_t *fact) {
    static const char *const numbers[] = {"keys", "rows", "values"};
    const json_t *value = json_object_get(fact, "target");
    for (size_t i = 0; value == NULL && i < sizeof numbers / sizeof numbers[0]; i++)
        value = json_object_get(fact, numbers[i]);
    return value;
}

static int add_values(json_t *list, const char *column, const json_t *counts) {
    int failed = 0;
    for (size_t i = 0; i < json_array_size(counts) && i < VALUES_SHOWN; i++) {
        const json_t *one = json_array_get(counts, i), *source = json_object_get(one, "source"),
                     *target = json_object_get(one, "target");
        const char *value = json_string_value(json_object_get(one, "value"));
        failed |=
            add_fact(list, json_sprintf("rows with %s %s", column, value ? value : ""), source, target, json_equal(source, target));
    }
    return failed;
}

static int add_facts(json_t *list, const json_t *fact) {
    const char *name = json_string_value(json_object_get(fact, "fact"));
    const char *column = json_string_value(json_object_get(fact, "column"));
    const char *columns = json_string_value(json_object_get(fact, "columns"));
    const char *subject = column ? column : columns;
    bool ok = json_is_true(json_object_get(fact, "ok"));
    json_t *full = subject ? json_sprintf("%s of %s", name, subject) : json_string(name);
    int failed = add_fact(list, full, json_object_get(fact, "source"), figure_of_target(fact), ok);
    return failed | add_values(list, column, json_object_get(fact, "counts"));
}

static json_t *facts_json(const json_t *facts) {
    json_t *list = json_array();
    int failed = 0;
    for (size_t i = 0; i < json_array_size(facts); i++)
        failed |= add_facts(list, json_array_get(facts, i));
    if (!failed)
        return list;
    json_decref(list);
    return NULL;
}

/* ---- one check of a fill ---- */

struct parts {
    enum verdict verdict; /* the worst that slices say by themselves */
    bool elsewhere;       /* another process looked at some */
    bool missing;         /* some were not looked at */
    const char *reason;   /* of the first that has one; of verify->arena */
    json_t *facts;        /* of all of them, added up */
};

static const json_t *check_of(const json_t *detail, const char *name) {
    const json_t *checks = json_object_get(detail, "checks");
    for (size_t i = 0; i < json_array_size(checks); i++)
        if (text_equal(json_string_value(json_object_get(json_array_get(checks, i), "check")), name))
            return json_array_get(checks, i);
    return NULL;
}

static int add_part(struct verify *verify, const struct ledger_slice *slice, const char *name, struct parts *parts,
                    struct err *err) {
    json_t *detail = slice_detail(slice);
    const json_t *check = check_of(detail, name);
    const char *reason = json_string_value(json_object_get(check, "reason"));
    int rc = 0;
    if (check) {
        parts->verdict = verdict_worst(parts->verdict, verdict_named(json_string_value(json_object_get(check, "verdict"))));
        rc = fact_sum_add(parts->facts, json_object_get(check, "facts"), err);
    }
    if (rc == 0 && reason && parts->reason == NULL && (parts->reason = arena_strdup(&verify->arena, reason)) == NULL)
        rc = err_nomem(err);
    json_decref(detail);
    return rc;
}

static int add_parts(struct verify *verify, const struct proof_fill *fill, const char *name, struct parts *parts, struct err *err) {
    *parts = (struct parts){.verdict = VERDICT_MATCH, .facts = json_array()};
    int rc = parts->facts ? 0 : err_nomem(err);
    for (size_t i = 0; i < fill->slice_count && rc == 0; i++) {
        const struct ledger_slice *slice = &fill->slices[i];
        bool seen = slice->pass == verify->pass.pass && slice->verdict;
        parts->missing = parts->missing || !seen;
        parts->elsewhere = parts->elsewhere || (seen && !slice->seen_now);
        if (seen)
            rc = add_part(verify, slice, name, parts, err);
    }
    return rc;
}

/* Rows of different ranges can only be told to share values by who saw both; and while the application writes, only if that was at one
 * moment. Every other check is as good as its parts. */
static enum verdict across_ranges(const struct verify *verify, const struct parts *parts, enum verdict own, const char **reason) {
    if (own == VERDICT_DIFFER && parts->verdict != VERDICT_DIFFER && verify->plan->writes != PLAN_WRITES_NONE) {
        *reason = "rows of different ranges seem to share values, but were read at different moments, while the application wrote";
        own = VERDICT_CHANGED;
    }
    if (parts->elsewhere) {
        *reason = "another process did a part of this pass, and nobody saw all rows; infill verify --restart does";
        own = verdict_worst(own, VERDICT_UNVERIFIED);
    }
    return own;
}

static json_t *check_json(const struct verify *verify, const json_t *check, const struct parts *parts, enum verdict *verdict) {
    const char *name = json_string_value(json_object_get(check, "check"));
    const char *reason = json_string_value(json_object_get(check, "reason"));
    reason = reason ? reason : parts->reason;
    *verdict = parts->verdict;
    if (text_equal(name, "unique")) {
        enum verdict own = verdict_named(json_string_value(json_object_get(check, "verdict")));
        *verdict = verdict_worst(*verdict, across_ranges(verify, parts, own, &reason));
    } else if (reason) {
        *verdict = verdict_worst(*verdict, VERDICT_UNVERIFIED);
    }
    if (parts->missing) {
        *verdict = verdict_worst(*verdict, VERDICT_UNVERIFIED);
        reason = reason ? reason : "not all ranges were looked at";
    }
    json_t *facts = facts_json(parts->elsewhere ? parts->facts : json_object_get(check, "facts"));
    return json_pack("{s:s, s:s, s:s*, s:o}", "check", name, "verdict", verdict_word(*verdict), "reason", reason, "facts", facts);
}

int checks_document(struct verify *verify, const struct proof_fill *fill, enum verdict *verdict, json_t **checks, struct err *err) {
    json_t *all = NULL, *check;
    size_t i;
    *verdict = VERDICT_MATCH;
    *checks = json_array();
    int rc = *checks ? check_list_finish(&fill->checks.list, verdict, &all, err) : err_nomem(err);
    *verdict = VERDICT_MATCH;
    json_array_foreach (all, i, check) {
        struct parts parts = {0};
        enum verdict one = VERDICT_MATCH;
        if (rc == 0)
            rc = add_parts(verify, fill, json_string_value(json_object_get(check, "check")), &parts, err);
        if (rc == 0 && json_array_append_new(*checks, check_json(verify, check, &parts, &one)) != 0)
            rc = err_nomem(err);
        *verdict = verdict_worst(*verdict, one);
        json_decref(parts.facts);
    }
    json_decref(all);
    return rc;
}
