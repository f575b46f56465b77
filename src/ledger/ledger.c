/* ledger.c - the ledger's statements: made once per run, bound and run here. */
#include "ledger/call.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

static const char *const templates[] = {
#define LEDGER_TEXT(name, text) [LS_##name] = text,
    LEDGER_STATEMENTS(LEDGER_TEXT)
#undef LEDGER_TEXT
};

/* The numbers are enum ledger_arg. The cursor moves, and with the last batch of a range its state (L5). */
#define ADVANCE                                                                                                                    \
    "UPDATE {range} SET [cursor] = ?7, [last_lo] = ?8, [batch_no] = [batch_no] + 1, [seen] = [seen] + ?9:int, "                    \
    "[written] = [written] + ?10:int, [same] = [same] + ?11:int, [kept] = [kept] + ?12:int, [rejected] = [rejected] + ?13:int, "   \
    "[keep] = ?14:int, [state] = CASE WHEN ?15:int = 1 THEN 'filled' ELSE 'open' END, "                                            \
    "[owner] = CASE WHEN ?15:int = 1 THEN NULL ELSE [owner] END, "                                                                 \
    "[lease_until] = CASE WHEN ?15:int = 1 THEN NULL ELSE {now+16} END, "                                                          \
    "[filled_at] = CASE WHEN ?15:int = 1 THEN {now} ELSE NULL END, [updated_at] = {now}, [tries] = 0, [last_error] = NULL, "       \
    "[parked_until] = NULL WHERE [run] = ?0:int AND [fill] = ?1 AND [range_no] = ?2:int AND [attempt] = ?3:int AND "               \
    "[owner] = ?4 AND [epoch] = ?5:int AND [batch_no] = ?6:int"

_Static_assert(LEDGER_A_BATCH_NO == 6 && LEDGER_A_REJECTED == 13 && LEDGER_A_TTL_MS == 16 && LEDGER_A_CONSTRAINT == 21,
               "the templates name arguments by their numbers");

static const char *advance_template(const struct sql_dialect *dialect) {
    return dialect->division_fails ? "WITH u AS (" ADVANCE " RETURNING 1) SELECT 1 / count(*) FROM u" : ADVANCE;
}

int ledger_new(const struct sql_dialect *dialect, const struct db_tx *tx, struct ledger **out, struct err *err) {
    struct ledger *ledger = mem_zalloc(1, sizeof *ledger);
    if (ledger == NULL)
        return err_nomem(err);
    ledger->dialect = dialect;
    ledger->tx = ledger->read_tx = *tx;
    ledger->tx.read_only = ledger->tx.async_commit = false;
    ledger->read_tx.read_only = true;
    int rc = 0;
    for (size_t i = 0; i < LS_COUNT && rc == 0; i++)
        rc = stmt_template(&ledger->statements[i], dialect, i == LS_ADVANCE ? advance_template(dialect) : templates[i], err);
    if (rc) {
        ledger_free(ledger);
        return rc;
    }
    *out = ledger;
    return 0;
}

void ledger_free(struct ledger *ledger) {
    if (ledger == NULL)
        return;
    for (size_t i = 0; i < LS_COUNT; i++)
        stmt_release(&ledger->statements[i]);
    mem_free(ledger);
}

const struct stmt *ledger_fence(const struct ledger *ledger) {
    return &ledger->statements[ledger->dialect->division_fails ? LS_FENCE_FAILING : LS_FENCE_PLAIN];
}

const struct stmt *ledger_advance(const struct ledger *ledger) {
    return &ledger->statements[LS_ADVANCE];
}

static int bind(const struct ledger *ledger, struct call *call, struct arena *arena, struct db_query *query, struct err *err) {
    const struct stmt *stmt = &ledger->statements[call->statement];
    struct sql_value *bound = arena_array(arena, stmt->arg_count + 1, sizeof *bound);
    if (bound == NULL)
        return err_nomem(err);
    stmt_bind(stmt, call->args, bound);
    for (unsigned i = 0; i < stmt->arg_count; i++)
        if (bound[i].kind == VALUE_TEXT && bound[i].ptr == NULL)
            return err_nomem(err);
    *query = (struct db_query){stmt->text.data, bound, stmt->arg_count, call->rows};
    return 0;
}

int ledger_calls(const struct ledger *ledger, struct db *db, unsigned flags, const struct db_tx *tx, struct call *calls,
                 size_t count, struct arena *arena, struct err *err) {
    struct db_query queries[CALLS_MAX] = {{0}};
    struct db_result results[CALLS_MAX];
    for (size_t i = 0; i < count; i++) {
        int rc = bind(ledger, &calls[i], arena, &queries[i], err);
        if (rc) {
            if ((flags & DB_BEGIN) == 0)
                db_rollback(db);
            return rc;
        }
    }
    int rc = db_flush(db, flags, tx, queries, count, arena, results, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        calls[i].result = results[i];
    return rc;
}

struct sql_value call_int(struct arena *arena, int64_t number) {
    struct sql_value value = value_text(arena_printf(arena, "%" PRId64, number));
    value.kind = VALUE_TEXT;
    return value;
}

const char *call_cell(const struct call *call, unsigned row, unsigned column) {
    return row < call->result.row_count ? db_cell(&call->result, row, column) : NULL;
}

int64_t call_cell_int(const struct call *call, unsigned row, unsigned column, int64_t otherwise) {
    return row < call->result.row_count ? db_cell_int(&call->result, row, column, otherwise) : otherwise;
}

const char *call_cell_time(const struct call *call, unsigned row, unsigned column, struct arena *arena) {
    char text[40];
    int64_t ms = call_cell_int(call, row, column, INT64_MIN);
    return ms == INT64_MIN ? NULL : arena_strdup(arena, clock_format_utc(ms * 1000, text, sizeof text));
}

int call_check_running(const struct call *share, struct err *err) {
    const char *state = call_cell(share, 0, 0), *reason = call_cell(share, 0, 1);
    if (text_equal(state, "running"))
        return 0;
    if (state == NULL)
        return err_set(err, ERR_FENCED, "the run is gone from the ledger");
    return err_set(err, ERR_FENCED, "the run is %s%s%s", state, reason && reason[0] ? ": " : "", reason ? reason : "");
}
