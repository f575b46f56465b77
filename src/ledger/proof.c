/* proof.c - see proof.h. */
#include "ledger/proof.h"

#include <jansson.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/text.h"
#include "ledger/call.h"

/* ---- passes ---- */

/* Under the run row's lock. */
static int pass_in_lock(const struct ledger *ledger, struct db *db, int64_t run, const char *scope, const char *seed, bool restart,
                        const char *actor, struct arena *arena, struct ledger_pass *pass, struct err *err) {
    struct call calls[2] = {{.statement = LS_RUN_LOCK, .args = {call_int(arena, run)}, .rows = true},
                            {.statement = LS_PASS_LAST, .args = {call_int(arena, run)}, .rows = true}};
    int rc = ledger_calls(ledger, db, DB_BEGIN, &ledger->tx, calls, 2, arena, err);
    if (rc)
        return rc;
    const char *before = call_cell(&calls[1], 0, 3);
    pass->pass = call_cell_int(&calls[1], 0, 0, 0);
    pass->scope = scope;
    pass->seed = before ? before : seed;
    pass->resumed = !restart && text_equal(call_cell(&calls[1], 0, 2), "open") && text_equal(call_cell(&calls[1], 0, 1), scope);
    if (pass->resumed) {
        db_rollback(db);
        return 0;
    }
    pass->pass++;
    struct call insert = {
        .statement = LS_PASS_INSERT,
        .args = {call_int(arena, run), call_int(arena, pass->pass), value_text(scope), value_text(pass->seed), value_text(actor)}};
    rc = ledger_calls(ledger, db, 0, NULL, &insert, 1, arena, err);
    char *detail = arena_printf(arena, "{\"pass\":%lld,\"scope\":%s}", (long long)pass->pass, scope);
    return rc ? rc : ledger_event_add(ledger, db, run, actor, "verification began", detail, true, arena, err);
}

int ledger_pass_open(const struct ledger *ledger, struct db *db, int64_t run, const char *scope, const char *seed, bool restart,
                     const char *actor, struct arena *arena, struct ledger_pass *pass, struct err *err) {
    return pass_in_lock(ledger, db, run, scope, seed, restart, actor, arena, pass, err);
}

int ledger_pass_end(const struct ledger *ledger, struct db *db, int64_t run, int64_t pass, const char *verdict, const char *detail,
                    const char *actor, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call calls[2] = {{.statement = LS_RUN_LOCK, .args = {call_int(&arena, run)}, .rows = true},
                            {.statement = LS_PASS_END,
                             .args = {call_int(&arena, run), call_int(&arena, pass), value_text(verdict), value_text(detail)}}};
    int rc = ledger_calls(ledger, db, DB_BEGIN, &ledger->tx, calls, 2, &arena, err);
    char *event = arena_printf(&arena, "{\"pass\":%lld,\"verdict\":\"%s\"}", (long long)pass, verdict);
    if (rc == 0)
        rc = ledger_event_add(ledger, db, run, actor, "verification ended", event, true, &arena, err);
    arena_release(&arena);
    return rc;
}

/* The text as a document, or null. */
static json_t *loads(const char *text) {
    json_t *document = text ? json_loads(text, 0, NULL) : NULL;
    return document ? document : json_null();
}

