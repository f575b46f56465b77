/* item_columns.c - do the columns exist, does everything compile, and does what is read fit where it goes? */
#include "preflight/checklist.h"

static int look(struct checklist *list, struct err *err) {
    static const char *const kinds[] = {"column", "expression", "volatile", "narrowing", "left-behind", "where", NULL};
    (void)err;
    for (size_t i = 0; i < list->jobs->count; i++) {
        const struct job *job = &list->jobs->jobs[i];
        if (checklist_problems(list, job, kinds) == 0 && job->target)
            checklist_say(list, job, CHECKLIST_PASS, NULL, "%zu columns of %s are filled%s", job->map.value_count, job->target_name,
                          job->map.in_place ? "" : "; those left out may be NULL or have a default");
    }
    return 0;
}

const struct checklist_item columns_item = {"columns", CHECKLIST_BEFORE, look};
