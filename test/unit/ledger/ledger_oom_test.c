/* Every allocation of every operation fails once, in turn: the result is ERR_NOMEM and a ledger as it was, or the whole result. Never a
 * result with something missing: a lease without its lower end would begin at the first key. */
#include "ledger_fixture.h"

#include <jansson.h>

enum { RESULT_SIZE = 8192, ALLOCATIONS_MAX = 5000 };

/* What an operation gave, as text, to be compared with what it gives when nothing fails. */
struct result {
    char text[RESULT_SIZE];
    size_t len;
    json_t *document; /* added when the fault is gone */
};

static void add(struct result *result, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct result *result, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int len = vsnprintf(result->text + result->len, sizeof result->text - result->len, format, args);
    va_end(args);
    assert_true(len >= 0 && (size_t)len < sizeof result->text - result->len);
    result->len += (size_t)len;
}

static const char *shown(const char *text) {
    return text ? text : "-";
}

static void add_lease(struct result *result, const struct ledger_lease *lease) {
    add(result, "%s %d %s %s %s %s %d %d", shown(lease->fill), (int)lease->range_no, shown(lease->lo), shown(lease->hi),
        shown(lease->cursor), shown(lease->last_lo), (int)lease->epoch, (int)lease->batch_no);
}

static void add_run(struct result *result, const struct ledger_run *run) {
    add(result, "%d %d %s %s %s %s %s", (int)run->run, (int)run->generation, shown(run->state), shown(run->reason),
        shown(run->environment), shown(run->profile), shown(run->meaning));
}

static void add_fill(struct result *result, const struct ledger_fill *fill) {
    add(result, "%s %s %s %s %s %s %d", shown(fill->fill), shown(fill->state), shown(fill->frontier), shown(fill->high_water),
        shown(fill->from_key), shown(fill->until_key), (int)fill->ranges);
}

static void add_document(struct result *result) {
    char *text = json_dumps(result->document, JSON_COMPACT | JSON_SORT_KEYS);
    assert_non_null(text);
    add(result, "%s", text);
    mem_free(text);
    json_decref(result->document);
    result->document = NULL;
}

/* ---- the operations ---- */

#define OPERATION(name) static int name(struct ledger_fixture *f, struct arena *arena, struct result *result, struct err *err)

OPERATION(create) {
    struct ledger_run run;
    struct ledger_run_spec spec = fixture_spec;
    spec.plan = "another";
    int rc = ledger_run_open(f->ledger, f->file.db, &spec, arena, &run, err);
    if (rc == 0)
        add_run(result, &run);
    return rc;
}

OPERATION(join) {
    struct ledger_run run;
    int rc = ledger_run_open(f->ledger, f->file.db, &fixture_spec, arena, &run, err);
    if (rc == 0)
        add_run(result, &run);
    return rc;
}

OPERATION(find) {
    struct ledger_run run, now;
    bool found = false;
    int rc = ledger_run_find(f->ledger, f->file.db, "shop", arena, &run, &found, err);
    if (rc == 0)
        rc = ledger_run_state(f->ledger, f->file.db, 1, arena, &now, err);
    if (rc == 0) {
        add_run(result, &run);
        add_run(result, &now);
    }
    return rc;
}

static const struct ledger_notice somebody[] = {{.id = "x1", .hook = 0, .event = "halted", .document = "{}"},
                                                {.id = "x1", .hook = 2, .event = "halted", .document = "{}"}};
static const struct ledger_notices notices = {somebody, 2};

OPERATION(pause_run) {
    bool changed = false;
    const char *was = NULL;
    int rc =
        ledger_run_control(f->ledger, f->file.db, 1, "paused", "lunch", "me", "{\"rows\":1}", &notices, arena, &was, &changed, err);
    if (rc == 0)
        add(result, "%s %d", was, changed);
    return rc;
}

OPERATION(finish_run) {
    bool done = false;
    (void)arena;
    int rc = ledger_run_finish(f->ledger, f->file.db, 1, false, "me", &notices, &done, err);
    if (rc == 0)
        add(result, "%d", done);
    return rc;
}

