/* sample.c, sample_proof.c: sizes and bounds against tables computed with exact fractions, the choice of rows, and their comparison. */
#include "unit.h"

#include <math.h>

#include "base/mem.h"
#include "reconcile/sample.h"

static void sizes_of_an_endless_population(void **state) {
    static const struct {
        double rate;
        uint64_t at_95, at_99, at_999;
    } table[] = {
        {0.01, 299, 459, 688},
        {0.001, 2995, 4603, 6905},
        {0.0001, 29956, 46050, 69075},
        {0.00001, 299572, 460515, 690773},
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(table); i++) {
        assert_int_equal(sample_size(0.95, table[i].rate, 0), table[i].at_95);
        assert_int_equal(sample_size(0.99, table[i].rate, 0), table[i].at_99);
        assert_int_equal(sample_size(0.999, table[i].rate, 0), table[i].at_999);
    }
}

static void sizes_of_a_finite_population(void **state) {
    static const struct {
        double confidence, rate;
        uint64_t population, rows;
    } table[] = {
        {0.99, 0.0001, 10000, 9901},
        {0.99, 0.0001, 100000, 36903},
        {0.99, 0.0001, 1000000, 45006},
        {0.99, 0.0001, 10000000, 45944},
        {0.99, 0.000001, 1000000, 990001},
        {0.95, 0.01, 1000, 258},
        {0.95, 0.01, 150, 117},
        {0.99, 0.5, 10, 5},
        {0.999, 0.01, 500, 373},
        {0.95, 0.1, 50, 22},
        {0.99, 0.0001, 1, 1},
        {0.5, 0.9, 1, 1},
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(table); i++)
        assert_int_equal(sample_size(table[i].confidence, table[i].rate, table[i].population), table[i].rows);
    assert_in_range(sample_size(0.99, 0.0001, 100000000), 46039, 46050); /* the product over the chosen rows from here on */
    assert_in_range(sample_size(0.99, 0.0001, 100100000), 46039, 46050);
    assert_in_range(sample_size(0.99, 0.0001, 1000000000000), 46049, 46050);
    assert_int_equal(sample_size(0.999999, 0.9999, 20000), 2);  /* most are defective */
    assert_int_equal(sample_size(0.999999, 0.99999, 20000), 1); /* all are */
}

static void bounds_after_some_defects(void **state) {
    static const struct {
        double confidence;
        uint64_t rows, defects;
        double rate;
    } table[] = {
        {0.99, 46050, 0, 0.00009999869548},
        {0.99, 46050, 1, 0.0001441464861},
        {0.99, 46050, 2, 0.0001825268679},
        {0.99, 46050, 3, 0.0002181183311},
        {0.99, 1000, 0, 0.004594582648},
        {0.99, 10000, 0, 0.0004604109969},
        {0.99, 100000, 0, 0.0000460506415},
        {0.95, 10, 3, 0.6066242161},
        {0.95, 10, 9, 0.9948838031},
        {0.99, 1000, 500, 0.5372219332},
        {0.95, 10, 10, 1},
        {0.95, 0, 0, 1},
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(table); i++) {
        double rate = sample_rate_bound(table[i].confidence, table[i].rows, table[i].defects);
        assert_true(fabs(rate - table[i].rate) <= 1e-9 * table[i].rate);
    }
    double many = sample_rate_bound(0.99, 1000000000, 100000000); /* no underflow */
    assert_true(many > 0.1 && many < 0.1001);
}

static void choose(uint64_t rows, uint64_t population, const char *seed, struct sample_choice *choice) {
    struct err err;
    assert_int_equal(sample_choice_init(choice, seed, rows, population, &err), 0);
}

static void the_seed_chooses_the_same_rows_again(void **state) {
    (void)state;
    struct sample_choice first;
    struct sample_choice again;
    struct sample_choice other;
    choose(1000, 100000, "run 1", &first);
    choose(1000, 100000, "run 1", &again);
    choose(1000, 100000, "run 2", &other);
    size_t chosen = 0;
    size_t shared = 0;
    for (uint64_t key = 0; key < 100000; key++) {
        bool is_chosen = sample_chooses(&first, &key, sizeof(key));
        assert_int_equal(is_chosen, sample_chooses(&again, &key, sizeof(key)));
        chosen += is_chosen;
        shared += is_chosen && sample_chooses(&other, &key, sizeof(key));
    }
    assert_in_range(chosen, 1000, 1300);
    assert_in_range(shared, 0, 40);
}

