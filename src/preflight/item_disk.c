/* item_disk.c - what the fill will write, against the room there is. */
#include "preflight/checklist.h"

/* Rows copied take what the source takes, in place each row leaves its old version behind; and the log gets all of it once more. An upper
 * bound, from the statistics; -1 without them. */
static int64_t bytes_needed(const struct checklist *list) {
    int64_t bytes = 0;
    if (list->survey.data_bytes >= 0)
        return 2 * list->survey.data_bytes;
    for (size_t i = 0; i < list->jobs->count; i++) {
        const struct sql_table *source = list->jobs->jobs[i].source;
        if (source == NULL || source->byte_estimate < 0)
            return -1;
        bytes += 2 * source->byte_estimate;
    }
    return bytes;
}

static int look(struct checklist *list, struct err *err) {
    static const char df[] = "look at the free space of the data and of the log (df); --accept disk says that it was done";
    int64_t needed = bytes_needed(list), free_bytes = list->survey.disk_free;
    (void)err;
    const char *room = free_bytes >= 0 ? checklist_size(list, free_bytes) : "an unknown amount";
    if (needed < 0)
        checklist_say(list, NULL, CHECKLIST_WARN, "ANALYZE the source, or look at its size by hand",
                      "the size of a source is not known; %s is free", room);
    else if (free_bytes < 0)
        checklist_say(list, NULL, CHECKLIST_WARN, df,
                      "up to %s will be written, data and log; a database does not tell how much is free",
                      checklist_size(list, needed));
    else if (needed > free_bytes)
        checklist_say(list, NULL, CHECKLIST_FAIL, "make room first", "up to %s will be written, data and log, and %s is free",
                      checklist_size(list, needed), room);
    else
        checklist_say(list, NULL, needed > free_bytes / 2 ? CHECKLIST_WARN : CHECKLIST_PASS,
                      needed > free_bytes / 2 ? "watch it, or make room first" : NULL,
                      "up to %s will be written, data and log; %s is free", checklist_size(list, needed), room);
    return 0;
}

const struct checklist_item disk_item = {"disk", CHECKLIST_BEFORE, look};
