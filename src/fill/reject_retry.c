/* reject_retry.c - see reject_retry.h. */
#include "fill/reject_retry.h"

#include "base/digest.h"
#include "base/text.h"
#include "fill/flush.h"
#include "fill/run.h"

enum { ARGS = FILL_N + 1 };

/* One reject on its way: its job, the values of the fill's statements and of the ledger's. */
struct one {
    struct reject_retry *retry;
    const struct ledger_reject *reject;
    struct job *job;
    struct arena *arena;
    struct sql_value fill[ARGS];
    struct sql_value ledger[LEDGER_A_COUNT];
    int64_t written;
};

static struct job *find_job(struct jobs *jobs, const char *name) {
    for (size_t i = 0; i < jobs->count; i++)
        if (text_equal(jobs->jobs[i].name, name))
            return &jobs->jobs[i];
    return NULL;
}

static int bind(struct one *one, struct err *err) {
    const struct fill_map *map = &one->job->map;
    bool tagged = one->retry->db->engine->tags_keys;
    char *hash = arena_alloc(one->arena, DIGEST_HEX_SIZE);
    if (hash == NULL)
        return err_nomem(err);
    int rc = key_decode(one->reject->key, map->key_count, tagged, one->arena, one->fill + FILL_LO, err);
    if (rc == 0)
        rc = key_decode(one->reject->key, map->key_count, tagged, one->arena, one->fill + FILL_HI, err);
    if (rc == 0)
        rc = digest_sha256_hex(one->reject->key, strlen(one->reject->key), hash, err);
    one->fill[FILL_N] = flush_int(one->arena, 1);
    one->ledger[LEDGER_A_RUN] = flush_int(one->arena, one->retry->run);
    one->ledger[LEDGER_A_FILL] = value_text(one->reject->fill);
    one->ledger[LEDGER_A_RANGE] = flush_int(one->arena, one->reject->range_no);
    one->ledger[LEDGER_A_KEY_HASH] = value_text(hash);
    return rc;
}

/* The row of the key: written if it is missing, brought up to date where the fill does that. A source row that is gone writes nothing. */
static void add_write(struct one *one, struct flush *flush) {
    const struct fill_sql *sql = &one->job->sql;
    if (one->job->map.in_place) {
        flush_add(flush, &sql->update[FILL_FROM], one->fill, false);
        return;
    }
    if (one->job->map.on_conflict == FILL_OVERWRITE && sql->overwrite[FILL_FROM].text.len)
        flush_add(flush, &sql->overwrite[FILL_FROM], one->fill, false);
    flush_add(flush, &sql->insert_missing[FILL_FROM], one->fill, false);
}

/* How the row stands on the target. In place: `total` is not known, and a row that does not differ is the same. */
static void add_look(struct one *one, struct flush *flush) {
    const struct fill_sql *sql = &one->job->sql;
    flush_add(flush, one->job->map.in_place ? &sql->differing[FILL_FROM] : &sql->compare[FILL_FROM], one->fill, true);
}

struct standing {
    int64_t missing, differing, same;
};

static struct standing read_look(const struct one *one, const struct db_result *look) {
    if (one->job->map.in_place)
        return (struct standing){.differing = db_cell_int(look, 0, 0, -1)};
    int64_t total = db_cell_int(look, 0, 0, -1), present = db_cell_int(look, 0, 1, -1), same = db_cell_int(look, 0, 2, -1);
    return (struct standing){total - present, present - same, same};
}

/* Transaction, reject locked, the row looked at. *locked is false when somebody else has dealt with the reject meanwhile. */
static int begin(struct one *one, struct standing *before, bool *locked, struct err *err) {
    struct db_tx tx = plan_tx(one->retry->plan, false, false);
    struct flush flush;
    flush_init(&flush, one->arena);
    flush_add(&flush, ledger_reject_lock(one->retry->ledger), one->ledger, true);
    add_look(one, &flush);
    int rc = flush_run(&flush, one->retry->db, DB_BEGIN, &tx, err);
    if (rc)
        return rc;
    *locked = flush.results[0].row_count == 1;
    *before = read_look(one, &flush.results[1]);
    if (one->job->map.on_conflict == FILL_FAIL && before->differing + before->same > 0)
        return err_set(err, ERR_DUPLICATE, "the row is in %s already, and on_conflict is fail", one->job->target_name);
    return 0;
}

