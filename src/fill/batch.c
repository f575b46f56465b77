/* batch.c - one batch: rows and checkpoint in one transaction (L1).
 *
 * First flush: BEGIN, the fence (L3), the data statements, the bound of the next batch. The client then checks that the fence held and that
 * every row is accounted for. Second flush: the range row moves on, COMMIT. Where a flush is one round trip (PostgreSQL) the ledger's
 * statements also fail in the server when they match nothing, so a COMMIT sent with them cannot get through. */
#include "fill/batch.h"

#include "base/clock.h"
#include "base/text.h"
#include "fill/mutant.h"
#include "ledger/proof.h"

const char *worker_lower(const struct worker *worker) {
    return worker->lease.cursor ? worker->lease.cursor : worker->lease.lo;
}

static int bind_key(struct worker *worker, const char *key, struct sql_value *values, struct err *err) {
    if (key == NULL)
        return 0;
    bool tagged = worker->db->engine->tags_keys;
    return key_decode(key, worker->job->map.key_count, tagged, &worker->batch_arena, values, err);
}

int worker_bind_interval(struct worker *worker, const char *lo, const char *hi, int64_t n, struct sql_value values[FILL_ARGS],
                         struct err *err) {
    int rc = bind_key(worker, lo, values + FILL_LO, err);
    if (rc == 0)
        rc = bind_key(worker, hi, values + FILL_HI, err);
    values[FILL_N] = flush_int(&worker->batch_arena, n);
    return rc;
}

void worker_ledger_values(struct worker *worker, struct sql_value values[LEDGER_A_COUNT]) {
    const struct ledger_lease *lease = &worker->lease;
    struct arena *arena = &worker->batch_arena;
    memset(values, 0, LEDGER_A_COUNT * sizeof *values);
    values[LEDGER_A_RUN] = flush_int(arena, worker->run->run);
    values[LEDGER_A_FILL] = value_text(lease->fill);
    values[LEDGER_A_RANGE] = flush_int(arena, lease->range_no);
    values[LEDGER_A_ATTEMPT] = flush_int(arena, lease->attempt);
    values[LEDGER_A_OWNER] = value_text(worker->owner);
    values[LEDGER_A_EPOCH] = flush_int(arena, lease->epoch);
    values[LEDGER_A_BATCH_NO] = flush_int(arena, lease->batch_no);
    values[LEDGER_A_TTL_MS] = flush_int(arena, worker->run->plan->set.lease_ttl_us / 1000);
}

/* The key in the first row of a result, in the lease arena; *found false when there is none. */
static int take_key(struct worker *worker, const struct db_result *result, const char **key, bool *found, struct err *err) {
    *found = result->row_count > 0;
    if (!*found)
        return 0;
    struct buf text;
    buf_init(&text);
    int rc = key_encode(result->values, worker->job->map.key_count, worker->db->engine->tags_keys, &text, err);
    if (rc == 0)
        *key = arena_strdup(&worker->lease_arena, text.data);
    buf_release(&text);
    if (rc)
        return rc;
    return *key ? 0 : err_nomem(err);
}

static int run_read(struct worker *worker, struct flush *flush, struct err *err) {
    const struct db_tx tx = worker_tx(worker, &worker->run->read_tx);
    return flush_run(flush, worker->db, DB_ONE_TX, &tx, err);
}

/* What a look-up of the n-th row said: that key with exactly n rows below it, or the end of the range with fewer. */
static int take_bound(struct worker *worker, const struct db_result *result, int64_t n, struct batch *next, struct err *err) {
    bool found;
    const char *key = NULL;
    int rc = take_key(worker, result, &key, &found, err);
    if (rc)
        return rc;
    *next = (struct batch){.next = found ? key : worker->lease.hi, .rows = found ? n : -1, .asked = n};
    return 0;
}

/* A speed that signals change a little all the time is no reason to look each bound up twice. */
static bool is_still_right(const struct worker *worker, int64_t rows) {
    int64_t asked = worker->batch.asked;
    return asked == rows || (worker->factor < 1 && asked < rows && asked * 2 > rows);
}

int batch_bound(struct worker *worker, struct err *err) {
    int64_t n = worker_batch_rows(worker);
    if (worker->batch.next && is_still_right(worker, n))
        return 0;
    worker->batch = (struct batch){.asked = n}; /* a look-up that is too slow is halved, too */
    arena_reset(&worker->batch_arena);
    struct sql_value values[FILL_ARGS];
    int rc = worker_bind_interval(worker, worker_lower(worker), worker->lease.hi, n - 1, values, err);
    if (rc)
        return rc;
    struct flush flush;
    flush_init(&flush, &worker->batch_arena);
    flush_add(&flush, &worker_sql(worker)->bound[worker_lower(worker) != NULL], values, true);
    rc = run_read(worker, &flush, err);
    return rc ? rc : take_bound(worker, &flush.results[0], n, &worker->batch, err);
}

