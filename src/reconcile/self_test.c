/* self_test.c - see self_test.h. */
#include "reconcile/self_test.h"

#include "base/mem.h"
#include "reconcile/proof.h"
#include "reconcile/xor_crc.h"
#include "sql/scratch.h"

enum { PIECE_ROWS = SCRATCH_ROWS / 3 }; /* so that there are several, and a bound between them */

struct self_test {
    const struct plan *plan;
    struct db_options db_options;
    struct db *db;
    struct arena arena;
    struct scratch scratch;
    struct job job;
    size_t order;
    struct jobs jobs;
    struct verify *verify;
    struct verifier *verifier;
    struct ledger_slice slice;
    json_t *kinds;
    json_int_t seen, missed_by_xor;
};

/* ---- the tables ---- */

static int explain(struct err *err) {
    if (err->code == ERR_DENIED)
        err_next(err, "nothing was done; the self-test makes two temporary tables: GRANT TEMPORARY ON DATABASE (PostgreSQL), "
                      "GRANT CREATE TEMPORARY TABLES (MariaDB)");
    else if (err->code == ERR_READ_ONLY)
        err_next(err, "nothing was done; this server makes no temporary tables: give the URL of the primary");
    return err->code;
}

static int run(struct self_test *test, unsigned flags, const char *const *statements, size_t count, struct err *err) {
    struct db_query queries[SCRATCH_STEPS_MAX] = {{0}};
    struct db_result results[SCRATCH_STEPS_MAX];
    size_t used = 0;
    for (; used < count && statements[used]; used++)
        queries[used].sql = statements[used];
    int rc = db_flush(test->db, flags, &test->verify->look_tx, queries, used, NULL, results, err);
    return rc ? explain(err) : 0;
}

/* A fill that was never run, as a verification knows it. */
static int make_job(struct self_test *test, struct err *err) {
    static const struct plan_fill asks_for_nothing = {.checks = {.extra = true}};
    test->job = (struct job){.plan = &asks_for_nothing,
                             .name = "self-test",
                             .source_name = test->scratch.source.name,
                             .target_name = test->scratch.copy.name,
                             .source = &test->scratch.source,
                             .target = &test->scratch.copy,
                             .map = test->scratch.map};
    test->jobs = (struct jobs){.jobs = &test->job, .count = 1, .order = &test->order};
    int rc = fill_sql_build(&test->job.map, 0, &test->job.sql, err);
    test->job.has_sql = rc == 0;
    if (rc)
        fill_sql_release(&test->job.sql);
    return rc;
}

static int make_verifier(struct self_test *test, struct err *err) {
    const struct verify_options options = {.log = *test->db_options.log};
    int rc = verify_borrow(test->plan, &options, &test->jobs, NULL, 0, test->db, &test->verify, err);
    if (rc == 0)
        rc = verifier_open(test->verify, &test->verifier, err);
    if (rc)
        return rc;
    test->verify->look_tx.read_only = test->verify->look_tx.snapshot = false;
    test->slice = (struct ledger_slice){.range_no = LEDGER_REST, .state = "filled"};
    test->verifier->db = test->db;
    test->verifier->borrows_db = test->verifier->borrows_tx = true;
    return verifier_take(test->verifier, &test->verify->fills[0], &test->slice, err);
}

/* ---- damage ---- */

struct sight {
    json_t *by;      /* the checks by which the two sides differ */
    uint64_t named;  /* keys */
    bool by_digest;  /* the digests differ */
    bool by_xor_crc; /* ... and so would the usual ones */
};

struct xor_look {
    struct verifier *verifier;
    struct xor_crc sums[SIDES];
};

static int add_to_xor(void *context, enum side side, const struct datum *key, const struct datum *row, struct err *err) {
    struct xor_look *look = context;
    (void)key;
    int rc = look_encode(look->verifier, row, err);
    if (rc == 0)
        xor_crc_add(&look->sums[side], look->verifier->row.data, look->verifier->row.len);
    return rc;
}

static int look_with_xor(struct self_test *test, bool *differs, struct err *err) {
    const struct interval whole = {.form = VERIFY_WHOLE};
    struct xor_look look = {.verifier = test->verifier};
    int rc = look_at(test->verifier, &whole, add_to_xor, &look, err);
    *differs = !xor_crc_equal(&look.sums[SIDE_SOURCE], &look.sums[SIDE_TARGET]);
    return rc;
}

