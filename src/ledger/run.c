/* run.c - the run row: one per plan, made or joined, and what it must find unchanged (L7, L10). */
#include <jansson.h>

#include "base/buf.h"
#include "base/text.h"
#include "ledger/call.h"

/* Columns of RUN_FIND; RUN_STATE has the first seven. */
static void read_run(const struct call *call, struct ledger_run *run) {
    *run = (struct ledger_run){
        .run = call_cell_int(call, 0, 0, 0),
        .generation = call_cell_int(call, 0, 1, 0),
        .state = call_cell(call, 0, 2),
        .reason = call_cell(call, 0, 3),
        .environment = call_cell(call, 0, 4),
        .profile = call_cell(call, 0, 5),
        .meaning = call_cell(call, 0, 6),
    };
}

/* ---- refusals ---- */

/* Appends the paths at which two JSON documents differ, at most a handful. */
enum { DIFFERENCES_MAX = 5 };

struct differences {
    struct arena *arena; /* paths */
    struct buf *out;
    int count;
};

static void differ(struct differences *found, const json_t *before, const json_t *now, const char *path);

/* Members of `of`, each compared; `added_only`: those that `than` does not have. */
static void differ_members(struct differences *found, const json_t *of, const json_t *than, const char *path, bool added_only) {
    for (void *at = json_object_iter((json_t *)(uintptr_t)of); at; at = json_object_iter_next((json_t *)(uintptr_t)of, at)) {
        const char *key = json_object_iter_key(at);
        const json_t *other = json_object_get(than, key);
        const char *longer = arena_printf(found->arena, "%s%s%s", path, path[0] ? "." : "", key);
        if (longer && !(added_only && other))
            differ(found, json_object_iter_value(at), other, longer);
    }
}

static void differ(struct differences *found, const json_t *before, const json_t *now, const char *path) {
    if (found->count >= DIFFERENCES_MAX || json_equal(before, now))
        return;
    if (!json_is_object(before) || !json_is_object(now)) {
        buf_printf(found->out, "%s%s", found->count++ ? ", " : "", path);
        return;
    }
    differ_members(found, before, now, path, false);
    differ_members(found, now, before, path, true);
}

static int refuse_change(const char *what, const char *before, const char *now, struct arena *arena, struct err *err) {
    struct buf names;
    buf_init(&names);
    struct differences found = {arena, &names, 0};
    json_t *a = before ? json_loads(before, 0, NULL) : NULL, *b = json_loads(now, 0, NULL);
    differ(&found, a, b, "");
    err_set(err, ERR_REFUSED, "%s changed since the run began: %s", what, names.len ? names.data : "its text");
    err_next(err, "nothing was changed; put it back, or start over under another plan name");
    json_decref(a);
    json_decref(b);
    buf_release(&names);
    return ERR_REFUSED;
}

static int check_same(const struct ledger_run_spec *spec, const struct call *found, const struct ledger_run *run,
                      struct arena *arena, struct err *err) {
    if (call_cell_int(found, 0, 10, 0) != LEDGER_FORMAT)
        return err_set(err, ERR_REFUSED, "the ledger has format %s, this infill writes format %d", call_cell(found, 0, 10),
                       LEDGER_FORMAT);
    if (!text_equal(run->environment, spec->environment) || !text_equal(run->profile, spec->profile)) {
        err_set(err, ERR_REFUSED, "run %s belongs to environment %s with profile %s; this is environment %s with profile %s",
                spec->plan, run->environment, run->profile, spec->environment, spec->profile);
        err_next(err, "nothing was changed; give --env and --profile as the run began");
        return ERR_REFUSED;
    }
    if (!text_equal(run->meaning, spec->meaning))
        return refuse_change("the plan's meaning", call_cell(found, 0, 7), spec->meaning_text, arena, err);
    if (!text_equal(call_cell(found, 0, 8), spec->fingerprint))
        return refuse_change("the schema", call_cell(found, 0, 9), spec->fingerprint_text, arena, err);
    return 0;
}

/* L10. */
static int check_sticky(const struct ledger_run_spec *spec, const struct call *found, const struct ledger_run *run,
                        struct arena *arena, struct err *err) {
    bool halted = text_equal(run->state, "halted");
    if (!halted && !text_equal(run->state, "stopped"))
        return 0;
    const char *since = call_cell_time(found, 0, 11, arena);
    err_set(err, ERR_HALTED, "run %s is %s since %s%s%s", spec->plan, run->state, since ? since : "?",
            run->reason && run->reason[0] ? ": " : "", run->reason ? run->reason : "");
    err_next(err, "committed batches are whole; when the cause is gone: infill resume PLAN --because \"...\"");
    return ERR_HALTED;
}

/* ---- open ---- */

static int insert_fills(const struct ledger *ledger, struct db *db, const struct ledger_run_spec *spec, struct arena *arena,
                        struct err *err) {
    int rc = 0;
    for (size_t i = 0; i < spec->fill_count && rc == 0; i++) {
        const struct ledger_fill_spec *fill = &spec->fills[i];
        struct call call = {.statement = LS_FILL_INSERT,
                            .args = {value_text(spec->plan), value_text(fill->name), call_int(arena, (int64_t)i),
                                     value_text(fill->source), value_text(fill->target), call_int(arena, fill->in_place),
                                     call_int(arena, fill->row_estimate)}};
        rc = ledger_calls(ledger, db, 0, NULL, &call, 1, arena, err);
    }
    return rc;
}

