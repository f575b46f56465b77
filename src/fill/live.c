/* live.c - settings that somebody changes while the run is under way: every process asks the ledger for them. */
#include "base/mem.h"
#include "base/text.h"
#include "fill/run.h"

/* Under the lock. */
static void put_in_force(struct fill_run *run, const struct plan_settings *set, char *live) {
    mem_free(run->live);
    run->live = live;
    run->set = *set;
    run->share = (double)set->pace_rows_per_second * run->portion;
    run->refreshed_us = 0; /* shares are not kept up while there is no limit */
    run->live_changes++;
}

/* What a newer infill may have put there, or what does not go together with this plan, changes nothing. */
static int apply(struct fill_run *run, const char *text, struct err *err) {
    struct plan_settings set;
    json_t *live = text ? json_loads(text, 0, NULL) : NULL;
    char *copy = mem_strdup(text ? text : "");
    if (copy == NULL) {
        json_decref(live);
        return err_nomem(err);
    }
    int rc = plan_live_settings(run->plan, live, &set, err);
    json_decref(live);
    if (rc) {
        log_line(&run->options.log, LOG_WARN, "settings of the ledger are not followed: %s", err->message);
        err_clear(err);
        set = run->set;
    } else {
        log_line(&run->options.log, LOG_INFO, "settings changed by infill set: %s", text ? text : "{}");
    }
    pthread_mutex_lock(&run->lock);
    put_in_force(run, &set, copy);
    pthread_mutex_unlock(&run->lock);
    return 0;
}

int fill_run_live(struct fill_run *run, struct db *db, int64_t now_us, struct err *err) {
    struct arena arena;
    const char *text = NULL;
    pthread_mutex_lock(&run->lock);
    bool due = run->looked_us == 0 || now_us - run->looked_us >= FILL_LIVE_US;
    if (due)
        run->looked_us = now_us;
    pthread_mutex_unlock(&run->lock);
    if (!due)
        return 0;
    arena_init(&arena);
    int rc = ledger_live(run->ledger, db, run->run, &arena, &text, err);
    pthread_mutex_lock(&run->lock);
    bool same = text_equal(run->live ? run->live : "", text ? text : "");
    pthread_mutex_unlock(&run->lock);
    if (rc == 0 && !same)
        rc = apply(run, text, err);
    arena_release(&arena);
    return rc;
}
