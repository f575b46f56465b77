/* The checklist over a database whose server says what the test wants: each item passes once and fails once. */
#include "preflight_fixture.h"

#include "base/clock.h"
#include "preflight/checklist.h"

/* What the server says of itself; the rest is SQLite. */
static struct db_survey said;

static int say_survey(struct db *db, struct arena *arena, struct db_survey *survey, struct err *err) {
    (void)db, (void)arena, (void)err;
    *survey = said;
    if (said.clock_us == 0)
        survey->clock_us = clock_wall_us();
    return 0;
}

struct fixture {
    struct preflight p;
    struct db_engine engine;
    const struct db_engine *real;
    struct ledger *ledger;
    struct checklist list;
    json_t *document;
};

static const char copy[] = "  - {name: f, from: old, into: new, carry: [id, v]}\n";

static void make(struct fixture *f, const char *settings) {
    char fills[1024];
    memset(f, 0, sizeof *f);
    snprintf(fills, sizeof fills, "%s%s", copy, settings);
    preflight_make(
        &f->p,
        "CREATE TABLE old (id INTEGER PRIMARY KEY, v INTEGER); CREATE TABLE new (id INTEGER PRIMARY KEY, v INTEGER);"
        "INSERT INTO old WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, i FROM n;"
        "ANALYZE;",
        fills);
    f->real = f->p.file.db->engine;
    f->engine = *f->real;
    f->engine.survey = say_survey;
    f->p.file.db->engine = &f->engine;
    sqlite_file_ok(&f->p.file, ledger_new(db_dialect(f->p.file.db), &sqlite_file_tx, &f->ledger, &f->p.file.err));
    said = (struct db_survey){.lock_wait_who = "role app",
                              .oldest_who = "pid 42",
                              .horizon_unit = "transactions",
                              .slot = "old_replica",
                              .binlog_format = "ROW",
                              .disk_free = INT64_C(1000000000),
                              .data_bytes = DB_UNKNOWN,
                              .connections_max = 100,
                              .connections_used = 10,
                              .horizon_max = 200};
}

static void forget(struct fixture *f) {
    json_decref(f->document);
    jobs_free(f->p.jobs);
    f->p.jobs = NULL;
    f->document = NULL;
}

static void remove_all(struct fixture *f) {
    forget(f);
    ledger_free(f->ledger);
    f->p.file.db->engine = f->real;
    preflight_remove(&f->p);
}

static int check(struct fixture *f, const char *const *accept, size_t accept_count) {
    forget(f);
    err_clear(&f->p.file.err);
    int rc = jobs_resolve(f->p.plan, f->p.file.db, &f->p.jobs, &f->p.file.err);
    f->list = (struct checklist){.plan = f->p.plan,
                                 .db = f->p.file.db,
                                 .ledger = f->ledger,
                                 .jobs = f->p.jobs,
                                 .arena = &f->p.file.arena,
                                 .tx = sqlite_file_tx,
                                 .accept = accept,
                                 .accept_count = accept_count};
    f->list.tx.read_only = true;
    return rc ? rc : checklist_run(&f->list, &f->document, &f->p.file.err);
}

/* "verdict: message -> next" of all lines of an item, one a line. */
static const char *lines_of(struct fixture *f, const char *item) {
    const char *text = "";
    sqlite_file_ok(&f->p.file, check(f, NULL, 0));
    for (const struct checklist_line *line = f->list.first; line; line = line->following)
        if (strcmp(line->item->name, item) == 0)
            text = arena_printf(&f->p.file.arena, "%s%d: %s -> %s\n", text, (int)line->verdict, line->message, line->next);
    return text;
}

static void expect(struct fixture *f, const char *item, enum checklist_verdict verdict, const char *words) {
    const char *text = lines_of(f, item);
    int worst = 0;
    for (const struct checklist_line *line = f->list.first; line; line = line->following)
        if (strcmp(line->item->name, item) == 0 && (int)line->verdict > worst)
            worst = (int)line->verdict;
    if (worst != (int)verdict || strstr(text, words) == NULL)
        fail_msg("%s: expected %d and \"%s\" in\n%s", item, (int)verdict, words, text);
}

static void key_names_its_index(void **state) {
    struct fixture f;
    (void)state;
    make(&f, "");
    expect(&f, "key", CHECKLIST_PASS, "walked by the rowid; match is unique");
    remove_all(&f);
}

