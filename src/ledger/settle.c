/* settle.c - ranges on their way from filled to settled, and rows that were kept on purpose. */
#include "base/digest.h"
#include "ledger/call.h"
#include "ledger/proof.h"

int ledger_unsettled(const struct ledger *ledger, struct db *db, int64_t run, int64_t limit, struct arena *arena,
                     struct ledger_unsettled **list, size_t *count, struct err *err) {
    struct call find = {.statement = LS_SETTLE_FIND, .args = {call_int(arena, run), call_int(arena, limit)}, .rows = true};
    *count = 0;
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &find, 1, arena, err);
    if (rc)
        return rc;
    *list = arena_array(arena, find.result.row_count + 1, sizeof **list);
    if (*list == NULL)
        return err_nomem(err);
    for (unsigned i = 0; i < find.result.row_count; i++)
        (*list)[(*count)++] = (struct ledger_unsettled){.fill = call_cell(&find, i, 0),
                                                        .slice = {.range_no = call_cell_int(&find, i, 1, 0),
                                                                  .lo = call_cell(&find, i, 2),
                                                                  .hi = call_cell(&find, i, 3),
                                                                  .state = "filled",
                                                                  .rows = call_cell_int(&find, i, 4, 0),
                                                                  .had_extra = call_cell_int(&find, i, 5, 1) != 0}};
    return 0;
}

int ledger_unsettled_count(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t *count,
                           struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call left = {.statement = LS_SETTLE_LEFT, .args = {call_int(&arena, run), value_text(fill)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &left, 1, &arena, err);
    *count = call_cell_int(&left, 0, 0, 0);
    arena_release(&arena);
    return rc;
}

int ledger_settle_claim(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no,
                        const char *owner, int64_t ttl_ms, bool *claimed, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call claim = {
        .statement = LS_SETTLE_CLAIM,
        .args = {call_int(&arena, run), value_text(fill), call_int(&arena, range_no), value_text(owner), call_int(&arena, ttl_ms)}};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->tx, &claim, 1, &arena, err);
    *claimed = rc == 0 && claim.result.affected == 1;
    arena_release(&arena);
    return rc;
}

int ledger_settle_unclaim(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no,
                          const char *owner, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call unclaim = {.statement = LS_SETTLE_UNCLAIM,
                           .args = {call_int(&arena, run), value_text(fill), call_int(&arena, range_no), value_text(owner)}};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->tx, &unclaim, 1, &arena, err);
    arena_release(&arena);
    return rc;
}

int ledger_settled(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no, const char *owner,
                   struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call done = {.statement = LS_SETTLE_DONE,
                        .args = {call_int(&arena, run), value_text(fill), call_int(&arena, range_no), value_text(owner)}};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->tx, &done, 1, &arena, err);
    arena_release(&arena);
    return rc;
}

int ledger_target_is_shared(const struct ledger *ledger, struct db *db, int64_t run, const char *target, bool *shared,
                            struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call find = {.statement = LS_FILL_OTHERS, .args = {call_int(&arena, run), value_text(target)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &find, 1, &arena, err);
    *shared = rc == 0 && call_cell_int(&find, 0, 0, 0) > 0;
    arena_release(&arena);
    return rc;
}

int ledger_kept_add(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no, const char *key,
                    struct arena *arena, struct err *err) {
    char hash[DIGEST_HEX_SIZE];
    int rc = digest_sha256_hex(key, strlen(key), hash, err);
    if (rc) {
        db_rollback(db);
        return rc;
    }
    struct call calls[2] = {{.statement = LS_FINDING_DELETE,
                             .args = {call_int(arena, run), value_text(fill), value_text(hash), call_int(arena, range_no)}},
                            {.statement = LS_FINDING_INSERT,
                             .args = {call_int(arena, run), value_text(fill), value_text(hash), value_text(key),
                                      call_int(arena, range_no), value_text("kept")}}};
    return ledger_calls(ledger, db, 0, NULL, calls, 2, arena, err);
}

int ledger_kept(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t range_no, struct arena *arena,
                const char ***keys, size_t *count, struct err *err) {
    struct call list = {
        .statement = LS_FINDING_KEPT, .args = {call_int(arena, run), value_text(fill), call_int(arena, range_no)}, .rows = true};
    *count = 0;
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &list, 1, arena, err);
    if (rc)
        return rc;
    *keys = arena_array(arena, list.result.row_count + 1, sizeof **keys);
    if (*keys == NULL)
        return err_nomem(err);
    for (unsigned i = 0; i < list.result.row_count; i++)
        (*keys)[(*count)++] = call_cell(&list, i, 0);
    return 0;
}
