/* rehearse_counts.c - what the server counts while a batch is rehearsed: rows read, updates in place, locks; and what a batch costs beside its
 * statement. */
#include "base/clock.h"
#include "preflight/rehearse.h"

enum { OVERHEAD_TRIES = 8 };

/* In the open transaction. */
static int ask_here(struct rehearsal *rehearsal, const char *sql, struct db_result *result, struct err *err) {
    const struct db_query query = {.sql = sql, .returns_rows = true};
    *result = (struct db_result){0};
    return sql ? db_flush(rehearsal->db, 0, NULL, &query, 1, rehearsal->arena, result, err) : 0;
}

int rehearse_count(struct rehearsal *rehearsal, struct rehearse_counts *counts, struct err *err) {
    const struct sql_dialect *dialect = db_dialect(rehearsal->db);
    struct db_result read, updates;
    int rc = ask_here(rehearsal, dialect->rows_read, &read, err);
    if (rc == 0)
        rc = ask_here(rehearsal, dialect->updates_counted, &updates, err);
    if (rc)
        return rc;
    *counts = (struct rehearse_counts){.is_known = dialect->rows_read != NULL};
    for (unsigned row = 0; row < read.row_count; row++)
        counts->read += db_cell_int(&read, row, read.column_count - 1, 0);
    if (updates.row_count > 0) {
        counts->updated = db_cell_int(&updates, 0, 0, 0);
        counts->hot = db_cell_int(&updates, 0, 1, 0);
    }
    return 0;
}

const char *rehearse_locks(struct rehearsal *rehearsal) {
    const char *sql = db_dialect(rehearsal->db)->locks_told;
    struct db_result held;
    struct err ignored;
    err_clear(&ignored);
    if (sql == NULL || ask_here(rehearsal, sql, &held, &ignored) != 0 || held.row_count == 0)
        return NULL;
    return db_cell(&held, 0, 0);
}

/* One transaction in as many round trips as a batch takes beside its statement: fence and checkpoint are there in number. */
static int one(struct rehearsal *rehearsal, const char *writes, int64_t *us, struct err *err) {
    const struct db_query queries[] = {{.sql = "SELECT 1", .returns_rows = true}, {.sql = writes, .returns_rows = true}};
    struct db_result results[2];
    int64_t begin_us = clock_monotonic_us();
    int rc = db_flush(rehearsal->db, DB_BEGIN, &rehearsal->tx, queries, writes ? 2 : 1, rehearsal->arena, results, err);
    if (rc == 0)
        rc = db_flush(rehearsal->db, DB_COMMIT, NULL, queries, 1, rehearsal->arena, results, err);
    *us = clock_monotonic_us() - begin_us;
    return rc;
}

static int64_t middle_of(int64_t *us, size_t count) {
    for (size_t i = 1; i < count; i++)
        for (size_t at = i; at > 0 && us[at - 1] > us[at]; at--) {
            int64_t swap = us[at];
            us[at] = us[at - 1];
            us[at - 1] = swap;
        }
    return us[count / 2];
}

int rehearse_overhead(struct rehearsal *rehearsal, int64_t *us, bool *waits, struct err *err) {
    const char *writes = db_dialect(rehearsal->db)->commit_measured;
    int64_t tries[OVERHEAD_TRIES];
    *waits = writes != NULL;
    for (size_t i = 0; i < OVERHEAD_TRIES; i++) {
        int rc = one(rehearsal, *waits ? writes : NULL, &tries[i], err);
        if (rc && *waits && i == 0 && !db_is_dead(rehearsal->db)) { /* not for this role: without */
            err_clear(err);
            *waits = false;
            rc = one(rehearsal, NULL, &tries[i], err);
        }
        if (rc)
            return rc;
    }
    *us = middle_of(tries, OVERHEAD_TRIES);
    return 0;
}