/* One database has one environment: a plan for staging must not meet production's ledger. */
static int check_environment(const struct ledger_run_spec *spec, const struct call *other, struct err *err) {
    if (other->result.row_count == 0)
        return 0;
    err_set(err, ERR_REFUSED, "this database is environment %s (run %s), not %s", call_cell(other, 0, 1), call_cell(other, 0, 0),
            spec->environment);
    err_next(err, "nothing was changed; check where the URL leads");
    return ERR_REFUSED;
}

/* In one transaction. The plan's name is unique, and so is the number: of processes that do this at once, each but one gets ERR_DUPLICATE
 * and looks again. So the environments are compared behind the insert, where no other new run can be hidden. */
static int create(const struct ledger *ledger, struct db *db, const struct ledger_run_spec *spec, struct arena *arena,
                  struct ledger_run *run, struct err *err) {
    struct call calls[3] = {
        {.statement = LS_RUN_INSERT,
         .args = {value_text(spec->plan), value_text(spec->environment), value_text(spec->profile), value_text(spec->meaning),
                  value_text(spec->meaning_text), value_text(spec->fingerprint), value_text(spec->fingerprint_text),
                  call_int(arena, LEDGER_FORMAT), value_text(spec->settings), value_text(spec->version), value_text(spec->actor)}},
        {.statement = LS_RUN_FIND, .args = {value_text(spec->plan)}, .rows = true},
        {.statement = LS_RUN_OTHER_ENVIRONMENT, .args = {value_text(spec->environment)}, .rows = true},
    };
    int rc = ledger_calls(ledger, db, DB_BEGIN, &ledger->tx, calls, 3, arena, err);
    if (rc)
        return rc;
    if ((rc = check_environment(spec, &calls[2], err)) != 0) {
        db_rollback(db);
        return rc;
    }
    read_run(&calls[1], run);
    run->created = true;
    rc = insert_fills(ledger, db, spec, arena, err);
    return rc ? rc : ledger_event_add(ledger, db, run->run, spec->actor, "started", spec->settings, true, arena, err);
}

/* What was found is believed only under the run row's lock: a stop or an end may have come in between. */
static int join(const struct ledger *ledger, struct db *db, const struct ledger_run_spec *spec, const struct ledger_run *run,
                struct arena *arena, struct err *err) {
    struct call calls[2] = {
        {.statement = LS_RUN_LOCK, .args = {call_int(arena, run->run)}, .rows = true},
        {.statement = LS_RUN_TOUCH, .args = {call_int(arena, run->run), value_text(spec->settings), value_text(spec->version)}},
    };
    int rc = ledger_calls(ledger, db, DB_BEGIN, &ledger->tx, calls, 2, arena, err);
    if (rc)
        return rc;
    if (!text_equal(call_cell(&calls[0], 0, 2), run->state)) {
        db_rollback(db);
        return err_set(err, ERR_TRANSIENT, "the state of run %s changed while it was opened", spec->plan);
    }
    return ledger_event_add(ledger, db, run->run, spec->actor, "joined", spec->settings, true, arena, err);
}

static int open_once(const struct ledger *ledger, struct db *db, const struct ledger_run_spec *spec, struct arena *arena,
                     struct ledger_run *run, struct err *err) {
    struct call find = {.statement = LS_RUN_FIND, .args = {value_text(spec->plan)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &find, 1, arena, err);
    if (rc)
        return rc;
    if (find.result.row_count == 0)
        return create(ledger, db, spec, arena, run, err);
    read_run(&find, run);
    rc = check_same(spec, &find, run, arena, err);
    if (rc == 0)
        rc = check_sticky(spec, &find, run, arena, err);
    return rc || text_equal(run->state, "done") ? rc : join(ledger, db, spec, run, arena, err);
}

int ledger_run_open(const struct ledger *ledger, struct db *db, const struct ledger_run_spec *spec, struct arena *arena,
                    struct ledger_run *run, struct err *err) {
    enum { RACES = 20 };
    int rc = 0;
    for (int i = 0; i < RACES; i++) {
        if (i > 0)
            err_clear(err);
        rc = open_once(ledger, db, spec, arena, run, err);
        if (rc != ERR_DUPLICATE && rc != ERR_TRANSIENT && rc != ERR_LOCKED)
            return rc;
    }
    return rc;
}

int ledger_run_find(const struct ledger *ledger, struct db *db, const char *plan, struct arena *arena, struct ledger_run *run,
                    bool *found, struct err *err) {
    struct call find = {.statement = LS_RUN_FIND, .args = {value_text(plan)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &find, 1, arena, err);
    if (rc)
        return rc;
    *found = find.result.row_count > 0;
    if (*found)
        read_run(&find, run);
    return 0;
}

int ledger_run_others(const struct ledger *ledger, struct db *db, const char *plan, struct arena *arena, const char **other,
                      const char **environment, const char **state, size_t *count, struct err *err) {
    struct call find = {.statement = LS_RUN_OTHERS, .args = {value_text(plan)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &find, 1, arena, err);
    if (rc)
        return rc;
    *count = find.result.row_count;
    *other = call_cell(&find, 0, 0);
    *environment = call_cell(&find, 0, 1);
    *state = call_cell(&find, 0, 2);
    return 0;
}

int ledger_run_state(const struct ledger *ledger, struct db *db, int64_t run, struct arena *arena, struct ledger_run *out,
                     struct err *err) {
    struct call call = {.statement = LS_RUN_STATE, .args = {call_int(arena, run)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &call, 1, arena, err);
    if (rc)
        return rc;
    if (call.result.row_count == 0)
        return err_set(err, ERR_NOT_FOUND, "the run is gone from the ledger");
    read_run(&call, out);
    return 0;
}
