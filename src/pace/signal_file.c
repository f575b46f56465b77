/* signal_file.c - while a file exists the run is paused: works when the database does not answer. */
#include <errno.h>
#include <sys/stat.h>

#include "pace/signal.h"

static int sample(struct signal *signal, const struct signal_tools *tools, struct pace_reading *reading, struct err *err) {
    struct stat info;
    (void)tools;
    bool there = stat(signal->about->path, &info) == 0;
    if (!there && errno != ENOENT && errno != ENOTDIR)
        return err_set(err, ERR_IO, "%s: %s", signal->about->path, strerror(errno));
    reading->value = there;
    if (there)
        snprintf(reading->detail, sizeof reading->detail, "pause file %.80s is there", signal->about->path);
    return 0;
}

const struct signal_type file_signal = {.name = "file", .kind = PACE_GATE, .instant = true, .sample = sample};
