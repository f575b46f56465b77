/* work.c - see work.h. Only casts: each function hands on to the public one of its name. */
#include "cli/work.h"

#include <stdio.h>

#include "cli/progress.h"

static int worker_open(void *subject, void **worker, struct infill_error *error) {
    struct infill_worker *opened = NULL;
    int code = infill_worker_open(subject, &opened, error);
    *worker = opened;
    return code;
}

static int worker_step(void *worker, struct infill_step *step, struct infill_error *error) {
    return infill_worker_step(worker, step, error);
}

static void worker_close(void *worker) {
    infill_worker_close(worker);
}

static void run_finish(void *subject) {
    infill_run_finish(subject);
}

static void run_drain(void *subject) {
    infill_run_drain(subject);
}

static void run_cancel(void *subject) {
    infill_run_cancel(subject);
}

static char *run_line(void *subject, unsigned columns) {
    struct infill_progress progress = {0};
    infill_run_progress(subject, &progress);
    return progress_line(&progress, columns);
}

static char *run_json(void *subject) {
    struct infill_progress progress = {0};
    infill_run_progress(subject, &progress);
    return progress_json(&progress);
}

static void run_pulse(void *subject, struct work_pulse *pulse) {
    struct infill_progress progress = {0};
    infill_run_progress(subject, &progress);
    pulse->rows = progress.rows_seen;
    pulse->waits = progress.workers > 0 && progress.workers_waiting >= progress.workers && progress.reason[0] != '\0';
    snprintf(pulse->reason, sizeof pulse->reason, "%s", progress.reason);
}

struct work work_of_run(struct infill_run *run) {
    return (struct work){
        .subject = run,
        .open = worker_open,
        .step = worker_step,
        .close = worker_close,
        .finish = run_finish,
        .drain = run_drain,
        .cancel = run_cancel,
        .line = run_line,
        .json = run_json,
        .pulse = run_pulse,
        .draining = "the batches at hand are finished and committed",
        .cancelling = "cancelling the batches at hand; they are rolled back",
    };
}

static int verifier_open(void *subject, void **worker, struct infill_error *error) {
    struct infill_verifier *opened = NULL;
    int code = infill_verifier_open(subject, &opened, error);
    *worker = opened;
    return code;
}

static int verifier_step(void *worker, struct infill_step *step, struct infill_error *error) {
    return infill_verifier_step(worker, step, error);
}

static void verifier_close(void *worker) {
    infill_verifier_close(worker);
}

static void verify_drain(void *subject) {
    infill_verify_drain(subject);
}

static void verify_cancel(void *subject) {
    infill_verify_cancel(subject);
}

static char *verify_line(void *subject, unsigned columns) {
    struct infill_verify_progress progress = {0};
    infill_verify_progress(subject, &progress);
    return progress_verify_line(&progress, columns);
}

static char *verify_json(void *subject) {
    struct infill_verify_progress progress = {0};
    infill_verify_progress(subject, &progress);
    return progress_verify_json(&progress);
}

static void verify_pulse(void *subject, struct work_pulse *pulse) {
    struct infill_verify_progress progress = {0};
    infill_verify_progress(subject, &progress);
    pulse->rows = progress.rows_source + progress.rows_target;
    pulse->waits = progress.reason[0] != '\0';
    snprintf(pulse->reason, sizeof pulse->reason, "%s", progress.reason);
}

struct work work_of_verify(struct infill_verify *verify) {
    return (struct work){
        .subject = verify,
        .open = verifier_open,
        .step = verifier_step,
        .close = verifier_close,
        .drain = verify_drain,
        .cancel = verify_cancel,
        .line = verify_line,
        .json = verify_json,
        .pulse = verify_pulse,
        .draining = "the slices at hand are compared to their end",
        .cancelling = "cancelling the slices at hand; they count as not compared",
    };
}
