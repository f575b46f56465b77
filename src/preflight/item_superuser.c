/* item_superuser.c - a role that may do everything makes every mistake of a plan possible. */
#include "preflight/checklist.h"

static int look(struct checklist *list, struct err *err) {
    const struct db_identity *id = &list->jobs->identity;
    (void)err;
    if (list->db->engine->rights == NULL)
        checklist_say(list, NULL, CHECKLIST_NONE, NULL, "this engine has no roles");
    else if (id->is_superuser)
        checklist_say(
            list, NULL, checklist_strict(list),
            "infill install PLAN --print-sql prints the grants of a role of its own; --accept superuser says that it is meant",
            "%s is a superuser: nothing stands between a mistake in the plan and every other table", id->user);
    else
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "%s is no superuser", id->user);
    return 0;
}

const struct checklist_item superuser_item = {"superuser", CHECKLIST_BEFORE, look};
