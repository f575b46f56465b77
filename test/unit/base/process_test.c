/* Other programs: what they print, how they end, what they inherit (nothing), and that none outlives its time. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/process.h"

enum { LONG_US = 60000000 };

static int run(const char *script, int64_t timeout_us, char *out, size_t size, struct err *err) {
    const char *const argv[] = {"sh", "-c", script, "sh", "$HOME; exit 9", NULL};
    err_clear(err);
    return process_run(argv, timeout_us, NULL, out, size, err);
}

static void says_what_it_printed(void **state) {
    char out[16];
    struct err err;
    (void)state;
    assert_int_equal(run("printf %s \"$#\"", LONG_US, out, sizeof out, &err), 0);
    assert_string_equal(out, "1"); /* the argument came as it was, unread by any shell of ours */
    assert_int_equal(run("printf 0123456789abcdefghij", LONG_US, out, sizeof out, &err), 0);
    assert_string_equal(out, "0123456789abcde");
    assert_int_equal(run("i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done", LONG_US, out, sizeof out, &err), 0);
}

static void ends_are_told_apart(void **state) {
    static const char *const missing[] = {"/no/such/program", "secret", NULL};
    char out[16];
    struct err err;
    (void)state;
    assert_int_equal(run("exit 3", LONG_US, out, sizeof out, &err), ERR_IO);
    assert_string_equal(err.message, "sh ended with exit code 3");
    assert_int_equal(run("kill -9 $$", LONG_US, out, sizeof out, &err), ERR_IO);
    assert_string_equal(err.message, "sh was ended by signal 9");
    assert_int_equal(process_run(missing, LONG_US, NULL, out, sizeof out, &err), ERR_NOT_FOUND);
    assert_null(strstr(err.message, "secret"));
}

/* Neither a program that sleeps nor one that left its output to a child holds anybody up, and both are gone. */
static void time_is_up(void **state) {
    static const char *const scripts[] = {"echo $$; exec sleep 1000", "sleep 1000 & echo $!",
                                          "trap '' TERM; echo $$; sleep 1000; sleep 1000"};
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(scripts); i++) {
        char out[32] = "";
        struct err err;
        for (int64_t us = 300000; out[0] == '\0'; us *= 2) { /* enough for a slow machine to say who it is */
            int rc = run(scripts[i], us, out, sizeof out, &err);
            assert_true(rc == ERR_SLOW || rc == 0);
        }
        while (kill((pid_t)strtol(out, NULL, 10), 0) == 0)
            usleep(1000); /* the kernel is still at it; a process that stays makes the test hang */
    }
}

static void reads_its_input_and_sees_its_environment(void **state) {
    static const char *const cat[] = {"sh", "-c", "cat; env | grep -v '^PWD=\\|^_=\\|^SHLVL=\\|^OLDPWD='", NULL};
    static const char *const deaf[] = {"true", NULL};
    char one[] = "ONE=1", two[] = "TWO=a b", *environment[] = {one, two, NULL}, out[64];
    struct err err;
    (void)state;
    err_clear(&err);
    struct process process = {.argv = cat, .environment = environment, .input = "{\"a\": 1}\n", .timeout_us = LONG_US};
    setenv("SECRET", "canary", 1);
    assert_int_equal(process_call(&process, out, sizeof out, &err), 0);
    assert_true(strcmp(out, "{\"a\": 1}\nONE=1\nTWO=a b\n") == 0 || strcmp(out, "{\"a\": 1}\nTWO=a b\nONE=1\n") == 0);
    process.argv = deaf;
    assert_int_equal(process_call(&process, out, sizeof out, &err), 0);
}

static void can_be_told_to_stop(void **state) {
    static const char *const argv[] = {"sleep", "1000", NULL};
    atomic_bool stop = true;
    char out[16];
    struct err err;
    (void)state;
    assert_int_equal(process_run(argv, LONG_US, &stop, out, sizeof out, &err), ERR_CANCELLED);
}

static void inherits_nothing(void **state) {
    char out[256];
    struct err err;
    (void)state;
    setenv("INFILL_SECRET", "x", 1);
    int fd = open("/dev/null", O_RDONLY); /* not marked to be closed */
    assert_int_equal(run("env | cut -d= -f1 | sort | tr '\\n' ' '", LONG_US, out, sizeof out, &err), 0);
    assert_null(strstr(out, "INFILL_SECRET"));
    assert_non_null(strstr(out, "PATH"));
    assert_int_equal(run("ls /proc/self/fd | wc -l", LONG_US, out, sizeof out, &err), 0);
    assert_string_equal(out, "4\n"); /* 0, 1, 2 and that of ls */
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_it_printed), cmocka_unit_test(ends_are_told_apart),
        cmocka_unit_test(time_is_up),           cmocka_unit_test(reads_its_input_and_sees_its_environment),
        cmocka_unit_test(can_be_told_to_stop),  cmocka_unit_test(inherits_nothing),
    };
    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
