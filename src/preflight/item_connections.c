/* item_connections.c - is there room for the connections of the run, and for the application's after that? */
#include <inttypes.h>

#include "preflight/checklist.h"

static int look(struct checklist *list, struct err *err) {
    const struct db_survey *survey = &list->survey;
    int64_t wanted = list->plan->set.connections_max, most = survey->connections_max, left = most - survey->connections_used;
    (void)err;
    if (most == DB_NONE)
        checklist_say(list, NULL, CHECKLIST_NONE, NULL, "this engine has no limit of connections");
    else if (most < 0)
        checklist_say(list, NULL, CHECKLIST_WARN, survey->grant, "how many connections are free is not known");
    else if (left < wanted)
        checklist_say(list, NULL, CHECKLIST_FAIL, "raise the limit, or lower connections_max and workers",
                      "%" PRId64 " of %" PRId64 " connections are free, and the run may take %" PRId64, left, most, wanted);
    else {
        bool tight = left - wanted < most / 10;
        checklist_say(list, NULL, tight ? CHECKLIST_WARN : CHECKLIST_PASS,
                      tight ? "raise the limit, or lower connections_max and workers" : NULL,
                      "%" PRId64 " of %" PRId64 " connections are free, the run takes at most %" PRId64, left, most, wanted);
    }
    return 0;
}

const struct checklist_item connections_item = {"connections", CHECKLIST_CONTROLS, look};
