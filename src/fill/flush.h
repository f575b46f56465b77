/* flush.h - the statements of one round trip, gathered with their bound values. */
#ifndef FILL_FLUSH_H
#define FILL_FLUSH_H

#include "db/db.h"
#include "sql/stmt.h"

enum { FLUSH_MAX = 12 };

struct flush {
    struct arena *arena; /* bound values */
    struct db_query queries[FLUSH_MAX];
    struct db_result results[FLUSH_MAX];
    size_t count;
    bool failed; /* out of memory or out of room */
};

void flush_init(struct flush *flush, struct arena *arena);
/* Adds a statement with its logical arguments; returns its index. */
size_t flush_add(struct flush *flush, const struct stmt *stmt, const struct sql_value *values, bool returns_rows);
int flush_run(struct flush *flush, struct db *db, unsigned flags, const struct db_tx *tx, struct err *err);

/* An integer as a bound value; text of the arena. */
struct sql_value flush_int(struct arena *arena, int64_t number);

#endif
