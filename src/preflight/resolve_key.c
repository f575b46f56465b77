/* resolve_key.c - the key a fill walks, and the match that finds a key's row in the target. */
#include "base/text.h"
#include "preflight/resolve.h"
#include "sql/expr.h"

static const char *join(struct arena *arena, const char *const *names, size_t count) {
    struct buf text;
    buf_init(&text);
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%s%s", i ? ", " : "", names[i]);
    const char *joined = buf_ok(&text) ? arena_strdup(arena, text.data) : NULL;
    buf_release(&text);
    return joined ? joined : "";
}

/* A column can be part of a key when its values have an exact text and an order, and are never NULL. */
static void check_key_column(struct jobs *jobs, struct job *job, const struct sql_dialect *dialect,
                             const struct sql_column *column) {
    const char *reason = dialect->key_refused(column);
    if (reason)
        problem_add(&jobs->problems, job->name, "key", PROBLEM_FAIL,
                    "name other columns under key:", "%s (%s) cannot be part of the key: %s", column->name, column->type, reason);
    if (!column->not_null)
        problem_add(&jobs->problems, job->name, "key", PROBLEM_FAIL,
                    "ALTER the column to NOT NULL, or name other columns under key:",
                    "%s may be NULL: rows without a key would silently be left out", column->name);
}

/* Unique when some plain unique index covers a part of the columns: (created_at, id) is unique because id is. */
static bool is_unique(const struct sql_table *table, const char *const *names, size_t count) {
    for (size_t i = 0; i < table->index_count; i++) {
        const struct sql_index *index = &table->indexes[i];
        if (!index->is_unique || index->is_partial || index->is_expression || index->is_deferrable || !index->is_valid)
            continue;
        size_t covered = 0;
        for (size_t c = 0; c < index->column_count; c++)
            for (size_t n = 0; n < count; n++)
                if (text_equal(index->columns[c], names[n]))
                    covered++;
        if (covered == index->column_count)
            return true;
    }
    return false;
}

static bool is_wider_unique(const struct sql_table *table, const char *const *names, size_t count) {
    for (size_t i = 0; i < table->index_count; i++) {
        const struct sql_index *index = &table->indexes[i];
        if (index->is_unique && (index->is_partial || index->is_expression || index->is_deferrable || !index->is_valid) &&
            index->column_count == count && text_equal(index->columns[0], names[0]))
            return true;
    }
    return false;
}

static void check_key_index(struct jobs *jobs, struct job *job, const char *const *names, size_t count) {
    const char *list = join(&jobs->arena, names, count);
    if (!is_unique(job->source, names, count))
        problem_add(
            &jobs->problems, job->name, "key", PROBLEM_FAIL,
            is_wider_unique(job->source, names, count)
                ? "the unique index over them is partial, deferrable, over an expression or not valid; a plain one is needed"
                : "add the primary key's columns behind them, or name unique columns",
            "key (%s) of %s is not unique: batches could skip rows that share a key", list, job->source->name);
    const struct sql_index *index = sql_table_range_index(job->source, names, count);
    if (index == NULL) {
        problem_add(&jobs->problems, job->name, "key", PROBLEM_FAIL, "create an index over exactly these columns, in this order",
                    "no index of %s begins with (%s): every batch would read the whole table", job->source->name, list);
        return;
    }
    job->map.key_index = index->name;
}

static void key_names(const struct job *job, const char *const **names, size_t *count) {
    *names = job->plan->key.names;
    *count = job->plan->key.count;
    const struct sql_index *primary = sql_table_primary(job->source);
    if (*count == 0 && primary) {
        *names = primary->columns;
        *count = primary->column_count;
    }
}

