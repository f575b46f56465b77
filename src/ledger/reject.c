/* reject.c - rows that cannot be written, by key. */
#include "base/digest.h"
#include "base/mem.h"
#include "ledger/call.h"

#include <jansson.h>

const struct stmt *ledger_reject_delete(const struct ledger *ledger) {
    return &ledger->statements[LS_REJECT_DELETE];
}

const struct stmt *ledger_reject_insert(const struct ledger *ledger) {
    return &ledger->statements[LS_REJECT_INSERT];
}

const struct stmt *ledger_reject_lock(const struct ledger *ledger) {
    return &ledger->statements[LS_REJECT_LOCK];
}

const struct stmt *ledger_reject_done(const struct ledger *ledger) {
    return &ledger->statements[LS_REJECT_DONE];
}

const struct stmt *ledger_reject_count(const struct ledger *ledger) {
    return &ledger->statements[LS_REJECT_COUNT];
}

const struct stmt *ledger_reject_failed(const struct ledger *ledger) {
    return &ledger->statements[LS_REJECT_FAILED];
}

int ledger_rejects(const struct ledger *ledger, struct db *db, int64_t run, const char *state, struct arena *arena,
                   struct ledger_reject **rejects, size_t *count, struct err *err) {
    struct call list = {.statement = LS_REJECT_LIST, .args = {call_int(arena, run), value_text(state)}, .rows = true};
    *count = 0;
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &list, 1, arena, err);
    if (rc)
        return rc;
    *rejects = arena_array(arena, list.result.row_count + 1, sizeof **rejects);
    if (*rejects == NULL)
        return err_nomem(err);
    for (unsigned i = 0; i < list.result.row_count; i++) {
        struct ledger_reject *reject = &(*rejects)[*count];
        *reject = (struct ledger_reject){
            .fill = call_cell(&list, i, 0),
            .key = call_cell(&list, i, 1),
            .range_no = call_cell_int(&list, i, 2, 0),
            .class = call_cell(&list, i, 3),
            .sqlstate = call_cell(&list, i, 4),
            .constraint = call_cell(&list, i, 5),
            .state = call_cell(&list, i, 6),
            .at = call_cell_time(&list, i, 7, arena),
            .tries = call_cell_int(&list, i, 8, 0),
        };
        if (reject->at == NULL)
            return err_nomem(err);
        (*count)++;
    }
    return 0;
}

int ledger_rejects_open(const struct ledger *ledger, struct db *db, int64_t run, int64_t *open, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    struct call count = {.statement = LS_REJECT_OPEN, .args = {call_int(&arena, run)}, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &count, 1, &arena, err);
    *open = call_cell_int(&count, 0, 0, 0);
    arena_release(&arena);
    return rc;
}

/* One key inside the transaction. */
static int accept_key(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, const char *key,
                      struct arena *arena, struct err *err) {
    char hash[DIGEST_HEX_SIZE];
    int rc = digest_sha256_hex(key, strlen(key), hash, err);
    struct call accept = {.statement = LS_REJECT_ACCEPT, .args = {call_int(arena, run), value_text(fill), value_text(hash)}};
    if (rc == 0)
        rc = ledger_calls(ledger, db, 0, NULL, &accept, 1, arena, err);
    else
        db_rollback(db);
    if (rc || accept.result.affected == 1)
        return rc;
    db_rollback(db);
    err_set(err, ERR_NOT_FOUND, "fill %s has no reject with key %.400s", fill, key);
    err_next(err, "nothing was accepted; infill rejects PLAN lists the keys");
    return ERR_NOT_FOUND;
}

/* What the event says; NULL when memory ended. */
static char *accepted_json(const char *fill, const char *const *keys, size_t count, const char *because) {
    json_t *list = json_array();
    bool whole = list != NULL;
    for (size_t i = 0; i < count && whole; i++)
        whole = json_array_append_new(list, json_string(keys[i])) == 0;
    json_t *detail = whole ? json_pack("{s:s, s:O, s:s}", "fill", fill, "keys", list, "because", because) : NULL;
    char *text = mem_json_text(detail, JSON_COMPACT);
    json_decref(list);
    json_decref(detail);
    return text;
}

int ledger_rejects_accept(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, const char *const *keys,
                          size_t count, const char *because, const char *actor, struct err *err) {
    struct arena arena;
    arena_init(&arena);
    char *detail = accepted_json(fill, keys, count, because);
    struct call lock = {.statement = LS_RUN_LOCK, .args = {call_int(&arena, run)}, .rows = true};
    int rc = detail ? ledger_calls(ledger, db, DB_BEGIN, &ledger->tx, &lock, 1, &arena, err) : err_nomem(err);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = accept_key(ledger, db, run, fill, keys[i], &arena, err);
    if (rc == 0)
        rc = ledger_event_add(ledger, db, run, actor, "rejects accepted", detail, true, &arena, err);
    mem_free(detail);
    arena_release(&arena);
    return rc;
}
