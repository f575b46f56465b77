/* cli_test.h - what every test of the command line includes first. It links the commands and the fake, nothing of the library. */
#ifndef TEST_CLI_TEST_H
#define TEST_CLI_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CLI_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* strstr that says what it looked in. */
static inline bool cli_holds(const char *text, const char *part) {
    return text != NULL && part != NULL && strstr(text, part) != NULL;
}

static inline void assert_contains(const char *text, const char *part) {
    if (!cli_holds(text, part))
        fail_msg("no \"%s\" in:\n%s", part != NULL ? part : "NULL", text != NULL ? text : "NULL");
}

static inline void assert_lacks(const char *text, const char *part) {
    if (cli_holds(text, part))
        fail_msg("\"%s\" in:\n%s", part != NULL ? part : "NULL", text != NULL ? text : "NULL");
}

#endif
