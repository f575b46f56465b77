/* check*.c, pass.c, verdict.c: what each check says about the same and about damaged rows; a total is what one large range would be. */
#include "people.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

static const size_t status_column = PERSON_STATUS;
static const size_t sum_columns[] = {PERSON_AMOUNT, PERSON_SCORE};
static const size_t extreme_columns[] = {PERSON_AMOUNT, PERSON_PAID_AT, PERSON_NOTE};
static const size_t name_column = PERSON_NAME;
static const size_t status_and_note[] = {PERSON_STATUS, PERSON_NOTE};
static const struct check_columns unique_lists[] = {{&name_column, 1}, {status_and_note, 2}};

static struct check_options options;

static struct people source;
static struct people target;

static int set_up(void **state) {
    (void)state;
    people_make(&source, 100);
    target = source;
    options = (struct check_options){
        .shape = &person_shape,
        .hash_key = &person_key,
        .distribution = {&status_column, 1},
        .sum = {sum_columns, 2},
        .extrema = {extreme_columns, 3},
        .unique = unique_lists,
        .unique_count = 1,
        .unique_bytes_max = 1 << 20,
    };
    return 0;
}

/* ---- helpers ---- */

struct outcome {
    enum verdict verdict;
    json_t *results;
};

static void open_pass(struct pass *pass, struct check_list *checks) {
    struct err err;
    err_clear(&err);
    assert_int_equal(check_list_open(checks, &options, &err), 0);
    assert_int_equal(pass_open(pass, &options, 0, 1 << 24, &err), 0);
}

/* Reads both sides of [from, to) again row by row, as the key says, and compares them. */
static void compare_pairs(struct pass *pass) {
    struct err err;
    struct range_key key;
    struct datum values[SIDES][PERSON_COLUMNS];
    struct arena arena;
    err_clear(&err);
    arena_init(&arena);
    for (size_t cursor = 0; pass_next(pass, &cursor, &key);) {
        struct datum id;
        bool differs = false;
        const char *at = key.key;
        if (key.kind != RANGE_DIFFERENT)
            continue;
        assert_int_equal(canonical_read(&at, key.key + key.key_size, &arena, &id, &err), 0);
        for (size_t i = 0; i < source.count; i++)
            if (source.rows[i].id == id.number)
                person_datums(&source.rows[i], values[SIDE_SOURCE]);
        for (size_t i = 0; i < target.count; i++)
            if (target.rows[i].id == id.number)
                person_datums(&target.rows[i], values[SIDE_TARGET]);
        assert_int_equal(pass_pair(pass, values[SIDE_SOURCE], values[SIDE_TARGET], &differs, &err), 0);
        assert_true(differs);
    }
    arena_release(&arena);
}

static void finish(const struct check_list *checks, struct outcome *outcome) {
    struct err err;
    err_clear(&err);
    assert_int_equal(check_list_finish(checks, &outcome->verdict, &outcome->results, &err), 0);
}

static void stream_range(struct pass *pass, struct check_list *checks, size_t from, size_t to) {
    struct err err;
    struct range_totals totals;
    err_clear(&err);
    pass_begin(pass, checks);
    people_stream(pass, SIDE_SOURCE, &source, from, to);
    people_stream(pass, SIDE_TARGET, &target, from, to);
    assert_int_equal(pass_matched(pass, &totals, &err), 0);
    compare_pairs(pass);
}

static struct outcome run(void) {
    struct pass pass;
    struct check_list checks;
    struct outcome outcome;
    open_pass(&pass, &checks);
    stream_range(&pass, &checks, 0, PEOPLE_MAX);
    finish(&checks, &outcome);
    check_list_close(&checks);
    pass_close(&pass);
    return outcome;
}

static const json_t *result_of(const struct outcome *outcome, const char *check) {
    size_t i;
    const json_t *result;
    json_array_foreach (outcome->results, i, result) {
        if (strcmp(json_string_value(json_object_get(result, "check")), check) == 0)
            return result;
    }
    fail_msg("no result of %s", check);
    return NULL;
}

static void assert_verdict(const struct outcome *outcome, const char *check, const char *verdict) {
    assert_string_equal(json_string_value(json_object_get(result_of(outcome, check), "verdict")), verdict);
}

