/* parity_commits.c - how long a transaction of one row takes until the server says that it lasts, and how many follow each other in a second. */
#include "preflight/parity.h"

#define FLOOR_MS 1.0 /* as with round trips, of which a transaction takes some */

static void say_why_not(struct parity *parity) {
    const struct parity_side *sides = parity->sides;
    if (parity->no_probe)
        parity_say(parity, PARITY_NONE, "one-row transaction", NULL, NULL, NULL, "not measured: nobody asked for it");
    else
        parity_say(parity, PARITY_UNKNOWN, "one-row transaction", NULL, NULL,
                   "give the role the right to make the table (infill install PLAN --print-sql), or --no-probe", "not measured: %s",
                   sides[0].no_probe ? sides[0].no_probe : sides[1].no_probe);
}

static int compare(struct parity *parity, struct err *err) {
    struct spread spreads[2];
    const char *rates[2];
    (void)err;
    if (parity->no_probe || parity->sides[0].no_probe || parity->sides[1].no_probe) {
        say_why_not(parity);
        return 0;
    }
    for (size_t i = 0; i < 2; i++) {
        spreads[i] = spread_of(parity->sides[i].commits.values, parity->sides[i].commits.count);
        rates[i] = spreads[i].middle > 0 ? parity_text(parity, "%.0f/s", 1000 / spreads[i].middle) : NULL;
    }
    parity_measured(parity, "one-row transaction", spreads, "ms", FLOOR_MS,
                    "leases, checkpoints and batches commit as slowly as the disk and the standbys let them");
    if (rates[0] && rates[1])
        parity_say(parity, PARITY_PASS, "transactions by one session", rates[0], rates[1], NULL, "%s", "");
    return 0;
}

const struct parity_item commits_parity = {"commits", compare};
