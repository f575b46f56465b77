/* yaml_tree.c - see yaml_tree.h. libyaml's events, put together on a stack. */
#include "plan/yaml_tree.h"

#include <string.h>
#include <yaml.h>

#include "base/text.h"
#include "plan/rune.h"

struct anchor {
    const char *name;
    struct node *node;
    struct anchor *next;
};

struct builder {
    struct arena *arena;
    struct plan_report *report;
    struct node *stack[YAML_DEPTH_MAX];       /* open lists and maps */
    struct node *pending_key[YAML_DEPTH_MAX]; /* of the map at that depth, waiting for its value */
    size_t depth;
    struct anchor *anchors;
    size_t weight;
    struct node *root;
    int documents;
    bool nomem;
    bool stop; /* nothing sensible can follow */
};

/* Reports at an event's position and stops reading. */
static void fail_at(struct builder *builder, yaml_mark_t mark, const char *message) {
    report_at(builder->report, (int)mark.line + 1, (int)mark.column + 1, "%s", message);
    builder->stop = true;
}

static struct node *new_node(struct builder *builder, enum node_kind kind, const yaml_event_t *event) {
    struct node *node = arena_alloc(builder->arena, sizeof(*node));
    if (node == NULL) {
        builder->nomem = true;
        return NULL;
    }
    node->kind = kind;
    node->line = (int)event->start_mark.line + 1;
    node->column = (int)event->start_mark.column + 1;
    node->end_line = (int)event->end_mark.line + 1;
    node->weight = 1;
    return node;
}

/* A key that was there already is reported and marked bad, so that its value is read and dropped. */
static void take_key(struct builder *builder, const struct node *map, struct node *key) {
    for (const struct node *child = map->first; child != NULL; child = child->next) {
        if (strcmp(child->key->text, key->text) == 0) {
            report_at(builder->report, key->line, key->column, "key %s is given twice, first in line %d",
                      report_quote(builder->report, key->text), child->key->line);
            key->bad = true;
            break;
        }
    }
    builder->pending_key[builder->depth - 1] = key;
}

static void append(struct node *parent, struct node *child) {
    if (parent->last != NULL) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
    parent->count++;
}

/* Puts a node that begins into the list or map that is open, or makes it the root. */
static void attach(struct builder *builder, struct node *node, yaml_mark_t mark) {
    builder->weight += node->weight;
    if (builder->weight > YAML_NODES_MAX) {
        fail_at(builder, mark, "too many values, or aliases that expand to too many");
        return;
    }
    if (builder->depth == 0) {
        builder->root = node;
        return;
    }
    struct node *parent = builder->stack[builder->depth - 1];
    struct node **key = &builder->pending_key[builder->depth - 1];
    if (parent->count >= YAML_CHILDREN_MAX) {
        fail_at(builder, mark, "too many entries in one list or map");
    } else if (parent->kind == NODE_LIST) {
        append(parent, node);
    } else if (*key != NULL) {
        node->key = *key;
        *key = NULL;
        if (!node->key->bad) {
            append(parent, node);
        }
    } else if (node->kind != NODE_SCALAR) {
        fail_at(builder, mark, "a key must be a single word, not a list or a map");
    } else {
        take_key(builder, parent, node);
    }
}

static void add_anchor(struct builder *builder, const yaml_char_t *name, struct node *node) {
    if (name == NULL) {
        return;
    }
    struct anchor *anchor = arena_alloc(builder->arena, sizeof(*anchor));
    const char *copy = arena_strdup(builder->arena, (const char *)name);
    if (anchor == NULL || copy == NULL) {
        builder->nomem = true;
        return;
    }
    *anchor = (struct anchor){.name = copy, .node = node, .next = builder->anchors};
    builder->anchors = anchor;
}

static void refuse_tag(struct builder *builder, const yaml_char_t *tag, yaml_mark_t mark) {
    if (tag != NULL) {
        report_at(builder->report, (int)mark.line + 1, (int)mark.column + 1, "tags such as %s are not allowed in a plan",
                  report_quote(builder->report, (const char *)tag));
    }
}

static void on_scalar(struct builder *builder, const yaml_event_t *event) {
    struct node *node = new_node(builder, NODE_SCALAR, event);
    if (node == NULL) {
        return;
    }
    const char *value = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    refuse_tag(builder, event->data.scalar.tag, event->start_mark);
    if (strlen(value) != len) {
        report_at(builder->report, node->line, node->column, "a value must not hold the character NUL");
        node->bad = true;
    }
    node->text = arena_memdup(builder->arena, value, len);
    if (node->text == NULL) {
        builder->nomem = true;
        return;
    }
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (node->end_line > node->line && report_looks_secret(value, strlen(value))) {
        report_secret(builder->report, node->line, node->column, node->end_line);
    }
    add_anchor(builder, event->data.scalar.anchor, node);
    attach(builder, node, event->start_mark);
}

static void on_start(struct builder *builder, const yaml_event_t *event, enum node_kind kind) {
    struct node *node = new_node(builder, kind, event);
    if (node == NULL) {
        return;
    }
    if (builder->depth == YAML_DEPTH_MAX) {
        fail_at(builder, event->start_mark, "lists and maps are nested too deep");
        return;
    }
    bool is_list = kind == NODE_LIST;
    refuse_tag(builder, is_list ? event->data.sequence_start.tag : event->data.mapping_start.tag, event->start_mark);
    add_anchor(builder, is_list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor, node);
    attach(builder, node, event->start_mark);
    builder->pending_key[builder->depth] = NULL;
    builder->stack[builder->depth++] = node;
}