/* The fact of that name, and of that column unless it is NULL. */
static const json_t *fact_of(const struct outcome *outcome, const char *check, const char *name, const char *column) {
    size_t i;
    const json_t *fact;
    json_array_foreach (json_object_get(result_of(outcome, check), "facts"), i, fact) {
        const char *of = json_string_value(json_object_get(fact, "column"));
        if (strcmp(json_string_value(json_object_get(fact, "fact")), name) == 0 &&
            (column == NULL || (of != NULL && strcmp(of, column) == 0)))
            return fact;
    }
    return NULL;
}

static long long number_of(const json_t *fact, const char *member) {
    assert_non_null(json_object_get(fact, member));
    return json_integer_value(json_object_get(fact, member));
}

static void assert_sides(const json_t *fact, bool ok, long long of_source, long long of_target) {
    assert_non_null(fact);
    assert_int_equal(json_is_true(json_object_get(fact, "ok")), ok);
    assert_int_equal(number_of(fact, "source"), of_source);
    assert_int_equal(number_of(fact, "target"), of_target);
}

static void assert_texts(const json_t *fact, bool ok, const char *of_source, const char *of_target) {
    assert_non_null(fact);
    assert_int_equal(json_is_true(json_object_get(fact, "ok")), ok);
    assert_string_equal(json_string_value(json_object_get(fact, "source")), of_source);
    assert_string_equal(json_string_value(json_object_get(fact, "target")), of_target);
}

static void drop(struct people *people, size_t at) {
    people->count--;
    memmove(&people->rows[at], &people->rows[at + 1], (people->count - at) * sizeof(people->rows[0]));
}

/* ---- what they say ---- */

static void equal_sides_match(void **state) {
    (void)state;
    struct outcome outcome = run();
    assert_int_equal(outcome.verdict, VERDICT_MATCH);
    assert_int_equal(json_array_size(outcome.results), 7);
    assert_sides(fact_of(&outcome, "counts", "rows", NULL), true, 100, 100);
    assert_verdict(&outcome, "digest", "match");
    assert_sides(fact_of(&outcome, "aggregates", "nulls", "note"), true, 25, 25);
    assert_texts(fact_of(&outcome, "aggregates", "sum", "amount"), true, "15000", "15000");
    assert_texts(fact_of(&outcome, "aggregates", "sum", "score"), true, "1237.5", "1237.5");
    assert_int_equal(number_of(fact_of(&outcome, "distribution", "distribution", "status"), "values"), 3);
    json_decref(outcome.results);
}

static void keys_are_missing_extra_and_twice(void **state) {
    (void)state;
    drop(&target, 99);
    drop(&target, 0);
    target.rows[target.count] = target.rows[5];
    target.count++;
    source.rows[10].id = 9000;
    struct outcome outcome = run();
    assert_int_equal(outcome.verdict, VERDICT_DIFFER);
    assert_sides(fact_of(&outcome, "counts", "rows", NULL), false, 100, 99);
    assert_int_equal(number_of(fact_of(&outcome, "keys", "missing", NULL), "keys"), 3);
    assert_int_equal(number_of(fact_of(&outcome, "keys", "extra", NULL), "keys"), 1);
    assert_sides(fact_of(&outcome, "keys", "duplicate", NULL), false, 0, 1);
    assert_sides(fact_of(&outcome, "unique", "duplicates", NULL), false, 0, 1);
    assert_verdict(&outcome, "columns", "match");
    json_decref(outcome.results);
}

static void columns_that_differ_are_named(void **state) {
    (void)state;
    for (size_t i = 0; i < 10; i++)
        target.rows[i].paid_at += 7LL * 3600 * 1000000;
    target.rows[3].has_note = !target.rows[3].has_note;
    struct outcome outcome = run();
    const json_t *different = fact_of(&outcome, "columns", "different", NULL);
    assert_int_equal(number_of(different, "rows"), 10);
    assert_int_equal(number_of(different, "read_again"), 10);
    assert_int_equal(number_of(fact_of(&outcome, "columns", "column", "paid_at"), "rows"), 10);
    assert_int_equal(number_of(fact_of(&outcome, "columns", "column", "note"), "rows"), 1);
    assert_null(fact_of(&outcome, "columns", "column", "name"));
    assert_verdict(&outcome, "keys", "match");
    assert_verdict(&outcome, "digest", "differ");
    assert_sides(fact_of(&outcome, "aggregates", "nulls", "note"), false, 25, 26);
    json_decref(outcome.results);
}

