/* signal_replica_lag.c - how far the replica that is furthest behind is behind, in seconds.
 *
 * With `replicas:` in the plan each one is asked itself. Where the primary's log was, and when, is remembered here; the lag of a replica is
 * how long ago the primary was where the replica is now. So no two clocks are compared, a primary that is idle has no lag, and
 * a replica that has stopped replaying is behind as soon as there is something to replay. Only of what was missing before the first look
 * the age is not known: there the replica's own replay clock counts, where it has one.
 *
 * Without `replicas:` the primary is asked what it knows of them. A replica that it knew and does not know any more has vanished. */
#include "base/mem.h"
#include "base/text.h"
#include "pace/signal.h"

enum {
    MARKS_MAX = 256,    /* positions; the older half is thinned out when there are more */
    POSITION_MAX = 256, /* of one: a list of GTIDs may be long */
    REPLICAS_MAX = 16,  /* as in the plan's schema */
    CONNECT_MS = 2000,  /* a replica that cannot be reached must not keep other signals from being measured */
    CONNECT_AGAIN_US = 2000000,
};

struct mark {
    int64_t at_us, until_us; /* first and last seen there: an idle primary stays */
    char position[POSITION_MAX];
};

struct replica {
    const char *url;
    char label[96];
    struct db *db;
    int64_t tried_us;
};

struct lag_signal {
    struct signal base;
    const struct sql_load *load;
    struct mark *marks; /* the oldest first */
    size_t mark_count;
    int64_t first_us; /* of the first look */
    char first[POSITION_MAX];
    struct replica replicas[REPLICAS_MAX];
    size_t replica_count;
    unsigned known; /* replicas that the primary knew at once, at most */
};

/* What may be shown of a URL: host and port. */
static void label_of(const char *url, char *label, size_t size) {
    const char *rest = strstr(url, "://");
    rest = rest ? rest + 3 : url;
    size_t len = strcspn(rest, "/?");
    for (size_t i = 0; i < len; i++)
        if (rest[i] == '@') {
            rest += i + 1;
            len -= i + 1;
            i = (size_t)-1;
        }
    snprintf(label, size, "%.*s", (int)len, len ? rest : "local");
}

static int open_lag(struct signal *signal, const struct plan *plan, struct err *err) {
    struct lag_signal *lag = (struct lag_signal *)signal;
    const struct db_engine *engine = db_engine_for(plan->source_url);
    lag->load = engine ? engine->dialect->load : NULL;
    if (lag->load == NULL || lag->load->position == NULL)
        return err_set(err, ERR_UNSUPPORTED, "%s has no replicas", engine ? engine->name : "this engine");
    if (plan->replica_count == 0 && lag->load->replicas == NULL)
        return err_set(err, ERR_USAGE, "name the replicas in the plan (replicas: [URL, ...]): a %s primary does not know their lag",
                       engine->name);
    for (size_t i = 0; i < plan->replica_count; i++) {
        struct replica *replica = &lag->replicas[lag->replica_count++];
        replica->url = plan->replicas[i];
        label_of(replica->url, replica->label, sizeof replica->label);
        if (db_engine_for(replica->url) != engine)
            return err_set(err, ERR_USAGE, "replica %s is no %s", replica->label, engine->name);
    }
    lag->marks = mem_zalloc(MARKS_MAX, sizeof *lag->marks);
    return lag->marks ? 0 : err_nomem(err);
}

static void close_lag(struct signal *signal) {
    struct lag_signal *lag = (struct lag_signal *)signal;
    for (size_t i = 0; i < lag->replica_count; i++)
        db_close(lag->replicas[i].db);
    mem_free(lag->marks);
}

/* ---- where the primary was, and when ---- */

/* Every other one of the older half goes. */
static void thin_out(struct lag_signal *lag) {
    size_t kept = 0;
    for (size_t i = 0; i < lag->mark_count; i++)
        if (i >= MARKS_MAX / 2 || i % 2 == 0)
            lag->marks[kept++] = lag->marks[i];
    lag->mark_count = kept;
}

static int mark_primary(struct lag_signal *lag, const struct signal_tools *tools, struct err *err) {
    struct db_result result;
    int rc = signal_query(&lag->base, tools, lag->load->position, &result, err);
    const char *position = rc ? NULL : db_cell(&result, 0, 0);
    if (rc)
        return rc;
    if (position == NULL || position[0] == '\0' || strlen(position) >= POSITION_MAX)
        return err_set(err, ERR_SQL, "the primary says no position of its log that could be compared");
    if (lag->first_us == 0) {
        lag->first_us = tools->now_us;
        snprintf(lag->first, sizeof lag->first, "%s", position);
    }
    if (lag->mark_count && text_equal(lag->marks[lag->mark_count - 1].position, position)) {
        lag->marks[lag->mark_count - 1].until_us = tools->now_us;
        return 0;
    }
    if (lag->mark_count == MARKS_MAX)
        thin_out(lag);
    struct mark *mark = &lag->marks[lag->mark_count++];
    mark->at_us = mark->until_us = tools->now_us;
    snprintf(mark->position, sizeof mark->position, "%s", position);
    return 0;
}

