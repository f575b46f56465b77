/* ledger_fixture.h - an installed ledger in a file, one run with one fill, and a batch reduced to what the ledger sees of it. */
#ifndef TEST_LEDGER_FIXTURE_H
#define TEST_LEDGER_FIXTURE_H

#include "../sqlite_file.h"

#include <inttypes.h>

#include "base/digest.h"
#include "ledger/ledger.h"

enum { LEASE_MS = 600000 }; /* a lease that lasts longer than any test */

struct ledger_fixture {
    struct sqlite_file file;
    struct ledger *ledger;
    struct ledger_run run;
};

static const struct ledger_fill_spec fixture_fill = {
    .name = "users", .source = "main.old", .target = "main.new", .row_estimate = 100};

static const struct ledger_run_spec fixture_spec = {.plan = "shop",
                                                    .environment = "test",
                                                    .profile = "gentle",
                                                    .meaning = "m1",
                                                    .meaning_text = "{\"fills\":{\"users\":{\"where\":\"a\",\"into\":\"new\"}}}",
                                                    .fingerprint = "f1",
                                                    .fingerprint_text = "{\"old\":{\"id\":\"integer\",\"email\":\"text\"}}",
                                                    .settings = "{}",
                                                    .version = "1",
                                                    .actor = "someone@here",
                                                    .fills = &fixture_fill,
                                                    .fill_count = 1};

static inline void fixture_ledger(struct ledger_fixture *f) {
    sqlite_file_make(&f->file);
    sqlite_file_ok(&f->file, ledger_new(db_dialect(f->file.db), &sqlite_file_tx, &f->ledger, &f->file.err));
}

static inline void fixture_make(struct ledger_fixture *f) {
    fixture_ledger(f);
    sqlite_file_ok(&f->file, ledger_install(f->ledger, f->file.db, &f->file.err));
    sqlite_file_ok(&f->file, ledger_run_open(f->ledger, f->file.db, &fixture_spec, &f->file.arena, &f->run, &f->file.err));
    assert_true(f->run.created);
}

static inline void fixture_remove(struct ledger_fixture *f) {
    ledger_free(f->ledger);
    sqlite_file_remove(&f->file);
}

/* The fill goes up to this key. */
static inline void fixture_high_water(struct ledger_fixture *f, const char *key) {
    struct ledger_fill fill;
    const struct ledger_bounds bounds = {.high_water = key};
    sqlite_file_ok(&f->file, ledger_fill_lock(f->ledger, f->file.db, f->run.run, "users", &f->file.arena, &fill, &f->file.err));
    sqlite_file_ok(&f->file, ledger_fill_commit_high_water(f->ledger, f->file.db, f->run.run, "users", &bounds, &f->file.arena,
                                                           &fill, &f->file.err));
}

/* The next range, up to `hi`, for `owner`. */
static inline struct ledger_lease fixture_cut(struct ledger_fixture *f, const char *hi, const char *owner, int64_t ttl_ms) {
    struct ledger_fill fill;
    struct ledger_lease lease;
    struct sqlite_file *file = &f->file;
    sqlite_file_ok(file, ledger_fill_lock(f->ledger, file->db, f->run.run, "users", &file->arena, &fill, &file->err));
    sqlite_file_ok(file, ledger_fill_commit_cut(f->ledger, file->db, f->run.run, &fill, hi, false, owner, ttl_ms, &file->arena,
                                                &lease, &file->err));
    return lease;
}

/* A free range for `owner`: whether there was one. */
static inline bool fixture_lease(struct ledger_fixture *f, const char *owner, int64_t ttl_ms, struct ledger_lease *lease) {
    bool found = false;
    struct sqlite_file *file = &f->file;
    sqlite_file_ok(file,
                   ledger_lease(f->ledger, file->db, f->run.run, "users", owner, ttl_ms, &file->arena, lease, &found, &file->err));
    return found;
}

static inline bool fixture_control(struct ledger_fixture *f, const char *state, const char *reason) {
    bool changed = false;
    const char *was = NULL;
    sqlite_file_ok(&f->file, ledger_run_control(f->ledger, f->file.db, f->run.run, state, reason, "someone@here", "{}", NULL,
                                                &f->file.arena, &was, &changed, &f->file.err));
    return changed;
}

/* ---- a batch ---- */

struct fixture_batch {
    int64_t run;
    const struct ledger_lease *lease;
    const char *owner;
    const char *cursor;
    int64_t rows;
    const char *sql; /* its data statement, or NULL */
};

enum { FIXTURE_NUMBERS = 24 };

/* The ledger's arguments, numbers as text in `numbers`. */
static inline void fixture_arguments(const struct fixture_batch *batch, char numbers[LEDGER_A_COUNT][FIXTURE_NUMBERS],
                                     struct sql_value values[LEDGER_A_COUNT]) {
    const struct ledger_lease *lease = batch->lease;
    int64_t filled = strcmp(batch->cursor, lease->hi) == 0;
    const struct {
        enum ledger_arg at;
        int64_t number;
    } list[] = {
        {LEDGER_A_RUN, batch->run},
        {LEDGER_A_RANGE, lease->range_no},
        {LEDGER_A_ATTEMPT, lease->attempt},
        {LEDGER_A_EPOCH, lease->epoch},
        {LEDGER_A_SEEN, batch->rows},
        {LEDGER_A_WRITTEN, batch->rows},
        {LEDGER_A_BATCH_NO, lease->batch_no},
        {LEDGER_A_SAME, 0},
        {LEDGER_A_KEPT, 0},
        {LEDGER_A_REJECTED, 0},
        {LEDGER_A_KEEP, lease->keep},
        {LEDGER_A_FILLED, filled},
        {LEDGER_A_TTL_MS, LEASE_MS},
    };
    for (size_t i = 0; i < LEDGER_A_COUNT; i++)
        values[i] = VALUE_NULL_VALUE;
    for (size_t i = 0; i < UNIT_COUNT(list); i++) {
        snprintf(numbers[i], FIXTURE_NUMBERS, "%" PRId64, list[i].number);
        values[list[i].at] = value_text(numbers[i]);
    }
    values[LEDGER_A_FILL] = value_text(lease->fill);
    values[LEDGER_A_OWNER] = value_text(batch->owner);
    values[LEDGER_A_CURSOR] = value_text(batch->cursor);
    values[LEDGER_A_LAST_LO] = value_text(lease->cursor);
}

