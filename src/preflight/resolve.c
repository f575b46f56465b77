/* resolve.c - see resolve.h: the tables of each fill, and the order of the steps. */
#include "preflight/resolve.h"

#include "base/mem.h"
#include "base/text.h"

static const char *display_name(struct arena *arena, const struct sql_table *table) {
    if (table->schema && table->schema[0])
        return arena_printf(arena, "%s.%s", table->schema, table->name);
    return arena_strdup(arena, table->name);
}

/* A table that does not exist is a problem of the plan; anything else that goes wrong is an error. */
static int describe(struct jobs *jobs, struct job *job, struct db *db, const struct plan_table *name, struct sql_table **table,
                    struct err *err) {
    int rc = db_describe(db, name->schema, name->name, &jobs->arena, table, err);
    if (rc != ERR_NOT_FOUND)
        return rc;
    problem_add(&jobs->problems, job->name, "table", PROBLEM_FAIL, "names in a plan are the exact catalog spelling", "%s",
                err->message);
    err_clear(err);
    *table = NULL;
    return 0;
}

static void check_table(struct jobs *jobs, struct job *job, const struct sql_table *table, bool written) {
    struct problems *problems = &jobs->problems;
    if (table->is_view)
        problem_add(problems, job->name, "table", PROBLEM_FAIL, "", "%s is a %s; infill fills from tables into tables", table->name,
                    table->kind ? table->kind : "view");
    if (table->engine && !text_equal_nocase(table->engine, "InnoDB"))
        problem_add(problems, job->name, "table", PROBLEM_FAIL, "ALTER TABLE ... ENGINE=InnoDB",
                    "%s is stored by %s, which has no transactions: a batch and its checkpoint could not commit together",
                    table->name, table->engine);
    if (table->has_children)
        problem_add(problems, job->name, "table", PROBLEM_FAIL, "fill from each of the tables by itself",
                    "other tables inherit from %s: their rows show up in it, and no unique index spans them", table->name);
    if (written && table->has_rules)
        problem_add(problems, job->name, "rule", PROBLEM_FAIL, "drop or disable the rule for the time of the fill",
                    "%s has a rule on INSERT or UPDATE, which rewrites the batch into something else", table->name);
    if (table->has_row_security)
        problem_add(problems, job->name, "row-security", PROBLEM_FAIL, "use a role with BYPASSRLS, or the table's owner",
                    "row security on %s hides rows from this role: part of the rows would silently be left out", table->name);
}

bool job_fires(const struct job *job, const struct sql_trigger *trigger) {
    bool inserts = !job->map.in_place && trigger->on_insert, updates = job->in_place_or_overwrite && trigger->on_update;
    return trigger->enabled && (inserts || updates);
}

static void check_triggers(struct jobs *jobs, struct job *job) {
    for (size_t i = 0; i < job->target->trigger_count; i++) {
        const struct sql_trigger *trigger = &job->target->triggers[i];
        if (!job_fires(job, trigger))
            continue;
        if (trigger->per_row && !text_equal_nocase(trigger->timing, "AFTER"))
            job->writes_blind = true;
        problem_add(&jobs->problems, job->name, "trigger", PROBLEM_WARN,
                    "make sure it is meant to fire for rows that already exist",
                    "trigger %s on %s fires for every row the fill writes", trigger->name, job->target->name);
    }
}

static int resolve_tables(struct jobs *jobs, struct job *job, struct db *db, struct err *err) {
    const struct plan_fill *fill = job->plan;
    int rc = describe(jobs, job, db, &fill->from, &job->source, err);
    if (rc)
        return rc;
    if (fill->in_place)
        job->target = job->source;
    else if ((rc = describe(jobs, job, db, &fill->into, &job->target, err)) != 0)
        return rc;
    if (job->source == NULL || job->target == NULL)
        return 0;

    job->source_name = display_name(&jobs->arena, job->source);
    job->target_name = display_name(&jobs->arena, job->target);
    if (job->source_name == NULL || job->target_name == NULL)
        return err_nomem(err);
    check_table(jobs, job, job->source, fill->in_place);
    if (!fill->in_place) {
        check_table(jobs, job, job->target, true);
        if (text_equal(job->source_name, job->target_name))
            problem_add(&jobs->problems, job->name, "table", PROBLEM_FAIL,
                        "fill new columns in place: table: and set:", "from and into are the same table");
    }
    return 0;
}

