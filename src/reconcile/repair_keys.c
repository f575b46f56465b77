/* repair_keys.c - see repair_keys.h. */
#include "reconcile/repair_keys.h"

#include "base/clock.h"
#include "base/text.h"

enum { HOLD_US = 100000 }; /* of locks on rows that the application may want */

static int64_t ttl_ms(const struct repair_work *work) {
    return work->verifier->verify->plan->set.lease_ttl_us / 1000;
}

/* ---- statements about one key ---- */

enum { TOGETHER_MAX = 2 };

/* Sent together; one without text is nothing to do. */
static int run_all(struct repair_work *work, const struct stmt *const *stmts, size_t count, size_t columns, const char *key,
                   struct db_result *results, struct err *err) {
    struct verifier *verifier = work->verifier;
    bool tagged = verifier->db->engine->tags_keys;
    struct sql_value values[FILL_N + 1] = {{0}}, bound[TOGETHER_MAX][STMT_ARGS_MAX];
    struct db_query queries[TOGETHER_MAX];
    struct arena arena;
    size_t some = 0;
    arena_init(&arena);
    int rc = key_decode(key, columns, tagged, &arena, values + FILL_LO, err);
    if (rc == 0)
        rc = key_decode(key, columns, tagged, &arena, values + FILL_HI, err);
    for (size_t i = 0; i < count && rc == 0; i++) {
        if (stmts[i]->text.len == 0)
            continue;
        stmt_bind(stmts[i], values, bound[some]);
        bool rows = text_starts(stmts[i]->text.data, "SELECT");
        queries[some] = (struct db_query){stmts[i]->text.data, bound[some], stmts[i]->arg_count, rows};
        some++;
    }
    if (rc)
        db_rollback(verifier->db);
    else if (some > 0)
        rc = db_flush(verifier->db, 0, NULL, queries, some, &arena, results, err);
    arena_release(&arena);
    return rc;
}

static int run(struct repair_work *work, const struct stmt *first, const struct stmt *second, size_t columns, const char *key,
               unsigned *rows, struct err *err) {
    const struct stmt *const stmts[TOGETHER_MAX] = {first, second};
    struct db_result results[TOGETHER_MAX] = {{0}}; /* their values are gone with the statements */
    int rc = run_all(work, stmts, second ? 2 : 1, columns, key, results, err);
    if (rc == 0 && results[0].warnings + results[1].warnings > 0) {
        db_rollback(work->verifier->db);
        rc = err_set(err, ERR_ROW, "the server warns about a value that it changed while storing it");
    }
    if (rows)
        *rows = results[0].row_count;
    return rc;
}

/* ---- the row as it stands ---- */

struct standing {
    struct verifier *verifier;
    bool present[SIDES];
    struct row_hash hash[SIDES];
};

static int stand(void *context, enum side side, const struct datum *key, const struct datum *row, struct err *err) {
    struct standing *standing = context;
    struct verifier *verifier = standing->verifier;
    (void)key;
    int rc = look_encode(verifier, row, err);
    if (rc)
        return rc;
    standing->present[side] = true;
    standing->hash[side] =
        row_hash_of(&verifier->verify->hash_key, verifier->row.data, verifier->ends, verifier->fill->shape.column_count);
    return 0;
}

static int look(struct repair_work *work, const char *key, bool stray, struct standing *standing, struct err *err) {
    struct interval one = {.form = VERIFY_KEY, .lo = key, .hi = key, .strays = stray};
    *standing = (struct standing){.verifier = work->verifier};
    return look_at(work->verifier, &one, stand, standing, err);
}

static bool is_right(const struct standing *standing) {
    if (standing->present[SIDE_SOURCE] != standing->present[SIDE_TARGET])
        return false;
    return !standing->present[SIDE_SOURCE] || row_hash_equal(standing->hash[SIDE_SOURCE], standing->hash[SIDE_TARGET]);
}

/* ---- one key ---- */

static int write_row(struct repair_work *work, const char *key, struct err *err) {
    const struct job *job = work->verifier->fill->job;
    const struct fill_sql *sql = &job->sql;
    if (job->map.in_place)
        return run(work, &sql->update[FILL_FROM], NULL, job->map.key_count, key, NULL, err);
    return run(work, &sql->overwrite[FILL_FROM], &sql->insert_missing[FILL_FROM], job->map.key_count, key, NULL, err);
}

