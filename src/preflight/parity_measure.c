/* parity_measure.c - round trips, commits and rehearsed batches of both sides, in turns.
 *
 * A privilege that is missing, or a server that does not write, is a reason to measure less and to say so; only a connection that broke,
 * memory that ran out and somebody who wants to stop end it. Whatever was made is dropped first. */
#include "base/clock.h"
#include "base/text.h"
#include "preflight/parity.h"
#include "preflight/rehearse.h"

enum { BUDGET_US = 10 * 1000000 }; /* for commits: a server that takes longer for a few of them is known well enough */

static bool ends_everything(int rc) {
    return rc == ERR_LOST || rc == ERR_CONNECT || rc == ERR_NOMEM || rc == ERR_CANCELLED || rc == ERR_INTERNAL || rc == ERR_UNCLEAR;
}

/* Keeps the reason instead of the error, unless the error ends everything. */
static int note(struct parity *parity, struct parity_side *side, const char **why_not, int rc, struct err *err) {
    if (rc == 0)
        return 0;
    if (ends_everything(rc)) {
        err_where(err, "environment %s", side->name);
        return rc;
    }
    *why_not = parity_text(parity, "%s: %s", side->name, err->message);
    err_clear(err);
    return 0;
}

static int check_stop(const struct parity *parity, struct err *err) {
    return parity->stopped && parity->stopped(parity->stopped_context) ? err_set(err, ERR_CANCELLED, "stopped while measuring") : 0;
}

static void keep(struct parity_sample *sample, double value) {
    if (sample->count < PARITY_COMMITS)
        sample->values[sample->count++] = value;
}

static int round_trips(struct parity *parity, struct parity_side *side, struct err *err) {
    const struct db_tx tx = plan_tx(side->plan, true, false);
    struct arena arena;
    struct probe_sql sql;
    arena_init(&arena);
    int rc = probe_sql_build(db_dialect(side->db), &arena, &sql, err);
    if (rc == 0)
        rc = db_flush(side->db, DB_BEGIN, &tx, NULL, 0, NULL, NULL, err);
    for (size_t i = 0; i < PARITY_ROUND_TRIPS / PARITY_ROUNDS && rc == 0; i++) {
        double ms;
        rc = probe_round_trip(&sql, side->db, &arena, &ms, err);
        if (rc == 0)
            keep(&side->round_trips, ms);
    }
    db_rollback(side->db);
    arena_release(&arena);
    const char *ignored;
    return note(parity, side, &ignored, rc, err);
}

/* Half of them as the ledger commits, half as the plan's batches do. */
static int commits(struct parity *parity, struct parity_side *side, struct err *err) {
    int rc = 0;
    for (size_t i = 0; i < PARITY_COMMITS / PARITY_ROUNDS && rc == 0; i++) {
        bool as_batch = i % 2 == 1;
        struct db_tx tx = plan_tx(side->plan, false, as_batch && side->plan->set.batch_async_commit);
        double ms;
        rc = probe_commit(&side->probe, side->db, &tx, &ms, err);
        if (rc == 0)
            keep(as_batch ? &side->batch_commits : &side->commits, ms);
    }
    return note(parity, side, &side->no_probe, rc, err);
}

/* The side that comes first changes with every round. */
static int take_turns(struct parity *parity, struct err *err) {
    int64_t begin_us = clock_monotonic_us();
    int rc = 0;
    for (size_t i = 0; i < 2 * PARITY_ROUNDS && rc == 0; i++) {
        struct parity_side *side = &parity->sides[(i + i / 2) % 2];
        bool wanted = !parity->sides[0].no_probe && !parity->sides[1].no_probe;
        rc = check_stop(parity, err);
        if (rc == 0)
            rc = round_trips(parity, side, err);
        if (rc == 0 && wanted && clock_monotonic_us() - begin_us < 2 * BUDGET_US)
            rc = commits(parity, side, err);
    }
    return rc;
}

static int open_probes(struct parity *parity, struct err *err) {
    for (size_t i = 0; i < 2; i++) {
        struct parity_side *side = &parity->sides[i];
        int rc = probe_open(&side->probe, side->db, side->ledger, parity->arena, err);
        if ((rc = note(parity, side, &side->no_probe, rc, err)) != 0)
            return rc;
    }
    return 0;
}

