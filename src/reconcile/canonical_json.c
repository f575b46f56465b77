/* canonical_json.c - a JSON text as a tree in canonical bytes (docs/canonical.md). Numbers keep every digit, so no JSON library will do.
 *
 * One pass over the text. Members of an object are appended as they come, then put in order; the recursion is as deep as the document,
 * which is bounded. A text that is no JSON leaves nothing behind: the caller then takes it as bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "reconcile/canonical.h"
#include "reconcile/canonical_parts.h"

/* A member of an object that is being read: where it lies in the output, name and value together. */
struct member {
    size_t from, to;
    size_t name, name_size; /* the characters of its name, behind their tag and length */
    const char *base;       /* the output, while members are sorted */
};

struct reader {
    const char *at, *end;
    unsigned depth;
    struct buf *out;
    struct buf text;        /* of the string at hand; members in order */
    struct member *members; /* of all open objects, the innermost last */
    size_t member_count, member_cap;
};

static bool read_node(struct reader *reader);

static void skip_blanks(struct reader *reader) {
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\n' || *reader->at == '\r'))
        reader->at++;
}

/* Takes `c` after blanks, if it is next. */
static bool take(struct reader *reader, char c) {
    skip_blanks(reader);
    if (reader->at == reader->end || *reader->at != c)
        return false;
    reader->at++;
    return true;
}

static bool take_word(struct reader *reader, const char *word) {
    size_t size = strlen(word);
    if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, word, size) != 0)
        return false;
    reader->at += size;
    return true;
}

/* ---- strings ---- */

static bool read_four(struct reader *reader, unsigned *unit) {
    if (reader->end - reader->at < 4)
        return false;
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        char c = *reader->at++;
        unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;
        if (digit > 15 || (digit < 10 && (c < '0' || c > '9')))
            return false;
        *unit = *unit << 4 | digit;
    }
    return true;
}

static void add_utf8(struct buf *text, unsigned point) {
    char bytes[4];
    size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0x00, 0xc0, 0xe0, 0xf0};
    for (size_t i = size; i-- > 1; point >>= 6)
        bytes[i] = (char)(0x80 | (point & 0x3f));
    bytes[0] = (char)(leads[size] | point);
    buf_add_mem(text, bytes, size);
}

