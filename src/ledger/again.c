/* again.c - ranges that were filled are filled once more: a new attempt each (L2). Lock order: run, fill, range, event. */
#include "base/text.h"
#include "ledger/call.h"
#include "ledger/proof.h"

struct again {
    const struct ledger *ledger;
    struct db *db;
    struct sql_value run, fill;
    bool (*dead)(const char *owner);
    unsigned count; /* of new attempts */
    struct arena arena;
};

static int check_states(const struct call *run, const struct call *fill, const char *name, struct err *err) {
    const char *state = call_cell(run, 0, 2);
    if (!text_equal(state, "running") && !text_equal(state, "done")) {
        err_set(err, ERR_REFUSED, "the run is %s", state ? state : "gone from the ledger");
        err_next(err, "nothing was changed; infill resume PLAN --because \"...\"");
        return ERR_REFUSED;
    }
    if (fill->result.row_count == 0)
        return err_set(err, ERR_NOT_FOUND, "the ledger has no fill %s of this run", name);
    return 0;
}

/* Of the last attempt; the earlier ones are history. */
static int new_attempt(struct again *again, const struct call *find, unsigned row, struct err *err) {
    struct sql_value number = value_text(call_cell(find, row, 0)), attempt = value_text(call_cell(find, row, 1));
    struct call calls[2] = {{.statement = LS_AGAIN_UNSETTLE, .args = {again->run, again->fill, number}},
                            {.statement = LS_AGAIN_INSERT, .args = {again->run, again->fill, number, attempt}}};
    again->count++;
    return ledger_calls(again->ledger, again->db, 0, NULL, calls, 2, &again->arena, err);
}

/* Somebody repairs or settles it, unless he left it behind. */
static int check_owner(const struct again *again, const struct call *find, unsigned row, struct err *err) {
    const char *owner = call_cell(find, row, 3);
    if (owner == NULL || text_equal(call_cell(find, row, 2), "open") || call_cell_int(find, row, 4, 0) == 1 || again->dead(owner))
        return 0;
    err_set(err, ERR_BUSY, "range %s is repaired or settled by %s now", call_cell(find, row, 0), owner);
    err_next(err, "nothing was changed; the same command again when that is over");
    return ERR_BUSY;
}

static bool is_last(const struct call *find, unsigned row) {
    return row + 1 == find->result.row_count || !text_equal(call_cell(find, row, 0), call_cell(find, row + 1, 0));
}

static int each_range(struct again *again, int64_t from, int64_t to, struct err *err) {
    struct call find = {.statement = LS_AGAIN_FIND,
                        .args = {again->run, again->fill, call_int(&again->arena, from), call_int(&again->arena, to)},
                        .rows = true};
    int rc = ledger_calls(again->ledger, again->db, 0, NULL, &find, 1, &again->arena, err);
    if (rc == 0 && find.result.row_count == 0)
        return err_set(err, ERR_NOT_FOUND, "the fill has no range of that number");
    for (unsigned row = 0; rc == 0 && row < find.result.row_count; row++) {
        rc = check_owner(again, &find, row, err);
        if (rc == 0 && is_last(&find, row) && !text_equal(call_cell(&find, row, 2), "open"))
            rc = new_attempt(again, &find, row, err);
    }
    return rc;
}

/* In the middle of a fill whoever runs a range again would go on with the fill as well. */
static int check_filled(const struct call *fill, const char *name, struct err *err) {
    if (!text_equal(call_cell(fill, 0, 1), "waiting") && text_equal(call_cell(fill, 0, 2), call_cell(fill, 0, 3)))
        return 0;
    err_set(err, ERR_REFUSED, "fill %s is not filled yet", name);
    err_next(err, "nothing was changed; infill run PLAN goes on with it, then run the range again");
    return ERR_REFUSED;
}

static int open_all(struct again *again, int64_t run, const char *fill, int64_t from, int64_t to, const char *actor,
                    struct err *err) {
    struct call calls[2] = {{.statement = LS_AGAIN_FILL, .args = {again->run, again->fill}},
                            {.statement = LS_AGAIN_RUN, .args = {again->run}}};
    int rc = ledger_calls(again->ledger, again->db, 0, NULL, calls, 2, &again->arena, err);
    char *detail = arena_printf(&again->arena, "{\"fill\":\"%s\",\"from\":%lld,\"to\":%lld}", fill, (long long)from, (long long)to);
    if (rc == 0 && detail == NULL)
        rc = err_nomem(err);
    return rc ? rc : ledger_event_add(again->ledger, again->db, run, actor, "ranges run again", detail, true, &again->arena, err);
}

int ledger_ranges_again(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t from, int64_t to,
                        bool (*dead)(const char *owner), const char *actor, struct err *err) {
    struct again again = {.ledger = ledger, .db = db, .fill = value_text(fill), .dead = dead};
    arena_init(&again.arena);
    again.run = call_int(&again.arena, run);
    struct call calls[2] = {{.statement = LS_RUN_LOCK, .args = {again.run}, .rows = true},
                            {.statement = LS_FILL_LOCK, .args = {again.run, again.fill}, .rows = true}};
    int rc = ledger_calls(ledger, db, DB_BEGIN, &ledger->tx, calls, 2, &again.arena, err);
    if (rc == 0)
        rc = check_states(&calls[0], &calls[1], fill, err);
    if (rc == 0)
        rc = check_filled(&calls[1], fill, err);
    if (rc == 0)
        rc = each_range(&again, from, to, err);
    if (rc == 0 && again.count > 0)
        rc = open_all(&again, run, fill, from, to, actor, err);
    else
        db_rollback(db);
    arena_release(&again.arena);
    return rc;
}
