/* way.c - the ways rows get to the target, and how each is accounted for. */
#include "fill/batch.h"

enum way way_of(const struct worker *worker) {
    const struct fill_map *map = &worker->job->map;
    if (map->in_place)
        return WAY_UPDATE;
    if (map->on_conflict == FILL_OVERWRITE)
        return WAY_OVERWRITE;
    if (worker->lease.keep)
        return WAY_MISSING;
    return worker->counted && worker_sql(worker)->insert_counted[0].text.len ? WAY_COUNTED : WAY_INSERT;
}

void way_choose(const struct worker *worker, struct places *at) {
    *at = (struct places){way_of(worker), -1, -1, -1, -1, -1, -1, -1, {-1, -1}, 0};
}

const struct stmt *way_statement(const struct worker *worker) {
    const struct fill_sql *sql = worker_sql(worker);
    int form = worker_lower(worker) != NULL;
    switch (way_of(worker)) {
    case WAY_COUNTED:
        return &sql->insert_counted[form];
    case WAY_MISSING:
    case WAY_OVERWRITE:
        return &sql->insert_missing[form];
    case WAY_UPDATE:
        return worker->ordered ? &sql->update_ordered[form] : &sql->update[form];
    default:
        return &sql->insert[form];
    }
}

const char *way_name(const struct worker *worker) {
    static const char *const names[] = {[WAY_INSERT] = "INSERT",
                                        [WAY_COUNTED] = "INSERT, counted",
                                        [WAY_MISSING] = "INSERT of missing rows",
                                        [WAY_OVERWRITE] = "INSERT and UPDATE",
                                        [WAY_UPDATE] = "UPDATE"};
    return names[way_of(worker)];
}

/* The number of rows is known when the bound was found and where: hides none of them. */
static bool count_is_known(const struct worker *worker) {
    return worker->batch.rows >= 0 && worker->job->map.where == NULL;
}

static int add(struct flush *flush, const struct stmt *stmt, const struct sql_value *values, bool returns_rows) {
    return (int)flush_add(flush, stmt, values, returns_rows);
}

void way_add(struct worker *worker, struct flush *flush, const struct sql_value *values, struct places *at) {
    const struct fill_sql *sql = worker_sql(worker);
    bool counts_itself = worker->job->map.dialect->update_counts_changes;
    int form = worker_lower(worker) != NULL;
    switch (at->way) {
    case WAY_INSERT:
        if (!count_is_known(worker) || worker->counted)
            at->count = add(flush, &sql->count[form], values, true);
        at->insert = add(flush, &sql->insert[form], values, false);
        break;
    case WAY_COUNTED:
        at->count = add(flush, &sql->insert_counted[form], values, true);
        break;
    case WAY_OVERWRITE:
        if (sql->lock_source[form].text.len)
            add(flush, &sql->lock_source[form], values, true);
        at->compare = add(flush, &sql->compare[form], values, true);
        if (sql->overwrite[form].text.len)
            at->change = add(flush, &sql->overwrite[form], values, false);
        at->insert = add(flush, &sql->insert_missing[form], values, false);
        break;
    case WAY_MISSING:
        at->compare = add(flush, &sql->compare[form], values, true);
        at->insert = add(flush, &sql->insert_missing[form], values, false);
        break;
    case WAY_UPDATE:
        if (!counts_itself && !count_is_known(worker))
            at->count = add(flush, &sql->count[form], values, true);
        at->change = add(flush, worker->ordered ? &sql->update_ordered[form] : &sql->update[form], values, false);
        if (worker->job->writes_blind)
            at->differing = add(flush, &sql->differing[form], values, true);
        break;
    }
}

/* The numbers do not fit. Another session's commit between two of our statements explains it where there can be one: the batch is tried
 * again, and a few times later it is called what it is. Two source rows with one match value meet in the server when duplicates are left
 * alone: one by one, the second is a row that is there already. */
static int mismatch(struct worker *worker, const char *what, int64_t expected, int64_t found, struct err *err) {
    enum { EXPLAINED_BY_OTHERS = 5 };
    bool others = worker->job->map.dialect->concurrent_writers && worker->mismatches++ < EXPLAINED_BY_OTHERS;
    bool among_themselves = found < expected && worker->lease.keep && worker->batch.asked > 1 && worker->batch.rows != 1;
    err_set(err,
            others             ? ERR_TRANSIENT
            : among_themselves ? ERR_ROW
                               : ERR_ACCOUNT,
            "fill %s, range %lld: %s: %lld rows were expected and %lld came", worker->job->name, (long long)worker->lease.range_no,
            what, (long long)expected, (long long)found);
    if (err->code == ERR_ACCOUNT)
        err_next(err, "the batch was rolled back; a trigger or rule on %s swallows rows", worker->job->target_name);
    return err->code;
}

