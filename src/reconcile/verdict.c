/* verdict.c - see verdict.h. */
#include "reconcile/verdict.h"

#include "base/text.h"

static const char *const names[] = {
    [VERDICT_MATCH] = "match", [VERDICT_CHANGED] = "changed", [VERDICT_UNVERIFIED] = "unverified", [VERDICT_DIFFER] = "differ"};

const char *verdict_word(enum verdict verdict) {
    return names[verdict];
}

enum verdict verdict_named(const char *name) {
    for (enum verdict verdict = VERDICT_MATCH; verdict <= VERDICT_DIFFER; verdict++)
        if (text_equal(names[verdict], name))
            return verdict;
    return VERDICT_UNVERIFIED;
}

enum verdict verdict_worst(enum verdict a, enum verdict b) {
    return a > b ? a : b;
}
