/* signal_window.c - hours of the day outside of which nothing moves. */
#include "base/text.h"
#include "pace/signal.h"
#include "plan/window.h"

struct window_signal {
    struct signal base;
    struct window window;
};

static int open_window(struct signal *signal, const struct plan *plan, struct err *err) {
    (void)plan;
    if (window_parse(signal->about->only, &((struct window_signal *)signal)->window))
        return 0;
    return err_set(err, ERR_PLAN, "%s is not hours of the day and a time zone of this machine", signal->about->only);
}

static int sample(struct signal *signal, const struct signal_tools *tools, struct pace_reading *reading, struct err *err) {
    const struct window *window = &((struct window_signal *)signal)->window;
    int64_t second = tools->wall_us / 1000000;
    char clock[6];
    (void)err;
    reading->value = !window_is_open(window, second);
    if (reading->value > 0)
        snprintf(reading->detail, sizeof reading->detail, "only %s, and it is %s there", signal->about->only,
                 window_clock(window, second, clock));
    return 0;
}

const struct signal_type window_signal = {.name = "window",
                                          .kind = PACE_GATE,
                                          .of_writes = true,
                                          .instant = true,
                                          .size = sizeof(struct window_signal),
                                          .open = open_window,
                                          .sample = sample};
