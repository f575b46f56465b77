/* expr.c - one pass over the tokens of an expression; see expr.h.
 *
 * Volatile is decided by names: functions and words of the dialect's lists, functions that read the clock when arguments are missing,
 * and strings that mean the present ('now'), which on PostgreSQL become a time wherever one is expected and on SQLite only in a date
 * function. The server is asked about functions on top of this (db_engine.volatile_function); a string put together at run time
 * ('n' || 'ow') escapes both. */
#include "sql/expr.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "sql/lexer.h"

enum {
    EXPR_DEPTH_MAX = 128,  /* open brackets; no server parses much deeper */
    EXPR_WORDS_MAX = 1024, /* distinct words; each new one is compared with all before */
};

/* An open bracket, and the function call it belongs to, if any. */
struct expr_bracket {
    char close;
    unsigned args_min; /* the call reads the clock with fewer arguments; 0: it does not */
    unsigned commas;
    bool empty;   /* nothing stands in it yet */
    bool selects; /* it is a subquery */
    const char *function;
};

struct expr_state {
    const struct sql_dialect *dialect;
    struct lexer lexer;
    struct arena *arena;
    struct expr_scan *scan;
    struct err *err;
    struct token before; /* the tokens around the present one */
    struct token before_that;
    struct token now;
    struct token next;
    struct expr_bracket brackets[EXPR_DEPTH_MAX];
    size_t depth;
    bool saw_interval;
    bool calls_clock;         /* some function of the dialect's clock_functions is called */
    const char *clock_string; /* a string that means the present was seen */
};

static int refuse(struct expr_state *state, const struct token *token, const char *why) {
    state->scan->error_at = token->at;
    return err_set(state->err, ERR_PLAN, "%s", why);
}

/* Bare names fold to lower case. The text is ASCII where it matters. */
static char *name_of(struct expr_state *state, const struct token *token) {
    char *name = arena_memdup(state->arena, token->ptr, token->len);
    for (char *c = name; c != NULL && *c != '\0' && token->kind == TOKEN_WORD; c++)
        *c = (char)tolower((unsigned char)*c);
    return name;
}

/* Adds to a list that has room for EXPR_WORDS_MAX, once; the name kept is returned through `kept`. */
static int add_name(struct expr_state *state, const struct token *token, const char **list, size_t *count, const char **kept) {
    const char *name = name_of(state, token);
    if (name == NULL)
        return err_nomem(state->err);
    for (size_t i = 0; i < *count; i++)
        if (strcmp(list[i], name) == 0) {
            *kept = list[i];
            return 0;
        }
    if (*count == EXPR_WORDS_MAX)
        return refuse(state, token, "the expression uses too many different names");
    list[(*count)++] = name;
    *kept = name;
    return 0;
}

static bool is_listed(const char *name, const char *const *list) {
    for (; list != NULL && *list != NULL; list++)
        if (strcasecmp(*list, name) == 0)
            return true;
    return false;
}

static void note_volatile(struct expr_state *state, const char *name) {
    if (state->scan->volatile_word == NULL)
        state->scan->volatile_word = name;
}

/* Words that stand in front of a bracket without being functions. */
static bool is_keyword(const struct token *token) {
    static const char *const keywords[] = {
        "all",    "and",    "any",    "as",    "between",   "by",     "case",   "distinct",  "div",  "else", "escape",
        "except", "exists", "filter", "from",  "group",     "having", "in",     "intersect", "is",   "like", "not",
        "on",     "or",     "order",  "over",  "partition", "rlike",  "select", "similar",   "some", "then", "union",
        "using",  "values", "when",   "where", "with",      "within", "xor",    NULL};
    for (const char *const *keyword = keywords; *keyword != NULL; keyword++)
        if (token_is_word(token, *keyword))
            return true;
    return false;
}

static unsigned clock_args_min(const struct sql_dialect *dialect, const char *name) {
    const struct sql_clock_function *function = dialect->clock_functions;
    for (; function != NULL && function->name != NULL; function++)
        if (strcasecmp(function->name, name) == 0)
            return function->args_min;
    return 0;
}

static bool is_qualified(const struct expr_state *state) {
    return token_is_symbol(&state->before, '.');
}

static bool is_call(const struct expr_state *state) {
    return token_is_symbol(&state->next, '(');
}

static int take_function(struct expr_state *state) {
    const char *name;
    int rc = add_name(state, &state->now, state->scan->functions, &state->scan->function_count, &name);
    if (rc != 0)
        return rc;
    if (is_listed(name, state->dialect->volatile_functions))
        note_volatile(state, name);
    state->calls_clock = state->calls_clock || clock_args_min(state->dialect, name) > 0;
    return 0;
}

/* NEXT VALUE FOR and PREVIOUS VALUE FOR read a sequence without a bracket. */
static bool is_sequence_read(const struct expr_state *state) {
    return token_is_word(&state->now, "for") && token_is_word(&state->before, "value") &&
           (token_is_word(&state->before_that, "next") || token_is_word(&state->before_that, "previous"));
}