static int delete_row(struct repair_work *work, const char *key, struct err *err) {
    const struct verify_sql *sql = &work->verifier->fill->sql;
    return run(work, &sql->lock_extra, &sql->delete_extra, sql->matched_count, key, NULL, err);
}

struct outcome {
    int64_t repaired, already_right, deleted;
    struct row_hash before, after;
    const char *left[REPAIR_KEYS_MAX]; /* per key: why it is left, or NULL */
};

static const char only_extra[] = "a row of the target without a source row: --delete-extra deletes it";

static const char two_sources[] = "several source rows lead to this row of the target, and neither is more right than the others";

/* Writing this source row's values would take the target row away from another one. */
static int is_taken(struct repair_work *work, const struct ledger_finding *finding, const struct standing *before, bool *taken,
                    struct err *err) {
    const struct proof_fill *fill = work->verifier->fill;
    unsigned rows = 0;
    *taken = false;
    if (!work->asks_rivals || fill->sql.aligned || !before->present[SIDE_SOURCE] || !before->present[SIDE_TARGET])
        return 0;
    int rc = run(work, &fill->sql.rivals, NULL, fill->job->map.key_count, finding->key, &rows, err);
    *taken = rc == 0 && rows > 1;
    return rc;
}

static int change(struct repair_work *work, const struct ledger_finding *finding, bool stray, const struct standing *before,
                  size_t at, struct outcome *outcome, struct err *err) {
    bool extra = !before->present[SIDE_SOURCE];
    if (extra && !work->delete_extra) {
        outcome->left[at] = only_extra;
        return 0;
    }
    bool taken;
    int rc = is_taken(work, finding, before, &taken, err);
    if (rc == 0 && taken)
        outcome->left[at] = two_sources;
    if (rc || taken)
        return rc;
    rc = extra ? delete_row(work, finding->key, err) : write_row(work, finding->key, err);
    struct standing after;
    if (rc == 0)
        rc = look(work, finding->key, stray, &after, err);
    if (rc)
        return rc;
    if (!is_right(&after)) {
        outcome->left[at] = "written, and still not what the source says: a trigger, a rule, or a writer at work";
        return 0;
    }
    outcome->after = row_hash_plus(outcome->after, after.hash[SIDE_TARGET]);
    outcome->deleted += extra;
    outcome->repaired += !extra;
    return 0;
}

/* The source row is locked before both are read: the source is the authority, and stays what it is while the target follows it. A stray
 * is named by its match columns, because no key leads to it; the statement that deletes it looks for a source row once more. */
static int repair_key(struct repair_work *work, const struct ledger_finding *finding, size_t at, struct outcome *outcome,
                      struct err *err) {
    const struct job *job = work->verifier->fill->job;
    struct standing before;
    bool stray = work->verifier->slice->range_no == LEDGER_STRAYS;
    if (stray && text_equal(finding->kind, "duplicate")) {
        outcome->left[at] = two_sources;
        return 0;
    }
    int rc = stray ? 0 : run(work, &job->sql.lock_source[FILL_FROM], NULL, job->map.key_count, finding->key, NULL, err);
    if (rc == 0)
        rc = look(work, finding->key, stray, &before, err);
    if (rc)
        return rc;
    outcome->before = row_hash_plus(outcome->before, before.hash[SIDE_TARGET]);
    if (is_right(&before)) {
        outcome->after = row_hash_plus(outcome->after, before.hash[SIDE_TARGET]);
        outcome->already_right++;
    } else {
        rc = change(work, finding, stray, &before, at, outcome, err);
    }
    if (outcome->left[at])
        outcome->after = row_hash_plus(outcome->after, before.hash[SIDE_TARGET]);
    return rc;
}

/* ---- a transaction ---- */

static int close_findings(struct repair_work *work, const struct ledger_finding *findings, size_t count,
                          const struct outcome *outcome, struct err *err) {
    const struct verify *verify = work->verifier->verify;
    struct ledger_closing closings[REPAIR_KEYS_MAX];
    size_t some = 0;
    for (size_t i = 0; i < count && work->close_findings; i++)
        if (outcome->left[i] == NULL)
            closings[some++] =
                (struct ledger_closing){findings[i].key, text_equal(findings[i].kind, "extra") ? "deleted" : "repaired"};
    return ledger_findings_close(verify->ledger, work->verifier->db, verify->run, work->lease->fill,
                                 work->verifier->slice->range_no, closings, some, err);
}

