/* dry_run.h - what a run would do, as a document; nothing is written, not even the ledger, and no ledger is needed. */
#ifndef PREFLIGHT_DRY_RUN_H
#define PREFLIGHT_DRY_RUN_H

#include <jansson.h>

#include "ledger/ledger.h"
#include "preflight/resolve.h"

/* Everything a part of the dry run needs. */
struct dry_run {
    const struct plan *plan;
    struct db *db;
    const struct ledger *ledger;
    struct jobs *jobs;
    struct db_tx tx; /* read-only, with the plan's timeouts */
    bool quick;      /* leave out what reads a whole table */
    struct arena *arena;
};

/* The document described at infill_dry_run (include/infill.h). `table` selects fills, NULL: all. New reference. */
int dry_run_document(struct dry_run *dry, const char *table, json_t **out, struct err *err);

/* dry_run_fill.c: one fill: statements with their plans, first and last keys, estimates. New reference. */
int dry_run_fill(struct dry_run *dry, struct job *job, json_t **out, struct err *err);
/* dry_run_data.c: warnings that need a look at the data: what where: leaves out, sequences behind, colliding unique values. */
int dry_run_data(struct dry_run *dry, struct job *job, const char *first_hi, const char *last_key, struct err *err);

#endif
