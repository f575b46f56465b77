/* probe.h - what a round trip and a commit cost on one server: the only part of the preflight that commits anything.
 *
 * One-row transactions go into a table that stands where the ledger's do, is made for it and dropped behind it; the ledger's schema too
 * where it was not there. The caller says so beforehand. */
#ifndef PREFLIGHT_PROBE_H
#define PREFLIGHT_PROBE_H

#include "ledger/ledger.h"
#include "sql/probe_sql.h"

struct probe {
    struct probe_sql sql;
    bool made_schema, made_table;
    int64_t rows; /* committed so far */
};

/* Makes the table. ERR_REFUSED when there is one: another probe is at work, or was killed. */
int probe_open(struct probe *probe, struct db *db, const struct ledger *ledger, struct arena *arena, struct err *err);
/* Drops what was made; on a connection of its own where `db` is dead. An error means that it is still there, and says what. */
int probe_close(struct probe *probe, struct db *db, const struct db_options *options, struct err *err);

/* One transaction of one row, from BEGIN until the server says that it committed. */
int probe_commit(struct probe *probe, struct db *db, const struct db_tx *tx, double *ms, struct err *err);
/* One statement inside a transaction that is open, and back. */
int probe_round_trip(const struct probe_sql *sql, struct db *db, struct arena *arena, double *ms, struct err *err);

#endif
