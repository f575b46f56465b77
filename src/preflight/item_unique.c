/* item_unique.c - unique indexes of the target against the values that will be written. */
#include "base/text.h"
#include "preflight/checklist.h"

static bool fills(const struct job *job, const char *column) {
    for (size_t i = 0; i < job->map.value_count; i++)
        if (text_equal(job->map.values[i].column->name, column))
            return true;
    return false;
}

/* Unique indexes over what is filled; in place also where only one of the columns is. The match is unique by being the key's copy. */
static size_t count_indexes(const struct job *job) {
    size_t count = 0;
    for (size_t i = 0; i < job->target->index_count; i++) {
        const struct sql_index *index = &job->target->indexes[i];
        bool any = false;
        for (size_t c = 0; c < index->column_count; c++)
            any = any || (index->columns[c] && fills(job, index->columns[c]));
        count += index->is_unique && !index->is_primary && any;
    }
    return count;
}

static int look(struct checklist *list, struct err *err) {
    static const char *const kinds[] = {"unique", NULL};
    (void)err;
    for (size_t i = 0; i < list->jobs->count; i++) {
        const struct job *job = &list->jobs->jobs[i];
        if (checklist_problems(list, job, kinds) > 0 || !checklist_can_run(job))
            continue;
        size_t count = count_indexes(job);
        if (count == 0)
            checklist_say(list, job, CHECKLIST_PASS, NULL, "no other unique index of %s is filled", job->target_name);
        else if (job->map.in_place)
            checklist_say(list, job, CHECKLIST_WARN, "make sure that the new values are unique: rows that are not become rejects",
                          "%zu unique index%s of %s may collide; in place that is not looked at beforehand", count,
                          count == 1 ? "" : "es", job->target_name);
        else if (list->quick)
            checklist_say(list, job, CHECKLIST_NONE, "infill check PLAN", "%zu unique index%s: not looked at here", count,
                          count == 1 ? "" : "es");
        else
            checklist_say(list, job, CHECKLIST_PASS, NULL, "%zu unique index%s of %s: no two rows collide", count,
                          count == 1 ? "" : "es", job->target_name);
    }
    return 0;
}

const struct checklist_item unique_item = {"unique", CHECKLIST_BEFORE, look};
