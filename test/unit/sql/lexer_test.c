/* Where tokens begin and end; a wrong answer here would let an expression out of its parentheses. */
#include "sql_fixture.h"

#include "sql/lexer.h"

/* Tokens as letters: w word, n quoted name, s string, 0 number, the character of a symbol, ! error (and the end). */
static const struct {
    const struct sql_dialect *dialect;
    const char *text;
    const char *tokens;
} rows[] = {
    {&postgres_dialect, "", ""},
    {&postgres_dialect, "a.b + 1.5e-3", "w.w+0"},
    {&postgres_dialect, "'a''b' || \"c\"\"d\"", "s||n"},
    {&postgres_dialect, "'a\\' 'b'", "ss"},
    {&postgres_dialect, "E'a\\'b' c", "sw"},
    {&postgres_dialect, "e'a'\n 'b\\'' c", "sw"},
    {&postgres_dialect, "E'a' 'b\\' c", "ssw"},
    {&postgres_dialect, "$$it's$$ $q$ $$ ' $q$", "ss"},
    {&postgres_dialect, "$q$ never", "!"},
    {&postgres_dialect, "$1", "!"},
    {&postgres_dialect, "a$1", "w"},
    {&postgres_dialect, "x::int", "w:w"},
    {&postgres_dialect, "a[1:2]", "w[0:0]"},
    {&postgres_dialect, "a -- b", "w!"},
    {&postgres_dialect, "a /* b */", "w!"},
    {&postgres_dialect, "a # b", "w#w"},
    {&postgres_dialect, "1E'\\''", "!"},
    {&postgres_dialect, "0xE'\\''", "0!"},
    {&postgres_dialect, "12abc", "!"},
    {&postgres_dialect, "j ? 'k'", "w?s"},
    {&postgres_dialect, "'open", "!"},
    {&postgres_dialect, "\"open", "!"},
    {&mariadb_dialect, "'a\\'b' \"c\\\"d\" `e``f`", "ssn"},
    {&mariadb_dialect, "`a\\`", "n"},
    {&mariadb_dialect, "a # b", "w!"},
    {&mariadb_dialect, "a ? b", "w!"},
    {&mariadb_dialect, "x'41' + @v", "ws+@w"},
    {&mariadb_dialect, "'a\\", "!"},
    {&sqlite_dialect, "'a\\' \"b\" `c` [d e] x", "snnnw"},
    {&sqlite_dialect, "[open", "!"},
    {&sqlite_dialect, ":name", "!"},
    {&sqlite_dialect, "@name", "!"},
    {&sqlite_dialect, "$name", "!"},
    {&sqlite_dialect, "?1", "!"},
    {&sqlite_dialect,
     "gr\xc3\xb6\xc3\x9f"
     "e",
     "w"},
};

static char letter(const struct token *token) {
    static const char letters[] = {
        [TOKEN_WORD] = 'w', [TOKEN_NAME] = 'n', [TOKEN_STRING] = 's', [TOKEN_NUMBER] = '0', [TOKEN_ERROR] = '!'};
    return token->kind == TOKEN_SYMBOL ? *token->ptr : letters[token->kind];
}

static void tokens_end_where_the_server_ends_them(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char tokens[32] = "";
        size_t count = 0;
        struct lexer lexer;
        lexer_init(&lexer, rows[i].dialect, rows[i].text);
        struct token token = lexer_next(&lexer);
        for (; token.kind != TOKEN_END && token.kind != TOKEN_ERROR && count < 30; token = lexer_next(&lexer))
            tokens[count++] = letter(&token);
        if (token.kind == TOKEN_ERROR) {
            tokens[count] = '!';
            assert_non_null(lexer.error);
        }
        if (strcmp(tokens, rows[i].tokens) != 0)
            print_error("for: %s\n", rows[i].text);
        assert_string_equal(tokens, rows[i].tokens);
    }
}

static void contents_are_without_quotes(void **state) {
    (void)state;
    struct lexer lexer;
    lexer_init(&lexer, &postgres_dialect, " $x$ab$x$ \"N a\"");
    struct token token = lexer_next(&lexer);
    assert_int_equal(token.len, 2);
    assert_memory_equal(token.ptr, "ab", 2);
    assert_int_equal(token.at, 1);
    token = lexer_next(&lexer);
    assert_true(token_reads(&token, "n a"));
    assert_false(token_is_word(&token, "n a"));
    assert_int_equal(token.at, 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_end_where_the_server_ends_them),
        cmocka_unit_test(contents_are_without_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
