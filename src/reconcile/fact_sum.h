/* fact_sum.h - facts of several slices, added up to facts of all of them: what a check says after a pass that two processes shared.
 *
 * Counts, digests and exact sums can be added. The smallest and the greatest value cannot: of those a slice keeps a hash, and only whether
 * both sides agree is known of the whole. */
#ifndef RECONCILE_FACT_SUM_H
#define RECONCILE_FACT_SUM_H

#include <jansson.h>

#include "base/err.h"

/* `sum`: an array of facts, which begins empty; `facts` of a check_list_finish(). A fact is ok when all its parts are. ERR_NOMEM. */
int fact_sum_add(json_t *sum, const json_t *facts, struct err *err);

#endif
