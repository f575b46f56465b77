/* item_key.c - the unique indexes a fill stands on. */
#include "preflight/checklist.h"

/* The rowid of SQLite has no index of its own, and the catalog calls it "". */
static void say(struct checklist *list, const struct job *job) {
    bool is_rowid = job->map.key_index[0] == '\0';
    checklist_say(list, job, CHECKLIST_PASS, NULL, "the key is unique and walked by %s%s%s", is_rowid ? "the rowid" : "index ",
                  job->map.key_index, job->map.in_place ? "" : "; match is unique");
}

static int look(struct checklist *list, struct err *err) {
    static const char *const kinds[] = {"key", "match", "range", NULL};
    (void)err;
    for (size_t i = 0; i < list->jobs->count; i++) {
        const struct job *job = &list->jobs->jobs[i];
        if (checklist_problems(list, job, kinds) == 0 && job->map.key_index)
            say(list, job);
    }
    return 0;
}

const struct checklist_item key_item = {"key", CHECKLIST_BEFORE, look};
