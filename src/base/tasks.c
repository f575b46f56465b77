/* tasks.c - see tasks.h. */
#include "base/tasks.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#include "base/mem.h"

struct tasks {
    task_fn *task;
    void *context;
    size_t count;

    pthread_mutex_t lock; /* guards what follows */
    size_t next;
    bool failed;
    struct err err;
};

/* A thread besides the calling one. */
struct hand {
    struct tasks *tasks;
    unsigned number;
    pthread_t thread;
};

static bool take(struct tasks *tasks, size_t *task) {
    pthread_mutex_lock(&tasks->lock);
    bool there = !tasks->failed && tasks->next < tasks->count;
    if (there)
        *task = tasks->next++;
    pthread_mutex_unlock(&tasks->lock);
    return there;
}

static void fail(struct tasks *tasks, const struct err *err) {
    pthread_mutex_lock(&tasks->lock);
    if (!tasks->failed)
        tasks->err = *err;
    tasks->failed = true;
    pthread_mutex_unlock(&tasks->lock);
}

static void work(struct tasks *tasks, unsigned number) {
    struct err err;
    size_t task;
    while (take(tasks, &task)) {
        err_clear(&err);
        if (tasks->task(tasks->context, number, task, &err) != 0)
            fail(tasks, &err);
    }
}

static void *run_thread(void *context) {
    const struct hand *hand = context;
    work(hand->tasks, hand->number);
    return NULL;
}

/* The process's signals are for the threads of the host. */
static unsigned start(struct tasks *tasks, struct hand *hands, unsigned count) {
    sigset_t all, before;
    unsigned started = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; started < count; started++) {
        hands[started] = (struct hand){.tasks = tasks, .number = started + 1};
        if (pthread_create(&hands[started].thread, NULL, run_thread, &hands[started]) != 0)
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static int run(struct tasks *tasks, unsigned workers, struct err *err) {
    size_t useful = tasks->count < workers ? tasks->count : workers;
    unsigned more = useful > 1 ? (unsigned)useful - 1 : 0;
    struct hand *hands = more > 0 ? mem_zalloc(more, sizeof *hands) : NULL;
    if (more > 0 && hands == NULL)
        return err_nomem(err);
    unsigned started = start(tasks, hands, more);
    work(tasks, 0);
    for (unsigned i = 0; i < started; i++)
        pthread_join(hands[i].thread, NULL);
    mem_free(hands);
    if (tasks->failed)
        *err = tasks->err;
    return tasks->failed ? err->code : 0;
}

int tasks_run(task_fn *task, void *context, size_t count, unsigned workers, struct err *err) {
    struct tasks tasks = {.task = task, .context = context, .count = count};
    pthread_mutex_init(&tasks.lock, NULL);
    int rc = run(&tasks, workers, err);
    pthread_mutex_destroy(&tasks.lock);
    return rc;
}
