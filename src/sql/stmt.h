/* stmt.h - one SQL statement under construction: its text, and which logical argument stands at each placeholder.
 *
 * Engines count placeholders differently, and the expanded key comparison uses a value more than once. So a builder says "argument 3
 * here", and stmt_bind() lays the values out in placeholder order. Not thread-safe while it is built; read-only afterwards. */
#ifndef SQL_STMT_H
#define SQL_STMT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "sql/dialect.h"
#include "sql/table.h"
#include "sql/value.h"

enum { STMT_ARGS_MAX = 128 }; /* 2 bounds × 8 key columns, expanded to at most 36 comparisons each, and a few counters */

struct stmt {
    const struct sql_dialect *dialect;
    struct buf text;
    uint8_t arg[STMT_ARGS_MAX]; /* logical argument at each placeholder, in order */
    unsigned arg_count;
};

void stmt_init(struct stmt *stmt, const struct sql_dialect *dialect);
void stmt_release(struct stmt *stmt);
int stmt_check(const struct stmt *stmt, struct err *err); /* ERR_NOMEM, or ERR_INTERNAL for too many placeholders */

void stmt_add(struct stmt *stmt, const char *sql); /* text as it is */
void stmt_printf(struct stmt *stmt, const char *format, ...) __attribute__((format(printf, 2, 3)));
void stmt_ident(struct stmt *stmt, const char *name);                     /* quoted */
void stmt_table(struct stmt *stmt, const char *schema, const char *name); /* quoted */
void stmt_arg(struct stmt *stmt, unsigned arg);                           /* a placeholder of the server's choosing of type */
void stmt_text_arg(struct stmt *stmt, unsigned arg);                      /* a placeholder of text */
void stmt_integer_arg(struct stmt *stmt, unsigned arg);                   /* a placeholder of a 64-bit integer */
void stmt_limit_arg(struct stmt *stmt, unsigned arg);                     /* a placeholder for LIMIT and OFFSET */
void stmt_key_arg(struct stmt *stmt, const struct sql_column *column, unsigned arg); /* a placeholder cast to the column's type */

/* A statement of the ledger from a template:  [name] a quoted identifier, {table} a ledger table (run, fill, range, reject, finding,
 * pass, verdict, event), {now} the database's clock, {now+N} that plus argument N in milliseconds, {ms:[column]} milliseconds since 1970 of a ledger
 * time, ?N argument N, ?N:int argument N as an integer,
 * ?N:limit argument N behind LIMIT or OFFSET, {update} {share} {skip} the row lock clauses. Anything else is itself, and so is all
 * inside single quotes. ERR_INTERNAL for a brace that means nothing. `stmt` is initialized here and released by the caller, also after an
 * error. */
int stmt_template(struct stmt *stmt, const struct sql_dialect *dialect, const char *sql, struct err *err);

/* Lays `values` (logical order) out as the statement's placeholders want them; `out` holds arg_count values. */
void stmt_bind(const struct stmt *stmt, const struct sql_value *values, struct sql_value *out);

#endif
