/* item_hooks.c - does everybody answer who will be told? Each hook is called once with the event `check`, which says that nothing happened. */
#include "base/clock.h"
#include "base/http.h"
#include "base/mem.h"
#include "guard/hook_call.h"
#include "preflight/checklist.h"

static void name_of(const struct plan_hook *hook, char *out, size_t size) {
    if (hook->command)
        snprintf(out, size, "%s", hook->command[0]);
    else
        http_endpoint(hook->url, out, size);
}

static int call(struct checklist *list, const struct plan_hook *hook, size_t number, const char *document, struct err *err) {
    char name[HTTP_ENDPOINT_MAX];
    name_of(hook, name, sizeof name);
    int rc = hook_call(hook, document, HOOK_WAIT_US, NULL, err);
    if (rc == 0)
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "hook %zu answers a dry call: %s%s", number, name,
                      hook->required ? "; it is required" : "");
    else if (rc != ERR_NOMEM)
        checklist_say(list, NULL, hook->required ? CHECKLIST_FAIL : CHECKLIST_WARN,
                      "see to it that it answers the event check, or leave the calls out with --no-hooks",
                      "hook %zu does not answer a dry call%s: %s", number, hook->required ? ", and is required" : "", err->message);
    if (rc == ERR_NOMEM)
        return rc;
    err_clear(err);
    return 0;
}

/* In front of each start only those are bothered whose silence would end it. */
static bool is_asked(const struct checklist *list, const struct plan_hook *hook) {
    return !list->quick || hook->required;
}

static int look(struct checklist *list, struct err *err) {
    const struct plan *plan = list->plan;
    const struct hook_news news = {
        .plan = plan, .event = HOOK_CHECK, .id = HOOK_CHECK, .reason = "a dry call", .at_us = clock_wall_us()};
    char *document = hook_document(&news);
    int rc = document ? 0 : err_nomem(err);
    if (plan->hook_count == 0)
        checklist_say(list, NULL, CHECKLIST_NONE, NULL, "nobody is told what happens (hooks)");
    else if (list->no_hooks)
        checklist_say(list, NULL, CHECKLIST_NONE, NULL, "the hooks were not called (--no-hooks)");
    for (size_t i = 0; i < plan->hook_count && rc == 0 && !list->no_hooks; i++)
        if (is_asked(list, &plan->hooks[i]))
            rc = call(list, &plan->hooks[i], i + 1, document, err);
    mem_free(document);
    return rc;
}

const struct checklist_item hooks_item = {"hooks", CHECKLIST_CONTROLS, look};
