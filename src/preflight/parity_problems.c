/* parity_problems.c - what is wrong with the plan in one environment and not in the other. What both have is no difference. */
#include "base/text.h"
#include "preflight/parity.h"

/* Other items compare these, and say more. */
static bool is_elsewhere(const char *check) {
    static const char *const checks[] = {"table", "plan", "trigger", "unique", "sequence", "where"};
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        if (text_equal(checks[i], check))
            return true;
    return false;
}

/* Messages hold what differs anyway, so the kind has to do. */
static bool has(const struct problems *problems, const struct problem *like) {
    for (const struct problem *p = problems->first; p; p = p->following)
        if (text_equal(p->check, like->check) && text_equal(p->fill, like->fill))
            return true;
    return false;
}

static int compare(struct parity *parity, struct err *err) {
    (void)err;
    for (size_t i = 0; i < 2; i++) {
        const struct problems *mine = &parity->sides[i].jobs->problems, *theirs = &parity->sides[1 - i].jobs->problems;
        for (const struct problem *p = mine->first; p; p = p->following) {
            if (is_elsewhere(p->check) || has(theirs, p))
                continue;
            const char *subject = p->fill[0] ? parity_text(parity, "%s: %s", p->fill, p->check) : p->check;
            const char *word = p->severity == PROBLEM_FAIL ? "fails" : "warns";
            parity_say(parity, p->severity == PROBLEM_FAIL ? PARITY_FAIL : PARITY_WARN, subject, i == 0 ? word : "in order",
                       i == 1 ? word : "in order", p->next, "in %s only: %s", parity->sides[i].name, p->message);
        }
    }
    return 0;
}

const struct parity_item problems_parity = {"problems", compare};
