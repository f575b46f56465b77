/* resolve_order.c - which fill waits for which: from needs:, or from the foreign keys of the tables, parents first. */
#include "base/text.h"
#include "preflight/resolve.h"

static bool same_table(const struct sql_table *a, const char *schema, const char *name) {
    return text_equal(a->name, name) && (schema == NULL || schema[0] == '\0' || text_equal(a->schema, schema));
}

static bool fills_column(const struct job *job, const char *name) {
    for (size_t i = 0; i < job->map.value_count; i++)
        if (text_equal(job->map.values[i].column->name, name))
            return true;
    return false;
}

/* A foreign key matters only to a fill that writes all its columns: with one NULL among them it is not checked. */
static bool writes_key(const struct job *job, const struct sql_foreign_key *key) {
    for (size_t i = 0; i < key->column_count; i++)
        if (!fills_column(job, key->columns[i]))
            return false;
    return true;
}

static int add_need(struct jobs *jobs, struct job *job, size_t need, struct err *err) {
    for (size_t i = 0; i < job->need_count; i++)
        if (job->needs[i] == need)
            return 0;
    if (job->needs == NULL)
        job->needs = arena_array(&jobs->arena, jobs->count, sizeof *job->needs);
    if (job->needs == NULL)
        return err_nomem(err);
    job->needs[job->need_count++] = need;
    return 0;
}

static void self_reference(struct jobs *jobs, const struct job *job, const struct sql_foreign_key *key) {
    problem_add(
        &jobs->problems, job->name, "foreign-key", PROBLEM_FAIL,
        "fill the table without that column first, then the column with a second fill (table: and set:) that needs this one",
        "%s refers to itself (foreign key %s): a child row could come before its parent", job->target->name, key->name);
}

/* Every other fill that brings rows into the table this foreign key refers to has to be done first. */
static int need_parents(struct jobs *jobs, struct job *job, const struct sql_foreign_key *key, struct err *err) {
    if (!writes_key(job, key))
        return 0;
    for (size_t i = 0; i < jobs->count; i++) {
        struct job *parent = &jobs->jobs[i];
        if (parent->target == NULL || parent->map.in_place || !same_table(parent->target, key->ref_schema, key->ref_table))
            continue;
        if (parent == job) {
            self_reference(jobs, job, key);
            continue;
        }
        int rc = add_need(jobs, job, i, err);
        if (rc)
            return rc;
    }
    return 0;
}

/* A fill that reads a table which another fill of the plan writes reads it when it is full. */
static int need_sources(struct jobs *jobs, struct job *job, struct err *err) {
    for (size_t i = 0; i < jobs->count; i++) {
        const struct job *other = &jobs->jobs[i];
        if (other == job || other->target == NULL || other->map.in_place)
            continue;
        if (!same_table(other->target, job->source->schema, job->source->name))
            continue;
        int rc = add_need(jobs, job, i, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int given_needs(struct jobs *jobs, struct job *job, const struct plan *plan, struct err *err) {
    for (size_t n = 0; n < job->plan->needs.count; n++)
        for (size_t i = 0; i < plan->fill_count; i++) {
            if (!text_equal(plan->fills[i].name, job->plan->needs.names[n]))
                continue;
            int rc = add_need(jobs, job, i, err);
            if (rc)
                return rc;
        }
    return 0;
}

static int derive_needs(struct jobs *jobs, struct job *job, struct err *err) {
    for (size_t i = 0; i < job->target->foreign_key_count; i++) {
        int rc = need_parents(jobs, job, &job->target->foreign_keys[i], err);
        if (rc)
            return rc;
    }
    return need_sources(jobs, job, err);
}

static bool is_ready(const struct job *job, const bool *placed) {
    for (size_t i = 0; i < job->need_count; i++)
        if (!placed[job->needs[i]])
            return false;
    return true;
}

/* What makes `job` wait for `need`: a foreign key, or NULL, which is the plan's needs: or a table that it reads. */
static const char *constraint_between(const struct jobs *jobs, const struct job *job, size_t need) {
    const struct job *parent = &jobs->jobs[need];
    for (size_t i = 0; job->target && parent->target && i < job->target->foreign_key_count; i++) {
        const struct sql_foreign_key *key = &job->target->foreign_keys[i];
        if (!job->plan->needs_given && writes_key(job, key) && same_table(parent->target, key->ref_schema, key->ref_table))
            return key->name;
    }
    return NULL;
}

static void report_cycle(struct jobs *jobs, const bool *placed) {
    for (size_t i = 0; i < jobs->count; i++) {
        const struct job *job = &jobs->jobs[i];
        for (size_t n = 0; !placed[i] && n < job->need_count; n++) {
            if (placed[job->needs[n]])
                continue;
            const char *key = constraint_between(jobs, job, job->needs[n]);
            problem_add(&jobs->problems, job->name, "foreign-key", PROBLEM_FAIL,
                        "fill one of the tables without the column of the constraint first, then that column with a second fill "
                        "(table: and set:)",
                        "fill %s waits for fill %s (%s%s), which waits for it: a cycle", job->name, jobs->jobs[job->needs[n]].name,
                        key ? "foreign key " : "",
                        key                      ? key
                        : job->plan->needs_given ? "needs:"
                                                 : "it reads what that one writes");
        }
    }
}

int resolve_order(struct jobs *jobs, const struct plan *plan, struct err *err) {
    bool *placed = arena_array(&jobs->arena, jobs->count + 1, sizeof *placed);
    jobs->order = arena_array(&jobs->arena, jobs->count + 1, sizeof *jobs->order);
    if (placed == NULL || jobs->order == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < jobs->count; i++) {
        struct job *job = &jobs->jobs[i];
        if (job->target == NULL || job->source == NULL)
            continue;
        int rc = job->plan->needs_given ? given_needs(jobs, job, plan, err) : derive_needs(jobs, job, err);
        if (rc)
            return rc;
    }
    size_t done = 0;
    for (bool moved = true; moved && done < jobs->count;) {
        moved = false;
        for (size_t i = 0; i < jobs->count; i++) {
            if (placed[i] || !is_ready(&jobs->jobs[i], placed))
                continue;
            placed[i] = moved = true;
            jobs->order[done++] = i;
        }
    }
    jobs->order_count = done < jobs->count ? 0 : done;
    if (done < jobs->count)
        report_cycle(jobs, placed);
    return 0;
}