static void equal_only_semantically_is_counted(void **state) {
    (void)state;
    struct canonical_rule rules[PERSON_COLUMNS] = {{CANONICAL_EXACT, CANONICAL_AS_STORED}};
    struct shape shape = person_shape;
    rules[PERSON_AMOUNT].level = CANONICAL_SEMANTIC;
    shape.rules = rules;
    options.shape = &shape;
    for (size_t i = 0; i < 4; i++)
        snprintf(target.rows[i].amount, TEXT_SIZE, "%zu.5", 100 + i);
    target.rows[4].amount[0] = '9';
    struct outcome outcome = run();
    assert_int_equal(number_of(fact_of(&outcome, "columns", "different", NULL), "rows"), 1);
    assert_int_equal(number_of(fact_of(&outcome, "columns", "equal_only_semantically", NULL), "rows"), 4);
    assert_int_equal(number_of(fact_of(&outcome, "columns", "column", "amount"), "rows"), 1);
    json_decref(outcome.results);
    options.shape = &person_shape;
    outcome = run();
    assert_int_equal(number_of(fact_of(&outcome, "columns", "different", NULL), "rows"), 5);
    assert_null(fact_of(&outcome, "columns", "equal_only_semantically", NULL));
    json_decref(outcome.results);
}

static void a_list_is_unique_but_for_null(void **state) {
    (void)state;
    options.unique_count = 2;
    people_make(&source, 6);
    for (size_t i = 0; i < 6; i++)
        snprintf(source.rows[i].status, TEXT_SIZE, "status %zu", i);
    target = source;
    snprintf(target.rows[5].status, TEXT_SIZE, "status 2"); /* with the same note as row 2: "remark" */
    snprintf(target.rows[5].note, TEXT_SIZE, "remark");
    snprintf(target.rows[4].status, TEXT_SIZE, "status 0"); /* both notes are NULL */
    struct outcome outcome = run();
    const json_t *facts = json_object_get(result_of(&outcome, "unique"), "facts");
    assert_int_equal(json_array_size(facts), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(facts, 0), "columns")), "name");
    assert_sides(json_array_get(facts, 0), true, 0, 0);
    assert_string_equal(json_string_value(json_object_get(json_array_get(facts, 1), "columns")), "status, note");
    assert_sides(json_array_get(facts, 1), false, 0, 1);
    json_decref(outcome.results);
}

static void a_list_too_long_for_memory_is_not_verified(void **state) {
    (void)state;
    options.unique_bytes_max = 64 * sizeof(struct row_hash);
    struct outcome outcome = run();
    assert_int_equal(outcome.verdict, VERDICT_UNVERIFIED);
    assert_verdict(&outcome, "unique", "unverified");
    assert_non_null(strstr(json_string_value(json_object_get(result_of(&outcome, "unique"), "reason")), "values of (name)"));
    assert_true(number_of(fact_of(&outcome, "unique", "duplicates", NULL), "seen_one_in") >= 2);
    json_decref(outcome.results);
    /* A part that was asked for is no failure. */
    options.unique_bits = 3;
    options.unique_prefix = 5;
    outcome = run();
    assert_verdict(&outcome, "unique", "match");
    assert_int_equal(number_of(fact_of(&outcome, "unique", "duplicates", NULL), "seen_one_in"), 8);
    json_decref(outcome.results);
}

static void counts_of_values_move(void **state) {
    (void)state;
    snprintf(target.rows[1].status, TEXT_SIZE, "void");
    struct outcome outcome = run();
    const json_t *fact = fact_of(&outcome, "distribution", "distribution", "status");
    const json_t *counts = json_object_get(fact, "counts");
    assert_false(json_is_true(json_object_get(fact, "ok")));
    assert_int_equal(json_array_size(counts), 3);
    assert_int_equal(number_of(json_array_get(counts, 0), "source"), 33); /* what differs comes first */
    assert_int_equal(number_of(json_array_get(counts, 1), "source"), 33);
    assert_int_equal(number_of(json_array_get(counts, 0), "target") + number_of(json_array_get(counts, 1), "target"), 66);
    assert_int_equal(number_of(json_array_get(counts, 2), "target"), 34);
    json_decref(outcome.results);
}