static int account_insert(struct worker *worker, const struct flush *flush, const struct places *at, struct err *err) {
    struct batch *batch = &worker->batch;
    const struct sql_dialect *dialect = worker->job->map.dialect;
    bool can_count = worker_sql(worker)->insert_counted[0].text.len > 0;
    int64_t inserted = (int64_t)flush->results[at->insert].affected;
    int64_t expected = at->count >= 0 ? db_cell_int(&flush->results[at->count], 0, 0, -1) : batch->rows;
    batch->written = inserted;
    batch->seen = inserted;
    if (inserted == expected)
        return 0;
    /* No trigger of this engine can leave a row out without an error: the difference is what others committed in between. */
    if (dialect->concurrent_writers && !can_count)
        return 0;
    /* The bound was looked up in another transaction: counted inside this one, the number is exact where we are the only writer. */
    if (!can_count && at->count >= 0)
        return mismatch(worker, "INSERT", expected, inserted, err);
    worker->counted = true;
    return err_set(err, ERR_TRANSIENT, "rows came or went between two statements: the batch is counted in one");
}

static int account_counted(struct worker *worker, const struct flush *flush, const struct places *at, struct err *err) {
    int64_t selected = db_cell_int(&flush->results[at->count], 0, 0, -1),
            inserted = db_cell_int(&flush->results[at->count], 0, 1, -2);
    worker->batch.seen = worker->batch.written = inserted;
    if (selected == inserted)
        return 0;
    worker->mismatches = UINT16_MAX; /* one snapshot: nobody else explains it */
    return mismatch(worker, "INSERT", selected, inserted, err);
}

/* Rows that an UPDATE really changed: some engines match equal rows too and tell the two apart. */
static int64_t changed_rows(const struct worker *worker, const struct db_result *update) {
    return (int64_t)(worker->job->map.dialect->update_counts_changes ? update->changed : update->affected);
}

static int account_compared(struct worker *worker, const struct flush *flush, const struct places *at, struct err *err) {
    const struct db_result *compare = &flush->results[at->compare];
    struct batch *batch = &worker->batch;
    int64_t total = db_cell_int(compare, 0, 0, -1), present = db_cell_int(compare, 0, 1, -1), same = db_cell_int(compare, 0, 2, -1);
    int64_t inserted = (int64_t)flush->results[at->insert].affected;
    int64_t changed = at->change >= 0 ? changed_rows(worker, &flush->results[at->change]) : 0;
    batch->seen = total;
    batch->same = same;
    batch->written = inserted + changed;
    batch->kept = present - same - (at->change >= 0 ? changed : 0);
    if (inserted != total - present)
        return mismatch(worker, "INSERT of missing rows", total - present, inserted, err);
    if (at->change >= 0 && changed != present - same)
        return mismatch(worker, "UPDATE of different rows", present - same, changed, err);
    return 0;
}

static int account_update(struct worker *worker, const struct flush *flush, const struct places *at, struct err *err) {
    struct batch *batch = &worker->batch;
    const struct db_result *update = &flush->results[at->change];
    bool counts_itself = worker->job->map.dialect->update_counts_changes;
    batch->written = changed_rows(worker, update);
    batch->seen = counts_itself    ? (int64_t)update->affected
                  : at->count >= 0 ? db_cell_int(&flush->results[at->count], 0, 0, 0)
                                   : batch->rows;
    if (batch->seen < batch->written)
        batch->seen = batch->written; /* rows born between the two statements */
    batch->same = batch->seen - batch->written;
    int64_t left = at->differing >= 0 ? db_cell_int(&flush->results[at->differing], 0, 0, -1) : 0;
    return left == 0 ? 0 : mismatch(worker, "rows that still differ after UPDATE", 0, left, err);
}

int way_account(struct worker *worker, const struct flush *flush, const struct places *at, struct err *err) {
    int written[] = {at->change, at->insert};
    for (size_t i = 0; i < 2; i++)
        if (written[i] >= 0 && flush->results[written[i]].warnings > 0)
            return err_set(err, ERR_ROW, "the server warns about a value that it changed while storing it");
    switch (at->way) {
    case WAY_INSERT:
        return account_insert(worker, flush, at, err);
    case WAY_COUNTED:
        return account_counted(worker, flush, at, err);
    case WAY_MISSING:
    case WAY_OVERWRITE:
        return account_compared(worker, flush, at, err);
    case WAY_UPDATE:
        return account_update(worker, flush, at, err);
    }
    return 0;
}
