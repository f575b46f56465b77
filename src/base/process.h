/* process.h - another program: argv, no shell, an environment of PATH alone, a time limit, and what it printed.
 *
 * It gets no descriptor of ours, an empty standard input, and its own process group, which is killed as a whole when the time is up: no
 * child of it stays behind. Thread-safe. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Runs argv (ended by NULL; argv[0] is looked for in PATH) and waits for its end. What it printed, cut at `size`, is in `out`. ERR_NOT_FOUND
 * when there is no such program, ERR_SLOW after `timeout_us`, ERR_CANCELLED when *stop became true, ERR_IO when it ended with anything but
 * exit code 0; messages name the program, never its arguments or output. */
int process_run(const char *const *argv, int64_t timeout_us, const atomic_bool *stop, char *out, size_t size, struct err *err);

/* The same with more said. */
struct process {
    const char *const *argv;
    char *const *environment; /* all of it, PATH included, ended by NULL; NULL: PATH alone */
    const char *input;        /* what it reads from standard input; NULL: nothing */
    int64_t timeout_us;
    const atomic_bool *stop;
};
int process_call(const struct process *process, char *out, size_t size, struct err *err);

#endif