/* Behind "\u". */
static bool read_point(struct reader *reader) {
    unsigned unit;
    unsigned low;
    if (!read_four(reader, &unit))
        return false;
    if (unit < 0xd800 || unit > 0xdfff) {
        add_utf8(&reader->text, unit);
        return true;
    }
    if (unit > 0xdbff || !take_word(reader, "\\u") || !read_four(reader, &low) || low < 0xdc00 || low > 0xdfff)
        return false;
    add_utf8(&reader->text, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
    return true;
}

static bool read_escape(struct reader *reader) {
    static const char names[] = "\"\\/bfnrt";
    static const char bytes[] = "\"\\/\b\f\n\r\t";
    if (reader->at == reader->end)
        return false;
    char c = *reader->at++;
    if (c == 'u')
        return read_point(reader);
    const char *name = c == '\0' ? NULL : strchr(names, c);
    if (name == NULL)
        return false;
    buf_add_char(&reader->text, bytes[name - names]);
    return true;
}

/* Behind the opening quote; the characters end up in reader->text. */
static bool read_characters(struct reader *reader) {
    buf_clear(&reader->text);
    while (reader->at < reader->end) {
        const char *from = reader->at;
        while (reader->at < reader->end && *reader->at != '"' && *reader->at != '\\' && (unsigned char)*reader->at >= 0x20)
            reader->at++;
        buf_add_mem(&reader->text, from, (size_t)(reader->at - from));
        if (reader->at == reader->end || (unsigned char)*reader->at < 0x20)
            return false;
        if (*reader->at++ == '"')
            return true;
        if (!read_escape(reader))
            return false;
    }
    return false;
}

static bool read_string(struct reader *reader) {
    if (!read_characters(reader))
        return false;
    canonical_put(reader->out, 't', reader->text.data, reader->text.len);
    return true;
}

/* ---- numbers ---- */

static size_t take_digits(struct reader *reader) {
    const char *from = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
        reader->at++;
    return (size_t)(reader->at - from);
}

/* What stands behind an "e"; false if it is no exponent or a hostile one. */
static bool read_exponent(struct reader *reader, int64_t *exponent) {
    enum { EXPONENT_DIGITS_MAX = 15 }; /* far beyond any server's range, far below that of int64 */
    bool minus = take_word(reader, "-");
    if (!minus)
        take_word(reader, "+");
    const char *from = reader->at;
    if (take_digits(reader) == 0)
        return false;
    while (*from == '0' && from + 1 < reader->at)
        from++;
    if (reader->at - from > EXPONENT_DIGITS_MAX)
        return false;
    for (*exponent = 0; from < reader->at; from++)
        *exponent = *exponent * 10 + (*from - '0');
    if (minus)
        *exponent = -*exponent;
    return true;
}

static bool read_number(struct reader *reader) {
    const char *from = reader->at;
    int64_t exponent = 0;
    take_word(reader, "-");
    bool zero = reader->at < reader->end && *reader->at == '0';
    size_t whole = take_digits(reader);
    if (whole == 0 || (zero && whole > 1))
        return false;
    if (take_word(reader, ".") && take_digits(reader) == 0)
        return false;
    size_t size = (size_t)(reader->at - from);
    if ((take_word(reader, "e") || take_word(reader, "E")) && !read_exponent(reader, &exponent))
        return false;
    struct decimal number = decimal_scan(from, size);
    number.scale -= exponent;
    canonical_put_number(reader->out, number);
    return true;
}

/* ---- arrays and objects ---- */

static bool read_array(struct reader *reader) {
    buf_add_char(reader->out, '[');
    if (!take(reader, ']')) {
        do
            if (!read_node(reader))
                return false;
        while (take(reader, ','));
        if (!take(reader, ']'))
            return false;
    }
    buf_add_char(reader->out, ']');
    return true;
}

static struct member *new_member(struct reader *reader) {
    if (reader->member_count == reader->member_cap) {
        size_t cap = reader->member_cap == 0 ? 16 : reader->member_cap * 2;
        struct member *members = mem_realloc(reader->members, cap * sizeof(*members));
        if (members == NULL) {
            reader->out->failed = true;
            return NULL;
        }
        reader->members = members;
        reader->member_cap = cap;
    }
    return &reader->members[reader->member_count++];
}

static bool read_member(struct reader *reader) {
    struct member member = {.from = reader->out->len};
    if (!take(reader, '"') || !read_string(reader))
        return false;
    member.name_size = reader->text.len;
    member.name = reader->out->len - member.name_size;
    if (!take(reader, ':') || !read_node(reader))
        return false;
    member.to = reader->out->len;
    struct member *kept = new_member(reader); /* only now: inner objects use the same list meanwhile */
    if (kept == NULL)
        return false;
    *kept = member;
    return true;
}

static int compare_names(const struct member *a, const struct member *b) {
    size_t size = a->name_size < b->name_size ? a->name_size : b->name_size;
    int order = memcmp(a->base + a->name, b->base + b->name, size);
    return order != 0 ? order : (a->name_size > b->name_size) - (a->name_size < b->name_size);
}

/* By name, equal ones as they were written. */
static int compare_members(const void *left, const void *right) {
    const struct member *a = left;
    const struct member *b = right;
    int order = compare_names(a, b);
    return order != 0 ? order : (a->from > b->from) - (a->from < b->from);
}

/* Puts the members from `start` of the output on in order, the last of each name only. */
static void sort_members(struct reader *reader, size_t start, size_t first) {
    struct buf *out = reader->out;
    size_t count = reader->member_count - first;
    if (!buf_ok(out) || count < 2)
        return;
    struct member *members = reader->members + first;
    for (size_t i = 0; i < count; i++)
        members[i].base = out->data;
    qsort(members, count, sizeof(*members), compare_members);
    buf_clear(&reader->text);
    for (size_t i = 0; i < count; i++)
        if (i + 1 == count || compare_names(&members[i], &members[i + 1]) != 0)
            buf_add_mem(&reader->text, out->data + members[i].from, members[i].to - members[i].from);
    if (!buf_ok(&reader->text))
        return;
    memcpy(out->data + start, reader->text.data, reader->text.len); /* never more than there was */
    out->len = start + reader->text.len;
}

static bool read_object(struct reader *reader) {
    buf_add_char(reader->out, '{');
    size_t start = reader->out->len;
    size_t first = reader->member_count;
    if (!take(reader, '}')) {
        do
            if (!read_member(reader))
                return false;
        while (take(reader, ','));
        if (!take(reader, '}'))
            return false;
    }
    sort_members(reader, start, first);
    reader->member_count = first;
    buf_add_char(reader->out, '}');
    return true;
}

static bool read_nested(struct reader *reader, bool (*read)(struct reader *)) {
    if (reader->depth == CANONICAL_JSON_DEPTH)
        return false;
    reader->depth++;
    bool done = read(reader);
    reader->depth--;
    return done;
}

static bool read_plain(struct reader *reader) {
    if (take_word(reader, "null"))
        canonical_put(reader->out, 'n', NULL, 0);
    else if (take_word(reader, "true"))
        canonical_put(reader->out, 'b', "\1", 1);
    else if (take_word(reader, "false"))
        canonical_put(reader->out, 'b', "\0", 1);
    else
        return read_number(reader);
    return true;
}

static bool read_node(struct reader *reader) {
    if (take(reader, '{'))
        return read_nested(reader, read_object);
    if (take(reader, '['))
        return read_nested(reader, read_array);
    return take(reader, '"') ? read_string(reader) : read_plain(reader);
}

bool canonical_put_json(struct buf *out, const char *text, size_t size) {
    struct buf tree;
    buf_init(&tree);
    struct reader reader = {.at = text, .end = text + size, .out = &tree};
    buf_init(&reader.text);
    bool is_json = read_node(&reader);
    skip_blanks(&reader);
    is_json = is_json && reader.at == reader.end;
    bool failed = !buf_ok(&tree) || !buf_ok(&reader.text);
    if (failed)
        out->failed = true;
    else if (is_json)
        canonical_put(out, 'J', tree.data, tree.len);
    buf_release(&reader.text);
    buf_release(&tree);
    mem_free(reader.members);
    return is_json || failed;
}
