/* process.c - see process.h. */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { LOOK_MS = 50, END_MS = 2, PATH_BYTES_MAX = 4096 };

/* Its input as a file of its own in memory, so that nobody waits for a program that does not read it; -1: none to be had. */
static int input_file(const char *input) {
    size_t len = strlen(input), at = 0;
    int fd = memfd_create("input", MFD_CLOEXEC);
    while (fd >= 0 && at < len) {
        ssize_t put = write(fd, input + at, len - at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            close(fd);
            return -1;
        }
        at += (size_t)put;
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

static int spawn_with(const struct process *process, int in_fd, int out_fd, posix_spawnattr_t *attributes,
                      posix_spawn_file_actions_t *actions, pid_t *pid) {
    char path[PATH_BYTES_MAX];
    const char *const *argv = process->argv;
    const char *inherited = getenv("PATH");
    snprintf(path, sizeof path, "PATH=%s", inherited ? inherited : "/usr/bin:/bin");
    char *const path_alone[] = {path, NULL};
    char *const *environment = process->environment ? process->environment : path_alone;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    if (in_fd >= 0)
        posix_spawn_file_actions_adddup2(actions, in_fd, STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(actions, out_fd, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
    return posix_spawnp(pid, argv[0], actions, attributes, (char *const *)(uintptr_t)argv, environment);
}

static int spawn(const struct process *process, int out_fd, pid_t *pid) {
    int in_fd = process->input ? input_file(process->input) : -1;
    if (process->input && in_fd < 0)
        return errno ? errno : EIO;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    int code = spawn_with(process, in_fd, out_fd, &attributes, &actions, pid);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (in_fd >= 0)
        close(in_fd);
    return code;
}

static bool is_over(int64_t until_us, const atomic_bool *stop) {
    return clock_monotonic_us() >= until_us || (stop && atomic_load(stop));
}

/* Until the program has closed its output, or the time is up. What does not fit is read and forgotten. */
static void collect(int fd, int64_t until_us, const atomic_bool *stop, char *out, size_t size) {
    size_t len = 0;
    while (!is_over(until_us, stop)) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        if (poll(&poll_fd, 1, LOOK_MS) <= 0)
            continue;
        char chunk[512];
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
            break;
        size_t keep = got > 0 ? (size_t)got : 0;
        if (keep > size - 1 - len)
            keep = size - 1 - len;
        memcpy(out + len, chunk, keep);
        len += keep;
    }
    out[len] = '\0';
}

/* Its end. Its group is killed before it is reaped, so that the number cannot be anybody else's: children that it left, or itself. */
static bool wait_for_end(pid_t pid, int64_t until_us, const atomic_bool *stop, int *status) {
    siginfo_t info = {0};
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0 && !is_over(until_us, stop))
        poll(NULL, 0, END_MS);
    kill(-pid, SIGKILL);
    pid_t got;
    while ((got = waitpid(pid, status, 0)) < 0 && errno == EINTR) {
    }
    return info.si_pid == pid && got == pid;
}

int process_run(const char *const *argv, int64_t timeout_us, const atomic_bool *stop, char *out, size_t size, struct err *err) {
    const struct process process = {.argv = argv, .timeout_us = timeout_us, .stop = stop};
    return process_call(&process, out, size, err);
}

int process_call(const struct process *process, char *out, size_t size, struct err *err) {
    const char *const *argv = process->argv;
    const atomic_bool *stop = process->stop;
    int64_t timeout_us = process->timeout_us;
    int fds[2], status = 0;
    pid_t pid = 0;
    int64_t until_us = clock_monotonic_us() + timeout_us;
    out[0] = '\0';
    if (pipe2(fds, O_CLOEXEC) != 0)
        return err_set(err, ERR_IO, "%s could not be started: %s", argv[0], strerror(errno));
    int code = spawn(process, fds[1], &pid);
    close(fds[1]);
    if (code != 0) {
        close(fds[0]);
        return err_set(err, code == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s could not be started: %s", argv[0], strerror(code));
    }
    collect(fds[0], until_us, stop, out, size);
    close(fds[0]);
    bool ended = wait_for_end(pid, until_us, stop, &status);
    if (stop && atomic_load(stop))
        return err_set(err, ERR_CANCELLED, "%s was not waited for", argv[0]);
    if (!ended)
        return err_set(err, ERR_SLOW, "%s took longer than %lld ms", argv[0], (long long)(timeout_us / 1000));
    if (!WIFEXITED(status))
        return err_set(err, ERR_IO, "%s was ended by signal %d", argv[0], WTERMSIG(status));
    return WEXITSTATUS(status) == 0 ? 0 : err_set(err, ERR_IO, "%s ended with exit code %d", argv[0], WEXITSTATUS(status));
}
