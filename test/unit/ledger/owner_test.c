/* Who is dead, certainly: the answer lets somebody else take his ranges at once. */
#include "unit.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/owner.h"

/* The parts of this process's own owner text. */
struct parts {
    char host[80], boot[80], space[80];
    long pid;
    unsigned long long start;
};

static void own(struct parts *parts) {
    char text[OWNER_MAX];
    owner_format(3, text);
    assert_int_equal(
        sscanf(text, "%79[^/]/%79[^./].%79[^/]/%ld/%llu/3", parts->host, parts->boot, parts->space, &parts->pid, &parts->start), 5);
}

static const char *join(const struct parts *parts) {
    static char text[OWNER_MAX];
    snprintf(text, sizeof text, "%s/%s.%s/%ld/%llu/0", parts->host, parts->boot, parts->space, parts->pid, parts->start);
    return text;
}

static void longer(char *text, size_t size) {
    size_t len = strlen(text);
    snprintf(text + len, size - len, "1");
}

static void an_owner_names_this_process_and_a_thread(void **state) {
    (void)state;
    char prefix[OWNER_MAX], one[OWNER_MAX], two[OWNER_MAX], host[80];
    long pid = 0;
    struct parts parts;
    own(&parts);
    assert_int_equal(parts.pid, getpid());
    assert_true(parts.start > 0);
    assert_int_equal(strlen(parts.boot), 36);
    assert_true(strtoull(parts.space, NULL, 10) > 0);
    owner_prefix(prefix);
    owner_format(0, one);
    owner_format(41, two);
    assert_int_equal(strncmp(one, prefix, strlen(prefix)), 0);
    assert_string_equal(one + strlen(prefix), "0");
    assert_string_equal(two + strlen(prefix), "41");
    assert_true(owner_parse(two, host, sizeof host, &pid));
    assert_string_equal(host, parts.host);
    assert_int_equal(pid, getpid());
}

static void the_living_and_the_unknown_are_not_dead(void **state) {
    (void)state;
    static const char *const texts[] = {NULL, "", "a", "somebody", "host/boot/1", "h/b/x/1/0", "h/b/1/x/0", "////"};
    char text[OWNER_MAX], host[80];
    long pid = 0;
    owner_format(0, text);
    assert_false(owner_is_dead(text));
    for (size_t i = 0; i < UNIT_COUNT(texts); i++) {
        assert_false(owner_is_dead(texts[i]));
        assert_false(owner_parse(texts[i], host, sizeof host, &pid));
    }
}

/* A pid says something only where it was given. */
static void a_process_that_cannot_be_seen_is_not_dead(void **state) {
    (void)state;
    struct parts mine, other;
    own(&mine);
    mine.start++; /* as if the pid were used again: dead, if it is of here */
    assert_true(owner_is_dead(join(&mine)));
    other = mine;
    longer(other.host, sizeof other.host);
    assert_false(owner_is_dead(join(&other)));
    other = mine;
    other.boot[0] = other.boot[0] == '0' ? '1' : '0';
    assert_false(owner_is_dead(join(&other)));
    other = mine;
    longer(other.space, sizeof other.space);
    assert_false(owner_is_dead(join(&other)));
    other = mine;
    other.start = 0; /* it did not know itself */
    assert_false(owner_is_dead(join(&other)));
    other = mine;
    other.pid = 0;
    assert_false(owner_is_dead(join(&other)));
}

/* A child that writes its owner text down a pipe and waits to be told to go. */
static pid_t child(char text[OWNER_MAX], void (*live)(void)) {
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char own_text[OWNER_MAX] = "";
        owner_format(0, own_text);
        if (write(fds[1], own_text, sizeof own_text) != sizeof own_text)
            _exit(1);
        live();
        _exit(0);
    }
    assert_true(pid > 0);
    assert_int_equal(read(fds[0], text, OWNER_MAX), OWNER_MAX);
    close(fds[0]);
    close(fds[1]);
    return pid;
}

static void wait_for_a_signal(void) {
    for (;;)
        pause();
}

static void *wait_in_a_thread(void *context) {
    (void)context;
    wait_for_a_signal();
    return NULL;
}

static void leave_a_thread_behind(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, wait_in_a_thread, NULL);
    pthread_exit(NULL);
}

/* The state letter of a process. */
static char letter(pid_t pid) {
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    const char *close = strrchr(text, ')');
    assert_non_null(close);
    return close[2];
}

/* In a container whose first process does not reap, killed processes stay as zombies for ever. */
static void a_zombie_is_dead(void **state) {
    (void)state;
    char text[OWNER_MAX];
    int status = 0;
    pid_t pid = child(text, wait_for_a_signal);
    assert_false(owner_is_dead(text));
    assert_int_equal(kill(pid, SIGKILL), 0);
    while (letter(pid) != 'Z')
        continue;
    assert_true(owner_is_dead(text));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(owner_is_dead(text));
}

/* A process whose first thread has ended looks like a zombie, and works on. */
static void a_process_without_its_first_thread_lives(void **state) {
    (void)state;
    char text[OWNER_MAX];
    int status = 0;
    pid_t pid = child(text, leave_a_thread_behind);
    while (letter(pid) != 'Z')
        continue;
    assert_false(owner_is_dead(text));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(owner_is_dead(text));
}

static void the_actor_is_user_and_host(void **state) {
    (void)state;
    char actor[128], small[8];
    struct parts parts;
    own(&parts);
    owner_actor(actor, sizeof actor);
    assert_non_null(strchr(actor, '@'));
    assert_string_equal(strchr(actor, '@') + 1, parts.host);
    owner_actor(small, sizeof small);
    assert_true(strlen(small) < sizeof small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_owner_names_this_process_and_a_thread),  cmocka_unit_test(the_living_and_the_unknown_are_not_dead),
        cmocka_unit_test(a_process_that_cannot_be_seen_is_not_dead), cmocka_unit_test(a_zombie_is_dead),
        cmocka_unit_test(a_process_without_its_first_thread_lives),  cmocka_unit_test(the_actor_is_user_and_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
