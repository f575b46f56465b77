/* tasks.h - tasks of one kind that do not need each other, done side by side by the calling thread and a few more. */
#ifndef BASE_TASKS_H
#define BASE_TASKS_H

#include <stddef.h>

#include "base/err.h"

/* One task, by the worker of that number: 0 is the calling thread, and no two tasks are at hand under one number. */
typedef int task_fn(void *context, unsigned worker, size_t task, struct err *err);

/* Tasks 0 to count - 1, begun in that order, by at most `workers` threads; with one worker or one task none is started. Behind the first
 * failure nothing is begun any more, what is at hand is finished, and that failure is the error. The threads are for no signals of the
 * process; where one cannot be started the others do its tasks. */
int tasks_run(task_fn *task, void *context, size_t count, unsigned workers, struct err *err);

#endif