OPERATION(set_high_water) {
    static const struct ledger_bounds bounds = {.from_key = "[\"1\"]", .until_key = "[\"20\"]", .high_water = "[\"20\"]"};
    struct ledger_fill fill, now;
    int rc = ledger_fill_lock(f->ledger, f->file.db, 1, "users", arena, &fill, err);
    if (rc == 0)
        rc = ledger_fill_commit_high_water(f->ledger, f->file.db, 1, "users", &bounds, arena, &now, err);
    if (rc == 0)
        add_fill(result, &now);
    return rc;
}

OPERATION(reopen) {
    struct ledger_fill fill, now;
    int rc = ledger_fill_get(f->ledger, f->file.db, 1, "users", arena, &fill, err);
    if (rc == 0)
        rc = ledger_fill_reopen(f->ledger, f->file.db, 1, &fill, "[\"30\"]", arena, &now, err);
    if (rc == 0)
        add_fill(result, &now);
    return rc;
}

OPERATION(cut) {
    struct ledger_fill fill;
    struct ledger_lease lease;
    int rc = ledger_fill_lock(f->ledger, f->file.db, 1, "users", arena, &fill, err);
    if (rc == 0)
        rc = ledger_fill_commit_cut(f->ledger, f->file.db, 1, &fill, "[\"9\"]", false, "b", LEASE_MS, arena, &lease, err);
    if (rc == 0)
        add_lease(result, &lease);
    return rc;
}

OPERATION(finish_fill) {
    bool filled = false;
    (void)arena;
    int rc = ledger_fill_finish(f->ledger, f->file.db, 1, "users", "me", &filled, err);
    if (rc == 0)
        add(result, "%d", filled);
    return rc;
}

OPERATION(lease_range) {
    struct ledger_lease lease;
    bool found = false;
    int rc = ledger_lease(f->ledger, f->file.db, 1, "users", "a", LEASE_MS, arena, &lease, &found, err);
    if (rc == 0) {
        add(result, "%d ", found);
        add_lease(result, &lease);
    }
    return rc;
}

OPERATION(release) {
    const struct ledger_lease lease = {.fill = "users", .range_no = 1, .attempt = 1, .epoch = 1};
    (void)arena, (void)result;
    return ledger_release(f->ledger, f->file.db, 1, &lease, "a", LEASE_MS, "locked", err);
}

OPERATION(evict) {
    const char **owners = NULL;
    size_t count = 0;
    int rc = ledger_owners(f->ledger, f->file.db, 1, "b", arena, &owners, &count, err);
    if (rc == 0)
        rc = ledger_evict(f->ledger, f->file.db, 1, count > 0 ? owners[0] : "?", err);
    if (rc == 0)
        add(result, "%d %s", (int)count, owners[0]);
    return rc;
}

OPERATION(look_again) {
    struct ledger_lease lease = {.fill = "users", .range_no = 1, .attempt = 1, .epoch = 1};
    bool ours = false;
    const char *state = NULL;
    int rc = ledger_reread(f->ledger, f->file.db, 1, "a", arena, &lease, &ours, &state, err);
    if (rc == 0) {
        add(result, "%d %s ", ours, shown(state));
        add_lease(result, &lease);
    }
    return rc;
}

OPERATION(wait) {
    int64_t all = 0, mine = 0, ms = 0;
    const char *reason = NULL;
    int rc = ledger_live_leases(f->ledger, f->file.db, 1, "a", &all, &mine, err);
    if (rc == 0)
        rc = ledger_next_wake(f->ledger, f->file.db, 1, arena, &ms, &reason, err);
    if (rc == 0)
        add(result, "%d %d %d %s", (int)all, (int)mine, ms > 0, reason);
    return rc;
}