static void timeouts(void **state) {
    struct fixture f;
    (void)state;
    make(&f, "");
    said.lock_wait_ms = 0;
    expect(&f, "timeouts", CHECKLIST_PASS, "as long as it takes for a lock (role app)");
    said.lock_wait_ms = 30000;
    expect(&f, "timeouts", CHECKLIST_PASS, "waits 30s");
    said.lock_wait_ms = 29999;
    expect(&f, "timeouts", CHECKLIST_WARN, "29999 ms");
    said.lock_wait_ms = 1000; /* as long as ours */
    expect(&f, "timeouts", CHECKLIST_FAIL, "role app");
    said.lock_wait_ms = DB_UNKNOWN;
    expect(&f, "timeouts", CHECKLIST_WARN, "cannot be seen");
    remove_all(&f);
}

static void connections(void **state) {
    struct fixture f;
    (void)state;
    make(&f, "connections_max: 5\n");
    expect(&f, "connections", CHECKLIST_PASS, "90 of 100");
    said.connections_used = 86;
    expect(&f, "connections", CHECKLIST_WARN, "14 of 100");
    said.connections_used = 96;
    expect(&f, "connections", CHECKLIST_FAIL, "may take 5");
    said.connections_max = DB_NONE;
    expect(&f, "connections", CHECKLIST_NONE, "no limit");
    remove_all(&f);
}

static void transactions(void **state) {
    struct fixture f;
    (void)state;
    make(&f, "");
    expect(&f, "transactions", CHECKLIST_PASS, "no transaction has been open");
    said.oldest_s = 61;
    expect(&f, "transactions", CHECKLIST_WARN, "pid 42 has been in one transaction for 1m 1s");
    said.oldest_s = 7200;
    expect(&f, "transactions", CHECKLIST_FAIL, "2h 0m");
    said.oldest_s = DB_UNKNOWN;
    said.grant = "GRANT pg_monitor TO app";
    expect(&f, "transactions", CHECKLIST_WARN, "-> GRANT pg_monitor TO app");
    said.oldest_s = 0;
    said.horizon = 201;
    expect(&f, "transactions", CHECKLIST_WARN, "201 transactions wait");
    said.horizon = 1001;
    expect(&f, "transactions", CHECKLIST_FAIL, "1001 transactions");
    remove_all(&f);
}

static void replication(void **state) {
    struct fixture f;
    (void)state;
    make(&f, "");
    expect(&f, "replication", CHECKLIST_PASS, "binary log is ROW");
    said.binlog_format = "STATEMENT";
    expect(&f, "replication", CHECKLIST_FAIL, "STATEMENT");
    said.binlog_format = NULL;
    said.slot_bytes = INT64_C(2000000000);
    expect(&f, "replication", CHECKLIST_WARN, "old_replica is not read and keeps 2.0 GB");
    said.slot_bytes = INT64_C(20000000000);
    expect(&f, "replication", CHECKLIST_FAIL, "20.0 GB");
    said.slot_bytes = 0;
    said.archive_waiting = 101;
    expect(&f, "replication", CHECKLIST_WARN, "101 log files");
    said.archive_failing = true;
    expect(&f, "replication", CHECKLIST_FAIL, "the last attempt");
    said.archive_waiting = said.slot_bytes = DB_NONE;
    expect(&f, "replication", CHECKLIST_NONE, "nowhere");
    remove_all(&f);
}

static void clocks(void **state) {
    struct fixture f;
    (void)state;
    make(&f, "");
    expect(&f, "clock", CHECKLIST_PASS, "agree");
    said.clock_us = clock_wall_us() + INT64_C(3600000000);
    expect(&f, "clock", CHECKLIST_WARN, "s ahead of");
    said.clock_us = clock_wall_us() - INT64_C(3600000000);
    expect(&f, "clock", CHECKLIST_WARN, "s behind");
    remove_all(&f);
}

static void disk(void **state) {
    struct fixture f;
    (void)state;
    make(&f, "");
    said.data_bytes = 100;
    expect(&f, "disk", CHECKLIST_PASS, "up to 200 bytes");
    said.disk_free = 300;
    expect(&f, "disk", CHECKLIST_WARN, "300 bytes");
    said.disk_free = 199;
    expect(&f, "disk", CHECKLIST_FAIL, "make room");
    said.disk_free = DB_UNKNOWN;
    expect(&f, "disk", CHECKLIST_WARN, "--accept disk");
    remove_all(&f);
}