static void null_is_a_value_of_a_distribution(void **state) {
    (void)state;
    static const size_t note_column = PERSON_NOTE;
    options.distribution = (struct check_columns){&note_column, 1};
    for (size_t i = 0; i < 20; i++) {
        target.rows[i].has_note = true; /* NULL becomes '' */
        if (i % 4 == 0)
            target.rows[i].note[0] = '\0';
    }
    struct outcome outcome = run();
    const json_t *counts = json_object_get(fact_of(&outcome, "distribution", "distribution", "note"), "counts");
    assert_int_equal(json_array_size(counts), 3);
    size_t nulls = 0;
    for (size_t i = 0; i < 3; i++) {
        const json_t *value = json_array_get(counts, i);
        if (strcmp(json_string_value(json_object_get(value, "value")), "NULL") != 0)
            continue;
        nulls++;
        assert_int_equal(number_of(value, "source"), 25);
        assert_int_equal(number_of(value, "target"), 20);
    }
    assert_int_equal(nulls, 1);
    json_decref(outcome.results);
}

static void too_many_values_are_not_counted(void **state) {
    (void)state;
    struct pass pass;
    struct check_list checks;
    struct outcome outcome;
    options.distribution = (struct check_columns){&name_column, 1};
    open_pass(&pass, &checks);
    pass_begin(&pass, &checks);
    for (int i = 0; i < 1001; i++) {
        struct err err;
        struct datum values[PERSON_COLUMNS];
        source.rows[0].id = i;
        snprintf(source.rows[0].name, TEXT_SIZE, "%d", i);
        person_datums(&source.rows[0], values);
        assert_int_equal(pass_row(&pass, SIDE_SOURCE, values, &err), 0);
        if (i == 999) {
            finish(&checks, &outcome);
            assert_int_equal(number_of(fact_of(&outcome, "distribution", "distribution", "name"), "values"), 1000);
            assert_int_equal(json_array_size(json_object_get(fact_of(&outcome, "distribution", "distribution", NULL), "counts")),
                             100);
            json_decref(outcome.results);
        }
    }
    finish(&checks, &outcome);
    assert_verdict(&outcome, "distribution", "unverified");
    json_decref(outcome.results);
    struct check_list total;
    struct err err;
    assert_int_equal(check_list_open(&total, &options, &err), 0);
    assert_int_equal(check_list_merge(&total, &checks, &err), 0);
    finish(&total, &outcome);
    assert_verdict(&outcome, "distribution", "unverified");
    json_decref(outcome.results);
    check_list_close(&total);
    pass_begin(&pass, &checks); /* the next range may be better */
    finish(&checks, &outcome);
    assert_verdict(&outcome, "distribution", "match");
    json_decref(outcome.results);
    check_list_close(&checks);
    pass_close(&pass);
}

static void sums_say_how_much(void **state) {
    (void)state;
    snprintf(target.rows[7].amount, TEXT_SIZE, "107.51");
    target.rows[8].score += 1;
    target.rows[9].has_amount = false;
    struct outcome outcome = run();
    assert_texts(fact_of(&outcome, "aggregates", "sum", "amount"), false, "15000", "14890.51");
    assert_texts(fact_of(&outcome, "aggregates", "sum", "score"), false, "1237.5", "1238.5");
    assert_non_null(json_object_get(fact_of(&outcome, "aggregates", "sum", "score"), "exact"));
    assert_null(json_object_get(fact_of(&outcome, "aggregates", "sum", "amount"), "exact"));
    assert_sides(fact_of(&outcome, "aggregates", "nulls", "amount"), false, 0, 1);
    json_decref(outcome.results);
}

static void odd_numbers_are_counted_apart(void **state) {
    (void)state;
    snprintf(source.rows[0].amount, TEXT_SIZE, "NaN");
    snprintf(source.rows[1].amount, TEXT_SIZE, "none");
    target.rows[2].score = (double)INFINITY;
    struct outcome outcome = run();
    assert_sides(fact_of(&outcome, "aggregates", "not_finite", "amount"), false, 1, 0);
    assert_sides(fact_of(&outcome, "aggregates", "not_finite", "score"), false, 0, 1);
    assert_sides(fact_of(&outcome, "aggregates", "not_numbers", "amount"), false, 1, 0);
    json_decref(outcome.results);
}

