/* Every allocation of a look before the first write fails once, in turn: ERR_NOMEM, or all that there is to say. A missing column or problem
 * would be a plan that looks sound. */
#include "preflight_fixture.h"

#include <jansson.h>

#include "preflight/checklist.h"
#include "preflight/dry_run.h"
#include "preflight/init.h"
#include "preflight/parity.h"
#include "preflight/rehearse.h"

enum { ALLOCATIONS_MAX = 20000 };

static const char schema[] =
    "CREATE TABLE top (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE NOT NULL UNIQUE);"
    "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT NOT NULL, fax TEXT, top INT REFERENCES top);"
    "CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT NOT NULL, low TEXT UNIQUE, top INT REFERENCES top_v2);"
    "CREATE TABLE top_v2 (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TRIGGER t BEFORE INSERT ON new BEGIN SELECT 1; END;"
    "INSERT INTO top VALUES (1, 'a'); INSERT INTO old VALUES (1, 'a', 'b', 1), (2, 'A', 'b', 1);";
static const char fills[] =
    "  - {name: f, from: old, into: new, carry: [id, email, top], columns: {low: lower(src.email)}, where: id > 1}\n"
    "  - {name: t, from: top, into: top_v2, key: [name], carry: [id, name]}\n"
    "  - {name: wrong, from: old, into: new, columns: {id: src.ix, emial: email}, match: [low]}\n";

/* What came out, on the heap; NULL with an error. */
typedef char *(*operation)(struct preflight *p, struct err *err);

static char *resolve(struct preflight *p, struct err *err) {
    struct buf text;
    if (jobs_resolve(p->plan, p->file.db, &p->jobs, err) != 0)
        return NULL;
    mem_fail_at(0, false);
    buf_init(&text);
    buf_printf(&text, "%s\n%s\n", p->jobs->meaning, p->jobs->fingerprint_text);
    for (const struct problem *problem = p->jobs->problems.first; problem; problem = problem->following)
        buf_printf(&text, "%s %s %d %s %s\n", problem->fill, problem->check, problem->severity, problem->message, problem->next);
    for (size_t i = 0; i < p->jobs->count; i++) {
        const struct job *job = &p->jobs->jobs[p->jobs->order[i]];
        buf_printf(&text, "%s %d %s\n", job->name, job->has_sql, job->has_sql ? job->sql.insert[1].text.data : "");
    }
    assert_true(buf_ok(&text));
    return text.data;
}

static struct ledger *ledger;

/* Over jobs that were resolved before. */
static char *dry_run(struct preflight *p, struct err *err) {
    struct arena arena;
    json_t *document = NULL;
    arena_init(&arena);
    struct dry_run dry = {
        .plan = p->plan, .db = p->file.db, .ledger = ledger, .jobs = p->jobs, .tx = sqlite_file_tx, .arena = &arena};
    dry.tx.read_only = true;
    int rc = dry_run_document(&dry, NULL, &document, err);
    mem_fail_at(0, false);
    char *text = rc == 0 ? json_dumps(document, JSON_INDENT(1) | JSON_SORT_KEYS) : NULL;
    json_decref(document);
    arena_release(&arena);
    return text;
}

/* Verdicts only: how much room a disk has left changes while one looks. */
static char *check(struct preflight *p, struct err *err) {
    struct arena arena;
    struct buf text;
    json_t *document = NULL;
    arena_init(&arena);
    buf_init(&text);
    struct checklist list = {
        .plan = p->plan, .db = p->file.db, .ledger = ledger, .jobs = p->jobs, .arena = &arena, .tx = sqlite_file_tx};
    list.tx.read_only = true;
    int rc = checklist_run(&list, &document, err);
    mem_fail_at(0, false);
    for (const struct checklist_line *line = list.first; line && rc == 0; line = line->following)
        buf_printf(&text, "%s %s %d\n", line->fill, line->item->name, (int)line->verdict);
    json_decref(document);
    arena_release(&arena);
    if (rc == 0)
        return text.data;
    buf_release(&text);
    return NULL;
}

/* What is written, not how long it takes. */
static char *rehearsed(struct preflight *p, struct err *err) {
    struct arena arena;
    struct buf text;
    json_t *document = json_pack("{s:[{s:s, s:s}]}", "fills", "fill", "t", "last_key", "[\"t:a\"]"), *fill;
    arena_init(&arena);
    buf_init(&text);
    struct rehearsal rehearsal = {
        .plan = p->plan, .db = p->file.db, .tx = sqlite_file_tx, .read_tx = sqlite_file_tx, .arena = &arena, .batches = 2};
    int rc = document ? rehearse(&rehearsal, p->jobs, document, err) : err_nomem(err);
    mem_fail_at(0, false);
    fill = json_object_get(json_array_get(json_object_get(document, "fills"), 0), "rehearsal");
    buf_printf(&text, "%lld rows, %lld written", (long long)json_integer_value(json_object_get(fill, "rows")),
               (long long)json_integer_value(json_object_get(fill, "written")));
    json_decref(document);
    arena_release(&arena);
    if (rc == 0)
        return text.data;
    buf_release(&text);
    return NULL;
}

