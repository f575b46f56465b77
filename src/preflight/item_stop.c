/* item_stop.c - how the run is brought to a halt by hand. */
#include <unistd.h>

#include "preflight/checklist.h"

static int look(struct checklist *list, struct err *err) {
    const char *file = list->plan->set.pace_pause_file;
    (void)err;
    checklist_say(list, NULL, CHECKLIST_PASS, NULL,
                  "infill pause and infill stop work from any host: when they return, no older batch can commit");
    if (file && access(file, F_OK) == 0)
        checklist_say(list, NULL, CHECKLIST_WARN, "remove it", "the pause file %s is there: the run would wait at once", file);
    else if (file)
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "touch %s pauses the workers of this host, also without a database", file);
    return 0;
}

const struct checklist_item stop_item = {"stop", CHECKLIST_BACK, look};
