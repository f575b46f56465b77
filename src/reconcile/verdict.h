/* verdict.h - what a comparison says: four answers, never a boolean. An error or something left out is not a match. */
#ifndef RECONCILE_VERDICT_H
#define RECONCILE_VERDICT_H

/* From the best to the worst. */
enum verdict {
    VERDICT_MATCH,
    VERDICT_CHANGED,    /* a side changed while it was looked at */
    VERDICT_UNVERIFIED, /* not compared, or not all of it: the reason stands beside it */
    VERDICT_DIFFER,
};

/* "match", "changed", "unverified", "differ". */
const char *verdict_word(enum verdict verdict);
/* The verdict of a name; unverified for one that is none. */
enum verdict verdict_named(const char *name);
/* What two comparisons say together: a difference is one whatever else is unknown. */
enum verdict verdict_worst(enum verdict a, enum verdict b);

#endif
