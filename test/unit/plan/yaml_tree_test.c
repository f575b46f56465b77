/* The reader: trees with positions, and the texts that are no plan. */
#include "plan_fixture.h"

#include "base/arena.h"
#include "plan/yaml_tree.h"

struct tree {
    struct arena arena;
    struct plan_report report;
    struct node *root;
    struct buf text; /* of the mistakes */
    int code;
};

static void read_bytes(struct tree *tree, const char *text, size_t len) {
    struct err err;
    err_clear(&err);
    arena_init(&tree->arena);
    buf_init(&tree->text);
    report_init(&tree->report, &tree->arena, "plan.yaml", text, len);
    tree->code = yaml_tree_read(text, len, &tree->arena, &tree->report, &tree->root);
    report_finish(&tree->report, &tree->text, &err);
}

static void read_text(struct tree *tree, const char *text) {
    read_bytes(tree, text, strlen(text));
}

static void tree_release(struct tree *tree) {
    arena_release(&tree->arena);
    buf_release(&tree->text);
}

static void assert_refused(const char *text, const char *mistakes) {
    struct tree tree;
    read_text(&tree, text);
    assert_string_equal(tree.text.data, mistakes);
    tree_release(&tree);
}

static void nodes_know_their_place(void **state) {
    struct tree tree;
    (void)state;
    read_text(&tree, "a: no\nb:\n  - 1_000\n  - \"2\"\n\xC3\xA9\xC3\xA9: {x: y}\nc: |\n  one\n  two\n");
    assert_int_equal(tree.code, 0);
    assert_int_equal(tree.root->count, 4);
    assert_string_equal(node_get(tree.root, "a")->text, "no");
    const struct node *list = node_get(tree.root, "b");
    assert_string_equal(list->first->text, "1_000");
    assert_false(list->first->quoted);
    assert_true(list->last->quoted);
    assert_int_equal(list->last->line, 4);
    assert_int_equal(list->last->column, 5);
    const struct node *wide = node_find(tree.root, "\xC3\xA9\xC3\xA9.x");
    assert_int_equal(wide->column, 9); /* characters, not bytes */
    assert_string_equal(node_get(tree.root, "c")->text, "one\ntwo\n");
    assert_null(node_get(tree.root, "d"));
    assert_null(node_find(tree.root, "a.b.c"));
    tree_release(&tree);
}

static void json_is_yaml_too(void **state) {
    struct tree tree;
    (void)state;
    read_text(&tree, "{\"a\": [1, \"\\u00e9\\/\"], \"b\": {\"c\": null}}");
    assert_int_equal(tree.code, 0);
    assert_string_equal(node_get(tree.root, "a")->last->text, "\xC3\xA9/");
    assert_string_equal(node_find(tree.root, "b.c")->text, "null");
    tree_release(&tree);
}

static void aliases_repeat_their_anchor(void **state) {
    struct tree tree;
    (void)state;
    read_text(&tree, "a: &x {k: [1, 2]}\nb: *x\n");
    assert_int_equal(tree.code, 0);
    assert_int_equal(node_find(tree.root, "b.k")->count, 2);
    assert_int_equal(node_get(tree.root, "b")->line, 1); /* where it is written */
    assert_int_equal(tree.root->count, 2);
    tree_release(&tree);
}

static void what_is_no_plan_is_refused(void **state) {
    (void)state;
    assert_refused("", "plan.yaml:1:1: error: the plan is empty\n");
    assert_refused("# nothing\n", "plan.yaml:1:1: error: the plan is empty\n    # nothing\n    ^\n");
    assert_refused("a: 1\nb: 2\na: 3\n", "plan.yaml:3:1: error: key 'a' is given twice, first in line 1\n    a: 3\n    ^\n");
    assert_refused("a: 1\n---\nb: 2\n",
                   "plan.yaml:2:1: error: a plan is one YAML document; a second one begins here\n    ---\n    ^\n");
    assert_refused(
        "a: !!int 5\n",
        "plan.yaml:1:4: error: tags such as 'tag:yaml.org,2002:int' are not allowed in a plan\n    a: !!int 5\n       ^\n");
    assert_refused("? [a, b]\n: c\n",
                   "plan.yaml:1:3: error: a key must be a single word, not a list or a map\n    ? [a, b]\n      ^\n");
    assert_refused("a: *x\n", "plan.yaml:1:4: error: this alias names no anchor before it\n    a: *x\n       ^\n");
    assert_refused("a: &x [1, *x]\n",
                   "plan.yaml:1:11: error: this alias stands within its own anchor\n    a: &x [1, *x]\n              ^\n");
    assert_refused("a: \"x\\0y\"\n", "plan.yaml:1:4: error: a value must not hold the character NUL\n    a: \"x\\0y\"\n       ^\n");
    assert_refused("a: 1\n\tb: \xFF\n", "plan.yaml:2:5: error: this is not UTF-8 text\n    \tb: ?\n    \t   ^\n");
    assert_refused("a: [1\n", "plan.yaml:2:1: error: did not find expected ',' or ']' while parsing a flow sequence\n");
}

static void nul_bytes_are_refused(void **state) {
    struct tree tree;
    (void)state;
    read_bytes(&tree, "a: \0b\n", 6);
    assert_string_equal(tree.text.data,
                        "plan.yaml:1:4: error: control characters are not allowed in a plan\n    a: ?b\n       ^\n");
    tree_release(&tree);
}

static void aliases_cannot_blow_up(void **state) {
    struct tree tree;
    struct buf text;
    (void)state;
    buf_init(&text);
    buf_add(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
        buf_printf(&text, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1, i - 1, i - 1,
                   i - 1, i - 1, i - 1);
    }
    read_bytes(&tree, text.data, text.len);
    assert_int_equal(tree.code, ERR_PLAN);
    assert_non_null(strstr(tree.text.data, "aliases that expand to too many"));
    tree_release(&tree);
    buf_release(&text);
}

static void limits_hold(void **state) {
    struct tree tree;
    struct buf text;
    (void)state;
    buf_init(&text);
    for (int i = 0; i < YAML_DEPTH_MAX + 1; i++) {
        buf_add_char(&text, '[');
    }
    read_bytes(&tree, text.data, text.len);
    assert_non_null(strstr(tree.text.data, "plan.yaml:1:33: error: lists and maps are nested too deep"));
    tree_release(&tree);

    buf_clear(&text);
    for (int i = 0; i < YAML_CHILDREN_MAX + 1; i++) {
        buf_add(&text, "- x\n");
    }
    read_bytes(&tree, text.data, text.len);
    assert_non_null(strstr(tree.text.data, "plan.yaml:2049:3: error: too many entries"));
    tree_release(&tree);

    while (text.len <= YAML_BYTES_MAX) {
        buf_add(&text, "# a comment that says nothing but takes room\n");
    }
    read_bytes(&tree, text.data, text.len);
    assert_non_null(strstr(tree.text.data, "a plan may have 1048576 bytes"));
    tree_release(&tree);
    buf_release(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_know_their_place),
        cmocka_unit_test(json_is_yaml_too),
        cmocka_unit_test(aliases_repeat_their_anchor),
        cmocka_unit_test(what_is_no_plan_is_refused),
        cmocka_unit_test(nul_bytes_are_refused),
        cmocka_unit_test(aliases_cannot_blow_up),
        cmocka_unit_test(limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
