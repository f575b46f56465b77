/* item_key.c - the unique indexes a fill stands on. */
#include "preflight/checklist.h"

static int look(struct checklist *list, struct err *err) {
    static const char *const kinds[] = {"key", "match", "range", NULL};
    (void)err;
    for (size_t i = 0; i < list->jobs->count; i++) {
        const struct job *job = &list->jobs->jobs[i];
        if (checklist_problems(list, job, kinds) == 0 && job->map.key_index)
            checklist_say(list, job, CHECKLIST_PASS, NULL, "the key is unique and walked by index %s%s", job->map.key_index,
                          job->map.in_place ? "" : "; match is unique");
    }
    return 0;
}

const struct checklist_item key_item = {"key", CHECKLIST_BEFORE, look};
