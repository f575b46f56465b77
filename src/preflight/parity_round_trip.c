/* parity_round_trip.c - how long a statement is on its way. */
#include "preflight/parity.h"

#define FLOOR_MS                                                                                                                   \
    1.0 /* below it a batch of the usual target time does not feel them, and a busy machine's scheduler is what is measured */

static int compare(struct parity *parity, struct err *err) {
    struct spread spreads[2];
    (void)err;
    if (parity->no_probe) {
        parity_say(parity, PARITY_NONE, "a statement and back", NULL, NULL, NULL, "not measured: nobody asked for it");
        return 0;
    }
    for (size_t i = 0; i < 2; i++)
        spreads[i] = spread_of(parity->sides[i].round_trips.values, parity->sides[i].round_trips.count);
    parity_measured(parity, "a statement and back", spreads, "ms", FLOOR_MS,
                    "each batch waits for at least two of them; run infill beside the database, or with larger batches");
    return 0;
}

const struct parity_item round_trip_parity = {"round-trip", compare};
