/* event.c - who did what, when: append-only, each event hashed together with the hash of the one before. */
#include "base/buf.h"
#include "base/digest.h"
#include "base/text.h"
#include "ledger/call.h"

#include <inttypes.h>

/* Length-prefixed, so that no two different events have the same text. */
static void add_part(struct buf *text, const char *part) {
    buf_printf(text, "%zu:%s,", strlen(part), part);
}

static int event_hash(const char *previous, int64_t seq, const char *at, const char *actor, const char *what, const char *detail,
                      char out[DIGEST_HEX_SIZE], struct err *err) {
    struct buf text;
    buf_init(&text);
    buf_printf(&text, "%" PRId64 ",", seq);
    const char *parts[] = {previous, at, actor, what, detail};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        add_part(&text, parts[i] ? parts[i] : "");
    int rc = buf_ok(&text) ? digest_sha256_hex(text.data, text.len, out, err) : err_nomem(err);
    buf_release(&text);
    return rc;
}

int ledger_event_add(const struct ledger *ledger, struct db *db, int64_t run, const char *actor, const char *what,
                     const char *detail_json, bool commit, struct arena *arena, struct err *err) {
    struct call look[2] = {{.statement = LS_EVENT_LAST, .args = {call_int(arena, run)}, .rows = true},
                           {.statement = LS_NOW_MS, .rows = true}};
    int rc = ledger_calls(ledger, db, 0, NULL, look, 2, arena, err);
    if (rc)
        return rc;
    const char *previous = call_cell(&look[0], 0, 1), *at = call_cell_time(&look[1], 0, 0, arena);
    int64_t seq = call_cell_int(&look[0], 0, 0, 0) + 1;
    char hash[DIGEST_HEX_SIZE];
    previous = previous ? previous : "";
    rc = at ? event_hash(previous, seq, at, actor, what, detail_json, hash, err) : err_nomem(err);
    if (rc) {
        db_rollback(db);
        return rc;
    }
    struct call add = {.statement = LS_EVENT_INSERT,
                       .args = {call_int(arena, run), call_int(arena, seq), value_text(at), value_text(actor), value_text(what),
                                value_text(detail_json), value_text(previous), value_text(hash)}};
    return ledger_calls(ledger, db, commit ? DB_COMMIT : 0, NULL, &add, 1, arena, err);
}

int ledger_event(const struct ledger *ledger, struct db *db, int64_t run, const char *actor, const char *what,
                 const char *detail_json, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call lock = {.statement = LS_RUN_LOCK, .args = {call_int(&arena, run)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_BEGIN, &ledger->tx, &lock, 1, &arena, err);
    if (rc == 0)
        rc = ledger_event_add(ledger, db, run, actor, what, detail_json, true, &arena, err);
    arena_release(&arena);
    return rc;
}

static int check_row(const struct call *list, unsigned row, const char *previous, struct err *err) {
    char hash[DIGEST_HEX_SIZE];
    int64_t seq = call_cell_int(list, row, 0, -1);
    int rc = event_hash(previous, seq, call_cell(list, row, 1), call_cell(list, row, 2), call_cell(list, row, 3),
                        call_cell(list, row, 4), hash, err);
    if (rc)
        return rc;
    if (seq == (int64_t)row + 1 && text_equal(call_cell(list, row, 5), previous) && text_equal(call_cell(list, row, 6), hash))
        return 0;
    return err_set(err, ERR_MISMATCH, "the event log was changed: the chain breaks at event %u", row + 1);
}

int ledger_event_check(const struct ledger *ledger, struct db *db, int64_t run, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call list = {.statement = LS_EVENT_LIST, .args = {call_int(&arena, run)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &list, 1, &arena, err);
    const char *previous = "";
    for (unsigned i = 0; i < list.result.row_count && rc == 0; i++) {
        rc = check_row(&list, i, previous, err);
        previous = call_cell(&list, i, 6);
    }
    arena_release(&arena);
    return rc;
}