/* A table that stays is worse than an error before it. */
static int close_probes(struct parity *parity, int rc, struct err *err) {
    for (size_t i = 0; i < 2; i++) {
        struct parity_side *side = &parity->sides[i];
        struct err left;
        err_clear(&left);
        if (probe_close(&side->probe, side->db, &side->options, &left) != 0) {
            rc = left.code;
            *err = left;
        }
    }
    return rc;
}

static int probe_both(struct parity *parity, struct err *err) {
    struct probe_sql sql[2];
    for (size_t i = 0; i < 2; i++)
        if (probe_sql_build(db_dialect(parity->sides[i].db), parity->arena, &sql[i], err) != 0)
            return err->code;
    log_line(parity->log, LOG_WARN,
             "the probe commits %d transactions of one row to %s in %s and to %s in %s, and drops the tables; without it, neither "
             "round trips nor commits are measured",
             PARITY_COMMITS, sql[0].table, parity->sides[0].name, sql[1].table, parity->sides[1].name);
    int rc = open_probes(parity, err);
    if (rc == 0)
        rc = take_turns(parity, err);
    return close_probes(parity, rc, err);
}

static void keep_batches(struct parity_side *side) {
    size_t f, b;
    json_t *fill, *batch;
    json_array_foreach (json_object_get(side->dry_run, "fills"), f, fill)
        json_array_foreach (json_object_get(json_object_get(fill, "rehearsal"), "batches"), b, batch) {
            double rows = json_number_value(json_object_get(batch, "rows"));
            if (rows > 0 && json_is_null(json_object_get(batch, "error")))
                keep(&side->batches[f], json_number_value(json_object_get(batch, "milliseconds")) * 1000.0 / rows);
        }
}

static int rehearse_side(struct parity *parity, struct parity_side *side, struct err *err) {
    struct plan plan = *side->plan;
    plan.set.batch_rows = parity->batch_rows;
    struct rehearsal rehearsal = {.plan = &plan,
                                  .db = side->db,
                                  .tx = plan_tx(&plan, false, plan.set.batch_async_commit),
                                  .read_tx = plan_tx(&plan, true, false),
                                  .arena = parity->arena,
                                  .batches = PARITY_BATCHES};
    rehearsal.tx.by_index = rehearsal.read_tx.by_index = true;
    int rc = check_stop(parity, err);
    if (rc)
        return rc;
    rc = rehearse(&rehearsal, side->jobs, side->dry_run, err);
    if (rc == 0)
        keep_batches(side);
    return note(parity, side, &side->no_rehearsal, rc, err);
}

static void say_what_stays(const struct parity *parity) {
    for (size_t i = 0; i < 2; i++) {
        const struct parity_side *side = &parity->sides[i];
        const char *leaves = side->db->engine->rollback_leaves;
        log_line(parity->log, leaves ? LOG_WARN : LOG_INFO, "batches are rehearsed in %s and rolled back%s%s", side->name,
                 leaves ? "; what stays all the same: " : "", leaves ? leaves : "");
    }
}

static int rehearse_both(struct parity *parity, struct err *err) {
    static const size_t turns[2 * PARITY_REHEARSALS] = {0, 1, 1, 0};
    for (size_t i = 0; i < 2; i++) {
        struct parity_side *side = &parity->sides[i];
        if (parity->no_rehearsal)
            side->no_rehearsal = "not asked for";
        else if (side->jobs->problems.failures > 0)
            side->no_rehearsal = parity_text(parity, "%s: the plan cannot run there", side->name);
    }
    if (parity->sides[0].no_rehearsal || parity->sides[1].no_rehearsal)
        return 0;
    say_what_stays(parity);
    int rc = 0;
    for (size_t i = 0; i < 2 * PARITY_REHEARSALS && rc == 0; i++)
        if (!parity->sides[turns[i]].no_rehearsal)
            rc = rehearse_side(parity, &parity->sides[turns[i]], err);
    return rc;
}

int parity_measure(struct parity *parity, struct err *err) {
    int64_t a = parity->sides[0].plan->set.batch_rows, b = parity->sides[1].plan->set.batch_rows;
    parity->batch_rows = a < b ? a : b;
    int rc = parity->no_probe ? check_stop(parity, err) : probe_both(parity, err);
    return rc ? rc : rehearse_both(parity, err);
}
