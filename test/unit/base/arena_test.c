/* Memory that goes all at once. */
#include "unit.h"

#include <stdalign.h>

#include "base/arena.h"

static void memory_is_zeroed_aligned_and_apart(void **state) {
    static const size_t sizes[] = {0, 1, 7, 8, 16, 100, 4096, 5000, 100000, 3};
    (void)state;
    struct arena arena;
    arena_init(&arena);
    unsigned char *blocks[UNIT_COUNT(sizes)];
    for (size_t i = 0; i < UNIT_COUNT(sizes); i++) {
        blocks[i] = arena_alloc(&arena, sizes[i]);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % alignof(max_align_t), 0);
        for (size_t at = 0; at < sizes[i]; at++)
            assert_int_equal(blocks[i][at], 0);
        memset(blocks[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < UNIT_COUNT(sizes); i++)
        for (size_t at = 0; at < sizes[i]; at++)
            assert_int_equal(blocks[i][at], i + 1);
    arena_release(&arena);
}

static void text_is_copied(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    char original[] = "users";
    char *copy = arena_strdup(&arena, original);
    original[0] = 'U';
    assert_string_equal(copy, "users");
    assert_null(arena_strdup(&arena, NULL));
    assert_memory_equal(arena_memdup(&arena, "a\0b", 3), "a\0b", 4);
    assert_string_equal(arena_memdup(&arena, NULL, 0), "");
    assert_string_equal(arena_printf(&arena, "range %d of %s", 17, copy), "range 17 of users");
    arena_release(&arena);
}

static void a_reset_reuses_one_block(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    arena_reset(&arena); /* of nothing */
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 1000; i++)
            assert_non_null(arena_alloc(&arena, 100));
    arena_reset(&arena);
    mem_fail_at(0, false);
    char *first = arena_alloc(&arena, 50000);
    assert_int_equal(mem_count(), 0);
    assert_non_null(first);
    for (size_t i = 0; i < 50000; i++)
        assert_int_equal(first[i], 0);
    arena_release(&arena);
    arena_release(&arena);
}

static void sizes_beyond_memory_are_refused(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_null(arena_alloc(&arena, SIZE_MAX - 32));
    assert_null(arena_array(&arena, SIZE_MAX / 2, 3));
    assert_null(arena_memdup(&arena, "", SIZE_MAX));
    assert_non_null(arena_array(&arena, 3, 0));
    arena_release(&arena);
}

static bool fill_an_arena(void *context) {
    (void)context;
    struct arena arena;
    arena_init(&arena);
    bool done = true;
    for (int i = 0; done && i < 50; i++)
        done = arena_printf(&arena, "%0*d", 100 * (i % 20), i) != NULL && arena_array(&arena, 100, 8) != NULL;
    done = done && arena_strdup(&arena, "end") != NULL;
    arena_release(&arena);
    return done;
}

/* With blocks of many pieces a test could only make the first piece of a block fail. */
static void each_piece_can_be_the_one_that_is_refused(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    assert_non_null(arena_alloc(&arena, 10));
    mem_fail_at(3, false);
    assert_non_null(arena_strdup(&arena, "one"));
    assert_non_null(arena_array(&arena, 2, 8));
    assert_null(arena_printf(&arena, "three"));
    assert_non_null(arena_alloc(&arena, 4));
    assert_int_equal(mem_count(), 4);
    mem_fail_at(0, false);
    arena_release(&arena);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    unit_out_of_memory(fill_an_arena, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(text_is_copied),
        cmocka_unit_test(a_reset_reuses_one_block),
        cmocka_unit_test(sizes_beyond_memory_are_refused),
        cmocka_unit_test(each_piece_can_be_the_one_that_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