/* A database beside itself, nothing written: verdicts only. */
static char *compared(struct preflight *p, struct err *err) {
    struct arena arena;
    struct buf text;
    const struct log silent = {NULL, NULL};
    json_t *document = NULL;
    arena_init(&arena);
    buf_init(&text);
    struct parity parity = {.arena = &arena, .log = &silent, .no_probe = true, .no_rehearsal = true};
    for (size_t i = 0; i < 2; i++)
        parity.sides[i] = (struct parity_side){.plan = p->plan, .name = i ? "prod" : "staging", .db = p->file.db, .ledger = ledger};
    int rc = parity_run(&parity, &document, err);
    mem_fail_at(0, false);
    for (const struct parity_line *line = parity.first; line && rc == 0; line = line->following)
        buf_printf(&text, "%s %s %d\n", line->item->name, line->subject, (int)line->verdict);
    json_decref(document);
    arena_release(&arena);
    if (rc == 0)
        return text.data;
    buf_release(&text);
    return NULL;
}

static bool is_of_jobs(char *(*run)(struct preflight *p, struct err *err)) {
    return run == dry_run || run == check || run == rehearsed;
}

static char *init(struct preflight *p, struct err *err) {
    struct buf text;
    buf_init(&text);
    int rc = init_plan(p->file.db, "sqlite:x", "old", "new", &text, err);
    mem_fail_at(0, false);
    if (rc == 0)
        return text.data;
    buf_release(&text);
    return NULL;
}

static bool attempt(struct preflight *p, operation run, unsigned long n, bool for_ever, const char *whole) {
    struct err err;
    if (is_of_jobs(run))
        preflight_resolve(p);
    err_clear(&err);
    unsigned long before = mem_refusals();
    mem_fail_at(n, for_ever);
    char *text = run(p, &err);
    mem_fail_at(0, false);
    bool refused = mem_refusals() != before;
    if (text ? strcmp(text, whole) != 0 : err.code != ERR_NOMEM)
        fail_msg("allocation %lu%s: %d %s\n%s\n---\n%s", n, for_ever ? " and on" : "", err.code, err.message, text ? text : "",
                 whole);
    mem_free(text);
    jobs_free(p->jobs);
    p->jobs = NULL;
    return refused;
}

static void walk(operation run, bool for_ever) {
    struct preflight p;
    struct err err;
    preflight_make(&p, schema, fills);
    sqlite_file_ok(&p.file, ledger_new(db_dialect(p.file.db), &sqlite_file_tx, &ledger, &p.file.err));
    if (is_of_jobs(run))
        preflight_resolve(&p);
    char *whole = run(&p, &err);
    assert_non_null(whole);
    jobs_free(p.jobs);
    p.jobs = NULL;
    unsigned long n = 1, step = run == compared ? 11 : 1; /* most of a comparison is resolving and dry runs, twice, as above */
    while (attempt(&p, run, n, for_ever, whole) && n < ALLOCATIONS_MAX)
        n += step;
    assert_true(n > 10 && n < ALLOCATIONS_MAX);
    mem_free(whole);
    ledger_free(ledger);
    preflight_remove(&p);
}

static void resolving_says_all_or_nothing(void **state) {
    (void)state;
    walk(resolve, false);
    walk(resolve, true);
}

static void a_dry_run_says_all_or_nothing(void **state) {
    (void)state;
    walk(dry_run, false);
    walk(dry_run, true);
}

static void a_checklist_says_all_or_nothing(void **state) {
    (void)state;
    walk(check, false);
    walk(check, true);
}

static void a_rehearsal_says_all_or_nothing(void **state) {
    (void)state;
    walk(rehearsed, false);
    walk(rehearsed, true);
}

static void a_comparison_says_all_or_nothing(void **state) {
    (void)state;
    walk(compared, false);
    walk(compared, true);
}

static void init_writes_all_or_nothing(void **state) {
    (void)state;
    walk(init, false);
    walk(init, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resolving_says_all_or_nothing),    cmocka_unit_test(a_dry_run_says_all_or_nothing),
        cmocka_unit_test(a_checklist_says_all_or_nothing),  cmocka_unit_test(a_rehearsal_says_all_or_nothing),
        cmocka_unit_test(a_comparison_says_all_or_nothing), cmocka_unit_test(init_writes_all_or_nothing),
    };
    mem_hook_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