static bool is_src(const struct token *token) {
    return (token->kind == TOKEN_WORD || token->kind == TOKEN_NAME) && token_reads(token, "src");
}

static bool in_select(const struct expr_state *state) {
    return state->depth > 0 && state->brackets[state->depth - 1].selects;
}

static bool in_call_of(const struct expr_state *state, const char *function) {
    return state->depth > 0 && text_equal_nocase(state->brackets[state->depth - 1].function, function);
}

/* x::date, cast(x AS date), date '2024-02-29', x COLLATE name, extract(year from x), the table of a subquery. */
static bool is_by_its_place(const struct expr_state *state) {
    const struct token *before = &state->before;
    if ((before->kind == TOKEN_SYMBOL && token_reads(before, "::")) || token_is_word(before, "as") ||
        token_is_word(before, "collate"))
        return true;
    if (token_is_word(before, "join") ||
        (token_is_word(before, "from") && !token_is_word(&state->before_that, "distinct") && in_select(state)))
        return true;
    return state->next.kind == TOKEN_STRING || (token_is_word(&state->next, "from") && in_call_of(state, "extract"));
}

/* Words of SQL that a column may be called, too: bare they are what SQL takes them for. */
static bool is_word_of_sql(const struct expr_state *state) {
    static const char *const words[] = {"end", "null", "true", "false", "asc", "desc", "limit", "offset", "zone", "interval", NULL};
    static const char *const units[] = {"microsecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year", NULL};
    const struct token *now = &state->now;
    if (now->kind != TOKEN_WORD)
        return false;
    for (const char *const *word = words; *word != NULL; word++)
        if (token_is_word(now, *word))
            return true;
    for (const char *const *unit = units; *unit != NULL; unit++)
        if (token_is_word(now, *unit) &&
            (state->saw_interval || in_call_of(state, "timestampdiff") || in_call_of(state, "timestampadd")))
            return true;
    bool has_zone =
        token_is_word(&state->before, "at") || token_is_word(&state->before, "with") || token_is_word(&state->before, "without");
    return is_keyword(now) || (token_is_word(now, "time") && has_zone);
}

/* A bare name may be a column of the row, or of what a subquery reads: then the row's is hidden, which is not looked into. */
static bool is_own(const struct expr_state *state) {
    if (is_qualified(state))
        return is_src(&state->before_that);
    return !token_is_symbol(&state->next, '.') && !is_by_its_place(state) && !is_word_of_sql(state);
}

/* src by itself is the whole row, unless a subquery calls something of its own so. */
static bool is_row(const struct expr_state *state) {
    bool is_alias = state->before.kind == TOKEN_NAME || (state->before.kind == TOKEN_WORD && !is_keyword(&state->before));
    return is_src(&state->now) && !is_qualified(state) && !token_is_symbol(&state->next, '.') && !is_alias;
}

static int take_word(struct expr_state *state) {
    const char *name;
    int rc = add_name(state, &state->now, state->scan->words, &state->scan->word_count, &name);
    state->saw_interval = state->saw_interval || token_is_word(&state->now, "interval");
    if (state->depth > 0 && token_is_word(&state->now, "select"))
        state->brackets[state->depth - 1].selects = true;
    state->scan->reads_row = state->scan->reads_row || is_row(state);
    if (rc == 0 && is_own(state))
        rc = add_name(state, &state->now, state->scan->own_words, &state->scan->own_word_count, &name);
    if (rc != 0)
        return rc;
    bool is_bare = state->now.kind == TOKEN_WORD && !is_qualified(state);
    if (is_bare && is_listed(name, state->dialect->volatile_words))
        note_volatile(state, name);
    if (is_sequence_read(state))
        note_volatile(state, "next value for");
    return 0;
}

static int take_name(struct expr_state *state) {
    bool keyword = is_keyword(&state->now) && !is_qualified(state);
    return is_call(state) && !keyword ? take_function(state) : take_word(state);
}

/* Is the string `word`, perhaps with blanks around it or a time of day behind it ("today 10:00")? */
static bool means(const struct token *string, const char *word) {
    const char *at = string->ptr;
    const char *end = string->ptr + string->len;
    while (at < end && isspace((unsigned char)*at))
        at++;
    size_t len = strlen(word);
    if ((size_t)(end - at) < len || strncasecmp(at, word, len) != 0)
        return false;
    for (at += len; at < end; at++)
        if (isalpha((unsigned char)*at))
            return false;
    return true;
}

static void take_string(struct expr_state *state) {
    const char *const *word = state->dialect->clock_strings;
    for (; word != NULL && *word != NULL; word++)
        if (means(&state->now, *word))
            state->clock_string = *word;
}

