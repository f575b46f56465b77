/* control.c - the state of a run: changed in one transaction that no older batch survives (L6), and ended (L5). */
#include <jansson.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ledger/call.h"

enum {
    CONTROL_LOCK_MS = 60000, /* a state change waits for the batches that are under way: longer than any statement may take */
    CONTROL_TRIES = 10,
};

/* What may follow what. halted and stopped give way only to each other and to running. */
static const struct {
    const char *from, *to;
} transitions[] = {
    {"running", "paused"}, {"running", "stopped"}, {"running", "halted"}, {"paused", "running"}, {"paused", "stopped"},
    {"paused", "halted"},  {"stopped", "running"}, {"stopped", "halted"}, {"halted", "running"}, {"halted", "stopped"},
};

static bool may_follow(const char *from, const char *to) {
    for (size_t i = 0; i < sizeof transitions / sizeof transitions[0]; i++)
        if (text_equal(transitions[i].from, from) && text_equal(transitions[i].to, to))
            return true;
    return false;
}

/* Ranges are locked in order, then fenced: when this commits, a batch of an older epoch can not. */
static int fence(const struct ledger *ledger, struct db *db, unsigned flags, int64_t run, struct arena *arena, struct err *err) {
    struct call calls[2] = {{.statement = LS_RANGES_LOCK, .args = {call_int(arena, run)}, .rows = true},
                            {.statement = LS_RANGES_FENCE, .args = {call_int(arena, run)}}};
    return ledger_calls(ledger, db, flags, NULL, calls, 2, arena, err);
}

/* The event's detail, an object, with the reason in it; NULL when memory ended. */
static char *detail_with(const char *detail_json, const char *reason) {
    json_t *detail = json_loads(detail_json, 0, NULL);
    bool whole = detail && json_object_set_new(detail, "reason", json_string(reason)) == 0;
    char *text = whole ? mem_json_text(detail, JSON_COMPACT) : NULL;
    json_decref(detail);
    return text;
}

static int change(const struct ledger *ledger, struct db *db, int64_t run, const char *state, const char *reason, const char *actor,
                  const char *detail_json, const struct ledger_notices *notices, struct arena *arena, struct err *err) {
    bool resumed = text_equal(state, "running");
    struct call set = {.statement = LS_RUN_SET, .args = {call_int(arena, run), value_text(state), value_text(reason)}};
    int rc = ledger_calls(ledger, db, 0, NULL, &set, 1, arena, err);
    if (rc == 0 && !resumed)
        rc = fence(ledger, db, 0, run, arena, err);
    if (rc == 0)
        rc = ledger_notices_add(ledger, db, run, notices, arena, err);
    if (rc)
        return rc;
    char *detail = detail_with(detail_json, reason);
    if (detail == NULL) {
        db_rollback(db);
        return err_nomem(err);
    }
    rc = ledger_event_add(ledger, db, run, actor, resumed ? "resumed" : state, detail, true, arena, err);
    mem_free(detail);
    return rc;
}

/* A state that stays. It may have been set by a plain UPDATE, which fences nobody: the caller still gets what he was promised. */
static int keep(const struct ledger *ledger, struct db *db, int64_t run, const char *now, struct arena *arena, struct err *err) {
    if (now && !text_equal(now, "running") && !text_equal(now, "done"))
        return fence(ledger, db, DB_COMMIT, run, arena, err);
    db_rollback(db);
    if (text_equal(now, "running"))
        return 0;
    return err_set(err, ERR_NOT_FOUND, "the run is %s", now ? now : "gone from the ledger");
}

static int control_once(const struct ledger *ledger, struct db *db, int64_t run, const char *state, const char *reason,
                        const char *actor, const char *detail_json, const struct ledger_notices *notices, struct arena *arena,
                        const char **was, bool *changed, struct err *err) {
    struct db_tx tx = ledger->tx;
    if (tx.lock_timeout_ms && tx.lock_timeout_ms < CONTROL_LOCK_MS)
        tx.lock_timeout_ms = CONTROL_LOCK_MS;
    if (tx.statement_timeout_ms && tx.statement_timeout_ms < CONTROL_LOCK_MS)
        tx.statement_timeout_ms = CONTROL_LOCK_MS;
    struct call lock = {.statement = LS_RUN_LOCK, .args = {call_int(arena, run)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_BEGIN, &tx, &lock, 1, arena, err);
    if (rc)
        return rc;
    const char *now = call_cell(&lock, 0, 2);
    *was = now ? now : "";
    if (!may_follow(now, state))
        return keep(ledger, db, run, now, arena, err);
    rc = change(ledger, db, run, state, reason, actor, detail_json, notices, arena, err);
    *changed = rc == 0;
    return rc;
}

/* Whoever stops a run may be the one that the server picks out of a deadlock with its workers: that must not be how a stop fails. */
int ledger_run_control(const struct ledger *ledger, struct db *db, int64_t run, const char *state, const char *reason,
                       const char *actor, const char *detail_json, const struct ledger_notices *notices, struct arena *arena,
                       const char **was, bool *changed, struct err *err) {
    int64_t until_us = clock_monotonic_us() + (int64_t)CONTROL_LOCK_MS * 1000;
    int rc = 0;
    *changed = false;
    *was = "";
    for (int i = 0; i < CONTROL_TRIES; i++) {
        if (i > 0)
            err_clear(err);
        rc = control_once(ledger, db, run, state, reason, actor, detail_json, notices, arena, was, changed, err);
        if ((rc != ERR_TRANSIENT && rc != ERR_LOCKED) || clock_monotonic_us() > until_us)
            return rc;
    }
    return rc;
}

int ledger_run_finish(const struct ledger *ledger, struct db *db, int64_t run, bool settled, const char *actor,
                      const struct ledger_notices *notices, bool *done, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call calls[3] = {{.statement = LS_RUN_LOCK, .args = {call_int(&arena, run)}, .rows = true},
                            {.statement = LS_RUN_UNFILLED, .args = {call_int(&arena, run)}, .rows = true},
                            {.statement = LS_SETTLE_LEFT, .args = {call_int(&arena, run)}, .rows = true}};
    int rc = ledger_calls(ledger, db, DB_BEGIN, &ledger->tx, calls, 3, &arena, err);
    const char *state = rc ? NULL : call_cell(&calls[0], 0, 2);
    *done = text_equal(state, "done");
    bool finish = text_equal(state, "running") && call_cell_int(&calls[1], 0, 0, 1) == 0 &&
                  (!settled || call_cell_int(&calls[2], 0, 0, 1) == 0);
    if (rc == 0 && finish) {
        struct call set = {.statement = LS_RUN_DONE, .args = {call_int(&arena, run)}};
        rc = ledger_calls(ledger, db, 0, NULL, &set, 1, &arena, err);
        if (rc == 0)
            rc = ledger_notices_add(ledger, db, run, notices, &arena, err);
        if (rc == 0)
            rc = ledger_event_add(ledger, db, run, actor, "done", "{}", true, &arena, err);
        *done = rc == 0;
    } else if (rc == 0) {
        db_rollback(db);
    }
    arena_release(&arena);
    return rc;
}