static void fewer_than_asked_for_are_hardly_ever_chosen(void **state) {
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        struct sample_choice choice;
        char seed[16];
        size_t chosen = 0;
        snprintf(seed, sizeof(seed), "%u", round);
        choose(100, 2000, seed, &choice);
        for (uint64_t key = 0; key < 2000; key++)
            chosen += sample_chooses(&choice, &key, sizeof(key));
        assert_in_range(chosen, 100, 250);
    }
}

static void a_sample_of_all_is_all(void **state) {
    (void)state;
    struct sample_choice choice;
    static const uint64_t populations[] = {0, 1, 100};
    for (size_t i = 0; i < UNIT_COUNT(populations); i++) {
        choose(100, populations[i], "s", &choice);
        for (uint64_t key = 0; key < 1000; key++)
            assert_true(sample_chooses(&choice, &key, sizeof(key)));
    }
}

/* ---- the comparison ---- */

static int add(struct sample_proof *proof, enum side side, const char *key, const char *row, struct err *err) {
    return sample_proof_add(proof, side, key, strlen(key), row, strlen(row), err);
}

static void equal_samples_have_equal_digests_in_any_order(void **state) {
    (void)state;
    struct sample_proof proof;
    struct sample_result result;
    struct err err;
    char key[16];
    sample_proof_init(&proof);
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof(key), "%d", i);
        assert_int_equal(add(&proof, SIDE_SOURCE, key, key, &err), 0);
        snprintf(key, sizeof(key), "%d", 999 - i);
        assert_int_equal(add(&proof, SIDE_TARGET, key, key, &err), 0);
    }
    assert_int_equal(sample_proof_finish(&proof, &result, &err), 0);
    assert_int_equal(result.same, 1000);
    assert_int_equal(result.rows[SIDE_SOURCE] + result.rows[SIDE_TARGET], 2000);
    assert_int_equal(result.different + result.missing + result.extra, 0);
    assert_string_equal(result.digest[SIDE_SOURCE], result.digest[SIDE_TARGET]);
    sample_proof_release(&proof);
}

static void each_difference_is_counted(void **state) {
    (void)state;
    static const struct {
        enum side side;
        const char *key, *row;
    } rows[] = {
        {SIDE_SOURCE, "same", "x"},      {SIDE_TARGET, "same", "x"},     {SIDE_SOURCE, "different", "x"},
        {SIDE_TARGET, "different", "y"}, {SIDE_SOURCE, "missing", "x"},  {SIDE_TARGET, "extra", "x"},
        {SIDE_SOURCE, "twice", "x"},     {SIDE_TARGET, "twice", "x"},    {SIDE_TARGET, "twice", "x"},
        {SIDE_SOURCE, "pair", "x"},      {SIDE_SOURCE, "pair", "y"},     {SIDE_TARGET, "pair", "x"},
        {SIDE_SOURCE, "missing2", "x"},  {SIDE_SOURCE, "missing2", "y"},
    };
    struct sample_proof proof;
    struct sample_result result;
    struct err err;
    sample_proof_init(&proof);
    for (size_t i = 0; i < UNIT_COUNT(rows); i++)
        assert_int_equal(add(&proof, rows[i].side, rows[i].key, rows[i].row, &err), 0);
    assert_int_equal(sample_proof_finish(&proof, &result, &err), 0);
    assert_int_equal(result.same, 1);
    assert_int_equal(result.different, 3);
    assert_int_equal(result.missing, 2);
    assert_int_equal(result.extra, 1);
    assert_string_not_equal(result.digest[SIDE_SOURCE], result.digest[SIDE_TARGET]);
    sample_proof_release(&proof);
}

