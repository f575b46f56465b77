/* Which index counts as the primary key, as unique over some columns, as usable for a walk. */
#include "unit.h"

#include "sql/table.h"

static const char *id[] = {"id"};
static const char *tenant_id[] = {"tenant", "id"};
static const char *id_tenant[] = {"id", "tenant"};
static const char *expression[] = {NULL};

static struct sql_index indexes[] = {
    {.name = "pk", .columns = id, .column_count = 1, .is_primary = true, .is_unique = true, .is_valid = true},
    {.name = "plain", .columns = tenant_id, .column_count = 2, .is_valid = true},
    {.name = "unique", .columns = tenant_id, .column_count = 2, .is_unique = true, .is_valid = true},
    {.name = "expr", .columns = expression, .column_count = 1, .is_unique = true, .is_valid = true, .is_expression = true},
};
static struct sql_column columns[] = {{.name = "id"}, {.name = "Tenant"}, {.name = "tenant"}};

static struct sql_table table_with(size_t first, size_t count) {
    return (struct sql_table){.name = "t", .columns = columns, .column_count = 3, .indexes = indexes + first, .index_count = count};
}

static void names_are_exact(void **state) {
    (void)state;
    struct sql_table table = table_with(0, 4);
    assert_ptr_equal(sql_table_column(&table, "tenant"), &columns[2]);
    assert_null(sql_table_column(&table, "TENANT"));
    assert_ptr_equal(sql_table_primary(&table), &indexes[0]);
    table = table_with(1, 3);
    assert_null(sql_table_primary(&table));
}

static void unique_means_all_of_it_and_no_more(void **state) {
    (void)state;
    struct sql_table table = table_with(0, 4);
    assert_ptr_equal(sql_table_unique(&table, id, 1, false), &indexes[0]);
    assert_ptr_equal(sql_table_unique(&table, tenant_id, 2, false), &indexes[2]);
    assert_null(sql_table_unique(&table, id_tenant, 2, false));
    assert_ptr_equal(sql_table_unique(&table, id_tenant, 2, true), &indexes[2]);
    assert_null(sql_table_unique(&table, tenant_id, 1, true));
}

static void unfit_indexes_are_not_unique(void **state) {
    (void)state;
    struct sql_index unfit[] = {
        {.name = "partial", .columns = id, .column_count = 1, .is_unique = true, .is_valid = true, .is_partial = true},
        {.name = "prefix", .columns = id, .column_count = 1, .is_unique = true, .is_valid = true, .is_expression = true},
        {.name = "late", .columns = id, .column_count = 1, .is_unique = true, .is_valid = true, .is_deferrable = true},
        {.name = "broken", .columns = id, .column_count = 1, .is_unique = true},
        {.name = "plain", .columns = id, .column_count = 1, .is_valid = true},
    };
    struct sql_table table = {.name = "t", .indexes = unfit, .index_count = 5};
    assert_null(sql_table_unique(&table, id, 1, true));
}

static void a_walk_takes_leading_columns(void **state) {
    (void)state;
    const char *const tenant[] = {"tenant"};
    struct sql_table table = table_with(0, 4);
    assert_ptr_equal(sql_table_range_index(&table, tenant, 1), &indexes[2]);
    assert_ptr_equal(sql_table_range_index(&table, tenant_id, 2), &indexes[2]);
    assert_null(sql_table_range_index(&table, id_tenant, 2));
    table = table_with(0, 2);
    assert_ptr_equal(sql_table_range_index(&table, tenant, 1), &indexes[1]);
    struct sql_index odd = {
        .name = "c", .columns = id, .column_count = 1, .is_unique = true, .is_valid = true, .is_custom_order = true};
    struct sql_table other = {.name = "t", .indexes = &odd, .index_count = 1};
    assert_null(sql_table_range_index(&other, id, 1));
    assert_ptr_equal(sql_table_unique(&other, id, 1, false), &odd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_exact),
        cmocka_unit_test(unique_means_all_of_it_and_no_more),
        cmocka_unit_test(unfit_indexes_are_not_unique),
        cmocka_unit_test(a_walk_takes_leading_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
