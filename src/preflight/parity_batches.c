/* parity_batches.c - what a batch costs that is executed and rolled back. */
#include "preflight/parity.h"

static int compare(struct parity *parity, struct err *err) {
    const struct parity_side *sides = parity->sides;
    const char *why_not = sides[0].no_rehearsal ? sides[0].no_rehearsal : sides[1].no_rehearsal;
    (void)err;
    if (why_not) {
        parity_say(parity, parity->no_rehearsal ? PARITY_NONE : PARITY_UNKNOWN, "rehearsed batches", NULL, NULL, NULL,
                   "not rehearsed: %s", parity->no_rehearsal ? "nobody asked for it" : why_not);
        return 0;
    }
    for (size_t fill = 0; fill < sides[0].jobs->count; fill++) {
        struct spread spreads[2];
        for (size_t i = 0; i < 2; i++)
            spreads[i] = spread_of(sides[i].batches[fill].values, sides[i].batches[fill].count);
        parity_measured(parity, parity_text(parity, "%s: a row of a batch", sides[0].jobs->jobs[fill].name), spreads, "µs", 0,
                        "the same rows take the server that much longer");
    }
    return 0;
}

const struct parity_item batches_parity = {"batches", compare};
