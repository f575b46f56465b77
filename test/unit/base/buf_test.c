/* Text that is built up, and what happens when memory ends on the way. */
#include "unit.h"

#include "base/buf.h"

static void a_new_buffer_is_empty_text(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf);
    assert_string_equal(buf.data, "");
    assert_int_equal(buf.len, 0);
    buf_clear(&buf);
    assert_true(buf_ok(&buf));
    buf_release(&buf);
    assert_string_equal(buf.data, "");
}

static void pieces_add_up(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf);
    buf_add(&buf, "INSERT");
    buf_add_char(&buf, ' ');
    buf_add(&buf, "");
    buf_add_mem(&buf, "INTO", 4);
    buf_add_mem(&buf, NULL, 0);
    buf_printf(&buf, " %s(%d)", "t", -7);
    assert_string_equal(buf.data, "INSERT INTO t(-7)");
    assert_int_equal(buf.len, strlen(buf.data));
    buf_clear(&buf);
    assert_string_equal(buf.data, "");
    buf_add_mem(&buf, "a\0b", 3);
    assert_int_equal(buf.len, 3);
    assert_memory_equal(buf.data, "a\0b", 4);
    buf_release(&buf);
}

static void it_grows(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf);
    for (int i = 0; i < 10000; i++)
        buf_printf(&buf, "%04d,", i);
    assert_true(buf_ok(&buf));
    assert_int_equal(buf.len, 50000);
    for (size_t i = 0; i < 10000; i += 999) {
        char want[8];
        snprintf(want, sizeof(want), "%04d,", (int)i);
        assert_memory_equal(buf.data + 5 * i, want, 5);
    }
    assert_int_equal(buf.data[buf.len], '\0');
    buf_release(&buf);
}

static void detaching_hands_the_text_over(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf);
    buf_add(&buf, "mine");
    char *text = buf_detach(&buf);
    assert_string_equal(text, "mine");
    assert_string_equal(buf.data, "");
    mem_free(text);
    text = buf_detach(&buf);
    assert_string_equal(text, "");
    mem_free(text);
}

static void a_failure_sticks(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf);
    buf_add(&buf, "kept");
    mem_fail_at(1, false);
    buf_printf(&buf, "%0100d", 1);
    mem_fail_at(0, false);
    assert_false(buf_ok(&buf));
    buf_add(&buf, "!");
    buf_clear(&buf);
    buf_add(&buf, "late");
    assert_string_equal(buf.data, "");
    assert_false(buf_ok(&buf));
    assert_null(buf_detach(&buf));
    assert_true(buf_ok(&buf));
    buf_release(&buf);
}

static void a_size_beyond_memory_is_a_failure(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf);
    buf_add(&buf, "x");
    buf_add_mem(&buf, "y", SIZE_MAX);
    assert_false(buf_ok(&buf));
    buf_release(&buf);
}

static void reserved_room_is_filled_by_the_caller(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf);
    buf_add(&buf, "ab");
    char *room = buf_reserve(&buf, 1000);
    assert_ptr_equal(room, buf.data + 2);
    memset(room, 'c', 1000);
    buf.len += 3;
    buf_add_char(&buf, '.');
    assert_string_equal(buf.data, "abccc.");
    mem_fail_at(1, false);
    assert_null(buf_reserve(&buf, 100000));
    mem_fail_at(0, false);
    assert_false(buf_ok(&buf));
    buf_release(&buf);
}

static bool build_lines(void *context) {
    (void)context;
    struct buf buf;
    buf_init(&buf);
    for (int i = 0; i < 100; i++)
        buf_printf(&buf, "line %d\n", i);
    char *text = buf_detach(&buf);
    bool done = text != NULL;
    if (done)
        assert_int_equal(strlen(text), 790);
    mem_free(text);
    return done;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    unit_out_of_memory(build_lines, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_buffer_is_empty_text),
        cmocka_unit_test(pieces_add_up),
        cmocka_unit_test(it_grows),
        cmocka_unit_test(detaching_hands_the_text_over),
        cmocka_unit_test(a_failure_sticks),
        cmocka_unit_test(a_size_beyond_memory_is_a_failure),
        cmocka_unit_test(reserved_room_is_filled_by_the_caller),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
