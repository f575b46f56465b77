/* verify_pace.c - how fast a verification reads: rows per second of its own, shared by the verifiers of this process, and the pause file.
 *
 * Asked between two pieces, when no snapshot is open. */
#include <inttypes.h>

#include "base/clock.h"
#include "pace/pause_file.h"
#include "reconcile/proof.h"

enum { PAUSE_POLL_MS = 1000 };

void verify_pace_init(struct verify *verify) {
    int64_t per_second = verify->borrows ? 0 : verify->plan->set.verify_rows_per_second;
    rate_init(&verify->rate, (double)per_second, verify->started_us);
    verify->piece_rows_max = per_second > 0 && per_second < PROOF_PIECE_ROWS ? per_second : PROOF_PIECE_ROWS;
}

static void wait(struct verifier *verifier, struct verify_step *step, int64_t wait_ms) {
    step->state = VERIFY_WAIT;
    step->wait_ms = wait_ms;
    snprintf(verifier->verify->reason, sizeof verifier->verify->reason, "%s", step->reason);
}

bool verify_pace_may_go(struct verifier *verifier, struct verify_step *step) {
    struct verify *verify = verifier->verify;
    const char *file = verify->plan->set.pace_pause_file;
    int64_t rows = slice_rows_ahead(verifier), wait_us = 0;
    bool paused = pause_file_exists(file);
    pthread_mutex_lock(&verify->lock);
    verify->reason[0] = '\0';
    if (!paused)
        wait_us = rate_take(&verify->rate, (double)rows, clock_monotonic_us());
    if (paused) {
        snprintf(step->reason, sizeof step->reason, "pause file %.80s is there", file);
        wait(verifier, step, PAUSE_POLL_MS);
    } else if (wait_us > 0) {
        snprintf(step->reason, sizeof step->reason, "rate limit: %" PRId64 " rows/s (verify.rows_per_second)",
                 verify->plan->set.verify_rows_per_second);
        wait(verifier, step, wait_us / 1000 + 1);
    }
    pthread_mutex_unlock(&verify->lock);
    verifier->taken = rows;
    return !paused && wait_us == 0;
}

void verify_pace_account(struct verifier *verifier, uint64_t rows) {
    struct verify *verify = verifier->verify;
    pthread_mutex_lock(&verify->lock);
    rate_return(&verify->rate, (double)verifier->taken - (double)rows);
    pthread_mutex_unlock(&verify->lock);
    verifier->taken = 0;
}
