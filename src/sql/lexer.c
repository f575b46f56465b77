/* lexer.c - see lexer.h. The rules are those of the servers' own scanners under the settings infill's sessions have: PostgreSQL with
 * standard_conforming_strings, MariaDB without ANSI_QUOTES and NO_BACKSLASH_ESCAPES, SQLite. */
#include "sql/lexer.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

void lexer_init(struct lexer *lexer, const struct sql_dialect *dialect, const char *text) {
    *lexer = (struct lexer){.dialect = dialect, .text = text};
}

/* Bytes beyond ASCII are letters in all three. */
static bool starts_word(char c) {
    return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool in_word(char c) {
    return starts_word(c) || isdigit((unsigned char)c) || c == '$';
}

static struct token token(struct lexer *lexer, enum token_kind kind, size_t begin, size_t inner, size_t inner_len) {
    return (struct token){.kind = kind, .ptr = lexer->text + inner, .len = inner_len, .at = begin};
}

static struct token error(struct lexer *lexer, size_t at, const char *why) {
    lexer->error = why;
    lexer->at = at; /* asked again it says the same */
    return token(lexer, TOKEN_ERROR, at, at, 0);
}

/* From the opening quote to the closing one; a doubled one is part of the contents. */
static struct token quoted(struct lexer *lexer, enum token_kind kind, char close, bool backslash, size_t begin) {
    const char *text = lexer->text;
    for (size_t i = lexer->at + 1; text[i] != '\0'; i++) {
        if (backslash && text[i] == '\\' && text[i + 1] != '\0') {
            i++;
        } else if (text[i] == close && text[i + 1] == close && close != ']') {
            i++;
        } else if (text[i] == close) {
            size_t inner = lexer->at + 1;
            lexer->at = i + 1;
            return token(lexer, kind, begin, inner, i - inner);
        }
    }
    return error(lexer, begin, kind == TOKEN_STRING ? "a string has no end" : "a quoted name has no end");
}

/* $tag$ ... $tag$, where a $ begins it. The tag follows the rules of names, without $. */
static struct token dollar_quoted(struct lexer *lexer) {
    size_t begin = lexer->at;
    const char *open = lexer->text + begin;
    size_t len = 1;
    while (starts_word(open[len]) || (len > 1 && isdigit((unsigned char)open[len])))
        len++;
    if (open[len] != '$')
        return error(lexer, begin, "a placeholder has no meaning here");
    len++;
    for (const char *close = strchr(open + len, '$'); close != NULL; close = strchr(close + 1, '$'))
        if (strncmp(close, open, len) == 0) {
            size_t inner = begin + len;
            size_t end = (size_t)(close - lexer->text);
            lexer->at = end + len;
            return token(lexer, TOKEN_STRING, begin, inner, end - inner);
        }
    return error(lexer, begin, "a string has no end");
}

/* PostgreSQL goes on with a string behind white space with a line break in it: E'a'<newline>'b\'' is one string with escapes. */
static bool string_goes_on(struct lexer *lexer) {
    size_t at = lexer->at;
    bool line_break = false;
    for (; isspace((unsigned char)lexer->text[at]); at++)
        line_break = line_break || lexer->text[at] == '\n' || lexer->text[at] == '\r';
    if (!line_break || lexer->text[at] != '\'')
        return false;
    lexer->at = at;
    return true;
}

static struct token escape_string(struct lexer *lexer, size_t begin) {
    struct token first = quoted(lexer, TOKEN_STRING, '\'', true, begin);
    struct token more = first;
    while (more.kind == TOKEN_STRING && string_goes_on(lexer))
        more = quoted(lexer, TOKEN_STRING, '\'', true, begin);
    return more.kind == TOKEN_ERROR ? more : first;
}

/* E'...' has backslash escapes where plain strings have none; the other prefixes (B X N U&) change nothing about where it ends. */
static struct token word(struct lexer *lexer) {
    const char *text = lexer->text;
    size_t begin = lexer->at;
    size_t end = begin + 1;
    while (in_word(text[end]))
        end++;
    lexer->at = end;
    if (end == begin + 1 && lexer->dialect->dollar_quotes && (text[begin] == 'e' || text[begin] == 'E') && text[end] == '\'')
        return escape_string(lexer, begin);
    return token(lexer, TOKEN_WORD, begin, begin, end - begin);
}

static size_t skip_digits(const char *text, size_t at) {
    while (isdigit((unsigned char)text[at]) || text[at] == '_')
        at++;
    return at;
}

/* A number that runs into letters is refused: servers disagree about where it ends, and 1E'\'' would hide a string with escapes. */
static struct token number(struct lexer *lexer) {
    const char *text = lexer->text;
    size_t begin = lexer->at;
    size_t at = begin;
    if (text[at] == '0' && text[at + 1] != '\0' && strchr("xXoObB", text[at + 1]) != NULL) {
        at += 2;
        while (isxdigit((unsigned char)text[at]) || text[at] == '_')
            at++;
    } else {
        at = skip_digits(text, at);
        if (text[at] == '.')
            at = skip_digits(text, at + 1);
        size_t exponent = at + 1 + (text[at] != '\0' && (text[at + 1] == '+' || text[at + 1] == '-'));
        if ((text[at] == 'e' || text[at] == 'E') && isdigit((unsigned char)text[exponent]))
            at = skip_digits(text, exponent);
    }
    if (starts_word(text[at]))
        return error(lexer, begin, "a number runs into a word");
    lexer->at = at;
    return token(lexer, TOKEN_NUMBER, begin, begin, at - begin);
}

static bool begins_comment(const struct sql_dialect *dialect, const char *at) {
    return strncmp(at, "--", 2) == 0 || strncmp(at, "/*", 2) == 0 || (dialect->hash_comments && *at == '#');
}

static bool begins_placeholder(const struct sql_dialect *dialect, const char *at) {
    if (dialect->numbered)
        return *at == '$' && isdigit((unsigned char)at[1]);
    if (*at == '?')
        return true;
    return dialect->named_placeholders && strchr(":@$", *at) != NULL && in_word(at[1]);
}

static bool is_string_quote(const struct sql_dialect *dialect, char c) {
    return c == '\'' || (c == '"' && dialect->double_quoted_strings);
}

/* The character that ends a quoted name beginning with `c`, or NUL. */
static char name_quote(const struct sql_dialect *dialect, char c) {
    if (c == dialect->quote || (c == '`' && dialect->bracket_names))
        return c;
    return c == '[' && dialect->bracket_names ? ']' : '\0';
}

static struct token symbol(struct lexer *lexer) {
    size_t begin = lexer->at;
    size_t len = strncmp(lexer->text + begin, "::", 2) == 0 ? 2 : 1;
    lexer->at += len;
    return token(lexer, TOKEN_SYMBOL, begin, begin, len);
}

struct token lexer_next(struct lexer *lexer) {
    const struct sql_dialect *dialect = lexer->dialect;
    while (isspace((unsigned char)lexer->text[lexer->at]))
        lexer->at++;
    const char *at = lexer->text + lexer->at;
    if (*at == '\0')
        return token(lexer, TOKEN_END, lexer->at, lexer->at, 0);
    if (begins_comment(dialect, at))
        return error(lexer, lexer->at, "a comment could hide what follows it");
    if (begins_placeholder(dialect, at))
        return error(lexer, lexer->at, "a placeholder has no meaning here");
    if (is_string_quote(dialect, *at))
        return quoted(lexer, TOKEN_STRING, *at, dialect->backslash_escapes, lexer->at);
    char close = name_quote(dialect, *at);
    if (close != '\0')
        return quoted(lexer, TOKEN_NAME, close, false, lexer->at);
    if (*at == '$' && dialect->dollar_quotes)
        return dollar_quoted(lexer);
    if (starts_word(*at))
        return word(lexer);
    if (isdigit((unsigned char)*at))
        return number(lexer);
    return symbol(lexer);
}

bool token_is_symbol(const struct token *token, char symbol) {
    return token->kind == TOKEN_SYMBOL && token->len == 1 && *token->ptr == symbol;
}

bool token_reads(const struct token *token, const char *text) {
    return strlen(text) == token->len && strncasecmp(token->ptr, text, token->len) == 0;
}

bool token_is_word(const struct token *token, const char *word) {
    return token->kind == TOKEN_WORD && token_reads(token, word);
}