static void too_wide_numbers_are_not_verified(void **state) {
    (void)state;
    static const char digits[] =
        "99999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999"
        "99999999999999999999999999999999999999999999999999";
    struct check_list checks;
    struct outcome outcome;
    struct err err;
    struct datum values[PERSON_COLUMNS];
    person_datums(&source.rows[0], values);
    values[PERSON_AMOUNT] = (struct datum){.kind = DATUM_DECIMAL, .bytes = digits, .size = sizeof(digits) - 1};
    struct check_row row = {.values = values};
    static const char *const only[] = {"aggregates", NULL};
    options.only = only;
    assert_int_equal(check_list_open(&checks, &options, &err), 0);
    for (int side = 0; side < SIDES; side++)
        assert_int_equal(check_list_row(&checks, (enum side)side, &row, &err), 0);
    finish(&checks, &outcome);
    assert_int_equal(outcome.verdict, VERDICT_UNVERIFIED);
    assert_string_equal(json_string_value(json_object_get(result_of(&outcome, "aggregates"), "reason")),
                        "amount has numbers on the source that are too wide to be summed"); /* the first reason */
    json_decref(outcome.results);
    check_list_close(&checks);
}

static void the_ends_are_compared(void **state) {
    (void)state;
    target.rows[0].paid_at -= 1;
    snprintf(target.rows[99].amount, TEXT_SIZE, "1000.00");
    struct outcome outcome = run();
    const json_t *least = fact_of(&outcome, "aggregates", "min", "paid_at");
    const json_t *greatest = fact_of(&outcome, "aggregates", "max", "amount");
    assert_false(json_is_true(json_object_get(least, "ok")));
    assert_false(json_is_true(json_object_get(greatest, "ok")));
    assert_true(json_is_true(json_object_get(fact_of(&outcome, "aggregates", "max", "paid_at"), "ok")));
    assert_true(json_is_true(json_object_get(fact_of(&outcome, "aggregates", "min", "note"), "ok")));
    assert_int_equal(strlen(json_string_value(json_object_get(least, "source"))), CHECK_VALUE_HEX);
    json_decref(outcome.results);
}

/* Whatever is said, no value of a row is in it. */
static void no_row_value_shows(void **state) {
    (void)state;
    static const char *const values[] = {"Name0", "open", "paid\"", "void", "remark", "100.5", "199.5", "1700000000000", "secret"};
    snprintf(target.rows[5].status, TEXT_SIZE, "secret");
    source.count = 9; /* below which sums would give values away */
    target.count = 9;
    struct outcome outcome = run();
    char *text = json_dumps(outcome.results, 0);
    for (size_t i = 0; i < UNIT_COUNT(values); i++)
        assert_null(strstr(text, values[i]));
    assert_true(json_is_null(json_object_get(fact_of(&outcome, "aggregates", "sum", "amount"), "source")));
    mem_free(text);
    json_decref(outcome.results);
}

/* ---- merging ---- */

static void a_total_is_what_one_range_would_be(void **state) {
    (void)state;
    struct pass pass;
    struct check_list total;
    struct check_list range;
    struct outcome merged;
    struct err err;
    err_clear(&err);
    target.rows[3].paid_at++;
    target.rows[70].name[0] = 'n';
    target.rows[71].has_note = false;
    snprintf(target.rows[40].name, TEXT_SIZE, "%s", target.rows[90].name); /* in another range */
    snprintf(target.rows[41].status, TEXT_SIZE, "lost");
    struct outcome whole = run();
    open_pass(&pass, &total);
    assert_int_equal(check_list_open(&range, &options, &err), 0);
    for (size_t from = 0; from < 100; from += 33) {
        stream_range(&pass, &range, from, from + 33);
        assert_int_equal(check_list_merge(&total, &range, &err), 0);
    }
    finish(&total, &merged);
    assert_int_equal(merged.verdict, whole.verdict);
    if (json_equal(whole.results, merged.results) == 0)
        fail_msg("%s\n%s", json_dumps(whole.results, 0), json_dumps(merged.results, 0));
    assert_sides(fact_of(&merged, "unique", "duplicates", NULL), false, 0, 1);
    json_decref(whole.results);
    json_decref(merged.results);
    check_list_close(&range);
    check_list_close(&total);
    pass_close(&pass);
}

