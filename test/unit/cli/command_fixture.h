/* command_fixture.h - runs the program that is linked with the fake, and keeps what it said. */
#ifndef TEST_COMMAND_FIXTURE_H
#define TEST_COMMAND_FIXTURE_H

#include <stdbool.h>
#include <sys/types.h>

enum { SAID_MAX = 65536, ARGUMENTS_MAX = 12 };

struct called {
    pid_t pid;
    int code; /* exit code; 128 + signal when it was killed */
    int out_fd, err_fd;
    char out[SAID_MAX];
    char err[SAID_MAX];
};

/* The program, from the command line of the test. */
extern const char *command_program;

/* Starts it with FAKE set; `arguments` are separated by blanks, none of them holds one. */
void command_start(struct called *called, const char *fake, const char *arguments);
/* Reads standard error until it holds `part`. */
void command_wait_for(struct called *called, const char *part);
/* Reads both to the end and waits for the exit code. */
void command_finish(struct called *called);
void command_call(struct called *called, const char *fake, const char *arguments);

/* On a terminal of its own, `columns` wide. Returns the master's descriptor. */
int command_on_terminal(struct called *called, const char *fake, const char *arguments, unsigned short columns);

#endif
