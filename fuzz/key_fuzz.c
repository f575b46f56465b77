/* key_fuzz.c - any text as a key that a user types or the ledger holds: no crash, and what is read can be written and read again. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(const char *text, size_t count, bool tagged) {
    struct sql_value values[KEY_COLUMNS_MAX];
    struct arena arena;
    struct buf again;
    struct err err;
    err_clear(&err);
    arena_init(&arena);
    buf_init(&again);
    int rc = key_decode(text, count, tagged, &arena, values, &err);
    assert(rc == 0 || rc == ERR_INTERNAL);
    if (rc == 0) {
        rc = key_encode(values, count, tagged, &again, &err);
        assert(rc == 0 || rc == ERR_ROW); /* the ledger's own text is UTF-8; this one need not be */
    }
    buf_release(&again);
    arena_release(&arena);
}

/* A parsed key is one that can be decoded, and encoding that gives the very same text. */
static void parse(const char *text, size_t count, bool tagged) {
    struct sql_value values[KEY_COLUMNS_MAX];
    struct arena arena;
    struct buf key;
    struct buf again;
    struct err err;
    err_clear(&err);
    arena_init(&arena);
    buf_init(&key);
    buf_init(&again);
    int rc = key_parse(text, count, tagged, &key, &err);
    assert(rc == 0 || rc == ERR_USAGE);
    if (rc == 0) {
        assert(key_decode(key.data, count, tagged, &arena, values, &err) == 0);
        assert(key_encode(values, count, tagged, &again, &err) == 0);
        assert(strcmp(key.data, again.data) == 0);
    }
    buf_release(&again);
    buf_release(&key);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buf text;
    buf_init(&text);
    buf_add_mem(&text, data, size);
    for (size_t count = 1; count <= 3; count++)
        for (int tagged = 0; tagged < 2; tagged++) {
            decode(text.data, count, tagged);
            parse(text.data, count, tagged);
        }
    buf_release(&text);
    return 0;
}
