/* settle.c - see settle.h. */
#include "fill/settle.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "fill/guards.h"
#include "fill/mutant.h"
#include "reconcile/settle.h"

enum { LOOK_US = DB_HOLDERS_MS * 1000, WAIT_MS = 60 };

bool settle_is_wanted(const struct fill_run *run) {
    return run->plan->writes == PLAN_WRITES_APPLICATION;
}

/* ---- the ranges that are waited for ---- */

static struct settling *find_entry(struct fill_run *run, const char *fill, int64_t range_no) {
    for (size_t i = 0; i < SETTLE_ROOM; i++)
        if (run->settling[i].used && run->settling[i].slice.range_no == range_no && text_equal(run->settling[i].fill, fill))
            return &run->settling[i];
    return NULL;
}

static struct settling *free_entry(struct fill_run *run) {
    for (size_t i = 0; i < SETTLE_ROOM; i++)
        if (!run->settling[i].used)
            return &run->settling[i];
    return NULL;
}

static int note(struct settling *entry, const struct ledger_unsettled *found, int64_t now_us, struct err *err) {
    struct arena *arena = &entry->arena;
    *entry = (struct settling){.used = true, .seen_us = now_us};
    arena_init(arena);
    entry->fill = arena_strdup(arena, found->fill);
    entry->slice = found->slice;
    entry->slice.state = "filled";
    entry->slice.lo = arena_strdup(arena, found->slice.lo);
    entry->slice.hi = arena_strdup(arena, found->slice.hi);
    return entry->fill && entry->slice.hi && (entry->slice.lo || !found->slice.lo) ? 0 : err_nomem(err);
}

static void drop(struct fill_run *run, struct settling *entry) {
    pthread_mutex_lock(&run->lock);
    arena_release(&entry->arena);
    *entry = (struct settling){0};
    pthread_mutex_unlock(&run->lock);
}

static bool is_selected(const struct fill_run *run, const char *fill) {
    return run->only == run->jobs->count || text_equal(run->jobs->jobs[run->only].name, fill);
}

/* New ranges out of the ledger, while there is room for them. */
static int gather(struct worker *worker, int64_t now_us, struct err *err) {
    struct fill_run *run = worker->run;
    struct ledger_unsettled *list;
    size_t count;
    arena_reset(&worker->batch_arena);
    int rc = ledger_unsettled(run->ledger, worker->db, run->run, 4 * SETTLE_ROOM, &worker->batch_arena, &list, &count, err);
    pthread_mutex_lock(&run->lock);
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct settling *entry = free_entry(run);
        if (entry && is_selected(run, list[i].fill) && find_entry(run, list[i].fill, list[i].slice.range_no) == NULL)
            rc = note(entry, &list[i], now_us, err);
    }
    pthread_mutex_unlock(&run->lock);
    return rc;
}

/* ---- whose turn it is ---- */

/* An entry that is worth a look now, marked busy. */
static struct settling *take_entry(struct fill_run *run, int64_t now_us) {
    struct settling *found = NULL;
    pthread_mutex_lock(&run->lock);
    for (size_t i = 0; i < SETTLE_ROOM; i++) {
        struct settling *entry = &run->settling[i];
        if (!entry->used || entry->busy) /* what else it holds is its worker's business */
            continue;
        int64_t since = entry->has_holders ? entry->looked_us : entry->seen_us;
        if (now_us - since >= LOOK_US && (found == NULL || entry->seen_us < found->seen_us))
            found = entry;
    }
    if (found)
        found->busy = true;
    pthread_mutex_unlock(&run->lock);
    return found;
}

static void give_back(struct fill_run *run, struct settling *entry, int64_t now_us) {
    pthread_mutex_lock(&run->lock);
    entry->looked_us = now_us;
    entry->busy = false;
    pthread_mutex_unlock(&run->lock);
}

static const struct job *job_named(const struct fill_run *run, const char *name) {
    for (size_t i = 0; i < run->jobs->count; i++)
        if (text_equal(run->jobs->jobs[i].name, name))
            return &run->jobs->jobs[i];
    return NULL;
}