static void say_by(const struct slice_result *result, struct sight *sight) {
    const uint64_t *kinds = result->kinds, keys = kinds[RANGE_MISSING] + kinds[RANGE_EXTRA] + kinds[RANGE_DUPLICATE];
    sight->named = keys + kinds[RANGE_DIFFERENT];
    sight->by_digest = !row_digest_equal(&result->digest[SIDE_SOURCE], &result->digest[SIDE_TARGET]);
    const struct {
        const char *check;
        bool differs;
    } checks[] = {
        {"counts", result->rows[SIDE_SOURCE] != result->rows[SIDE_TARGET]},
        {"digest", sight->by_digest},
        {"keys", keys > 0},
        {"columns", kinds[RANGE_DIFFERENT] > 0},
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        if (checks[i].differs)
            json_array_append_new(sight->by, json_string(checks[i].check));
}

static int look(struct self_test *test, struct sight *sight, struct err *err) {
    struct slice_result result;
    test->verifier->piece_rows = PIECE_ROWS;
    int rc = slice_look(test->verifier, &result, err);
    if (rc == 0)
        rc = look_with_xor(test, &sight->by_xor_crc, err);
    if (rc == 0)
        say_by(&result, sight);
    return rc;
}

static int check_undamaged(struct self_test *test, struct err *err) {
    struct sight sight = {.by = json_array()};
    int rc = run(test, 0, test->scratch.restore, SCRATCH_STEPS_MAX, err);
    if (rc == 0)
        rc = look(test, &sight, err);
    if (rc == 0 && json_array_size(sight.by) > 0) {
        rc = err_set(err, ERR_INTERNAL, "a copy is not found to match what it was copied from: %s say that it differs",
                     json_string_value(json_array_get(sight.by, 0)));
        err_next(err, "a verdict of this build on this engine would prove nothing; please report this");
    }
    json_decref(sight.by);
    return rc;
}

static int check_damage(struct self_test *test, const struct sql_scratch_damage *damage, struct err *err) {
    struct sight sight = {.by = json_array()};
    int rc = run(test, 0, test->scratch.restore, SCRATCH_STEPS_MAX, err);
    if (rc == 0)
        rc = run(test, 0, damage->steps, SCRATCH_STEPS_MAX, err);
    if (rc == 0)
        rc = look(test, &sight, err);
    if (rc) {
        err_where(err, "self-test, %s", damage->name);
        json_decref(sight.by);
        return rc;
    }
    bool seen = sight.by_digest && sight.named == damage->rows;
    test->seen += seen;
    test->missed_by_xor += !sight.by_xor_crc;
    json_array_append_new(test->kinds, json_pack("{s:s, s:I, s:I, s:b, s:o, s:b}", "damage", damage->name, "keys",
                                                 (json_int_t)damage->rows, "named", (json_int_t)sight.named, "seen", seen, "by",
                                                 sight.by, "seen_by_xor_crc", sight.by_xor_crc));
    return 0;
}

static int check_all(struct self_test *test, struct err *err) {
    int rc = run(test, DB_BEGIN, test->scratch.create, 3, err);
    if (rc == 0)
        rc = check_undamaged(test, err);
    for (size_t i = 0; i < test->scratch.damage_count && rc == 0; i++)
        rc = check_damage(test, &test->scratch.damages[i], err);
    if (rc == 0)
        rc = check_undamaged(test, err);
    db_rollback(test->db);
    return rc;
}

/* ---- the whole ---- */

static int test_all(struct self_test *test, struct err *err) {
    const struct db_engine *engine = db_engine_for(test->plan->source_url);
    test->db_options.read_only = engine && engine->dialect->scratch->where_nothing_is_written;
    int rc = db_open(&test->db_options, &test->db, err);
    if (rc == 0)
        rc = scratch_build(db_dialect(test->db), &test->arena, &test->scratch, err);
    if (rc == 0)
        rc = make_job(test, err);
    if (rc == 0)
        rc = make_verifier(test, err);
    return rc ? rc : check_all(test, err);
}

static json_t *document_of(const struct self_test *test) {
    json_int_t planted = (json_int_t)test->scratch.damage_count;
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:O}", "verdict", test->seen == planted ? "ok" : "blind", "engine",
                     test->db->engine->name, "planted", planted, "seen", test->seen, "missed_by_xor_crc", test->missed_by_xor,
                     "kinds", test->kinds);
}

static void release(struct self_test *test) {
    verifier_close(test->verifier);
    if (test->verify)
        verify_abandon(test->verify);
    if (test->job.has_sql)
        fill_sql_release(&test->job.sql);
    db_close(test->db);
    json_decref(test->kinds);
    arena_release(&test->arena);
}

int self_test(const struct plan *plan, const struct log *log, json_t **document, struct err *err) {
    struct self_test test = {.plan = plan, .kinds = json_array()};
    unsigned long refusals = mem_refusals();
    arena_init(&test.arena);
    test.db_options = (struct db_options){.url = plan->source_url,
                                          .application_name = arena_printf(&test.arena, "infill verify --self-test %s", plan->name),
                                          .connect_timeout_ms = (unsigned)(plan->set.connect_timeout_us / 1000),
                                          .log = log};
    int rc = test.db_options.application_name ? test_all(&test, err) : err_nomem(err);
    json_t *made = rc == 0 ? document_of(&test) : NULL;
    if (rc == 0 && (made == NULL || mem_refusals() != refusals)) {
        json_decref(made);
        rc = err_nomem(err);
    } else if (rc == 0) {
        *document = made;
    }
    release(&test);
    return rc;
}
