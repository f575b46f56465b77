/* item_server.c - is this a server that may be written to at all? */
#include "preflight/checklist.h"

static int look(struct checklist *list, struct err *err) {
    static const char *const kinds[] = {"server", NULL};
    const struct db_identity *id = &list->jobs->identity;
    (void)err;
    if (checklist_problems(list, NULL, kinds) == 0)
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "%s takes writes; version %s", id->database, id->version);
    return 0;
}

const struct checklist_item server_item = {"server", CHECKLIST_BEFORE, look};