OPERATION(list_rejects) {
    struct ledger_reject *rejects = NULL;
    size_t count = 0;
    int64_t open = 0;
    int rc = ledger_rejects(f->ledger, f->file.db, 1, NULL, arena, &rejects, &count, err);
    if (rc == 0)
        rc = ledger_rejects_open(f->ledger, f->file.db, 1, &open, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        add(result, "%s %s %s %s;", rejects[i].key, rejects[i].class, rejects[i].state, shown(rejects[i].at));
    if (rc == 0)
        add(result, "%d", (int)open);
    return rc;
}

OPERATION(accept_rejects) {
    static const char *const keys[] = {"[\"1\"]", "[\"2\"]"};
    (void)arena, (void)result;
    return ledger_rejects_accept(f->ledger, f->file.db, 1, "users", keys, 2, "they are test data", "me", err);
}

OPERATION(note_event) {
    (void)arena, (void)result;
    return ledger_event(f->ledger, f->file.db, 1, "me", "noted", "{}", err);
}

OPERATION(check_events) {
    (void)arena, (void)result;
    return ledger_event_check(f->ledger, f->file.db, 1, err);
}

OPERATION(totals) {
    struct ledger_totals now;
    (void)arena;
    int rc = ledger_totals(f->ledger, f->file.db, 1, &now, err);
    if (rc == 0)
        add(result, "%d %d %d", (int)now.ranges, (int)now.fills, (int)now.rejects_open);
    return rc;
}

OPERATION(status) {
    (void)arena;
    return ledger_status(f->ledger, f->file.db, "shop", &result->document, err);
}

OPERATION(grants) {
    const char **list = NULL;
    size_t count = 0;
    int rc = ledger_ddl(f->ledger, arena, &list, &count, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        add(result, "%.100s", list[i]);
    if (rc == 0)
        rc = ledger_drop_ddl(f->ledger, arena, &list, &count, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        add(result, "%s", list[i]);
    return rc;
}

OPERATION(make_ledger) {
    struct ledger *ledger = NULL;
    (void)arena, (void)result;
    int rc = ledger_new(db_dialect(f->file.db), &sqlite_file_tx, &ledger, err);
    if (rc == 0)
        ledger_free(ledger);
    return rc;
}

/* ---- the walk ---- */

static const char parts[] = "UPDATE infill_fill SET state = 'filled', high_water = '[\"4\"]', until_key = '[\"4\"]'";
static const char waiting[] =
    "DELETE FROM infill_range; UPDATE infill_fill SET state = 'waiting', high_water = NULL, frontier = NULL";
static const char filled[] = "UPDATE infill_range SET state = 'filled'; UPDATE infill_fill SET high_water = frontier";
static const char all_filled[] = "UPDATE infill_fill SET state = 'filled'";
static const char same_time[] = "UPDATE infill_event SET at = '2026-03-01T22:00:00.000Z'";

static const struct operation {
    const char *name;
    int (*run)(struct ledger_fixture *f, struct arena *arena, struct result *result, struct err *err);
    const char *before; /* SQL, or NULL */
} operations[] = {
    {"make", make_ledger, NULL},
    {"create", create, NULL},
    {"join", join, NULL},
    {"find", find, NULL},
    {"pause", pause_run, NULL},
    {"finish run", finish_run, all_filled},
    {"high water", set_high_water, waiting},
    {"reopen", reopen, parts},
    {"cut", cut, NULL},
    {"finish fill", finish_fill, filled},
    {"lease", lease_range, NULL},
    {"release", release, NULL},
    {"evict", evict, NULL},
    {"reread", look_again, NULL},
    {"wait", wait, NULL},
    {"rejects", list_rejects, NULL},
    {"accept", accept_rejects, NULL},
    {"event", note_event, NULL},
    {"check", check_events, NULL},
    {"totals", totals, NULL},
    {"status", status, same_time},
    {"ddl", grants, NULL},
};

/* A run with one range, which "a" holds with a cursor in it, below the end. */
static void make(struct ledger_fixture *f, const char *before) {
    fixture_make(f);
    fixture_high_water(f, "[\"9\"]");
    fixture_cut(f, "[\"4\"]", "a", LEASE_MS);
    sqlite_file_exec(&f->file,
                     "UPDATE infill_range SET cursor = '[\"3\"]', last_lo = '[\"2\"]', batch_no = 2, seen = 3, started_at = "
                     "'2026-03-01 22:00:00.000', updated_at = '2026-03-01 22:00:01.000', lease_until = '2126-03-01 22:00:00.000'");
    sqlite_file_exec(&f->file,
                     "UPDATE infill_run SET created_at = '2026-03-01 22:00:00.000', updated_at = '2026-03-01 22:00:00.000'");
    fixture_reject(f, "[\"1\"]", "ROW", "23514");
    fixture_reject(f, "[\"2\"]", "DUPLICATE", NULL);
    sqlite_file_exec(&f->file, "UPDATE infill_reject SET at = '2026-03-01 22:00:00.123'");
    if (before)
        sqlite_file_exec(&f->file, before);
}

/* All that operations change but the times. */
static void dump(struct ledger_fixture *f, char out[RESULT_SIZE]) {
    snprintf(
        out, RESULT_SIZE, "%s\n%s\n%s\n%s\n%s\n%s",
        sqlite_file_rows(&f->file, "SELECT run, plan, state, reason, generation, settings FROM infill_run"),
        sqlite_file_rows(&f->file, "SELECT run, fill, state, frontier, high_water, from_key, until_key, ranges FROM infill_fill"),
        sqlite_file_rows(&f->file, "SELECT range_no, lo, hi, cursor, last_lo, state, owner, epoch, batch_no, tries, last_error, "
                                   "parked_until IS NULL, lease_until IS NULL FROM infill_range"),
        sqlite_file_rows(&f->file, "SELECT key, state FROM infill_reject ORDER BY key"),
        sqlite_file_rows(&f->file, "SELECT id, hook, event, document, state FROM infill_notice ORDER BY hook"),
        sqlite_file_rows(&f->file, "SELECT run, seq, actor, what, detail FROM infill_event ORDER BY run, seq"));
}

/* One attempt over a copy of what was made; whether the n-th allocation was reached. The result and the ledger behind it. */
static bool attempt(const struct operation *operation, const struct ledger_fixture *made, unsigned long n, bool for_ever, int *rc,
                    struct result *result, char after[RESULT_SIZE]) {
    struct ledger_fixture f = {.ledger = made->ledger, .run = made->run};
    struct arena arena;
    struct err err;
    result->len = 0;
    result->text[0] = '\0';
    sqlite_file_copy(&made->file, &f.file);
    arena_init(&arena);
    err_clear(&err);
    mem_fail_at(n, for_ever);
    *rc = operation->run(&f, &arena, result, &err);
    bool reached = mem_count() >= n;
    mem_fail_at(0, false);
    assert_int_equal(*rc, err.code);
    if (result->document)
        add_document(result);
    dump(&f, after);
    sqlite_file_exec(&f.file, "CREATE TABLE IF NOT EXISTS no_transaction_is_open (id INTEGER)");
    arena_release(&arena);
    sqlite_file_remove(&f.file);
    return reached;
}

static void walk(const struct operation *operation, bool for_ever) {
    static struct result whole, result;
    static char before[RESULT_SIZE], after[RESULT_SIZE], whole_after[RESULT_SIZE];
    struct ledger_fixture made;
    int rc = 0;
    make(&made, operation->before);
    dump(&made, before);
    attempt(operation, &made, ALLOCATIONS_MAX, false, &rc, &whole, whole_after);
    assert_int_equal(rc, 0);
    unsigned long n = 1;
    for (; n < ALLOCATIONS_MAX && attempt(operation, &made, n, for_ever, &rc, &result, after); n++) {
        if (rc == 0 ? strcmp(result.text, whole.text) != 0 || strcmp(after, whole_after) != 0
                    : rc != ERR_NOMEM || strcmp(after, before) != 0)
            fail_msg("%s, allocation %lu%s: %d %s\n%s", operation->name, n, for_ever ? " and on" : "", rc, result.text, after);
    }
    assert_true(n > 2 && n < ALLOCATIONS_MAX);
    fixture_remove(&made);
}

static void nothing_is_half_done_when_memory_ends(void **state) {
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(operations); i++) {
        walk(&operations[i], false);
        walk(&operations[i], true);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_half_done_when_memory_ends)};
    mem_hook_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
