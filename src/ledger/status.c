/* status.c - what the ledger says of a run, as a document: one read-only transaction, nothing from memory. */
#include <jansson.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ledger/call.h"
#include "ledger/owner.h"

int ledger_totals(const struct ledger *ledger, struct db *db, int64_t run, struct ledger_totals *totals, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call calls[3] = {{.statement = LS_TOTALS, .args = {call_int(&arena, run)}, .rows = true},
                            {.statement = LS_TOTALS_FILLS, .args = {call_int(&arena, run)}, .rows = true},
                            {.statement = LS_REJECT_OPEN, .args = {call_int(&arena, run)}, .rows = true}};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, calls, 3, &arena, err);
    if (rc == 0)
        *totals = (struct ledger_totals){
            .ranges = call_cell_int(&calls[0], 0, 0, 0),
            .ranges_filled = call_cell_int(&calls[0], 0, 1, 0),
            .seen = call_cell_int(&calls[0], 0, 2, 0),
            .written = call_cell_int(&calls[0], 0, 3, 0),
            .same = call_cell_int(&calls[0], 0, 4, 0),
            .kept = call_cell_int(&calls[0], 0, 5, 0),
            .rejected = call_cell_int(&calls[0], 0, 6, 0),
            .fills = call_cell_int(&calls[1], 0, 0, 0),
            .fills_filled = call_cell_int(&calls[1], 0, 1, 0),
            .rejects_open = call_cell_int(&calls[2], 0, 0, 0),
            .row_estimate = call_cell_int(&calls[1], 0, 3, -1) < 0 ? -1 : call_cell_int(&calls[1], 0, 2, -1),
        };
    arena_release(&arena);
    return rc;
}

enum { STATUS_EVENTS = 10, STATUS_NOTICES = 20 };

/* The answers a status is made of. */
struct status {
    struct arena *arena;
    int64_t now_ms;
    struct call run, fills, open, times, error, rejects, events, now, pace, notices;
};

static json_t *text_or_null(const char *text) {
    return text ? json_string(text) : json_null();
}

static json_t *rows_json(const struct call *fills, unsigned row) {
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "seen", (json_int_t)call_cell_int(fills, row, 7, 0), "written",
                     (json_int_t)call_cell_int(fills, row, 8, 0), "same", (json_int_t)call_cell_int(fills, row, 9, 0), "kept",
                     (json_int_t)call_cell_int(fills, row, 10, 0), "rejected", (json_int_t)call_cell_int(fills, row, 11, 0));
}

static json_t *fills_json(const struct status *status) {
    json_t *list = json_array();
    for (unsigned i = 0; i < status->fills.result.row_count; i++)
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:I, s:o}", "fill", call_cell(&status->fills, i, 0), "state",
                      call_cell(&status->fills, i, 1), "source", call_cell(&status->fills, i, 12), "target",
                      call_cell(&status->fills, i, 13), "ranges", (json_int_t)call_cell_int(&status->fills, i, 5, 0),
                      "ranges_filled", (json_int_t)call_cell_int(&status->fills, i, 6, 0), "ranges_settled",
                      (json_int_t)call_cell_int(&status->fills, i, 14, 0), "frontier",
                      text_or_null(call_cell(&status->fills, i, 2)), "high_water", text_or_null(call_cell(&status->fills, i, 3)),
                      "rows_estimate", (json_int_t)call_cell_int(&status->fills, i, 4, -1), "rows", rows_json(&status->fills, i)));
    return list;
}

static json_int_t sum(const struct call *fills, unsigned column) {
    json_int_t total = 0;
    for (unsigned i = 0; i < fills->result.row_count; i++)
        total += (json_int_t)call_cell_int(fills, i, column, 0);
    return total;
}

static json_t *totals_json(const struct call *fills) {
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "seen", sum(fills, 7), "written", sum(fills, 8), "same", sum(fills, 9), "kept",
                     sum(fills, 10), "rejected", sum(fills, 11));
}

/* -1 when the estimate of one fill is not known. */
static json_int_t estimate(const struct call *fills) {
    json_int_t total = 0;
    for (unsigned i = 0; i < fills->result.row_count; i++) {
        int64_t rows = call_cell_int(fills, i, 4, -1);
        if (rows < 0)
            return -1;
        total += (json_int_t)rows;
    }
    return total;
}

