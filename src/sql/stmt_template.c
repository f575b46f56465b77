/* stmt_template.c - one spelling of the ledger's statements for all engines; the marks are explained in stmt.h. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sql/stmt.h"

enum {
    TEMPLATE_NAME_MAX = 64, /* of a column, table or keyword between marks; ours, so short */
    TEMPLATE_ARG_MAX = 255, /* stmt.arg is a byte */
};

static const char *const ledger_tables[] = {"run",     "fill", "range",  "reject", "finding", "pass",
                                            "verdict", "pace", "notice", "event",  NULL};

static bool is_ledger_table(const char *name) {
    for (const char *const *table = ledger_tables; *table != NULL; table++)
        if (strcmp(*table, name) == 0)
            return true;
    return false;
}

static void add_ledger_table(struct stmt *stmt, const char *name) {
    char full[2 * TEMPLATE_NAME_MAX];
    snprintf(full, sizeof(full), "%s%s", stmt->dialect->ledger_prefix, name);
    stmt_table(stmt, stmt->dialect->ledger_schema, full);
}

/* Decimal digits at *at; moves behind them. -1 without digits or above TEMPLATE_ARG_MAX. */
static int read_number(const char **at) {
    if (!isdigit((unsigned char)**at))
        return -1;
    int number = 0;
    for (; isdigit((unsigned char)**at); (*at)++) {
        number = number * 10 + (**at - '0');
        if (number > TEMPLATE_ARG_MAX)
            return -1;
    }
    return number;
}

/* Copies what stands between the mark at *at and `close` into name; moves behind the closing mark. */
static bool read_until(const char **at, char close, char name[TEMPLATE_NAME_MAX]) {
    const char *begin = *at + 1;
    const char *end = strchr(begin, close);
    if (end == NULL || end == begin || (size_t)(end - begin) >= TEMPLATE_NAME_MAX)
        return false;
    memcpy(name, begin, (size_t)(end - begin));
    name[end - begin] = '\0';
    *at = end + 1;
    return true;
}

/* ?N  ?N:int  ?N:limit */
static bool add_argument(struct stmt *stmt, const char **at) {
    (*at)++;
    int arg = read_number(at);
    if (arg < 0)
        return false;
    if (strncmp(*at, ":int", 4) == 0) {
        *at += 4;
        stmt_integer_arg(stmt, (unsigned)arg);
    } else if (strncmp(*at, ":limit", 6) == 0) {
        *at += 6;
        stmt_limit_arg(stmt, (unsigned)arg);
    } else {
        stmt_text_arg(stmt, (unsigned)arg);
    }
    return true;
}

/* {now+N}: the placeholder is spelled into a statement of its own first, because the dialect puts it inside an expression. */
static bool add_now_plus(struct stmt *stmt, const char *number) {
    int arg = read_number(&number);
    if (arg < 0 || *number != '\0')
        return false;
    struct stmt placeholder;
    stmt_init(&placeholder, stmt->dialect);
    placeholder.arg_count = stmt->arg_count;
    stmt_integer_arg(&placeholder, (unsigned)arg);
    if (buf_ok(&placeholder.text))
        stmt->dialect->now_plus_ms(&stmt->text, placeholder.text.data);
    else
        stmt->text.failed = true;
    if (stmt->arg_count < STMT_ARGS_MAX)
        stmt->arg[stmt->arg_count] = (uint8_t)arg;
    stmt->arg_count++;
    stmt_release(&placeholder);
    return true;
}

/* {ms:[column]} */
static bool add_epoch_ms(struct stmt *stmt, const char *column) {
    char name[TEMPLATE_NAME_MAX];
    if (*column != '[' || !read_until(&column, ']', name) || *column != '\0')
        return false;
    struct buf quoted;
    buf_init(&quoted);
    sql_ident(stmt->dialect, &quoted, name);
    if (buf_ok(&quoted))
        stmt->dialect->epoch_ms(&stmt->text, quoted.data);
    else
        stmt->text.failed = true;
    buf_release(&quoted);
    return true;
}

static bool add_brace(struct stmt *stmt, const char **at) {
    const struct sql_dialect *dialect = stmt->dialect;
    char name[TEMPLATE_NAME_MAX];
    if (!read_until(at, '}', name))
        return false;
    if (strcmp(name, "now") == 0)
        stmt_add(stmt, dialect->now);
    else if (strcmp(name, "update") == 0)
        stmt_add(stmt, dialect->for_update);
    else if (strcmp(name, "share") == 0)
        stmt_add(stmt, dialect->for_share);
    else if (strcmp(name, "skip") == 0)
        stmt_add(stmt, dialect->skip_locked);
    else if (strncmp(name, "now+", 4) == 0)
        return add_now_plus(stmt, name + 4);
    else if (strncmp(name, "ms:", 3) == 0)
        return add_epoch_ms(stmt, name + 3);
    else if (is_ledger_table(name))
        add_ledger_table(stmt, name);
    else
        return false;
    return true;
}

static bool add_name(struct stmt *stmt, const char **at) {
    char name[TEMPLATE_NAME_MAX];
    if (!read_until(at, ']', name))
        return false;
    stmt_ident(stmt, name);
    return true;
}

/* A string literal as it is, so that marks inside it mean nothing. */
static bool add_string(struct stmt *stmt, const char **at) {
    const char *end = strchr(*at + 1, '\'');
    if (end == NULL)
        return false;
    buf_add_mem(&stmt->text, *at, (size_t)(end + 1 - *at));
    *at = end + 1;
    return true;
}

int stmt_template(struct stmt *stmt, const struct sql_dialect *dialect, const char *sql, struct err *err) {
    stmt_init(stmt, dialect);
    for (const char *at = sql; *at != '\0';) {
        const char *mark = at;
        bool ok = true;
        if (*at == '?')
            ok = add_argument(stmt, &at);
        else if (*at == '{')
            ok = add_brace(stmt, &at);
        else if (*at == '[')
            ok = add_name(stmt, &at);
        else if (*at == '\'')
            ok = add_string(stmt, &at);
        else
            buf_add_char(&stmt->text, *at++);
        if (!ok)
            return err_set(err, ERR_INTERNAL, "a template cannot be read at: %.40s", mark);
    }
    return stmt_check(stmt, err);
}
