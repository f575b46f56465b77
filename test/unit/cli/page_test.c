/* The page of a report: nothing of the document gets out of its place, and what it says is not more than is known. */
#include "cli_test.h"

#include <locale.h>

#include "cli/doc.h"
#include "cli/html.h"
#include "cli/page.h"
#include "cli/xalloc.h"

static char *page_of(const char *json) {
    json_t *document = doc_read(json);
    assert_non_null(document);
    char *page = page_report(document, "users.yaml");
    json_decref(document);
    return page;
}

static void templates_escape_whatever_is_put_in(void **state) {
    struct xstream stream;
    (void)state;
    xstream_begin(&stream);
    HTML(stream.file, "<a title=\"{}\" lang='{}'>{}{}</a>", "\"><b>", "' onclick='x", "{}<&>\033\xff\xe2\x80\xae", NULL);
    char *text = xstream_end(&stream);
    assert_string_equal(text, "<a title=\"&quot;&gt;&lt;b&gt;\" lang='&#39; onclick=&#39;x'>{}&lt;&amp;&gt;\\x1b\\xff\\u202e</a>");
    free(text);
}

static void times_are_read_by_people_and_programs(void **state) {
    static const struct {
        const char *time, *shown;
    } cases[] = {
        {"2026-01-02T03:04:05Z", "<time datetime=\"2026-01-02T03:04:05Z\">2026-01-02 03:04:05 UTC</time>"},
        {"2026-01-02T03:04:05.123Z", "2026-01-02T03:04:05.123Z"},
        {"<b>", "&lt;b&gt;"},
        {"", ""},
        {NULL, ""},
    };
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        struct xstream stream;
        xstream_begin(&stream);
        html_time(stream.file, cases[i].time);
        char *text = xstream_end(&stream);
        assert_string_equal(text, cases[i].shown);
        free(text);
    }
}

/* A whole document; each @ is EVIL. */
#define EVIL "<script>alert(\\\"x\\\")</script>\\u0027 onload=\\u0027&\\u001b[31m\\u202e"

static const char evil[] =
    "{\"plan\":\"@\",\"environment\":\"@\",\"profile\":\"@\",\"run\":\"@\",\"state\":\"@\",\"server_version\":\"@\","
    "\"version\":\"@\",\"generated_at\":\"@\",\"verdict\":\"@\",\"fills\":[{\"fill\":\"@\",\"source\":\"@\","
    "\"target\":\"@\",\"verdict\":\"differ\",\"state\":\"@\",\"frontier\":\"@\",\"high_water\":[\"@\"],"
    "\"digest\":{\"source\":\"@\",\"target\":\"@\"},\"checks\":[{\"check\":\"@\",\"facts\":[{\"name\":\"@\","
    "\"source\":\"@\",\"target\":[\"@\"]}]},{\"check\":\"@\"}],\"causes\":[\"@\"],\"columns\":[\"@\"],"
    "\"ranges\":[{\"range\":\"@\",\"lo\":\"@\",\"hi\":[\"@\"],\"verdict\":\"differ\",\"reason\":\"@\","
    "\"verified_at\":\"@\"}]}],\"findings\":[{\"fill\":\"@\",\"key\":\"@\",\"range\":\"@\",\"kind\":\"@\","
    "\"columns\":[\"@\"],\"at\":\"@\"}],\"findings_total\":1,\"rejects\":[{\"fill\":\"@\",\"key\":\"@\",\"range\":\"@\","
    "\"class\":\"@\",\"sqlstate\":\"@\",\"constraint\":\"@\",\"state\":\"@\",\"at\":\"@\"}],"
    "\"not_compared\":[{\"fill\":\"@\",\"what\":\"@\",\"reason\":\"@\"}],\"sample\":{\"seed\":\"@\"},"
    "\"events\":[{\"at\":\"@\",\"actor\":\"@\",\"what\":\"@\",\"detail\":{\"x\":\"@\"}}]}";

static void nothing_of_the_document_becomes_markup(void **state) {
    struct xstream stream;
    (void)state;
    xstream_begin(&stream);
    for (const char *at = evil; *at != '\0'; at++)
        fprintf(stream.file, *at == '@' ? "%s" : "%.1s", *at == '@' ? EVIL : at);
    char *json = xstream_end(&stream);
    char *page = page_of(json);
    assert_lacks(page, "<script");
    assert_lacks(page, "' onload");
    assert_lacks(page, "\033");
    assert_lacks(page, "\xe2\x80\xae");
    assert_contains(page, "&lt;script&gt;alert(");
    assert_contains(page, "\\u202e");
    free(page);
    free(json);
}

