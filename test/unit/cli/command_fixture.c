/* command_fixture.c - see command_fixture.h. */
#include "command_fixture.h"

#include "cli_test.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

const char *command_program;

/* What a hang is; nothing here takes a second. */
enum { HANG_MS = 60000 };

/* In the child. */
static void become(const char *fake, const char *arguments) {
    char words[512];
    char *argv[ARGUMENTS_MAX + 2];
    char *rest = NULL;
    size_t count = 0;
    char program[512];
    snprintf(program, sizeof program, "%s", command_program);
    snprintf(words, sizeof words, "%s", arguments);
    argv[count++] = program;
    for (char *word = strtok_r(words, " ", &rest); word != NULL && count <= ARGUMENTS_MAX; word = strtok_r(NULL, " ", &rest))
        argv[count++] = word;
    argv[count] = NULL;
    setenv("FAKE", fake, 1);
    execv(program, argv);
    _exit(127);
}

void command_start(struct called *called, const char *fake, const char *arguments) {
    int out[2];
    int err[2];
    memset(called, 0, sizeof *called);
    assert_int_equal(pipe(out), 0);
    assert_int_equal(pipe(err), 0);
    called->pid = fork();
    assert_true(called->pid >= 0);
    if (called->pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        close(out[0]);
        close(out[1]);
        close(err[0]);
        close(err[1]);
        become(fake, arguments);
    }
    close(out[1]);
    close(err[1]);
    called->out_fd = out[0];
    called->err_fd = err[0];
}

/* Appends what there is; false at the end. */
static bool take(int fd, char *text) {
    size_t len = strlen(text);
    ssize_t got = read(fd, text + len, SAID_MAX - 1 - len);
    assert_true(got >= 0 && len + (size_t)got < SAID_MAX - 1);
    text[len + (size_t)got] = '\0';
    return got > 0;
}

void command_wait_for(struct called *called, const char *part) {
    while (strstr(called->err, part) == NULL) {
        struct pollfd pollfd = {.fd = called->err_fd, .events = POLLIN};
        if (poll(&pollfd, 1, HANG_MS) != 1 || !take(called->err_fd, called->err))
            fail_msg("waited for \"%s\", got:\n%s", part, called->err);
    }
}

void command_finish(struct called *called) {
    struct pollfd fds[2] = {{.fd = called->out_fd, .events = POLLIN}, {.fd = called->err_fd, .events = POLLIN}};
    int status = 0;
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        if (poll(fds, 2, HANG_MS) < 1)
            fail_msg("hangs:\n%s%s", called->out, called->err);
        if (fds[0].revents != 0 && !take(called->out_fd, called->out))
            fds[0].fd = -1;
        if (fds[1].revents != 0 && !take(called->err_fd, called->err))
            fds[1].fd = -1;
    }
    close(called->out_fd);
    close(called->err_fd);
    assert_int_equal(waitpid(called->pid, &status, 0), called->pid);
    called->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void command_call(struct called *called, const char *fake, const char *arguments) {
    command_start(called, fake, arguments);
    command_finish(called);
}

int command_on_terminal(struct called *called, const char *fake, const char *arguments, unsigned short columns) {
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    int master = -1;
    memset(called, 0, sizeof *called);
    called->pid = forkpty(&master, NULL, NULL, &size);
    assert_true(called->pid >= 0);
    if (called->pid == 0) {
        setenv("TERM", "xterm", 1);
        unsetenv("NO_COLOR");
        become(fake, arguments);
    }
    return master;
}