static int holders_now(struct worker *worker, const struct settling *entry, struct arena *arena, struct db_holders *holders,
                       struct err *err) {
    const struct job *job = job_named(worker->run, entry->fill);
    if (job == NULL)
        return err_set(err, ERR_INTERNAL, "fill %s is not in the plan", entry->fill);
    const struct sql_table *tables[2] = {job->source, job->target};
    int rc = db_holders(worker->db, tables, job->map.in_place ? 1 : 2, arena, holders, err);
    if (rc == ERR_DENIED)
        err_next(err,
                 "ranges stay filled, not settled; let the role see transactions (GRANT PROCESS ON *.*) and run the same command "
                 "again, or say writes: none when nobody writes");
    return rc;
}

/* Everybody who could have raced with the range's batches is gone. */
static int is_due(struct worker *worker, struct settling *entry, bool *due, struct err *err) {
    struct arena arena;
    struct db_holders now;
    *due = false;
    if (!entry->has_holders) {
        int rc = holders_now(worker, entry, &entry->arena, &entry->holders, err);
        entry->has_holders = rc == 0;
        *due = rc == 0 && entry->holders.count == 0;
        return rc;
    }
    arena_init(&arena);
    int rc = holders_now(worker, entry, &arena, &now, err);
    struct buf names;
    buf_init(&names);
    if (rc == 0)
        *due = db_holders_left(&entry->holders, &now, &names) == 0;
    snprintf(entry->names, sizeof entry->names, "%s", buf_ok(&names) ? names.data : "?");
    buf_release(&names);
    arena_release(&arena);
    return rc;
}

/* ---- settling ---- */

static int open_settler(struct worker *worker, struct err *err) {
    struct fill_run *run = worker->run;
    pthread_mutex_lock(&run->settle_lock);
    int rc = run->settler
                 ? 0
                 : settler_open(run->plan, run->jobs, run->ledger, run->run, worker->db, &run->options.log, &run->settler, err);
    pthread_mutex_unlock(&run->settle_lock);
    return rc;
}

static void count(struct fill_run *run, int64_t ranges, const struct settle_result *result) {
    pthread_mutex_lock(&run->lock);
    run->settled_ranges += ranges;
    run->settle_repaired += result->repaired;
    run->settle_deleted += result->deleted;
    run->settle_extra += result->extra;
    pthread_mutex_unlock(&run->lock);
}

static int settle_entry(struct worker *worker, const struct settling *entry, struct err *err) {
    struct fill_run *run = worker->run;
    struct settle_result result = {0};
    bool claimed = false;
    int64_t number = entry->slice.range_no;
    int rc = open_settler(worker, err);
    if (rc == 0)
        rc = ledger_settle_claim(run->ledger, worker->db, run->run, entry->fill, number, worker->owner,
                                 run->plan->set.lease_ttl_us / 1000, &claimed, err);
    if (rc || !claimed) /* somebody else is at it, or has done it: the ledger knows */
        return rc;
    if (rc == 0)
        rc = mutant_is(MUTANT_NO_SETTLING)
                 ? ledger_settled(run->ledger, worker->db, run->run, entry->fill, entry->slice.range_no, worker->owner, err)
                 : settle_range(run->settler, worker->db, entry->fill, &entry->slice, worker->owner, &result, err);
    if (rc == 0) {
        count(run, 1, &result);
        return guards_settled(worker, entry->fill, &entry->slice, result.repaired + result.deleted, err);
    }
    err_where(err, "settling range %lld of fill %s", (long long)number, entry->fill);
    struct err ignored;
    err_clear(&ignored);
    if (!db_is_dead(worker->db))
        ledger_settle_unclaim(run->ledger, worker->db, run->run, entry->fill, number, worker->owner, &ignored);
    return rc;
}

static bool time_to_gather(struct fill_run *run, int64_t now_us) {
    pthread_mutex_lock(&run->lock);
    bool due = now_us - run->gathered_us >= LOOK_US;
    if (due)
        run->gathered_us = now_us;
    pthread_mutex_unlock(&run->lock);
    return due;
}