static inline struct db_query fixture_bind(const struct stmt *stmt, const struct sql_value *values, struct sql_value *bound,
                                           bool rows) {
    stmt_bind(stmt, values, bound);
    return (struct db_query){stmt->text.data, bound, stmt->arg_count, rows};
}

/* Does the fence alone let this batch through? */
static inline bool fixture_holds(struct ledger_fixture *f, const struct fixture_batch *batch) {
    char numbers[LEDGER_A_COUNT][FIXTURE_NUMBERS];
    struct sql_value values[LEDGER_A_COUNT], bound[STMT_ARGS_MAX];
    struct db_result result;
    fixture_arguments(batch, numbers, values);
    const struct db_query query = fixture_bind(ledger_fence(f->ledger), values, bound, true);
    sqlite_file_ok(&f->file, db_flush(f->file.db, DB_ONE_TX, &sqlite_file_tx, &query, 1, &f->file.arena, &result, &f->file.err));
    return result.row_count == 1 && db_cell_int(&result, 0, 0, 0) == 1 && strcmp(db_cell(&result, 0, 1), "running") == 0;
}

/* BEGIN, fence, the rows; then the cursor and COMMIT, as in src/fill/batch.c. `force` leaves the fence's answer unread, which the
 * advance must survive. 0, ERR_FENCED, or the error. */
static inline int fixture_commit(const struct ledger *ledger, struct db *db, const struct fixture_batch *batch, bool force,
                                 struct err *err) {
    char numbers[LEDGER_A_COUNT][FIXTURE_NUMBERS];
    struct sql_value values[LEDGER_A_COUNT], bound[2][STMT_ARGS_MAX];
    struct db_result results[2];
    struct arena arena;
    arena_init(&arena);
    fixture_arguments(batch, numbers, values);
    struct db_query queries[2] = {fixture_bind(ledger_fence(ledger), values, bound[0], true), {.sql = batch->sql}};
    int rc = db_flush(db, DB_BEGIN, &sqlite_file_tx, queries, batch->sql ? 2 : 1, &arena, results, err);
    const char *state = rc == 0 && results[0].row_count == 1 ? db_cell(&results[0], 0, 1) : NULL;
    bool held = force || (state != NULL && strcmp(state, "running") == 0);
    queries[0] = fixture_bind(ledger_advance(ledger), values, bound[1], false);
    if (rc == 0 && held)
        rc = db_flush(db, 0, NULL, queries, 1, &arena, results, err);
    if (rc == 0 && (!held || results[0].affected != 1)) {
        db_rollback(db);
        rc = ERR_FENCED;
    }
    if (rc == 0)
        rc = db_flush(db, DB_COMMIT, NULL, NULL, 0, &arena, NULL, err);
    arena_release(&arena);
    return rc;
}

/* A batch of one row up to `cursor`; the lease moves with it. */
static inline int fixture_batch(struct ledger_fixture *f, struct ledger_lease *lease, const char *owner, const char *cursor) {
    const struct fixture_batch batch = {.run = f->run.run, .lease = lease, .owner = owner, .cursor = cursor, .rows = 1};
    int rc = fixture_commit(f->ledger, f->file.db, &batch, false, &f->file.err);
    if (rc == 0) {
        lease->last_lo = lease->cursor;
        lease->cursor = cursor;
        lease->batch_no++;
    }
    return rc;
}

/* A row of this key of range 1 is rejected. */
static inline void fixture_reject(struct ledger_fixture *f, const char *key, const char *class, const char *sqlstate) {
    struct sql_value values[LEDGER_A_COUNT], bound[2][STMT_ARGS_MAX];
    char hash[DIGEST_HEX_SIZE];
    for (size_t i = 0; i < LEDGER_A_COUNT; i++)
        values[i] = VALUE_NULL_VALUE;
    sqlite_file_ok(&f->file, digest_sha256_hex(key, strlen(key), hash, &f->file.err));
    values[LEDGER_A_RUN] = values[LEDGER_A_RANGE] = value_text("1");
    values[LEDGER_A_FILL] = value_text("users");
    values[LEDGER_A_KEY] = value_text(key);
    values[LEDGER_A_KEY_HASH] = value_text(hash);
    values[LEDGER_A_CLASS] = value_text(class);
    values[LEDGER_A_SQLSTATE] = value_text(sqlstate);
    const struct db_query queries[2] = {fixture_bind(ledger_reject_delete(f->ledger), values, bound[0], false),
                                        fixture_bind(ledger_reject_insert(f->ledger), values, bound[1], false)};
    sqlite_file_ok(&f->file, db_flush(f->file.db, DB_ONE_TX, &sqlite_file_tx, queries, 2, NULL, NULL, &f->file.err));
}

#endif
