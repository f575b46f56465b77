/* verify_pace.c - how fast a verification reads: rows per second of its own, shared by the verifiers of this process, the pause file, and
 * the signals of the plan but for those that are about writes.
 *
 * Asked between two pieces, when no snapshot is open. */
#include <inttypes.h>

#include "base/clock.h"
#include "pace/pause_file.h"
#include "reconcile/proof.h"

enum { PAUSE_POLL_MS = 1000 };

int verify_pace_open(struct verify *verify, struct err *err) {
    const struct sampler_options options = {
        .plan = verify->plan, .db = &verify->db_options, .log = &verify->options.log, .for_reading = true};
    return verify->options.reads_only || verify->options.purpose ? 0 : sampler_open(&options, &verify->sampler, err);
}

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

/* What signals say. Slowed down, it rests after each piece as long as leaves it that part of its time. */
static bool is_held(struct verifier *verifier, struct verify_step *step) {
    struct verify *verify = verifier->verify;
    struct pace_decision decision = {.verdict = PACE_GO, .factor = 1};
    if (verify->sampler)
        sampler_decide(verify->sampler, &decision);
    int64_t left_ms = (verifier->rest_us - clock_monotonic_us()) / 1000;
    verifier->factor = decision.verdict == PACE_SLOW ? decision.factor : 1;
    if (decision.verdict == PACE_GO || (decision.verdict == PACE_SLOW && left_ms <= 0))
        return false;
    snprintf(step->reason, sizeof step->reason, "%s", decision.text);
    pthread_mutex_lock(&verify->lock);
    wait(verifier, step, decision.verdict == PACE_WAIT || left_ms > PAUSE_POLL_MS ? PAUSE_POLL_MS : left_ms + 1);
    pthread_mutex_unlock(&verify->lock);
    return true;
}

bool verify_pace_may_go(struct verifier *verifier, struct verify_step *step) {
    struct verify *verify = verifier->verify;
    if (is_held(verifier, step))
        return false;
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
    verifier->piece_began_us = clock_monotonic_us();
    return !paused && wait_us == 0;
}

void verify_pace_account(struct verifier *verifier, uint64_t rows) {
    struct verify *verify = verifier->verify;
    pthread_mutex_lock(&verify->lock);
    rate_return(&verify->rate, (double)verifier->taken - (double)rows);
    pthread_mutex_unlock(&verify->lock);
    verifier->taken = 0;
    int64_t now_us = clock_monotonic_us();
    verifier->rest_us = verifier->factor < 1 ? now_us + pace_rest_us(verifier->factor, 1, now_us - verifier->piece_began_us) : 0;
}
