/* crew.c - see crew.h. */
#include "cli/crew.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/xalloc.h"

/* A step that says "wait" without saying how long must not become a busy loop. */
static const uint32_t WAIT_MS_MIN = 5;

struct crew {
    const struct work *work;
    void (*notify)(void *context);
    void *context;
    pthread_t *threads;
    unsigned thread_count;

    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t woken; /* draining became true */
    bool draining;
    unsigned working;
    unsigned saw_done;
    bool failed;
    struct infill_error error;
};

static void drain_locked(struct crew *crew) {
    crew->draining = true;
    pthread_cond_broadcast(&crew->woken);
    crew->work->drain(crew->work->subject);
}

static void fail(struct crew *crew, const struct infill_error *error) {
    pthread_mutex_lock(&crew->lock);
    /* What others then say about being cancelled is only an echo. */
    if (!crew->failed || (crew->error.code == INFILL_ERR_CANCELLED && error->code != INFILL_ERR_CANCELLED))
        crew->error = *error;
    crew->failed = true;
    drain_locked(crew);
    pthread_mutex_unlock(&crew->lock);
}

/* False when the crew drains: then there is no point in another step. */
static bool wait_or_drain(struct crew *crew, uint32_t wait_ms) {
    struct timespec until;
    uint32_t ms = wait_ms > WAIT_MS_MIN ? wait_ms : WAIT_MS_MIN;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&crew->lock);
    while (!crew->draining && pthread_cond_timedwait(&crew->woken, &crew->lock, &until) == 0) {
    }
    bool go_on = !crew->draining;
    pthread_mutex_unlock(&crew->lock);
    return go_on;
}

/* Steps to the end; true when the end is that of all work. */
static bool step_on(struct crew *crew, void *worker) {
    struct infill_error error;
    struct infill_step step;
    for (;;) {
        memset(&error, 0, sizeof error);
        memset(&step, 0, sizeof step);
        if (crew->work->step(worker, &step, &error) != 0) {
            fail(crew, &error);
            return false;
        }
        if (step.state == INFILL_STEP_DONE || step.state == INFILL_STEP_DRAINED)
            return step.state == INFILL_STEP_DONE;
        if (step.state == INFILL_STEP_WAIT && !wait_or_drain(crew, step.wait_ms))
            return false;
    }
}

/* The last worker sees to what comes behind the work, and counts as working meanwhile. */
static void end(struct crew *crew) {
    if (crew->work->finish != NULL)
        crew->work->finish(crew->work->subject);
    pthread_mutex_lock(&crew->lock);
    crew->working = 0;
    pthread_mutex_unlock(&crew->lock);
    crew->notify(crew->context);
}

static void *run_thread(void *context) {
    struct crew *crew = context;
    void *worker = NULL;
    struct infill_error error = {0};
    bool done = false;
    if (crew->work->open(crew->work->subject, &worker, &error) != 0) {
        fail(crew, &error);
    } else {
        done = step_on(crew, worker);
        crew->work->close(worker);
    }
    pthread_mutex_lock(&crew->lock);
    crew->saw_done += done;
    bool last = crew->working == 1;
    crew->working -= !last;
    pthread_mutex_unlock(&crew->lock);
    if (last)
        end(crew);
    return NULL;
}

static void init_lock(struct crew *crew) {
    pthread_condattr_t attributes;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&crew->woken, &attributes);
    pthread_condattr_destroy(&attributes);
}

struct crew *crew_start(const struct work *work, unsigned workers, void (*notify)(void *context), void *context) {
    struct crew *crew = xalloc(1, sizeof *crew);
    crew->work = work;
    crew->notify = notify;
    crew->context = context;
    crew->threads = xalloc(workers, sizeof *crew->threads);
    init_lock(crew);
    pthread_mutex_lock(&crew->lock); /* so that nobody is the last one before everybody is there */
    while (crew->thread_count < workers && pthread_create(&crew->threads[crew->thread_count], NULL, run_thread, crew) == 0)
        crew->thread_count++;
    crew->working = crew->thread_count;
    pthread_mutex_unlock(&crew->lock);
    if (crew->thread_count < workers) {
        struct infill_error error = {.code = INFILL_ERR_FAILURE};
        snprintf(error.message, sizeof error.message, "only %u of %u worker threads could be started", crew->thread_count, workers);
        snprintf(error.next, sizeof error.next, "lower workers, or raise the limit on processes; the same command resumes");
        fail(crew, &error);
    }
    if (crew->thread_count == 0)
        notify(context);
    return crew;
}

void crew_drain(struct crew *crew) {
    pthread_mutex_lock(&crew->lock);
    drain_locked(crew);
    pthread_mutex_unlock(&crew->lock);
}

void crew_cancel(struct crew *crew) {
    crew_drain(crew);
    crew->work->cancel(crew->work->subject);
}

bool crew_is_done(struct crew *crew) {
    pthread_mutex_lock(&crew->lock);
    bool done = crew->working == 0;
    pthread_mutex_unlock(&crew->lock);
    return done;
}

void crew_join(struct crew *crew, struct crew_result *result) {
    for (unsigned i = 0; i < crew->thread_count; i++)
        pthread_join(crew->threads[i], NULL);
    result->all_done = !crew->failed && crew->saw_done == crew->thread_count;
    result->failed = crew->failed;
    result->error = crew->error;
    pthread_cond_destroy(&crew->woken);
    pthread_mutex_destroy(&crew->lock);
    free(crew->threads);
    free(crew);
}