static void what_one_part_dropped_the_total_has_not_seen(void **state) {
    (void)state;
    struct check_list total;
    struct check_list range;
    struct check_options small = options;
    struct pass pass;
    struct outcome outcome;
    struct err err;
    static const char *const only[] = {"unique", "distribution", NULL};
    err_clear(&err);
    options.only = only;
    small.only = only;
    small.unique_bytes_max = 64 * sizeof(struct row_hash);
    assert_int_equal(check_list_open(&range, &small, &err), 0);
    open_pass(&pass, &total);
    stream_range(&pass, &range, 0, 100);
    assert_int_equal(check_list_merge(&total, &range, &err), 0);
    finish(&total, &outcome);
    assert_int_equal(outcome.verdict, VERDICT_UNVERIFIED);
    json_decref(outcome.results);
    check_list_close(&range);
    check_list_close(&total);
    pass_close(&pass);
}

/* With a file nothing is dropped: parts, and the total of them, are as with all the memory there is. */
static void what_does_not_fit_goes_into_a_file(void **state) {
    (void)state;
    struct check_list total, range;
    struct check_options small = options;
    struct pass pass;
    struct outcome outcome;
    struct err err;
    static const char *const only[] = {"unique", NULL};
    err_clear(&err);
    snprintf(target.rows[90].name, TEXT_SIZE, "%s", target.rows[3].name);
    snprintf(target.rows[91].name, TEXT_SIZE, "%s", target.rows[92].name);
    small.only = only;
    small.unique_bytes_max = 64 * sizeof(struct row_hash);
    small.unique_file = true;
    options = small;
    open_pass(&pass, &total);
    assert_int_equal(check_list_open(&range, &options, &err), 0);
    for (size_t from = 0; from < 100; from += 50) {
        stream_range(&pass, &range, from, from + 50);
        assert_int_equal(check_list_merge(&total, &range, &err), 0);
    }
    finish(&total, &outcome);
    assert_sides(fact_of(&outcome, "unique", "duplicates", NULL), false, 0, 2);
    assert_verdict(&outcome, "unique", "differ");
    json_decref(outcome.results);
    finish(&total, &outcome); /* asking is not using up */
    assert_sides(fact_of(&outcome, "unique", "duplicates", NULL), false, 0, 2);
    json_decref(outcome.results);
    check_list_reset(&total);
    finish(&total, &outcome);
    assert_verdict(&outcome, "unique", "match");
    json_decref(outcome.results);
    check_list_close(&range);
    check_list_close(&total);
    pass_close(&pass);
}

/* ---- choosing ---- */

static void only_what_is_asked_for_runs(void **state) {
    (void)state;
    static const char *const only[] = {"digest", "counts", "distribution", NULL};
    static const char *const wrong[] = {"counts", "sums", NULL};
    struct check_list checks;
    struct err err;
    err_clear(&err);
    options.only = only;
    options.distribution.count = 0;
    assert_int_equal(check_list_open(&checks, &options, &err), 0);
    assert_int_equal(checks.count, 2);
    check_list_close(&checks);
    options.only = wrong;
    assert_int_equal(check_list_open(&checks, &options, &err), ERR_USAGE);
    assert_non_null(strstr(err.message, "no check sums; there are counts, digest, keys"));
    assert_ptr_equal(check_type_named("keys"), check_types()[2]);
}

static void verdicts_have_names_and_an_order(void **state) {
    (void)state;
    assert_string_equal(verdict_word(VERDICT_CHANGED), "changed");
    assert_int_equal(verdict_worst(VERDICT_DIFFER, VERDICT_UNVERIFIED), VERDICT_DIFFER);
    assert_int_equal(verdict_worst(VERDICT_MATCH, VERDICT_CHANGED), VERDICT_CHANGED);
    assert_int_equal(verdict_worst(VERDICT_CHANGED, VERDICT_UNVERIFIED), VERDICT_UNVERIFIED);
}