/* What an index is chosen by, by its name where statements name one, is another index here. */
static int build_hinted(struct job *job, const struct plan *plan, struct err *err) {
    struct fill_map map = job->map;
    if (job->plan->hint.count == 0)
        return 0;
    map.key_index = job->plan->hint.names[0];
    int rc = fill_sql_build(&map, plan->set.range_every_us, &job->hinted, err);
    job->has_hint = rc == 0;
    if (rc)
        fill_sql_release(&job->hinted);
    return rc;
}

/* The map is complete when nothing of this fill failed; only then are there statements. */
static int build_sql(struct jobs *jobs, struct job *job, const struct plan *plan, size_t failures_before, struct err *err) {
    if (jobs->problems.failures != failures_before)
        return 0;
    int rc = fill_sql_build(&job->map, plan->set.range_every_us, &job->sql, err);
    job->has_sql = rc == 0;
    if (rc)
        fill_sql_release(&job->sql);
    return rc ? rc : build_hinted(job, plan, err);
}

static int resolve_job(struct jobs *jobs, struct job *job, const struct plan *plan, struct db *db, struct err *err) {
    size_t failures = jobs->problems.failures;
    int rc = resolve_tables(jobs, job, db, err);
    if (rc || job->source == NULL || job->target == NULL)
        return rc;
    job->map = (struct fill_map){
        .dialect = db_dialect(db),
        .source = job->source,
        .target = job->target,
        .in_place = job->plan->in_place,
        .where = job->plan->where,
        .on_conflict = job->plan->on_conflict == PLAN_OVERWRITE ? FILL_OVERWRITE
                       : job->plan->on_conflict == PLAN_FAIL    ? FILL_FAIL
                                                                : FILL_KEEP,
    };
    job->in_place_or_overwrite = job->map.in_place || job->map.on_conflict == FILL_OVERWRITE;
    check_triggers(jobs, job);
    if ((rc = resolve_columns(jobs, job, db, err)) != 0)
        return rc;
    size_t before = jobs->problems.failures;
    resolve_key(jobs, job, db_dialect(db), &plan->set);
    if (jobs->problems.failures == before && (rc = resolve_checks(jobs, job, db, err)) != 0)
        return rc;
    return build_sql(jobs, job, plan, failures, err);
}

static void check_server(struct jobs *jobs) {
    const struct db_identity *id = &jobs->identity;
    if (id->unfit)
        problem_add(&jobs->problems, NULL, "server", PROBLEM_FAIL, "", "%s", id->unfit);
    if (id->is_read_only)
        problem_add(&jobs->problems, NULL, "server", PROBLEM_FAIL, "give the URL of the primary",
                    "the server is read-only: a standby, or set so");
}

static int resolve_all(struct jobs *jobs, const struct plan *plan, struct db *db, struct err *err) {
    int rc = db_identify(db, &jobs->arena, &jobs->identity, err);
    if (rc)
        return rc;
    check_server(jobs);
    for (size_t i = 0; i < plan->fill_count; i++) {
        jobs->jobs[i].plan = &plan->fills[i];
        jobs->jobs[i].name = plan->fills[i].name;
        if ((rc = resolve_job(jobs, &jobs->jobs[i], plan, db, err)) != 0) {
            err_where(err, "fill %s", plan->fills[i].name);
            return rc;
        }
    }
    if ((rc = resolve_order(jobs, plan, err)) != 0)
        return rc;
    return resolve_hash(jobs, plan, err);
}

/* A name, a column or a problem that found no memory may be missing anywhere: then nothing of it is worth anything. */
int jobs_resolve(const struct plan *plan, struct db *db, struct jobs **out, struct err *err) {
    unsigned long refusals = mem_refusals();
    *out = NULL;
    struct jobs *jobs = mem_zalloc(1, sizeof *jobs);
    if (jobs == NULL)
        return err_nomem(err);
    arena_init(&jobs->arena);
    problems_init(&jobs->problems, &jobs->arena);
    jobs->count = plan->fill_count;
    jobs->jobs = arena_array(&jobs->arena, plan->fill_count, sizeof *jobs->jobs);
    int rc = jobs->jobs ? resolve_all(jobs, plan, db, err) : err_nomem(err);
    if (mem_refusals() != refusals)
        rc = err_nomem(err);
    if (rc) {
        jobs_free(jobs);
        return rc;
    }
    *out = jobs;
    return 0;
}

void jobs_free(struct jobs *jobs) {
    if (jobs == NULL)
        return;
    for (size_t i = 0; jobs->jobs && i < jobs->count; i++) {
        if (jobs->jobs[i].has_sql)
            fill_sql_release(&jobs->jobs[i].sql);
        if (jobs->jobs[i].has_hint)
            fill_sql_release(&jobs->jobs[i].hinted);
    }
    arena_release(&jobs->arena);
    mem_free(jobs);
}