static void note_left(struct repair_work *work, const struct ledger_finding *finding, const char *reason) {
    if (work->left == NULL)
        return;
    work->left_count++;
    if (json_array_size(work->left) < REPAIR_LEFT_SHOWN)
        json_array_append_new(work->left, json_pack("{s:s, s:s, s:s, s:s}", "fill", work->lease->fill, "key", finding->key, "kind",
                                                    finding->kind, "reason", reason));
}

static void count(struct repair_work *work, const struct ledger_finding *findings, size_t count, const struct outcome *outcome) {
    work->lease->batch_no++;
    work->repaired += outcome->repaired;
    work->already_right += outcome->already_right;
    work->deleted += outcome->deleted;
    work->before = row_hash_plus(work->before, outcome->before);
    work->after = row_hash_plus(work->after, outcome->after);
    for (size_t i = 0; i < count; i++)
        if (outcome->left[i])
            note_left(work, &findings[i], outcome->left[i]);
}

/* As many of the keys as fit into the time for which an application may have to wait for them; at least one. */
static int transaction(struct repair_work *work, const struct ledger_finding *findings, size_t *keys, struct err *err) {
    const struct verify *verify = work->verifier->verify;
    struct db *db = work->verifier->db;
    struct db_tx tx = plan_tx(verify->plan, false, false);
    struct outcome outcome = {0};
    int64_t until_us = clock_monotonic_us() + HOLD_US;
    size_t number = 0;
    tx.by_index = true;
    int rc = db_flush(db, DB_BEGIN, &tx, NULL, 0, NULL, NULL, err);
    for (; number < *keys && rc == 0 && (number == 0 || clock_monotonic_us() < until_us); number++)
        rc = repair_key(work, &findings[number], number, &outcome, err);
    if (rc == 0)
        rc = close_findings(work, findings, number, &outcome, err);
    struct ledger_step step = {(int64_t)number, outcome.repaired + outcome.deleted, outcome.already_right};
    if (rc == 0) /* the range row comes last: it is locked for a moment only */
        rc = ledger_attempt_step(verify->ledger, db, verify->run, work->lease, work->owner, ttl_ms(work), &step, err);
    if (rc == 0)
        rc = db_flush(db, DB_COMMIT, NULL, NULL, 0, NULL, NULL, err);
    if (rc) {
        db_rollback(db);
        return rc;
    }
    count(work, findings, number, &outcome);
    *keys = number;
    return 0;
}

/* One row that cannot be written is left, with the reason, and the others go on. */
static int one_by_one(struct repair_work *work, const struct ledger_finding *findings, size_t number, struct err *err) {
    int rc = 0;
    for (size_t i = 0; i < number && rc == 0; i++) {
        size_t one = 1;
        rc = transaction(work, &findings[i], &one, err);
        if (rc != ERR_ROW && rc != ERR_DUPLICATE)
            continue;
        note_left(work, &findings[i], err_line(rc));
        err_clear(err);
        rc = 0;
    }
    return rc;
}

/* *number keys, or fewer: then it says how many. */
static int tried(struct repair_work *work, const struct ledger_finding *findings, size_t *number, struct err *err) {
    enum { TRIES = 5 };
    int rc = 0;
    for (int i = 0; i < TRIES; i++) {
        err_clear(err);
        rc = transaction(work, findings, number, err);
        if (rc != ERR_TRANSIENT && rc != ERR_LOCKED)
            break;
    }
    if ((rc != ERR_ROW && rc != ERR_DUPLICATE) || *number == 1)
        return rc;
    err_clear(err);
    return one_by_one(work, findings, *number, err);
}

int repair_keys(struct repair_work *work, const struct ledger_finding *findings, size_t number, struct err *err) {
    int rc = 0;
    for (size_t at = 0, some; at < number && rc == 0; at += some) {
        some = number - at < REPAIR_KEYS_MAX ? number - at : REPAIR_KEYS_MAX;
        rc = tried(work, findings + at, &some, err);
        if (some == 1 && (rc == ERR_ROW || rc == ERR_DUPLICATE)) {
            note_left(work, &findings[at], err_line(rc));
            err_clear(err);
            rc = 0;
        }
    }
    return rc;
}
