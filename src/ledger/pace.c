/* pace.c - one row for each reason that held a process back. */
#include "base/digest.h"
#include "ledger/call.h"

int ledger_pace_put(const struct ledger *ledger, struct db *db, int64_t run, const char *owner, const struct ledger_pace *pace,
                    struct err *err) {
    struct arena arena;
    char process[DIGEST_HEX_SIZE];
    int rc = digest_sha256_hex(owner, strlen(owner), process, err);
    if (rc)
        return rc;
    arena_init(&arena);
    struct call put = {.statement = LS_PACE_UPDATE,
                       .args = {call_int(&arena, run), value_text(process), value_text(owner), value_text(pace->reason),
                                value_text(pace->state), value_text(pace->detail), call_int(&arena, pace->percent),
                                call_int(&arena, pace->waited_ms), call_int(&arena, pace->slowed_ms)}};
    rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->tx, &put, 1, &arena, err);
    if (rc == 0 && put.result.affected == 0) {
        put.statement = LS_PACE_INSERT;
        rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->tx, &put, 1, &arena, err);
    }
    arena_release(&arena);
    return rc;
}
