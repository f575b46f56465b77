/* work.h - what a crew works on: the fills of a run, or their verification. One table per kind; crew, watch and reporter know no other
 * difference. */
#ifndef CLI_WORK_H
#define CLI_WORK_H

#include <infill.h>
#include <stdbool.h>

/* What the reporter needs to know to say that nobody gets on. */
struct work_pulse {
    uint64_t rows;
    bool waits; /* everybody does */
    char reason[128];
};

struct work {
    void *subject; /* of every function below */
    /* As infill_worker_open, infill_worker_step and infill_worker_close. */
    int (*open)(void *subject, void **worker, struct infill_error *error);
    int (*step)(void *worker, struct infill_step *step, struct infill_error *error);
    void (*close)(void *worker);
    void (*finish)(void *subject); /* when all workers are closed; NULL: nothing is left to do then */
    void (*drain)(void *subject);
    void (*cancel)(void *subject);
    /* From memory, at any time. The line is at most `columns` wide (0: as long as it gets); the caller frees. */
    char *(*line)(void *subject, unsigned columns);
    char *(*json)(void *subject);
    void (*pulse)(void *subject, struct work_pulse *pulse);
    /* What becomes of the steps at hand after the first signal, and after the second. */
    const char *draining, *cancelling;
};

struct work work_of_run(struct infill_run *run);
struct work work_of_verify(struct infill_verify *verify);

#endif