int worker_settle(struct worker *worker, bool *did, struct err *err) {
    struct fill_run *run = worker->run;
    int64_t now_us = clock_monotonic_us();
    bool due = false;
    *did = false;
    int rc = time_to_gather(run, now_us) ? gather(worker, now_us, err) : 0;
    struct settling *entry = rc ? NULL : take_entry(run, now_us);
    if (entry == NULL)
        return rc;
    rc = is_due(worker, entry, &due, err);
    if (rc == 0 && due && (rc = settle_entry(worker, entry, err)) == 0) {
        drop(run, entry);
        *did = true;
        return 0;
    }
    give_back(run, entry, clock_monotonic_us());
    return rc;
}

/* ---- the end ---- */

/* The entry that has been waited for longest; its names into `names`. */
static int64_t oldest_wait(struct fill_run *run, int64_t now_us, char *names, size_t size) {
    int64_t longest = 0;
    pthread_mutex_lock(&run->lock);
    for (size_t i = 0; i < SETTLE_ROOM; i++) {
        const struct settling *entry = &run->settling[i];
        if (!entry->used || entry->busy || !entry->has_holders || now_us - entry->seen_us <= longest)
            continue;
        longest = now_us - entry->seen_us;
        snprintf(names, size, "%s", entry->names);
    }
    pthread_mutex_unlock(&run->lock);
    return longest;
}

static int settle_each_fills_strays(struct worker *worker, struct err *err) {
    struct fill_run *run = worker->run;
    int rc = open_settler(worker, err);
    for (size_t i = 0; i < run->jobs->count && rc == 0; i++) {
        struct settle_result result;
        if (!is_selected(run, run->jobs->jobs[i].name))
            continue;
        rc = settle_strays(run->settler, worker->db, run->jobs->jobs[i].name, worker->owner, &result, err);
        if (rc == 0)
            count(run, 0, &result);
    }
    return rc;
}

/* By one worker of the process; the others see *settled false until he has. */
static int settle_all_strays(struct worker *worker, bool *settled, struct err *err) {
    struct fill_run *run = worker->run;
    pthread_mutex_lock(&run->lock);
    bool mine = run->strays == STRAYS_LEFT;
    *settled = run->strays == STRAYS_SETTLED;
    if (mine)
        run->strays = STRAYS_BUSY;
    pthread_mutex_unlock(&run->lock);
    if (!mine)
        return 0;
    int rc = settle_each_fills_strays(worker, err);
    pthread_mutex_lock(&run->lock);
    run->strays = rc ? STRAYS_LEFT : STRAYS_SETTLED;
    pthread_mutex_unlock(&run->lock);
    *settled = rc == 0;
    return rc;
}

int worker_settle_rest(struct worker *worker, struct worker_step *step, bool *settled, struct err *err) {
    struct fill_run *run = worker->run;
    char names[160] = "";
    bool did = false;
    int64_t left = 0;
    *settled = !settle_is_wanted(run);
    if (*settled)
        return 0;
    int rc = worker_settle(worker, &did, err);
    if (rc == 0)
        rc = ledger_unsettled_count(run->ledger, worker->db, run->run,
                                    run->only < run->jobs->count ? run->jobs->jobs[run->only].name : NULL, &left, err);
    *settled = rc == 0 && left == 0;
    if (rc == 0 && *settled && !mutant_is(MUTANT_NO_SETTLING))
        rc = settle_all_strays(worker, settled, err);
    if (rc || *settled)
        return rc;
    int64_t waited = oldest_wait(run, clock_monotonic_us(), names, sizeof names);
    if (waited > run->plan->set.snapshot_wait_us && names[0]) {
        worker->outwaited = true;
        err_set(err, ERR_LOCKED, "%lld ranges are filled and not settled: transactions from before do not end: %s", (long long)left,
                names);
        err_next(
            err,
            "all rows are moved; end those transactions, or let them end, and run the same command again: it settles the rest");
        return ERR_LOCKED;
    }
    worker_wait(worker, step, did ? 0 : WAIT_MS, "settling", "settling: %lld ranges left%s%s", (long long)left,
                names[0] ? ", waiting for " : "", names);
    return 0;
}

void settle_release(struct fill_run *run) {
    for (size_t i = 0; run->settling && i < SETTLE_ROOM; i++)
        if (run->settling[i].used)
            arena_release(&run->settling[i].arena);
    mem_free(run->settling);
    settler_close(run->settler);
}
