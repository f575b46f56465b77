/* rehearse.c - see rehearse.h. */
#include "preflight/rehearse.h"

#include "base/clock.h"
#include "base/text.h"
#include "preflight/forecast.h"

/* One batch and what it cost. */
struct rehearsed {
    const char *lo, *hi;
    int64_t rows, present, same; /* in the source; of these on the target; of these right already */
    int64_t written;
    int64_t us;      /* of finding where it ends, and of writing */
    int64_t held_us; /* its locks, at most: from the first statement until it was rolled back */
    int64_t read, updated, hot;
    bool asks_locks;
    const char *locks; /* or NULL */
    int64_t log_bytes;
    bool log_is_shared;
    const char *triggers;
    const char *error; /* class of what went wrong, or NULL */
};

struct facts {
    struct rehearsed batches[REHEARSE_MAX];
    size_t count;
    bool evenly;
    int64_t overhead_us; /* of each batch */
    bool commit_waits;
};

static int bind(struct rehearsal *rehearsal, const struct job *job, const struct rehearsed *batch, struct sql_value *values,
                struct err *err) {
    bool tagged = rehearsal->db->engine->tags_keys;
    int rc = batch->lo ? key_decode(batch->lo, job->map.key_count, tagged, rehearsal->arena, values + FILL_LO, err) : 0;
    return rc ? rc : key_decode(batch->hi, job->map.key_count, tagged, rehearsal->arena, values + FILL_HI, err);
}

static int ask(struct rehearsal *rehearsal, const struct stmt *stmt, const struct sql_value *values, struct db_result *result,
               struct err *err) {
    struct sql_value bound[STMT_ARGS_MAX];
    stmt_bind(stmt, values, bound);
    return db_query(rehearsal->db, &rehearsal->read_tx, stmt->text.data, bound, stmt->arg_count, rehearsal->arena, result, err);
}

/* How many rows there are, and how many of them are right already. */
static int look(struct rehearsal *rehearsal, const struct job *job, struct rehearsed *batch, const struct sql_value *values,
                struct err *err) {
    enum fill_form form = batch->lo ? FILL_ABOVE : FILL_OPEN;
    struct db_result result;
    if (!job->map.in_place) {
        int rc = ask(rehearsal, &job->sql.compare[form], values, &result, err);
        if (rc)
            return rc;
        batch->rows = db_cell_int(&result, 0, 0, 0);
        batch->present = db_cell_int(&result, 0, 1, 0);
        batch->same = db_cell_int(&result, 0, 2, 0);
        return 0;
    }
    int rc = ask(rehearsal, &job->sql.count[form], values, &result, err);
    batch->rows = batch->present = rc ? 0 : db_cell_int(&result, 0, 0, 0);
    if (rc == 0)
        rc = ask(rehearsal, &job->sql.differing[form], values, &result, err);
    if (rc == 0)
        batch->same = batch->rows - db_cell_int(&result, 0, 0, 0);
    return rc;
}

/* Inside the batch's transaction; adds up. */
static int write_with(struct rehearsal *rehearsal, const struct stmt *stmt, const struct sql_value *values, struct rehearsed *batch,
                      struct err *err) {
    struct sql_value bound[STMT_ARGS_MAX];
    struct db_cost cost;
    if (stmt->text.len == 0)
        return 0;
    stmt_bind(stmt, values, bound);
    const struct db_query query = {stmt->text.data, bound, stmt->arg_count, false};
    int rc = db_cost(rehearsal->db, &query, rehearsal->arena, &cost, err);
    if (rc)
        return rc;
    batch->written += (int64_t)cost.rows;
    batch->log_bytes = cost.log_bytes < 0 || batch->log_bytes < 0 ? DB_UNKNOWN : batch->log_bytes + cost.log_bytes;
    batch->log_is_shared = cost.log_is_shared;
    if (cost.triggers && cost.triggers[0])
        batch->triggers = cost.triggers;
    return 0;
}

