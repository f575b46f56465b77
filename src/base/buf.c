/* buf.c - see buf.h. `cap` is 0 as long as `data` is the shared empty string. */
#include "base/buf.h"

#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { BUF_FIRST_CAP = 64 };

static char empty[1]; /* never written to */

void buf_init(struct buf *buf) {
    *buf = (struct buf){.data = empty};
}

void buf_release(struct buf *buf) {
    if (buf->cap > 0)
        mem_free(buf->data);
    buf_init(buf);
}

void buf_clear(struct buf *buf) {
    buf->len = 0;
    if (buf->cap > 0)
        buf->data[0] = '\0';
}

bool buf_ok(const struct buf *buf) {
    return !buf->failed;
}

/* Room for `more` bytes and the NUL. Doubling keeps appending linear. */
static bool reserve(struct buf *buf, size_t more) {
    if (buf->failed)
        return false;
    if (more >= SIZE_MAX - buf->len) {
        buf->failed = true;
        return false;
    }
    size_t need = buf->len + more + 1;
    if (need <= buf->cap)
        return true;
    size_t cap = buf->cap > 0 ? buf->cap : BUF_FIRST_CAP;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    char *data = mem_realloc(buf->cap > 0 ? buf->data : NULL, cap);
    if (data == NULL) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->data[buf->len] = '\0';
    buf->cap = cap;
    return true;
}

char *buf_reserve(struct buf *buf, size_t size) {
    return reserve(buf, size) ? buf->data + buf->len : NULL;
}

void buf_add_mem(struct buf *buf, const void *data, size_t len) {
    if (!reserve(buf, len))
        return;
    if (len > 0)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void buf_add(struct buf *buf, const char *text) {
    buf_add_mem(buf, text, strlen(text));
}

void buf_add_char(struct buf *buf, char c) {
    buf_add_mem(buf, &c, 1);
}

void buf_printf(struct buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0 || len == INT_MAX) {
        buf->failed = true;
        return;
    }
    if (!reserve(buf, (size_t)len))
        return;
    va_start(args, format);
    vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
    va_end(args);
    buf->len += (size_t)len;
}

char *buf_detach(struct buf *buf) {
    bool failed = buf->failed || !reserve(buf, 0);
    if (failed) {
        buf_release(buf);
        return NULL;
    }
    char *text = buf->data;
    buf_init(buf);
    return text;
}
