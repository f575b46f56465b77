/* verdict.c - see verdict.h. */
#include "reconcile/verdict.h"

const char *verdict_name(enum verdict verdict) {
    static const char *const names[] = {
        [VERDICT_MATCH] = "match", [VERDICT_CHANGED] = "changed", [VERDICT_UNVERIFIED] = "unverified", [VERDICT_DIFFER] = "differ"};
    return names[verdict];
}

enum verdict verdict_worst(enum verdict a, enum verdict b) {
    return a > b ? a : b;
}