static int open_bracket(struct expr_state *state, char close) {
    if (state->depth == EXPR_DEPTH_MAX)
        return refuse(state, &state->now, "brackets are nested too deeply");
    struct expr_bracket *bracket = &state->brackets[state->depth++];
    *bracket = (struct expr_bracket){.close = close, .empty = true};
    if (close != ')' || (state->before.kind != TOKEN_WORD && state->before.kind != TOKEN_NAME))
        return 0;
    bracket->function = name_of(state, &state->before);
    if (bracket->function == NULL)
        return err_nomem(state->err);
    bracket->args_min = clock_args_min(state->dialect, bracket->function);
    return 0;
}

static int close_bracket(struct expr_state *state, char close) {
    if (state->depth == 0)
        return refuse(state, &state->now, "a bracket is closed that was not opened");
    struct expr_bracket *bracket = &state->brackets[--state->depth];
    if (bracket->close != close)
        return refuse(state, &state->now, "brackets do not match");
    unsigned args = bracket->empty ? 0 : bracket->commas + 1;
    if (bracket->args_min > args)
        note_volatile(state, bracket->function);
    return 0;
}

static int take_comma(struct expr_state *state) {
    if (state->depth == 0)
        return refuse(state, &state->now, "one expression is expected; this is a list");
    state->brackets[state->depth - 1].commas++;
    return 0;
}

static int take_symbol(struct expr_state *state) {
    switch (*state->now.ptr) {
    case '(':
        return open_bracket(state, ')');
    case '[':
        return open_bracket(state, ']');
    case ')':
    case ']':
        return close_bracket(state, *state->now.ptr);
    case ',':
        return take_comma(state);
    case '*':
        state->scan->reads_row = state->scan->reads_row || (is_qualified(state) && is_src(&state->before_that));
        return 0;
    case ';':
        return refuse(state, &state->now, "one expression is expected; ';' would begin another statement");
    case '@':
        if (state->dialect->session_variables)
            note_volatile(state, "@");
        return 0;
    default:
        return 0;
    }
}

static int take(struct expr_state *state) {
    bool closes = token_is_symbol(&state->now, ')') || token_is_symbol(&state->now, ']');
    if (state->depth > 0 && !closes)
        state->brackets[state->depth - 1].empty = false;
    switch (state->now.kind) {
    case TOKEN_ERROR:
        return refuse(state, &state->now, state->lexer.error);
    case TOKEN_WORD:
    case TOKEN_NAME:
        return take_name(state);
    case TOKEN_STRING:
        take_string(state);
        return 0;
    case TOKEN_SYMBOL:
        return take_symbol(state);
    default:
        return 0;
    }
}

static int take_all(struct expr_state *state) {
    state->next = lexer_next(&state->lexer);
    do {
        state->before_that = state->before;
        state->before = state->now;
        state->now = state->next;
        if (state->now.kind != TOKEN_ERROR)
            state->next = lexer_next(&state->lexer);
        int rc = take(state);
        if (rc != 0)
            return rc;
    } while (state->now.kind != TOKEN_END);
    if (state->depth > 0)
        return refuse(state, &state->now, "a bracket is not closed");
    if (state->before.ptr == NULL)
        return refuse(state, &state->now, "the expression is empty");
    return 0;
}

int expr_scan(const struct sql_dialect *dialect, const char *text, struct arena *arena, struct expr_scan *scan, struct err *err) {
    struct expr_state state = {.dialect = dialect, .arena = arena, .scan = scan, .err = err};
    *scan = (struct expr_scan){.functions = arena_array(arena, EXPR_WORDS_MAX, sizeof(char *)),
                               .words = arena_array(arena, EXPR_WORDS_MAX, sizeof(char *)),
                               .own_words = arena_array(arena, EXPR_WORDS_MAX, sizeof(char *))};
    if (scan->functions == NULL || scan->words == NULL || scan->own_words == NULL)
        return err_nomem(err);
    if (!text_is_utf8(text, strlen(text)))
        return err_set(err, ERR_PLAN, "the expression is not valid UTF-8");
    lexer_init(&state.lexer, dialect, text);
    int rc = take_all(&state);
    if (rc == 0 && state.clock_string != NULL && (dialect->clock_strings_anywhere || state.calls_clock))
        note_volatile(&state, state.clock_string);
    return rc;
}

bool expr_is_untyped(const struct sql_dialect *dialect, const char *text) {
    struct lexer lexer;
    lexer_init(&lexer, dialect, text);
    struct token token = lexer_next(&lexer);
    while (token_is_symbol(&token, '('))
        token = lexer_next(&lexer);
    if (token.kind != TOKEN_STRING && !token_is_word(&token, "null"))
        return false;
    do {
        token = lexer_next(&lexer);
    } while (token_is_symbol(&token, ')'));
    return token.kind == TOKEN_END;
}

bool expr_is_column(const struct sql_dialect *dialect, const char *text, const struct sql_column *column) {
    const char *name = text_starts(text, "src.") ? text + 4 : text;
    return text_equal(name, column->name) || sql_is_ident(dialect, name, column->name);
}
