/* verify.c - see verify.h: opening, stepping, closing. */
#include "reconcile/proof.h"

#include <openssl/rand.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ledger/owner.h"
#include "reconcile/self_check.h"

/* ---- opening ---- */

static int find_run(struct verify *verify, struct err *err) {
    struct ledger_run run = {0};
    bool found = false;
    int rc = ledger_is_installed(verify->ledger, verify->db, &found, err);
    if (rc == 0 && found)
        rc = ledger_run_find(verify->ledger, verify->db, verify->plan->name, &verify->arena, &run, &found, err);
    if (rc)
        return rc;
    if (!found) {
        err_set(err, ERR_NOT_FOUND, "plan %s was never run in this database", verify->plan->name);
        err_next(err, "nothing was compared; infill run %s fills it first", verify->plan->path);
        return ERR_NOT_FOUND;
    }
    verify->run = run.run;
    if (text_equal(run.meaning, verify->jobs->meaning))
        return 0;
    err_set(err, ERR_REFUSED, "plan %s has another meaning than the run in this database", verify->plan->name);
    err_next(err, "nothing was compared; infill run %s says what changed", verify->plan->path);
    return ERR_REFUSED;
}

/* ---- the pass ---- */

static char *scope_text(const struct verify *verify) {
    const struct verify_options *options = &verify->options;
    json_t *scope = json_pack("{s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:b}", "fill", options->fill, "ranges", options->ranges, "keys",
                              options->keys, "only", options->only, "purpose", options->purpose, "read_from",
                              options->read_replica ? "replica" : NULL, "sample", options->sample);
    char *text = scope ? json_dumps(scope, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(scope);
    return text;
}

static bool from_hex(const char *hex, unsigned char *out, size_t size) {
    for (size_t i = 0; i < size; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            return false;
        out[i] = (unsigned char)byte;
    }
    return true;
}

enum { SEED_SIZE = 2 * ROW_HASH_KEY_SIZE + 1 };

/* A new key, and its text unless that is NULL. */
static int draw_key(struct verify *verify, char seed[SEED_SIZE], struct err *err) {
    unsigned char bytes[ROW_HASH_KEY_SIZE];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return err_set(err, ERR_FAILURE, "no random bytes for the key of the row hashes");
    for (size_t i = 0; seed && i < sizeof bytes; i++)
        snprintf(seed + 2 * i, 3, "%02x", bytes[i]);
    row_hash_key_set(&verify->hash_key, bytes);
    return 0;
}

static int open_pass(struct verify *verify, struct err *err) {
    unsigned char bytes[ROW_HASH_KEY_SIZE];
    char seed[SEED_SIZE];
    int rc = draw_key(verify, seed, err);
    if (rc)
        return rc;
    char *scope = scope_text(verify);
    char *kept = scope ? arena_strdup(&verify->arena, scope) : NULL;
    mem_free(scope);
    if (kept == NULL)
        return err_nomem(err);
    rc = ledger_pass_open(verify->ledger, verify->db, verify->run, kept, seed, verify->options.restart || verify->options.sample,
                          verify->actor, &verify->arena, &verify->pass, err);
    if (rc)
        return rc;
    if (strlen(verify->pass.seed) != sizeof seed - 1 || !from_hex(verify->pass.seed, bytes, sizeof bytes))
        return err_set(err, ERR_MISMATCH, "the seed of the run's verifications is not readable");
    row_hash_key_set(&verify->hash_key, bytes);
    verify->pass.seed = arena_strdup(&verify->arena, verify->pass.seed); /* it may be the one that was drawn here */
    return verify->pass.seed ? sample_open(verify, err) : err_nomem(err);
}

static int open_over(struct verify *verify, struct err *err) {
    struct db_tx tx = plan_tx(verify->plan, false, false);
    int rc = db_open(&verify->db_options, &verify->db, err);
    if (rc == 0)
        rc = ledger_new(db_dialect(verify->db), &tx, &verify->own_ledger, err);
    verify->ledger = verify->own_ledger;
    if (rc == 0)
        rc = jobs_resolve(verify->plan, verify->db, &verify->jobs, err);
    if (rc == 0)
        rc = problems_to_err(&verify->jobs->problems, ERR_REFUSED, err);
    if (rc == 0)
        rc = find_run(verify, err);
    if (rc == 0)
        rc = proof_open(verify, err);
    if (rc == 0)
        rc = verify_replica_open(verify, err);
    if (rc == 0)
        rc = verify_pace_open(verify, err);
    return rc || verify->options.reads_only ? rc : open_pass(verify, err);
}

static void release(struct verify *verify) {
    sampler_close(verify->sampler);
    sample_close(verify);
    proof_close(verify);
    if (!verify->borrows) {
        jobs_free(verify->jobs);
        ledger_free(verify->own_ledger);
        db_close(verify->db);
    }
    arena_release(&verify->arena);
    pthread_mutex_destroy(&verify->lock);
    mem_free(verify);
}

static struct verify *new_verify(const struct plan *plan, const struct verify_options *options) {
    struct verify *verify = mem_zalloc(1, sizeof *verify);
    if (verify == NULL)
        return NULL;
    verify->plan = plan;
    verify->options = *options;
    arena_init(&verify->arena);
    pthread_mutex_init(&verify->lock, NULL);
    owner_actor(verify->actor, sizeof verify->actor);
    verify->look_tx = plan_tx(plan, true, false);
    verify->look_tx.snapshot = true;
    verify->started_us = clock_monotonic_us();
    return verify;
}

int verify_borrow(const struct plan *plan, const struct verify_options *options, struct jobs *jobs, const struct ledger *ledger,
                  int64_t run, struct db *db, struct verify **out, struct err *err) {
    struct verify *verify = new_verify(plan, options);
    if (verify == NULL)
        return err_nomem(err);
    verify->borrows = true;
    verify_pace_init(verify);
    verify->jobs = jobs;
    verify->ledger = ledger;
    verify->run = run;
    verify->db = db;
    int rc = ledger ? self_check(err) : 0;
    if (rc == 0)
        rc = proof_open(verify, err);
    if (rc == 0)
        rc = ledger ? open_pass(verify, err) : draw_key(verify, NULL, err);
    verify->db = NULL;
    if (rc)
        release(verify);
    else
        *out = verify;
    return rc;
}

int verify_open(const struct plan *plan, const struct verify_options *options, struct verify **out, struct err *err) {
    struct verify *verify = new_verify(plan, options);
    if (verify == NULL)
        return err_nomem(err);
    verify_pace_init(verify);
    char *name = arena_printf(&verify->arena, "infill verify %s", plan->name);
    verify->db_options = (struct db_options){.url = plan->source_url,
                                             .application_name = name,
                                             .connect_timeout_ms = (unsigned)(plan->set.connect_timeout_us / 1000),
                                             .log = &verify->options.log};
    int rc = name ? self_check(err) : err_nomem(err);
    if (rc == 0)
        rc = open_over(verify, err);
    if (rc)
        release(verify);
    else
        *out = verify;
    return rc;
}

/* ---- stepping ---- */

int verifier_open(struct verify *verify, struct verifier **out, struct err *err) {
    struct verifier *verifier = mem_zalloc(1, sizeof *verifier);
    if (verifier == NULL)
        return err_nomem(err);
    int rc = range_set_init(&verifier->set, &verify->hash_key, 0, PROOF_SET_BYTES, err);
    if (rc) {
        mem_free(verifier);
        return rc;
    }
    verifier->verify = verify;
    verifier->piece_rows = verify->piece_rows_max;
    pthread_mutex_init(&verifier->db_lock, NULL);
    arena_init(&verifier->arena);
    arena_init(&verifier->scratch);
    buf_init(&verifier->row);
    pthread_mutex_lock(&verify->lock);
    verifier->number = verify->verifier_count++;
    verifier->following = verify->verifiers;
    verify->verifiers = verifier;
    pthread_mutex_unlock(&verify->lock);
    *out = verifier;
    return 0;
}

static void set_db(struct verifier *verifier, struct db **at, struct db *db) {
    pthread_mutex_lock(&verifier->db_lock);
    struct db *before = *at;
    *at = db;
    pthread_mutex_unlock(&verifier->db_lock);
    db_close(before);
}

void verifier_close(struct verifier *verifier) {
    if (verifier == NULL)
        return;
    struct verify *verify = verifier->verify;
    if (!verifier->borrows_db)
        set_db(verifier, &verifier->db, NULL);
    set_db(verifier, &verifier->replica, NULL);
    pthread_mutex_lock(&verify->lock);
    for (struct verifier **at = &verify->verifiers; *at; at = &(*at)->following)
        if (*at == verifier) {
            *at = verifier->following;
            break;
        }
    pthread_mutex_unlock(&verify->lock);
    slice_drop(verifier);
    checks_release(verifier);
    range_set_release(&verifier->set);
    buf_release(&verifier->row);
    arena_release(&verifier->arena);
    cause_free(verifier->cause);
    mem_free(verifier->ends);
    mem_free(verifier->datums);
    mem_free(verifier->fitted);
    arena_release(&verifier->scratch);
    mem_free(verifier->states);
    pthread_mutex_destroy(&verifier->db_lock);
    mem_free(verifier);
}

/* The next slice without a verdict of this pass. */
static bool take_slice(struct verifier *verifier) {
    struct verify *verify = verifier->verify;
    verifier->slice = NULL;
    pthread_mutex_lock(&verify->lock);
    while (verifier->slice == NULL && verify->next_fill < verify->fill_count) {
        const struct proof_fill *fill = &verify->fills[verify->next_fill];
        if (verify->next_slice == fill->slice_count) {
            verify->next_fill++;
            verify->next_slice = 0;
            continue;
        }
        struct ledger_slice *slice = &fill->slices[verify->next_slice++];
        if (verify->pass.resumed && slice->pass == verify->pass.pass) {
            verify->slices_done++;
            continue;
        }
        verifier->fill = fill;
        verifier->slice = slice;
        verify->fill = fill->job->name;
        verify->working++;
    }
    pthread_mutex_unlock(&verify->lock);
    verifier->attempts = 0;
    return verifier->slice != NULL;
}

static int make_room(struct verifier *verifier, struct err *err) {
    size_t columns = verifier->fill->shape.column_count;
    if (columns <= verifier->column_room)
        return 0;
    mem_free(verifier->ends);
    mem_free(verifier->datums);
    mem_free(verifier->fitted);
    mem_free(verifier->states);
    verifier->ends = mem_zalloc(columns, sizeof *verifier->ends);
    verifier->datums = mem_zalloc(columns, sizeof *verifier->datums);
    verifier->fitted = mem_zalloc(columns, sizeof *verifier->fitted);
    verifier->states = mem_zalloc(columns, sizeof *verifier->states);
    bool whole = verifier->ends && verifier->datums && verifier->fitted && verifier->states;
    verifier->column_room = whole ? columns : 0;
    return whole ? 0 : err_nomem(err);
}

static int connect(struct verifier *verifier, struct err *err) {
    struct db *db = NULL, *replica = NULL;
    if (verifier->borrows_db)
        return 0;
    if (verifier->db && db_is_dead(verifier->db))
        set_db(verifier, &verifier->db, NULL);
    if (verifier->replica && db_is_dead(verifier->replica))
        set_db(verifier, &verifier->replica, NULL);
    int rc = verifier->db ? 0 : db_open(&verifier->verify->db_options, &db, err);
    if (db)
        set_db(verifier, &verifier->db, db);
    if (rc == 0 && verifier->verify->replica_mark && verifier->replica == NULL)
        rc = verify_replica_connect(verifier, &replica, err);
    if (replica)
        set_db(verifier, &verifier->replica, replica);
    return rc;
}

static void slice_is_done(struct verifier *verifier) {
    pthread_mutex_lock(&verifier->verify->lock);
    verifier->verify->slices_done++;
    verifier->verify->working--;
    pthread_mutex_unlock(&verifier->verify->lock);
    verifier->slice = NULL;
}

static bool passes_by(int code) {
    return code == ERR_LOST || code == ERR_UNCLEAR || code == ERR_CONNECT || code == ERR_TRANSIENT || code == ERR_LOCKED ||
           code == ERR_SLOW || code == ERR_READ_ONLY;
}

/* The slice is tried again after a while, or the verification ends with the error: an error is never a verdict. */
static int try_again(struct verifier *verifier, struct verify_step *step, struct err *err) {
    enum { BACKOFF_MS = 100, BACKOFF_MAX_MS = 5000 };
    int64_t most = verifier->verify->plan->set.retry_max;
    if (!passes_by(err->code) || ++verifier->attempts > most) {
        err_where(err, "fill %s, range %lld", verifier->fill->job->name, (long long)verifier->slice->range_no);
        err_next(err, "slices compared so far keep their verdicts; the same command goes on with the rest");
        return err->code;
    }
    int64_t wait_ms = (int64_t)BACKOFF_MS << (verifier->attempts < 6 ? verifier->attempts : 6);
    step->state = VERIFY_WAIT;
    step->wait_ms = wait_ms < BACKOFF_MAX_MS ? wait_ms : BACKOFF_MAX_MS;
    snprintf(step->reason, sizeof step->reason, "retry %u after %s", verifier->attempts, err_line(err->code));
    err_clear(err);
    return 0;
}

int verifier_take(struct verifier *verifier, const struct proof_fill *fill, struct ledger_slice *slice, struct err *err) {
    verifier->fill = fill;
    verifier->slice = slice;
    int rc = make_room(verifier, err);
    if (rc == 0)
        rc = checks_take(verifier, err);
    return rc ? rc : connect(verifier, err);
}

int verifier_step(struct verifier *verifier, struct verify_step *step, struct err *err) {
    struct verify *verify = verifier->verify;
    *step = (struct verify_step){.state = VERIFY_DRAINED};
    if (atomic_load(&verify->drain))
        return 0;
    if (verifier->slice == NULL && !take_slice(verifier)) {
        step->state = VERIFY_DONE;
        return 0;
    }
    bool done = false;
    int rc = verifier_take(verifier, verifier->fill, verifier->slice, err);
    while (rc == 0 && !done) {
        if (!verify_pace_may_go(verifier, step))
            return 0;
        uint64_t before = verifier->walk.result.rows[SIDE_SOURCE], read = 0;
        rc = slice_step(verifier, &step->rows, &done, err);
        read = done ? (uint64_t)step->rows : verifier->walk.result.rows[SIDE_SOURCE];
        verify_pace_account(verifier, read > before ? read - before : 0);
    }
    if (rc == ERR_CANCELLED && atomic_load(&verify->cancelled)) {
        err_clear(err);
        return 0;
    }
    if (rc)
        return try_again(verifier, step, err);
    if ((rc = checks_keep_slice(verifier, err)) != 0)
        return rc;
    step->state = VERIFY_SLICE;
    slice_is_done(verifier);
    return 0;
}

void verify_drain(struct verify *verify) {
    atomic_store(&verify->drain, true);
}

void verify_cancel(struct verify *verify) {
    atomic_store(&verify->drain, true);
    atomic_store(&verify->cancelled, true);
    pthread_mutex_lock(&verify->lock);
    for (struct verifier *verifier = verify->verifiers; verifier; verifier = verifier->following) {
        pthread_mutex_lock(&verifier->db_lock);
        if (verifier->db)
            db_cancel(verifier->db);
        if (verifier->replica)
            db_cancel(verifier->replica);
        pthread_mutex_unlock(&verifier->db_lock);
    }
    pthread_mutex_unlock(&verify->lock);
}

void verify_progress(struct verify *verify, struct verify_progress *progress) {
    pthread_mutex_lock(&verify->lock);
    double seconds = (double)(clock_monotonic_us() - verify->started_us) / 1e6;
    double share = verify->slices ? (double)verify->slices_done / verify->slices : 0;
    *progress = (struct verify_progress){.rows_source = verify->rows[SIDE_SOURCE],
                                         .rows_target = verify->rows[SIDE_TARGET],
                                         .findings = verify->findings,
                                         .slices = verify->slices,
                                         .slices_done = verify->slices_done,
                                         .rows_per_second = seconds > 0 ? (double)verify->rows[SIDE_SOURCE] / seconds : -1,
                                         .seconds_left = share > 0 ? seconds / share - seconds : -1,
                                         .fill = verify->fill ? verify->fill : ""};
    snprintf(progress->reason, sizeof progress->reason, "%s", verify->reason);
    pthread_mutex_unlock(&verify->lock);
}

/* ---- closing ---- */

void verify_abandon(struct verify *verify) {
    release(verify);
}

int verify_close(struct verify *verify, json_t **json, struct err *err) {
    bool complete = verify->slices_done == verify->slices;
    json_t *document = NULL;
    int rc = verify_document(verify, complete, &document, err);
    if (rc == 0 && complete) {
        char *text = json_dumps(document, JSON_COMPACT);
        rc = text ? ledger_pass_end(verify->ledger, verify->db, verify->run, verify->pass.pass,
                                    json_string_value(json_object_get(document, "verdict")), text, verify->actor, err)
                  : err_nomem(err);
        mem_free(text);
    }
    if (rc == 0 && json)
        *json = json_incref(document);
    json_decref(document);
    release(verify);
    return rc;
}
