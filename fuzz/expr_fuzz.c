/* expr_fuzz.c - any text as an expression of a plan, on each engine: no crash, and what is accepted cannot leave its parentheses.
 *
 * The last is checked with a second, simpler reading: an accepted expression put between parentheses is accepted again, and the same
 * with anything but white space behind a closing parenthesis of its own is refused. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "db/dialects.h"
#include "sql/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sql_dialect *const dialects[] = {&postgres_dialect, &mariadb_dialect, &sqlite_dialect};

static int scan(const struct sql_dialect *dialect, const char *text) {
    struct arena arena;
    struct expr_scan found;
    struct err err;
    err_clear(&err);
    arena_init(&arena);
    int rc = expr_scan(dialect, text, &arena, &found, &err);
    assert(rc == 0 || rc == ERR_PLAN);
    assert(rc == 0 || found.error_at <= strlen(text));
    for (size_t i = 0; rc == 0 && i < found.function_count; i++)
        assert(strlen(found.functions[i]) <= strlen(text));
    arena_release(&arena);
    return rc;
}

/* An expression of 128 brackets is accepted and one more is not, so very deep ones are left out of the comparison. */
static int is_deep(const char *text) {
    size_t open = 0;
    for (; *text != '\0'; text++)
        open += *text == '(' || *text == '[';
    return open > 100;
}

static void scan_wrapped(const struct sql_dialect *dialect, const char *text) {
    struct buf wrapped;
    buf_init(&wrapped);
    buf_printf(&wrapped, "(\n%s\n)", text);
    assert(scan(dialect, wrapped.data) == 0);
    buf_clear(&wrapped);
    buf_printf(&wrapped, "\n%s\n) FROM t", text);
    assert(scan(dialect, wrapped.data) == ERR_PLAN);
    buf_release(&wrapped);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buf text;
    buf_init(&text);
    buf_add_mem(&text, data, size);
    for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
        expr_is_untyped(dialects[i], text.data);
        if (scan(dialects[i], text.data) == 0 && !is_deep(text.data))
            scan_wrapped(dialects[i], text.data);
    }
    buf_release(&text);
    return 0;
}
