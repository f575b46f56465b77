/* report.h - all that the ledger knows of a run, as one document. Tables of users are not read. */
#ifndef RECONCILE_REPORT_H
#define RECONCILE_REPORT_H

#include <jansson.h>

#include "ledger/ledger.h"

enum { REPORT_FINDINGS_MAX = 1000, REPORT_EVENTS_MAX = 1000 }; /* a page has room for so many, and the ledger has the rest */

/* The document of infill_report (include/infill.h) but for its rejects and what it says of the server. New reference. Several reads, each
 * of one moment: of a run that goes on, the parts may be some milliseconds apart. */
int report_document(const struct ledger *ledger, struct db *db, const char *plan, int64_t run, json_t **document, struct err *err);

#endif
