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

/* Starts `workers`, calls `meanwhile`, and waits for the end. */
static void crew_on(const struct work *work, unsigned workers, void (*meanwhile)(struct crew *crew), struct crew_result *result) {
    sem_init(&ended, 0, 0);
    struct crew *crew = crew_start(work, workers, on_end, NULL);
    if (meanwhile != NULL)
        meanwhile(crew);
    sem_wait(&ended);
    assert_true(crew_is_done(crew));
    crew_join(crew, result);
    sem_destroy(&ended);
}

/* A run that does as `fake` says. */
static void fill(const char *fake, unsigned workers, void (*meanwhile)(struct crew *crew), struct crew_result *result) {
    const struct infill_plan_options plan_options = {.path = "x"};
    const struct infill_run_options run_options = {.log = {no_line, NULL}};
    struct infill_error error = {0};
    struct infill_plan *plan = NULL;
    struct infill_run *run = NULL;
    setenv("FAKE", fake, 1);
    assert_int_equal(infill_plan_open(&plan_options, &plan, NULL, &error), 0);
    assert_int_equal(infill_run_open(plan, &run_options, &run, &error), 0);
    const struct work work = work_of_run(run);
    crew_on(&work, workers, meanwhile, result);
    infill_run_close(run, NULL, &error);
    infill_plan_close(plan);
}

/* The same with a verification. */
static void verify(const char *fake, unsigned workers, void (*meanwhile)(struct crew *crew), struct crew_result *result) {
    const struct infill_verify_options options = {.log = {no_line, NULL}};
    struct infill_error error = {0};
    struct infill_verify *opened = NULL;
    setenv("FAKE", fake, 1);
    assert_int_equal(infill_verify_open(NULL, &options, &opened, &error), 0);
    const struct work work = work_of_verify(opened);
    crew_on(&work, workers, meanwhile, result);
    infill_verify_close(opened, NULL, &error);
}

static void all_see_the_end(void **state) {
    struct crew_result result;
    (void)state;
    fill("", 4, NULL, &result);
    assert_true(result.all_done);
    assert_false(result.failed);
}

static void the_first_error_drains_the_others(void **state) {
    struct crew_result result;
    (void)state;
    fill("lost", 4, NULL, &result);
    assert_false(result.all_done);
    assert_true(result.failed);
    assert_int_equal(result.error.code, INFILL_ERR_LOST);
}

/* A step that waits a minute must not hold the end up; the test's time limit is the judge. */
static void waiting_workers_wake_when_drained(void **state) {
    struct crew_result result;
    (void)state;
    fill("paused", 4, crew_drain, &result);
    assert_false(result.all_done);
    assert_false(result.failed);
}

static void a_stuck_batch_ends_when_cancelled(void **state) {
    struct crew_result result;
    (void)state;
    fill("stuck", 2, crew_cancel, &result);
    assert_false(result.all_done);
    assert_true(result.failed);
    assert_int_equal(result.error.code, INFILL_ERR_CANCELLED);
}

static void a_stopped_run_is_not_done(void **state) {
    struct crew_result result;
    (void)state;
    fill("stopped", 3, NULL, &result);
    assert_false(result.all_done);
    assert_false(result.failed);
}

static void a_verification_is_work_like_any_other(void **state) {
    static const struct {
        const char *fake;
        void (*meanwhile)(struct crew *crew);
        bool all_done, failed;
    } cases[] = {{"", NULL, true, false}, {"lost", NULL, false, true}, {"paused", crew_drain, false, false}};
    struct crew_result result;
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        verify(cases[i].fake, 4, cases[i].meanwhile, &result);
        assert_int_equal(result.all_done, cases[i].all_done);
        assert_int_equal(result.failed, cases[i].failed);
    }
    verify("stuck", 2, crew_cancel, &result);
    assert_false(result.all_done);
    assert_true(result.failed);
    assert_int_equal(result.error.code, INFILL_ERR_CANCELLED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_see_the_end),
        cmocka_unit_test(the_first_error_drains_the_others),
        cmocka_unit_test(waiting_workers_wake_when_drained),
        cmocka_unit_test(a_stuck_batch_ends_when_cancelled),
        cmocka_unit_test(a_stopped_run_is_not_done),
        cmocka_unit_test(a_verification_is_work_like_any_other),
    };
    return cmocka_run_group_tests_name("cli/crew", tests, NULL, NULL);
}