/* The statements of a run at this place: plain INSERT until there is a duplicate. */
static int write_batch(struct rehearsal *rehearsal, const struct job *job, const struct sql_value *values, struct rehearsed *batch,
                       struct err *err) {
    enum fill_form form = batch->lo ? FILL_ABOVE : FILL_OPEN;
    const struct fill_sql *sql = &job->sql;
    if (job->map.in_place)
        return write_with(rehearsal, &sql->update[form], values, batch, err);
    if (job->map.on_conflict != FILL_OVERWRITE) {
        bool plain = batch->present == 0 || job->map.on_conflict == FILL_FAIL;
        return write_with(rehearsal, plain ? &sql->insert[form] : &sql->insert_missing[form], values, batch, err);
    }
    struct sql_value bound[STMT_ARGS_MAX];
    struct db_result locked;
    const struct stmt *lock = &sql->lock_source[form];
    stmt_bind(lock, values, bound);
    const struct db_query query = {lock->text.data, bound, lock->arg_count, true};
    int rc = lock->text.len ? db_flush(rehearsal->db, 0, NULL, &query, 1, rehearsal->arena, &locked, err) : 0;
    if (rc == 0)
        rc = write_with(rehearsal, &sql->overwrite[form], values, batch, err);
    return rc ? rc : write_with(rehearsal, &sql->insert_missing[form], values, batch, err);
}

/* What a run would try again, make a reject of, or park: told, and the rehearsal goes on. */
static bool is_part_of_it(int code) {
    return code == ERR_ROW || code == ERR_DUPLICATE || code == ERR_LOCKED || code == ERR_SLOW || code == ERR_TRANSIENT;
}

/* The counting itself is in no figure. */
static int write_counted(struct rehearsal *rehearsal, const struct job *job, const struct sql_value *values,
                         struct rehearsed *batch, struct err *err) {
    struct rehearse_counts before, after;
    int rc = rehearse_count(rehearsal, &before, err);
    int64_t begin_us = clock_monotonic_us();
    if (rc == 0)
        rc = write_batch(rehearsal, job, values, batch, err);
    batch->held_us = clock_monotonic_us() - begin_us;
    batch->us += batch->held_us;
    if (rc == 0)
        rc = rehearse_count(rehearsal, &after, err);
    if (rc)
        return rc;
    batch->read = after.is_known ? after.read - before.read : DB_UNKNOWN;
    batch->updated = after.updated - before.updated;
    batch->hot = after.hot - before.hot;
    if (batch->asks_locks)
        batch->locks = rehearse_locks(rehearsal);
    return 0;
}

static int rehearse_batch(struct rehearsal *rehearsal, const struct job *job, struct rehearsed *batch, struct err *err) {
    struct sql_value values[FILL_N + 1] = {{0}};
    int rc = bind(rehearsal, job, batch, values, err);
    if (rc == 0)
        rc = look(rehearsal, job, batch, values, err);
    if (rc == 0)
        rc = db_flush(rehearsal->db, DB_BEGIN, &rehearsal->tx, NULL, 0, NULL, NULL, err);
    if (rc == 0)
        rc = write_counted(rehearsal, job, values, batch, err);
    int64_t begin_us = clock_monotonic_us();
    db_rollback(rehearsal->db);
    batch->held_us += clock_monotonic_us() - begin_us;
    if (!is_part_of_it(rc) || db_is_dead(rehearsal->db))
        return rc;
    batch->error = err_name(rc);
    err_clear(err);
    return 0;
}