/* The bound of the batch after this one, out of the same round trip. */
static int add_next_bound(struct worker *worker, struct flush *flush, struct places *at, struct err *err) {
    if (text_equal(worker->batch.next, worker->lease.hi))
        return 0;
    struct sql_value *values = arena_array(&worker->batch_arena, FILL_ARGS, sizeof *values);
    if (values == NULL)
        return err_nomem(err);
    at->bound_rows = worker_batch_rows(worker);
    int rc = worker_bind_interval(worker, worker->batch.next, worker->lease.hi, at->bound_rows - 1, values, err);
    if (rc == 0)
        at->bound = (int)flush_add(flush, &worker_sql(worker)->bound[1], values, true);
    return rc;
}

int batch_check_fence(struct worker *worker, const struct db_result *result, struct err *err) {
    if (result->row_count == 1 && db_cell_int(result, 0, 0, 0) == 1 && text_equal(db_cell(result, 0, 1), "running"))
        return 0;
    db_rollback(worker->db);
    return err_set(err, ERR_FENCED, "range %lld of fill %s has another owner now, or the run is not running",
                   (long long)worker->lease.range_no, worker->lease.fill);
}

void batch_map_fence(struct worker *worker, struct err *err) {
    if (worker->db && worker->job->map.dialect->division_fails && err->statement == 0 && strcmp(err->sqlstate, "22012") == 0)
        err_set(err, ERR_FENCED, "range %lld of fill %s has another owner now", (long long)worker->lease.range_no,
                worker->lease.fill);
}

/* Rows that differ and are kept on purpose become findings, with the batch that kept them. */
static int note_kept(struct worker *worker, struct sql_value *values, struct err *err) {
    struct flush flush;
    struct arena *arena = &worker->batch_arena;
    bool tagged = worker->db->engine->tags_keys;
    values[FILL_N] = flush_int(arena, worker->batch.kept);
    flush_init(&flush, arena);
    flush_add(&flush, &worker_sql(worker)->different[worker_lower(worker) != NULL], values, true);
    int rc = flush_run(&flush, worker->db, 0, NULL, err);
    struct buf key;
    buf_init(&key);
    for (unsigned i = 0; rc == 0 && i < flush.results[0].row_count; i++) {
        buf_clear(&key);
        rc = key_encode(flush.results[0].values + (size_t)i * flush.results[0].column_count, worker->job->map.key_count, tagged,
                        &key, err);
        if (rc == 0)
            rc = ledger_kept_add(worker->run->ledger, worker->db, worker->run->run, worker->lease.fill, worker->lease.range_no,
                                 key.data, arena, err);
    }
    buf_release(&key);
    return rc;
}

static int add_count(struct worker *worker, struct flush *flush) {
    const struct stmt *stmt = &worker_sql(worker)->rows_read;
    return worker->measures && stmt->text.len > 0 ? (int)flush_add(flush, stmt, NULL, true) : -1;
}

/* Rows read so far, by the server's counters. */
static int64_t sum_of(const struct db_result *result) {
    int64_t sum = 0;
    for (unsigned row = 0; row < result->row_count; row++)
        sum += db_cell_int(result, row, result->column_count - 1, 0);
    return sum;
}

static void take_reads(struct worker *worker, const struct flush *flush, const struct places *at) {
    worker->batch.read = at->reads[1] < 0 ? -1 : sum_of(&flush->results[at->reads[1]]) - sum_of(&flush->results[at->reads[0]]);
}

/* BEGIN, fence, data, next bound; then the checks. The transaction stays open. */
static int first_flush(struct worker *worker, struct err *err) {
    struct batch *next = &worker->following;
    struct flush flush;
    struct places at;
    struct sql_value ledger[LEDGER_A_COUNT], values[FILL_ARGS];
    flush_init(&flush, &worker->batch_arena);
    worker_ledger_values(worker, ledger);
    int rc = worker_bind_interval(worker, worker_lower(worker), worker->batch.next, 0, values, err);
    if (rc)
        return rc;
    way_choose(worker, &at);
    if (!mutant_is(MUTANT_NO_FENCE))
        at.fence = (int)flush_add(&flush, ledger_fence(worker->run->ledger), ledger, true);
    at.reads[0] = add_count(worker, &flush);
    way_add(worker, &flush, values, &at);
    at.reads[1] = add_count(worker, &flush);
    if ((rc = add_next_bound(worker, &flush, &at, err)) != 0)
        return rc;
    struct db_tx tx = worker_tx(worker, &worker->run->batch_tx);
    if (text_equal(worker->batch.next, worker->lease.hi))
        tx.async_commit = false; /* `filled` is believed by others: it must last */
    rc = flush_run(&flush, worker->db, DB_BEGIN, &tx, err);
    if (rc) {
        batch_map_fence(worker, err);
        return err->code;
    }
    if (at.fence >= 0 && (rc = batch_check_fence(worker, &flush.results[at.fence], err)) != 0)
        return rc;
    *next = (struct batch){.read = -1};
    take_reads(worker, &flush, &at);
    if ((rc = way_account(worker, &flush, &at, err)) == 0 && at.bound >= 0)
        rc = take_bound(worker, &flush.results[at.bound], at.bound_rows, next, err);
    if (rc == 0 && worker->batch.kept > 0)
        rc = note_kept(worker, values, err);
    if (rc)
        db_rollback(worker->db);
    return rc;
}

