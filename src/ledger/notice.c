/* notice.c - what a required hook has to be told: written with what happened, open until it was told. */
#include "base/text.h"
#include "ledger/call.h"

enum { NOTICES_MAX = 100 };

static int add_all(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_notices *notices, bool own_tx,
                   struct arena *arena, struct err *err) {
    int rc = 0;
    for (size_t i = 0; notices && i < notices->count && rc == 0; i++) {
        const struct ledger_notice *notice = &notices->list[i];
        struct call add = {.statement = LS_NOTICE_INSERT,
                           .args = {call_int(arena, run), value_text(notice->id), call_int(arena, notice->hook),
                                    value_text(notice->event), value_text(notice->document)}};
        unsigned flags = own_tx ? (i == 0 ? DB_BEGIN : 0u) | (i + 1 == notices->count ? DB_COMMIT : 0u) : 0u;
        rc = ledger_calls(ledger, db, flags, &ledger->tx, &add, 1, arena, err);
    }
    return rc;
}

int ledger_notices_add(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_notices *notices,
                       struct arena *arena, struct err *err) {
    return add_all(ledger, db, run, notices, false, arena, err);
}

int ledger_notices_put(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_notices *notices,
                       struct err *err) {
    struct arena arena;
    arena_init(&arena);
    int rc = add_all(ledger, db, run, notices, true, &arena, err);
    arena_release(&arena);
    return rc;
}

int ledger_notices_open(const struct ledger *ledger, struct db *db, int64_t run, bool due, struct arena *arena,
                        struct ledger_notice **list, size_t *count, struct err *err) {
    struct call open = {.statement = LS_NOTICE_OPEN,
                        .args = {call_int(arena, run), call_int(arena, due), call_int(arena, NOTICES_MAX)},
                        .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &open, 1, arena, err);
    *count = rc ? 0 : open.result.row_count;
    *list = rc ? NULL : arena_array(arena, *count + 1, sizeof **list);
    if (rc == 0 && *list == NULL)
        return err_nomem(err);
    for (unsigned i = 0; i < *count; i++)
        (*list)[i] = (struct ledger_notice){.id = call_cell(&open, i, 0),
                                            .hook = call_cell_int(&open, i, 1, 0),
                                            .event = call_cell(&open, i, 2),
                                            .document = call_cell(&open, i, 3),
                                            .tries = call_cell_int(&open, i, 4, 0),
                                            .error = call_cell(&open, i, 5),
                                            .at = call_cell_time(&open, i, 6, arena)};
    return rc;
}

int ledger_notices_count(const struct ledger *ledger, struct db *db, int64_t run, const char *event, const char *state,
                         int64_t *count, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call look = {
        .statement = LS_NOTICE_COUNT, .args = {call_int(&arena, run), value_text(event), value_text(state)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &look, 1, &arena, err);
    *count = rc ? 0 : call_cell_int(&look, 0, 0, 0);
    arena_release(&arena);
    return rc;
}

/* One UPDATE of the row of (event, hook): *matched says whether there was one as it has to be. */
static int update(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_notice *notice,
                  enum ledger_statement statement, const char *text, int64_t ms, bool *matched, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    bool claims = statement == LS_NOTICE_CLAIM;
    struct call set = {.statement = statement,
                       .args = {call_int(&arena, run), value_text(notice->id), call_int(&arena, notice->hook),
                                claims ? call_int(&arena, notice->tries) : value_text(text), call_int(&arena, ms)}};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->tx, &set, 1, &arena, err);
    *matched = rc == 0 && set.result.affected == 1;
    arena_release(&arena);
    return rc;
}

int ledger_notice_claim(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_notice *notice, int64_t for_ms,
                        bool *mine, struct err *err) {
    return update(ledger, db, run, notice, LS_NOTICE_CLAIM, NULL, for_ms, mine, err);
}

int ledger_notice_failed(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_notice *notice,
                         const char *error, int64_t wait_ms, struct err *err) {
    bool matched;
    return update(ledger, db, run, notice, LS_NOTICE_FAILED, error, wait_ms, &matched, err);
}

int ledger_notice_end(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_notice *notice,
                      const char *state, struct err *err) {
    bool matched;
    return update(ledger, db, run, notice, LS_NOTICE_END, state, 0, &matched, err);
}
