/* unit.h - what every cmocka program includes first, and an out-of-memory loop. */
#ifndef TEST_UNIT_H
#define TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

#define UNIT_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Runs `body` with its 1st, 2nd, 3rd ... allocation failing, then with all from there on failing, until it needs no more of them.
 * `body` returns whether it got its work done, which it must once nothing is refused; it checks its own results before saying so. */
static inline void unit_out_of_memory(bool (*body)(void *context), void *context) {
    enum { UNIT_ALLOCATIONS_MAX = 20000 }; /* a body that never succeeds is a defect, not a long test */
    for (int for_ever = 0; for_ever <= 1; for_ever++) {
        unsigned long n = 1;
        for (; n <= UNIT_ALLOCATIONS_MAX; n++) {
            mem_fail_at(n, for_ever != 0);
            bool done = body(context);
            bool reached = mem_count() >= n;
            mem_fail_at(0, false);
            if (!reached) {
                assert_true(done);
                break;
            }
        }
        assert_true(n > 1);
        assert_true(n <= UNIT_ALLOCATIONS_MAX);
    }
}

#endif