int ledger_passes(const struct ledger *ledger, struct db *db, int64_t run, struct json_t **out, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call list = {.statement = LS_PASS_ENDED, .args = {call_int(&arena, run)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &list, 1, &arena, err);
    json_t *passes = json_array();
    for (unsigned i = 0; i < list.result.row_count && rc == 0; i++) {
        json_t *one = json_pack("{s:I, s:o, s:s?, s:o, s:s?}", "pass", (json_int_t)call_cell_int(&list, i, 0, 0), "scope",
                                loads(call_cell(&list, i, 1)), "verdict", call_cell(&list, i, 2), "detail",
                                loads(call_cell(&list, i, 3)), "at", call_cell_time(&list, i, 4, &arena));
        if (one == NULL || json_array_append_new(passes, one) != 0)
            rc = err_nomem(err);
    }
    arena_release(&arena);
    if (rc)
        json_decref(passes);
    else
        *out = passes;
    return rc;
}

/* ---- slices and verdicts ---- */

static void read_verdict(const struct call *call, unsigned row, unsigned column, struct arena *arena, struct ledger_slice *slice) {
    slice->pass = call_cell_int(call, row, column, 0);
    slice->verdict = call_cell(call, row, column + 1);
    slice->reason = call_cell(call, row, column + 2);
    slice->detail = call_cell(call, row, column + 3);
    slice->at = call_cell_time(call, row, column + 4, arena);
}

int ledger_slices(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, struct arena *arena,
                  struct ledger_slice **slices, size_t *count, struct err *err) {
    struct call list = {.statement = LS_SLICES, .args = {call_int(arena, run), value_text(fill)}, .rows = true};
    *count = 0;
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &list, 1, arena, err);
    if (rc)
        return rc;
    *slices = arena_array(arena, list.result.row_count + 2, sizeof **slices); /* the caller may add the rest */
    if (*slices == NULL)
        return err_nomem(err);
    for (unsigned i = 0; i < list.result.row_count; i++) {
        struct ledger_slice *slice = &(*slices)[(*count)++];
        *slice = (struct ledger_slice){.range_no = call_cell_int(&list, i, 0, 0),
                                       .lo = call_cell(&list, i, 1),
                                       .hi = call_cell(&list, i, 2),
                                       .state = call_cell(&list, i, 3),
                                       .rows = call_cell_int(&list, i, 4, 0),
                                       .written = call_cell_int(&list, i, 5, 0),
                                       .repaired = call_cell_int(&list, i, 6, 0),
                                       .settled_at = call_cell_time(&list, i, 7, arena)};
        read_verdict(&list, i, 8, arena, slice);
    }
    return 0;
}

int ledger_verdict_get(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no,
                       struct arena *arena, struct ledger_slice *slice, struct err *err) {
    struct call get = {
        .statement = LS_VERDICT_GET, .args = {call_int(arena, run), value_text(fill), call_int(arena, range_no)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &get, 1, arena, err);
    if (rc == 0)
        read_verdict(&get, 0, 0, arena, slice);
    return rc;
}

static int put_finding(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_verdict *verdict,
                       const struct ledger_finding *finding, struct arena *arena, struct err *err) {
    char hash[DIGEST_HEX_SIZE];
    int rc = digest_sha256_hex(finding->key, strlen(finding->key), hash, err);
    if (rc) {
        db_rollback(db);
        return rc;
    }
    struct call calls[2] = {
        {.statement = LS_FINDING_DELETE,
         .args = {call_int(arena, run), value_text(verdict->fill), value_text(hash), call_int(arena, verdict->range_no)}},
        {.statement = LS_FINDING_INSERT,
         .args = {call_int(arena, run), value_text(verdict->fill), value_text(hash), value_text(finding->key),
                  call_int(arena, verdict->range_no), value_text(finding->kind), value_text(finding->columns)}}};
    return ledger_calls(ledger, db, 0, NULL, calls, 2, arena, err);
}

static int put_findings(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_verdict *verdict,
                        struct err *err) {
    struct arena arena;
    arena_init(&arena);
    int rc = 0;
    for (size_t i = 0; i < verdict->finding_count && rc == 0; i++) {
        rc = put_finding(ledger, db, run, verdict, &verdict->findings[i], &arena, err);
        arena_reset(&arena);
    }
    arena_release(&arena);
    return rc;
}

/* From the best to the worst; nothing known is best of all. */
static int badness(const char *verdict) {
    static const char *const verdicts[] = {"match", "changed", "unverified", "differ"};
    for (int i = 0; i < 4; i++)
        if (text_equal(verdicts[i], verdict))
            return i;
    return -1;
}

/* A part of a slice can show that it is wrong, never that it is right; and it does not replace what is known of the whole. */
static int is_replaced(const struct ledger *ledger, struct db *db, const struct call *get, const struct ledger_verdict *verdict,
                       bool *replace, struct arena *arena, struct err *err) {
    struct call now = *get;
    *replace = verdict->whole;
    if (verdict->whole || text_equal(verdict->verdict, "match"))
        return 0;
    int rc = ledger_calls(ledger, db, 0, NULL, &now, 1, arena, err);
    *replace = rc == 0 && badness(verdict->verdict) > badness(call_cell(&now, 0, 1));
    return rc;
}

static int put_once(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_verdict *verdict,
                    struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct sql_value number = call_int(&arena, verdict->range_no), of_run = call_int(&arena, run), fill = value_text(verdict->fill);
    struct call gone = {.statement = LS_FINDINGS_GONE, .args = {of_run, fill, number}};
    int rc = ledger_calls(ledger, db, DB_BEGIN, &ledger->tx, &gone, verdict->whole, &arena, err);
    if (rc == 0)
        rc = put_findings(ledger, db, run, verdict, err);
    struct call replace[2] = {{.statement = LS_VERDICT_DELETE, .args = {of_run, fill, number}},
                              {.statement = LS_VERDICT_INSERT,
                               .args = {of_run, fill, number, call_int(&arena, verdict->pass), value_text(verdict->verdict),
                                        value_text(verdict->reason), value_text(verdict->detail)}}};
    struct call get = {.statement = LS_VERDICT_GET, .args = {of_run, fill, number}, .rows = true};
    bool is_new = false;
    if (rc == 0)
        rc = is_replaced(ledger, db, &get, verdict, &is_new, &arena, err);
    if (rc == 0)
        rc = ledger_calls(ledger, db, DB_COMMIT, NULL, replace, is_new ? 2 : 0, &arena, err);
    arena_release(&arena);
    return rc;
}

/* Two who look at one slice at the same time may meet here: the later one puts its verdict over the other's. */
int ledger_verdict_put(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_verdict *verdict,
                       struct err *err) {
    enum { TRIES = 5 };
    int rc = 0;
    for (int i = 0; i < TRIES; i++) {
        err_clear(err);
        rc = put_once(ledger, db, run, verdict, err);
        if (rc != ERR_DUPLICATE && rc != ERR_TRANSIENT)
            return rc;
    }
    return rc;
}

/* ---- findings ---- */

int ledger_findings(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t limit, struct arena *arena,
                    struct ledger_finding **findings, size_t *count, struct err *err) {
    struct call list = {
        .statement = LS_FINDING_LIST, .args = {call_int(arena, run), value_text(fill), call_int(arena, limit)}, .rows = true};
    *count = 0;
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &list, 1, arena, err);
    if (rc)
        return rc;
    *findings = arena_array(arena, list.result.row_count + 1, sizeof **findings);
    if (*findings == NULL)
        return err_nomem(err);
    for (unsigned i = 0; i < list.result.row_count; i++)
        (*findings)[(*count)++] = (struct ledger_finding){.fill = call_cell(&list, i, 0),
                                                          .key = call_cell(&list, i, 1),
                                                          .range_no = call_cell_int(&list, i, 2, 0),
                                                          .kind = call_cell(&list, i, 3),
                                                          .columns = call_cell(&list, i, 4),
                                                          .state = call_cell(&list, i, 5),
                                                          .at = call_cell_time(&list, i, 6, arena)};
    return 0;
}