static void an_empty_sample_is_that_of_nothing(void **state) {
    (void)state;
    struct sample_proof proof;
    struct sample_result result;
    struct err err;
    sample_proof_init(&proof);
    assert_int_equal(sample_proof_finish(&proof, &result, &err), 0);
    assert_int_equal(result.same + result.different + result.missing + result.extra, 0);
    assert_string_equal(result.digest[SIDE_TARGET], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sample_proof_release(&proof);
}

/* C(N - D, n) / C(N, n), with exact fractions: the least D at which that is below 1 - confidence is excluded. */
static void bounds_of_a_finite_population(void **state) {
    static const struct {
        double confidence;
        uint64_t rows, population, at_most; /* defective rows of the population */
    } table[] = {
        {0.99, 9901, 10000, 0}, {0.99, 9900, 10000, 1}, {0.99, 9000, 10000, 1}, {0.95, 500, 1000, 4},
        {0.99, 500, 1000, 6},   {0.99, 1000, 1000, 0},  {0.95, 10, 20, 3},      {0.99, 990001, 1000000, 0},
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(table); i++) {
        double bound = sample_bound(table[i].confidence, table[i].rows, 0, table[i].population);
        assert_int_equal(llround(bound * (double)table[i].population), table[i].at_most);
    }
    assert_true(sample_bound(0.99, 46050, 0, 0) == sample_rate_bound(0.99, 46050, 0));
    assert_true(sample_bound(0.99, 46050, 3, 1000000) == sample_rate_bound(0.99, 46050, 3));
    assert_true(sample_bound(0.99, 100, 3, 100) == 0.03);
    assert_true(sample_bound(0.99, 0, 0, 100) == 1);
}

/* What differs is looked at again: only that, and what it is then is what counts. */
static void defects_are_looked_at_again(void **state) {
    static const struct {
        enum side side;
        const char *key, *row;
    } rows[] = {
        {SIDE_SOURCE, "same", "x"},      {SIDE_TARGET, "same", "x"}, {SIDE_SOURCE, "different", "x"},
        {SIDE_TARGET, "different", "y"}, {SIDE_SOURCE, "gone", "x"}, {SIDE_TARGET, "appears", "x"},
    };
    struct sample_proof proof, again;
    struct sample_keys defects;
    struct sample_result result;
    struct sample_entry entry;
    struct err err;
    (void)state;
    sample_proof_init(&proof);
    sample_proof_init(&again);
    for (size_t i = 0; i < UNIT_COUNT(rows); i++)
        assert_int_equal(add(&proof, rows[i].side, rows[i].key, rows[i].row, &err), 0);
    assert_int_equal(sample_proof_defects(&proof, &defects, &err), 0);
    assert_int_equal(defects.count, 3);
    for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
        assert_int_equal(sample_entry_set(&entry, rows[i].key, strlen(rows[i].key), "", 0, &err), 0);
        assert_int_equal(sample_keys_have(&defects, entry.key), strcmp(rows[i].key, "same") != 0);
    }
    assert_int_equal(add(&again, SIDE_SOURCE, "appears", "x", &err), 0);
    assert_int_equal(add(&again, SIDE_TARGET, "appears", "x", &err), 0);
    assert_int_equal(add(&again, SIDE_SOURCE, "different", "x", &err), 0);
    assert_int_equal(add(&again, SIDE_TARGET, "different", "y", &err), 0);
    sample_proof_forget(&proof, &defects);
    assert_int_equal(sample_proof_merge(&proof, &again, &err), 0);
    assert_int_equal(sample_proof_finish(&proof, &result, &err), 0);
    assert_int_equal(result.same, 2);
    assert_int_equal(result.different, 1);
    assert_int_equal(result.missing + result.extra, 0);
    mem_free(defects.keys);
    sample_proof_release(&proof);
    sample_proof_release(&again);
}

static bool compare_some(void *context) {
    (void)context;
    struct sample_proof proof;
    struct sample_result result;
    struct err err;
    int code = 0;
    err_clear(&err);
    sample_proof_init(&proof);
    for (int i = 0; i < 200 && code == 0; i++) {
        char key[16];
        snprintf(key, sizeof(key), "%d", i / 2);
        code = add(&proof, (enum side)(i % 2), key, "row", &err);
    }
    if (code == 0)
        code = sample_proof_finish(&proof, &result, &err);
    assert_true(code == 0 || (code == ERR_NOMEM && err.code == ERR_NOMEM));
    if (code == 0)
        assert_int_equal(result.same, 100);
    sample_proof_release(&proof);
    return code == 0;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    unit_out_of_memory(compare_some, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_of_an_endless_population),
        cmocka_unit_test(sizes_of_a_finite_population),
        cmocka_unit_test(bounds_after_some_defects),
        cmocka_unit_test(the_seed_chooses_the_same_rows_again),
        cmocka_unit_test(fewer_than_asked_for_are_hardly_ever_chosen),
        cmocka_unit_test(a_sample_of_all_is_all),
        cmocka_unit_test(equal_samples_have_equal_digests_in_any_order),
        cmocka_unit_test(each_difference_is_counted),
        cmocka_unit_test(an_empty_sample_is_that_of_nothing),
        cmocka_unit_test(bounds_of_a_finite_population),
        cmocka_unit_test(defects_are_looked_at_again),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
