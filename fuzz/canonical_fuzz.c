/* canonical_fuzz.c - any bytes as a value, and as canonical bytes: no crash; writing and reading are inverses of each other; a blank behind
 * a JSON text changes nothing.
 *
 * The first byte chooses the kind, the second how the column is read; the rest is the value. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "reconcile/canonical.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct datum value_of(enum datum_kind kind, const char *bytes, size_t size) {
    struct datum value = {.kind = kind, .bytes = bytes, .size = size};
    memcpy(&value.number, bytes, size < sizeof(value.number) ? size : sizeof(value.number));
    memcpy(&value.real, &value.number, sizeof(value.real));
    if (kind == DATUM_UUID && size != 16)
        value.kind = DATUM_BYTES;
    if (kind == DATUM_UINT && value.number >= 0)
        value.number = -1;
    return value;
}

/* Whatever can be read is written the same again: there is one spelling of each value. Returns whether it could be read. */
static int read_and_write(const char *bytes, size_t size) {
    struct arena arena;
    struct buf again;
    struct datum value;
    struct err err;
    const char *at = bytes;
    err_clear(&err);
    arena_init(&arena);
    buf_init(&again);
    int rc = canonical_read(&at, bytes + size, &arena, &value, &err);
    assert(rc == 0 || rc == ERR_INTERNAL);
    if (rc == 0) {
        enum canonical_level level = bytes[0] == 'N' ? CANONICAL_SEMANTIC : CANONICAL_EXACT;
        canonical_add(&again, &value, (struct canonical_rule){level, CANONICAL_AS_STORED});
        assert(again.len == (size_t)(at - bytes) && memcmp(again.data, bytes, again.len) == 0);
    }
    buf_release(&again);
    arena_release(&arena);
    return rc;
}

static void write_value(const struct datum *value, struct canonical_rule rule) {
    struct buf out;
    buf_init(&out);
    canonical_add(&out, value, rule);
    assert(buf_ok(&out) && out.len >= 2);
    if (out.data[0] != 'J')
        assert(read_and_write(out.data, out.len) == 0 || out.data[0] == 'N'); /* with a power too great to be written out */
    buf_release(&out);
}

static void add_blank(const struct datum *value, struct canonical_rule rule) {
    struct buf text;
    struct buf scratch;
    struct err err;
    bool equal;
    buf_init(&text);
    buf_init(&scratch);
    buf_add_mem(&text, value->bytes, value->size);
    buf_add_char(&text, '\n');
    canonical_add(&scratch, value, rule);
    bool is_tree = scratch.data[0] == 'J';
    struct datum longer = {.kind = value->kind, .bytes = text.data, .size = text.len};
    assert(canonical_equal(value, &longer, rule, &scratch, &equal, &err) == 0);
    assert(equal == is_tree);
    buf_release(&scratch);
    buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    const char *bytes = (const char *)data + 2;
    struct canonical_rule rule = {CANONICAL_SEMANTIC, (enum canonical_reading)(data[1] % (CANONICAL_AS_UUID + 1))};
    struct datum value = value_of((enum datum_kind)(data[0] % (DATUM_OTHER + 1)), bytes, size - 2);
    write_value(&value, (struct canonical_rule){CANONICAL_EXACT, rule.reading});
    write_value(&value, rule);
    if (value.kind == DATUM_JSON)
        add_blank(&value, rule);
    read_and_write(bytes, size - 2);
    return 0;
}
