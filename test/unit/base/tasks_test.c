/* Tasks side by side: each once, in order, under numbers of their own, and none behind a failure. Waiting is for conditions; a test that
 * never sees one hangs. */
#include "unit.h"

#include <pthread.h>
#include <signal.h>

#include "base/tasks.h"

enum { TASKS = 1000, WORKERS = 4 };

struct seen {
    pthread_t caller;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t moved;
    unsigned at_hand[WORKERS]; /* tasks, by worker */
    unsigned times[TASKS];
    size_t begun, meet; /* so many have to be at hand before one of them goes on */
    bool in_order, one_at_a_time, off_caller, deaf;
};

static void seen_init(struct seen *seen, size_t meet) {
    memset(seen, 0, sizeof *seen);
    seen->caller = pthread_self();
    seen->meet = meet;
    seen->in_order = seen->one_at_a_time = seen->deaf = true;
    pthread_mutex_init(&seen->lock, NULL);
    pthread_cond_init(&seen->moved, NULL);
}

static void seen_end(struct seen *seen) {
    pthread_cond_destroy(&seen->moved);
    pthread_mutex_destroy(&seen->lock);
}

static bool is_deaf(void) {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    return sigismember(&mask, SIGINT) && sigismember(&mask, SIGTERM) && sigismember(&mask, SIGCHLD);
}

static int note(void *context, unsigned worker, size_t task, struct err *err) {
    struct seen *seen = context;
    bool caller = pthread_equal(pthread_self(), seen->caller) != 0;
    (void)err;
    pthread_mutex_lock(&seen->lock);
    seen->one_at_a_time = seen->one_at_a_time && worker < WORKERS && seen->at_hand[worker]++ == 0;
    seen->in_order = seen->in_order && task == seen->begun;
    seen->times[task]++;
    seen->begun++;
    seen->off_caller = seen->off_caller || !caller;
    seen->deaf = seen->deaf && is_deaf() != caller && (worker == 0) == caller;
    pthread_cond_broadcast(&seen->moved);
    while (seen->begun < seen->meet)
        pthread_cond_wait(&seen->moved, &seen->lock);
    seen->at_hand[worker]--;
    pthread_mutex_unlock(&seen->lock);
    return 0;
}

static int note_and_fail(void *context, unsigned worker, size_t task, struct err *err) {
    note(context, worker, task, err);
    err_set(err, ERR_BUSY, "worker %u", worker);
    err_where(err, "task %zu", task);
    return ERR_BUSY;
}

static int fail_third(void *context, unsigned worker, size_t task, struct err *err) {
    return (task == 2 ? note_and_fail : note)(context, worker, task, err);
}

static void each_is_done_once(void **state) {
    struct err err;
    struct seen seen;
    (void)state;
    err_clear(&err);
    seen_init(&seen, WORKERS);
    assert_int_equal(tasks_run(note, &seen, TASKS, WORKERS, &err), 0);
    for (size_t i = 0; i < TASKS; i++)
        assert_int_equal(seen.times[i], 1);
    assert_true(seen.one_at_a_time && seen.off_caller);
    assert_int_equal(err.code, 0);
    seen_end(&seen);
}

static void others_hear_no_signals(void **state) {
    struct err err;
    struct seen seen;
    (void)state;
    assert_false(is_deaf());
    seen_init(&seen, WORKERS);
    assert_int_equal(tasks_run(note, &seen, TASKS, WORKERS, &err), 0);
    assert_true(seen.deaf);
    assert_false(is_deaf());
    seen_end(&seen);
}

static void alone(size_t count, unsigned workers) {
    struct err err;
    struct seen seen;
    seen_init(&seen, 0);
    assert_int_equal(tasks_run(note, &seen, count, workers, &err), 0);
    assert_int_equal(seen.begun, count);
    assert_true(seen.in_order && !seen.off_caller);
    seen_end(&seen);
}

static void one_needs_no_thread(void **state) {
    (void)state;
    alone(TASKS, 1);
    alone(TASKS, 0);
    alone(1, WORKERS);
    alone(0, WORKERS);
}

static void nothing_is_begun_behind_a_failure(void **state) {
    struct err err;
    struct seen seen;
    (void)state;
    err_clear(&err);
    seen_init(&seen, 0);
    assert_int_equal(tasks_run(fail_third, &seen, TASKS, 1, &err), ERR_BUSY);
    assert_int_equal(seen.begun, 3);
    assert_string_equal(err.where, "task 2");
    seen_end(&seen);
}

/* All are at hand when the first of them fails: they are finished, and one error is left. */
static void what_is_at_hand_is_finished(void **state) {
    struct err err;
    struct seen seen;
    (void)state;
    err_clear(&err);
    seen_init(&seen, WORKERS);
    assert_int_equal(tasks_run(note_and_fail, &seen, TASKS, WORKERS, &err), ERR_BUSY);
    assert_int_equal(seen.begun, WORKERS);
    assert_int_equal(err.code, ERR_BUSY);
    assert_memory_equal(err.where, "task ", 5);
    for (size_t i = 0; i < WORKERS; i++)
        assert_int_equal(seen.at_hand[i], 0);
    seen_end(&seen);
}

static bool some(void *context) {
    struct err err;
    struct seen seen;
    (void)context;
    err_clear(&err);
    seen_init(&seen, 0);
    int rc = tasks_run(note, &seen, WORKERS, WORKERS, &err);
    assert_true(rc == 0 || rc == ERR_NOMEM);
    assert_int_equal(seen.begun, rc == 0 ? WORKERS : 0);
    seen_end(&seen);
    return rc == 0;
}

static void out_of_memory(void **state) {
    (void)state;
    unit_out_of_memory(some, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_done_once),           cmocka_unit_test(others_hear_no_signals),
        cmocka_unit_test(one_needs_no_thread),         cmocka_unit_test(nothing_is_begun_behind_a_failure),
        cmocka_unit_test(what_is_at_hand_is_finished), cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