static bool is_live(const struct status *status, unsigned row) {
    const char *owner = call_cell(&status->open, row, 2);
    return owner && call_cell_int(&status->open, row, 3, 0) > status->now_ms && !owner_is_dead(owner);
}

static unsigned count_live(const struct status *status) {
    unsigned live = 0;
    for (unsigned i = 0; i < status->open.result.row_count; i++)
        live += is_live(status, i);
    return live;
}

static json_t *worker_json(const struct status *status, unsigned row) {
    const char *owner = call_cell(&status->open, row, 2);
    char host[128] = "";
    long pid = 0;
    owner_parse(owner, host, sizeof host, &pid);
    return json_pack("{s:s, s:s, s:I, s:s, s:I, s:I, s:o, s:b}", "owner", owner, "host", host, "pid", (json_int_t)pid, "fill",
                     call_cell(&status->open, row, 0), "range", (json_int_t)call_cell_int(&status->open, row, 1, 0), "rows",
                     (json_int_t)call_cell_int(&status->open, row, 6, 0), "lease_until",
                     text_or_null(call_cell_time(&status->open, row, 3, status->arena)), "alive", is_live(status, row));
}

static json_t *workers_json(const struct status *status) {
    json_t *list = json_array();
    for (unsigned i = 0; i < status->open.result.row_count; i++)
        if (call_cell(&status->open, i, 2))
            json_array_append_new(list, worker_json(status, i));
    return list;
}

static json_t *waiting_json(const struct status *status) {
    json_t *list = json_array();
    for (unsigned i = 0; i < status->open.result.row_count; i++)
        if (call_cell_int(&status->open, i, 4, 0) > status->now_ms)
            json_array_append_new(list, json_pack("{s:s, s:I, s:o, s:o}", "fill", call_cell(&status->open, i, 0), "range",
                                                  (json_int_t)call_cell_int(&status->open, i, 1, 0), "until",
                                                  text_or_null(call_cell_time(&status->open, i, 4, status->arena)), "reason",
                                                  text_or_null(call_cell(&status->open, i, 5))));
    return list;
}

/* Given from the newest on, listed from the oldest on. */
static json_t *events_json(const struct call *events) {
    json_t *list = json_array();
    for (unsigned i = events->result.row_count; i-- > 0;) {
        json_t *detail = json_loads(call_cell(events, i, 4), 0, NULL);
        json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:s, s:o}", "seq", (json_int_t)call_cell_int(events, i, 0, 0), "at",
                                              call_cell(events, i, 1), "actor", call_cell(events, i, 2), "what",
                                              call_cell(events, i, 3), "detail", detail ? detail : json_object()));
    }
    return list;
}

enum { PACE_HEARTBEAT_MS = 30000 }; /* a process that is held back says so every few seconds */

static bool is_held(const struct status *status, unsigned row) {
    const char *owner = call_cell(&status->pace, row, 0), *state = call_cell(&status->pace, row, 2);
    return owner && !text_equal(state, "go") && !owner_is_dead(owner) &&
           status->now_ms - call_cell_int(&status->pace, row, 6, 0) < PACE_HEARTBEAT_MS;
}

static json_t *held_json(const struct status *status, unsigned row) {
    char host[128] = "";
    long pid = 0;
    owner_parse(call_cell(&status->pace, row, 0), host, sizeof host, &pid);
    return json_pack("{s:s, s:I, s:s, s:s, s:s, s:I, s:o}", "host", host, "pid", (json_int_t)pid, "signal",
                     call_cell(&status->pace, row, 1), "state", call_cell(&status->pace, row, 2), "reason",
                     call_cell(&status->pace, row, 3), "percent", (json_int_t)call_cell_int(&status->pace, row, 4, 0), "since",
                     text_or_null(call_cell_time(&status->pace, row, 5, status->arena)));
}

/* Rows come sorted by reason: each reason's processes are added up. */
static json_t *costs_json(const struct status *status) {
    json_t *list = json_array();
    const struct call *pace = &status->pace;
    for (unsigned i = 0; i < pace->result.row_count;) {
        const char *reason = call_cell(pace, i, 1);
        double waited = 0, slowed = 0;
        for (; i < pace->result.row_count && text_equal(call_cell(pace, i, 1), reason); i++) {
            waited += (double)call_cell_int(pace, i, 7, 0) / 1000;
            slowed += (double)call_cell_int(pace, i, 8, 0) / 1000;
        }
        json_array_append_new(list,
                              json_pack("{s:s, s:f, s:f}", "signal", reason, "waited_seconds", waited, "slowed_seconds", slowed));
    }
    return list;
}

