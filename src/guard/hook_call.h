/* hook_call.h - one hook, told of one thing that happened: a JSON document, for a program on its standard input, over HTTP as a POST.
 *
 * Documents hold the same texts as the ledger's reasons: keys, no values. Messages name a program, or scheme and host of a URL. */
#ifndef GUARD_HOOK_CALL_H
#define GUARD_HOOK_CALL_H

#include <stdatomic.h>

#include "base/err.h"
#include "plan/plan.h"

enum {
    HOOK_TRIES = 3,        /* of one call over HTTP, when nobody answers, or the answer is 429 or 500 and above */
    HOOK_WAIT_US = 500000, /* before the second; four times as long before the third */
    HOOK_ID_SIZE = 33,
};

#define HOOK_CHECK "check" /* the event of a dry call */

struct hook_news {
    const struct plan *plan;
    const char *event;
    const char *id;     /* the same whenever this is told again */
    const char *reason; /* or "" */
    int64_t run;
    int64_t at_us;
};

/* As the plan writes it. */
const char *hook_event(enum plan_event event);
/* What every hook gets to read, with mem_free to be freed; NULL when out of memory. */
char *hook_document(const struct hook_news *news);
/* 0 when it was told: exit code 0, or a status from 200 to 299. Over HTTP it tries again, `wait_us` later. */
int hook_call(const struct plan_hook *hook, const char *document, int64_t wait_us, const atomic_bool *stop, struct err *err);

#endif
