/* lexer.h - SQL text into tokens, as far as the dialect's strings, names and comments go. No grammar.
 *
 * Borrowed views of the text; no memory. Comments are errors here: an expression of a plan has none. */
#ifndef SQL_LEXER_H
#define SQL_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "sql/dialect.h"

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,   /* bare identifier or keyword */
    TOKEN_NAME,   /* quoted identifier; ptr and len are without the quotes, doubled quotes as they stand */
    TOKEN_STRING, /* ptr and len are the contents, escapes as they stand */
    TOKEN_NUMBER,
    TOKEN_SYMBOL, /* one character; "::" is one token of two */
    TOKEN_ERROR,
};

struct token {
    enum token_kind kind;
    const char *ptr;
    size_t len;
    size_t at; /* byte offset of the token in the text */
};

struct lexer {
    const struct sql_dialect *dialect;
    const char *text;
    size_t at;
    const char *error; /* why the last token is TOKEN_ERROR */
};

void lexer_init(struct lexer *lexer, const struct sql_dialect *dialect, const char *text);
struct token lexer_next(struct lexer *lexer);

bool token_is_symbol(const struct token *token, char symbol);
/* A word, any case; `word` is lower case. */
bool token_is_word(const struct token *token, const char *word);
/* The text of the token, ASCII case aside, is `text`, which is lower case. */
bool token_reads(const struct token *token, const char *text);

#endif
