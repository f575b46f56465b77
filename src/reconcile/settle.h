/* settle.h - a filled range becomes a settled one: verified, and repaired, after every transaction that could have raced with its batches.
 *
 * Who calls this has waited for those transactions (db_holders). From then on each writer sees the rows of the range on both sides, so what
 * differs is what the race left: rows that are missing or stale are written again from the source, rows whose source row is gone are
 * deleted, each under the locks of both rows. Rows that the fill kept on purpose (on_conflict: keep) stay, as findings.
 *
 * So do rows without a source row that may never have had one: where the target had such rows before the range was filled, or other fills
 * write into it too, a resurrected row cannot be told from them, and nothing is deleted. */
#ifndef RECONCILE_SETTLE_H
#define RECONCILE_SETTLE_H

#include "base/log.h"
#include "ledger/proof.h"
#include "preflight/resolve.h"

struct settler;

/* One per process and run; borrows everything, `db` for this call only. */
int settler_open(const struct plan *plan, struct jobs *jobs, const struct ledger *ledger, int64_t run, struct db *db,
                 const struct log *log, struct settler **settler, struct err *err);
void settler_close(struct settler *settler);

struct settle_result {
    int64_t repaired, deleted, kept;
    int64_t extra;         /* rows without a source row that were not deleted */
    int64_t already_right; /* somebody else was faster */
};
/* Verifies the range over `db`, repairs what differs, verifies again, until nothing differs; then the range is settled in the ledger.
 * ERR_ACCOUNT when rows do not stay repaired. Different ranges may be settled at once, over different connections. */
int settle_range(struct settler *settler, struct db *db, const char *fill, const struct ledger_slice *slice, const char *owner,
                 struct settle_result *result, struct err *err);
/* Rows of a target that no source row leads to, where they cannot be told by key: once, when all ranges of the fill are settled. */
int settle_strays(struct settler *settler, struct db *db, const char *fill, const char *owner, struct settle_result *result,
                  struct err *err);

#endif
