/* parity_names.c - the tables and columns that a plan names, found on both sides. */
#include "base/text.h"
#include "preflight/parity.h"

static const char *label_of(struct parity *parity, const struct plan_table *name) {
    return name->schema ? parity_text(parity, "%s.%s", name->schema, name->name) : name->name;
}

static void add_table(struct parity *parity, const struct plan_table *name, size_t fill, bool is_target) {
    const char *label = label_of(parity, name);
    struct parity_table *table = parity->tables;
    struct parity_table *end = table + parity->table_count;
    while (table < end && !text_equal(table->label, label))
        table++;
    if (table == end)
        parity->table_count++;
    table->label = label;
    table->is_target = table->is_target || is_target;
    for (size_t i = 0; i < 2; i++) {
        const struct job *job = &parity->sides[i].jobs->jobs[fill];
        table->table[i] = is_target ? job->target : job->source;
    }
}

int parity_find_tables(struct parity *parity, struct err *err) {
    const struct plan *plan = parity->sides[0].plan;
    parity->tables = arena_array(parity->arena, 2 * plan->fill_count, sizeof *parity->tables);
    if (parity->tables == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < plan->fill_count; i++) {
        if (!plan->fills[i].in_place)
            add_table(parity, &plan->fills[i].from, i, false);
        add_table(parity, &plan->fills[i].into, i, true);
    }
    return parity->failed ? err_nomem(err) : 0;
}

static bool job_uses(const struct job *job, const struct sql_table *table, const char *column) {
    for (size_t i = 0; job->target == table && i < job->map.value_count; i++)
        if (text_equal(job->map.values[i].column->name, column))
            return true;
    for (size_t i = 0; job->source == table && i < job->read_count; i++)
        if (text_equal(job->reads[i]->name, column))
            return true;
    return false;
}

/* Several fills may describe a table each for itself: by name, then. */
bool parity_uses(const struct parity *parity, const struct parity_table *table, const char *column) {
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; table->table[s] && i < parity->sides[s].jobs->count; i++) {
            const struct job *job = &parity->sides[s].jobs->jobs[i];
            const struct sql_table *own[] = {job->source, job->target};
            for (size_t t = 0; t < 2; t++)
                if (own[t] && text_equal(own[t]->schema, table->table[s]->schema) &&
                    text_equal(own[t]->name, table->table[s]->name) && job_uses(job, own[t], column))
                    return true;
        }
    return false;
}
