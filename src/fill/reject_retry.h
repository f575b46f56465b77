/* reject_retry.h - rejects tried again, each in a transaction of its own together with its mark in the ledger. */
#ifndef FILL_REJECT_RETRY_H
#define FILL_REJECT_RETRY_H

#include "ledger/ledger.h"
#include "preflight/resolve.h"

struct reject_retry {
    const struct plan *plan;
    struct db *db;
    const struct ledger *ledger;
    struct jobs *jobs;
    int64_t run;
    int64_t tried, written, still_open; /* out */
};

/* Tries every open reject. A row that still cannot be written stays open with its new class; anything else that goes wrong ends it with
 * that error, and what was retried before stays retried. */
int reject_retry_all(struct reject_retry *retry, struct err *err);

#endif