static json_t *pace_json(const struct status *status) {
    json_t *now = json_array();
    bool runs = text_equal(call_cell(&status->run, 0, 4), "running"); /* else it is not the pace that holds it back */
    for (unsigned i = 0; i < status->pace.result.row_count && runs; i++)
        if (is_held(status, i))
            json_array_append_new(now, held_json(status, i));
    return json_pack("{s:o, s:o}", "held", now, "cost", costs_json(status));
}

/* What required hooks are still to be told; their places in the plan count from 1 here. */
static json_t *notices_json(const struct status *status) {
    json_t *list = json_array();
    for (unsigned i = 0; i < status->notices.result.row_count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:o, s:I, s:o}", "id", call_cell(&status->notices, i, 0), "event",
                                              call_cell(&status->notices, i, 2), "hook",
                                              (json_int_t)call_cell_int(&status->notices, i, 1, 0) + 1, "at",
                                              text_or_null(call_cell_time(&status->notices, i, 6, status->arena)), "tries",
                                              (json_int_t)call_cell_int(&status->notices, i, 4, 0), "error",
                                              text_or_null(call_cell(&status->notices, i, 5))));
    return list;
}

static json_t *error_json(const struct status *status) {
    if (status->error.result.row_count == 0)
        return json_null();
    return json_pack("{s:s, s:I, s:o, s:o}", "fill", call_cell(&status->error, 0, 0), "range",
                     (json_int_t)call_cell_int(&status->error, 0, 1, 0), "at",
                     text_or_null(call_cell_time(&status->error, 0, 2, status->arena)), "message",
                     text_or_null(call_cell(&status->error, 0, 3)));
}

static const char *next_command(const struct status *status) {
    const char *state = call_cell(&status->run, 0, 4);
    if (text_equal(state, "paused"))
        return "infill resume PLAN";
    if (text_equal(state, "stopped") || text_equal(state, "halted"))
        return "infill resume PLAN --because \"...\"";
    if (status->notices.result.row_count > 0 && text_equal(state, "done"))
        return "infill run PLAN";
    if (call_cell_int(&status->rejects, 0, 0, 0) > 0 && text_equal(state, "done"))
        return "infill rejects PLAN";
    return text_equal(state, "running") && count_live(status) == 0 ? "infill run PLAN" : "";
}

/* Rows per second over the time in which ranges moved; pauses in between make it lower, never higher. */
static double speed(const struct status *status) {
    int64_t first = call_cell_int(&status->times, 0, 0, 0), last = call_cell_int(&status->times, 0, 1, 0);
    return last > first ? (double)sum(&status->fills, 7) * 1000 / (double)(last - first) : 0;
}

static void add_figures(const struct status *status, json_t *document) {
    json_int_t seen = sum(&status->fills, 7), rows = estimate(&status->fills);
    double per_second = speed(status);
    bool works = text_equal(call_cell(&status->run, 0, 4), "running") && count_live(status) > 0;
    bool done = text_equal(call_cell(&status->run, 0, 4), "done");
    double percent = done ? 100 : rows > 0 ? (double)seen * 100 / (double)rows : 0;
    json_object_set_new(document, "rows_estimate", rows < 0 ? json_null() : json_integer(rows));
    json_object_set_new(document, "percent", !done && rows <= 0 ? json_null() : json_real(percent > 100 ? 100 : percent));
    json_object_set_new(document, "rows_per_second", json_real(per_second));
    json_object_set_new(document, "seconds_left",
                        works && rows >= seen && per_second > 0 ? json_real((double)(rows - seen) / per_second) : json_null());
    bool held = works;
    for (unsigned i = 0; !held && i < status->pace.result.row_count; i++)
        held = is_held(status, i);
    const char *idle = held || done ? NULL : call_cell_time(&status->times, 0, 1, status->arena);
    json_object_set_new(document, "idle_since",
                        text_or_null(idle           ? idle
                                     : held || done ? NULL
                                                    : call_cell_time(&status->run, 0, 8, status->arena)));
}

