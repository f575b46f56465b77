/* item_clock.c - leases go by the database's clock, but people compare its times with their own. */
#include <inttypes.h>

#include "preflight/checklist.h"

static const int64_t OFF_US = 2000000;

static int look(struct checklist *list, struct err *err) {
    int64_t off = list->clock_off_us;
    (void)err;
    if (list->survey.clock_us < 0)
        checklist_say(list, NULL, CHECKLIST_WARN, NULL, "the server does not tell its time");
    else if (off > OFF_US || off < -OFF_US)
        checklist_say(list, NULL, CHECKLIST_WARN, "set the clocks (NTP): times in status and events are the database's",
                      "the server's clock is %" PRId64 " s %s of this host's", (off < 0 ? -off : off) / 1000000,
                      off < 0 ? "behind" : "ahead");
    else
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "the server's clock and this host's agree");
    return 0;
}

const struct checklist_item clock_item = {"clock", CHECKLIST_CONTROLS, look};
