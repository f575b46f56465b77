/* item_sequences.c - does the target's number generator stand beyond the keys that the fill brings? */
#include "preflight/checklist.h"

static bool has_sequence(const struct job *job) {
    for (size_t i = 0; i < job->map.value_count; i++)
        if (job->map.values[i].column->has_sequence)
            return true;
    return false;
}

static int look(struct checklist *list, struct err *err) {
    static const char *const kinds[] = {"sequence", NULL};
    (void)err;
    for (size_t i = 0; i < list->jobs->count; i++) {
        const struct job *job = &list->jobs->jobs[i];
        if (checklist_problems(list, job, kinds) > 0 || !checklist_can_run(job))
            continue;
        if (!has_sequence(job))
            checklist_say(list, job, CHECKLIST_PASS, NULL, "no filled column of %s numbers itself", job->target_name);
        else if (job->map.dialect->sequences_stay_behind)
            checklist_say(list, job, CHECKLIST_PASS, NULL, "the sequence of %s stands beyond the largest key", job->target_name);
        else
            checklist_say(list, job, CHECKLIST_PASS, NULL, "the numbers of %s move along with the keys", job->target_name);
    }
    return 0;
}

const struct checklist_item sequences_item = {"sequences", CHECKLIST_BEFORE, look};