/* Places near one another may lead to the same rows: a batch begins no lower than the one before it ended. */
static int rehearse_all(struct rehearsal *rehearsal, const struct job *job, const char *last_key, struct facts *facts,
                        struct err *err) {
    const char *before = NULL;
    facts->evenly = true;
    int failed = rehearse_overhead(rehearsal, &facts->overhead_us, &facts->commit_waits, err);
    if (failed)
        return failed;
    for (size_t n = 0; n < rehearsal->batches; n++) {
        struct rehearsed *batch = &facts->batches[facts->count];
        bool evenly, is_above = true;
        *batch = (struct rehearsed){.triggers = "", .read = DB_UNKNOWN, .asks_locks = n == 0};
        int rc = rehearse_spread(rehearsal, job, last_key, n, rehearsal->batches, &batch->lo, &evenly, err);
        facts->evenly = facts->evenly && evenly;
        if (rc == 0 && before && batch->lo)
            rc = job_key_is_above(job, rehearsal->db, &rehearsal->read_tx, batch->lo, before, &is_above, err);
        if (!is_above || (before && batch->lo == NULL))
            batch->lo = before;
        int64_t begin_us = clock_monotonic_us();
        if (rc == 0)
            rc = rehearse_bound(rehearsal, job, batch->lo, last_key, rehearsal->plan->set.batch_rows, &batch->hi, err);
        if (rc)
            return rc;
        batch->us = clock_monotonic_us() - begin_us;
        bool is_last = batch->hi == NULL;
        if (is_last)
            batch->hi = last_key;
        if ((rc = rehearse_batch(rehearsal, job, batch, err)) != 0)
            return rc;
        before = batch->hi;
        facts->count++;
        if (is_last)
            break;
    }
    return 0;
}

static json_t *batch_json(const struct rehearsed *batch) {
    return json_pack("{s:s?, s:s, s:I, s:I, s:I, s:I, s:f, s:f, s:o, s:o, s:s?, s:s?}", "lo", batch->lo, "hi", batch->hi, "rows",
                     (json_int_t)batch->rows, "present", (json_int_t)batch->present, "same", (json_int_t)batch->same, "written",
                     (json_int_t)batch->written, "milliseconds", (double)batch->us / 1000.0, "held_milliseconds",
                     (double)batch->held_us / 1000.0, "read",
                     batch->read < 0 || batch->error ? json_null() : json_integer(batch->read), "log_bytes",
                     batch->log_bytes < 0 || batch->error ? json_null() : json_integer(batch->log_bytes), "triggers",
                     batch->triggers, "error", batch->error);
}

static json_t *number(double value) {
    return value < 0 ? json_null() : json_real(value);
}

/* NULL: the plan says nothing, or nobody knows. */
static json_t *fits(const struct forecast *forecast, int64_t max_us) {
    return max_us > 0 && forecast->seconds >= 0 ? json_boolean(forecast->seconds_high * 1e6 <= (double)max_us) : json_null();
}

static json_t *forecast_json(const struct forecast *forecast, double log_bytes, int64_t max_us) {
    return json_pack("{s:{s:o, s:o, s:o}, s:f, s:o, s:o, s:{s:I, s:I, s:I, s:s?}}", "seconds", "expected",
                     number(forecast->seconds), "low", number(forecast->seconds_low), "high", number(forecast->seconds_high),
                     "confidence", 0.9, "log_bytes", log_bytes < 0 ? json_null() : json_integer((json_int_t)log_bytes),
                     "fits_active_max", fits(forecast, max_us), "recommended", "batch.rows", (json_int_t)forecast->batch_rows,
                     "workers", (json_int_t)forecast->workers, "pace.rows_per_second", (json_int_t)forecast->rows_per_second,
                     "finish_within", forecast->finish_within[0] ? forecast->finish_within : NULL);
}

struct sums {
    double us_per_row[REHEARSE_MAX];
    size_t count; /* of batches that went through and had rows */
    int64_t rows, written, same, log_bytes, us, read, updated, hot, held_us;
    const char *locks;
    bool log_is_known, log_is_shared, read_is_known;
};

static void add_up(const struct facts *facts, struct sums *sums) {
    *sums = (struct sums){.log_is_known = true, .read_is_known = true};
    for (size_t i = 0; i < facts->count; i++) {
        const struct rehearsed *batch = &facts->batches[i];
        sums->held_us = batch->held_us > sums->held_us ? batch->held_us : sums->held_us;
        if (batch->error || batch->rows == 0)
            continue;
        sums->us_per_row[sums->count++] = (double)batch->us / (double)batch->rows;
        sums->rows += batch->rows;
        sums->written += batch->written;
        sums->same += batch->same;
        sums->us += batch->us;
        sums->log_bytes += batch->log_bytes;
        sums->log_is_known = sums->log_is_known && batch->log_bytes >= 0;
        sums->read += batch->read;
        sums->updated += batch->updated;
        sums->hot += batch->hot;
        sums->read_is_known = sums->read_is_known && batch->read >= 0;
        sums->locks = batch->locks ? batch->locks : sums->locks;
        sums->log_is_shared = sums->log_is_shared || batch->log_is_shared;
    }
}