static void advance_values(struct worker *worker, struct sql_value values[LEDGER_A_COUNT]) {
    const struct batch *batch = &worker->batch;
    struct arena *arena = &worker->batch_arena;
    worker_ledger_values(worker, values);
    values[LEDGER_A_CURSOR] = value_text(batch->next);
    values[LEDGER_A_LAST_LO] = value_text(worker_lower(worker));
    values[LEDGER_A_SEEN] = flush_int(arena, batch->seen);
    values[LEDGER_A_WRITTEN] = flush_int(arena, batch->written);
    values[LEDGER_A_SAME] = flush_int(arena, batch->same);
    values[LEDGER_A_KEPT] = flush_int(arena, batch->kept);
    values[LEDGER_A_REJECTED] = flush_int(arena, batch->rejected);
    values[LEDGER_A_KEEP] = flush_int(arena, worker->lease.keep);
    values[LEDGER_A_FILLED] = flush_int(arena, text_equal(batch->next, worker->lease.hi));
}

int batch_commit(struct worker *worker, struct err *err) {
    struct sql_value values[LEDGER_A_COUNT];
    struct flush flush;
    flush_init(&flush, &worker->batch_arena);
    advance_values(worker, values);
    bool checked_by_server = worker->job->map.dialect->division_fails;
    flush_add(&flush, ledger_advance(worker->run->ledger), values, checked_by_server);
    if (mutant_is(MUTANT_TWO_TRANSACTIONS) || mutant_is(MUTANT_NO_FENCE))
        return mutant_commit(worker, &flush, err);

    int rc = flush_run(&flush, worker->db, checked_by_server ? DB_COMMIT : 0, NULL, err);
    if (rc) {
        batch_map_fence(worker, err);
        return err->code;
    }
    if (checked_by_server)
        return 0;
    if (flush.results[0].affected != 1) {
        db_rollback(worker->db);
        return err_set(err, ERR_FENCED, "range %lld of fill %s has another owner now", (long long)worker->lease.range_no,
                       worker->lease.fill);
    }
    return db_flush(worker->db, DB_COMMIT, NULL, NULL, 0, NULL, NULL, err);
}

/* The lease as the ledger has it after the commit. Its texts move to the other arena, so that neither grows with the number of batches. */
int batch_committed(struct worker *worker, struct err *err) {
    struct ledger_lease *lease = &worker->lease;
    struct arena *to = &worker->spare_arena;
    arena_reset(to);
    const char *before = worker_lower(worker);
    lease->last_lo = before ? arena_strdup(to, before) : NULL;
    lease->cursor = arena_strdup(to, worker->batch.next);
    lease->lo = lease->lo ? arena_strdup(to, lease->lo) : NULL;
    lease->hi = arena_strdup(to, lease->hi);
    lease->batch_no++;
    lease->seen += worker->batch.seen;
    worker->batch = worker->following;
    if (worker->batch.next)
        worker->batch.next = arena_strdup(to, worker->batch.next);
    bool whole = lease->cursor && lease->hi && (worker->following.next == NULL || worker->batch.next);
    struct arena swap = worker->lease_arena;
    worker->lease_arena = *to;
    *to = swap;
    return whole ? 0 : err_nomem(err);
}

int batch_move(struct worker *worker, struct err *err) {
    arena_reset(&worker->batch_arena);
    worker->batch.seen = worker->batch.written = worker->batch.same = worker->batch.kept = worker->batch.rejected = 0;
    atomic_store(&worker->batch_since_us, clock_monotonic_us());
    int rc = first_flush(worker, err);
    if (rc == 0)
        rc = batch_commit(worker, err);
    atomic_store(&worker->batch_since_us, 0);
    if (rc)
        return rc;
    worker->counted = false;
    worker->mismatches = 0;
    return 0;
}

int batch_is_present(struct worker *worker, bool *present, struct err *err) {
    struct sql_value values[FILL_ARGS];
    struct flush flush;
    arena_reset(&worker->batch_arena);
    flush_init(&flush, &worker->batch_arena);
    int rc = worker_bind_interval(worker, worker_lower(worker), worker->batch.next, 0, values, err);
    if (rc)
        return rc;
    flush_add(&flush, &worker_sql(worker)->compare[worker_lower(worker) != NULL], values, true);
    rc = run_read(worker, &flush, err);
    if (rc == 0)
        *present = db_cell_int(&flush.results[0], 0, 1, 0) > 0;
    return rc;
}
