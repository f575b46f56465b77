/* self_check.h - does the comparison of this build see what it is there to see?
 *
 * A few rows with a value of every kind are compared with damaged copies of themselves, in memory, through the same canonical bytes, hashes,
 * digests and matching as rows of a database. It takes less than a millisecond, so that every verification does it before it gives a
 * verdict. The self-test (self_test.h) does the same with the database's own types, between its own tables. */
#ifndef RECONCILE_SELF_CHECK_H
#define RECONCILE_SELF_CHECK_H

#include "base/err.h"

/* ERR_INTERNAL names the first damage that goes unseen, or says that equal rows do not match. ERR_NOMEM. */
int self_check(struct err *err);

#endif
