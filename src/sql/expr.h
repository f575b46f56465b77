/* expr.h - a look at the SQL expressions of a plan before any server sees them.
 *
 * The tokenizer knows strings, quoted identifiers, comments and brackets of the dialect, no grammar: it makes sure that the text is one
 * expression that cannot escape the parentheses it will be put in, and finds the functions that would give another result each time. */
#ifndef SQL_EXPR_H
#define SQL_EXPR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "sql/dialect.h"

/* What was found. Names are lower case unless quoted; memory of the arena. */
struct expr_scan {
    const char **functions; /* words followed by '(', the last part of a qualified name, each once */
    size_t function_count;
    const char **words; /* every other bare or quoted identifier, each once */
    size_t word_count;
    const char **own_words; /* those that may be columns of the row: bare, or behind src. */
    size_t own_word_count;
    bool reads_row;            /* src as a whole, or src.* */
    const char *volatile_word; /* the first function or word of the dialect's volatile lists, or NULL */
    size_t error_at;           /* byte offset of what is wrong, when scanning failed */
};

/* ERR_PLAN: empty, ';', a list of several expressions, unbalanced brackets, unfinished string or comment, a placeholder, a comment (which could hide what follows). */
int expr_scan(const struct sql_dialect *dialect, const char *text, struct arena *arena, struct expr_scan *scan, struct err *err);

/* Is the whole expression a string literal or NULL? Such a value has no type of its own where sql_dialect.untyped_literals says so. */
bool expr_is_untyped(const struct sql_dialect *dialect, const char *text);

/* Is it nothing but the source column `column`: bare, quoted, or with src. in front? */
bool expr_is_column(const struct sql_dialect *dialect, const char *text, const struct sql_column *column);

#endif
