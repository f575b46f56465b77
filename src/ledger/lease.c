/* lease.c - who works on a range: taking, giving back, taking over, looking again. */
#include "base/text.h"
#include "ledger/call.h"

/* The first eleven columns of LEASE_FIND and LEASE_REREAD. */
static void read_lease(const struct call *call, const char *fill, struct ledger_lease *lease) {
    *lease = (struct ledger_lease){
        .fill = fill,
        .range_no = call_cell_int(call, 0, 0, 0),
        .attempt = call_cell_int(call, 0, 1, 1),
        .lo = call_cell(call, 0, 2),
        .hi = call_cell(call, 0, 3),
        .cursor = call_cell(call, 0, 4),
        .last_lo = call_cell(call, 0, 5),
        .epoch = call_cell_int(call, 0, 6, 0),
        .batch_no = call_cell_int(call, 0, 7, 0),
        .keep = call_cell_int(call, 0, 8, 0) != 0,
        .tries = call_cell_int(call, 0, 9, 0),
        .seen = call_cell_int(call, 0, 10, 0),
    };
}

static int take(const struct ledger *ledger, struct db *db, int64_t run, const char *owner, int64_t ttl_ms, struct arena *arena,
                struct ledger_lease *lease, struct err *err) {
    struct call call = {.statement = LS_LEASE_TAKE,
                        .args = {call_int(arena, run), value_text(lease->fill), call_int(arena, lease->range_no),
                                 call_int(arena, lease->attempt), value_text(owner), call_int(arena, ttl_ms)}};
    lease->epoch++;
    return ledger_calls(ledger, db, DB_COMMIT, NULL, &call, 1, arena, err);
}

int ledger_lease(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, const char *owner, int64_t ttl_ms,
                 struct arena *arena, struct ledger_lease *lease, bool *found, struct err *err) {
    struct call calls[2] = {
        {.statement = LS_RUN_SHARE, .args = {call_int(arena, run)}, .rows = true},
        {.statement = LS_LEASE_FIND, .args = {call_int(arena, run), value_text(fill), value_text(owner)}, .rows = true}};
    *found = false;
    int rc = ledger_calls(ledger, db, DB_BEGIN, &ledger->tx, calls, 2, arena, err);
    if (rc)
        return rc;
    if ((rc = call_check_running(&calls[0], err)) != 0) {
        db_rollback(db);
        return rc;
    }
    *found = calls[1].result.row_count > 0;
    if (!*found) {
        db_rollback(db);
        return 0;
    }
    read_lease(&calls[1], arena_strdup(arena, fill), lease);
    if (lease->fill == NULL) {
        db_rollback(db);
        return err_nomem(err);
    }
    return take(ledger, db, run, owner, ttl_ms, arena, lease, err);
}

int ledger_release(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_lease *lease, const char *owner,
                   int64_t park_ms, const char *error, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call call = {.statement = LS_LEASE_RELEASE,
                        .args = {call_int(&arena, run), value_text(lease->fill), call_int(&arena, lease->range_no),
                                 call_int(&arena, lease->attempt), value_text(owner), call_int(&arena, lease->epoch),
                                 call_int(&arena, park_ms), value_text(error)}};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->tx, &call, 1, &arena, err);
    arena_release(&arena);
    return rc;
}

int ledger_owners(const struct ledger *ledger, struct db *db, int64_t run, const char *owner, struct arena *arena,
                  const char ***owners, size_t *count, struct err *err) {
    struct call call = {.statement = LS_LEASE_OWNERS, .args = {call_int(arena, run), value_text(owner)}, .rows = true};
    *count = 0;
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &call, 1, arena, err);
    if (rc)
        return rc;
    *owners = arena_array(arena, call.result.row_count + 1, sizeof **owners);
    if (*owners == NULL)
        return err_nomem(err);
    for (unsigned i = 0; i < call.result.row_count; i++)
        (*owners)[(*count)++] = call_cell(&call, i, 0);
    return 0;
}

/* Ranges are locked in the order of the control transaction: an UPDATE alone takes them as it meets them. */
int ledger_evict(const struct ledger *ledger, struct db *db, int64_t run, const char *owner, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call calls[2] = {{.statement = LS_LEASE_EVICT_LOCK, .args = {call_int(&arena, run), value_text(owner)}, .rows = true},
                            {.statement = LS_LEASE_EVICT, .args = {call_int(&arena, run), value_text(owner)}}};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->tx, calls, 2, &arena, err);
    arena_release(&arena);
    return rc;
}

int ledger_reread(const struct ledger *ledger, struct db *db, int64_t run, const char *owner, struct arena *arena,
                  struct ledger_lease *lease, bool *ours, const char **state, struct err *err) {
    struct call call = {
        .statement = LS_LEASE_REREAD,
        .args = {call_int(arena, run), value_text(lease->fill), call_int(arena, lease->range_no), call_int(arena, lease->attempt)},
        .rows = true};
    int64_t epoch = lease->epoch;
    *ours = false;
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->tx, &call, 1, arena, err);
    if (rc)
        return rc;
    if (call.result.row_count == 0)
        return err_set(err, ERR_MISMATCH, "range %lld of fill %s is gone from the ledger", (long long)lease->range_no, lease->fill);
    read_lease(&call, lease->fill, lease);
    *state = call_cell(&call, 0, 12);
    *ours = text_equal(call_cell(&call, 0, 11), owner) && lease->epoch == epoch;
    return 0;
}

int ledger_live_leases(const struct ledger *ledger, struct db *db, int64_t run, const char *prefix, int64_t *all, int64_t *mine,
                       struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call call = {.statement = LS_LEASE_LIVE, .args = {call_int(&arena, run), value_text(prefix)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &call, 1, &arena, err);
    *all = call_cell_int(&call, 0, 0, 0);
    *mine = call_cell_int(&call, 0, 1, 0);
    arena_release(&arena);
    return rc;
}

int ledger_next_wake(const struct ledger *ledger, struct db *db, int64_t run, struct arena *arena, int64_t *ms, const char **reason,
                     struct err *err) {
    struct call calls[2] = {{.statement = LS_LEASE_WAKE, .args = {call_int(arena, run)}, .rows = true},
                            {.statement = LS_LEASE_PARKED, .args = {call_int(arena, run)}, .rows = true}};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, calls, 2, arena, err);
    if (rc)
        return rc;
    int64_t lease_ms = call_cell_int(&calls[0], 0, 0, -1), parked_ms = call_cell_int(&calls[0], 0, 1, -1);
    *ms = lease_ms < 0 || (parked_ms >= 0 && parked_ms < lease_ms) ? parked_ms : lease_ms;
    const char *parked = call_cell(&calls[1], 0, 0);
    *reason = parked ? parked : "";
    return 0;
}