static void resolve_source_key(struct jobs *jobs, struct job *job, const struct sql_dialect *dialect) {
    const char *const *names;
    size_t count;
    key_names(job, &names, &count);
    if (count == 0) {
        problem_add(&jobs->problems, job->name, "key", PROBLEM_FAIL,
                    "name unique, indexed columns under key:", "%s has no primary key", job->source->name);
        return;
    }
    if (count > KEY_COLUMNS_MAX) {
        problem_add(&jobs->problems, job->name, "key", PROBLEM_FAIL, "", "a key has at most %d columns", KEY_COLUMNS_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct sql_column *column = sql_table_column(job->source, names[i]);
        if (column == NULL) {
            problem_add(&jobs->problems, job->name, "key", PROBLEM_FAIL, "", "key column %s is not a column of %s", names[i],
                        job->source->name);
            return;
        }
        check_key_column(jobs, job, dialect, column);
        job->map.key[job->map.key_count++] = column;
    }
    check_key_index(jobs, job, names, count);
}

static void add_match(struct job *job, const struct fill_value *value) {
    job->map.match[job->map.match_count] = value->column;
    job->map.match_expr[job->map.match_count++] = value->expr;
}

/* match: left out: the target of every key column that is copied as it is. */
static void derive_match(struct jobs *jobs, struct job *job, const struct sql_dialect *dialect) {
    for (size_t k = 0; k < job->map.key_count; k++) {
        const struct fill_value *found = NULL;
        for (size_t v = 0; v < job->map.value_count && !found; v++)
            if (expr_is_column(dialect, job->map.values[v].expr, job->map.key[k]))
                found = &job->map.values[v];
        if (found == NULL) {
            problem_add(&jobs->problems, job->name, "match", PROBLEM_FAIL, "name the target's unique columns under match:",
                        "key column %s is copied to no column of %s as it is, so the row of a key cannot be found there",
                        job->map.key[k]->name, job->target->name);
            return;
        }
        add_match(job, found);
    }
}

static void given_match(struct jobs *jobs, struct job *job) {
    if (job->plan->match.count > KEY_COLUMNS_MAX) {
        problem_add(&jobs->problems, job->name, "match", PROBLEM_FAIL, "", "match has at most %d columns", KEY_COLUMNS_MAX);
        return;
    }
    for (size_t m = 0; m < job->plan->match.count; m++) {
        const struct fill_value *found = NULL;
        for (size_t v = 0; v < job->map.value_count && !found; v++)
            if (text_equal(job->map.values[v].column->name, job->plan->match.names[m]))
                found = &job->map.values[v];
        if (found == NULL) {
            problem_add(&jobs->problems, job->name, "match", PROBLEM_FAIL, "give it an expression under columns:, or carry it",
                        "match column %s is not filled by this fill", job->plan->match.names[m]);
            return;
        }
        add_match(job, found);
    }
}

/* A NULL is equal to nothing, and unique indexes let it in as often as it comes: the row of a batch that is tried again is not found. */
static void check_match_null(struct jobs *jobs, struct job *job, const struct sql_column *column) {
    if (!column->not_null)
        problem_add(&jobs->problems, job->name, "match", PROBLEM_FAIL,
                    "ALTER TABLE ... SET NOT NULL, or name other columns under match:",
                    "match column %s of %s may be NULL: NULL matches nothing, so a row that is tried twice would be there twice",
                    column->name, job->target->name);
}

static void check_match_index(struct jobs *jobs, struct job *job) {
    const char *names[KEY_COLUMNS_MAX];
    for (size_t i = 0; i < job->map.match_count; i++) {
        names[i] = job->map.match[i]->name;
        check_match_null(jobs, job, job->map.match[i]);
    }
    if (job->map.match_count == 0)
        return;
    if (sql_table_unique(job->target, names, job->map.match_count, true) == NULL)
        problem_add(&jobs->problems, job->name, "match", PROBLEM_FAIL, "create a plain unique index over exactly these columns",
                    "%s has no unique index over match (%s): a row that is tried twice would be there twice", job->target->name,
                    join(&jobs->arena, names, job->map.match_count));
}

/* In place, a fill that changes its own key would walk over rows it has moved. */
static void check_in_place(struct jobs *jobs, struct job *job) {
    for (size_t v = 0; v < job->map.value_count; v++)
        for (size_t k = 0; k < job->map.key_count; k++)
            if (job->map.values[v].column == job->map.key[k])
                problem_add(&jobs->problems, job->name, "key", PROBLEM_FAIL,
                            "name another key under key:", "set: changes %s, which is part of the key that the fill walks",
                            job->map.key[k]->name);
}

static void check_hint(struct jobs *jobs, struct job *job, const struct sql_dialect *dialect) {
    const struct plan_names *hint = &job->plan->hint;
    if (hint->count == 0)
        return;
    const char *reason = hint->count > DB_AVOID_MAX ? "these are too many"
                         : dialect->hint_refused
                             ? dialect->hint_refused(job->source, job->map.key[0]->name, hint->names, hint->count)
                             : "this engine takes none";
    if (reason)
        problem_add(&jobs->problems, job->name, "hint", PROBLEM_FAIL, "mend or leave out hint:", "hint (%s): %s",
                    join(&jobs->arena, hint->names, hint->count), reason);
}

void resolve_key(struct jobs *jobs, struct job *job, const struct sql_dialect *dialect, const struct plan_settings *set) {
    resolve_source_key(jobs, job, dialect);
    if (job->map.key_count == 0)
        return;
    check_hint(jobs, job, dialect);
    if (set->range_every_us > 0) {
        const char *reason =
            dialect->period_refused ? dialect->period_refused(job->map.key[0], set->range_every_us) : "not on this engine";
        if (reason)
            problem_add(&jobs->problems, job->name, "range", PROBLEM_FAIL, "range: {rows: ...}", "range: {every: ...}: %s", reason);
    }
    if (job->map.in_place) {
        check_in_place(jobs, job);
        return;
    }
    if (job->plan->match.count > 0)
        given_match(jobs, job);
    else
        derive_match(jobs, job, dialect);
    check_match_index(jobs, job);
}
