/* How far a replica has come, as the engines write it. */
#include "unit.h"

#include "db/dialects.h"

static void positions_compare_as_numbers(void **state) {
    static const struct {
        const struct sql_dialect *dialect;
        const char *replayed, *position;
        bool reached;
    } cases[] = {
        {&postgres_dialect, "0/3000148", "0/3000148", true},
        {&postgres_dialect, "0/3000147", "0/3000148", false},
        {&postgres_dialect, "1/0", "0/FFFFFFFF", true},
        {&postgres_dialect, "A/0", "9/FFFFFFFF", true},
        {&postgres_dialect, "9/0", "10/0", false},
        {&postgres_dialect, NULL, "0/1", false},
        {&mariadb_dialect, "0-1-100", "0-1-100", true},
        {&mariadb_dialect, "0-1-99", "0-1-100", false},
        {&mariadb_dialect, "0-2-100", "0-1-99", true},
        {&mariadb_dialect, "0-1-9,3-1-5", "0-1-9,3-1-5", true},
        {&mariadb_dialect, "3-1-5,0-1-9", "0-1-9,3-1-5", true},
        {&mariadb_dialect, "0-1-9", "0-1-9,3-1-5", false},
        {&mariadb_dialect, "0-1-9,3-1-4", "0-1-9,3-1-5", false},
        {&mariadb_dialect, "0-1-9,3-1-5,7-1-1", "0-1-9,3-1-5", true},
        {&mariadb_dialect, "", "0-1-1", false},
        {&mariadb_dialect, NULL, "0-1-1", false},
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++)
        assert_int_equal(cases[i].dialect->load->has_reached(cases[i].replayed, cases[i].position), cases[i].reached);
}

static void distances_go_with_positions(void **state) {
    (void)state;
    assert_true(postgres_dialect.load->distance("0/FFFFFFFF", "1/1") > 1.9 &&
                postgres_dialect.load->distance("0/FFFFFFFF", "1/1") < 2.1);
    assert_true(mariadb_dialect.load->distance("0-1-9,3-1-5", "3-1-6,0-1-11") > 2.9);
    assert_true(mariadb_dialect.load->distance("0-1-9,3-1-5", "3-1-6,0-1-11") < 3.1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_compare_as_numbers),
        cmocka_unit_test(distances_go_with_positions),
    };
    return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