static json_t *rehearsal_json(const struct rehearsal *rehearsal, const struct job *job, const struct facts *facts) {
    const struct plan_settings *set = &rehearsal->plan->set;
    struct sums sums;
    json_t *batches = json_array(), *forecast = json_null();
    for (size_t i = 0; i < facts->count; i++)
        json_array_append_new(batches, batch_json(&facts->batches[i]));
    add_up(facts, &sums);
    double log_per_row = sums.rows > 0 && sums.log_is_known ? (double)sums.log_bytes / (double)sums.rows : -1;
    int64_t rows = job->source->row_estimate;
    if (sums.count > 0) {
        struct forecast made;
        forecast_make(&(struct forecast_facts){.us_per_row = sums.us_per_row,
                                               .count = sums.count,
                                               .rows = rows,
                                               .rows_per_second = set->pace_rows_per_second,
                                               .workers = job->map.dialect->concurrent_writers ? set->workers : 1,
                                               .target_us = set->batch_target_time_us,
                                               .rows_max = set->batch_rows_max,
                                               .overhead_us = facts->overhead_us,
                                               .batch_rows = set->batch_rows},
                      &made);
        json_decref(forecast);
        forecast = forecast_json(&made, rows < 0 || log_per_row < 0 ? -1 : log_per_row * (double)rows, set->phase_active_max_us);
    }
    return json_pack("{s:o, s:b, s:I, s:I, s:I, s:o, s:o, s:b, s:o, s:o, s:{s:s?, s:f}, s:{s:f, s:b}, s:o}", "batches", batches,
                     "evenly", facts->evenly, "rows", (json_int_t)sums.rows, "written", (json_int_t)sums.written, "same",
                     (json_int_t)sums.same, "rows_per_second",
                     sums.us > 0 ? json_real((double)sums.rows * 1e6 / (double)sums.us) : json_null(), "log_bytes_per_row",
                     number(log_per_row), "log_is_shared", sums.log_is_shared, "read_per_written",
                     number(sums.read_is_known && sums.written > 0 ? (double)sums.read / (double)sums.written : -1), "hot_ratio",
                     number(sums.updated > 0 ? (double)sums.hot / (double)sums.updated : -1), "locks", "held", sums.locks,
                     "longest_milliseconds", (double)sums.held_us / 1000.0, "overhead", "milliseconds",
                     (double)facts->overhead_us / 1000.0, "waits_for_log", facts->commit_waits, "forecast", forecast);
}

static const struct job *job_named(const struct jobs *jobs, const char *name) {
    for (size_t i = 0; i < jobs->count; i++)
        if (text_equal(jobs->jobs[i].name, name))
            return &jobs->jobs[i];
    return NULL;
}

int rehearse(struct rehearsal *rehearsal, const struct jobs *jobs, json_t *document, struct err *err) {
    size_t i;
    json_t *fill;
    json_array_foreach (json_object_get(document, "fills"), i, fill) {
        const struct job *job = job_named(jobs, json_string_value(json_object_get(fill, "fill")));
        const char *last_key = json_string_value(json_object_get(fill, "last_key"));
        struct facts facts = {.count = 0};
        if (job == NULL || !job->has_sql)
            continue;
        int rc = last_key ? rehearse_all(rehearsal, job, last_key, &facts, err) : 0;
        if (rc) {
            err_where(err, "rehearsing fill %s", job->name);
            return rc;
        }
        json_t *made = rehearsal_json(rehearsal, job, &facts);
        if (made == NULL || json_object_set_new(fill, "rehearsal", made) != 0)
            return err_nomem(err);
    }
    return 0;
}
