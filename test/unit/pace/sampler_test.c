/* The thread that measures: what it reads becomes a decision while others ask, and it ends when it is told to, in the middle of a query, of
 * a program, and without a database. Waiting is for conditions; a test that never sees one hangs. */
#include "../sqlite_file.h"

#include <pthread.h>

#include "base/text.h"
#include "pace/sampler.h"

enum { ASKERS = 4 };

struct measured {
    struct sqlite_file file;
    struct plan plan;
    struct plan_signal signals[2];
    struct db_options db;
    struct log log;
    struct sampler *sampler;
};

static void make(struct measured *m) {
    memset(m, 0, sizeof *m);
    sqlite_file_make(&m->file);
    sqlite_file_exec(&m->file, "PRAGMA journal_mode = WAL");
    sqlite_file_exec(&m->file, "CREATE TABLE made_up (load_now INTEGER)");
    sqlite_file_exec(&m->file, "INSERT INTO made_up VALUES (0)");
    m->plan.source_url = m->file.url;
    m->plan.signals = m->signals;
    m->db = (struct db_options){.url = m->file.url, .application_name = "test"};
}

static void add(struct measured *m, struct plan_signal signal) {
    signal.slow = -1;
    signal.stop = 10;
    signal.every_us = 20000;
    signal.timeout_us = 60000000;
    m->signals[m->plan.signal_count++] = signal;
}

static void start(struct measured *m) {
    struct sampler_options options = {.plan = &m->plan, .db = &m->db, .log = &m->log};
    sqlite_file_ok(&m->file, sampler_open(&options, &m->sampler, &m->file.err));
}

static void end(struct measured *m) {
    sampler_close(m->sampler);
    sqlite_file_remove(&m->file);
}

static void wait_for(struct measured *m, enum pace_verdict verdict, bool hard) {
    struct pace_decision now;
    do {
        usleep(1000);
        sampler_decide(m->sampler, &now);
    } while (now.verdict != verdict || now.hard != hard);
}

static void *ask(void *context) {
    struct measured *m = context;
    for (int i = 0; i < 200; i++) {
        struct pace_decision now;
        sampler_decide(m->sampler, &now);
        sampler_batch(m->sampler);
        sampler_trickle(m->sampler);
    }
    return NULL;
}

static void decides_while_others_ask(void **state) {
    struct measured m;
    pthread_t askers[ASKERS];
    (void)state;
    make(&m);
    add(&m, (struct plan_signal){.name = "queue", .kind = "sql", .query = "SELECT load_now FROM made_up"});
    start(&m);
    for (int i = 0; i < ASKERS; i++)
        assert_int_equal(pthread_create(&askers[i], NULL, ask, &m), 0);
    wait_for(&m, PACE_GO, false);
    sqlite_file_exec(&m.file, "UPDATE made_up SET load_now = 11");
    wait_for(&m, PACE_WAIT, true);
    sqlite_file_exec(&m.file, "UPDATE made_up SET load_now = 1");
    wait_for(&m, PACE_GO, false);
    for (int i = 0; i < ASKERS; i++)
        pthread_join(askers[i], NULL);
    end(&m);
}

static void without_signals_there_is_none(void **state) {
    struct measured m;
    (void)state;
    make(&m);
    start(&m);
    assert_null(m.sampler);
    end(&m);
}

/* A file is looked at whenever somebody asks, without a database. */
static void a_pause_file_needs_no_database(void **state) {
    struct measured m;
    (void)state;
    make(&m);
    m.db.url = "sqlite:/nowhere/at/all";
    add(&m, (struct plan_signal){.name = "pause_file", .kind = "file", .path = m.file.directory});
    m.signals[0].stop = -1;
    start(&m);
    wait_for(&m, PACE_WAIT, true);
    end(&m);
}

static void ends_in_the_middle(void **state) {
    static const char *const sleep[] = {"sleep", "1000", NULL};
    static const struct plan_signal endless[] = {
        {.name = "q",
         .kind = "sql",
         .query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"},
        {.name = "c", .kind = "command", .command = sleep},
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(endless); i++) {
        struct measured m;
        make(&m);
        add(&m, endless[i]);
        start(&m);
        usleep(20000); /* so that it is probably under way; either way it has to end */
        end(&m);
    }
}

static void wrong_signals_do_not_start(void **state) {
    struct measured m;
    struct sampler_options options = {.plan = &m.plan, .db = &m.db, .log = &m.log};
    (void)state;
    make(&m);
    add(&m, (struct plan_signal){.name = "lag", .kind = "replica_lag", .unit = PLAN_UNIT_seconds});
    assert_int_equal(sampler_open(&options, &m.sampler, &m.file.err), ERR_UNSUPPORTED);
    assert_null(m.sampler);
    m.signals[0].kind = "no such";
    assert_int_equal(sampler_open(&options, &m.sampler, &m.file.err), ERR_UNSUPPORTED);
    end(&m);
}

static bool opens(void *context) {
    struct measured *m = context;
    struct sampler_options options = {.plan = &m->plan, .db = &m->db, .log = &m->log};
    struct err err;
    err_clear(&err);
    int rc = sampler_open(&options, &m->sampler, &err);
    assert_true(rc == 0 || (err.code == ERR_NOMEM && m->sampler == NULL));
    sampler_close(m->sampler);
    m->sampler = NULL;
    return rc == 0;
}

/* Nothing of it leaks. With a file alone the thread allocates nothing that could be refused in its place. */
static void memory_ends_while_it_opens(void **state) {
    struct measured m;
    (void)state;
    make(&m);
    add(&m, (struct plan_signal){.name = "pause_file", .kind = "file", .path = "/nowhere/at/all"});
    add(&m, (struct plan_signal){.name = "only", .kind = "window", .only = "00:00-24:00 UTC"});
    unit_out_of_memory(opens, &m);
    end(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_while_others_ask),       cmocka_unit_test(without_signals_there_is_none),
        cmocka_unit_test(a_pause_file_needs_no_database), cmocka_unit_test(ends_in_the_middle),
        cmocka_unit_test(wrong_signals_do_not_start),     cmocka_unit_test(memory_ends_while_it_opens),
    };
    return cmocka_run_group_tests_name("sampler", tests, NULL, NULL);
}