/* Written, and looked at again: a trigger that swallows the row, or a server that bends a value, leaves the reject open. */
static int write_and_look(struct one *one, struct err *err) {
    struct flush flush;
    flush_init(&flush, one->arena);
    add_write(one, &flush);
    size_t writes = flush.count;
    add_look(one, &flush);
    int rc = flush_run(&flush, one->retry->db, 0, NULL, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < writes; i++)
        if (flush.results[i].warnings > 0)
            return err_set(err, ERR_ROW, "the server warns about a value that it changed while storing it");
    struct standing after = read_look(one, &flush.results[writes]);
    bool may_differ = !one->job->map.in_place && one->job->map.on_conflict != FILL_OVERWRITE;
    if (after.missing != 0 || (after.differing != 0 && !may_differ))
        return err_set(err, ERR_ACCOUNT, "the row was sent and did not arrive: a trigger or rule on %s swallows it",
                       one->job->target_name);
    return 0;
}

/* The range's counters get what became of the row; a source row that is gone is only no reject any more. */
static int mark(struct one *one, const struct standing *before, struct err *err) {
    struct flush flush;
    bool changes = one->job->map.in_place || one->job->map.on_conflict == FILL_OVERWRITE;
    flush_init(&flush, one->arena);
    one->written = before->missing + (changes ? before->differing : 0);
    one->ledger[LEDGER_A_WRITTEN] = flush_int(one->arena, one->written);
    one->ledger[LEDGER_A_SAME] = flush_int(one->arena, before->same);
    one->ledger[LEDGER_A_KEPT] = flush_int(one->arena, changes ? 0 : before->differing);
    flush_add(&flush, ledger_reject_done(one->retry->ledger), one->ledger, false);
    flush_add(&flush, ledger_reject_count(one->retry->ledger), one->ledger, false);
    return flush_run(&flush, one->retry->db, DB_COMMIT, NULL, err);
}

static int write_row(struct one *one, struct err *err) {
    struct standing before;
    bool locked = false;
    int rc = begin(one, &before, &locked, err);
    if (rc == 0 && !locked) {
        db_rollback(one->retry->db);
        return 0;
    }
    if (rc == 0)
        rc = write_and_look(one, err);
    if (rc == 0)
        return mark(one, &before, err);
    db_rollback(one->retry->db);
    return rc;
}

static int note_failure(struct one *one, const struct err *cause, struct err *err) {
    struct db_tx tx = plan_tx(one->retry->plan, false, false);
    struct flush flush;
    flush_init(&flush, one->arena);
    one->ledger[LEDGER_A_CLASS] = value_text(err_name(cause->code));
    one->ledger[LEDGER_A_SQLSTATE] = value_text(cause->sqlstate);
    one->ledger[LEDGER_A_CONSTRAINT] = value_text(cause->constraint);
    flush_add(&flush, ledger_reject_failed(one->retry->ledger), one->ledger, false);
    return flush_run(&flush, one->retry->db, DB_ONE_TX, &tx, err);
}

static int retry_one(struct reject_retry *retry, const struct ledger_reject *reject, struct arena *arena, struct err *err) {
    struct one one = {.retry = retry, .reject = reject, .job = find_job(retry->jobs, reject->fill), .arena = arena};
    if (one.job == NULL || !one.job->has_sql)
        return err_set(err, ERR_REFUSED, "fill %s of the reject is not in the plan", reject->fill);
    int rc = bind(&one, err);
    if (rc)
        return rc;
    retry->tried++;
    rc = write_row(&one, err);
    if (rc == 0) {
        retry->written += one.written;
        return 0;
    }
    if (rc != ERR_ROW && rc != ERR_DUPLICATE && rc != ERR_ACCOUNT)
        return rc;
    struct err cause = *err;
    err_clear(err);
    retry->still_open++;
    return note_failure(&one, &cause, err);
}

int reject_retry_all(struct reject_retry *retry, struct err *err) {
    struct arena list, one;
    struct ledger_reject *rejects = NULL;
    size_t count = 0;
    arena_init(&list);
    arena_init(&one);
    int rc = ledger_rejects(retry->ledger, retry->db, retry->run, "open", &list, &rejects, &count, err);
    for (size_t i = 0; i < count && rc == 0; i++) {
        arena_reset(&one);
        rc = retry_one(retry, &rejects[i], &one, err);
        if (rc)
            err_where(err, "fill %s, reject %.200s", rejects[i].fill, rejects[i].key);
    }
    arena_release(&one);
    arena_release(&list);
    return rc;
}
