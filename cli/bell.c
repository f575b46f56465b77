/* bell.c - see bell.h. */
#include "cli/bell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { SIGNALS = sizeof signals / sizeof signals[0] };

static int ends[2] = {-1, -1}; /* a handler has no context but globals */
static struct sigaction before[SIGNALS];
static struct sigaction pipe_before;

void bell_ring(unsigned char why) {
    int kept = errno;
    /* A full pipe has rung often enough. */
    ssize_t written = write(ends[1], &why, 1);
    (void)written;
    errno = kept;
}

static void on_signal(int number) {
    bell_ring((unsigned char)number);
}

bool bell_open(void) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return false;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < SIGNALS; i++) {
        sigaction(signals[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
    sigaction(SIGPIPE, &ignore, &pipe_before);
    return true;
}

void bell_close(void) {
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &before[i], NULL);
    sigaction(SIGPIPE, &pipe_before, NULL);
    close(ends[0]);
    close(ends[1]);
    ends[0] = ends[1] = -1;
}

unsigned bell_wait(int timeout_ms) {
    struct pollfd pollfd = {.fd = ends[0], .events = POLLIN};
    unsigned char why = BELL_NONE;
    /* A signal that interrupts poll has written its byte, so looking is right in either case. */
    (void)poll(&pollfd, 1, timeout_ms);
    return read(ends[0], &why, 1) == 1 ? why : BELL_NONE;
}