static void pace(void **state) {
    struct fixture f;
    (void)state;
    make(&f, "pace: {rows_per_second: 1}\nbatch: {rows: 1}\n");
    expect(&f, "pace", CHECKLIST_PASS, "1000 rows take 16m 40s");
    sqlite_file_exec(&f.p.file,
                     "INSERT INTO old WITH RECURSIVE n(i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) "
                     "SELECT i, i FROM n");
    expect(&f, "pace", CHECKLIST_WARN, "300000 rows take 3d 11h");
    expect(&f, "pace", CHECKLIST_WARN, "pace.rows_per_second=2 would fit into 3d 0h");
    remove_all(&f);
    make(&f, "pace: {rows_per_second: 1}\nbatch: {rows: 1}\nphases: {active: {max: 10m}}\n");
    expect(&f, "pace", CHECKLIST_WARN, "1000 rows take 16m 40s at this pace, longer than phases.active.max");
    expect(&f, "pace", CHECKLIST_WARN, "pace.rows_per_second=2 would fit into 10m 0s");
    remove_all(&f);
    make(&f, "pace: {rows_per_second: 1}\nbatch: {rows: 1}\nphases: {active: {max: 20m}}\n");
    expect(&f, "pace", CHECKLIST_PASS, "1000 rows take 16m 40s at this pace, and may take 20m 0s");
    remove_all(&f);
    make(&f, "pace: {rows_per_second: unlimited}\nphases: {active: {max: 20m}}\n");
    expect(&f, "pace", CHECKLIST_WARN, "nobody knows whether 1000 rows fit into phases.active.max, 20m 0s");
    remove_all(&f);
}

static void accepts_by_name(void **state) {
    static const char *const names[] = {"disk", "timeouts"};
    static const char *const wrong[] = {"disc"};
    struct fixture f;
    (void)state;
    make(&f, "");
    said.disk_free = 1;
    said.data_bytes = 100;
    sqlite_file_ok(&f.p.file, check(&f, NULL, 0));
    assert_string_equal(json_string_value(json_object_get(f.document, "verdict")), "fail");
    sqlite_file_ok(&f.p.file, check(&f, names, 2));
    assert_string_not_equal(json_string_value(json_object_get(f.document, "verdict")), "fail");
    assert_int_equal(f.list.counts[CHECKLIST_ACCEPTED], 1);
    assert_int_equal(check(&f, wrong, 1), ERR_USAGE);
    assert_non_null(strstr(f.p.file.err.message, "did you mean disk?"));
    remove_all(&f);
}

static void hooks(void **state) {
    static const char *const settings[] = {"hooks: [{on: [done], command: [\"true\"]}]\n",
                                           "hooks: [{on: [done], command: [\"false\"]}]\n",
                                           "hooks: [{on: [done], command: [\"false\"], required: true}]\n"};
    static const enum checklist_verdict verdicts[] = {CHECKLIST_PASS, CHECKLIST_WARN, CHECKLIST_FAIL};
    struct fixture f;
    (void)state;
    make(&f, "");
    expect(&f, "hooks", CHECKLIST_NONE, "nobody is told");
    remove_all(&f);
    for (size_t i = 0; i < UNIT_COUNT(settings); i++) {
        make(&f, settings[i]);
        expect(&f, "hooks", verdicts[i], i == 0 ? "hook 1 answers a dry call: true" : "false ended with exit code 1");
        remove_all(&f);
    }
}

static void sizes_and_times(void **state) {
    struct fixture f;
    (void)state;
    make(&f, "");
    f.list.arena = &f.p.file.arena;
    assert_string_equal(checklist_size(&f.list, 999), "999 bytes");
    assert_string_equal(checklist_size(&f.list, 1500), "1.5 kB");
    assert_string_equal(checklist_size(&f.list, INT64_C(123456789)), "123 MB");
    assert_string_equal(checklist_size(&f.list, INT64_MAX), "9223372 TB");
    assert_string_equal(checklist_time(&f.list, 59), "59s");
    assert_string_equal(checklist_time(&f.list, 60), "1m 0s");
    assert_string_equal(checklist_time(&f.list, 800000), "9d 6h");
    remove_all(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_names_its_index),
        cmocka_unit_test(timeouts),
        cmocka_unit_test(connections),
        cmocka_unit_test(transactions),
        cmocka_unit_test(replication),
        cmocka_unit_test(clocks),
        cmocka_unit_test(disk),
        cmocka_unit_test(pace),
        cmocka_unit_test(accepts_by_name),
        cmocka_unit_test(sizes_and_times),
        cmocka_unit_test(hooks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
