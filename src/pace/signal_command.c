/* signal_command.c - any number that a program prints. */
#include "base/process.h"
#include "pace/signal.h"

static int sample(struct signal *signal, const struct signal_tools *tools, struct pace_reading *reading, struct err *err) {
    char out[64];
    int rc = process_run(signal->about->command, signal->about->timeout_us, tools->stop, out, sizeof out, err);
    return rc ? rc : signal_number(out, &reading->value, err);
}

const struct signal_type command_signal = {.name = "command", .kind = PACE_GAUGE, .sample = sample};