/* When the primary was where the replica is now: between the last mark that it has reached and the next one, by their distances. Marks that
 * every replica has reached are kept too: they are few. */
static double age(const struct lag_signal *lag, const char *replayed, int64_t now_us) {
    size_t i = 0;
    while (i < lag->mark_count && lag->load->has_reached(replayed, lag->marks[i].position))
        i++;
    if (i == lag->mark_count)
        return 0;
    if (i == 0)
        return (double)(now_us - lag->marks[0].at_us) / 1e6;
    const struct mark *before = &lag->marks[i - 1], *after = &lag->marks[i];
    double whole = lag->load->distance(before->position, after->position);
    double part = whole > 0 ? lag->load->distance(before->position, replayed) / whole : 0;
    double at_us = (double)before->until_us + (part < 0 ? 0 : part > 1 ? 1 : part) * (double)(after->at_us - before->until_us);
    return ((double)now_us - at_us) / 1e6;
}

/* ---- the replicas ---- */

static int connect_replica(struct replica *replica, const struct signal_tools *tools, struct err *err) {
    if (replica->db && !db_is_dead(replica->db))
        return 0;
    if (replica->tried_us && tools->now_us - replica->tried_us < CONNECT_AGAIN_US)
        return err_set(err, ERR_CONNECT, "no connection to %s", replica->label);
    db_close(replica->db);
    replica->db = NULL;
    replica->tried_us = tools->now_us;
    struct db_options options = *tools->db_options;
    options.url = replica->url;
    options.read_only = true;
    options.connect_timeout_ms = CONNECT_MS;
    return db_open(&options, &replica->db, err);
}

static int ask_replica(struct lag_signal *lag, struct replica *replica, const struct signal_tools *tools, double *seconds,
                       bool *gone, struct err *err) {
    struct signal_tools there = *tools;
    struct db_result result;
    double bound = 0;
    int rc = connect_replica(replica, tools, err);
    there.db = replica->db;
    if (rc == 0)
        rc = signal_query(&lag->base, &there, lag->load->replayed, &result, err);
    if (rc) {
        err_where(err, "replica %s", replica->label);
        return rc;
    }
    const char *replayed = db_cell(&result, 0, 0), *clock = db_cell(&result, 0, 2);
    *gone = db_cell_int(&result, 0, 1, 0) == 0;
    *seconds = age(lag, replayed, tools->now_us);
    if (clock && !lag->load->has_reached(replayed, lag->first) && text_to_double(clock, &bound) && bound > *seconds)
        *seconds = bound;
    return 0;
}

static int ask_replicas(struct lag_signal *lag, const struct signal_tools *tools, struct pace_reading *reading, struct err *err) {
    int rc = mark_primary(lag, tools, err);
    for (size_t i = 0; i < lag->replica_count && rc == 0 && !reading->gone; i++) {
        struct replica *replica = &lag->replicas[i];
        double seconds = 0;
        rc = ask_replica(lag, replica, tools, &seconds, &reading->gone, err);
        if (rc == 0 && (reading->gone || seconds >= reading->value)) {
            reading->value = seconds;
            snprintf(reading->detail, sizeof reading->detail, "%s%s", replica->label,
                     reading->gone ? " is no replica any more" : "");
        }
    }
    return rc;
}

/* ---- without their URLs ---- */

static int ask_primary(struct lag_signal *lag, const struct signal_tools *tools, struct pace_reading *reading, struct err *err) {
    struct db_result result;
    int rc = signal_rows(&lag->base, tools, lag->load->replicas, &result, err);
    if (rc)
        return rc;
    if (result.row_count == 0 && lag->known == 0)
        return err_set(err, ERR_NOT_FOUND, "no replica is connected to the primary");
    for (unsigned i = 0; i < result.row_count; i++) {
        double seconds = 0;
        const char *cell = db_cell(&result, i, 1);
        if (db_cell_int(&result, i, 2, 0) == 0)
            return err_set(err, ERR_DENIED, "the lag of replicas is not shown to this role: GRANT pg_monitor TO it");
        if (cell && text_to_double(cell, &seconds) && seconds > reading->value) {
            reading->value = seconds;
            snprintf(reading->detail, sizeof reading->detail, "%s", db_cell(&result, i, 0));
        }
    }
    reading->gone = result.row_count < lag->known;
    if (reading->gone)
        snprintf(reading->detail, sizeof reading->detail, "%u of %u are connected", result.row_count, lag->known);
    else
        lag->known = result.row_count;
    return 0;
}

static int sample(struct signal *signal, const struct signal_tools *tools, struct pace_reading *reading, struct err *err) {
    struct lag_signal *lag = (struct lag_signal *)signal;
    return lag->replica_count ? ask_replicas(lag, tools, reading, err) : ask_primary(lag, tools, reading, err);
}

const struct signal_type replica_lag_signal = {.name = "replica_lag",
                                               .kind = PACE_BUDGET,
                                               .needs_db = true,
                                               .of_writes = true,
                                               .size = sizeof(struct lag_signal),
                                               .open = open_lag,
                                               .sample = sample,
                                               .close = close_lag};
