/* live.c - settings in the run row, where every process of the run looks for them. */
#include <jansson.h>

#include "base/mem.h"
#include "base/text.h"
#include "ledger/call.h"

int ledger_live(const struct ledger *ledger, struct db *db, int64_t run, struct arena *arena, const char **live, struct err *err) {
    struct call get = {.statement = LS_LIVE_GET, .args = {call_int(arena, run)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &get, 1, arena, err);
    *live = rc ? NULL : call_cell(&get, 0, 0);
    return rc;
}

/* The text of `live` with the changes in it; NULL when memory ended. */
static char *merged(const char *live, const json_t *changes) {
    json_t *all = live ? json_loads(live, 0, NULL) : json_object();
    const char *name;
    json_t *value;
    if (!json_is_object(all)) {
        json_decref(all);
        all = json_object();
    }
    int failed = all == NULL;
    json_object_foreach ((json_t *)(uintptr_t)changes, name, value)
        failed |= json_is_null(value) ? json_object_del(all, name) * 0 : json_object_set(all, name, value);
    char *text = failed ? NULL : mem_json_text(all, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(all);
    return text;
}

static int put(const struct ledger *ledger, struct db *db, int64_t run, const char *live, const char *detail, const char *actor,
               struct arena *arena, struct err *err) {
    struct call set = {.statement = LS_LIVE_PUT, .args = {call_int(arena, run), value_text(live)}};
    int rc = ledger_calls(ledger, db, 0, NULL, &set, 1, arena, err);
    return rc ? rc : ledger_event_add(ledger, db, run, actor, "set", detail, true, arena, err);
}

static int set_over(const struct ledger *ledger, struct db *db, int64_t run, const json_t *changes, const char *detail,
                    const char *actor, struct arena *arena, struct err *err) {
    struct call calls[2] = {{.statement = LS_RUN_LOCK, .args = {call_int(arena, run)}, .rows = true},
                            {.statement = LS_LIVE_GET, .args = {call_int(arena, run)}, .rows = true}};
    int rc = ledger_calls(ledger, db, DB_BEGIN, &ledger->tx, calls, 2, arena, err);
    if (rc)
        return rc;
    if (text_equal(call_cell(&calls[1], 0, 1), "done")) {
        db_rollback(db);
        return err_set(err, ERR_USAGE, "the run is done: there is nothing to set");
    }
    char *live = merged(call_cell(&calls[1], 0, 0), changes);
    if (live == NULL) {
        db_rollback(db);
        return err_nomem(err);
    }
    rc = put(ledger, db, run, live, detail, actor, arena, err);
    mem_free(live);
    return rc;
}

int ledger_live_set(const struct ledger *ledger, struct db *db, int64_t run, const struct json_t *changes, const char *actor,
                    struct err *err) {
    enum { TRIES = 10 }; /* the server may pick this transaction out of a deadlock with the workers */
    char *detail = mem_json_text(changes, JSON_COMPACT | JSON_SORT_KEYS);
    int rc = detail ? ERR_TRANSIENT : err_nomem(err);
    for (int i = 0; i < TRIES && (rc == ERR_TRANSIENT || rc == ERR_LOCKED); i++) {
        struct arena arena;
        arena_init(&arena);
        err_clear(err);
        rc = set_over(ledger, db, run, changes, detail, actor, &arena, err);
        arena_release(&arena);
    }
    mem_free(detail);
    return rc;
}
