/* fill.c - the frontier of a fill: its high-water mark, its ranges, its end. Each is decided under the fill row's lock (L4). */
#include "base/text.h"
#include "ledger/call.h"

static void read_fill(const struct call *call, struct ledger_fill *out) {
    *out = (struct ledger_fill){
        .fill = call_cell(call, 0, 0),
        .state = call_cell(call, 0, 1),
        .frontier = call_cell(call, 0, 2),
        .high_water = call_cell(call, 0, 3),
        .from_key = call_cell(call, 0, 4),
        .ranges = call_cell_int(call, 0, 5, 0),
        .until_key = call_cell(call, 0, 6),
        .had_extra = call_cell_int(call, 0, 7, 1) != 0,
    };
}

static int no_fill(struct err *err, const char *fill) {
    return err_set(err, ERR_NOT_FOUND, "the ledger has no fill %s of this run", fill);
}

int ledger_fill_get(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, struct arena *arena,
                    struct ledger_fill *out, struct err *err) {
    struct call get = {.statement = LS_FILL_GET, .args = {call_int(arena, run), value_text(fill)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &get, 1, arena, err);
    if (rc)
        return rc;
    if (get.result.row_count == 0)
        return no_fill(err, fill);
    read_fill(&get, out);
    return 0;
}

/* L6: a cut happens only in a run that is running, and a pause waits for it. */
int ledger_fill_lock(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, struct arena *arena,
                     struct ledger_fill *out, struct err *err) {
    struct call calls[2] = {{.statement = LS_RUN_SHARE, .args = {call_int(arena, run)}, .rows = true},
                            {.statement = LS_FILL_LOCK, .args = {call_int(arena, run), value_text(fill)}, .rows = true}};
    int rc = ledger_calls(ledger, db, DB_BEGIN, &ledger->tx, calls, 2, arena, err);
    if (rc)
        return rc;
    rc = call_check_running(&calls[0], err);
    if (rc == 0 && calls[1].result.row_count == 0)
        rc = no_fill(err, fill);
    if (rc) {
        db_rollback(db);
        return rc;
    }
    read_fill(&calls[1], out);
    return 0;
}

/* The last statement of a transaction over a fill, which ends it; what it left is read inside. */
static int commit_and_get(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, const struct call *last,
                          struct arena *arena, struct ledger_fill *now, struct err *err) {
    struct call calls[2] = {*last, {.statement = LS_FILL_GET, .args = {call_int(arena, run), value_text(fill)}, .rows = true}};
    int rc = ledger_calls(ledger, db, DB_COMMIT, NULL, calls, 2, arena, err);
    if (rc)
        return rc;
    if (calls[1].result.row_count == 0)
        return no_fill(err, fill);
    read_fill(&calls[1], now);
    return 0;
}

int ledger_fill_commit_high_water(const struct ledger *ledger, struct db *db, int64_t run, const char *fill,
                                  const struct ledger_bounds *bounds, struct arena *arena, struct ledger_fill *now,
                                  struct err *err) {
    struct call set = {.statement = LS_FILL_HIGH_WATER,
                       .args = {call_int(arena, run), value_text(fill), value_text(bounds->high_water ? "open" : "filled"),
                                value_text(bounds->from_key), value_text(bounds->high_water), value_text(bounds->until_key),
                                call_int(arena, bounds->had_extra)}};
    return commit_and_get(ledger, db, run, fill, &set, arena, now, err);
}

/* A fill that was reopened for all of it keeps the mark of its part until it has another. */
bool ledger_fill_has_end(const struct ledger_fill *fill) {
    return fill->until_key || fill->high_water || text_equal(fill->state, "filled");
}

static int cannot_reopen(const char *fill, struct err *err) {
    char why[sizeof err->message];
    bool paused = text_starts(err->message, "the run is paused");
    snprintf(why, sizeof why, "%s", err->message);
    err_set(err, ERR_STOPPED, "fill %s cannot go on: %s", fill, why);
    err_next(err, "nothing was changed; infill resume PLAN%s, and run again", paused ? "" : " --because \"...\"");
    return ERR_STOPPED;
}

int ledger_fill_reopen(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_fill *seen,
                       const char *until_key, struct arena *arena, struct ledger_fill *now, struct err *err) {
    struct ledger_fill found;
    int rc = ledger_fill_lock(ledger, db, run, seen->fill, arena, &found, err);
    if (rc)
        return rc == ERR_FENCED ? cannot_reopen(seen->fill, err) : rc;
    if (!text_equal(found.state, seen->state) || !text_equal(found.until_key, seen->until_key) ||
        !text_equal(found.high_water, seen->high_water)) {
        db_rollback(db);
        *now = found;
        return 0;
    }
    struct call set = {.statement = LS_FILL_REOPEN, .args = {call_int(arena, run), value_text(found.fill), value_text(until_key)}};
    return commit_and_get(ledger, db, run, found.fill, &set, arena, now, err);
}

int ledger_fill_commit_cut(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_fill *fill, const char *hi,
                           bool had_extra, const char *owner, int64_t ttl_ms, struct arena *arena, struct ledger_lease *lease,
                           struct err *err) {
    int64_t number = fill->ranges + 1;
    struct call calls[2] = {
        {.statement = LS_RANGE_INSERT,
         .args = {call_int(arena, run), value_text(fill->fill), call_int(arena, number), value_text(fill->frontier), value_text(hi),
                  value_text(owner), call_int(arena, ttl_ms), call_int(arena, had_extra)}},
        {.statement = LS_FILL_CUT, .args = {call_int(arena, run), value_text(fill->fill), value_text(hi)}},
    };
    *lease = (struct ledger_lease){
        .fill = arena_strdup(arena, fill->fill),
        .range_no = number,
        .attempt = 1,
        .lo = arena_strdup(arena, fill->frontier),
        .hi = arena_strdup(arena, hi),
        .epoch = 1,
    };
    if (lease->fill == NULL || lease->hi == NULL || (fill->frontier && lease->lo == NULL)) {
        db_rollback(db); /* without its lower end the lease would begin at the first key */
        return err_nomem(err);
    }
    return ledger_calls(ledger, db, DB_COMMIT, NULL, calls, 2, arena, err);
}

/* L5: nothing but the frontier at the high-water mark and no unfilled range makes a fill filled. */
int ledger_fill_finish(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, const char *actor, bool *filled,
                       struct err *err) {
    struct arena arena;
    struct ledger_fill now;
    arena_init(&arena);
    *filled = false;
    int rc = ledger_fill_lock(ledger, db, run, fill, &arena, &now, err);
    struct call open = {.statement = LS_FILL_OPEN_RANGES, .args = {call_int(&arena, run), value_text(fill)}, .rows = true};
    if (rc == 0)
        rc = ledger_calls(ledger, db, 0, NULL, &open, 1, &arena, err);
    if (rc == 0) {
        bool all = call_cell_int(&open, 0, 0, 1) == 0 && text_equal(now.frontier, now.high_water);
        *filled = text_equal(now.state, "filled") || (text_equal(now.state, "open") && all);
        struct call set = {.statement = LS_FILL_FILLED, .args = {call_int(&arena, run), value_text(fill)}};
        if (*filled && !text_equal(now.state, "filled"))
            rc = ledger_calls(ledger, db, DB_COMMIT, NULL, &set, 1, &arena, err);
        else
            db_rollback(db);
    }
    arena_release(&arena);
    (void)actor;
    return rc;
}