static void documents_may_miss_anything(void **state) {
    static const char *const documents[] = {
        "{}", "[]", "null",
        "{\"fills\":[{}],\"findings\":[{}],\"rejects\":[{}],\"not_compared\":[{}],\"events\":[{}],\"sample\":{}}",
        "{\"fills\":[{\"ranges\":[{}],\"checks\":[{\"facts\":[{}]}],\"causes\":[7],\"columns\":7}],\"rows\":7,\"findings\":7}"};
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(documents); i++) {
        char *page = page_of(documents[i]);
        assert_contains(page, "Not verified");
        assert_contains(page, "</html>");
        assert_lacks(page, "Source and target match");
        free(page);
    }
}

static void the_verdict_is_not_more_than_is_known(void **state) {
    static const struct {
        const char *json, *said, *unsaid;
    } cases[] = {
        {"{\"verdict\":\"match\",\"fills\":[{\"verdict\":\"match\",\"ranges\":[{\"verdict\":\"match\"}]}]}",
         "Source and target match", "Not compared"},
        {"{\"verdict\":\"match\",\"not_compared\":[{\"fill\":\"f\",\"what\":\"column geo\",\"reason\":\"r\"}]}",
         "Not everything could be compared", "Source and target match"},
        {"{\"verdict\":\"unverified\",\"fills\":[{\"fill\":\"f\",\"ranges\":[{\"verdict\":\"unverified\"},{\"verdict\":\"match\"}]}"
         "]}",
         "1 of 2 ranges</td><td class=\"l\">they could not be compared", "Nothing was left out"},
        {"{\"verdict\":\"changed\",\"fills\":[{\"fill\":\"f\",\"ranges\":[{\"verdict\":\"changed\"},{}]}]}",
         "1 of 2 ranges</td><td class=\"k\">they were never verified", "Nothing was left out"},
        {"{\"verdict\":\"differ\",\"findings_total\":2,\"fills\":[{\"fill\":\"f\",\"verdict\":\"differ\",\"ranges\":[{\"range\":3,"
         "\"verdict\":\"differ\"}]}]}",
         "2 findings are open. In f: range <a href=\"#fill-1-range-3\">3</a>.", "Source and target match"},
    };
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        char *page = page_of(cases[i].json);
        assert_contains(page, cases[i].said);
        assert_lacks(page, cases[i].unsaid);
        free(page);
    }
}

static size_t count_of(const char *text, const char *part) {
    size_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

/* Lists end somewhere, say so, and what differs is never what was left off. */
static void what_lies_in_no_range_has_a_word(void **state) {
    (void)state;
    char *page = page_of("{\"fills\":[{\"fill\":\"f\",\"ranges\":[{\"range\":0,\"state\":\"filled\",\"verdict\":\"differ\"}]}],"
                         "\"findings\":[{\"fill\":\"f\",\"range\":-1,\"key\":\"[7]\",\"kind\":\"extra\"}],\"findings_total\":1}");
    assert_contains(page, "\">above</a>");
    assert_contains(page, "Range above, after");
    assert_contains(page, ">none</td>");
    assert_lacks(page, "Range 0");
    free(page);
}

static void long_lists_say_how_many_more_there_are(void **state) {
    json_t *ranges = json_array();
    json_t *findings = json_array();
    (void)state;
    for (int i = 1; i <= 5000; i++)
        json_array_append_new(ranges, json_pack("{si ss}", "range", i, "verdict", i == 4321 ? "differ" : "changed"));
    for (int i = 0; i < PAGE_FINDINGS + 5; i++)
        json_array_append_new(findings, json_pack("{ss ss}", "key", "k", "kind", "missing"));
    json_t *document = json_pack("{ss s[{ss so}] so si}", "verdict", "differ", "fills", "fill", "f", "ranges", ranges, "findings",
                                 findings, "findings_total", 7000);
    char *page = page_report(document, NULL);
    assert_contains(page, "and 4,800 more. The map has them all.");
    assert_contains(page, "and 6,000 more.");
    assert_contains(page, "<tr id=\"fill-1-range-4321\">");
    assert_contains(page, "infill repair PLAN --dry-run");
    assert_int_equal(count_of(page, "<td class=\"k\">missing</td>"), PAGE_FINDINGS);
    assert_int_equal(count_of(page, "<tr id=\"fill-1-range-"), PAGE_RANGES);
    free(page);
    json_decref(document);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_escape_whatever_is_put_in),    cmocka_unit_test(times_are_read_by_people_and_programs),
        cmocka_unit_test(nothing_of_the_document_becomes_markup), cmocka_unit_test(documents_may_miss_anything),
        cmocka_unit_test(the_verdict_is_not_more_than_is_known),  cmocka_unit_test(what_lies_in_no_range_has_a_word),
        cmocka_unit_test(long_lists_say_how_many_more_there_are),
    };
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests_name("cli/page", tests, NULL, NULL);
}
