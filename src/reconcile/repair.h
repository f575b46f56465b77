/* repair.h - the keys that have findings, and no others, are brought to what the source says.
 *
 * Each range is worked on in a new attempt, fenced as a batch is; a transaction locks the source rows of some keys, writes their target
 * rows, and closes their findings, all of it or nothing. Extra rows are deleted only when that is asked for, and only if under lock no
 * source row leads to them. Then the whole slice is verified again, and what it holds besides is compared with what it held before.
 *
 * Ranges of a fill are worked on side by side, by as many threads as the plan has workers: the calling one and those that it starts. */
#ifndef RECONCILE_REPAIR_H
#define RECONCILE_REPAIR_H

#include <jansson.h>

#include "base/log.h"
#include "plan/plan.h"

struct repair_options {
    struct log log;
    const char *fill; /* only this one; NULL: all */
    bool dry_run;     /* say what would be done */
    bool delete_extra;
};

/* The document of infill_repair(). */
int repair(const struct plan *plan, const struct repair_options *options, json_t **json, struct err *err);

#endif
