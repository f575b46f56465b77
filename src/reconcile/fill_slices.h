/* fill_slices.h - the slices that tile a fill, by the ledger's own word, with their verdicts; and what lies outside of all of them. */
#ifndef RECONCILE_FILL_SLICES_H
#define RECONCILE_FILL_SLICES_H

#include <jansson.h>

#include "ledger/proof.h"

struct fill_slices {
    struct ledger_slice
        *slices; /* the ranges in order, then the rest where the fill has ended; of the arena, with room for one more */
    size_t count;
    bool tile; /* L4: the first range begins where the fill does, each where the one before it ends, the last at the frontier */
};

/* Rows that are in no slice are added to `not_compared` as [{"fill", "what", "reason"}]. */
int fill_slices_list(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, struct arena *arena,
                     struct fill_slices *list, json_t *not_compared, struct err *err);
/* One more, which is no range: LEDGER_STRAYS. At most once. */
int fill_slices_add(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t number, const char *lo,
                    struct arena *arena, struct fill_slices *list, struct err *err);
/* Does fill_slices_list say this of rows in no slice? What it says now replaces what a document of an earlier pass says. */
bool fill_slices_says(const char *what);

#endif