static json_t *document(const struct status *status) {
    const struct call *run = &status->run;
    json_t *out = json_pack(
        "{s:s, s:s, s:s, s:I, s:s, s:s, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:s}", "plan", call_cell(run, 0, 1),
        "environment", call_cell(run, 0, 2), "profile", call_cell(run, 0, 3), "run", (json_int_t)call_cell_int(run, 0, 0, 0),
        "state", call_cell(run, 0, 4), "reason", call_cell(run, 0, 5) ? call_cell(run, 0, 5) : "", "started_at",
        text_or_null(call_cell_time(run, 0, 6, status->arena)), "ended_at", text_or_null(call_cell_time(run, 0, 7, status->arena)),
        "rows", totals_json(&status->fills), "rejects_open", (json_int_t)call_cell_int(&status->rejects, 0, 0, 0), "fills",
        fills_json(status), "workers", workers_json(status), "waiting", waiting_json(status), "last_error", error_json(status),
        "events", events_json(&status->events), "next", next_command(status));
    if (out) {
        add_figures(status, out);
        json_object_set_new(out, "pace", pace_json(status));
        json_object_set_new(out, "hooks_untold", notices_json(status));
        const char *text = call_cell(run, 0, 10);
        json_t *live = text ? json_loads(text, 0, NULL) : NULL;
        json_object_set_new(out, "set", live ? live : json_object());
    }
    return out;
}

static int read_details(const struct ledger *ledger, struct db *db, struct status *status, struct err *err) {
    struct sql_value run = call_int(status->arena, call_cell_int(&status->run, 0, 0, 0));
    struct call *parts[] = {&status->fills,   &status->open,   &status->times, &status->error,
                            &status->rejects, &status->events, &status->now,   &status->pace};
    static const enum ledger_statement statements[] = {LS_STATUS_FILLS, LS_STATUS_OPEN,  LS_STATUS_TIMES, LS_STATUS_ERROR,
                                                       LS_REJECT_OPEN,  LS_EVENT_RECENT, LS_NOW_MS,       LS_PACE_LIST};
    enum { PARTS = sizeof statements / sizeof statements[0] };
    struct call calls[PARTS];
    for (size_t i = 0; i < PARTS; i++)
        calls[i] = (struct call){.statement = statements[i], .args = {run, call_int(status->arena, STATUS_EVENTS)}, .rows = true};
    status->notices = (struct call){.statement = LS_NOTICE_OPEN,
                                    .args = {run, call_int(status->arena, 0), call_int(status->arena, STATUS_NOTICES)},
                                    .rows = true};
    int rc = ledger_calls(ledger, db, DB_BEGIN, &ledger->read_tx, &status->notices, 1, status->arena, err);
    if (rc == 0)
        rc = ledger_calls(ledger, db, DB_COMMIT, NULL, calls, PARTS, status->arena, err);
    for (size_t i = 0; i < PARTS && rc == 0; i++)
        *parts[i] = calls[i];
    status->now_ms = call_cell_int(&status->now, 0, 0, 0);
    return rc;
}

int ledger_status(const struct ledger *ledger, struct db *db, const char *plan, struct json_t **out, struct err *err) {
    struct arena arena;
    struct status status = {.arena = &arena, .run = {.statement = LS_STATUS_RUN, .args = {value_text(plan)}, .rows = true}};
    arena_init(&arena);
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &status.run, 1, &arena, err);
    if (rc == 0 && status.run.result.row_count == 0)
        rc = err_set(err, ERR_NOT_FOUND, "the ledger has no run of plan %s", plan);
    if (rc == 0)
        rc = read_details(ledger, db, &status, err);
    unsigned long refusals = mem_refusals();
    json_t *made = rc == 0 ? document(&status) : NULL;
    if (rc == 0 && (made == NULL || mem_refusals() != refusals)) {
        json_decref(made);
        made = NULL;
        rc = err_nomem(err);
    }
    *out = made;
    arena_release(&arena);
    return rc;
}

int ledger_events(const struct ledger *ledger, struct db *db, int64_t run, int64_t limit, struct json_t **out, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call list = {.statement = LS_EVENT_RECENT, .args = {call_int(&arena, run), call_int(&arena, limit)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &list, 1, &arena, err);
    *out = rc == 0 ? events_json(&list) : NULL;
    arena_release(&arena);
    return rc;
}

int ledger_now(const struct ledger *ledger, struct db *db, struct arena *arena, const char **now, struct err *err) {
    struct call call = {.statement = LS_NOW_MS, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &call, 1, arena, err);
    *now = rc == 0 ? call_cell_time(&call, 0, 0, arena) : NULL;
    return rc;
}
