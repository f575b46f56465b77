/* verdict.c - see verdict.h. */
#include "cli/verdict.h"

#include <string.h>

#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/xalloc.h"

static const struct {
    const char *name;
    int exit_code;
    int rank; /* how bad */
} verdicts[] = {
    [VERDICT_NONE] = {"not verified", 1, 2},     [VERDICT_MATCH] = {"match", 0, 0},   [VERDICT_CHANGED] = {"changed", 5, 1},
    [VERDICT_UNVERIFIED] = {"unverified", 1, 3}, [VERDICT_DIFFER] = {"differ", 4, 4},
};

enum { VERDICTS = sizeof verdicts / sizeof verdicts[0] };

enum verdict verdict_of(const json_t *object) {
    const char *word = doc_text(object, "verdict");
    for (int i = VERDICT_MATCH; i < VERDICTS; i++)
        if (strcmp(verdicts[i].name, word) == 0)
            return (enum verdict)i;
    return VERDICT_NONE;
}

const char *verdict_name(enum verdict verdict) {
    return verdicts[verdict].name;
}

enum verdict verdict_worse(enum verdict one, enum verdict other) {
    return verdicts[other].rank > verdicts[one].rank ? other : one;
}

/* A report says nothing of "complete": its ranges do. */
static bool is_incomplete(const json_t *document) {
    return json_is_false(json_object_get(document, "complete"));
}

/* What nobody agreed to leave out. */
static size_t left_out_count(const json_t *document) {
    size_t count = 0;
    size_t index;
    json_t *item;
    json_array_foreach (doc_list(document, "not_compared"), index, item)
        count += !doc_true(item, "agreed");
    return count;
}

enum verdict verdict_whole(const json_t *document) {
    enum verdict verdict = verdict_of(document);
    bool whole = left_out_count(document) == 0 && !is_incomplete(document);
    return whole || verdict == VERDICT_NONE ? verdict : verdict_worse(verdict, VERDICT_UNVERIFIED);
}

int verdict_exit_code(enum verdict verdict) {
    return verdicts[verdict].exit_code;
}

const char *verdict_next(enum verdict verdict) {
    return verdict == VERDICT_MATCH ? "" : verdict == VERDICT_DIFFER ? "infill repair PLAN --dry-run" : "infill verify PLAN";
}

/* Open findings: of a report all there are, of a verification those of its selection. */
static int64_t open_findings(const json_t *document) {
    return doc_int(document, "findings", doc_int(document, "findings_total", 0));
}

char *verdict_sentence(const json_t *document) {
    enum verdict verdict = verdict_of(document);
    size_t left_out = left_out_count(document);
    int64_t findings = open_findings(document);
    const char *so_far = is_incomplete(document) ? " so far; not everything was compared yet" : "";
    if (verdict == VERDICT_DIFFER)
        return xformat("differ: %s finding%s open%s", figure_count(findings).text, findings == 1 ? " is" : "s are", so_far);
    if (is_incomplete(document) || verdict == VERDICT_NONE)
        return xcopy(verdict == VERDICT_NONE && !is_incomplete(document) ? "not verified: source and target were never compared"
                                                                         : "unverified: not everything was compared yet");
    if (verdict == VERDICT_CHANGED)
        return xcopy("changed during the check: nothing is known to be wrong, but not every row could be pinned down");
    if (verdict == VERDICT_UNVERIFIED)
        return xcopy("unverified: not everything could be compared");
    if (left_out > 0)
        return xformat("unverified: what was compared matches, but %zu thing%s not compared", left_out,
                       left_out == 1 ? " was" : "s were");
    return xcopy("match: every row that was compared is as the plan says");
}
