/* reject.c - a row that cannot be written: its key and error class go into the ledger, the cursor moves on, in one transaction (L1). */
#include "base/digest.h"
#include "fill/batch.h"

static int reject_values(struct worker *worker, const struct err *cause, struct sql_value values[LEDGER_A_COUNT], struct err *err) {
    char *hash = arena_alloc(&worker->batch_arena, DIGEST_HEX_SIZE);
    const char *key = worker->batch.next;
    if (hash == NULL)
        return err_nomem(err);
    worker_ledger_values(worker, values);
    values[LEDGER_A_KEY] = value_text(key);
    values[LEDGER_A_CLASS] = value_text(err_name(cause->code));
    values[LEDGER_A_SQLSTATE] = value_text(cause->sqlstate);
    values[LEDGER_A_CONSTRAINT] = value_text(cause->constraint);
    int rc = digest_sha256_hex(key, strlen(key), hash, err);
    values[LEDGER_A_KEY_HASH] = value_text(hash);
    return rc;
}

int batch_reject(struct worker *worker, const struct err *cause, struct err *err) {
    struct sql_value values[LEDGER_A_COUNT];
    struct flush flush;
    arena_reset(&worker->batch_arena);
    flush_init(&flush, &worker->batch_arena);
    int rc = reject_values(worker, cause, values, err);
    if (rc)
        return rc;
    size_t fence = flush_add(&flush, ledger_fence(worker->run->ledger), values, true);
    flush_add(&flush, ledger_reject_delete(worker->run->ledger), values, false);
    flush_add(&flush, ledger_reject_insert(worker->run->ledger), values, false);
    rc = flush_run(&flush, worker->db, DB_BEGIN, &worker->run->ledger_tx, err);
    if (rc) {
        batch_map_fence(worker, err);
        return err->code;
    }
    if ((rc = batch_check_fence(worker, &flush.results[fence], err)) != 0)
        return rc;
    worker->batch.seen = worker->batch.rejected = 1;
    worker->batch.written = worker->batch.same = worker->batch.kept = 0;
    worker->following = (struct batch){0};
    return batch_commit(worker, err);
}