/* ---- out of memory ---- */

static int stream_some(struct pass *pass, struct err *err) {
    struct datum values[PERSON_COLUMNS];
    int code = 0;
    for (size_t i = 0; i < 2 * (size_t)70 && code == 0; i++) {
        person_datums(&(i % 2 == 0 ? &source : &target)->rows[i / 2], values);
        code = pass_row(pass, (enum side)(i % 2), values, err);
    }
    return code;
}

static int finish_some(struct pass *pass, struct check_list *range, struct check_list *total, struct err *err) {
    struct range_totals totals;
    enum verdict verdict;
    json_t *results = NULL;
    bool differs = false;
    struct datum values[SIDES][PERSON_COLUMNS];
    person_datums(&source.rows[1], values[SIDE_SOURCE]);
    person_datums(&target.rows[1], values[SIDE_TARGET]);
    int code = pass_matched(pass, &totals, err);
    if (code == 0)
        code = pass_pair(pass, values[SIDE_SOURCE], values[SIDE_TARGET], &differs, err);
    if (code == 0)
        code = check_list_merge(total, range, err);
    if (code == 0)
        code = check_list_finish(total, &verdict, &results, err);
    if (code == 0)
        assert_int_equal(verdict, VERDICT_DIFFER);
    json_decref(results);
    return code;
}

static bool run_all(void *context) {
    (void)context;
    struct pass pass = {.options = NULL};
    struct check_list range;
    struct check_list total;
    struct err err;
    err_clear(&err);
    int code = check_list_open(&range, &options, &err);
    if (code == 0)
        code = check_list_open(&total, &options, &err);
    else
        total.count = 0;
    if (code == 0)
        code = pass_open(&pass, &options, 0, 1 << 24, &err);
    if (code == 0) {
        pass_begin(&pass, &range);
        code = stream_some(&pass, &err);
        if (code == 0)
            code = finish_some(&pass, &range, &total, &err);
        pass_close(&pass);
    }
    assert_true(code == 0 || (code == ERR_NOMEM && err.code == ERR_NOMEM));
    check_list_close(&total);
    check_list_close(&range);
    return code == 0;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    struct canonical_rule rules[PERSON_COLUMNS] = {{CANONICAL_EXACT, CANONICAL_AS_STORED}};
    struct shape shape = person_shape;
    rules[PERSON_AMOUNT].level = CANONICAL_SEMANTIC;
    shape.rules = rules;
    options.shape = &shape;
    options.unique_count = 2;
    target.rows[1].score = 7;
    unit_out_of_memory(run_all, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(equal_sides_match, set_up),
        cmocka_unit_test_setup(keys_are_missing_extra_and_twice, set_up),
        cmocka_unit_test_setup(columns_that_differ_are_named, set_up),
        cmocka_unit_test_setup(equal_only_semantically_is_counted, set_up),
        cmocka_unit_test_setup(a_list_is_unique_but_for_null, set_up),
        cmocka_unit_test_setup(a_list_too_long_for_memory_is_not_verified, set_up),
        cmocka_unit_test_setup(counts_of_values_move, set_up),
        cmocka_unit_test_setup(null_is_a_value_of_a_distribution, set_up),
        cmocka_unit_test_setup(too_many_values_are_not_counted, set_up),
        cmocka_unit_test_setup(sums_say_how_much, set_up),
        cmocka_unit_test_setup(odd_numbers_are_counted_apart, set_up),
        cmocka_unit_test_setup(too_wide_numbers_are_not_verified, set_up),
        cmocka_unit_test_setup(the_ends_are_compared, set_up),
        cmocka_unit_test_setup(no_row_value_shows, set_up),
        cmocka_unit_test_setup(a_total_is_what_one_range_would_be, set_up),
        cmocka_unit_test_setup(what_one_part_dropped_the_total_has_not_seen, set_up),
        cmocka_unit_test_setup(what_does_not_fit_goes_into_a_file, set_up),
        cmocka_unit_test_setup(only_what_is_asked_for_runs, set_up),
        cmocka_unit_test_setup(verdicts_have_names_and_an_order, set_up),
        cmocka_unit_test_setup(every_allocation_may_fail, set_up),
    };
    mem_hook_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
