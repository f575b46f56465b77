/* stmt.c - a statement's text and its placeholders. Templates of the ledger: stmt_template.c. */
#include "sql/stmt.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

enum {
    STMT_PLACEHOLDER_SIZE = 16, /* "$4294967295" */
    STMT_PRINTF_STACK = 256,
};

void stmt_init(struct stmt *stmt, const struct sql_dialect *dialect) {
    *stmt = (struct stmt){.dialect = dialect};
    buf_init(&stmt->text);
}

void stmt_release(struct stmt *stmt) {
    buf_release(&stmt->text);
    stmt->arg_count = 0;
}

int stmt_check(const struct stmt *stmt, struct err *err) {
    if (!buf_ok(&stmt->text))
        return err_nomem(err);
    if (stmt->arg_count > STMT_ARGS_MAX)
        return err_set(err, ERR_INTERNAL, "a statement has %u placeholders, more than %d", stmt->arg_count, STMT_ARGS_MAX);
    return 0;
}

void stmt_add(struct stmt *stmt, const char *sql) {
    buf_add(&stmt->text, sql);
}

void stmt_printf(struct stmt *stmt, const char *format, ...) {
    char stack[STMT_PRINTF_STACK];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(stack, sizeof(stack), format, args);
    va_end(args);
    if (len >= 0 && (size_t)len < sizeof(stack)) {
        buf_add_mem(&stmt->text, stack, (size_t)len);
        return;
    }
    char *heap = len < 0 ? NULL : mem_alloc((size_t)len + 1);
    if (heap == NULL) {
        stmt->text.failed = true;
        return;
    }
    va_start(args, format);
    vsnprintf(heap, (size_t)len + 1, format, args);
    va_end(args);
    buf_add_mem(&stmt->text, heap, (size_t)len);
    mem_free(heap);
}

void stmt_ident(struct stmt *stmt, const char *name) {
    sql_ident(stmt->dialect, &stmt->text, name);
}

void stmt_table(struct stmt *stmt, const char *schema, const char *name) {
    sql_table_name(stmt->dialect, &stmt->text, schema, name);
}

/* Notes that the next placeholder stands for `arg`, and spells it. Every use gets a placeholder of its own, so each can have its own
 * type. A count beyond the maximum is kept for stmt_check(). */
static const char *next_placeholder(struct stmt *stmt, unsigned arg, char out[STMT_PLACEHOLDER_SIZE]) {
    if (stmt->arg_count < STMT_ARGS_MAX)
        stmt->arg[stmt->arg_count] = (uint8_t)arg;
    stmt->arg_count++;
    if (stmt->dialect->numbered)
        snprintf(out, STMT_PLACEHOLDER_SIZE, "$%u", stmt->arg_count);
    else
        snprintf(out, STMT_PLACEHOLDER_SIZE, "?");
    return out;
}

void stmt_arg(struct stmt *stmt, unsigned arg) {
    char placeholder[STMT_PLACEHOLDER_SIZE];
    buf_add(&stmt->text, next_placeholder(stmt, arg, placeholder));
}

void stmt_text_arg(struct stmt *stmt, unsigned arg) {
    char placeholder[STMT_PLACEHOLDER_SIZE];
    stmt->dialect->text_in(&stmt->text, next_placeholder(stmt, arg, placeholder));
}

void stmt_integer_arg(struct stmt *stmt, unsigned arg) {
    char placeholder[STMT_PLACEHOLDER_SIZE];
    stmt->dialect->integer_in(&stmt->text, next_placeholder(stmt, arg, placeholder));
}

void stmt_limit_arg(struct stmt *stmt, unsigned arg) {
    char placeholder[STMT_PLACEHOLDER_SIZE];
    stmt->dialect->limit_in(&stmt->text, next_placeholder(stmt, arg, placeholder));
}

void stmt_key_arg(struct stmt *stmt, const struct sql_column *column, unsigned arg) {
    char placeholder[STMT_PLACEHOLDER_SIZE];
    stmt->dialect->key_in(&stmt->text, column, next_placeholder(stmt, arg, placeholder));
}

void stmt_bind(const struct stmt *stmt, const struct sql_value *values, struct sql_value *out) {
    for (unsigned i = 0; i < stmt->arg_count && i < STMT_ARGS_MAX; i++)
        out[i] = values[stmt->arg[i]];
}
