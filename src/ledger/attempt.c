/* attempt.c - work on a range that was filled before: repairing, settling. Fenced as batches are (L3, L6). */
#include "base/text.h"
#include "ledger/call.h"
#include "ledger/proof.h"

static int check_run(const struct call *share, struct err *err) {
    const char *state = call_cell(share, 0, 0);
    if (text_equal(state, "running") || text_equal(state, "done"))
        return 0;
    err_set(err, ERR_REFUSED, "the run is %s", state ? state : "gone from the ledger");
    err_next(err, "nothing was changed; infill resume PLAN --because \"...\"");
    return ERR_REFUSED;
}

/* The last attempt is somebody's unfinished repair: whose, and may it be taken over? */
static int check_last(const struct call *last, const char *owner, bool (*dead)(const char *owner), bool *take_over,
                      struct err *err) {
    const char *holder = call_cell(last, 0, 4);
    *take_over = text_equal(call_cell(last, 0, 3), "repair");
    if (last->result.row_count == 0)
        return err_set(err, ERR_NOT_FOUND, "the range is not in the ledger");
    if (holder == NULL || text_equal(holder, owner) || call_cell_int(last, 0, 7, 0) == 1 || dead(holder))
        return 0;
    return err_set(err, ERR_BUSY, "range %s is worked on by %s", call_cell(last, 0, 0), holder);
}

int ledger_attempt_open(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no,
                        const char *owner, int64_t ttl_ms, bool (*dead)(const char *owner), struct arena *arena,
                        struct ledger_lease *lease, struct err *err) {
    struct sql_value of_run = call_int(arena, run), of_fill = value_text(fill), number = call_int(arena, range_no);
    struct call calls[2] = {{.statement = LS_RUN_SHARE, .args = {of_run}, .rows = true},
                            {.statement = LS_ATTEMPT_LAST, .args = {of_run, of_fill, number}, .rows = true}};
    struct call *last = &calls[1];
    bool take_over = false;
    int rc = ledger_calls(ledger, db, DB_BEGIN, &ledger->tx, calls, 2, arena, err);
    if (rc)
        return rc;
    if ((rc = check_run(&calls[0], err)) != 0 || (rc = check_last(last, owner, dead, &take_over, err)) != 0) {
        db_rollback(db);
        return rc;
    }
    int64_t attempt = call_cell_int(last, 0, 0, 1);
    *lease = (struct ledger_lease){.fill = arena_strdup(arena, fill),
                                   .range_no = range_no,
                                   .attempt = take_over ? attempt : attempt + 1,
                                   .lo = call_cell(last, 0, 1),
                                   .hi = call_cell(last, 0, 2),
                                   .epoch = take_over ? call_cell_int(last, 0, 5, 0) + 1 : 1,
                                   .batch_no = take_over ? call_cell_int(last, 0, 6, 0) : 0};
    struct call take = {.statement = LS_LEASE_TAKE,
                        .args = {of_run, of_fill, number, call_int(arena, attempt), value_text(owner), call_int(arena, ttl_ms)}};
    struct call insert = {.statement = LS_ATTEMPT_INSERT,
                          .args = {of_run, of_fill, number, call_int(arena, attempt), value_text("repair"), value_text(owner),
                                   call_int(arena, ttl_ms)}};
    return ledger_calls(ledger, db, DB_COMMIT, NULL, take_over ? &take : &insert, 1, arena, err);
}

static int no_longer_ours(const struct ledger_lease *lease, struct err *err) {
    return err_set(err, ERR_FENCED, "range %lld of fill %s has another owner now, or the run was stopped",
                   (long long)lease->range_no, lease->fill);
}

int ledger_attempt_step(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_lease *lease,
                        const char *owner, int64_t ttl_ms, const struct ledger_step *step, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call call = {.statement = LS_ATTEMPT_STEP,
                        .args = {call_int(&arena, run), value_text(lease->fill), call_int(&arena, lease->range_no),
                                 call_int(&arena, lease->attempt), value_text(owner), call_int(&arena, lease->epoch),
                                 call_int(&arena, lease->batch_no), call_int(&arena, step->seen), call_int(&arena, step->written),
                                 call_int(&arena, step->same), call_int(&arena, ttl_ms)}};
    int rc = ledger_calls(ledger, db, 0, NULL, &call, 1, &arena, err);
    if (rc == 0 && call.result.affected != 1) {
        db_rollback(db);
        rc = no_longer_ours(lease, err);
    }
    arena_release(&arena);
    return rc;
}

int ledger_attempt_end(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_lease *lease, const char *owner,
                       bool settled, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call call = {.statement = LS_ATTEMPT_END,
                        .args = {call_int(&arena, run), value_text(lease->fill), call_int(&arena, lease->range_no),
                                 call_int(&arena, lease->attempt), value_text(owner), call_int(&arena, lease->epoch),
                                 call_int(&arena, settled)}};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->tx, &call, 1, &arena, err);
    if (rc == 0 && call.result.affected != 1)
        rc = no_longer_ours(lease, err);
    arena_release(&arena);
    return rc;
}
