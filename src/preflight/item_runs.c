/* item_runs.c - who else is at it, by the ledger. */
#include "base/text.h"
#include "preflight/checklist.h"

static int say_own(struct checklist *list, struct err *err) {
    struct ledger_run run;
    bool found;
    int rc = ledger_run_find(list->ledger, list->db, list->plan->name, list->arena, &run, &found, err);
    if (rc)
        return rc;
    if (!found)
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "this plan was not run here yet");
    else if (!text_equal(run.environment, list->plan->environment) || !text_equal(run.profile, list->plan->profile))
        checklist_say(list, NULL, CHECKLIST_FAIL, "use that environment and profile, or start a plan under another name",
                      "this plan runs here as environment %s, profile %s", run.environment, run.profile);
    else if (text_equal(run.state, "stopped") || text_equal(run.state, "halted"))
        checklist_say(list, NULL, CHECKLIST_FAIL, "infill status PLAN; infill resume PLAN --because \"...\"",
                      "this plan's run is %s%s%s", run.state, run.reason && run.reason[0] ? ": " : "",
                      run.reason ? run.reason : "");
    else if (text_equal(run.state, "done"))
        checklist_say(list, NULL, CHECKLIST_WARN, "infill verify PLAN", "this plan's run is done: there is nothing left to do");
    else
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "this plan's run is %s: it is joined or resumed at its checkpoints",
                      run.state);
    return 0;
}

static int say_others(struct checklist *list, struct err *err) {
    const char *plan = NULL, *environment = NULL, *state = NULL;
    size_t count = 0;
    int rc = ledger_run_others(list->ledger, list->db, list->plan->name, list->arena, &plan, &environment, &state, &count, err);
    if (rc || count == 0)
        return rc;
    if (!text_equal(environment, list->plan->environment))
        checklist_say(list, NULL, CHECKLIST_FAIL, "one database belongs to one environment: is this the right one?",
                      "plan %s runs here as environment %s", plan, environment);
    else
        checklist_say(list, NULL, CHECKLIST_WARN, "let it finish first, or lower both paces: they do not know of each other",
                      "plan %s is %s here%s", plan, state, count > 1 ? ", and there are more" : "");
    return 0;
}

static int look(struct checklist *list, struct err *err) {
    if (!list->installed) {
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "no plan was ever run here");
        return 0;
    }
    int rc = say_own(list, err);
    if (rc == 0)
        rc = say_others(list, err);
    if (rc != ERR_DENIED)
        return rc;
    checklist_say(list, NULL, CHECKLIST_FAIL, "infill install PLAN --print-sql prints the grants", "the ledger may not be read: %s",
                  err->message);
    err_clear(err);
    return 0;
}

const struct checklist_item runs_item = {"runs", CHECKLIST_CONTROLS, look};