int ledger_findings_open(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t *open,
                         struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call count = {.statement = LS_FINDING_COUNT, .args = {call_int(&arena, run), value_text(fill)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &count, 1, &arena, err);
    *open = call_cell_int(&count, 0, 0, 0);
    arena_release(&arena);
    return rc;
}

int ledger_findings_mismatched(const struct ledger *ledger, struct db *db, int64_t run, bool settled, int64_t *found,
                               struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call count = {
        .statement = LS_FINDING_MISMATCHES, .args = {call_int(&arena, run), call_int(&arena, settled)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &count, 1, &arena, err);
    *found = call_cell_int(&count, 0, 0, 0);
    arena_release(&arena);
    return rc;
}

static int closing_call(int64_t run, const char *fill, int64_t range_no, const struct ledger_closing *closing, struct arena *arena,
                        struct call *call, struct err *err) {
    char hash[DIGEST_HEX_SIZE];
    int rc = digest_sha256_hex(closing->key, strlen(closing->key), hash, err);
    if (rc == 0)
        *call = (struct call){.statement = LS_FINDING_STATE,
                              .args = {call_int(arena, run), value_text(fill), value_text(arena_strdup(arena, hash)),
                                       value_text(closing->state), call_int(arena, range_no)}};
    return rc;
}

/* As many as one flush takes. */
static int close_some(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no,
                      const struct ledger_closing *closings, size_t count, struct err *err) {
    struct call calls[CALLS_MAX];
    struct arena arena;
    int rc = 0;
    arena_init(&arena);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = closing_call(run, fill, range_no, &closings[i], &arena, &calls[i], err);
    if (rc == 0)
        rc = ledger_calls(ledger, db, 0, NULL, calls, count, &arena, err);
    else
        db_rollback(db);
    arena_release(&arena);
    return rc;
}

int ledger_findings_close(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no,
                          const struct ledger_closing *closings, size_t count, struct err *err) {
    int rc = 0;
    for (size_t at = 0, some; at < count && rc == 0; at += some) {
        some = count - at < CALLS_MAX ? count - at : CALLS_MAX;
        rc = close_some(ledger, db, run, fill, range_no, closings + at, some, err);
    }
    return rc;
}
