/* Worker threads: they end together, wake when they are drained, and keep the first error. */
#include "cli_test.h"

#include <semaphore.h>

#include "cli/crew.h"

static sem_t ended;

static void on_end(void *context) {
    (void)context;
    sem_post(&ended);
}

static void no_line(void *context, int level, const char *text) {
    (void)context;
    (void)level;
    (void)text;
}

/* Starts `workers` on a run that does as `fake` says, calls `meanwhile`, and waits for the end. */
static void work(const char *fake, unsigned workers, void (*meanwhile)(struct crew *crew), struct crew_result *result) {
    const struct infill_plan_options plan_options = {.path = "x"};
    const struct infill_run_options run_options = {.log = {no_line, NULL}};
    struct infill_error error = {0};
    struct infill_plan *plan = NULL;
    struct infill_run *run = NULL;
    setenv("FAKE", fake, 1);
    assert_int_equal(infill_plan_open(&plan_options, &plan, NULL, &error), 0);
    assert_int_equal(infill_run_open(plan, &run_options, &run, &error), 0);
    sem_init(&ended, 0, 0);
    struct crew *crew = crew_start(run, workers, on_end, NULL);
    if (meanwhile != NULL)
        meanwhile(crew);
    sem_wait(&ended);
    assert_true(crew_is_done(crew));
    crew_join(crew, result);
    sem_destroy(&ended);
    infill_run_close(run, NULL, &error);
    infill_plan_close(plan);
}

static void all_see_the_end(void **state) {
    struct crew_result result;
    (void)state;
    work("", 4, NULL, &result);
    assert_true(result.all_done);
    assert_false(result.failed);
}

static void the_first_error_drains_the_others(void **state) {
    struct crew_result result;
    (void)state;
    work("lost", 4, NULL, &result);
    assert_false(result.all_done);
    assert_true(result.failed);
    assert_int_equal(result.error.code, INFILL_ERR_LOST);
}

/* A step that waits a minute must not hold the end up; the test's time limit is the judge. */
static void waiting_workers_wake_when_drained(void **state) {
    struct crew_result result;
    (void)state;
    work("paused", 4, crew_drain, &result);
    assert_false(result.all_done);
    assert_false(result.failed);
}

static void a_stuck_batch_ends_when_cancelled(void **state) {
    struct crew_result result;
    (void)state;
    work("stuck", 2, crew_cancel, &result);
    assert_false(result.all_done);
    /* A worker that had not begun its batch is drained, the others are cancelled. */
    assert_true(!result.failed || result.error.code == INFILL_ERR_CANCELLED);
}

static void a_stopped_run_is_not_done(void **state) {
    struct crew_result result;
    (void)state;
    work("stopped", 3, NULL, &result);
    assert_false(result.all_done);
    assert_false(result.failed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_see_the_end),
        cmocka_unit_test(the_first_error_drains_the_others),
        cmocka_unit_test(waiting_workers_wake_when_drained),
        cmocka_unit_test(a_stuck_batch_ends_when_cancelled),
        cmocka_unit_test(a_stopped_run_is_not_done),
    };
    return cmocka_run_group_tests_name("cli/crew", tests, NULL, NULL);
}
