/* parity_plan.c - what the plan itself says differently for the two environments. */
#include <inttypes.h>

#include "preflight/parity.h"

static const char *pace_text(struct parity *parity, const struct plan_settings *set) {
    const char *rate =
        set->pace_rows_per_second > 0 ? parity_text(parity, "%" PRId64 " rows/s", set->pace_rows_per_second) : "no limit";
    return parity_text(parity, "%s, batches of %" PRId64 " to %" PRId64 " rows, %" PRId64 " workers%s", rate, set->batch_rows,
                       set->batch_rows_max, set->workers, set->batch_async_commit ? "" : ", each waits for the disk");
}

static int compare(struct parity *parity, struct err *err) {
    const struct plan *a = parity->sides[0].plan, *b = parity->sides[1].plan;
    (void)err;
    parity_texts(parity, PARITY_INFO, "profile", a->profile, b->profile,
                 "other defaults hold; batches of one size are rehearsed in both");
    parity_texts(parity, PARITY_INFO, "pace", pace_text(parity, &a->set), pace_text(parity, &b->set),
                 "the plan wants it so; --profile compares both as if they had one profile");
    return 0;
}

const struct parity_item plan_parity = {"plan", compare};
