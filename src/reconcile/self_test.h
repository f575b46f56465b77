/* self_test.h - does a verification over this connection see damage of every kind?
 *
 * In the plan's own database it makes two temporary tables (sql/scratch.h), verifies them as the rest slice of a fill is verified, in
 * small pieces, and must find that they match. Then it damages the copy, one kind of damage after the other, and looks again. A damage is
 * seen when the digests differ and as many keys are named as it touched.
 *
 * All of it is one transaction that is rolled back, so that it works through a pooler and nothing is left, however it ends. What a
 * rollback leaves of a temporary table (MariaDB) goes with the connection. No other table is read or written. */
#ifndef RECONCILE_SELF_TEST_H
#define RECONCILE_SELF_TEST_H

#include <jansson.h>

#include "base/log.h"
#include "plan/plan.h"

/* The document of infill_verify_self_test (include/infill.h), new reference. Damage that goes unseen is no error; undamaged tables that do
 * not match are: ERR_INTERNAL. ERR_DENIED and ERR_READ_ONLY say what temporary tables need. */
int self_test(const struct plan *plan, const struct log *log, json_t **document, struct err *err);

#endif