static void on_end(struct builder *builder) {
    struct node *node = builder->stack[--builder->depth];
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        node->weight += child->weight;
    }
}

static bool is_open(const struct builder *builder, const struct node *node) {
    for (size_t i = 0; i < builder->depth; i++) {
        if (builder->stack[i] == node) {
            return true;
        }
    }
    return false;
}

static void on_alias(struct builder *builder, const yaml_event_t *event) {
    const struct anchor *anchor = builder->anchors;
    while (anchor != NULL && strcmp(anchor->name, (const char *)event->data.alias.anchor) != 0) {
        anchor = anchor->next;
    }
    if (anchor == NULL || is_open(builder, anchor->node)) {
        fail_at(builder, event->start_mark,
                anchor == NULL ? "this alias names no anchor before it" : "this alias stands within its own anchor");
        return;
    }
    struct node *node = new_node(builder, anchor->node->kind, event);
    if (node == NULL) {
        return;
    }
    *node = *anchor->node; /* children are shared; mistakes in them point at where they are written */
    node->key = NULL;
    node->next = NULL;
    attach(builder, node, event->start_mark);
}

static void on_event(struct builder *builder, const yaml_event_t *event) {
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (builder->documents++ > 0) {
            fail_at(builder, event->start_mark, "a plan is one YAML document; a second one begins here");
        }
        break;
    case YAML_SCALAR_EVENT:
        on_scalar(builder, event);
        break;
    case YAML_ALIAS_EVENT:
        on_alias(builder, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        on_start(builder, event, NODE_LIST);
        break;
    case YAML_MAPPING_START_EVENT:
        on_start(builder, event, NODE_MAP);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        on_end(builder);
        break;
    default:
        break;
    }
}

static void report_syntax(struct builder *builder, const yaml_parser_t *parser) {
    if (parser->error == YAML_MEMORY_ERROR) {
        builder->nomem = true;
        return;
    }
    const char *context = parser->context != NULL ? parser->context : "";
    const char *problem = parser->problem != NULL ? parser->problem : "not YAML";
    report_at(builder->report, (int)parser->problem_mark.line + 1, (int)parser->problem_mark.column + 1, "%s%s%s", problem,
              *context != '\0' ? " " : "", context);
}

static void parse(struct builder *builder, yaml_parser_t *parser) {
    for (bool more = true; more && !builder->nomem && !builder->stop;) {
        yaml_event_t event;
        if (yaml_parser_parse(parser, &event) == 0) {
            report_syntax(builder, parser);
            builder->stop = true;
            return;
        }
        on_event(builder, &event);
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
}

/* What libyaml refuses to read. */
static bool is_control(uint32_t rune) {
    bool blank = rune == '\t' || rune == '\n' || rune == '\r' || rune == 0x85;
    return (!blank && (rune < 0x20 || (rune >= 0x7F && rune < 0xA0))) || rune == 0xFFFE || rune == 0xFFFF;
}

/* libyaml would say so too, but without a usable position. */
static bool check_utf8(const char *text, size_t len, struct plan_report *report) {
    int line = 1;
    int column = 1;
    for (size_t at = 0; at < len;) {
        uint32_t rune;
        size_t bytes = rune_next(text + at, len - at, &rune);
        if (bytes == 0 || is_control(rune)) {
            report_at(report, line, column, bytes == 0 ? "this is not UTF-8 text" : "control characters are not allowed in a plan");
            return false;
        }
        size_t line_break = rune_line_break(text + at, len - at);
        line += line_break > 0;
        column = line_break > 0 ? 1 : column + 1;
        at += line_break > 0 ? line_break : bytes;
    }
    return true;
}

int yaml_tree_read(const char *text, size_t len, struct arena *arena, struct plan_report *report, struct node **root) {
    struct builder builder = {.arena = arena, .report = report};
    *root = NULL;
    if (len > YAML_BYTES_MAX) {
        report_at(report, 1, 1, "a plan may have %d bytes, this one has %zu", YAML_BYTES_MAX, len);
        return ERR_PLAN;
    }
    if (!check_utf8(text, len, report)) {
        return ERR_PLAN;
    }
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) {
        return ERR_NOMEM;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    parse(&builder, &parser);
    yaml_parser_delete(&parser);
    if (builder.nomem) {
        return ERR_NOMEM;
    }
    if (!builder.stop && builder.root == NULL) {
        report_at(report, 1, 1, "the plan is empty");
    }
    *root = builder.stop ? NULL : builder.root;
    return *root != NULL ? 0 : ERR_PLAN;
}

struct node *node_get(const struct node *map, const char *key) {
    for (struct node *child = map != NULL && map->kind == NODE_MAP ? map->first : NULL; child != NULL; child = child->next) {
        if (strcmp(child->key->text, key) == 0) {
            return child;
        }
    }
    return NULL;
}

struct node *node_get_good(const struct node *map, const char *key) {
    struct node *node = node_get(map, key);
    return node != NULL && !node->bad ? node : NULL;
}

struct node *node_find(const struct node *map, const char *path) {
    const char *dot = strchr(path, '.');
    if (dot == NULL) {
        return node_get_good(map, path);
    }
    char head[64];
    size_t len = (size_t)(dot - path);
    if (len >= sizeof(head)) {
        return NULL;
    }
    memcpy(head, path, len);
    head[len] = '\0';
    return node_find(node_get_good(map, head), dot + 1);
}
