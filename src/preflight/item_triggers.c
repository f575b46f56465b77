/* item_triggers.c - what else happens when a row is written: triggers, rules, row security, logical replication. */
#include "preflight/checklist.h"

static int look(struct checklist *list, struct err *err) {
    static const char *const kinds[] = {"table", "trigger", "rule", "row-security", NULL};
    (void)err;
    for (size_t i = 0; i < list->jobs->count; i++) {
        const struct job *job = &list->jobs->jobs[i];
        size_t found = checklist_problems(list, job, kinds);
        if (job->target == NULL)
            continue;
        if (job->target->publications) {
            found++;
            checklist_say(list, job, CHECKLIST_WARN, "make sure that the subscribers want the rows, and can take them at this pace",
                          "publication %s sends every row that is written to %s to its subscribers", job->target->publications,
                          job->target_name);
        }
        if (found == 0)
            checklist_say(list, job, CHECKLIST_PASS, NULL, "writing to %s sets nothing else off", job->target_name);
    }
    return 0;
}

const struct checklist_item triggers_item = {"triggers", CHECKLIST_BEFORE, look};
